"""Files to take away: a form of a page asks for what the page shows."""

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, Response
from sqlalchemy.orm import Session

from channels.exports import FileKind, export, file_kind_of
from channels.web.elements import box, say
from channels.web.entrance import read_form
from channels.web.guard import house_of, visitor_of
from channels.web.layout import Visit
from core import communications
from core.communications import FileContent
from core.communications.errors import UnknownFile
from core.kernel.database import reading
from core.kernel.errors import DomainError, NotPermitted
from core.kernel.identity.roles import STAFF
from core.processes import correspondence

BAD, FORBIDDEN, NOT_FOUND = 400, 403, 404


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

    @app.get("/messages/files/{file_id}", include_in_schema=False)
    async def take_file(request: Request, file_id: str) -> Response:
        return await _given(
            request, lambda session: communications.find_file(session, _id(file_id))
        )

    @app.get("/messages/raw/{number}", include_in_schema=False)
    async def take_raw(request: Request, number: str) -> Response:
        return await _given(request, lambda session: communications.find_raw(session, number))


def _id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise UnknownFile from None


async def _given(request: Request, find: Callable[[Session], FileContent]) -> Response:
    """Hand out what somebody sent us: to be saved, never to be opened in a page of ours."""
    house, visitor = house_of(request), visitor_of(request)

    def read() -> FileContent:
        if not visitor.actor.roles & correspondence.READERS & STAFF:
            raise UnknownFile
        with reading(house.engine, visitor.acting) as session:
            return find(session)

    try:
        file = await house.run(read)
    except DomainError as refusal:
        return PlainTextResponse(refusal.message(visitor.language), status_code=NOT_FOUND)
    # Whatever it says it is, a browser is told nothing but that these are bytes.
    disposition = f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
    headers = {"Content-Disposition": disposition}
    return Response(file.content, media_type="application/octet-stream", headers=headers)


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
