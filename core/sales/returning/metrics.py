"""What returns give to reporting: how many there are, why, and what happens to them."""

from sqlalchemy import func, select

from core.kernel.semantics import (
    AND_CUSTOMERS,
    Adding,
    Dimension,
    Kind,
    Measure,
    Metric,
    Names,
    Said,
    Semantics,
    Source,
    Timing,
    Unit,
)
from core.parties.tables import Customer, Party, Territory
from core.sales.returning.tables import Resolution, ReturnState, SalesReturn, SalesReturnLine

RETURN_LINES = Source(
    id="sales_return_lines",
    rows=select(
        SalesReturn.number.label("document"),
        SalesReturn.authorised_on,
        SalesReturn.customer_id.label("customer"),
        Territory.id.label("territory"),
        func.coalesce(Territory.country, Party.country).label("country"),
        Customer.salesperson_id.label("salesperson"),
        SalesReturn.because.label("return_reason"),
        SalesReturn.resolution.label("resolution"),
        SalesReturnLine.item_id.label("item"),
        (SalesReturnLine.quantity - SalesReturnLine.received_quantity).label("awaited"),
        SalesReturn.state,
    )
    .join(SalesReturn, SalesReturn.id == SalesReturnLine.return_id)
    .outerjoin(Customer, Customer.party_id == SalesReturn.customer_id)
    .outerjoin(Party, Party.id == SalesReturn.customer_id)
    .outerjoin(Territory, Territory.id == Customer.territory_id)
    .where(SalesReturn.state != ReturnState.CANCELLED),
    basis=Said("returns of customers by the day they were agreed to", "按同意日期的客户退货单"),
    handles=frozenset(
        {"customer", "territory", "country", "salesperson", "item", "return_reason", "resolution"}
    ),
    dates=("authorised_on",),
    owner="customer",
    document_kind="sales_return",
)

SEMANTICS = Semantics(
    metrics=(
        Metric(
            id="returns",
            names=Names(
                "customer returns",
                "退货单数",
                ("number of returns", "returns", "return count"),
                ("退货单数量", "客户退货", "退货次数"),
            ),
            definition=Said(
                "The number of returns of customers that were agreed to in the period, whether"
                " goods came or not.",
                "期间内同意的客户退货单数量，无论货物是否已退回。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            roles=AND_CUSTOMERS,
            measure=Measure(RETURN_LINES, lambda rows: rows["document"], adding=Adding.DISTINCT),
            more_is_better=False,
        ),
        Metric(
            id="units_to_come_back",
            names=Names(
                "units still to come back",
                "待退回数量",
                ("returns still to come", "units awaited from returns", "open return quantity"),
                ("未退回数量", "待收退货数量", "在途退货数量"),
            ),
            definition=Said(
                "Quantity of agreed returns that has not come back yet.",
                "已同意退货中尚未退回的数量。",
            ),
            unit=Unit.QUANTITY,
            kind=Kind.SNAPSHOT,
            roles=AND_CUSTOMERS,
            measure=Measure(
                RETURN_LINES,
                lambda rows: rows["awaited"],
                where=lambda rows: rows["state"] != ReturnState.RECEIVED,
                timing=Timing.PRESENT,
            ),
        ),
    ),
    dimensions=(
        Dimension(
            id="return_reason",
            names=Names(
                "return reason",
                "退货原因",
                ("reason of return", "why goods came back", "reason for return"),
                ("退货理由", "退回原因", "客户退货原因"),
            ),
            handle="return_reason",
            keys=select(SalesReturn.because.label("key")),
        ),
        Dimension(
            id="return_resolution",
            names=Names(
                "return resolution",
                "退货处理方式",
                ("what returns lead to", "credit or replacement", "resolution of returns"),
                ("退货处理", "退款或换货", "退货处理结果"),
            ),
            handle="resolution",
            words={
                Resolution.CREDIT.value: ("credit", "退款"),
                Resolution.REPLACE.value: ("replacement", "换货"),
            },
        ),
    ),
)
