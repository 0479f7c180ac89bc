"""Plan what to make and to buy: from the very figures that reordering and promises reckon with."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import catalog
from core.catalog import Item, ItemKind
from core.inventory import ReorderMethod, ReorderRule
from core.kernel import events
from core.kernel.company import company
from core.kernel.money import plain
from core.manufacturing.boms import BillOfMaterials, bills_in_force, exact_requirements
from core.manufacturing.orders import lead_terms
from core.manufacturing.routings import Routing, routings_in_force
from core.processes.planning import rules
from core.processes.planning.errors import HorizonTooFar, LotsDisagree
from core.processes.planning.events import PlanningRuleSet
from core.processes.planning.rules import Demand, Lots, Message, Part, Planned, Problem, Receipt
from core.processes.planning.tables import PlanningRule
from core.processes.replenishment import Position, positions_of
from core.processes.replenishment.choosing import choices, first_choice, offers_of
from core.purchasing import SupplierOffer

_ZERO = Decimal(0)
HORIZON_DAYS, HORIZON_MAX = 42, 730


@dataclass(frozen=True)
class Extra:
    """A demand that nobody has written down yet: what if so much more were wanted by a day?"""

    item: Item
    quantity: Decimal
    on: date


@dataclass(frozen=True)
class Served:
    """A document that an order of the plan is for, and how much of it."""

    document: str
    quantity: Decimal


@dataclass(frozen=True)
class PlannedOrder:
    """A quantity to make or buy: when to start, when it is there, what it is for, from whom."""

    place: int
    sku: str
    name: str
    name_zh: str | None
    quantity: Decimal
    start_on: date
    due_on: date
    # The day it can be there at best, where there is not time enough.
    late_until: date | None
    is_made: bool
    level: int
    serves: tuple[Served, ...]
    supplier_number: str | None = None
    supplier: str | None = None
    unit_price: Decimal | None = None


@dataclass(frozen=True)
class ActionMessage:
    """What to do about a document that is on its way, and the documents that make it so."""

    message: Message
    sku: str
    document: str
    quantity: Decimal
    on: date
    to_on: date | None
    to_quantity: Decimal | None
    because: tuple[str, ...]


@dataclass(frozen=True)
class Branch:
    """A part of a requirement and where it comes from; below it, what that takes in turn."""

    sku: str
    quantity: Decimal
    source: str
    document: str
    on: date
    below: tuple["Branch", ...] = ()


@dataclass(frozen=True)
class ProductionPlan:
    """What to order, what to say about what is on its way, and what is short whatever is done."""

    today: date
    until: date
    orders: tuple[PlannedOrder, ...]
    messages: tuple[ActionMessage, ...]
    # Bought items that nobody offers.
    without_source: tuple[str, ...]
    result: rules.Result

    def pegging(self, document: str) -> tuple[Branch, ...]:
        """Return where everything comes from that a document wants, down to what is bought."""
        return _pegged(self, document, frozenset())


def plan(
    session: Session,
    *,
    days: int = HORIZON_DAYS,
    item_ids: Iterable[uuid.UUID] | None = None,
    extra: Sequence[Extra] = (),
) -> ProductionPlan:
    """Plan what is wanted within some days: nothing is written, and nothing is reserved.

    Supply on its way counts once, for whom it comes first; what is promised to somebody is theirs.
    `extra` is what else would be wanted. With `item_ids`, only their orders and messages are told;
    what they take from is netted all the same.
    """
    if not 1 <= days <= HORIZON_MAX:
        raise HorizonTooFar(days=days)
    today = company(session).today
    known = _read(session, today, days, extra)
    result = rules.solve(known.problem)
    told = None if item_ids is None else {str(key) for key in item_ids}
    return ProductionPlan(
        today=today,
        until=today + timedelta(days=days),
        orders=tuple(
            _shown(known, order, result, today)
            for order in result.orders
            if told is None or order.key in told
        ),
        messages=tuple(
            _message(known, each, today)
            for each in result.advice
            if told is None or each.key in told
        ),
        without_source=tuple(
            sorted(
                {
                    known.items[order.key].sku
                    for order in result.orders
                    if order.key not in known.bills and not known.offers_of(order.key)
                }
            )
        ),
        result=_by_sku(result, known),
    )


@dataclass(frozen=True)
class _Known:
    problem: Problem
    items: Mapping[str, Item]
    bills: Mapping[str, BillOfMaterials]
    # Of what is bought.
    offers: Mapping[uuid.UUID, Sequence[SupplierOffer]]

    def offers_of(self, key: str) -> Sequence[SupplierOffer]:
        """Return who offers an item."""
        return self.offers.get(self.items[key].id, ())


def _read(session: Session, today: date, days: int, extra: Sequence[Extra]) -> _Known:
    positions = {
        str(item_id): position
        for (item_id, place), position in positions_of(session).by_place.items()
        if place is None
    }
    in_force, routings = bills_in_force(session), routings_in_force(session)
    # A phantom is never made: what it is made of goes into what takes it.
    bills = {str(key): bill for key, bill in in_force.items() if not bill.phantom}
    parts = {key: _parts(bill, in_force) for key, bill in bills.items()}
    keys = {*positions, *bills, *(str(each.item.id) for each in extra)}
    keys |= {part.key for takes in parts.values() for part in takes}
    wanted = select(Item).where(Item.kind == ItemKind.STOCKED)
    items = {str(item.id): item for item in session.scalars(wanted) if str(item.id) in keys}
    digits = catalog.unit_digits(session, items.values())
    bought = [item.id for key, item in items.items() if key not in bills]
    offers = offers_of(session, bought, today=today)
    end = today + timedelta(days=days)
    demands = {
        key: [
            Demand((each.on - today).days, each.quantity, each.document)
            for each in position.wanted
            if each.on <= end
        ]
        for key, position in positions.items()
        if key in items and position.wanted
    }
    for more in extra:
        demands.setdefault(str(more.item.id), []).append(
            Demand((more.on - today).days, more.quantity, "what_if")
        )
    problem = Problem(
        on_hand={key: positions.get(key, Position()).available for key in items},
        lots=_lots(session, items, bills, routings, offers),
        parts={key: takes for key, takes in parts.items() if key in items},
        demands=demands,
        receipts={
            key: [
                Receipt((each.on - today).days, each.quantity, each.document)
                for each in position.coming
            ]
            for key, position in positions.items()
            if key in items and position.coming
        },
        digits={key: digits[item.unit_code] for key, item in items.items()},
        left_alone=_left_alone(session, bills),
    )
    return _Known(problem, items, bills, offers)


def _parts(bill: BillOfMaterials, bills: Mapping[uuid.UUID, BillOfMaterials]) -> list[Part]:
    """Return what one of an item takes, and each order of it besides: as its work orders do."""
    return [
        Part(str(item.id), _ZERO, exactly) if fixed else Part(str(item.id), exactly)
        for item, _, fixed, exactly in exact_requirements(bill, Decimal(1), bills=bills)
    ]


def _lots(
    session: Session,
    items: Mapping[str, Item],
    bills: Mapping[str, BillOfMaterials],
    routings: Mapping[uuid.UUID, Routing],
    offers: Mapping[uuid.UUID, Sequence[SupplierOffer]],
) -> dict[str, Lots]:
    said = {str(rule.item_id): rule for rule in session.scalars(select(PlanningRule))}
    reorder = select(ReorderRule).where(
        ReorderRule.location_id.is_(None), ReorderRule.method == ReorderMethod.MIN_MAX
    )
    kept = {str(rule.item_id): rule.minimum or _ZERO for rule in session.scalars(reorder)}
    found: dict[str, Lots] = {}
    for key, item in items.items():
        bill, offer = bills.get(key), first_choice(offers.get(item.id, ()), None)
        lots = Lots(safety_stock=max(kept.get(key, _ZERO), _ZERO))
        if bill is not None:
            said_days, setup, each = lead_terms(bill, routings.get(item.id))
            lots = replace(lots, lead_days=said_days, setup_days=setup, piece_days=each)
        elif offer is not None:
            lots = _bought(lots, offer)
        if key in said:
            lots = _as_said(lots, said[key])
        if lots != Lots():
            found[key] = lots
    return found


def _bought(lots: Lots, offer: SupplierOffer) -> Lots:
    """Return how an item is planned that is bought by an offer."""
    least = offer.minimum_quantity if offer.minimum_quantity > 1 else None
    return replace(
        lots, lead_days=offer.lead_time_days, minimum=least, multiple=offer.order_multiple
    )


def _as_said(lots: Lots, rule: PlanningRule) -> Lots:
    """Return how an item is planned, where somebody said so; the rest stays as it follows."""
    sized = rule.fixed or rule.minimum or rule.maximum or rule.multiple
    by_work = rule.lead_days is None
    return Lots(
        lead_days=lots.lead_days if rule.lead_days is None else rule.lead_days,
        setup_days=lots.setup_days if by_work else Fraction(0),
        piece_days=lots.piece_days if by_work else Fraction(0),
        safety_stock=rule.safety_stock or lots.safety_stock,
        fixed=rule.fixed,
        minimum=rule.minimum if sized else lots.minimum,
        maximum=rule.maximum,
        multiple=rule.multiple if sized else lots.multiple,
        period_days=rule.period_days,
    )


def _left_alone(session: Session, bills: Mapping[str, BillOfMaterials]) -> frozenset[str]:
    """Return what is never ordered by a plan: what somebody else sees to."""
    wanted = select(ReorderRule.item_id).where(ReorderRule.method == ReorderMethod.NEVER)
    return frozenset(str(key) for key in session.scalars(wanted) if str(key) not in bills)


def _shown(
    known: _Known,
    order: Planned,
    result: rules.Result,
    today: date,
) -> PlannedOrder:
    item, is_made = known.items[order.key], order.key in known.bills
    ways = (
        []
        if is_made
        else choices(known.offers_of(order.key), order.quantity, receipts={}, today=today)
    )
    late = today + timedelta(days=order.due - order.start) if order.is_late else None
    serves: dict[str, Decimal] = {}
    for peg in order.pegs:
        needed = peg.requirement
        document = needed.document or (
            known.items[needed.order.key].sku if needed.order is not None else "safety_stock"
        )
        serves[document] = serves.get(document, _ZERO) + peg.quantity
    return PlannedOrder(
        place=order.place,
        sku=item.sku,
        name=item.name,
        name_zh=item.name_zh,
        quantity=order.quantity,
        start_on=today + timedelta(days=max(order.start, 0)),
        due_on=today + timedelta(days=max(order.due, 0)),
        late_until=late,
        is_made=is_made,
        level=result.levels[order.key],
        serves=tuple(Served(document, quantity) for document, quantity in serves.items()),
        supplier_number=ways[0].supplier_number if ways else None,
        supplier=ways[0].supplier if ways else None,
        unit_price=ways[0].unit_price if ways else None,
    )


def _message(known: _Known, each: rules.Advice, today: date) -> ActionMessage:
    return ActionMessage(
        message=each.message,
        sku=known.items[each.key].sku,
        document=each.document,
        quantity=each.quantity,
        on=today + timedelta(days=each.day),
        to_on=None if each.to_day is None else today + timedelta(days=each.to_day),
        to_quantity=each.to_quantity,
        because=tuple(
            known.items[said].sku if said in known.items else said for said in each.because
        ),
    )


def _by_sku(result: rules.Result, known: _Known) -> rules.Result:
    """Let a result be known by SKUs from here on."""
    for needed in result.requirements.values():
        for each in needed:
            each.key = known.items[each.key].sku
    for order in result.orders:
        order.key = known.items[order.key].sku
    result.requirements = {
        known.items[key].sku: needed for key, needed in result.requirements.items()
    }
    result.levels = {
        known.items[key].sku: level for key, level in result.levels.items() if key in known.items
    }
    return result


def _pegged(of: ProductionPlan, document: str, above: frozenset[str]) -> tuple[Branch, ...]:
    """Return what serves a document; one that is above itself is not followed twice."""
    if document in above:
        return ()
    return tuple(
        _branch(of, peg, above | {document})
        for needed in of.result.requirements.values()
        for each in needed
        if each.document == document
        for peg in each.pegs
    )


def _branch(of: ProductionPlan, peg: rules.Peg, above: frozenset[str]) -> Branch:
    below: tuple[Branch, ...] = ()
    day, document = peg.requirement.day, ""
    if peg.order is not None:
        day, document = peg.order.due, f"#{peg.order.place + 1}"
        below = tuple(_branch(of, each, above) for takes in peg.order.takes for each in takes.pegs)
    elif peg.receipt is not None:
        day, document = peg.receipt.day, peg.receipt.document
        below = _pegged(of, document, above)
    return Branch(
        sku=peg.requirement.key,
        quantity=peg.quantity,
        source=peg.source,
        document=document,
        on=of.today + timedelta(days=day),
        below=below,
    )


def set_planning_rule(
    session: Session,
    item: Item,
    *,
    fixed: Decimal | None = None,
    minimum: Decimal | None = None,
    maximum: Decimal | None = None,
    multiple: Decimal | None = None,
    period_days: int = 0,
    lead_days: int | None = None,
    safety_stock: Decimal = _ZERO,
) -> PlanningRule:
    """Say in which lots an item is planned; what is not said is as it follows from elsewhere."""
    sized = [each for each in (fixed, minimum, maximum, multiple) if each is not None]
    is_too_much = minimum is not None and maximum is not None and minimum > maximum
    if is_too_much or (fixed is not None and len(sized) > 1):
        raise LotsDisagree(sku=item.sku)
    kept = [safety_stock] if safety_stock else []
    catalog.require_quantities(session, [(item, each) for each in (*sized, *kept)])
    rule = session.get(PlanningRule, item.id, with_for_update=True)
    before = () if rule is None else terms_of(rule)
    if rule is None:
        rule = PlanningRule(item_id=item.id)
        session.add(rule)
    rule.fixed, rule.minimum, rule.maximum, rule.multiple = fixed, minimum, maximum, multiple
    rule.period_days, rule.lead_days, rule.safety_stock = period_days, lead_days, safety_stock
    events.record(session, PlanningRuleSet(item.sku, item.name, before, terms_of(rule)))
    session.flush()
    return rule


def terms_of(rule: PlanningRule) -> tuple[tuple[str, str], ...]:
    """Return what was said of how an item is planned."""
    terms = {
        "fixed": rule.fixed,
        "minimum": rule.minimum,
        "maximum": rule.maximum,
        "multiple": rule.multiple,
        "period_days": Decimal(rule.period_days) if rule.period_days else None,
        "lead_days": None if rule.lead_days is None else Decimal(rule.lead_days),
        "safety_stock": rule.safety_stock or None,
    }
    return tuple((name, plain(term)) for name, term in terms.items() if term is not None)
