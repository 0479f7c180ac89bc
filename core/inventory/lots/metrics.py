"""What lots give to reporting: what expires soon, what has expired, and what it is worth."""

from sqlalchemy import and_, func, select

from core.inventory.lots.tables import Lot, LotLevel
from core.inventory.tables import Location, LocationKind, StockValue
from core.kernel.identity.roles import Role
from core.kernel.semantics import (
    COSTS,
    Adding,
    Dimension,
    Kind,
    Measure,
    Metric,
    Names,
    Said,
    Semantics,
    Source,
    Timing,
    Unit,
)

SOON_DAYS = 30
_SEEN = COSTS | {Role.WAREHOUSE}

LOT_LEVELS = Source(
    id="lot_levels",
    rows=select(
        Lot.number.label("document"),
        LotLevel.lot_id.label("lot"),
        LotLevel.item_id.label("item"),
        LotLevel.location_id.label("location"),
        LotLevel.on_hand,
        Lot.expires_on,
        (LotLevel.on_hand * StockValue.value_minor / func.nullif(StockValue.quantity, 0)).label(
            "value_minor"
        ),
    )
    .join(Lot, Lot.id == LotLevel.lot_id)
    .join(Location, Location.id == LotLevel.location_id)
    .outerjoin(StockValue, StockValue.item_id == LotLevel.item_id)
    .where(LotLevel.on_hand > 0, Location.kind == LocationKind.INTERNAL),
    basis=Said(
        "lots on hand now, at the item's present unit cost", "目前在库批次，按物料当前单位成本"
    ),
    handles=frozenset({"item", "location", "lot"}),
    document_kind="lot",
)

SEMANTICS = Semantics(
    metrics=(
        Metric(
            id="lots_on_hand",
            names=Names(
                "lots on hand",
                "在库批次数",
                ("number of lots", "lot count", "lots in stock"),
                ("批次数", "批次数量", "库存批次数"),
            ),
            definition=Said(
                "The number of different lots and serial numbers of which something is on hand"
                " now.",
                "目前有库存的批次和序列号数量。",
            ),
            unit=Unit.COUNT,
            kind=Kind.SNAPSHOT,
            measure=Measure(
                LOT_LEVELS, lambda rows: rows["lot"], adding=Adding.DISTINCT, timing=Timing.PRESENT
            ),
        ),
        Metric(
            id="expiring_stock_value",
            names=Names(
                "stock about to expire",
                "临期库存金额",
                ("near-expiry stock", "stock soon to expire", "value of stock about to expire"),
                ("临期库存", "即将过期库存金额", "近效期库存金额"),
            ),
            definition=Said(
                f"Value of the lots on hand that expire today or within {SOON_DAYS} days, at"
                " the item's present"
                " unit cost.",
                f"今日起{SOON_DAYS}天内到期的在库批次金额，按物料当前单位成本。",
            ),
            unit=Unit.MONEY,
            kind=Kind.SNAPSHOT,
            roles=_SEEN,
            measure=Measure(
                LOT_LEVELS,
                lambda rows: rows["value_minor"],
                where=lambda rows: and_(
                    rows["expires_on"] >= rows.as_of, rows["expires_on"] <= rows.as_of + SOON_DAYS
                ),
                timing=Timing.PRESENT,
                minor=True,
            ),
            more_is_better=False,
        ),
        Metric(
            id="expired_stock_value",
            names=Names(
                "stock past its date",
                "过期库存金额",
                ("out-of-date stock", "value of stock past its date", "stock past its expiry"),
                ("过期库存", "已过期库存金额", "失效库存金额"),
            ),
            definition=Said(
                "Value of the lots on hand whose last day has passed, at the item's present"
                " unit cost.",
                "已过有效期的在库批次金额，按物料当前单位成本。",
            ),
            unit=Unit.MONEY,
            kind=Kind.SNAPSHOT,
            roles=_SEEN,
            measure=Measure(
                LOT_LEVELS,
                lambda rows: rows["value_minor"],
                where=lambda rows: rows["expires_on"] < rows.as_of,
                timing=Timing.PRESENT,
                minor=True,
            ),
            more_is_better=False,
        ),
    ),
    dimensions=(
        Dimension(
            id="lot",
            names=Names(
                "lot",
                "批次",
                ("batch", "lot number", "serial number"),
                ("批号", "批次号", "序列号"),
            ),
            handle="lot",
            members=select(
                Lot.id,
                Lot.number.label("key"),
                Lot.number.label("label"),
                Lot.number.label("label_zh"),
            ),
            parent="item",
        ),
    ),
)
