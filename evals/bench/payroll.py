"""What a month of pay costs by how many people there are: worked out, posted, and written."""

import time
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

from sqlalchemy import Engine, event, insert, select

from core import hr, ledger
from core.hr import payroll
from core.hr.employment.tables import EmployeePay, Employment
from core.hr.payroll.tables import PayAssignment
from core.hr.tables import Employee
from core.kernel import clock
from core.kernel.bulk import analyze, copy_rows
from core.kernel.company import found_company
from core.kernel.database import plain_table, rehearsal, unit_of_work
from core.kernel.identifiers import new_ids
from core.ledger.chart import open_standard_chart
from core.parties import Party

SET, HIRED, MONTHS = "de", date(2026, 1, 1), (date(2026, 1, 1), date(2026, 2, 1))


def open_company(engine: Engine) -> None:
    """Found a company that pays by the German rates."""
    with unit_of_work(engine) as session:
        found_company(session, name="Bench", name_zh="基准", country="DE", currency="EUR")
        open_standard_chart(session)
        ledger.open_fiscal_year(session, 2026)
        payroll.adopt_rate_set(session, SET, valid_from=HIRED)
        hr.add_department(session, code="ALL", name="All", name_zh="全体")


def hire(engine: Engine, count: int) -> None:
    """Hire so many more people, each with terms, pay and a structure, by COPY."""
    with unit_of_work(engine) as session:
        structure = payroll.find_structure(session, SET)
        department = hr.find_department(session, "ALL")
        known = len(session.scalars(select(Employee.id)).all())
        people, parties = new_ids(count), new_ids(count)
        now = clock.now()
        session.execute(
            insert(plain_table(Party)),
            [
                {
                    "id": party, "created_at": now, "number": f"B{known + place:07d}",
                    "kind": "person", "name": f"Person {known + place}", "language": "en",
                    "blocked": False,
                }
                for place, party in enumerate(parties)
            ],
        )  # fmt: skip
        copy_rows(
            session,
            Employee,
            ("id", "number", "party_id", "department_id", "job_title", "hired_on"),
            (
                (person, f"B{known + place:07d}", party, department.id, "Clerk", HIRED)
                for place, (person, party) in enumerate(zip(people, parties, strict=True))
            ),
        )
        copy_rows(
            session,
            Employment,
            ("employee_id", "starts_on", "job_title", "department_id", "country"),
            ((person, HIRED, "Clerk", department.id, "DE") for person in people),
        )
        copy_rows(
            session,
            EmployeePay,
            ("employee_id", "starts_on", "amount_minor", "currency"),
            (
                (person, HIRED, 250_000 + 100 * (place % 5_000), "EUR")
                for place, person in enumerate(people)
            ),
        )
        copy_rows(
            session,
            PayAssignment,
            ("employee_id", "structure_id", "valid_from"),
            ((person, structure.id, HIRED) for person in people),
        )
        analyze(session)


def bench_payroll(engine: Engine, *, sizes: tuple[int, ...]) -> Iterator[tuple[str, str]]:
    """Preview a month for more and more people, then run it and the next one for all of them."""
    open_company(engine)
    there, first = 0, None
    for size in sizes:
        hire(engine, size - there)
        there = size
        statements, preview = _timed(engine, lambda: _preview(engine, MONTHS[0]))
        first = first or preview / size
        growth = Decimal(round(preview / size / first * 100)) / 100
        each = f"{1e6 * preview / size:.0f} us a person ({growth} of the smallest)"
        yield f"payroll of {size:,}", f"preview {preview:.2f} s, {each}, {statements} statements"
    statements, took = _timed(engine, lambda: _run(engine, MONTHS[0]))
    yield f"run of {there:,}", f"{took:.2f} s with posting and payslips, {statements} statements"
    statements, took = _timed(engine, lambda: _run(engine, MONTHS[1]))
    yield f"next month of {there:,}", f"{took:.2f} s, {statements} statements"


def _preview(engine: Engine, month: date) -> None:
    with rehearsal(engine) as session:
        payroll.run_payroll(session, month)


def _run(engine: Engine, month: date) -> None:
    with unit_of_work(engine) as session:
        payroll.run_payroll(session, month)


def _timed(engine: Engine, work: Callable[[], None]) -> tuple[int, float]:
    statements = 0

    def count(*_: object) -> None:
        nonlocal statements
        statements += 1

    event.listen(engine, "before_cursor_execute", count)
    started = time.perf_counter()
    try:
        work()
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return statements, time.perf_counter() - started
