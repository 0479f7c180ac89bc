"""What is told of contacts."""

from dataclasses import dataclass

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact


@dataclass(frozen=True)
class ContactAdded(Fact, name="parties.contact_added"):
    """We know somebody at a customer or supplier."""

    account_number: str
    account: str
    person_number: str
    person: str
    role: str
    job_title: str
    is_main: bool

    def changes(self) -> tuple[Change, ...]:
        """Show whom we know where."""
        main = "main contact" if self.is_main else ""
        told = (self.person, self.account, self.role, self.job_title, main)
        detail = " · ".join(part for part in told if part)
        return (Change(Kind.RECORD, "contact", "new", detail=detail),)


@dataclass(frozen=True)
class ContactEnded(Fact, name="parties.contact_ended"):
    """Somebody is no longer the one to talk to there."""

    account_number: str
    account: str
    person_number: str
    person: str

    def changes(self) -> tuple[Change, ...]:
        """Show who has left where."""
        subject = f"contact {self.person_number}"
        detail = f"{self.person} · {self.account}"
        return (Change(Kind.RECORD, subject, "ended", before="active", detail=detail),)


@dataclass(frozen=True)
class AddressChanged(Fact, name="parties.address_changed"):
    """A party is reached by one more address, or no longer by one."""

    number: str
    called: str
    kind: str
    before: str
    after: str
    label: str

    def changes(self) -> tuple[Change, ...]:
        """Show the address."""
        return (
            Change(
                Kind.RECORD,
                f"party {self.number}",
                self.after or "–",
                before=self.before or "–",
                measure=self.kind,
                detail=" · ".join(part for part in (self.called, self.label) if part),
            ),
        )


@dataclass(frozen=True)
class ConsentNoted(Fact, name="parties.consent_noted"):
    """Somebody agreed to be contacted for a purpose, or withdrew that."""

    number: str
    called: str
    purpose: str
    given: bool
    how: str
    at: str

    def changes(self) -> tuple[Change, ...]:
        """Show what for, and by which way it was said."""
        return (
            Change(
                Kind.RECORD,
                f"consent {self.number}",
                "given" if self.given else "withdrawn",
                measure=self.purpose,
                detail=f"{self.called} · {self.how} · {self.at}",
            ),
        )


@dataclass(frozen=True)
class ParentSet(Fact, name="parties.parent_set"):
    """A company belongs to another one, or stands by itself."""

    number: str
    called: str
    before: str
    after: str

    def changes(self) -> tuple[Change, ...]:
        """Show to whom it belonged and belongs."""
        return (
            Change(
                Kind.RECORD,
                f"party {self.number}",
                self.after or "–",
                before=self.before or "–",
                measure="parent",
                detail=self.called,
            ),
        )
