"""Tools of parties: customers and suppliers, the terms we deal on, and the whole view of one."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, model_validator
from sqlalchemy.orm import Session

from core import catalog, invoicing, parties, purchasing
from core.approvals import DutyName
from core.invoicing import Direction
from core.kernel.company import company
from core.kernel.errors import Language
from core.kernel.identity.roles import Role
from core.kernel.money import Money
from core.kernel.semantics import COSTS
from core.parties import CustomerView, SupplierView
from core.parties.errors import UnknownCustomer
from core.reporting.customer_view import CustomerStanding, customer_standing
from core.reporting.words import written
from tools.base import (
    Answer,
    Arguments,
    Call,
    Column,
    CustomerRef,
    Duty,
    Grid,
    SupplierRef,
    Text,
    Tool,
    Undoing,
)
from tools.references import PartyRef
from tools.trade import (
    AND_CUSTOMERS,
    BOOKKEEPERS,
    BUYERS,
    LEADERS,
    SELLERS,
    Because,
    Limit,
    PriceListRef,
    SayWhichCustomer,
    TerritoryRef,
    own_party,
)

BLOCK, UNBLOCK = "parties.block_party", "parties.unblock_party"
SET_LIMIT = "parties.set_credit_limit"
LATEST = 5
ITEMS_MAX = 50

PaymentDays = Annotated[int, Field(ge=0, le=365)]


class ShowCustomer(Arguments):
    """Show a customer whole: money, trade, orders, quotations, returns, how it pays, activities."""

    customer: CustomerRef | None = Field(
        default=None, description="Number or name; a customer may leave it empty."
    )


class OpenDocument(Answer):
    """An order or invoice that is not done yet."""

    kind: str
    number: str
    state: str
    due: str
    amount: Decimal


class CustomerShown(Answer):
    """A customer from every side; parts that one may not see are named."""

    standing: CustomerStanding

    def sentence(self, language: Language = "en") -> str:
        """Say who it is, what it owes, what it buys, how it pays, and what is open."""
        said = self._money(language) + self._open(language) + self._trade(language)
        seen = self.standing.activities[:1]
        notes = [f"{one.happened_at:%Y-%m-%d} {one.kind} “{one.subject}”" for one in seen]
        if language == "zh":
            return said + "".join(f" {note}。" for note in notes)
        return said + "".join(f" Last: {note}." for note in notes)

    def _money(self, language: Language) -> str:
        now, view = self.standing, self.standing.customer
        limit = view.credit_limit
        if language == "zh":
            said = f"{view.number} {view.name_zh or view.name}"
            said += "（已冻结）" if view.blocked else ""
            said += f"：欠款 {now.owed}，其中逾期 {now.overdue}；信用占用 {now.exposure}"
            return said + (f" / {limit}；" if limit is not None else "，未设额度；")
        said = f"{view.number} {view.name}{' (blocked)' if view.blocked else ''}"
        said += f" owes us {now.owed}, {now.overdue} of it overdue; exposure {now.exposure}"
        return said + (f" of {limit}; " if limit is not None else ", no limit set; ")

    def _open(self, language: Language) -> str:
        now = self.standing
        counts = [
            (len(now.orders), "open order", "open orders", "未结订单"),
            (len(now.quotations), "open quotation", "open quotations", "未结报价单"),
            (len(now.backorders), "line waits for goods", "lines wait for goods", "行缺货"),
            (len(now.returns), "return to come", "returns to come", "待收退货"),
        ]
        # How many orders are open is always said; of the rest, what there is.
        told = [counts[0], *(one for one in counts[1:] if one[0])]
        if language == "zh":
            return "，".join(f"{zh} {count}" for count, _, _, zh in told) + "。"
        return ", ".join(f"{n} {one if n == 1 else many}" for n, one, many, _ in told) + "."

    def _trade(self, language: Language) -> str:
        now, zh = self.standing, language == "zh"
        said = ""
        if now.trade is not None and now.trade.totals and now.trade.totals[0] is not None:
            column = now.trade.figure_columns()[0]
            revenue = written(now.trade.totals[0], column.unit, column.sign)
            growth = now.trade.totals[3]
            change = "" if growth is None else f" ({growth:+,.1f} %)"
            said += (
                f"近12个月收入 {revenue}{change}。"
                if zh
                else (f" Revenue of the last 12 months {revenue}{change}.")
            )
        if now.paying is not None:
            days, share = now.paying.days_late, now.paying.late_percent
            said += (
                f"平均逾期 {days} 天付款，{share}% 逾期。"
                if zh
                else (
                    f" It paid {abs(days)} days {'late' if days > 0 else 'early'} on average, "
                    f"{share} % of it late."
                )
            )
        return said

    def notes(self, language: Language = "en") -> list[str]:
        """Say what one may not see."""
        return [said.in_(language) for said in self.standing.hidden]

    def grid(self) -> Grid:
        """Return one row for every open document."""
        columns = (
            Column("kind", "类型"),
            Column("number", "单据"),
            Column("state", "状态"),
            Column("due", "日期", "date"),
            Column("open", "金额", self.standing.exposure.currency),
        )
        now = self.standing
        rows: list[tuple[str, str, str, str, Decimal]] = [
            ("sales_order", one.number, one.state, one.promised_on.isoformat(), one.total.amount)
            for one in now.orders
        ]
        rows += [
            (
                *(one.kind, one.number, "overdue" if one.days_overdue else "open"),
                *(one.due_on.isoformat(), one.base.amount),
            )
            for one in now.items
        ]
        rows += [
            ("quotation", one.number, one.state, one.valid_until.isoformat(), one.total.amount)
            for one in now.quotations
        ]
        return Grid(columns, tuple(rows))


def show_customer(session: Session, arguments: ShowCustomer) -> CustomerShown:
    """Read all that is known of it; a customer of the portal reads the own record only."""
    view = _customer(session, arguments.customer)
    return CustomerShown(standing=customer_standing(session, view))


class ShowSupplier(Arguments):
    """Show a supplier whole: terms, offers, open orders and what we owe."""

    supplier: SupplierRef = Field(description="Number or name of the supplier.")


class SupplierShown(Answer):
    """A supplier and all that is open with it."""

    supplier: SupplierView
    owed: Money
    documents: list[OpenDocument]

    def sentence(self, language: Language = "en") -> str:
        """Say who it is, what we owe, and what is open."""
        view = self.supplier
        orders = sum(each.kind == "purchase_order" for each in self.documents)
        if language == "zh":
            blocked = "（已冻结）" if view.blocked else ""
            return (
                f"{view.number} {view.name_zh or view.name}{blocked}：应付 {self.owed}，"
                f"付款期限 {view.payment_days} 天；未结订单 {orders} 张。"
            )
        blocked = " (blocked)" if view.blocked else ""
        return (
            f"We owe {view.number} {view.name}{blocked} {self.owed}, payable in"
            f" {view.payment_days} days; {orders} open {'order' if orders == 1 else 'orders'}."
        )

    def grid(self) -> Grid:
        """Return one row for every open document."""
        columns = (
            Column("kind", "类型"),
            Column("number", "单据"),
            Column("state", "状态"),
            Column("due", "日期", "date"),
            Column("open", "金额", self.owed.currency),
        )
        rows = tuple(
            (each.kind, each.number, each.state, each.due, each.amount) for each in self.documents
        )
        return Grid(columns, rows)


def show_supplier(session: Session, arguments: ShowSupplier) -> SupplierShown:
    """Read all that is known of it."""
    supplier = parties.find_supplier(session, arguments.supplier)
    [view] = parties.list_suppliers(session, party_id=supplier.party_id)
    orders = purchasing.list_orders(session, states=purchasing.OPEN, supplier_id=supplier.party_id)
    bills = invoicing.list_open_items(
        session, direction=Direction.PAYABLE, party_id=supplier.party_id, limit=ITEMS_MAX
    )
    return SupplierShown(
        supplier=view,
        owed=invoicing.owed_by(session, supplier.party_id, Direction.PAYABLE),
        documents=[
            *(
                OpenDocument(
                    kind="purchase_order",
                    number=order.number,
                    state=order.state,
                    due=order.expected_on.isoformat(),
                    amount=order.total.amount,
                )
                for order in orders
            ),
            *(
                OpenDocument(
                    kind=bill.kind,
                    number=bill.number,
                    state="overdue" if bill.days_overdue else "open",
                    due=bill.due_on.isoformat(),
                    amount=bill.open.amount,
                )
                for bill in bills
            ),
        ],
    )


class _NewParty(Arguments):
    name: Text = Field(description="The name as it stands on documents.")
    name_zh: Text | None = Field(default=None, description="The name in Chinese, if any.")
    payment_days: PaymentDays = Field(default=30, description="Days to pay an invoice.")
    email: Text | None = None
    phone: Text | None = None
    country: Text | None = None
    city: Text | None = None
    address: Text | None = None


class AddCustomer(_NewParty):
    """Add a customer that we did not know, with the terms we sell on."""

    credit_limit: Limit | None = Field(
        default=None, description="How much the customer may owe us; empty: without limit."
    )
    territory: TerritoryRef | None = None
    price_list: PriceListRef | None = Field(
        default=None, description="Leave empty for the standard prices."
    )


class AddSupplier(_NewParty):
    """Add a supplier that we did not know, with the terms we buy on."""


class PartyAdded(Answer):
    """A customer or supplier that we know now."""

    number: str
    name: str
    role: str

    def sentence(self, language: Language = "en") -> str:
        """Say who it is and how it is called from now on."""
        if language == "zh":
            role = "客户" if self.role == "customer" else "供应商"
            return f"已新增{role} {self.number} {self.name}。"
        return f"{self.name} is our {self.role} {self.number} now."


def pin_customer(session: Session, arguments: AddCustomer) -> AddCustomer:
    """Write territory and price list by their codes."""
    chosen: dict[str, str] = {}
    if arguments.territory is not None:
        chosen["territory"] = parties.find_territory(session, arguments.territory).code
    if arguments.price_list is not None:
        chosen["price_list"] = catalog.find_price_list(session, arguments.price_list).code
    return arguments.model_copy(update=chosen)


def add_customer(session: Session, arguments: AddCustomer) -> PartyAdded:
    """Add it."""
    territory = arguments.territory and parties.find_territory(session, arguments.territory)
    prices = arguments.price_list and catalog.find_price_list(session, arguments.price_list)
    limit = arguments.credit_limit
    customer = parties.add_customer(
        session,
        name=arguments.name,
        credit_limit=None if limit is None else Money.of(limit, company(session).currency),
        payment_days=arguments.payment_days,
        territory=territory or None,
        price_list_code=prices.code if prices else None,
        name_zh=arguments.name_zh,
        email=arguments.email,
        phone=arguments.phone,
        country=arguments.country,
        city=arguments.city,
        address=arguments.address,
    )
    return PartyAdded(number=customer.party.number, name=arguments.name, role="customer")


def add_supplier(session: Session, arguments: AddSupplier) -> PartyAdded:
    """Add it."""
    supplier = parties.add_supplier(
        session,
        name=arguments.name,
        payment_days=arguments.payment_days,
        name_zh=arguments.name_zh,
        email=arguments.email,
        phone=arguments.phone,
        country=arguments.country,
        city=arguments.city,
        address=arguments.address,
    )
    return PartyAdded(number=supplier.party.number, name=arguments.name, role="supplier")


def undo_add(_session: Session, _arguments: Arguments, answer: dict[str, Any]) -> Undoing:
    """Block it: who was added stays on record."""
    return Undoing((Call(BLOCK, BlockParty(party=answer["number"], because="undo")),))


def case_of_supplier(
    _session: Session, _arguments: AddSupplier, answer: dict[str, Any] | None
) -> str | None:
    """Return the supplier: who added it neither changes its bank account nor pays it."""
    return answer["number"] if answer is not None else None


class SetCreditLimit(Arguments):
    """Set how much a customer may owe us by its orders and invoices."""

    customer: CustomerRef = Field(description="Number or name of the customer.")
    credit_limit: Limit | None = Field(default=None, description="The new limit.")
    without_limit: bool = Field(default=False, description="Lift the limit altogether.")

    @model_validator(mode="after")
    def _one_of_both(self) -> "SetCreditLimit":
        if (self.credit_limit is None) is not self.without_limit:
            problem = "say either a limit, or that there is none any more"
            raise ValueError(problem)
        return self


class CreditLimitSet(Answer):
    """A customer's limit after it was set, and before."""

    number: str
    name: str
    limit: Money | None
    before: Money | None

    def sentence(self, language: Language = "en") -> str:
        """Say what the limit is now."""
        if language == "zh":
            limit = f"为 {self.limit}" if self.limit is not None else "已取消"
            return f"{self.number} {self.name} 的信用额度{limit}。"
        if self.limit is None:
            return f"{self.number} {self.name} has no credit limit any more."
        return f"The credit limit of {self.number} {self.name} is {self.limit}."


