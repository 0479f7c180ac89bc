"""Kits: sold as one, made of components that lie on the shelf; exploded and split exactly."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload

from core.catalog.errors import ComponentTwice, KitIsEmpty, NotAComponent, NotAKit
from core.catalog.events import KitDefined
from core.catalog.service import require_quantities
from core.catalog.tables import Item, ItemKind, KitComponent
from core.kernel import events
from core.kernel.money import Money, plain


@dataclass(frozen=True)
class Component:
    """So many of an item belong to one kit."""

    item: Item
    per_kit: Decimal


def define_kit(
    session: Session, kit: Item, components: Sequence[tuple[Item, Decimal]]
) -> list[Component]:
    """Say what belongs to a kit; return what did so far. Orders before keep their components."""
    require_kit(kit)
    if not components:
        raise KitIsEmpty(sku=kit.sku)
    seen: set[uuid.UUID] = set()
    for item, _ in components:
        if item.kind is ItemKind.KIT:
            raise NotAComponent(sku=item.sku, kit=kit.sku)
        if item.id in seen:
            raise ComponentTwice(sku=item.sku)
        seen.add(item.id)
    require_quantities(session, components)
    session.refresh(kit, ["kind"], with_for_update={"key_share": True, "of": Item})
    before = components_of(session, [kit]).get(kit.id, [])
    session.execute(delete(KitComponent).where(KitComponent.kit_id == kit.id))
    session.add_all(
        KitComponent(kit_id=kit.id, position=position, item_id=item.id, quantity=quantity)
        for position, (item, quantity) in enumerate(components, start=1)
    )
    after = [Component(item, quantity) for item, quantity in components]
    events.record(session, KitDefined(kit.sku, _said(before), _said(after)))
    session.flush()
    return before


def require_kit(item: Item) -> None:
    """Refuse an item that is no kit."""
    if item.kind is not ItemKind.KIT:
        raise NotAKit(sku=item.sku)


def components_of(session: Session, kits: Sequence[Item]) -> dict[uuid.UUID, list[Component]]:
    """Return what belongs to each kit, in its order."""
    wanted = (
        select(KitComponent)
        .where(KitComponent.kit_id.in_([kit.id for kit in kits]))
        .options(joinedload(KitComponent.item, innerjoin=True).joinedload(Item.unit))
        .order_by(KitComponent.position)
    )
    found: dict[uuid.UUID, list[Component]] = {}
    for row in session.scalars(wanted):
        found.setdefault(row.kit_id, []).append(Component(row.item, row.quantity))
    return found


def explode(session: Session, kit: Item, quantity: Decimal) -> list[tuple[Item, Decimal]]:
    """Return how much of each component so many kits need, exactly."""
    require_kit(kit)
    components = components_of(session, [kit]).get(kit.id)
    if not components:
        raise KitIsEmpty(sku=kit.sku)
    return [(each.item, each.per_kit * quantity) for each in components]


def kits_possible(
    components: Sequence[Component], available: Mapping[uuid.UUID, Decimal]
) -> Decimal:
    """Return how many whole kits the components that are there make; services never lack."""
    possible = [
        available.get(each.item.id, Decimal(0)) / each.per_kit
        for each in components
        if each.item.kind is ItemKind.STOCKED
    ]
    if not possible:
        return Decimal(0)
    return max(min(possible).to_integral_value(ROUND_FLOOR), Decimal(0))


def split_net(net: Money, weights: Sequence[Decimal]) -> list[Money]:
    """Share the net amount of a kit among its components by weight; the parts sum to the whole.

    Weights are what the components cost alone; where they are all free, each counts the same.
    What is left of a minor unit goes to the largest remainders, the first ones on a tie.
    """
    assert weights, "a kit has components"
    shares = [Fraction(weight) for weight in weights]
    if not any(shares):
        shares = [Fraction(1)] * len(shares)
    whole = sum(shares)
    exact = [net.minor * share / whole for share in shares]
    parts = [each.numerator // each.denominator for each in exact]
    by_remainder = sorted(range(len(parts)), key=lambda place: (parts[place] - exact[place], place))
    for place in by_remainder[: net.minor - sum(parts)]:
        parts[place] += 1
    return [Money(part, net.currency) for part in parts]


def _said(components: Sequence[Component]) -> str:
    return ", ".join(f"{plain(each.per_kit)} × {each.item.sku}" for each in components)
