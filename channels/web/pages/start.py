"""The start page: how things stand today, and a place to say what should be done."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from fastapi import Request

from channels.web import reads
from channels.web.elements import Composer, box, figure, link, say, table
from channels.web.layout import Visit
from channels.web.pages.audit import what
from core.approvals.tables import OVERSEERS
from core.kernel.database import reading
from core.kernel.identity.roles import STAFF

SHORT_SHOWN = 8
DEEDS_SHOWN = 10


async def build(visit: Visit, _request: Request) -> None:
    """Show the tiles, what runs short, and what happened last."""
    house, actor = visit.house, visit.visitor.actor
    is_staff, is_overseer = bool(actor.roles & STAFF), bool(actor.roles & OVERSEERS)

    def read() -> tuple[reads.Overview, list[reads.Deed]]:
        with reading(house.engine, visit.visitor.acting) as session:
            whose = None if is_overseer else actor.name
            deeds = reads.recent(session, person=whose, limit=DEEDS_SHOWN)
            return reads.overview(session, is_staff=is_staff), deeds

    overview, deeds = await house.run(read)
    waiting = await house.run(house.toolbox.count_open, house.engine, visit.visitor.acting)

    def ask(said: str) -> None:
        visit.client.open(f"/chat?thread={house.begin_thread(visit.visitor, said)}")

    say(visit.t("good_day", name=visit.visitor.name), "greeting")
    say(visit.t("business_date", day=overview.today.isoformat()), "greeting-sub")
    with box("ask"):
        Composer(
            placeholder=visit.t("ask_anything"),
            label=visit.t("message"),
            send_label=visit.t("send"),
            sends=ask,
        )
    with box("tiles"):
        if overview.revenue:
            _revenue(visit, overview.revenue, overview.currency)
        _tile(visit, "waiting_for_a_yes", str(waiting), "/inbox", attention=waiting > 0)
        if is_staff:
            _tile(visit, "open_sales_orders", str(overview.sales_open), "/orders?kind=sales")
            _tile(
                visit,
                "open_purchase_orders",
                str(overview.purchases_open),
                "/orders?kind=purchases",
            )
            short = len(overview.short or ())
            _tile(visit, "below_reorder_point", str(short), "/stock?low=1", attention=short > 0)
    with box("two" if is_staff else ""):
        if is_staff:
            _short(visit, overview)
        _activity(visit, deeds, leads_on=is_overseer)


def _revenue(visit: Visit, months: Sequence[tuple[date, Decimal]], currency: str) -> None:
    """Show this month's revenue, and how the months before it were, as bars."""
    with box("tile wide"):
        say(visit.t("revenue_this_month"), "tile-name")
        with box("tile-figure", data_tile="revenue"):
            say(figure(months[-1][1], currency), tag="span")
            say(currency, "tile-unit", tag="span")
        highest = max(amount for _, amount in months)
        with box("bars", role="img", aria_label=visit.t("last_months")):
            for month, amount in months:
                share = max(0, round(100 * amount / highest)) if highest > 0 else 0
                said = f"{month:%Y-%m}: {figure(amount, currency)} {currency}"
                box("bar", title=said, style=f"height: {max(2, share)}%")


def _tile(visit: Visit, name: str, value: str, to: str, *, attention: bool = False) -> None:
    with box("tile attention" if attention else "tile", tag="a", href=to):
        say(visit.t(name), "tile-name")
        say(value, "tile-figure", data_tile=name)


def _short(visit: Visit, overview: reads.Overview) -> None:
    short = overview.short or ()
    is_chinese = visit.language == "zh"
    with box("panel"):
        with box("panel-title"):
            say(visit.t("below_reorder_point"), tag="span")
            link(visit.t("see_all"), "/stock?low=1")
        with box("panel-body"):
            if not short:
                say(visit.t("nothing_short"), "empty")
                return
            columns = [
                (visit.t("item"), ""),
                (visit.t("available"), "number"),
                (visit.t("on_order"), "number"),
                (visit.t("minimum"), "number"),
            ]
            rows = [
                (
                    (
                        f"{item.sku} {(item.name_zh if is_chinese else None) or item.name}",
                        f"/record/item/{item.sku}",
                    ),
                    figure(item.on_hand - item.reserved),
                    figure(item.on_order),
                    figure(item.minimum),
                )
                for item in short[:SHORT_SHOWN]
            ]
            table(columns, rows, label=visit.t("below_reorder_point"))


def _activity(visit: Visit, deeds: list[reads.Deed], *, leads_on: bool) -> None:
    with box("panel"):
        with box("panel-title"):
            say(visit.t("recent_activity"), tag="span")
            if leads_on:
                link(visit.t("see_all"), "/audit")
        with box("panel-body"):
            if not deeds:
                say(visit.t("nothing_yet"), "empty")
            for deed in deeds:
                with box("activity"):
                    say(what(deed, visit.language), "activity-what")
                    say(deed.person, "activity-who")
                    say(f"{deed.at:%m-%d %H:%M}", "activity-at")
