"""Tools of payments: money that came in or went out, what it settles, and paying credits back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, model_validator
from sqlalchemy.orm import Session

from core import invoicing, ledger, parties
from core.approvals import DutyName
from core.invoicing import Direction, Invoice, OpenItem, PaymentKind
from core.invoicing.errors import NothingOpen, NothingToSettle, UnknownInvoice
from core.kernel.company import company
from core.kernel.errors import Language
from core.kernel.money import Money
from core.ledger.chart import BANK
from core.parties import Party
from tools.base import (
    Amount,
    Answer,
    Arguments,
    Call,
    Currency,
    CustomerRef,
    Day,
    Duty,
    Ref,
    SupplierRef,
    Text,
    Tool,
    Undoing,
)
from tools.entries import REVERSE as REVERSE_ENTRY
from tools.entries import ReverseEntry
from tools.references import AccountRef, BillRef, InvoiceRef
from tools.settling import UNRECONCILE, Unreconcile
from tools.trade import BOOKKEEPERS, Because

REVERSE = "invoicing.reverse_payment"


REVERSAL_STAYS = (
    "a payment that was reversed is recorded anew, if the money came after all",
    "已撤销的收付款不可恢复；如款项确实发生，请重新登记",
)


class Settled(Arguments):
    """A document that a payment is for, and how much of it is paid."""

    document: InvoiceRef
    amount: Amount | None = Field(
        default=None, description="In the document's currency; leave empty for all that is open."
    )


class PaymentArguments(Arguments):
    """What every payment may say about itself."""

    amount: Amount | None = Field(default=None, description="Leave empty for all that is open.")
    paid_on: Day | None = Field(default=None, description="Leave empty for today.")
    reference: Text | None = Field(default=None, description="What the bank statement says.")
    currency: Currency | None = Field(
        default=None, description="Leave empty for the currency of what is paid."
    )
    worth: Amount | None = Field(
        default=None,
        description="What the bank made of another currency, in ours; empty: the day's rate.",
    )
    fee: Amount | None = Field(
        default=None, description="What the bank kept of it, or took besides it."
    )
    # Accounts are said with a word before them only: "by bank transfer" names none.
    account: Text | None = Field(
        default=None, description="The bank or cash account; leave empty for the bank."
    )
    documents: tuple[Settled, ...] = Field(
        default=(), max_length=100, description="Several documents that it is for."
    )
    take_discount: bool = Field(
        default=False, description="Take the discount for early payment, where it is due."
    )
    write_off_to: Text | None = Field(
        default=None, description="Give up what stays open of what it pays, to this account."
    )
    advance: bool = Field(
        default=False, description="Settle nothing yet: all of it stays a credit."
    )


class RecordCustomerPayment(PaymentArguments):
    """Record money that came from a customer, for one invoice or for what is due first."""

    customer: CustomerRef | None = Field(
        default=None, description="Leave empty where the invoice is named."
    )
    invoice: InvoiceRef | None = Field(
        default=None, description="Leave empty to settle what is due first."
    )

    @model_validator(mode="after")
    def _somebody(self) -> "RecordCustomerPayment":
        if self.customer is None and self.invoice is None and not self.documents:
            problem = "say which customer or which invoice"
            raise ValueError(problem)
        return self


class PayBill(PaymentArguments):
    """Pay a supplier's bill, or pay a supplier an amount for what is due first."""

    supplier: SupplierRef | None = Field(
        default=None, description="Leave empty where the bill is named."
    )
    bill: BillRef | None = Field(
        default=None, description="Our number of the bill or the supplier's."
    )

    @model_validator(mode="after")
    def _somebody(self) -> "PayBill":
        if self.supplier is None and self.bill is None and not self.documents:
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


@dataclass(frozen=True)
class Meant:
    """Who pays or is paid, for which open documents, and how much."""

    party: Party
    items: list[OpenItem]
    amount: Money
    # How much of each document was named; none where they are filled one after the other.
    parts: dict[str, Money]


