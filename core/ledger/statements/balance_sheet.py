"""The balance sheet: what there is, and whose it is, at the end of a day."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy.orm import Session

from core.kernel.company import company
from core.ledger.statements.figures import all_accounts, year_begins
from core.ledger.statements.rules import (
    RESULT_KINDS,
    Figures,
    LineKind,
    Statement,
    StatementKind,
    StatementLine,
    Stretch,
)
from core.ledger.tables import Account, AccountKind
from core.ledger.totals import NOTHING, sides_until

_NAMES = {
    AccountKind.ASSET: ("assets", ("Assets", "资产"), ("Total assets", "资产总计")),
    AccountKind.LIABILITY: (
        "liabilities",
        ("Liabilities", "负债"),
        ("Total liabilities", "负债合计"),
    ),
    AccountKind.EQUITY: (
        "equity",
        ("Equity", "所有者权益"),
        ("Total equity", "所有者权益合计"),
    ),
}
_RESULT_OF_YEAR = ("Result of the year", "本年利润")
_RESULT_BEFORE = ("Result of earlier years, not carried forward", "以前年度未结转利润")
_BOTH = ("Total liabilities and equity", "负债和所有者权益总计")


def balance_sheet(session: Session, as_of: date, *, compared: date | None = None) -> Statement:
    """Return the balance sheet at the end of a day.

    A result that no closing entry has carried forward yet is a line of the equity.
    """
    days = (as_of, compared) if compared else (as_of,)
    eves = [year_begins(session, day) - timedelta(days=1) for day in days]
    until = sides_until(session, [*days, *eves])
    accounts = all_accounts(session)
    ids = {account for day in until.values() for account in day}
    currency = company(session).currency
    figures, before = (
        Figures(
            accounts,
            {each: tuple(until[day].get(each, NOTHING).net for day in at) for each in ids},
            len(days),
            currency,
        )
        for at in (days, eves)
    )
    stretches = tuple(Stretch(None, day) for day in days)
    lines = tuple(_lines(figures, before))
    return Statement(StatementKind.BALANCE_SHEET, stretches, lines, currency)


def _lines(figures: Figures, before: Figures) -> list[StatementLine]:
    tree = _Tree(figures)
    own = [each for each in figures.accounts if each.kind not in RESULT_KINDS]
    results = [each for each in figures.accounts if each.kind in RESULT_KINDS]
    lines: list[StatementLine] = []
    for kind, sign in ((AccountKind.ASSET, 1), (AccountKind.LIABILITY, -1)):
        lines += _section(figures, tree, kind, sign)
    key, heading, total = _NAMES[AccountKind.EQUITY]
    lines.append(StatementLine(f"{key}:heading", LineKind.HEADING, 0, *heading))
    lines += tree.lines(AccountKind.EQUITY, -1)
    whole, earlier = figures.sum(results, -1), before.sum(results, -1)
    of_year = [now - then for now, then in zip(whole, earlier, strict=True)]
    moved = figures.moved(results)
    for name, names, minors in (
        ("result_of_earlier_years", _RESULT_BEFORE, earlier),
        ("result_of_year", _RESULT_OF_YEAR, of_year),
    ):
        if any(minors):
            lines.append(figures.sum_line(name, names, minors, moved, kind=LineKind.ITEM, level=1))
    equity = [each for each in own if each.kind is AccountKind.EQUITY]
    both = [*equity, *results]
    lines.append(
        figures.sum_line(
            key, total, figures.sum(both, -1), figures.moved(both), kind=LineKind.SUBTOTAL
        )
    )
    owed = [*both, *(each for each in own if each.kind is AccountKind.LIABILITY)]
    lines.append(
        figures.sum_line(
            "liabilities_and_equity", _BOTH, figures.sum(owed, -1), figures.moved(owed)
        )
    )
    return lines


def _section(figures: Figures, tree: "_Tree", kind: AccountKind, sign: int) -> list[StatementLine]:
    key, heading, total = _NAMES[kind]
    here = figures.moved(each for each in figures.accounts if each.kind is kind)
    drawn = LineKind.TOTAL if kind is AccountKind.ASSET else LineKind.SUBTOTAL
    return [
        StatementLine(f"{key}:heading", LineKind.HEADING, 0, *heading),
        *tree.lines(kind, sign),
        figures.sum_line(key, total, figures.sum(here, sign), here, kind=drawn),
    ]


class _Tree:
    """The chart as it is drawn: accounts under their headings, each heading with its sum."""

    def __init__(self, figures: Figures) -> None:
        self.figures = figures
        kinds = {account.id: account.kind for account in figures.accounts}
        self.below: dict[tuple[AccountKind, uuid.UUID | None], list[Account]] = defaultdict(list)
        for account in figures.accounts:
            # A heading of another kind is none to stand under.
            parent = account.parent_id if account.parent_id in kinds else None
            if parent is not None and kinds[parent] is not account.kind:
                parent = None
            self.below[account.kind, parent].append(account)

    def lines(self, kind: AccountKind, sign: int) -> list[StatementLine]:
        """Return the lines of a kind, below its one topmost heading where it has one."""
        top = self.below[kind, None]
        if len(top) == 1 and top[0].heading:
            top = self.below[kind, top[0].id]
        return self._drawn(top, sign, level=1)

    def _drawn(self, accounts: Sequence[Account], sign: int, level: int) -> list[StatementLine]:
        lines: list[StatementLine] = []
        for account in accounts:
            if not account.heading:
                if any(self.figures.of(account)):
                    lines.append(self.figures.account_line(account, level, sign))
                continue
            inside = self._drawn(self.below[account.kind, account.id], sign, level + 1)
            if not inside:
                continue
            found = self._leaves(account)
            names = (
                f"Total {account.name[:1].lower()}{account.name[1:]}",
                f"{account.name_zh}合计",
            )
            lines.append(
                StatementLine(
                    f"heading:{account.code}",
                    LineKind.HEADING,
                    level,
                    account.name,
                    account.name_zh,
                    code=account.code,
                )
            )
            lines += inside
            lines.append(
                self.figures.sum_line(
                    f"total:{account.code}",
                    names,
                    self.figures.sum(found, sign),
                    found,
                    kind=LineKind.SUBTOTAL,
                    level=level,
                )
            )
        return lines

    def _leaves(self, heading: Account) -> list[Account]:
        found = []
        for account in self.below[heading.kind, heading.id]:
            found += self._leaves(account) if account.heading else [account]
        return self.figures.moved(found)
