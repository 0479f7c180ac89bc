"""Tables of identity."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.database import Record
from core.kernel.privacy import HOUSE_ONLY, OWN_ACCOUNT, private


class Person(Record):
    """Somebody who can log in, or a service of the house that acts under a name of its own."""

    __tablename__ = "person"
    __table_args__ = (CheckConstraint("language IN ('en', 'zh')", name="language"),)

    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    email: Mapped[str | None]
    language: Mapped[str] = mapped_column(default="en")
    roles: Mapped[list[str]] = mapped_column(ARRAY(String))
    password_hash: Mapped[str | None]
    is_service: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    # The party this account belongs to: a customer of the portal, or an employee. Rooms above
    # own that table, so there is no foreign key.
    party_id: Mapped[uuid.UUID | None]
    # Counts up when rights or the password change: sessions of an older number are dead.
    security_version: Mapped[int] = mapped_column(default=1)


class LoginAttempt(Record):
    """A try to log in, kept to slow down guessing."""

    __tablename__ = "login_attempt"

    login: Mapped[str] = mapped_column(index=True)
    address: Mapped[str] = mapped_column(index=True)
    succeeded: Mapped[bool]


class LoginSession(Record):
    """A browser, terminal or other door that somebody is logged in at; only the hash is kept."""

    __tablename__ = "login_session"

    token_hash: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    security_version: Mapped[int]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ApiToken(Record):
    """A secret that lets a program act as a person; only the hash is kept."""

    __tablename__ = "api_token"

    name: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


# Nobody looks up secrets or tries, not even their own; logging in is done by the house.
for _secret in (LoginAttempt, LoginSession):
    private(_secret.__table__, HOUSE_ONLY)
private(ApiToken.__table__, OWN_ACCOUNT)
