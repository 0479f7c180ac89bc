"""The places that goods move between: warehouses, their parts, and the world outside."""

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from core.inventory.errors import (
    LocationClosed,
    LocationExists,
    LocationIsStandard,
    LocationNotEmpty,
    LocationNotInternal,
    LocationNotSellable,
    LocationPromised,
    PlaceInsideItself,
    UnknownLocation,
)
from core.inventory.events import LocationAdded, LocationChanged
from core.inventory.tables import Location, LocationKind, LocationPurpose, StockLevel
from core.inventory.tree import subtree
from core.kernel import events
from core.kernel.company import company
from core.kernel.naming import resolved

MAIN, TRANSIT = "MAIN", "TRANSIT"

STANDARD = (
    (MAIN, "Main warehouse", "主仓库", LocationKind.INTERNAL),
    (TRANSIT, "In transit", "调拨在途", LocationKind.INTERNAL),
    ("SUPPLIERS", "Suppliers", "供应商", LocationKind.SUPPLIER),
    ("CUSTOMERS", "Customers", "客户", LocationKind.CUSTOMER),
    ("PRODUCTION", "Production", "生产", LocationKind.PRODUCTION),
    ("ADJUSTMENT", "Stock adjustment", "库存调整", LocationKind.ADJUSTMENT),
)
_CODES = tuple(code for code, *_ in STANDARD)
_STANDARD = select(Location).where(Location.code.in_(_CODES))
_OUTSIDE: dict[LocationKind, str] = {
    kind: code for code, _, _, kind in STANDARD if kind is not LocationKind.INTERNAL
}


def open_standard_locations(session: Session) -> None:
    """Open the main warehouse, and the places outside that goods come from and go to."""
    session.add_all(
        Location(
            code=code,
            name=name,
            name_zh=name_zh,
            kind=kind,
            purpose=LocationPurpose.TRANSIT if code == TRANSIT else LocationPurpose.STORAGE,
            sellable=code != TRANSIT,
        )
        for code, name, name_zh, kind in STANDARD
    )
    events.record(session, LocationAdded(codes=_CODES))
    session.flush()


def add_location(
    session: Session,
    *,
    code: str,
    name: str,
    name_zh: str,
    kind: LocationKind = LocationKind.INTERNAL,
    parent: Location | None = None,
    purpose: LocationPurpose = LocationPurpose.STORAGE,
    sellable: bool = True,
    address: str = "",
) -> Location:
    """Add a warehouse, a part of one, or a place outside."""
    if session.scalar(select(Location.id).where(Location.code == code)):
        raise LocationExists(location=code)
    if parent is not None and kind is LocationKind.INTERNAL:
        require_internal(parent)
    location = Location(
        code=code,
        name=name,
        name_zh=name_zh,
        kind=kind,
        parent_id=parent.id if parent else None,
        purpose=purpose,
        sellable=sellable and purpose is LocationPurpose.STORAGE,
        address=address,
    )
    session.add(location)
    if parent is not None and purpose is LocationPurpose.STORAGE:
        parent.divided = True
    events.record(session, LocationAdded(codes=(code,)))
    session.flush()
    return location


def rename_location(
    session: Session,
    location: Location,
    *,
    name: str | None = None,
    name_zh: str | None = None,
    address: str | None = None,
) -> Location:
    """Call a place otherwise, or say where it is; its code stays."""
    before = f"{location.name} / {location.name_zh}"
    was_at = location.address
    location.name = location.name if name is None else name
    location.name_zh = location.name_zh if name_zh is None else name_zh
    location.address = location.address if address is None else address
    after = f"{location.name} / {location.name_zh}"
    for measure, old, new in (("name", before, after), ("address", was_at, location.address)):
        if old != new:
            _changed(session, location, measure, old, new)
    session.flush()
    return location


def move_location(session: Session, location: Location, *, parent: Location | None) -> Location:
    """Make a place, and all below it, a part of another; of none: a warehouse of its own."""
    _require_ours_to_change(location)
    if parent is not None:
        require_internal(parent)
        if session.scalar(select(exists().where(subtree(location.id).c.id == parent.id))):
            raise PlaceInsideItself(location=location.code, parent=parent.code)
    before = _parent(session, location)
    location.parent_id = parent.id if parent else None
    session.flush()
    for above in (before, parent):
        if above is not None:
            above.divided = _has_parts(session, above)
    _changed(
        session,
        location,
        "part_of",
        before.code if before else "",
        parent.code if parent else "",
    )
    session.flush()
    return location


def sell_from(session: Session, location: Location, *, sellable: bool) -> Location:
    """Say whether what lies in a place can be sold; what is promised there must be freed first."""
    require_internal(location)
    if location.purpose is not LocationPurpose.STORAGE:
        raise LocationNotSellable(location=location.code)
    if not sellable:
        _require_nothing_promised(session, location)
    _changed(session, location, "sellable", _claim(location.sellable), _claim(sellable))
    location.sellable = sellable
    session.flush()
    return location


