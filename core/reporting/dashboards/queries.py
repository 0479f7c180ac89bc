"""Questions about dashboards: which there are, and what their tiles answer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from psycopg.errors import QueryCanceled
from pydantic import TypeAdapter
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core.kernel.database import acting
from core.kernel.errors import DomainError
from core.kernel.identity.roles import Role
from core.reporting.answering import answer
from core.reporting.dashboards.errors import UnknownDashboard
from core.reporting.dashboards.rules import Board, PeriodName, Tile, Title
from core.reporting.dashboards.standard import standard_boards
from core.reporting.dashboards.tables import Dashboard
from core.reporting.report import Report

OWN = "own_"
BOARDS_MAX = 50
_PERIOD: TypeAdapter[PeriodName] = TypeAdapter(PeriodName)


class TooSlow(DomainError):
    """This takes too long to add up. Ask for a shorter period."""

    zh = "统计时间过长。请选择较短的期间。"


@dataclass(frozen=True)
class BoardView:
    """A dashboard that somebody may look at; `own` says that it is theirs to change."""

    board: Board
    own: bool

    @property
    def id(self) -> str:
        """What the dashboard is known by in addresses."""
        return self.board.id


@dataclass(frozen=True)
class TileAnswer:
    """What a tile answers: its report, or why there is none."""

    tile: Tile
    report: Report | None
    refusal: DomainError | None = None


def boards_of(session: Session) -> list[BoardView]:
    """Return the dashboards of the asking person: their own first, then the house's for them."""
    rows = session.scalars(
        select(Dashboard)
        .where(Dashboard.owner == owner_now(session))
        .order_by(func.lower(Dashboard.name))
        .limit(BOARDS_MAX)
    )
    own = [BoardView(board_of(row), own=True) for row in rows]
    roles = acting(session).actor.roles
    return own + [BoardView(board, own=False) for board in _standard_for(roles)]


def owner_now(session: Session) -> str:
    """Return whose dashboards are meant: of who asked, also where somebody else said yes."""
    who = acting(session)
    return who.on_behalf_of or who.name


def find_board(session: Session, name: str) -> BoardView:
    """Return a dashboard by its id or what it is called in either language."""
    said = name.strip().casefold()
    views = boards_of(session)
    for view in views:
        title = view.board.title
        if said in {view.id, title.en.casefold(), title.zh.casefold()}:
            return view
    language = acting(session).actor.language
    known = ", ".join(view.board.title.in_(language) for view in views) or "–"
    raise UnknownDashboard(name=name, known=known)


def usual_board(session: Session) -> Board:
    """Return the dashboard that somebody looks at who names none: their own, or the house's."""
    views = boards_of(session)
    if not views:
        raise UnknownDashboard(name="–", known="–")
    return views[0].board


def answers_of(session: Session, tiles: Sequence[Tile], period: PeriodName) -> Iterator[TileAnswer]:
    """Answer one tile after the other, all from the one picture of this transaction.

    What somebody may not see, and what takes too long, is said in its place; the others are shown.
    """
    for tile in tiles:
        try:
            # A statement that is broken off must not take the tiles after it along.
            with session.begin_nested():
                given = TileAnswer(tile, answer(session, tile.asked(period)))
        except DomainError as refusal:
            given = TileAnswer(tile, None, refusal)
        except OperationalError as error:
            if not isinstance(error.orig, QueryCanceled):
                raise
            given = TileAnswer(tile, None, TooSlow())
        yield given


def board_of(row: Dashboard) -> Board:
    """Read a stored dashboard; what the catalogue does not know any more is left to its answer."""
    return Board(
        id=f"{OWN}{row.id.hex[-24:]}",
        title=Title(en=row.name, zh=row.name),
        period=_PERIOD.validate_python(row.period),
        tiles=tuple(Tile.model_validate(stored) for stored in row.tiles),
    )


def _standard_for(roles: frozenset[str]) -> list[Board]:
    boards = list(standard_boards().values())
    mine = [board for board in boards if board.roles & roles]
    # Whose work has no set of its own may look at that of the house that fits most staff.
    everyday = roles - {Role.CUSTOMER, Role.EMPLOYEE, Role.WATCHER}
    return mine or [board for board in boards if board.id == "sales" and everyday]
