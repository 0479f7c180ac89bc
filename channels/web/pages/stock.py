"""The stock of every item: on hand, reserved, available, on order."""

from fastapi import Request

from channels.web import reads
from channels.web.elements import Tick, box, figure, say, search_field, table
from channels.web.layout import Visit
from core.kernel.database import reading


async def build(visit: Visit, request: Request) -> None:
    """Show the items that contain what is typed."""
    asked = {
        "containing": request.query_params.get("q", ""),
        "only_low": request.query_params.get("low", ""),
    }

    async def search(text: str) -> None:
        asked["containing"] = text.strip()
        await visit.tried(show)

    async def only_low(ticked: bool) -> None:  # noqa: FBT001
        asked["only_low"] = "1" if ticked else ""
        await visit.tried(show)

    def read() -> list[reads.StockRow]:
        with reading(visit.house.engine, visit.visitor.acting) as session:
            return reads.stock(
                session, containing=asked["containing"], only_low=bool(asked["only_low"])
            )

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

    with box("filters"):
        search_field(asked["containing"], search, label=visit.t("search"))
        Tick(only_low, value=bool(asked["only_low"]), label=visit.t("only_low"))
    found = box()
    await show()


def _show(visit: Visit, rows: list[reads.StockRow]) -> None:
    is_chinese = visit.language == "zh"
    columns = [
        (visit.t("item"), "nowrap"),
        (visit.t("name"), ""),
        (visit.t("on_hand"), "number"),
        (visit.t("reserved"), "number"),
        (visit.t("in_transit"), "number"),
        (visit.t("held"), "number"),
        (visit.t("available"), "number"),
        (visit.t("on_order"), "number"),
        (visit.t("minimum"), "number"),
        (visit.t("stock_value"), "number"),
    ]
    shown = [
        (
            (row.sku, f"/record/item/{row.sku}"),
            row.names[is_chinese],
            figure(row.on_hand),
            figure(row.reserved),
            figure(row.in_transit or None),
            figure(row.held or None),
            f"{figure(row.available)} {row.unit}",
            figure(row.on_order),
            ("▾ " if row.is_low else "") + figure(row.minimum),
            str(row.value),
        )
        for row in rows
    ]
    with box("panel"), box("panel-body"):
        table(columns, shown, classes="stacked", label=visit.t("stock"))
