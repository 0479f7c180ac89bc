"""Who may say yes to what; no database, no clock."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.kernel.effects import Effect
from core.kernel.identity.acting import Actor
from core.kernel.identity.roles import Role

# Who may look at every proposal, whoever asked for it.
OVERSEERS = frozenset({Role.ADMIN, Role.MANAGER, Role.AUDITOR})
# A flood of proposals makes people say yes without looking.
OPEN_PER_ASKER_MAX = 20


@dataclass(frozen=True)
class Limits:
    """What a person may approve, in minor units of the company's currency; None: without limit."""

    alone: int | None
    approve: int | None
    two_persons_above: int | None


def within(amount: int, limit: int | None) -> bool:
    """Tell whether an amount is covered by a limit."""
    return limit is None or amount <= limit


def widest(limits: Iterable[Limits]) -> Limits:
    """Join the limits of a person's roles: each figure is the widest of them."""
    known = list(limits)

    def widest_of(values: list[int | None]) -> int | None:
        return None if None in values else max((v for v in values if v is not None), default=0)

    return Limits(
        alone=widest_of([limit.alone for limit in known]) if known else 0,
        approve=widest_of([limit.approve for limit in known]) if known else 0,
        two_persons_above=widest_of([limit.two_persons_above for limit in known]) if known else 0,
    )


def worth(effect: Effect, currency: str) -> tuple[int, bool]:
    """Return what an effect amounts to, and whether all of it is in the company's currency.

    What is in another currency cannot be compared with a limit, and counts as above any.
    """
    minor = sum(amount.minor for amount in effect.amounts if amount.currency == currency)
    return minor, all(amount.currency == currency for amount in effect.amounts)


def may_see(actor: Actor, *, asked_by_human: str, needs_roles: Iterable[Iterable[str]]) -> bool:
    """Tell whether somebody may look at a proposal: who asked, who may decide, who oversees."""
    if actor.human == asked_by_human or actor.roles & OVERSEERS:
        return True
    return all(actor.roles & set(roles) for roles in needs_roles)
