"""Questions about opportunities: the pipeline, the forecast, what has stalled."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, func, literal, select
from sqlalchemy.orm import Session, aliased

from core.crm.opportunities import rules
from core.crm.opportunities.rules import Chance, Forecast, Outcome, PipelineReport
from core.crm.opportunities.service import find_opportunity
from core.crm.opportunities.stalling import LAST_ON, PLANNED_ON, has_stalled
from core.crm.opportunities.tables import (
    ENDS,
    ForecastCategory,
    Opportunity,
    OpportunityDocument,
    OpportunityLine,
    Pipeline,
    Stage,
    StageChange,
    StageKind,
)
from core.kernel.company import company
from core.kernel.database import total
from core.kernel.identity.tables import Person
from core.kernel.money import Money
from core.parties import Party

LISTED_MAX = 500
# Some tens of thousands are read to add them up; more is a question for a report.
READ_MAX = 100_000


@dataclass(frozen=True)
class StageVisit:
    """A stage that an opportunity was in, from when to when, and for how many days."""

    stage: str
    stage_zh: str
    came_on: date
    left_on: date | None
    days: int
    by: str


@dataclass(frozen=True)
class OpportunityView:
    """An opportunity, as people read it."""

    number: str
    title: str
    party_number: str
    party: str
    party_zh: str | None
    contact: str | None
    pipeline: str
    stage: str
    stage_zh: str
    kind: StageKind
    owner: str | None
    source: str
    amount: Money
    base: Money
    percent: Decimal
    weighted: Money
    category: ForecastCategory
    opened_on: date
    close_on: date
    closed_on: date | None
    lost_reason: str | None
    notes: str | None
    lines: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    visits: tuple[StageVisit, ...] = ()


@dataclass(frozen=True)
class StalledView:
    """An open opportunity with which nothing happens any more, and since when."""

    number: str
    title: str
    party_number: str
    party: str
    stage: str
    stage_zh: str
    owner: str | None
    amount: Money
    last_on: date
    quiet_days: int
    allowed_days: int
    close_on: date
    overdue: bool


def view_opportunity(session: Session, text: str) -> OpportunityView:
    """Return an opportunity with its products, its documents and its way through the stages."""
    found = find_opportunity(session, text)
    contact = session.get(Party, found.contact_id) if found.contact_id else None
    view = _view(session, found, found.party, found.stage, found.pipeline, found.owner)
    return replace(
        view,
        contact=contact.name if contact else None,
        lines=tuple(_line(line) for line in found.lines),
        documents=tuple(documents_of(session, found)),
        visits=tuple(stage_visits(session, found)),
    )


def documents_of(session: Session, opportunity: Opportunity) -> list[str]:
    """Return the numbers of the quotations and orders that came of an opportunity."""
    wanted = select(OpportunityDocument.document).where(
        OpportunityDocument.opportunity_id == opportunity.id
    )
    return list(session.scalars(wanted.order_by(OpportunityDocument.document)))


def stage_visits(session: Session, opportunity: Opportunity) -> list[StageVisit]:
    """Return which stages an opportunity was in, the first one first, and how long in each."""
    wanted = (
        select(StageChange, Stage)
        .join(Stage, Stage.id == StageChange.stage_id)
        .where(StageChange.opportunity_id == opportunity.id)
        .order_by(StageChange.position)
        .limit(LISTED_MAX)
    )
    rows = session.execute(wanted).all()
    today = company(session).today
    visits = []
    for place, (change, stage) in enumerate(rows):
        left = rows[place + 1][0].moved_on if place + 1 < len(rows) else None
        stays = left or (change.moved_on if stage.kind in ENDS else max(today, change.moved_on))
        visits.append(
            StageVisit(
                stage=stage.name,
                stage_zh=stage.name_zh,
                came_on=change.moved_on,
                left_on=left,
                days=(stays - change.moved_on).days,
                by=change.by,
            )
        )
    return visits


def list_opportunities(
    session: Session,
    *,
    party_id: uuid.UUID | None = None,
    owner_id: uuid.UUID | None = None,
    pipeline: str | None = None,
    open_only: bool = True,
    limit: int = 50,
) -> list[OpportunityView]:
    """Return opportunities, those that close first before the others."""
    wanted = _joined().order_by(Opportunity.close_on, Opportunity.number)
    if party_id is not None:
        wanted = wanted.where(Opportunity.party_id == party_id)
    if owner_id is not None:
        wanted = wanted.where(Opportunity.owner_id == owner_id)
    if pipeline is not None:
        wanted = wanted.where(Pipeline.code == pipeline)
    if open_only:
        wanted = wanted.where(Opportunity.outcome.is_(None))
    rows = session.execute(wanted.limit(min(limit, LISTED_MAX)))
    return [_view(session, *row) for row in rows]


def forecast(
    session: Session,
    *,
    first: date,
    last: date,
    owner_ids: Sequence[uuid.UUID] | None = None,
    pipeline: str | None = None,
    quota: Money | None = None,
) -> Forecast:
    """Return what the months may bring: committed, at best, in all, and weighted by chance.

    What is open counts in the month that it is to close in, what is won in the one it closed in.
    """
    day = func.coalesce(Opportunity.closed_on, Opportunity.close_on)
    wanted = (
        select(
            day,
            Opportunity.base_minor,
            func.coalesce(Opportunity.probability, Stage.probability),
            Stage.kind,
            func.coalesce(Opportunity.category, Stage.category),
        )
        .join(Stage, Stage.id == Opportunity.stage_id)
        .join(Pipeline, Pipeline.id == Opportunity.pipeline_id)
        .where(day.between(first, last), Stage.kind != StageKind.LOST)
    )
    if owner_ids is not None:
        wanted = wanted.where(Opportunity.owner_id.in_(owner_ids))
    if pipeline is not None:
        wanted = wanted.where(Pipeline.code == pipeline)
    ours = company(session)
    chances = [
        Chance(
            close_on=on,
            worth=Money(minor, ours.currency),
            percent=Decimal(100) if kind is StageKind.WON else percent,
            kind=kind,
            category=ForecastCategory(category),
        )
        for on, minor, percent, kind, category in session.execute(wanted.limit(READ_MAX))
    ]
    found = rules.forecast_of(
        chances, rules.months_between(first, last), ours.currency, ours.rounding
    )
    return Forecast(found.rows, found.total, quota, first, last)


def pipeline_report(
    session: Session,
    *,
    first: date | None = None,
    last: date | None = None,
    pipeline: str | None = None,
) -> PipelineReport:
    """Count what was opened in a time, and what became of it by now."""
    wanted = (
        select(Stage.kind, func.count(), total(Opportunity.base_minor))
        .select_from(Opportunity)
        .join(Stage, Stage.id == Opportunity.stage_id)
        .join(Pipeline, Pipeline.id == Opportunity.pipeline_id)
        .group_by(Stage.kind)
    )
    if first is not None:
        wanted = wanted.where(Opportunity.opened_on >= first)
    if last is not None:
        wanted = wanted.where(Opportunity.opened_on <= last)
    if pipeline is not None:
        wanted = wanted.where(Pipeline.code == pipeline)
    currency = company(session).currency
    outcomes = [
        Outcome(kind, count, Money(minor, currency))
        for kind, count, minor in session.execute(wanted)
    ]
    return rules.pipeline_report(outcomes, currency)


def list_stalled(
    session: Session, *, number: str | None = None, limit: int | None = None
) -> list[StalledView]:
    """Return the open opportunities with which nothing happened for longer than their stage allows.

    A change of stage, an activity and a task that is still due count as something; what should
    have closed by now has stalled as well.
    """
    today = company(session).today
    wanted = (
        select(Opportunity, Party, Stage, Person, LAST_ON)
        .join(Party, Party.id == Opportunity.party_id)
        .join(Stage, Stage.id == Opportunity.stage_id)
        .outerjoin(Person, Person.id == Opportunity.owner_id)
        .where(*_stalled(today))
        .order_by(Opportunity.base_minor.desc(), Opportunity.number)
        .limit(limit)
    )
    if number is not None:
        wanted = wanted.where(Opportunity.number == number)
    return [
        StalledView(
            number=found.number,
            title=found.title,
            party_number=party.number,
            party=party.name,
            stage=stage.name,
            stage_zh=stage.name_zh,
            owner=owner.login if owner else None,
            amount=Money(found.amount_minor, found.currency),
            last_on=since,
            quiet_days=(today - since).days,
            allowed_days=stage.stale_days,
            close_on=found.close_on,
            overdue=found.close_on < today,
        )
        for found, party, stage, owner, since in session.execute(wanted)
    ]


def count_stalled(session: Session) -> int:
    """Return how many open opportunities have stalled."""
    wanted = (
        select(func.count(Opportunity.id))
        .join(Stage, Stage.id == Opportunity.stage_id)
        .where(*_stalled(company(session).today))
    )
    return session.scalars(wanted).one()


def _stalled(today: date) -> tuple[ColumnElement[bool], ...]:
    quiet = has_stalled(
        literal(today),
        last_on=LAST_ON,
        planned_on=PLANNED_ON,
        close_on=Opportunity.close_on,
        stale_days=Stage.stale_days,
    )
    return Opportunity.outcome.is_(None), quiet


def _joined() -> Select[Opportunity, Party, Stage, Pipeline, Person]:
    owner = aliased(Person)
    return (
        select(Opportunity, Party, Stage, Pipeline, owner)
        .join(Party, Party.id == Opportunity.party_id)
        .join(Stage, Stage.id == Opportunity.stage_id)
        .join(Pipeline, Pipeline.id == Opportunity.pipeline_id)
        .outerjoin(owner, owner.id == Opportunity.owner_id)
    )


def _view(
    session: Session,
    found: Opportunity,
    party: Party,
    stage: Stage,
    pipeline: Pipeline,
    owner: Person | None,
) -> OpportunityView:
    ours = company(session)
    percent = stage.probability
    if found.probability is not None and stage.kind not in ENDS:
        percent = found.probability
    amount = Money(found.amount_minor, found.currency)
    return OpportunityView(
        number=found.number,
        title=found.title,
        party_number=party.number,
        party=party.name,
        party_zh=party.name_zh,
        contact=None,
        pipeline=pipeline.code,
        stage=stage.name,
        stage_zh=stage.name_zh,
        kind=stage.kind,
        owner=owner.login if owner else None,
        source=found.source,
        amount=amount,
        base=Money(found.base_minor, ours.currency),
        percent=percent,
        weighted=rules.weighted(amount, percent, ours.rounding),
        category=found.category or stage.category,
        opened_on=found.opened_on,
        close_on=found.close_on,
        closed_on=found.closed_on,
        lost_reason=found.lost_reason,
        notes=found.notes,
    )


def _line(line: OpportunityLine) -> str:
    return f"{line.quantity.normalize():f} × {line.item.sku} @ {line.unit_price.normalize():f}"
