"""What service tells the rest of the house."""

from dataclasses import dataclass

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact

SHOWN_MAX = 200


def cut(text: str) -> str:
    """Return the beginning of a text, as long as a card has room for."""
    line = " ".join(text.split())
    return line if len(line) <= SHOWN_MAX else line[: SHOWN_MAX - 1] + "…"


@dataclass(frozen=True)
class TicketOpened(Fact, name="support.ticket_opened"):
    """A customer asks something of us."""

    number: str
    subject: str
    ticket_type: str
    priority: str
    source: str
    customer_number: str
    customer: str
    team: str
    assignee: str
    said: str
    links: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    response_due: str = ""
    resolution_due: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show what it is about, whose it is, and who looks after it."""
        said = [
            self.subject,
            f"{self.customer_number} {self.customer}".strip(),
            self.team,
            self.assignee,
            *self.links,
            *(f"#{tag}" for tag in self.tags),
            cut(self.said),
        ]
        due = [each for each in (self.response_due, self.resolution_due) if each]
        return (
            Change(
                Kind.DOCUMENT,
                "ticket",
                self.priority,
                measure=self.ticket_type,
                detail=" · ".join(each for each in said if each),
                note=" / ".join(due),
            ),
        )

    def new_number(self) -> str:
        """Return the number of the ticket."""
        return self.number


@dataclass(frozen=True)
class TicketTurned(Fact, name="support.ticket_turned"):
    """A ticket came into another state."""

    number: str
    before: str
    after: str
    because: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show the state before and after, and why."""
        return (
            Change(
                Kind.DOCUMENT,
                f"ticket {self.number}",
                self.after,
                before=self.before,
                detail=cut(self.because),
            ),
        )


@dataclass(frozen=True)
class TicketChanged(Fact, name="support.ticket_changed"):
    """Something of a ticket is another: who looks after it, how it presses, what it is about."""

    number: str
    what: str
    before: str
    after: str
    because: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show it before and after."""
        return (
            Change(
                Kind.DOCUMENT,
                f"ticket {self.number}",
                self.after or "none",
                before=self.before or "none",
                measure=self.what,
                detail=cut(self.because),
            ),
        )


@dataclass(frozen=True)
class MessageAdded(Fact, name="support.message_added"):
    """Something was said in a ticket."""

    number: str
    kind: str
    author: str
    said: str

    def changes(self) -> tuple[Change, ...]:
        """Show the words, and who may read them."""
        is_reply = self.kind == "public_reply"
        return (
            Change(
                Kind.MESSAGE if is_reply else Kind.RECORD,
                f"ticket {self.number}",
                self.kind,
                detail=self.said if is_reply else cut(self.said),
            ),
        )


@dataclass(frozen=True)
class TicketsMerged(Fact, name="support.tickets_merged"):
    """Two tickets are about the same; one of them goes on."""

    number: str
    into: str
    subject: str

    def changes(self) -> tuple[Change, ...]:
        """Show which one goes on."""
        return (
            Change(
                Kind.DOCUMENT,
                f"ticket {self.number}",
                self.into,
                measure="merged_into",
                detail=self.subject,
            ),
        )


@dataclass(frozen=True)
class TicketEscalated(Fact, name="support.ticket_escalated"):
    """A ticket needs somebody higher up."""

    number: str
    level: int
    to: str
    because: str

    def changes(self) -> tuple[Change, ...]:
        """Show to whom it goes, and why."""
        return (
            Change(
                Kind.DOCUMENT,
                f"ticket {self.number}",
                f"{self.level}",
                before=f"{self.level - 1}",
                measure="escalation",
                detail=" · ".join(each for each in (self.to, cut(self.because)) if each),
            ),
        )


@dataclass(frozen=True)
class TicketRated(Fact, name="support.ticket_rated"):
    """A customer said how they liked what we did."""

    number: str
    before: str
    score: int
    said: str

    def changes(self) -> tuple[Change, ...]:
        """Show the score."""
        return (
            Change(
                Kind.DOCUMENT,
                f"ticket {self.number}",
                f"{self.score}",
                before=self.before or None,
                measure="satisfaction",
                detail=cut(self.said),
            ),
        )


@dataclass(frozen=True)
class SlaBroken(Fact, name="support.sla_broken"):
    """What was promised by a time was not done by then."""

    number: str
    target: str
    due_at: str

    def changes(self) -> tuple[Change, ...]:
        """Show what was promised; when it was due is known to the minute only by the clock."""
        return (
            Change(
                Kind.RECORD, f"ticket {self.number}", "breached", measure=self.target,
                note=self.due_at,
            ),
        )  # fmt: skip


@dataclass(frozen=True)
class SlaAtRisk(Fact, name="support.sla_at_risk"):
    """Most of the time of something promised is used, and it is not done."""

    number: str
    target: str
    due: str


@dataclass(frozen=True)
class TeamSet(Fact, name="support.team_set"):
    """A team is there, or is made up otherwise."""

    code: str
    called: str
    before: str
    after: str

    def changes(self) -> tuple[Change, ...]:
        """Show who is in it, and what it takes."""
        return (
            Change(
                Kind.RECORD,
                f"support_team {self.code}",
                self.after or "none",
                before=self.before or None,
                detail=self.called,
            ),
        )


@dataclass(frozen=True)
class PolicySet(Fact, name="support.policy_set"):
    """What we promise for some tickets is another."""

    code: str
    called: str
    before: str
    after: str
    whom: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show the promise before and after, and for which tickets it is made."""
        return (
            Change(
                Kind.RECORD,
                f"sla_policy {self.code}",
                self.after,
                before=self.before or None,
                detail=" · ".join(each for each in (self.called, self.whom) if each),
            ),
        )


