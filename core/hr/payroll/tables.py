"""Tables of pay: what it is made of, who gets what from when on, the runs and their payslips.

What was entered is never changed: who enters something else from the same day on, or for the same
month, adds to it. What was posted never changes either; what comes late is paid with a later run.
"""

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.hr.employment.tables import OWN, PAY_READERS
from core.kernel.database import Minor, Quantity, Record, after_create, append_only
from core.kernel.identity.roles import Role
from core.kernel.privacy import private, seen_by

_FIRST = "= 1"
# Totals of fewer people tell what one of them gets.
PEOPLE_MIN = 5


class PayKind(StrEnum):
    """What a component is: who earns it, who bears it, or only told."""

    EARNING = "earning"
    DEDUCTION = "deduction"
    EMPLOYER = "employer_contribution"
    INFORMATION = "information"


class Proration(StrEnum):
    """How a month is shared among who is there for a part of it."""

    CALENDAR_DAYS = "calendar_days"
    WORKING_DAYS = "working_days"
    THIRTIETHS = "thirtieths"
    NONE = "not_prorated"


class RunState(StrEnum):
    """The life of a payroll run; it is calculated and posted in one step."""

    POSTED = "posted"
    PAID = "paid"


class LoanKind(StrEnum):
    """What the company gave, to be taken off later."""

    LOAN = "employee_loan"
    ADVANCE = "salary_advance"


class PayComponent(Record):
    """Something that pay is made of, and where it is posted."""

    __tablename__ = "pay_component"
    __table_args__ = (
        CheckConstraint("code ~ '^[a-z_][a-z0-9_]{0,39}$'", name="code"),
        CheckConstraint(
            "CASE kind WHEN 'earning' THEN debit_account_id IS NOT NULL"
            " WHEN 'deduction' THEN credit_account_id IS NOT NULL"
            " WHEN 'employer_contribution'"
            " THEN debit_account_id IS NOT NULL AND credit_account_id IS NOT NULL"
            " ELSE num_nonnulls(debit_account_id, credit_account_id) = 0 END",
            name="accounts",
        ),
        CheckConstraint("digits BETWEEN 0 AND 6", name="digits"),
    )

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str]
    kind: Mapped[PayKind]
    debit_account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    credit_account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    # Whether what is credited is owed to an authority, and goes out with `pay_authorities`.
    to_authority: Mapped[bool] = mapped_column(default=False)
    # An amount by the month counts by the days that somebody is there.
    prorated: Mapped[bool] = mapped_column(default=False)
    # What the terms of employment pay by the month.
    from_terms: Mapped[bool] = mapped_column(default=False)
    # A change for months that are posted is paid with the next run.
    retro: Mapped[bool] = mapped_column(default=False)
    # How many decimals it is rounded to; those of the currency where nothing is said.
    digits: Mapped[int | None]


class PayStructure(Record):
    """A set of components for some of the people: salaried staff in Shanghai, hourly staff."""

    __tablename__ = "pay_structure"

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str]


class PayStructureVersion(Record):
    """What a structure is made of from a day on."""

    __tablename__ = "pay_structure_version"
    __table_args__ = (UniqueConstraint("structure_id", "valid_from"),)

    structure_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pay_structure.id"))
    valid_from: Mapped[date]
    proration: Mapped[Proration]
    # The set of rates by law that its formulas may name, "cn_shanghai".
    rate_set: Mapped[str | None]


class PayStructureLine(Record):
    """A component in a version of a structure; without a formula it is entered for each person."""

    __tablename__ = "pay_structure_line"
    __table_args__ = (
        UniqueConstraint("version_id", "component_id"),
        UniqueConstraint("version_id", "position"),
        CheckConstraint("length(formula) <= 500", name="formula"),
    )

    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pay_structure_version.id"))
    position: Mapped[int]
    component_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pay_component.id"))
    formula: Mapped[str | None]


