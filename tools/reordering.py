"""Tools of reorder rules: how an item is ordered again, in all warehouses or in one."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import catalog, inventory, parties
from core.catalog import Item
from core.inventory import Location, ReorderMethod, ReorderPolicy, ServiceKind
from core.kernel.errors import Language
from core.kernel.money import plain
from core.kernel.words import word
from core.parties import Party
from tools.base import (
    Answer,
    Arguments,
    Call,
    Count,
    ItemRef,
    Level,
    Ref,
    SupplierRef,
    Text,
    Tool,
    Undoing,
)
from tools.trade import BUYERS, STOREKEEPERS

PLANNERS = BUYERS | STOREKEEPERS
SET_RULE, REMOVE_RULE = "inventory.set_reorder_rule", "inventory.remove_reorder_rule"
SET_POLICY = "replenishment.set_policy"

WarehouseRef = Annotated[Text, Ref("location")]
_EVERYWHERE = Field(default=None, description="Leave empty for all warehouses together.")


def called(sku: str, name: str, name_zh: str | None, language: Language) -> str:
    """Call an item by its SKU and name."""
    return f"{sku} {(language == 'zh' and name_zh) or name}"


class SetReorderRule(Arguments):
    """Set the level below which an item is reordered, and the level to fill it up to."""

    item: ItemRef
    minimum: Level = Field(description="Reorder point: below it the item is short.")
    target: Count = Field(description="Level to reorder up to.")
    location: WarehouseRef | None = _EVERYWHERE


class RemoveReorderRule(Arguments):
    """Remove the reorder rule of an item: nobody is warned any more."""

    item: ItemRef
    location: WarehouseRef | None = _EVERYWHERE


class SetPolicy(Arguments):
    """Set how an item is replenished: by a service level, lot for lot, order by order, or never."""

    item: ItemRef
    reorder_method: ReorderMethod = Field(
        default=ReorderMethod.SERVICE,
        description="service_level: minimum computed from demand and lead times; lot_for_lot:"
        " what is missing; order_by_order: for each sale; min_max: by minimum and target; never.",
    )
    service_percent: Decimal | None = Field(
        default=None,
        ge=50,
        lt=100,
        decimal_places=2,
        description="Of a service rule, such as 95 (the usual).",
    )
    service_kind: ServiceKind | None = Field(
        default=None,
        description="cycle: share of orders on their way without anybody waiting (the usual);"
        " fill: share of the quantity that is there at once.",
    )
    minimum: Level | None = None
    target: Count | None = None
    review_days: int = Field(default=1, ge=0, le=365, description="Days between two looks.")
    cover_days: int = Field(default=30, ge=1, le=730, description="Days that an order lasts.")
    horizon_days: int | None = Field(default=None, ge=0, le=730, description="How far to look.")
    shelf_life_days: int | None = Field(default=None, ge=1, le=36_500)
    supplier: SupplierRef | None = Field(default=None, description="Whom we prefer to buy it from.")
    location: WarehouseRef | None = _EVERYWHERE


class RuleChanged(Answer):
    """The reorder rule of an item now and before; None where there is none."""

    sku: str
    name: str
    name_zh: str | None
    location: str | None
    now: ReorderPolicy | None
    before: ReorderPolicy | None
    supplier_before: str | None

    def sentence(self, language: Language = "en") -> str:
        """Say the rule."""
        item = called(self.sku, self.name, self.name_zh, language)
        if self.location:
            item += f" @ {self.location}"
        return (_said_zh if language == "zh" else _said_en)(item, self.now)


def _said_en(item: str, rule: ReorderPolicy | None) -> str:
    if rule is None:
        return f"{item} has no reorder rule any more."
    if rule.minimum is not None and rule.target is not None:
        return f"{item} is reordered below {plain(rule.minimum)}, up to {plain(rule.target)}."
    if rule.service_percent is not None:
        kind = word(rule.service_kind or "", "en")
        return (
            f"{item} is reordered so that a service of {plain(rule.service_percent)} % ({kind})"
            f" is reached, for {rule.cover_days} days at a time."
        )
    return f"{item} is replenished: {word(rule.method, 'en')}."


def _said_zh(item: str, rule: ReorderPolicy | None) -> str:
    if rule is None:
        return f"{item} 不再有再订货规则。"
    if rule.minimum is not None and rule.target is not None:
        return f"{item} 的再订货点为 {plain(rule.minimum)}，目标库存为 {plain(rule.target)}。"
    if rule.service_percent is not None:
        kind = word(rule.service_kind or "", "zh")
        return (
            f"{item} 按 {plain(rule.service_percent)}% 的服务水平（{kind}）补货，"
            f"每次订 {rule.cover_days} 天用量。"
        )
    return f"{item} 的补货方式：{word(rule.method, 'zh')}。"


def _place(session: Session, text: str | None) -> Location | None:
    return inventory.find_location(session, text) if text else None


def pin_item(session: Session, arguments: Any) -> Any:  # noqa: ANN401
    """Write the item by its SKU, the warehouse by its code, the supplier by its number."""
    chosen = {"item": catalog.find_item(session, arguments.item).sku}
    if arguments.location is not None:
        chosen["location"] = inventory.find_location(session, arguments.location).code
    if getattr(arguments, "supplier", None) is not None:
        chosen["supplier"] = parties.find_supplier(session, arguments.supplier).party.number
    return arguments.model_copy(update=chosen)


def _changed(
    session: Session,
    item: Item,
    place: Location | None,
    now: ReorderPolicy | None,
    before: ReorderPolicy | None,
) -> RuleChanged:
    preferred = before.supplier_id if before else None
    return RuleChanged(
        sku=item.sku,
        name=item.name,
        name_zh=item.name_zh,
        location=place.code if place else None,
        now=now,
        before=before,
        supplier_before=session.get_one(Party, preferred).number if preferred else None,
    )


def set_reorder_rule(session: Session, arguments: SetReorderRule) -> RuleChanged:
    """Set it, and remember the one before for the way back."""
    levels = ReorderPolicy(
        ReorderMethod.MIN_MAX, minimum=arguments.minimum, target=arguments.target
    )
    return _set(session, arguments.item, arguments.location, levels)


def set_policy(session: Session, arguments: SetPolicy) -> RuleChanged:
    """Set it; a service that nobody named is 95 % of the cycles."""
    by_service = arguments.reorder_method is ReorderMethod.SERVICE
    supplier = (
        parties.find_supplier(session, arguments.supplier).party_id if arguments.supplier else None
    )
    policy = ReorderPolicy(
        method=arguments.reorder_method,
        minimum=arguments.minimum,
        target=arguments.target,
        service_percent=arguments.service_percent or (Decimal(95) if by_service else None),
        service_kind=arguments.service_kind or (ServiceKind.CYCLE if by_service else None),
        review_days=arguments.review_days,
        cover_days=arguments.cover_days,
        horizon_days=arguments.horizon_days,
        shelf_life_days=arguments.shelf_life_days,
        supplier_id=supplier,
    )
    return _set(session, arguments.item, arguments.location, policy)


def _set(session: Session, item: str, location: str | None, policy: ReorderPolicy) -> RuleChanged:
    found, place = catalog.find_item(session, item), _place(session, location)
    before = inventory.find_policy_or_none(session, found, location=place)
    inventory.set_policy(session, found, policy, location=place)
    return _changed(session, found, place, policy, before)


def remove_reorder_rule(session: Session, arguments: RemoveReorderRule) -> RuleChanged:
    """Remove it, and remember it for the way back."""
    item, place = catalog.find_item(session, arguments.item), _place(session, arguments.location)
    before = inventory.find_policy_or_none(session, item, location=place)
    inventory.remove_reorder_rule(session, item, location=place)
    return _changed(session, item, place, None, before)


def undo_rule(_session: Session, _arguments: Arguments, answer: dict[str, object]) -> Undoing:
    """Set the rule that there was before, or none."""
    changed = RuleChanged.model_validate(answer)
    before, item, place = changed.before, changed.sku, changed.location
    if before is None:
        return Undoing((Call(REMOVE_RULE, RemoveReorderRule(item=item, location=place)),))
    policy = SetPolicy(
        item=item,
        location=place,
        reorder_method=before.method,
        minimum=before.minimum,
        target=before.target,
        service_percent=before.service_percent,
        service_kind=before.service_kind,
        review_days=before.review_days,
        cover_days=before.cover_days,
        horizon_days=before.horizon_days,
        shelf_life_days=before.shelf_life_days,
        supplier=changed.supplier_before,
    )
    return Undoing((Call(SET_POLICY, policy),))


TOOLS = [
    Tool(
        SET_RULE,
        SetReorderRule,
        set_reorder_rule,
        writes=True,
        title="Set reorder rule",
        title_zh="设置再订货规则",
        roles=PLANNERS,
        pin=pin_item,
        undo=undo_rule,
    ),
    Tool(
        REMOVE_RULE,
        RemoveReorderRule,
        remove_reorder_rule,
        writes=True,
        title="Remove reorder rule",
        title_zh="取消再订货规则",
        roles=PLANNERS,
        pin=pin_item,
        undo=undo_rule,
    ),
    Tool(
        SET_POLICY,
        SetPolicy,
        set_policy,
        writes=True,
        title="Set replenishment",
        title_zh="设置补货方式",
        roles=PLANNERS,
        pin=pin_item,
        undo=undo_rule,
    ),
]
