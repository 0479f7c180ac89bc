"""The rows that figures of stock are added up from: moves, values, levels, and spells without."""

from datetime import timedelta

from sqlalchemy import Date, Integer, case, cast, func, literal, select, union_all
from sqlalchemy.dialects.postgresql import DATERANGE
from sqlalchemy.orm import aliased

from core.catalog.tables import Item
from core.inventory.locations import MAIN
from core.inventory.tables import (
    Location,
    LocationKind,
    LocationPurpose,
    Reservation,
    ReservationState,
    StockLevel,
    StockMove,
)
from core.inventory.valuation.tables import StockCorrection, StockRevaluation
from core.kernel.semantics import Said, Source
from core.ledger.chart import INVENTORY_ADJUSTMENT

_place = aliased(Location)
_changes = union_all(
    *(
        select(
            StockMove.origin.label("document"),
            StockMove.moved_on,
            StockMove.item_id.label("item"),
            _place.id.label("location"),
            (literal(sign, Integer) * StockMove.quantity).label("quantity"),
        )
        .join(_place, _place.id == end)
        .where(_place.kind == LocationKind.INTERNAL)
        for sign, end in ((1, StockMove.to_location_id), (-1, StockMove.from_location_id))
    )
).subquery("stock_changes")

# Every change of what lies in our own locations: added up to a day it is the stock of that day.
CHANGES = Source(
    id="stock_changes",
    rows=select(_changes),
    basis=Said("stock moves of our own locations", "自有库位的库存移动"),
    handles=frozenset({"item", "location"}),
    dates=("moved_on",),
    document_kind="stock_move",
)

_end = aliased(Location)
_main = select(Location.id).where(Location.code == MAIN).scalar_subquery()
# What came late counts where the goods of its move lay; a revaluation, of the item as a whole,
# for the main warehouse.
_worth = union_all(
    *(
        select(
            StockMove.origin.label("document"),
            StockMove.booked_on.label("moved_on"),
            StockMove.item_id.label("item"),
            _place.id.label("location"),
            (literal(sign, Integer) * StockMove.value_minor).label("value_minor"),
        )
        .join(_place, _place.id == end)
        .where(_place.kind == LocationKind.INTERNAL)
        for sign, end in ((1, StockMove.to_location_id), (-1, StockMove.from_location_id))
    ),
    *(
        select(
            StockCorrection.origin,
            StockCorrection.corrected_on,
            StockCorrection.item_id,
            _end.id,
            literal(sign, Integer) * StockCorrection.amount_minor,
        )
        .join(StockMove, StockMove.id == StockCorrection.move_id)
        .join(_end, _end.id == end)
        .where(_end.kind == LocationKind.INTERNAL)
        for sign, end in ((1, StockMove.to_location_id), (-1, StockMove.from_location_id))
    ),
    select(
        StockCorrection.origin,
        StockCorrection.corrected_on,
        StockCorrection.item_id,
        _main,
        StockCorrection.amount_minor,
    ).where(StockCorrection.revaluation_id.is_not(None)),
    select(
        StockRevaluation.number,
        StockRevaluation.booked_on,
        StockRevaluation.item_id,
        _main,
        StockRevaluation.amount_minor,
    ),
).subquery("stock_worth")

# Every change of what the stock is worth: added up to a day it is the inventory account.
VALUES = Source(
    id="stock_values",
    rows=select(_worth),
    basis=Said(
        "stock moves of our own locations and later corrections of their cost, when booked",
        "自有库位的库存移动及其后续成本调整，按记账日期",
    ),
    handles=frozenset({"item", "location"}),
    dates=("moved_on",),
    document_kind="stock_move",
)

_from, _to = aliased(Location), aliased(Location)
ISSUES = Source(
    id="stock_issues",
    rows=select(
        StockMove.origin.label("document"),
        StockMove.moved_on,
        StockMove.item_id.label("item"),
        StockMove.from_location_id.label("location"),
        StockMove.quantity,
    )
    .join(_from, _from.id == StockMove.from_location_id)
    .join(_to, _to.id == StockMove.to_location_id)
    .where(_from.kind == LocationKind.INTERNAL)
    .where(_to.kind.in_((LocationKind.CUSTOMER, LocationKind.PRODUCTION))),
    basis=Said("goods issued to customers and production", "发给客户和生产的出库"),
    handles=frozenset({"item", "location"}),
    dates=("moved_on",),
    document_kind="stock_move",
)

LOSSES = Source(
    id="stock_losses",
    rows=select(
        StockMove.origin.label("document"),
        StockMove.moved_on,
        StockMove.item_id.label("item"),
        StockMove.from_location_id.label("location"),
        (
            StockMove.value_minor
            + select(func.coalesce(func.sum(StockCorrection.amount_minor), 0))
            .where(StockCorrection.move_id == StockMove.id)
            .scalar_subquery()
        ).label("value_minor"),
    )
    .join(_from, _from.id == StockMove.from_location_id)
    .join(_to, _to.id == StockMove.to_location_id)
    .where(_from.kind == LocationKind.INTERNAL, _to.kind == LocationKind.ADJUSTMENT),
    basis=Said("goods counted short or written off", "盘亏或报损的库存"),
    handles=frozenset({"item", "location"}),
    dates=("moved_on",),
    document_kind="stock_move",
)

