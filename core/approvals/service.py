"""What one can do with proposals."""

import uuid
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.approvals import errors, rules
from core.approvals.events import (
    ProposalChanged,
    ProposalClosed,
    ProposalDecided,
    ProposalOpened,
)
from core.approvals.limits import limits_by_kind, who_may_approve
from core.approvals.rules import Limits, Weight
from core.approvals.tables import (
    Decision,
    PlannedCall,
    Proposal,
    ProposalState,
    Reason,
    Undo,
    Verdict,
)
from core.kernel import clock, events
from core.kernel.company import company
from core.kernel.database import acting
from core.kernel.effects import Effect
from core.kernel.errors import DomainError
from core.kernel.idempotency import hash_of
from core.kernel.identity.acting import Actor
from core.kernel.money import Money
from core.kernel.numbering import next_number
from core.kernel.words import word

ADDED_UP_OVER = timedelta(hours=24)


@dataclass(frozen=True)
class Need:
    """What is still missing before a proposal may be carried out.

    `people` is how many approvals are missing once `actor` has said yes; `refusal` says why the
    actor cannot say yes at all.
    """

    people: int
    refusal: DomainError | None = None


def open_proposal(
    session: Session,
    plan: list[PlannedCall],
    effect: Effect,
    *,
    topic: str,
    title: str,
    reason: Reason,
    undo: Undo,
    needs_roles: list[list[str]],
    expires_in: timedelta,
    private_to: list[str] | None = None,
    undoes: uuid.UUID | None = None,
) -> tuple[Proposal, bool]:
    """Open a proposal, or return the one already open on the same topic; tell whether it is new."""
    who = acting(session)
    asker = who.actor
    # Two that ask at once about one topic: the second waits, and finds the first one's proposal.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext("topic:" + topic))))
    same = select(Proposal).where(Proposal.topic == topic, Proposal.state == ProposalState.OPEN)
    if existing := session.scalar(same):
        if existing.expires_at > clock.now():
            return existing, False
        close(session, existing, ProposalState.EXPIRED, because="its time was up")
    _refuse_flood(session, asker)
    proposal = Proposal(
        number=next_number(session, "PR"),
        topic=topic,
        title=title,
        reason=reason,
        undo=undo,
        needs_roles=needs_roles,
        private_to=private_to,
        asked_by=asker.name,
        asked_by_human=asker.human,
        asked_by_roles=sorted(asker.roles),
        door=who.door,
        expires_at=clock.now() + expires_in,
        undoes_id=undoes,
    )
    proposal.show(plan, effect)
    session.add(proposal)
    session.flush()
    events.record(
        session,
        ProposalOpened(
            str(proposal.id), proposal.number, topic, proposal.digest, proposal.asked_by
        ),
    )
    return proposal, True


def change(
    session: Session,
    proposal: Proposal,
    *,
    plan: list[PlannedCall],
    effect: Effect,
    undo: Undo,
    needs_roles: list[list[str]],
    private_to: list[str] | None,
    because: str,
) -> None:
    """Give an open proposal another plan, or today's effect; every earlier view of it is void."""
    require_open(proposal)
    proposal.undo, proposal.needs_roles = undo, needs_roles
    proposal.private_to = private_to
    proposal.show(plan, effect)
    events.record(
        session, ProposalChanged(str(proposal.id), proposal.number, proposal.digest, because)
    )
    session.flush()


def approve(
    session: Session,
    proposal: Proposal,
    *,
    seen: str,
    reason: str = "",
    concerned: bool = False,
) -> bool:
    """Say yes to the effect with the digest `seen`; tell whether that was the last yes needed.

    `concerned` says that the plan is about the approver too: then it takes a second person.
    """
    actor = acting(session).actor
    require_open(proposal)
    if seen != proposal.digest:
        raise errors.EffectChanged
    need = needed(session, proposal, actor, lock=True, concerned=concerned)
    if need.refusal is not None:
        raise need.refusal
    _decide(session, proposal, Verdict.APPROVE, reason)
    return need.people == 0


