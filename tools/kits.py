"""Tools of items made of or from others: kits and their components, templates and variants."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import catalog, inventory
from core.catalog import AttributeDraft, Item, ItemKind, ValueDraft
from core.catalog.kits import require_kit
from core.kernel.errors import Language
from core.kernel.money import plain
from tools.base import (
    Answer,
    Arguments,
    Call,
    Column,
    Count,
    Grid,
    ItemRef,
    Price,
    Ref,
    Text,
    Tool,
    Undoing,
)
from tools.catalog import DEACTIVATE, DeactivateItem
from tools.trade import BUYERS, READERS, SELLERS, STOREKEEPERS, CategoryRef, UnitRef

DEFINE_KIT, MAKE_VARIANTS = "catalog.define_kit", "catalog.make_variants"
KEEPERS = BUYERS | SELLERS | STOREKEEPERS
DEFINE_ANEW = ("it had no components before; define others instead", "此前没有组成；请另行定义")
TEMPLATE_STAYS = ("a template stays; make no variants of it", "模板会保留；不生成变体即可")
TemplateRef = Annotated[Text, Ref("item_template")]


class KitPart(Arguments):
    """So many of an item in one kit."""

    item: ItemRef = Field(description="SKU or name of the component.")
    quantity: Count = Decimal(1)


class DefineKit(Arguments):
    """Say of what items a kit is made; orders before keep their components."""

    kit: ItemRef = Field(description="SKU or name of the kit, an item of the kind kit.")
    lines: tuple[KitPart, ...] = Field(
        min_length=1, max_length=50, description="What belongs to one kit, and how many of each."
    )


class KitSaid(Answer):
    """What belongs to a kit, and how many whole kits there are of it."""

    sku: str
    name: str
    components: list[tuple[str, str, Decimal, Decimal | None]]
    possible: Decimal
    before: list[tuple[str, Decimal]] = Field(default_factory=list)

    def sentence(self, language: Language = "en") -> str:
        """Say what is in it, and how many can be sold."""
        between = "、" if language == "zh" else ", "
        parts = between.join(f"{plain(much)} × {sku}" for sku, _, much, _ in self.components)
        if language == "zh":
            return (
                f"套件 {self.sku} {self.name} 由 {parts or '（未定义）'} 组成；"
                f"可供 {plain(self.possible)} 套。"
            )
        made = f"is made of {parts}" if parts else "has no components yet"
        return f"{self.sku} {self.name} {made}; {plain(self.possible)} can be sold now."

    def grid(self) -> Grid:
        """Return one row for every component."""
        columns = (
            Column("component", "组件"),
            Column("name", "名称"),
            Column("per kit", "每套数量", "quantity"),
            Column("available", "可用", "quantity"),
        )
        return Grid(columns, tuple(self.components))


def pin_kit(session: Session, arguments: DefineKit) -> DefineKit:
    """Write kit and components by their SKUs."""
    items = catalog.find_items(session, [line.item for line in arguments.lines])
    lines = tuple(
        line.model_copy(update={"item": item.sku})
        for line, item in zip(arguments.lines, items, strict=True)
    )
    sku = catalog.find_item(session, arguments.kit).sku
    return arguments.model_copy(update={"kit": sku, "lines": lines})


def define_kit(session: Session, arguments: DefineKit) -> KitSaid:
    """Define it, and remember what belonged to it for the way back."""
    kit = catalog.find_item(session, arguments.kit)
    items = catalog.find_items(session, [line.item for line in arguments.lines])
    parts = [(item, line.quantity) for item, line in zip(items, arguments.lines, strict=True)]
    before = catalog.define_kit(session, kit, parts)
    said = _kit_said(session, kit)
    return said.model_copy(update={"before": [(each.item.sku, each.per_kit) for each in before]})


def undo_define_kit(_session: Session, arguments: DefineKit, answer: dict[str, Any]) -> Undoing:
    """Define what belonged to it before, if anything did."""
    if not answer["before"]:
        return Undoing(impossible=DEFINE_ANEW)
    lines = tuple(KitPart(item=sku, quantity=Decimal(much)) for sku, much in answer["before"])
    return Undoing((Call(DEFINE_KIT, DefineKit(kit=arguments.kit, lines=lines)),))


class ShowKit(Arguments):
    """Show of what a kit is made, and how many can be sold with what is in stock."""

    item: ItemRef = Field(description="SKU or name of the kit.")


def show_kit(session: Session, arguments: ShowKit) -> KitSaid:
    """Read it."""
    kit = catalog.find_item(session, arguments.item)
    require_kit(kit)
    return _kit_said(session, kit)


def _kit_said(session: Session, kit: Item) -> KitSaid:
    parts = catalog.components_of(session, [kit]).get(kit.id, [])
    levels = inventory.stock_levels(session, [each.item.id for each in parts])
    free = {item_id: level.available for item_id, level in levels.items()}
    return KitSaid(
        sku=kit.sku,
        name=kit.name,
        components=[
            (
                *(each.item.sku, each.item.name, each.per_kit),
                free.get(each.item.id) if each.item.kind is ItemKind.STOCKED else None,
            )
            for each in parts
        ],
        possible=catalog.kits_possible(parts, free),
    )


class AttributeSaid(Arguments):
    """In what variants differ, such as colour, and which values there are."""

    name: Text = Field(description="Such as colour.")
    values: tuple[Annotated[Text, Field(max_length=40)], ...] = Field(
        min_length=1, max_length=50, description="Such as red, blue; they become parts of the SKU."
    )
    name_zh: Text | None = None


class AddTemplate(Arguments):
    """Add a template that items are made of which differ by colour, size or the like only."""

    code: Annotated[Text, Field(max_length=30, pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$")] = Field(
        description="Short code that the SKUs begin with."
    )
    name: Text
    attributes: tuple[AttributeSaid, ...] = Field(min_length=1, max_length=5)
    name_zh: Text | None = None
    category: CategoryRef | None = None
    unit: UnitRef = "pcs"


class TemplateSaid(Answer):
    """A template, and the items that are made of it."""

    code: str
    name: str
    variants: list[tuple[str, str, bool]] = Field(default_factory=list)
    made: list[str] = Field(default_factory=list)

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are of it."""
        count, new = len(self.variants), len(self.made)
        if language == "zh":
            added = f"，本次新增 {new} 个" if new else ""
            return f"模板 {self.code} {self.name} 共有 {count} 个变体{added}。"
        added = f", {new} of them new" if new else ""
        noun = "variant" if count == 1 else "variants"
        return f"The template {self.code} {self.name} has {count} {noun}{added}."

    def grid(self) -> Grid:
        """Return one row for every variant."""
        columns = (Column("item", "物料"), Column("name", "名称"), Column("state", "状态"))
        rows = tuple(
            (sku, name, "active" if active else "inactive") for sku, name, active in self.variants
        )
        return Grid(columns, rows)


