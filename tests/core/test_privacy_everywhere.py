"""What is personal is behind a policy of the database, in every table there is, or says why not."""

from datetime import time, timedelta
from decimal import Decimal

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core import hr, ledger, parties, projects
from core.approvals import Proposal, Undo, may_see, open_proposal
from core.hr import Employee, expenses, leave, payroll
from core.hr import time as working
from core.hr.documents import DocumentKind, keep_document
from core.hr.expenses import Spent
from core.kernel.effects import Effect
from core.kernel.identity.acting import Actor
from core.kernel.identity.roles import Role
from core.kernel.money import Money
from core.kernel.privacy import become_reader
from core.ledger.chart import BANK
from core.processes import staffing
from core.processes.schema import METADATA
from core.processes.staffing import WorkflowKind
from tests.conftest import TODAY
from tests.core.test_hr_leave import Team, be, days
from tests.core.test_hr_recruiting import TABLES as RECRUITING
from tests.core.test_hr_reviews import TABLES as REVIEWS
from tests.core.test_own_decisions import entered

# What makes a table personal: it names an employee, an account, or belongs to a row that does.
NAMES_SOMEBODY = frozenset(
    ("employee_id", "person_id", "human", "person", "login", "asked_by", "asked_by_human")
)
BUSINESS = "who is responsible for it is everybody's to know at work"
ADDRESS_BOOK = "names and ways to reach people are the address book of the house"
# Personal tables that need no policy, and why.
OPEN = {
    "employee": "who works here, as what and since when is the list of colleagues",
    "employment": "job, department and manager are the organisation chart; pay is apart",
    "person": ADDRESS_BOOK,
    "party_contact": ADDRESS_BOOK,
    "job_opening": "who is sought, for which department, may be told to everybody",
    "interview_seat": "who talks to which numbered applicant and when; nothing of who that is",
    "duty_done": "which duty of which case somebody did; nothing of what was decided",
    "requisition": BUSINESS,
    "lead": BUSINESS,
    "lead_rule": BUSINESS,
    "opportunity": BUSINESS,
    "quota": BUSINESS,
    "sales_team_member": BUSINESS,
    "support_team": BUSINESS,
    "support_team_member": BUSINESS,
    "task": BUSINESS,
    "ticket": BUSINESS,
    "calendar_feed": "the hash of a secret address, and whose it is",
    "saved_report": "questions, shared by their owners; answers are read with rights of the reader",
    "standing_order": "the same questions at their times",
    "standing_run": "when such a question was asked, not what was answered",
    "payment_order_line": "what is paid to whom is the business of those who pay; pay has no lines",
    "taught_word": "words, shared by their owners",
    "verified_question": "words, shared by their owners",
}


def closed(session: Session) -> set[str]:
    found = session.scalars(
        text(
            "SELECT relname FROM pg_class JOIN pg_policy ON polrelid = pg_class.oid"
            " WHERE relrowsecurity"
        )
    )
    return set(found)


def test_every_personal_table_has_a_policy_or_a_reason_to_have_none(session: Session) -> None:
    behind = closed(session)

    personal = set()
    for table in METADATA.tables.values():
        targets = {key.column.table.name for key in table.foreign_keys}
        names = {column.name for column in table.columns} & NAMES_SOMEBODY
        if names or targets & {"employee", "person"} or targets & behind:
            personal.add(table.name)
    missing = {name for name in personal - behind if name not in OPEN}
    assert missing == set(), "make it private, or say here why everybody may see it"
    assert {name for name in OPEN if name in behind or name not in METADATA.tables} == set()


# Behind a policy, and with rows for others in them too, or with none of people at work.
SHARED = {
    "change_event", "audit_record", "party_bank_account", "notification", "notification_delivery",
    "api_token", "conversation", "idempotency_key", "login_attempt", "login_session", "decision",
    "proposal",
}  # fmt: skip
WHOLE = ("hr", "manager", "admin", "auditor")


def seen(session: Session, actor: Actor, tables: set[str]) -> set[str]:
    """Return the tables of which somebody is shown a row, asking the database itself."""
    with session.begin_nested() as point:
        for statement in become_reader(actor).split(";"):
            session.execute(text(statement))
        names = sorted(tables)
        rows = ", ".join(f"EXISTS (SELECT FROM {name})" for name in names)
        found = session.execute(text(f"SELECT {rows}")).one()
        point.rollback()
    return {name for name, is_seen in zip(names, found, strict=True) if is_seen}


def actor_of(person: Employee | None, *roles: str) -> Actor:
    party = person.party_id if person else None
    key = f"party:{party}" if party else ""
    return Actor("x", frozenset(roles), party_id=party, human_key=key)


