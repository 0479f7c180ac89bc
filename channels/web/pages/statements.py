"""The statements, of any days, beside others; every line leads to its account and its entries."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from sqlalchemy.orm import Session

from channels.web.downloads import offer_files
from channels.web.elements import (
    Choice,
    Field,
    box,
    classes_of_rows,
    figure,
    heads,
    link,
    say,
    table,
)
from channels.web.layout import Visit
from core import ledger
from core.kernel.company import company
from core.kernel.database import reading
from core.ledger.errors import StretchReversed
from core.ledger.statements import LineKind, Stretch, fiscal_year_of
from core.reporting.query import Relative, resolve
from tools.base import Answer, Grid
from tools.statements import BalancesShown, StatementShown

KINDS = {
    "income_statement": "statements.income_statement",
    "balance_sheet": "statements.balance_sheet",
    "cash_flow": "statements.cash_flow",
    "balances": "statements.trial_balance",
}
PERIODS = {
    "this_month": Relative(unit="month"),
    "last_month": Relative(unit="month", offset=-1),
    "this_quarter": Relative(unit="quarter"),
    "last_quarter": Relative(unit="quarter", offset=-1),
}
# The company's own years, which need not begin in January.
YEARS = ("this_year", "last_year")
OWN_DAYS = "own_days"
COMPARISONS = ("", "prior_period", "prior_year")
LINES_SHOWN = 100


@dataclass(frozen=True)
class Asked:
    """What the page shows: it stands in the address, so that it can be kept and passed on."""

    kind: str
    period: str
    stretch: Stretch
    compare: str

    @property
    def address(self) -> str:
        """The address of the page that shows it."""
        asked = {"kind": self.kind, "period": self.period, "compare": self.compare}
        if self.period == OWN_DAYS:
            asked |= self.days
        return f"/statements?{urlencode(asked)}"

    @property
    def days(self) -> dict[str, str]:
        """The first and the last day."""
        since, until = self.stretch.since, self.stretch.until
        return {"since": since.isoformat() if since else "", "until": until.isoformat()}

    @property
    def arguments(self) -> dict[str, Any]:
        """What the tool is asked."""
        days = self.days
        period = {"kind": "range", "start": days["since"], "end": days["until"]}
        return {"period": period, **({"compare": {"to": self.compare}} if self.compare else {})}


async def build(visit: Visit, request: Request) -> None:
    """Show the statement that the address asks for."""

    def read() -> tuple[Asked, Answer]:
        with reading(visit.house.engine, visit.visitor.acting) as session:
            asked = _asked(session, request.query_params)
        call = {"tool": KINDS[asked.kind], "arguments": asked.arguments}
        (parsed,) = visit.house.toolbox.parse([call])
        return asked, visit.house.toolbox.read(visit.house.engine, visit.visitor.acting, parsed)

    asked, answer = await visit.house.run(read)
    _filters(visit, asked)
    grid = answer.grid()
    assert grid is not None, "a statement is a table"
    with box("panel"):
        with box("panel-title"):
            say(visit.t(asked.kind), tag="span")
            say(" · ".join(answer.notes(visit.language)), "hint", tag="span")
            offer_files(visit, KINDS[asked.kind], asked.arguments)
        with box("panel-body"):
            _draw(visit, grid, _links(answer), visit.t(asked.kind))


async def build_account(visit: Visit, request: Request) -> None:
    """Show the lines of an account, the newest ones or those before them."""
    asked = request.query_params
    code = request.path_params["code"]
    since, until = _day(asked.get("since", "")), _day(asked.get("until", ""))

    def read() -> tuple[ledger.AccountPage, str]:
        with reading(visit.house.engine, visit.visitor.acting) as session:
            page = ledger.account_page(
                session,
                ledger.account_named(session, code).code,
                since=since,
                until=until,
                limit=LINES_SHOWN,
                before=asked.get("before", ""),
            )
            return page, company(session).currency

    page, currency = await visit.house.run(read)
    days = {"since": since.isoformat() if since else "", "until": page.until.isoformat()}
    with box("panel"):
        with box("panel-title"):
            name = page.name_zh if visit.language == "zh" else page.name
            say(f"{page.code} {name}", tag="span")
            shown = f"{since or ''} – {page.until}" if since else f"– {page.until}"
            say(shown, "hint", tag="span")
            offer_files(
                visit,
                "ledger.show_account",
                {"account": page.code, **{k: v for k, v in days.items() if v}, "limit": 500},
            )
        with box("panel-body"):
            _lines(visit, page, currency)
    with box("filters"):
        if asked.get("before"):
            link(visit.t("newest"), f"/account/{page.code}?{urlencode(days)}", "chip")
        if page.older:
            further = urlencode({**days, "before": page.older})
            link(visit.t("older"), f"/account/{page.code}?{further}", "chip")


def _asked(session: Session, given: Mapping[str, str]) -> Asked:
    kind, period = given.get("kind", ""), given.get("period", "")
    if period not in {*PERIODS, *YEARS, OWN_DAYS}:
        period = YEARS[0]
    compare = given.get("compare", "")
    return Asked(
        kind=kind if kind in KINDS else next(iter(KINDS)),
        period=period,
        stretch=_stretch(session, period, given),
        compare=compare if compare in COMPARISONS else "",
    )


def _stretch(session: Session, period: str, given: Mapping[str, str]) -> Stretch:
    today = company(session).today
    if period in YEARS:
        year = fiscal_year_of(session, today)
        if period == YEARS[0] or year.eve is None:
            return year
        return fiscal_year_of(session, year.eve)
    if period in PERIODS:
        span = resolve(PERIODS[period], today).whole
        return Stretch(span.start, span.end or today)
    until = _day(given.get("until", "")) or today
    since = _day(given.get("since", "")) or until.replace(month=1, day=1)
    if since > until:
        raise StretchReversed(since=since, until=until)
    return Stretch(since, until)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _filters(visit: Visit, asked: Asked) -> None:
    async def opens(changed: Asked) -> None:
        visit.client.open(changed.address)

    def own(**days: date | None) -> Asked:
        known = {name: day for name, day in days.items() if day is not None}
        return replace(asked, period=OWN_DAYS, stretch=replace(asked.stretch, **known))

    periods = (*PERIODS, *YEARS, OWN_DAYS)
    with box("filters"):
        Choice(
            asked.kind,
            [(kind, visit.t(kind)) for kind in KINDS],
            lambda chosen: opens(replace(asked, kind=chosen)),
            label=visit.t("statement"),
        )
        Choice(
            asked.period,
            [(name, visit.t(name)) for name in periods],
            lambda chosen: opens(replace(asked, period=chosen)),
            label=visit.t("period_of"),
        )
        Choice(
            asked.compare,
            [(name, visit.t(name or "no_comparison")) for name in COMPARISONS],
            lambda chosen: opens(replace(asked, compare=chosen)),
            label=visit.t("comparison"),
        )
        if asked.period == OWN_DAYS:
            Field(
                asked.days["since"],
                lambda text: opens(own(since=_day(text))),
                label=visit.t("since"),
                kind="date",
            ).classes("day")
            Field(
                asked.days["until"],
                lambda text: opens(own(until=_day(text))),
                label=visit.t("until"),
                kind="date",
            ).classes("day")


def _links(answer: Answer) -> list[str]:
    """Return, for each row, the page of its account; nothing where it is none."""
    if isinstance(answer, StatementShown):
        stretch = answer.statement.stretches[0]
        codes = [
            line.code if line.kind is LineKind.ACCOUNT else "" for line in answer.statement.lines
        ]
    else:
        assert isinstance(answer, BalancesShown), "a statement or the trial balance"
        stretch = answer.balances.stretch
        codes = [*(row.code for row in answer.balances.rows), ""]
    since = stretch.since.isoformat() if stretch.since else ""
    days = urlencode({"since": since, "until": stretch.until.isoformat()})
    return [f"/account/{code}?{days}" if code else "" for code in codes]


def _draw(visit: Visit, grid: Grid, links: list[str], label: str) -> None:
    columns = heads(grid, visit.language)
    rows = [
        tuple(
            (str(cell), to)
            if place == 0 and to
            else (figure(cell, grid.columns[place].unit) if isinstance(cell, Decimal) else cell)
            or ""
            for place, cell in enumerate(row)
        )
        for row, to in zip(grid.rows, links, strict=True)
    ]
    table(
        columns, rows, classes="stacked statement", label=label, row_classes=classes_of_rows(grid)
    )


def _lines(visit: Visit, page: ledger.AccountPage, currency: str) -> None:
    columns = [
        (visit.t("date"), "nowrap"),
        (visit.t("entry"), "nowrap"),
        (visit.t("origin"), "nowrap"),
        (visit.t("memo"), "wide"),
        (visit.t("party"), ""),
        (f"{visit.t('debit')} ({currency})", "number"),
        (f"{visit.t('credit')} ({currency})", "number"),
        (f"{visit.t('balance')} ({currency})", "number"),
    ]

    def said(amount: Any) -> str:  # noqa: ANN401  # An amount, or none on this side.
        return "" if amount is None else figure(amount.amount, currency)

    rows = [
        (
            line.posted_on.isoformat(),
            line.entry,
            line.origin,
            line.memo,
            line.party,
            said(line.debit),
            said(line.credit),
            said(line.balance),
        )
        for line in page.movements
    ]
    blank = ("", "", "", "", "")
    before = ("", visit.t("opening"), *blank, said(page.opening))
    after = [visit.t("closing"), "", *blank, said(page.closing)]
    table(columns, [before, *rows], total=after, classes="stacked", label=page.code)
