"""What communications tell the rest of the house; what others wrote stays in the message."""

from dataclasses import dataclass

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact


@dataclass(frozen=True)
class MessageReceived(Fact, name="communications.message_received"):
    """Something reached us; `party_number` is empty where nobody knows of whom it is."""

    number: str
    thread: str
    medium: str
    party_number: str
    standing: str
    automatic: bool = False

    def new_number(self) -> str | None:
        """Return its number."""
        return self.number


@dataclass(frozen=True)
class MessageLinked(Fact, name="communications.message_linked"):
    """A person said of which party messages are."""

    number: str
    address: str
    before: str
    party_number: str
    party: str
    messages: int

    def changes(self) -> tuple[Change, ...]:
        """Show the address, the party and how many messages it concerns."""
        after = f"{self.party_number} {self.party}"
        detail = f"{self.address} · {self.messages}"
        subject = f"message {self.number}"
        before = self.before or "unlinked"
        return (Change(Kind.RECORD, subject, after, before=before, detail=detail),)


@dataclass(frozen=True)
class StandingChanged(Fact, name="communications.standing_changed"):
    """A message was set aside, or taken back among the others."""

    number: str
    before: str
    after: str
    because: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show it before and after."""
        subject = f"message {self.number}"
        return (Change(Kind.RECORD, subject, self.after, before=self.before, detail=self.because),)


@dataclass(frozen=True)
class MailQueued(Fact, name="communications.mail_queued"):
    """A mail was approved and goes out as soon as the mail server takes it."""

    number: str
    thread: str
    to: str
    to_name: str
    party_number: str
    subject: str
    text: str

    def changes(self) -> tuple[Change, ...]:
        """Show the whole message that goes out."""
        whom = f"{self.to_name} <{self.to}>" if self.to_name else self.to
        return (
            Change(
                Kind.MESSAGE,
                "mail_that_goes_out",
                whom,
                detail=f"{self.subject} · {self.text}",
            ),
        )

    def new_number(self) -> str | None:
        """Return its number."""
        return self.number


@dataclass(frozen=True)
class MailMoved(Fact, name="communications.mail_moved"):
    """A mail on its way out was sent, failed, or nobody knows; or a person settled it."""

    number: str
    before: str
    after: str
    because: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show it before and after."""
        subject = f"message {self.number}"
        return (Change(Kind.MESSAGE, subject, self.after, before=self.before, detail=self.because),)


@dataclass(frozen=True)
class AddressBounced(Fact, name="communications.address_bounced"):
    """A mail of ours came back from an address."""

    address: str
    number: str
    for_good: bool
    why: str


@dataclass(frozen=True)
class AddressTrusted(Fact, name="communications.address_trusted"):
    """A person says that an address takes mails again."""

    address: str
    why: str

    def changes(self) -> tuple[Change, ...]:
        """Show the address and why it was not trusted."""
        subject = f"address {self.address}"
        return (Change(Kind.RECORD, subject, "active", before="bounced", detail=self.why),)
