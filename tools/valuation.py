"""Tools of valuation: what stock is worth, and what makes it worth another amount."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field
from sqlalchemy.orm import Session

from core import catalog, inventory, invoicing
from core.catalog import Item, NegativeStock, ValuationMethod
from core.inventory import Basis, LandedCostView, StockMove
from core.inventory.errors import NothingToCharge
from core.kernel.company import company
from core.kernel.errors import DomainError, Language
from core.kernel.money import Money
from core.kernel.naming import canonical_number
from core.kernel.semantics import COSTS
from core.kernel.words import word
from core.ledger import Account, account_named, find_account
from core.ledger.chart import FREIGHT_EXPENSE
from tools.base import (
    Amount,
    Answer,
    Arguments,
    Call,
    Column,
    Day,
    Grid,
    ItemRef,
    Price,
    Ref,
    Text,
    Tool,
    Undoing,
    Words,
)
from tools.references import AccountRef, BillRef
from tools.trade import BOOKKEEPERS, Because

CHARGE, CANCEL = "valuation.charge_landed_cost", "valuation.cancel_landed_cost"
REVALUE, METHOD = "valuation.revalue_stock", "valuation.set_method"
NEGATIVE = "valuation.set_negative_stock"

ReceiptRef = Annotated[Text, Ref("goods_receipt")]
LandedCostRef = Annotated[Text, Ref("landed_cost")]

STAYS_CANCELLED = ("charge it anew instead", "如需恢复，请重新分摊")


class SayHowMuch(DomainError):
    """Say the amount, or the bill that carries the cost."""

    zh = "请说明金额，或说明承担该费用的账单。"


class SayOneWorth(DomainError):
    """Say what one unit costs, or what all of it is worth: one of the two."""

    zh = "请说明单位成本或总价值，二者选一。"


class NothingCameWith(DomainError):
    """No goods came in with {number}; name a goods receipt."""

    zh = "{number} 没有入库货物；请指定收货单。"


class BillOfSeveralAccounts(DomainError):
    """{bill} charges several accounts: {accounts}; say which of them carries the cost."""

    zh = "{bill} 涉及多个科目：{accounts}；请说明费用记在哪个科目。"


def _called(item: Item, language: Language) -> str:
    return f"{item.sku} {(language == 'zh' and item.name_zh) or item.name}"


class ChargeLandedCost(Arguments):
    """Bring freight, duty or insurance onto goods that came in: they become dearer by it."""

    receipts: tuple[ReceiptRef, ...] = Field(
        min_length=1, max_length=50, description="The receipts of the goods."
    )
    amount: Amount | None = Field(default=None, description="Leave empty for all of the bill.")
    basis: Basis = Field(default=Basis.VALUE, description="By what it is shared out.")
    bill: BillRef | None = Field(default=None, description="The bill that carries the cost.")
    account: AccountRef | None = Field(
        default=None, description="Where the cost was booked; leave empty for the bill's account."
    )
    because: Words = ""


class LandedCostCharged(Answer):
    """A landed cost, and what each receipt of goods takes of it."""

    number: str
    amount: Decimal
    currency: str
    basis: Basis
    shares: list[tuple[str, str, Decimal]]

    def sentence(self, language: Language = "en") -> str:
        """Say what was brought onto what."""
        amount = str(Money.of(str(self.amount), self.currency))
        receipts = ", ".join(dict.fromkeys(receipt for receipt, _, _ in self.shares))
        if language == "zh":
            return f"{self.number}：{amount} 已分摊到 {receipts}。"
        return f"{self.number}: {amount} is part of the cost of {receipts} now."

    def grid(self) -> Grid:
        """Return one row for every share."""
        columns = (
            Column("receipt", "收货单"),
            Column("item", "物料"),
            Column("share", "分摊额", self.currency),
        )
        return Grid(columns, tuple(self.shares))


def charge_landed_cost(session: Session, arguments: ChargeLandedCost) -> LandedCostCharged:
    """Share it out, and book what it makes dearer."""
    ours = company(session)
    moves = [move for number in arguments.receipts for move in _came_with(session, number)]
    bill, billed, account = _billed(session, arguments)
    if arguments.amount is not None:
        amount = Money.of(str(arguments.amount), ours.currency)
    elif billed is not None:
        amount = billed
    else:
        raise SayHowMuch
    charged = inventory.charge_landed_cost(
        session,
        moves,
        amount,
        basis=arguments.basis,
        from_account=account,
        bill=bill,
        billed=billed,
        because=arguments.because,
    )
    shares = [
        (
            move.origin,
            session.get_one(Item, move.item_id).sku,
            Money(line.share_minor, ours.currency).amount,
        )
        for move, line in zip(moves, charged.lines, strict=True)
    ]
    return LandedCostCharged(
        number=charged.number,
        amount=amount.amount,
        currency=ours.currency,
        basis=charged.basis,
        shares=shares,
    )


def pin_charge(session: Session, arguments: ChargeLandedCost) -> ChargeLandedCost:
    """Write the receipts and the bill by their numbers, the account by its code, the amount."""
    receipts = tuple(_came_with(session, each)[0].origin for each in arguments.receipts)
    bill, billed, account = _billed(session, arguments)
    amount = arguments.amount or (billed.amount if billed is not None else None)
    chosen = {"receipts": receipts, "bill": bill, "account": account, "amount": amount}
    return arguments.model_copy(update=chosen)


def undo_charge(_session: Session, _arguments: object, answer: dict[str, str]) -> Undoing:
    """Cancel it."""
    because = f"undo {answer['number']}"
    return Undoing((Call(CANCEL, CancelLandedCost(number=answer["number"], because=because)),))


def _came_with(session: Session, number: str) -> list[StockMove]:
    """Return the moves that brought goods in with a document."""
    found = inventory.moves_of(session, number) or inventory.moves_of(
        session, canonical_number(number)
    )
    came = [move for move in found if inventory.brought(session, move)]
    if not came:
        raise NothingCameWith(number=number)
    return came


def _billed(session: Session, arguments: ChargeLandedCost) -> tuple[str | None, Money | None, str]:
    account = arguments.account and account_named(session, arguments.account).code
    if arguments.bill is None:
        return None, None, account or find_account(session, FREIGHT_EXPENSE).code
    bill = invoicing.find_invoice(session, arguments.bill)
    ours = company(session)
    charged: dict[str, int] = {}
    for line in bill.lines:
        code = session.get_one(Account, line.account_id).code
        charged[code] = charged.get(code, 0) + line.net_minor
    if account is None and len(charged) > 1:
        raise BillOfSeveralAccounts(bill=bill.number, accounts=", ".join(sorted(charged)))
    account = account or next(iter(charged))
    if account not in charged:
        raise NothingToCharge
    worth = Money(charged[account], bill.currency)
    if bill.currency != ours.currency:
        whole = Money(bill.base_total_minor, ours.currency).amount
        share = whole * worth.amount / Money(bill.total_minor, bill.currency).amount
        worth = Money.rounding(share, ours.currency, ours.rounding)
    return bill.number, worth, account


class CancelLandedCost(Arguments):
    """Cancel a landed cost: the goods cost what they did before."""

    number: LandedCostRef
    because: Because


class LandedCostCancelled(Answer):
    """A landed cost that was taken back."""

    number: str
    amount: Decimal
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say what was cancelled."""
        amount = str(Money.of(str(self.amount), self.currency))
        if language == "zh":
            return f"到岸成本 {self.number}（{amount}）已取消。"
        return f"The landed cost {self.number} of {amount} is cancelled."


