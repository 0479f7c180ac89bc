"""The way in and out: plain forms without a script, so that nothing of the app loads before."""

from collections.abc import Mapping
from html import escape
from urllib.parse import parse_qsl, quote

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from channels.web.guard import COOKIE, house_of, visitor_of
from channels.web.house import DOOR, House
from channels.web.layout import THEME_COOKIE, THEMES, style_sheet
from channels.web.texts import t
from core.kernel.database import DatabaseUnavailable, unit_of_work
from core.kernel.errors import DomainError, Language
from core.kernel.identity import service as identity
from core.kernel.identity.acting import Acting, Actor
from core.kernel.identity.errors import LoginFailed, TooManyTries
from core.kernel.identity.rules import SESSION_LIFETIME

FORM_BYTES_MAX = 16_384
THEME_SECONDS = 365 * 24 * 3600
# Who is at the door is nobody yet.
STRANGER = Acting(Actor("stranger", is_person=False), door=DOOR)


def add_entrance(app: FastAPI) -> None:
    """Add the login page and the small forms of every page."""

    @app.get("/login", include_in_schema=False)
    def show(request: Request) -> Response:
        language = _language_of(request)
        return _login_page(language, after=_own_path(request.query_params.get("next", "/")))

    @app.post("/login", include_in_schema=False)
    async def log_in(request: Request) -> Response:
        form = await read_form(request)
        language: Language = "zh" if form.get("language") == "zh" else "en"
        after = _own_path(form.get("next", "/"))
        login, password = form.get("login", ""), form.get("password", "")
        house = house_of(request)
        address = request.client.host if request.client else ""
        try:
            token = await house.run(_new_session, house, login, password, address)
        except DomainError as refusal:
            status = {LoginFailed: 401, TooManyTries: 429, DatabaseUnavailable: 503}
            return _login_page(
                language,
                after=after,
                login=login,
                refusal=refusal.message(language),
                status=status.get(type(refusal), 400),
            )
        answer = RedirectResponse(after, status_code=303)
        answer.set_cookie(
            COOKIE,
            token,
            max_age=int(SESSION_LIFETIME.total_seconds()),
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return answer

    @app.post("/logout", include_in_schema=False)
    async def log_out(request: Request) -> Response:
        house, visitor = house_of(request), visitor_of(request)

        def end() -> None:
            with unit_of_work(house.engine, visitor.acting) as session:
                identity.log_out(session, visitor.token)

        await house.run(end)
        answer = RedirectResponse("/login", status_code=303)
        answer.delete_cookie(COOKIE)
        return answer

    @app.post("/language", include_in_schema=False)
    async def switch_language(request: Request) -> Response:
        form = await read_form(request)
        house, visitor = house_of(request), visitor_of(request)
        other = "en" if visitor.language == "zh" else "zh"

        def switch() -> None:
            with unit_of_work(house.engine, visitor.acting) as session:
                identity.set_language(session, visitor.actor.name, other)

        await house.run(switch)
        return RedirectResponse(_own_path(form.get("next", "/")), status_code=303)

    @app.post("/theme", include_in_schema=False)
    async def switch_theme(request: Request) -> Response:
        form = await read_form(request)
        now = request.cookies.get(THEME_COOKIE, THEMES[0])
        following = THEMES[(THEMES.index(now) + 1) % len(THEMES)] if now in THEMES else THEMES[0]
        answer = RedirectResponse(_own_path(form.get("next", "/")), status_code=303)
        answer.set_cookie(
            THEME_COOKIE, following, max_age=THEME_SECONDS, httponly=True, samesite="lax"
        )
        return answer


def _new_session(house: House, login: str, password: str, address: str) -> str:
    with unit_of_work(house.engine, STRANGER) as session:
        return identity.log_in(session, login, password, address=address)


def _login_page(
    language: Language, *, after: str, login: str = "", refusal: str = "", status: int = 200
) -> Response:
    other = "en" if language == "zh" else "zh"
    said = f'<div class="notice bad" role="alert">{escape(refusal)}</div><br>' if refusal else ""
    body = f"""<!doctype html>
<html lang="{"zh-CN" if language == "zh" else "en"}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(t("log_in", language))} · Prokurist</title>
<link rel="icon" href="/assets/favicon.svg">
{style_sheet()}
</head>
<body class="gate-auto">
<div class="gate">
<main class="gate-card">
<h1 class="gate-brand">Prokurist</h1>
<p class="gate-motto">{escape(t("motto", language))}</p>
{said}
<form method="post" action="/login">
<input type="hidden" name="next" value="{escape(after, quote=True)}">
<input type="hidden" name="language" value="{language}">
<label>{escape(t("login", language))}
<input class="field" name="login" value="{escape(login[:64], quote=True)}" autocomplete="username"
 autocapitalize="none" spellcheck="false" required{"" if login else " autofocus"}></label>
<label>{escape(t("password", language))}
<input class="field" name="password" type="password" autocomplete="current-password"
 required{" autofocus" if login else ""}></label>
<button class="button primary" type="submit">{escape(t("log_in", language))}</button>
</form>
<p class="gate-language">
<a href="/login?language={other}&amp;next={quote(after, safe="")}">
{escape(t("other_language", language))}</a></p>
</main>
</div>
</body>
</html>"""
    return HTMLResponse(body, status_code=status)


async def read_form(request: Request) -> Mapping[str, str]:
    """Read a small form; what is too large is no form of ours."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM_BYTES_MAX:
            return {}
    return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True, max_num_fields=20))


def _language_of(request: Request) -> Language:
    chosen = request.query_params.get("language") or request.headers.get("accept-language", "")
    return "zh" if chosen.lower().startswith("zh") else "en"


def _own_path(wanted: str) -> str:
    """Return where to go next: a page of ours, and nowhere else."""
    is_ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if is_ours and wanted.isprintable() and "\\" not in wanted else "/"
