"""Sales orders and purchase orders, the newest first."""

from urllib.parse import urlencode

from fastapi import Request

from channels.web import reads
from channels.web.elements import box, link, say, search_field, table
from channels.web.layout import Visit
from core.kernel.database import reading
from core.kernel.words import word

# What one can narrow the list to, by what it is called.
STATES = {
    "sales": {
        "open": "open_orders",
        "held": "held_orders",
        "waiting": "waiting_orders",
        "all": "all",
    },
    "purchases": {"open": "open_orders", "all": "all"},
}


async def build(visit: Visit, request: Request) -> None:
    """Show the orders of one kind."""
    kind = "purchases" if request.query_params.get("kind") == "purchases" else "sales"
    states = STATES[kind]
    state = next((one for one in states if one == request.query_params.get("state")), "open")
    asked = {"containing": request.query_params.get("q", "")}

    def read() -> list[reads.OrderRow]:
        with reading(visit.house.engine, visit.visitor.acting) as session:
            return reads.orders(session, kind=kind, state=state, containing=asked["containing"])

    async def show() -> None:
        if not await visit.confirmed():
            return
        rows = await visit.house.run(read)
        found.clear()
        with found:
            if rows:
                _show(visit, rows)
            else:
                say(visit.t("nothing_found"), "empty")

    async def search(text: str) -> None:
        asked["containing"] = text.strip()
        await visit.tried(show)

    with box("filters"):
        for key in ("sales", "purchases"):
            where = urlencode({"kind": key, "state": state if state in STATES[key] else "open"})
            link(visit.t(key), f"/orders?{where}", "chip on" if key == kind else "chip")
        for one, name in states.items():
            where = urlencode({"kind": kind, "state": one})
            link(visit.t(name), f"/orders?{where}", "chip on" if one == state else "chip")
        search_field(asked["containing"], search, label=visit.t("search"))
    found = box()
    await show()


def _show(visit: Visit, rows: list[reads.OrderRow]) -> None:
    is_chinese = visit.language == "zh"
    columns = [
        (visit.t("number"), "nowrap"),
        (visit.t("party"), ""),
        (visit.t("state"), ""),
        (visit.t("ordered_on"), "nowrap"),
        (visit.t("due_on"), "nowrap"),
        (visit.t("total"), "number"),
    ]
    shown = [
        (
            (row.number, f"/record/{row.kind}/{row.number}"),
            (row.parties[is_chinese], f"/record/{row.party_kind}/{row.party_number}"),
            _state(visit, row),
            row.ordered_on.isoformat(),
            row.due_on.isoformat() + (f" · {visit.t('late')}" if row.is_late else ""),
            str(row.total),
        )
        for row in rows
    ]
    with box("panel"), box("panel-body"):
        table(columns, shown, classes="stacked", label=visit.t("orders"))


def _state(visit: Visit, row: reads.OrderRow) -> str:
    said = word(row.state, visit.language)
    if row.hold_reason is not None:
        reason = word(row.hold_reason, visit.language)
        held = visit.t("held_because", reason=reason)
        said = held if row.state == "held" else f"{said} · {held}"
    return f"{said} · {visit.t('waits')}" if row.waits else said
