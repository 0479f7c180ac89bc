"""The pages, one file each."""

from collections.abc import Awaitable, Callable

from fastapi import Request
from fastapi.responses import PlainTextResponse, Response
from nicegui import Client, ui

from channels.web.elements import RECORDS, link, say
from channels.web.guard import is_let_in, visitor_of
from channels.web.layout import HIDDEN, PAGES, Visit, page
from core.kernel.errors import DomainError
from core.kernel.identity.roles import Role
from core.kernel.words import capital, word
from core.reporting.lists import RECORDS as LISTED

Builds = Callable[[Visit, Request], Awaitable[Response | None]]

LISTED_REFS = {kind.ref: kind for kind in LISTED.kinds.values()}
BUILD_SECONDS_MAX = 20.0
FORBIDDEN, NOT_FOUND = 403, 404


def add_pages() -> None:
    """Open every page at its path."""
    # They stand on what this package offers them.
    from channels.web.pages import (  # noqa: PLC0415
        audit,
        books,
        chat,
        dashboards,
        inbox,
        lists,
        messages,
        mine,
        notifications,
        orders,
        record,
        report,
        settings,
        start,
        statements,
        stock,
        tickets,
    )

    _open("/", "start", start.build)
    _open("/chat", "chat", chat.build)
    _open("/inbox", "inbox", inbox.build)
    _open("/proposal/{proposal_id}", "inbox", inbox.build_one)
    _open("/notifications", "notifications", notifications.build)
    _open("/notification/{notification_id}", "notifications", notifications.build_one)
    _open("/messages", "mails", messages.build)
    _open("/messages/{number}", "mails", messages.build_thread)
    _open("/stock", "stock", stock.build)
    _open("/orders", "orders", orders.build)
    _open("/mine", "portal", mine.build)
    _open("/tickets", "tickets", tickets.build)
    _open("/lists", "lists", lists.build)
    _open("/lists/{records}", "lists", lists.build_one)
    # Whose records they are is a matter of each kind; the menu shows where it belongs.
    for kind, name in (
        ("item", "stock"), ("ticket", "tickets"), ("article", "tickets"),
        ("sales_order", "orders"), ("purchase_order", "orders"), ("{kind}", "record"),
    ):  # fmt: skip
        _open(f"/record/{kind}/{{number}}", name, record.build, frozenset(Role))
    _open("/books", "books", books.build)
    _open("/statements", "statements", statements.build)
    _open("/account/{code}", "statements", statements.build_account)
    _open("/dashboards", "dashboards", dashboards.build)
    _open("/report", "report", report.build)
    _open("/rows", "rows", report.build_rows)
    _open("/audit", "audit", audit.build)
    _open("/settings", "settings", settings.build)
    _open("/{_:path}", "start", _not_found)


def _open(path: str, name: str, build: Builds, roles: frozenset[Role] | None = None) -> None:
    if roles is None:
        roles = next(roles for _, known, roles in (*PAGES, *HIDDEN) if known == name)

    @ui.page(path, response_timeout=BUILD_SECONDS_MAX)
    async def opened(request: Request, client: Client) -> Response | None:
        if not is_let_in(request):
            # A file that is not there: such paths are public, pages are not.
            return PlainTextResponse("not found", status_code=NOT_FOUND)
        title = _title(request)
        with page(request, client, name, title=title) as visit:
            if not visit.visitor.actor.roles & roles:
                client.status_code = FORBIDDEN
                say(visit.t("not_for_your_role"), "empty")
                return None
            try:
                return await build(visit, request)
            except DomainError as refusal:
                say(refusal.message(visit.language), "notice bad", role="alert")
        return None


def _title(request: Request) -> str:
    """Return what the page is about, where its path says so."""
    language = visitor_of(request).language
    place, _, rest = request.url.path[1:].partition("/")
    kind = rest.partition("/")[0] if place == "record" else ""
    listed = LISTED.kinds.get(request.path_params.get("records", ""))
    if listed is not None:
        said = listed.names.in_(language)
    elif kind in LISTED_REFS:
        said = LISTED_REFS[kind].one.in_(language)
    else:
        said = word(kind, language) if kind in RECORDS else ""
    return capital(said)


async def _not_found(visit: Visit, _request: Request) -> None:
    visit.client.status_code = NOT_FOUND
    say(visit.t("not_found"), "empty")
    link(visit.t("start"), "/")
