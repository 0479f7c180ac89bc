"""What marketing tells the rest of the house, and what a person sees before saying yes."""

from dataclasses import dataclass

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact
from core.kernel.money import Money


@dataclass(frozen=True)
class SegmentMade(Fact, name="marketing.segment_made"):
    """A group of customers has a name."""

    number: str
    called: str
    kind: str
    filters: tuple[str, ...]
    members: int
    contacts: bool

    def changes(self) -> tuple[Change, ...]:
        """Show its filters and how many are in it now."""
        whom = "contacts" if self.contacts else ""
        detail = " · ".join(part for part in (*self.filters, whom, str(self.members)) if part)
        return (Change(Kind.RECORD, "segment", self.called, measure=self.kind, detail=detail),)

    def new_number(self) -> str | None:
        """Return its number."""
        return self.number


@dataclass(frozen=True)
class SegmentChanged(Fact, name="marketing.segment_changed"):
    """Somebody was put into a segment or taken out of it, or it is not used any more."""

    number: str
    called: str
    what: str
    party: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show whom."""
        subject = f"segment {self.called}"
        return (Change(Kind.RECORD, subject, self.what, detail=self.party),)


@dataclass(frozen=True)
class TemplateWritten(Fact, name="marketing.template_written"):
    """A mail has a text, or another one."""

    called: str
    language: str
    subject: str
    body: str
    before: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show the whole text, and the one before."""
        return (
            Change(
                Kind.RECORD,
                f"mail_template {self.called}",
                f"{self.subject} · {self.body}",
                before=self.before or None,
                measure=self.language,
            ),
        )


@dataclass(frozen=True)
class CampaignStarted(Fact, name="marketing.campaign_started"):
    """A mail goes out to many, in batches; `seal` is a fingerprint of all of them."""

    number: str
    called: str
    segment: str
    purpose: str
    recipients: int
    first: tuple[str, ...]
    seal: str
    # Why somebody is left out, how many, and the first of them.
    left_out: tuple[tuple[str, int, str], ...]
    texts: tuple[tuple[str, str, str], ...]
    cost: Money
    per_minute: int

    def changes(self) -> tuple[Change, ...]:
        """Show what goes out, to how many, the first of them, and who is left out why."""
        terms = f"{self.segment} · {self.purpose} · ≤ {self.per_minute}/min"
        if self.cost.minor:
            terms += f" · {self.cost}"
        texts = tuple(
            Change(
                Kind.MESSAGE,
                "mail_that_goes_out",
                subject,
                measure=language,
                detail=body,
            )
            for language, subject, body in self.texts
        )
        whom = Change(
            Kind.MESSAGE,
            "recipients",
            str(self.recipients),
            detail=f"{', '.join(self.first)} [{self.seal}]",
        )
        without = tuple(
            Change(Kind.MESSAGE, "left_out", str(count), measure=reason, detail=first)
            for reason, count, first in self.left_out
        )
        return (
            Change(Kind.DOCUMENT, "campaign", self.called, detail=terms),
            *texts,
            whom,
            *without,
        )

    def new_number(self) -> str | None:
        """Return its number."""
        return self.number


@dataclass(frozen=True)
class CampaignMoved(Fact, name="marketing.campaign_moved"):
    """A campaign is sent, or was stopped."""

    number: str
    before: str
    after: str
    queued: int
    left: int

    def changes(self) -> tuple[Change, ...]:
        """Show how many have got it and how many will not."""
        detail = f"{self.queued} + {self.left}"
        subject = f"campaign {self.number}"
        return (Change(Kind.DOCUMENT, subject, self.after, before=self.before, detail=detail),)


@dataclass(frozen=True)
class OptedOut(Fact, name="marketing.opted_out"):
    """Somebody does not want mails for a purpose any more, and said so by a mail of ours."""

    number: str
    party_number: str
    purpose: str
    how: str
