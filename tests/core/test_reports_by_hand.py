"""Questions about figures are answered as SQL written by hand answers them."""

from collections import Counter

import pytest
from sqlalchemy import Engine

from channels.imports.adventureworks import import_adventureworks
from core.kernel.database import reading
from core.reporting import CATALOGUE
from tests.conftest import SHARED, Databases
from tests.core.by_hand import Question, differences, questions

LEAST = 150


def test_there_are_questions_enough_about_figures_enough() -> None:
    asked = [one for company in ("demo", "aw") for one in questions(company)]

    assert len(asked) >= LEAST
    metrics = {metric for one in asked for metric in one.query.metrics}
    assert len(metrics) >= 80
    assert metrics <= set(CATALOGUE.metrics)
    assert Counter((one.company, one.name) for one in asked).most_common(1)[0][1] == 1


@pytest.mark.long
@pytest.mark.parametrize("company", ["demo", "aw"])
def test_every_question_is_answered_as_by_hand(databases: Databases, company: str) -> None:
    if company == "demo":
        engine = databases("demo")
    else:
        engine = databases("schema")
        import_adventureworks(engine, SHARED / "data" / "adventureworks")

    found = [line for one in questions(company) for line in _differing(engine, one)]

    assert found == []


def _differing(engine: Engine, question: Question) -> list[str]:
    with reading(engine) as session:
        return list(differences(session, question))
