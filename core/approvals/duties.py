"""The matrix of duties: which steps of one case must be in other hands than which others."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.approvals import errors
from core.approvals.tables import Decision, DutyDone, DutyName, Proposal, Verdict
from core.kernel.words import word

# Two duties of one case are for two people, unless their pair stands here: whoever adds a duty
# has it kept apart from all the others.
IN_ONE_HAND: frozenset[frozenset[DutyName]] = frozenset()
CASES_LISTED_MAX = 500


@dataclass(frozen=True)
class HandView:
    """What one human had to do with the duties of a case."""

    case: str
    human: str
    approved: tuple[DutyName, ...]
    asked_for: tuple[DutyName, ...]


def conflicts_of(duty: DutyName) -> frozenset[DutyName]:
    """Return the duties of a case that are not for whoever has done this one."""
    return frozenset(
        other
        for other in DutyName
        if other is not duty and frozenset({duty, other}) not in IN_ONE_HAND
    )


def refuse_duties_in_one_hand(session: Session, human: str, case: str, duty: DutyName) -> None:
    """Refuse a duty to whoever approved one of the same case that it conflicts with."""
    wanted = select(DutyDone.duty).where(
        DutyDone.case == case, DutyDone.human == human, DutyDone.duty.in_(conflicts_of(duty))
    )
    done = session.scalar(wanted.limit(1))
    if done is not None:
        raise errors.DutiesInOneHand(
            done=word(done), done_zh=word(done, "zh"), case=case,
            duty=word(duty), duty_zh=word(duty, "zh"),
        )  # fmt: skip


def note_duty(session: Session, proposal: Proposal, case: str, duty: DutyName) -> None:
    """Note who approved a duty of a case."""
    approvers = select(Decision.human).where(
        Decision.proposal_id == proposal.id,
        Decision.verdict == Verdict.APPROVE,
        Decision.digest == proposal.digest,
    )
    for human in sorted(set(session.scalars(approvers))):
        session.add(DutyDone(case=case, duty=duty, human=human, proposal_id=proposal.id))
    session.flush()


def list_hands(session: Session, *, case: str | None = None) -> Sequence[HandView]:
    """Return the humans who had a hand in more than one duty of a case that conflict.

    Nobody has approved two of them; who asked for one and approved another, or asked for both,
    is shown here.
    """
    wanted = select(DutyDone.case, DutyDone.duty, DutyDone.human, Proposal.asked_by_human).join(
        Proposal, Proposal.id == DutyDone.proposal_id
    )
    if case is not None:
        wanted = wanted.where(DutyDone.case == case)
    approved: dict[tuple[str, str], set[DutyName]] = {}
    asked: dict[tuple[str, str], set[DutyName]] = {}
    for of_case, duty, human, asker in session.execute(wanted):
        approved.setdefault((of_case, human), set()).add(duty)
        asked.setdefault((of_case, asker), set()).add(duty)
    found = []
    for key in sorted({*approved, *asked}):
        yes, wish = approved.get(key, set()), asked.get(key, set())
        touched = yes | wish
        if any(conflicts_of(duty) & touched for duty in touched):
            found.append(HandView(*key, tuple(sorted(yes)), tuple(sorted(wish))))
    return found[:CASES_LISTED_MAX]
