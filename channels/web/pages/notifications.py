"""What the house told its visitor: scheduled reports, alerts, and what was paused and why."""

import json
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from fastapi import Request

from channels.web.downloads import offer_files
from channels.web.elements import KINDS, box, button, figure, heads, link, page_of, say, table
from channels.web.layout import Visit
from core import notifications
from core.kernel.company import company
from core.kernel.database import reading, unit_of_work
from core.kernel.errors import DomainError
from core.kernel.words import word
from core.notifications import NotificationView, UnknownNotification
from core.reporting import ReportQuery
from tools import Answer, Call
from tools.notifications import as_now_seen, local_time, query_in
from tools.reporting import ShowRowsBehind

SHOWN_MAX, ROWS_BEHIND_MAX = 50, 30
BEHIND = "reporting.rows_behind"


async def build(visit: Visit, _request: Request) -> None:
    """List the newest first, those not read yet marked."""
    person_id = visit.visitor.actor.person_id
    if person_id is None:
        say(visit.t("no_notifications"), "empty")
        return

    def read() -> tuple[list[NotificationView], str]:
        with reading(visit.house.engine, visit.visitor.acting) as session:
            told = notifications.list_notifications(session, person_id, limit=SHOWN_MAX)
            return [as_now_seen(session, one) for one in told], company(session).zone.key

    told, zone = await visit.house.run(read)
    if not told:
        say(visit.t("no_notifications"), "empty")
        say(visit.t("how_to_be_told"), "hint")
        return
    with box("filters"):
        button(visit.t("mark_all_read"), lambda: _mark_all(visit, person_id), "small")
    with box("notifications", tag="ul"):
        for one in told:
            _entry(visit, one, zone)


def _entry(visit: Visit, one: NotificationView, zone: str) -> None:
    with box("notification" if one.read_at else "notification unread", tag="li"):
        with box("notification-head"):
            if one.read_at is None:
                say(visit.t("unread"), "chip on", tag="span")
            link(one.title.in_(visit.language), f"/notification/{one.id}", "notification-title")
            said = f"{word(one.kind, visit.language)} · {local_time(one.told_at, zone)}"
            say(said, "hint", tag="span")
        say(one.body.in_(visit.language), "notification-body")


async def build_one(visit: Visit, request: Request) -> None:
    """Show one of them with its table, what is behind it, and where to go on; it is read then."""
    person_id = visit.visitor.actor.person_id
    try:
        wanted = uuid.UUID(str(request.path_params["notification_id"]))
    except ValueError:
        raise UnknownNotification from None
    if person_id is None:
        raise UnknownNotification

    def read() -> tuple[NotificationView, str]:
        with unit_of_work(visit.house.engine, visit.visitor.acting) as session:
            found = notifications.find_notification(session, person_id, wanted)
            notifications.mark_read(session, person_id, [wanted])
            return as_now_seen(session, found), company(session).zone.key

    one, zone = await visit.house.run(read)
    link(f"← {visit.t('notifications')}", "/notifications", "back")
    with box("panel"):
        with box("panel-title"):
            say(one.title.in_(visit.language), tag="span")
            if one.content.get("call"):
                call = one.content["call"]
                offer_files(visit, call["tool"], call["arguments"])
        with box("panel-body"):
            said = f"{word(one.kind, visit.language)} · {one.source}"
            say(f"{said} · {local_time(one.told_at, zone)}", "hint")
            say(one.body.in_(visit.language), "notification-body")
            _as_told(visit, one.content)
    query = query_in(one)
    if isinstance(query, ReportQuery):
        with box("filters"):
            asked = json.dumps(query.model_dump(mode="json", exclude_defaults=True))
            link(visit.t("as_of_now"), f"/report?{urlencode({'q': asked})}", "chip")
        await _behind(visit, query)


def _as_told(visit: Visit, content: Mapping[str, Any]) -> None:
    if not content.get("rows"):
        return
    zh = visit.language == "zh"
    columns = [
        (f"{column[zh]} ({column[2]})" if column[2].isupper() else column[zh],
         "number" if column[2] and column[2] != "date" else "")
        for column in content["columns"]
    ]  # fmt: skip
    units = [column[2] for column in content["columns"]]
    rows = [
        [_cell(cell, unit) for cell, unit in zip(row, units, strict=True)]
        for row in content["rows"]
    ]
    table(columns, rows, classes="stacked", label=visit.t("as_told"))
    if content["rows_total"] > len(rows):
        shown = visit.t("rows_shown", shown=len(rows), total=content["rows_total"])
        say(shown, "hint")


def _cell(cell: Any, unit: str) -> str:  # noqa: ANN401  # What a table of an answer held.
    if cell is None:
        return "–"
    if not unit or unit == "date":
        return str(cell)
    try:
        return figure(Decimal(str(cell)), unit if unit.isupper() else "")
    except InvalidOperation:
        return str(cell)


async def _behind(visit: Visit, query: ReportQuery) -> None:
    """Show the documents behind the first figure, as they are now and as the visitor may see."""
    house, acting = visit.house, visit.visitor.acting
    asked = ShowRowsBehind(query=query, limit=ROWS_BEHIND_MAX)
    try:
        answer = await house.run(house.toolbox.read, house.engine, acting, Call(BEHIND, asked))
    except DomainError:
        # Not every figure leads to documents; the notification is whole without them.
        return
    grid = answer.grid()
    if grid is None or not grid.rows:
        return
    columns = heads(grid, visit.language)
    with box("panel"):
        with box("panel-title"):
            say(visit.t("behind_it"), tag="span")
            arguments = {"query": query.model_dump(mode="json", exclude_defaults=True)}
            offer_files(visit, BEHIND, {**arguments, "limit": 1_000})
        with box("panel-body"):
            say(_said(answer, visit), "hint")
            table(columns, _linked(grid.rows, visit), classes="stacked", label="")


def _linked(rows: Sequence[Sequence[Any]], visit: Visit) -> list[list[str | tuple[str, str]]]:
    """Lead from each document to its page."""
    found: list[list[str | tuple[str, str]]] = []
    for number, kind, day, amount, *rest in rows:
        called = str(number)
        known = called.partition("-")[0] in KINDS
        document: str | tuple[str, str] = (called, page_of(called)) if known else called
        found.append([
            document, word(str(kind).replace(" ", "_"), visit.language), str(day or ""),
            figure(amount), *(str(each) for each in rest),
        ])  # fmt: skip
    return found


def _said(answer: Answer, visit: Visit) -> str:
    return answer.sentence(visit.language)


async def _mark_all(visit: Visit, person_id: uuid.UUID) -> None:
    if not await visit.confirmed():
        return

    def mark() -> None:
        with unit_of_work(visit.house.engine, visit.visitor.acting) as session:
            notifications.mark_read(session, person_id)

    await visit.house.run(mark)
    visit.client.open("/notifications")
