"""Tables of expenses: categories with limits, claims, and their lines with receipts."""

import uuid
from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.hr.employment.tables import BELOW, EMPLOYEES_BELOW, OWN, PAY_READERS, Employment
from core.hr.tables import Employee
from core.kernel.database import Minor, Record, plain_table
from core.kernel.identity.roles import Role
from core.kernel.privacy import private, seen_by


class ClaimState(StrEnum):
    """The life of a claim."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    PAID = "paid"


class ExpenseCategory(Record):
    """What employees spend for the company on, where it is booked, and up to which limit."""

    __tablename__ = "expense_category"
    __table_args__ = (
        CheckConstraint("limit_minor > 0", name="limit_positive"),
        CheckConstraint("receipt_above_minor >= 0", name="receipt_above"),
    )

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str]
    account: Mapped[str]
    tax_code: Mapped[str | None]
    # What is paid of one line at most, in the company's currency.
    limit_minor: Mapped[Minor | None]
    # From which amount on a line needs a receipt; none never does.
    receipt_above_minor: Mapped[Minor | None]


class ExpenseClaim(Record):
    """What an employee spent and wants back."""

    __tablename__ = "expense_claim"
    __table_args__ = (
        CheckConstraint("state <> 'paid' OR bill_number IS NOT NULL", name="paid_by_bill"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    employee_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("employee.id"), index=True)
    state: Mapped[ClaimState] = mapped_column(default=ClaimState.ASKED, index=True)
    asked_by: Mapped[str]
    asked_on: Mapped[date]
    purpose: Mapped[str]
    decided_by: Mapped[str | None]
    decided_on: Mapped[date | None]
    answer: Mapped[str | None]
    # The bill that the company owes the employee by.
    bill_number: Mapped[str | None] = mapped_column(unique=True)

    employee: Mapped[Employee] = relationship(lazy="raise")
    lines: Mapped[list["ExpenseLine"]] = relationship(lazy="raise", order_by="ExpenseLine.position")


class ExpenseLine(Record):
    """One thing that money was spent on."""

    __tablename__ = "expense_line"
    __table_args__ = (
        CheckConstraint("claimed_minor > 0", name="claimed_positive"),
        CheckConstraint("sanctioned_minor BETWEEN 0 AND claimed_minor", name="sanctioned"),
        CheckConstraint("receipt_hash ~ '^[0-9a-f]{64}$'", name="receipt_hash"),
        # A receipt is paid once, whoever brings it and under whichever name.
        Index(
            "uq_expense_line_receipt",
            "receipt_hash",
            unique=True,
            postgresql_where=text("receipt_hash IS NOT NULL AND NOT is_void"),
        ),
        Index(None, "claim_id", "position", unique=True),
    )

    claim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("expense_claim.id"))
    position: Mapped[int]
    category_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("expense_category.id"), index=True)
    spent_on: Mapped[date]
    description: Mapped[str]
    claimed_minor: Mapped[Minor]
    sanctioned_minor: Mapped[Minor | None]
    is_taxed: Mapped[bool] = mapped_column(default=False)
    receipt_name: Mapped[str | None]
    receipt_hash: Mapped[str | None]
    # Of a claim that was refused or withdrawn: its receipts may be brought again.
    is_void: Mapped[bool] = mapped_column(default=False)

    category: Mapped[ExpenseCategory] = relationship(lazy="raise")


plain_table(ExpenseClaim).add_is_dependent_on(plain_table(Employment))
private(
    ExpenseClaim.__table__,
    f"{seen_by({*PAY_READERS, Role.ACCOUNTANT})} OR {OWN} OR {BELOW}",
    EMPLOYEES_BELOW,
)
# A line is for whoever may see its claim: the policy of that is asked.
private(ExpenseLine.__table__, "claim_id IN (SELECT id FROM expense_claim)")