def cancel_landed_cost(session: Session, arguments: CancelLandedCost) -> LandedCostCancelled:
    """Take it back."""
    document = inventory.cancel_landed_cost(session, arguments.number, because=arguments.because)
    amount = Money(document.amount_minor, company(session).currency)
    return LandedCostCancelled(
        number=document.number, amount=amount.amount, currency=amount.currency
    )


def undo_cancel(_session: Session, _arguments: object, _answer: object) -> Undoing:
    """Say that it is charged anew instead."""
    return Undoing(impossible=STAYS_CANCELLED)


class RevalueStock(Arguments):
    """Give the stock of an item another value: by the unit or in all; the quantity stays."""

    item: ItemRef
    unit_cost: Price | None = Field(default=None, description="What one unit is worth.")
    value: Amount | None = Field(default=None, description="What all of it is worth.")
    because: Because


class StockRevalued(Answer):
    """The value of an item's stock before and now."""

    number: str
    sku: str
    called: str
    called_zh: str
    before: Decimal
    value: Decimal
    unit_cost_before: Decimal | None
    standard: bool
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say both values."""
        before, now = (str(Money.of(str(x), self.currency)) for x in (self.before, self.value))
        if language == "zh":
            return f"{self.number}：{self.called_zh} 的库存价值由 {before} 调整为 {now}。"
        return f"{self.number}: the stock of {self.called} is worth {now}; it was {before}."


def revalue_stock(session: Session, arguments: RevalueStock) -> StockRevalued:
    """Value it anew."""
    if (arguments.unit_cost is None) == (arguments.value is None):
        raise SayOneWorth
    item = catalog.find_item(session, arguments.item)
    currency = company(session).currency
    before = inventory.stock_of(session, item)
    unit_cost = item.standard_cost
    standard = item.valuation_method is ValuationMethod.STANDARD
    to: Decimal | Money
    if arguments.unit_cost is not None:
        to = arguments.unit_cost
    else:
        to = Money.of(str(arguments.value), currency)
    row = inventory.revalue_stock(session, item, to=to, because=arguments.because)
    value = Money(before.value.minor + row.amount_minor, currency)
    return StockRevalued(
        number=row.number,
        sku=item.sku,
        called=_called(item, "en"),
        called_zh=_called(item, "zh"),
        before=before.value.amount,
        value=value.amount,
        unit_cost_before=unit_cost if standard else None,
        standard=standard,
        currency=currency,
    )


def pin_item(session: Session, arguments: "RevalueStock | SetMethod | SetNegative") -> Arguments:
    """Write the item by its SKU."""
    sku = catalog.find_item(session, arguments.item).sku
    return arguments.model_copy(update={"item": sku})


def undo_revaluation(
    _session: Session, arguments: RevalueStock, answer: dict[str, object]
) -> Undoing:
    """Give it its value of before."""
    was = StockRevalued.model_validate(answer)
    worth = {"unit_cost": was.unit_cost_before} if was.standard else {"value": was.before}
    if not was.standard and not was.before:
        worth = {"unit_cost": Decimal(0)}
    back = {"unit_cost": None, "value": None, **worth, "because": f"undo {was.number}"}
    return Undoing((Call(REVALUE, arguments.model_copy(update=back)),))


class SetMethod(Arguments):
    """Value an item first in first out, at moving average, or at standard cost from now on."""

    item: ItemRef
    valuation: ValuationMethod


class SetNegative(Arguments):
    """Let an item leave before the books know that it came, or refuse that."""

    item: ItemRef
    negative_stock: NegativeStock


class PolicyChanged(Answer):
    """How an item is kept now and before."""

    sku: str
    called: str
    called_zh: str
    measure: str
    before: str
    now: str

    def sentence(self, language: Language = "en") -> str:
        """Say both."""
        measure, before, now = (word(x, language) for x in (self.measure, self.before, self.now))
        if language == "zh":
            return f"{self.called_zh} 的{measure}由“{before}”改为“{now}”。"
        return f"The {measure} of {self.called} is {now}; it was {before}."


def set_method(session: Session, arguments: SetMethod) -> PolicyChanged:
    """Change the method; quantity and value stay."""
    item = catalog.find_item(session, arguments.item)
    before = item.valuation_method
    inventory.set_valuation_method(session, item, arguments.valuation)
    return _changed(item, "valuation_method", before, arguments.valuation)


def set_negative(session: Session, arguments: SetNegative) -> PolicyChanged:
    """Change the policy."""
    item = catalog.find_item(session, arguments.item)
    before = item.negative_stock
    inventory.set_negative_stock(session, item, arguments.negative_stock)
    return _changed(item, "negative_stock", before, arguments.negative_stock)


def _changed(item: Item, measure: str, before: str, now: str) -> PolicyChanged:
    return PolicyChanged(
        sku=item.sku,
        called=_called(item, "en"),
        called_zh=_called(item, "zh"),
        measure=measure,
        before=str(before),
        now=str(now),
    )


def undo_method(_session: Session, arguments: SetMethod, answer: dict[str, str]) -> Undoing:
    """Go back to the method of before."""
    back = arguments.model_copy(update={"valuation": ValuationMethod(answer["before"])})
    return Undoing((Call(METHOD, back),))


def undo_negative(_session: Session, arguments: SetNegative, answer: dict[str, str]) -> Undoing:
    """Go back to the policy of before."""
    back = arguments.model_copy(update={"negative_stock": NegativeStock(answer["before"])})
    return Undoing((Call(NEGATIVE, back),))


class ShowStockValue(Arguments):
    """Show what the stock was worth on a day, by item, beside the inventory account."""

    as_of: Day | None = Field(default=None, description="Leave empty for today.")
    item: ItemRef | None = None
    detail: Literal["items", "layers"] = "items"


class WorthShown(Answer):
    """What the stock is worth, by item or by layer."""

    as_of: date
    rows: list[tuple[str, str, str, Decimal, Decimal | None, Decimal]]
    total: Decimal
    account_balance: Decimal
    left_out: int
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say the total, and that the account says the same."""
        total = str(Money.of(str(self.total), self.currency))
        account = str(Money.of(str(self.account_balance), self.currency))
        if language == "zh":
            return f"{self.as_of} 库存价值 {total}；存货科目余额 {account}。"
        return f"On {self.as_of} the stock was worth {total}; the inventory account says {account}."

    def grid(self) -> Grid:
        """Return one row for every item, or for every layer of it."""
        columns = (
            Column("item", "物料"),
            Column("method", "计价方法"),
            Column("came with", "来源"),
            Column("quantity", "数量", "quantity"),
            Column("unit cost", "单位成本", "number"),
            Column("value", "金额", self.currency),
        )
        return Grid(columns, tuple(self.rows))