LEVELS = Source(
    id="stock_levels",
    rows=select(
        Location.code.label("document"),
        StockLevel.item_id.label("item"),
        StockLevel.location_id.label("location"),
        StockLevel.on_hand,
        StockLevel.reserved,
        case((Location.sellable, StockLevel.on_hand), else_=0).label("sellable"),
        case((Location.purpose == LocationPurpose.TRANSIT, StockLevel.on_hand), else_=0).label(
            "in_transit"
        ),
    ).join(Location, Location.id == StockLevel.location_id),
    basis=Said("stock of our own locations now", "自有库位的当前库存"),
    handles=frozenset({"item", "location"}),
    document_kind="location",
)

# What is promised to orders and set aside for people, and what of it still waits for goods.
RESERVATIONS = Source(
    id="reservations",
    rows=select(
        Reservation.origin.label("document"),
        Reservation.item_id.label("item"),
        Reservation.location_id.label("location"),
        Reservation.kind.label("reservation_kind"),
        Reservation.state,
        Reservation.quantity,
    ).where(Reservation.state.in_((ReservationState.ACTIVE, ReservationState.WAITING))),
    basis=Said("reservations that stand now", "目前有效的预留"),
    handles=frozenset({"item", "location", "reservation_kind"}),
    document_kind="sales_order",
)

GAINS = Source(
    id="stock_gains",
    rows=select(
        StockMove.origin.label("document"),
        StockMove.moved_on,
        StockMove.item_id.label("item"),
        StockMove.to_location_id.label("location"),
        StockMove.value_minor,
    )
    .join(_from, _from.id == StockMove.from_location_id)
    .join(_to, _to.id == StockMove.to_location_id)
    .where(
        _from.kind == LocationKind.ADJUSTMENT,
        _to.kind == LocationKind.INTERNAL,
        StockMove.against == INVENTORY_ADJUSTMENT,
    ),
    basis=Said("goods found when counting", "盘盈的库存"),
    handles=frozenset({"item", "location"}),
    dates=("moved_on",),
    document_kind="stock_move",
)

FOREVER = literal("infinity").cast(Date)

# An item is dead from so many days after it was last issued, or first came, until it is issued.
DEAD_DAYS = 180
_came = (
    select(_changes.c.item, func.min(_changes.c.moved_on).label("day"))
    .group_by(_changes.c.item)
    .subquery("first_moves")
)
_issued = ISSUES.rows.subquery("issued")
_days_issued = (
    select(_issued.c.item, _issued.c.moved_on)
    .group_by(_issued.c.item, _issued.c.moved_on)
    .subquery("days_issued")
)
# A day that is here twice begins no spell: the next one is the same day.
_events = union_all(
    select(_came.c.item, _came.c.day), select(_days_issued.c.item, _days_issued.c.moved_on)
).subquery("touched")
_next = func.lead(_events.c.day).over(partition_by=_events.c.item, order_by=_events.c.day)
_spells = select(
    _events.c.item,
    (_events.c.day + timedelta(days=DEAD_DAYS)).label("since"),
    func.coalesce(_next, FOREVER).label("until"),
).subquery("spells")
_valued = VALUES.rows.subquery("valued")
DEAD = Source(
    id="dead_stock",
    rows=select(_valued, _spells.c.since, _spells.c.until)
    .join(_spells, _spells.c.item == _valued.c.item)
    .where(_spells.c.since < _spells.c.until),
    basis=Said(
        f"value of items that were not issued for {DEAD_DAYS} days",
        f"{DEAD_DAYS}天内没有出库的物料的库存价值",
    ),
    handles=frozenset({"item", "location"}),
    dates=("moved_on",),
    document_kind="stock_move",
)

# The days from an item's first move on.
ITEM_DAYS = Source(
    id="item_days",
    rows=select(Item.sku.label("document"), _came.c.item, _came.c.day.label("first_on")).join(
        Item, Item.id == _came.c.item
    ),
    basis=Said("days since an item first moved", "自物料首次移动起的天数"),
    handles=frozenset({"item"}),
    dates=("first_on",),
    document_kind="item",
)

# For each item, the days at whose end nothing of it lay with us, as one set of ranges of days.
_by_day = (
    select(_changes.c.item, _changes.c.moved_on, func.sum(_changes.c.quantity).label("change"))
    .group_by(_changes.c.item, _changes.c.moved_on)
    .subquery("changes_by_day")
)
_running = select(
    _by_day.c.item,
    _by_day.c.moved_on.label("since"),
    func.sum(_by_day.c.change)
    .over(partition_by=_by_day.c.item, order_by=_by_day.c.moved_on)
    .label("on_hand"),
    func.lead(_by_day.c.moved_on)
    .over(partition_by=_by_day.c.item, order_by=_by_day.c.moved_on)
    .label("until"),
).subquery("levels_by_day")
EMPTY_SPELLS = (
    select(
        _running.c.item,
        func.range_agg(cast(func.daterange(_running.c.since, _running.c.until), DATERANGE)).label(
            "days"
        ),
    )
    .where(_running.c.on_hand <= 0)
    .group_by(_running.c.item)
    .subquery("empty_spells")
)
