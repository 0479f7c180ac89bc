"""What one can do with stock."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.inventory.errors import LocationExists
from core.inventory.events import LocationAdded
from core.inventory.tables import Location, LocationKind
from core.kernel import events

MAIN = "MAIN"

STANDARD_LOCATIONS = (
    (MAIN, "Main warehouse", "主仓库", LocationKind.INTERNAL),
    ("SUPPLIERS", "Suppliers", "供应商", LocationKind.SUPPLIER),
    ("CUSTOMERS", "Customers", "客户", LocationKind.CUSTOMER),
    ("PRODUCTION", "Production", "生产", LocationKind.PRODUCTION),
    ("ADJUSTMENT", "Stock adjustment", "库存调整", LocationKind.ADJUSTMENT),
)


def open_standard_locations(session: Session) -> None:
    """Open the main warehouse, and the places outside that goods come from and go to."""
    session.add_all(
        Location(code=code, name=name, name_zh=name_zh, kind=kind)
        for code, name, name_zh, kind in STANDARD_LOCATIONS
    )
    codes = tuple(code for code, *_ in STANDARD_LOCATIONS)
    events.record(session, LocationAdded(codes=codes))
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
        code=code, name=name, name_zh=name_zh, kind=kind, parent_id=parent and parent.id
    )
    session.add(location)
    events.record(session, LocationAdded(codes=(code,)))
    session.flush()
    return location
