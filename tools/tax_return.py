"""Tools of the tax return: the report, its settlement, and papers that go with documents."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import Field
from sqlalchemy.orm import Session

from core import invoicing, parties
from core.invoicing import FapiaoKind
from core.kernel.company import company
from core.kernel.errors import Language
from core.kernel.money import Money
from core.kernel.months import month_end
from core.kernel.semantics import BOOKS
from core.ledger import tax
from tools.base import (
    CANNOT_UNDO,
    Answer,
    Arguments,
    Call,
    Column,
    CustomerRef,
    Day,
    Grid,
    Ref,
    Text,
    Tool,
    Undoing,
    Words,
)
from tools.references import TaxRef
from tools.tax import code_of
from tools.trade import BOOKKEEPERS

TAKE_BACK, REMOVE_FAPIAO = "tax.take_back", "tax.remove_fapiao"

DocumentRef = Annotated[Text, Ref("customer_invoice")]
Reason = Annotated[Words, Field(min_length=1)]


class ShowTaxReport(Arguments):
    """Show the tax report of a stretch of days by boxes, or the documents of one box."""

    since: Day | None = Field(default=None, description="Leave empty for the last month.")
    until: Day | None = Field(default=None, description="Leave empty for the end of that month.")
    box: Text | None = Field(default=None, description="Show the documents of this box.")


class TaxReportShown(Answer):
    """The boxes of a return, or what one of them is made of, and the accounts of tax."""

    since: date
    until: date
    output: Decimal
    input: Decimal
    payable: Decimal
    currency: str
    rows: list[tuple[str, str, str, Decimal]]
    documents: list[tuple[str, date, str, str, Decimal, Decimal]] | None
    otherwise: Decimal

    def sentence(self, language: Language = "en") -> str:
        """Say what is payable, and what else moved on the accounts of tax."""
        output, given, payable = (
            Money.of(each, self.currency) for each in (self.output, self.input, self.payable)
        )
        other = Money.of(self.otherwise, self.currency)
        if language == "zh":
            said = (
                f"{self.since} 至 {self.until}：销项税 {output}，进项税 {given}，应纳 {payable}。"
            )
            return f"{said}税务科目另有 {other} 由其他凭证变动。" if other.minor else said
        said = f"{self.since} to {self.until}: output {output}, input {given}, payable {payable}."
        if not other.minor:
            return said
        return f"{said} Other entries moved {other} on the accounts of tax."

    def grid(self) -> Grid:
        """Return the boxes, or the documents of one."""
        if self.documents is not None:
            made_of = (
                Column("document", "单据"),
                Column("date", "日期", "date"),
                Column("code", "税码"),
                Column("tax", "税种"),
                Column("taxable", "计税额", self.currency),
                Column("tax amount", "税额", self.currency),
            )
            return Grid(made_of, tuple(self.documents))
        columns = (
            Column("box", "栏次"),
            Column("name", "名称"),
            Column("Chinese name", "中文名称"),
            Column("amount", "金额", self.currency),
        )
        return Grid(columns, tuple(self.rows))


def show_tax_report(session: Session, arguments: ShowTaxReport) -> TaxReportShown:
    """Read it from the tax lines of what is posted."""
    since, until = _stretch(session, arguments.since, arguments.until)
    report = tax.tax_report(session, since=since, until=until)
    documents = None
    if arguments.box is not None:
        documents = [
            (
                each.document,
                each.posted_on,
                each.code,
                each.component,
                each.taxable.amount,
                each.tax.amount,
            )
            for each in tax.taxed_documents(session, since=since, until=until, box=arguments.box)
        ]
    return TaxReportShown(
        since=since,
        until=until,
        output=report.output.amount,
        input=report.input.amount,
        payable=report.payable.amount,
        currency=report.payable.currency,
        rows=[(row.box, row.name, row.name_zh, row.amount.amount) for row in report.boxes],
        documents=documents,
        otherwise=sum((tie.otherwise.amount for tie in report.accounts), Decimal(0)),
    )


class SettleTax(Arguments):
    """Settle tax: move what output and input tax carry on a day to what is due."""

    until: Day | None = Field(default=None, description="Leave empty for the end of last month.")


class TaxSettled(Answer):
    """What is due to the tax office now."""

    number: str
    until: date
    payable: Decimal
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say what is due, or may be claimed."""
        amount = Money.of(abs(self.payable), self.currency)
        if language == "zh":
            said = "应缴" if self.payable >= 0 else "留抵"
            return f"{self.number} 已将截至 {self.until} 的税额结转，{said} {amount}。"
        said = "due" if self.payable >= 0 else "to be claimed"
        return f"{self.number} settles tax up to {self.until}: {amount} {said}."


