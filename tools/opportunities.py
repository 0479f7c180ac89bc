"""Tools of opportunities: what somebody may buy, how far it is, and what the months may bring."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import catalog, parties, sales
from core.crm import opportunities
from core.crm.opportunities import (
    Chances,
    Forecast,
    ForecastCategory,
    LineDraft,
    OpportunityView,
    PipelineReport,
    StageKind,
    StalledView,
)
from core.crm.opportunities.service import CLOSE_DAYS
from core.crm.sources import LeadSource
from core.kernel.company import company
from core.kernel.database import acting
from core.kernel.errors import Language
from core.kernel.identity import service as identity
from core.kernel.money import Money, plain
from core.processes import opportunity_to_order
from core.reporting.periods import add_months
from core.sales import QuotationView
from tools.base import (
    Amount,
    Answer,
    Arguments,
    Call,
    Column,
    Count,
    Currency,
    CustomerRef,
    Day,
    Grid,
    ItemRef,
    Percent,
    Price,
    Ref,
    Text,
    Tool,
    Undoing,
    Words,
)
from tools.quotations import DECLINE, DeclineQuotation
from tools.references import LoginRef, PartyRef
from tools.sales import CANCEL, CancelOrder
from tools.trade import READERS, SELLERS, Because

MOVE, LOSE, CHANGE = "crm.move_stage", "crm.lose_opportunity", "crm.change_opportunity"
OpportunityRef = Annotated[Text, Ref("opportunity")]
StageRef = Annotated[Text, Ref("stage")]
PipelineRef = Annotated[Text, Ref("pipeline")]
_WHICH = "Its number, its title, or the customer where there is only one."


class MayBuy(Arguments):
    """One item that somebody may buy."""

    item: ItemRef = Field(description="SKU or name of the item.")
    quantity: Count
    unit_price: Price | None = Field(default=None, description="Empty for the list price.")
    discount_percent: Percent = Decimal(0)


class OpenOpportunity(Arguments):
    """Open an opportunity: something that a customer may buy, how much, and when."""

    party: PartyRef = Field(description="Number or name of who may buy.")
    title: Text | None = Field(default=None, description="What it is about, in a few words.")
    amount: Amount | None = Field(default=None, description="Empty for what the items cost.")
    currency: Currency | None = Field(default=None, description="Empty for the company's.")
    close_on: Day | None = Field(default=None, description="When it may be decided.")
    probability_percent: Percent | None = Field(default=None, description="Empty: the stage's.")
    owner: LoginRef | None = Field(default=None, description="Empty for the asking person.")
    stage: StageRef | None = Field(default=None, description="Empty for the first one.")
    pipeline: PipelineRef | None = Field(default=None, description="Empty for the usual one.")
    source: LeadSource | None = None
    lines: tuple[MayBuy, ...] = Field(default=(), max_length=100, description="Its products.")


class OpportunityShown(Answer):
    """An opportunity as it is now."""

    opportunity: OpportunityView

    def sentence(self, language: Language = "en") -> str:
        """Say what it is, how far, how much, and when."""
        one = self.opportunity
        chance = plain(one.percent)
        if language == "zh":
            said = (
                f"{one.number} {one.title}（{one.party_zh or one.party}）：{one.stage_zh}，"
                f"{one.amount}，概率 {chance}%，预计 {one.close_on} 成交"
            )
            return f"{said}；输单原因：{one.lost_reason}。" if one.lost_reason else f"{said}。"
        said = (
            f"{one.number} {one.title} of {one.party}: {one.stage}, {one.amount} at {chance} %,"
            f" to close on {one.close_on}"
        )
        return f"{said}; lost: {one.lost_reason}." if one.lost_reason else f"{said}."

    def grid(self) -> Grid | None:
        """Return one row for every stage that it was in."""
        columns = (
            Column("stage", "阶段"),
            Column("since", "进入日期", "date"),
            Column("until", "离开日期", "date"),
            Column("days", "天数", "number"),
            Column("by", "操作人"),
        )
        rows = tuple((v.stage, v.came_on, v.left_on, v.days, v.by) for v in self.opportunity.visits)
        return Grid(columns, rows) if rows else None

    def notes(self, language: Language = "en") -> list[str]:
        """Say what it is about, and what came of it."""
        about = (*self.opportunity.lines, *self.opportunity.documents)
        return ["; ".join(about)] if about else []


def _shown(session: Session, text: str) -> OpportunityShown:
    return OpportunityShown(opportunity=opportunities.view_opportunity(session, text))


def _drafts(session: Session, lines: Sequence[MayBuy]) -> list[LineDraft]:
    items = catalog.find_items(session, [line.item for line in lines])
    return [
        LineDraft(item, line.quantity, line.unit_price, line.discount_percent)
        for item, line in zip(items, lines, strict=True)
    ]


def _named(session: Session, lines: Sequence[MayBuy]) -> tuple[MayBuy, ...]:
    items = catalog.find_items(session, [line.item for line in lines])
    return tuple(
        line.model_copy(update={"item": item.sku}) for line, item in zip(lines, items, strict=True)
    )


def _money(session: Session, amount: Decimal | None, currency: str | None) -> Money | None:
    return None if amount is None else Money.of(amount, currency or company(session).currency)


def pin_open(session: Session, arguments: OpenOpportunity) -> OpenOpportunity:
    """Write whom, what, whose and by when, as we call them."""
    party = parties.find_party(session, arguments.party)
    pipeline = opportunities.find_pipeline(session, arguments.pipeline)
    stage = arguments.stage and opportunities.find_stage(session, pipeline, arguments.stage).code
    owner = arguments.owner and identity.find_person(session, arguments.owner).login
    return arguments.model_copy(
        update={
            "party": party.number,
            "pipeline": pipeline.code,
            "stage": stage,
            "owner": owner or _asking(session),
            "title": arguments.title or party.name,
            "close_on": arguments.close_on or company(session).today + timedelta(days=CLOSE_DAYS),
            "lines": _named(session, arguments.lines),
        }
    )


def _asking(session: Session) -> str | None:
    """Return the login of the person that asks, if one does."""
    actor = acting(session).actor
    return actor.name if actor.person_id is not None else None


def open_opportunity(session: Session, arguments: OpenOpportunity) -> OpportunityShown:
    """Open it."""
    owner = arguments.owner and identity.find_person(session, arguments.owner)
    opportunity = opportunities.open_opportunity(
        session,
        party=parties.find_party(session, arguments.party),
        title=arguments.title or arguments.party,
        amount=_money(session, arguments.amount, arguments.currency),
        lines=_drafts(session, arguments.lines),
        pipeline=arguments.pipeline,
        stage=arguments.stage,
        said=Chances(
            close_on=arguments.close_on,
            probability=arguments.probability_percent,
            owner=owner or None,
            source=arguments.source,
        ),
    )
    return _shown(session, opportunity.number)


def undo_open(_session: Session, _arguments: Arguments, answer: dict[str, Any]) -> Undoing:
    """Note that it is lost."""
    number = answer["opportunity"]["number"]
    return Undoing((Call(LOSE, LoseOpportunity(opportunity=number, because="undo")),))


class ShowOpportunity(Arguments):
    """Show an opportunity: stage, amount, products, documents, and its way through the stages."""

    opportunity: OpportunityRef = Field(description=_WHICH)


def show_opportunity(session: Session, arguments: ShowOpportunity) -> OpportunityShown:
    """Read it."""
    return _shown(session, arguments.opportunity)


class MoveStage(Arguments):
    """Move an opportunity to another stage of its pipeline; what is lost needs a reason."""

    opportunity: OpportunityRef = Field(description=_WHICH)
    stage: StageRef = Field(description="The stage it is in from now on.")
    because: Words | None = Field(default=None, description="Why it was lost.")


class WinOpportunity(Arguments):
    """Note that an opportunity was won."""

    opportunity: OpportunityRef = Field(description=_WHICH)


class LoseOpportunity(Arguments):
    """Note that an opportunity was lost, and why."""

    opportunity: OpportunityRef = Field(description=_WHICH)
    because: Because = Field(description="Why it was lost.")


class StageMoved(OpportunityShown):
    """An opportunity that is in another stage now."""

    before: str


def pin_opportunity(session: Session, arguments: Any) -> Any:  # noqa: ANN401
    """Write the opportunity by its number."""
    number = opportunities.find_opportunity(session, arguments.opportunity).number
    return arguments.model_copy(update={"opportunity": number})


def pin_move(session: Session, arguments: MoveStage) -> MoveStage:
    """Write the opportunity by its number, and the stage by its code."""
    found = opportunities.find_opportunity(session, arguments.opportunity)
    stage = opportunities.find_stage(session, found.pipeline, arguments.stage).code
    return arguments.model_copy(update={"opportunity": found.number, "stage": stage})


def move_stage(session: Session, arguments: MoveStage) -> StageMoved:
    """Move it."""
    return _moved(session, arguments.opportunity, arguments.stage, arguments.because)


def win_opportunity(session: Session, arguments: WinOpportunity) -> StageMoved:
    """Move it to where it is won."""
    return _moved(session, arguments.opportunity, _end(session, arguments, StageKind.WON), None)


def lose_opportunity(session: Session, arguments: LoseOpportunity) -> StageMoved:
    """Move it to where it is lost."""
    end = _end(session, arguments, StageKind.LOST)
    return _moved(session, arguments.opportunity, end, arguments.because)


def _end(session: Session, arguments: WinOpportunity | LoseOpportunity, kind: StageKind) -> str:
    found = opportunities.find_opportunity(session, arguments.opportunity)
    stage = opportunities.stage_of_kind(session, found.pipeline_id, kind)
    return kind.value if stage is None else stage.code


def _moved(session: Session, text: str, stage: str, because: str | None) -> StageMoved:
    before = opportunities.find_opportunity(session, text)
    was = before.stage.code
    opportunities.move_stage(session, before.number, stage, because=because)
    view = opportunities.view_opportunity(session, before.number)
    return StageMoved(opportunity=view, before=was)


def undo_move(_session: Session, _arguments: Arguments, answer: dict[str, Any]) -> Undoing:
    """Move it back."""
    number = answer["opportunity"]["number"]
    call = MoveStage(opportunity=number, stage=answer["before"], because="undo")
    return Undoing((Call(MOVE, call),))


class ChangeOpportunity(Arguments):
    """Change an opportunity: amount, closing day, chance, owner, forecast category or products."""

    opportunity: OpportunityRef = Field(description=_WHICH)
    amount: Amount | None = Field(default=None, description="What it is worth.")
    currency: Currency | None = None
    close_on: Day | None = Field(default=None, description="When it may be decided.")
    probability_percent: Percent | None = Field(default=None, description="How likely it is.")
    category: ForecastCategory | None = Field(default=None, description="Commit or best case.")
    owner: LoginRef | None = Field(default=None, description="Whose it is.")
    title: Text | None = None
    lines: tuple[MayBuy, ...] = Field(default=(), max_length=100, description="Its products anew.")


class OpportunityChanged(OpportunityShown):
    """An opportunity after it was changed, and what was said before."""

    was: dict[str, Any] = Field(default_factory=dict)


def pin_change(session: Session, arguments: ChangeOpportunity) -> ChangeOpportunity:
    """Write what is meant as we call it."""
    number = opportunities.find_opportunity(session, arguments.opportunity).number
    owner = arguments.owner and identity.find_person(session, arguments.owner).login
    lines = _named(session, arguments.lines)
    return arguments.model_copy(update={"opportunity": number, "owner": owner, "lines": lines})


def change_opportunity(session: Session, arguments: ChangeOpportunity) -> OpportunityChanged:
    """Change it; what is not said stays."""
    before = opportunities.view_opportunity(session, arguments.opportunity)
    owner = arguments.owner and identity.find_person(session, arguments.owner)
    opportunities.change_opportunity(
        session,
        before.number,
        Chances(
            title=arguments.title,
            close_on=arguments.close_on,
            probability=arguments.probability_percent,
            category=arguments.category,
            owner=owner or None,
        ),
        amount=_money(session, arguments.amount, arguments.currency or before.amount.currency),
        lines=_drafts(session, arguments.lines) if arguments.lines else None,
    )
    known: dict[str, Any] = {
        # What was worth nothing cannot be said: an amount is above nought.
        "amount": str(before.amount.amount) if before.amount.minor else None,
        "close_on": before.close_on.isoformat(),
        "probability_percent": str(before.percent),
        "category": before.category,
        "owner": before.owner,
        "title": before.title,
    }
    was = {name: known[name] for name in known if getattr(arguments, name) is not None}
    if "amount" in was:
        was["currency"] = before.amount.currency
    view = opportunities.view_opportunity(session, before.number)
    return OpportunityChanged(opportunity=view, was=was)


def undo_change(_session: Session, arguments: ChangeOpportunity, answer: dict[str, Any]) -> Undoing:
    """Say what was said before, where that is enough."""
    if arguments.lines:
        return Undoing(impossible=("change its products again instead", "请再次修改产品"))
    if None in answer["was"].values():
        return Undoing(impossible=("change it again instead", "请再次修改"))
    number = answer["opportunity"]["number"]
    return Undoing((Call(CHANGE, ChangeOpportunity(opportunity=number, **answer["was"])),))


class QuoteOpportunity(Arguments):
    """Draft a quotation of what an opportunity is about, without typing it again."""

    opportunity: OpportunityRef = Field(description=_WHICH)
    valid_until: Day | None = Field(default=None, description="Leave empty for 30 days.")
    lines: tuple[MayBuy, ...] = Field(
        default=(), max_length=100, description="Leave empty for the products on record."
    )


class OpportunityQuoted(Answer):
    """A quotation that came of an opportunity."""

    number: str
    opportunity: str
    quotation: QuotationView

    def sentence(self, language: Language = "en") -> str:
        """Say what was quoted."""
        view = self.quotation
        if language == "zh":
            return f"{self.number}：由 {self.opportunity} 生成报价单，{view.party}，{view.total}。"
        return f"{self.number} of {self.opportunity} for {view.party}: {view.total}."


def pin_quote(session: Session, arguments: QuoteOpportunity) -> QuoteOpportunity:
    """Write the opportunity by its number, and its items by theirs."""
    number = opportunities.find_opportunity(session, arguments.opportunity).number
    lines = _named(session, arguments.lines)
    return arguments.model_copy(update={"opportunity": number, "lines": lines})


def quote_opportunity(session: Session, arguments: QuoteOpportunity) -> OpportunityQuoted:
    """Quote it."""
    made = opportunity_to_order.quote_opportunity(
        session,
        arguments.opportunity,
        lines=_drafts(session, arguments.lines) if arguments.lines else None,
        valid_until=arguments.valid_until,
    )
    view = sales.view_quotation(session, made.number)
    return OpportunityQuoted(number=made.number, opportunity=view.reference or "", quotation=view)


def undo_quote(_session: Session, _arguments: Arguments, answer: dict[str, Any]) -> Undoing:
    """Note that the quotation is not wanted."""
    call = DeclineQuotation(quotation=answer["number"], because="undo")
    return Undoing((Call(DECLINE, call),))


class OrderOpportunity(Arguments):
    """Order what was quoted of an opportunity; it is won with that only if one says so."""

    opportunity: OpportunityRef = Field(description=_WHICH)
    wins: bool = Field(default=False, description="Whether it is won with that.")
    reference: Text | None = Field(default=None, description="The customer's own order number.")


class OpportunityOrdered(Answer):
    """An order that came of an opportunity."""

    number: str
    opportunity: str
    total: Money
    won: bool

    def sentence(self, language: Language = "en") -> str:
        """Say what was ordered, and whether it is won."""
        if language == "zh":
            won = "，商机已赢单" if self.won else ""
            return f"{self.number}：由 {self.opportunity} 生成订单，{self.total}{won}。"
        won = "; it is won" if self.won else ""
        return f"{self.number} of {self.opportunity}: {self.total}{won}."


def order_opportunity(session: Session, arguments: OrderOpportunity) -> OpportunityOrdered:
    """Order it."""
    order = opportunity_to_order.order_opportunity(
        session, arguments.opportunity, wins=arguments.wins, reference=arguments.reference
    )
    view = opportunities.view_opportunity(session, arguments.opportunity)
    return OpportunityOrdered(
        number=order.number,
        opportunity=view.number,
        total=sales.view_order(session, order.number).total,
        won=view.kind is StageKind.WON,
    )


def undo_order(_session: Session, _arguments: Arguments, answer: dict[str, Any]) -> Undoing:
    """Cancel the order; the stage is moved back by hand."""
    call = CancelOrder(order=answer["number"], because="undo")
    return Undoing((Call(CANCEL, call),))


class ListOpportunities(Arguments):
    """List the open opportunities, those that close first before the others."""

    customer: CustomerRef | None = Field(default=None, description="Of one customer only.")
    owner: LoginRef | None = Field(default=None, description="Of one person only.")
    limit: int = Field(default=50, ge=1, le=200)


class OpportunitiesListed(Answer):
    """Open opportunities."""

    opportunities: list[OpportunityView]

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are, and what they come to."""
        count = len(self.opportunities)
        bases = [one.base for one in self.opportunities]
        worth = sum(bases[1:], bases[0]) if bases else None
        if language == "zh":
            return f"未结商机 {count} 个{f'，合计 {worth}' if worth else ''}。"
        said = f"{count} open {'opportunity' if count == 1 else 'opportunities'}"
        return f"{said}, {worth} in all." if worth else f"{said}."

    def grid(self) -> Grid:
        """Return one row for each."""
        currency = self.opportunities[0].base.currency if self.opportunities else ""
        columns = (
            Column("number", "编号"),
            Column("title", "标题"),
            Column("customer", "客户"),
            Column("stage", "阶段"),
            Column("chance", "概率", "percent"),
            Column("amount", "金额", currency),
            Column("closes on", "预计成交日", "date"),
            Column("owner", "负责人"),
        )
        rows = tuple(
            (o.number, o.title, o.party, o.stage, o.percent, o.base.amount, o.close_on, o.owner)
            for o in self.opportunities
        )
        return Grid(columns, rows)


