"""How an item is reordered: the rule that somebody sets, and what it asks for."""

import uuid
from dataclasses import dataclass, fields
from decimal import Decimal

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from core.catalog import Item, Unit
from core.inventory import rules
from core.inventory.errors import (
    DaysOutOfRange,
    NoReorderRule,
    RuleTermsMissing,
    ServiceOutOfRange,
)
from core.inventory.events import ReorderRuleSet
from core.inventory.locations import require_internal
from core.inventory.tables import Location, ReorderMethod, ReorderRule, ServiceKind
from core.kernel import events
from core.kernel.money import plain, rounded
from core.parties import Party

_DAYS = {
    "review_days": (0, 365),
    "cover_days": (1, 730),
    "horizon_days": (0, 730),
    "shelf_life_days": (1, 36_500),
}
# What is shown of a rule beside its levels.
_TERMS = ("service_percent", "service_kind", *_DAYS)
_LEAST_SERVICE, _ALL = Decimal(50), Decimal(100)


@dataclass(frozen=True)
class ReorderPolicy:
    """What a reorder rule says; what belongs to another method stays empty."""

    method: ReorderMethod
    minimum: Decimal | None = None
    target: Decimal | None = None
    service_percent: Decimal | None = None
    service_kind: ServiceKind | None = None
    review_days: int = 1
    cover_days: int = 30
    horizon_days: int | None = None
    shelf_life_days: int | None = None
    supplier_id: uuid.UUID | None = None


def set_reorder_rule(
    session: Session,
    item: Item,
    *,
    minimum: Decimal,
    target: Decimal,
    location: Location | None = None,
) -> ReorderRule:
    """Ask to be warned when an item falls below `minimum`, to be filled up to `target`."""
    policy = ReorderPolicy(ReorderMethod.MIN_MAX, minimum=minimum, target=target)
    return set_policy(session, item, policy, location=location)


def set_policy(
    session: Session, item: Item, policy: ReorderPolicy, *, location: Location | None = None
) -> ReorderRule:
    """Say how an item is reordered, in one warehouse or in all of them together."""
    _require_sound(session, item, policy)
    if location is not None:
        require_internal(location)
    rule = _rule(session, item, location)
    before = policy_of(rule) if rule is not None else None
    if rule is None:
        rule = ReorderRule(item_id=item.id, location_id=location.id if location else None)
        session.add(rule)
    for each in fields(policy):
        setattr(rule, each.name, getattr(policy, each.name))
    _tell(session, item, location, before, policy)
    session.flush()
    return rule


def remove_reorder_rule(session: Session, item: Item, *, location: Location | None = None) -> None:
    """Be warned of an item no more."""
    rule = _rule(session, item, location)
    if rule is None:
        raise NoReorderRule(sku=item.sku)
    before = policy_of(rule)
    session.delete(rule)
    _tell(session, item, location, before, None)
    session.flush()


def find_policy_or_none(
    session: Session, item: Item, *, location: Location | None = None
) -> ReorderPolicy | None:
    """Return how an item is reordered in a warehouse, or in all of them together."""
    rule = session.scalars(_rules_of(item, location)).one_or_none()
    return None if rule is None else policy_of(rule)


def reorder_rule_or_none(session: Session, item: Item) -> tuple[Decimal, Decimal] | None:
    """Return the minimum and the target of an item, if it has a rule with levels."""
    policy = find_policy_or_none(session, item)
    if policy is None or policy.minimum is None or policy.target is None:
        return None
    return policy.minimum, policy.target


def policy_of(rule: ReorderRule) -> ReorderPolicy:
    """Return what a stored rule says."""
    return ReorderPolicy(**{each.name: getattr(rule, each.name) for each in fields(ReorderPolicy)})


def _rules_of(item: Item, location: Location | None) -> Select[ReorderRule]:
    return select(ReorderRule).where(
        ReorderRule.item_id == item.id,
        ReorderRule.location_id.is_not_distinct_from(location.id if location else None),
    )


def _rule(session: Session, item: Item, location: Location | None) -> ReorderRule | None:
    return session.scalars(_rules_of(item, location).with_for_update()).one_or_none()


def _require_sound(session: Session, item: Item, policy: ReorderPolicy) -> None:
    # A service cannot be refilled; the quantity only stands for one that could be.
    rules.require_movable(item, Decimal(1))
    has_levels = policy.minimum is not None and policy.target is not None
    wants_levels = policy.method is ReorderMethod.MIN_MAX
    if has_levels != wants_levels or (policy.minimum is None) != (policy.target is None):
        raise RuleTermsMissing(owner=ReorderMethod.MIN_MAX, needed="minimum, target")
    has_service = policy.service_percent is not None and policy.service_kind is not None
    if has_service != (policy.method is ReorderMethod.SERVICE):
        raise RuleTermsMissing(owner=ReorderMethod.SERVICE, needed="service_percent, service_kind")
    if policy.minimum is not None and policy.target is not None:
        rules.require_in_order(policy.minimum, policy.target)
        unit = session.get_one(Unit, item.unit_code)
        for quantity in (policy.minimum, policy.target):
            rules.require_exact(item, quantity, unit=unit.code, digits=unit.digits)
    if policy.service_percent is not None:
        asked = policy.service_percent
        if not _LEAST_SERVICE <= asked < _ALL or asked != rounded(asked, 2):
            raise ServiceOutOfRange(percent=plain(asked))
    for name, (least, most) in _DAYS.items():
        days = getattr(policy, name)
        if days is not None and not least <= days <= most:
            raise DaysOutOfRange(name=name, days=days, least=least, most=most)


def _tell(
    session: Session,
    item: Item,
    location: Location | None,
    before: ReorderPolicy | None,
    after: ReorderPolicy | None,
) -> None:
    events.record(
        session,
        ReorderRuleSet(
            sku=item.sku,
            item_name=item.name,
            before=_levels(before),
            after=_levels(after),
            location=location.code if location else "",
            terms_before=_terms(session, before),
            terms=_terms(session, after),
        ),
    )


def _levels(policy: ReorderPolicy | None) -> str:
    if policy is None:
        return ""
    if policy.minimum is None or policy.target is None:
        return policy.method.value
    return f"{plain(policy.minimum)} / {plain(policy.target)}"


def _terms(session: Session, policy: ReorderPolicy | None) -> tuple[tuple[str, str], ...]:
    """Return what a rule says beside its levels; what is as usual is not worth a line."""
    if policy is None:
        return ()
    usual = ReorderPolicy(policy.method)
    said: list[tuple[str, str]] = []
    for name in _TERMS:
        value = getattr(policy, name)
        if value is not None and value != getattr(usual, name):
            said.append((name, plain(value) if isinstance(value, Decimal) else str(value)))
    if policy.supplier_id is not None:
        said.append(("supplier", session.get_one(Party, policy.supplier_id).number))
    return tuple(said)