def reject(session: Session, proposal: Proposal, *, reason: str) -> None:
    """Say no; the asker may take back what was asked, others need the right to approve it."""
    actor = acting(session).actor
    if not actor.is_person:
        raise errors.OnlyPeopleDecide(actor=actor.name)
    require_open(proposal)
    _decide(session, proposal, Verdict.REJECT, reason)
    close(session, proposal, ProposalState.REJECTED, because=reason or f"by {actor.name}")


def note_edit(session: Session, proposal: Proposal, *, reason: str) -> None:
    """Note that a person changed the plan of an open proposal."""
    _decide(session, proposal, Verdict.EDIT, reason)


def mark_executed(
    session: Session, proposal: Proposal, *, effect: Effect, answers: list[dict[str, Any]]
) -> None:
    """Close an approved proposal, if carrying it out did exactly what was shown."""
    require_open(proposal)
    if effect.digest != proposal.effect.digest:
        raise errors.EffectChanged
    proposal.answers = answers
    close(session, proposal, ProposalState.EXECUTED, because="approved and done")


def close(session: Session, proposal: Proposal, state: ProposalState, *, because: str) -> None:
    """End the life of a proposal."""
    proposal.state = state
    proposal.closed_at = clock.now()
    proposal.closed_because = because
    events.record(
        session,
        ProposalClosed(str(proposal.id), proposal.number, state, hash_of(proposal.plan), because),
    )
    session.flush()


def expire_old(session: Session) -> int:
    """Close every open proposal whose time is up; return how many."""
    old = session.scalars(
        select(Proposal)
        .where(Proposal.state == ProposalState.OPEN, Proposal.expires_at <= clock.now())
        .with_for_update(skip_locked=True)
    ).all()
    for proposal in old:
        close(session, proposal, ProposalState.EXPIRED, because="its time was up")
    return len(old)


def require_open(proposal: Proposal) -> None:
    """Refuse a proposal that was closed, or whose time is up."""
    if proposal.state is not ProposalState.OPEN:
        raise errors.ProposalClosed(
            number=proposal.number, state=proposal.state, because=proposal.closed_because
        )
    if proposal.expires_at <= clock.now():
        raise errors.ProposalExpired(number=proposal.number)


def find_proposal(session: Session, proposal_id: uuid.UUID, *, lock: bool) -> Proposal:
    """Return a proposal, locked against a second decision unless it is only looked at."""
    proposal = session.get(
        Proposal, proposal_id, with_for_update=lock or None, populate_existing=True
    )
    if proposal is None:
        raise errors.UnknownProposal(id=proposal_id)
    return proposal


def may_see(actor: Actor, proposal: Proposal) -> bool:
    """Tell whether somebody may look at a proposal."""
    return rules.may_see(
        actor,
        asked_by_human=proposal.asked_by_human,
        needs_roles=proposal.needs_roles,
        private_to=proposal.private_to,
    )


def needed(
    session: Session,
    proposal: Proposal,
    actor: Actor,
    *,
    lock: bool = False,
    concerned: bool = False,
) -> Need:
    """Say what is missing for a proposal if `actor` approves it now, or why the actor cannot.

    The asker alone is enough within the limit of what they may approve alone; small requests of
    24 hours are added up, so that splitting does not help. Above another limit it takes two
    people, neither of them the asker, and so it does where the approver is concerned: paid by the
    run that is released. Who edited a plan has asked for it as well.
    """
    if not actor.is_person:
        return Need(1, errors.OnlyPeopleDecide(actor=actor.name))
    currency = company(session).currency
    limits = limits_by_kind(session, actor)
    weights = rules.weigh(proposal.effect, currency, limits)
    for kind, weight in weights.items():
        allowed = limits[kind].approve
        # Who has no limit may approve what nobody can compare with one.
        if allowed is not None and not weight.within(allowed):
            return Need(1, _above(session, proposal, kind, weight, allowed))
    yes_by = _decided(session, proposal, Verdict.APPROVE)
    if actor.human in yes_by:
        return Need(1, errors.AlreadyApproved(number=proposal.number))
    askers = {proposal.asked_by_human, *_decided(session, proposal, Verdict.EDIT)}
    two = concerned or not all(
        weight.within(limits[kind].two_persons_above) for kind, weight in weights.items()
    )
    if actor.human in askers:
        # Once others have said yes, the asker's own yes adds nothing that they need.
        refusal = _not_alone(session, proposal, actor, limits, weights, two=two, lock=lock)
        return Need(0) if refusal is None else Need(1, refusal)
    return Need(max(0, (2 if two else 1) - len(yes_by - askers) - 1))


