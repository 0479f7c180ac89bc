"""Tables of prices: the rules of a list or a customer, and promotions."""

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.database import Quantity, Record, UnitPrice


class RuleKind(StrEnum):
    """How a rule makes a price."""

    # So much; so many times the list price; so many percent off it.
    FIXED = "fixed_price"
    FACTOR = "factor"
    DISCOUNT = "discount"
    # So many percent on top of the cost; so many percent of the price are left above the cost.
    COST_PLUS = "cost_plus"
    MARGIN = "margin"


class PromotionKind(StrEnum):
    """What a promotion gives."""

    PERCENT = "percent_off"
    AMOUNT = "amount_off"
    FREE_GOODS = "free_goods"


class PriceRule(Record):
    """How a list, or what was agreed with one customer, prices an item, a group of them or all."""

    __tablename__ = "price_rule"
    __table_args__ = (
        CheckConstraint("num_nonnulls(price_list_id, customer_id) = 1", name="whose"),
        CheckConstraint("num_nonnulls(item_id, template_id, category_id) <= 1", name="of_what"),
        CheckConstraint("value >= 0", name="value_not_negative"),
        CheckConstraint("kind <> 'discount' OR value <= 100", name="discount_within_price"),
        CheckConstraint("kind <> 'margin' OR value < 100", name="margin_below_price"),
        CheckConstraint("minimum_quantity > 0", name="minimum_quantity_positive"),
        CheckConstraint("valid_until >= valid_from", name="valid_in_order"),
        Index(
            "uq_price_rule",
            "price_list_id", "customer_id", "item_id", "template_id", "category_id",
            "minimum_quantity", "priority", "valid_from",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("NOT withdrawn"),
        ),
        Index("ix_price_rule_customer_id", "customer_id"),
    )  # fmt: skip

    price_list_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("price_list.id"))
    customer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("party.id"))
    # None of them: it is about everything.
    item_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("item.id"))
    template_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("item_template.id"))
    category_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("item_category.id"))
    kind: Mapped[RuleKind]
    value: Mapped[UnitPrice]
    minimum_quantity: Mapped[Quantity] = mapped_column(default=Decimal(1))
    # Where somebody says which rule is asked first: the lower number.
    priority: Mapped[int] = mapped_column(default=0)
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    withdrawn: Mapped[bool] = mapped_column(default=False)


class Promotion(Record):
    """Something taken off a price, or given along, for some time and for some customers."""

    __tablename__ = "promotion"
    __table_args__ = (
        CheckConstraint("num_nonnulls(item_id, template_id, category_id) <= 1", name="of_what"),
        CheckConstraint(
            "num_nonnulls(customer_id, customer_group, price_list_id) <= 1", name="for_whom"
        ),
        CheckConstraint(
            "CASE kind WHEN 'free_goods' THEN value IS NULL"
            " AND buy_quantity > 0 AND free_quantity > 0"
            " ELSE value > 0 AND num_nonnulls(buy_quantity, free_quantity) = 0 END",
            name="what_it_gives",
        ),
        CheckConstraint("kind <> 'percent_off' OR value <= 100", name="within_price"),
        CheckConstraint("minimum_quantity > 0", name="minimum_quantity_positive"),
        CheckConstraint("valid_until >= valid_from", name="valid_in_order"),
    )

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str | None]
    kind: Mapped[PromotionKind]
    value: Mapped[UnitPrice | None]
    buy_quantity: Mapped[Quantity | None]
    free_quantity: Mapped[Quantity | None]
    minimum_quantity: Mapped[Quantity] = mapped_column(default=Decimal(1))
    item_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("item.id"))
    template_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("item_template.id"))
    category_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("item_category.id"))
    customer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("party.id"))
    customer_group: Mapped[str | None]
    price_list_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("price_list.id"))
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    # Whether others may be given beside it, and whether it may go below what the item costs us.
    stackable: Mapped[bool] = mapped_column(default=False)
    below_cost: Mapped[bool] = mapped_column(default=False)
    ended: Mapped[bool] = mapped_column(default=False)
