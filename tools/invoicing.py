"""Tools of invoicing: what is owed, what was paid, and taking either back."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, model_validator
from sqlalchemy.orm import Session

from core import invoicing, parties
from core.approvals import DutyName
from core.invoicing import Direction, Invoice, OpenItem, PaymentKind
from core.invoicing.errors import NothingOpen, NothingToSettle, UnknownInvoice
from core.kernel.company import company
from core.kernel.database import acting
from core.kernel.errors import Language, NotPermitted
from core.kernel.identifiers import new_id
from core.kernel.identity.roles import STAFF, Role
from core.kernel.money import Money
from core.kernel.semantics import COSTS
from core.kernel.words import word
from core.parties import Party
from core.processes.credit import credit_document
from tools.base import (
    Amount,
    Answer,
    Arguments,
    Call,
    Column,
    CustomerRef,
    Day,
    Duty,
    Grid,
    Ref,
    SupplierRef,
    Text,
    Tool,
    Undoing,
    Words,
)

# Who moves money in the books, and who answers for those who do.
CASHIERS = frozenset({Role.ACCOUNTANT, Role.MANAGER, Role.ADMIN})
# Who sees what is owed; a customer of the portal sees the own documents only.
READERS = CASHIERS | {Role.AUDITOR, Role.SALES, Role.BUYER, Role.SERVICE, Role.WATCHER}
AND_CUSTOMERS = READERS | {Role.CUSTOMER}

REVERSE = "invoicing.reverse_payment"

InvoiceRef = Annotated[Text, Ref("customer_invoice")]
BillRef = Annotated[Text, Ref("supplier_bill")]
Reason = Annotated[Words, Field(min_length=1)]

CREDIT_STAYS = (
    "a credit note stays; invoice the order anew instead",
    "贷项通知单不可撤销；请重新开具发票",
)
REVERSAL_STAYS = (
    "a payment that was reversed is recorded anew, if the money came after all",
    "已撤销的收付款不可恢复；如款项确实发生，请重新登记",
)
CREDIT_IS_USED = (
    "what a credit has settled stays settled",
    "已用余额核销的单据不能恢复为未结",
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


def _visible(session: Session, number: str) -> Invoice:
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
    invoice = _visible(session, arguments.number)
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


class RecordCustomerPayment(Arguments):
    """Record money that came from a customer, for one invoice or for what is due first."""

    customer: CustomerRef | None = Field(
        default=None, description="Leave empty where the invoice is named."
    )
    invoice: InvoiceRef | None = Field(
        default=None, description="Leave empty to settle what is due first."
    )
    amount: Amount | None = Field(default=None, description="Leave empty for all that is open.")
    paid_on: Day | None = Field(default=None, description="Leave empty for today.")
    reference: Text | None = Field(default=None, description="What the bank statement says.")

    @model_validator(mode="after")
    def _somebody(self) -> "RecordCustomerPayment":
        if self.customer is None and self.invoice is None:
            problem = "say which customer or which invoice"
            raise ValueError(problem)
        return self


class PayBill(Arguments):
    """Pay a supplier's bill, or pay a supplier an amount for what is due first."""

    supplier: SupplierRef | None = Field(
        default=None, description="Leave empty where the bill is named."
    )
    bill: BillRef | None = Field(
        default=None, description="Our number of the bill or the supplier's."
    )
    amount: Amount | None = Field(default=None, description="Leave empty for all that is open.")
    paid_on: Day | None = Field(default=None, description="Leave empty for today.")
    reference: Text | None = Field(default=None, description="What the bank statement will say.")

    @model_validator(mode="after")
    def _somebody(self) -> "PayBill":
        if self.supplier is None and self.bill is None:
            problem = "say which supplier or which bill"
            raise ValueError(problem)
        return self


class PaymentRecorded(Answer):
    """A payment, what it settled, and what is left of it."""

    number: str
    kind: PaymentKind
    party: str
    amount: Decimal
    left_open: Decimal
    currency: str
    settled: list[str]

    def sentence(self, language: Language = "en") -> str:
        """Say what was paid and what it settled."""
        amount = Money.of(self.amount, self.currency)
        left = Money.of(self.left_open, self.currency)
        came = self.kind is PaymentKind.CUSTOMER_PAYMENT
        if language == "zh":
            said = f"{self.number}：{'收到' if came else '已付'} {self.party} {amount}"
            if self.settled:
                said += f"，核销 {'、'.join(self.settled)}"
            return f"{said}，余额 {left}。" if self.left_open else f"{said}。"
        said = f"{self.number}: {amount} {'from' if came else 'to'} {self.party}"
        if self.settled:
            said += f", for {', '.join(self.settled)}"
        return f"{said}; {left} stays as a credit." if self.left_open else f"{said}."


