"""Who may say yes to what; no database, no clock."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from core.approvals.tables import OVERSEERS
from core.kernel.effects import Effect, Worth
from core.kernel.identity.acting import Actor
from core.kernel.identity.roles import STAFF, Role

# A flood of proposals makes people say yes without looking.
OPEN_PER_ASKER_MAX = 20
# The limits that count where a kind of decision has none of its own.
GENERAL = ""


@dataclass(frozen=True)
class Limits:
    """What a person may approve, in minor units of the company's currency; None: without limit."""

    alone: int | None
    approve: int | None
    two_persons_above: int | None


@dataclass(frozen=True)
class Weight:
    """What an effect weighs against one set of limits.

    What cannot be compared with a limit is above any. A kind that has limits of its own counts
    even where there is no amount to it: a limit of zero then means never.
    """

    minor: int = 0
    is_comparable: bool = True
    is_of_its_own: bool = False

    def within(self, limit: int | None, *, and_before: int = 0) -> bool:
        """Tell whether it is covered by a limit, after what has been used of it already."""
        if not self.is_comparable:
            return False
        if limit is None:
            return True
        return self.minor + and_before <= limit and not (self.is_of_its_own and limit == 0)

    def plus(self, worth: Worth, currency: str) -> "Weight":
        """Return both together."""
        ours = worth.amount is None or worth.amount.currency == currency
        minor = worth.amount.minor if worth.amount is not None and ours else 0
        return Weight(
            self.minor + minor,
            self.is_comparable and ours and not worth.is_beyond_limits,
            self.is_of_its_own,
        )


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


def weigh(effect: Effect, currency: str, own: Collection[str] = ()) -> dict[str, Weight]:
    """Return what an effect weighs against the limits of each kind that has `own` ones.

    All the rest counts together against the general limits, whose kind is "".
    """
    weights = {GENERAL: Weight()}
    for worth in worths_of(effect):
        kind = worth.kind if worth.kind in own else GENERAL
        known = weights.get(kind, Weight(is_of_its_own=kind != GENERAL))
        weights[kind] = known.plus(worth, currency)
    return weights


def worths_of(effect: Effect) -> tuple[Worth, ...]:
    """Return what an effect weighs; one that was stored before there were kinds, by its amounts."""
    return effect.worths or tuple(Worth(GENERAL, amount) for amount in effect.amounts)


def total_of(effect: Effect, currency: str) -> int:
    """Return what an effect amounts to, in minor units of the company's currency."""
    return weigh(effect, currency)[GENERAL].minor


def may_see(
    actor: Actor,
    *,
    asked_by_human: str,
    needs_roles: Iterable[Iterable[str]],
    private_to: Collection[str] | None = None,
) -> bool:
    """Tell whether somebody may look at a proposal: who asked, who may decide, who oversees.

    What is private is for whom it is about instead of who oversees. A customer of the portal sees
    their own ones only, though others may ask for the same.
    """
    if actor.human == asked_by_human:
        return True
    if private_to is None and actor.roles & OVERSEERS:
        return True
    if private_to and actor.party_id is not None and str(actor.party_id) in private_to:
        return True
    if Role.CUSTOMER in actor.roles and not actor.roles & STAFF:
        return False
    return all(actor.roles & frozenset(roles) for roles in needs_roles)