@dataclass(frozen=True)
class ReplySaved(Fact, name="support.reply_saved"):
    """Words are kept that are said again and again."""

    code: str
    language: str
    before: str
    after: str

    def changes(self) -> tuple[Change, ...]:
        """Show the words."""
        return (
            Change(
                Kind.RECORD,
                f"saved_reply {self.code}",
                cut(self.after),
                before=cut(self.before) or None,
                measure=self.language,
            ),
        )


@dataclass(frozen=True)
class ArticleWritten(Fact, name="support.article_written"):
    """An article is there, or has other words."""

    number: str
    is_new: bool
    language: str
    version: int
    title: str
    body: str
    reach: str

    def changes(self) -> tuple[Change, ...]:
        """Show the title, and who may read it."""
        subject = "article" if self.is_new else f"article {self.number}"
        return (
            Change(
                Kind.RECORD,
                subject,
                self.title,
                measure=self.language,
                detail=f"v{self.version} · {cut(self.body)}",
                note="",
            ),
            Change(Kind.RECORD, subject, self.reach, measure="readers"),
        )

    def new_number(self) -> str | None:
        """Return the number of a new article."""
        return self.number if self.is_new else None


@dataclass(frozen=True)
class ArticleTurned(Fact, name="support.article_turned"):
    """An article is published, taken back, or for others to read."""

    number: str
    title: str
    before: str
    after: str

    def changes(self) -> tuple[Change, ...]:
        """Show the state before and after."""
        subject = f"article {self.number}"
        return (Change(Kind.RECORD, subject, self.after, before=self.before, detail=self.title),)


@dataclass(frozen=True)
class ArticleRated(Fact, name="support.article_rated"):
    """An article helped somebody, or did not."""

    number: str
    helped: bool

    def changes(self) -> tuple[Change, ...]:
        """Show whether it helped."""
        after = "helped" if self.helped else "did_not_help"
        return (Change(Kind.RECORD, f"article {self.number}", after),)


@dataclass(frozen=True)
class AddressSet(Fact, name="support.address_set"):
    """Mail to an address of ours becomes tickets, or does no more."""

    address: str
    before: str
    after: str

    def changes(self) -> tuple[Change, ...]:
        """Show the address, and what its mail becomes."""
        subject = f"service_address {self.address}"
        return (Change(Kind.RECORD, subject, self.after, before=self.before or None),)


@dataclass(frozen=True)
class WarrantySet(Fact, name="support.warranty_set"):
    """For how long we answer for goods is another."""

    item: str
    before: str
    months: int

    def changes(self) -> tuple[Change, ...]:
        """Show the months before and after."""
        return (
            Change(
                Kind.RECORD,
                f"warranty {self.item}".strip(),
                f"{self.months}",
                before=self.before or None,
                measure="months",
            ),
        )
