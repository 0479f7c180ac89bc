"""Questions about people and their accounts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.kernel.identity.service import actor_of
from core.kernel.identity.tables import LoginAttempt, Person
from core.kernel.privacy import as_the_house

PEOPLE_MAX = 500


@dataclass(frozen=True)
class PersonView:
    """An account as it may be shown; secrets are no part of it."""

    login: str
    name: str
    roles: tuple[str, ...]
    language: str
    active: bool
    is_service: bool
    has_password: bool
    # Two accounts of one human being share this.
    human: str = ""
    added_at: datetime | None = None


def list_people(session: Session, *, include_inactive: bool = True) -> list[PersonView]:
    """Return the accounts by login."""
    wanted = select(Person).order_by(Person.login).limit(PEOPLE_MAX)
    if not include_inactive:
        wanted = wanted.where(Person.active)
    return [
        PersonView(
            login=person.login,
            name=person.name,
            roles=tuple(person.roles),
            language=person.language,
            active=person.active,
            is_service=person.is_service,
            has_password=person.password_hash is not None,
            human=actor_of(person).human,
            added_at=person.created_at,
        )
        for person in session.scalars(wanted)
    ]


def last_logins(session: Session) -> Mapping[str, datetime]:
    """Return when each account was last logged in to; those never used are not among them.

    For whoever oversees the accounts: it is everybody's.
    """
    newest = select(LoginAttempt.login, func.max(LoginAttempt.created_at))
    newest = newest.where(LoginAttempt.succeeded).group_by(LoginAttempt.login)
    with as_the_house(session):
        return dict(iter(session.execute(newest).all()))