def pin_limit(session: Session, arguments: SetCreditLimit) -> SetCreditLimit:
    """Write the customer by its number."""
    number = parties.find_customer(session, arguments.customer).party.number
    return arguments.model_copy(update={"customer": number})


def set_credit_limit(session: Session, arguments: SetCreditLimit) -> CreditLimitSet:
    """Set it."""
    customer = parties.find_customer(session, arguments.customer)
    currency = company(session).currency
    before, limit = customer.credit_limit_minor, arguments.credit_limit
    after = None if limit is None else Money.of(limit, currency)
    parties.set_credit_limit(session, customer, after)
    return CreditLimitSet(
        number=customer.party.number,
        name=customer.party.name,
        limit=after,
        before=None if before is None else Money(before, currency),
    )


def undo_limit(_session: Session, _arguments: SetCreditLimit, answer: dict[str, Any]) -> Undoing:
    """Set the limit that there was."""
    done = CreditLimitSet.model_validate(answer)
    before = done.before
    call = SetCreditLimit(
        customer=done.number,
        credit_limit=None if before is None else before.amount,
        without_limit=before is None,
    )
    return Undoing((Call(SET_LIMIT, call),))


class BlockParty(Arguments):
    """Block a customer or supplier: nothing new is agreed with them."""

    party: PartyRef = Field(description="Number or name of the customer or supplier.")
    because: Because = Field(description="Why they are blocked.")


