"""A calendar is read by its secret alone, without a login, and nothing else is."""

from collections.abc import Callable
from datetime import timedelta

from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.testclient import TestClient

from channels.web.calendars import add_calendars
from channels.web.guard import Guard
from channels.web.house import House
from core.crm import tasks
from core.kernel.database import unit_of_work
from core.kernel.identity import service as identity
from core.kernel.settings import Settings
from tests.conftest import TODAY
from tools import TOOLBOX


def test_a_calendar_opens_with_its_secret_only(
    founded: Engine, settings_of: Callable[[Engine], Settings]
) -> None:
    with unit_of_work(founded) as session:
        anna = identity.add_person(session, login="anna", name="Anna", roles={"sales"})
        tasks.plan_task(session, owner=anna, subject="Call", due_on=TODAY + timedelta(days=1))
        secret = tasks.open_calendar(session, anna)
    app = FastAPI()
    add_calendars(app)
    app.add_middleware(Guard, house=House(founded, settings_of(founded), TOOLBOX))
    client = TestClient(app, follow_redirects=False)

    there = client.get(f"/calendar/{secret}.ics")
    wrong = client.get("/calendar/nobody.ics")

    assert (there.status_code, there.headers["content-type"]) == (
        200, "text/calendar; charset=utf-8"
    )  # fmt: skip
    assert "SUMMARY:Call\r\n" in there.text
    assert (wrong.status_code, "BEGIN" in wrong.text) == (404, False)
    assert client.get("/settings").status_code in {302, 303, 307}
