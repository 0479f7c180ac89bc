"""The tools of human resources, on the one road: asked for, decided by others, done once."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from core import hr, ledger
from core.approvals import set_standard_limits
from core.hr import expenses, leave
from core.hr.leave import Accrual, Policy
from core.kernel.database import reading, unit_of_work
from core.kernel.errors import DomainError
from core.kernel.identity import service as identity
from core.kernel.identity.acting import Acting, Actor
from core.kernel.money import Money
from core.ledger import chart
from tests.conftest import Databases
from tools import TOOLBOX

HIRED = date(2026, 1, 1)


class House:
    """An office with accounts for everybody, and what they say."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.people: dict[str, Actor] = {}
        with unit_of_work(engine) as session:
            set_standard_limits(session)
            office = hr.add_department(session, code="OFFICE", name="Office", name_zh="办公室")
            lena = hr.add_employee(
                session, name="Lena Vogt", department=office, job_title="Head", hired_on=HIRED
            )
            max_ = hr.add_employee(
                session, name="Max Kern", department=office, job_title="Clerk", hired_on=HIRED,
                manager=lena, pay=Money.of("3900.00", "EUR"),
            )  # fmt: skip
            kind = leave.add_leave_type(session, code="ANNUAL", name="annual leave", name_zh="年假")
            policy = Policy(Decimal(24), Accrual.YEAR, encash_max=Decimal(5), max_carry=Decimal(5))
            leave.set_leave_policy(session, kind, policy, valid_from=HIRED)
            expenses.add_expense_category(
                session, code="TAXI", name="Taxi", name_zh="出租车", account="6050"
            )
            for login, roles, party in (
                ("lena", ["employee"], lena.party_id), ("max", ["employee"], max_.party_id),
                ("hanna", ["hr"], None), ("boss", ["manager"], None), ("second", ["admin"], None),
                ("books", ["accountant"], None), ("sal", ["sales"], None),
            ):  # fmt: skip
                person = identity.add_person(
                    session, login=login, name=login, roles=roles, party_id=party
                )
                self.people[login] = identity.actor_of(person)

    def acting(self, who: str) -> Acting:
        return Acting(self.people[who], door="test")

    def ask(self, who: str, tool: str, **arguments: Any) -> Any:
        plan = TOOLBOX.parse([{"tool": tool, "arguments": arguments}])
        return TOOLBOX.propose(self.engine, self.acting(who), plan, reason={"words": tool})

    def agree(self, who: str, proposal: Any) -> str:
        outcome = TOOLBOX.decide(
            self.engine, self.acting(who), proposal.id, "approve", seen=proposal.digest
        )
        assert outcome.state == "executed", outcome.state
        return outcome.said()

    def do(self, who: str, tool: str, *, by: str | None = None, **arguments: Any) -> str:
        return self.agree(by or who, self.ask(who, tool, **arguments))

    def look(self, who: str, tool: str, **arguments: Any) -> Any:
        [call] = TOOLBOX.parse([{"tool": tool, "arguments": arguments}])
        return TOOLBOX.read(self.engine, self.acting(who), call)


@pytest.fixture(scope="module")
def house(databases: Databases) -> Iterator[House]:
    engine = databases("founded")
    yield House(engine)
    databases.drop(engine)


def refused(run: Any, code: str) -> None:
    with pytest.raises(DomainError) as refusal:
        run()
    assert refusal.value.code == code


def test_what_somebody_asks_about_themselves_is_not_their_colleagues_to_see(house: House) -> None:
    spent = {"category": "Taxi", "amount": "30", "because": "to the clinic"}

    asked = house.ask("max", "hr.claim_expense", **spent)

    seen = {
        who: asked.id in {each.id for each in TOOLBOX.inbox(house.engine, house.acting(who))}
        for who in ("max", "hanna", "boss", "books", "sal", "lena")
    }
    assert seen == {
        "max": True, "hanna": True, "boss": True, "books": True, "sal": False, "lena": True,
    }  # fmt: skip
    TOOLBOX.withdraw(house.engine, house.acting("max"), asked.id, because="test")


