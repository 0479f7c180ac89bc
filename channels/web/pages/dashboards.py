"""The dashboards: tiles that are questions, answered as the page opens, each leading further."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import get_args
from urllib.parse import urlencode

from fastapi import Request
from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

from channels.web.charts import draw, report_page
from channels.web.doing import do
from channels.web.elements import Choice, Field, box, button, link, say
from channels.web.layout import Visit
from core.kernel.database import reading
from core.reporting import dashboards
from core.reporting.dashboards import BoardView, PeriodName, Tile, TileAnswer
from core.reporting.words import day_said, span_said


async def build(visit: Visit, request: Request) -> None:
    """Show the dashboard that the address names, or the first one of the visitor's work."""
    asked = request.query_params
    named, editing = asked.get("board", ""), asked.get("edit") == "1"

    def read() -> tuple[list[BoardView], BoardView]:
        with reading(visit.house.engine, visit.visitor.acting) as session:
            views = dashboards.boards_of(session)
            if named or not views:
                return views, dashboards.find_board(session, named or "–")
            return views, views[0]

    views, view = await visit.house.run(read)
    periods: tuple[PeriodName, ...] = get_args(PeriodName)
    period = next((name for name in periods if name == asked.get("period")), view.board.period)
    page = _Page(visit, view, period, editing=editing and view.own)
    page.build(views)


