"""Tools of payment terms: when a document is due, in which parts, and with which discount."""

from typing import Annotated, Any

from pydantic import Field, model_validator
from sqlalchemy.orm import Session

from core import invoicing, parties
from core.invoicing import Direction, InstalmentView, TermDraft
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
    Percent,
    Ref,
    Text,
    Tool,
    Undoing,
)
from tools.invoicing import AND_CUSTOMERS, visible_document
from tools.references import InvoiceRef, TermsRef
from tools.trade import BOOKKEEPERS, READERS, Because

RESCHEDULE, SET_TERMS = "invoicing.reschedule", "invoicing.set_terms"


TERMS_STAY = ("payment terms stay; choose others from now on", "付款条件会保留；请改用其他条件")
NO_TERMS_BEFORE = ("there were no terms before; set others", "此前未约定付款条件；请设置其他条件")


class ShowInstalments(Arguments):
    """Show when the parts of an invoice or bill are due, and what of each is paid."""

    number: InvoiceRef = Field(description="Its number, such as INV-00042.")


class Instalments(Answer):
    """The parts of a document by the days on which they are due."""

    number: str
    parts: list[InstalmentView]

    def sentence(self, language: Language = "en") -> str:
        """Say how many parts are open, and how much."""
        count = sum(1 for part in self.parts if part.open.minor)
        left = Money(sum(part.open.minor for part in self.parts), self.parts[0].open.currency)
        if language == "zh":
            return f"{self.number} 共 {len(self.parts)} 期，未结 {count} 期，合计 {left}。"
        return f"{self.number} has {len(self.parts)} instalments; {count} open, {left}."

    def grid(self) -> Grid:
        """Return one row for every part."""
        currency = self.parts[0].open.currency
        columns = (
            Column("due", "到期日", "date"),
            Column("billed", "金额", currency),
            Column("paid", "已付", currency),
            Column("open", "未结", currency),
            Column("discount", "折扣", currency),
            Column("until", "折扣截止", "date"),
        )
        rows = tuple(
            (
                part.due_on,
                part.billed.amount,
                part.paid.amount,
                part.open.amount,
                part.discount.amount,
                part.discount_until,
            )
            for part in self.parts
        )
        return Grid(columns, rows)


def show_instalments(session: Session, arguments: ShowInstalments) -> Instalments:
    """Read the parts."""
    document = visible_document(session, arguments.number)
    return Instalments(number=document.number, parts=invoicing.list_instalments(session, document))


class Instalment(Arguments):
    """A part of a document, and the day on which it is due."""

    due_on: Day
    amount: Amount = Field(description="In the document's currency.")


class Reschedule(Arguments):
    """Let an invoice or bill be paid later, or by other instalments that add up to its total."""

    number: InvoiceRef = Field(description="Its number, such as INV-00042.")
    due_on: Day | None = Field(default=None, description="The new due date of all of it.")
    parts: tuple[Instalment, ...] = Field(
        default=(), max_length=60, description="Instead of one day: the instalments."
    )
    because: Because = Field(description="What was agreed.")

    @model_validator(mode="after")
    def _one_of_both(self) -> "Reschedule":
        if (self.due_on is None) is not bool(self.parts):
            problem = "say a due date, or instalments"
            raise ValueError(problem)
        return self


class Rescheduled(Instalments):
    """A document with its new instalments, and those it had before."""

    before: list[InstalmentView]


def reschedule(session: Session, arguments: Reschedule) -> Rescheduled:
    """Change the instalments."""
    document = invoicing.find_invoice(session, arguments.number, lock=True)
    before = invoicing.list_instalments(session, document)
    parts = [(each.due_on, Money.of(each.amount, document.currency)) for each in arguments.parts]
    if arguments.due_on is not None:
        parts = [(arguments.due_on, Money(document.total_minor, document.currency))]
    invoicing.reschedule(session, document, parts, because=arguments.because)
    after = invoicing.list_instalments(session, document)
    return Rescheduled(number=document.number, parts=after, before=before)


def undo_reschedule(_session: Session, _arguments: Reschedule, answer: dict[str, Any]) -> Undoing:
    """Put the instalments back, without the discounts that the new ones do not have."""
    parts = []
    for part in answer["before"]:
        amount = Money(part["billed"]["minor"], part["billed"]["currency"]).amount
        parts.append(Instalment(due_on=part["due_on"], amount=amount))
    back = Reschedule(number=answer["number"], parts=tuple(parts), because="undo")
    return Undoing((Call(RESCHEDULE, back),))


class ListTerms(Arguments):
    """List the payment terms: when what is due, and the discounts for early payment."""


