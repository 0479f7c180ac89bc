"""Tools of documents: invoices and bills without an order, and credits of a part of any."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import Field, field_validator, model_validator
from sqlalchemy.orm import Session

from core import catalog, invoicing, ledger, parties
from core.approvals import DutyName
from core.invoicing import DocumentLine, HeaderDiscount, InvoiceKind
from core.kernel.company import company
from core.kernel.errors import Language
from core.kernel.money import Money
from core.kernel.words import word
from core.ledger import tax
from core.ledger.assets import Asset
from core.parties import Party
from core.processes import asset_purchases, credit
from tools.assets import TAKE_BACK, ClassRef, TakeBack
from tools.base import (
    Amount,
    Answer,
    Arguments,
    Call,
    Count,
    Currency,
    CustomerRef,
    Day,
    Duty,
    ItemRef,
    Percent,
    Price,
    SupplierRef,
    Text,
    Tool,
    Undoing,
    Words,
)
from tools.invoicing import CREDIT, CREDIT_STAYS, CreditInvoice
from tools.references import AccountRef, InvoiceRef, TaxRef, TermsRef
from tools.tax import code_of
from tools.trade import BOOKKEEPERS, Because


class ChargedLine(Arguments):
    """What one line charges: an item, or something in words."""

    description: Words | None = Field(default=None, description="What it is for.")
    item: ItemRef | None = None
    quantity: Count = Decimal(1)
    unit_price: Price | None = Field(default=None, description="Leave empty for the item's price.")
    account: AccountRef | None = Field(
        default=None, description="Leave empty for services, or for operating expense of a bill."
    )
    tax_code: tuple[TaxRef, ...] = Field(
        default=(), max_length=5, description="One code or several; leave empty for the item's."
    )
    discount_percent: Percent = Decimal(0)
    over_from: Day | None = Field(
        default=None, description="First day of the time in which it is earned or used up."
    )
    over_until: Day | None = Field(default=None, description="Last day of that time.")
    dimensions: dict[str, str] = Field(
        default_factory=dict, description='Such as {"cost_centre": "SALES"}.'
    )

    @field_validator("tax_code", mode="before")
    @classmethod
    def _each_code(cls, said: object) -> object:
        """Take one code, or several as they are stored: "A+B"."""
        if said is None:
            return ()
        return tuple(said.split(tax.AND)) if isinstance(said, str) else said

    @model_validator(mode="after")
    def _something(self) -> "ChargedLine":
        if self.item is None and not self.description:
            problem = "say what it is for, or which item"
            raise ValueError(problem)
        if (self.over_from is None) is not (self.over_until is None):
            problem = "say both the first and the last day"
            raise ValueError(problem)
        return self


class DocumentArguments(ChargedLine):
    """What every document says; its first line is said with it."""

    posted_on: Day | None = Field(default=None, description="Leave empty for today.")
    due_on: Day | None = Field(default=None, description="Leave empty for what was agreed.")
    terms: TermsRef | None = Field(default=None, description="Leave empty for what was agreed.")
    currency: Currency | None = Field(default=None, description="Leave empty for ours.")
    document_discount: Amount | None = Field(
        default=None, description="Taken off the whole document before tax, not off a line."
    )
    document_discount_percent: Percent | None = Field(
        default=None, description="The same in percent."
    )
    more: tuple[ChargedLine, ...] = Field(
        default=(), max_length=200, description="Further lines of the same document."
    )

    @model_validator(mode="after")
    def _one_discount(self) -> "DocumentArguments":
        if self.document_discount is not None and self.document_discount_percent is not None:
            problem = "say the discount of the document as an amount or in percent, not both"
            raise ValueError(problem)
        return self


class PostInvoice(DocumentArguments):
    """Invoice a customer without an order: services, or anything in words."""

    customer: CustomerRef
    reference: Text | None = Field(default=None, description="The customer's number for it.")


class OfAsset(Arguments):
    """The fixed asset that a line of a bill charges, if it charges one."""

    asset_class: ClassRef | None = Field(
        default=None, description="For a fixed asset: its class, such as IT or MACHINERY."
    )
    asset_name: Text | None = Field(
        default=None, description="What the asset is called; the description if empty."
    )


class BilledLine(ChargedLine, OfAsset):
    """What one line of a bill charges."""

    @model_validator(mode="after")
    def _asset_or_time(self) -> "BilledLine":
        _refuse_mixed(self, self.over_from)
        return self


class PostBill(DocumentArguments, OfAsset):
    """Book a supplier's bill without an order: rent, services, expenses, fixed assets."""

    supplier: SupplierRef
    reference: Text | None = Field(default=None, description="The supplier's number of the bill.")
    more: tuple[BilledLine, ...] = Field(
        default=(), max_length=200, description="Further lines of the same bill."
    )

    @model_validator(mode="after")
    def _asset_or_time(self) -> "PostBill":
        _refuse_mixed(self, self.over_from)
        return self


