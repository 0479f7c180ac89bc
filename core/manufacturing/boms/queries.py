"""Questions about bills of materials: which holds, what is in it, and where something is used."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased, selectinload

from core import catalog
from core.catalog import Item
from core.kernel.company import company
from core.kernel.naming import find_numbered
from core.manufacturing.boms import rules
from core.manufacturing.boms.errors import NoBillOfMaterials, TooManyLines, UnknownBill
from core.manufacturing.boms.tables import (
    BillOfMaterials,
    BomByProduct,
    BomComponent,
    IssueMethod,
)

# A tree that is deeper is a mistake; the check against circles makes it impossible.
LEVELS_MAX = 60
LINES_MAX = 20_000
_WHOLE = (
    selectinload(BillOfMaterials.item),
    selectinload(BillOfMaterials.components).selectinload(BomComponent.item),
    selectinload(BillOfMaterials.by_products).selectinload(BomByProduct.item),
)


@dataclass(frozen=True)
class ExplodedLine:
    """A component at some level below what is made, and how much of it that takes."""

    level: int
    sku: str
    name: str
    name_zh: str | None
    unit_code: str
    quantity: Decimal
    is_phantom: bool
    # The number of its own bill; empty where it is bought.
    bill: str


@dataclass(frozen=True)
class Requirement:
    """What an order takes of an item: phantoms are gone through, and never needed themselves."""

    item: Item
    quantity: Decimal
    issue: IssueMethod = IssueMethod.PICK
    fixed: bool = False


@dataclass(frozen=True)
class UsedIn:
    """What an item goes into, at which level above it, and how much of it one of that takes."""

    level: int
    sku: str
    name: str
    name_zh: str | None
    bill: str
    quantity: Decimal
    valid_from: date
    valid_until: date | None


def find_bill(session: Session, number: str) -> BillOfMaterials:
    """Return a bill of materials with what goes in and what comes out."""
    unknown = UnknownBill(number=number)
    return find_numbered(session, BillOfMaterials, number, *_WHOLE, unknown=unknown)


def bills_in_force(
    session: Session,
    item_ids: Iterable[uuid.UUID] | None = None,
    *,
    on: date | None = None,
    alternative: str = "",
) -> dict[uuid.UUID, BillOfMaterials]:
    """Return the bill of each item that holds on a day: of some items, or of all that have one."""
    day = on or company(session).today
    wanted = (
        select(BillOfMaterials)
        .where(
            BillOfMaterials.alternative == alternative,
            BillOfMaterials.withdrawn_on.is_(None),
            BillOfMaterials.valid_from <= day,
            or_(BillOfMaterials.valid_until.is_(None), BillOfMaterials.valid_until >= day),
        )
        .options(*_WHOLE)
    )
    if item_ids is not None:
        wanted = wanted.where(BillOfMaterials.item_id.in_(list(item_ids)))
    return {bill.item_id: bill for bill in session.scalars(wanted)}


def bill_of(
    session: Session, item: Item, *, on: date | None = None, alternative: str = ""
) -> BillOfMaterials:
    """Return the bill of an item that holds on a day, or refuse."""
    found = bills_in_force(session, [item.id], on=on, alternative=alternative).get(item.id)
    if found is None:
        raise NoBillOfMaterials(sku=item.sku, day=on or company(session).today)
    return found


def alternatives_of(session: Session, item: Item) -> dict[str, uuid.UUID]:
    """Return the ways to make an item that hold today: the name of each, and its bill."""
    today = company(session).today
    wanted = (
        select(BillOfMaterials.alternative, BillOfMaterials.id)
        .where(
            BillOfMaterials.item_id == item.id,
            BillOfMaterials.withdrawn_on.is_(None),
            BillOfMaterials.valid_from <= today,
            or_(BillOfMaterials.valid_until.is_(None), BillOfMaterials.valid_until >= today),
        )
        .order_by(BillOfMaterials.alternative)
    )
    return {name: bom_id for name, bom_id in session.execute(wanted)}  # noqa: C416


def bills_below(
    session: Session, bill: BillOfMaterials, *, on: date | None = None
) -> dict[uuid.UUID, BillOfMaterials]:
    """Return the bills of everything below one, level by level: a statement a level."""
    known, wanted = {bill.item_id: bill}, _components(bill)
    while wanted:
        found = bills_in_force(session, wanted, on=on)
        known |= found
        below = {item_id for each in found.values() for item_id in _components(each)}
        wanted = below - known.keys()
    return known


def explode(
    session: Session,
    item: Item,
    quantity: Decimal,
    *,
    on: date | None = None,
    levels: int | None = None,
    alternative: str = "",
) -> list[ExplodedLine]:
    """Return everything that goes into a quantity of an item, level by level, as a tree.

    Each line is exact before it is rounded up to what its unit can express: what one level rounds
    is not made of more on the next.
    """
    bill = bill_of(session, item, on=on, alternative=alternative)
    bills = bills_below(session, bill, on=on)
    digits = _digits(session, bills.values())
    lines: list[ExplodedLine] = []

    def go(of: BillOfMaterials, exactly: Fraction, level: int) -> None:
        begun = rules.begun_for(exactly, of.yield_percent)
        for part in of.components:
            if len(lines) >= LINES_MAX:
                raise TooManyLines(sku=item.sku, most=LINES_MAX)
            needed = needed_of(part, of, begun)
            own = bills.get(part.item_id)
            lines.append(
                ExplodedLine(
                    level,
                    part.item.sku,
                    part.item.name,
                    part.item.name_zh,
                    part.item.unit_code,
                    rules.rounded_up(needed, digits[part.item.unit_code]),
                    own is not None and own.phantom,
                    own.number if own is not None else "",
                )
            )
            if own is not None and level < (levels or LEVELS_MAX):
                go(own, needed, level + 1)

    go(bill, Fraction(quantity), 1)
    return lines


def requirements(
    session: Session, bill: BillOfMaterials, quantity: Decimal, *, on: date | None = None
) -> list[Requirement]:
    """Return what an order for a quantity takes: the items of its bill, phantoms gone through."""
    bills = _with_phantoms(session, bill, on=on)
    digits = _digits(session, bills.values())
    return [
        Requirement(item, rules.rounded_up(exactly, digits[item.unit_code]), issue, fixed)
        for item, issue, fixed, exactly in exact_requirements(bill, quantity, bills=bills)
    ]


def exact_requirements(
    bill: BillOfMaterials, quantity: Decimal, *, bills: Mapping[uuid.UUID, BillOfMaterials]
) -> list[tuple[Item, IssueMethod, bool, Fraction]]:
    """Return what an order takes before it is rounded, from bills that are read already.

    What is fixed is the same for any quantity, all other grows with it.
    """
    exact: dict[tuple[uuid.UUID, IssueMethod, bool], Fraction] = defaultdict(Fraction)
    items: dict[uuid.UUID, Item] = {}

    def go(of: BillOfMaterials, exactly: Fraction, *, fixed: bool) -> None:
        begun = rules.begun_for(exactly, of.yield_percent)
        for part in of.components:
            needed, own = needed_of(part, of, begun), bills.get(part.item_id)
            if own is not None and own.phantom:
                go(own, needed, fixed=fixed or part.fixed)
                continue
            items[part.item_id] = part.item
            exact[part.item_id, part.issue, fixed or part.fixed] += needed

    go(bill, Fraction(quantity), fixed=False)
    return [
        (items[item_id], issue, fixed, exactly)
        for (item_id, issue, fixed), exactly in exact.items()
    ]


def where_used(session: Session, item: Item, *, on: date | None = None) -> list[UsedIn]:
    """Return everything that an item goes into, directly and through others, nearest first.

    Without a day, also what it only will go into or went into once.
    """
    part, bill, parent = aliased(BomComponent), aliased(BillOfMaterials), aliased(Item)
    found: list[UsedIn] = []
    level, below = 1, {item.id: Fraction(1)}
    while below and level <= LEVELS_MAX:
        wanted = (
            select(part, bill, parent)
            .join(bill, bill.id == part.bom_id)
            .join(parent, parent.id == bill.item_id)
            .where(part.item_id.in_(below), bill.withdrawn_on.is_(None))
            .order_by(parent.sku, bill.valid_from, part.position)
        )
        if on is not None:
            wanted = wanted.where(
                bill.valid_from <= on, or_(bill.valid_until.is_(None), bill.valid_until >= on)
            )
        shares: dict[tuple[uuid.UUID, uuid.UUID], Fraction] = defaultdict(Fraction)
        for line, of, made in session.execute(wanted):
            begun = rules.begun_for(Decimal(1), of.yield_percent)
            share = below[line.item_id] * needed_of(line, of, begun)
            shares[made.id, of.id] += share
            found.append(
                UsedIn(
                    level,
                    made.sku,
                    made.name,
                    made.name_zh,
                    of.number,
                    rules.rounded_up(share),
                    of.valid_from,
                    of.valid_until,
                )
            )
        # One of several versions and alternatives is used at a time: the one that takes most.
        below = {}
        for (made_id, _), share in shares.items():
            below[made_id] = max(below.get(made_id, Fraction(0)), share)
        level += 1
    return found


def _components(bill: BillOfMaterials) -> set[uuid.UUID]:
    return {part.item_id for part in bill.components}


def _with_phantoms(
    session: Session, bill: BillOfMaterials, *, on: date | None
) -> dict[uuid.UUID, BillOfMaterials]:
    known, wanted = {bill.item_id: bill}, _components(bill)
    while wanted:
        found = bills_in_force(session, wanted, on=on)
        known |= found
        phantoms = [own for own in found.values() if own.phantom]
        wanted = {item_id for each in phantoms for item_id in _components(each)} - known.keys()
    return known


def needed_of(part: BomComponent, of: BillOfMaterials, begun: Fraction) -> Fraction:
    """Return how much of a component is needed for what is begun, before it is rounded."""
    return rules.exactly_needed(
        begun,
        quantity=part.quantity,
        output_quantity=of.output_quantity,
        scrap_percent=part.scrap_percent,
        fixed=part.fixed,
    )


def _digits(session: Session, bills: Iterable[BillOfMaterials]) -> dict[str, int]:
    items = [part.item for bill in bills for part in bill.components]
    return catalog.unit_digits(session, items)
