"""Tools of requests for quotation: ask suppliers, enter their answers, compare, award."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import catalog, parties, purchasing
from core.kernel.company import company
from core.kernel.errors import Language
from core.kernel.money import Money, plain
from core.kernel.semantics import COSTS
from core.kernel.words import word
from core.purchasing import quotes
from core.purchasing.quotes import Asked, QuotationRequest, Quote, RequestState
from tools.base import (
    Answer,
    Arguments,
    Column,
    Count,
    Currency,
    Day,
    Grid,
    ItemRef,
    Price,
    Ref,
    SupplierRef,
    Text,
    Tool,
    never,
)
from tools.requisitions import RequisitionRef, numbered, pin_requisition, undo_orders
from tools.trade import BUYERS, Because, SayWhichItem

RequestRef = Annotated[Text, Ref("quotation_request")]
ASK_ANEW = ("ask for quotations anew instead", "请重新询价")
QUOTE_LATER = ("enter their quotation when it comes", "对方报价时再登记")
QUOTE_ANEW = ("enter the quotation again instead", "请重新登记报价")


class AskForQuotes(Arguments):
    """Ask suppliers for a quotation on a quantity of an item."""

    item: ItemRef = Field(description="SKU or name of the item.")
    quantity: Count
    suppliers: list[SupplierRef] = Field(min_length=1, max_length=50)
    answer_by: Day = Field(description="The day by which they should answer.")


class QuoteRequisition(Arguments):
    """Ask suppliers for a quotation on what is left to order of a requisition."""

    requisition: RequisitionRef = Field(description="The requisition, such as RQ-00042.")
    suppliers: list[SupplierRef] = Field(min_length=1, max_length=50)
    answer_by: Day = Field(description="The day by which they should answer.")


class RequestShown(Answer):
    """A request for quotation."""

    number: str
    state: RequestState
    goods: list[tuple[str, Decimal]]
    suppliers: list[str]
    answer_by: date

    def sentence(self, language: Language = "en") -> str:
        """Say what was asked of whom."""
        between = "、" if language == "zh" else ", "
        goods = between.join(f"{plain(quantity)} × {sku}" for sku, quantity in self.goods)
        whom, state = between.join(self.suppliers), word(self.state, language)
        if language == "zh":
            return f"{self.number}：向 {whom} 询价 {goods}，{self.answer_by} 前答复，{state}。"
        return f"{self.number}: {goods} asked of {whom}, to answer by {self.answer_by}; {state}."


def ask_for_quotes(session: Session, arguments: AskForQuotes) -> RequestShown:
    """Ask them."""
    item = purchasing.find_item(session, arguments.item)
    request = quotes.ask_for_quotes(
        session,
        [Asked(item, arguments.quantity)],
        suppliers=[parties.find_supplier(session, each) for each in arguments.suppliers],
        answer_by=arguments.answer_by,
    )
    return _shown(request)


def pin_asked(session: Session, arguments: AskForQuotes) -> AskForQuotes:
    """Write item and suppliers as we call them."""
    item = purchasing.find_item(session, arguments.item).sku
    return arguments.model_copy(update={"item": item, "suppliers": _numbers(session, arguments)})


def quote_requisition(session: Session, arguments: QuoteRequisition) -> RequestShown:
    """Ask them."""
    request = quotes.quote_requisition(
        session,
        arguments.requisition,
        suppliers=[parties.find_supplier(session, each) for each in arguments.suppliers],
        answer_by=arguments.answer_by,
    )
    return _shown(request)


def pin_of_requisition(session: Session, arguments: QuoteRequisition) -> QuoteRequisition:
    """Write requisition and suppliers as we call them."""
    pinned: QuoteRequisition = pin_requisition(session, arguments)
    return pinned.model_copy(update={"suppliers": _numbers(session, arguments)})


def _numbers(session: Session, arguments: AskForQuotes | QuoteRequisition) -> list[str]:
    found = (parties.find_supplier(session, each) for each in arguments.suppliers)
    return [supplier.party.number for supplier in found]


class EnterQuote(Arguments):
    """Enter what a supplier quotes for an item of a request for quotation."""

    request: RequestRef = Field(description="The request, such as RFQ-00042.")
    supplier: SupplierRef
    unit_price: Price
    lead_time_days: int = Field(ge=0, le=730, description="Days from order to arrival.")
    item: ItemRef | None = Field(default=None, description="Leave empty where one is asked for.")
    minimum_quantity: Count = Decimal(1)
    order_multiple: Count | None = Field(default=None, description="Only whole numbers of this.")
    valid_until: Day | None = Field(default=None, description="Leave empty for no end.")
    currency: Currency | None = Field(default=None, description="Leave empty for ours.")


class QuoteNoted(Answer):
    """A quotation that is on file."""

    request: str
    supplier: str
    sku: str
    unit_price: Decimal
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say who quotes what."""
        price = f"{plain(self.unit_price)} {self.currency}"
        if language == "zh":
            return f"{self.request}：{self.supplier} 对 {self.sku} 报价 {price}。"
        return f"{self.request}: {self.supplier} quotes {price} for {self.sku}."


