"""Tools of pipelines, teams and quotas: how the company sells, and what is to be won."""

from functools import partial
from typing import Annotated

from pydantic import Field
from sqlalchemy.orm import Session

from core.crm import opportunities
from core.crm.opportunities import ForecastCategory, QuotaView, StageKind
from core.kernel.company import company
from core.kernel.errors import Language
from core.kernel.identity import service as identity
from core.kernel.money import Money, plain
from tools.base import (
    Amount,
    Answer,
    Arguments,
    Column,
    Day,
    Grid,
    Percent,
    Ref,
    Text,
    Tool,
    Undoing,
)
from tools.opportunities import PipelineRef
from tools.references import LoginRef
from tools.trade import LEADERS, READERS

TeamRef = Annotated[Text, Ref("sales_team")]
AGAIN = ("set it again instead", "请重新设置")


class AddPipeline(Arguments):
    """Open one more pipeline for opportunities; its stages come next."""

    code: Text = Field(description="A short code, such as PROJECTS.")
    name: Text
    name_zh: Text | None = None
    is_usual: bool = Field(default=False, description="The one that is meant where none is said.")


class SetStage(Arguments):
    """Add a stage to a pipeline, or change its chance, its place or when it counts as stalled."""

    stage: Annotated[Text, Ref("stage")] = Field(description="Its code.")
    pipeline: PipelineRef | None = Field(default=None, description="Empty for the usual one.")
    name: Text | None = None
    name_zh: Text | None = None
    probability_percent: Percent | None = Field(default=None, description="How likely it is won.")
    kind: StageKind | None = None
    category: ForecastCategory | None = None
    position: int | None = Field(default=None, ge=1, le=50)
    stale_days: int | None = Field(default=None, ge=1, le=365, description="Then it has stalled.")


class AddTeam(Arguments):
    """Open one more sales team."""

    code: Text = Field(description="A short code, such as NORTH.")
    name: Text
    name_zh: Text | None = None


class JoinTeam(Arguments):
    """Let somebody belong to a sales team, and to no other one."""

    person: LoginRef
    team: TeamRef


class SetQuota(Arguments):
    """Set what a person or a sales team is to win in a period."""

    amount: Amount = Field(description="How much is to be won.")
    starts_on: Day
    ends_on: Day
    owner: LoginRef | None = Field(default=None, description="Whose quota it is.")
    team: TeamRef | None = Field(default=None, description="The team's whose quota it is.")


class ListQuotas(Arguments):
    """List quotas of people and teams, and how far each is reached."""

    since: Day | None = None
    until: Day | None = None


class ListPipelines(Arguments):
    """List the pipelines with their stages and chances."""


class Noted(Answer):
    """Something that is set up now."""

    en: str
    zh: str

    def sentence(self, language: Language = "en") -> str:
        """Say what."""
        return self.zh if language == "zh" else self.en


