"""Teams of sales, and what people and teams are to win in a period."""

import uuid
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from core.crm.opportunities.errors import (
    CodeTaken,
    PeriodBackwards,
    QuotaNotPositive,
    QuotaWhose,
    UnknownTeam,
)
from core.crm.opportunities.events import QuotaSet, TeamAdded, TeamJoined
from core.crm.opportunities.rules import percent_of
from core.crm.opportunities.tables import Opportunity, Quota, SalesTeam, StageKind, TeamMember
from core.kernel import events
from core.kernel.company import company
from core.kernel.database import total
from core.kernel.errors import Both
from core.kernel.identity.tables import Person
from core.kernel.money import CurrencyMismatch, Money
from core.kernel.naming import resolved
from core.kernel.words import WORDS

LISTED_MAX = 200


@dataclass(frozen=True)
class QuotaView:
    """A quota, and how far it is reached."""

    whose: str
    is_team: bool
    starts_on: date
    ends_on: date
    quota: Money
    won: Money
    attainment: Decimal | None
    gap: Money


def add_team(session: Session, *, code: str, name: str, name_zh: str) -> SalesTeam:
    """Open one more team of sales."""
    if session.scalar(select(SalesTeam.id).where(SalesTeam.code == code)):
        raise CodeTaken(what=Both(*WORDS["sales_team"]), code=code)
    team = SalesTeam(code=code, name=name, name_zh=name_zh)
    session.add(team)
    events.record(session, TeamAdded(code, name))
    session.flush()
    return team


def join_team(session: Session, person: Person, team: SalesTeam) -> None:
    """Let somebody belong to a team, and to no other one."""
    member = session.get(TeamMember, person.id, with_for_update=True)
    before = "" if member is None else session.get_one(SalesTeam, member.team_id).code
    if member is None:
        session.add(TeamMember(person_id=person.id, team_id=team.id))
    else:
        member.team_id = team.id
    events.record(session, TeamJoined(person.login, before, team.code))
    session.flush()


def find_team(session: Session, text: str) -> SalesTeam:
    """Return the team that a code or name means."""
    among = select(SalesTeam.code, SalesTeam.name, SalesTeam.name_zh)
    code = resolved(session, among, text, UnknownTeam)
    return session.scalars(select(SalesTeam).where(SalesTeam.code == code)).one()


def set_quota(
    session: Session,
    *,
    starts_on: date,
    ends_on: date,
    amount: Money,
    owner: Person | None = None,
    team: SalesTeam | None = None,
) -> Quota:
    """Say what a person or a team is to win in a period; said again, it is another amount."""
    if (owner is None) == (team is None):
        raise QuotaWhose
    if ends_on < starts_on:
        raise PeriodBackwards(first=starts_on, last=ends_on)
    ours = company(session).currency
    if amount.currency != ours:
        raise CurrencyMismatch(left=amount.currency, right=ours)
    if amount.minor <= 0:
        raise QuotaNotPositive(amount=amount)
    wanted = select(Quota).where(
        Quota.owner_id == owner.id if owner else Quota.owner_id.is_(None),
        Quota.team_id == team.id if team else Quota.team_id.is_(None),
        Quota.starts_on == starts_on,
        Quota.ends_on == ends_on,
    )
    quota = session.scalars(wanted.with_for_update()).one_or_none()
    before = None if quota is None else Money(quota.amount_minor, ours)
    if quota is None:
        quota = Quota(
            owner_id=owner.id if owner else None,
            team_id=team.id if team else None,
            starts_on=starts_on,
            ends_on=ends_on,
        )
        session.add(quota)
    quota.amount_minor = amount.minor
    whose = owner.login if owner else team.code if team else ""
    fact = QuotaSet(whose, starts_on.isoformat(), ends_on.isoformat(), before, amount)
    events.record(session, fact)
    session.flush()
    return quota


def members_of(session: Session, team: SalesTeam) -> list[uuid.UUID]:
    """Return who belongs to a team."""
    return list(session.scalars(select(TeamMember.person_id).where(TeamMember.team_id == team.id)))


def quota_of(
    session: Session,
    *,
    first: date,
    last: date,
    owner: Person | None = None,
    team: SalesTeam | None = None,
) -> Money | None:
    """Return the quota of exactly this time, or the sum of those within it; None: there is none."""
    whose = (
        Quota.owner_id == owner.id if owner
        else Quota.team_id == team.id if team
        else or_(
            Quota.team_id.is_not(None),
            Quota.owner_id.not_in(select(TeamMember.person_id)),
        )
    )  # fmt: skip
    within = select(func.count(), total(Quota.amount_minor)).where(
        whose, Quota.starts_on >= first, Quota.ends_on <= last
    )
    exact = within.where(Quota.starts_on == first, Quota.ends_on == last)
    for wanted in (exact, within):
        count, minor = session.execute(wanted).one()
        if count:
            return Money(minor, company(session).currency)
    return None


def list_quotas(
    session: Session, *, first: date | None = None, last: date | None = None
) -> list[QuotaView]:
    """Return the quotas that touch a time, and how far each is reached: won by its days."""
    won_by_it = (
        select(total(Opportunity.base_minor))
        .where(
            or_(
                Opportunity.owner_id == Quota.owner_id,
                Opportunity.owner_id.in_(
                    select(TeamMember.person_id)
                    .where(TeamMember.team_id == Quota.team_id)
                    .correlate(Quota)
                ),
            ),
            Opportunity.outcome == StageKind.WON.value,
            Opportunity.closed_on.between(Quota.starts_on, Quota.ends_on),
        )
        .correlate(Quota)
        .scalar_subquery()
    )
    wanted = (
        select(Quota, Person.login, SalesTeam.code, won_by_it)
        .outerjoin(Person, Person.id == Quota.owner_id)
        .outerjoin(SalesTeam, SalesTeam.id == Quota.team_id)
        .order_by(Quota.starts_on, SalesTeam.code, Person.login)
        .limit(LISTED_MAX)
    )
    if first is not None:
        wanted = wanted.where(Quota.ends_on >= first)
    if last is not None:
        wanted = wanted.where(Quota.starts_on <= last)
    currency = company(session).currency
    views = []
    for quota, login, code, minor in session.execute(wanted):
        goal, won = Money(quota.amount_minor, currency), Money(minor, currency)
        left = goal - won
        views.append(
            QuotaView(
                whose=login or code or "",
                is_team=quota.team_id is not None,
                starts_on=quota.starts_on,
                ends_on=quota.ends_on,
                quota=goal,
                won=won,
                attainment=percent_of(won.minor, goal.minor),
                gap=left if left.minor > 0 else Money(0, currency),
            )
        )
    return views
