"""Tools of advances: what is paid of an order before anything of it is delivered."""

from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import purchasing, sales
from core.approvals import DutyName
from core.kernel.errors import Language
from core.kernel.money import Money, plain
from tools.base import Answer, Arguments, Call, Day, Duty, Percent, Text, Tool, Undoing
from tools.invoicing import CREDIT, CreditInvoice
from tools.trade import BOOKKEEPERS, SELLERS, PurchaseOrderRef, SalesOrderRef

ShareOfOrder = Annotated[Percent, Field(gt=0)]


class AskAdvance(Arguments):
    """Ask a customer for an advance on a sales order; its invoices deduct it."""

    order: SalesOrderRef = Field(description="The sales order, such as SO-00010.")
    percent: ShareOfOrder = Field(description="How many percent of what is not invoiced yet.")
    deliver_before: bool = Field(
        default=False, description="Let goods leave before the advance is paid."
    )
    due_on: Day | None = Field(default=None, description="Leave empty for what was agreed.")


class BookAdvance(Arguments):
    """Book a supplier's bill for an advance on a purchase order; its bills deduct it."""

    order: PurchaseOrderRef = Field(description="The purchase order, such as PO-00010.")
    percent: ShareOfOrder = Field(description="How many percent of what is not billed yet.")
    reference: Text | None = Field(default=None, description="The supplier's number of the bill.")
    due_on: Day | None = Field(default=None, description="Leave empty for what was agreed.")


class AdvanceCharged(Answer):
    """An advance on an order."""

    number: str
    order: str
    percent: str
    total: Money
    waits: bool

    def sentence(self, language: Language = "en") -> str:
        """Say how much, and whether goods wait for it."""
        if language == "zh":
            said = f"{self.order} 的 {self.percent}% 预付款：{self.number}，{self.total}"
            return f"{said}；付清后方可发货。" if self.waits else f"{said}。"
        said = f"{self.number}: an advance of {self.percent} % on {self.order}, {self.total}"
        return f"{said}; nothing leaves before it is paid." if self.waits else f"{said}."


def pin_sale(session: Session, arguments: AskAdvance) -> AskAdvance:
    """Write the order by its number."""
    number = sales.find_order(session, arguments.order, lock=False).number
    return arguments.model_copy(update={"order": number})


def ask_advance(session: Session, arguments: AskAdvance) -> AdvanceCharged:
    """Invoice it."""
    advance = sales.ask_advance(
        session,
        arguments.order,
        percent=arguments.percent,
        blocks_delivery=not arguments.deliver_before,
        due_on=arguments.due_on,
    )
    return AdvanceCharged(
        number=advance.number,
        order=advance.origin,
        percent=plain(arguments.percent),
        total=Money(advance.total_minor, advance.currency),
        waits=not arguments.deliver_before,
    )


def pin_purchase(session: Session, arguments: BookAdvance) -> BookAdvance:
    """Write the order by its number."""
    number = purchasing.find_order(session, arguments.order, lock=False).number
    return arguments.model_copy(update={"order": number})


def book_advance(session: Session, arguments: BookAdvance) -> AdvanceCharged:
    """Book it."""
    advance = purchasing.book_advance(
        session,
        arguments.order,
        percent=arguments.percent,
        supplier_reference=arguments.reference,
        due_on=arguments.due_on,
    )
    return AdvanceCharged(
        number=advance.number,
        order=advance.origin,
        percent=plain(arguments.percent),
        total=Money(advance.total_minor, advance.currency),
        waits=False,
    )


def case_of_order(
    session: Session, arguments: BookAdvance, _answer: dict[str, Any] | None
) -> str | None:
    """Return the order that is billed."""
    return purchasing.find_order(session, arguments.order, lock=False).number


def undo_advance(_session: Session, _arguments: Arguments, answer: dict[str, Any]) -> Undoing:
    """Credit the advance."""
    return Undoing((Call(CREDIT, CreditInvoice(number=answer["number"], because="undo")),))


TOOLS = [
    Tool(
        "sales.ask_advance",
        AskAdvance,
        ask_advance,
        writes=True,
        title="Ask for an advance",
        title_zh="收取预收款",
        roles=BOOKKEEPERS | SELLERS,
        pin=pin_sale,
        undo=undo_advance,
    ),
    Tool(
        "purchasing.book_advance",
        BookAdvance,
        book_advance,
        writes=True,
        title="Book an advance",
        title_zh="登记预付款",
        roles=BOOKKEEPERS,
        pin=pin_purchase,
        undo=undo_advance,
        duty=Duty(DutyName.BILL, case_of_order),
    ),
]