def list_opportunities(session: Session, arguments: ListOpportunities) -> OpportunitiesListed:
    """Read them."""
    party = arguments.customer and parties.find_party(session, arguments.customer)
    owner = arguments.owner and identity.find_person(session, arguments.owner)
    return OpportunitiesListed(
        opportunities=opportunities.list_opportunities(
            session,
            party_id=party.id if party else None,
            owner_id=owner.id if owner else None,
            limit=arguments.limit,
        )
    )


class ForecastSales(Arguments):
    """Forecast what the months may bring of open opportunities: commit, best case, weighted."""

    since: Day | None = Field(default=None, description="First day; empty for this month.")
    until: Day | None = Field(default=None, description="Last day; empty for three months.")
    owner: LoginRef | None = Field(default=None, description="Of one person only.")
    team: Annotated[Text, Ref("sales_team")] | None = Field(default=None, description="Of a team.")
    pipeline: PipelineRef | None = None


class ForecastMade(Answer):
    """What the months may bring."""

    forecast: Forecast

    def sentence(self, language: Language = "en") -> str:
        """Say what is weighted, committed and won, and how far the quota is reached."""
        made, whole = self.forecast, self.forecast.total
        days = f"{made.first} – {made.last}"
        if language == "zh":
            said = (
                f"{days}：加权预测 {whole.weighted}，承诺 {whole.commit}，乐观 {whole.best_case}，"
                f"已赢单 {whole.won}"
            )
            if made.quota is not None:
                said += f"；目标 {made.quota}，完成 {made.attainment}%，差额 {made.gap}"
            return said + "。"
        said = (
            f"{days}: {whole.weighted} weighted, {whole.commit} committed, {whole.best_case} at"
            f" best, {whole.won} won"
        )
        if made.quota is not None:
            said += f"; quota {made.quota}, {made.attainment} % reached, {made.gap} to go"
        return said + "."

    def grid(self) -> Grid:
        """Return one row for every month, and the total."""
        whole = self.forecast.total
        currency = whole.weighted.currency
        names = (("won", "已赢单"), ("commit", "承诺"), ("best case", "乐观"),
                 ("pipeline", "管道"), ("weighted", "加权"))  # fmt: skip
        columns = (
            Column("month", "月份"),
            Column("opportunities", "商机数", "number"),
            *(Column(en, zh, currency) for en, zh in names),
        )
        rows = [
            (f"{row.month:%Y-%m}", row.count, *(each.amount for each in _figures(row)))
            for row in self.forecast.rows
        ]
        rows.append(("", whole.count, *(each.amount for each in _figures(whole))))
        styles = (*("" for _ in self.forecast.rows), "total")
        return Grid(columns, tuple(rows), styles)


