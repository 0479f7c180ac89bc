"""The pages, one file each."""

from collections.abc import Awaitable, Callable

from fastapi import Request
from fastapi.responses import PlainTextResponse, Response
from nicegui import Client, ui

from channels.web.elements import RECORDS, link, say
from channels.web.guard import is_let_in, visitor_of
from channels.web.layout import HIDDEN, PAGES, Visit, page
from core.kernel.errors import DomainError
from core.kernel.words import word

Builds = Callable[[Visit, Request], Awaitable[Response | None]]

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
    _open("/record/item/{number}", "stock", record.build)
    _open("/record/ticket/{number}", "tickets", record.build)
    _open("/record/article/{number}", "tickets", record.build)
    _open("/record/{kind}/{number}", "orders", record.build)
    _open("/books", "books", books.build)
    _open("/statements", "statements", statements.build)
    _open("/account/{code}", "statements", statements.build_account)
    _open("/dashboards", "dashboards", dashboards.build)
    _open("/report", "report", report.build)
    _open("/rows", "rows", report.build_rows)
    _open("/audit", "audit", audit.build)
    _open("/settings", "settings", settings.build)
    _open("/{_:path}", "start", _not_found)


def _open(path: str, name: str, build: Builds) -> None:
    roles = next(roles for _, known, roles in (*PAGES, *HIDDEN) if known == name)

    @ui.page(path, response_timeout=BUILD_SECONDS_MAX)
    async def opened(request: Request, client: Client) -> Response | None:
        if not is_let_in(request):
            # A file that is not there: such paths are public, pages are not.
            return PlainTextResponse("not found", status_code=NOT_FOUND)
        kind = request.path_params.get("kind", "")
        title = word(kind, visitor_of(request).language).capitalize() if kind in RECORDS else ""
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


async def _not_found(visit: Visit, _request: Request) -> None:
    visit.client.status_code = NOT_FOUND
    say(visit.t("not_found"), "empty")
    link(visit.t("start"), "/")
