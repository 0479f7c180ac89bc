"""What the tools of fixed assets answer."""

from datetime import date
from decimal import Decimal

from core.kernel.errors import Language
from core.kernel.money import Money
from core.kernel.words import word
from core.ledger.assets import (
    AssetClass,
    AssetPlanView,
    AssetView,
    ClassView,
    RegisterRow,
    Unregistered,
)
from tools.base import Answer, Column, Grid


class AssetAdded(Answer):
    """An asset that is in the register now."""

    number: str
    name: str
    cost: Decimal
    monthly: Decimal
    lines: int
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say what it cost, and how it is depreciated."""
        cost, first = Money.of(self.cost, self.currency), Money.of(self.monthly, self.currency)
        if language == "zh":
            plan = f"，分 {self.lines} 期折旧，首期 {first}" if self.lines else ""
            return f"固定资产 {self.number} {self.name} 已登记，原值 {cost}{plan}。"
        plan = f"; {self.lines} depreciations, the first of {first}" if self.lines else ""
        return f"{self.number} {self.name} is in the register at {cost}{plan}."


class Depreciated(Answer):
    """A run that was posted, or taken back."""

    number: str
    until: date
    amount: Decimal
    currency: str
    taken_back: bool = False

    def sentence(self, language: Language = "en") -> str:
        """Say how much."""
        amount = Money.of(self.amount, self.currency)
        if language == "zh":
            if self.taken_back:
                return f"折旧批次 {self.number} 已撤销，共 {amount}。"
            return f"已计提折旧至 {self.until}，共 {amount}（{self.number}）。"
        if self.taken_back:
            return f"{self.number} is taken back, {amount}; it is due again."
        return f"Depreciated through {self.until}: {amount} ({self.number})."


class AssetChanged(Answer):
    """An asset after something happened to it."""

    number: str
    name: str
    state: str
    before: Decimal
    book_value: Decimal
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say what it is worth now."""
        before = Money.of(self.before, self.currency)
        after = Money.of(self.book_value, self.currency)
        if language == "zh":
            return f"{self.number} {self.name} 账面价值由 {before} 变为 {after}。"
        return f"{self.number} {self.name} is worth {after} in the books; it was {before}."


class AssetGone(Answer):
    """An asset, or a share of it, that left."""

    number: str
    name: str
    gone: bool
    gain: Decimal
    currency: str
    invoice: str = ""

    def sentence(self, language: Language = "en") -> str:
        """Say what was gained or lost."""
        result = Money.of(abs(self.gain), self.currency)
        if language == "zh":
            kind = "收益" if self.gain >= 0 else "损失"
            what = "已处置" if self.gone else "已部分处置"
            invoice = f"，发票 {self.invoice}" if self.invoice else ""
            return f"{self.number} {self.name} {what}，处置{kind} {result}{invoice}。"
        kind = "gain" if self.gain >= 0 else "loss"
        what = "is disposed of" if self.gone else "is partly disposed of"
        invoice = f", invoiced with {self.invoice}" if self.invoice else ""
        return f"{self.number} {self.name} {what}{invoice}; the {kind} is {result}."


ClassRow = tuple[str, str, str, str, int | None]


def class_row(each: AssetClass | ClassView) -> ClassRow:
    """Return a class as a row of a table."""
    return each.code, each.name, each.name_zh, each.method, each.months


