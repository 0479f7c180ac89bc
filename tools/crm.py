"""Tools of customer relations: what was said and written, and by whom."""

from pydantic import Field
from sqlalchemy.orm import Session

from core import crm, parties
from core.crm import ActivityKind, ActivityView, Direction
from core.kernel.errors import Language
from core.kernel.identity.roles import STAFF, Role
from tools.base import Answer, Arguments, Column, Grid, Text, Tool, Undoing, Words
from tools.references import PartyRef
from tools.trade import READERS

STAYS = ("what was noted stays on record", "已登记的跟进活动将保留在案")


class LogActivity(Arguments):
    """Note a call, mail, meeting or note about a customer, supplier or anybody else."""

    party: PartyRef = Field(description="Number or name of whom it concerns.")
    kind: ActivityKind = ActivityKind.NOTE
    subject: Text = Field(description="What it was about, in a few words.")
    body: Words = Field(default="", description="What was said or written.")
    direction: Direction = Direction.OUT


class ActivityLogged(Answer):
    """An activity that is on record."""

    party_number: str
    party: str
    kind: ActivityKind
    subject: str

    def sentence(self, language: Language = "en") -> str:
        """Say what was noted about whom."""
        if language == "zh":
            return f"已登记 {self.party_number} {self.party} 的跟进活动：“{self.subject}”。"
        return f"Noted for {self.party_number} {self.party}: “{self.subject}”."


def pin_party(session: Session, arguments: LogActivity) -> LogActivity:
    """Write the party by its number."""
    number = parties.find_party(session, arguments.party).number
    return arguments.model_copy(update={"party": number})


def log_activity(session: Session, arguments: LogActivity) -> ActivityLogged:
    """Note it, as said by the asking person."""
    party = parties.find_party(session, arguments.party)
    activity = crm.log_activity(
        session,
        party=party,
        kind=arguments.kind,
        subject=arguments.subject,
        body=arguments.body,
        direction=arguments.direction,
    )
    return ActivityLogged(
        party_number=party.number, party=party.name, kind=activity.kind, subject=activity.subject
    )


def undo_log(_session: Session, _arguments: LogActivity, _answer: object) -> Undoing:
    """Say that it stays."""
    return Undoing(impossible=STAYS)


class ListActivities(Arguments):
    """List what was said and written with a customer, supplier or anybody else, newest first."""

    party: PartyRef = Field(description="Number or name of whom it concerns.")
    kind: ActivityKind | None = None
    limit: int = Field(default=20, ge=1, le=200)


class ActivitiesListed(Answer):
    """Activities; subjects and texts are somebody's own words."""

    party_number: str
    party: str
    activities: list[ActivityView]

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are, and the latest."""
        count, newest = len(self.activities), self.activities[:1]
        if language == "zh":
            said = f"{self.party_number} {self.party} 共有 {count} 条跟进活动。"
            return said + "".join(f"最近：“{each.subject}”。" for each in newest)
        said = f"{count} with {self.party_number} {self.party}."
        return said + "".join(f" The latest: “{each.subject}”." for each in newest)

    def grid(self) -> Grid:
        """Return one row for every activity."""
        columns = (
            Column("at", "时间"),
            Column("kind", "类型"),
            Column("direction", "方向"),
            Column("subject", "主题"),
            Column("text", "内容"),
            Column("by", "记录人"),
        )
        rows = tuple(
            (
                f"{each.happened_at:%Y-%m-%d %H:%M}",
                *(each.kind, each.direction, each.subject, each.body, each.author),
            )
            for each in self.activities
        )
        return Grid(columns, rows)


def list_activities(session: Session, arguments: ListActivities) -> ActivitiesListed:
    """Read them."""
    party = parties.find_party(session, arguments.party)
    return ActivitiesListed(
        party_number=party.number,
        party=party.name,
        activities=crm.list_activities(
            session, party.id, kind=arguments.kind, limit=arguments.limit
        ),
    )


TOOLS = [
    Tool(
        "crm.log_activity",
        LogActivity,
        log_activity,
        writes=True,
        title="Log activity",
        title_zh="登记跟进活动",
        roles=STAFF - {Role.AUDITOR},
        pin=pin_party,
        undo=undo_log,
    ),
    Tool(
        "crm.list_activities",
        ListActivities,
        list_activities,
        writes=False,
        title="List activities",
        title_zh="跟进活动列表",
        roles=READERS,
    ),
]
