"""Variants: items made of a template, one for every colour and size, each with a SKU of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from math import prod

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.catalog.errors import (
    NoAttributes,
    NoNewVariants,
    TemplateTaken,
    TooManyVariants,
    UnknownTemplate,
)
from core.catalog.events import TemplateAdded
from core.catalog.service import add_item, find_unit
from core.catalog.tables import (
    AttributeValue,
    Item,
    ItemCategory,
    ItemTemplate,
    TemplateAttribute,
    VariantValue,
)
from core.kernel import events
from core.kernel.naming import resolved

VARIANTS_MAX = 200


@dataclass(frozen=True)
class ValueDraft:
    """A value that variants may have: its part of the SKU, and its names."""

    code: str
    name: str
    name_zh: str | None = None


@dataclass(frozen=True)
class AttributeDraft:
    """In what variants differ, and which values there are."""

    name: str
    values: tuple[ValueDraft, ...]
    name_zh: str | None = None


def add_template(
    session: Session,
    *,
    code: str,
    name: str,
    attributes: Sequence[AttributeDraft],
    name_zh: str | None = None,
    category: ItemCategory | None = None,
    unit_code: str = "pcs",
) -> ItemTemplate:
    """Say what items have in common and in what they differ; they are made by `make_variants`."""
    if session.scalar(select(ItemTemplate.id).where(ItemTemplate.code == code)) is not None:
        raise TemplateTaken(code=code)
    if not attributes or not all(each.values for each in attributes):
        raise NoAttributes(code=code)
    _require_few(code, prod(len(each.values) for each in attributes))
    template = ItemTemplate(
        code=code,
        name=name,
        name_zh=name_zh,
        category_id=category.id if category else None,
        unit_code=find_unit(session, unit_code).code,
    )
    session.add(template)
    session.flush()
    for position, draft in enumerate(attributes, start=1):
        attribute = TemplateAttribute(
            template_id=template.id, position=position, name=draft.name, name_zh=draft.name_zh
        )
        session.add(attribute)
        session.flush()
        session.add_all(
            AttributeValue(
                attribute_id=attribute.id,
                position=place,
                code=value.code,
                name=value.name,
                name_zh=value.name_zh,
            )
            for place, value in enumerate(draft.values, start=1)
        )
    said = tuple(
        f"{each.name}: {', '.join(value.name for value in each.values)}" for each in attributes
    )
    events.record(session, TemplateAdded(code, name, said))
    session.flush()
    return template


def find_template(session: Session, text: str) -> ItemTemplate:
    """Return the template that a code or name means."""
    among = select(ItemTemplate.code, ItemTemplate.name, ItemTemplate.name_zh)
    code = resolved(session, among, text, UnknownTemplate)
    return session.scalars(select(ItemTemplate).where(ItemTemplate.code == code)).one()


def make_variants(
    session: Session, template: ItemTemplate, *, standard_cost: Decimal = Decimal(0)
) -> list[Item]:
    """Add every variant of a template that is missing; return the new ones."""
    attributes = _attributes(session, template)
    known = set(session.scalars(select(Item.sku).where(Item.template_id == template.id)))
    category = session.get(ItemCategory, template.category_id) if template.category_id else None
    combinations = list(product(*(values for _, values in attributes)))
    _require_few(template.code, len(combinations))
    made = []
    for values in combinations:
        sku = "-".join((template.code, *(value.code for value in values)))
        if sku in known:
            continue
        item = add_item(
            session,
            sku=sku,
            name=f"{template.name}, {', '.join(value.name for value in values)}",
            name_zh=_chinese(template, values),
            unit_code=template.unit_code,
            category=category,
            standard_cost=standard_cost,
        )
        item.template_id = template.id
        session.add_all(
            VariantValue(item_id=item.id, attribute_id=attribute.id, value_id=value.id)
            for (attribute, _), value in zip(attributes, values, strict=True)
        )
        made.append(item)
    if not made:
        raise NoNewVariants(code=template.code)
    session.flush()
    return made


def variants_of(session: Session, template: ItemTemplate) -> list[Item]:
    """Return the items of a template, by SKU."""
    wanted = select(Item).where(Item.template_id == template.id).order_by(Item.sku)
    return list(session.scalars(wanted))


def _attributes(
    session: Session, template: ItemTemplate
) -> list[tuple[TemplateAttribute, list[AttributeValue]]]:
    wanted = (
        select(TemplateAttribute, AttributeValue)
        .join(AttributeValue, AttributeValue.attribute_id == TemplateAttribute.id)
        .where(TemplateAttribute.template_id == template.id)
        .order_by(TemplateAttribute.position, AttributeValue.position)
    )
    found: dict[TemplateAttribute, list[AttributeValue]] = {}
    for attribute, value in session.execute(wanted):
        found.setdefault(attribute, []).append(value)
    return list(found.items())


def _chinese(template: ItemTemplate, values: Sequence[AttributeValue]) -> str | None:
    if template.name_zh is None:
        return None
    return " ".join((template.name_zh, *(value.name_zh or value.name for value in values)))


def _require_few(code: str, variants: int) -> None:
    if variants > VARIANTS_MAX:
        raise TooManyVariants(code=code, variants=variants, most=VARIANTS_MAX)
