"""What people do with dashboards of their own: copy, add, take away, move, rename, remove."""

from collections.abc import Callable, Sequence

from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.kernel import events
from core.kernel.database import broken_constraint
from core.reporting.answering import prepared
from core.reporting.dashboards.errors import (
    DashboardExists,
    DashboardFull,
    NotDrawable,
    NotYourDashboard,
    UnknownTile,
)
from core.reporting.dashboards.events import DashboardChanged, DashboardMade, DashboardRemoved
from core.reporting.dashboards.queries import board_of, find_board, owner_now
from core.reporting.dashboards.rules import (
    TILES_MAX,
    Board,
    Chart,
    Size,
    Tile,
    Title,
    chart_for,
)
from core.reporting.dashboards.tables import Dashboard
from core.reporting.query import ReportQuery
from core.reporting.readback import read_back


def make_dashboard(session: Session, name: str, *, copy_of: str | None = None) -> Board:
    """Make a dashboard of one's own: empty, or with the tiles of another."""
    source = find_board(session, copy_of).board if copy_of else None
    tiles = source.tiles if source else ()
    row = Dashboard(
        owner=owner_now(session),
        name=name.strip(),
        period=source.period if source else "this_month",
        tiles=_stored(tiles),
    )
    session.add(row)
    _flush(session, row.name)
    events.record(session, DashboardMade(row.owner, row.name, _titles(tiles)))
    return board_of(row)


def add_tile(
    session: Session,
    name: str,
    query: ReportQuery,
    *,
    title: str | None = None,
    chart: Chart | None = None,
    size: Size = "medium",
) -> Board:
    """Add a question to a dashboard, as its last tile; refuse what its owner may not ask."""
    prepared(session, query)
    said = read_back(query)
    named = Title(en=title, zh=title) if title else Title(en=said.en[:120], zh=said.zh[:120])
    drawn = chart or chart_for(query)

    def added(tiles: Sequence[Tile]) -> list[Tile]:
        if len(tiles) >= TILES_MAX:
            raise DashboardFull(most=TILES_MAX)
        taken = {tile.id for tile in tiles}
        free = next(f"tile_{n}" for n in range(1, TILES_MAX + 2) if f"tile_{n}" not in taken)
        try:
            new = Tile(id=free, title=named, chart=drawn, size=size, query=query)
        except ValidationError as broken:
            problem = broken.errors()[0]["msg"].removeprefix("Value error, ")
            raise NotDrawable(chart=drawn, problem=problem) from broken
        return [*tiles, new]

    return _changed(session, name, added)


def remove_tile(session: Session, name: str, tile: str) -> Board:
    """Take a tile away."""
    return _changed(
        session, name, lambda tiles: [one for one in tiles if one != _named(name, tiles, tile)]
    )


def move_tile(session: Session, name: str, tile: str, *, place: int) -> Board:
    """Put a tile at a place, counted from 1; the others make room."""

    def moved(tiles: Sequence[Tile]) -> list[Tile]:
        one = _named(name, tiles, tile)
        rest = [other for other in tiles if other != one]
        rest.insert(min(max(place, 1), len(tiles)) - 1, one)
        return rest

    return _changed(session, name, moved)


def rename_dashboard(session: Session, name: str, *, to: str) -> Board:
    """Call a dashboard something else."""
    row = _own(session, name)
    before, row.name = row.name, to.strip()
    _flush(session, row.name)
    titles = _titles(board_of(row).tiles)
    events.record(session, DashboardChanged(row.owner, before, titles, titles, renamed_to=row.name))
    return board_of(row)


def remove_dashboard(session: Session, name: str) -> Board:
    """Remove a dashboard of one's own."""
    row = _own(session, name)
    board = board_of(row)
    session.delete(row)
    session.flush()
    events.record(session, DashboardRemoved(row.owner, row.name, _titles(board.tiles)))
    return board


def _changed(
    session: Session, name: str, change: Callable[[Sequence[Tile]], Sequence[Tile]]
) -> Board:
    row = _own(session, name)
    before = board_of(row).tiles
    after = change(before)
    row.tiles = _stored(after)
    session.flush()
    events.record(session, DashboardChanged(row.owner, row.name, _titles(before), _titles(after)))
    return board_of(row)


def _own(session: Session, name: str) -> Dashboard:
    """Return the row of one's own dashboard, locked; the house's are not changed."""
    view = find_board(session, name)
    if not view.own:
        raise NotYourDashboard(name=name)
    wanted = (
        select(Dashboard)
        .where(
            Dashboard.owner == owner_now(session),
            func.lower(Dashboard.name) == view.board.title.en.lower(),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return session.scalars(wanted).one()


def _named(board: str, tiles: Sequence[Tile], said: str) -> Tile:
    """Return the tile of this id, title or place."""
    wanted = said.strip().casefold()
    for place, tile in enumerate(tiles, start=1):
        names = {tile.id, tile.title.en.casefold(), tile.title.zh.casefold(), str(place)}
        if wanted in names:
            return tile
    known = ", ".join(tile.title.en for tile in tiles) or "–"
    raise UnknownTile(board=board, tile=said, known=known)


def _flush(session: Session, name: str) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        if broken_constraint(error) != "uq_dashboard_name":
            raise
        raise DashboardExists(name=name) from error


def _stored(tiles: Sequence[Tile]) -> list[dict[str, object]]:
    return [tile.model_dump(mode="json", exclude_defaults=True) for tile in tiles]


def _titles(tiles: Sequence[Tile]) -> tuple[str, ...]:
    return tuple(tile.title.en for tile in tiles)
