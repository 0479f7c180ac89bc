"""The trial balance: every account before, what moved on either side, and after."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from core.kernel.company import company
from core.kernel.money import Money
from core.ledger.dimensions import sets_within
from core.ledger.rules import Dimensions
from core.ledger.statements.figures import all_accounts, check
from core.ledger.statements.rules import Stretch
from core.ledger.tables import AccountKind
from core.ledger.totals import NOTHING, sides_until


@dataclass(frozen=True)
class BalancesRow:
    """An account: its balance before, what moved, and its balance after, debits positive."""

    code: str
    name: str
    name_zh: str
    kind: AccountKind
    opening: Money
    debit: Money
    credit: Money
    closing: Money
    # The balance at the end of the stretch that it is compared with.
    compared: Money | None


@dataclass(frozen=True)
class Balances:
    """The trial balance of a stretch of days."""

    stretch: Stretch
    compared: Stretch | None
    rows: tuple[BalancesRow, ...]
    currency: str

    @property
    def moved(self) -> tuple[Money, Money]:
        """The debits and the credits of the stretch."""
        nothing = Money(0, self.currency)
        return (
            sum((row.debit for row in self.rows), start=nothing),
            sum((row.credit for row in self.rows), start=nothing),
        )

    @property
    def is_balanced(self) -> bool:
        """Whether debits are credits before, in the stretch, and after."""
        debits, credits_ = self.moved
        opened = sum(row.opening.minor for row in self.rows)
        closed = sum(row.closing.minor for row in self.rows)
        return debits == credits_ and opened == closed == 0


def account_balances(
    session: Session,
    stretch: Stretch,
    *,
    compared: Stretch | None = None,
    within: Dimensions = (),
) -> Balances:
    """Return the trial balance of a stretch; with dimensions, of the lines that have them all."""
    check([stretch, *([compared] if compared else [])])
    sets = sets_within(session, within) if within else None
    days = [stretch.until, *([stretch.eve] if stretch.eve else [])]
    days += [compared.until] if compared else []
    until = sides_until(session, days, sets=sets)
    before = until[stretch.eve] if stretch.eve else {}
    after = until[stretch.until]
    other = until[compared.until] if compared else {}
    currency = company(session).currency
    rows = []
    for account in all_accounts(session):
        if account.id not in after and account.id not in other:
            continue
        opening, closing = before.get(account.id, NOTHING), after.get(account.id, NOTHING)
        moved = closing - opening
        was = other.get(account.id, NOTHING)
        if not (opening.net or moved.debit or moved.credit or was.net):
            continue
        rows.append(
            BalancesRow(
                code=account.code,
                name=account.name,
                name_zh=account.name_zh,
                kind=account.kind,
                opening=Money(opening.net, currency),
                debit=Money(moved.debit, currency),
                credit=Money(moved.credit, currency),
                closing=Money(closing.net, currency),
                compared=Money(was.net, currency) if compared else None,
            )
        )
    return Balances(stretch, compared, tuple(rows), currency)