def _meant(
    session: Session, arguments: PaymentArguments, named: str | None, party: Party | None
) -> Meant:
    kind = _KINDS[type(arguments)]
    direction = invoicing.direction_of(kind)
    wanted = [each.document for each in arguments.documents]
    if named is not None:
        wanted.insert(0, named)
    documents = [_document(session, number, direction, party) for number in wanted]
    for each in documents:
        party = party or session.get_one(Party, each.party_id)
        if each.party_id != party.id:
            raise UnknownInvoice(number=each.number)
    assert party is not None, "the arguments name a document or a party"
    items = [
        item
        for item in invoicing.list_open_items(session, direction=direction, party_id=party.id)
        if item.kind is direction.invoice
    ]
    if documents:
        by_number = {item.number: item for item in items}
        for each in documents:
            if each.number not in by_number:
                raise NothingOpen(number=each.number)
        items = [by_number[each.number] for each in documents]
    parts = {
        document.number: Money.of(said.amount, document.currency)
        for document, said in zip(documents[len(wanted) - len(arguments.documents) :],
                                  arguments.documents, strict=True)
        if said.amount is not None
    }  # fmt: skip
    return Meant(party, items, _amount(session, arguments, party, items, parts), parts)


def _document(session: Session, number: str, direction: Direction, party: Party | None) -> Invoice:
    document = invoicing.find_invoice(session, number)
    if document.kind is not direction.invoice or (
        party is not None and document.party_id != party.id
    ):
        raise UnknownInvoice(number=number)
    return document


def _amount(
    session: Session,
    arguments: PaymentArguments,
    party: Party,
    items: Sequence[OpenItem],
    parts: dict[str, Money],
) -> Money:
    """Return what is paid: what was said, or all that is open of what is meant."""
    currencies = {item.open.currency for item in items}
    ours = company(session).currency
    currency = arguments.currency or (currencies.pop() if len(currencies) == 1 else ours)
    if arguments.amount is not None:
        return Money.of(arguments.amount, currency)
    if not items:
        raise NothingToSettle(party=party.name)
    day = arguments.paid_on or company(session).today
    asked = Money(0, currency)
    for item in items:
        part = parts.get(item.number, item.open)
        if arguments.take_discount and item.number not in parts:
            document = invoicing.find_invoice(session, item.number)
            part -= invoicing.discount_on(session, document, day)
        asked += invoicing.converted(session, part, currency, day)
    return asked


def _pay(
    session: Session, arguments: PaymentArguments, named: str | None, party: Party | None
) -> PaymentRecorded:
    meant, kind = _meant(session, arguments, named, party), _KINDS[type(arguments)]
    amount, ours = meant.amount, company(session).currency
    settle: list[tuple[Invoice | str, Money]] | None = None
    documents = None
    if arguments.advance:
        settle = []
    elif meant.parts:
        settle = [(item.number, meant.parts.get(item.number, item.open)) for item in meant.items]
    elif named is not None or arguments.documents:
        documents = [item.number for item in meant.items]
    payment = invoicing.post_payment(
        session,
        kind=kind,
        party=meant.party,
        amount=amount,
        paid_on=arguments.paid_on,
        settle=settle,
        documents=documents,
        reference=arguments.reference,
        account=_account(session, arguments.account) or BANK,
        worth=Money.of(arguments.worth, ours) if arguments.worth is not None else None,
        fee=Money.of(arguments.fee, amount.currency) if arguments.fee is not None else None,
        take_discount=arguments.take_discount,
        write_off_to=_account(session, arguments.write_off_to),
    )
    return PaymentRecorded(
        number=payment.number,
        kind=kind,
        party=meant.party.name,
        amount=amount.amount,
        left_open=Money(payment.open_minor, payment.currency).amount,
        currency=amount.currency,
        settled=invoicing.settled_by_payment(session, payment),
    )


def _account(session: Session, named: str | None) -> str | None:
    return ledger.account_named(session, named).code if named is not None else None


