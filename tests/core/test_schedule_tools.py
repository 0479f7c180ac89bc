"""Templates, recurring entries, accruals, deferrals and runs, as tools."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine

from core import ledger
from core.compliance import verify
from core.kernel.database import reading, unit_of_work
from core.kernel.errors import DomainError
from tests.core.road import approve, ask, propose
from tests.shop import as_person
from tools import TOOLBOX, ProposalView


def rows(answer: Any) -> list[tuple[Any, ...]]:
    return list(answer.grid().rows)


def proposed(shop: Engine, tool: str, **arguments: object) -> ProposalView:
    return propose(shop, "accountant", f"schedules.{tool}", **arguments)


def done(shop: Engine, tool: str, **arguments: object) -> str:
    return approve(shop, proposed(shop, tool, **arguments))


def undone(shop: Engine, proposal: ProposalView) -> str:
    return approve(shop, TOOLBOX.undo(shop, as_person(shop, "accountant"), proposal.id))


def balance(shop: Engine, account: str, day: str | None = None) -> str:
    balances: Any = ask(shop, "auditor", "ledger.show_account", account=account, until=day)
    return str(balances.page.closing.amount)


def test_a_template_is_made_posted_and_retired(shop: Engine) -> None:
    with unit_of_work(shop) as session:
        ledger.add_member(session, "cost_centre", code="SALES", name="Sales")
        ledger.add_member(session, "cost_centre", code="ADMIN", name="Administration")
    made = proposed(
        shop,
        "make_template",
        name="Office rent",
        lines=[
            {"account": "rent", "side": "debit", "percent": 60, "dimensions": ["Sales"]},
            {"account": "rent", "side": "debit", "percent": 40, "dimensions": ["Administration"]},
            {"account": "bank", "side": "credit", "percent": 100},
        ],
    )
    assert made.effect.lines() == [
        (
            "entry template Office rent: new · + 6020 Rent 60 % [SALES] · + 6020 Rent 40 % [ADMIN]"
            " · - 1010 Bank 100 %"
        )
    ]
    approve(shop, made)
    entry = proposed(shop, "post_template", template="office rent", amount="1000.01")
    assert entry.effect.lines() == [
        "journal entry: new · Office rent",
        "debit 6020 Rent: 600.01 EUR · SALES",
        "debit 6020 Rent: 400.00 EUR · ADMIN",
        "credit 1010 Bank: 1,000.01 EUR",
    ]
    assert approve(shop, entry).endswith("is posted, 1,000.01 EUR.")
    done(shop, "make_template", name="Phone", account="6060", amount=49)
    listed: Any = ask(shop, "auditor", "schedules.list_templates")
    assert [row[0] for row in rows(listed)] == ["Office rent"] * 3 + ["Phone"] * 2
    undone(shop, made)
    with pytest.raises(DomainError, match="no entry template office rent"):
        proposed(shop, "post_template", template="office rent", amount=1)


def test_the_rent_recurs_on_the_last_day_of_every_month(shop: Engine) -> None:
    started = proposed(shop, "start_recurring", account="rent", amount=900, starts_on="2026-01-31")
    assert started.effect.lines() == [
        (
            "recurring entry (month @ 31): new · Rent · 2026-01-31 …  · + 6020 Rent 900.00 EUR"
            " · - 1010 Bank 900.00 EUR"
        )
    ]
    assert approve(shop, started) == (
        "The recurring entry RE-00001 Rent is active, due next on 2026-01-31."
    )
    due: Any = ask(shop, "auditor", "schedules.list_due", through="2026-03-31")
    assert due.sentence() == "3 entries are due through 2026-03-31, 2,700.00 EUR."
    assert [str(row[0]) for row in rows(due)] == ["2026-01-31", "2026-02-28", "2026-03-31"]
    run = proposed(shop, "run", through="2026-02-28")
    assert run.effect.lines() == [
        "schedule run: new · ≤ 2026-02-28 · 2 × · 1,800.00 EUR",
        "debit 6020 Rent: 900.00 EUR",
        "credit 1010 Bank: 900.00 EUR",
        "debit 6020 Rent: 900.00 EUR",
        "credit 1010 Bank: 900.00 EUR",
    ]
    assert approve(shop, run) == (
        "What was due through 2026-02-28 is posted, by the run RUN-00001."
    )
    runs: Any = ask(shop, "auditor", "schedules.list_runs")
    assert [row[0] for row in rows(runs)] == ["RUN-00001"]
    assert done(shop, "pause_recurring", recurring="Rent").endswith("Rent is paused.")
    with pytest.raises(DomainError, match="Nothing is due"):
        proposed(shop, "run")
    resumed = done(shop, "resume_recurring", recurring="RE-1", catch_up=False)
    assert resumed.endswith("is active, due next on 2026-06-30.")
    undone(shop, run)
    assert balance(shop, "6020") == "0.00"
    assert done(shop, "end_recurring", recurring="RE-1").endswith("Rent is ended.")
    recurring: Any = ask(shop, "auditor", "schedules.list_recurring", with_ended=True)
    assert rows(recurring)[0][7] == "ended"
    with reading(shop) as session:
        assert verify(session) == []


def test_an_accrual_of_march_is_reversed_on_the_first_of_april(shop: Engine) -> None:
    accrual = proposed(shop, "accrue", account="energy", amount=320, posted_on="2026-03-31")

    assert accrual.effect.lines()[:3] == [
        "journal entry: new · Energy and telephone 2026-03",
        "debit 6060 Energy and telephone: 320.00 EUR",
        "credit 2400 Accrued expenses: 320.00 EUR",
    ]
    assert approve(shop, accrual).endswith("320.00 EUR; it is to be reversed on 2026-04-01.")
    done(shop, "run", through="2026-04-01")
    assert balance(shop, "6060", "2026-03-31") == "320.00"
    assert balance(shop, "6060", "2026-04-01") == "0.00"


def test_an_insurance_is_spread_by_month_or_by_day(shop: Engine) -> None:
    insurance = proposed(
        shop,
        "defer",
        account="operating expense",
        amount="1200",
        starts_on="2026-01-16",
        ends_on="2026-03-15",
        method="by_day",
        against="bank",
        posted_on="2026-01-16",
        memo="insurance",
    )
    said = approve(shop, insurance)
    assert said == (
        "The prepaid expense DEF-00001: 1,200.00 EUR from 2026-01-16 to 2026-03-15,"
        " 0.00 EUR recognised, active."
    )
    done(shop, "run", through="2026-02-28", schedule="DEF-1")
    shown: Any = ask(shop, "auditor", "schedules.show_deferral", deferral="def 1")
    # 16, 28 and 15 of 59 days.
    assert [(str(row[0]), str(row[1]), str(row[2])) for row in rows(shown)] == [
        ("2026-01-31", "325.42", "874.58"),
        ("2026-02-28", "569.49", "305.09"),
        ("2026-03-15", "305.09", "0.00"),
    ]
    assert balance(shop, "1200") == "305.09"
    done(shop, "defer", account="4010", amount=300, starts_on="2026-06-01", ends_on="2026-08-31")
    listed: Any = ask(shop, "auditor", "schedules.list_deferrals")
    assert listed.sentence() == "2 deferrals, 605.09 EUR not recognised yet."
    done(shop, "cancel_deferral", deferral="DEF-1", because="sold")
    assert balance(shop, "1200") == "0.00"
    with reading(shop) as session:
        assert verify(session) == []


@pytest.fixture(scope="module")
def stall(databases: Callable[[str], Engine]) -> Engine:
    """A shop in which nothing is approved."""
    return databases("shop")


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("make_template", {"name": "x", "lines": [{"account": "rent", "side": "debit"}]}, "either"),
        ("make_template", {"name": "x", "lines": [
            {"account": "rent", "side": "debit", "amount": 2},
            {"account": "bank", "side": "credit", "amount": 1}]}, "does not balance"),
        ("make_template", {"name": "x", "debit": "1400", "credit": "bank"}, "kept by documents"),
        ("make_template", {"name": "x"}, "which account is debited"),
        ("post_template", {"template": "Mars"}, "no entry template Mars"),
        ("start_recurring", {"account": "rent"}, "either"),
        ("start_recurring", {"account": "rent", "amount": 1, "starts_on": "2026-02-01",
                             "until": "2026-01-31"}, "lies before"),
        ("start_recurring", {"account": "rent", "amount": 1, "day_of_month": 32}, "32|31"),
        ("pause_recurring", {"recurring": "RE-9"}, "no schedule RE-9"),
        ("accrue", {"account": "rent", "amount": 1, "reverse_on": "2026-06-15"}, "later day"),
        ("accrue", {"account": "2000", "amount": 1}, "kept by documents"),
        ("defer", {"account": "rent", "amount": 1, "starts_on": "2026-02-01",
                   "ends_on": "2026-01-01"}, "lies before"),
        ("cancel_deferral", {"deferral": "DEF-9", "because": "x"}, "no schedule"),
        ("run", {}, "Nothing is due"),
        ("take_back_run", {"run": "RUN-9", "because": "x"}, "no schedule"),
    ],
)  # fmt: skip
def test_what_cannot_be_scheduled_is_refused_with_a_reason(
    stall: Engine, tool: str, arguments: dict[str, object], said: str
) -> None:
    with pytest.raises(DomainError, match=said):
        proposed(stall, tool, **arguments)