def _figures(row: Any) -> tuple[Money, ...]:  # noqa: ANN401
    return (row.won, row.commit, row.best_case, row.pipeline, row.weighted)


def forecast_sales(session: Session, arguments: ForecastSales) -> ForecastMade:
    """Forecast them."""
    first = arguments.since or company(session).today.replace(day=1)
    last = arguments.until or add_months(first.replace(day=1), 3) - timedelta(days=1)
    owner = arguments.owner and identity.find_person(session, arguments.owner)
    team = arguments.team and opportunities.find_team(session, arguments.team)
    owners = [owner.id] if owner else opportunities.members_of(session, team) if team else None
    quota = opportunities.quota_of(
        session, first=first, last=last, owner=owner or None, team=team or None
    )
    pipeline = arguments.pipeline and opportunities.find_pipeline(session, arguments.pipeline).code
    return ForecastMade(
        forecast=opportunities.forecast(
            session, first=first, last=last, owner_ids=owners, pipeline=pipeline, quota=quota
        )
    )


class ReportPipeline(Arguments):
    """Report the pipeline: how many opportunities were converted, won and lost, and the rates."""

    since: Day | None = Field(default=None, description="Opened from this day on.")
    until: Day | None = Field(default=None, description="Opened up to this day.")
    pipeline: PipelineRef | None = None


