"""What to order, and why: every rule, and every sale that nothing covers."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import inventory
from core.catalog import Item, ItemKind
from core.inventory import Location, ReorderMethod, ReorderPolicy, ReorderRule, ServiceKind
from core.inventory.reordering import policy_of
from core.kernel.company import company
from core.processes.replenishment import rules, safety
from core.processes.replenishment.choosing import (
    Choice,
    Offers,
    PriceBreak,
    Receipts,
    arrival,
    choices,
    first_choice,
    lead_time_from,
    next_break,
    offers_of,
)
from core.processes.replenishment.history import Demand, LeadTime, demands_of, lead_times_of
from core.processes.replenishment.positions import (
    Coming,
    Position,
    Positions,
    Wanted,
    positions_of,
)
from core.processes.replenishment.safety import DemandClass, Exposure, Spread

_ZERO = Decimal(0)
# An item that nobody set a rule for is ordered for what is sold and neither there nor coming.
_NO_RULE = ReorderPolicy(ReorderMethod.LOT_FOR_LOT)
_SOMEWHEN = LeadTime((0,), 0)


@dataclass(frozen=True)
class Arithmetic:
    """The figures that a suggestion follows from; all quantities are in the item's unit."""

    method: ReorderMethod
    on_hand: Decimal
    reserved: Decimal
    coming: tuple[Coming, ...]
    wanted: tuple[Wanted, ...]
    need: rules.Need
    demand_class: DemandClass
    demand_days: int
    demand: Spread
    lead_time: Spread
    receipts: int
    service_percent: Decimal | None
    service_kind: ServiceKind | None
    safety_stock: Decimal
    cover_days: Decimal | None
    risk_percent: Decimal

    @property
    def available(self) -> Decimal:
        """What lies there and is promised to nobody."""
        return self.on_hand - self.reserved

    @property
    def on_order(self) -> Decimal:
        """What is on its way within the horizon."""
        return sum((each.quantity for each in self.coming), _ZERO)

    @property
    def unreserved(self) -> Decimal:
        """What open sales take within the horizon beyond what is reserved for them."""
        return sum((each.quantity for each in self.wanted), _ZERO)


@dataclass(frozen=True)
class Transfer:
    """A quantity that another warehouse has beyond its own needs."""

    source: str
    target: str
    quantity: Decimal


@dataclass(frozen=True)
class Suggested:
    """An item to order again: how much, from whom, from which figures, and what else could be."""

    item_id: uuid.UUID
    sku: str
    name: str
    name_zh: str | None
    location: str | None
    arithmetic: Arithmetic
    choice: Choice | None
    others: tuple[Choice, ...] = ()
    price_break: PriceBreak | None = None
    transfer: Transfer | None = None

    @property
    def missing(self) -> Decimal:
        """How much is missing to reach the target; nothing while there is enough."""
        return self.arithmetic.need.missing

    @property
    def quantity(self) -> Decimal:
        """How much to order: what is missing, as its supplier sends it."""
        return self.choice.quantity if self.choice is not None else self.missing

    @property
    def minimum(self) -> Decimal:
        """The level below which it is ordered again."""
        return self.arithmetic.need.minimum

    @property
    def target(self) -> Decimal:
        """The level that it is filled up to."""
        return self.arithmetic.need.target

    @property
    def on_hand(self) -> Decimal:
        """What lies there."""
        return self.arithmetic.on_hand

    @property
    def reserved(self) -> Decimal:
        """What of that is promised."""
        return self.arithmetic.reserved

    @property
    def available(self) -> Decimal:
        """What lies there and is promised to nobody."""
        return self.arithmetic.available

    @property
    def on_order(self) -> Decimal:
        """What is on its way."""
        return self.arithmetic.on_order


@dataclass(frozen=True)
class _Known:
    """What is read once for all items of a plan."""

    today: date
    positions: Positions
    offers: Offers
    receipts: Receipts
    rules: Sequence[tuple[Item, ReorderPolicy, Location | None]]