def _due(
    session: Session, named: str | None, party: Party | None, direction: Direction
) -> tuple[Party, list[OpenItem]]:
    """Return who pays or is paid, and the open documents that are meant."""
    if named is not None:
        document = invoicing.find_invoice(session, named)
        if document.kind is not direction.invoice or (
            party is not None and document.party_id != party.id
        ):
            raise UnknownInvoice(number=named)
        party = session.get_one(Party, document.party_id)
    assert party is not None, "the arguments name a document or a party"
    items = [
        item
        for item in invoicing.list_open_items(session, direction=direction, party_id=party.id)
        if item.kind is direction.invoice
    ]
    if named is not None:
        items = [item for item in items if item.number == document.number]
        if not items:
            raise NothingOpen(number=document.number)
    return party, items


def _pay(
    session: Session,
    kind: PaymentKind,
    party: Party | None,
    named: str | None,
    arguments: RecordCustomerPayment | PayBill,
) -> PaymentRecorded:
    direction = Direction.RECEIVABLE if kind is PaymentKind.CUSTOMER_PAYMENT else Direction.PAYABLE
    payer, items = _due(session, named, party, direction)
    currency = company(session).currency
    amount = _amount(payer, items, arguments.amount, currency)
    settle = None
    if named is not None:
        settle = [(item.number, min(amount, item.open)) for item in items]
    payment = invoicing.post_payment(
        session,
        kind=kind,
        party=payer,
        amount=amount,
        paid_on=arguments.paid_on,
        settle=settle,
        reference=arguments.reference,
    )
    return PaymentRecorded(
        number=payment.number,
        kind=kind,
        party=payer.name,
        amount=amount.amount,
        left_open=Money(payment.open_minor, currency).amount,
        currency=currency,
        settled=invoicing.settled_by_payment(session, payment),
    )


def _amount(party: Party, items: Sequence[OpenItem], given: Decimal | None, currency: str) -> Money:
    if given is not None:
        return Money.of(given, currency)
    if not items:
        raise NothingToSettle(party=party.name)
    return Money(sum(item.open.minor for item in items), currency)


def pin_customer_payment(
    session: Session, arguments: RecordCustomerPayment
) -> RecordCustomerPayment:
    """Write the customer and the invoice by their numbers, and the amount that is open now."""
    customer = parties.find_customer(session, arguments.customer) if arguments.customer else None
    payer, items = _due(
        session, arguments.invoice, customer.party if customer else None, Direction.RECEIVABLE
    )
    amount = _amount(payer, items, arguments.amount, company(session).currency)
    chosen = {
        "customer": payer.number,
        "invoice": items[0].number if arguments.invoice else None,
        "amount": amount.amount,
    }
    return arguments.model_copy(update=chosen)


def record_customer_payment(session: Session, arguments: RecordCustomerPayment) -> PaymentRecorded:
    """Record it."""
    customer = parties.find_customer(session, arguments.customer) if arguments.customer else None
    party = customer.party if customer else None
    return _pay(session, PaymentKind.CUSTOMER_PAYMENT, party, arguments.invoice, arguments)


def pin_bill(session: Session, arguments: PayBill) -> PayBill:
    """Write the supplier and the bill by their numbers, and the amount that is open now.

    Where one bill takes all of the amount, it is that one: so the duties of its order count.
    """
    supplier = parties.find_supplier(session, arguments.supplier) if arguments.supplier else None
    payee, items = _due(
        session, arguments.bill, supplier.party if supplier else None, Direction.PAYABLE
    )
    amount = _amount(payee, items, arguments.amount, company(session).currency)
    only = bool(arguments.bill) or bool(items and amount.minor <= items[0].open.minor)
    chosen = {
        "supplier": payee.number,
        "bill": items[0].number if only else None,
        "amount": amount.amount,
    }
    return arguments.model_copy(update=chosen)


def pay_bill(session: Session, arguments: PayBill) -> PaymentRecorded:
    """Pay it."""
    supplier = parties.find_supplier(session, arguments.supplier) if arguments.supplier else None
    party = supplier.party if supplier else None
    return _pay(session, PaymentKind.SUPPLIER_PAYMENT, party, arguments.bill, arguments)


