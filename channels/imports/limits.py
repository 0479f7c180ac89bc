"""Up to which amounts each role may approve, to begin with; an administrator changes them."""

from sqlalchemy.orm import Session

from core import approvals
from core.kernel.company import company
from core.kernel.identity.roles import Role
from core.kernel.money import Money

# Role: what was asked for by oneself and is approved alone, anything at all, and above which
# amount it takes two; in major units, None is without limit.
STANDARD: dict[Role, tuple[int, int | None, int | None]] = {
    Role.MANAGER: (20_000, None, 100_000),
    Role.ACCOUNTANT: (10_000, 50_000, 50_000),
    Role.SALES: (5_000, 20_000, 20_000),
    Role.BUYER: (2_000, 10_000, 10_000),
    Role.WAREHOUSE: (10_000, 50_000, 50_000),
}


def set_standard_limits(session: Session) -> None:
    """Set the limits of every role that may approve amounts; the others may approve none."""
    currency = company(session).currency

    def money(amount: int | None) -> Money | None:
        return None if amount is None else Money.of(amount, currency)

    for role, (alone, approve, two_persons_above) in STANDARD.items():
        approvals.set_limit(
            session,
            role=role.value,
            alone=money(alone),
            approve=money(approve),
            two_persons_above=money(two_persons_above),
        )