def decisions_of(session: Session, proposal_id: uuid.UUID) -> Sequence[Decision]:
    """Return what people said of a proposal, oldest first."""
    wanted = select(Decision).where(Decision.proposal_id == proposal_id)
    return session.scalars(wanted.order_by(Decision.decided_at, Decision.id)).all()


def list_proposals(
    session: Session, *, state: ProposalState | None, limit: int = 200
) -> Sequence[Proposal]:
    """Return proposals, newest first."""
    wanted = select(Proposal).order_by(Proposal.created_at.desc()).limit(limit)
    if state is not None:
        wanted = wanted.where(Proposal.state == state)
    return session.scalars(wanted).all()


def _decide(session: Session, proposal: Proposal, verdict: Verdict, reason: str) -> None:
    who = acting(session).actor
    session.add(
        Decision(
            proposal_id=proposal.id,
            person=who.name,
            human=who.human,
            verdict=verdict,
            digest=proposal.digest,
            reason=reason,
        )
    )
    events.record(
        session,
        ProposalDecided(
            str(proposal.id), proposal.number, verdict, who.name, proposal.digest, reason
        ),
    )
    session.flush()


def _decided(session: Session, proposal: Proposal, verdict: Verdict) -> set[str]:
    wanted = select(Decision.human).where(
        Decision.proposal_id == proposal.id, Decision.verdict == verdict
    )
    if verdict is Verdict.APPROVE:
        wanted = wanted.where(Decision.digest == proposal.digest)
    return set(session.scalars(wanted))


def _not_alone(
    session: Session,
    proposal: Proposal,
    actor: Actor,
    limits: Mapping[str, Limits],
    weights: Mapping[str, Weight],
    *,
    two: bool,
    lock: bool,
) -> DomainError | None:
    before = _approved_alone(session, actor.human, limits, lock=lock)
    for kind, weight in weights.items():
        alone = limits[kind].alone
        if two or not weight.within(alone, and_before=before.get(kind, 0)):
            shown = "0" if alone is None else str(Money(alone, company(session).currency))
            return errors.SecondPersonNeeded(number=proposal.number, limit=shown)
    return None


def _approved_alone(
    session: Session, human: str, own: Collection[str], *, lock: bool
) -> dict[str, int]:
    # What this human asked for and approved in the last day, by kind. The lock keeps two approvals
    # at the same moment from each seeing only the other's absence.
    if lock:
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext("alone:" + human))))
    mine = (
        select(Proposal)
        .join(Decision, Decision.proposal_id == Proposal.id)
        .where(
            Proposal.state == ProposalState.EXECUTED,
            Proposal.asked_by_human == human,
            Proposal.closed_at > clock.now() - ADDED_UP_OVER,
            Decision.human == human,
            Decision.verdict == Verdict.APPROVE,
        )
        .distinct()
    )
    currency, used = company(session).currency, Counter[str]()
    for done in session.scalars(mine):
        for kind, weight in rules.weigh(done.effect, currency, own).items():
            used[kind] += weight.minor
    return dict(used)


def _refuse_flood(session: Session, asker: Actor) -> None:
    if not asker.is_person:
        return
    count = session.scalars(
        select(func.count()).where(
            Proposal.state == ProposalState.OPEN,
            Proposal.asked_by == asker.name,
            Proposal.expires_at > clock.now(),
        )
    ).one()
    if count >= rules.OPEN_PER_ASKER_MAX:
        raise errors.TooManyOpenProposals(count=count, asker=asker.name)


def _above(
    session: Session, proposal: Proposal, kind: str, weight: Weight, limit: int
) -> errors.AboveYourLimit:
    currency = company(session).currency
    amount = str(Money(weight.minor, currency)) if weight.is_comparable else "?"
    return errors.AboveYourLimit(
        number=proposal.number,
        amount=amount,
        limit=str(Money(limit, currency)),
        kind=f" ({word(kind, 'en')})" if kind else "",
        kind_zh=f"（{word(kind, 'zh')}）" if kind else "",
        roles=", ".join(who_may_approve(session, kind, weight)),
    )