def enter_quote(session: Session, arguments: EnterQuote) -> QuoteNoted:
    """Note it."""
    request = quotes.find_request(session, arguments.request)
    skus = [line.item.sku for line in request.lines]
    if arguments.item is None and len(skus) > 1:
        raise SayWhichItem(items=", ".join(skus))
    item = catalog.find_item(session, arguments.item or skus[0])
    supplier = parties.find_supplier(session, arguments.supplier)
    quote = Quote(
        unit_price=arguments.unit_price,
        lead_time_days=arguments.lead_time_days,
        minimum_quantity=arguments.minimum_quantity,
        order_multiple=arguments.order_multiple,
        currency=arguments.currency,
        valid_until=arguments.valid_until,
    )
    noted = quotes.enter_quote(session, request.number, quote, supplier=supplier, item=item)
    return QuoteNoted(
        request=request.number,
        supplier=supplier.party.name,
        sku=item.sku,
        unit_price=noted.unit_price,
        currency=noted.currency,
    )


class DeclineQuote(Arguments):
    """Note that a supplier will not quote on a request for quotation."""

    request: RequestRef = Field(description="The request, such as RFQ-00042.")
    supplier: SupplierRef


class QuoteRefused(Answer):
    """A supplier who will not quote."""

    request: str
    supplier: str

    def sentence(self, language: Language = "en") -> str:
        """Say who will not quote."""
        if language == "zh":
            return f"{self.request}：{self.supplier} 不报价。"
        return f"{self.request}: {self.supplier} will not quote."


def decline_quote(session: Session, arguments: DeclineQuote) -> QuoteRefused:
    """Note it."""
    supplier = parties.find_supplier(session, arguments.supplier)
    request = quotes.find_request(session, arguments.request)
    quotes.decline_quote(session, request.number, supplier=supplier)
    return QuoteRefused(request=request.number, supplier=supplier.party.name)


class CloseRequest(Arguments):
    """Close a request for quotation: buy none of what was asked for and not awarded."""

    request: RequestRef = Field(description="The request, such as RFQ-00042.")
    because: Because = Field(default="no longer needed", description="Why nothing is bought.")


def close_request(session: Session, arguments: CloseRequest) -> RequestShown:
    """Close it."""
    request = quotes.find_request(session, arguments.request)
    return _shown(quotes.close_request(session, request.number, because=arguments.because))


def pin_closing(session: Session, arguments: CloseRequest) -> CloseRequest:
    """Write the request as we call it."""
    found = quotes.find_request(session, arguments.request, lock=False)
    return arguments.model_copy(update={"request": found.number})


class CompareQuotes(Arguments):
    """Compare the quotations for a request: total, arrival and the supplier's standing."""

    request: RequestRef = Field(description="The request, such as RFQ-00042.")


class QuoteRow(Answer):
    """What a supplier's quotation comes to."""

    supplier: str
    total: Money
    arrives_on: date | None
    missing: list[str]
    score: Decimal | None


