"""Dashboards: every tile answers for those whose work it is for; copies are their owner's."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.kernel.database import reading, unit_of_work
from core.kernel.errors import DomainError
from core.kernel.identity.acting import Acting
from core.reporting import ReportQuery, dashboards
from core.reporting.dashboards.errors import (
    DashboardExists,
    NotDrawable,
    NotYourDashboard,
    UnknownDashboard,
    UnknownTile,
)
from core.reporting.dashboards.rules import Board, Tile, chart_for, faults_of
from core.reporting.scope import NotYoursToSee
from tests.shop import as_person, fill_shop
from tools import TOOLBOX

REVENUE = ReportQuery(metrics=("revenue",), dimensions=("customer",))


@pytest.fixture(scope="module")
def shop(databases: Callable[[str], Engine]) -> Iterator[Engine]:
    """The small shop, for all tests of this module: each uses names of its own."""
    engine = databases("founded")
    fill_shop(engine)
    yield engine
    engine.dispose()


def as_(shop: Engine, login: str) -> Acting:
    return as_person(shop, login)


def tile_titles(session: Session, name: str) -> list[str]:
    return [tile.title.en for tile in dashboards.find_board(session, name).board.tiles]


@pytest.mark.parametrize("login", ["admin", "manager", "sales", "accountant", "warehouse", "hr"])
def test_every_tile_of_a_persons_sets_answers_for_them(shop: Engine, login: str) -> None:
    with reading(shop, as_(shop, login)) as session:
        views = dashboards.boards_of(session)
        answers = [
            given
            for view in views
            for given in dashboards.answers_of(session, view.board.tiles, view.board.period)
        ]

    assert views
    assert [given.refusal for given in answers if given.report is None] == []


def test_a_set_that_asks_what_its_people_may_not_see_is_found_out() -> None:
    tile = {"id": "cash", "title": {"en": "Cash", "zh": "现金"}, "chart": "figures"}
    query = {"metrics": ["cash_balance"]}
    board = {"id": "x", "title": {"en": "X", "zh": "X"}, "roles": ["sales"]}

    faults = faults_of(Board.model_validate({**board, "tiles": [{**tile, "query": query}]}))

    assert faults == ["x.cash for sales: cash_balance is hidden"]


def test_a_hidden_tile_is_said_and_the_others_are_shown(shop: Engine) -> None:
    finance = dashboards.standard_boards()["finance"]

    with reading(shop, as_(shop, "warehouse")) as session:
        answers = list(dashboards.answers_of(session, finance.tiles, "this_month"))

    shown = {given.tile.id for given in answers if given.report is not None}
    assert shown == {"receivables", "payables", "collecting"}
    assert all(isinstance(g.refusal, NotYoursToSee) for g in answers if g.report is None)


def test_a_dashboard_takes_one_statement_a_tile_besides_its_savepoints(
    shop: Engine, statements: Callable[[Engine], list[str]]
) -> None:
    board = dashboards.standard_boards()["owner"]

    with reading(shop, as_(shop, "manager")) as session:
        list(dashboards.answers_of(session, board.tiles[:1], "this_month"))
        seen = statements(shop)
        list(dashboards.answers_of(session, board.tiles[1:], "this_month"))

    selects = [one for one in seen if "SAVEPOINT" not in one]
    assert len(selects) <= 2 * len(board.tiles[1:])


@pytest.fixture
def statements() -> Iterator[Callable[[Engine], list[str]]]:
    """Begin to note the statements that reach a database."""
    from sqlalchemy import event  # noqa: PLC0415

    noted: list[str] = []

    def note(_c: object, _cursor: object, said: str, *_rest: object) -> None:
        noted.append(said)

    engines: list[Engine] = []

    def begin(engine: Engine) -> list[str]:
        event.listen(engine, "before_cursor_execute", note)
        engines.append(engine)
        return noted

    yield begin
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


def test_a_copy_is_changed_by_its_owner_and_seen_by_nobody_else(shop: Engine) -> None:
    with unit_of_work(shop, as_(shop, "sales")) as session:
        dashboards.make_dashboard(session, "Mornings", copy_of="sales")
        dashboards.add_tile(session, "mornings", REVENUE, title="Who buys")
        dashboards.move_tile(session, "Mornings", "Who buys", place=1)
        dashboards.remove_tile(session, "Mornings", "At a glance")
        dashboards.rename_dashboard(session, "Mornings", to="Monday")

    with reading(shop, as_(shop, "sales")) as session:
        titles = tile_titles(session, "Monday")
        assert dashboards.boards_of(session)[0].board.title.en == "Monday"
    assert titles[:2] == ["Who buys", "Bookings and revenue by month"]
    assert "At a glance" not in titles
    with (
        reading(shop, as_(shop, "manager")) as session,
        pytest.raises(UnknownDashboard, match="Monday"),
    ):
        dashboards.find_board(session, "Monday")


@pytest.mark.parametrize(
    ("does", "refusal"),
    [
        (lambda s: dashboards.remove_tile(s, "purchasing", "At a glance"), NotYourDashboard),
        (lambda s: dashboards.make_dashboard(s, "twice"), DashboardExists),
        (lambda s: dashboards.make_dashboard(s, "x", copy_of="nothing"), UnknownDashboard),
        (lambda s: dashboards.move_tile(s, "Twice", "nothing", place=1), UnknownTile),
        (lambda s: dashboards.add_tile(s, "Twice", REVENUE, chart="line"), NotDrawable),
        (
            lambda s: dashboards.add_tile(s, "Twice", ReportQuery(metrics=("cash_balance",))),
            NotYoursToSee,
        ),
    ],
)
def test_what_cannot_be_done_to_a_dashboard_is_refused(
    shop: Engine, does: Callable[[Session], object], refusal: type[DomainError]
) -> None:
    buyer = as_(shop, "buyer")
    with unit_of_work(shop, buyer) as session:
        if not any(view.own for view in dashboards.boards_of(session)):
            dashboards.make_dashboard(session, "Twice")

    with pytest.raises(refusal), unit_of_work(shop, buyer) as session:
        does(session)


def test_the_database_keeps_names_apart_and_tiles_a_list(shop: Engine) -> None:
    row = (
        "INSERT INTO dashboard VALUES ('bo', :name, 'this_month', :tiles, gen_random_uuid(), now())"
    )
    with unit_of_work(shop) as session:
        session.execute(text(row), {"name": "One", "tiles": "[]"})

    for name, tiles in (("ONE", "[]"), (" ", "[]"), ("Two", f"[{','.join(['1'] * 25)}]")):
        with pytest.raises(IntegrityError), unit_of_work(shop) as session:
            session.execute(text(row), {"name": name, "tiles": tiles})


def test_dashboards_take_the_one_road_and_can_be_undone(shop: Engine) -> None:
    manager = as_(shop, "manager")

    def does(tool: str, **arguments: object) -> str:
        plan = TOOLBOX.parse([{"tool": tool, "arguments": arguments}])
        card = TOOLBOX.propose(shop, manager, plan, reason={"words": "test"})
        done = TOOLBOX.decide(shop, manager, card.id, "approve", seen=card.digest)
        assert done.state == "executed"
        if tool != "dashboards.rename":
            return done.said()
        back = TOOLBOX.undo(shop, manager, card.id)
        return TOOLBOX.decide(shop, manager, back.id, "approve", seen=back.digest).said()

    does("dashboards.make", name="Board", copy_of="people")
    added = does("dashboards.add_tile", query=REVENUE.model_dump(mode="json"), title="Sold")
    renamed = does("dashboards.rename", dashboard="Board", to="Bored")
    gone = does("dashboards.remove", dashboard="Board")

    assert "Sold" in added
    assert "“Board”" in renamed
    assert "removed" in gone


def test_a_chat_reads_the_figures_of_a_dashboard(shop: Engine) -> None:
    [call] = TOOLBOX.parse([{"tool": "dashboards.show", "arguments": {"board": "stock"}}])

    shown = TOOLBOX.read(shop, as_(shop, "warehouse"), call)

    assert "stock on hand 42" in shown.sentence()
    assert any(figure["metric"] == "stock_on_hand" for figure in shown.figures())
    assert shown.grid() is not None


@pytest.mark.parametrize(
    ("query", "chart"),
    [
        ({"metrics": ["revenue"]}, "figures"),
        ({"metrics": ["revenue"], "grain": "month"}, "line"),
        ({"metrics": ["revenue"], "grain": "month", "dimensions": ["category"]}, "columns"),
        ({"metrics": ["revenue"], "dimensions": ["category"]}, "bars"),
        ({"metrics": ["revenue", "orders"], "dimensions": ["category"]}, "table"),
    ],
)
def test_a_question_is_drawn_the_way_that_suits_it(query: dict[str, object], chart: str) -> None:
    asked = ReportQuery.model_validate(query)
    title = {"en": "x", "zh": "x"}

    assert chart_for(asked) == chart
    assert Tile.model_validate({"id": "x", "title": title, "chart": chart, "query": asked})
