"""What a tool is, what a plan is, and what a tool's arguments may be made of."""

import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from core.approvals import DutyName
from core.kernel.errors import Language
from core.kernel.identity.acting import Actor
from core.kernel.identity.roles import STAFF
from core.kernel.money import QUANTITY_DIGITS, QUANTITY_MAX, plain


class Arguments(BaseModel):
    """What a caller fills in; unknown fields are refused rather than ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)


@dataclass(frozen=True)
class Ref:
    """Marks a text argument as the name or number of a record of this kind.

    Kinds: item, customer, supplier, party, territory, employee, location, purchase_order,
    sales_order, delivery, goods_receipt, customer_invoice, supplier_bill, payment,
    journal_entry, period, account, price_list, category, person, proposal, tax_code,
    bank_account, bank_statement, bank_line, bank_match, bank_rule,
    open_item (anything that can be settled), deduction, revaluation, payment_terms,
    heading, fiscal_year, dimension, dimension_member, entry_template, recurring_entry,
    deferral, schedule, schedule_run,
    payment_order, dunning_letter, stock_transfer, stock_hold, stock_count, landed_cost,
    requisition, quotation_request, quotation, sales_return, promotion, item_template, unit,
    message, thread (a conversation, or a message of it),
    segment, campaign, mail_template,
    contact, opportunity, lead, stage, pipeline, sales_team, task, party_merge,
    commission_plan, lot, reservation (made by hand), ticket, article, leave_request, leave_type,
    expense_claim, expense_category, department, staff_workflow (who comes or leaves),
    work_order, bill_of_materials, work_centre, wanting_document (a sales or work order),
    pay_component, pay_structure, payroll_run, payslip, rate_set, project, time_entry,
    asset, asset_class, budget, depreciation_run, saved_report, standing_order,
    paper (a document that a customer gets), job_opening, application, applicant, interview,
    job_offer, review_cycle.
    """

    kind: str


@dataclass(frozen=True)
class FreeText:
    """Marks a text argument as somebody's own words, taken as they were written."""


@dataclass(frozen=True)
class PerUnit:
    """Marks a decimal as a price for one unit, in the company's currency unless said otherwise."""


@dataclass(frozen=True)
class InCurrency:
    """Marks a decimal as an amount of money in major units of the company's currency."""


@dataclass(frozen=True)
class Counted:
    """Marks a decimal as a quantity of an item, in the item's own unit."""


def _printable(text: str) -> str:
    if any(sign < " " and sign not in "\n\t" for sign in text):
        problem = "control characters are not allowed"
        raise ValueError(problem)
    return text.strip()


def _plain(value: Decimal) -> Decimal:
    return Decimal(plain(value))


Text = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_printable)]
Words = Annotated[str, Field(max_length=4_000), AfterValidator(_printable), FreeText()]
Currency = Annotated[
    str, Field(min_length=3, max_length=3, pattern="^[A-Z]{3}$", description="Such as USD.")
]
Amount = Annotated[
    Decimal, Field(gt=0, le=Decimal(10) ** 13, max_digits=20, decimal_places=4), InCurrency()
]
Price = Annotated[
    Decimal,
    Field(ge=0, le=Decimal(10) ** 13, max_digits=20, decimal_places=6),
    AfterValidator(_plain),
    PerUnit(),
]
Count = Annotated[
    Decimal,
    Field(gt=0, le=QUANTITY_MAX, decimal_places=QUANTITY_DIGITS),
    AfterValidator(_plain),
    Counted(),
]
Level = Annotated[
    Decimal,
    Field(ge=0, le=QUANTITY_MAX, decimal_places=QUANTITY_DIGITS),
    AfterValidator(_plain),
    Counted(),
]
Percent = Annotated[Decimal, Field(ge=0, le=100, decimal_places=4)]
Day = Annotated[date, Field(ge=date(1990, 1, 1), le=date(2100, 12, 31))]

ItemRef = Annotated[Text, Ref("item")]
CustomerRef = Annotated[Text, Ref("customer")]
SupplierRef = Annotated[Text, Ref("supplier")]


@dataclass(frozen=True)
class Column:
    """A column of an answer's table: its name in both languages, and the unit of its cells.

    Units: "" (text), "number", "quantity", "percent", "date", or a currency such as "EUR".
    """

    name: str
    name_zh: str
    unit: str = ""

    def in_(self, language: Language) -> str:
        """Return the name in a language."""
        return self.name_zh if language == "zh" else self.name


