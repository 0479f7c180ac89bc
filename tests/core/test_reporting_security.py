"""Nobody reads more than is theirs: by any metric, dimension, filter, order, drill, list or page.

Every role tries every part of a question; a customer tries to widen the own rows by every field.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from agents.interpreter.entities import load_records
from core.kernel.database import reading
from core.kernel.errors import DomainError
from core.kernel.identity.acting import Acting
from core.kernel.identity.roles import Role
from core.kernel.listing import Holds
from core.parties.tables import Customer
from core.reporting import (
    CATALOGUE,
    CannotAnswer,
    Cell,
    NotYoursToSee,
    Report,
    ReportQuery,
    answer,
    rows_behind,
)
from core.reporting.lists import RECORDS, Listing, ListQuery, list_records
from core.reporting.lists.conditions import OPS
from tests.shop import as_person
from tools import TOOLBOX

# The matrix as a whole takes minutes: it is run with the long tests.
WHOLE = pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.long)])
ROLES = [role for role in Role if role is not Role.WATCHER]
METRICS = [metric.id for metric in CATALOGUE.asked()]
THEIRS, NOBODYS = "Nordwind GmbH", "Zzz GmbH"
OF_CUSTOMERS = [kind.id for kind in RECORDS.kinds.values() if Role.CUSTOMER in kind.roles]
PAYLOADS = (
    "'; DROP TABLE party; --", "' OR '1'='1", "1; SELECT pg_sleep(5)", "\\'; --", "%' OR 1=1 --",
    "') UNION SELECT login, password FROM person --", "$$; DELETE FROM invoice; $$", "{{7*7}}",
    ":today", "%(today)s", "a%", "_", "\\", "\u202e", "ACME BIKES'||'", "null", "NULL", "--", "/*",
    "*/ OR true /*", "0x27", "char(39)", "x' AND 1=(SELECT count(*) FROM person) --", "${jndi}",
    "1)) OR ((1=1", "'::text", "E'\\x27'", "U&'\\0027'", '";--', "`id`", "<script>", "\n; DROP",
)  # fmt: skip


def acting_as(engine: Engine, role: Role) -> Acting:
    return as_person(engine, role.value)


@pytest.fixture
def customer(traded_today: Engine) -> Iterator[tuple[Session, Session]]:
    """What a customer reads, and what a manager does."""
    mine = acting_as(traded_today, Role.CUSTOMER)
    boss = acting_as(traded_today, Role.MANAGER)
    with reading(traded_today, mine) as theirs, reading(traded_today, boss) as all_of_it:
        yield theirs, all_of_it


def acme(session: Session) -> str:
    listed = list_records(session, ListQuery(records="customers"))
    return next(row.key for row in listed.rows if "Acme Bikes" in row.values)


# Reports.


def questions_with(metric: str) -> Iterator[ReportQuery]:
    """Name a metric in every part of a question that takes one, beside a harmless figure."""
    other = "orders" if metric != "orders" else "revenue"
    plain = {"metrics": [other], "dimensions": ["customer"]}
    yield ReportQuery.model_validate({"metrics": [metric]})
    yield ReportQuery.model_validate({"metrics": [other, metric]})
    yield ReportQuery.model_validate({**plain, "having": [{"metric": metric, "value": 0}]})
    yield ReportQuery.model_validate({**plain, "order": [{"by": metric}], "limit": 1})


@WHOLE
@pytest.mark.parametrize("role", ROLES)
def test_a_figure_that_is_not_a_roles_is_refused_wherever_it_is_named(
    traded_today: Engine, role: Role, *, whole: bool
) -> None:
    with reading(traded_today, acting_as(traded_today, role)) as session:
        for name in METRICS:
            allowed = role in CATALOGUE.metrics[name].roles
            if allowed:
                if whole:
                    answer(session, ReportQuery(metrics=(name,)))
                continue
            for query in questions_with(name):
                with pytest.raises(NotYoursToSee):
                    answer(session, query)
            with pytest.raises(NotYoursToSee):
                rows_behind(session, ReportQuery(metrics=(name,)), Cell(name))


def asked_by(dimension: str, metric: str) -> Iterator[ReportQuery]:
    """Name a dimension in every part of a question that takes one."""
    plain: dict[str, Any] = {"metrics": [metric]}
    by = {**plain, "dimensions": [dimension]}
    yield ReportQuery.model_validate(by)
    yield ReportQuery.model_validate({**by, "limit": 1, "others": True, "share_of": "total"})
    yield ReportQuery.model_validate({**by, "order": [{"by": dimension, "what": "label"}]})
    for op, values in (("in", ["a"]), ("not_in", ["a"]), ("contains", ["a"]), ("is_null", [])):
        one = {"dimension": dimension, "op": op, "values": values}
        yield ReportQuery.model_validate({**plain, "filters": [one]})


@pytest.mark.parametrize("role", ROLES)
def test_a_dimension_that_is_not_a_roles_is_refused_wherever_it_is_named(
    traded_today: Engine, role: Role
) -> None:
    with reading(traded_today, acting_as(traded_today, role)) as session:
        for dimension in CATALOGUE.dimensions.values():
            if role in dimension.roles:
                continue
            for metric in METRICS:
                if not CATALOGUE.reaches(metric, dimension.id, orders=False):
                    continue
                for query in asked_by(dimension.id, metric):
                    with pytest.raises(NotYoursToSee):
                        answer(session, query)
                if role in CATALOGUE.metrics[metric].roles:
                    # Nor by a drill into an answer that had not the dimension.
                    with pytest.raises((CannotAnswer, NotYoursToSee)):
                        rows_behind(
                            session,
                            ReportQuery(metrics=(metric,)),
                            Cell(metric, {dimension.id: "a"}),
                        )
                break


def facts_of(report: Report) -> tuple[Any, ...]:
    return report.rows, report.totals, report.source_rows, [f.source_rows for f in report.figures]


@WHOLE
def test_what_a_customer_sees_is_what_others_see_of_that_customer_alone(
    customer: tuple[Session, Session], *, whole: bool
) -> None:
    mine, all_of_it = customer
    only = {"dimension": "customer", "values": [{"id": acme(all_of_it)}]}
    to_see = [m for m in METRICS if Role.CUSTOMER in CATALOGUE.metrics[m].roles]
    compared = 0
    for place, name in enumerate(to_see):
        known = CATALOGUE.dimensions_of(name)
        by = [d for d in known if Role.CUSTOMER in CATALOGUE.dimensions[d].roles]
        for dimension in [None, *by] if whole else [by[place % len(by)]]:
            question: dict[str, Any] = {"metrics": [name]}
            if dimension is not None:
                question |= {"dimensions": [dimension], "limit": 1, "others": True}
                question |= {"share_of": "total"} if CATALOGUE.metrics[name].additive else {}
            own = answer(mine, ReportQuery.model_validate(question))
            theirs = answer(all_of_it, ReportQuery.model_validate({**question, "filters": [only]}))
            assert facts_of(own) == facts_of(theirs), question
            compared += 1
            if not whole and place % 4:
                continue
            behind = rows_behind(mine, own.query, Cell(name), limit=1_000)
            beside = rows_behind(all_of_it, theirs.query, Cell(name), limit=1_000)
            assert [part.documents for part in behind] == [part.documents for part in beside]
    assert compared >= len(to_see)


def test_a_customer_cannot_tell_who_else_is_there(customer: tuple[Session, Session]) -> None:
    mine, _ = customer
    for op in ("in", "not_in", "contains"):
        said = []
        for name in (THEIRS, NOBODYS):
            one = {"dimension": "customer", "op": op, "values": [name]}
            query = ReportQuery.model_validate({"metrics": ["revenue"], "filters": [one]})
            report = answer(mine, query)
            text = f"{report.read_back} {report.basis} {report.notes} {report.emptiness}"
            said.append((text.replace(name, "…"), facts_of(report)))
        assert said[0] == said[1]


# Lists.


def list_of(session: Session, kind: str, **parts: Any) -> Listing:
    return list_records(session, ListQuery.model_validate({"records": kind, **parts}))


def naming(field: str, holds: Holds, *, below: bool) -> Iterator[dict[str, Any]]:
    """Name a field in every part of a list that takes one."""
    if not below:
        yield {"columns": ["number", field]}
        yield {"order": [{"by": field}]}
    for op in sorted(OPS[holds]):
        yield {"filters": [tried(field, holds, op)]}


def tried(field: str, holds: Holds, op: str, value: str = "") -> dict[str, Any]:
    values = {
        Holds.DATE: ["2026-01-01", "2027-01-01"],
        Holds.FLAG: ["yes"],
    }.get(
        holds, ["0", "9"] if holds not in {Holds.TEXT, Holds.RECORD, Holds.WORD} else [value or "a"]
    )
    count = {"between": 2, "is_null": 0, "not_null": 0, "within": 0, "not_within": 0}.get(op, 1)
    asked: dict[str, Any] = {"field": field, "op": op, "values": values[:count]}
    if "within" in op:
        asked["period"] = {"unit": "year"}
    return asked


def may_see(role: Role, kind: str, field: str) -> bool:
    one = RECORDS.fields[kind][field]
    hidden = one.dimension and role not in CATALOGUE.dimensions[one.dimension].roles
    return role in one.roles and not hidden


@pytest.mark.parametrize("role", ROLES)
def test_records_and_fields_that_are_not_a_roles_are_refused_wherever_they_are_named(
    traded_today: Engine, role: Role
) -> None:
    with reading(traded_today, acting_as(traded_today, role)) as session:
        for kind in RECORDS.kinds.values():
            own = role is Role.CUSTOMER and kind.owner is None
            if role not in kind.roles or own:
                with pytest.raises(NotYoursToSee):
                    list_of(session, kind.id, limit=1)
                continue
            shown = {column.id for column in list_of(session, kind.id, limit=1).columns}
            for field in RECORDS.fields[kind.id].values():
                if may_see(role, kind.id, field.id):
                    continue
                assert field.id not in shown
                for parts in naming(field.id, field.holds, below=field.through is not None):
                    with pytest.raises(NotYoursToSee):
                        list_of(session, kind.id, **parts)


@WHOLE
@pytest.mark.parametrize("kind", OF_CUSTOMERS)
def test_a_customer_lists_the_own_records_whatever_is_filtered_by(
    customer: tuple[Session, Session], kind: str, *, whole: bool
) -> None:
    mine, all_of_it = customer
    field = "number" if kind == "customers" else "customer"
    only = {"field": field, "values": [acme(all_of_it)]}
    every = list_of(all_of_it, kind, limit=1_000)
    theirs = list_of(all_of_it, kind, filters=[only], limit=1_000)
    own = list_of(mine, kind, limit=1_000)

    assert [row.key for row in own.rows] == [row.key for row in theirs.rows]
    assert own.count == theirs.count < every.count
    assert [(t.currency, t.count) for t in own.totals] == [
        (t.currency, t.count) for t in theirs.totals
    ]
    keys = {row.key for row in own.rows}
    for one in RECORDS.fields[kind].values():
        if not may_see(Role.CUSTOMER, kind, one.id):
            continue
        for op in sorted(OPS[one.holds]) if whole else ["not_in", "not_within", "contains"]:
            if op not in OPS[one.holds]:
                continue
            found = list_of(mine, kind, filters=[tried(one.id, one.holds, op, "Nordwind")])
            assert {row.key for row in found.rows} <= keys
            assert found.count <= own.count


def test_a_page_of_somebody_elses_list_goes_on_in_the_own_records_only(
    customer: tuple[Session, Session],
) -> None:
    mine, all_of_it = customer
    first = list_of(all_of_it, "sales_orders", limit=1)
    own = {row.key for row in list_of(mine, "sales_orders", limit=1_000).rows}

    further = list_of(mine, "sales_orders", limit=1_000, after=first.next)

    assert first.next
    assert {row.key for row in further.rows} <= own


def test_a_list_does_not_say_whether_a_name_that_is_not_theirs_exists(
    customer: tuple[Session, Session],
) -> None:
    mine, _ = customer
    for kind in OF_CUSTOMERS:
        if "customer" not in RECORDS.fields[kind]:
            continue
        said = []
        for name in (THEIRS, NOBODYS):
            found = list_of(mine, kind, filters=[{"field": "customer", "values": [name]}])
            said.append((str(found.read_back).replace(name, "…"), found.emptiness, found.count))
        assert said[0] == said[1]


def test_what_is_printed_of_a_customers_list_names_nobody_else(traded_today: Engine) -> None:
    person = acting_as(traded_today, Role.CUSTOMER)
    for kind in OF_CUSTOMERS:
        calls = [{"tool": "reporting.list_records", "arguments": {"query": {"records": kind}}}]
        [call] = TOOLBOX.parse(calls)
        shown = TOOLBOX.read(traded_today, person, call)
        printed = f"{shown.sentence()} {shown.grid()} {shown.notes()} {shown.figures()}"
        assert "Nordwind" not in printed


def test_names_of_others_are_not_linked_to_a_customers_words(traded_today: Engine) -> None:
    person = acting_as(traded_today, Role.CUSTOMER)
    with reading(traded_today, person) as session:
        known = load_records(session, person.actor.party_id)

    names = {name for record in known for name in record.names}
    kinds = {record.entity.kind for record in known}
    assert not any("Nordwind" in name or "Lumen" in name for name in names)
    assert kinds <= {"item", "category", "subcategory", "customer", "supplier"}


# Hostile texts.


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_of_a_question_is_ever_code(traded_today: Engine, payload: str) -> None:
    boss = acting_as(traded_today, Role.MANAGER)
    text = {"op": "contains", "values": [payload]}
    tries: list[tuple[type[Any], dict[str, Any]]] = [
        (ReportQuery, {"metrics": [payload]}),
        (ReportQuery, {"metrics": ["revenue"], "dimensions": [payload]}),
        (ReportQuery, {"metrics": ["revenue"], "filters": [{"dimension": "customer", **text}]}),
        (ReportQuery, {"metrics": ["revenue"], "filters": [{"dimension": payload, **text}]}),
        (ReportQuery, {"metrics": ["revenue"], "order": [{"by": payload}]}),
        (ReportQuery, {"metrics": ["revenue"], "time_dimension": payload}),
        (ListQuery, {"records": payload}),
        (ListQuery, {"records": "customers", "columns": [payload]}),
        (ListQuery, {"records": "customers", "order": [{"by": payload}]}),
        (ListQuery, {"records": "customers", "filters": [{"field": payload, **text}]}),
        (ListQuery, {"records": "customers", "filters": [{"field": "name", **text}]}),
        (ListQuery, {"records": "sales_orders", "filters": [{"field": "customer", **text}]}),
        (ListQuery, {"records": "sales_orders", "filters": [{"field": "total", "op": "gt",
                                                            "values": [payload]}]}),
        (ListQuery, {"records": "sales_orders", "after": payload}),
    ]  # fmt: skip
    with reading(traded_today, boss) as session:
        before = session.scalar(select(func.count()).select_from(Customer))
        for model, question in tries:
            try:
                query = model.model_validate(question)
                found = (answer if model is ReportQuery else list_records)(session, query)
            except (ValidationError, DomainError):
                continue
            # As a part of a name it is found only where it stands in one.
            assert isinstance(found, Report) or found.count == 0 or payload in {"_", "\\"}, question
        assert session.scalar(select(func.count()).select_from(Customer)) == before