class UnblockParty(Arguments):
    """Unblock a customer or supplier, so that business goes on."""

    party: PartyRef = Field(description="Number or name of the customer or supplier.")
    because: Because = Field(description="Why they are unblocked.")


class PartyTurned(Answer):
    """A party that is blocked now, or not any more."""

    number: str
    name: str
    blocked: bool

    def sentence(self, language: Language = "en") -> str:
        """Say which."""
        if language == "zh":
            return f"{self.number} {self.name} 已{'冻结' if self.blocked else '解冻'}。"
        return f"{self.number} {self.name} is {'blocked' if self.blocked else 'unblocked'}."


def pin_party(session: Session, arguments: Any) -> Any:  # noqa: ANN401
    """Write the party by its number."""
    number = parties.find_party(session, arguments.party).number
    return arguments.model_copy(update={"party": number})


def block_party(session: Session, arguments: BlockParty) -> PartyTurned:
    """Block it."""
    party = parties.find_party(session, arguments.party)
    parties.block_party(session, party, because=arguments.because)
    return PartyTurned(number=party.number, name=party.name, blocked=True)


def unblock_party(session: Session, arguments: UnblockParty) -> PartyTurned:
    """Unblock it."""
    party = parties.find_party(session, arguments.party)
    parties.unblock_party(session, party, because=arguments.because)
    return PartyTurned(number=party.number, name=party.name, blocked=False)


