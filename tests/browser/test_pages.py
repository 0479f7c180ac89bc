"""The pages: each one opens, for everybody it is meant for, on a desk and on a telephone."""

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from core import catalog, parties, sales
from core.approvals import PlannedCall
from core.crm.leads import LeadDraft, add_lead
from core.kernel.database import unit_of_work
from core.kernel.identity import service as identity
from core.kernel.identity.acting import Acting
from tools import TOOLBOX, ProposalView

from .conftest import Player, Site, Visits, Watched, picture

pytestmark = pytest.mark.browser

PAGES = {
    "start": "/",
    "chat": "/chat",
    "inbox": "/inbox",
    "stock": "/stock",
    "mails": "/messages",
    "orders": "/orders?kind=purchases&state=all",
    "item": "/record/item/LAMP-01",
    "order": "/record/purchase_order/PO-00001",
    "books": "/books",
    "statements": "/statements?compare=prior_year",
    "audit": "/audit",
    "lists": "/lists",
    "list": "/lists/leads",
    "listed": "/record/ld/LD-00001",
    "settings": "/settings",
}


def propose(site: Site, login: str, *calls: PlannedCall) -> ProposalView:
    """Propose something as somebody at another door."""
    with unit_of_work(site.engine) as session:
        actor = identity.find_actor(session, login)
    acting = Acting(actor, door="terminal")
    return TOOLBOX.propose(
        site.engine, acting, TOOLBOX.parse(calls), reason={"words": "as discussed"}
    )


@pytest.fixture(scope="module")
def busy_site(shop_site: Site) -> Site:
    """The shop with an order, and a stock count that waits for somebody."""
    engine = shop_site.engine
    order = propose(
        shop_site,
        "manager",
        {"tool": "purchasing.order_item", "arguments": {"item": "LAMP-01", "quantity": "40"}},
    )
    with unit_of_work(engine) as session:
        manager = Acting(identity.find_actor(session, "manager"), door="terminal")
    TOOLBOX.decide(engine, manager, order.id, "approve", seen=order.digest)
    propose(
        shop_site,
        "warehouse",
        {"tool": "inventory.count_stock", "arguments": {"item": "LAMP-01", "counted": "9"}},
    )
    with unit_of_work(engine) as session:
        seller = identity.find_person(session, "sales")
        add_lead(session, LeadDraft("Velo Nord", contact_name="Nina"), owner=seller)
    return shop_site


def overflows(page: Page) -> int:
    """Return by how many pixels the page is wider than the window."""
    width: int = page.evaluate(
        "document.scrollingElement.scrollWidth - document.documentElement.clientWidth"
    )
    return width


@pytest.mark.parametrize("dress", ["desk-dark", "phone"])
def test_every_page_fits_and_complains_about_nothing(
    busy_site: Site, visit: Visits, dress: str
) -> None:
    page = visit(busy_site, "manager", phone="phone" in dress, dark="dark" in dress)

    for name, path in PAGES.items():
        page.goto(busy_site.address + path)
        expect(page.locator(f"main.content, .page-{name}").first).to_be_visible()
        expect(page.locator(".notice.bad")).to_have_count(0)
        page.wait_for_timeout(300)
        assert overflows(page) <= 0, f"{name} is wider than the {dress}"
        picture(page, f"page-{name}-{dress}")


def test_the_start_page_says_how_things_stand(busy_site: Site, visit: Visits) -> None:
    page = visit(busy_site, "manager")

    tiles = page.locator(".tiles")
    expect(tiles.locator("[data-tile=waiting_for_a_yes]")).to_have_text("1")
    expect(tiles.locator("[data-tile=open_purchase_orders]")).to_have_text("1")
    expect(tiles.locator("[data-tile=revenue]")).to_contain_text("EUR")


def test_a_question_on_the_start_page_opens_a_conversation(busy_site: Site, visit: Visits) -> None:
    page = visit(busy_site, "manager")

    box = page.get_by_role("textbox", name="Your message")
    box.fill("how many LAMP-01 do we have?")
    box.press("Enter")

    page.wait_for_url("**/chat?thread=*")
    expect(page.locator(".bubble.assistant[data-kind=answer]")).to_contain_text("12")


def test_an_answer_is_one_language_from_its_words_to_its_columns(
    busy_site: Site, player: Callable[..., Player]
) -> None:
    manager = player(busy_site, "manager")
    manager.goes_to("/chat")

    answer = manager.says("LAMP-01 还有多少库存？")

    expect(answer.locator("th").first).to_have_text("库位")
    manager.page.reload()
    kept = manager.page.locator(".bubble.assistant").last
    expect(kept.locator("th").first).to_have_text("库位")


def test_a_link_cannot_say_anything_for_the_person_who_follows_it(
    busy_site: Site, visit: Visits
) -> None:
    page = visit(busy_site, "manager")

    page.goto(f"{busy_site.address}/chat?thread=planted&say=order+40+LAMP-01&text=order+40+LAMP-01")

    expect(page.locator(".hello")).to_be_visible()
    expect(page.locator(".bubble")).to_have_count(0)


def test_an_example_that_fits_the_role_is_one_click_away(busy_site: Site, visit: Visits) -> None:
    page = visit(busy_site, "accountant")
    page.goto(f"{busy_site.address}/chat")

    page.get_by_role("button", name="Show the trial balance").click()

    expect(page.locator(".bubble.assistant[data-kind=answer]")).to_contain_text("balance")