class PayRate(Record):
    """A figure of the company's own that formulas may name, from a day on: with its source."""

    __tablename__ = "pay_rate"
    __table_args__ = (
        UniqueConstraint("name", "valid_from"),
        CheckConstraint("name ~ '^[a-z_][a-z0-9_]{0,39}$'", name="name"),
    )

    name: Mapped[str]
    valid_from: Mapped[date]
    value: Mapped[Decimal] = mapped_column()
    source: Mapped[str]


class PayAssignment(Record):
    """By which structure somebody is paid from a day on; by none: not by payroll."""

    __tablename__ = "pay_assignment"
    __table_args__ = (Index(None, "employee_id", "valid_from"),)

    employee_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("employee.id"))
    structure_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("pay_structure.id"))
    valid_from: Mapped[date]


class PayValue(Record):
    """What somebody gets of a component by the month, from a day on; nothing ends it."""

    __tablename__ = "pay_value"
    __table_args__ = (Index(None, "employee_id", "component_id", "valid_from"),)

    employee_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("employee.id"))
    component_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pay_component.id"))
    valid_from: Mapped[date]
    amount: Mapped[Quantity]


class PayInput(Record):
    """What was entered for one person and one month: hours, a bonus, days of unpaid leave."""

    __tablename__ = "pay_input"
    __table_args__ = (
        Index(None, "period", "employee_id"),
        CheckConstraint(f"extract(day FROM period) {_FIRST}", name="period"),
    )

    employee_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("employee.id"))
    component_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pay_component.id"))
    period: Mapped[date]
    amount: Mapped[Quantity]
    note: Mapped[str]


class PayCosting(Record):
    """Which cost centres bear somebody's pay from a day on, by percent: they come to 100."""

    __tablename__ = "pay_costing"
    __table_args__ = (Index(None, "employee_id", "valid_from"),)

    employee_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("employee.id"))
    valid_from: Mapped[date]
    # Code of a cost centre: percent, as text so that nothing is lost.
    shares: Mapped[dict[str, Any]] = mapped_column(JSONB)


