"""Tools of fixed assets: into the books, month by month into expense, and out again."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, model_validator
from sqlalchemy.orm import Session

from core import invoicing, ledger, parties
from core.kernel.company import company
from core.kernel.money import Money
from core.kernel.semantics import BOOKS
from core.kernel.words import word
from core.ledger import assets
from core.ledger.assets import AssetDisposed, Convention, DepreciationMethod
from core.ledger.chart import BANK
from core.processes.asset_sales import sell_asset as invoice_asset
from tools.asset_answers import (
    AssetAdded,
    AssetChanged,
    AssetGone,
    AssetsListed,
    ClassesListed,
    Depreciated,
    PlanShown,
    RegisterShown,
    class_row,
)
from tools.base import (
    Amount,
    Arguments,
    Call,
    Count,
    CustomerRef,
    Day,
    Percent,
    Ref,
    Text,
    Tool,
    Undoing,
    Words,
)
from tools.entries import Where, member_keys, member_pairs
from tools.invoicing import CreditInvoice
from tools.references import AccountRef, BillRef, TaxRef
from tools.trade import BOOKKEEPERS

ADD, DEPRECIATE = "assets.add_asset", "assets.depreciate"
TAKE_BACK, TAKE_BACK_RUN = "assets.take_back", "assets.take_back_run"
CREDIT = "invoicing.credit_invoice"

AssetRef = Annotated[Text, Ref("asset")]
ClassRef = Annotated[Text, Ref("asset_class")]
RunRef = Annotated[Text, Ref("depreciation_run")]
Reason = Annotated[Words, Field(min_length=1)]
Months = Annotated[int, Field(ge=1, le=1_200)]
Share = Annotated[Decimal, Field(gt=0, le=100, decimal_places=4)]

STAYS = (
    "what was taken back is entered anew, if it was right after all",
    "已撤销的变动不可恢复；如确需，请重新登记",
)


class AddAsset(Arguments):
    """Enter a fixed asset in the register: from a supplier's bill, bought now, or from before."""

    name: Text = Field(description="What it is called.")
    asset_class: ClassRef = Field(description="Its class, such as IT or MACHINERY.")
    cost: Amount | None = Field(default=None, description="Leave empty for all of the bill.")
    bill: BillRef | None = Field(default=None, description="The bill that charged it.")
    account: AccountRef | None = Field(
        default=None, description="Without a bill: where it comes from; usually the bank."
    )
    residual: Amount | None = Field(default=None, description="What it keeps in the end.")
    months: Months | None = Field(default=None, description="Leave empty for its class.")
    method: DepreciationMethod | None = None
    convention: Convention | None = None
    percent: Percent | None = Field(default=None, description="A year, for a declining balance.")
    units: Count | None = Field(default=None, description="Expected in all, where use counts.")
    acquired_on: Day | None = Field(default=None, description="Leave empty for today.")
    in_service_on: Day | None = Field(default=None, description="Leave empty for the same day.")
    accumulated: Amount | None = Field(default=None, description="Depreciated before, if at all.")
    depreciated_until: Day | None = Field(default=None, description="Through which day that was.")
    dimensions: Where = Field(default=(), description="Cost centre, project ... it belongs to.")


def pin_add(session: Session, arguments: AddAsset) -> AddAsset:
    """Name the class and the account by their codes, and the day."""
    account = arguments.account and ledger.account_named(session, arguments.account).code
    bill = arguments.bill and invoicing.find_invoice(session, arguments.bill).number
    day = None if bill else arguments.acquired_on or company(session).today
    return arguments.model_copy(
        update={
            "account": account,
            "bill": bill,
            "acquired_on": day,
            "dimensions": member_keys(session, arguments.dimensions),
        }
    )


