"""Tools of settling: what is open with what else is open, and what is given up of it."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import invoicing, ledger
from core.invoicing.errors import NoCreditLeft, NothingToSettle
from core.kernel.errors import Language
from core.kernel.money import Money
from core.parties import Party
from tools.base import (
    Amount,
    Answer,
    Arguments,
    Call,
    Column,
    Day,
    Grid,
    Ref,
    Text,
    Tool,
    Undoing,
)
from tools.references import AccountRef, InvoiceRef
from tools.trade import BOOKKEEPERS, Because

APPLY, UNAPPLY = "invoicing.apply_credit", "invoicing.unapply"
RECONCILE, UNRECONCILE = "invoicing.reconcile", "invoicing.unreconcile"
WRITE_OFF, UNDO_WRITE_OFF = "invoicing.write_off", "invoicing.undo_write_off"

CreditRef = Annotated[Text, Ref("payment")]
ItemRef = Annotated[Text, Ref("open_item")]

WRITE_OFF_ANEW = (
    "what was given up and taken back is written off anew",
    "已撤回的核销请重新登记",
)


class Part(Arguments):
    """A document, and how much of it is settled."""

    document: ItemRef
    amount: Amount | None = Field(
        default=None, description="In its own currency; leave empty for all that is open."
    )


class Settled(Answer):
    """What was settled with what, or parted again."""

    pairs: list[invoicing.Reconciled]
    parted: bool = False

    def sentence(self, language: Language = "en") -> str:
        """Say which pairs there are."""
        said = "; ".join(f"{each.source} – {each.document}: {each.amount}" for each in self.pairs)
        if language == "zh":
            return f"{'已撤回核销' if self.parted else '已核销'}：{said}。"
        return f"{'Open again' if self.parted else 'Settled'}: {said}."

    def grid(self) -> Grid:
        """Return one row for every pair."""
        currency = self.pairs[0].amount.currency if self.pairs else ""
        columns = (
            Column("credit", "贷项"),
            Column("document", "单据"),
            Column("amount", "金额", currency),
        )
        rows = tuple((each.source, each.document, each.amount.amount) for each in self.pairs)
        return Grid(columns, rows)


class ApplyCredit(Arguments):
    """Settle open documents of a party with its credit note, or with what it paid too much."""

    number: CreditRef = Field(
        description="The credit note or payment that is open, such as CN-00003 or RCT-00042."
    )
    document: InvoiceRef | None = Field(
        default=None, description="Leave empty to settle what is due first."
    )
    amount: Amount | None = Field(
        default=None, description="How much of the document; leave empty for all that is open."
    )


class CreditApplied(Answer):
    """How much of a credit was used."""

    number: str
    document: str | None
    amount: Decimal
    currency: str
    pairs: list[invoicing.Reconciled]

    def sentence(self, language: Language = "en") -> str:
        """Say how much was settled."""
        amount = Money.of(self.amount, self.currency)
        if language == "zh":
            return f"已用 {self.number} 核销 {amount}。"
        what = self.document or "open documents"
        return f"{self.number} settles {amount} of {what}."


def pin_apply(session: Session, arguments: ApplyCredit) -> ApplyCredit:
    """Write credit and document by our numbers of them."""
    said = arguments.document
    chosen = {
        "number": invoicing.open_credit(session, arguments.number).number,
        "document": invoicing.find_invoice(session, said).number if said else None,
    }
    return arguments.model_copy(update=chosen)


def apply_credit(session: Session, arguments: ApplyCredit) -> CreditApplied:
    """Settle what is due first, or the document that is named."""
    source = invoicing.open_credit(session, arguments.number)
    before, amounts = source.open_minor, {}
    if before == 0:
        raise NoCreditLeft(number=source.number)
    if arguments.document is None:
        documents = _open_documents(session, source)
    else:
        document = invoicing.find_invoice(session, arguments.document)
        documents = [document.number]
        if arguments.amount is not None:
            amounts[document.number] = Money.of(arguments.amount, document.currency)
    pairs = invoicing.reconcile(session, [source.number, *documents], amounts=amounts)
    used = Money(before - source.open_minor, source.currency)
    return CreditApplied(
        number=source.number,
        document=arguments.document,
        amount=used.amount,
        currency=used.currency,
        pairs=pairs,
    )


def _open_documents(session: Session, source: invoicing.Invoice | invoicing.Payment) -> list[str]:
    direction = invoicing.direction_of(source.kind)
    party = session.get_one(Party, source.party_id)
    items = invoicing.list_open_items(session, direction=direction, party_id=party.id)
    documents = [item.number for item in items if item.kind is direction.invoice]
    if not documents:
        raise NothingToSettle(party=party.name)
    return documents


def undo_apply(_session: Session, _arguments: ApplyCredit, answer: dict[str, Any]) -> Undoing:
    """Part what the credit has settled now."""
    return Undoing(_partings(answer))


class Unapply(Arguments):
    """Take back what a payment or credit note settles; both sides are open again."""

    number: CreditRef = Field(description="The payment or credit note, such as RCT-00042.")
    document: InvoiceRef | None = Field(
        default=None, description="Leave empty for all that it settles."
    )
    because: Because = Field(description="Why it is taken back.")


def unapply(session: Session, arguments: Unapply) -> Settled:
    """Take it back, with the discounts and write-offs that came with it."""
    numbers = [arguments.number, *([arguments.document] if arguments.document else [])]
    numbers = [invoicing.open_credit(session, numbers[0]).number, *numbers[1:]]
    pairs = invoicing.unreconcile(session, numbers, because=arguments.because)
    return Settled(pairs=pairs, parted=True)


def undo_parting(_session: Session, _arguments: Arguments, answer: dict[str, Any]) -> Undoing:
    """Settle the same pairs by the same amounts again."""
    calls = []
    for pair in answer["pairs"]:
        amount = Money(pair["amount"]["minor"], pair["amount"]["currency"]).amount
        part = Part(document=pair["document"], amount=amount)
        calls.append(Call(RECONCILE, Reconcile(numbers=(pair["source"],), parts=(part,))))
    return Undoing(tuple(calls))


class Reconcile(Arguments):
    """Settle invoices, credit notes, payments and entries of one party with each other."""

    numbers: tuple[ItemRef, ...] = Field(
        min_length=1,
        max_length=100,
        description="Such as INV-00007, RCT-00042, JE-00003; the oldest is settled first.",
    )
    parts: tuple[Part, ...] = Field(
        default=(), max_length=100, description="Documents of which only an amount is settled."
    )


def reconcile(session: Session, arguments: Reconcile) -> Settled:
    """Settle them."""
    amounts = {}
    for each in arguments.parts:
        if each.amount is not None:
            currency = invoicing.currency_of(session, each.document)
            amounts[each.document] = Money.of(each.amount, currency)
    numbers = dict.fromkeys([*arguments.numbers, *(each.document for each in arguments.parts)])
    return Settled(pairs=invoicing.reconcile(session, list(numbers), amounts=amounts))


def undo_reconcile(_session: Session, _arguments: Reconcile, answer: dict[str, Any]) -> Undoing:
    """Part the pairs again."""
    return Undoing(_partings(answer))


def _partings(answer: dict[str, Any]) -> tuple[Call, ...]:
    return tuple(
        Call(UNRECONCILE, Unreconcile(numbers=(pair["source"], pair["document"]), because="undo"))
        for pair in answer["pairs"]
    )


class Unreconcile(Arguments):
    """Take back what documents, payments and entries settle of one another."""

    numbers: tuple[ItemRef, ...] = Field(
        min_length=1, max_length=100, description="Such as INV-00007 and RCT-00042."
    )
    because: Because = Field(description="Why it is taken back.")


def unreconcile(session: Session, arguments: Unreconcile) -> Settled:
    """Part them again."""
    pairs = invoicing.unreconcile(session, arguments.numbers, because=arguments.because)
    return Settled(pairs=pairs, parted=True)


class WriteOff(Arguments):
    """Give up what is open of an invoice or bill, or an amount of it, to an account."""

    number: InvoiceRef = Field(description="The invoice or bill, such as INV-00042.")
    amount: Amount | None = Field(
        default=None, description="In its currency; leave empty for all that is open."
    )
    account: AccountRef | None = Field(
        default=None, description="Leave empty for bad debts, or for other income of a bill."
    )
    posted_on: Day | None = Field(default=None, description="Leave empty for today.")
    because: Because = Field(description="Why nobody will pay it.")


class WrittenOff(Answer):
    """What nobody will pay any more, or somebody will after all."""

    number: str
    document: str
    amount: Decimal
    currency: str
    undone: bool = False

    def sentence(self, language: Language = "en") -> str:
        """Say how much was given up, or taken back."""
        amount = Money.of(self.amount, self.currency)
        if language == "zh":
            if self.undone:
                return f"{self.number} 已撤回，{self.document} 恢复 {amount} 未结。"
            return f"{self.document} 的 {amount} 已核销，单号 {self.number}。"
        if self.undone:
            return f"{self.number} is taken back; {amount} of {self.document} is open again."
        return f"{amount} of {self.document} is written off by {self.number}."


def pin_write_off(session: Session, arguments: WriteOff) -> WriteOff:
    """Write document and account by their numbers, and what is open of it now."""
    document = invoicing.find_invoice(session, arguments.number)
    left = Money(document.open_minor, document.currency).amount
    chosen: dict[str, Any] = {"number": document.number}
    if arguments.amount is None and left:
        chosen["amount"] = left
    if arguments.account is not None:
        chosen["account"] = ledger.account_named(session, arguments.account).code
    return arguments.model_copy(update=chosen)


def write_off(session: Session, arguments: WriteOff) -> WrittenOff:
    """Write it off."""
    document, given = invoicing.find_invoice(session, arguments.number), arguments.amount
    account = arguments.account
    deduction = invoicing.write_off(
        session,
        document.number,
        because=arguments.because,
        amount=Money.of(given, document.currency) if given is not None else None,
        account=ledger.account_named(session, account).code if account is not None else None,
        posted_on=arguments.posted_on,
    )
    return _written_off(document, deduction)


def _written_off(
    document: invoicing.Invoice, deduction: invoicing.Deduction, *, undone: bool = False
) -> WrittenOff:
    amount = Money(deduction.amount_minor, deduction.currency)
    return WrittenOff(
        number=deduction.number,
        document=document.number,
        amount=amount.amount,
        currency=amount.currency,
        undone=undone,
    )


def undo_write_off_call(_session: Session, _arguments: WriteOff, answer: dict[str, Any]) -> Undoing:
    """Take the write-off back."""
    return Undoing((Call(UNDO_WRITE_OFF, UndoWriteOff(number=answer["number"], because="undo")),))


class UndoWriteOff(Arguments):
    """Take back a write-off: the document is open again by what it gave up."""

    number: Annotated[Text, Ref("deduction")] = Field(description="Its number, such as DED-00042.")
    because: Because = Field(description="Why it is taken back.")


def undo_write_off(session: Session, arguments: UndoWriteOff) -> WrittenOff:
    """Take it back."""
    deduction = invoicing.undo_deduction(session, arguments.number, because=arguments.because)
    document = session.get_one(invoicing.Invoice, deduction.invoice_id)
    return _written_off(document, deduction, undone=True)


def stays_undone(_session: Session, _arguments: UndoWriteOff, _answer: object) -> Undoing:
    """Say that it is written off anew."""
    return Undoing(impossible=WRITE_OFF_ANEW)


TOOLS = [
    Tool(
        APPLY,
        ApplyCredit,
        apply_credit,
        writes=True,
        title="Apply credit",
        title_zh="余额核销",
        roles=BOOKKEEPERS,
        pin=pin_apply,
        undo=undo_apply,
    ),
    Tool(
        UNAPPLY,
        Unapply,
        unapply,
        writes=True,
        title="Take back settlement",
        title_zh="撤回核销",
        roles=BOOKKEEPERS,
        undo=undo_parting,
    ),
    Tool(
        RECONCILE,
        Reconcile,
        reconcile,
        writes=True,
        title="Reconcile",
        title_zh="核销",
        roles=BOOKKEEPERS,
        undo=undo_reconcile,
    ),
    Tool(
        UNRECONCILE,
        Unreconcile,
        unreconcile,
        writes=True,
        title="Unreconcile",
        title_zh="取消核销",
        roles=BOOKKEEPERS,
        undo=undo_parting,
    ),
    Tool(
        WRITE_OFF,
        WriteOff,
        write_off,
        writes=True,
        title="Write off",
        title_zh="坏账核销",
        roles=BOOKKEEPERS,
        pin=pin_write_off,
        undo=undo_write_off_call,
        sensitive=True,
    ),
    Tool(
        UNDO_WRITE_OFF,
        UndoWriteOff,
        undo_write_off,
        writes=True,
        title="Take back write-off",
        title_zh="撤回坏账核销",
        roles=BOOKKEEPERS,
        undo=stays_undone,
    ),
]
