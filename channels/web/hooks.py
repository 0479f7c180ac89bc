"""Where programs hand in messages: signed, small, and answered with a number."""

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from channels.messages import HookRefused, hand_in
from channels.messages.hook import BODY_BYTES_MAX, SIGNATURE, TIMESTAMP
from channels.web.guard import house_of

REFUSED, TOO_LARGE, TAKEN = 401, 413, 202


def add_hooks(app: FastAPI) -> None:
    """Open the door for signed messages."""

    @app.post("/hooks/messages", include_in_schema=False)
    async def messages(request: Request) -> JSONResponse:
        house = house_of(request)
        body = b""
        async for piece in request.stream():
            body += piece
            if len(body) > BODY_BYTES_MAX:
                return JSONResponse({"error": "too large"}, status_code=TOO_LARGE)
        try:
            handed = await house.run(
                hand_in,
                house.engine,
                house.settings,
                timestamp=request.headers.get(TIMESTAMP, ""),
                signature=request.headers.get(SIGNATURE, ""),
                body=body,
            )
        except HookRefused as refusal:
            return JSONResponse({"error": str(refusal)}, status_code=REFUSED)
        return JSONResponse({"number": handed.number, "new": handed.is_new}, status_code=TAKEN)