def test_what_is_decided_about_somebody_is_seen_by_them_and_those_above(house: House) -> None:
    house.do("hanna", "hr.credit_leave")
    raised = house.ask("hanna", "hr.set_pay", employee="Max Kern", pay="4100")
    moved = house.ask("hanna", "hr.change_terms", employee="Max Kern", job_title="Driver")
    ill = house.ask("max", "hr.request_leave", starts_on="2026-09-01", because="an operation")

    who = ("max", "lena", "hanna", "boss", "books", "sal")
    seen = {
        each.number: [
            name
            for name in who
            if each.id in {one.id for one in TOOLBOX.inbox(house.engine, house.acting(name))}
        ]
        for each in (raised, moved, ill)
    }
    # Pay is nobody's above; a reason is for human resources alone.
    assert list(seen.values()) == [
        ["max", "hanna", "boss"], ["max", "lena", "hanna", "boss"], ["max", "hanna"],
    ]  # fmt: skip
    # The same in lists, by number, and as a count; and nobody decides what they do not see.
    for name in who:
        count = sum(name in each for each in seen.values())
        listed = house.look(name, "approvals.list_proposals").proposals
        assert len(listed) == TOOLBOX.count_open(house.engine, house.acting(name)) == count
    refused(lambda: house.look("sal", "approvals.show_proposal", number=ill.number),
            "unknown_proposal")  # fmt: skip
    refused(lambda: house.agree("books", moved), "unknown_proposal")
    for asker, each in (("hanna", raised), ("hanna", moved), ("max", ill)):
        TOOLBOX.withdraw(house.engine, house.acting(asker), each.id, because="test")


def test_pay_goes_to_an_account_that_two_people_looked_at(house: House) -> None:
    iban = "DE02120300000000202051"
    refused(lambda: house.ask("sal", "payroll.set_bank_account", employee="Max Kern", iban=iban),
            "not_their_account")  # fmt: skip
    assert house.do("max", "payroll.set_bank_account", iban=iban) == (
        "E-00002 Max Kern is paid to DE02 1203 0000 0000 2020 51; pay is held until it is verified."
    )
    said = house.do("books", "payroll.verify_bank_account", employee="Max Kern")
    assert said.endswith("; verified.")
    house.do("hanna", "payroll.set_bank_account", employee="Lena Vogt", iban=iban)
    refused(lambda: house.do("hanna", "payroll.verify_bank_account", employee="Lena Vogt"),
            "duties_in_one_hand")  # fmt: skip


def test_leave_is_asked_for_by_oneself_and_decided_by_the_manager(house: House) -> None:
    house.do("hanna", "hr.credit_leave")
    said = house.do("max", "hr.request_leave", starts_on="2026-06-22", ends_on="2026-06-24")
    assert said.startswith(
        "LV-00001: Max Kern, annual leave from 2026-06-22 to 2026-06-24 (3 days)"
    )

    refused(lambda: house.ask("max", "hr.approve_leave", request="LV-00001"), "own_leave")
    refused(lambda: house.ask("sal", "hr.approve_leave", employee="Max Kern"), "not_their_manager")
    # What the manager asked for, nobody else who has no right to it can carry out.
    asked = house.ask("lena", "hr.approve_leave", employee="Max Kern")
    refused(lambda: house.agree("max", asked), "own_leave")
    assert house.agree("lena", asked).endswith("approved.")
    assert house.look("max", "hr.show_leave_balance").sentence() == (
        "Max Kern by 2026-06-15: 24 days of annual leave (3 approved ahead)."
    )
    refused(lambda: house.look("sal", "hr.show_leave_balance", employee="Max Kern"),
            "not_yours_to_see")  # fmt: skip
    [away] = house.look("sal", "hr.who_is_away", starts_on="2026-06-23").people
    assert away[1] == "Max Kern"
    assert house.do("max", "hr.cancel_leave", request="LV-00001").endswith("cancelled.")
    house.do("max", "hr.request_leave", starts_on="2026-07-01", because="An operation.")
    # Why is told to oneself and to human resources; the request itself to those who decide on it.
    for who, told in (("max", True), ("hanna", True), ("lena", False), ("boss", False)):
        shown = house.look(who, "hr.show_leave_request", request="LV-00002").sentence()
        assert shown.endswith("An operation.") is told, who
    refused(lambda: house.look("sal", "hr.show_leave_request", request="LV-00002"),
            "unknown_leave_request")  # fmt: skip
    said = house.do("lena", "hr.refuse_leave", employee="Max Kern", because="stocktaking")
    assert said.endswith("refused.")


def test_pay_is_set_by_one_and_agreed_to_by_another(house: House) -> None:
    asked = house.ask(
        "hanna", "hr.hire", name="Zhang Wei", job_title="buyer", department="OFFICE",
        starts_on="2026-07-01", pay="9000", manager="Lena Vogt",
    )  # fmt: skip
    with pytest.raises(DomainError):
        house.agree("hanna", asked)
    lines = " ".join(asked.effect.lines())

    assert "9,000.00 EUR / month" in lines
    assert "onboarding" in lines
    assert house.agree("boss", asked) == ("E-00003 Zhang Wei: buyer in Office from 2026-07-01 on.")
    raised = house.ask("hanna", "hr.set_pay", employee="Max Kern", pay="4200")
    with pytest.raises(DomainError):
        house.agree("hanna", raised)
    house.agree("boss", raised)
    assert house.look("max", "hr.show_pay").sentence() == (
        "E-00002 Max Kern (2026-06-15): 4,200.00 EUR / month."
    )
    for who, whose in (("sal", "Max Kern"), ("books", "Max Kern"), ("max", "Lena Vogt")):
        refused(lambda who=who, whose=whose: house.look(who, "hr.show_pay", employee=whose),
                "not_yours_to_see")  # fmt: skip
    refused(lambda: house.ask("max", "hr.set_pay", employee="Max Kern", pay="1"), "not_permitted")
    refused(lambda: house.look("sal", "hr.show_pay_totals"), "not_permitted")
    assert (
        "1 departments are not yours to see" in house.look("boss", "hr.show_pay_totals").sentence()
    )