class ClassesListed(Answer):
    """Classes of assets."""

    classes: list[ClassRow]
    added: str = ""

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are, or which one is new."""
        count = len(self.classes)
        if language == "zh":
            return f"资产类别 {self.added} 已新增。" if self.added else f"共有 {count} 个资产类别。"
        return f"The class {self.added} is added." if self.added else f"{count} classes of assets."

    def grid(self) -> Grid:
        """Return one row for every class."""
        columns = (
            Column("class", "类别"),
            Column("name", "名称"),
            Column("名称", "中文名称"),
            Column("method", "折旧方法"),
            Column("months", "月数", "number"),
        )
        return Grid(columns, tuple(self.classes))


class AssetsListed(Answer):
    """The assets that there are."""

    assets: list[AssetView]
    not_registered: list[Unregistered]
    due_lines: int
    due: Money
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say what they are worth, what is due, and what the books carry besides."""
        worth = sum((each.book_value for each in self.assets), start=Money(0, self.currency))
        count = len(self.assets)
        missing = [
            (f"{each.account} {each.name}", f"{each.account} {each.name_zh}", each.difference)
            for each in self.not_registered
        ]
        if language == "zh":
            said = f"共 {count} 项固定资产，账面价值 {worth}。"
            if self.due_lines:
                said += f"已到期未计提的折旧 {self.due}。"
            return said + "".join(
                f"科目 {zh} 有 {money} 不在资产登记簿中。" for _, zh, money in missing
            )
        said = "1 fixed asset" if count == 1 else f"{count} fixed assets"
        said += f", worth {worth} in the books."
        if self.due_lines:
            said += f" {self.due} of depreciation is due and not posted."
        return said + "".join(
            f" {en} carries {money} that is not in the register." for en, _, money in missing
        )

    def grid(self) -> Grid:
        """Return one row for every asset."""
        columns = (
            Column("number", "编号"),
            Column("name", "名称"),
            Column("class", "类别"),
            Column("state", "状态"),
            Column("in use since", "启用日期", "date"),
            Column("cost", "原值", self.currency),
            Column("depreciation", "累计折旧", self.currency),
            Column("book value", "账面价值", self.currency),
            Column("belongs to", "归属"),
        )
        rows = tuple(
            (
                each.number, each.name, each.asset_class, each.state, each.in_service_on,
                each.cost.amount, each.accumulated.amount, each.book_value.amount, each.dimensions,
            )
            for each in self.assets
        )  # fmt: skip
        return Grid(columns, rows)


class PlanShown(Answer):
    """A plan of depreciation."""

    plan: AssetPlanView

    def sentence(self, language: Language = "en") -> str:
        """Say how it is depreciated, and to where."""
        plan, asset = self.plan, self.plan.asset
        method, count = word(plan.method, language), len(plan.lines)
        posted = sum(bool(line.entry) for line in plan.lines)
        if language == "zh":
            return (
                f"{asset.number} {asset.name}：原值 {asset.cost}，{method}，共 {count} 期，"
                f"已计提 {posted} 期，账面价值 {asset.book_value}，残值 {asset.residual}。"
            )
        return (
            f"{asset.number} {asset.name}: {asset.cost}, {method}, {count} depreciations,"
            f" {posted} of them posted; worth {asset.book_value} now and"
            f" {asset.residual} in the end."
        )

    def grid(self) -> Grid:
        """Return one row for every depreciation."""
        currency = self.plan.asset.cost.currency
        columns = (
            Column("due", "到期日", "date"),
            Column("depreciation", "折旧额", currency),
            Column("book value", "账面价值", currency),
            Column("entry", "凭证"),
        )
        rows = tuple(
            (line.due_on, line.amount.amount, line.book_value.amount, line.entry)
            for line in self.plan.lines
        )
        return Grid(columns, rows)


class RegisterShown(Answer):
    """How the assets moved, class by class."""

    since: date
    until: date
    rows: list[RegisterRow]
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say what was added, depreciated, and what there is in the end."""
        nothing = Money(0, self.currency)
        added = sum((row.additions for row in self.rows), start=nothing)
        worn = sum((row.depreciated for row in self.rows), start=nothing)
        worth = sum((row.book_value for row in self.rows), start=nothing)
        if language == "zh":
            return (
                f"{self.since} 至 {self.until}：新增 {added}，折旧 {worn}，期末账面价值 {worth}。"
            )
        return (
            f"{self.since} to {self.until}: {added} added, {worn} depreciated,"
            f" {worth} book value in the end."
        )

    def grid(self) -> Grid:
        """Return one row for every class."""
        money = self.currency
        columns = (
            Column("class", "类别"),
            Column("name", "名称"),
            Column("名称", "中文名称"),
            Column("opening cost", "期初原值", money),
            Column("additions", "增加", money),
            Column("revalued", "重估", money),
            Column("disposed", "处置", money),
            Column("closing cost", "期末原值", money),
            Column("opening depreciation", "期初折旧", money),
            Column("depreciated", "本期折旧", money),
            Column("impaired", "减值", money),
            Column("released", "转出折旧", money),
            Column("closing depreciation", "期末折旧", money),
            Column("book value", "账面价值", money),
        )
        rows = tuple(
            (
                row.asset_class,
                row.name,
                row.name_zh,
                *(
                    each.amount
                    for each in (
                        row.opening_cost, row.additions, row.revalued, row.disposed,
                        row.closing_cost, row.opening_accumulated, row.depreciated, row.impaired,
                        row.released, row.closing_accumulated, row.book_value,
                    )
                ),
            )
            for row in self.rows
        )  # fmt: skip
        return Grid(columns, rows)
