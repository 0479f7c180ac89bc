"""Adds up anew what is kept of orders, and says where it was wrong."""

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from core.kernel import events
from core.kernel.database import plain_table
from core.sales.kept.events import OrderTotalsRebuilt
from core.sales.kept.tables import SENT, TOTALS, OrderLineSent, OrderTotal

# Which of it is not what it should be: the number of an order, and what is wrong.
WRONG_SENT = f"""
    WITH wanted (order_line_id, in_time, sent_on) AS ({SENT.format(where="")})
    SELECT sales_order.number, 'what had left of its line ' || line.position
        || ' in time is not what its deliveries say'
    FROM wanted FULL JOIN sales_line_sent AS kept USING (order_line_id)
    JOIN sales_order_line AS line ON line.id = order_line_id
    JOIN sales_order ON sales_order.id = line.order_id
    WHERE (wanted.in_time, wanted.sent_on) IS DISTINCT FROM (kept.in_time, kept.sent_on)
    ORDER BY 1, line.position
"""  # noqa: S608  # All of it is written here.
_COLUMNS = ", ".join(column.name for column in plain_table(OrderTotal).columns)
WRONG_ORDERS = f"""
    WITH wanted ({_COLUMNS}) AS ({TOTALS.format(where="")}),
    kept AS (SELECT {_COLUMNS} FROM sales_order_total)
    SELECT sales_order.number, 'its kept totals are not its lines'
    FROM wanted FULL JOIN kept USING (order_id) JOIN sales_order ON sales_order.id = order_id
    WHERE wanted IS DISTINCT FROM kept ORDER BY 1
"""  # noqa: S608  # All of it is written here.
_KEEP_ALL = """
    SELECT keep_lines_sent(ARRAY(SELECT DISTINCT order_line_id FROM delivery_line
        WHERE order_line_id IS NOT NULL)),
    keep_order_totals(ARRAY(SELECT id FROM sales_order))
"""


def rebuild_order_totals(session: Session) -> int:
    """Forget what is kept of orders and compute it anew; return how much of it was wrong.

    Who changes an order meanwhile is kept waiting.
    """
    session.flush()
    session.execute(text("LOCK TABLE sales_order, delivery IN SHARE ROW EXCLUSIVE MODE"))
    wrong = sum(len(session.execute(text(sql)).all()) for sql in (WRONG_SENT, WRONG_ORDERS))
    for table in (OrderLineSent, OrderTotal):
        session.execute(delete(table))
    session.execute(text(_KEEP_ALL))
    events.record(session, OrderTotalsRebuilt(wrong))
    return wrong