def add_asset(session: Session, arguments: AddAsset) -> AssetAdded:
    """Enter it."""
    currency = company(session).currency
    before = arguments.accumulated is not None or arguments.depreciated_until is not None
    against = None if before or arguments.bill else BANK
    if arguments.account:
        against = ledger.account_named(session, arguments.account).code
    asset = assets.acquire_asset(
        session,
        name=arguments.name,
        asset_class=arguments.asset_class,
        cost=_money(arguments.cost, currency),
        residual=_money(arguments.residual, currency),
        document=arguments.bill,
        against=against,
        acquired_on=arguments.acquired_on,
        in_service_on=arguments.in_service_on,
        months=arguments.months,
        method=arguments.method,
        convention=arguments.convention,
        percent=arguments.percent,
        units=arguments.units,
        accumulated=_money(arguments.accumulated, currency),
        depreciated_through=arguments.depreciated_until,
        dimensions=member_pairs(session, arguments.dimensions),
    )
    plan = assets.asset_plan(session, asset.number)
    first = plan.lines[0].amount.amount if plan.lines else Decimal(0)
    return AssetAdded(
        number=asset.number,
        name=asset.name,
        cost=plan.asset.cost.amount,
        monthly=first,
        lines=len(plan.lines),
        currency=currency,
    )


class Depreciate(Arguments):
    """Depreciate the fixed assets through a day: post what is due and not posted yet."""

    until: Day | None = Field(default=None, description="Leave empty for today.")
    asset: AssetRef | None = Field(default=None, description="Leave empty for all of them.")


def pin_depreciate(session: Session, arguments: Depreciate) -> Depreciate:
    """Name the day and the asset."""
    asset = arguments.asset and assets.find_asset(session, arguments.asset).number
    day = arguments.until or company(session).today
    return arguments.model_copy(update={"until": day, "asset": asset})


def depreciate(session: Session, arguments: Depreciate) -> Depreciated:
    """Post it."""
    run = assets.depreciate(session, through=arguments.until, asset=arguments.asset)
    amount = assets.posted_by(session, run.number)
    return Depreciated(
        number=run.number, until=run.through, amount=amount.amount, currency=amount.currency
    )


def undo_depreciate(_session: Session, _arguments: Depreciate, answer: dict[str, Any]) -> Undoing:
    """Reverse the run."""
    arguments = TakeBackRun(number=answer["number"], because="undo")
    return Undoing((Call(TAKE_BACK_RUN, arguments),))


class TakeBackRun(Arguments):
    """Take back a depreciation run: its entries are reversed, and it is due again."""

    number: RunRef = Field(description="The number of the run, such as DEP-00003.")
    because: Reason


def take_back_run(session: Session, arguments: TakeBackRun) -> Depreciated:
    """Reverse it."""
    run = assets.take_back_run(session, arguments.number, because=arguments.because)
    amount = assets.posted_by(session, run.number)
    return Depreciated(
        number=run.number,
        until=run.through,
        amount=amount.amount,
        currency=amount.currency,
        taken_back=True,
    )


def undo_take_back_run(
    _session: Session, _arguments: TakeBackRun, answer: dict[str, Any]
) -> Undoing:
    """Depreciate through the same day."""
    return Undoing((Call(DEPRECIATE, Depreciate(until=answer["until"])),))


class RevalueAsset(Arguments):
    """Revalue a fixed asset: it is worth something else, and depreciated from there on."""

    asset: AssetRef
    value: Amount = Field(description="What it is worth in the books from then on.")
    on: Day | None = Field(default=None, description="Leave empty for today.")
    residual: Amount | None = None
    months: Months | None = Field(default=None, description="How long from then on, if changed.")
    because: Words = ""


def pin_day(session: Session, arguments: Any) -> Any:  # noqa: ANN401
    """Name the asset by its number, and the day."""
    number = assets.find_asset(session, arguments.asset).number
    day = arguments.on or company(session).today
    return arguments.model_copy(update={"asset": number, "on": day})


def revalue_asset(session: Session, arguments: RevalueAsset) -> AssetChanged:
    """Post the difference."""
    currency = company(session).currency
    before = assets.asset_view(session, arguments.asset).book_value
    assets.revalue_asset(
        session,
        arguments.asset,
        to=Money.of(arguments.value, currency),
        on=arguments.on,
        residual=_money(arguments.residual, currency),
        months=arguments.months,
        because=arguments.because,
    )
    return _changed(session, arguments.asset, before)


class ImpairAsset(Arguments):
    """Write a fixed asset down by an amount, because it is worth less than the books say."""

    asset: AssetRef
    amount: Amount = Field(description="By how much.")
    because: Reason
    on: Day | None = Field(default=None, description="Leave empty for today.")


