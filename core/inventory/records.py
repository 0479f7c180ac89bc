"""What stock gives to lists: lots, transfers, counts and holds, and what lies there of an item."""

from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import aliased

from core.catalog.tables import Item
from core.inventory.counting.tables import CountState, StockCount
from core.inventory.holding.tables import StockHold, StockHoldState
from core.inventory.lots.tables import Lot, LotLevel, LotStatus
from core.inventory.tables import (
    Location,
    LocationKind,
    ReorderRule,
    StockLevel,
    StockMove,
    StockValue,
)
from core.inventory.transfers.tables import StockTransfer, TransferState
from core.kernel.identity.roles import Role
from core.kernel.listing import TODAY, Field, Holds, Lists, RecordKind, flag, record
from core.kernel.semantics import COSTS, EVERYDAY, Names, Said

_ITEM = Names("item", "物料", ("with item", "for item"))

_lot_here = (
    select(func.coalesce(func.sum(LotLevel.on_hand), 0))
    .where(LotLevel.lot_id == Lot.id)
    .correlate(Lot)
    .scalar_subquery()
)
LOTS = RecordKind(
    id="lots",
    names=Names("lots", "批次", ("batches", "serial numbers"), ("批号", "序列号")),
    one=Said("lot", "批次"),
    source=Lot.__table__.join(Item, Item.id == Lot.item_id),
    # The same number may be given to lots of several items.
    key=func.concat(Lot.number, " / ", Item.sku),
    identity=Lot.id,
    fields=(
        Field("number", Names("number", "批号"), column=Lot.number),
        record("item", _ITEM, Lot.item_id),
        Field(
            "on_hand",
            Names("on hand", "现有", ("stock", "quantity"), ("库存", "数量")),
            Holds.QUANTITY,
            _lot_here,
        ),
        Field(
            "expires_on",
            Names(
                "expires on",
                "到期日",
                ("expires", "expire", "expiring", "best before", "run out"),
                ("到期", "过期"),
            ),
            Holds.DATE,
            Lot.expires_on,
            ahead=True,
        ),
        Field(
            "made_on",
            Names("made on", "生产日期", ("made", "produced"), ("生产",)),
            Holds.DATE,
            Lot.made_on,
            shown=False,
        ),
        Field(
            "supplier_lot",
            Names("supplier's lot", "供应商批号"),
            column=Lot.supplier_lot,
            shown=False,
        ),
        Field(
            "status",
            Names("status", "状态"),
            Holds.WORD,
            Lot.status,
            words={LotStatus.FREE: ("free", "可用"), LotStatus.HELD: ("held", "冻结")},
        ),
        flag(
            "here",
            Names("in stock", "有库存", ("on hand", "lying here"), ("在库",)),
            _lot_here > 0,
            negative=Names("used up", "已用完"),
        ),
        flag(
            "expired",
            Names("expired", "已过期", ("past their date",), ("过期",)),
            Lot.expires_on < TODAY,
            negative=Names("not expired", "未过期"),
        ),
    ),
    day="expires_on",
    order=(("expires_on", "asc"),),
    ref="lot",
)

TRANSFERS = RecordKind(
    id="transfers",
    names=Names(
        "stock transfers",
        "库存调拨",
        ("transfers", "transfers between warehouses"),
        ("调拨单", "调拨"),
    ),
    one=Said("stock transfer", "调拨单"),
    source=StockTransfer.__table__,
    key=StockTransfer.number,
    identity=StockTransfer.id,
    fields=(
        Field("number", Names("number", "编号"), column=StockTransfer.number),
        record(
            "location",
            Names("from", "发出库位", ("out of",), ("从",)),
            StockTransfer.source_id,
            name="source",
        ),
        record(
            "location",
            Names("to", "目的库位", ("into",), ("到",)),
            StockTransfer.target_id,
            name="target",
        ),
        Field(
            "state",
            Names("state", "状态"),
            Holds.WORD,
            StockTransfer.state,
            words={
                TransferState.UNDER_WAY: ("under way", "在途"),
                TransferState.CLOSED: ("closed", "已关闭"),
            },
        ),
        Field(
            "shipped_on",
            Names("shipped on", "发出日期", ("shipped", "sent"), ("发出",)),
            Holds.DATE,
            StockTransfer.shipped_on,
        ),
        Field(
            "expected_on",
            Names("expected on", "预计到达", ("expected", "due", "arrive"), ("到达",)),
            Holds.DATE,
            StockTransfer.expected_on,
            ahead=True,
        ),
        flag(
            "open",
            Names("open", "未结", ("on the way", "not arrived"), ("未到", "未到货")),
            StockTransfer.state == TransferState.UNDER_WAY,
        ),
        flag(
            "late",
            Names("late", "延期", ("overdue", "delayed"), ("逾期",)),
            and_(StockTransfer.state == TransferState.UNDER_WAY, StockTransfer.expected_on < TODAY),
        ),
    ),
    day="shipped_on",
    order=(("shipped_on", "desc"),),
    ref="stock_transfer",
)

