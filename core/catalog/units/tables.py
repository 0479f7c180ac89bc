"""Tables of conversions between units."""

import uuid

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.database import Quantity, Record, after_create


class UnitConversion(Record):
    """How much of another unit one unit is: for one item, or for all."""

    __tablename__ = "unit_conversion"
    __table_args__ = (
        UniqueConstraint("item_id", "unit_code", postgresql_nulls_not_distinct=True),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("unit_code <> of_unit_code", name="of_another_unit"),
    )

    # None: it holds for every item.
    item_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("item.id"))
    unit_code: Mapped[str] = mapped_column(ForeignKey("unit.code"))
    quantity: Mapped[Quantity]
    of_unit_code: Mapped[str] = mapped_column(ForeignKey("unit.code"))


# A unit that is made of itself, by whatever way round, says nothing.
after_create(
    UnitConversion.__table__,
    """
    CREATE OR REPLACE FUNCTION refuse_unit_of_itself() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        reached text := NEW.of_unit_code;
        steps integer := 0;
    BEGIN
        WHILE reached IS NOT NULL LOOP
            steps := steps + 1;
            IF reached = NEW.unit_code OR steps > 100 THEN
                RAISE EXCEPTION 'unit % is made of itself', NEW.unit_code
                    USING ERRCODE = 'check_violation';
            END IF;
            reached := (
                SELECT of_unit_code FROM unit_conversion
                WHERE unit_code = reached AND (item_id = NEW.item_id OR item_id IS NULL)
                    AND id <> NEW.id
                ORDER BY item_id NULLS LAST LIMIT 1
            );
        END LOOP;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER refuse_unit_of_itself AFTER INSERT OR UPDATE ON {table}
        FOR EACH ROW EXECUTE FUNCTION refuse_unit_of_itself()
    """,
)
