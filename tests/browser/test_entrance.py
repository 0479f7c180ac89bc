"""The way in: who gets in, who is kept out, and what a foreign page cannot do."""

import base64
import http.client
import os
import re
import urllib.request
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from core.kernel.database import reading, unit_of_work
from core.kernel.events import ChangeEvent
from core.kernel.identity import service as identity

from .conftest import PASSWORD, Site, Visits, Watched, log_in

pytestmark = pytest.mark.browser

WRITING_ROUTES = ("/login", "/logout", "/language", "/theme")
SOCKET = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
}
PAGES = ("/", "/chat", "/inbox", "/stock", "/orders", "/books", "/audit", "/settings")


def ask(
    site: Site, method: str, path: str, *, headers: dict[str, str] | None = None, body: str = ""
) -> http.client.HTTPResponse:
    """Send one request by hand, with exactly these headers."""
    where = urlsplit(site.address)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=10)
    connection.request(method, path, body or None, headers or {})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def cookie_of(site: Site, login: str) -> str:
    """Log in by hand; return the session cookie as a browser would send it."""
    form = urlencode({"login": login, "password": site.password})
    answer = ask(site, "POST", "/login", headers={"Origin": site.address}, body=form)
    assert answer.status == 303
    return answer.headers["Set-Cookie"].partition(";")[0]


def test_the_session_cookie_is_out_of_reach_of_scripts_and_of_other_sites(
    small_site: Site,
) -> None:
    form = urlencode({"login": "ada", "password": PASSWORD})

    answer = ask(small_site, "POST", "/login", headers={"Origin": small_site.address}, body=form)

    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()


def test_a_wrong_password_says_no_more_than_that(
    small_site: Site, visit: Visits, watched: Watched
) -> None:
    watched.expected = ("401",)
    page = visit(small_site, None)

    for login in ("ada", "nobody"):
        log_in(page, login, "wrong wrong wrong")
        expect(page.get_by_role("alert")).to_have_text("The login or the password is wrong.")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_sends_a_stranger_to_the_login(small_site: Site, path: str) -> None:
    answer = ask(small_site, "GET", path)

    assert answer.status == 303
    assert answer.headers["Location"].startswith("/login")


@pytest.mark.parametrize(
    "wanted", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_after_the_login_one_lands_on_a_page_of_ours(small_site: Site, wanted: str) -> None:
    form = urlencode({"login": "ada", "password": PASSWORD, "next": wanted})

    answer = ask(small_site, "POST", "/login", headers={"Origin": small_site.address}, body=form)

    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize("route", WRITING_ROUTES)
@pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
def test_a_foreign_page_can_change_nothing(
    small_site: Site, route: str, origin: str | None
) -> None:
    cookie = cookie_of(small_site, "ada")
    headers = {"Cookie": cookie} | ({"Origin": origin} if origin else {})
    form = urlencode({"login": "ada", "password": PASSWORD})

    assert ask(small_site, "POST", route, headers=headers, body=form).status == 403
    assert ask(small_site, "GET", "/", headers={"Cookie": cookie}).status == 200


@pytest.mark.parametrize(
    ("origin", "has_cookie", "status"),
    [
        ("own", True, 101),
        ("https://evil.example", True, 403),
        (None, True, 403),
        ("own", False, 403),
    ],
)
def test_the_websocket_opens_for_our_own_pages_alone(
    small_site: Site,
    origin: str | None,
    has_cookie: object,
    status: int,
) -> None:
    headers = dict(SOCKET)
    if origin is not None:
        headers["Origin"] = small_site.address if origin == "own" else origin
    if has_cookie:
        headers["Cookie"] = cookie_of(small_site, "ada")
    where = urlsplit(small_site.address)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=10)

    connection.request("GET", "/_nicegui_ws/socket.io/?EIO=4&transport=websocket", headers=headers)

    assert connection.getresponse().status == status
    connection.close()


def test_nobody_listens_in_on_somebody_elses_page(small_site: Site) -> None:
    mine, theirs = cookie_of(small_site, "ada"), cookie_of(small_site, "max")
    request = urllib.request.Request(f"{small_site.address}/inbox", headers={"Cookie": theirs})
    with urllib.request.urlopen(request, timeout=10) as answer:
        found = re.search(r"client_id\W+([0-9a-f-]{36})", answer.read().decode())
    assert found is not None

    path = f"/_nicegui_ws/socket.io/?EIO=4&transport=websocket&client_id={found.group(1)}"

    assert knock(small_site, path, mine) == 403
    assert knock(small_site, path, theirs) == 101