def close_location(session: Session, location: Location) -> Location:
    """Close a place that is empty, with all below it: no goods come or go any more."""
    _require_ours_to_change(location)
    require_internal(location)
    below = select(subtree(location.id).c.id)
    places = session.scalars(
        select(Location).where(Location.id.in_(below)).order_by(Location.id).with_for_update()
    ).all()
    filled = session.scalars(
        select(Location.code)
        .join(StockLevel, StockLevel.location_id == Location.id)
        .where(Location.id.in_(below), StockLevel.on_hand != 0)
        .order_by(Location.code)
    ).first()
    if filled is not None:
        raise LocationNotEmpty(location=filled)
    today = company(session).today
    for place in places:
        if place.closed_on is None:
            place.closed_on = today
            _changed(session, place, "state", "usable", "closed")
    session.flush()
    return location


def reopen_location(session: Session, location: Location) -> Location:
    """Let goods come to a closed place again; what it is part of must be open."""
    above = _parent(session, location)
    if above is not None and above.closed_on is not None:
        raise LocationClosed(location=above.code)
    if location.closed_on is not None:
        location.closed_on = None
        _changed(session, location, "state", "closed", "usable")
        session.flush()
    return location


def main_location(session: Session) -> Location:
    """Return the warehouse that is meant where none is named."""
    return _standard(session)[MAIN]


def transit_location(session: Session) -> Location:
    """Return where goods are that left one warehouse for another and have not arrived."""
    return _standard(session)[TRANSIT]


def hold_location(session: Session, warehouse: Location) -> Location:
    """Return where the held goods of a place lie; opened when first needed."""
    wanted = select(Location).where(
        Location.parent_id == warehouse.id, Location.purpose == LocationPurpose.HOLD
    )
    found = session.scalars(wanted).one_or_none()
    if found is not None:
        return found
    # Two that need it first wait for each other here, and the second finds it.
    session.execute(select(Location.id).where(Location.id == warehouse.id).with_for_update())
    return session.scalars(wanted).one_or_none() or add_location(
        session,
        code=f"{warehouse.code}-HOLD",
        name=f"{warehouse.name}, on hold",
        name_zh=f"{warehouse.name_zh}待检区",
        parent=warehouse,
        purpose=LocationPurpose.HOLD,
    )


def outside(session: Session, kind: LocationKind) -> Location:
    """Return the place outside of our warehouses that stands for suppliers, customers ..."""
    return _standard(session)[_OUTSIDE[kind]]


def find_location(session: Session, text: str) -> Location:
    """Return the location that a code or a name means, in either language."""
    among = select(Location.code, Location.name, Location.name_zh)
    code = resolved(session, among, text, UnknownLocation)
    return session.scalars(select(Location).where(Location.code == code)).one()


def require_internal(location: Location) -> None:
    """Refuse a place where goods are not ours, and one that is closed."""
    if location.kind is not LocationKind.INTERNAL:
        raise LocationNotInternal(location=location.code)
    if location.closed_on is not None:
        raise LocationClosed(location=location.code)


def require_sellable(location: Location) -> None:
    """Refuse to promise what nobody can have: goods under way, held, or not for sale."""
    require_internal(location)
    if not location.sellable:
        raise LocationNotSellable(location=location.code)


def _require_ours_to_change(location: Location) -> None:
    if location.code in _CODES:
        raise LocationIsStandard(location=location.code)


def _require_nothing_promised(session: Session, location: Location) -> None:
    wanted = select(StockLevel.item_id).where(
        StockLevel.location_id == location.id, StockLevel.reserved != 0
    )
    if session.scalar(wanted.limit(1)) is not None:
        raise LocationPromised(location=location.code)


def _parent(session: Session, location: Location) -> Location | None:
    return session.get(Location, location.parent_id) if location.parent_id else None


def _has_parts(session: Session, above: Location) -> bool:
    parts = exists().where(
        Location.parent_id == above.id, Location.purpose == LocationPurpose.STORAGE
    )
    return bool(session.scalar(select(parts)))


def _claim(is_so: bool) -> str:  # noqa: FBT001
    return "yes" if is_so else "no"


def _changed(session: Session, location: Location, measure: str, before: str, after: str) -> None:
    fact = LocationChanged(
        code=location.code, called=location.name, measure=measure, before=before, after=after
    )
    events.record(session, fact)


def _standard(session: Session) -> dict[str, Location]:
    known: dict[str, Location] | None = session.info.get("inventory.locations")
    if known is None:
        found = session.scalars(_STANDARD)
        known = {location.code: location for location in found}
        assert known.keys() == set(_CODES), "the standard locations are opened with the company"
        session.info["inventory.locations"] = known
    return known
