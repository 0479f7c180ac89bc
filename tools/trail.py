"""Tools of the audit trail: who changed what, and whether any number of a document lacks."""

import uuid
from collections.abc import Sequence
from enum import StrEnum

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.approvals import Proposal
from core.compliance.numbers import SeriesView, list_series
from core.kernel.audit_queries import ChangeView, list_changes
from core.kernel.errors import Language
from core.kernel.identity.roles import Role
from core.kernel.naming import canonical_number
from tools.base import Answer, Arguments, Column, Day, Grid, Text, Tool
from tools.references import LoginRef

OVERSEERS = frozenset({Role.ADMIN, Role.MANAGER, Role.AUDITOR})


class Topic(StrEnum):
    """What a change is a change of, as people ask for it."""

    RIGHTS = "rights"
    LOGINS = "logins"
    REFUSALS = "refusals"
    APPROVALS = "approvals"
    LEDGER = "ledger"
    INVOICING = "invoicing"
    PURCHASING = "purchasing"
    SALES = "sales"
    INVENTORY = "inventory"
    PARTIES = "parties"
    CATALOG = "catalog"


# The facts of a topic, by how their names begin.
_TOPICS: dict[Topic, tuple[str, ...]] = {
    Topic.RIGHTS: (
        "identity.person_", "identity.roles_set", "identity.password_set", "identity.api_token_",
        "approvals.limit_",
    ),
    Topic.LOGINS: ("identity.logged_", "identity.login_refused"),
    Topic.REFUSALS: ("tools.call_refused", "identity.login_refused"),
    Topic.APPROVALS: ("approvals.proposal_",),
}  # fmt: skip


class ShowChanges(Arguments):
    """Show the change log: who changed what and when, before and after, newest first."""

    about: Text | None = Field(
        default=None, description="A number, name or word that the change mentions."
    )
    person: LoginRef | None = Field(default=None, description="Only changes by this person.")
    topic: Topic | None = None
    since: Day | None = Field(default=None, description="First day.")
    until: Day | None = Field(default=None, description="Last day.")


class Changes(Answer):
    """Facts of the trail, with who stands behind them."""

    views: list[ChangeView]
    numbers: dict[uuid.UUID, str]

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are."""
        count, people = len(self.views), len({view.person for view in self.views})
        if language == "zh":
            return f"找到 {count} 条变更记录，涉及 {people} 人。"
        return f"{count} records of the change log, by {people} people."

    def grid(self) -> Grid:
        """Return one row for every change."""
        columns = (
            Column("record", "记录号", "number"),
            Column("at (UTC)", "时间 (UTC)"),
            Column("person", "人员"),
            Column("asked by", "提出人"),
            Column("proposal", "提案"),
            Column("fact", "事实"),
            Column("change", "变更"),
            Column("change (zh)", "变更（中文）"),
            Column("why", "理由"),
        )
        return Grid(columns, tuple(row for view in self.views for row in self._rows(view)))

    def _rows(self, view: ChangeView) -> list[tuple[object, ...]]:
        number = self.numbers.get(view.proposal_id, "") if view.proposal_id else ""
        head = (
            view.sequence,
            view.at.strftime("%Y-%m-%d %H:%M:%S"),
            view.person,
            view.on_behalf_of,
            number,
            view.name,
        )
        said = [(change.says("en"), change.says("zh")) for change in view.changes]
        return [(*head, *pair, view.why) for pair in said or [("", "")]]


def show_changes(session: Session, arguments: ShowChanges) -> Changes:
    """Read the trail."""
    topic = arguments.topic
    about = arguments.about and canonical_number(arguments.about)
    views = list_changes(
        session,
        about=about,
        person=arguments.person,
        names=_TOPICS.get(topic, (f"{topic}.",)) if topic else (),
        since=arguments.since,
        until=arguments.until,
    )
    return Changes(views=views, numbers=_proposals(session, views))


class CheckNumbers(Arguments):
    """Check the numbers of all documents for gaps and doubles."""


class NumbersChecked(Answer):
    """Every series with what is missing of it."""

    series: list[SeriesView]

    def sentence(self, language: Language = "en") -> str:
        """Say whether any number lacks."""
        given = sum(each.given for each in self.series)
        bad = [number for each in self.series for number in (*each.missing, *each.doubled)]
        if language == "zh":
            verdict = f"有问题：{'、'.join(bad[:5])}" if bad else "没有缺号，也没有重号"
            return f"{len(self.series)} 个编号序列共 {given} 个号码：{verdict}。"
        verdict = f"wrong are {', '.join(bad[:5])}" if bad else "no gaps and no doubles"
        return f"{len(self.series)} series with {given} numbers: {verdict}."

    def grid(self) -> Grid:
        """Return one row for every series."""
        columns = (
            Column("series", "序列"),
            Column("given out", "已发号码", "number"),
            Column("on documents", "单据上", "number"),
            Column("missing", "缺号"),
            Column("double", "重号"),
        )
        rows = tuple(
            (each.series, each.given, each.borne, ", ".join(each.missing), ", ".join(each.doubled))
            for each in self.series
        )
        return Grid(columns, rows)


def check_numbers(session: Session, _arguments: CheckNumbers) -> NumbersChecked:
    """Compare the counters with the documents."""
    return NumbersChecked(series=list_series(session))


def _proposals(session: Session, views: Sequence[ChangeView]) -> dict[uuid.UUID, str]:
    ids = {view.proposal_id for view in views if view.proposal_id}
    wanted = select(Proposal.id, Proposal.number).where(Proposal.id.in_(ids))
    return dict(iter(session.execute(wanted)))


TOOLS = [
    Tool(
        "trail.show_changes",
        ShowChanges,
        show_changes,
        writes=False,
        title="Show the change log",
        title_zh="查看变更日志",
        roles=OVERSEERS,
    ),
    Tool(
        "trail.check_numbers",
        CheckNumbers,
        check_numbers,
        writes=False,
        title="Check the numbers",
        title_zh="检查编号连续性",
        roles=OVERSEERS | {Role.ACCOUNTANT},
    ),
]
