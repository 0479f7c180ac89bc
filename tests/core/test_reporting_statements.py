"""What is kept of a question: the text that is sent, for the same rights only, values apart."""

from datetime import date
from typing import Any

import pytest

from core.kernel.identity.roles import Role
from core.kernel.money import Rounding
from core.kernel.semantics import Measure
from core.reporting import CATALOGUE, ReportQuery
from core.reporting.answering import _prepared
from core.reporting.query import ROWS_MAX
from core.reporting.scope import NotYoursToSee, Scope
from core.reporting.settled import members_of, rows_of_source

DAY = date(2026, 6, 15)


def scope(role: Role, *, today: date = DAY, orders: bool = False) -> Scope:
    return Scope(today, "EUR", Rounding.HALF_UP, orders, frozenset({role}))


def statement(role: Role, *, today: date = DAY, orders: bool = False, **asked: Any) -> Any:
    query = ReportQuery.model_validate({"metrics": ["revenue"], **asked})
    return _prepared(query, scope(role, today=today, orders=orders), ROWS_MAX).statement


def measures() -> list[Measure]:
    return [
        each
        for metric in CATALOGUE.metrics.values()
        for measure in (metric.measure, metric.on_orders)
        if measure is not None
        for each in measure.and_coarser()
    ]


def test_a_source_written_down_has_the_columns_that_it_was_declared_with() -> None:
    sources = {measure.source.id: measure.source for measure in measures()}

    for source in sources.values():
        written, declared = rows_of_source(source), source.rows.subquery()

        assert [(c.key, c.name) for c in written.c] == [(c.key, c.key) for c in declared.c]
        assert not written.compile().params, source.id


def test_members_written_down_have_the_columns_that_they_were_declared_with() -> None:
    for dimension in CATALOGUE.dimensions.values():
        if dimension.members is not None:
            written, declared = members_of(dimension, "m"), dimension.members.subquery()

            assert [c.name for c in written.c] == [c.key for c in declared.c], dimension.id
            assert not written.compile().params, dimension.id


def test_the_rows_that_say_less_are_added_up_in_the_same_way() -> None:
    for measure in measures():
        coarse = measure.coarse
        if coarse is not None:
            assert coarse.source.handles <= measure.source.handles
            assert coarse.source.owner == measure.source.owner
            assert (coarse.timing, coarse.months, coarse.days, coarse.minor) == (
                *(measure.timing, measure.months, measure.days, measure.minor),
            )


def test_the_same_question_is_compiled_once_for_the_same_rights() -> None:
    first = statement(Role.MANAGER, dimensions=["territory"])

    assert statement(Role.MANAGER, dimensions=["territory"]) is first
    assert statement(Role.SALES, dimensions=["territory"]) is not first


def test_another_day_and_another_basis_are_other_questions() -> None:
    first = statement(Role.MANAGER, period={"unit": "month"})
    next_month = statement(Role.MANAGER, today=date(2026, 7, 1), period={"unit": "month"})

    assert date(2026, 6, 1) in first.values.values()
    assert date(2026, 6, 1) not in next_month.values.values()
    assert "sales_order_total" in statement(Role.MANAGER, orders=True).sql
    assert "sales_order_total" not in first.sql


def test_what_was_compiled_for_others_is_refused_to_who_may_not_see_it() -> None:
    statement(Role.MANAGER, metrics=["gross_profit"])

    with pytest.raises(NotYoursToSee):
        statement(Role.EMPLOYEE, metrics=["gross_profit"])


def test_what_somebody_wrote_is_sent_as_a_value_and_never_in_the_text() -> None:
    said = "x'); DROP TABLE party; -- :name %s"
    filters = [{"dimension": "customer", "op": "contains", "values": [said]}]

    made = statement(Role.MANAGER, filters=filters)

    assert "DROP" not in made.sql
    assert any("DROP TABLE" in str(value) for value in made.values.values())
