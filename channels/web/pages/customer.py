"""A customer from every side, on one page."""

import uuid
from collections.abc import Sequence

from channels.web.charts import Drawing, draw_bars, draw_figures, report_page, series_of
from channels.web.elements import box, button, figure, link, say, say_linked, table
from channels.web.layout import Visit
from channels.web.pages.shown import item_link, named
from core import parties
from core.kernel.database import reading
from core.kernel.words import word
from core.parties import CustomerView
from core.reporting import Report
from core.reporting.customer_view import CustomerStanding, customer_standing
from core.reporting.timeline import Timeline, strand_called, timeline

Cells = Sequence[str | tuple[str, str]]


async def show_standing(visit: Visit, number: str) -> None:
    """Show all that is known of a customer and may be seen."""

    def read() -> tuple[CustomerStanding, Timeline]:
        with reading(visit.house.engine, visit.visitor.acting) as session:
            party_id = parties.find_customer(session, number).party_id
            [view] = parties.list_customers(session, party_id=party_id)
            return customer_standing(session, view), timeline(session, party_id)

    now, past = await visit.house.run(read)
    _head(visit, now)
    with box("board"):
        _trend(visit, now)
        _panel(visit, "best_items", now.best, "small")
        _trade(visit, now)
        _lists(visit, now)
        _activities(visit, now)
        _timeline(visit, now.customer.party_id, past)
    for said in now.hidden:
        say(f"{visit.t('not_seen')}: {said.in_(visit.language)}", "hint")


def _head(visit: Visit, now: CustomerStanding) -> None:
    view, t = now.customer, visit.t
    with box("panel"):
        with box("panel-title"):
            say(f"{view.number} {named(view.name, view.name_zh, visit.language)}", tag="span")
            if view.blocked:
                say(word("blocked", visit.language), "pill", tag="span")
            say(" · ".join(_known(visit, view)), "hint", tag="span")
        with box("panel-body"), box("kpis"):
            _fact(t("owes_us"), str(now.owed))
            _fact(t("overdue_part"), str(now.overdue), tone="bad" if now.overdue.minor else "")
            limit = view.credit_limit
            of = t("no_limit") if limit is None else t("of_limit", limit=str(limit))
            over = limit is not None and limit < now.exposure
            _fact(t("exposure"), str(now.exposure), of, tone="bad" if over else "")
            if now.paying is not None:
                days = now.paying.days_late
                said = t("days_late" if days > 0 else "days_early", days=f"{abs(days):f}")
                share = f"{now.paying.late_percent:f}"
                note = t("late_share", share=share, count=now.paying.invoices)
                _fact(t("pays"), said, note)


def _known(visit: Visit, view: CustomerView) -> list[str]:
    place = ", ".join(part for part in (view.city, view.country) if part)
    facts = [
        ("", place),
        ("", view.email),
        ("", view.phone),
        (visit.t("territory"), view.territory),
        (visit.t("salesperson"), view.salesperson),
        (visit.t("group"), view.group),
        (visit.t("payment_days"), str(view.payment_days)),
    ]
    return [f"{name}: {value}" if name else value for name, value in facts if value]


def _fact(name: str, value: str, note: str = "", *, tone: str = "") -> None:
    with box("kpi"):
        say(name, "kpi-name")
        say(value, f"kpi-figure {tone}".strip())
        if note:
            say(note, "kpi-change")


def _trend(visit: Visit, now: CustomerStanding) -> None:
    report, title = now.trend, visit.t("revenue_by_month")
    if report is None:
        return
    with box("panel board-tile large as-line", tag="section", aria_label=title):
        with box("panel-title"):
            link(title, report_page(report.query), "tile-link")
            say(report.currency, "hint", tag="span")
        with box("panel-body"):
            if report.emptiness:
                say(visit.t(f"empty_{report.emptiness}"), "empty")
            else:
                labels, series = series_of(visit, report)
                Drawing("line", labels, series, label=title)


def _panel(visit: Visit, title: str, report: Report | None, size: str) -> None:
    if report is None:
        return
    with box(f"panel board-tile {size}", tag="section", aria_label=visit.t(title)):
        with box("panel-title"):
            link(visit.t(title), report_page(report.query), "tile-link")
            say(report.currency, "hint", tag="span")
        with box("panel-body"):
            if report.emptiness:
                say(visit.t(f"empty_{report.emptiness}"), "empty")
            else:
                draw_bars(visit, report)


