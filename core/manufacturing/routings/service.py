"""What one can do with work centres and routings: open, change, define."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.catalog import Item, ItemKind
from core.kernel import calendars, events
from core.kernel.company import company
from core.kernel.money import plain
from core.kernel.numbering import next_number
from core.manufacturing.boms.errors import NotMade
from core.manufacturing.routings.errors import (
    NoCapacity,
    NoEfficiency,
    NoOperations,
    OperationTakesNothing,
    RateBelowZero,
    RoutingExists,
    WorkCentreExists,
)
from core.manufacturing.routings.events import RoutingDefined, WorkCentreSet
from core.manufacturing.routings.tables import Routing, RoutingOperation, WorkCentre

STANDARD = "STANDARD"
_DAY_HOURS, _EFFICIENCY_MAX = Decimal(24), Decimal(1000)


@dataclass(frozen=True)
class OperationDraft:
    """A step of making an item, as somebody says it; times in minutes."""

    work_centre: WorkCentre
    name: str = ""
    setup_minutes: Decimal = Decimal(0)
    run_minutes: Decimal = Decimal(0)
    cycles: Decimal = Decimal(0)


def open_work_centre(
    session: Session,
    *,
    code: str,
    name: str,
    name_zh: str | None = None,
    labour_rate: Decimal = Decimal(0),
    overhead_rate: Decimal = Decimal(0),
    cycle_rate: Decimal = Decimal(0),
    hours_per_day: Decimal = Decimal(8),
    stations: int = 1,
    efficiency_percent: Decimal = Decimal(100),
    calendar: str | None = None,
) -> WorkCentre:
    """Open a place where work is done."""
    known = session.scalar(select(WorkCentre.name).where(WorkCentre.code == code))
    if known is not None:
        raise WorkCentreExists(code=code, name=known)
    centre = WorkCentre(
        code=code,
        name=name,
        name_zh=name_zh,
        labour_rate=labour_rate,
        overhead_rate=overhead_rate,
        cycle_rate=cycle_rate,
        hours_per_day=hours_per_day,
        stations=stations,
        efficiency_percent=efficiency_percent,
    )
    centre.calendar = calendars.find_row(session, calendar) if calendar is not None else None
    _check(centre)
    session.add(centre)
    events.record(session, WorkCentreSet(code, name, (), _figures(centre)))
    session.flush()
    return centre


def change_work_centre(
    session: Session,
    centre: WorkCentre,
    *,
    labour_rate: Decimal | None = None,
    overhead_rate: Decimal | None = None,
    cycle_rate: Decimal | None = None,
    hours_per_day: Decimal | None = None,
    stations: int | None = None,
    efficiency_percent: Decimal | None = None,
    calendar: str | None = None,
) -> tuple[tuple[str, str], ...]:
    """Change what is said of a work centre; return its figures so far.

    What was reported there already keeps the rates of its day. A `calendar` is named by its code;
    STANDARD lets it work by its hours on the days of the standard one again.
    """
    session.refresh(centre, with_for_update=True)
    session.refresh(centre, ["calendar"])
    before = _figures(centre)
    said = {
        "labour_rate": labour_rate,
        "overhead_rate": overhead_rate,
        "cycle_rate": cycle_rate,
        "hours_per_day": hours_per_day,
        "stations": stations,
        "efficiency_percent": efficiency_percent,
    }
    for figure, value in said.items():
        if value is not None:
            setattr(centre, figure, value)
    if calendar is not None:
        own = None if calendar.upper() == STANDARD else calendars.find_row(session, calendar)
        centre.calendar = own
    _check(centre)
    events.record(session, WorkCentreSet(centre.code, centre.name, before, _figures(centre)))
    session.flush()
    return before


def define_routing(
    session: Session,
    item: Item,
    operations: Sequence[OperationDraft],
    *,
    valid_from: date | None = None,
) -> Routing:
    """Say by which operations an item is made from a day on; the version before ends then."""
    today = company(session).today
    from_day = valid_from or today
    if item.kind is not ItemKind.STOCKED:
        raise NotMade(sku=item.sku, kind=item.kind)
    if not operations:
        raise NoOperations(sku=item.sku)
    for each in operations:
        if each.setup_minutes + each.run_minutes + each.cycles <= 0:
            raise OperationTakesNothing(name=each.name or each.work_centre.name)
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('routing'))"))
    routing = Routing(
        number=next_number(session, "RT"),
        item=item,
        item_id=item.id,
        valid_from=from_day,
        valid_until=_make_room(session, item, from_day),
        operations=[
            RoutingOperation(
                position=10 * place,
                work_centre=each.work_centre,
                work_centre_id=each.work_centre.id,
                name=each.name or each.work_centre.name,
                setup_minutes=each.setup_minutes,
                run_minutes=each.run_minutes,
                cycles=each.cycles,
            )
            for place, each in enumerate(operations, start=1)
        ],
    )
    session.add(routing)
    fact = RoutingDefined(
        number=routing.number,
        sku=item.sku,
        item_name=item.name,
        operations=tuple(_said(each) for each in routing.operations),
        from_in_days=(from_day - today).days,
        valid_from=from_day.isoformat(),
    )
    events.record(session, fact)
    session.flush()
    return routing


def _make_room(session: Session, item: Item, from_day: date) -> date | None:
    wanted = select(Routing).where(Routing.item_id == item.id).order_by(Routing.valid_from)
    for other in session.scalars(wanted.with_for_update()):
        if other.valid_from == from_day:
            raise RoutingExists(sku=item.sku, number=other.number, day=from_day)
        if other.valid_from > from_day:
            return other.valid_from - timedelta(days=1)
        if other.valid_until is None or other.valid_until >= from_day:
            other.valid_until = from_day - timedelta(days=1)
    return None


def _check(centre: WorkCentre) -> None:
    for rate in (centre.labour_rate, centre.overhead_rate, centre.cycle_rate):
        if rate < 0:
            raise RateBelowZero(rate=plain(rate))
    if not 0 < centre.hours_per_day <= _DAY_HOURS or centre.stations < 1:
        raise NoCapacity(code=centre.code)
    if not 0 < centre.efficiency_percent <= _EFFICIENCY_MAX:
        raise NoEfficiency(percent=plain(centre.efficiency_percent))


def _figures(centre: WorkCentre) -> tuple[tuple[str, str], ...]:
    figures = {
        "labour_rate": centre.labour_rate,
        "overhead_rate": centre.overhead_rate,
        "cycle_rate": centre.cycle_rate,
        "hours_per_day": centre.hours_per_day,
        "stations": Decimal(centre.stations),
        "efficiency_percent": centre.efficiency_percent,
    }
    return (
        ("name", centre.name),
        *((name, plain(figure)) for name, figure in figures.items() if figure),
        ("calendar", centre.calendar.code if centre.calendar is not None else STANDARD),
    )


def _said(operation: RoutingOperation) -> str:
    times = [
        f"{plain(operation.setup_minutes)} + " if operation.setup_minutes else "",
        f"{plain(operation.run_minutes)} min",
        f" + {plain(operation.cycles)} ×" if operation.cycles else "",
    ]
    return f"{operation.name} @ {operation.work_centre.code} ({''.join(times)})"