def impair_asset(session: Session, arguments: ImpairAsset) -> AssetChanged:
    """Post the loss."""
    before = assets.asset_view(session, arguments.asset).book_value
    assets.impair_asset(
        session,
        arguments.asset,
        by=Money.of(arguments.amount, before.currency),
        on=arguments.on,
        because=arguments.because,
    )
    return _changed(session, arguments.asset, before)


class UseAsset(Arguments):
    """Record how much a fixed asset was used that is depreciated by its use."""

    asset: AssetRef
    units: Count = Field(description="What it made or ran since the last time.")
    on: Day | None = Field(default=None, description="Leave empty for today.")


def use_asset(session: Session, arguments: UseAsset) -> AssetChanged:
    """Depreciate by it."""
    before = assets.asset_view(session, arguments.asset).book_value
    assets.tell_use(session, arguments.asset, units=arguments.units, on=arguments.on)
    return _changed(session, arguments.asset, before)


class TransferAsset(Arguments):
    """Transfer a fixed asset to another cost centre or project, with its depreciation from then."""

    asset: AssetRef
    dimensions: Where = Field(
        min_length=1, description="Code or name of the cost centre, project ..."
    )
    on: Day | None = Field(default=None, description="Leave empty for today.")


def pin_transfer(session: Session, arguments: TransferAsset) -> TransferAsset:
    """Name the asset, the day, and where it belongs."""
    where = member_keys(session, arguments.dimensions)
    pinned: TransferAsset = pin_day(session, arguments)
    return pinned.model_copy(update={"dimensions": where})


def transfer_asset(session: Session, arguments: TransferAsset) -> AssetChanged:
    """Let it belong there."""
    before = assets.asset_view(session, arguments.asset).book_value
    dimensions = member_pairs(session, arguments.dimensions)
    assets.transfer_asset(session, arguments.asset, dimensions=dimensions, on=arguments.on)
    return _changed(session, arguments.asset, before)


class SellAsset(Arguments):
    """Sell a fixed asset, or a share of it: to a customer with an invoice, or for money at once."""

    asset: AssetRef
    amount: Amount = Field(description="The price, without tax.")
    customer: CustomerRef | None = Field(default=None, description="Who is invoiced for it.")
    tax_code: TaxRef | None = None
    account: AccountRef | None = Field(
        default=None, description="Without an invoice: where the money is; usually the bank."
    )
    percent: Share = Field(default=Decimal(100), description="Less than 100 for a share of it.")
    on: Day | None = Field(default=None, description="Leave empty for today.")

    @model_validator(mode="after")
    def _one_way(self) -> "SellAsset":
        if self.customer and self.account:
            problem = "a customer is invoiced, or the money is on an account: not both"
            raise ValueError(problem)
        return self


def pin_sale(session: Session, arguments: SellAsset) -> SellAsset:
    """Name asset, day, customer and account."""
    customer = arguments.customer
    pinned: SellAsset = pin_day(session, arguments)
    return pinned.model_copy(
        update={
            "customer": customer and parties.find_customer(session, customer).party.number,
            "account": arguments.account and ledger.account_named(session, arguments.account).code,
        }
    )


def sell_asset(session: Session, arguments: SellAsset) -> AssetGone:
    """Invoice it or take the money, and take it out of the register."""
    price = Money.of(arguments.amount, company(session).currency)
    if arguments.customer:
        invoice, gone = invoice_asset(
            session,
            arguments.asset,
            customer=parties.find_customer(session, arguments.customer),
            price=price,
            tax_code=arguments.tax_code,
            on=arguments.on,
            share_percent=arguments.percent,
        )
        return _gone(gone, invoice.number)
    account = arguments.account and ledger.account_named(session, arguments.account).code
    gone = assets.dispose_asset(
        session,
        arguments.asset,
        proceeds=price,
        against=account or BANK,
        on=arguments.on,
        share_percent=arguments.percent,
    )
    return _gone(gone)