class Terms(Answer):
    """The payment terms."""

    terms: list[tuple[str, str, str]]

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are."""
        count = len(self.terms)
        return f"共有 {count} 个付款条件。" if language == "zh" else f"There are {count} terms."

    def grid(self) -> Grid:
        """Return one row for each."""
        columns = (Column("code", "编码"), Column("name", "名称"), Column("asks for", "内容"))
        return Grid(columns, tuple(self.terms))


def list_terms(session: Session, _arguments: ListTerms) -> Terms:
    """Read the terms."""
    return Terms(
        terms=[
            (each.code, each.name, "; ".join(invoicing.said_of_terms(line) for line in each.lines))
            for each in invoicing.list_terms(session)
        ]
    )


class TermLine(Arguments):
    """One part of payment terms; the last one is the rest."""

    after_days: int = Field(ge=0, le=3_650)
    percent: Percent | None = Field(default=None, description="Leave empty for the rest.")
    end_of_month: bool = False
    discount_percent: Percent | None = None
    discount_days: int | None = Field(default=None, ge=0, le=3_650)


class AddTerms(TermLine):
    """Add payment terms, such as 30 days with 2 % within 10 days."""

    code: Text = Field(description="What people say, such as NET30.")
    name: Text | None = Field(default=None, description="Leave empty for the code.")
    before: tuple[TermLine, ...] = Field(
        default=(), max_length=20, description="Parts that are due before, each with its percent."
    )


class TermsAdded(Answer):
    """Payment terms that can be used now."""

    code: str
    says: str

    def sentence(self, language: Language = "en") -> str:
        """Say what they ask for."""
        if language == "zh":
            return f"付款条件 {self.code} 已新增：{self.says}。"
        return f"Payment terms {self.code} are there now: {self.says}."


def add_terms(session: Session, arguments: AddTerms) -> TermsAdded:
    """Add them."""
    drafts = [
        TermDraft(
            after_days=line.after_days,
            percent=line.percent,
            end_of_month=line.end_of_month,
            discount_percent=line.discount_percent,
            discount_days=line.discount_days,
        )
        for line in (*arguments.before, arguments)
    ]
    code = arguments.code.upper()
    added = invoicing.add_terms(session, code=code, name=arguments.name or code, lines=drafts)
    says = "; ".join(invoicing.said_of_terms(line) for line in added.lines)
    return TermsAdded(code=added.code, says=says)


def terms_stay(_session: Session, _arguments: AddTerms, _answer: object) -> Undoing:
    """Say that terms stay."""
    return Undoing(impossible=TERMS_STAY)


class SetTerms(Arguments):
    """Set the payment terms of a customer or supplier; documents from now on follow them."""

    party: Annotated[Text, Ref("party")] = Field(description="The customer or supplier.")
    terms: TermsRef = Field(description="The code of the terms, such as NET30.")
    direction: Direction | None = Field(
        default=None, description="As customer (receivable) or as supplier (payable)."
    )


class TermsSet(Answer):
    """The terms that a party pays or is paid on."""

    party: str
    direction: Direction
    terms: str
    before: str | None

    def sentence(self, language: Language = "en") -> str:
        """Say the terms."""
        if language == "zh":
            return f"{self.party} 的付款条件现为 {self.terms}。"
        return f"Documents of {self.party} are paid on {self.terms} from now on."


def pin_terms(session: Session, arguments: SetTerms) -> SetTerms:
    """Write party and terms by number and code, and the direction."""
    party = parties.find_party(session, arguments.party)
    direction = arguments.direction or _direction(session, party)
    code = invoicing.find_terms(session, arguments.terms).code
    return arguments.model_copy(
        update={"party": party.number, "terms": code, "direction": direction}
    )


def set_terms(session: Session, arguments: SetTerms) -> TermsSet:
    """Set them."""
    party = parties.find_party(session, arguments.party)
    direction = arguments.direction or _direction(session, party)
    before = invoicing.terms_of(session, party.id, direction)
    invoicing.set_party_terms(session, party, direction, arguments.terms)
    code = invoicing.find_terms(session, arguments.terms).code
    return TermsSet(party=party.number, direction=direction, terms=code, before=before)


def _direction(session: Session, party: Party) -> Direction:
    """Return as what a party is known: a customer, or else a supplier."""
    is_customer = session.get(parties.Customer, party.id) is not None
    return Direction.RECEIVABLE if is_customer else Direction.PAYABLE


def undo_terms(_session: Session, _arguments: SetTerms, answer: dict[str, Any]) -> Undoing:
    """Set the terms from before, where there were any."""
    if answer["before"] is None:
        return Undoing(impossible=NO_TERMS_BEFORE)
    back = SetTerms(
        party=answer["party"], terms=answer["before"], direction=Direction(answer["direction"])
    )
    return Undoing((Call(SET_TERMS, back),))


TOOLS = [
    Tool(
        "invoicing.show_instalments",
        ShowInstalments,
        show_instalments,
        writes=False,
        title="Instalments",
        title_zh="分期明细",
        roles=AND_CUSTOMERS,
    ),
    Tool(
        RESCHEDULE,
        Reschedule,
        reschedule,
        writes=True,
        title="Reschedule",
        title_zh="调整付款期",
        roles=BOOKKEEPERS,
        undo=undo_reschedule,
    ),
    Tool(
        "invoicing.list_terms",
        ListTerms,
        list_terms,
        writes=False,
        title="Payment terms",
        title_zh="付款条件",
        roles=READERS,
    ),
    Tool(
        "invoicing.add_terms",
        AddTerms,
        add_terms,
        writes=True,
        title="Add payment terms",
        title_zh="新增付款条件",
        roles=BOOKKEEPERS,
        undo=terms_stay,
    ),
    Tool(
        SET_TERMS,
        SetTerms,
        set_terms,
        writes=True,
        title="Set payment terms",
        title_zh="设置付款条件",
        roles=BOOKKEEPERS,
        pin=pin_terms,
        undo=undo_terms,
    ),
]
