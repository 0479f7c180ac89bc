"""Transfers: goods under way from one of our warehouses to another.

What was shipped and has neither arrived, come back nor been lost lies in transit: it stays ours
and keeps its value, and nobody can be promised it.
"""

from core.inventory.transfers.queries import (
    TransferLineView,
    TransferView,
    find_transfer,
    transfer_view,
)
from core.inventory.transfers.service import (
    Parcel,
    receive_transfer,
    return_transfer,
    ship_transfer,
)
from core.inventory.transfers.tables import StockTransfer, StockTransferLine, TransferState

__all__ = [
    "Parcel",
    "StockTransfer",
    "StockTransferLine",
    "TransferLineView",
    "TransferState",
    "TransferView",
    "find_transfer",
    "receive_transfer",
    "return_transfer",
    "ship_transfer",
    "transfer_view",
]