def pin_settlement(session: Session, arguments: SettleTax) -> SettleTax:
    """Name the day."""
    return arguments.model_copy(
        update={"until": arguments.until or _stretch(session, None, None)[1]}
    )


def settle_tax(session: Session, arguments: SettleTax) -> TaxSettled:
    """Settle it."""
    until = arguments.until or _stretch(session, None, None)[1]
    settled = tax.settle_tax(session, until=until)
    currency = company(session).currency
    return TaxSettled(
        number=settled.number,
        until=until,
        payable=Money(settled.amount_minor, currency).amount,
        currency=currency,
    )


def undo_settlement(_session: Session, _arguments: SettleTax, answer: dict[str, str]) -> Undoing:
    """Take the settlement back."""
    back = TakeBackSettlement(number=answer["number"], because="undo")
    return Undoing((Call(TAKE_BACK, back),))


class TakeBackSettlement(Arguments):
    """Take back a settlement of tax, so that it can be made anew."""

    number: Text = Field(description="The number of the settlement, such as TAX-00004.")
    because: Reason


class SettlementTakenBack(Answer):
    """A settlement that does not stand any more."""

    number: str

    def sentence(self, language: Language = "en") -> str:
        """Say so."""
        return f"{self.number} 已撤回。" if language == "zh" else f"{self.number} is taken back."


def take_back(session: Session, arguments: TakeBackSettlement) -> SettlementTakenBack:
    """Take it back."""
    found = tax.take_back_settlement(session, arguments.number, because=arguments.because)
    return SettlementTakenBack(number=found.number)


class NoteFapiao(Arguments):
    """Note the fapiao, the official Chinese invoice, of an invoice or a supplier's bill."""

    document: DocumentRef
    fapiao: Text = Field(description="Its number: 8 digits with a code, or 20 alone.")
    fapiao_code: Text | None = Field(default=None, description="10 or 12 digits, if it has one.")
    fapiao_kind: FapiaoKind = FapiaoKind.ORDINARY
    issued_on: Day | None = Field(default=None, description="Leave empty for today.")


class FapiaoSaved(Answer):
    """The fapiao of a document."""

    document: str
    fapiao: str
    kind: FapiaoKind | None = None

    def sentence(self, language: Language = "en") -> str:
        """Say which one."""
        if self.kind is None:
            if language == "zh":
                return f"{self.document} 的发票已移除。"
            return f"The fapiao of {self.document} is removed."
        if language == "zh":
            kind = "专用" if self.kind is FapiaoKind.SPECIAL else "普通"
            return f"{self.document} 的增值税{kind}发票为 {self.fapiao}。"
        return f"The {self.kind} fapiao of {self.document} is {self.fapiao}."


def pin_fapiao(session: Session, arguments: NoteFapiao) -> NoteFapiao:
    """Write the document by our number of it, and the day."""
    return arguments.model_copy(
        update={
            "document": invoicing.find_invoice(session, arguments.document).number,
            "issued_on": arguments.issued_on or company(session).today,
        }
    )


def note_fapiao(session: Session, arguments: NoteFapiao) -> FapiaoSaved:
    """Note it."""
    document = invoicing.find_invoice(session, arguments.document)
    noted = invoicing.note_fapiao(
        session,
        document.number,
        kind=arguments.fapiao_kind,
        number=arguments.fapiao,
        code=arguments.fapiao_code or "",
        issued_on=arguments.issued_on,
    )
    said = f"{noted.code} {noted.number}".strip()
    return FapiaoSaved(document=document.number, fapiao=said, kind=noted.kind)


