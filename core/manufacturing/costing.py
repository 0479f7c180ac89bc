"""What it costs to make an item: material by its bill, work by its routing, level by level."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.catalog import Item, ValuationMethod
from core.inventory import StockValue
from core.kernel.company import company
from core.kernel.money import digits_of
from core.manufacturing.boms import (
    BillOfMaterials,
    BomComponent,
    bills_below,
    bills_in_force,
    needed_of,
)
from core.manufacturing.boms.rules import begun_for
from core.manufacturing.routings import Routing, planned_minutes, rates_of, routings_in_force

_ZERO = Decimal(0)


@dataclass(frozen=True)
class CostLine:
    """One component or operation of a roll-up, for the quantity that was asked about."""

    name: str
    quantity: Decimal
    unit_cost: Decimal
    cost: Decimal


@dataclass(frozen=True)
class RolledCost:
    """What a quantity of an item costs to make; `unknown` are bought items without any cost."""

    sku: str
    quantity: Decimal
    material: Decimal
    labour: Decimal
    overhead: Decimal
    # What other products bear of it.
    shared: Decimal
    lines: tuple[CostLine, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def total(self) -> Decimal:
        """What all of it costs, without what other products bear."""
        return self.material + self.labour + self.overhead - self.shared

    @property
    def unit_cost(self) -> Decimal:
        """What one of it costs."""
        return self.total / self.quantity


def unit_costs(session: Session, items: Iterable[Item]) -> dict[uuid.UUID, Decimal]:
    """Return what one of each item costs now: by its stock, or as we reckon where there is none."""
    known = {item.id: item for item in items}
    scale = Decimal(10) ** -digits_of(company(session).currency)
    rows = select(StockValue.item_id, StockValue.quantity, StockValue.value_minor).where(
        StockValue.item_id.in_(known), StockValue.quantity > 0
    )
    costs = {key: item.standard_cost for key, item in known.items()}
    for item_id, quantity, minor in session.execute(rows):
        if known[item_id].valuation_method is not ValuationMethod.STANDARD:
            costs[item_id] = minor * scale / quantity
    return costs


def roll_up(
    session: Session, item: Item, *, quantity: Decimal = Decimal(1), on: date | None = None
) -> RolledCost:
    """Return what a quantity of an item costs to make, everything below it made as well.

    The setup of each operation is spread over all of the item that this takes, wherever it goes in.
    What is bought costs what its stock is worth, or what we reckon with.
    """
    bill = bills_in_force(session, [item.id], on=on).get(item.id)
    bills = bills_below(session, bill, on=on) if bill is not None else {}
    items = {part.item_id: part.item for each in bills.values() for part in each.components}
    items[item.id] = item
    roll = _Roll(
        bills, routings_in_force(session, items, on=on), unit_costs(session, items.values()), items
    )
    return roll.of(item, quantity)


@dataclass
class _Roll:
    bills: Mapping[uuid.UUID, BillOfMaterials]
    routings: Mapping[uuid.UUID, Routing]
    costs: Mapping[uuid.UUID, Decimal]
    items: Mapping[uuid.UUID, Item]
    # What one of each item below costs, as far as it is known already.
    each: dict[uuid.UUID, Decimal] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)

    def of(self, item: Item, quantity: Decimal) -> RolledCost:
        """Return what a quantity of an item costs: each item below it is reckoned once, in all."""
        order = self._downwards(item.id)
        needed: dict[uuid.UUID, Fraction] = defaultdict(Fraction, {item.id: Fraction(quantity)})
        for made in order:
            for part, exactly in self._parts(made, needed[made]):
                needed[part.item_id] += exactly
        for made in reversed(order[1:]):
            self.each[made] = self._cost(self.items[made], needed[made]).unit_cost
        return self._cost(item, needed[item.id])

    def _downwards(self, top: uuid.UUID) -> list[uuid.UUID]:
        """Return what is made, each after everything that it goes into."""
        above: dict[uuid.UUID, int] = defaultdict(int)
        for bill in self.bills.values():
            for part in bill.components:
                above[part.item_id] += 1
        found, ready = [], [top]
        while ready:
            made = ready.pop()
            found.append(made)
            for part, _ in self._parts(made, Fraction(1)):
                above[part.item_id] -= 1
                if above[part.item_id] == 0 and part.item_id in self.bills:
                    ready.append(part.item_id)
        return found

    def _parts(
        self, made: uuid.UUID, quantity: Fraction
    ) -> Iterator[tuple[BomComponent, Fraction]]:
        bill = self.bills.get(made)
        if bill is not None:
            begun = begun_for(quantity, bill.yield_percent)
            for part in bill.components:
                yield part, needed_of(part, bill, begun)

    def _cost(self, item: Item, exactly: Fraction) -> RolledCost:
        quantity = _decimal(exactly)
        bill, routing = self.bills.get(item.id), self.routings.get(item.id)
        material = labour = overhead = _ZERO
        lines: list[CostLine] = []
        for part, of_part in self._parts(item.id, exactly):
            needed = _decimal(of_part)
            each = self.each[part.item_id] if part.item_id in self.each else self._bought(part.item)
            material += needed * each
            lines.append(CostLine(part.item.sku, needed, each, needed * each))
        if routing is not None:
            pieces = quantity if bill is None else quantity * 100 / bill.yield_percent
            for step in routing.operations:
                rates = rates_of(step.work_centre)
                minutes = planned_minutes(
                    step.setup_minutes,
                    step.run_minutes,
                    pieces,
                    efficiency_percent=step.work_centre.efficiency_percent,
                )
                cycles = step.cycles * pieces
                work = rates.labour_of(minutes)
                place = rates.overhead_of(minutes, cycles)
                labour, overhead = labour + work, overhead + place
                lines.append(CostLine(step.name, minutes, _ZERO, work + place))
        if bill is None and routing is None:
            material = self._bought(item) * quantity
        shares = sum((each.cost_share_percent for each in bill.by_products), _ZERO) if bill else 0
        return RolledCost(
            item.sku,
            quantity,
            material,
            labour,
            overhead,
            (material + labour + overhead) * shares / 100,
            tuple(lines),
            tuple(sorted(self.unknown)),
        )

    def _bought(self, item: Item) -> Decimal:
        cost = self.costs.get(item.id, _ZERO)
        if cost == 0:
            self.unknown.add(item.sku)
        return cost


def _decimal(exactly: Fraction) -> Decimal:
    return Decimal(exactly.numerator) / Decimal(exactly.denominator)