def undo_sell(_session: Session, arguments: SellAsset, answer: dict[str, Any]) -> Undoing:
    """Take it back into the register, and credit the invoice."""
    calls = [Call(TAKE_BACK, TakeBack(asset=arguments.asset, because="undo"))]
    if answer.get("invoice"):
        credit = CreditInvoice(number=answer["invoice"], because="undo")
        calls.append(Call(CREDIT, credit))
    return Undoing(tuple(calls))


class ScrapAsset(Arguments):
    """Scrap a fixed asset, or a share of it: what it is still worth is a loss."""

    asset: AssetRef
    percent: Share = Field(default=Decimal(100), description="Less than 100 for a share of it.")
    on: Day | None = Field(default=None, description="Leave empty for today.")


def scrap_asset(session: Session, arguments: ScrapAsset) -> AssetGone:
    """Take it out of the books."""
    gone = assets.dispose_asset(
        session, arguments.asset, on=arguments.on, share_percent=arguments.percent
    )
    return _gone(gone)


class TakeBack(Arguments):
    """Take back the last thing that happened to a fixed asset: purchase, sale or revaluation."""

    asset: AssetRef
    because: Reason


def take_back(session: Session, arguments: TakeBack) -> AssetChanged:
    """Undo it."""
    before = assets.asset_view(session, arguments.asset).book_value
    assets.take_back_move(session, arguments.asset, because=arguments.because)
    return _changed(session, arguments.asset, before)


def undo_move(_session: Session, _arguments: Arguments, answer: dict[str, Any]) -> Undoing:
    """Take back what happened."""
    number = answer["number"]
    return Undoing((Call(TAKE_BACK, TakeBack(asset=number, because="undo")),))


def undo_stays(_session: Session, _arguments: TakeBack, _answer: object) -> Undoing:
    """Say that it is entered anew."""
    return Undoing(impossible=STAYS)


class AddClass(Arguments):
    """Add a class of fixed assets: its accounts, and how its assets are usually depreciated."""

    code: Text
    name: Text
    name_zh: Text | None = None
    method: DepreciationMethod = DepreciationMethod.STRAIGHT_LINE
    convention: Convention = Convention.FULL_MONTH
    months: Months | None = None
    percent: Percent | None = None
    cost_account: AccountRef | None = None
    accumulated_account: AccountRef | None = None
    expense_account: AccountRef | None = None


def add_class(session: Session, arguments: AddClass) -> ClassesListed:
    """Add it."""
    accounts = {
        name: ledger.account_named(session, text).code
        for name in ("cost_account", "accumulated_account", "expense_account")
        if (text := getattr(arguments, name)) is not None
    }
    added = assets.add_class(
        session,
        code=arguments.code,
        name=arguments.name,
        name_zh=arguments.name_zh or "",
        method=arguments.method,
        convention=arguments.convention,
        months=arguments.months,
        percent=arguments.percent,
        **accounts,
    )
    return ClassesListed(classes=[class_row(added)], added=added.code)


class ListClasses(Arguments):
    """List the classes of fixed assets, with their usual lives."""


def list_classes(session: Session, _arguments: ListClasses) -> ClassesListed:
    """Read them."""
    return ClassesListed(classes=[class_row(each) for each in assets.list_classes(session)])


class ListAssets(Arguments):
    """List the fixed assets with cost, depreciation and book value."""

    with_disposed: bool = False


def list_assets(session: Session, arguments: ListAssets) -> AssetsListed:
    """Read the register as it is now."""
    count, due = assets.depreciation_due(session)
    return AssetsListed(
        assets=assets.list_assets(session, with_gone=arguments.with_disposed),
        not_registered=assets.unregistered(session),
        due_lines=count,
        due=due,
        currency=company(session).currency,
    )


class ShowPlan(Arguments):
    """Show the depreciation plan of a fixed asset: what was posted, and what is to come."""

    asset: AssetRef


def show_plan(session: Session, arguments: ShowPlan) -> PlanShown:
    """Read it."""
    return PlanShown(plan=assets.asset_plan(session, arguments.asset))


class ShowRegister(Arguments):
    """Show how the fixed assets moved: opening, additions, disposals, depreciation, closing."""

    since: Day | None = Field(default=None, description="Leave empty for this year.")
    until: Day | None = Field(default=None, description="Leave empty for today.")


