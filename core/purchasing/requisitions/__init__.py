"""Requisitions: who needs what by when and for what, until it is approved and ordered."""

from core.purchasing.requisitions.service import (
    Need,
    approve_requisition,
    close_requisition,
    find_requisition,
    left_to_order,
    note_ordered,
    open_requisitions_for,
    order_requisition,
    reopen,
    write_requisition,
)
from core.purchasing.requisitions.tables import Requisition, RequisitionLine, RequisitionState

__all__ = [
    "Need",
    "Requisition",
    "RequisitionLine",
    "RequisitionState",
    "approve_requisition",
    "close_requisition",
    "find_requisition",
    "left_to_order",
    "note_ordered",
    "open_requisitions_for",
    "order_requisition",
    "reopen",
    "write_requisition",
]