def plan(session: Session, item_ids: Iterable[uuid.UUID] | None = None) -> list[Suggested]:
    """Return what to order of some items, or of all, by SKU; what has enough is left out.

    A handful of statements, however many items; only what a rule of service asks for, or what
    is short, is looked at day by day.
    """
    known = _read(session, None if item_ids is None else list(item_ids))
    asked = [(item, rule, place) for item, rule, place in known.rules if _is_planned(rule)]
    served = [item.id for item, rule, _ in asked if rule.method is ReorderMethod.SERVICE]
    demands = demands_of(session, served, today=known.today)
    found = [
        (item, rule, place, reckoned)
        for item, rule, place in asked
        for reckoned in [_need_of(known, item, rule, place, demands.get(item.id))]
        if reckoned[0].missing > 0
    ]
    short = {item.id for item, *_ in found} - demands.keys()
    demands |= demands_of(session, short, today=known.today)
    return [
        _suggested(session, known, item, rule, place, demands[item.id], reckoned)
        for item, rule, place, reckoned in found
    ]


def explain(session: Session, item: Item) -> list[Suggested]:
    """Return the figures of an item for each of its rules, whether anything is missing or not."""
    known = _read(session, [item.id])
    demand = demands_of(session, [item.id], today=known.today)[item.id]
    return [
        _suggested(
            session, known, item, rule, place, demand, _need_of(known, item, rule, place, demand)
        )
        for item, rule, place in known.rules
    ]


def _is_planned(policy: ReorderPolicy) -> bool:
    return policy.method is not ReorderMethod.NEVER


def _read(session: Session, wanted: list[uuid.UUID] | None) -> _Known:
    positions = positions_of(session, wanted)
    ruled = (
        select(Item, ReorderRule, Location)
        .join(ReorderRule, ReorderRule.item_id == Item.id)
        .outerjoin(Location, Location.id == ReorderRule.location_id)
        .where(Item.active)
        .order_by(Item.sku, Location.code)
    )
    sold = {item_id for (item_id, _), each in positions.by_place.items() if each.wanted}
    free = select(Item).where(
        Item.id.in_(sold if wanted is None else wanted),
        Item.kind == ItemKind.STOCKED,
        Item.id.not_in(select(ReorderRule.item_id)),
    )
    if wanted is not None:
        ruled = ruled.where(Item.id.in_(wanted))
    rows: list[tuple[Item, ReorderPolicy, Location | None]] = [
        (item, policy_of(rule), place) for item, rule, place in session.execute(ruled)
    ]
    rows += [(item, _NO_RULE, None) for item in session.scalars(free)]
    ids, today = list({item.id for item, *_ in rows}), company(session).today
    return _Known(
        today=today,
        positions=positions,
        offers=offers_of(session, ids, today=today),
        receipts=lead_times_of(session, ids),
        rules=sorted(rows, key=lambda row: (row[0].sku, row[2].code if row[2] else "")),
    )


_Reckoned = tuple[rules.Need, LeadTime, Exposure | None]


def _need_of(
    known: _Known,
    item: Item,
    rule: ReorderPolicy,
    place: Location | None,
    demand: Demand | None,
) -> _Reckoned:
    position = known.positions.of(item.id, place.id if place else None)
    offer = first_choice(known.offers.get(item.id, ()), rule.supplier_id)
    lead = lead_time_from(offer, known.receipts) if offer else _SOMEWHEN
    arrives_on = arrival(offer, known.receipts, known.today) if offer else known.today
    exposure = None
    minimum, target = rule.minimum or _ZERO, rule.target or _ZERO
    if rule.method is ReorderMethod.SERVICE:
        assert demand is not None, "the demand of what is served is read"
        exposure = _exposure(known, item, rule, demand, lead)
        minimum, target = _levels(rule, demand, exposure)
    horizon_on = rules.horizon(
        position,
        rule.method,
        today=known.today,
        arrives_on=arrives_on + timedelta(days=rule.review_days),
        days=rule.horizon_days,
    )
    needed = rules.need(
        position, minimum=minimum, target=target, arrives_on=arrives_on, horizon_on=horizon_on
    )
    return needed, lead, exposure


def _exposure(
    known: _Known, item: Item, rule: ReorderPolicy, demand: Demand, lead: LeadTime
) -> Exposure:
    return safety.sampled(
        demand.days,
        lead.days,
        review_days=rule.review_days,
        seed=f"{item.id} {known.today}",
    )