def fill(session: Session, team: Team) -> None:
    """Let a row of each private table be about Max Kern."""
    max_, day = team.max, team.max.hired_on
    hr.set_pay(session, max_, Money.of("4000.00", "EUR"), starts_on=day)
    entered(session, max_)
    shift = working.add_shift(
        session, code="day", name="day", name_zh="白班", starts=time(9), ends=time(17)
    )
    working.plan_shift(session, max_, shift, starts_on=TODAY)
    ledger.add_member(session, "cost_centre", code="CC1", name="One")
    payroll.share_costs(session, max_, {"CC1": Decimal(100)}, valid_from=day)
    payroll.set_monthly(session, max_, "bonus", Decimal(90), valid_from=day)
    payroll.enter_input(session, max_, "bonus", Decimal(10), period=day)
    payroll.grant_loan(session, max_, Money.of("20", "EUR"), months=2, first=day)
    ledger.open_bank_account(
        session, code="HOUSE", name="House", account=BANK, iban="DE89370400440532013000"
    )
    parties.set_bank_account(session, max_.party, iban="DE02120300000000202051")
    parties.verify_bank_account(session, max_.party)
    payroll.run_payroll(session, day, employees=[max_.id])
    projects.set_hourly_cost(session, max_.party, cost_per_hour=Decimal(40))
    staffing.start_workflow(session, max_, WorkflowKind.OFFBOARDING, day=TODAY)
    taxi = expenses.add_expense_category(
        session, code="TAXI", name="Taxi", name_zh="出租车", account="6050"
    )
    be(session, None, "hr")
    keep_document(session, max_, kind=DocumentKind.PASSPORT, number="C01X00T47", country="DE")
    be(session, max_)
    working.check_in(session, max_)
    working.log_hours(session, max_, Decimal(8), activity="sorting")
    leave.request_leave(session, max_, team.annual, days(22, 23), because="an operation")
    expenses.claim_expenses(session, max_, [Spent(taxi, Money.of("40", "EUR"), TODAY)])
    session.flush()


def test_the_database_itself_shows_what_is_private_to_whose_it_is(session: Session) -> None:
    team = Team(session)
    fill(session, team)
    # Those of recruiting and reviews are asked in the same way by the tests of these.
    of_people = closed(session) - SHARED - set(RECRUITING) - set(REVIEWS)

    everything = seen(session, Actor("system", frozenset({"system"})), of_people)
    assert everything == of_people, "let `fill` make a row of each private table"
    for role in sorted(set(Role) - set(WHOLE) - {Role.ACCOUNTANT}):
        assert seen(session, actor_of(None, role), of_people) == set(), role
    # A colleague sees the leave that was credited to her, and nothing of the others.
    assert seen(session, actor_of(team.ada, "employee", "sales"), of_people) == {"leave_entry"}
    accountant = {"expense_claim", "expense_line", "hourly_cost"}
    assert seen(session, actor_of(None, "accountant"), of_people) == accountant
    # Runs tell of all who are in them, and what an hour of somebody costs is for who keeps costs.
    own = of_people - {"payroll_run", "payroll_file", "hourly_cost"}
    assert seen(session, actor_of(team.max, "employee"), of_people) == own
    line = {
        "attendance", "expense_claim", "expense_line", "leave_entry", "leave_request",
        "shift_plan", "staff_task", "staff_workflow", "time_entry",
    }  # fmt: skip
    assert seen(session, actor_of(team.lena, "employee"), of_people) == line
    for role in WHOLE:
        hidden = set() if role == "hr" else {"employee_document", "leave_reason"}
        assert seen(session, actor_of(None, role), of_people) == of_people - hidden


def test_who_may_see_a_proposal_is_the_same_in_the_database(session: Session) -> None:
    team = Team(session)
    undo: Undo = {"possible": False, "how": [], "why_not": []}
    asked = {}
    for place, (needs, about) in enumerate(
        (
            ([["hr", "manager"]], [str(team.max.party_id), str(team.lena.party_id)]),
            ([["hr"]], []),
            ([["hr"], ["accountant"]], None),
            ([["sales", "customer"]], None),
        )
    ):
        be(session, team.ada)
        asked[place], _ = open_proposal(
            session, [], Effect(()), topic=str(place), title="t", reason={}, undo=undo,
            needs_roles=needs, private_to=about, expires_in=timedelta(days=1),
        )  # fmt: skip
    people = {
        **{role: actor_of(None, role) for role in sorted(set(Role))},
        "hr and accountant": actor_of(None, "hr", "accountant"),
        "who asked": actor_of(team.ada, "employee"),
        "whom it is about": actor_of(team.max, "employee"),
        "their manager": actor_of(team.lena, "employee"),
        "a quote's": Actor("O'Hara; --", frozenset({"employee"})),
    }

    told = {}
    for name, actor in people.items():
        with session.begin_nested() as point:
            for statement in become_reader(actor).split(";"):
                session.execute(text(statement))
            shown = set(session.scalars(select(Proposal.topic)))
            point.rollback()
        # The rule in words and the rule of the database say the same.
        assert shown == {str(place) for place, each in asked.items() if may_see(actor, each)}, name
        told[name] = "".join(sorted(shown))
    assert {name: which for name, which in told.items() if which} == {
        "admin": "23", "auditor": "23", "manager": "023", "hr": "01", "sales": "3",
        "hr and accountant": "012", "who asked": "0123", "whom it is about": "0",
        "their manager": "0",
    }  # fmt: skip