def _refuse_mixed(asset: OfAsset, over_from: date | None) -> None:
    if asset.asset_name is not None and asset.asset_class is None:
        problem = "say the class of the fixed asset"
        raise ValueError(problem)
    if asset.asset_class is not None and over_from is not None:
        problem = "a fixed asset is used up by its depreciation: leave out the days"
        raise ValueError(problem)


class DocumentPosted(Answer):
    """A document that is posted now."""

    number: str
    kind: InvoiceKind
    party: str
    total: Money
    due_on: date
    assets: tuple[str, ...] = ()

    def sentence(self, language: Language = "en") -> str:
        """Say what was posted."""
        kind = word(self.kind, language)
        if language == "zh":
            said = (
                f"{kind} {self.number}（{self.party}）已过账，{self.total}，到期日 {self.due_on}。"
            )
            return f"{said}已登记固定资产 {'、'.join(self.assets)}。" if self.assets else said
        said = (
            f"{kind.capitalize()} {self.number} for {self.party} is posted: {self.total},"
            f" due {self.due_on}."
        )
        return f"{said} In the register: {', '.join(self.assets)}." if self.assets else said


def _posted(
    session: Session, document: invoicing.Invoice, entered: Iterable[Asset] = ()
) -> DocumentPosted:
    return DocumentPosted(
        number=document.number,
        kind=document.kind,
        party=session.get_one(Party, document.party_id).name,
        total=Money(document.total_minor, document.currency),
        due_on=document.due_on,
        assets=tuple(asset.number for asset in entered),
    )


def _line(session: Session, said: ChargedLine) -> DocumentLine:
    return DocumentLine(
        description=said.description or "",
        quantity=said.quantity,
        unit_price=said.unit_price,
        item=catalog.find_item(session, said.item) if said.item else None,
        account=ledger.account_named(session, said.account).code if said.account else None,
        tax_code=tax.joined(said.tax_code),
        discount_percent=said.discount_percent,
        dimensions=_dimensions(session, said.dimensions),
        over=(said.over_from, said.over_until) if said.over_from and said.over_until else None,
    )


def _dimensions(session: Session, said: Mapping[str, str]) -> ledger.Dimensions:
    return tuple(
        (ledger.find_dimension(session, name).code, ledger.member_named(session, name, text).code)
        for name, text in sorted(said.items())
    )


def _pinned_line(session: Session, said: ChargedLine) -> dict[str, Any]:
    return {
        "item": catalog.find_item(session, said.item).sku if said.item else None,
        "account": ledger.account_named(session, said.account).code if said.account else None,
        "tax_code": tuple(code_of(session, text) for text in said.tax_code),
        "dimensions": dict(_dimensions(session, said.dimensions)),
    }


def _pinned(session: Session, arguments: DocumentArguments) -> dict[str, Any]:
    """Write items, accounts, terms and dimensions by their codes."""
    more = tuple(line.model_copy(update=_pinned_line(session, line)) for line in arguments.more)
    terms = invoicing.find_terms(session, arguments.terms).code if arguments.terms else None
    return {**_pinned_line(session, arguments), "more": more, "terms": terms}


def _discount(session: Session, arguments: DocumentArguments) -> HeaderDiscount | None:
    if arguments.document_discount is not None:
        currency = arguments.currency or company(session).currency
        return HeaderDiscount(amount=Money.of(arguments.document_discount, currency))
    if arguments.document_discount_percent is not None:
        return HeaderDiscount(percent=arguments.document_discount_percent)
    return None


def pin_invoice(session: Session, arguments: PostInvoice) -> PostInvoice:
    """Write everything by its number or code."""
    number = parties.find_customer(session, arguments.customer).party.number
    return arguments.model_copy(update={**_pinned(session, arguments), "customer": number})


def post_invoice(session: Session, arguments: PostInvoice) -> DocumentPosted:
    """Post it."""
    party = parties.find_customer(session, arguments.customer).party
    document = invoicing.post_document(
        session,
        kind=InvoiceKind.CUSTOMER_INVOICE,
        party=party,
        lines=[_line(session, line) for line in (arguments, *arguments.more)],
        posted_on=arguments.posted_on,
        due_on=arguments.due_on,
        reference=arguments.reference,
        currency=arguments.currency,
        term_code=arguments.terms,
        header_discount=_discount(session, arguments),
    )
    return _posted(session, document)


def pin_bill(session: Session, arguments: PostBill) -> PostBill:
    """Write everything by its number or code."""
    number = parties.find_supplier(session, arguments.supplier).party.number
    return arguments.model_copy(update={**_pinned(session, arguments), "supplier": number})