def pin_template(session: Session, arguments: AddTemplate) -> AddTemplate:
    """Write category and unit as we call them."""
    category = arguments.category and catalog.find_category(session, arguments.category).code
    unit = catalog.find_unit(session, arguments.unit).code
    return arguments.model_copy(update={"category": category, "unit": unit})


def add_template(session: Session, arguments: AddTemplate) -> TemplateSaid:
    """Add it."""
    category = arguments.category and catalog.find_category(session, arguments.category)
    template = catalog.add_template(
        session,
        code=arguments.code,
        name=arguments.name,
        name_zh=arguments.name_zh,
        attributes=[
            AttributeDraft(
                each.name,
                tuple(ValueDraft(_code_of(value), value) for value in each.values),
                each.name_zh,
            )
            for each in arguments.attributes
        ],
        category=category or None,
        unit_code=arguments.unit,
    )
    return TemplateSaid(code=template.code, name=template.name)


def undo_add_template(_session: Session, _arguments: AddTemplate, _answer: object) -> Undoing:
    """Say why not."""
    return Undoing(impossible=TEMPLATE_STAYS)


class MakeVariants(Arguments):
    """Make every item of a template that there is not yet: one for every colour and size."""

    template: TemplateRef = Field(description="Code or name of the template.")
    standard_cost: Price | None = Field(default=None, description="What one of them costs.")


def pin_variants(session: Session, arguments: Any) -> Any:  # noqa: ANN401
    """Write the template by its code."""
    code = catalog.find_template(session, arguments.template).code
    return arguments.model_copy(update={"template": code})


def make_variants(session: Session, arguments: MakeVariants) -> TemplateSaid:
    """Make them."""
    template = catalog.find_template(session, arguments.template)
    cost = arguments.standard_cost or Decimal(0)
    made = catalog.make_variants(session, template, standard_cost=cost)
    shown = show_variants(session, ShowVariants(template=template.code))
    return shown.model_copy(update={"made": [item.sku for item in made]})


def undo_make_variants(
    _session: Session, _arguments: MakeVariants, answer: dict[str, Any]
) -> Undoing:
    """Trade none of them any more."""
    return Undoing(tuple(Call(DEACTIVATE, DeactivateItem(item=sku)) for sku in answer["made"]))


class ShowVariants(Arguments):
    """Show the items that are made of a template."""

    template: TemplateRef = Field(description="Code or name of the template.")


def show_variants(session: Session, arguments: ShowVariants) -> TemplateSaid:
    """Read them."""
    template = catalog.find_template(session, arguments.template)
    found = catalog.variants_of(session, template)
    return TemplateSaid(
        code=template.code,
        name=template.name,
        variants=[(item.sku, item.name, item.active) for item in found],
    )


def _code_of(value: str) -> str:
    """Return what a value adds to a SKU: "light blue" is LIGHTBLUE."""
    return "".join(sign for sign in value.upper() if sign.isalnum()) or value


TOOLS = [
    Tool(
        DEFINE_KIT,
        DefineKit,
        define_kit,
        writes=True,
        title="Define kit",
        title_zh="定义套件",
        roles=KEEPERS,
        pin=pin_kit,
        undo=undo_define_kit,
    ),
    Tool(
        "catalog.show_kit",
        ShowKit,
        show_kit,
        writes=False,
        title="Show kit",
        title_zh="查看套件",
        roles=READERS,
    ),
    Tool(
        "catalog.add_template",
        AddTemplate,
        add_template,
        writes=True,
        title="Add item template",
        title_zh="新增物料模板",
        roles=BUYERS | SELLERS,
        pin=pin_template,
        undo=undo_add_template,
    ),
    Tool(
        MAKE_VARIANTS,
        MakeVariants,
        make_variants,
        writes=True,
        title="Make variants",
        title_zh="生成变体",
        roles=BUYERS | SELLERS,
        pin=pin_variants,
        undo=undo_make_variants,
    ),
    Tool(
        "catalog.show_variants",
        ShowVariants,
        show_variants,
        writes=False,
        title="Show variants",
        title_zh="查看变体",
        roles=READERS,
    ),
]
