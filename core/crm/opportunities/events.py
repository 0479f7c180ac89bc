"""What is told of opportunities."""

from dataclasses import dataclass

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact
from core.kernel.money import Money


@dataclass(frozen=True)
class PipelineAdded(Fact, name="crm.pipeline_added"):
    """Opportunities may take one more way."""

    code: str
    called: str

    def changes(self) -> tuple[Change, ...]:
        """Show the new pipeline."""
        return (Change(Kind.RECORD, "pipeline", "new", detail=f"{self.code} · {self.called}"),)


@dataclass(frozen=True)
class StageSet(Fact, name="crm.stage_set"):
    """A pipeline has one more stage, or one that means something else."""

    pipeline: str
    code: str
    called: str
    position: int
    before: str
    after: str

    def changes(self) -> tuple[Change, ...]:
        """Show the stage and how likely it makes things."""
        return (
            Change(
                Kind.RECORD,
                f"stage {self.code}",
                self.after,
                before=self.before or None,
                detail=f"{self.pipeline} · {self.position}. {self.called}",
            ),
        )


@dataclass(frozen=True)
class OpportunityOpened(Fact, name="crm.opportunity_opened"):
    """Somebody may buy something."""

    number: str
    title: str
    party: str
    stage: str
    worth: Money
    close_on: str
    owner: str
    lines: tuple[str, ...]

    def changes(self) -> tuple[Change, ...]:
        """Show what may be sold, to whom, and when."""
        told = (self.title, self.party, self.stage, str(self.worth), self.close_on, self.owner)
        detail = " · ".join(part for part in (*told, ", ".join(self.lines)) if part)
        return (Change(Kind.RECORD, "opportunity", "new", detail=detail),)

    def new_number(self) -> str:
        """Return the number of the opportunity."""
        return self.number


@dataclass(frozen=True)
class StageMoved(Fact, name="crm.stage_moved"):
    """An opportunity came into another stage."""

    number: str
    party: str
    before: str
    after: str
    outcome: str
    because: str
    worth: Money

    def changes(self) -> tuple[Change, ...]:
        """Show the stage before and after, and why it was lost."""
        told = (self.party, str(self.worth), self.because)
        return (
            Change(
                Kind.RECORD,
                f"opportunity {self.number}",
                self.after,
                before=self.before,
                measure="stage",
                detail=" · ".join(part for part in told if part),
            ),
        )


@dataclass(frozen=True)
class OpportunityChanged(Fact, name="crm.opportunity_changed"):
    """Something else is said of an opportunity: what, before and after."""

    number: str
    party: str
    said: tuple[tuple[str, str, str], ...]

    def changes(self) -> tuple[Change, ...]:
        """Show each of them before and after."""
        return tuple(
            Change(
                Kind.RECORD,
                f"opportunity {self.number}",
                after or "–",
                before=before or "–",
                measure=what,
                detail=self.party,
            )
            for what, before, after in self.said
        )


@dataclass(frozen=True)
class DocumentLinked(Fact, name="crm.document_linked"):
    """A quotation or order came of an opportunity."""

    number: str
    document: str

    def changes(self) -> tuple[Change, ...]:
        """Show what belongs to what."""
        subject = f"opportunity {self.number}"
        return (Change(Kind.RECORD, subject, self.document, measure="document"),)


@dataclass(frozen=True)
class TeamAdded(Fact, name="crm.team_added"):
    """There is one more team of sales."""

    code: str
    called: str

    def changes(self) -> tuple[Change, ...]:
        """Show the team."""
        return (Change(Kind.RECORD, "sales_team", "new", detail=f"{self.code} · {self.called}"),)


@dataclass(frozen=True)
class TeamJoined(Fact, name="crm.team_joined"):
    """Somebody belongs to another team of sales."""

    person: str
    before: str
    after: str

    def changes(self) -> tuple[Change, ...]:
        """Show the team before and after."""
        subject = f"person {self.person}"
        return (
            Change(
                Kind.RECORD, subject, self.after, before=self.before or "–", measure="sales_team"
            ),
        )


@dataclass(frozen=True)
class QuotaSet(Fact, name="crm.quota_set"):
    """Somebody is to win so much in a period."""

    whose: str
    starts_on: str
    ends_on: str
    before: Money | None
    after: Money

    def changes(self) -> tuple[Change, ...]:
        """Show the quota before and after."""
        return (
            Change(
                Kind.RECORD,
                f"quota {self.whose}",
                str(self.after),
                before=str(self.before) if self.before is not None else "–",
                detail=f"{self.starts_on} – {self.ends_on}",
            ),
        )
