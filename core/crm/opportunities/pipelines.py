"""Pipelines and their stages, as the company sets them up."""

from decimal import Decimal

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, selectinload

from core.crm.opportunities import rules
from core.crm.opportunities.errors import (
    CodeTaken,
    NoStages,
    StageHolds,
    StaleDaysOutOfRange,
    UnknownPipeline,
    UnknownStage,
)
from core.crm.opportunities.events import PipelineAdded, StageSet
from core.crm.opportunities.tables import (
    ENDS,
    ForecastCategory,
    Opportunity,
    Pipeline,
    Stage,
    StageKind,
)
from core.kernel import events
from core.kernel.errors import Both
from core.kernel.money import plain
from core.kernel.naming import resolved
from core.kernel.words import WORDS

STALE_DAYS_MAX = 365
_AS_STORED = {"populate_existing": True}


def add_pipeline(
    session: Session, *, code: str, name: str, name_zh: str, is_usual: bool = False
) -> Pipeline:
    """Open one more way for opportunities; its stages come next."""
    if session.scalar(select(Pipeline.id).where(Pipeline.code == code)):
        raise CodeTaken(what=Both(*WORDS["pipeline"]), code=code)
    if is_usual:
        for other in session.scalars(select(Pipeline).where(Pipeline.is_usual)):
            other.is_usual = False
        session.flush()
    pipeline = Pipeline(code=code, name=name, name_zh=name_zh, is_usual=is_usual)
    session.add(pipeline)
    events.record(session, PipelineAdded(code, name))
    session.flush()
    return pipeline


def set_stage(
    session: Session,
    pipeline: Pipeline,
    *,
    code: str,
    name: str | None = None,
    name_zh: str | None = None,
    probability: Decimal | None = None,
    kind: StageKind | None = None,
    category: ForecastCategory | None = None,
    position: int | None = None,
    stale_days: int | None = None,
) -> Stage:
    """Add a stage to a pipeline, or say something else of one; what is not said stays.

    The place pushes the stages behind it back. What is open gets its new chance at once.
    """
    session.refresh(pipeline, with_for_update=True)
    stages = stages_of(session, pipeline)
    stage = next((each for each in stages if each.code == code), None)
    before = "" if stage is None else _said(stage)
    if stage is None:
        stage = Stage(
            pipeline_id=pipeline.id,
            code=code,
            name=name or code,
            name_zh=name_zh or name or code,
            position=len(stages) + 1,
            probability=Decimal(0),
            kind=kind or StageKind.OPEN,
            category=category or ForecastCategory.PIPELINE,
            stale_days=14,
        )
        stages.append(stage)
        session.add(stage)
    if kind is not None and kind is not stage.kind:
        _require_empty(session, stage, kind)
        stage.kind = kind
    end = {StageKind.WON: Decimal(100), StageKind.LOST: Decimal(0)}.get(stage.kind)
    chance = probability if probability is not None else end
    if chance is not None:
        rules.require_probability(chance, stage.kind)
        stage.probability = chance
    if stale_days is not None and not 0 < stale_days <= STALE_DAYS_MAX:
        raise StaleDaysOutOfRange(days=stale_days, most=STALE_DAYS_MAX)
    stage.name, stage.name_zh = name or stage.name, name_zh or stage.name_zh
    stage.category, stage.stale_days = category or stage.category, stale_days or stage.stale_days
    if position is not None:
        stages.remove(stage)
        stages.insert(max(position - 1, 0), stage)
    for place, each in enumerate(stages, start=1):
        each.position = place
    session.flush()
    events.record(
        session,
        StageSet(pipeline.name, code, stage.name, stage.position, before, _said(stage)),
    )
    return stage


def find_pipeline(session: Session, text: str | None = None) -> Pipeline:
    """Return the pipeline that a code or name means, or the usual one, with its stages."""
    wanted = select(Pipeline).options(selectinload(Pipeline.stages))
    if text is None:
        usual = session.scalars(wanted.order_by(Pipeline.is_usual.desc(), Pipeline.code).limit(1))
        found = usual.one_or_none()
        if found is None:
            raise UnknownPipeline(text="–")
        return found
    among = select(Pipeline.code, Pipeline.name, Pipeline.name_zh)
    code = resolved(session, among, text, UnknownPipeline)
    return session.scalars(wanted.where(Pipeline.code == code)).one()


def list_pipelines(session: Session) -> list[Pipeline]:
    """Return the pipelines with their stages."""
    wanted = select(Pipeline).options(selectinload(Pipeline.stages)).order_by(Pipeline.code)
    return list(session.scalars(wanted.limit(100)))


def stages_of(session: Session, pipeline: Pipeline) -> list[Stage]:
    """Return the stages of a pipeline in their order."""
    wanted = select(Stage).where(Stage.pipeline_id == pipeline.id).order_by(Stage.position)
    # Whoever waited for a lock must not see what the stages meant before.
    return list(session.scalars(wanted.limit(100), execution_options=_AS_STORED))


def find_stage(session: Session, pipeline: Pipeline, text: str) -> Stage:
    """Return the stage of a pipeline that a code or name means, or say which ones there are."""
    said = " ".join(text.split()).lower().removesuffix(" stage").removesuffix("阶段")
    names = (Stage.code, Stage.name, Stage.name_zh)
    wanted = select(Stage).where(Stage.pipeline_id == pipeline.id).execution_options(**_AS_STORED)
    exact = wanted.where(or_(*(func.lower(name) == said for name in names)))
    found = session.scalars(exact).all()
    if not found and said:
        found = session.scalars(
            wanted.where(
                or_(*(func.lower(name).startswith(said, autoescape=True) for name in names))
            )
        ).all()
    if len(found) != 1:
        stages = stages_of(session, pipeline)
        raise UnknownStage(
            text=text,
            pipeline=Both(pipeline.name, pipeline.name_zh),
            stages=Both(
                ", ".join(each.name for each in stages), "、".join(each.name_zh for each in stages)
            ),
        )
    return found[0]


def first_stage(session: Session, pipeline: Pipeline) -> Stage:
    """Return the stage that opportunities of a pipeline begin in."""
    for stage in stages_of(session, pipeline):
        if stage.kind is StageKind.OPEN:
            return stage
    raise NoStages(pipeline=pipeline.name)


def stage_of_kind(session: Session, pipeline_id: object, kind: StageKind) -> Stage | None:
    """Return the first stage of a pipeline that means something, if it has one."""
    wanted = (
        select(Stage)
        .where(Stage.pipeline_id == pipeline_id, Stage.kind == kind)
        .order_by(Stage.position)
        .limit(1)
    )
    return session.scalars(wanted).one_or_none()


def _require_empty(session: Session, stage: Stage, kind: StageKind) -> None:
    """Refuse that a stage opens or closes what it holds: only a move does that, with its day."""
    if stage.kind not in ENDS and kind not in ENDS:
        return
    wanted = select(func.count()).where(Opportunity.stage_id == stage.id)
    if count := session.scalars(wanted).one():
        raise StageHolds(stage=Both(stage.name, stage.name_zh), count=count)


def _said(stage: Stage) -> str:
    return f"{plain(stage.probability)} % · {stage.kind} · {stage.category} · {stage.stale_days} d"
