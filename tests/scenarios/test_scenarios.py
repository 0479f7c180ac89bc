"""The shared business cases come out exact to the cent, through the product's own operations."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from core.compliance import verify
from core.kernel.database import reading, unit_of_work
from core.kernel.errors import DomainError
from tests.scenarios import books, collecting, documents, keeping, matching, taxes, trade  # noqa: F401
from tests.scenarios.cases import Case, file_of_cases, load_cases
from tests.scenarios.checking import differences, unexpected_refusals
from tests.scenarios.operations import LATER, OPERATIONS
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
    engine = databases("schema")
    try:
        with unit_of_work(engine) as session:
            world = open_world(session, case)
            taxes.set_rounding(world)
            collecting.open_what_was_owed(world)
            keeping.plan_budget(world)
            for step in case.when:
                take(world, step)
            problems = [*unexpected_refusals(world), *differences(world)]
        with reading(engine) as session:
            problems += [str(finding) for finding in verify(session)]
    finally:
        engine.dispose()
    assert problems == []


def take(world: World, step: dict[str, object]) -> None:
    """Take one step of a case; a refused step changes nothing."""
    world.step = step
    world.set_today(max(world.today, world.day_of(step)))
    try:
        with world.session.begin_nested():
            OPERATIONS[str(step["op"])](world, step)
    except DomainError as refusal:
        world.session.expire_all()
        world.refused.append((int(str(step["step"])), refusal))
        forget_what_was_cached(world)


def forget_what_was_cached(world: World) -> None:
    """Read anew what a refused step may have read or made."""
    kept = {key: world.session.info[key] for key in ("today",)}
    for key in list(world.session.info):
        if key.startswith("ledger.") or key == "company":
            world.session.info.pop(key)
    world.session.info.update(kept)
