"""Tools of dashboards: look at one, and make one's own."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core.kernel.database import acting
from core.kernel.errors import Language
from core.kernel.identity.roles import STAFF, Role
from core.kernel.semantics import Said, Unit
from core.reporting import CATALOGUE, Report, ReportQuery, dashboards
from core.reporting.dashboards import Board, BoardView, Chart, PeriodName, Size, TileAnswer
from core.reporting.dashboards.rules import NAME_MAX, TILES_MAX, TITLE_MAX
from core.reporting.report import Column as ReportColumn
from core.reporting.words import bucket_said, written
from tools.base import Answer, Arguments, Call, Column, Grid, Text, Tool, Undoing

MAKERS = STAFF - {Role.AUDITOR}
Name = Annotated[Text, Field(max_length=NAME_MAX)]
TileName = Annotated[Text, Field(max_length=TITLE_MAX)]
ROWS_SHOWN = 5
MADE_ANEW = (
    "its tiles are gone with it; copy the dashboard of the house again",
    "图块已随之移除；请重新复制系统看板",
)


class BoardSubject(StrEnum):
    """The dashboards of the house, by what they are about."""

    OWNER = "owner"
    SALES = "sales"
    FINANCE = "finance"
    STOCK = "stock"
    PURCHASING = "purchasing"
    PEOPLE = "people"


class ListDashboards(Arguments):
    """List the dashboards that one may look at."""


class ShowDashboard(Arguments):
    """Show the figures of a dashboard: of the house, or one's own."""

    board: BoardSubject | None = Field(
        default=None, description="A dashboard of the house; empty for one's own, or the usual one."
    )
    dashboard: Name | None = Field(default=None, description="The name of one's own dashboard.")
    period: PeriodName | None = Field(
        default=None, description="Leave empty for the period that it is meant for."
    )


class MakeDashboard(Arguments):
    """Make a dashboard of one's own, empty or as a copy of another."""

    name: Name = Field(description="What to call it.")
    copy_of: Name | None = Field(default=None, description="The dashboard whose tiles it gets.")


class AddTile(Arguments):
    """Put a question, such as the one just answered, on a dashboard of one's own."""

    dashboard: Name | None = Field(
        default=None, description="One's own dashboard; empty for the first of them."
    )
    query: ReportQuery
    title: TileName | None = Field(default=None, description="Leave empty to say the question.")
    chart: Chart | None = Field(default=None, description="Leave empty for what suits it.")
    size: Size = "medium"


class RemoveTile(Arguments):
    """Take a tile off a dashboard of one's own."""

    dashboard: Name = Field(description="One's own dashboard.")
    tile: TileName = Field(description="Its title, or its place counted from 1.")


class MoveTile(Arguments):
    """Move a tile of one's own dashboard to another place."""

    dashboard: Name = Field(description="One's own dashboard.")
    tile: TileName = Field(description="Its title, or its place counted from 1.")
    place: int = Field(ge=1, le=TILES_MAX, description="Counted from 1.")


class RenameDashboard(Arguments):
    """Call a dashboard of one's own something else."""

    dashboard: Name = Field(description="One's own dashboard.")
    to: Name = Field(description="Its new name.")


class RemoveDashboard(Arguments):
    """Remove a dashboard of one's own."""

    dashboard: Name = Field(description="One's own dashboard.")


class DashboardsListed(Answer):
    """The dashboards that somebody may look at."""

    boards: list[BoardView]

    def sentence(self, language: Language = "en") -> str:
        """Name them."""
        names = [view.board.title.in_(language) for view in self.boards]
        if language == "zh":
            return f"共有 {len(names)} 个看板：{'、'.join(names) or '–'}。"
        return f"{len(names)} dashboards: {', '.join(names) or '–'}."

    def grid(self) -> Grid:
        """Return one row for every dashboard."""
        columns = (
            Column("dashboard", "看板"),
            Column("name", "英文名称"),
            Column("Chinese name", "名称"),
            Column("tiles", "图块数", "number"),
            Column("own", "自建"),
        )
        rows = tuple(
            (
                *(view.id, view.board.title.en, view.board.title.zh),
                *(len(view.board.tiles), "✓" if view.own else ""),
            )
            for view in self.boards
        )
        return Grid(columns, rows)


