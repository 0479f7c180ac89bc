"""Questions about people and their accounts."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.kernel.identity.tables import Person

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
        )
        for person in session.scalars(wanted)
    ]
