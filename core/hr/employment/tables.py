"""Tables of employment: under which terms somebody works here, and for which pay, day by day."""

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from core.hr.tables import Employee
from core.kernel.audit import AuditRecord
from core.kernel.company import CompanyRow
from core.kernel.database import Minor, Record, after_create, never_at_once, plain_table
from core.kernel.events import ChangeEvent
from core.kernel.identity.roles import Role
from core.kernel.privacy import private, seen_by
from core.parties.tables import PartyBankAccount

# Beside oneself: whoever sets pay, answers for it, or examines it.
PAY_READERS = frozenset({Role.HR, Role.MANAGER, Role.ADMIN, Role.AUDITOR})
# An employee's rows are their own, and in part for those who stand above them.
ME = "(SELECT id FROM employee WHERE party_id = (SELECT reading_party()))"
OWN = f"employee_id IN {ME}"
BELOW = "employee_id IN (SELECT employees_below((SELECT reading_party())))"
EMPLOYEES_BELOW = """
    CREATE OR REPLACE FUNCTION employees_below(manager uuid) RETURNS SETOF uuid
        LANGUAGE sql STABLE AS $$
        WITH RECURSIVE day (now_on) AS (
            SELECT coalesce((SELECT business_date FROM company), current_date)
        ), below (id) AS (
            SELECT e.employee_id FROM employment AS e JOIN employee AS m ON m.id = e.manager_id, day
            WHERE m.party_id = manager
                AND day.now_on BETWEEN e.starts_on AND coalesce(e.ends_on, day.now_on)
            UNION
            SELECT e.employee_id FROM below JOIN employment AS e ON e.manager_id = below.id, day
            WHERE day.now_on BETWEEN e.starts_on AND coalesce(e.ends_on, day.now_on)
        ) SELECT id FROM below $$
    """


class Contract(StrEnum):
    """What kind of contract somebody works under."""

    PERMANENT = "permanent"
    FIXED_TERM = "fixed_term"
    TRAINEE = "trainee"
    TEMPORARY = "temporary"


class PayPeriod(StrEnum):
    """What an amount of pay is for."""

    HOUR = "hour"
    MONTH = "month"
    YEAR = "year"


class Employment(Record):
    """The terms somebody works under from a day on, until a day or further notice."""

    __tablename__ = "employment"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        CheckConstraint("hours_share > 0 AND hours_share <= 1", name="hours_share"),
        CheckConstraint("manager_id <> employee_id", name="manager_is_another"),
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="country"),
        CheckConstraint("contract <> 'fixed_term' OR ends_on IS NOT NULL", name="term_is_fixed"),
        Index(None, "employee_id", "starts_on"),
    )

    employee_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("employee.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    job_title: Mapped[str]
    department_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("department.id"), index=True)
    manager_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("employee.id"), index=True)
    # The code of a member of the dimension cost centre.
    cost_centre: Mapped[str | None]
    contract: Mapped[Contract] = mapped_column(default=Contract.PERMANENT)
    # 1 is full time.
    hours_share: Mapped[Decimal] = mapped_column(Numeric(5, 4), default=Decimal(1))
    location: Mapped[str | None]
    country: Mapped[str]


class EmployeePay(Record):
    """What somebody is paid from a day on, until a day or further notice. Nobody else's to see."""

    __tablename__ = "employee_pay"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        Index(None, "employee_id", "starts_on"),
    )

    employee_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("employee.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    amount_minor: Mapped[Minor]
    currency: Mapped[str]
    period: Mapped[PayPeriod] = mapped_column(default=PayPeriod.MONTH)


# Whoever changes the line of managers waits for whoever is doing so: two changes, each of which
# is fine, can close a circle together.
_IN_SERVICE = """
    CREATE OR REPLACE FUNCTION require_in_service() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE hired date;
    BEGIN
        SELECT hired_on INTO hired FROM employee WHERE id = NEW.employee_id;
        IF NEW.starts_on < hired THEN
            RAISE EXCEPTION 'nobody works here before the day they were hired'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_in_service';
        END IF;
        RETURN NULL;
    END $$
    """
_IN_SERVICE_TRIGGER = """
    CREATE CONSTRAINT TRIGGER in_service AFTER INSERT OR UPDATE ON {table}
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION require_in_service()
    """
_NO_CIRCLE = """
    CREATE OR REPLACE FUNCTION refuse_circle_of_managers() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.manager_id IS NULL THEN RETURN NULL; END IF;
        PERFORM pg_advisory_xact_lock(hashtext('managers'));
        IF EXISTS (
            WITH RECURSIVE above (employee_id, days) AS (
                SELECT NEW.manager_id, daterange(NEW.starts_on, NEW.ends_on, '[]')
                UNION
                SELECT e.manager_id, a.days * daterange(e.starts_on, e.ends_on, '[]')
                FROM above AS a JOIN employment AS e ON e.employee_id = a.employee_id
                    AND a.days && daterange(e.starts_on, e.ends_on, '[]')
                WHERE e.manager_id IS NOT NULL AND a.employee_id <> NEW.employee_id
            ) SELECT FROM above WHERE employee_id = NEW.employee_id
        ) THEN
            RAISE EXCEPTION 'the line of managers is a circle'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_employment_managers';
        END IF;
        RETURN NULL;
    END $$
    """
_NO_CIRCLE_TRIGGER = """
    CREATE TRIGGER no_circle AFTER INSERT OR UPDATE ON {table}
        FOR EACH ROW EXECUTE FUNCTION refuse_circle_of_managers()
    """

_DAYS = "daterange(starts_on, ends_on, '[]')"
never_at_once(Employment.__table__, "employee_id", _DAYS)
never_at_once(EmployeePay.__table__, "employee_id", _DAYS)
after_create(
    Employment.__table__,
    _IN_SERVICE,
    _IN_SERVICE_TRIGGER,
    _NO_CIRCLE,
    _NO_CIRCLE_TRIGGER,
)
after_create(EmployeePay.__table__, _IN_SERVICE, _IN_SERVICE_TRIGGER)
plain_table(Employment).add_is_dependent_on(plain_table(CompanyRow))
# Which account employees are paid to is theirs; of everybody else, it is business.
_NO_EMPLOYEE = "party_id NOT IN (SELECT party_id FROM employee)"
plain_table(PartyBankAccount).add_is_dependent_on(plain_table(Employee))
private(
    PartyBankAccount.__table__,
    f"{seen_by(PAY_READERS | {Role.ACCOUNTANT})} OR {_NO_EMPLOYEE}"
    " OR party_id = (SELECT reading_party())",
)
private(EmployeePay.__table__, f"{seen_by(PAY_READERS)} OR {OWN}")
# What the log, the trail and the inbox say of pay is as private as the pay.
# So are leave, whose kind may tell of somebody's health, and claims; older facts had other names.
_NAMED_PRIVATE = """
    name NOT LIKE '%.private.%' AND name NOT IN (
        'hr.leave_asked', 'hr.leave_moved', 'hr.leave_booked', 'hr.expense_claimed',
        'hr.claim_moved', 'payroll.structure_assigned', 'payroll.costs_shared',
        'projects.hourly_cost_set'
    )
    """
private(ChangeEvent.__table__, f"({_NAMED_PRIVATE}) OR {seen_by(PAY_READERS)}")
private(AuditRecord.__table__, f"({_NAMED_PRIVATE}) OR {seen_by(PAY_READERS)}")
