"""Tools that say how suppliers have done: the scorecard, and measured lead times."""

from decimal import Decimal

from pydantic import Field
from sqlalchemy.orm import Session

from core import parties, purchasing
from core.kernel.errors import Language
from core.kernel.money import plain
from core.kernel.semantics import COSTS
from tools.base import Answer, Arguments, Column, Day, Grid, ItemRef, SupplierRef, Tool


class ShowScorecard(Arguments):
    """Show how a supplier has done: on time, quality, price and answers, over the last year."""

    supplier: SupplierRef
    since: Day | None = Field(default=None, description="Leave empty for a year ago.")
    until: Day | None = Field(default=None, description="Leave empty for today.")


class ScorecardShown(Answer):
    """How a supplier has done; what nothing is known about is left empty."""

    supplier: str
    score: Decimal | None
    receipts: int
    on_time_percent: Decimal | None
    lead_time_days: Decimal | None
    lead_time_variance: Decimal | None
    quality_percent: Decimal | None
    price_percent: Decimal | None
    requests: int
    answered: int
    response_days: Decimal | None

    def sentence(self, language: Language = "en") -> str:
        """Say their standing, and what it is made of."""
        on_time, quality, price = (
            "—" if each is None else f"{plain(each)} %"
            for each in (self.on_time_percent, self.quality_percent, self.price_percent)
        )
        if self.score is None:
            if language == "zh":
                return f"{self.supplier} 尚无收货记录，无法评分。"
            return f"Nothing has come from {self.supplier} yet, so there is no score."
        score = plain(self.score)
        if language == "zh":
            return (
                f"{self.supplier} 评分 {score}/100：准时 {on_time}，合格 {quality}，"
                f"价格为平均的 {price}。"
            )
        return (
            f"{self.supplier} scores {score} of 100: on time {on_time}, quality {quality},"
            f" prices at {price} of the average."
        )

    def grid(self) -> Grid:
        """Return one row for every part."""
        columns = (Column("part", "项目"), Column("value", "数值", "number"))
        rows = (
            ("score", self.score),
            ("receipts", Decimal(self.receipts)),
            ("on time %", self.on_time_percent),
            ("lead time (days)", self.lead_time_days),
            ("lead time variance", self.lead_time_variance),
            ("quality %", self.quality_percent),
            ("price % of average", self.price_percent),
            ("requests", Decimal(self.requests)),
            ("answered", Decimal(self.answered)),
            ("response (days)", self.response_days),
        )
        return Grid(columns, rows)


def show_scorecard(session: Session, arguments: ShowScorecard) -> ScorecardShown:
    """Work it out."""
    supplier = parties.find_supplier(session, arguments.supplier)
    card = purchasing.scorecard(
        session, supplier.party_id, since=arguments.since, until=arguments.until
    )
    return ScorecardShown(
        supplier=supplier.party.name,
        score=card.score,
        receipts=card.lead_times.count,
        on_time_percent=card.lead_times.on_time_percent,
        lead_time_days=card.lead_times.mean_days,
        lead_time_variance=card.lead_times.variance,
        quality_percent=card.quality_percent,
        price_percent=card.price_percent,
        requests=card.requests,
        answered=card.answered,
        response_days=card.response_days,
    )


class ShowLeadTimes(Arguments):
    """Show how long an item took to come, measured, beside what each supplier says."""

    item: ItemRef = Field(description="SKU or name of the item.")


class LeadTimeRow(Answer):
    """The lead time of a supplier for an item: said and measured."""

    supplier: str
    said_days: int
    receipts: int
    mean_days: Decimal | None
    variance: Decimal | None
    on_time_percent: Decimal | None


class LeadTimesShown(Answer):
    """Lead times of an item by supplier."""

    sku: str
    rows: list[LeadTimeRow]

    def sentence(self, language: Language = "en") -> str:
        """Say what each supplier says, and what was measured."""
        if not self.rows:
            return f"没有 {self.sku} 的报价。" if language == "zh" else f"Nobody offers {self.sku}."
        said = []
        for row in self.rows:
            days = "—" if row.mean_days is None else plain(row.mean_days)
            if language == "zh":
                said.append(f"{row.supplier} 承诺 {row.said_days} 天、实际 {days} 天")
            else:
                said.append(f"{row.supplier} says {row.said_days} days and took {days}")
        return f"{self.sku}：{'；'.join(said)}。" if language == "zh" else f"{'; '.join(said)}."

    def grid(self) -> Grid:
        """Return one row for every supplier."""
        columns = (
            Column("supplier", "供应商"),
            Column("said (days)", "承诺（天）", "number"),
            Column("receipts", "收货次数", "number"),
            Column("measured (days)", "实际（天）", "number"),
            Column("variance", "方差", "number"),
            Column("on time %", "准时率", "percent"),
        )
        rows = tuple(
            (
                *(row.supplier, row.said_days, row.receipts),
                *(row.mean_days, row.variance, row.on_time_percent),
            )
            for row in self.rows
        )
        return Grid(columns, rows)


def show_lead_times(session: Session, arguments: ShowLeadTimes) -> LeadTimesShown:
    """Measure them."""
    item = purchasing.find_item(session, arguments.item)
    said = {offer.supplier_id: offer for offer in purchasing.offers_for(session, item)}
    rows = []
    for supplier_id, offer in said.items():
        measured = purchasing.lead_times(session, item_id=item.id, supplier_id=supplier_id)
        rows.append(
            LeadTimeRow(
                supplier=offer.supplier.name,
                said_days=offer.lead_time_days,
                receipts=measured.count,
                mean_days=measured.mean_days,
                variance=measured.variance,
                on_time_percent=measured.on_time_percent,
            )
        )
    return LeadTimesShown(sku=item.sku, rows=rows)


TOOLS = [
    Tool(
        "purchasing.supplier_scorecard",
        ShowScorecard,
        show_scorecard,
        writes=False,
        title="Supplier scorecard",
        title_zh="供应商评分",
        roles=COSTS,
    ),
    Tool(
        "purchasing.lead_times",
        ShowLeadTimes,
        show_lead_times,
        writes=False,
        title="Lead times",
        title_zh="实际交期",
        roles=COSTS,
    ),
]
