"""Tables of bills of materials: what an item is made of, version by version."""

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.catalog import Item
from core.kernel.database import Quantity, Record, after_create


class IssueMethod(StrEnum):
    """When a component leaves the shelf: as the work starts, or as its output is reported."""

    PICK = "pick"
    BACKFLUSH = "backflush"


class BillOfMaterials(Record):
    """What an item is made of from one day on, until the next version of it holds.

    The quantities of its components are for `output_quantity` of the item. Of several ways to make
    an item, the usual one has no name and every other one the name of its `alternative`.
    """

    __tablename__ = "bill_of_materials"
    __table_args__ = (
        Index(None, "item_id", "alternative"),
        CheckConstraint("output_quantity > 0", name="output_quantity_positive"),
        CheckConstraint("valid_until >= valid_from", name="in_order"),
        CheckConstraint("yield_percent > 0 AND yield_percent <= 100", name="yield_percent"),
        CheckConstraint("tolerance_percent BETWEEN 0 AND 100", name="tolerance_percent"),
        CheckConstraint("lead_time_days BETWEEN 0 AND 730", name="lead_time"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"))
    alternative: Mapped[str] = mapped_column(default="", server_default=text("''"))
    version: Mapped[int]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    withdrawn_on: Mapped[date | None]
    output_quantity: Mapped[Quantity] = mapped_column(default=Decimal(1))
    # Never made or stocked by itself: its components go into what it is a part of.
    phantom: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    # How much of what is begun comes out good.
    yield_percent: Mapped[Decimal] = mapped_column(Numeric(7, 4), default=Decimal(100))
    # How far the output of an order may lie off its quantity; where nobody said, it may be less.
    tolerance_percent: Mapped[Decimal | None] = mapped_column(Numeric(7, 4))
    lead_time_days: Mapped[int] = mapped_column(default=0, server_default=text("0"))

    item: Mapped[Item] = relationship(lazy="raise", viewonly=True)
    components: Mapped[list["BomComponent"]] = relationship(
        lazy="raise", order_by="BomComponent.position"
    )
    by_products: Mapped[list["BomByProduct"]] = relationship(
        lazy="raise", order_by="BomByProduct.position"
    )


class BomComponent(Record):
    """How much of an item goes into what a bill of materials makes."""

    __tablename__ = "bom_component"
    __table_args__ = (
        UniqueConstraint("bom_id", "position"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("scrap_percent >= 0 AND scrap_percent < 1000", name="scrap_percent"),
        CheckConstraint("num_nonnulls(unit_code, unit_quantity) <> 1", name="unit"),
    )

    bom_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bill_of_materials.id"))
    position: Mapped[int]
    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"), index=True)
    # In the item's own unit; as somebody counted it, in another.
    quantity: Mapped[Quantity]
    unit_code: Mapped[str | None] = mapped_column(ForeignKey("unit.code"))
    unit_quantity: Mapped[Quantity | None]
    # How much more is taken, because some of it is lost on the way.
    scrap_percent: Mapped[Decimal] = mapped_column(Numeric(7, 4), default=Decimal(0))
    # The same for every order, however large.
    fixed: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    issue: Mapped[IssueMethod] = mapped_column(
        default=IssueMethod.PICK, server_default=text("'pick'")
    )

    item: Mapped[Item] = relationship(lazy="raise", viewonly=True)


class BomByProduct(Record):
    """What else comes out, and the share of the whole cost that it bears."""

    __tablename__ = "bom_by_product"
    __table_args__ = (
        UniqueConstraint("bom_id", "item_id"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint(
            "cost_share_percent >= 0 AND cost_share_percent < 100", name="cost_share_percent"
        ),
    )

    bom_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bill_of_materials.id"))
    position: Mapped[int]
    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"), index=True)
    quantity: Mapped[Quantity]
    cost_share_percent: Mapped[Decimal] = mapped_column(Numeric(7, 4), default=Decimal(0))

    item: Mapped[Item] = relationship(lazy="raise", viewonly=True)


# Two that would only together make a circle wait for each other. Bills that never hold on the same
# day make none.
after_create(
    BomComponent.__table__,
    """
    CREATE OR REPLACE FUNCTION refuse_circular_bills() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock(hashtext('bill_of_materials'));
        IF EXISTS (
            WITH RECURSIVE made AS (
                SELECT item_id, daterange(valid_from, valid_until, '[]') AS days
                FROM bill_of_materials WHERE id = NEW.bom_id
            ), below AS (
                SELECT NEW.item_id AS item_id
                UNION
                SELECT component.item_id
                FROM below CROSS JOIN made
                JOIN bill_of_materials AS bom ON bom.item_id = below.item_id
                    AND bom.withdrawn_on IS NULL
                    AND daterange(bom.valid_from, bom.valid_until, '[]') && made.days
                JOIN bom_component AS component ON component.bom_id = bom.id
            ) SELECT FROM below JOIN made USING (item_id)
        ) THEN
            RAISE EXCEPTION 'an item is not made of itself' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER not_circular BEFORE INSERT OR UPDATE OF item_id, bom_id ON {table}
        FOR EACH ROW EXECUTE FUNCTION refuse_circular_bills()
    """,
)
after_create(
    BillOfMaterials.__table__,
    """
    CREATE OR REPLACE FUNCTION refuse_two_versions_at_once() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock(hashtext('bill_of_materials'));
        IF NEW.withdrawn_on IS NULL AND EXISTS (
            SELECT FROM bill_of_materials AS other
            WHERE other.withdrawn_on IS NULL AND other.item_id = NEW.item_id
                AND other.alternative = NEW.alternative AND other.id <> NEW.id
                AND daterange(other.valid_from, other.valid_until, '[]')
                    && daterange(NEW.valid_from, NEW.valid_until, '[]')
        ) THEN
            RAISE EXCEPTION 'two versions of a bill of materials hold on the same day'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER one_version_a_day
        BEFORE INSERT OR UPDATE OF item_id, alternative, valid_from, valid_until, withdrawn_on
        ON {table}
        FOR EACH ROW EXECUTE FUNCTION refuse_two_versions_at_once()
    """,
)