class PayrollRun(Record):
    """A month of pay: calculated, posted and made ready for the bank at once."""

    __tablename__ = "payroll_run"
    __table_args__ = (
        CheckConstraint(f"extract(day FROM period) {_FIRST}", name="period"),
        CheckConstraint("gross_minor - deductions_minor = net_minor", name="adds_up"),
        CheckConstraint("(state = 'paid') = (paid_entry IS NOT NULL)", name="paid"),
        CheckConstraint("people > 0", name="people"),
        Index(None, "period"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    period: Mapped[date]
    pay_on: Mapped[date]
    state: Mapped[RunState] = mapped_column(default=RunState.POSTED)
    currency: Mapped[str]
    people: Mapped[int]
    gross_minor: Mapped[Minor]
    deductions_minor: Mapped[Minor]
    net_minor: Mapped[Minor]
    employer_minor: Mapped[Minor]
    entry: Mapped[str]
    paid_entry: Mapped[str | None]
    remitted_entry: Mapped[str | None]
    # What the bank gets is kept apart: it names everybody with what they get.
    file_name: Mapped[str | None]
    file_sha256: Mapped[str | None]
    file_payments: Mapped[int]
    file_minor: Mapped[Minor]


class PayrollFile(Record):
    """What the bank gets of a run: made once, kept as it was made."""

    __tablename__ = "payroll_file"
    __table_args__ = (CheckConstraint("sha256 = encode(sha256(content), 'hex')", name="hash"),)

    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payroll_run.id"), unique=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str]


class Payslip(Record):
    """What one person is paid by one run."""

    __tablename__ = "payslip"
    __table_args__ = (
        UniqueConstraint("run_id", "employee_id"),
        # Of each month, somebody is paid once; corrections come with a later month.
        UniqueConstraint("employee_id", "period"),
        CheckConstraint("gross_minor - deductions_minor = net_minor", name="adds_up"),
        CheckConstraint("net_minor >= 0", name="net_not_negative"),
        Index(None, "period"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payroll_run.id"))
    employee_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("employee.id"))
    structure_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pay_structure.id"))
    # As they were when it was posted.
    department_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("department.id"))
    shares: Mapped[str]
    # The pay by the terms of employment, whatever it is for: a later change of it is seen by this.
    basis_minor: Mapped[Minor | None]
    period: Mapped[date]
    days: Mapped[int]
    currency: Mapped[str]
    gross_minor: Mapped[Minor]
    deductions_minor: Mapped[Minor]
    net_minor: Mapped[Minor]
    employer_minor: Mapped[Minor]


class PayslipLine(Record):
    """A component on a payslip: an amount of money, or a figure that is only told."""

    __tablename__ = "payslip_line"
    __table_args__ = (
        CheckConstraint("num_nonnulls(amount_minor, figure) = 1", name="one_figure"),
        Index(None, "payslip_id"),
    )

    payslip_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payslip.id"))
    position: Mapped[int]
    component_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pay_component.id"))
    # The month that it is for: an earlier one where it is paid in arrears.
    for_period: Mapped[date]
    amount_minor: Mapped[Minor | None]
    figure: Mapped[Quantity | None]


class PayLoan(Record):
    """A loan or an advance to somebody, repaid by what is taken off their pay."""

    __tablename__ = "pay_loan"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount_positive"),)

    number: Mapped[str] = mapped_column(unique=True)
    employee_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("employee.id"), index=True)
    component_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pay_component.id"))
    kind: Mapped[LoanKind]
    currency: Mapped[str]
    amount_minor: Mapped[Minor]
    paid_on: Mapped[date]
    entry: Mapped[str]


class PayLoanPart(Record):
    """What is taken off in one month; the payslip that did so, once it did."""

    __tablename__ = "pay_loan_part"
    __table_args__ = (
        UniqueConstraint("loan_id", "period"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint(f"extract(day FROM period) {_FIRST}", name="period"),
        Index("ix_pay_loan_part_open", "period", postgresql_where=text("payslip_id IS NULL")),
    )

    loan_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pay_loan.id"))
    period: Mapped[date]
    amount_minor: Mapped[Minor]
    payslip_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("payslip.id"), index=True)


for _facts in (PayAssignment, PayValue, PayInput, PayCosting, Payslip, PayslipLine, PayrollFile):
    append_only(_facts.__table__)

# What one person gets is shown to them, and to who sets or examines pay: by the database itself.
for _private in (PayAssignment, PayValue, PayInput, PayCosting, Payslip, PayLoan):
    private(_private.__table__, f"{seen_by(PAY_READERS)} OR {OWN}")
for _below, _condition in (
    (PayslipLine, "payslip_id IN (SELECT id FROM payslip)"),
    (PayLoanPart, "loan_id IN (SELECT id FROM pay_loan)"),
):
    private(_below.__table__, _condition)

private(PayrollFile.__table__, seen_by(PAY_READERS))
# A run of few people tells what each of them gets.
private(
    PayrollRun.__table__,
    f"{seen_by(PAY_READERS)} OR people >= {PEOPLE_MIN} AND {seen_by({Role.ACCOUNTANT})}",
)

# A run goes on to be paid; all else of it stays as it was posted.
after_create(
    PayrollRun.__table__,
    """
    CREATE OR REPLACE FUNCTION keep_posted_run() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' OR (
            NEW.number, NEW.period, NEW.pay_on, NEW.currency, NEW.people, NEW.gross_minor,
            NEW.deductions_minor, NEW.net_minor, NEW.employer_minor, NEW.entry, NEW.file_sha256
        ) IS DISTINCT FROM (
            OLD.number, OLD.period, OLD.pay_on, OLD.currency, OLD.people, OLD.gross_minor,
            OLD.deductions_minor, OLD.net_minor, OLD.employer_minor, OLD.entry, OLD.file_sha256
        ) THEN
            RAISE EXCEPTION 'a posted payroll run stays: correct it with the next one'
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER keep_posted BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION keep_posted_run()
    """,
)
