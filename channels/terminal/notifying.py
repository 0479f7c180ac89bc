"""What the house told somebody, for the terminal."""

from typing import Any

from sqlalchemy import Engine

from core import notifications
from core.kernel.database import unit_of_work
from core.kernel.errors import Language
from core.kernel.identity.acting import Acting
from core.kernel.words import word
from tools import TOOLBOX, Call
from tools.notifications import LIST, ListNotifications, NotificationList, local_time

SHOWN_MAX = 50


def notifications_of(
    engine: Engine, acting: Acting, *, unread_only: bool, mark: bool
) -> list[dict[str, Any]]:
    """Return what somebody was told, the newest first; note it as read when told to."""
    asked = ListNotifications(unread_only=unread_only, limit=SHOWN_MAX)
    answer = TOOLBOX.read(engine, acting, Call(LIST, asked))
    assert isinstance(answer, NotificationList), "the tool answers with a list of them"
    if mark and acting.actor.person_id is not None:
        with unit_of_work(engine, acting) as session:
            notifications.mark_read(
                session, acting.actor.person_id, [one.id for one in answer.told]
            )
    zh = acting.actor.language == "zh"
    return [
        {
            "id": str(one.id),
            "told": local_time(one.told_at, answer.zone),
            "kind": one.kind.value,
            "from": one.source,
            "title": one.title.zh if zh else one.title.en,
            "body": one.body.zh if zh else one.body.en,
            "read": one.read_at is not None,
            "figures": one.content.get("figures", []),
        }
        for one in answer.told
    ]


def said_of(told: list[dict[str, Any]], language: Language) -> str:
    """Say them in lines: when, what kind, the title, and below it the rest."""
    if not told:
        return "没有通知。" if language == "zh" else "There are no notifications."
    lines = []
    for one in told:
        mark = " " if one["read"] else "*"
        lines.append(f"{mark} {one['told']}  {word(one['kind'], language)}  {one['title']}")
        lines.append(f"    {one['body']}")
    return "\n".join(lines)