def undo_payment(_session: Session, _arguments: Arguments, answer: dict[str, Any]) -> Undoing:
    """Reverse the payment."""
    return Undoing((Call(REVERSE, ReversePayment(number=answer["number"], because="undo")),))


def case_of_bill(
    session: Session, arguments: PayBill, _answer: dict[str, Any] | None
) -> tuple[str, ...]:
    """Return the orders whose bills are paid: who ordered, received or booked one pays none."""
    if arguments.bill is not None:
        return (invoicing.find_invoice(session, arguments.bill).origin,)
    assert arguments.supplier is not None, "the arguments name a bill or a supplier"
    supplier = parties.find_supplier(session, arguments.supplier)
    _, items = _due(session, None, supplier.party, Direction.PAYABLE)
    numbers = dict.fromkeys(item.number for item in items)
    return tuple(
        dict.fromkeys(invoicing.find_invoice(session, number).origin for number in numbers)
    )


class ReversePayment(Arguments):
    """Reverse a payment that was recorded by mistake or bounced; what it settled is open again."""

    number: Annotated[Text, Ref("payment")] = Field(
        description="Its number, such as RCT-00042 or PAY-00007."
    )
    because: Reason = Field(description="Why it is reversed.")


class PaymentReversed(Answer):
    """A payment that does not count any more."""

    number: str
    amount: Decimal
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say which payment was reversed."""
        amount = Money.of(self.amount, self.currency)
        if language == "zh":
            return f"{self.number}（{amount}）已撤销，原核销单据恢复为未结。"
        return f"{self.number} over {amount} is reversed; what it settled is open again."


def reverse_payment(session: Session, arguments: ReversePayment) -> PaymentReversed:
    """Reverse it."""
    payment = invoicing.find_payment(session, arguments.number, lock=True)
    invoicing.reverse_payment(session, payment.number, because=arguments.because)
    amount = Money(payment.amount_minor, payment.currency)
    return PaymentReversed(number=payment.number, amount=amount.amount, currency=amount.currency)


def undo_reversal(_session: Session, _arguments: ReversePayment, _answer: object) -> Undoing:
    """Say that a reversal stays."""
    return Undoing(impossible=REVERSAL_STAYS)


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


class ApplyCredit(Arguments):
    """Settle open documents of a party with its credit note, or with what it paid too much."""

    number: Annotated[Text, Ref("payment")] = Field(
        description="The credit note or payment that is open, such as CN-00003 or RCT-00042."
    )


class CreditApplied(Answer):
    """How much of a credit was used."""

    number: str
    amount: Decimal
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say how much was settled."""
        amount = Money.of(self.amount, self.currency)
        if language == "zh":
            return f"已用 {self.number} 核销 {amount}。"
        return f"{self.number} settles {amount} of open documents."


def apply_credit(session: Session, arguments: ApplyCredit) -> CreditApplied:
    """Settle what is due first."""
    applied = invoicing.apply_credit(session, arguments.number)
    return CreditApplied(number=arguments.number, amount=applied.amount, currency=applied.currency)


def undo_apply(_session: Session, _arguments: ApplyCredit, _answer: object) -> Undoing:
    """Say that what is settled stays settled."""
    return Undoing(impossible=CREDIT_IS_USED)


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
        "invoicing.record_customer_payment",
        RecordCustomerPayment,
        record_customer_payment,
        writes=True,
        title="Record customer payment",
        title_zh="登记收款",
        roles=CASHIERS,
        pin=pin_customer_payment,
        undo=undo_payment,
    ),
    Tool(
        "invoicing.pay_bill",
        PayBill,
        pay_bill,
        writes=True,
        title="Pay bill",
        title_zh="支付账单",
        roles=CASHIERS,
        pin=pin_bill,
        undo=undo_payment,
        duty=Duty(DutyName.PAY, case_of_bill),
        sensitive=True,
    ),
    Tool(
        REVERSE,
        ReversePayment,
        reverse_payment,
        writes=True,
        title="Reverse payment",
        title_zh="撤销收付款",
        roles=CASHIERS,
        undo=undo_reversal,
        sensitive=True,
    ),
    Tool(
        "invoicing.credit_invoice",
        CreditInvoice,
        credit_invoice,
        writes=True,
        title="Credit invoice",
        title_zh="开具贷项通知单",
        roles=CASHIERS,
        pin=pin_credit,
        undo=undo_credit,
    ),
    Tool(
        "invoicing.apply_credit",
        ApplyCredit,
        apply_credit,
        writes=True,
        title="Apply credit",
        title_zh="余额核销",
        roles=CASHIERS,
        undo=undo_apply,
    ),
]