def undo_block(_session: Session, _arguments: BlockParty, answer: dict[str, Any]) -> Undoing:
    """Unblock it."""
    return Undoing((Call(UNBLOCK, UnblockParty(party=answer["number"], because="undo")),))


def undo_unblock(_session: Session, _arguments: UnblockParty, answer: dict[str, Any]) -> Undoing:
    """Block it again."""
    return Undoing((Call(BLOCK, BlockParty(party=answer["number"], because="undo")),))


def _customer(session: Session, text: str | None) -> CustomerView:
    own = own_party(session)
    if own is None:
        if text is None:
            raise SayWhichCustomer
        own = parties.find_customer(session, text).party_id
        [view] = parties.list_customers(session, party_id=own)
        return view
    found = parties.list_customers(session, party_id=own)
    # Not there, and not yours: the same answer.
    mine = {name.lower() for view in found for name in (view.number, view.name, view.name_zh or "")}
    if not found or (text is not None and text.strip().lower() not in mine):
        raise UnknownCustomer(text=text or "")
    return found[0]


TOOLS = [
    Tool(
        "parties.show_customer",
        ShowCustomer,
        show_customer,
        writes=False,
        title="Show customer",
        title_zh="查看客户",
        roles=AND_CUSTOMERS,
    ),
    Tool(
        "parties.show_supplier",
        ShowSupplier,
        show_supplier,
        writes=False,
        title="Show supplier",
        title_zh="查看供应商",
        roles=COSTS,
    ),
    Tool(
        "parties.add_customer",
        AddCustomer,
        add_customer,
        writes=True,
        title="Add customer",
        title_zh="新增客户",
        roles=SELLERS,
        pin=pin_customer,
        undo=undo_add,
    ),
    Tool(
        "parties.add_supplier",
        AddSupplier,
        add_supplier,
        writes=True,
        title="Add supplier",
        title_zh="新增供应商",
        roles=BUYERS,
        undo=undo_add,
        duty=Duty(DutyName.ADD_SUPPLIER, case_of_supplier),
    ),
    Tool(
        SET_LIMIT,
        SetCreditLimit,
        set_credit_limit,
        writes=True,
        title="Set credit limit",
        title_zh="设置信用额度",
        roles=BOOKKEEPERS,
        pin=pin_limit,
        undo=undo_limit,
    ),
    Tool(
        BLOCK,
        BlockParty,
        block_party,
        writes=True,
        title="Block party",
        title_zh="冻结往来单位",
        roles=LEADERS | {Role.ACCOUNTANT, Role.SALES, Role.BUYER},
        pin=pin_party,
        undo=undo_block,
    ),
    Tool(
        UNBLOCK,
        UnblockParty,
        unblock_party,
        writes=True,
        title="Unblock party",
        title_zh="解冻往来单位",
        roles=LEADERS | {Role.ACCOUNTANT},
        pin=pin_party,
        undo=undo_unblock,
    ),
]