class PipelineReported(Answer):
    """What became of opportunities."""

    report: PipelineReport

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are, and the two rates."""
        one = self.report
        rates = [("–" if rate is None else f"{rate} %") for rate in
                 (one.conversion_rate, one.winning_rate)]  # fmt: skip
        if language == "zh":
            return (
                f"商机 {one.number} 个，合计 {one.amount}；已转化 {one.converted}（{rates[0]}），"
                f"赢单 {one.won}（已决中 {rates[1]}，{one.won_amount}），输单 {one.lost}。"
            )
        return (
            f"{one.number} opportunities, {one.amount} in all; {one.converted} converted"
            f" ({rates[0]}), {one.won} won ({rates[1]} of those decided, {one.won_amount}),"
            f" {one.lost} lost."
        )


def report_pipeline(session: Session, arguments: ReportPipeline) -> PipelineReported:
    """Count them."""
    pipeline = arguments.pipeline and opportunities.find_pipeline(session, arguments.pipeline).code
    return PipelineReported(
        report=opportunities.pipeline_report(
            session, first=arguments.since, last=arguments.until, pipeline=pipeline
        )
    )


class ListStalled(Arguments):
    """List the opportunities with which nothing happens any more, or that should have closed."""

    limit: int = Field(default=50, ge=1, le=200)


class StalledListed(Answer):
    """Opportunities that have stalled."""

    stalled: list[StalledView]
    count: int

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are, also where not all of them are listed."""
        shown, count = len(self.stalled), self.count
        if language == "zh":
            less = f"，列出金额最大的 {shown} 个" if shown < count else ""
            return f"停滞的商机 {count} 个{less}。"
        less = f"; the {shown} largest are listed" if shown < count else ""
        return f"{count} stalled {'opportunity' if count == 1 else 'opportunities'}{less}."

    def grid(self) -> Grid:
        """Return one row for each."""
        columns = (
            Column("number", "编号"),
            Column("title", "标题"),
            Column("customer", "客户"),
            Column("stage", "阶段"),
            Column("last activity", "最近活动", "date"),
            Column("quiet days", "静默天数", "number"),
            Column("closes on", "预计成交日", "date"),
            Column("owner", "负责人"),
        )
        rows = tuple(
            (s.number, s.title, s.party, s.stage, s.last_on, s.quiet_days, s.close_on, s.owner)
            for s in self.stalled
        )
        return Grid(columns, rows)