class DashboardShown(Answer):
    """The figures of a dashboard, tile by tile; what one may not see is said, not left out."""

    board: Board
    answers: list[TileAnswer]
    language: Language

    def sentence(self, language: Language = "en") -> str:
        """Say the figures of the cards, and what could not be answered."""
        comma, stop = ("；", "。") if language == "zh" else ("; ", ".")
        said = []
        for given in self.answers:
            if given.report is not None and given.tile.chart == "figures":
                said += list(_cards(given.report, language))
            elif given.refusal is not None:
                title = given.tile.title.in_(language)
                said.append(f"{title}: {given.refusal.message(language)}".rstrip(stop))
        head = self.board.title.in_(language)
        return f"{head}{'：' if language == 'zh' else ': '}{comma.join(said) or '–'}{stop}"

    def grid(self) -> Grid:
        """Return the figures of every tile; of long ones, the first rows."""
        columns = (
            Column("tile", "图块"),
            Column("what", "项目"),
            Column("metric", "指标"),
            Column("figure", "数值", "number"),
            Column("unit", "单位"),
        )
        rows = [
            row
            for given in self.answers
            if given.report is not None
            for row in _rows(given.tile.title.in_(self.language), given.report, self.language)
        ]
        return Grid(columns, tuple(rows))

    def figures(self) -> list[dict[str, Any]]:
        """Return the figures of the cards, each with where it comes from."""
        return [
            {
                "metric": figure.metric,
                "name": figure.names.in_(self.language),
                "value": figure.value,
                "unit": figure.sign or figure.unit.value,
                "filters": list(figure.filters),
                "start": figure.start,
                "as_of": figure.as_of,
                "rows": figure.source_rows,
                "definition": f"{figure.metric} v{figure.version}",
                "basis": given.report.basis.in_(self.language),
            }
            for given in self.answers
            if given.report is not None
            for figure in given.report.figures
        ]


class DashboardSaid(Answer):
    """One's own dashboard as it is now."""

    dashboard: str
    tiles: list[str]
    gone: bool = False
    was: str = ""

    def sentence(self, language: Language = "en") -> str:
        """Say which tiles it has."""
        if self.gone:
            zh = f"看板“{self.dashboard}”已移除。"
            return zh if language == "zh" else f"The dashboard “{self.dashboard}” is removed."
        tiles = ("、" if language == "zh" else ", ").join(self.tiles) or "–"
        if language == "zh":
            return f"看板“{self.dashboard}”：{len(self.tiles)} 个图块：{tiles}。"
        return f"Dashboard “{self.dashboard}”, {len(self.tiles)} tiles: {tiles}."


def _cards(report: Report, language: Language) -> list[str]:
    columns = report.figure_columns()
    said = []
    for place, column in enumerate(columns):
        if column.what != "value":
            continue
        undefined = CATALOGUE.metrics[column.id].undefined.in_(language)
        text = written(report.totals[place], column.unit, column.sign, undefined)
        text = f"{column.names.in_(language)} {text}"
        if report.query.compare is not None:
            growth = report.totals[place + 3]
            text += "" if growth is None else f" ({growth:+,.1f} %)"
        said.append(text)
    return said


def _rows(title: str, report: Report, language: Language) -> list[tuple[Any, ...]]:
    columns = report.figure_columns()
    found: list[tuple[str, tuple[Decimal | None, ...]]] = []
    if report.keys:
        rows = report.rows[-ROWS_SHOWN:] if report.grain else report.rows[:ROWS_SHOWN]
        for row in rows:
            named = [member.label.in_(language) for member in row.members]
            if row.bucket is not None and report.grain is not None:
                named.append(bucket_said(row.bucket, report.grain))
            found.append((" · ".join(named), row.figures))
    if report.totals and (not report.keys or report.query.total):
        found.append((_TOTAL.in_(language) if report.keys else "", report.totals))
    return [
        (title, what, column.names.in_(language), figures[place], _unit(column))
        for what, figures in found
        for place, column in enumerate(columns)
        if column.what == "value"
    ]


_TOTAL = Said("total", "合计")


def _unit(column: ReportColumn) -> str:
    return column.sign or (column.unit.value if column.unit in {Unit.DAYS, Unit.QUANTITY} else "")


def list_dashboards(session: Session, _arguments: ListDashboards) -> DashboardsListed:
    """Read them."""
    return DashboardsListed(boards=dashboards.boards_of(session))


def show_dashboard(session: Session, arguments: ShowDashboard) -> DashboardShown:
    """Answer every tile as the asking person."""
    named = arguments.dashboard or arguments.board
    board = dashboards.usual_board(session) if named is None else _named(session, named)
    period = arguments.period or board.period
    return DashboardShown(
        board=board,
        answers=list(dashboards.answers_of(session, board.tiles, period)),
        language=acting(session).actor.language,
    )


def _named(session: Session, name: str) -> Board:
    return dashboards.find_board(session, name).board


