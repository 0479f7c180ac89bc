"""The demo company is whole, its books are right, and the story that is played in it comes true."""

import io
from datetime import date
from decimal import Decimal

import pytest
from rich.console import Console
from sqlalchemy import Engine, func, select

from channels.demo.company import (
    BEGINNING,
    BUSINESS_DATE,
    LOGINS,
    PASSWORD,
    STORY_ITEMS,
    DemoUnfinished,
    load_demo,
)
from channels.demo.folk import BUYERS, SELLERS, WORKERS
from channels.demo.goods import ITEMS
from channels.demo.story import Story
from core import catalog, compliance, inventory, invoicing, ledger
from core.catalog.tables import Item
from core.crm.tables import Activity
from core.hr.tables import Employee
from core.invoicing import banking
from core.invoicing.banking import Certainty
from core.invoicing.tables import Invoice, InvoiceKind, Payment
from core.kernel.company import CompanyExists, today
from core.kernel.database import reading, unit_of_work
from core.kernel.events import ChangeEvent, WatchCursor
from core.kernel.identity import service as identity
from core.kernel.identity.tables import Person
from core.kernel.settings import Settings
from core.ledger import assets, budgets, schedules, tax
from core.ledger.chart import TAX_OUTPUT
from core.parties.tables import Customer, Party, Supplier
from core.purchasing.tables import PurchaseOrder
from core.sales.tables import SalesOrder
from tests.conftest import Databases
from tests.core.by_hand import differences, questions


@pytest.fixture(scope="module")
def loaded(databases: Databases) -> Engine:
    return databases("demo")


def count(engine: Engine, table: type) -> int:
    with reading(engine) as session:
        return session.scalars(select(func.count()).select_from(table)).one()


def test_everybody_and_everything_is_there(loaded: Engine) -> None:
    assert count(loaded, Item) == len(ITEMS) == 200
    assert count(loaded, Customer) == len(BUYERS) == 60
    assert count(loaded, Supplier) == len(SELLERS) == 20
    assert count(loaded, Employee) == len(WORKERS) == 20
    assert count(loaded, Person) == len(LOGINS)
    with reading(loaded) as session:
        assert session.scalar(select(Item.id).where(Item.name_zh.is_(None)).limit(1)) is None
        names = set(session.scalars(select(Party.name)))
        assert today(session) == BUSINESS_DATE
    assert {
        "Acme Bikes",
        "Nordwind Fahrräder GmbH",
        "上海飞轮自行车有限公司",
        "Lumen & Co",
    } <= names


def test_its_books_are_right(loaded: Engine) -> None:
    with reading(loaded) as session:
        assert compliance.verify(session) == []


def test_its_reports_say_what_sql_by_hand_says(loaded: Engine) -> None:
    every_sixth = questions("demo")[::6]

    with reading(loaded) as session:
        found = [line for asked in every_sixth for line in differences(session, asked)]

    assert len(every_sixth) > 20
    assert found == []


def test_its_year_is_closed_and_may_waits_for_the_accountant(loaded: Engine) -> None:
    with reading(loaded) as session:
        closed = {each.name: each.closed for each in ledger.list_fiscal_years(session)}
        assert (closed["2025"], closed["2026"]) == (True, False)
        report = tax.tax_report(session, since=date(2025, 1, 1), until=date(2026, 4, 30))
        assert all(tie.otherwise.minor == 0 for tie in report.accounts)
        assert ledger.balance(session, TAX_OUTPUT, as_of=date(2026, 4, 30)).minor == 0
        may = tax.tax_report(session, since=date(2026, 5, 1), until=date(2026, 5, 31))
        assert may.payable.minor > 0
        lines, due = assets.depreciation_due(session, through=date(2026, 5, 31))
        assert (lines, str(due)) == (3, "891.67 EUR")
        left = {row.account: row.available for row in budgets.variance(session, 2026).rows}
        assert str(left["6040"]) == "10,200.00 EUR"
        waiting = schedules.list_due(session, through=date(2026, 5, 31))
        assert [str(each.amount) for each in waiting] == ["500.00 EUR"]


