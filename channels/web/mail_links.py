"""Where links in our mails lead: to the page that was meant, and to the end of such mails.

No login: the signed address is the key, it says whose it is, and it is good for one thing. Looking
at the page changes nothing, since programs follow every link of a mail; the button does, and so
does the request that mail programs send for their own button (RFC 8058).
"""

from collections.abc import Callable
from html import escape

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from channels.web.guard import house_of
from channels.web.house import DOOR, House
from core import marketing
from core.kernel.database import DatabaseUnavailable, reading, unit_of_work
from core.kernel.errors import DomainError, Language
from core.kernel.identity.acting import Acting, Actor
from core.kernel.words import word
from core.marketing import CLICK_PATH, OPT_OUT_PATH, OptOut

RECIPIENT = Acting(Actor("recipient", is_person=False), door=DOOR, why="a link in a mail")
NOT_FOUND, UNAVAILABLE = 404, 503


def add_mail_links(app: FastAPI) -> None:
    """Open the way for links in mails."""

    @app.api_route(CLICK_PATH + "{token}", methods=["GET", "HEAD"], include_in_schema=False)
    async def follow(request: Request, token: str) -> Response:
        house, is_head = house_of(request), request.method == "HEAD"
        try:
            target = await house.run(_followed, house, token, is_head=is_head)
        except DomainError as refusal:
            return _refused(refusal)
        return RedirectResponse(target, status_code=302)

    @app.get(OPT_OUT_PATH + "{token}", include_in_schema=False)
    async def ask(request: Request, token: str) -> Response:
        return await _shown(request, token, _asked, is_done=False)

    @app.post(OPT_OUT_PATH + "{token}", include_in_schema=False)
    async def opt_out(request: Request, token: str) -> Response:
        return await _shown(request, token, _opted_out, is_done=True)


async def _shown(
    request: Request, token: str, does: Callable[[House, str], OptOut], *, is_done: bool
) -> Response:
    house = house_of(request)
    try:
        asked = await house.run(does, house, token)
    except DomainError as refusal:
        return _refused(refusal)
    return _page(asked, is_done=is_done)


def _followed(house: House, token: str, *, is_head: bool) -> str:
    with unit_of_work(house.engine, RECIPIENT) as session:
        return marketing.follow(session, token, is_head=is_head)


def _asked(house: House, token: str) -> OptOut:
    with reading(house.engine, RECIPIENT) as session:
        return marketing.whose_opt_out(session, token)


def _opted_out(house: House, token: str) -> OptOut:
    with unit_of_work(house.engine, RECIPIENT) as session:
        marketing.opt_out(session, token)
        return marketing.whose_opt_out(session, token)


def _refused(refusal: DomainError) -> Response:
    status = UNAVAILABLE if isinstance(refusal, DatabaseUnavailable) else NOT_FOUND
    return PlainTextResponse(
        f"{refusal.message('en')}\n{refusal.message('zh')}", status_code=status
    )


def _page(asked: OptOut, *, is_done: bool) -> HTMLResponse:
    language: Language = asked.language
    what, whom = escape(word(asked.purpose, language)), escape(asked.address)
    if is_done:
        title = "已退订" if language == "zh" else "Unsubscribed"
        said = (
            f"{whom} 将不再收到：{what}。"
            if language == "zh"
            else f"{whom} will get no more mails of this kind: {what}."
        )
        form = ""
    else:
        title = "退订" if language == "zh" else "Unsubscribe"
        said = (
            f"{whom} 不再接收：{what}？"
            if language == "zh"
            else f"No more mails of this kind to {whom}: {what}?"
        )
        form = f'<form method="post"><button type="submit">{title}</button></form>'
    return HTMLResponse(
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">'
        f"<title>{title}</title></head><body><h1>{title}</h1><p>{said}</p>{form}</body></html>"
    )