COUNTS = RecordKind(
    id="stock_counts",
    names=Names("stock counts", "盘点", ("counts", "stocktakes", "inventories"), ("盘点单",)),
    one=Said("stock count", "盘点单"),
    source=StockCount.__table__,
    key=StockCount.number,
    identity=StockCount.id,
    fields=(
        Field("number", Names("number", "编号"), column=StockCount.number),
        record("location", Names("location", "库位", ("at", "in")), StockCount.location_id),
        Field(
            "state",
            Names("state", "状态"),
            Holds.WORD,
            StockCount.state,
            words={
                CountState.OPEN: ("open", "进行中"),
                CountState.CONFIRMED: ("confirmed", "已确认"),
                CountState.CANCELLED: ("cancelled", "已取消"),
            },
        ),
        Field(
            "started_on",
            Names("started on", "开始日期", ("started", "begun"), ("开始",)),
            Holds.DATE,
            StockCount.started_on,
        ),
        Field(
            "closed_on",
            Names("closed on", "结束日期", ("closed",), ("结束",)),
            Holds.DATE,
            StockCount.closed_on,
        ),
        Field("because", Names("reason", "原因"), column=StockCount.because),
        flag(
            "open",
            Names("open", "未结", ("running", "going on"), ("未完成", "进行中")),
            StockCount.state == CountState.OPEN,
        ),
    ),
    day="started_on",
    order=(("started_on", "desc"),),
    ref="stock_count",
)

HOLDS = RecordKind(
    id="stock_holds",
    names=Names(
        "stock on hold",
        "冻结库存",
        ("quality holds", "holds", "held stock"),
        ("质检冻结", "冻结单"),
    ),
    one=Said("stock hold", "冻结单"),
    source=StockHold.__table__,
    key=StockHold.number,
    identity=StockHold.id,
    fields=(
        Field("number", Names("number", "编号"), column=StockHold.number),
        record("item", _ITEM, StockHold.item_id),
        record("location", Names("location", "库位", ("at", "in")), StockHold.source_id),
        Field("quantity", Names("quantity", "数量"), Holds.QUANTITY, StockHold.quantity),
        Field(
            "left",
            Names("still held", "仍冻结"),
            Holds.QUANTITY,
            StockHold.quantity.expression
            - StockHold.released.expression
            - StockHold.scrapped.expression,
        ),
        Field(
            "held_on",
            Names("held since", "冻结日期", ("held",), ("冻结",)),
            Holds.DATE,
            StockHold.held_on,
        ),
        Field("because", Names("reason", "原因"), column=StockHold.because),
        flag(
            "open",
            Names("open", "未结", ("not released",), ("未放行",)),
            StockHold.state == StockHoldState.HELD,
        ),
    ),
    day="held_on",
    order=(("held_on", "desc"),),
    ref="stock_hold",
)

_sellable = func.sum(StockLevel.on_hand).filter(Location.sellable)
_here = StockLevel.item_id == Item.id


def _of_item(amount: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return what our own locations hold of an item."""
    levels = (
        select(func.coalesce(amount, 0))
        .select_from(StockLevel)
        .join(Location, Location.id == StockLevel.location_id)
    )
    return levels.where(_here).correlate(Item).scalar_subquery()


_on_hand = _of_item(func.sum(StockLevel.on_hand))
_available = _of_item(func.coalesce(_sellable, 0) - func.coalesce(func.sum(StockLevel.reserved), 0))
_minimum = (
    select(func.max(ReorderRule.minimum))
    .where(ReorderRule.item_id == Item.id)
    .correlate(Item)
    .scalar_subquery()
)
_value = (
    select(func.coalesce(func.sum(StockValue.value_minor), 0))
    .where(StockValue.item_id == Item.id)
    .correlate(Item)
    .scalar_subquery()
)
_moves = select(StockMove.item_id.label("record"), StockMove.moved_on.label("value"))
_out = aliased(Location)
OF_ITEMS = (
    Field(
        "on_hand",
        Names("on hand", "现有", ("stock", "stock on hand", "in stock"), ("库存", "现有库存")),
        Holds.QUANTITY,
        _on_hand,
    ),
    Field(
        "available",
        Names("available", "可用", ("free stock", "available stock"), ("可用库存",)),
        Holds.QUANTITY,
        _available,
    ),
    Field(
        "stock_value",
        Names("stock value", "库存价值", ("value", "worth"), ("价值",)),
        Holds.MONEY,
        _value,
        shown=False,
        roles=COSTS | {Role.WAREHOUSE},
    ),
    Field(
        "moved_on",
        Names(
            "stock movement",
            "库存变动",
            (
                "stock movements",
                "movement",
                "movements",
                "moves",
                "stock moves",
                "any movement",
                "moved",
                "been moved",
            ),
            ("移动", "库存移动", "出入库", "变动", "动过"),
        ),
        Holds.DATE,
        through=_moves,
        shown=False,
        roles=EVERYDAY,
    ),
    Field(
        "issued_on",
        Names("issue", "出库", ("issues", "withdrawal", "issued", "deliveries"), ("领用", "发货")),
        Holds.DATE,
        shown=False,
        roles=EVERYDAY,
        through=_moves.join(_out, _out.id == StockMove.to_location_id).where(
            _out.kind.in_((LocationKind.CUSTOMER, LocationKind.PRODUCTION))
        ),
    ),
    record(
        "location",
        Names("location", "库位", ("at", "in", "lying in"), ("在",)),
        through=select(
            StockLevel.item_id.label("record"), StockLevel.location_id.label("value")
        ).where(StockLevel.on_hand > 0),
        roles=EVERYDAY,
    ),
    flag(
        "here",
        Names("in stock", "有库存", ("on stock", "on hand"), ("有货",)),
        _on_hand > 0,
        negative=Names("out of stock", "无库存", ("sold out", "not in stock"), ("缺货", "没货")),
    ),
    flag(
        "low",
        Names(
            "below their minimum",
            "低于最低库存",
            (
                "below minimum",
                "below the reorder point",
                "to reorder",
                "running low",
                "low on stock",
            ),
            ("低库存", "需补货"),
        ),
        _available < _minimum,
        roles=EVERYDAY,
    ),
)

LISTS = Lists(kinds=(LOTS, TRANSFERS, COUNTS, HOLDS), besides={"items": OF_ITEMS})
