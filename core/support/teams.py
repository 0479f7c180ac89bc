"""Teams of service: who is in them, what comes to them, and who has the least to do."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from core.kernel import events
from core.kernel.identity.roles import Role
from core.kernel.identity.tables import Person
from core.kernel.naming import resolved
from core.support import errors, rules
from core.support.events import TeamSet
from core.support.tables import SupportTeam, SupportTeamMember, Ticket, TicketType

# Who may have a ticket.
HANDS = frozenset({Role.SERVICE, Role.MANAGER, Role.ADMIN, Role.SALES})


def set_team(
    session: Session,
    *,
    code: str,
    name: str = "",
    name_zh: str = "",
    members: Sequence[Person] = (),
    lead: Person | None = None,
    takes: Sequence[TicketType] = (),
) -> SupportTeam:
    """Make a team, or say anew who is in it, who leads it, and what comes to it by itself."""
    code = code.strip().upper()
    people = list({person.id: person for person in (*members, *([lead] if lead else []))}.values())
    for person in people:
        require_hands(person)
    wanted = select(SupportTeam).where(SupportTeam.code == code)
    team = session.scalar(
        wanted.options(selectinload(SupportTeam.members)).with_for_update(of=SupportTeam)
    )
    before = "" if team is None else _said(session, team)
    if team is None:
        team = SupportTeam(code=code, name=name or code, name_zh=name_zh or name or code)
        team.members = []
        session.add(team)
    team.name, team.name_zh = name or team.name, name_zh or team.name_zh
    team.takes = sorted({str(each) for each in takes})
    team.lead_id = None if lead is None else lead.id
    session.flush()
    kept = {person.id for person in people}
    team.members = [each for each in team.members if each.person_id in kept] + [
        SupportTeamMember(team_id=team.id, person_id=each)
        for each in kept - {each.person_id for each in team.members}
    ]
    session.flush()
    events.record(session, TeamSet(team.code, team.name, before, _said(session, team)))
    return team


def find_team(session: Session, text: str) -> SupportTeam:
    """Return the team that is meant by a code or name."""
    names = select(SupportTeam.code, SupportTeam.name, SupportTeam.name_zh)
    code = resolved(session, names, text, errors.UnknownTeam)
    return session.scalars(
        select(SupportTeam)
        .where(SupportTeam.code == code)
        .options(selectinload(SupportTeam.members), selectinload(SupportTeam.lead))
    ).one()


def team_for(session: Session, ticket_type: TicketType) -> SupportTeam | None:
    """Return the team that tickets of a kind come to by themselves: the only one, or by code."""
    wanted = select(SupportTeam).where(SupportTeam.takes.contains([str(ticket_type)]))
    return session.scalar(wanted.order_by(SupportTeam.code).limit(1))


def least_busy(session: Session, team: SupportTeam | None) -> Person | None:
    """Return who of a team, or of service, has the fewest tickets to do; by login among equals."""
    open_ones = (
        select(func.count())
        .where(Ticket.assignee_id == Person.id, Ticket.state.in_(rules.TO_DO))
        .scalar_subquery()
    )
    wanted = select(Person).where(Person.active, Person.is_service.is_(False))
    if team is None:
        wanted = wanted.where(Person.roles.contains([str(Role.SERVICE)]))
    else:
        members = select(SupportTeamMember.person_id).where(SupportTeamMember.team_id == team.id)
        wanted = wanted.where(Person.id.in_(members))
    return session.scalar(wanted.order_by(open_ones, Person.login).limit(1))


def require_hands(person: Person) -> None:
    """Refuse somebody who cannot take a ticket."""
    if not person.active or person.is_service or not HANDS & set(person.roles):
        raise errors.NobodyThere(person=person.name)


def _said(session: Session, team: SupportTeam) -> str:
    people = select(Person.login).join(SupportTeamMember, SupportTeamMember.person_id == Person.id)
    logins = session.scalars(
        people.where(SupportTeamMember.team_id == team.id).order_by(Person.login)
    )
    return " · ".join(each for each in (", ".join(logins), ", ".join(team.takes)) if each)