@dataclass(frozen=True)
class Grid:
    """A table that answers; numbers are exact decimals in major units.

    `styles` says how each row is drawn where it is not a plain one: "heading", "subtotal" or
    "total"; `levels` how far it is set in.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    styles: tuple[str, ...] = ()
    levels: tuple[int, ...] = ()


class Answer(BaseModel):
    """What a tool returns to the agent and, through it, to a person."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True, defer_build=True)

    def sentence(self, language: Language = "en") -> str:
        """Say the answer in one plain sentence or a few."""
        raise NotImplementedError

    def grid(self) -> Grid | None:
        """Return the table that belongs to the answer, if there is one."""
        return None

    def notes(self, language: Language = "en") -> list[str]:
        """Return what stands under the title where the table is printed: its days, its basis."""
        return []

    def heading(self, language: Language = "en") -> str | None:
        """Return what the table is called where it is printed, if not by the name of its tool."""
        return None

    def printed_in(self) -> Language | None:
        """Return the language it is printed in, if not in that of the person who asks."""
        return None

    def query(self) -> dict[str, Any] | None:
        """Return the typed question that was answered, as plain values, if it was a report."""
        return None

    def figures(self) -> list[dict[str, Any]]:
        """Return each figure with what it is made of: value, unit, metric, filters, as_of, rows."""
        return []


def as_given(_session: Session, arguments: Arguments) -> Arguments:
    """Pin nothing: the arguments already say exactly what will be done."""
    return arguments


@dataclass(frozen=True)
class Undoing:
    """How one call is undone: by these calls, or not at all, and then why, in both languages."""

    calls: tuple["Call", ...] = ()
    impossible: tuple[str, str] | None = None


@dataclass(frozen=True)
class Duty:
    """One of the duties of a case that must not lie in the same hands.

    `case` returns the number that the case is known by (a purchase order ...), or the numbers of
    several: from the arguments alone before the call is carried out (None where the call begins
    the case), and from the answer as well afterwards.
    """

    name: DutyName
    case: Callable[[Session, Any, dict[str, Any] | None], str | Sequence[str] | None]

    def cases(
        self,
        session: Session,
        arguments: Arguments,
        answer: dict[str, Any] | None,
    ) -> list[str]:
        """Return the cases that a call is about, each once."""
        found = self.case(session, arguments, answer)
        return list(dict.fromkeys([found] if isinstance(found, str) else found or ()))


Undo = Callable[[Session, Any, dict[str, Any]], Undoing]


def never(instead: tuple[str, str]) -> Undo:
    """Undo nothing, and say in both languages why, or what to do instead."""
    return lambda _session, _arguments, _answer: Undoing(impossible=instead)


# What a tool that changes nothing, or that nobody thought of undoing, says.
CANNOT_UNDO = Undoing(impossible=("this cannot be undone", "此操作无法撤销"))


@dataclass(frozen=True)
class Tool:
    """One verb: its name, its arguments, who may use it, and the function that does it.

    `pin` replaces every open choice ("the cheapest", "tomorrow") by the choice made now, so that
    what a person approves is what will be done. `undo` says, from the arguments and the answer,
    which calls compensate for it; `undoable` says so before it is done.
    """

    name: str
    arguments: type[Arguments]
    run: Callable[[Session, Any], Answer]
    title: str
    title_zh: str
    writes: bool
    roles: frozenset[str] = STAFF
    # Who sees what others propose by it, beside overseers; without it, whoever may call it. Asked
    # once the call was rehearsed where it depends on the call.
    seen_by: frozenset[str] | Callable[[Session, Any], frozenset[str]] | None = None
    # What is proposed is private to those of `seen_by` and to these parties, whom it is about;
    # asked once the call was rehearsed. Overseers do not see it for being overseers.
    private_to: Callable[[Session, Any], Collection[uuid.UUID]] | None = None
    pin: Callable[[Session, Any], Arguments] = as_given
    undo: Undo | None = None
    duty: Duty | None = None
    # Whether the call is about whoever approves it, from its arguments: then it takes two.
    concerns: Callable[[Session, Any, Actor], bool] | None = None
    # Rights, bank accounts, payments: a door asks for the password again.
    sensitive: bool = False

    @property
    def purpose(self) -> str:
        """The one sentence that a model and a person both choose the tool by."""
        return (self.arguments.__doc__ or "").strip()

    def called(self, language: Language = "en") -> str:
        """Return the tool's name as people say it."""
        return self.title_zh if language == "zh" else self.title


@dataclass(frozen=True)
class Call:
    """A tool and the arguments to run it with.

    A text argument of the form "$1.number" takes that field of the first call's answer.
    """

    tool: str
    arguments: Arguments


# The calls of a plan are one decision: all of them are carried out, or none.
Plan = tuple[Call, ...]