def _trade(visit: Visit, now: CustomerStanding) -> None:
    title = visit.t("trade_of_year")
    with box("panel board-tile full", tag="section", aria_label=title):
        say(title, "panel-title")
        with box("panel-body two-kpis"):
            for report in (now.trade, now.profit):
                if report is not None:
                    draw_figures(visit, report)


def _lists(visit: Visit, now: CustomerStanding) -> None:
    t, language = visit.t, visit.language
    late = {order.number for order in now.late_orders}
    orders: list[Cells] = [
        (
            order.number,
            word(order.hold_reason or order.state, language),
            order.promised_on.isoformat() + (f" · {t('late')}" if order.number in late else ""),
            str(order.total),
        )
        for order in now.orders
    ]
    _list(visit, "open_sales", ("number", "state", "promised_on", "total"), orders)
    items: list[Cells] = [
        (
            item.number,
            item.due_on.isoformat(),
            figure(item.days_overdue) if item.days_overdue else "",
            str(item.open),
        )
        for item in now.items
    ]
    _list(visit, "open_items", ("document", "due_on", "days_overdue", "amount"), items)
    quotations: list[Cells] = [
        (one.number, word(one.state, language), one.valid_until.isoformat(), str(one.total))
        for one in now.quotations
    ]
    _list(visit, "open_quotations", ("number", "state", "valid_until", "total"), quotations)
    waiting: list[Cells] = [
        (
            one.order,
            item_link(one.sku, one.name),
            one.promised_on.isoformat(),
            figure(one.missing),
        )
        for one in now.backorders
    ]
    _list(visit, "waiting_goods", ("order", "item", "promised_on", "missing"), waiting)
    returns: list[Cells] = [
        (one.number, word(one.state, language), one.authorised_on.isoformat(), one.because)
        for one in now.returns
    ]
    _list(visit, "returns", ("number", "state", "at", "because"), returns)
    if not (orders or items or quotations or waiting or returns):
        with box("panel board-tile full"), box("panel-body"):
            say(t("nothing_open"), "empty")


def _list(visit: Visit, title: str, heads: Sequence[str], rows: Sequence[Cells]) -> None:
    if not rows:
        return
    numbers = {"total", "amount", "missing", "days_overdue"}
    columns = [(visit.t(head), "number" if head in numbers else "nowrap") for head in heads]
    with box("panel board-tile", tag="section", aria_label=visit.t(title)):
        say(visit.t(title), "panel-title")
        with box("panel-body"):
            table(columns, rows, classes="stacked", label=visit.t(title))


def _activities(visit: Visit, now: CustomerStanding) -> None:
    if not now.activities:
        return
    title = visit.t("latest_activities")
    with box("panel board-tile", tag="section", aria_label=title):
        say(title, "panel-title")
        with box("panel-body"):
            for one in now.activities:
                with box("activity"):
                    said = f"{word(one.kind, visit.language)}: {one.subject}"
                    say_linked(said, "activity-what").props["title"] = one.body
                    say(one.author, "activity-who")
                    say(f"{one.happened_at:%Y-%m-%d}", "activity-at")


def _timeline(visit: Visit, party_id: uuid.UUID, past: Timeline) -> None:
    """Tell what happened, newest first; what is older comes when it is asked for."""
    if not past.moments:
        return
    title = visit.t("timeline")
    with box("panel board-tile full", tag="section", aria_label=title):
        say(title, "panel-title")
        body = box("panel-body")
        with body:
            _moments(visit, party_id, past)


def _moments(visit: Visit, party_id: uuid.UUID, page: Timeline) -> None:
    language = visit.language
    for one in page.moments:
        kind = strand_called(one.strand).names.in_(language)
        told = (one.number, one.title, word(one.state, language))
        said = " · ".join(part for part in told if part)
        with box("activity"):
            say_linked(f"{kind}: {said}", "activity-what").props["title"] = one.detail
            say("" if one.amount is None else str(one.amount), "activity-who")
            say(f"{one.at:%Y-%m-%d}", "activity-at")
    if page.next is None:
        return
    more = box("older")

    def read() -> Timeline:
        with reading(visit.house.engine, visit.visitor.acting) as session:
            return timeline(session, party_id, before=page.next)

    async def show() -> None:
        older = await visit.house.run(read)
        more.clear()
        with more:
            _moments(visit, party_id, older)

    async def ask() -> None:
        await visit.tried(show)

    with more:
        button(visit.t("older"), ask)