def test_nobody_with_every_role_sets_their_own_pay_terms_or_rights(house: House) -> None:
    with unit_of_work(house.engine) as session:
        lena = hr.find_employee(session, "Lena Vogt")
        own = Actor(
            "lena2", frozenset({"hr", "admin", "manager", "accountant"}),
            human_key=f"party:{lena.party_id}", party_id=lena.party_id,
        )  # fmt: skip
    house.people["lena2"] = own
    day = "2026-08-01"

    for tool, arguments, code in (
        ("hr.set_pay", {"employee": "Lena Vogt", "pay": "9999"}, "own_terms"),
        ("hr.change_terms", {"employee": "Lena Vogt", "job_title": "Boss"}, "own_terms"),
        ("hr.set_last_day", {"employee": "Lena Vogt", "left_on": day}, "own_terms"),
        ("hr.encash_leave", {"employee": "Lena Vogt", "days": "1"}, "own_terms"),
    ):
        refused(lambda tool=tool, given=arguments: house.ask("lena2", tool, **given), code)
        # Nor does it help to have somebody else ask for it.
        if tool in {"hr.set_pay", "hr.change_terms"}:
            asked = house.ask("hanna", tool, **arguments)
            with pytest.raises(DomainError):
                house.agree("lena2", asked)
    refused(
        lambda: house.ask("lena2", "identity.set_roles", login="lena", roles=["admin"]),
        "not_your_own_rights",
    )


def test_expenses_are_claimed_approved_and_paid_by_different_people(house: House) -> None:
    said = house.do("max", "hr.claim_expense", category="taxi", amount="45", because="fair")
    assert said == "EX-00001: Max Kern claims 45.00 EUR; asked for."

    refused(lambda: house.ask("lena", "hr.withdraw_claim", claim="EX-00001"),
            "not_theirs_to_withdraw")  # fmt: skip
    refused(lambda: house.ask("max", "hr.approve_claim", claim="EX-00001"), "own_claim")
    refused(
        lambda: house.ask("sal", "hr.refuse_claim", claim="EX-00001", because="x"),
        "not_for_them_to_decide",
    )
    said = house.do("lena", "hr.approve_claim", by="boss", claim="EX-00001", amount="40")
    assert said == "EX-00001: Max Kern claims 45.00 EUR, 40.00 EUR approved; approved."
    house.do("books", "hr.pay_claim", claim="EX-00001")
    with reading(house.engine) as session:
        assert ledger.balance(session, "6050") == Money.of("40.00", "EUR")
        assert ledger.balance(session, chart.BANK) == Money.of("-40.00", "EUR")
        assert ledger.balance(session, chart.PAYABLE) == Money.of("0.00", "EUR")


def test_terms_time_and_tasks_are_looked_after(house: House) -> None:
    assert "Clerk" in house.look("max", "hr.show_terms").sentence()
    chart_ = house.look("max", "hr.show_org_chart")
    assert [place[1] for place in chart_.places][:2] == ["Lena Vogt", "Max Kern"]
    house.do("hanna", "hr.change_terms", employee="Max Kern", job_title="Buyer", hours_percent="80")
    assert "80%" in house.look("max", "hr.show_terms").sentence()
    house.do("max", "hr.check_in")
    house.do("max", "hr.check_out")
    said = house.do("max", "hr.log_hours", hours="3.5")
    assert said == "TE-00001: Max Kern worked 3.5 hours on 2026-06-15."
    refused(lambda: house.ask("lena", "hr.remove_hours", entry="TE-00001"), "not_their_time")
    refused(lambda: house.ask("max", "hr.log_hours", hours="1", project="PJ-9"), "unknown_project")
    said = house.do("max", "hr.remove_hours", entry="TE-00001")
    assert said == "TE-00001: 3.5 hours of Max Kern on 2026-06-15 are removed."
    house.do("hanna", "hr.encash_leave", by="boss", employee="Max Kern", days="2")
    house.do("hanna", "hr.carry_leave", year=2026)
    house.do("hanna", "hr.set_last_day", employee="Max Kern", left_on="2026-12-31")
    tasks = house.look("hanna", "hr.list_tasks")
    number = tasks.tasks[0][0]
    assert "is done" in house.do("hanna", "hr.finish_task", workflow=number, task=1)
