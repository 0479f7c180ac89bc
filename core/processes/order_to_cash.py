"""Order to cash: the steps from a customer's order to an open invoice, under one roof.

Each step is a verb of sales, safe by itself: the credit limit, the stock and the books are guarded
wherever it is called from. Its last step, the payment, is a verb of invoicing.
"""

from core.sales import cancel_order as cancel_sale
from core.sales import confirm_order as confirm_sale
from core.sales import deliver_order as deliver_sale
from core.sales import invoice_order as invoice_sale
from core.sales import return_delivery

__all__ = ["cancel_sale", "confirm_sale", "deliver_sale", "invoice_sale", "return_delivery"]
