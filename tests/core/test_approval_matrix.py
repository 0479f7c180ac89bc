"""The approval matrix: limits by role and kind of decision, in the company's currency."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from core import approvals, ledger
from core.approvals import rules
from core.approvals.errors import AboveYourLimit, NoLimitOfItsOwn, SecondPersonNeeded
from core.approvals.rules import GENERAL, Limits, Weight
from core.kernel.database import reading, unit_of_work
from core.kernel.decisions import DecisionKind
from core.kernel.effects import Effect, Worth
from core.kernel.events import effect_of
from core.kernel.identity.acting import Actor
from core.kernel.identity.roles import Role
from core.kernel.money import Money
from core.ledger import PeriodState
from core.parties.events import CreditLimitSet
from tests.conftest import TODAY
from tests.core.road import approve, propose
from tests.shop import as_person
from tools import TOOLBOX, ProposalView

JOURNAL = DecisionKind.JOURNAL_ENTRY


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def decide(engine: Engine, shown: ProposalView, who: str) -> str:
    person = as_person(engine, who)
    return TOOLBOX.decide(engine, person, shown.id, "approve", seen=shown.digest).state


def entry(amount: str) -> dict[str, Any]:
    return {"debit": "6000", "credit": "1000", "amount": amount, "memo": f"rent {amount}"}


def limit(engine: Engine, role: Role, alone: str, most: str | None, kind: DecisionKind) -> None:
    with unit_of_work(engine) as session:
        approvals.set_limit(
            session,
            role=role,
            kind=kind,
            alone=eur(alone),
            approve=None if most is None else eur(most),
            two_persons_above=eur("5000"),
        )


def test_a_kind_with_limits_of_its_own_is_weighed_by_them_and_the_rest_together() -> None:
    effect = Effect(
        changes=(),
        worths=(
            Worth("journal_entry", eur("100")),
            Worth("journal_entry", eur("20")),
            Worth("write_off", eur("7")),
            Worth("", eur("1")),
            Worth("rights", None),
        ),
    )

    weights = rules.weigh(effect, "EUR", own={"journal_entry", "rights"})

    assert weights == {
        GENERAL: Weight(800),
        "journal_entry": Weight(12_000, is_of_its_own=True),
        "rights": Weight(0, is_of_its_own=True),
    }
    assert rules.total_of(effect, "EUR") == 12_800


@pytest.mark.parametrize(
    ("weight", "most", "before", "within"),
    [
        (Weight(100), 100, 0, True),
        (Weight(100), 99, 0, False),
        (Weight(100), 150, 51, False),
        (Weight(10**18), None, 0, True),
        (Weight(0), 0, 0, True),
        (Weight(0, is_of_its_own=True), 0, 0, False),
        (Weight(0, is_of_its_own=True), 1, 0, True),
        (Weight(5, is_comparable=False), 10**18, 0, False),
        (Weight(5, is_comparable=False), None, 0, False),
    ],
)
def test_zero_is_never_and_what_cannot_be_compared_is_above_any_limit(
    weight: Weight,
    most: int | None,
    before: int,
    within: bool,  # noqa: FBT001
) -> None:
    assert weight.within(most, and_before=before) is within


def test_an_amount_without_a_rate_or_an_end_is_above_any_limit() -> None:
    effect = effect_of([CreditLimitSet("C-1", "Acme", before=eur("5"), after=None)])

    assert not rules.weigh(effect, "EUR")[GENERAL].is_comparable
    foreign = Effect(changes=(), worths=(Worth("", Money.of("1", "USD")),))
    assert not rules.weigh(foreign, "EUR")[GENERAL].is_comparable
    assert Effect(changes=()).digest != effect.digest


def test_an_effect_that_was_stored_before_there_were_kinds_weighs_its_amounts() -> None:
    stored = Effect.from_json({"changes": [], "amounts": [{"minor": 700, "currency": "EUR"}]})

    assert rules.weigh(stored, "EUR", own={"journal_entry"}) == {GENERAL: Weight(700)}


def test_roles_join_their_limits_and_one_without_its_own_brings_the_general_ones(
    shop: Engine,
) -> None:
    limit(shop, Role.ACCOUNTANT, "50", "200", JOURNAL)

    with reading(shop) as session:
        accountant = approvals.limits_by_kind(session, Actor("a", frozenset({Role.ACCOUNTANT})))
        both = approvals.limits_by_kind(
            session, Actor("b", frozenset({Role.ACCOUNTANT, Role.SERVICE}))
        )
        nobody = approvals.limits_by_kind(session, Actor("c", frozenset()))

    assert accountant["journal_entry"] == Limits(5_000, 20_000, 500_000)
    assert accountant[GENERAL] == Limits(1_000_000, 5_000_000, 10_000_000)
    assert both["journal_entry"] == Limits(100_000, 500_000, 10_000_000)
    assert nobody == {GENERAL: Limits(0, 0, 0)}


def test_entries_have_a_limit_and_their_sum_of_a_day_has_it_too(shop: Engine) -> None:
    limit(shop, Role.ACCOUNTANT, "50", "200", JOURNAL)

    beyond = propose(shop, "accountant", "ledger.post_entry", **entry("200.01"))
    with pytest.raises(AboveYourLimit) as refused:
        decide(shop, beyond, "accountant")
    assert refused.value.message("en") == (
        f"Proposal {beyond.number} is worth 200.01 EUR (journal entry); you may approve up to"
        " 200.00 EUR. Ask: admin, buyer, hr, manager, marketing, production, sales, service,"
        " warehouse."
    )
    assert "记账凭证" in refused.value.message("zh")
    for amount, who in (("30", "accountant"), ("20", "accountant")):
        shown = propose(shop, "accountant", "ledger.post_entry", **entry(amount))
        assert decide(shop, shown, who) == "executed"
    third = propose(shop, "accountant", "ledger.post_entry", **entry("0.01"))
    with pytest.raises(SecondPersonNeeded, match=r"50\.00 EUR"):
        decide(shop, third, "accountant")
    assert decide(shop, third, "manager") == "executed"


def test_above_the_limit_of_a_kind_it_takes_two(shop: Engine) -> None:
    limit(shop, Role.MANAGER, "0", None, JOURNAL)
    shown = propose(shop, "accountant", "ledger.post_entry", **entry("5000.01"))

    assert decide(shop, shown, "manager") == "waiting"
    assert decide(shop, shown, "manager2") == "executed"


def test_a_period_is_reopened_by_somebody_else_than_who_asked(shop: Engine) -> None:
    with unit_of_work(shop) as session:
        ledger.set_period_state(session, "2026-05", PeriodState.CLOSED)
    reopen = {"period": "2026-05", "because": "late bill"}

    shown = propose(shop, "manager", "ledger.reopen_period", **reopen)
    with pytest.raises(SecondPersonNeeded):
        decide(shop, shown, "manager")
    with pytest.raises(AboveYourLimit):
        decide(shop, shown, "accountant")
    assert decide(shop, shown, "manager2") == "executed"


def test_an_amount_in_another_currency_counts_by_its_rate_of_the_day(shop: Engine) -> None:
    facts = [CreditLimitSet("C-1", "Acme", before=None, after=Money.of("6000", "USD"))]
    with unit_of_work(shop) as session:
        ledger.set_rate(session, "USD", valid_from=TODAY, foreign_units=Decimal("1.25"))
        effect = effect_of(facts, lambda amount: ledger.in_base(session, amount, TODAY))

    # 6,000 USD at 1.25 for one EUR; another rate is another effect, to be approved anew.
    assert effect.worths == (Worth("credit_limit", eur("4800")),)
    assert rules.total_of(effect, "EUR") == 480_000
    assert effect.digest != effect_of(facts, lambda _amount: eur("4700")).digest


def test_limits_are_set_shown_and_taken_away_again(shop: Engine) -> None:
    shown = propose(
        shop,
        "admin",
        "identity.set_approval_limit",
        role="accountant",
        decision="journal_entry",
        alone="0",
        approve="900",
    )
    assert shown.effect.lines("zh") == [
        "审批额度 accountant (单独 @ 记账凭证): 0.00 EUR",
        "审批额度 accountant (批准 @ 记账凭证): 900.00 EUR",
        "审批额度 accountant (超过此额需两人 @ 记账凭证): 不限",
    ]
    approve(shop, shown, "admin")

    back = TOOLBOX.undo(shop, as_person(shop, "admin"), shown.id)
    approve(shop, back, "admin")

    with reading(shop) as session:
        assert approvals.limit_of(session, "accountant", JOURNAL) is None
    with unit_of_work(shop) as session, pytest.raises(NoLimitOfItsOwn):
        approvals.remove_limit(session, role="accountant", kind=JOURNAL)


def test_the_database_keeps_one_limit_for_a_role_and_a_kind(shop: Engine) -> None:
    twice = "INSERT INTO approval_limit (id, created_at, role, kind) SELECT gen_random_uuid(), now(), role, kind FROM approval_limit"  # noqa: E501

    with pytest.raises(IntegrityError, match="uq_approval_limit_role_kind"), shop.begin() as c:
        c.execute(text(twice))
