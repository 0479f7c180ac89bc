"""The income statement: what was earned in a stretch of days, and what that cost."""

from sqlalchemy.orm import Session

from core.ledger.rules import Dimensions
from core.ledger.statements.figures import all_accounts, moved_in, net_figures
from core.ledger.statements.rules import (
    RESULT_KINDS,
    Figures,
    LineKind,
    Part,
    Statement,
    StatementKind,
    StatementLine,
    Stretch,
    parts_of,
)
from core.ledger.tables import Account

_NAMES = {
    Part.REVENUE: (("Revenue", "营业收入"), ("Total revenue", "营业收入合计")),
    Part.COST_OF_SALES: (("Cost of sales", "营业成本"), ("Total cost of sales", "营业成本合计")),
    Part.OPERATING_EXPENSE: (
        ("Operating expenses", "期间费用"),
        ("Total operating expenses", "期间费用合计"),
    ),
    Part.OTHER: (
        ("Other income and expenses", "其他损益"),
        ("Total other income and expenses", "其他损益合计"),
    ),
}
# What is left when a part has been counted.
_RESULTS = {
    Part.COST_OF_SALES: ("gross_profit", ("Gross profit", "毛利")),
    Part.OPERATING_EXPENSE: ("operating_profit", ("Operating profit", "营业利润")),
    Part.OTHER: ("net_result", ("Net result", "净利润")),
}
# Costs are shown as positive amounts; among the others, income is positive and expense negative.
_SHOWN_AS_COST = frozenset({Part.COST_OF_SALES, Part.OPERATING_EXPENSE})


def income_statement(
    session: Session,
    stretch: Stretch,
    *,
    compared: Stretch | None = None,
    within: Dimensions = (),
) -> Statement:
    """Return the income statement of a stretch; entries that close a year are left out of it."""
    stretches = (stretch, compared) if compared else (stretch,)
    moved = moved_in(session, stretches, within=within)
    figures = net_figures(session, all_accounts(session), moved)
    return Statement(
        StatementKind.INCOME_STATEMENT, stretches, tuple(_lines(figures)), figures.currency
    )


def result_of(figures: Figures) -> tuple[int, ...]:
    """Return income less expenses, stretch by stretch."""
    return figures.sum((each for each in figures.accounts if each.kind in RESULT_KINDS), -1)


def _lines(figures: Figures) -> list[StatementLine]:
    parts = parts_of(figures.accounts)
    lines: list[StatementLine] = []
    counted: list[Account] = []
    for part in Part:
        here = [each for each in figures.accounts if parts.get(each.id) is part]
        shown = figures.moved(here)
        sign = 1 if part in _SHOWN_AS_COST else -1
        heading, total = _NAMES[part]
        if shown:
            lines.append(StatementLine(f"{part}:heading", LineKind.HEADING, 0, *heading))
            lines += [figures.account_line(each, 1, sign) for each in shown]
            lines.append(
                figures.sum_line(
                    part, total, figures.sum(shown, sign), shown, kind=LineKind.SUBTOTAL, level=1
                )
            )
        counted += shown
        if part in _RESULTS:
            key, names = _RESULTS[part]
            # The last one is what all of it comes to.
            kind = LineKind.TOTAL if part is Part.OTHER else LineKind.SUBTOTAL
            result = figures.sum(counted, -1)
            lines.append(figures.sum_line(key, names, result, counted, kind=kind))
    return lines
