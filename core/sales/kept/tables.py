"""Kept totals of orders, and of what had left of each line by the day that was promised.

Statements on a few lines and COPY of a hundred thousand are kept alike: by functions that compute
the totals of some orders anew, while they hold these orders, from what is then committed or own.
"""

import uuid
from datetime import date
from decimal import Decimal

from sqlalchemy import ForeignKey, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.database import Table, after_create
from core.sales.tables import DeliveryLine, SalesOrder, SalesOrderLine


class OrderLineSent(Table):
    """How a line of which something was delivered stands, by the day that was promised.

    What a customer sent back later had been there in time; a delivery that is undone had not.
    """

    __tablename__ = "sales_line_sent"

    order_line_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("sales_order_line.id", ondelete="CASCADE"), primary_key=True
    )
    in_time: Mapped[Decimal] = mapped_column(Numeric)
    # The day of its last delivery.
    sent_on: Mapped[date | None]


class OrderTotal(Table):
    """The sums of the lines of an order, amounts as they were worth in the company's currency.

    Lines that are due are judged by their promise: those of imported history only where it says
    what was delivered. Those from stock are the ones that no supplier sends for us.
    """

    __tablename__ = "sales_order_total"

    order_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("sales_order.id", ondelete="CASCADE"), primary_key=True
    )
    lines: Mapped[int]
    quantity: Mapped[Decimal] = mapped_column(Numeric)
    net_amount: Mapped[Decimal] = mapped_column(Numeric)
    gross_amount: Mapped[Decimal] = mapped_column(Numeric)
    promotion_amount: Mapped[Decimal] = mapped_column(Numeric)
    due_lines: Mapped[int]
    on_time_lines: Mapped[int]
    stock_lines: Mapped[int]
    stock_lines_on_time: Mapped[int]
    stock_units: Mapped[Decimal] = mapped_column(Numeric)
    stock_units_in_time: Mapped[Decimal] = mapped_column(Numeric)


# What is kept of some lines and of some orders, as it should be.
SENT = """
    SELECT line.id, coalesce(sum(CASE WHEN delivery.return_id IS NOT NULL THEN 0
            WHEN delivery.returns_id IS NOT NULL THEN -part.quantity ELSE part.quantity END)
            FILTER (WHERE delivery.delivered_on <= sales_order.promised_on), 0),
        max(delivery.delivered_on)
            FILTER (WHERE delivery.returns_id IS NULL AND delivery.return_id IS NULL)
    FROM delivery_line AS part JOIN delivery ON delivery.id = part.delivery_id
    JOIN sales_order_line AS line ON line.id = part.order_line_id
    JOIN sales_order ON sales_order.id = line.order_id
    {where} GROUP BY line.id
"""
TOTALS = """
    SELECT line.order_id, count(*)::integer, sum(line.quantity), sum(line.net_amount) * rate,
        sum(line.quantity * line.unit_price) * rate, sum(line.promotion_amount) * rate,
        count(*) FILTER (WHERE due)::integer,
        count(*) FILTER (WHERE due AND in_time >= line.quantity)::integer,
        count(*) FILTER (WHERE due AND NOT drop_shipped)::integer,
        count(*) FILTER (WHERE due AND NOT drop_shipped AND in_time >= line.quantity)::integer,
        coalesce(sum(line.quantity) FILTER (WHERE due AND NOT drop_shipped), 0),
        coalesce(sum(least(coalesce(in_time, 0), line.quantity))
            FILTER (WHERE due AND NOT drop_shipped), 0)
    FROM sales_order_line AS line JOIN sales_order ON sales_order.id = line.order_id
    LEFT JOIN sales_line_sent AS sent ON sent.order_line_id = line.id
    CROSS JOIN LATERAL (
        SELECT NOT sales_order.imported OR sent.order_line_id IS NOT NULL AS due
    ) AS judged
    {where} GROUP BY line.order_id, rate
"""
_KEEP_TOTALS = f"""
    CREATE OR REPLACE FUNCTION keep_order_totals(orders uuid[]) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM FROM sales_order WHERE id = ANY (orders) ORDER BY id FOR NO KEY UPDATE;
        DELETE FROM sales_order_total WHERE order_id = ANY (orders) AND NOT EXISTS (
            SELECT FROM sales_order_line AS line WHERE line.order_id = sales_order_total.order_id
        );
        INSERT INTO sales_order_total AS kept
        {TOTALS.format(where="WHERE line.order_id = ANY (orders)").strip()}
        ON CONFLICT (order_id) DO UPDATE SET
            (lines, quantity, net_amount, gross_amount, promotion_amount, due_lines, on_time_lines,
            stock_lines, stock_lines_on_time, stock_units, stock_units_in_time)
            = (excluded.lines, excluded.quantity, excluded.net_amount, excluded.gross_amount,
            excluded.promotion_amount, excluded.due_lines, excluded.on_time_lines,
            excluded.stock_lines, excluded.stock_lines_on_time, excluded.stock_units,
            excluded.stock_units_in_time);
    END $$
"""  # noqa: S608  # All of it is written here.
_KEEP_SENT = f"""
    CREATE OR REPLACE FUNCTION keep_lines_sent(lines uuid[]) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
        orders uuid[] := ARRAY(
            SELECT DISTINCT order_id FROM sales_order_line WHERE id = ANY (lines)
        );
    BEGIN
        PERFORM FROM sales_order WHERE id = ANY (orders) ORDER BY id FOR NO KEY UPDATE;
        DELETE FROM sales_line_sent WHERE order_line_id = ANY (lines) AND NOT EXISTS (
            SELECT FROM delivery_line AS part
            WHERE part.order_line_id = sales_line_sent.order_line_id
        );
        INSERT INTO sales_line_sent AS kept
        {SENT.format(where="WHERE part.order_line_id = ANY (lines)").strip()}
        ON CONFLICT (order_line_id) DO UPDATE SET
            in_time = excluded.in_time, sent_on = excluded.sent_on;
        PERFORM keep_order_totals(orders);
    END $$
"""  # noqa: S608  # All of it is written here.
_LINES_CHANGED = """
    CREATE OR REPLACE FUNCTION order_lines_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM keep_order_totals(ARRAY(SELECT DISTINCT order_id FROM changed));
        RETURN NULL;
    END $$
"""
_LINE_UPDATED = """
    CREATE OR REPLACE FUNCTION order_line_updated() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM keep_order_totals(ARRAY[OLD.order_id, NEW.order_id]);
        RETURN NULL;
    END $$
"""
_PROMISE_CHANGED = """
    CREATE OR REPLACE FUNCTION order_promise_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM keep_lines_sent(ARRAY(
            SELECT id FROM sales_order_line WHERE order_id = NEW.id
        ));
        RETURN NULL;
    END $$
"""
_PARTS_CHANGED = """
    CREATE OR REPLACE FUNCTION delivery_lines_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM keep_lines_sent(ARRAY(
            SELECT DISTINCT order_line_id FROM changed WHERE order_line_id IS NOT NULL
        ));
        RETURN NULL;
    END $$
"""
_PART_UPDATED = """
    CREATE OR REPLACE FUNCTION delivery_line_updated() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM keep_lines_sent(ARRAY[OLD.order_line_id, NEW.order_line_id]);
        RETURN NULL;
    END $$
"""


