"""What sales tell of a party: quotations, orders, deliveries, returns."""

from sqlalchemy import and_, cast, func, literal, select
from sqlalchemy.types import String

from core.kernel.semantics import Names
from core.kernel.timeline import NO_AMOUNT, NOTHING, Strand, midnight
from core.sales.quoting.tables import Quotation, QuotationState, QuotationVersion
from core.sales.returning.tables import SalesReturn
from core.sales.tables import Delivery, SalesOrder

STRANDS = (
    Strand(
        "quotations",
        Names("quotations", "报价单"),
        select(
            Quotation.party_id,
            midnight(Quotation.quoted_on).label("at"),
            Quotation.id.label("id"),
            Quotation.number.label("number"),
            func.coalesce(Quotation.reference, "").label("title"),
            func.coalesce(Quotation.declined_because, "").label("detail"),
            cast(Quotation.state, String).label("state"),
            QuotationVersion.total_minor.label("minor"),
            QuotationVersion.currency.label("currency"),
        )
        .join(
            QuotationVersion,
            and_(
                QuotationVersion.quotation_id == Quotation.id,
                QuotationVersion.version == Quotation.version,
            ),
        )
        .where(Quotation.state != QuotationState.DRAFT),
    ),
    Strand(
        "orders",
        Names("orders", "销售订单"),
        select(
            SalesOrder.customer_id.label("party_id"),
            midnight(SalesOrder.ordered_on).label("at"),
            SalesOrder.id.label("id"),
            SalesOrder.number.label("number"),
            func.coalesce(SalesOrder.reference, "").label("title"),
            literal("").label("detail"),
            cast(SalesOrder.state, String).label("state"),
            SalesOrder.total_minor.label("minor"),
            SalesOrder.currency.label("currency"),
        ),
    ),
    Strand(
        "deliveries",
        Names("deliveries", "发货"),
        select(
            SalesOrder.customer_id.label("party_id"),
            midnight(Delivery.delivered_on).label("at"),
            Delivery.id.label("id"),
            Delivery.number.label("number"),
            SalesOrder.number.label("title"),
            literal("").label("detail"),
            literal("delivered").label("state"),
            NO_AMOUNT.label("minor"),
            NOTHING.label("currency"),
        ).join(SalesOrder, SalesOrder.id == Delivery.order_id),
    ),
    Strand(
        "returns",
        Names("returns", "退货"),
        select(
            SalesReturn.customer_id.label("party_id"),
            midnight(SalesReturn.authorised_on).label("at"),
            SalesReturn.id.label("id"),
            SalesReturn.number.label("number"),
            literal("").label("title"),
            SalesReturn.because.label("detail"),
            cast(SalesReturn.state, String).label("state"),
            NO_AMOUNT.label("minor"),
            NOTHING.label("currency"),
        ),
    ),
)