def test_the_statement_of_yesterday_has_a_line_of_every_kind(loaded: Engine) -> None:
    with reading(loaded) as session:
        account = ledger.bank_account_named(session, "MAIN")
        proposed = banking.propose_matches(session, bank_account=account)
        certainties = [proposal.certainty for _, proposal in proposed]
        booked = banking.reconcile(session, account)
        assert booked.unexplained.minor == 0
    assert certainties == [
        *(Certainty.CERTAIN, Certainty.CERTAIN, Certainty.CERTAIN, Certainty.LIKELY),
        *(Certainty.CERTAIN, Certainty.CERTAIN, Certainty.ASK),
    ]


def test_it_did_business_in_every_month(loaded: Engine) -> None:
    with reading(loaded) as session:
        for day in (
            SalesOrder.ordered_on,
            PurchaseOrder.ordered_on,
            Invoice.posted_on,
            Payment.paid_on,
        ):
            months = set(session.scalars(select(func.to_char(day, "YYYY-MM"))))
            expected = {
                f"{year}-{month:02d}"
                for year in (2025, 2026)
                for month in range(1, 13)
                if date(year, month, 28) >= BEGINNING and date(year, month, 1) <= BUSINESS_DATE
            }
            assert len(expected - months) <= 1, day
        spoken = set(session.scalars(select(Activity.body)))
    assert any("您好" in body for body in spoken)
    assert any("Hello" in body for body in spoken)


def test_some_customers_are_overdue_and_nobody_is_over_the_limit(loaded: Engine) -> None:
    with reading(loaded) as session:
        overdue = select(func.count()).where(
            Invoice.kind == InvoiceKind.CUSTOMER_INVOICE,
            Invoice.open_minor > 0,
            Invoice.due_on < BUSINESS_DATE,
        )
        assert session.scalars(overdue).one() >= 3
        for customer in session.scalars(select(Customer)):
            owed = invoicing.exposure_of(session, customer.party_id)
            assert owed.minor <= (customer.credit_limit_minor or 0)


def test_the_items_of_the_story_are_just_above_their_reorder_point(loaded: Engine) -> None:
    with reading(loaded) as session:
        for sku, (minimum, _, counted) in STORY_ITEMS.items():
            stock = inventory.stock_of(session, catalog.find_item(session, sku))
            assert minimum < stock.available == counted
            assert counted <= minimum + Decimal(5)


def test_its_past_is_no_news_for_the_watchers(loaded: Engine) -> None:
    with reading(loaded) as session:
        newest = session.scalars(select(func.max(ChangeEvent.transaction))).one()
        assert session.get_one(WatchCursor, "reorder").transaction >= newest


def test_everybody_can_log_in_with_the_printed_password(demo: Engine) -> None:
    for login in ("maria", "portal"):
        with unit_of_work(demo) as session:
            assert identity.log_in(session, login, PASSWORD, address="127.0.0.1")


def test_loading_it_again_changes_nothing(demo: Engine) -> None:
    before = count(demo, ChangeEvent)

    news = load_demo(demo)

    assert not news
    assert count(demo, ChangeEvent) == before


def test_a_half_written_past_is_refused_rather_than_served(engine: Engine) -> None:
    def leave(text: str) -> None:
        if text.startswith("2025"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_demo(engine, told=leave)

    with pytest.raises(DemoUnfinished):
        load_demo(engine)


def test_the_books_of_another_company_are_left_alone(founded: Engine) -> None:
    with pytest.raises(CompanyExists):
        load_demo(founded)

    assert count(founded, Customer) == 0


def test_the_story_comes_true(demo: Engine) -> None:
    text = io.StringIO()
    story = Story(demo, Settings(), Console(file=text, width=120))

    kept = story.play()

    assert kept, text.getvalue()
