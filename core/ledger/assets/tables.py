"""Tables of fixed assets: classes, assets, what happened to them, and their plans."""

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.database import Minor, Quantity, Record, append_only


class DepreciationMethod(StrEnum):
    """How the value of an asset becomes expense."""

    # The same every month.
    STRAIGHT_LINE = "straight_line"
    # Every month by its days.
    STRAIGHT_LINE_BY_DAY = "straight_line_by_day"
    # A percentage of what is left at the beginning of each fiscal year; the last takes the rest.
    DECLINING_BALANCE = "declining_balance"
    # The same, until the same amount every month for the rest of its life is more.
    DECLINING_THEN_STRAIGHT = "declining_then_straight"
    # By what it has made or run, told by hand.
    UNITS = "units_of_production"
    # Land, and what is not put to use yet.
    NONE = "not_depreciated"


class Convention(StrEnum):
    """What the month counts for in which an asset is put to use, or leaves."""

    FULL_MONTH = "full_month"
    PRO_RATA = "pro_rata"


class AssetState(StrEnum):
    """Whether we have the asset."""

    ACTIVE = "active"
    DISPOSED = "disposed"
    # Entered by mistake, and taken back.
    CANCELLED = "cancelled"


class MoveKind(StrEnum):
    """What happened to an asset."""

    ACQUIRED = "acquired"
    DEPRECIATED = "depreciated"
    REVALUED = "revalued"
    IMPAIRED = "impaired"
    TRANSFERRED = "transferred"
    PARTLY_DISPOSED = "partly_disposed"
    DISPOSED = "disposed"


class AssetClass(Record):
    """A kind of asset: where it stands in the books, and how it is usually depreciated."""

    __tablename__ = "asset_class"
    __table_args__ = (
        CheckConstraint("months BETWEEN 1 AND 1200", name="months"),
        CheckConstraint("percent > 0 AND percent <= 100", name="percent"),
    )

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str]
    cost_account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    accumulated_account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    expense_account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    method: Mapped[DepreciationMethod]
    convention: Mapped[Convention] = mapped_column(default=Convention.FULL_MONTH)
    months: Mapped[int | None]
    # Of the value at the beginning of a year, where the method takes one.
    percent: Mapped[Decimal | None] = mapped_column(Numeric(7, 4))


class Asset(Record):
    """A thing that we use for years, and what it carries in the books now.

    Cost, accumulated depreciation and reserve are the sums of its moves that stand.
    """

    __tablename__ = "asset"
    __table_args__ = (
        CheckConstraint("residual_minor >= 0 AND reserve_minor >= 0", name="not_negative"),
        CheckConstraint("accumulated_minor >= 0", name="accumulated_not_negative"),
        # It is never depreciated below what it will still be worth in the end.
        CheckConstraint(
            "cost_minor - accumulated_minor >= residual_minor", name="not_below_residual"
        ),
        CheckConstraint("(state = 'active') = (cost_minor > 0)", name="active_while_it_has_a_cost"),
        Index(None, "origin"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    asset_class_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("asset_class.id"), index=True)
    state: Mapped[AssetState] = mapped_column(default=AssetState.ACTIVE)
    in_service_on: Mapped[date]
    cost_minor: Mapped[Minor]
    accumulated_minor: Mapped[Minor]
    residual_minor: Mapped[Minor]
    # What it was revalued upwards by, and is not realised.
    reserve_minor: Mapped[Minor] = mapped_column(default=0)
    # "cost_centre=SALES": where its depreciation belongs.
    dimensions: Mapped[str] = mapped_column(default="")
    # The document it was acquired by, or its own number.
    origin: Mapped[str]


class DepreciationRun(Record):
    """One posting of what was due of all assets, or of one, through a day."""

    __tablename__ = "depreciation_run"

    number: Mapped[str] = mapped_column(unique=True)
    through: Mapped[date]
    taken_back: Mapped[bool] = mapped_column(default=False)


class AssetMove(Record):
    """Something that happened to an asset, by how much, and its entry.

    What is taken back stands no more, and its entry is reversed.
    """

    __tablename__ = "asset_move"
    __table_args__ = (
        UniqueConstraint("asset_id", "position"),
        CheckConstraint("due_on IS NULL OR kind = 'depreciated'", name="due"),
        # A month of an asset is posted once.
        Index(
            "uq_asset_move_due_once",
            "asset_id",
            "due_on",
            unique=True,
            postgresql_where=text("due_on IS NOT NULL AND standing"),
        ),
    )

    asset_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("asset.id"))
    position: Mapped[int]
    kind: Mapped[MoveKind]
    posted_on: Mapped[date] = mapped_column(index=True)
    # By how much its cost, its accumulated depreciation, its residual and its reserve changed.
    cost_minor: Mapped[Minor] = mapped_column(default=0)
    accumulated_minor: Mapped[Minor] = mapped_column(default=0)
    residual_minor: Mapped[Minor] = mapped_column(default=0)
    reserve_minor: Mapped[Minor] = mapped_column(default=0)
    # The last day of what a depreciation is for; and the units, where they are told.
    due_on: Mapped[date | None]
    units: Mapped[Quantity | None]
    # Where its depreciation belonged before, if that changed.
    dimensions_before: Mapped[str | None]
    run_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("depreciation_run.id"), index=True)
    entry_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("journal_entry.id"), index=True)
    standing: Mapped[bool] = mapped_column(default=True)


class AssetPlan(Record):
    """How an asset is depreciated from a day on; the newest one of a move that stands counts."""

    __tablename__ = "asset_plan"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="in_order"),
        CheckConstraint("value_minor >= residual_minor", name="not_below_residual"),
        CheckConstraint("units > 0", name="units_positive"),
    )

    asset_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("asset.id"), index=True)
    move_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("asset_move.id"), unique=True)
    method: Mapped[DepreciationMethod]
    convention: Mapped[Convention]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    percent: Mapped[Decimal | None] = mapped_column(Numeric(7, 4))
    # What it is expected to make or run, from the beginning of the plan on.
    units: Mapped[Quantity | None]
    value_minor: Mapped[Minor]
    residual_minor: Mapped[Minor]


class AssetPlanLine(Record):
    """What is due of a plan, and on which day."""

    __tablename__ = "asset_plan_line"
    __table_args__ = (
        UniqueConstraint("plan_id", "due_on"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
    )

    plan_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("asset_plan.id"))
    due_on: Mapped[date] = mapped_column(index=True)
    amount_minor: Mapped[Minor]


for _facts in (AssetPlan, AssetPlanLine):
    append_only(_facts.__table__)
