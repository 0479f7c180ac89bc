"""Dashboards, a customer from every side, and the way from a figure to the books, in a browser."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.shop import as_person
from tools import TOOLBOX

from .conftest import Player, Site

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def trading_site(shop_site: Site) -> Site:
    """The shop after a sale that was delivered and invoiced, and a quotation."""
    sold = [{"item": "LAMP-01", "quantity": "4"}]
    plan = [
        {"tool": "sales.sell_item", "arguments": {"customer": "Acme", "lines": sold}},
        {"tool": "sales.deliver_order", "arguments": {"order": "$1.number"}},
        {"tool": "sales.invoice_order", "arguments": {"order": "$1.number"}},
        {"tool": "sales.quote_items", "arguments": {"party": "Acme", "lines": sold}},
    ]
    manager = as_person(shop_site.engine, "manager")
    calls = TOOLBOX.parse(plan)
    card = TOOLBOX.propose(shop_site.engine, manager, calls, reason={"words": "test"})
    TOOLBOX.decide(shop_site.engine, manager, card.id, "approve", seen=card.digest)
    return shop_site


def test_a_tile_leads_to_its_report_its_documents_and_their_entries(
    trading_site: Site, player: Callable[..., Player]
) -> None:
    manager = player(trading_site, "manager")
    page = manager.page

    manager.goes_to("/dashboards")
    expect(page.locator(".board .progress")).to_have_count(0, timeout=60_000)
    revenue = page.locator("a.kpi[data-metric=revenue]")
    expect(revenue).to_contain_text("60.00")
    expect(page.locator(".chart svg").first).to_be_visible()
    page.get_by_role("link", name="Best customers").click()
    expect(page.locator("h1")).to_have_text("Report")
    page.get_by_role("button", name="Add to a dashboard").click()
    expect(page.locator(".chip.own.on")).to_have_text("New dashboard")
    page.get_by_role("link", name=re.compile("Revenue, by customer")).click()
    page.get_by_role("link", name="Acme Bikes").click()
    page.get_by_role("link", name="INV-00001").click()
    page.locator(".linked").get_by_role("link", name=re.compile("^JE-")).first.click()

    expect(page.locator("h1")).to_have_text("Journal entry")
    expect(page.locator(".table").first).to_contain_text("60.00 EUR")


def test_a_customer_is_seen_from_every_side_and_leads_on(
    trading_site: Site, player: Callable[..., Player]
) -> None:
    sales = player(trading_site, "sales", phone=True)
    page = sales.page

    sales.goes_to("/orders?state=all")
    page.get_by_role("link", name="Acme Bikes").first.click()
    expect(page.locator("h1")).to_have_text("Customer")
    expect(page.locator(".kpis").first).to_contain_text("60.00 EUR")
    expect(page.locator(".chart svg").first).to_be_visible()
    page.get_by_role("link", name="QU-00001").click()

    expect(page.locator("h1")).to_have_text("Quotation")
    expect(page.locator(".table")).to_contain_text("LAMP-01")
