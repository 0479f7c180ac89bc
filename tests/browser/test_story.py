"""The whole story in a real browser: ask, order, look, approve, receive, bill, pay, sell, undo."""

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Locator, expect
from sqlalchemy import Engine, select

from core import catalog, compliance, inventory, invoicing, purchasing
from core.kernel.database import reading, unit_of_work
from core.purchasing.tables import PurchaseOrder

from .conftest import Player, Site, picture

pytestmark = pytest.mark.browser

Seats = Callable[..., Player]


def on_hand(engine: Engine) -> Decimal:
    with reading(engine) as session:
        return inventory.stock_of(session, catalog.find_item(session, "LAMP-01")).on_hand


def orders(engine: Engine) -> list[tuple[str, str]]:
    with reading(engine) as session:
        wanted = select(PurchaseOrder.number, PurchaseOrder.state).order_by(PurchaseOrder.number)
        return [(number, str(state)) for number, state in session.execute(wanted)]


def open_amount(engine: Engine, number: str) -> Decimal:
    with reading(engine) as session:
        return Decimal(invoicing.find_invoice(session, number).open_minor).scaleb(-2)


def row(card: Locator, text: str) -> Locator:
    """Return the row of the card's tables that holds a text."""
    return card.locator("tr", has_text=text)


def test_the_story_from_a_question_to_the_trial_balance_and_back(
    shop_site: Site, player: Seats
) -> None:
    buyer, manager = player(shop_site, "buyer"), player(shop_site, "manager")
    stockman, seller = player(shop_site, "warehouse"), player(shop_site, "sales")
    accountant, cashier = player(shop_site, "accountant"), player(shop_site, "cashier")

    ask_and_order(shop_site.engine, buyer, manager)
    receive_and_pay(shop_site.engine, stockman, accountant, cashier)
    sell_and_ship(shop_site.engine, seller, stockman, accountant, cashier)
    follow_the_watcher_and_undo(shop_site.engine, manager)

    accountant.goes_to("/books")
    expect(accountant.page.get_by_text("Debits equal credits.")).to_be_visible()
    manager.goes_to("/audit")
    expect(manager.page.locator("tr", has_text="order cancelled").first).to_contain_text("manager")
    with reading(shop_site.engine) as session:
        assert compliance.verify(session) == []


def ask_and_order(engine: Engine, buyer: Player, manager: Player) -> None:
    """See the exact effect, which is not there yet; one yes anywhere is a yes everywhere."""
    buyer.goes_to("/chat")
    expect(buyer.says("how many LAMP-01 do we have?")).to_contain_text("12")
    manager.goes_to("/inbox")
    there = manager.page.locator("article.card")
    expect(there).to_have_count(0)

    card = buyer.asks_for("order 40 LAMP-01 from Lumen & Co")
    expect(row(card, "on order")).to_contain_text(re.compile(r"0.*40.*\+40"))
    expect(card.locator(".effect-documents")).to_contain_text("purchase order")
    expect(card.locator(".effect-documents")).to_contain_text("40 × LAMP-01 @ 8.15 = 326.00 EUR")
    expect(row(card.locator(".effect-cash"), "cash out")).to_contain_text("326.00 EUR")
    expect(card.locator(".quote")).to_have_text("order 40 LAMP-01 from Lumen & Co")
    picture(buyer.page, "card")
    assert orders(engine) == []

    # It stands in the manager's inbox without reloading.
    expect(there).to_have_count(1, timeout=5_000)
    expect(manager.page.locator(".side .badge")).to_have_text("1")
    manager.approves(there.first)
    assert orders(engine) == [("PO-00001", "placed")]
    expect(card).to_have_attribute("data-state", "executed", timeout=5_000)
    expect(manager.page.locator(".side .badge")).to_have_text("")


def receive_and_pay(engine: Engine, stockman: Player, accountant: Player, cashier: Player) -> None:
    """Take the goods in with their entry, book the bill, and pay it."""
    card = stockman.asks_for("receive PO-00001")
    entries = card.locator(".effect-entries")
    expect(row(entries, "1400")).to_contain_text("326.00 EUR")
    expect(row(entries, "2150")).to_contain_text("326.00 EUR")
    expect(row(entries, "Total")).to_contain_text(re.compile(r"326.00 EUR.*326.00 EUR"))
    expect(row(card.locator(".effect-levels"), "on hand")).to_contain_text(re.compile("12.*52"))
    picture(stockman.page, "card-receipt")
    stockman.approves()
    assert on_hand(engine) == 52

    bill = accountant.does("book the bill R-2026-0615 for PO-00001")
    cashier.does(f"pay {bill}")

    assert open_amount(engine, bill) == 0


def sell_and_ship(
    engine: Engine, seller: Player, stockman: Player, accountant: Player, cashier: Player
) -> None:
    """Sell, ship, invoice, and take the money."""
    sale = seller.does("sell 45 LAMP-01 to Acme Bikes")
    stockman.does(f"ship {sale}")
    assert on_hand(engine) == 7

    invoice = accountant.does(f"invoice {sale}")
    cashier.does(f"Acme Bikes paid {open_amount(engine, invoice)} for {invoice}")

    assert open_amount(engine, invoice) == 0