def _pinned(session: Session, arguments: PaymentArguments, meant: Meant) -> dict[str, Any]:
    """Write documents and accounts by their numbers, and amount and currency as they are now."""
    ours = company(session).currency
    pinned = [
        each.model_copy(update={"document": invoicing.find_invoice(session, each.document).number})
        for each in arguments.documents
    ]
    return {
        "amount": meant.amount.amount,
        "currency": meant.amount.currency if meant.amount.currency != ours else arguments.currency,
        "account": _account(session, arguments.account),
        "write_off_to": _account(session, arguments.write_off_to),
        "documents": tuple(pinned),
    }


def _customer(session: Session, arguments: RecordCustomerPayment) -> Party | None:
    named = arguments.customer
    return parties.find_customer(session, named).party if named else None


def _supplier(session: Session, arguments: PayBill) -> Party | None:
    named = arguments.supplier
    return parties.find_supplier(session, named).party if named else None


def pin_customer_payment(
    session: Session, arguments: RecordCustomerPayment
) -> RecordCustomerPayment:
    """Write the customer and the invoice by their numbers, and the amount that is open now."""
    meant = _meant(session, arguments, arguments.invoice, _customer(session, arguments))
    chosen = {
        **_pinned(session, arguments, meant),
        "customer": meant.party.number,
        "invoice": meant.items[0].number if arguments.invoice else None,
    }
    return arguments.model_copy(update=chosen)


def record_customer_payment(session: Session, arguments: RecordCustomerPayment) -> PaymentRecorded:
    """Record it."""
    return _pay(session, arguments, arguments.invoice, _customer(session, arguments))


def pin_bill(session: Session, arguments: PayBill) -> PayBill:
    """Write the supplier and the bill by their numbers, and the amount that is open now.

    Where one bill takes all of the amount, it is that one: so the duties of its order count.
    """
    meant = _meant(session, arguments, arguments.bill, _supplier(session, arguments))
    items, amount = meant.items, meant.amount
    first = items[0].open if items else None
    only = bool(arguments.bill) or (
        first is not None
        and not (arguments.documents or arguments.advance)
        and first.currency == amount.currency
        and amount.minor <= first.minor
    )
    chosen = {
        **_pinned(session, arguments, meant),
        "supplier": meant.party.number,
        "bill": items[0].number if only else None,
    }
    return arguments.model_copy(update=chosen)


def pay_bill(session: Session, arguments: PayBill) -> PaymentRecorded:
    """Pay it."""
    return _pay(session, arguments, arguments.bill, _supplier(session, arguments))


def undo_payment(_session: Session, _arguments: Arguments, answer: dict[str, Any]) -> Undoing:
    """Reverse the payment."""
    return Undoing((Call(REVERSE, ReversePayment(number=answer["number"], because="undo")),))


def cases_of_bills(
    session: Session, arguments: PayBill, answer: dict[str, Any] | None
) -> tuple[str, ...]:
    """Return the orders whose bills are paid: who ordered, received or booked does not pay.

    A bill without an order is its own case.
    """
    if answer is not None:
        numbers = list(answer["settled"])
    elif arguments.advance:
        return ()
    else:
        meant = _meant(session, arguments, arguments.bill, _supplier(session, arguments))
        numbers = [item.number for item in _reached(session, meant)]
    bills = [invoicing.find_invoice(session, number) for number in numbers]
    return tuple(dict.fromkeys(bill.origin or bill.number for bill in bills))


def _reached(session: Session, meant: Meant) -> list[OpenItem]:
    """Return the documents that an amount reaches, the first one in any case."""
    reached: list[OpenItem] = []
    left, day = meant.amount, company(session).today
    for item in meant.items:
        if reached and left.minor <= 0 and not meant.parts:
            break
        reached.append(item)
        left -= invoicing.converted(session, item.open, left.currency, day)
    return reached


class ReversePayment(Arguments):
    """Reverse a payment that was recorded by mistake or bounced; what it settled is open again."""

    number: Annotated[Text, Ref("payment")] = Field(
        description="Its number, such as RCT-00042 or PAY-00007."
    )
    because: Because = Field(description="Why it is reversed.")


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


