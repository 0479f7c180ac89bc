"""The places that goods move between."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.inventory.errors import LocationExists, LocationNotInternal, UnknownLocation
from core.inventory.events import LocationAdded
from core.inventory.tables import Location, LocationKind
from core.kernel import events
from core.kernel.naming import resolved

MAIN = "MAIN"

STANDARD = (
    (MAIN, "Main warehouse", "主仓库", LocationKind.INTERNAL),
    ("SUPPLIERS", "Suppliers", "供应商", LocationKind.SUPPLIER),
    ("CUSTOMERS", "Customers", "客户", LocationKind.CUSTOMER),
    ("PRODUCTION", "Production", "生产", LocationKind.PRODUCTION),
    ("ADJUSTMENT", "Stock adjustment", "库存调整", LocationKind.ADJUSTMENT),
)
_CODES = tuple(code for code, *_ in STANDARD)
_OUTSIDE: dict[LocationKind, str] = {
    kind: code for code, _, _, kind in STANDARD if kind is not LocationKind.INTERNAL
}


def open_standard_locations(session: Session) -> None:
    """Open the main warehouse, and the places outside that goods come from and go to."""
    session.add_all(
        Location(code=code, name=name, name_zh=name_zh, kind=kind)
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
) -> Location:
    """Add a warehouse, a part of one, or a place outside."""
    if session.scalar(select(Location.id).where(Location.code == code)):
        raise LocationExists(location=code)
    location = Location(
        code=code, name=name, name_zh=name_zh, kind=kind, parent_id=parent.id if parent else None
    )
    session.add(location)
    events.record(session, LocationAdded(codes=(code,)))
    session.flush()
    return location


def main_location(session: Session) -> Location:
    """Return the warehouse that is meant where none is named."""
    return _standard(session)[MAIN]


def outside(session: Session, kind: LocationKind) -> Location:
    """Return the place outside of our warehouses that stands for suppliers, customers ..."""
    return _standard(session)[_OUTSIDE[kind]]


def find_location(session: Session, text: str) -> Location:
    """Return the location that a code or a name means, in either language."""
    among = select(Location.code, Location.name, Location.name_zh)
    code = resolved(session, among, text, UnknownLocation)
    return session.scalars(select(Location).where(Location.code == code)).one()


def require_internal(location: Location) -> None:
    """Refuse a place where goods are not ours."""
    if location.kind is not LocationKind.INTERNAL:
        raise LocationNotInternal(location=location.code)


def _standard(session: Session) -> dict[str, Location]:
    known: dict[str, Location] | None = session.info.get("inventory.locations")
    if known is None:
        found = session.scalars(select(Location).where(Location.code.in_(_CODES)))
        known = {location.code: location for location in found}
        assert known.keys() == set(_CODES), "the standard locations are opened with the company"
        session.info["inventory.locations"] = known
    return known
