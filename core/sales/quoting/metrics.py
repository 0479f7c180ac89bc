"""What quotations give to reporting: what was offered, what is open, and how much was won."""

from sqlalchemy import and_, case, func, select

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
from core.sales.quoting.tables import Quotation, QuotationState, QuotationVersion

_WON = (QuotationState.ACCEPTED, QuotationState.PARTLY_ACCEPTED)
_OPEN = (QuotationState.SENT, QuotationState.PARTLY_ACCEPTED)

QUOTATIONS = Source(
    id="quotations",
    rows=select(
        Quotation.number.label("document"),
        Quotation.quoted_on,
        QuotationVersion.valid_until,
        Quotation.party_id.label("customer"),
        Territory.id.label("territory"),
        func.coalesce(Territory.country, Party.country).label("country"),
        Customer.salesperson_id.label("salesperson"),
        Quotation.state.label("quotation_state"),
        Quotation.declined_because.label("lost_reason"),
        QuotationVersion.net_minor,
        case((Quotation.state.in_(_WON), 1), else_=0).label("won"),
        case((Quotation.state.in_((*_WON, QuotationState.DECLINED)), 1), else_=0).label("decided"),
    )
    .join(
        QuotationVersion,
        and_(
            QuotationVersion.quotation_id == Quotation.id,
            QuotationVersion.version == Quotation.version,
        ),
    )
    .outerjoin(Customer, Customer.party_id == Quotation.party_id)
    .outerjoin(Party, Party.id == Quotation.party_id)
    .outerjoin(Territory, Territory.id == Customer.territory_id)
    .where(Quotation.state != QuotationState.DRAFT),
    basis=Said("quotations that were sent, in their latest version", "已发出报价单的最新版本"),
    handles=frozenset(
        {"customer", "territory", "country", "salesperson", "quotation_state", "lost_reason"}
    ),
    dates=("quoted_on", "valid_until"),
    owner="customer",
    document_kind="quotation",
)

_NO_QUOTATIONS = Said("n/a (no quotations)", "不适用（无报价单）")

SEMANTICS = Semantics(
    metrics=(
        Metric(
            id="quotations",
            names=Names(
                "quotations",
                "报价单数",
                ("number of quotations", "quotes sent", "quotation count"),
                ("报价数", "报价单数量", "报价次数"),
            ),
            definition=Said(
                "The number of quotations that were sent, by the day they were drawn up.",
                "已发出的报价单数量，按报价日期。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            roles=AND_CUSTOMERS,
            measure=Measure(QUOTATIONS, adding=Adding.COUNT),
            more_is_better=True,
        ),
        Metric(
            id="quoted_value",
            names=Names(
                "quoted value",
                "报价金额",
                ("value of quotations", "quotation value", "amount quoted"),
                ("报价额", "报价总额", "报价单金额"),
            ),
            definition=Said(
                "Net amount of the latest version of the quotations that were sent, by the day"
                " they were drawn up.",
                "已发出报价单最新版本的净额，按报价日期。",
            ),
            unit=Unit.MONEY,
            kind=Kind.FLOW,
            roles=AND_CUSTOMERS,
            measure=Measure(QUOTATIONS, lambda rows: rows["net_minor"], minor=True),
            more_is_better=True,
        ),
        Metric(
            id="open_quotation_value",
            names=Names(
                "value of open quotations",
                "未结报价额",
                ("open quotations value", "quotation pipeline", "value of quotes still open"),
                ("未决报价额", "有效报价金额", "待定报价额"),
            ),
            definition=Said(
                "Net amount of the quotations that wait for an answer now and are still valid.",
                "目前等待答复且仍有效的报价单净额。",
            ),
            unit=Unit.MONEY,
            kind=Kind.SNAPSHOT,
            roles=AND_CUSTOMERS,
            measure=Measure(
                QUOTATIONS,
                lambda rows: rows["net_minor"],
                where=lambda rows: and_(
                    rows["quotation_state"].in_(_OPEN), rows["valid_until"] >= rows.as_of
                ),
                timing=Timing.PRESENT,
                minor=True,
                basis=Said("quotations that are open now", "目前未结的报价单"),
            ),
        ),
        Metric(
            id="quotations_won",
            names=Names("quotations won", "赢得的报价"),
            definition=Said(
                "Quotations of the period that were accepted, at least in part.",
                "期间内已（部分）接受的报价单。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            measure=Measure(QUOTATIONS, lambda rows: rows["won"]),
            inner=True,
        ),
        Metric(
            id="quotations_decided",
            names=Names("quotations decided", "已决报价"),
            definition=Said(
                "Quotations of the period that were accepted or declined.",
                "期间内已接受或已拒绝的报价单。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            measure=Measure(QUOTATIONS, lambda rows: rows["decided"]),
            inner=True,
        ),
        Metric(
            id="quotation_conversion_rate",
            names=Names(
                "quotation conversion rate",
                "报价转化率",
                ("quote conversion", "quote to order rate", "conversion of quotations"),
                ("报价成交率", "报价转订单率", "报价转换率"),
            ),
            definition=Said(
                "Quotations accepted so far, at least in part, as a percentage of those sent"
                " in the period.",
                "期间内发出的报价单中至今已（部分）接受的百分比。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            parts=("quotations_won", "quotations"),
            formula=lambda won, sent: 100 * won / func.nullif(sent, 0),
            undefined=_NO_QUOTATIONS,
            more_is_better=True,
        ),
        Metric(
            id="quotation_win_rate",
            names=Names(
                "quotation win rate",
                "报价赢单率",
                ("win rate of quotations", "quotes won", "share of quotations won"),
                ("报价中标率", "报价胜率", "赢单率"),
            ),
            definition=Said(
                "Quotations accepted, at least in part, as a percentage of those of the period"
                " that were"
                " accepted or declined.",
                "期间内报价单中已（部分）接受的占已接受与已拒绝之和的百分比。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            parts=("quotations_won", "quotations_decided"),
            formula=lambda won, decided: 100 * won / func.nullif(decided, 0),
            undefined=_NO_QUOTATIONS,
            more_is_better=True,
        ),
    ),
    dimensions=(
        Dimension(
            id="quotation_status",
            names=Names(
                "quotation status",
                "报价单状态",
                ("status of quotations", "quote status", "state of quotation"),
                ("报价状态", "报价进度", "报价单进度"),
            ),
            handle="quotation_state",
            words={
                QuotationState.SENT.value: ("sent", "已发出"),
                QuotationState.PARTLY_ACCEPTED.value: ("partly accepted", "部分接受"),
                QuotationState.ACCEPTED.value: ("accepted", "已接受"),
                QuotationState.DECLINED.value: ("declined", "已拒绝"),
            },
            ordered=True,
        ),
        Dimension(
            id="lost_reason",
            names=Names(
                "lost reason",
                "丢单原因",
                ("reason lost", "why quotations were lost", "reason of refusal"),
                ("拒绝原因", "失单原因", "未成交原因"),
            ),
            handle="lost_reason",
            keys=select(Quotation.declined_because.label("key")),
        ),
    ),
)