def post_bill(session: Session, arguments: PostBill) -> DocumentPosted:
    """Book it, and enter its fixed assets."""
    said: tuple[PostBill | BilledLine, ...] = (arguments, *arguments.more)
    bill, entered = asset_purchases.post_bill(
        session,
        supplier=parties.find_supplier(session, arguments.supplier).party,
        lines=[
            asset_purchases.BilledLine(
                _line(session, line), line.asset_class, line.asset_name or ""
            )
            for line in said
        ],
        posted_on=arguments.posted_on,
        due_on=arguments.due_on,
        reference=arguments.reference,
        currency=arguments.currency,
        term_code=arguments.terms,
        header_discount=_discount(session, arguments),
    )
    return _posted(session, bill, entered)


def undo_document(_session: Session, _arguments: Arguments, answer: dict[str, Any]) -> Undoing:
    """Take its fixed assets out of the register, and credit the document."""
    # The last one first, as it was entered.
    calls = [
        Call(TAKE_BACK, TakeBack(asset=number, because="undo"))
        for number in reversed(answer.get("assets", ()))
    ]
    calls.append(Call(CREDIT, CreditInvoice(number=answer["number"], because="undo")))
    return Undoing(tuple(calls))


def case_of_new_bill(
    _session: Session, _arguments: PostBill, answer: dict[str, Any] | None
) -> str | None:
    """Return the bill, that is its own case: who books it does not pay it."""
    return None if answer is None else str(answer["number"])


class CreditedLine(Arguments):
    """How much of a line is taken back."""

    position: int = Field(ge=1, description="The place of the line on the document.")
    quantity: Count


class CreditPart(Arguments):
    """Take back a part of an invoice or bill: an amount of it, or a quantity of its lines."""

    number: InvoiceRef = Field(description="Its number, such as INV-00042.")
    amount: Amount | None = Field(default=None, description="Without tax, in its currency.")
    lines: tuple[CreditedLine, ...] = Field(
        default=(), max_length=200, description="Instead of an amount: lines and quantities."
    )
    because: Because = Field(description="Why it is taken back.")
    posted_on: Day | None = Field(default=None, description="Leave empty for today.")
    reference: Text | None = Field(default=None, description="The supplier's number of the note.")

    @model_validator(mode="after")
    def _one_of_both(self) -> "CreditPart":
        if (self.amount is None) is not bool(self.lines):
            problem = "say an amount, or lines with quantities"
            raise ValueError(problem)
        return self


class PartCredited(Answer):
    """A credit note for a part of a document."""

    number: str
    credits: str
    total: Money
    left_open: Money

    def sentence(self, language: Language = "en") -> str:
        """Say what was taken back."""
        if language == "zh":
            said = f"{self.credits} 已由 {self.number} 部分冲销，金额 {self.total}"
            return (
                f"{said}，剩余可用余额 {self.left_open}。" if self.left_open.minor else f"{said}。"
            )
        said = f"{self.total} of {self.credits} is taken back by {self.number}"
        return (
            f"{said}; {self.left_open} stays as a credit." if self.left_open.minor else f"{said}."
        )


def pin_part(session: Session, arguments: CreditPart) -> CreditPart:
    """Write the document by our number of it."""
    number = invoicing.find_invoice(session, arguments.number).number
    return arguments.model_copy(update={"number": number})


def credit_part(session: Session, arguments: CreditPart) -> PartCredited:
    """Write the credit note."""
    document, given = invoicing.find_invoice(session, arguments.number), arguments.amount
    note = credit.credit_part(
        session,
        document.number,
        because=arguments.because,
        quantities={line.position: line.quantity for line in arguments.lines} or None,
        amount=Money.of(given, document.currency) if given is not None else None,
        posted_on=arguments.posted_on,
        reference=arguments.reference,
    )
    return PartCredited(
        number=note.number,
        credits=document.number,
        total=Money(note.total_minor, note.currency),
        left_open=Money(note.open_minor, note.currency),
    )


def credit_stays(_session: Session, _arguments: Arguments, _answer: object) -> Undoing:
    """Say that a credit note stays."""
    return Undoing(impossible=CREDIT_STAYS)


TOOLS = [
    Tool(
        "invoicing.post_invoice",
        PostInvoice,
        post_invoice,
        writes=True,
        title="Post invoice",
        title_zh="开具发票",
        roles=BOOKKEEPERS,
        pin=pin_invoice,
        undo=undo_document,
    ),
    Tool(
        "invoicing.post_bill",
        PostBill,
        post_bill,
        writes=True,
        title="Post bill",
        title_zh="登记账单",
        roles=BOOKKEEPERS,
        pin=pin_bill,
        undo=undo_document,
        duty=Duty(DutyName.BILL, case_of_new_bill),
    ),
    Tool(
        "invoicing.credit_part",
        CreditPart,
        credit_part,
        writes=True,
        title="Credit a part",
        title_zh="部分冲销",
        roles=BOOKKEEPERS,
        pin=pin_part,
        undo=credit_stays,
    ),
]
