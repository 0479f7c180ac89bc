"""The frame around every page: where one can go, who is there, and what waits for a yes."""

import copy
import hashlib
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
from fastapi import Request
from nicegui import Client, ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

from channels.web.elements import box, icon, link, say
from channels.web.guard import house_of, visitor_of
from channels.web.house import House, Visitor
from channels.web.texts import t
from core import notifications
from core.approvals.tables import OVERSEERS
from core.kernel.database import reading
from core.kernel.errors import DomainError, Language
from core.kernel.identity.errors import NotLoggedIn
from core.kernel.identity.roles import STAFF, Role
from core.processes import correspondence

STATIC = Path(__file__).parent / "static"
THEME_COOKIE = "prokurist_theme"
THEMES = ("auto", "light", "dark")
BOOKKEEPERS = frozenset({Role.ADMIN, Role.MANAGER, Role.ACCOUNTANT, Role.AUDITOR})
# How often a page asks its own server process, not the database, whether something is new.
GLANCE_SECONDS = 0.5
TOAST_SECONDS = 6

log = structlog.get_logger(__name__)

# The pages: their path, their name, and whose they are.
PAGES: tuple[tuple[str, str, frozenset[Role]], ...] = (
    ("/", "start", frozenset(Role)),
    ("/chat", "chat", frozenset(Role)),
    ("/inbox", "inbox", frozenset(Role)),
    ("/dashboards", "dashboards", STAFF),
    ("/messages", "mails", correspondence.READERS & STAFF),
    ("/stock", "stock", STAFF),
    ("/orders", "orders", STAFF),
    ("/mine", "portal", frozenset({Role.CUSTOMER})),
    ("/tickets", "tickets", STAFF | {Role.CUSTOMER}),
    ("/lists", "lists", frozenset(Role)),
    ("/books", "books", BOOKKEEPERS),
    ("/statements", "statements", BOOKKEEPERS),
    ("/notifications", "notifications", frozenset(Role)),
    ("/audit", "audit", OVERSEERS),
    ("/settings", "settings", frozenset(Role)),
)
# Pages that one comes to from others.
HIDDEN: tuple[tuple[str, str, frozenset[Role]], ...] = (
    ("/report", "report", frozenset(Role)),
    ("/rows", "rows", frozenset(Role)),
    ("/record", "record", frozenset(Role)),
)
# On a telephone these stand at the bottom, and the others behind "More".
FIRST_ON_PHONE = ("start", "chat", "inbox", "stock")


@dataclass
class Visit:
    """One visitor looking at one page."""

    house: House
    visitor: Visitor
    client: Client
    content: Element
    toasts: Element

    @property
    def language(self) -> Language:
        """The language of the page."""
        return self.visitor.language

    def t(self, key: str, **facts: object) -> str:
        """Return a text of the page."""
        return t(key, self.language, **facts)

    async def confirmed(self) -> Visitor | None:
        """Return who acts now; None, and the login page, when the session has ended.

        A page may stay open for hours. Each time it is used, the rights are those of that moment.
        """
        try:
            now = await self.house.run(self.house.visitor, self.visitor.token)
        except NotLoggedIn:
            self.client.open("/login")
            return None
        except DomainError as refusal:
            self.toast(refusal.message(self.language), is_bad=True)
            return None
        self.visitor = now
        return now

    async def tried(self, does: Callable[[], Awaitable[None]]) -> None:
        """Do something for the visitor; say a refusal where they see it."""
        try:
            await does()
        except DomainError as refusal:
            self.toast(refusal.message(self.language), is_bad=True)

    def toast(self, text: str, *, is_bad: bool = False) -> None:
        """Say something for a few seconds."""
        with self.toasts:
            said = say(text, "toast bad" if is_bad else "toast", role="status")
            ui.timer(TOAST_SECONDS, lambda: None if said.is_deleted else said.delete(), once=True)

    def when_proposals_change(self, does: Callable[[], Awaitable[None]]) -> None:
        """Do something soon after any proposal was opened, changed or decided, anywhere."""
        seen = self.house.pulse.beat

        async def glance() -> None:
            nonlocal seen
            if self.house.pulse.beat != seen:
                seen = self.house.pulse.beat
                if await self.confirmed():
                    await self.tried(does)

        ui.timer(GLANCE_SECONDS, glance)


