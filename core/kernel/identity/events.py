"""Facts of identity: who came in, who was turned away, and whose rights changed."""

from dataclasses import dataclass

from core.kernel.decisions import DecisionKind
from core.kernel.effects import Change, Kind
from core.kernel.events import Fact


def _person(login: str, measure: str, before: str, after: str) -> tuple[Change, ...]:
    return (Change(Kind.RECORD, f"person {login}", after, before=before, measure=measure),)


@dataclass(frozen=True)
class PersonAdded(Fact, name="identity.person_added"):
    """Somebody got an account."""

    login: str
    person_name: str
    roles: tuple[str, ...]
    is_service: bool

    def changes(self) -> tuple[Change, ...]:
        """Show the account with its rights."""
        detail = f"{self.login} · {self.person_name} · {', '.join(self.roles)}"
        return (Change(Kind.RECORD, "person", "new", detail=detail),)

    def decided_as(self) -> DecisionKind:
        """Tell that it is about what somebody may do."""
        return DecisionKind.RIGHTS


@dataclass(frozen=True)
class RolesSet(Fact, name="identity.roles_set"):
    """Somebody's rights were changed."""

    login: str
    before: tuple[str, ...]
    after: tuple[str, ...]

    def changes(self) -> tuple[Change, ...]:
        """Show the rights before and after."""
        return _person(self.login, "roles", ", ".join(self.before), ", ".join(self.after))

    def decided_as(self) -> DecisionKind:
        """Tell that it is about what somebody may do."""
        return DecisionKind.RIGHTS


@dataclass(frozen=True)
class PersonDeactivated(Fact, name="identity.person_deactivated"):
    """An account was closed; its sessions and tokens ended with it."""

    login: str

    def changes(self) -> tuple[Change, ...]:
        """Show that the account is closed."""
        return _person(self.login, "", "active", "inactive")


@dataclass(frozen=True)
class PersonActivated(Fact, name="identity.person_activated"):
    """A closed account was opened again."""

    login: str

    def changes(self) -> tuple[Change, ...]:
        """Show that the account is open."""
        return _person(self.login, "", "inactive", "active")

    def decided_as(self) -> DecisionKind:
        """Tell that it is about what somebody may do."""
        return DecisionKind.RIGHTS


@dataclass(frozen=True)
class PasswordSet(Fact, name="identity.password_set"):
    """Somebody's password was set; it stands nowhere, and neither does its hash."""

    login: str

    def changes(self) -> tuple[Change, ...]:
        """Show that there is another password."""
        return (Change(Kind.RECORD, f"person {self.login}", "new", measure="password"),)


@dataclass(frozen=True)
class LanguageSet(Fact, name="identity.language_set"):
    """Somebody chose the language they are spoken to in."""

    login: str
    before: str
    after: str

    def changes(self) -> tuple[Change, ...]:
        """Show the language before and after."""
        return _person(self.login, "language", self.before, self.after)


@dataclass(frozen=True)
class LoggedIn(Fact, name="identity.logged_in"):
    """Somebody came in."""

    login: str
    address: str


@dataclass(frozen=True)
class LoginRefused(Fact, name="identity.login_refused"):
    """Somebody gave a wrong login or password; a login that does not exist is not repeated.

    What was typed there may well be a password. `limit_reached` marks the try after which
    further ones are not even looked at.
    """

    login: str | None
    address: str
    limit_reached: bool


@dataclass(frozen=True)
class LoggedOut(Fact, name="identity.logged_out"):
    """Somebody left."""

    login: str


@dataclass(frozen=True)
class ApiTokenIssued(Fact, name="identity.api_token_issued"):
    """Somebody let a program act in their name."""

    login: str
    token_name: str
    days: int

    def changes(self) -> tuple[Change, ...]:
        """Show whose token it is and for how long it is valid."""
        subject = f"person {self.login}"
        detail = f"{self.token_name} · {self.days} d"
        return (Change(Kind.RECORD, subject, "new", measure="api_token", detail=detail),)


@dataclass(frozen=True)
class ApiTokenRevoked(Fact, name="identity.api_token_revoked"):
    """A program may no longer act in somebody's name."""

    login: str
    token_name: str

    def changes(self) -> tuple[Change, ...]:
        """Show which token ended."""
        subject = f"person {self.login}"
        return (
            Change(Kind.RECORD, subject, "revoked", measure="api_token", detail=self.token_name),
        )
