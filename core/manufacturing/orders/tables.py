"""Tables of work orders: what is made, what it takes, and what was reported of it."""

import uuid
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.catalog import Item
from core.inventory import Location
from core.kernel.database import Minor, Quantity, Record, append_only
from core.manufacturing.boms import IssueMethod
from core.manufacturing.routings import WorkCentre


class WorkOrderState(StrEnum):
    """The life of a work order."""

    # It will be made; what is only planned is a line of a plan, and no order yet.
    FIRM = "firm"
    # It may be begun: what it takes is promised to it.
    RELEASED = "released"
    STARTED = "started"
    # All of it is reported; what it cost may still come late.
    FINISHED = "finished"
    # Nothing is left in progress, and nothing more is charged.
    CLOSED = "closed"
    CANCELLED = "cancelled"


class ReportKind(StrEnum):
    """What was reported of a work order."""

    OUTPUT = "output"
    BY_PRODUCT = "by_product"
    SCRAP = "scrap"
    REWORK = "rework"
    WORK = "work"
    COST = "cost"
    TAKEN_BACK = "taken_back"


class VarianceKind(StrEnum):
    """Why an order cost other than its output is worth."""

    USAGE = "material_usage"
    EFFICIENCY = "efficiency"
    SCRAP = "scrap"
    OTHER = "other"


class WorkOrder(Record):
    """A quantity of an item that is to be made by a day."""

    __tablename__ = "work_order"
    __table_args__ = (
        CheckConstraint("quantity > 0 AND begun_quantity >= quantity", name="quantity_positive"),
        CheckConstraint(
            "good_quantity >= 0 AND scrapped_quantity >= 0 AND rework_quantity >= 0",
            name="reported_not_negative",
        ),
        CheckConstraint(
            "good_quantity <= quantity * (1 + coalesce(tolerance_percent, 0) / 100)",
            name="not_over_reported",
        ),
        CheckConstraint("due_on >= starts_on", name="in_order"),
        CheckConstraint("tolerance_percent BETWEEN 0 AND 100", name="tolerance_percent"),
        Index(
            "ix_work_order_open",
            "item_id",
            postgresql_where=text("state NOT IN ('closed', 'cancelled', 'finished')"),
        ),
        Index(None, "state"),
        Index(None, "sales_line_id", postgresql_where=text("sales_line_id IS NOT NULL")),
    )

    number: Mapped[str] = mapped_column(unique=True)
    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"))
    bom_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bill_of_materials.id"))
    routing_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("routing.id"))
    state: Mapped[WorkOrderState] = mapped_column(default=WorkOrderState.FIRM)
    quantity: Mapped[Quantity]
    # With what is expected to be lost.
    begun_quantity: Mapped[Quantity]
    good_quantity: Mapped[Quantity] = mapped_column(default=Decimal(0))
    scrapped_quantity: Mapped[Quantity] = mapped_column(default=Decimal(0))
    # Begun, not good yet, and being mended.
    rework_quantity: Mapped[Quantity] = mapped_column(default=Decimal(0))
    tolerance_percent: Mapped[Decimal | None] = mapped_column(Numeric(7, 4))
    starts_on: Mapped[date]
    due_on: Mapped[date]
    started_on: Mapped[date | None]
    finished_on: Mapped[date | None]
    # From then on, only what comes late is still in progress.
    closed_at: Mapped[datetime | None]
    location_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("location.id"))
    # What one of it was going to cost when it was planned, in minor units; exact.
    planned_unit_cost: Mapped[Decimal] = mapped_column(Numeric(24, 6), default=Decimal(0))
    # What its output is worth is a standard: what it cost otherwise is a variance.
    at_standard: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    # The line of a sale that it is made for, and that sale's number.
    sales_line_id: Mapped[uuid.UUID | None]
    made_for: Mapped[str | None]

    item: Mapped[Item] = relationship(lazy="raise", viewonly=True)
    location: Mapped[Location] = relationship(lazy="raise", viewonly=True)
    components: Mapped[list["WorkOrderComponent"]] = relationship(
        lazy="raise", order_by="WorkOrderComponent.position"
    )
    operations: Mapped[list["WorkOrderOperation"]] = relationship(
        lazy="raise", order_by="WorkOrderOperation.position"
    )
    by_products: Mapped[list["WorkOrderByProduct"]] = relationship(
        lazy="raise", order_by="WorkOrderByProduct.position"
    )