class QuotasListed(Answer):
    """Quotas, and how far each is reached."""

    quotas: list[QuotaView]

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are."""
        count = len(self.quotas)
        return f"销售目标 {count} 个。" if language == "zh" else f"{count} quotas."

    def grid(self) -> Grid:
        """Return one row for each."""
        currency = self.quotas[0].quota.currency if self.quotas else ""
        columns = (
            Column("whose", "归属"),
            Column("from", "开始", "date"),
            Column("to", "结束", "date"),
            Column("quota", "目标", currency),
            Column("won", "已赢单", currency),
            Column("reached", "完成率", "percent"),
            Column("to go", "差额", currency),
        )
        rows = tuple(
            (
                *(q.whose, q.starts_on, q.ends_on, q.quota.amount, q.won.amount),
                *(q.attainment, q.gap.amount),
            )
            for q in self.quotas
        )
        return Grid(columns, rows)


class PipelinesListed(Answer):
    """Pipelines with their stages."""

    stages: list[tuple[str, int, str, str, str, str, str, int]]

    def sentence(self, language: Language = "en") -> str:
        """Say how many stages there are."""
        count = len(self.stages)
        return f"销售阶段 {count} 个。" if language == "zh" else f"{count} stages."

    def grid(self) -> Grid:
        """Return one row for every stage."""
        columns = (
            Column("pipeline", "销售管道"),
            Column("place", "顺序", "number"),
            Column("code", "代码"),
            Column("stage", "阶段"),
            Column("in Chinese", "中文名称"),
            Column("chance", "概率", "percent"),
            Column("kind", "类型"),
            Column("stalls after", "停滞天数", "number"),
        )
        return Grid(columns, tuple(self.stages))


def add_pipeline(session: Session, arguments: AddPipeline) -> Noted:
    """Open it."""
    name_zh = arguments.name_zh or arguments.name
    made = opportunities.add_pipeline(
        session,
        code=arguments.code,
        name=arguments.name,
        name_zh=name_zh,
        is_usual=arguments.is_usual,
    )
    return Noted(
        en=f"The pipeline {made.code} {made.name} is open.",
        zh=f"已新增销售管道 {made.code} {made.name_zh}。",
    )


def set_stage(session: Session, arguments: SetStage) -> Noted:
    """Set it."""
    pipeline = opportunities.find_pipeline(session, arguments.pipeline)
    code = arguments.stage
    known = {stage.name: stage.code for stage in opportunities.stages_of(session, pipeline)}
    stage = opportunities.set_stage(
        session,
        pipeline,
        code=known.get(code, code),
        name=arguments.name,
        name_zh=arguments.name_zh,
        probability=arguments.probability_percent,
        kind=arguments.kind,
        category=arguments.category,
        position=arguments.position,
        stale_days=arguments.stale_days,
    )
    chance = plain(stage.probability)
    return Noted(
        en=f"{pipeline.name}: {stage.position}. {stage.name}, {chance} %.",
        zh=f"{pipeline.name_zh}：{stage.position}. {stage.name_zh}，{chance}%。",
    )


def add_team(session: Session, arguments: AddTeam) -> Noted:
    """Open it."""
    team = opportunities.add_team(
        session,
        code=arguments.code,
        name=arguments.name,
        name_zh=arguments.name_zh or arguments.name,
    )
    return Noted(
        en=f"There is a sales team {team.code} {team.name} now.",
        zh=f"已新增销售团队 {team.code} {team.name_zh}。",
    )


def join_team(session: Session, arguments: JoinTeam) -> Noted:
    """Let them join."""
    person = identity.find_person(session, arguments.person)
    team = opportunities.find_team(session, arguments.team)
    opportunities.join_team(session, person, team)
    return Noted(
        en=f"{person.login} belongs to {team.name}.", zh=f"{person.login} 已加入{team.name_zh}。"
    )


def set_quota(session: Session, arguments: SetQuota) -> Noted:
    """Set it."""
    owner = arguments.owner and identity.find_person(session, arguments.owner)
    team = arguments.team and opportunities.find_team(session, arguments.team)
    amount = Money.of(arguments.amount, company(session).currency)
    opportunities.set_quota(
        session,
        starts_on=arguments.starts_on,
        ends_on=arguments.ends_on,
        amount=amount,
        owner=owner or None,
        team=team or None,
    )
    whose = owner.login if owner else team.name if team else ""
    days = f"{arguments.starts_on} – {arguments.ends_on}"
    return Noted(
        en=f"{whose} is to win {amount} in {days}.", zh=f"{whose} 在 {days} 的销售目标为 {amount}。"
    )


def list_quotas(session: Session, arguments: ListQuotas) -> QuotasListed:
    """Read them."""
    return QuotasListed(
        quotas=opportunities.list_quotas(session, first=arguments.since, last=arguments.until)
    )


def list_pipelines(session: Session, _arguments: ListPipelines) -> PipelinesListed:
    """Read them."""
    return PipelinesListed(
        stages=[
            (
                *(pipeline.code, stage.position, stage.code, stage.name, stage.name_zh),
                *(plain(stage.probability), stage.kind.value, stage.stale_days),
            )
            for pipeline in opportunities.list_pipelines(session)
            for stage in pipeline.stages
        ]
    )


def undo_nothing(_session: Session, _arguments: Arguments, _answer: object) -> Undoing:
    """Say what to do instead."""
    return Undoing(impossible=AGAIN)


def pin_quota(session: Session, arguments: SetQuota) -> SetQuota:
    """Write whose it is as we call them."""
    owner = arguments.owner and identity.find_person(session, arguments.owner).login
    team = arguments.team and opportunities.find_team(session, arguments.team).code
    return arguments.model_copy(update={"owner": owner, "team": team})


_sets = partial(Tool, writes=True, roles=LEADERS, undo=undo_nothing)
_reads = partial(Tool, writes=False, roles=READERS)
TOOLS = [
    _sets("crm.add_pipeline", AddPipeline, add_pipeline, "Add pipeline", "新增销售管道"),
    _sets("crm.set_stage", SetStage, set_stage, "Set stage", "设置销售阶段"),
    _sets("crm.add_team", AddTeam, add_team, "Add sales team", "新增销售团队"),
    _sets("crm.join_team", JoinTeam, join_team, "Join sales team", "加入销售团队"),
    _sets("crm.set_quota", SetQuota, set_quota, "Set quota", "设置销售目标", pin=pin_quota),
    _reads("crm.list_quotas", ListQuotas, list_quotas, "List quotas", "销售目标列表"),
    _reads("crm.list_pipelines", ListPipelines, list_pipelines, "List pipelines", "销售管道列表"),
]  # fmt: skip
