"""What approvals tell the rest of the house."""

from dataclasses import dataclass

from core.kernel.decisions import DecisionKind
from core.kernel.effects import Change, Kind
from core.kernel.events import Fact


@dataclass(frozen=True)
class ProposalOpened(Fact, name="approvals.proposal_opened"):
    """A plan waits for a person."""

    proposal: str
    number: str
    topic: str
    digest: str
    asked_by: str


@dataclass(frozen=True)
class ProposalChanged(Fact, name="approvals.proposal_changed"):
    """An open proposal has another plan or another effect; every earlier view of it is void."""

    proposal: str
    number: str
    digest: str
    because: str


@dataclass(frozen=True)
class ProposalDecided(Fact, name="approvals.proposal_decided"):
    """A person said yes or no to exactly this effect."""

    proposal: str
    number: str
    verdict: str
    by: str
    digest: str
    reason: str


@dataclass(frozen=True)
class ProposalClosed(Fact, name="approvals.proposal_closed"):
    """A proposal was executed, rejected, withdrawn, or has expired."""

    proposal: str
    number: str
    state: str
    plan_hash: str
    because: str


@dataclass(frozen=True)
class ApprovalLimitSet(Fact, name="approvals.limit_set"):
    """A role may approve up to other amounts from now on."""

    role: str
    alone: str
    approve: str
    two_persons_above: str
    # Of which decisions; empty for those that have no limits of their own.
    kind: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show each limit; an empty one is without limit."""
        limits = {
            "alone": self.alone,
            "approve": self.approve,
            "two_persons_above": self.two_persons_above,
        }
        subject = f"approval_limit {self.role}"
        place = f"@{self.kind}" if self.kind else ""
        return tuple(
            Change(Kind.RECORD, subject, after or "unlimited", measure=f"{measure}{place}")
            for measure, after in limits.items()
        )

    def decided_as(self) -> DecisionKind:
        """Tell that it is about what somebody may do."""
        return DecisionKind.RIGHTS


@dataclass(frozen=True)
class ApprovalLimitRemoved(Fact, name="approvals.limit_removed"):
    """A role decides on this kind within its general limits again."""

    role: str
    kind: str

    def changes(self) -> tuple[Change, ...]:
        """Show that there are no limits of its own any more."""
        subject = f"approval_limit {self.role}"
        return (Change(Kind.RECORD, subject, "revoked", measure=f"approve@{self.kind}"),)

    def decided_as(self) -> DecisionKind:
        """Tell that it is about what somebody may do."""
        return DecisionKind.RIGHTS