class WorkOrderComponent(Record):
    """How much of an item an order takes, and how much of it was taken."""

    __tablename__ = "work_order_component"
    __table_args__ = (
        UniqueConstraint("order_id", "position"),
        CheckConstraint("quantity >= 0 AND issued_quantity >= 0", name="not_negative"),
    )

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("work_order.id"))
    position: Mapped[int]
    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"), index=True)
    quantity: Mapped[Quantity]
    issued_quantity: Mapped[Quantity] = mapped_column(default=Decimal(0))
    fixed: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    issue: Mapped[IssueMethod] = mapped_column(
        default=IssueMethod.PICK, server_default=text("'pick'")
    )

    item: Mapped[Item] = relationship(lazy="raise", viewonly=True)


class WorkOrderOperation(Record):
    """A step of an order: how long it should take, and how long it took."""

    __tablename__ = "work_order_operation"
    __table_args__ = (
        UniqueConstraint("order_id", "position"),
        CheckConstraint(
            "setup_minutes >= 0 AND run_minutes >= 0 AND cycles >= 0 AND reported_minutes >= 0"
            " AND reported_cycles >= 0",
            name="not_negative",
        ),
        CheckConstraint(
            "num_nonnulls(starts_on, ends_on) <> 1 AND ends_on >= starts_on", name="scheduled"
        ),
    )

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("work_order.id"))
    position: Mapped[int]
    work_centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("work_centre.id"), index=True)
    name: Mapped[str]
    # At the efficiency of the work centre: once, and for each piece that is begun.
    setup_minutes: Mapped[Decimal] = mapped_column(Numeric(18, 6), default=Decimal(0))
    run_minutes: Mapped[Decimal] = mapped_column(Numeric(18, 6), default=Decimal(0))
    cycles: Mapped[Decimal] = mapped_column(Numeric(18, 6), default=Decimal(0))
    reported_minutes: Mapped[Decimal] = mapped_column(Numeric(18, 6), default=Decimal(0))
    reported_cycles: Mapped[Decimal] = mapped_column(Numeric(18, 6), default=Decimal(0))
    # The days on which it is done, where somebody scheduled it.
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]

    work_centre: Mapped[WorkCentre] = relationship(lazy="raise", viewonly=True)


class WorkOrderByProduct(Record):
    """What else comes out of an order, and the share of its cost that it bears."""

    __tablename__ = "work_order_by_product"
    __table_args__ = (
        UniqueConstraint("order_id", "position"),
        CheckConstraint("quantity >= 0 AND received_quantity >= 0", name="not_negative"),
    )

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("work_order.id"))
    position: Mapped[int]
    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"), index=True)
    quantity: Mapped[Quantity]
    received_quantity: Mapped[Quantity] = mapped_column(default=Decimal(0))
    cost_share_percent: Mapped[Decimal] = mapped_column(Numeric(7, 4), default=Decimal(0))

    item: Mapped[Item] = relationship(lazy="raise", viewonly=True)


class WorkReport(Record):
    """What was reported of an order on a day, and what it brought into work in progress."""

    __tablename__ = "work_report"
    __table_args__ = (
        CheckConstraint("minutes >= 0 AND cycles >= 0 AND quantity >= 0", name="not_negative"),
        CheckConstraint("kind <> 'scrap' OR reason IS NOT NULL", name="scrap_has_a_reason"),
        CheckConstraint("(cost_minor = 0) OR (account IS NOT NULL)", name="cost_has_an_account"),
        Index(None, "order_id"),
        Index(None, "reported_on"),
        Index("uq_work_report_taken_back", "takes_back_id", unique=True),
    )

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("work_order.id"))
    kind: Mapped[ReportKind]
    reported_on: Mapped[date]
    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"))
    operation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("work_order_operation.id"))
    work_centre_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("work_centre.id"), index=True
    )
    quantity: Mapped[Quantity] = mapped_column(default=Decimal(0))
    minutes: Mapped[Decimal] = mapped_column(Numeric(18, 6), default=Decimal(0))
    cycles: Mapped[Decimal] = mapped_column(Numeric(18, 6), default=Decimal(0))
    # Brought into work in progress; less than nothing where it is taken back.
    labour_minor: Mapped[Minor] = mapped_column(default=0)
    overhead_minor: Mapped[Minor] = mapped_column(default=0)
    cost_minor: Mapped[Minor] = mapped_column(default=0)
    # What the cost was taken from, by role or code.
    account: Mapped[str | None]
    reason: Mapped[str | None]
    takes_back_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("work_report.id"))


class WorkOrderVariance(Record):
    """What an order cost beyond what its output is worth, or less; taken out of progress."""

    __tablename__ = "work_order_variance"
    __table_args__ = (
        CheckConstraint("amount_minor <> 0", name="it_differs"),
        Index(None, "order_id"),
    )

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("work_order.id"))
    kind: Mapped[VarianceKind]
    amount_minor: Mapped[Minor]
    booked_on: Mapped[date]


append_only(WorkReport.__table__)
append_only(WorkOrderVariance.__table__)