class _Page:
    """One dashboard on a page."""

    def __init__(self, visit: Visit, view: BoardView, period: PeriodName, *, editing: bool) -> None:
        self.visit, self.view, self.period, self.editing = visit, view, period, editing
        self.bodies: dict[str, Element] = {}
        self.hints: dict[str, TextElement] = {}

    @property
    def name(self) -> str:
        """What the dashboard is called in the visitor's language."""
        return self.view.board.title.in_(self.visit.language)

    def address(self, *, board: str = "", period: str = "", edit: bool = False) -> str:
        """Return the address of this page, or of it with something else chosen."""
        asked = {"board": board or self.view.id, "period": period or self.period}
        return f"/dashboards?{urlencode(asked | ({'edit': '1'} if edit else {}))}"

    def build(self, views: Sequence[BoardView]) -> None:
        """Show the frame of every tile at once, and fill them as they are answered."""
        self._choices(views)
        if self.editing:
            self._edit_board()
        if not self.view.board.tiles:
            say(self.visit.t("no_tiles"), "empty")
        with box("board"):
            for place, tile in enumerate(self.view.board.tiles, start=1):
                self._frame(tile, place)
        ui.timer(0, lambda: self.visit.tried(self.fill), once=True)

    async def fill(self) -> None:
        """Answer the tiles one after the other, from one picture of the books."""
        async for given in self._answers():
            body = self.bodies[given.tile.id]
            if body.is_deleted:
                return
            body.clear()
            self.hints[given.tile.id].set_text(self._hint(given))
            with body:
                self._show(given)

    def _hint(self, given: TileAnswer) -> str:
        """Say of which days the figures are, and in which unit where no figure says it."""
        report, language = given.report, self.visit.language
        if report is None:
            return ""
        snapshots = all(figure.start is None for figure in report.figures)
        days = day_said(report.as_of, language) if snapshots else span_said(report.span, language)
        first = report.figure_columns()[0]
        alone = given.tile.chart in {"bars", "line", "columns"} and first.sign
        return f"{days} · {first.sign}" if alone else days

    def _show(self, given: TileAnswer) -> None:
        language = self.visit.language
        if given.report is None:
            assert given.refusal is not None, "there is a report, or why there is none"
            say(given.refusal.message(language), "empty")
            return
        title = given.tile.title.in_(language)
        draw(self.visit, given.report, given.tile.chart, title=title)

    async def _answers(self) -> AsyncIterator[TileAnswer]:
        loop = asyncio.get_running_loop()
        found: asyncio.Queue[TileAnswer | None] = asyncio.Queue()
        house, acting = self.visit.house, self.visit.visitor.acting

        def work() -> None:
            try:
                with reading(house.engine, acting) as session:
                    tiles = self.view.board.tiles
                    for given in dashboards.answers_of(session, tiles, self.period):
                        loop.call_soon_threadsafe(found.put_nowait, given)
            finally:
                loop.call_soon_threadsafe(found.put_nowait, None)

        working = asyncio.ensure_future(house.run(work))
        while (given := await found.get()) is not None:
            yield given
        await working

    def _choices(self, views: Sequence[BoardView]) -> None:
        t, language = self.visit.t, self.visit.language
        with box("filters boards"):
            for view in views:
                is_here = view.id == self.view.id
                title = view.board.title.in_(language)
                classes = f"chip{' on' if is_here else ''}{' own' if view.own else ''}"
                # Another dashboard begins with the period that it is meant for.
                link(title, f"/dashboards?{urlencode({'board': view.id})}", classes)
            periods: tuple[PeriodName, ...] = get_args(PeriodName)
            Choice(
                self.period,
                [(name, t(name)) for name in periods],
                lambda chosen: self.visit.client.open(self.address(period=chosen)),
                label=t("period"),
            )
            if self.editing:
                link(t("done_editing"), self.address(), "button small")
            elif self.view.own:
                link(t("edit_dashboard"), self.address(edit=True), "button small quiet")
            else:
                button(t("copy_dashboard"), self._copy, "small quiet")

    async def _copy(self) -> None:
        name = self.visit.t("copy_named", name=self.name)
        arguments = {"name": name, "copy_of": self.view.id}
        if await do(self.visit, "dashboards.make", arguments, words=self.visit.t("copy_dashboard")):
            asked = urlencode({"board": name, "period": self.period, "edit": "1"})
            self.visit.client.open(f"/dashboards?{asked}")

    def _edit_board(self) -> None:
        t, given = self.visit.t, {"name": self.name}

        async def rename() -> None:
            arguments = {"dashboard": self.view.id, "to": given["name"]}
            if await do(self.visit, "dashboards.rename", arguments, words=t("rename")):
                self.visit.client.open(self.address(edit=True))

        async def remove() -> None:
            arguments = {"dashboard": self.view.id}
            if await do(self.visit, "dashboards.remove", arguments, words=t("remove_dashboard")):
                self.visit.client.open("/dashboards")

        def typed(text: str) -> None:
            given["name"] = text

        with box("filters"):
            Field(self.name, typed, label=t("name_of_dashboard"))
            button(t("rename"), rename, "small")
            button(t("remove_dashboard"), remove, "small quiet")

    def _frame(self, tile: Tile, place: int) -> None:
        title = tile.title.in_(self.visit.language)
        with box(f"panel board-tile {tile.size} as-{tile.chart}", tag="section", aria_label=title):
            with box("panel-title"):
                link(title, report_page(tile.asked(self.period)), "tile-link")
                self.hints[tile.id] = say("", "hint", tag="span")
                if self.editing:
                    self._edit_tile(tile, place)
            with box("panel-body") as body:
                say(self.visit.t("tile_loading"), "progress", role="status")
            self.bodies[tile.id] = body

    def _edit_tile(self, tile: Tile, place: int) -> None:
        t = self.visit.t

        def change(tool: str, words: str, **arguments: object) -> Callable[[], Awaitable[None]]:
            async def changed() -> None:
                given = {"dashboard": self.view.id, "tile": tile.id, **arguments}
                if await do(self.visit, tool, given, words=words):
                    self.visit.client.open(self.address(edit=True))

            return changed

        with box("tile-buttons"):
            for sign, words, to in (
                ("←", t("move_up"), place - 1),
                ("→", t("move_down"), place + 1),
            ):
                if 1 <= to <= len(self.view.board.tiles):
                    moved = change("dashboards.move_tile", words, place=to)
                    button(sign, moved, "small quiet", aria_label=f"{words}: {tile.title.en}")
            gone = change("dashboards.remove_tile", t("remove_tile"))
            said = f"{t('remove_tile')}: {tile.title.in_(self.visit.language)}"
            button("×", gone, "small quiet", aria_label=said)