def knock(site: Site, path: str, cookie: str) -> int:
    """Try to open a websocket from a page of ours; return what was answered."""
    where = urlsplit(site.address)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=10)
    connection.request("GET", path, headers=SOCKET | {"Origin": site.address, "Cookie": cookie})
    status = connection.getresponse().status
    connection.close()
    return status


def test_polling_is_no_way_around_the_websocket(small_site: Site) -> None:
    headers = {"Cookie": cookie_of(small_site, "ada"), "Origin": small_site.address}

    answer = ask(
        small_site, "GET", "/_nicegui_ws/socket.io/?EIO=4&transport=polling", headers=headers
    )

    assert answer.status == 404


def test_a_page_runs_no_script_but_its_own(small_site: Site) -> None:
    answer = ask(small_site, "GET", "/", headers={"Cookie": cookie_of(small_site, "ada")})

    policy = answer.headers["Content-Security-Policy"]
    assert re.search(r"script-src 'self' 'nonce-[\w-]{16,}';", policy)
    assert "unsafe-eval" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_name_that_is_a_script_stays_a_name(small_site: Site, visit: Visits) -> None:
    page = visit(small_site, "evil")

    expect(page.get_by_text("Good day, <img src=x onerror=alert(1)>")).to_be_visible()
    assert page.locator("main img").count() == 0


def test_a_session_that_has_ended_opens_nothing(small_site: Site, visit: Visits) -> None:
    page = visit(small_site, "max")
    cookie = "; ".join(f"{c['name']}={c['value']}" for c in page.context.cookies())

    page.get_by_role("button", name="Log out").first.click()

    page.wait_for_url("**/login")
    assert ask(small_site, "GET", "/", headers={"Cookie": cookie}).status == 303


def test_a_page_left_open_ends_with_the_rights_behind_it(small_site: Site, visit: Visits) -> None:
    page = visit(small_site, "bo")
    page.goto(f"{small_site.address}/stock")

    with unit_of_work(small_site.engine) as session:
        identity.set_roles(session, "bo", ["sales"])
    page.get_by_label("Search").fill("anything")

    page.wait_for_url("**/login")


def test_who_is_not_meant_is_told_so(small_site: Site, visit: Visits, watched: Watched) -> None:
    watched.expected = ("403",)
    page = visit(small_site, "kim")

    for path in ("/stock", "/orders", "/books", "/audit"):
        page.goto(small_site.address + path)
        expect(page.get_by_text("Not part of your role")).to_be_visible()
    expect(page.locator(".side").get_by_text("Books")).to_have_count(0)


def test_one_keeps_one_language_from_page_to_page(small_site: Site, visit: Visits) -> None:
    page = visit(small_site, "ada")

    page.locator(".side").get_by_role("button", name="中文").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("首页")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.goto(f"{small_site.address}/inbox")
    expect(page.get_by_role("heading", level=1)).to_have_text("待批")
    page.locator(".side").get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Inbox")


def test_one_sets_ones_own_password_and_an_administrator_that_of_others(
    small_site: Site, visit: Visits
) -> None:
    page = visit(small_site, "ada")
    page.goto(f"{small_site.address}/settings")

    set_password(page, "wei", "one two three four", own=PASSWORD)
    expect(page.get_by_text("The password is set")).to_be_visible()
    other = visit(Site(small_site.address, small_site.engine, "one two three four"), "wei")
    other.goto(f"{small_site.address}/settings")
    other.get_by_label("当前密码").fill("one two three four")
    other.get_by_label("新密码").fill("短短短短短短短")
    other.get_by_role("button", name="修改密码").click()
    expect(other.get_by_text("密码至少需要 8 个字符")).to_be_visible()

    with reading(small_site.engine) as session:
        facts = session.scalars(
            select(ChangeEvent.facts).where(ChangeEvent.name == "identity.password_set")
        ).all()
    assert facts == [{"login": "wei"}]


def set_password(page: Page, login: str, password: str, *, own: str) -> None:
    """Fill in the form of an administrator."""
    form = page.locator(".panel", has=page.get_by_role("combobox"))
    form.get_by_role("combobox").select_option(login)
    form.get_by_label("New password").fill(password)
    form.get_by_label("Your own password").fill(own)
    form.get_by_role("button", name="Set a password").click()
