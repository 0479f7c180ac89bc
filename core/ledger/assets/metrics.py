"""What the register of assets gives to reporting: what they are worth, and what they lose."""

from sqlalchemy import ColumnElement, or_, select

from core.kernel.semantics import (
    BOOKS,
    Dimension,
    Kind,
    Measure,
    Metric,
    Names,
    Rows,
    Said,
    Semantics,
    Source,
    Timing,
    Unit,
)
from core.ledger.assets.tables import Asset, AssetClass, AssetMove
from core.ledger.chart import DEPRECIATION
from core.ledger.metrics import POSTINGS
from core.ledger.tables import Journal

ASSET_MOVES = Source(
    id="asset_moves",
    rows=select(
        Asset.number.label("document"),
        AssetMove.posted_on,
        Asset.asset_class_id.label("asset_class"),
        (AssetMove.cost_minor - AssetMove.accumulated_minor).label("value_minor"),
    )
    .join(Asset, Asset.id == AssetMove.asset_id)
    .where(AssetMove.standing),
    basis=Said("the register of fixed assets", "固定资产台账"),
    handles=frozenset({"asset_class"}),
    dates=("posted_on",),
    document_kind="asset",
)


def _is_depreciation(rows: Rows) -> ColumnElement[bool]:
    return or_(
        rows["account_role"] == DEPRECIATION,
        rows["account"].in_(select(AssetClass.expense_account_id)),
    ) & (rows["journal"] != Journal.CLOSING)


SEMANTICS = Semantics(
    metrics=(
        Metric(
            id="depreciation",
            names=Names(
                "depreciation",
                "折旧费用",
                ("depreciation expense", "depreciation and amortisation", "amortisation"),
                ("折旧", "折旧摊销", "折旧费"),
            ),
            definition=Said(
                "Debits less credits of the depreciation accounts in the period.",
                "期间内折旧科目的借方减贷方。",
            ),
            unit=Unit.MONEY,
            kind=Kind.FLOW,
            roles=BOOKS,
            measure=Measure(
                POSTINGS, lambda rows: rows["debit_minor"], where=_is_depreciation, minor=True
            ),
            more_is_better=False,
        ),
        Metric(
            id="asset_book_value",
            names=Names(
                "book value of assets",
                "固定资产净值",
                ("net book value", "carrying amount of assets", "fixed assets value"),
                ("资产净值", "账面净值", "固定资产账面价值"),
            ),
            definition=Said(
                "Cost of the fixed assets less what was depreciated, at the end of the day, by"
                " the register.",
                "当日终了固定资产台账的原值减累计折旧。",
            ),
            unit=Unit.MONEY,
            kind=Kind.SNAPSHOT,
            roles=BOOKS,
            measure=Measure(
                ASSET_MOVES, lambda rows: rows["value_minor"], timing=Timing.UP_TO, minor=True
            ),
        ),
    ),
    dimensions=(
        Dimension(
            id="asset_class",
            names=Names(
                "asset class",
                "资产类别",
                ("class of assets", "kind of asset", "fixed asset class"),
                ("固定资产类别", "资产分类", "资产种类"),
            ),
            handle="asset_class",
            members=select(
                AssetClass.id,
                AssetClass.code.label("key"),
                AssetClass.name.label("label"),
                AssetClass.name_zh.label("label_zh"),
            ),
            roles=BOOKS,
        ),
    ),
)