def list_stalled(session: Session, arguments: ListStalled) -> StalledListed:
    """Read them."""
    return StalledListed(
        stalled=opportunities.list_stalled(session, limit=arguments.limit),
        count=opportunities.count_stalled(session),
    )


_writes = partial(Tool, writes=True, roles=SELLERS)
_reads = partial(Tool, writes=False, roles=READERS)
TOOLS = [
    _writes("crm.open_opportunity", OpenOpportunity, open_opportunity, "Open opportunity",
            "新建商机", pin=pin_open, undo=undo_open),
    _reads("crm.show_opportunity", ShowOpportunity, show_opportunity, "Show opportunity",
           "查看商机"),
    _writes(MOVE, MoveStage, move_stage, "Move opportunity", "推进商机阶段", pin=pin_move,
            undo=undo_move),
    _writes("crm.win_opportunity", WinOpportunity, win_opportunity, "Win opportunity", "商机赢单",
            pin=pin_opportunity, undo=undo_move),
    _writes(LOSE, LoseOpportunity, lose_opportunity, "Lose opportunity", "商机输单",
            pin=pin_opportunity, undo=undo_move),
    _writes(CHANGE, ChangeOpportunity, change_opportunity, "Change opportunity", "修改商机",
            pin=pin_change, undo=undo_change),
    _writes("crm.quote_opportunity", QuoteOpportunity, quote_opportunity, "Quote opportunity",
            "商机转报价", pin=pin_quote, undo=undo_quote),
    _writes("crm.order_opportunity", OrderOpportunity, order_opportunity, "Order opportunity",
            "商机转订单", pin=pin_opportunity, undo=undo_order),
    _reads("crm.list_opportunities", ListOpportunities, list_opportunities, "List opportunities",
           "商机列表"),
    _reads("crm.forecast", ForecastSales, forecast_sales, "Sales forecast", "销售预测"),
    _reads("crm.report_pipeline", ReportPipeline, report_pipeline, "Pipeline report",
           "销售管道报告"),
    _reads("crm.list_stalled", ListStalled, list_stalled, "Stalled opportunities", "停滞的商机"),
]  # fmt: skip
