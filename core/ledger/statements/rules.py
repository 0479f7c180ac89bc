"""What a statement is made of, and where an account stands in it; no database, no clock."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from core.kernel.money import Money, rounded
from core.ledger import chart
from core.ledger.tables import Account, AccountKind

PERCENT_DIGITS = 1


class StatementKind(StrEnum):
    """Which statement it is."""

    BALANCE_SHEET = "balance_sheet"
    INCOME_STATEMENT = "income_statement"
    CASH_FLOW = "cash_flow_statement"


class LineKind(StrEnum):
    """How a line is drawn: a heading has no amounts, a total stands under a rule."""

    HEADING = "heading"
    ACCOUNT = "account"
    # What is no account of its own, such as the result of the year.
    ITEM = "item"
    SUBTOTAL = "subtotal"
    TOTAL = "total"


@dataclass(frozen=True)
class Stretch:
    """Days from one to another, both included; from the beginning of the books on without one."""

    since: date | None
    until: date

    @property
    def eve(self) -> date | None:
        """The day before it begins; none where it begins with the books."""
        return None if self.since is None else self.since - timedelta(days=1)


@dataclass(frozen=True)
class StatementLine:
    """A line of a statement: its amounts, one for each stretch, and the accounts behind them."""

    key: str
    kind: LineKind
    level: int
    name: str
    name_zh: str
    amounts: tuple[Money, ...] = ()
    code: str = ""
    accounts: tuple[str, ...] = ()

    @property
    def is_sum(self) -> bool:
        """Whether it adds up what stands above."""
        return self.kind in {LineKind.SUBTOTAL, LineKind.TOTAL}


@dataclass(frozen=True)
class Statement:
    """A statement of one or two stretches; the second is what the first is compared with."""

    kind: StatementKind
    stretches: tuple[Stretch, ...]
    lines: tuple[StatementLine, ...]
    currency: str

    def line(self, key: str) -> StatementLine:
        """Return a line by its key."""
        return next(line for line in self.lines if line.key == key)

    def amount(self, key: str, place: int = 0) -> Money:
        """Return the amount of a line in a stretch; a line that is not there is nothing."""
        found = next((line for line in self.lines if line.key == key), None)
        return found.amounts[place] if found is not None else Money(0, self.currency)


class Part(StrEnum):
    """The part of the income statement that an account stands in."""

    REVENUE = "revenue"
    COST_OF_SALES = "cost_of_sales"
    OPERATING_EXPENSE = "operating_expense"
    OTHER = "other"


_PARTS = {
    **dict.fromkeys((chart.REVENUE, chart.SERVICE_REVENUE, chart.FREIGHT_INCOME), Part.REVENUE),
    **dict.fromkeys(
        (chart.COST_OF_GOODS_SOLD, chart.INVENTORY_ADJUSTMENT, chart.PRICE_VARIANCE),
        Part.COST_OF_SALES,
    ),
    **dict.fromkeys(
        (
            chart.OTHER_INCOME,
            chart.DISCOUNT_RECEIVED,
            chart.DUNNING_FEES,
            chart.DISPOSAL_GAIN,
            chart.DISPOSAL_LOSS,
            chart.EXCHANGE_DIFFERENCES,
            chart.UNREALISED_EXCHANGE,
            chart.ROUNDING,
        ),
        Part.OTHER,
    ),
}
_USUAL = {AccountKind.INCOME: Part.REVENUE, AccountKind.EXPENSE: Part.OPERATING_EXPENSE}
RESULT_KINDS = frozenset({AccountKind.INCOME, AccountKind.EXPENSE})


def parts_of(accounts: Sequence[Account]) -> dict[uuid.UUID, Part]:
    """Return the part of the income statement that each account of the result stands in.

    An account without a role goes with those under the same heading, where they agree.
    """
    under: dict[uuid.UUID | None, set[Part]] = {}
    for account in accounts:
        if account.kind in RESULT_KINDS and not account.heading and account.role:
            part = _PARTS.get(account.role, _USUAL[account.kind])
            under.setdefault(account.parent_id, set()).add(part)
    parts = {}
    for account in accounts:
        if account.kind not in RESULT_KINDS or account.heading:
            continue
        usual = _PARTS.get(account.role or "", _USUAL[account.kind])
        beside = under.get(account.parent_id, set()) if account.parent_id else set()
        goes_along = not account.role and len(beside) == 1
        parts[account.id] = next(iter(beside)) if goes_along else usual
    return parts


def growth_percent(now: Money, before: Money) -> Decimal | None:
    """Return by how much per cent an amount has grown; nothing grows from nothing."""
    if before.minor == 0:
        return None
    grown = Decimal(100 * (now.minor - before.minor)) / abs(before.minor)
    return rounded(grown, PERCENT_DIGITS)


@dataclass(frozen=True)
class Figures:
    """What the accounts are worth in each stretch, and the money they are counted in."""

    accounts: Sequence[Account]
    # By account: one number for each stretch, in the smallest unit.
    values: Mapping[uuid.UUID, tuple[int, ...]]
    places: int
    currency: str

    def of(self, account: Account) -> tuple[int, ...]:
        """Return the numbers of an account."""
        return self.values.get(account.id, (0,) * self.places)

    def money(self, minors: Iterable[int]) -> tuple[Money, ...]:
        """Return numbers as amounts."""
        return tuple(Money(minor, self.currency) for minor in minors)

    def sum(self, accounts: Iterable[Account], sign: int = 1) -> tuple[int, ...]:
        """Add up accounts, place by place."""
        rows = [self.of(account) for account in accounts]
        return tuple(sign * sum(row[place] for row in rows) for place in range(self.places))

    def moved(self, accounts: Iterable[Account]) -> list[Account]:
        """Return the accounts that have anything in any stretch."""
        return [account for account in accounts if any(self.of(account))]

    def account_line(self, account: Account, level: int, sign: int) -> StatementLine:
        """Return the line of one account."""
        return StatementLine(
            key=f"account:{account.code}",
            kind=LineKind.ACCOUNT,
            level=level,
            code=account.code,
            name=account.name,
            name_zh=account.name_zh,
            amounts=self.money(sign * minor for minor in self.of(account)),
            accounts=(account.code,),
        )

    def sum_line(
        self,
        key: str,
        names: tuple[str, str],
        minors: Iterable[int],
        accounts: Iterable[Account],
        *,
        kind: LineKind = LineKind.TOTAL,
        level: int = 0,
    ) -> StatementLine:
        """Return the line of a sum that was added up already."""
        codes = tuple(sorted(account.code for account in accounts))
        return StatementLine(key, kind, level, *names, self.money(minors), accounts=codes)
