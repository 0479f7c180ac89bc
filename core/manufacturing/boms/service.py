"""What one can do with bills of materials: define a version, and withdraw one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import func, literal, select, text
from sqlalchemy.orm import Session

from core import catalog
from core.catalog import Item, ItemKind
from core.kernel import events
from core.kernel.company import company
from core.kernel.errors import Both
from core.kernel.money import plain
from core.kernel.numbering import next_number
from core.manufacturing.boms.errors import (
    BillEnded,
    CircularBill,
    NoComponents,
    NotAPercentage,
    NotMade,
    ProductTwice,
    SharesTooLarge,
    VersionExists,
)
from core.manufacturing.boms.events import BillDefined, BillWithdrawn
from core.manufacturing.boms.queries import find_bill
from core.manufacturing.boms.tables import (
    BillOfMaterials,
    BomByProduct,
    BomComponent,
    IssueMethod,
)

_HUNDRED = Decimal(100)
_YIELD, _SCRAP = Both("yield", "产出率"), Both("scrap percentage", "损耗率")
_SHARE, _TOLERANCE = Both("share of the cost", "成本分摊"), Both("tolerance", "允差")
_SCRAP_MAX = Decimal(999)
_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('bill_of_materials'))")


@dataclass(frozen=True)
class ComponentDraft:
    """A component as somebody says it: so much of an item, in a unit of their choice."""

    item: Item
    quantity: Decimal
    unit_code: str | None = None
    scrap_percent: Decimal = Decimal(0)
    fixed: bool = False
    issue: IssueMethod = IssueMethod.PICK


@dataclass(frozen=True)
class ByProductDraft:
    """What else comes out, and the share of the whole cost that it bears."""

    item: Item
    quantity: Decimal
    cost_share_percent: Decimal = Decimal(0)


def define_bill(
    session: Session,
    item: Item,
    components: Sequence[ComponentDraft],
    *,
    output_quantity: Decimal = Decimal(1),
    valid_from: date | None = None,
    alternative: str = "",
    phantom: bool = False,
    yield_percent: Decimal = _HUNDRED,
    tolerance_percent: Decimal | None = None,
    lead_time_days: int = 0,
    by_products: Sequence[ByProductDraft] = (),
) -> BillOfMaterials:
    """Say what an item is made of from a day on (today); the version before ends the day before.

    A version that already is to hold later on ends this one.
    """
    today = company(session).today
    from_day = valid_from or today
    _require_made(item)
    _check_percents(item, components, by_products, yield_percent, tolerance_percent)
    catalog.require_quantities(session, [(item, output_quantity)])
    lines = [_component(session, place, each) for place, each in enumerate(components, start=1)]
    _check_products(session, item, components, by_products)
    # Whoever else defines a bill waits: two together make no circle either.
    session.execute(_LOCK)
    ends_on = _make_room(session, item, alternative, from_day)
    refuse_circle(session, item, components, first=from_day, last=ends_on)
    bill = BillOfMaterials(
        number=next_number(session, "BOM"),
        item=item,
        item_id=item.id,
        alternative=alternative,
        version=_next_version(session, item, alternative),
        valid_from=from_day,
        valid_until=ends_on,
        output_quantity=output_quantity,
        phantom=phantom,
        yield_percent=yield_percent,
        tolerance_percent=tolerance_percent,
        lead_time_days=lead_time_days,
        components=lines,
        by_products=[
            BomByProduct(
                position=place,
                item=each.item,
                item_id=each.item.id,
                quantity=each.quantity,
                cost_share_percent=each.cost_share_percent,
            )
            for place, each in enumerate(by_products, start=1)
        ],
    )
    session.add(bill)
    events.record(session, _told(bill, today))
    session.flush()
    return bill


def withdraw_bill(session: Session, number: str) -> BillOfMaterials:
    """End a bill of materials: from today on nothing is made by it; what is begun goes on."""
    session.execute(_LOCK)
    bill, today = find_bill(session, number), company(session).today
    ended_on = bill.withdrawn_on or bill.valid_until
    if bill.withdrawn_on is not None or (ended_on is not None and ended_on < today):
        raise BillEnded(number=bill.number, day=ended_on)
    bill.withdrawn_on = today
    events.record(session, BillWithdrawn(bill.number, bill.item.sku, bill.item.name))
    session.flush()
    return bill


def refuse_circle(
    session: Session,
    item: Item,
    components: Sequence[ComponentDraft],
    *,
    first: date,
    last: date | None,
) -> None:
    """Refuse components that are made of the item, through bills that hold on the same days."""
    for each in components:
        if each.item.id == item.id:
            raise CircularBill(sku=item.sku, path=f"{item.sku} → {item.sku}")
    rows = session.execute(
        text(
            """
            WITH RECURSIVE below AS (
                SELECT id AS item_id, ARRAY[sku::text] AS path
                FROM item WHERE id = ANY(:components)
                UNION ALL
                SELECT component.item_id, below.path || item.sku::text
                FROM below
                JOIN bill_of_materials AS bom ON bom.item_id = below.item_id
                    AND bom.withdrawn_on IS NULL
                    AND daterange(bom.valid_from, bom.valid_until, '[]')
                        && daterange(:first, :last, '[]')
                JOIN bom_component AS component ON component.bom_id = bom.id
                JOIN item ON item.id = component.item_id
                WHERE NOT item.sku = ANY(below.path) AND below.item_id <> :made
            )
            SELECT path FROM below WHERE item_id = :made ORDER BY cardinality(path), path LIMIT 1
            """
        ).bindparams(
            components=[each.item.id for each in components],
            made=item.id,
            first=first,
            last=last,
        )
    ).scalar_one_or_none()
    if rows is not None:
        raise CircularBill(sku=item.sku, path=" → ".join([item.sku, *rows]))


def _require_made(item: Item) -> None:
    if item.kind is not ItemKind.STOCKED:
        raise NotMade(sku=item.sku, kind=item.kind)


def _component(session: Session, place: int, draft: ComponentDraft) -> BomComponent:
    _require_made(draft.item)
    unit = draft.unit_code
    if unit is not None:
        unit = catalog.find_unit(session, unit).code
    counted_elsewhere = unit is not None and unit != draft.item.unit_code
    quantity = draft.quantity
    if counted_elsewhere:
        assert unit is not None, "it is counted in another unit"
        quantity = catalog.in_base_unit(session, draft.item, draft.quantity, unit)
    catalog.require_quantities(session, [(draft.item, quantity)])
    return BomComponent(
        position=place,
        item=draft.item,
        item_id=draft.item.id,
        quantity=quantity,
        unit_code=unit if counted_elsewhere else None,
        unit_quantity=draft.quantity if counted_elsewhere else None,
        scrap_percent=draft.scrap_percent,
        fixed=draft.fixed,
        issue=draft.issue,
    )


def _check_percents(
    item: Item,
    components: Sequence[ComponentDraft],
    by_products: Sequence[ByProductDraft],
    yield_percent: Decimal,
    tolerance_percent: Decimal | None,
) -> None:
    if not components:
        raise NoComponents(sku=item.sku)
    _between(_YIELD, yield_percent, Decimal("0.0001"), _HUNDRED)
    if tolerance_percent is not None:
        _between(_TOLERANCE, tolerance_percent, Decimal(0), _HUNDRED)
    for part in components:
        _between(_SCRAP, part.scrap_percent, Decimal(0), _SCRAP_MAX)
    for each in by_products:
        _between(_SHARE, each.cost_share_percent, Decimal(0), _HUNDRED)
    shares = sum((each.cost_share_percent for each in by_products), Decimal(0))
    if shares >= _HUNDRED:
        raise SharesTooLarge(sku=item.sku, percent=plain(shares))


def _between(what: Both, percent: Decimal, least: Decimal, most: Decimal) -> None:
    if not least <= percent <= most:
        raise NotAPercentage(
            what=what, percent=plain(percent), least=plain(least), most=plain(most)
        )


def _check_products(
    session: Session,
    item: Item,
    components: Sequence[ComponentDraft],
    by_products: Sequence[ByProductDraft],
) -> None:
    taken = {item.id, *(part.item.id for part in components)}
    for each in by_products:
        _require_made(each.item)
        if each.item.id in taken:
            raise ProductTwice(sku=each.item.sku)
        taken.add(each.item.id)
    catalog.require_quantities(session, [(each.item, each.quantity) for each in by_products])


def _make_room(session: Session, item: Item, alternative: str, from_day: date) -> date | None:
    """End the version that holds on a day before it; return the day before the next one."""
    wanted = (
        select(BillOfMaterials)
        .where(
            BillOfMaterials.item_id == item.id,
            BillOfMaterials.alternative == alternative,
            BillOfMaterials.withdrawn_on.is_(None),
        )
        .order_by(BillOfMaterials.valid_from)
        .with_for_update()
    )
    ends_on = None
    for other in session.scalars(wanted):
        if other.valid_from == from_day:
            raise VersionExists(sku=item.sku, number=other.number, day=from_day)
        if other.valid_from > from_day:
            ends_on = other.valid_from - timedelta(days=1)
            break
        if other.valid_until is None or other.valid_until >= from_day:
            other.valid_until = from_day - timedelta(days=1)
    session.flush()
    return ends_on


def _next_version(session: Session, item: Item, alternative: str) -> int:
    wanted = select(func.coalesce(func.max(BillOfMaterials.version), literal(0))).where(
        BillOfMaterials.item_id == item.id, BillOfMaterials.alternative == alternative
    )
    return int(session.scalars(wanted).one()) + 1


def _told(bill: BillOfMaterials, today: date) -> BillDefined:
    terms = {
        "alternative": bill.alternative,
        "phantom": "yes" if bill.phantom else "",
        "yield_percent": "" if bill.yield_percent == _HUNDRED else plain(bill.yield_percent),
        "tolerance_percent": ""
        if bill.tolerance_percent is None
        else plain(bill.tolerance_percent),
        "lead_time_days": str(bill.lead_time_days or ""),
    }
    return BillDefined(
        number=bill.number,
        sku=bill.item.sku,
        item_name=bill.item.name,
        version=bill.version,
        output_quantity=bill.output_quantity,
        components=tuple(_said(part) for part in bill.components),
        by_products=tuple(
            f"{plain(each.quantity)} × {each.item.sku} ({plain(each.cost_share_percent)} %)"
            for each in bill.by_products
        ),
        terms=tuple((name, what) for name, what in terms.items() if what),
        from_in_days=(bill.valid_from - today).days,
        valid_from=bill.valid_from.isoformat(),
    )


def _said(part: BomComponent) -> str:
    in_unit = f" {part.unit_code}" if part.unit_code is not None else ""
    counted = part.quantity if part.unit_quantity is None else part.unit_quantity
    said = f"{plain(counted)}{in_unit} × {part.item.sku}"
    if part.scrap_percent:
        said += f" (+{plain(part.scrap_percent)} %)"
    return f"{said} (1×)" if part.fixed else said
