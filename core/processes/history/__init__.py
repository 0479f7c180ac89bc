"""History: what another system carried out, as documents, stock and entries of our own.

Orders come first (`record_sales_history`, `record_purchase_history`); `carry_out` then lets goods,
invoices and payments follow them day by day, each row as our services would have written it.
"""

from core.processes.history.carrying import (
    Made,
    Needed,
    Terms,
    carry_out,
)
from core.processes.history.orders import (
    PURCHASE_ORDER,
    SALES_ORDER,
    HistoricPurchaseLine,
    HistoricPurchaseOrder,
    HistoricSalesLine,
    HistoricSalesOrder,
    HistoryRecorded,
    NotLive,
    Recorded,
    Written,
    record_purchase_history,
    record_sales_history,
)
from core.processes.history.plan import Course, Plan, planned

__all__ = [
    "PURCHASE_ORDER",
    "SALES_ORDER",
    "Course",
    "HistoricPurchaseLine",
    "HistoricPurchaseOrder",
    "HistoricSalesLine",
    "HistoricSalesOrder",
    "HistoryRecorded",
    "Made",
    "Needed",
    "NotLive",
    "Plan",
    "Recorded",
    "Terms",
    "Written",
    "carry_out",
    "planned",
    "record_purchase_history",
    "record_sales_history",
]