def show_register(session: Session, arguments: ShowRegister) -> RegisterShown:
    """Add it up by class."""
    ours = company(session)
    until = arguments.until or ours.today
    since = arguments.since or date(until.year, 1, 1)
    rows = assets.register(session, since=since, until=until)
    return RegisterShown(since=since, until=until, rows=rows, currency=ours.currency)


def _money(amount: Decimal | None, currency: str) -> Money | None:
    return None if amount is None else Money.of(amount, currency)


def _gone(gone: AssetDisposed, invoice: str = "") -> AssetGone:
    return AssetGone(
        number=gone.number,
        name=gone.called,
        gone=gone.whole,
        gain=gone.gain.amount,
        currency=gone.gain.currency,
        invoice=invoice,
    )


def _changed(session: Session, text: str, before: Money) -> AssetChanged:
    view = assets.asset_view(session, text)
    return AssetChanged(
        number=view.number,
        name=view.name,
        state=word(view.state),
        before=before.amount,
        book_value=view.book_value.amount,
        currency=before.currency,
    )


TOOLS = [
    Tool(
        ADD, AddAsset, add_asset, writes=True, title="Add fixed asset", title_zh="新增固定资产",
        roles=BOOKKEEPERS, pin=pin_add, undo=undo_move,
    ),
    Tool(
        DEPRECIATE, Depreciate, depreciate, writes=True, title="Depreciate", title_zh="计提折旧",
        roles=BOOKKEEPERS, pin=pin_depreciate, undo=undo_depreciate,
    ),
    Tool(
        TAKE_BACK_RUN, TakeBackRun, take_back_run, writes=True,
        title="Take back depreciation", title_zh="撤销折旧批次", roles=BOOKKEEPERS,
        undo=undo_take_back_run,
    ),
    Tool(
        "assets.revalue_asset", RevalueAsset, revalue_asset, writes=True,
        title="Revalue asset", title_zh="重估资产", roles=BOOKKEEPERS, pin=pin_day, undo=undo_move,
    ),
    Tool(
        "assets.impair_asset", ImpairAsset, impair_asset, writes=True,
        title="Impair asset", title_zh="计提资产减值", roles=BOOKKEEPERS, pin=pin_day,
        undo=undo_move,
    ),
    Tool(
        "assets.use_asset", UseAsset, use_asset, writes=True,
        title="Record use of asset", title_zh="登记资产工作量", roles=BOOKKEEPERS, pin=pin_day,
        undo=undo_move,
    ),
    Tool(
        "assets.transfer_asset", TransferAsset, transfer_asset, writes=True,
        title="Transfer asset", title_zh="转移资产", roles=BOOKKEEPERS, pin=pin_transfer,
        undo=undo_move,
    ),
    Tool(
        "assets.sell_asset", SellAsset, sell_asset, writes=True,
        title="Sell asset", title_zh="出售资产", roles=BOOKKEEPERS, pin=pin_sale, undo=undo_sell,
    ),
    Tool(
        "assets.scrap_asset", ScrapAsset, scrap_asset, writes=True,
        title="Scrap asset", title_zh="报废资产", roles=BOOKKEEPERS, pin=pin_day, undo=undo_move,
    ),
    Tool(
        TAKE_BACK, TakeBack, take_back, writes=True,
        title="Take back asset move", title_zh="撤销资产变动", roles=BOOKKEEPERS,
        undo=undo_stays,
    ),
    Tool(
        "assets.add_class", AddClass, add_class, writes=True,
        title="Add asset class", title_zh="新增资产类别", roles=BOOKKEEPERS,
    ),
    Tool(
        "assets.list_classes", ListClasses, list_classes, writes=False,
        title="Asset classes", title_zh="资产类别", roles=BOOKS,
    ),
    Tool(
        "assets.list_assets", ListAssets, list_assets, writes=False,
        title="Fixed assets", title_zh="固定资产清单", roles=BOOKS,
    ),
    Tool(
        "assets.show_plan", ShowPlan, show_plan, writes=False,
        title="Depreciation plan", title_zh="折旧计划", roles=BOOKS,
    ),
    Tool(
        "assets.show_register", ShowRegister, show_register, writes=False,
        title="Asset register", title_zh="固定资产变动表", roles=BOOKS,
    ),
]  # fmt: skip
