"""Fixtures: the web app as a real process over a real database, and a real browser before it."""

import re
import shutil
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    StorageState,
    expect,
    sync_playwright,
)
from sqlalchemy import Engine

from core.kernel.database import unit_of_work
from core.kernel.identity import service as identity
from core.kernel.settings import Settings
from tests.shop import fill_shop
from tests.simulators.forks import FORKS
from tests.simulators.server import work

CHECKOUT = Path(__file__).resolve().parents[2]
ARTIFACTS = CHECKOUT / "test-artifacts"
# The one without the parts that nobody sees here draws a page in half the time.
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
PASSWORD = "a quiet river in may"
BROWSER_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_SECONDS_MAX = 180


@dataclass
class Site:
    """A served web app and the database behind it."""

    address: str
    engine: Engine
    password: str = PASSWORD
    # Who has logged in once comes in again by the same session.
    sessions: dict[str, StorageState] = field(default_factory=dict)


@contextmanager
def served(engine: Engine, settings: Settings, *, password: str = PASSWORD) -> Iterator[Site]:
    """Serve the web app over a database, in a process of its own, on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert settings.database_url is not None
    environment = {
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "PROKURIST_HOME": str(settings.home),
        "PROKURIST_PORT": str(port),
    }
    ARTIFACTS.mkdir(exist_ok=True)
    log = ARTIFACTS / f"server-{port}.log"
    log.touch()
    process = FORKS.Process(target=work, args=(environment, str(log)))
    process.start()
    try:
        address = f"http://localhost:{port}"
        _wait_for(f"{address}/healthz", process, log)
        yield Site(address, engine, password)
    finally:
        process.terminate()
        process.join(timeout=15)
        process.kill()
        process.join()
    written = log.read_text(errors="replace")
    assert "Traceback" not in written, f"the server stumbled:\n{written[-4_000:]}"
    log.unlink()


def _wait_for(url: str, process: BaseProcess, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline:
        assert process.is_alive(), f"the server ended:\n{log.read_text(errors='replace')}"
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"the server did not answer:\n{log.read_text(errors='replace')}")


def add_people(engine: Engine) -> None:
    """Add one person for each kind of work."""
    with unit_of_work(engine) as session:
        for login, name, roles, language in (
            ("ada", "Ada Admin", ["admin"], "en"),
            ("max", "Max Manager", ["manager"], "en"),
            ("bo", "Bo Buyer", ["buyer"], "en"),
            ("wei", "王伟", ["manager"], "zh"),
            ("kim", "Kim Customer", ["customer"], "en"),
            ("evil", "<img src=x onerror=alert(1)><script>alert(2)</script>", ["buyer"], "en"),
        ):
            identity.add_person(
                session, login=login, name=name, roles=roles, password=PASSWORD, language=language
            )


@pytest.fixture(scope="module")
def small_site(
    databases: Callable[[str], Engine], settings_of: Callable[[Engine], Settings]
) -> Iterator[Site]:
    """The web app over the empty books of a company with a few people."""
    engine = databases("founded")
    add_people(engine)
    with served(engine, settings_of(engine)) as site:
        yield site
    engine.dispose()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of this machine."""
    if CHROMIUM is None:
        pytest.skip("no chromium here: apt-get install chromium-headless-shell fonts-noto-cjk")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=BROWSER_OPTIONS)
        yield browser
        browser.close()


@dataclass
class Watched:
    """What went wrong in a browser while nobody looked."""

    complaints: list[str] = field(default_factory=list)
    # A refusal that a test provokes shows up in the console, too.
    expected: tuple[str, ...] = ()

    def watch(self, page: Page, site: Site) -> None:
        """Note every error, and every request that leaves the machine's own address."""
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("console", self._heard)
        own = (site.address, site.address.replace("http", "ws"), "data:", "blob:", "about:")
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith(own)
                else self.complaints.append(f"left the machine: {request.url}")
            ),
        )

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(part in message.text for part in self.expected):
            self.complaints.append(f"console: {message.text}")


Visits = Callable[..., Page]


@pytest.fixture
def watched() -> Watched:
    """What the pages of this test complained about."""
    return Watched()


