"""Tables of opportunities: pipelines with their stages, what may be sold, and how far it is."""

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.catalog import Item
from core.crm.sources import LeadSource
from core.kernel.database import Minor, Quantity, Record, Table, UnitPrice, append_only
from core.kernel.identity.tables import Person
from core.parties import Party


class StageKind(StrEnum):
    """What it means that an opportunity is in a stage."""

    OPEN = "open"
    # There is a quotation: it was converted.
    QUOTED = "quoted"
    WON = "won"
    LOST = "lost"


# What is there is closed.
ENDS = (StageKind.WON, StageKind.LOST)


class ForecastCategory(StrEnum):
    """How much somebody stands up for an opportunity."""

    PIPELINE = "pipeline"
    BEST_CASE = "best_case"
    COMMIT = "commit"


class Pipeline(Record):
    """A way that opportunities take, stage by stage."""

    __tablename__ = "pipeline"
    __table_args__ = (
        Index("uq_pipeline_usual", "is_usual", unique=True, postgresql_where=text("is_usual")),
    )

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str]
    # The one that is meant where none is said.
    is_usual: Mapped[bool] = mapped_column(default=False)

    stages: Mapped[list["Stage"]] = relationship(lazy="raise", order_by="Stage.position")


class Stage(Record):
    """A step of a pipeline: how likely what stands there is won, and how long it may stand."""

    __tablename__ = "stage"
    __table_args__ = (
        UniqueConstraint("pipeline_id", "code"),
        UniqueConstraint("pipeline_id", "position", deferrable=True, initially="DEFERRED"),
        # What points to a stage points to its pipeline as well.
        UniqueConstraint("id", "pipeline_id"),
        CheckConstraint("probability BETWEEN 0 AND 100", name="probability"),
        CheckConstraint(
            "(kind <> 'won' OR probability = 100) AND (kind <> 'lost' OR probability = 0)",
            name="probability_of_end",
        ),
        CheckConstraint("stale_days > 0", name="stale_days"),
    )

    pipeline_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pipeline.id"))
    code: Mapped[str]
    name: Mapped[str]
    name_zh: Mapped[str]
    position: Mapped[int]
    probability: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    kind: Mapped[StageKind] = mapped_column(default=StageKind.OPEN)
    category: Mapped[ForecastCategory] = mapped_column(default=ForecastCategory.PIPELINE)
    # So many days without anything happening, and it has stalled.
    stale_days: Mapped[int] = mapped_column(default=14)


class Opportunity(Record):
    """Something that a customer may buy: how much, when, how likely; won or lost in the end."""

    __tablename__ = "opportunity"
    __table_args__ = (
        CheckConstraint("amount_minor >= 0 AND base_minor >= 0", name="amount_not_negative"),
        CheckConstraint("probability BETWEEN 0 AND 100", name="probability"),
        CheckConstraint("outcome IN ('won', 'lost')", name="outcome"),
        CheckConstraint("(outcome IS NULL) = (closed_on IS NULL)", name="closed"),
        CheckConstraint(
            "(outcome IS NOT DISTINCT FROM 'lost') = (lost_reason IS NOT NULL)"
            " AND btrim(lost_reason) <> ''",
            name="lost_reason",
        ),
        # Its stage is one of its own pipeline.
        ForeignKeyConstraint(["stage_id", "pipeline_id"], ["stage.id", "stage.pipeline_id"]),
        Index("ix_opportunity_open", "close_on", postgresql_where=text("outcome IS NULL")),
        Index(None, "party_id"),
        Index(None, "owner_id"),
        Index(None, "stage_id"),
        Index(None, "closed_on"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    party_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"))
    contact_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("party.id"), index=True)
    pipeline_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pipeline.id"), index=True)
    stage_id: Mapped[uuid.UUID]
    owner_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    source: Mapped[LeadSource] = mapped_column(default=LeadSource.OTHER)
    currency: Mapped[str]
    amount_minor: Mapped[Minor]
    # What it is worth in the company's currency at the rate of the day it was last said.
    base_minor: Mapped[Minor]
    close_on: Mapped[date]
    # Said by somebody; else that of the stage counts.
    probability: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    category: Mapped[ForecastCategory | None]
    opened_on: Mapped[date]
    # "won", "lost", or open still.
    outcome: Mapped[str | None]
    closed_on: Mapped[date | None]
    lost_reason: Mapped[str | None]
    notes: Mapped[str | None]

    party: Mapped[Party] = relationship(lazy="raise", foreign_keys=[party_id], viewonly=True)
    stage: Mapped[Stage] = relationship(lazy="raise", viewonly=True)
    pipeline: Mapped[Pipeline] = relationship(lazy="raise", viewonly=True)
    owner: Mapped[Person | None] = relationship(lazy="raise", viewonly=True)
    lines: Mapped[list["OpportunityLine"]] = relationship(
        lazy="raise", order_by="OpportunityLine.position"
    )


class OpportunityLine(Record):
    """An item that an opportunity is about, and how much of it."""

    __tablename__ = "opportunity_line"
    __table_args__ = (
        UniqueConstraint("opportunity_id", "position"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("unit_price >= 0", name="price_not_negative"),
        CheckConstraint("discount_percent BETWEEN 0 AND 100", name="discount"),
    )

    opportunity_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("opportunity.id"))
    position: Mapped[int]
    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"), index=True)
    quantity: Mapped[Quantity]
    unit_price: Mapped[UnitPrice]
    discount_percent: Mapped[Decimal] = mapped_column(Numeric(7, 4), default=Decimal(0))

    item: Mapped[Item] = relationship(lazy="raise", viewonly=True)


class StageChange(Record):
    """That an opportunity came into a stage, when and by whom; time in it ends with the next."""

    __tablename__ = "stage_change"
    __table_args__ = (
        UniqueConstraint("opportunity_id", "position"),
        CheckConstraint("position > 0", name="position"),
    )

    opportunity_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("opportunity.id"))
    position: Mapped[int]
    from_stage_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("stage.id"))
    stage_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stage.id"), index=True)
    moved_on: Mapped[date]
    by: Mapped[str]


class OpportunityDocument(Table):
    """A quotation or order that came of an opportunity, by its number: trade lies beside us."""

    __tablename__ = "opportunity_document"

    document: Mapped[str] = mapped_column(primary_key=True)
    opportunity_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("opportunity.id"), index=True)


class SalesTeam(Record):
    """People who have a quota together."""

    __tablename__ = "sales_team"

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str]


class TeamMember(Table):
    """Who belongs to a team of sales; one at a time."""

    __tablename__ = "sales_team_member"

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    team_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sales_team.id"), index=True)


class Quota(Record):
    """What a person or a team is to win in a period, in the company's currency."""

    __tablename__ = "quota"
    __table_args__ = (
        CheckConstraint("num_nonnulls(owner_id, team_id) = 1", name="whose"),
        CheckConstraint("starts_on <= ends_on", name="in_order"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        UniqueConstraint(
            "owner_id", "team_id", "starts_on", "ends_on", postgresql_nulls_not_distinct=True
        ),
    )

    owner_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    team_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("sales_team.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    amount_minor: Mapped[Minor]


append_only(StageChange.__table__)