def follow_the_watcher_and_undo(engine: Engine, manager: Player) -> None:
    """Approve what the watcher has noticed by then, and undo it again."""
    manager.goes_to("/inbox")
    suggestion = manager.page.locator("article.card", has_text="reorder")
    expect(suggestion).to_have_count(1, timeout=5_000)
    picture(manager.page, "card-watcher")
    manager.approves(suggestion)
    assert orders(engine)[-1] == ("PO-00002", "placed")

    suggestion.get_by_role("button", name="Undo").click()
    manager.page.wait_for_url("**/proposal/*")
    manager.approves()

    assert orders(engine)[-1] == ("PO-00002", "cancelled")


def test_a_proposal_is_edited_with_its_effect_in_view(shop_site: Site, player: Seats) -> None:
    buyer = player(shop_site, "buyer")
    card = buyer.asks_for("order 50 SHADE-02")
    before = orders(shop_site.engine)

    card.get_by_role("button", name="Edit").click()
    window = buyer.page.get_by_role("dialog")
    window.get_by_label("quantity", exact=True).fill("5")
    expect(window.get_by_role("alert")).to_be_visible()
    window.get_by_label("quantity", exact=True).fill("60")
    expect(window.locator(".preview")).to_contain_text("60 × SHADE-02")
    picture(buyer.page, "edit")
    window.get_by_role("button", name="Save").click()
    expect(window).to_have_count(0)
    expect(card.locator(".effect-documents")).to_contain_text("60 × SHADE-02")
    assert orders(shop_site.engine) == before
    buyer.approves(card)

    with reading(shop_site.engine) as session:
        order = purchasing.view_order(session, orders(shop_site.engine)[-1][0])
    assert [line.quantity for line in order.lines] == [60]


def test_a_proposal_is_rejected_with_a_reason(shop_site: Site, player: Seats) -> None:
    buyer = player(shop_site, "buyer")
    card = buyer.asks_for("order 200 BULB-03")
    before = orders(shop_site.engine)

    card.get_by_role("button", name="Reject").click()
    window = buyer.page.get_by_role("dialog")
    window.get_by_label("Reason").fill("<b>too many</b>")
    window.get_by_role("button", name="Reject").click()

    expect(card).to_have_attribute("data-state", "rejected")
    expect(card).to_contain_text("<b>too many</b>")
    expect(card.get_by_role("button", name="Approve")).to_have_count(0)
    assert orders(shop_site.engine) == before


def test_a_card_that_the_world_has_overtaken_shows_the_difference_first(
    shop_site: Site, player: Seats
) -> None:
    buyer = player(shop_site, "buyer")
    card = buyer.asks_for("order 30 SHADE-02")
    before = orders(shop_site.engine)

    with unit_of_work(shop_site.engine) as session:
        item = catalog.find_item(session, "SHADE-02")
        [offer] = purchasing.offers_for(session, item)
        offer.unit_price = Decimal("2.50")
    card.get_by_role("button", name="Approve").click()
    expect(card.locator(".delta")).to_contain_text("@ 2.05")
    expect(card.locator(".delta")).to_contain_text("@ 2.5 ")
    picture(buyer.page, "delta")
    assert orders(shop_site.engine) == before
    buyer.approves(card)

    assert len(orders(shop_site.engine)) == len(before) + 1


def test_words_decide_as_well_as_buttons(shop_site: Site, player: Seats) -> None:
    buyer = player(shop_site, "buyer")
    card = buyer.asks_for("order 20 LAMP-01")

    buyer.says("approve")

    expect(card).to_have_attribute("data-state", "executed")


def test_the_conversation_is_still_there_after_a_reload(shop_site: Site, player: Seats) -> None:
    buyer = player(shop_site, "buyer")
    buyer.asks_for("order 25 LAMP-01")

    buyer.page.reload()

    expect(buyer.page.locator(".bubble.person")).to_have_text("order 25 LAMP-01")
    expect(buyer.card).to_have_attribute("data-state", "open")
    expect(buyer.page.locator(".thread.here")).to_have_text("order 25 LAMP-01")
    buyer.card.get_by_role("button", name="Reject").click()
    buyer.page.get_by_role("dialog").get_by_label("Reason").press("Enter")
    expect(buyer.card).to_have_attribute("data-state", "rejected")


def test_what_is_not_there_is_asked_back_and_not_ordered(shop_site: Site, player: Seats) -> None:
    buyer = player(shop_site, "buyer")

    answer = buyer.says("order 40 FLUXCAPACITOR-9")

    expect(answer).to_have_attribute("data-kind", re.compile("clarify|refuse"))
    expect(buyer.page.locator("article.card")).to_have_count(0)


def test_a_script_in_a_message_is_a_text(shop_site: Site, player: Seats) -> None:
    buyer = player(shop_site, "buyer")
    words = "<img src=x onerror=alert(1)> how many LAMP-01 do we have? <script>alert(2)</script>"

    buyer.says(words)

    expect(buyer.page.locator(".bubble.person .words")).to_have_text(words)
    assert buyer.page.locator("main img, main script").count() == 0


def test_the_story_in_chinese_on_a_telephone(shop_site: Site, player: Seats) -> None:
    manager = player(shop_site, "manager2", phone=True)

    expect(manager.page.get_by_text("您好")).to_be_visible()
    manager.goes_to("/chat")
    expect(manager.says("LAMP-01 还有多少库存？")).to_contain_text(re.compile("LAMP-01|台灯"))
    card = manager.asks_for("订购 15 个 LAMP-01")
    expect(card.locator(".effect-documents")).to_contain_text("采购订单")
    picture(manager.page, "phone-zh-card")
    said = manager.approves(card)

    assert "PO-" in said
    assert re.search("[\u4e00-\u9fff]", said)
