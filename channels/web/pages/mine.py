"""What a customer has with us: own orders, invoices and tickets, and where help is."""

from fastapi import Request

from channels.web.elements import box, link, say, search_field
from channels.web.layout import Visit
from channels.web.pages.lists import draw_listing
from core.kernel.database import reading
from core.reporting.lists import Listing, ListOrder, ListQuery, list_records
from tools import Call
from tools.knowledge import FindArticles

SHOWN_MAX = 20
FIND = "knowledge.find"
# Each kind with what is shown of it; that they are one's own is the rule of the lists themselves.
KINDS: dict[str, tuple[str, ...]] = {
    "sales_orders": ("number", "ordered_on", "state", "total"),
    "invoices": ("number", "posted_on", "due_on", "total", "open_amount"),
    "tickets": ("number", "subject", "state"),
}


async def build(visit: Visit, _request: Request) -> None:
    """Show the newest of each kind."""

    def read() -> dict[str, Listing]:
        with reading(visit.house.engine, visit.visitor.acting) as session:
            return {kind: list_records(session, query_of(kind)) for kind in KINDS}

    _offer_help(visit)
    for kind, listing in (await visit.house.run(read)).items():
        with box("panel", tag="section", aria_label=visit.t(f"my_{kind}")):
            say(visit.t(f"my_{kind}"), "panel-title")
            with box("panel-body"):
                if listing.rows:
                    draw_listing(visit, listing, label=visit.t(f"my_{kind}"))
                else:
                    say(visit.t("nothing_found"), "empty")


def query_of(kind: str) -> ListQuery:
    """Return the question for the newest records of a kind."""
    return ListQuery(
        records=kind,
        columns=KINDS[kind],
        order=(ListOrder(by="number", dir="desc"),),
        limit=SHOWN_MAX,
    )


def _offer_help(visit: Visit) -> None:
    """Let one look for articles that are there for everybody."""
    house = visit.house

    async def find(text: str) -> None:
        found.clear()
        if not text.strip() or not await visit.confirmed():
            return
        asked = Call(FIND, FindArticles(words=text.strip()))
        answer = await house.run(house.toolbox.read, house.engine, visit.visitor.acting, asked)
        grid = answer.grid()
        with found:
            if grid is None or not grid.rows:
                say(visit.t("nothing_found"), "empty")
                return
            for row in grid.rows:
                link(" · ".join(str(cell) for cell in row[:2]), f"/record/article/{row[0]}")

    async def search(text: str) -> None:
        await visit.tried(lambda: find(text))

    with box("filters"):
        search_field("", search, label=visit.t("help_articles"))
    found = box()
