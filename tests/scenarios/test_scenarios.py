"""The shared business cases come out exact to the cent, through the product's own operations."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from core.compliance import verify
from core.kernel.database import reading, unit_of_work
from core.kernel.errors import DomainError
from tests.scenarios import (  # noqa: F401
    books,
    buying,
    collecting,
    customers,
    documents,
    fulfilling,
    keeping,
    making,
    matching,
    payroll,
    people,
    places,
    pricing,
    projecting,
    promises,
    replenishing,
    serving,
    taxes,
    trade,
    valuing,
)
from tests.scenarios.cases import Case, file_of_cases, load_cases
from tests.scenarios.checking import compared, differences, unexpected_refusals
from tests.scenarios.operations import LATER, OPERATIONS, operation
from tests.scenarios.world import World, open_world

CASES = list(load_cases())


def test_there_are_cases_to_run() -> None:
    if not file_of_cases().is_file():
        pytest.skip(f"there is no file of scenarios at {file_of_cases()}")
    assert CASES


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_a_case_comes_out_as_expected(
    databases: Callable[[str], Engine], case: Case, record_property: Callable[[str, object], None]
) -> None:
    record_property("area", case.area)
    if case.area in LATER:
        pytest.skip(f"the rooms of {case.area} are built by another issue")
    parts = case.parts()
    if not parts:
        assert problems_of(databases, case, {}) == []
        return
    values: dict[str, object] = {}
    problems = [
        problem for name, part in parts for problem in problems_of(databases, part, values, name)
    ]
    wanted = case.expect.get("values", {})
    problems += [said for name in wanted for said in compared(name, wanted[name], values[name])]
    assert problems == []


def problems_of(
    databases: Callable[[str], Engine], case: Case, values: dict[str, object], name: str = ""
) -> list[str]:
    """Play a case in a company of its own; return what is not as expected, and keep its values."""
    engine = databases("schema")
    try:
        with unit_of_work(engine) as session:
            world = open_world(session, case)
            taxes.set_rounding(world)
            collecting.open_what_was_owed(world)
            keeping.plan_budget(world)
            buying.agree_on_tolerances(world)
            pricing.open_prices(world)
            customers.open_opportunities(world)
            for step in case.when:
                take(world, step)
            problems = [*unexpected_refusals(world), *differences(world)]
            values[name] = world.values
        with reading(engine) as session:
            return problems + [str(finding) for finding in verify(session)]
    finally:
        engine.dispose()


@operation("what_if")
def what_if(world: World, step: dict[str, object]) -> None:
    """Take steps, keep what they gave, and take them back."""
    inner = step.get("do") or step.get("steps") or {**step, "op": step.get("what")}
    told = len(world.session.info.get("facts", ()))
    trial = world.session.begin_nested()
    for each in inner if isinstance(inner, list) else [inner]:
        OPERATIONS[str(each["op"])](world, each)
    trial.rollback()
    forget(world, told)


def take(world: World, step: dict[str, object]) -> None:
    """Take one step of a case; a refused step changes nothing."""
    world.step = step
    world.set_today(max(world.today, world.day_of(step)))
    told = len(world.session.info.get("facts", ()))
    try:
        with world.session.begin_nested():
            OPERATIONS[str(step["op"])](world, step)
    except DomainError as refusal:
        world.refused.append((int(str(step["step"])), refusal))
        forget(world, told)


def forget(world: World, told: int) -> None:
    """Read anew what a step that was taken back may have read, and tell nothing of it."""
    world.session.expire_all()
    for kept in ("facts", "event_rows"):
        del world.session.info.get(kept, [])[told:]
    kept = {key: world.session.info[key] for key in ("today",)}
    for key in list(world.session.info):
        if key.startswith("ledger.") or key == "company":
            world.session.info.pop(key)
    world.session.info.update(kept)
