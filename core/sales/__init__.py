"""Sales: from an agreed order to goods delivered and invoiced."""

from core.sales.tables import Delivery, DeliveryLine, OrderState, SalesOrder, SalesOrderLine

__all__ = ["Delivery", "DeliveryLine", "OrderState", "SalesOrder", "SalesOrderLine"]
