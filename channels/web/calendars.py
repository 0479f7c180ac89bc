"""Calendars: a person's tasks, read by their own calendar under an address that nobody guesses."""

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, Response

from channels.web.elements import box, button, say
from channels.web.guard import house_of
from channels.web.layout import Visit
from core.crm import tasks
from core.crm.tasks.errors import NoFeed
from core.kernel.database import reading, unit_of_work
from core.kernel.identity import service as identity

PATH = "/calendar/"
NOT_FOUND = 404


def add_calendars(app: FastAPI) -> None:
    """Add the way to the calendars; the secret in the address is the key, so no login is asked."""

    @app.get(PATH + "{secret}.ics", include_in_schema=False)
    async def calendar(request: Request, secret: str) -> Response:
        house = house_of(request)

        def read() -> bytes:
            with reading(house.engine) as session:
                return tasks.calendar_feed(session, tasks.person_of_calendar(session, secret))

        try:
            feed = await house.run(read)
        except NoFeed as refusal:
            return PlainTextResponse(str(refusal), status_code=NOT_FOUND)
        return Response(feed, media_type="text/calendar; charset=utf-8")


def offer_calendar(visit: Visit, base: str) -> None:
    """Offer a new address for one's calendar; it is shown once, and the one before ends."""

    def renew() -> str:
        with unit_of_work(visit.house.engine, visit.visitor.acting) as session:
            person = identity.find_person(session, visit.visitor.actor.name)
            return tasks.open_calendar(session, person)

    async def show() -> None:
        secret = await visit.house.run(renew)
        with shown:
            shown.clear()
            say(f"{base.rstrip('/')}{PATH}{secret}.ics", "code")

    async def ask() -> None:
        await visit.tried(show)

    with box("panel"):
        say(visit.t("calendar"), "panel-title")
        with box("panel-body"):
            say(visit.t("calendar_note"), "hint")
            shown = box("calendar-address")
            button(visit.t("calendar_new"), ask)
