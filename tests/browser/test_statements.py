"""The statements in the browser: chosen, compared, followed to the document, taken away."""

import re
from datetime import date

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from core import ledger
from core.kernel.audit import AuditRecord
from core.kernel.database import reading, unit_of_work
from core.kernel.money import Money
from core.ledger import credit, debit
from core.ledger.chart import BANK, RENT, SERVICE_REVENUE, SHARE_CAPITAL

from .conftest import Site, Visits, Watched, picture

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def books_site(shop_site: Site) -> Site:
    """The shop with a few entries of this year and the one before."""
    with unit_of_work(shop_site.engine) as session:
        for day, to, by, amount in (
            (date(2025, 1, 2), BANK, SHARE_CAPITAL, "1000"),
            (date(2025, 5, 2), BANK, SERVICE_REVENUE, "400"),
            (date(2026, 5, 4), BANK, SERVICE_REVENUE, "500"),
            (date(2026, 6, 1), RENT, BANK, "120.50"),
        ):
            money = Money.of(amount, "EUR")
            ledger.post_entry_by_hand(
                session, [debit(to, money), credit(by, money)], memo="any", posted_on=day
            )
    return shop_site


def test_a_statement_is_chosen_compared_and_followed_to_its_entry(
    books_site: Site, visit: Visits
) -> None:
    page = visit(books_site, "manager")
    page.goto(f"{books_site.address}/statements")
    expect(page.locator("tr", has_text="Net result")).to_contain_text("379.50")

    page.get_by_label("Compared with").select_option("prior_year")

    expect(page.locator("tr", has_text="Net result")).to_contain_text("400.00")
    picture(page, "statements-desk")
    page.get_by_label("Statement", exact=True).select_option("balance_sheet")
    expect(page.locator("tr", has_text="Total assets")).to_contain_text("1,935.50")
    page.get_by_role("link", name="1010").click()
    expect(page.locator("tfoot")).to_contain_text("1,779.50")
    expect(page.locator(".panel-title")).to_contain_text("2026-06-15")
    picture(page, "statements-account")
    page.get_by_role("link", name=re.compile("JE-")).first.click()
    expect(page.locator("#content")).to_contain_text("Share capital")


def test_a_statement_is_taken_away_as_a_file_and_that_is_noted(
    books_site: Site, visit: Visits
) -> None:
    page = visit(books_site, "manager2")
    page.goto(f"{books_site.address}/statements?kind=cash_flow&period=this_month")
    expect(page.locator("tr", has_text="期末现金余额")).to_contain_text("1,779.50")

    with page.expect_download() as taken:
        page.get_by_role("button", name="导出 PDF").click()

    assert taken.value.suggested_filename == "现金流量表-2026-06-15.pdf"
    assert taken.value.path().read_bytes().startswith(b"%PDF-")
    with reading(books_site.engine) as session:
        newest = session.scalars(
            select(AuditRecord).order_by(AuditRecord.sequence.desc()).limit(1)
        ).one()
    assert (newest.name, newest.person) == ("tools.answer_exported", "manager2")


def test_on_a_telephone_a_line_is_a_small_card(books_site: Site, visit: Visits) -> None:
    page = visit(books_site, "manager2", phone=True)

    page.goto(f"{books_site.address}/statements?compare=prior_year")

    expect(page.locator("tr", has_text="净利润")).to_contain_text("379.50")
    picture(page, "statements-phone")
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not wide


def test_days_in_the_wrong_order_and_accounts_that_are_not_there_are_said(
    books_site: Site, visit: Visits
) -> None:
    page = visit(books_site, "manager")
    for path, said in (
        ("/statements?period=own_days&since=2026-06-02&until=2026-06-01", "2026-06-02"),
        ("/account/9999", "9999"),
        ("/account/1010?before=JE-99999:1", "JE-99999:1"),
    ):
        page.goto(books_site.address + path)
        expect(page.get_by_role("alert")).to_contain_text(said)


def test_statements_and_files_are_for_those_who_keep_the_books(
    books_site: Site, visit: Visits, watched: Watched
) -> None:
    watched.expected = ("403", "400")
    page = visit(books_site, "warehouse")

    page.goto(f"{books_site.address}/statements")

    expect(page.get_by_text("Not part of your role")).to_be_visible()
    refused = page.evaluate(
        """async () => Promise.all([
            ["statements.balance_sheet", "{}", "csv"], ["inventory.list_shortages", "[", "csv"],
            ["inventory.list_shortages", "{}", "exe"],
        ].map(async ([tool, args, kind]) => (await fetch("/export", {
            method: "POST", body: new URLSearchParams({tool, arguments: args, kind}),
        })).status))"""
    )
    assert refused == [403, 400, 400]