class RefundCredit(Arguments):
    """Pay a credit back: what a credit note or an overpayment left open leaves the bank again."""

    number: Annotated[Text, Ref("payment")] = Field(
        description="The credit note or payment, such as CN-00003 or RCT-00042."
    )
    amount: Amount | None = Field(
        default=None, description="In its currency; leave empty for all that is left of it."
    )
    paid_on: Day | None = Field(default=None, description="Leave empty for today.")
    account: AccountRef | None = Field(
        default=None, description="The bank or cash account; leave empty for the bank."
    )


class CreditRefunded(Answer):
    """A credit that was paid back by an entry."""

    number: str
    credit: str
    amount: Decimal
    currency: str
    paid_on: date

    def sentence(self, language: Language = "en") -> str:
        """Say how much was paid back."""
        amount = Money.of(self.amount, self.currency)
        if language == "zh":
            return f"{self.credit} 的 {amount} 已退款，凭证 {self.number}。"
        return f"{amount} of {self.credit} is paid back by {self.number}."


def pin_refund(session: Session, arguments: RefundCredit) -> RefundCredit:
    """Write the credit and the account by their numbers, and what is left of it now."""
    source = invoicing.open_credit(session, arguments.number)
    left = Money(source.open_minor, source.currency).amount
    chosen = {
        "number": source.number,
        "amount": arguments.amount if arguments.amount is not None or not left else left,
        "account": _account(session, arguments.account),
    }
    return arguments.model_copy(update=chosen)


def refund_credit(session: Session, arguments: RefundCredit) -> CreditRefunded:
    """Pay it back."""
    source = invoicing.open_credit(session, arguments.number)
    given = arguments.amount
    amount = Money.of(given, source.currency) if given is not None else None
    before = source.open_minor
    entry = invoicing.refund(
        session,
        source.number,
        amount=amount,
        paid_on=arguments.paid_on,
        account=_account(session, arguments.account) or BANK,
    )
    paid = Money(before - source.open_minor, source.currency)
    return CreditRefunded(
        number=entry.number,
        credit=source.number,
        amount=paid.amount,
        currency=paid.currency,
        paid_on=entry.posted_on,
    )


def undo_refund(_session: Session, _arguments: RefundCredit, answer: dict[str, Any]) -> Undoing:
    """Part the credit and the entry again, and reverse the entry."""
    numbers = (answer["credit"], answer["number"])
    return Undoing(
        (
            Call(UNRECONCILE, Unreconcile(numbers=numbers, because="undo")),
            Call(REVERSE_ENTRY, ReverseEntry(number=answer["number"], because="undo")),
        )
    )


_KINDS: dict[type[PaymentArguments], PaymentKind] = {
    RecordCustomerPayment: PaymentKind.CUSTOMER_PAYMENT,
    PayBill: PaymentKind.SUPPLIER_PAYMENT,
}

TOOLS = [
    Tool(
        "invoicing.record_customer_payment",
        RecordCustomerPayment,
        record_customer_payment,
        writes=True,
        title="Record customer payment",
        title_zh="登记收款",
        roles=BOOKKEEPERS,
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
        roles=BOOKKEEPERS,
        pin=pin_bill,
        undo=undo_payment,
        duty=Duty(DutyName.PAY, cases_of_bills),
        sensitive=True,
    ),
    Tool(
        REVERSE,
        ReversePayment,
        reverse_payment,
        writes=True,
        title="Reverse payment",
        title_zh="撤销收付款",
        roles=BOOKKEEPERS,
        undo=undo_reversal,
        sensitive=True,
    ),
    Tool(
        "invoicing.refund_credit",
        RefundCredit,
        refund_credit,
        writes=True,
        title="Refund credit",
        title_zh="退还余额",
        roles=BOOKKEEPERS,
        pin=pin_refund,
        undo=undo_refund,
        sensitive=True,
    ),
]
