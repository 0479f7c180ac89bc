"""Files to take away: a form of a page asks for what the page shows."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, Response

from channels.exports import FileKind, export, file_kind_of
from channels.web.elements import box, say
from channels.web.entrance import read_form
from channels.web.guard import house_of, visitor_of
from channels.web.layout import Visit
from core.kernel.errors import DomainError, NotPermitted

BAD, FORBIDDEN = 400, 403


def add_downloads(app: FastAPI) -> None:
    """Add the way to the files.

    It is a POST, since the audit trail notes it: no link on a foreign page can set it off.
    """

    @app.post("/export", include_in_schema=False)
    async def take(request: Request) -> Response:
        form = await read_form(request)
        house, visitor = house_of(request), visitor_of(request)
        try:
            given = json.loads(form.get("arguments", "{}"))
        except ValueError:
            given = None
        if not isinstance(given, dict):
            return PlainTextResponse("the arguments are not a JSON object", status_code=BAD)
        tool, kind = form.get("tool", ""), form.get("kind", "")
        try:
            file = await house.run(
                export,
                house.toolbox,
                house.engine,
                visitor.acting,
                tool,
                given,
                file_kind_of(kind),
            )
        except DomainError as refusal:
            status = FORBIDDEN if isinstance(refusal, NotPermitted) else BAD
            return PlainTextResponse(refusal.message(visitor.language), status_code=status)
        disposition = f"attachment; filename*=UTF-8''{quote(file.name)}"
        headers = {"Content-Disposition": disposition}
        return Response(file.data, media_type=file.media_type, headers=headers)


def offer_files(visit: Visit, tool: str, arguments: Mapping[str, Any]) -> None:
    """Offer what a tool answers as a file, by a plain form beside its table."""
    with box("exports", tag="form", method="post", action="/export"):
        box("", tag="input", type="hidden", name="tool", value=tool)
        box("", tag="input", type="hidden", name="arguments", value=json.dumps(arguments))
        for kind in FileKind:
            said = f"{visit.t('take_as')} {kind.upper()}"
            say(
                kind.upper(), "button small", tag="button", type="submit", name="kind",
                value=kind, aria_label=said,
            )  # fmt: skip
