"""Steps on opportunities: pipelines of the case's own stages, moves, reports, forecasts, quotas."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from core.crm import opportunities
from core.crm.opportunities import (
    Chances,
    Forecast,
    LineDraft,
    Opportunity,
    Pipeline,
    StageKind,
    view_opportunity,
)
from core.crm.opportunities.rules import percent_of
from core.kernel.identity import service as identity
from core.kernel.money import Money
from core.parties import Party
from core.processes import opportunity_to_order
from tests.scenarios.books import REPORTS
from tests.scenarios.operations import Step, operation
from tests.scenarios.world import World

WON, LOST = ("won",), ("lost",)
QUOTED = ("quoted", "quotation", "converted")
REASON = "scenario"


def open_opportunities(world: World) -> None:
    """Set up the stages that a case names, and write down the opportunities it begins with."""
    if world.case.area != "crm":
        return
    chances: Mapping[str, str] = world.given.get("stage_probability") or {}
    named = [*chances, *(str(each.get("to", "")) for each in world.case.when)]
    named += [str(each.get("stage", "")) for each in world.given.get("opportunities") or ()]
    pipeline = opportunities.add_pipeline(
        world.session, code="CASE", name="case", name_zh="case", is_usual=True
    )
    stages = dict.fromkeys(["begin", *(name for name in named if name), "won", "lost"])
    ends = [name for name in stages if name in {*WON, *LOST}]
    for name in [*(name for name in stages if name not in ends), *ends]:
        _add_stage(world, pipeline, name, chances.get(name))
    for place, said in enumerate(world.given.get("opportunities") or ()):
        _open(world, said, place)


def _add_stage(world: World, pipeline: Pipeline, name: str, chance: str | None) -> None:
    kind = StageKind.OPEN
    if name in WON:
        kind = StageKind.WON
    elif name in LOST:
        kind = StageKind.LOST
    elif name in QUOTED:
        kind = StageKind.QUOTED
    opportunities.set_stage(
        world.session,
        pipeline,
        code=name,
        kind=kind,
        probability=None if chance is None else Decimal(str(chance).rstrip(" %")),
    )


def _open(world: World, said: Mapping[str, Any], place: int) -> Opportunity:
    close = date.fromisoformat(str(said["close"])) if said.get("close") else None
    first = min((day for day in world.case.days), default=world.today)
    owner = _person(world, said.get("owner"))
    found = opportunities.open_opportunity(
        world.session,
        party=world.session.get_one(
            Party, world.customer(said.get("party") or said.get("customer")).party_id
        ),
        title=str(said.get("id") or said.get("ref") or f"o{place}"),
        amount=world.money(said.get("amount") or said.get("estimate") or "0", said.get("currency")),
        said=Chances(
            close_on=close,
            owner=owner,
            probability=Decimal(str(said["probability"])) if said.get("probability") else None,
        ),
        opened_on=min(first, close) if close else None,
    )
    world.refs[found.title] = found.number
    world.gathered["opportunities"].append(found.number)
    if said.get("quotation"):
        world.gathered["quoted"].append((found.number, said["quotation"]))
    stage = said.get("stage")
    if stage and stage != "begin":
        _move(world, found.number, str(stage), close)
    return found


def _person(world: World, name: object) -> Any:
    if not name:
        return None
    login = str(name).lower().replace(" ", "_")
    known = world.gathered["people"]
    if login not in known:
        known.append(login)
        identity.add_person(world.session, login=login, name=str(name), roles={"sales"})
    return identity.find_person(world.session, login)


@operation("opportunity", "add_opportunity")
def open_one(world: World, step: Step) -> None:
    """Write one more opportunity down."""
    found = _open(world, {**step, "id": step.get("ref") or step.get("opportunity")}, step["step"])
    world.remember(step, found.number)


@operation("move_stage")
def move(world: World, step: Step) -> None:
    """Move an opportunity; what is quoted is worth the quotation from then on."""
    number = world.ref(str(step.get("opportunity") or step.get("of")))
    stage = str(step["to"])
    because = step.get("reason") or step.get("because") or REASON
    quoted = step.get("quotation") or dict(world.gathered["quoted"]).get(number)
    if quoted and stage in {*QUOTED, *WON}:
        _quote(world, number, world.money(quoted))
    if view_opportunity(world.session, number).stage != stage:
        _move(world, number, stage, world.day_of(step), str(because))


def _quote(world: World, number: str, worth: Money) -> None:
    """Quote an opportunity by a quotation of the real kind, of one thing at that price."""
    view = view_opportunity(world.session, number)
    if view.documents:
        return
    item = world.item("scope")
    opportunity_to_order.quote_opportunity(
        world.session, number, lines=[LineDraft(item, Decimal(1), worth.amount)]
    )


def _move(
    world: World, number: str, stage: str, day: date | None = None, because: str = REASON
) -> None:
    lost = because if stage in LOST else None
    opportunities.move_stage(world.session, number, stage, because=lost, moved_on=day)


def report_pipeline(world: World, _step: Step) -> None:
    """Report what became of the opportunities."""
    report = opportunities.pipeline_report(world.session, pipeline="CASE")
    world.values |= {
        "number": report.number,
        "amount": report.amount.amount,
        "converted": report.converted,
        "conversion_rate": report.conversion_rate,
        "converted_amount": report.converted_amount.amount,
        "decided": report.decided,
        "won": report.won,
        "winning_rate": report.winning_rate,
        "won_amount": report.won_amount.amount,
        "lost": report.lost,
    }


def report_forecast(world: World, step: Step) -> None:
    """Forecast the months, and set them against the quota."""
    first = _month(str(step["from"]), last=False)
    last = _month(str(step.get("to") or step["from"]), last=True)
    quota = world.given.get("quota")
    found = opportunities.forecast(
        world.session,
        first=first,
        last=last,
        pipeline="CASE",
        quota=None if quota is None else world.money(quota),
    )
    world.values |= _figures(found)


def _figures(found: Forecast) -> dict[str, Any]:
    months = {f"{row.month:%Y-%m}": row for row in found.rows}
    total = found.total
    return {
        "weighted": {month: row.weighted.amount for month, row in months.items()},
        "commit": {month: row.commit.amount for month, row in months.items()},
        "best_case": {month: row.best_case.amount for month, row in months.items()},
        "pipeline": {month: row.pipeline.amount for month, row in months.items()},
        "total": total.weighted.amount,
        "won": total.won.amount,
        "quota_attainment_pct": found.attainment,
        "attainment": found.attainment,
        "gap": None if found.gap is None else found.gap.amount,
        "coverage": found.coverage,
        "won_share": percent_of(total.won.minor, total.pipeline.minor),
    }


def _month(said: str, *, last: bool) -> date:
    if len(said) > len("2025-01"):
        return date.fromisoformat(said)
    year, month = (int(part) for part in said.split("-"))
    return date(year, month, monthrange(year, month)[1] if last else 1)


REPORTS["pipeline"] = report_pipeline
REPORTS["forecast"] = report_forecast