def undo_fapiao(_session: Session, _arguments: NoteFapiao, answer: dict[str, str]) -> Undoing:
    """Take it off the document."""
    removal = RemoveFapiao(document=answer["document"], because="undo")
    return Undoing((Call(REMOVE_FAPIAO, removal),))


class RemoveFapiao(Arguments):
    """Take the fapiao off an invoice or a bill."""

    document: DocumentRef
    because: Reason


def remove_fapiao(session: Session, arguments: RemoveFapiao) -> FapiaoSaved:
    """Take it off."""
    document = invoicing.find_invoice(session, arguments.document)
    invoicing.remove_fapiao(session, document.number, because=arguments.because)
    return FapiaoSaved(document=document.number, fapiao="")


class NoteCertificate(Arguments):
    """Note the exemption certificate by which a customer is charged by a tax code."""

    customer: CustomerRef
    tax: TaxRef
    reference: Text = Field(description="What the certificate is called or numbered.")
    since: Day | None = Field(default=None, description="Leave empty for today.")
    until: Day | None = Field(default=None, description="Leave empty for without an end.")


class CertificateSaved(Answer):
    """A certificate that a customer has."""

    customer: str
    tax: str
    reference: str

    def sentence(self, language: Language = "en") -> str:
        """Say whose, and for what."""
        if language == "zh":
            return f"{self.customer} 的证明 {self.reference} 已登记，可使用税码 {self.tax}。"
        return f"The certificate {self.reference} of {self.customer} is noted for {self.tax}."


def pin_certificate(session: Session, arguments: NoteCertificate) -> NoteCertificate:
    """Write the customer by number, the code as it is, and the day."""
    return arguments.model_copy(
        update={
            "customer": parties.find_customer(session, arguments.customer).party.number,
            "tax": code_of(session, arguments.tax),
            "since": arguments.since or company(session).today,
        }
    )


def note_certificate(session: Session, arguments: NoteCertificate) -> CertificateSaved:
    """Note it."""
    party = parties.find_customer(session, arguments.customer).party
    code = code_of(session, arguments.tax)
    tax.note_certificate(
        session,
        party,
        code,
        reference=arguments.reference,
        valid_from=arguments.since or company(session).today,
        valid_until=arguments.until,
    )
    return CertificateSaved(customer=party.name, tax=code, reference=arguments.reference)


def _stretch(session: Session, since: date | None, until: date | None) -> tuple[date, date]:
    """Return the days asked for; without any, the month before this one."""
    first = since or (until or company(session).today.replace(day=1) - timedelta(1)).replace(day=1)
    return first, until or month_end(first)


TOOLS = [
    Tool(
        "tax.report",
        ShowTaxReport,
        show_tax_report,
        writes=False,
        title="Tax report",
        title_zh="税务报表",
        roles=BOOKS,
    ),
    Tool(
        "tax.settle",
        SettleTax,
        settle_tax,
        writes=True,
        title="Settle tax",
        title_zh="结转税额",
        roles=BOOKKEEPERS,
        pin=pin_settlement,
        undo=undo_settlement,
    ),
    Tool(
        TAKE_BACK,
        TakeBackSettlement,
        take_back,
        writes=True,
        title="Take back a settlement of tax",
        title_zh="撤回税额结转",
        roles=BOOKKEEPERS,
        undo=lambda *_: CANNOT_UNDO,
    ),
    Tool(
        "tax.note_fapiao",
        NoteFapiao,
        note_fapiao,
        writes=True,
        title="Note fapiao",
        title_zh="登记发票号码",
        roles=BOOKKEEPERS,
        pin=pin_fapiao,
        undo=undo_fapiao,
    ),
    Tool(
        REMOVE_FAPIAO,
        RemoveFapiao,
        remove_fapiao,
        writes=True,
        title="Remove fapiao",
        title_zh="移除发票号码",
        roles=BOOKKEEPERS,
        undo=lambda *_: CANNOT_UNDO,
    ),
    Tool(
        "tax.note_certificate",
        NoteCertificate,
        note_certificate,
        writes=True,
        title="Note tax certificate",
        title_zh="登记免税证明",
        roles=BOOKKEEPERS,
        pin=pin_certificate,
        undo=lambda *_: CANNOT_UNDO,
    ),
]