@contextmanager
def page(request: Request, client: Client, name: str, *, title: str = "") -> Iterator[Visit]:
    """Open the frame of a page; what is made inside the block is its content."""
    house, visitor = house_of(request), visitor_of(request)
    language = visitor.language
    heading = title or t(name, language)
    _prepare(client, request, f"{heading} · Prokurist", language)
    link(t("skip", language), "/", "skip").props["href"] = "#content"
    with box("shell"):
        with box("side", tag="nav", aria_label="Prokurist"):
            link("Prokurist", "/", "brand")
            badges = _menu(visitor, name)
            with box("side-foot"):
                say(visitor.name, "me")
                _small_forms(language, request.url.path)
        with box("main"):
            with box("top", tag="header"):
                say(heading, "title", tag="h1")
                bell = _bell(language)
            content = box(f"content page-{name}", tag="main", id="content", tabindex="-1")
        badges += _phone_menu(visitor, name)
        toasts = box("toasts")
    visit = Visit(house, visitor, client, content, toasts)
    # The log has the whole story; the visitor is told that there is one.
    client.on_exception(lambda: visit.toast(visit.t("went_wrong"), is_bad=True))
    with content:
        yield visit
    # A timer makes NiceGUI send the page at once and the rest later; so timers come last, and the
    # page arrives whole.
    _keep_badges(visit, badges)
    _keep_bell(visit, bell)


def _prepare(client: Client, request: Request, title: str, language: Language) -> None:
    theme = request.cookies.get(THEME_COOKIE, "auto")
    own = copy.copy(client.page)
    own.language = "zh-CN" if language == "zh" else "en-US"
    own.dark = {"dark": True, "light": False}.get(theme)
    client.page = own
    client.title = title
    client.layout.classes("frame")


def _bell(language: Language) -> TextElement:
    """Make the way to what the visitor was told; it counts what was not read."""
    label = t("notifications", language)
    with box("bell", tag="a", href="/notifications", title=label, aria_label=label):
        icon("notifications")
        return say("", "badge", tag="span")


def _keep_bell(visit: Visit, bell: TextElement) -> None:
    def unread() -> int:
        person_id = visit.visitor.actor.person_id
        if person_id is None:
            return 0
        with reading(visit.house.engine, visit.visitor.acting) as session:
            return notifications.count_unread(session, person_id)

    async def count() -> None:
        number = await visit.house.run(unread)
        bell.set_text(str(number) if number else "")

    visit.when_proposals_change(count)
    ui.timer(0, lambda: visit.tried(count), once=True)


def _menu(visitor: Visitor, here: str) -> list[TextElement]:
    badges = []
    with box("menu"):
        for path, name, roles in PAGES:
            if visitor.actor.roles & roles:
                badges += _menu_entry(visitor.language, path, name, is_here=name == here)
    return badges


def _phone_menu(visitor: Visitor, here: str) -> list[TextElement]:
    badges: list[TextElement] = []
    rest = [page for page in PAGES if page[1] not in FIRST_ON_PHONE]
    with box("bottom", tag="nav", aria_label="Prokurist"):
        for path, name, roles in PAGES:
            if name in FIRST_ON_PHONE and visitor.actor.roles & roles:
                badges += _menu_entry(visitor.language, path, name, is_here=name == here)
        with box("more", tag="details"):
            with box("entry", tag="summary"):
                icon("more")
                say(t("more", visitor.language), tag="span")
            with box("more-list"):
                for path, name, roles in rest:
                    if visitor.actor.roles & roles:
                        _menu_entry(visitor.language, path, name, is_here=name == here)
                say(visitor.name, "me")
                _small_forms(visitor.language, path="/")
    return badges


def _menu_entry(language: Language, path: str, name: str, *, is_here: bool) -> list[TextElement]:
    entry = box("entry here" if is_here else "entry", tag="a", href=path)
    if is_here:
        entry.props["aria-current"] = "page"
    with entry:
        icon(name)
        say(t(name, language), tag="span")
        return [say("", "badge", tag="span")] if name == "inbox" else []


def _small_forms(language: Language, path: str) -> None:
    """Switches that are plain forms: they work without a script, and come with an Origin."""
    with box("switches"):
        for action, text, symbol in (
            ("/language", t("other_language", language), "language"),
            ("/theme", t("theme", language), "theme"),
            ("/logout", t("log_out", language), "logout"),
        ):
            with box("", tag="form", method="post", action=action):
                box("", tag="input", type="hidden", name="next", value=path)
                with box("switch", tag="button", type="submit", title=text, aria_label=text):
                    icon(symbol)


def _keep_badges(visit: Visit, badges: list[TextElement]) -> None:
    async def count() -> None:
        acting = visit.visitor.acting
        number = await visit.house.run(visit.house.toolbox.count_open, visit.house.engine, acting)
        for badge in badges:
            badge.set_text(str(number) if number else "")

    visit.when_proposals_change(count)
    ui.timer(0, lambda: visit.tried(count), once=True)


def style_sheet() -> str:
    """Return the link to our style sheet; its name changes when its content does."""
    seal = hashlib.sha256((STATIC / "style.css").read_bytes()).hexdigest()[:12]
    return f'<link rel="stylesheet" href="/assets/style.css?v={seal}">'