def show_stock_value(session: Session, arguments: ShowStockValue) -> WorthShown:
    """Add up what was booked by that day."""
    item = catalog.find_item(session, arguments.item) if arguments.item else None
    with_layers = arguments.detail == "layers"
    worth = inventory.stock_worth(
        session, as_of=arguments.as_of, item=item, with_layers=with_layers
    )
    rows: list[tuple[str, str, str, Decimal, Decimal | None, Decimal]] = []
    for row in worth.rows:
        called = f"{row.sku} {row.name}"
        if not row.layers:
            rows.append((called, row.method, "", row.quantity, row.unit_cost, row.value.amount))
        rows += [
            (
                *(called, row.method, layer.origin, layer.quantity),
                *(layer.unit_cost, layer.value.amount),
            )
            for layer in row.layers
        ]
    return WorthShown(
        as_of=worth.as_of,
        rows=rows,
        total=worth.total.amount,
        account_balance=worth.account_balance.amount,
        left_out=worth.left_out,
        currency=worth.total.currency,
    )


class ListLandedCosts(Arguments):
    """List the landed costs: what was brought onto which receipts."""


class LandedCosts(Answer):
    """The newest landed costs."""

    rows: list[LandedCostView]
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are."""
        count = len(self.rows)
        if language == "zh":
            return f"共 {count} 笔到岸成本。" if count else "还没有到岸成本。"
        return f"{count} landed costs." if count else "There are no landed costs yet."

    def grid(self) -> Grid:
        """Return one row for each."""
        columns = (
            Column("number", "单号"),
            Column("date", "日期", "date"),
            Column("amount", "金额", self.currency),
            Column("basis", "分摊方式"),
            Column("bill", "账单"),
            Column("receipts", "收货单"),
            Column("cancelled on", "取消日期", "date"),
        )
        rows = tuple(
            (
                *(each.number, each.charged_on, each.amount.amount, each.basis),
                *(each.bill or "", ", ".join(each.receipts), each.cancelled_on),
            )
            for each in self.rows
        )
        return Grid(columns, rows)


def list_landed_costs(session: Session, _arguments: ListLandedCosts) -> LandedCosts:
    """Read them."""
    rows = inventory.list_landed_costs(session)
    return LandedCosts(rows=rows, currency=company(session).currency)


TOOLS = [
    Tool(
        CHARGE, ChargeLandedCost, charge_landed_cost, writes=True, title="Charge landed cost",
        title_zh="分摊到岸成本", roles=BOOKKEEPERS, pin=pin_charge, undo=undo_charge,
    ),
    Tool(
        CANCEL, CancelLandedCost, cancel_landed_cost, writes=True, title="Cancel landed cost",
        title_zh="取消到岸成本", roles=BOOKKEEPERS, undo=undo_cancel,
    ),
    Tool(
        REVALUE, RevalueStock, revalue_stock, writes=True, title="Revalue stock",
        title_zh="库存重估", roles=BOOKKEEPERS, pin=pin_item, undo=undo_revaluation,
    ),
    Tool(
        METHOD, SetMethod, set_method, writes=True, title="Set valuation method",
        title_zh="设置计价方法", roles=BOOKKEEPERS, pin=pin_item, undo=undo_method,
    ),
    Tool(
        NEGATIVE, SetNegative, set_negative, writes=True, title="Set negative-stock policy",
        title_zh="设置负库存策略", roles=BOOKKEEPERS, pin=pin_item, undo=undo_negative,
    ),
    Tool(
        "valuation.show_stock_value", ShowStockValue, show_stock_value, writes=False,
        title="Stock value", title_zh="库存价值", roles=COSTS,
    ),
    Tool(
        "valuation.list_landed_costs", ListLandedCosts, list_landed_costs, writes=False,
        title="Landed costs", title_zh="到岸成本清单", roles=COSTS,
    ),
]  # fmt: skip