def make(session: Session, arguments: MakeDashboard) -> DashboardSaid:
    """Make it."""
    return _said(dashboards.make_dashboard(session, arguments.name, copy_of=arguments.copy_of))


def undo_make(_session: Session, arguments: MakeDashboard, _answer: object) -> Undoing:
    """Remove it again."""
    return Undoing((Call("dashboards.remove", RemoveDashboard(dashboard=arguments.name)),))


def pin_add(session: Session, arguments: AddTile) -> AddTile:
    """Say which dashboard is meant."""
    named = arguments.dashboard
    board = dashboards.usual_board(session) if named is None else _named(session, named)
    return arguments.model_copy(update={"dashboard": board.title.en})


def add_tile(session: Session, arguments: AddTile) -> DashboardSaid:
    """Add it."""
    assert arguments.dashboard is not None, "it is pinned"
    return _said(
        dashboards.add_tile(
            session,
            arguments.dashboard,
            arguments.query,
            title=arguments.title,
            chart=arguments.chart,
            size=arguments.size,
        )
    )


def undo_add(_session: Session, _arguments: AddTile, answer: dict[str, Any]) -> Undoing:
    """Take it off again."""
    last = str(len(answer["tiles"]))
    call = RemoveTile(dashboard=answer["dashboard"], tile=last)
    return Undoing((Call("dashboards.remove_tile", call),))


def remove_tile(session: Session, arguments: RemoveTile) -> DashboardSaid:
    """Take it off."""
    return _said(dashboards.remove_tile(session, arguments.dashboard, arguments.tile))


def move_tile(session: Session, arguments: MoveTile) -> DashboardSaid:
    """Move it."""
    return _said(
        dashboards.move_tile(session, arguments.dashboard, arguments.tile, place=arguments.place)
    )


def rename(session: Session, arguments: RenameDashboard) -> DashboardSaid:
    """Rename it."""
    was = dashboards.find_board(session, arguments.dashboard).board.title.en
    now = _said(dashboards.rename_dashboard(session, was, to=arguments.to))
    return now.model_copy(update={"was": was})


def undo_rename(_session: Session, arguments: RenameDashboard, answer: dict[str, Any]) -> Undoing:
    """Call it again what it was called."""
    call = RenameDashboard(dashboard=arguments.to, to=answer["was"])
    return Undoing((Call("dashboards.rename", call),))


def remove(session: Session, arguments: RemoveDashboard) -> DashboardSaid:
    """Remove it."""
    gone = _said(dashboards.remove_dashboard(session, arguments.dashboard))
    return gone.model_copy(update={"gone": True})


def stays_changed(_session: Session, _arguments: Arguments, _answer: object) -> Undoing:
    """Say what to do instead."""
    return Undoing(impossible=MADE_ANEW)


def _said(board: Board) -> DashboardSaid:
    return DashboardSaid(dashboard=board.title.en, tiles=[tile.title.en for tile in board.tiles])


TOOLS = (
    Tool(
        "dashboards.list",
        ListDashboards,
        list_dashboards,
        writes=False,
        title="List dashboards",
        title_zh="看板列表",
    ),
    Tool(
        "dashboards.show",
        ShowDashboard,
        show_dashboard,
        writes=False,
        title="Show dashboard",
        title_zh="查看看板",
    ),
    Tool(
        "dashboards.make",
        MakeDashboard,
        make,
        writes=True,
        title="Make dashboard",
        title_zh="新建看板",
        roles=MAKERS,
        undo=undo_make,
    ),
    Tool(
        "dashboards.add_tile",
        AddTile,
        add_tile,
        writes=True,
        title="Add to dashboard",
        title_zh="添加到看板",
        roles=MAKERS,
        pin=pin_add,
        undo=undo_add,
    ),
    Tool(
        "dashboards.remove_tile",
        RemoveTile,
        remove_tile,
        writes=True,
        title="Take off dashboard",
        title_zh="从看板移除",
        roles=MAKERS,
        undo=stays_changed,
    ),
    Tool(
        "dashboards.move_tile",
        MoveTile,
        move_tile,
        writes=True,
        title="Move on dashboard",
        title_zh="移动看板图块",
        roles=MAKERS,
        undo=stays_changed,
    ),
    Tool(
        "dashboards.rename",
        RenameDashboard,
        rename,
        writes=True,
        title="Rename dashboard",
        title_zh="重命名看板",
        roles=MAKERS,
        undo=undo_rename,
    ),
    Tool(
        "dashboards.remove",
        RemoveDashboard,
        remove,
        writes=True,
        title="Remove dashboard",
        title_zh="移除看板",
        roles=MAKERS,
        undo=stays_changed,
    ),
)
