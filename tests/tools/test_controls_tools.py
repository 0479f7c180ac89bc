"""The tools of control: what auditors ask, what they are told, and who may ask."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from core import parties
from core.kernel import clock
from core.kernel.database import reading, unit_of_work
from core.kernel.errors import NotPermitted
from core.kernel.identity import service as identity
from core.kernel.identity.roles import Role
from tests.core.road import approve, ask, propose
from tests.shop import PASSWORD, as_person
from tools import TOOLBOX

QUESTIONS = (
    "controls.list_access",
    "controls.list_conflicting_rights",
    "controls.list_cases_in_one_hand",
    "trail.show_changes",
    "trail.check_numbers",
)


@pytest.fixture(scope="module")
def house(databases: Callable[[str], Engine]) -> Iterator[Engine]:
    """A shop in which somebody logged in, bought a lamp, changed rights, and was refused."""
    engine = databases("shop")
    with unit_of_work(engine, as_person(engine, "admin")) as session:
        identity.set_password(session, "buyer", PASSWORD)
        ann = parties.add_party(session, name="Ann Person")
        for login, roles in (("ann", {Role.BUYER}), ("ann.m", {Role.ACCOUNTANT})):
            identity.add_person(session, login=login, name="Ann", roles=roles, party_id=ann.id)
        identity.set_roles(session, "hr", {Role.HR, Role.SALES})
    with unit_of_work(engine) as session:
        identity.log_in(session, "buyer", PASSWORD, address="::1")
    order = propose(engine, "buyer", "purchasing.order_item", item="LAMP-01", quantity="2")
    approve(engine, order, "buyer")
    receive = propose(engine, "allrounder", "purchasing.receive_order", order="PO-00001")
    approve(engine, receive, "warehouse")
    bill = propose(
        engine,
        "allrounder",
        "purchasing.bill_order",
        order="PO-00001",
        supplier_reference="L-1",
    )
    approve(engine, bill, "accountant")
    with pytest.raises(NotPermitted):
        propose(engine, "sales", "purchasing.order_item", item="LAMP-01", quantity="2")
    yield engine
    engine.dispose()


def rows(engine: Engine, who: str, tool: str, **arguments: Any) -> list[tuple[Any, ...]]:
    grid = ask(engine, who, tool, **arguments).grid()
    assert grid is not None
    assert all(len(row) == len(grid.columns) for row in grid.rows)
    return list(grid.rows)


@pytest.mark.parametrize("tool", QUESTIONS)
def test_overseers_alone_may_ask(house: Engine, tool: str) -> None:
    assert ask(house, "auditor", tool).sentence("zh").endswith("。")
    assert ask(house, "auditor", tool).sentence("en").endswith(".")
    for login in ("sales", "customer", "employee", "nobody"):
        with pytest.raises(NotPermitted):
            ask(house, login, tool)


def test_every_account_is_listed_with_its_limits_and_its_last_login(house: Engine) -> None:
    listed = {row[0]: row for row in rows(house, "auditor", "controls.list_access")}

    buyer = listed["buyer"]
    assert (buyer[2], buyer[3], buyer[7:]) == ("buyer", "active", (5_000, 20_000, 100_000))
    assert buyer[4] is not None
    assert listed["manager"][4] is None
    assert listed["manager"][8] is None, "a manager approves without limit"
    person = as_person(house, "buyer").actor
    assert buyer[5] == len(TOOLBOX.allowed(person))
    assert buyer[6] == sum(tool.writes for tool in TOOLBOX.allowed(person))
    assert [row[0] for row in rows(house, "auditor", "controls.list_access", role="hr")] == [
        "allrounder",
        "hr",
    ]


def test_who_may_do_a_duty_is_listed(house: Engine) -> None:
    answer = ask(house, "auditor", "controls.list_access", duty="pay")

    payers = {row[0] for row in rows(house, "auditor", "controls.list_access", duty="pay")}
    assert {"accountant", "ann.m"} <= payers
    assert not {"buyer", "hr", "warehouse", "auditor"} & payers
    assert answer.sentence().startswith(f"{len(payers)} accounts may pay: ")
    assert answer.sentence("zh").startswith(f"{len(payers)} 个账号可以付款：")


def test_accounts_that_nobody_uses_are_found(house: Engine) -> None:
    assert rows(house, "auditor", "controls.list_access", unused_days=30) == []

    with clock.frozen_at(clock.now() + timedelta(days=31)):
        unused = {row[0] for row in rows(house, "auditor", "controls.list_access", unused_days=30)}
    assert {"manager", "buyer", "ann"} <= unused


def test_the_rights_of_one_person_are_the_tools_of_their_roles(house: Engine) -> None:
    told = rows(house, "admin", "controls.show_access", person="hr")

    allowed = TOOLBOX.allowed(as_person(house, "hr").actor)
    assert [row[0] for row in told] == [tool.name for tool in allowed]
    assert {row[0]: row[4] for row in told}["sales.sell_item"] == "sales"


def test_two_accounts_of_one_human_are_one_pair_of_hands(house: Engine) -> None:
    told = rows(house, "auditor", "controls.list_conflicting_rights")

    of_ann = {row[1:] for row in told if row[0] == "ann, ann.m"}
    assert ("purchasing.order_item", "purchasing.bill_order", "case by case") in of_ann
    assert not [row for row in told if row[0] in {"ann", "ann.m", "sales"}]


def test_who_asked_for_two_duties_of_a_case_is_shown(house: Engine) -> None:
    told = rows(house, "auditor", "controls.list_cases_in_one_hand", case="po-00001")

    assert told == [("PO-00001", "allrounder", "", "book the bill, receive")]


def test_changes_of_rights_are_told_with_before_and_after(house: Engine) -> None:
    told = rows(house, "auditor", "trail.show_changes", topic="rights", about="hr")

    changed = [row for row in told if row[5] == "identity.roles_set"]
    assert [row[2] for row in changed] == ["admin"]
    assert changed[0][6] == "person hr (roles): hr → hr, sales"
    assert changed[0][7] == "用户 hr (角色): hr → hr, sales"


@pytest.mark.parametrize(
    ("arguments", "facts"),
    [
        ({"topic": "logins"}, {"identity.logged_in"}),
        ({"topic": "refusals"}, {"tools.call_refused"}),
        ({"topic": "purchasing", "person": "buyer"}, {"purchasing.order_placed"}),
        ({"about": "po 1", "person": "warehouse"}, {"purchasing.order_received"}),
        ({"until": "2020-01-01"}, set()),
    ],
)
def test_the_change_log_is_narrowed(
    house: Engine, arguments: dict[str, str], facts: set[str]
) -> None:
    told = {row[5] for row in rows(house, "auditor", "trail.show_changes", **arguments)}

    assert facts <= told
    assert bool(told) is bool(facts)


def test_a_change_leads_to_its_proposal_and_who_asked(house: Engine) -> None:
    [row, *_] = rows(house, "auditor", "trail.show_changes", topic="purchasing", person="warehouse")

    assert row[2:6] == ("warehouse", "allrounder", "PR-00002", "purchasing.order_received")
    assert row[8] == "test"


def test_numbers_are_complete_and_said_to_be(house: Engine) -> None:
    answer = ask(house, "accountant", "trail.check_numbers")

    assert answer.sentence("en").endswith("no gaps and no doubles.")
    assert ("PO", 1, 1, "", "") in rows(house, "accountant", "trail.check_numbers")


def test_a_journal_entry_is_traced_to_the_words_that_began_it(house: Engine) -> None:
    shown = propose(
        house, "accountant", "ledger.post_entry",
        debit="6000", credit="1000", amount="12", memo="stamps",
    )  # fmt: skip
    said = approve(house, shown, "accountant")
    number = said.split()[0]

    traced = ask(house, "auditor", "reporting.trace", document=number).sentence("en")

    assert f"proposed in {shown.number}" in traced
    assert "accountant" in traced
    with reading(house) as session:
        assert identity.find_person(session, "accountant").active
