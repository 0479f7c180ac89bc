"""Tools of invoicing: what is owed, what was paid, and taking either back."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy.orm import Session

from core import invoicing, parties
from core.invoicing import Direction, Invoice, OpenItem
from core.invoicing.errors import UnknownInvoice
from core.kernel.company import company
from core.kernel.database import acting
from core.kernel.errors import Language, NotPermitted
from core.kernel.identifiers import new_id
from core.kernel.identity.roles import STAFF, Role
from core.kernel.money import Money
from core.kernel.semantics import COSTS
from core.kernel.words import word
from core.processes.credit import credit_document
from tools.base import (
    Answer,
    Arguments,
    Column,
    Day,
    Grid,
    Ref,
    Text,
    Tool,
    Undoing,
    Words,
)
from tools.references import InvoiceRef
from tools.trade import BOOKKEEPERS

# Who sees what is owed; a customer of the portal sees the own documents only.
READERS = BOOKKEEPERS | {Role.AUDITOR, Role.SALES, Role.BUYER, Role.SERVICE, Role.WATCHER}
AND_CUSTOMERS = READERS | {Role.CUSTOMER}

CREDIT = "invoicing.credit_invoice"

Reason = Annotated[Words, Field(min_length=1)]

CREDIT_STAYS = (
    "a credit note stays; invoice the order anew instead",
    "贷项通知单不可撤销；请重新开具发票",
)


def _own_party(session: Session) -> UUID | None:
    """Return the only party whose documents the asking person may see, or None for all."""
    actor = acting(session).actor
    if Role.CUSTOMER not in actor.roles or actor.roles & STAFF:
        return None
    # A portal account that belongs to nobody sees the documents of nobody.
    return actor.party_id or new_id()


def _sees(session: Session, direction: Direction) -> bool:
    """Tell whether the asking person may see what we owe; it says what things cost us."""
    return direction is Direction.RECEIVABLE or bool(acting(session).actor.roles & COSTS)


def _permit(session: Session, direction: Direction) -> None:
    if not _sees(session, direction):
        roles = ", ".join(sorted(READERS & COSTS))
        raise NotPermitted(what=word(direction, acting(session).actor.language), roles=roles)


def visible_document(session: Session, number: str) -> Invoice:
    """Return a document that the asking person may see; any other is as if not there."""
    invoice = invoicing.find_invoice(session, number)
    own = _own_party(session)
    # Not there, and not yours: the same answer.
    if own is not None and invoice.party_id != own:
        raise UnknownInvoice(number=number)
    if not _sees(session, invoicing.direction_of(invoice.kind)):
        raise UnknownInvoice(number=number)
    return invoice


class ShowInvoice(Arguments):
    """Show a customer invoice, supplier bill or credit note with its lines and payments."""

    number: InvoiceRef = Field(description="Its number, such as INV-00042 or BILL-00007.")


class InvoiceShown(Answer):
    """A document with its lines."""

    invoice: invoicing.InvoiceView

    def sentence(self, language: Language = "en") -> str:
        """Say what it is, and what is open of it."""
        view = self.invoice
        kind = word(view.kind, language)
        if language == "zh":
            return (
                f"{kind} {view.number}，{view.party}，{view.posted_on}，合计 {view.total}，"
                f"未结 {view.open}，到期日 {view.due_on}。"
            )
        return (
            f"{kind.capitalize()} {view.number} of {view.posted_on} for {view.party}:"
            f" {view.total}, {view.open} open, due {view.due_on}."
        )

    def grid(self) -> Grid:
        """Return one row for every line."""
        currency = self.invoice.total.currency
        columns = (
            Column("line", "明细"),
            Column("quantity", "数量", "quantity"),
            Column("unit price", "单价", currency),
            Column("discount", "折扣", "percent"),
            Column("net", "净额", currency),
            Column("tax", "税额", currency),
        )
        rows = tuple(
            (
                line.description,
                line.quantity,
                line.unit_price,
                line.discount_percent,
                line.net.amount,
                line.tax.amount,
            )
            for line in self.invoice.lines
        )
        return Grid(columns, rows)


def show_invoice(session: Session, arguments: ShowInvoice) -> InvoiceShown:
    """Read the document."""
    invoice = visible_document(session, arguments.number)
    return InvoiceShown(invoice=invoicing.invoice_view(session, invoice))


class ListOpenItems(Arguments):
    """List the invoices that customers have not paid, or the bills that we have not."""

    direction: Direction = Field(
        default=Direction.RECEIVABLE,
        description="receivable: customers owe us; payable: we owe suppliers.",
    )
    party: Annotated[Text, Ref("party")] | None = Field(
        default=None, description="Only this customer or supplier."
    )
    overdue_only: bool = False
    as_of: Day | None = Field(default=None, description="Leave empty for today.")


class OpenItems(Answer):
    """What is not settled; credits are negative."""

    direction: Direction
    items: list[OpenItem]
    total: Decimal
    overdue: Decimal
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say how much is open and overdue."""
        count, receivable = len(self.items), self.direction is Direction.RECEIVABLE
        total = Money.of(self.total, self.currency)
        overdue = Money.of(self.overdue, self.currency)
        if language == "zh":
            what = "应收" if receivable else "应付"
            return f"{what}未结 {count} 项，合计 {total}，其中逾期 {overdue}。"
        what = "Customers owe us" if receivable else "We owe suppliers"
        items = "1 item" if count == 1 else f"{count} items"
        return f"{what} {total} by {items}; {overdue} of it is overdue."

    def grid(self) -> Grid:
        """Return one row for every document."""
        columns = (
            Column("number", "单据"),
            Column("party", "往来单位"),
            Column("date", "日期", "date"),
            Column("due", "到期日", "date"),
            Column("days overdue", "逾期天数", "number"),
            Column("total", "金额", self.currency),
            Column("open", "未结", self.currency),
        )
        rows = tuple(
            (
                item.number,
                item.party,
                item.posted_on,
                item.due_on,
                item.days_overdue,
                item.total.amount,
                item.open.amount,
            )
            for item in self.items
        )
        return Grid(columns, rows)


