"""The cash flow statement: how the money became more or less, to the smallest unit.

Every entry balances, so the change of the money is what all other accounts changed, with the
opposite sign. The indirect way begins with the result and takes every other account by its
change; the direct way takes, of the entries that moved money, what stood against it.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.ledger.statements.figures import (
    all_accounts,
    check,
    moved_in,
    net_figures,
)
from core.ledger.statements.income_statement import result_of
from core.ledger.statements.rules import (
    RESULT_KINDS,
    Figures,
    LineKind,
    Statement,
    StatementKind,
    StatementLine,
    Stretch,
)
from core.ledger.tables import Account, CashFlow
from core.ledger.totals import NOTHING, Sides, sides_until


class Method(StrEnum):
    """Whether it begins with the result, or with what was received and paid."""

    INDIRECT = "indirect"
    DIRECT = "direct"


_SECTIONS = {
    CashFlow.OPERATING: (
        ("Operating activities", "经营活动产生的现金流量"),
        ("Net cash from operating activities", "经营活动产生的现金流量净额"),
    ),
    CashFlow.INVESTING: (
        ("Investing activities", "投资活动产生的现金流量"),
        ("Net cash from investing activities", "投资活动产生的现金流量净额"),
    ),
    CashFlow.FINANCING: (
        ("Financing activities", "筹资活动产生的现金流量"),
        ("Net cash from financing activities", "筹资活动产生的现金流量净额"),
    ),
}

# An account that is money stands against no money: a transfer between two is left out.
_AGAINST_MONEY = text(
    """
    SELECT other.account_id,
        coalesce(sum(other.base_minor) FILTER (WHERE other.side = 'debit'), 0)::bigint,
        coalesce(sum(other.base_minor) FILTER (WHERE other.side = 'credit'), 0)::bigint
    FROM (
        SELECT DISTINCT entry_id FROM posting
        WHERE account_id = ANY (:money) AND posted_on BETWEEN :since AND :until
    ) AS moved
    JOIN posting AS other ON other.entry_id = moved.entry_id
    WHERE other.account_id <> ALL (:money)
    GROUP BY 1
    """
)


@dataclass(frozen=True)
class _Money:
    """The accounts that are money, and what is on them before and after each stretch."""

    accounts: tuple[Account, ...]
    opening: tuple[int, ...]
    closing: tuple[int, ...]


def cash_flow_statement(
    session: Session,
    stretch: Stretch,
    *,
    compared: Stretch | None = None,
    method: Method = Method.INDIRECT,
) -> Statement:
    """Return the cash flow statement of a stretch; what it cannot explain would be a line of it."""
    stretches = (stretch, compared) if compared else (stretch,)
    check(stretches)
    accounts = all_accounts(session)
    # Every account but a heading says where it stands; the database holds that.
    parts = {each.id: each.cash_flow for each in accounts if each.cash_flow is not None}
    money = _money(session, accounts, parts, stretches)
    ids = [each.id for each in money.accounts]
    if method is Method.DIRECT:
        moved = [_against_money(session, ids, each) for each in stretches]
    else:
        moved = moved_in(session, stretches, money=ids)
    figures = net_figures(session, accounts, moved)
    lines: list[StatementLine] = []
    explained = (0,) * figures.places
    for part in _SECTIONS:
        here = [each for each in figures.accounts if parts.get(each.id) is part]
        is_indirect = method is Method.INDIRECT and part is CashFlow.OPERATING
        found, sums = _operating(figures, parts) if is_indirect else _plain(figures, here)
        lines += _section(figures, part, found, sums)
        explained = tuple(a + b for a, b in zip(explained, sums, strict=True))
    lines += _ending(figures, money, explained)
    return Statement(StatementKind.CASH_FLOW, stretches, tuple(lines), figures.currency)


def _operating(
    figures: Figures, parts: Mapping[uuid.UUID, CashFlow]
) -> tuple[list[StatementLine], tuple[int, ...]]:
    """Begin with the result, put back what belongs elsewhere, and go on to what money waits in."""
    results = [each for each in figures.accounts if each.kind in RESULT_KINDS and not each.heading]
    elsewhere = figures.moved(each for each in results if parts[each.id] is not CashFlow.OPERATING)
    waiting = figures.moved(
        each
        for each in figures.accounts
        if each.kind not in RESULT_KINDS and parts.get(each.id) is CashFlow.OPERATING
    )
    result = result_of(figures)
    found = [
        figures.sum_line(
            "net_result",
            ("Net result", "净利润"),
            result,
            figures.moved(results),
            kind=LineKind.ITEM,
            level=1,
        )
    ]
    if elsewhere:
        found.append(
            StatementLine(
                "adjustments:heading",
                LineKind.HEADING,
                1,
                "Not part of operating cash",
                "不属于经营活动现金的项目",
            )
        )
        found += [figures.account_line(each, 2, 1) for each in elsewhere]
    if waiting:
        found.append(
            StatementLine(
                "working_capital:heading",
                LineKind.HEADING,
                1,
                "Changes in working capital",
                "营运资金的变动",
            )
        )
        found += [figures.account_line(each, 2, -1) for each in waiting]
    put_back, changed = figures.sum(elsewhere), figures.sum(waiting, -1)
    return found, tuple(sum(each) for each in zip(result, put_back, changed, strict=True))


def _plain(
    figures: Figures, accounts: Sequence[Account]
) -> tuple[list[StatementLine], tuple[int, ...]]:
    shown = figures.moved(accounts)
    return [figures.account_line(each, 1, -1) for each in shown], figures.sum(shown, -1)


def _section(
    figures: Figures, part: CashFlow, found: list[StatementLine], sums: tuple[int, ...]
) -> list[StatementLine]:
    heading, total = _SECTIONS[part]
    codes = tuple(sorted({code for line in found for code in line.accounts}))
    return [
        StatementLine(f"{part}:heading", LineKind.HEADING, 0, *heading),
        *found,
        StatementLine(part, LineKind.SUBTOTAL, 0, *total, figures.money(sums), accounts=codes),
    ]


def _ending(figures: Figures, money: _Money, explained: tuple[int, ...]) -> list[StatementLine]:
    changes = [b - a for a, b in zip(money.opening, money.closing, strict=True)]
    unexplained = [b - a for a, b in zip(explained, changes, strict=True)]
    rows = [
        ("net_change", ("Net change in cash", "现金净增加额"), LineKind.SUBTOTAL, explained),
        ("opening_cash", ("Cash at the beginning", "期初现金余额"), LineKind.ITEM, money.opening),
        ("closing_cash", ("Cash at the end", "期末现金余额"), LineKind.TOTAL, money.closing),
    ]
    if any(unexplained):
        rows.insert(1, ("unexplained", ("Unexplained", "差异"), LineKind.ITEM, tuple(unexplained)))
    return [
        figures.sum_line(key, names, minors, money.accounts, kind=kind)
        for key, names, kind, minors in rows
    ]


def _money(
    session: Session,
    accounts: Sequence[Account],
    parts: Mapping[uuid.UUID, CashFlow],
    stretches: Sequence[Stretch],
) -> _Money:
    days = [day for each in stretches for day in (each.eve, each.until) if day is not None]
    until = sides_until(session, days)
    cash = tuple(each for each in accounts if parts.get(each.id) is CashFlow.CASH)

    def carried(day: date | None) -> int:
        if day is None:
            return 0
        return sum(until[day].get(each.id, NOTHING).net for each in cash)

    return _Money(
        cash,
        tuple(carried(each.eve) for each in stretches),
        tuple(carried(each.until) for each in stretches),
    )


def _against_money(
    session: Session, money: Sequence[uuid.UUID], stretch: Stretch
) -> Mapping[uuid.UUID, Sides]:
    asked = {
        "money": list(money),
        "since": stretch.since or date.min,
        "until": stretch.until,
    }
    return {
        account: Sides(debit, credit)
        for account, debit, credit in session.execute(_AGAINST_MONEY, asked)
    }
