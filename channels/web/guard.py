"""Who may knock at the web app at all: every request passes here before a page sees it.

Nothing but the login page and static files is public; whatever changes something has to come from
our own pages (Origin); and what a browser may load or run is said in every answer (CSP).
"""

import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from nicegui import Client
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from channels.web.house import House, Visitor
from core.kernel.database import DatabaseUnavailable
from core.kernel.identity.errors import NotLoggedIn

COOKIE = "prokurist_session"
SOCKET = "/_nicegui_ws/"
# Programs knock here; each of their messages is signed.
HOOKS = "/hooks/"
# Links of our mails and the programs that read mail knock here; each address is signed.
MAIL_LINKS = "/m/"
# A calendar has no login: the secret in its address is the key.
PUBLIC = ("/login", "/healthz", "/favicon.ico", "/assets/", "/_nicegui/", "/calendar/")
SAFE_METHODS = frozenset({"GET", "HEAD"})
# The closing code of a websocket whose opening was refused.
POLICY_VIOLATION = 1008

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Guard:
    """The middleware around everything."""

    def __init__(self, app: App, house: House) -> None:
        self.app, self.house = app, house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, send it to the login page, or refuse it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        refusal = await self._refusal(scope)
        if refusal is not None:
            if scope["type"] == "websocket":
                await receive()
                await send({"type": "websocket.close", "code": POLICY_VIOLATION})
            else:
                _secured(refusal.headers, nonce="")
                await refusal(scope, receive, send)
            return
        if scope["type"] == "websocket":
            await self.app(scope, receive, send)
        else:
            await self.app(scope, receive, _Dressing(send, scope))

    async def _refusal(self, scope: Scope) -> Response | None:
        """Return the answer to a request that does not get in; None lets it in."""
        is_socket, path = scope["type"] == "websocket", scope["path"]
        headers = Headers(scope=scope)
        if path.startswith(SOCKET) != is_socket:
            # The page speaks over the websocket alone: its polling would be one more way in.
            return PlainTextResponse("not found", status_code=404)
        changes = is_socket or scope["method"] not in SAFE_METHODS
        if path.startswith((HOOKS, MAIL_LINKS)) and not is_socket:
            scope.setdefault("state", {})["house"] = self.house
            return None
        if changes and not is_from_our_own_page(headers):
            return PlainTextResponse("refused: this came from another site", status_code=403)
        scope.setdefault("state", {})["house"] = self.house
        if path in PUBLIC or any(path.startswith(p) for p in PUBLIC if p.endswith("/")):
            return None
        token = HTTPConnection(scope).cookies.get(COOKIE, "")
        try:
            visitor = await self.house.run(self.house.visitor, token)
        except NotLoggedIn:
            if is_socket or changes:
                return PlainTextResponse("please log in", status_code=401)
            wanted = path + (f"?{scope['query_string'].decode()}" if scope["query_string"] else "")
            after = f"?next={quote(wanted, safe='')}" if wanted != "/" else ""
            return RedirectResponse(f"/login{after}", status_code=303)
        except DatabaseUnavailable as refusal:
            text = f"{refusal.message('en')}\n{refusal.message('zh')}"
            return PlainTextResponse(text, status_code=503, headers={"Retry-After": "3"})
        if is_socket and not _is_own_page(scope, visitor):
            return PlainTextResponse("refused: this page is somebody else's", status_code=403)
        scope["state"]["visitor"] = visitor
        return None


def is_from_our_own_page(headers: Headers) -> bool:
    """Tell whether a browser sent this from a page of the host it was sent to.

    A browser always names the origin of a form, a fetch or a websocket that could change
    something, and a page cannot forge it. Who names none is no browser, and has no cookie to abuse.
    """
    origin, host = headers.get("origin"), headers.get("host")
    return origin is not None and host is not None and urlsplit(origin).netloc == host


def visitor_of(connection: HTTPConnection) -> Visitor:
    """Return who was let in."""
    visitor: Visitor = connection.scope["state"]["visitor"]
    return visitor


def is_let_in(connection: HTTPConnection) -> bool:
    """Tell whether this request comes from somebody who is logged in."""
    return "visitor" in connection.scope["state"]


def house_of(connection: HTTPConnection) -> House:
    """Return the house that this request came to."""
    house: House = connection.scope["state"]["house"]
    return house


def _is_own_page(scope: Scope, visitor: Visitor) -> bool:
    """Tell whether a websocket belongs to a page that was made for this very session."""
    asked = parse_qs(scope["query_string"].decode(errors="replace"))
    client = Client.instances.get(asked.get("client_id", [""])[0])
    # A page that is not there any more is reloaded by the browser.
    return client is None or client.request.cookies.get(COOKIE) == visitor.token


class _Dressing:
    """Adds to an answer what the browser must know of it; pages get their scripts' nonce.

    Everything that comes from data is escaped in a page, so that "<script" stands in it only
    where the page itself wrote it: those, and no others, get the nonce and run.
    """

    def __init__(self, send: Send, scope: Scope) -> None:
        self.send = send
        # Our own files carry a seal of their content in their address.
        self.is_file = scope["path"].startswith("/assets/")
        self.start: Message | None = None
        self.body = bytearray()
        self.nonce = secrets.token_urlsafe(16)
        self.is_page = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            self.is_page = headers.get("content-type", "").startswith("text/html")
            if self.is_file:
                headers["Cache-Control"] = "public, max-age=86400"
            _secured(headers, nonce=self.nonce if self.is_page else "")
            if self.is_page:
                self.start = message
                return
        elif message["type"] == "http.response.body" and self.is_page:
            self.body += message.get("body", b"")
            if message.get("more_body"):
                return
            body = bytes(self.body).replace(b"<script", f'<script nonce="{self.nonce}"'.encode())
            assert self.start is not None, "a body follows its start"
            MutableHeaders(scope=self.start)["content-length"] = str(len(body))
            await self.send(self.start)
            message = {"type": "http.response.body", "body": body}
        await self.send(message)


def _secured(headers: MutableHeaders, *, nonce: str) -> None:
    scripts = f"'self' 'nonce-{nonce}'" if nonce else "'none'"
    headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src {scripts}; connect-src 'self'; "
        # Pages set the width of a bar or hide a column with a style attribute.
        "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
        "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=()"
    if "cache-control" not in headers:
        headers["Cache-Control"] = "no-store"
