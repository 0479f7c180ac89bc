"""The approval matrix: up to which amounts each role may decide, by kind of decision."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.approvals import errors, rules
from core.approvals.events import ApprovalLimitRemoved, ApprovalLimitSet
from core.approvals.rules import GENERAL, Limits, Weight
from core.approvals.tables import ApprovalLimit
from core.kernel import events
from core.kernel.company import company
from core.kernel.decisions import DecisionKind
from core.kernel.identity.acting import Actor
from core.kernel.identity.roles import Role
from core.kernel.money import Money
from core.kernel.words import word


@dataclass(frozen=True)
class _Standard:
    """What a company begins with, in major units of its currency; None is without limit."""

    role: Role
    alone: int
    approve: int | None
    two_persons_above: int = 100_000
    kind: DecisionKind | None = None


# Managers and administrators answer for everything above; the others for their daily work.
_STANDARD = (
    _Standard(Role.ADMIN, 10_000, None),
    _Standard(Role.MANAGER, 10_000, None),
    _Standard(Role.BUYER, 5_000, 20_000),
    _Standard(Role.SALES, 25_000, 50_000),
    _Standard(Role.ACCOUNTANT, 10_000, 50_000),
    _Standard(Role.WAREHOUSE, 20_000, 50_000),
    _Standard(Role.HR, 5_000, 20_000),
    _Standard(Role.PRODUCTION, 5_000, 20_000),
    _Standard(Role.SERVICE, 1_000, 5_000),
    _Standard(Role.MARKETING, 1_000, 5_000),
    # What is given up is seldom much, and what was closed is opened by two.
    _Standard(Role.ACCOUNTANT, 500, 5_000, kind=DecisionKind.WRITE_OFF),
    _Standard(Role.ACCOUNTANT, 0, 0, kind=DecisionKind.PERIOD_REOPENING),
    _Standard(Role.MANAGER, 0, None, kind=DecisionKind.PERIOD_REOPENING),
    _Standard(Role.ADMIN, 0, None, kind=DecisionKind.PERIOD_REOPENING),
    # Whoever asks for somebody's pay does not decide on it.
    _Standard(Role.HR, 0, 20_000, kind=DecisionKind.EMPLOYEE_PAY),
    _Standard(Role.MANAGER, 0, None, kind=DecisionKind.EMPLOYEE_PAY),
    _Standard(Role.ADMIN, 0, None, kind=DecisionKind.EMPLOYEE_PAY),
)


def set_standard_limits(session: Session) -> None:
    """Set the limits that a company begins with; they are changed like any other record."""
    currency = company(session).currency

    def money(limit: int | None) -> Money | None:
        return None if limit is None else Money.of(limit, currency)

    for each in _STANDARD:
        set_limit(
            session,
            role=each.role,
            kind=each.kind,
            alone=money(each.alone),
            approve=money(each.approve),
            two_persons_above=money(each.two_persons_above),
        )


def set_limit(
    session: Session,
    *,
    role: str,
    alone: Money | None,
    approve: Money | None,
    two_persons_above: Money | None,
    kind: DecisionKind | None = None,
) -> None:
    """Say up to which amounts a role may approve; None means without limit.

    Limits for a kind of decision take the place of the role's general ones.
    """
    row = limit_of(session, role, kind)
    if row is None:
        row = ApprovalLimit(role=role, kind=kind or GENERAL)
        session.add(row)
    row.alone_minor = None if alone is None else alone.minor
    row.approve_minor = None if approve is None else approve.minor
    row.two_persons_above_minor = None if two_persons_above is None else two_persons_above.minor
    events.record(
        session,
        ApprovalLimitSet(
            role,
            alone=_shown(alone),
            approve=_shown(approve),
            two_persons_above=_shown(two_persons_above),
            kind=row.kind,
        ),
    )
    session.flush()


def remove_limit(session: Session, *, role: str, kind: DecisionKind) -> None:
    """Let the general limits of a role count for a kind of decision again."""
    row = limit_of(session, role, kind)
    if row is None:
        raise errors.NoLimitOfItsOwn(role=role, kind=word(kind, "en"), kind_zh=word(kind, "zh"))
    session.delete(row)
    events.record(session, ApprovalLimitRemoved(role, kind))
    session.flush()


def limit_of(session: Session, role: str, kind: DecisionKind | None) -> ApprovalLimit | None:
    """Return what stands in the matrix for a role and a kind, or for a role in general."""
    wanted = select(ApprovalLimit).where(
        ApprovalLimit.role == role, ApprovalLimit.kind == (kind or GENERAL)
    )
    return session.scalar(wanted)


def list_limits(session: Session) -> Sequence[ApprovalLimit]:
    """Return the whole matrix by role, the general limits of each first."""
    wanted = select(ApprovalLimit).order_by(ApprovalLimit.role, ApprovalLimit.kind)
    return session.scalars(wanted).all()


def limits_by_kind(session: Session, actor: Actor) -> dict[str, Limits]:
    """Return what a person's roles allow together: in general, and where a kind has its own.

    A role without limits of its own for a kind brings its general ones.
    """
    wanted = select(ApprovalLimit).where(ApprovalLimit.role.in_(actor.roles))
    matrix = {(row.role, row.kind): _limits(row) for row in session.scalars(wanted)}
    roles = sorted({role for role, _ in matrix})

    def joined(kind: str) -> Limits:
        known = [matrix.get((role, kind)) or matrix.get((role, GENERAL)) for role in roles]
        return rules.widest(limits for limits in known if limits is not None)

    return {kind: joined(kind) for kind in {GENERAL, *(kind for _, kind in matrix)}}


def who_may_approve(session: Session, kind: str, weight: Weight) -> list[str]:
    """Return the roles whose limits cover something of a kind."""
    matrix = {(row.role, row.kind): row for row in list_limits(session)}
    roles = sorted({role for role, _ in matrix})
    rows = {role: matrix.get((role, kind)) or matrix.get((role, GENERAL)) for role in roles}
    return [
        role
        for role, row in rows.items()
        if row is not None and (row.approve_minor is None or weight.within(row.approve_minor))
    ]


def _limits(row: ApprovalLimit) -> Limits:
    return Limits(row.alone_minor, row.approve_minor, row.two_persons_above_minor)


def _shown(limit: Money | None) -> str:
    # A limit of nothing is one, and no limit is none.
    return "" if limit is None else str(limit)