def _on(when: str, function: str) -> tuple[str, ...]:
    """Return the triggers on lines that were added and on lines that are gone."""
    return tuple(
        f"CREATE TRIGGER {name} AFTER {what} ON {{table}} REFERENCING {given} TABLE AS changed"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
        for name, what, given in (
            (f"{when}_added", "INSERT", "NEW"),
            (f"{when}_gone", "DELETE", "OLD"),
        )
    )


after_create(
    OrderTotal.__table__,
    _KEEP_TOTALS,
    _KEEP_SENT,
    _LINES_CHANGED,
    _LINE_UPDATED,
    _PROMISE_CHANGED,
    _PARTS_CHANGED,
    _PART_UPDATED,
)
after_create(
    SalesOrderLine.__table__,
    _LINES_CHANGED,
    _LINE_UPDATED,
    *_on("totals", "order_lines_changed"),
    """
    CREATE TRIGGER totals_changed AFTER UPDATE OF order_id, quantity, net_amount, unit_price,
        promotion_amount, drop_shipped ON {table} FOR EACH ROW
        WHEN ((OLD.order_id, OLD.quantity, OLD.net_amount, OLD.unit_price, OLD.promotion_amount,
            OLD.drop_shipped) IS DISTINCT FROM (NEW.order_id, NEW.quantity, NEW.net_amount,
            NEW.unit_price, NEW.promotion_amount, NEW.drop_shipped))
        EXECUTE FUNCTION order_line_updated()
    """,
)
after_create(
    SalesOrder.__table__,
    _PROMISE_CHANGED,
    """
    CREATE TRIGGER totals_changed AFTER UPDATE OF promised_on ON {table} FOR EACH ROW
        WHEN (OLD.promised_on <> NEW.promised_on) EXECUTE FUNCTION order_promise_changed()
    """,
)
after_create(
    DeliveryLine.__table__,
    _PARTS_CHANGED,
    _PART_UPDATED,
    *_on("sent", "delivery_lines_changed"),
    """
    CREATE TRIGGER sent_changed AFTER UPDATE OF order_line_id, quantity ON {table} FOR EACH ROW
        WHEN ((OLD.order_line_id, OLD.quantity) IS DISTINCT FROM (NEW.order_line_id, NEW.quantity))
        EXECUTE FUNCTION delivery_line_updated()
    """,
)
