"""What is kept of orders so that reports need not read every line: always equal to the lines.

The database keeps it by itself, with each line and delivery, in the same transaction.
"""

from core.sales.kept.service import WRONG_ORDERS, WRONG_SENT, rebuild_order_totals
from core.sales.kept.tables import OrderLineSent, OrderTotal

__all__ = ["WRONG_ORDERS", "WRONG_SENT", "OrderLineSent", "OrderTotal", "rebuild_order_totals"]
