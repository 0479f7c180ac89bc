"""kill -9 between the steps of a month of pay and inside of the run: nothing of it, or all."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from core import ledger
from core.approvals import set_limit
from core.compliance import verify
from core.hr.payroll import PayrollRun, Payslip
from core.hr.payroll.tables import PayLoanPart
from core.kernel.database import reading, unit_of_work
from core.kernel.decisions import DecisionKind
from core.kernel.identity.roles import Role
from core.kernel.settings import Settings
from core.ledger.chart import SALARIES_PAYABLE
from tests.agents.test_kill_flows import live
from tests.core.test_payroll_tools import staff
from tests.simulators.walker import Death, Where

STEPS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("admin", {"tool": "payroll.run", "arguments": {"month": "2026-05"}}),
    ("manager2", {"tool": "payroll.pay_run", "arguments": {"month": "2026-05"}}),
    ("manager2", {"tool": "payroll.pay_authorities", "arguments": {"month": "2026-05"}}),
)
# Of some forty statements: while it is worked out, and while it is written.
INSIDE = (22, 32)
BETWEEN: tuple[Where, ...] = ("before_commit", "after")


@pytest.fixture
def paid(shop: Engine) -> Engine:
    with unit_of_work(shop) as session:
        staff(session)
        for role in (Role.ADMIN, Role.MANAGER):
            for kind in (None, DecisionKind.PAYROLL_RUN):
                set_limit(
                    session, role=role.value, kind=kind, alone=None, approve=None,
                    two_persons_above=None,
                )  # fmt: skip
    return shop


def count(engine: Engine) -> tuple[int, int]:
    with reading(engine) as session:
        return tuple(  # type: ignore[return-value]
            session.scalars(select(func.count()).select_from(table)).one()
            for table in (PayrollRun, Payslip)
        )


def test_k2_a_killed_run_leaves_nothing_and_a_repeated_one_is_done_once(
    paid: Engine, settings_of: Callable[[Engine], Settings]
) -> None:
    settings, deaths = settings_of(paid), 0

    for statement in INSIDE:
        _, died = live(settings, 0, Death(0, "inside", statement), STEPS)
        deaths += died
        assert count(paid) == (0, 0)
    for where in BETWEEN:
        _, died = live(settings, 0, Death(0, where), STEPS)
        deaths += died
    done, died = live(settings, 0, None, STEPS)

    assert (done, died, deaths) == (len(STEPS), False, len(INSIDE) + len(BETWEEN))
    assert count(paid) == (1, 6)
    with reading(paid) as session:
        assert session.scalars(select(func.count()).select_from(PayLoanPart)).one() == 0
        for settled in (SALARIES_PAYABLE, "2310", "2320"):
            assert ledger.balance(session, settled).minor == 0
        assert verify(session) == []


@pytest.mark.long
def test_k2_killed_between_any_two_steps_and_at_every_statement_of_the_run(
    paid: Engine, settings_of: Callable[[Engine], Settings]
) -> None:
    settings, statement, died = settings_of(paid), 1, True
    live(settings, 0, Death(0, "proposed"), STEPS)
    while died:
        _, died = live(settings, 0, Death(0, "inside", statement), STEPS[:1])
        assert count(paid) in {(0, 0), (1, 6)}
        statement += 1

    for step in range(1, len(STEPS)):
        for where in BETWEEN:
            live(settings, step, Death(step, where), STEPS)
    live(settings, 0, None, STEPS)
    assert count(paid) == (1, 6)
    with reading(paid) as session:
        assert verify(session) == []
    print(f"{statement - 2} deaths")  # noqa: T201