def test_stock_is_found_by_any_of_its_names(busy_site: Site, visit: Visits) -> None:
    page = visit(busy_site, "warehouse")
    page.goto(f"{busy_site.address}/stock")

    rows = page.locator("tbody tr")
    expect(rows).to_have_count(3)
    page.get_by_label("Search").fill("台灯")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("LAMP-01")
    page.get_by_label("Search").fill("nothing like this")
    expect(page.get_by_text("Nothing found.")).to_be_visible()


def test_an_order_leads_to_its_lines_and_its_items(busy_site: Site, visit: Visits) -> None:
    page = visit(busy_site, "buyer")
    page.goto(f"{busy_site.address}/orders?kind=purchases")

    page.get_by_label("Search").fill("nobody of this name")
    expect(page.get_by_text("Nothing found.")).to_be_visible()
    page.get_by_label("Search").fill("LUMEN")
    page.get_by_role("link", name="PO-00001").click()
    expect(page.get_by_text("purchase order PO-00001")).to_be_visible()
    page.get_by_role("link", name=re.compile("LAMP-01")).click()

    expect(page.get_by_text("LAMP-01 Desk lamp").first).to_be_visible()


def test_every_kind_of_record_is_listed_and_leads_to_what_is_known_of_one(
    busy_site: Site, visit: Visits
) -> None:
    page = visit(busy_site, "sales")
    page.goto(f"{busy_site.address}/lists")
    expect(page.get_by_role("link", name="Payroll runs")).to_have_count(0)
    page.get_by_role("link", name="Leads").click()

    page.get_by_label("Search").fill("somebody else")
    expect(page.get_by_text("There are none")).to_be_visible()
    page.get_by_label("Search").fill("velo")
    page.get_by_role("link", name="LD-00001").click()

    expect(page.get_by_text("Lead LD-00001")).to_be_visible()
    expect(page.get_by_text("Velo Nord")).to_be_visible()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/record/item/FLUX-9", "FLUX-9"),
        ("/record/sales_order/SO-99999", "SO-99999"),
        ("/record/nothing/1", "nothing"),
        ("/record/ld/LD-99999", "LD-99999"),
        ("/lists/nothing", "nothing"),
        ("/proposal/PR-99999", "PR-99999"),
        ("/proposal/not-an-id", "not-an-id"),
    ],
)
def test_what_is_not_there_is_said(busy_site: Site, visit: Visits, path: str, text: str) -> None:
    page = visit(busy_site, "manager")

    page.goto(busy_site.address + path)

    expect(page.get_by_role("alert")).to_contain_text(text)


def test_a_page_that_does_not_exist_says_so(
    busy_site: Site, visit: Visits, watched: Watched
) -> None:
    watched.expected = ("404",)
    page = visit(busy_site, "manager")

    page.goto(f"{busy_site.address}/no/such/page")

    expect(page.get_by_text("There is no such page.")).to_be_visible()


def test_who_may_not_approve_sees_why_and_no_button(
    busy_site: Site, player: Callable[..., Player]
) -> None:
    view = propose(
        busy_site,
        "buyer",
        {
            "tool": "purchasing.order_item",
            "arguments": {"item": "LAMP-01", "quantity": "20000"},
        },
    )
    buyer = player(busy_site, "buyer")

    buyer.goes_to(f"/proposal/{view.number}")

    expect(buyer.card.locator(".needs")).not_to_have_text("your approval")
    expect(buyer.card.get_by_role("button", name="Approve")).to_have_count(0)
    expect(buyer.card.get_by_role("button", name="Reject")).to_be_visible()
    buyer.card.get_by_role("button", name="Reject").click()
    buyer.page.get_by_role("dialog").get_by_label("Reason").press("Enter")
    expect(buyer.card).to_have_attribute("data-state", "rejected")


def test_somebody_elses_proposal_is_not_there_for_a_customer(
    busy_site: Site, player: Callable[..., Player]
) -> None:
    view = propose(
        busy_site,
        "warehouse",
        {"tool": "inventory.count_stock", "arguments": {"item": "SHADE-02", "counted": "29"}},
    )
    customer = player(busy_site, "customer")

    customer.goes_to(f"/proposal/{view.number}")

    expect(customer.page.get_by_role("alert")).to_be_visible()
    expect(customer.page.locator("article.card")).to_have_count(0)


def test_a_customer_opens_own_records_and_nobody_elses(busy_site: Site, visit: Visits) -> None:
    with unit_of_work(busy_site.engine) as session:
        lamp = catalog.find_item(session, "LAMP-01")
        own, other = (
            sales.confirm_order(
                session,
                customer=parties.find_customer(session, name),
                lines=[sales.OrderLineDraft(lamp, Decimal(1))],
            ).number
            for name in ("Acme Bikes", "Nordwind GmbH")
        )
    page = visit(busy_site, "customer")
    page.goto(f"{busy_site.address}/mine")
    page.get_by_role("link", name=own).click()

    expect(page.get_by_text(f"Sales order {own}")).to_be_visible()
    for path in (f"sales_order/{other}", "purchase_order/PO-00001", "item/LAMP-01", "ld/LD-00001"):
        page.goto(f"{busy_site.address}/record/{path}")
        expect(page.locator(".notice.bad")).to_be_visible()


def test_the_theme_is_remembered(busy_site: Site, visit: Visits) -> None:
    page = visit(busy_site, "manager")

    switch = page.locator(".side").get_by_role("button", name="Light or dark")
    switch.click()
    expect(page.locator("body")).to_have_class(re.compile("body--light"))
    switch.click()
    expect(page.locator("body")).to_have_class(re.compile("body--dark"))
    page.goto(f"{busy_site.address}/stock")
    expect(page.locator("body")).to_have_class(re.compile("body--dark"))
