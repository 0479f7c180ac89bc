"""Which purchase is sent straight to which customer."""

import uuid

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.database import Table


class DropShipment(Table):
    """A line of a purchase order that the supplier sends to the customer of a sale."""

    __tablename__ = "drop_shipment"

    purchase_line_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("purchase_order_line.id"), primary_key=True
    )
    sales_line_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sales_order_line.id"), index=True)


class DirectDelivery(Table):
    """By which receipt of ours, of goods that we never saw, a delivery went to a customer."""

    __tablename__ = "direct_delivery"

    delivery_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("delivery.id"), primary_key=True)
    receipt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("goods_receipt.id"), unique=True)
