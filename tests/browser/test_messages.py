"""The page of messages: what others wrote is text, and what it asks for is a card."""

import pytest
from playwright.sync_api import expect

from core import communications, parties
from core.communications import Medium
from core.kernel.database import unit_of_work

from .conftest import Site, Visits, picture

pytestmark = pytest.mark.browser

RAW = b"""From: Anna <anna@acme.example>\r
To: office@testwerk.example\r
Subject: <b>Order</b>\r
Message-ID: <browser@acme.example>\r
\r
Please confirm the order by Friday.\r
<img src="http://evil.example/pixel.png"><script>document.title='stolen'</script>\r
"""


def test_a_conversation_is_read_in_short_and_answered_with_a_card(
    shop_site: Site, visit: Visits
) -> None:
    with unit_of_work(shop_site.engine) as session:
        parties.find_party(session, "Acme Bikes").email = "anna@acme.example"
        session.flush()
        communications.receive(session, communications.read_mail(RAW), medium=Medium.MAIL)
    page = visit(shop_site, "sales")
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))

    page.goto(f"{shop_site.address}/messages")
    page.get_by_role("link", name="<b>Order</b>").click()

    expect(page.get_by_text("They ask:")).to_be_visible()
    expect(page.get_by_text("<script>document.title").first).to_be_visible()
    picture(page, "page-message")
    assert page.title() != "stolen"
    assert not [url for url in loaded if "evil" in url]
    answer = page.get_by_label("Answer; you see the whole mail before it goes")
    answer.fill("it ships on Friday")
    answer.press("Enter")
    expect(page.get_by_text("It ships on Friday.").first).to_be_visible(timeout=20_000)
    expect(page.get_by_text("anna@acme.example").first).to_be_visible()