def _levels(rule: ReorderPolicy, demand: Demand, exposure: Exposure) -> tuple[Decimal, Decimal]:
    """Return the reorder point that reaches the service, and the level to fill up to.

    What would not be used before it spoils is not ordered.
    """
    assert rule.service_percent is not None, "a rule of service says which"
    assert rule.service_kind is not None, "a rule of service says of what"
    per_day = Spread.of(demand.days).mean
    quantity = _up(per_day * rule.cover_days)
    point = safety.reorder_point(
        exposure,
        service_percent=rule.service_percent,
        kind=rule.service_kind,
        order_quantity=quantity,
    )
    target = point + quantity
    if rule.shelf_life_days is not None:
        target = min(target, max(int(per_day * rule.shelf_life_days), 1))
    return demand.in_units(min(point, target)), demand.in_units(target)


def _up(quantity: Decimal) -> int:
    return int(quantity.to_integral_value(rounding=ROUND_CEILING))


def _suggested(
    session: Session,
    known: _Known,
    item: Item,
    rule: ReorderPolicy,
    place: Location | None,
    demand: Demand,
    reckoned: _Reckoned,
) -> Suggested:
    needed, lead, exposure = reckoned
    position = known.positions.of(item.id, place.id if place else None)
    if exposure is None:
        exposure = _exposure(known, item, rule, demand, lead)
    arithmetic = _arithmetic(rule, position, demand, needed, lead, exposure)
    offers = known.offers.get(item.id, ())
    ways = choices(
        offers,
        max(needed.missing, _ZERO),
        receipts=known.receipts,
        today=known.today,
        preferred=rule.supplier_id,
    )
    suggested = Suggested(
        item_id=item.id,
        sku=item.sku,
        name=item.name,
        name_zh=item.name_zh,
        location=place.code if place else None,
        arithmetic=arithmetic,
        choice=ways[0] if ways else None,
        others=tuple(ways[1:]),
    )
    if needed.missing <= 0:
        return suggested
    return replace(
        suggested,
        price_break=next_break(
            offers,
            ways[0],
            demand_per_day=arithmetic.demand.mean,
            receipts=known.receipts,
            today=known.today,
        )
        if ways
        else None,
        transfer=_transfer(session, known, item, place, needed) if place else None,
    )


def _arithmetic(
    rule: ReorderPolicy,
    position: Position,
    demand: Demand,
    needed: rules.Need,
    lead: LeadTime,
    exposure: Exposure,
) -> Arithmetic:
    spread = Spread.of(demand.days)
    per_day = Spread(demand.in_units(spread.mean), demand.in_units(spread.deviation))
    times = Spread.of(lead.days)
    coming = tuple(each for each in position.coming if each.on <= needed.horizon_on)
    wanted = tuple(each for each in position.wanted if each.on <= needed.horizon_on)
    free = position.available - sum((each.quantity for each in wanted), _ZERO)
    expected = per_day.mean * times.mean
    return Arithmetic(
        method=rule.method,
        on_hand=position.on_hand,
        reserved=position.reserved,
        coming=coming,
        wanted=wanted,
        need=needed,
        demand_class=safety.class_of(demand.days),
        demand_days=len(demand.days),
        demand=per_day,
        lead_time=times,
        receipts=lead.receipts,
        service_percent=rule.service_percent,
        service_kind=rule.service_kind,
        safety_stock=max(needed.minimum - expected, _ZERO),
        cover_days=max(free, _ZERO) / per_day.mean if per_day.mean else None,
        risk_percent=exposure.risk_percent(demand.in_steps(free)),
    )


def _transfer(
    session: Session, known: _Known, item: Item, place: Location, needed: rules.Need
) -> Transfer | None:
    """Return what the warehouse that has most to spare could send, if any has."""
    keeps = {
        elsewhere.id: rule.target or _ZERO
        for other, rule, elsewhere in known.rules
        if other.id == item.id and elsewhere is not None
    }
    spare = {
        warehouse: min(position.projected(needed.horizon_on), position.available)
        - keeps.get(warehouse, _ZERO)
        for warehouse, position in known.positions.warehouses_of(item.id).items()
        if warehouse != place.id
    }
    if not spare:
        return None
    source = max(spare, key=lambda warehouse: spare[warehouse])
    if spare[source] <= 0:
        return None
    quantity = min(spare[source], needed.missing)
    return Transfer(session.get_one(inventory.Location, source).code, place.code, quantity)
