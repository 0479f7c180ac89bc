"""Tickets, the newest first; a customer of the portal sees the own ones."""

from urllib.parse import urlencode

from fastapi import Request

from channels.web.elements import box, link, say, search_field
from channels.web.layout import Visit
from channels.web.pages.lists import draw_listing
from core.kernel.database import reading
from core.reporting.lists import ListFilter, Listing, ListOrder, ListQuery, list_records
from tools.trade import own_party

# What one can narrow the list to: what it is called, and the flag that says so.
STATES = {"open": "open", "unassigned": "unassigned", "late": "late", "all": ""}
OF_CUSTOMERS = ("open", "all")
COLUMNS = ("number", "subject", "customer", "state", "priority", "support_agent", "due_on")
HIDDEN_FROM_CUSTOMERS = frozenset({"customer", "support_agent"})
SHOWN_MAX = 100


async def build(visit: Visit, request: Request) -> None:
    """Show the tickets of one state."""
    state = next((one for one in STATES if one == request.query_params.get("state")), "open")
    asked = {"containing": request.query_params.get("q", "")}

    def read() -> tuple[Listing, bool]:
        with reading(visit.house.engine, visit.visitor.acting) as session:
            is_customer = own_party(session) is not None
            query = _query(state, asked["containing"], is_customer=is_customer)
            return list_records(session, query), is_customer

    async def show() -> None:
        if not await visit.confirmed():
            return
        listing, is_customer = await visit.house.run(read)
        found.clear()
        chips.clear()
        with chips:
            for one in OF_CUSTOMERS if is_customer else STATES:
                where = urlencode({"state": one})
                name = {"open": "open_orders", "late": "late_tickets"}.get(one, one)
                link(visit.t(name), f"/tickets?{where}", "chip on" if one == state else "chip")
        with found:
            if listing.rows:
                with box("panel"), box("panel-body"):
                    draw_listing(visit, listing, label=visit.t("tickets"))
            else:
                say(visit.t("nothing_found"), "empty")

    async def search(text: str) -> None:
        asked["containing"] = text.strip()
        await visit.tried(show)

    with box("filters"):
        chips = box("filters")
        search_field(asked["containing"], search, label=visit.t("search"))
    found = box()
    await show()


def _query(state: str, containing: str, *, is_customer: bool) -> ListQuery:
    flag = STATES[state]
    filters = [ListFilter(field=flag, values=("yes",))] if flag else []
    if containing:
        filters.append(ListFilter(field="subject", op="contains", values=(containing,)))
    hidden = HIDDEN_FROM_CUSTOMERS if is_customer else frozenset()
    return ListQuery(
        records="tickets",
        columns=tuple(one for one in COLUMNS if one not in hidden),
        filters=tuple(filters),
        order=(ListOrder(by="number", dir="desc"),),
        limit=SHOWN_MAX,
    )