class QuotesCompared(Answer):
    """The quotations for a request, the best first."""

    request: str
    rows: list[QuoteRow]
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say whose total is least."""
        if not self.rows:
            if language == "zh":
                return f"{self.request} 尚无报价。"
            return f"Nobody has quoted for {self.request} yet."
        best = self.rows[0]
        if language == "zh":
            return (
                f"{self.request} 共 {len(self.rows)} 家报价，最低为 {best.supplier}："
                f"{best.total}，{best.arrives_on} 到货。"
            )
        return (
            f"{best.supplier} is the best of {len(self.rows)} for {self.request}: {best.total},"
            f" here on {best.arrives_on}."
        )

    def grid(self) -> Grid:
        """Return one row for every supplier."""
        columns = (
            Column("supplier", "供应商"),
            Column("total", "合计", self.currency),
            Column("arrives", "到货", "date"),
            Column("not quoted", "未报价"),
            Column("score", "评分", "number"),
        )
        rows = tuple(
            (row.supplier, row.total.amount, row.arrives_on, ", ".join(row.missing), row.score)
            for row in self.rows
        )
        return Grid(columns, rows)


def compare_quotes(session: Session, arguments: CompareQuotes) -> QuotesCompared:
    """Compare them."""
    request = quotes.find_request(session, arguments.request, lock=False)
    return QuotesCompared(
        request=request.number,
        currency=company(session).currency,
        rows=[
            QuoteRow(
                supplier=each.supplier.name,
                total=each.total,
                arrives_on=each.arrives_on,
                missing=list(each.missing),
                score=each.score,
            )
            for each in purchasing.compare_quotes(session, request)
        ],
    )


class AwardQuotes(Arguments):
    """Award a request for quotation to a supplier: order it, or an item of it, at their price."""

    request: RequestRef = Field(description="The request, such as RFQ-00042.")
    supplier: SupplierRef
    item: ItemRef | None = Field(default=None, description="Leave empty for all of it.")


class QuotesAwarded(Answer):
    """What was ordered of a request."""

    request: str
    orders: list[tuple[str, str]]

    def sentence(self, language: Language = "en") -> str:
        """Say what was ordered from whom."""
        if language == "zh":
            said = "、".join(f"{number}（{supplier}）" for number, supplier in self.orders)
            return f"{self.request} 已定标：{said}。"
        said = ", ".join(f"{number} with {supplier}" for number, supplier in self.orders)
        return f"{self.request} is awarded: {said}."


def award(session: Session, arguments: AwardQuotes) -> QuotesAwarded:
    """Award it."""
    request = quotes.find_request(session, arguments.request)
    supplier = parties.find_supplier(session, arguments.supplier)
    if arguments.item is None:
        orders = quotes.award(session, request.number, supplier=supplier)
    else:
        sku = purchasing.find_item(session, arguments.item).sku
        meant = {line.position: supplier for line in request.lines if line.item.sku == sku}
        orders = quotes.award(session, request.number, by_position=meant)
    return QuotesAwarded(request=request.number, orders=numbered(orders))


def pin_request(session: Session, arguments: Any) -> Any:  # noqa: ANN401
    """Write request, supplier and item as we call them."""
    found = quotes.find_request(session, arguments.request, lock=False)
    supplier = parties.find_supplier(session, arguments.supplier).party.number
    chosen = {"request": found.number, "supplier": supplier}
    if getattr(arguments, "item", None) is not None:
        chosen["item"] = purchasing.find_item(session, arguments.item).sku
    return arguments.model_copy(update=chosen)


def _shown(request: QuotationRequest) -> RequestShown:
    return RequestShown(
        number=request.number,
        state=request.state,
        goods=[(line.item.sku, line.quantity) for line in request.lines],
        suppliers=[each.supplier.name for each in request.invited],
        answer_by=request.answer_by,
    )


TOOLS = [
    Tool(
        "purchasing.ask_for_quotes",
        AskForQuotes,
        ask_for_quotes,
        writes=True,
        title="Ask for quotations",
        title_zh="询价",
        roles=BUYERS,
        pin=pin_asked,
        undo=never(ASK_ANEW),
    ),
    Tool(
        "purchasing.quote_requisition",
        QuoteRequisition,
        quote_requisition,
        writes=True,
        title="Ask for quotations on a requisition",
        title_zh="采购申请询价",
        roles=BUYERS,
        pin=pin_of_requisition,
        undo=never(ASK_ANEW),
    ),
    Tool(
        "purchasing.enter_quote",
        EnterQuote,
        enter_quote,
        writes=True,
        title="Enter quotation",
        title_zh="登记供应商答复",
        roles=BUYERS,
        pin=pin_request,
        undo=never(QUOTE_ANEW),
    ),
    Tool(
        "purchasing.decline_quote",
        DeclineQuote,
        decline_quote,
        writes=True,
        title="Note that a supplier will not quote",
        title_zh="登记供应商不报价",
        roles=BUYERS,
        pin=pin_request,
        undo=never(QUOTE_LATER),
    ),
    Tool(
        "purchasing.close_request",
        CloseRequest,
        close_request,
        writes=True,
        title="Close a request for quotation",
        title_zh="关闭询价单",
        roles=BUYERS,
        pin=pin_closing,
        undo=never(ASK_ANEW),
    ),
    Tool(
        "purchasing.compare_quotes",
        CompareQuotes,
        compare_quotes,
        writes=False,
        title="Compare quotations",
        title_zh="比价",
        roles=COSTS,
    ),
    Tool(
        "purchasing.award_quotes",
        AwardQuotes,
        award,
        writes=True,
        title="Award quotation",
        title_zh="定标",
        roles=BUYERS,
        pin=pin_request,
        undo=undo_orders,
    ),
]