def list_open_items(session: Session, arguments: ListOpenItems) -> OpenItems:
    """Read what is open."""
    own, direction = _own_party(session), arguments.direction
    party_id = own
    if own is None and arguments.party is not None:
        party_id = parties.find_party(session, arguments.party).id
    if own is not None:
        direction = Direction.RECEIVABLE
    _permit(session, direction)
    items = invoicing.list_open_items(
        session, direction=direction, as_of=arguments.as_of, party_id=party_id
    )
    if arguments.overdue_only:
        items = [item for item in items if item.days_overdue]
    return OpenItems(
        direction=direction,
        items=items,
        total=_sum(item.open for item in items),
        overdue=_sum(item.open for item in items if item.days_overdue),
        currency=company(session).currency,
    )


class ShowAgeing(Arguments):
    """Show by how many days receivables or payables are overdue, for every party."""

    direction: Direction = Field(
        default=Direction.RECEIVABLE,
        description="receivable: customers owe us; payable: we owe suppliers.",
    )
    as_of: Day | None = Field(default=None, description="Leave empty for today.")


class Ageing(Answer):
    """What is open, by age."""

    direction: Direction
    rows: list[invoicing.AgeingRow]
    total: Decimal
    overdue: Decimal
    as_of: date
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say how much is open and overdue."""
        total = Money.of(self.total, self.currency)
        overdue = Money.of(self.overdue, self.currency)
        if language == "zh":
            what = "应收" if self.direction is Direction.RECEIVABLE else "应付"
            return f"截至 {self.as_of}，{what}合计 {total}，其中逾期 {overdue}。"
        what = "Receivables" if self.direction is Direction.RECEIVABLE else "Payables"
        return f"{what} on {self.as_of}: {total}, of which {overdue} is overdue."

    def grid(self) -> Grid:
        """Return one row for every party."""
        columns = (
            Column("party", "往来单位"),
            Column("not due", "未到期", self.currency),
            Column("1-30 days", "1-30 天", self.currency),
            Column("31-60 days", "31-60 天", self.currency),
            Column("61-90 days", "61-90 天", self.currency),
            Column("over 90 days", "90 天以上", self.currency),
            Column("total", "合计", self.currency),
        )
        rows = tuple(
            (
                f"{row.party_number} {row.party}",
                row.not_due.amount,
                row.to_30.amount,
                row.to_60.amount,
                row.to_90.amount,
                row.over_90.amount,
                row.total.amount,
            )
            for row in self.rows
        )
        return Grid(columns, rows)


def show_ageing(session: Session, arguments: ShowAgeing) -> Ageing:
    """Read what is open, by age."""
    _permit(session, arguments.direction)
    rows = invoicing.ageing(session, arguments.direction, arguments.as_of)
    ours = company(session)
    total = _sum(row.total for row in rows)
    return Ageing(
        direction=arguments.direction,
        rows=rows,
        total=total,
        overdue=total - _sum(row.not_due for row in rows),
        as_of=arguments.as_of or ours.today,
        currency=ours.currency,
    )


class CreditInvoice(Arguments):
    """Take back a whole customer invoice or supplier bill by a credit note."""

    number: InvoiceRef = Field(description="Its number, such as INV-00042 or BILL-00007.")
    because: Reason = Field(description="Why it is taken back.")


class InvoiceCredited(Answer):
    """A credit note, and the document that it takes back."""

    number: str
    credits: str
    total: Decimal
    left_open: Decimal
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say what was taken back."""
        total, left = (Money.of(each, self.currency) for each in (self.total, self.left_open))
        if language == "zh":
            said = f"{self.credits} 已由 {self.number} 冲销，金额 {total}"
            return f"{said}，剩余可用余额 {left}。" if self.left_open else f"{said}。"
        said = f"{self.credits} is taken back by {self.number}, {total}"
        return f"{said}; {left} stays as a credit." if self.left_open else f"{said}."


