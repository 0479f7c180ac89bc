"""The tool that shows a person what the house told them."""

from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError
from sqlalchemy.orm import Session

from core import notifications
from core.kernel.company import company
from core.kernel.errors import Language
from core.kernel.semantics import Said
from core.kernel.words import word
from core.notifications import NotificationView
from core.reporting import ReportQuery, saved
from core.reporting.lists import ListQuery
from core.reporting.saved import Question
from tools.base import Answer, Arguments, Column, Grid, Tool
from tools.saved import PEOPLE

LIST = "notifications.list"
HIDDEN = Said("You may not see these figures any more.", "您已无权查看这些数字。")


class ListNotifications(Arguments):
    """Show what you were told: scheduled reports, alerts, and what was paused."""

    unread_only: bool = False
    limit: Annotated[int, Field(ge=1, le=200)] = 20


class NotificationList(Answer):
    """What somebody was told, the newest first."""

    told: tuple[NotificationView, ...]
    unread: int
    zone: str

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are, and the newest ones."""
        zh = language == "zh"
        if not self.told:
            return "没有通知。" if zh else "There are no notifications."
        first = [f"{each.title.in_(language)}" for each in self.told[:3]]
        if zh:
            return f"通知 {len(self.told)} 条，未读 {self.unread} 条。{'；'.join(first)}。"
        return f"{len(self.told)} shown, {self.unread} unread. {'; '.join(first)}."

    def grid(self) -> Grid | None:
        """List them."""
        return Grid(
            (
                Column("told", "时间"),
                Column("kind", "类型"),
                Column("from", "来源"),
                Column("title", "英文标题"),
                Column("Chinese title", "标题"),
                Column("read", "已读"),
            ),
            tuple(self._row(each) for each in self.told),
        )

    def _row(self, one: NotificationView) -> tuple[Any, ...]:
        return (
            local_time(one.told_at, self.zone),
            word(one.kind),
            one.source,
            one.title.en,
            one.title.zh,
            "✓" if one.read_at else "",
        )


def list_notifications(session: Session, arguments: ListNotifications) -> NotificationList:
    """Return one's own."""
    person = saved.asker(session)
    told = notifications.list_notifications(
        session, person.id, unread_only=arguments.unread_only, limit=arguments.limit
    )
    return NotificationList(
        told=tuple(as_now_seen(session, each) for each in told),
        unread=notifications.count_unread(session, person.id),
        zone=company(session).zone.key,
    )


def as_now_seen(session: Session, told: NotificationView) -> NotificationView:
    """Leave the figures out of what a person may not see any more."""
    query = query_in(told)
    if not told.content or (query is not None and saved.may_still_see(session, query)):
        return told
    return NotificationView(
        id=told.id,
        kind=told.kind,
        source=told.source,
        title=Said(told.source, told.source),
        body=HIDDEN,
        content={},
        told_at=told.told_at,
        read_at=told.read_at,
    )


def query_in(told: NotificationView) -> Question | None:
    """Return the question behind a notification, if there is one that can still be read."""
    try:
        query = told.content["call"]["arguments"]["query"]
        kind = ListQuery if "records" in query else ReportQuery
        return kind.model_validate(query)
    except (KeyError, TypeError, ValidationError):
        return None


def local_time(told_at: datetime, zone: str) -> str:
    """Write an instant on the company's clock."""
    return f"{told_at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


TOOLS = (
    Tool(
        name=LIST,
        arguments=ListNotifications,
        run=list_notifications,
        writes=False,
        title="Show the notifications",
        title_zh="查看通知",
        roles=PEOPLE,
    ),
)
