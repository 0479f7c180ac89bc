"""For whom and on which terms a question is answered: rights, business date, basis of revenue."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from core.kernel.company import RevenueBasis, company
from core.kernel.database import acting
from core.kernel.errors import DomainError
from core.kernel.identity.acting import SYSTEM
from core.kernel.identity.roles import STAFF, Role
from core.kernel.money import Rounding, digits_of
from core.kernel.semantics import Dimension, Metric
from core.reporting.report import Nothing


class NotYoursToSee(DomainError):
    """Your role may not see {what}. Ask someone with the role {roles}."""

    zh = "您的角色无权查看{what_zh}。请联系具有以下角色的同事：{roles}。"
    nothing: Nothing = "hidden"


@dataclass(frozen=True)
class Scope:
    """The company's terms, and who asks.

    `orders` says that revenue is counted on orders. `own` limits every row to one customer's.
    """

    today: date
    currency: str
    rounding: Rounding
    orders: bool
    roles: frozenset[str]
    party_id: uuid.UUID | None = None
    own: bool = False

    @property
    def money_digits(self) -> int:
        """The decimals of an amount in the company's currency."""
        return digits_of(self.currency)

    def may_see(self, allowed: Iterable[Role]) -> bool:
        """Tell whether one of the asking person's roles is allowed something."""
        return bool(self.roles & (frozenset(allowed) | SYSTEM.actor.roles))


def scope_of(session: Session) -> Scope:
    """Return on which terms this transaction may ask."""
    terms, actor = company(session), acting(session).actor
    # Who is a customer and does not work here sees own rows only, whatever else they are.
    own = Role.CUSTOMER in actor.roles and not actor.roles & (STAFF | SYSTEM.actor.roles)
    return Scope(
        today=terms.today,
        currency=terms.currency,
        rounding=terms.rounding,
        orders=terms.revenue_basis is RevenueBasis.ORDERS,
        roles=actor.roles,
        party_id=actor.party_id,
        own=own,
    )


def require_sight(scope: Scope, declared: Iterable[Metric | Dimension]) -> None:
    """Refuse what the asking person may not see."""
    for one in declared:
        if not scope.may_see(one.roles) or (scope.own and scope.party_id is None):
            raise NotYoursToSee(
                what=one.names.en,
                what_zh=one.names.zh,
                roles=", ".join(sorted(one.roles - {Role.WATCHER, Role.CUSTOMER})),
            )