def pin_credit(session: Session, arguments: CreditInvoice) -> CreditInvoice:
    """Write the document by our number of it."""
    number = invoicing.find_invoice(session, arguments.number).number
    return arguments.model_copy(update={"number": number})


def credit_invoice(session: Session, arguments: CreditInvoice) -> InvoiceCredited:
    """Write the credit note; the order behind it, if any, is to be invoiced again."""
    note = credit_document(session, arguments.number, because=arguments.because)
    total, left = (Money(each, note.currency) for each in (note.total_minor, note.open_minor))
    return InvoiceCredited(
        number=note.number,
        credits=note.origin,
        total=total.amount,
        left_open=left.amount,
        currency=note.currency,
    )


def undo_credit(_session: Session, _arguments: CreditInvoice, _answer: object) -> Undoing:
    """Say that a credit note stays."""
    return Undoing(impossible=CREDIT_STAYS)


def _sum(amounts: Iterable[Money]) -> Decimal:
    return sum((amount.amount for amount in amounts), Decimal(0))


TOOLS = [
    Tool(
        "invoicing.show_invoice",
        ShowInvoice,
        show_invoice,
        writes=False,
        title="Show invoice",
        title_zh="查看发票",
        roles=AND_CUSTOMERS,
    ),
    Tool(
        "invoicing.list_open_items",
        ListOpenItems,
        list_open_items,
        writes=False,
        title="Open items",
        title_zh="未结清单",
        roles=AND_CUSTOMERS,
    ),
    Tool(
        "invoicing.show_ageing",
        ShowAgeing,
        show_ageing,
        writes=False,
        title="Ageing",
        title_zh="账龄分析",
        roles=READERS,
    ),
    Tool(
        CREDIT,
        CreditInvoice,
        credit_invoice,
        writes=True,
        title="Credit invoice",
        title_zh="开具贷项通知单",
        roles=BOOKKEEPERS,
        pin=pin_credit,
        undo=undo_credit,
    ),
]