@pytest.fixture
def visit(chromium: Browser, watched: Watched) -> Iterator[Visits]:
    """Open a browser of one's own at a site, logged in; nothing may go wrong in it unseen."""
    contexts: list[BrowserContext] = []

    def visited(site: Site, login: str | None, *, phone: bool = False, dark: bool = False) -> Page:
        context = chromium.new_context(
            viewport={"width": 375, "height": 760} if phone else {"width": 1280, "height": 860},
            has_touch=phone,
            color_scheme="dark" if dark else "light",
            locale="en-GB",
            storage_state=site.sessions.get(login or ""),
        )
        context.set_default_timeout(15_000)
        expect.set_options(timeout=15_000)
        contexts.append(context)
        page = context.new_page()
        watched.watch(page, site)
        if login in site.sessions:
            page.goto(site.address)
        else:
            page.goto(f"{site.address}/login")
            if login is None:
                return page
            log_in(page, login, site.password)
        page.wait_for_selector(".shell")
        site.sessions[login] = context.storage_state()
        return page

    yield visited
    for context in contexts:
        context.close()
    assert watched.complaints == []


def log_in(page: Page, login: str, password: str) -> None:
    """Fill in the login form and send it."""
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", password)
    page.click("button[type=submit]")


def picture(page: Page, name: str) -> None:
    """Keep a picture of the page for people to look at."""
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTIFACTS / f"{name}.png", full_page=False)


# Whoever plays a part in the browser; a second accountant, because who books a bill does not
# pay it.
PLAYERS = ("admin", "manager", "manager2", "buyer", "warehouse", "sales", "accountant", "customer")


def fill_shop_with_players(engine: Engine) -> None:
    """Fill the small shop, and let some of its people log in."""
    fill_shop(engine)
    with unit_of_work(engine) as session:
        for login in PLAYERS:
            identity.set_password(session, login, PASSWORD)
        identity.set_language(session, "manager2", "zh")
        identity.add_person(
            session, login="cashier", name="Cashier", roles=["accountant"], password=PASSWORD
        )


@pytest.fixture(scope="module")
def shop_site(
    databases: Callable[[str], Engine], settings_of: Callable[[Engine], Settings]
) -> Iterator[Site]:
    """The web app over the small shop; a module of tests plays in one and the same."""
    engine = databases("founded")
    fill_shop_with_players(engine)
    with served(engine, settings_of(engine)) as site:
        yield site
    engine.dispose()


@dataclass
class Player:
    """Somebody at a browser, talking to the assistant and deciding on cards."""

    site: Site
    page: Page

    def goes_to(self, path: str) -> None:
        """Open a page."""
        self.page.goto(self.site.address + path)
        expect(self.page.locator(".shell")).to_be_visible()

    def says(self, words: str) -> Locator:
        """Say something in the open thread; return the answer."""
        if not self.page.locator(".composer").is_visible():
            self.goes_to("/chat")
        answers = self.page.locator(".bubble.assistant[data-kind]")
        before = answers.count()
        box = self.page.get_by_role("textbox", name=re.compile("Your message|您的消息"))
        box.fill(words)
        # While an answer is being shown, the button waits, and so does a person.
        send = self.page.get_by_role("button", name=re.compile("^(Send|发送)$"))
        expect(send).to_be_enabled(timeout=30_000)
        box.press("Enter")
        expect(answers).to_have_count(before + 1, timeout=30_000)
        return answers.last

    @property
    def card(self) -> Locator:
        """The newest card of the page."""
        return self.page.locator("article.card").last

    def asks_for(self, words: str) -> Locator:
        """Say what should be done; return the card that comes back."""
        before = self.page.locator("article.card").count()
        answer = self.says(words)
        expect(answer).to_have_attribute("data-kind", "proposal")
        expect(self.page.locator("article.card")).to_have_count(before + 1)
        return self.card

    def approves(self, card: Locator | None = None) -> str:
        """Approve what is shown; return what was done, as it is said."""
        card = card or self.card
        card.get_by_role("button", name=re.compile("^(Approve|批准)$")).click()
        expect(card).to_have_attribute("data-state", "executed", timeout=20_000)
        return card.locator(".done").inner_text()

    def does(self, words: str) -> str:
        """Ask for something and approve it; return the number of the document that it made."""
        self.goes_to("/chat")
        self.asks_for(words)
        said = self.approves()
        found = re.search(r"\b[A-Z]{2,4}-\d{5}\b", said)
        assert found is not None, said
        return found.group()


@pytest.fixture
def player(visit: Visits) -> Callable[..., Player]:
    """Let somebody of the shop sit down at a browser."""

    def seated(site: Site, login: str, *, phone: bool = False) -> Player:
        return Player(site, visit(site, login, phone=phone))

    return seated
