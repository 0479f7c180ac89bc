"""What the inventory gives to reporting: what lies where, what it is worth, how long it lasts."""

from sqlalchemy import select
from sqlalchemy.orm import aliased

from core.inventory.metrics.levels import SEMANTICS as LEVELS
from core.inventory.metrics.worth import SEMANTICS as WORTH
from core.inventory.tables import Location, LocationKind, LocationPurpose, ReservationKind
from core.kernel.semantics import Dimension, Names, Semantics

__all__ = ["SEMANTICS"]

# Every place with the warehouse that it is a part of.
_tree = (
    select(Location.id, Location.id.label("root_id"))
    .where(Location.parent_id.is_(None), Location.kind == LocationKind.INTERNAL)
    .cte("warehouse_tree", recursive=True)
)
_part = aliased(Location)
_tree = _tree.union_all(
    select(_part.id, _tree.c.root_id).join(_tree, _part.parent_id == _tree.c.id)
)
_warehouse = aliased(Location)

SEMANTICS = Semantics(
    metrics=(*LEVELS.metrics, *WORTH.metrics),
    dimensions=(
        Dimension(
            id="location",
            names=Names(
                "location",
                "库位",
                ("storage place", "stock location", "store room", "storage location"),
                ("存放地点", "货位", "储位"),
            ),
            handle="location",
            members=select(
                Location.id,
                Location.code.label("key"),
                Location.name.label("label"),
                Location.name_zh.label("label_zh"),
            ).where(Location.kind == LocationKind.INTERNAL),
            parent="warehouse",
        ),
        Dimension(
            id="warehouse",
            names=Names(
                "warehouse",
                "仓库",
                ("depot", "stock site", "storehouse"),
                ("库房", "仓", "储存仓库"),
            ),
            handle="location",
            members=select(
                _tree.c.id,
                _warehouse.code.label("key"),
                _warehouse.name.label("label"),
                _warehouse.name_zh.label("label_zh"),
            ).join(_warehouse, _warehouse.id == _tree.c.root_id),
        ),
        Dimension(
            id="location_purpose",
            names=Names(
                "purpose of location",
                "库位用途",
                ("location purpose", "kind of location", "location type"),
                ("库位类型", "库位性质", "存放用途"),
            ),
            handle="location",
            members=select(
                Location.id,
                Location.purpose.label("key"),
                Location.purpose.label("label"),
                Location.purpose.label("label_zh"),
            ).where(Location.kind == LocationKind.INTERNAL),
            words={
                LocationPurpose.STORAGE.value: ("storage", "存储"),
                LocationPurpose.TRANSIT.value: ("in transit", "在途"),
                LocationPurpose.HOLD.value: ("on hold", "暂扣"),
            },
        ),
        Dimension(
            id="reservation_kind",
            names=Names(
                "reservation kind",
                "预留类型",
                ("kind of reservation", "hard or soft reservation", "reservation type"),
                ("预留种类", "硬预留或软预留", "预留方式"),
            ),
            handle="reservation_kind",
            words={
                ReservationKind.HARD.value: ("hard", "硬预留"),
                ReservationKind.SOFT.value: ("soft", "软预留"),
            },
        ),
    ),
)
