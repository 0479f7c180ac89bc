"""What manufacturing gives to reporting: output, scrap, punctuality, and what is in progress."""

import uuid
from datetime import date
from decimal import Decimal

from sqlalchemy import (
    ColumnElement,
    Date,
    Interval,
    Numeric,
    Select,
    String,
    case,
    cast,
    extract,
    func,
    literal,
    select,
    true,
)
from sqlalchemy.orm import aliased

from core.kernel.calendars import BusinessCalendar, Holiday, OpeningHours
from core.kernel.semantics import (
    COSTS,
    EVERYDAY,
    Adding,
    Dimension,
    Kind,
    Measure,
    Metric,
    Names,
    Said,
    Semantics,
    Source,
    Unit,
)
from core.manufacturing.orders.tables import (
    ReportKind,
    WorkOrder,
    WorkOrderState,
    WorkOrderVariance,
    WorkReport,
)
from core.manufacturing.routings.tables import WorkCentre

_OF_ORDERS = WorkOrder.state != WorkOrderState.CANCELLED
REPORTS = Source(
    id="work_reports",
    rows=select(
        WorkOrder.number.label("document"),
        WorkReport.reported_on,
        WorkReport.item_id.label("item"),
        WorkReport.kind,
        WorkReport.quantity,
    )
    .join(WorkOrder, WorkOrder.id == WorkReport.order_id)
    .where(_OF_ORDERS),
    basis=Said("what was reported of work orders", "生产工单报工"),
    handles=frozenset({"item"}),
    dates=("reported_on",),
    document_kind="work_order",
)
SCRAPPED = Source(
    id="scrap_reports",
    rows=select(
        WorkOrder.number.label("document"),
        WorkReport.reported_on,
        WorkReport.item_id.label("item"),
        WorkReport.reason.label("scrap_reason"),
        WorkReport.quantity,
    )
    .join(WorkOrder, WorkOrder.id == WorkReport.order_id)
    .where(_OF_ORDERS, WorkReport.kind == ReportKind.SCRAP),
    basis=Said("what was reported as scrapped of work orders", "生产工单报废"),
    handles=frozenset({"item", "scrap_reason"}),
    dates=("reported_on",),
    document_kind="work_order",
)
WORKED = Source(
    id="hours_reports",
    rows=select(
        WorkOrder.number.label("document"),
        WorkReport.reported_on,
        WorkReport.item_id.label("item"),
        WorkReport.work_centre_id.label("work_centre"),
        case(
            (WorkReport.kind == ReportKind.TAKEN_BACK, -WorkReport.minutes),
            else_=WorkReport.minutes,
        ).label("minutes"),
    )
    .join(WorkOrder, WorkOrder.id == WorkReport.order_id)
    .where(_OF_ORDERS, WorkReport.work_centre_id.is_not(None)),
    basis=Said("hours that were reported of work orders", "生产工单报告的工时"),
    handles=frozenset({"item", "work_centre"}),
    dates=("reported_on",),
    document_kind="work_order",
)
FINISHED = Source(
    id="finished_orders",
    rows=select(
        WorkOrder.number.label("document"),
        WorkOrder.finished_on,
        WorkOrder.item_id.label("item"),
        case((WorkOrder.finished_on <= WorkOrder.due_on, 1), else_=0).label("in_time"),
    ).where(WorkOrder.finished_on.is_not(None), WorkOrder.state != WorkOrderState.CANCELLED),
    basis=Said("finished work orders", "已完工的生产工单"),
    handles=frozenset({"item"}),
    dates=("finished_on",),
    document_kind="work_order",
)
VARIANCES = Source(
    id="production_variances",
    rows=select(
        WorkOrder.number.label("document"),
        WorkOrderVariance.booked_on,
        WorkOrder.item_id.label("item"),
        WorkOrderVariance.amount_minor,
    ).join(WorkOrder, WorkOrder.id == WorkOrderVariance.order_id),
    basis=Said("variances of closed work orders", "已关闭生产工单的差异"),
    handles=frozenset({"item"}),
    dates=("booked_on",),
    document_kind="work_order",
)


def _capacity() -> Select[tuple[uuid.UUID, date, Decimal]]:
    """Return the minutes that each work centre is open on a day, from the first to the last report.

    By the shifts of its own calendar, or so many hours on the days of the standard one. Where
    there is none, work is done from Monday to Friday. Holidays are free.
    """
    span = select(func.min(WorkReport.reported_on), func.max(WorkReport.reported_on)).subquery()
    first, last = span.c
    each_day = func.generate_series(first, last, cast(literal("1 day", String), Interval))
    days = select(cast(each_day, Date).label("day")).select_from(span).cte("production_day")
    weekday = extract("isodow", days.c.day)
    standard = select(BusinessCalendar.id).where(BusinessCalendar.is_standard).scalar_subquery()
    calendar = aliased(BusinessCalendar)
    span_minutes = extract("epoch", OpeningHours.closes - OpeningHours.opens) / 60
    opened = (
        select(func.sum(case((span_minutes <= 0, span_minutes + 1440), else_=span_minutes)))
        .where(OpeningHours.calendar_id == calendar.id, OpeningHours.weekday == weekday)
        .correlate(calendar, days)
        .scalar_subquery()
    )
    free = (
        select(Holiday.id)
        .where(
            Holiday.day == days.c.day,
            Holiday.region.in_((calendar.holiday_region, func.left(calendar.holiday_region, 2))),
            func.num_nonnulls(Holiday.works_as, Holiday.open_from, Holiday.open_until) == 0,
        )
        .correlate(calendar, days)
        .exists()
    )
    is_open = case((calendar.id.is_(None), weekday <= 5), else_=opened > 0)  # noqa: PLR2004
    minutes = case(
        (free, 0),
        (WorkCentre.calendar_id.is_not(None), func.coalesce(opened, 0)),
        (is_open, WorkCentre.hours_per_day * 60),
        else_=0,
    )
    return (
        select(
            WorkCentre.code.label("document"),
            days.c.day.label("worked_on"),
            WorkCentre.id.label("work_centre"),
            cast(minutes * WorkCentre.stations, Numeric).label("minutes"),
        )
        .select_from(WorkCentre)
        .join(days, true())
        .outerjoin(calendar, calendar.id == func.coalesce(WorkCentre.calendar_id, standard))
    )


CAPACITY = Source(
    id="production_capacity",
    rows=_capacity(),
    basis=Said("hours that work centres are open", "工作中心的开放工时"),
    handles=frozenset({"work_centre"}),
    dates=("worked_on",),
    document_kind="work_centre",
)


def _percent(part: ColumnElement[Decimal], whole: ColumnElement[Decimal]) -> ColumnElement[Decimal]:
    return 100 * part / func.nullif(whole, 0)


def _of_all(part: ColumnElement[Decimal], other: ColumnElement[Decimal]) -> ColumnElement[Decimal]:
    return 100 * part / func.nullif(part + other, 0)


SEMANTICS = Semantics(
    metrics=(
        Metric(
            id="production_output",
            names=Names(
                "production output",
                "生产产量",
                ("output of production", "quantity produced", "pieces produced", "units produced"),
                ("产量", "完工数量", "生产数量"),
            ),
            definition=Said(
                "Good pieces reported of work orders in the period.",
                "期间内生产工单报告的合格数量。",
            ),
            unit=Unit.QUANTITY,
            kind=Kind.FLOW,
            measure=Measure(
                REPORTS,
                lambda rows: rows["quantity"],
                where=lambda rows: rows["kind"] == ReportKind.OUTPUT,
            ),
            more_is_better=True,
        ),
        Metric(
            id="scrapped_in_production",
            names=Names(
                "scrap in production",
                "生产报废数量",
                ("pieces scrapped", "quantity scrapped in production", "production scrap"),
                ("报废数量", "生产报废", "废品数量"),
            ),
            definition=Said(
                "Pieces reported as scrapped of work orders in the period.",
                "期间内生产工单报告的报废数量。",
            ),
            unit=Unit.QUANTITY,
            kind=Kind.FLOW,
            measure=Measure(SCRAPPED, lambda rows: rows["quantity"]),
            more_is_better=False,
        ),
        Metric(
            id="scrap_rate",
            names=Names(
                "scrap rate",
                "报废率",
                ("scrap percentage", "reject rate", "share of scrap"),
                ("废品率", "生产报废率", "生产不良率"),
            ),
            definition=Said(
                "Scrapped pieces as a share of all good and scrapped pieces.",
                "报废数量占合格与报废总数的比例。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            parts=("scrapped_in_production", "production_output"),
            formula=_of_all,
            undefined=Said("nothing was produced", "没有产出"),
            more_is_better=False,
        ),
        Metric(
            id="production_yield",
            names=Names(
                "production yield",
                "生产良率",
                ("yield of production", "share of good pieces", "first pass yield"),
                ("良率", "合格率", "成品率"),
            ),
            definition=Said(
                "Good pieces as a share of all good and scrapped pieces.",
                "合格数量占合格与报废总数的比例。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            parts=("production_output", "scrapped_in_production"),
            formula=_of_all,
            undefined=Said("nothing was produced", "没有产出"),
            more_is_better=True,
        ),
        Metric(
            id="production_hours",
            names=Names(
                "production hours",
                "生产工时",
                ("hours of production", "hours worked on work orders", "hours in production"),
                ("加工工时", "工单工时", "报工工时"),
            ),
            definition=Said(
                "Hours that were reported of work orders in the period.",
                "期间内生产工单报告的工时。",
            ),
            unit=Unit.QUANTITY,
            kind=Kind.FLOW,
            measure=Measure(WORKED, lambda rows: rows["minutes"] / 60),
        ),
        Metric(
            id="capacity_hours",
            names=Names(
                "production capacity",
                "生产能力工时",
                ("capacity hours", "hours of capacity", "available production hours"),
                ("产能工时", "可用产能工时", "开放工时"),
            ),
            definition=Said(
                "Hours that the work centres are open in the period, up to the last report.",
                "期间内工作中心的开放工时，截至最后一次报工。",
            ),
            unit=Unit.QUANTITY,
            kind=Kind.FLOW,
            measure=Measure(CAPACITY, lambda rows: rows["minutes"] / 60),
        ),
        Metric(
            id="capacity_utilisation",
            names=Names(
                "capacity utilisation",
                "产能利用率",
                ("capacity utilization", "utilisation of work centres", "work centre utilisation"),
                ("产能使用率", "工作中心利用率", "产能占用率"),
            ),
            definition=Said(
                "Hours that were reported of work orders as a share of all hours of capacity.",
                "生产工单报告的工时占产能工时的比例。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            parts=("production_hours", "capacity_hours"),
            formula=_percent,
            undefined=Said("there was no capacity", "没有产能"),
            more_is_better=True,
        ),
        Metric(
            id="work_orders_finished",
            names=Names(
                "finished work orders",
                "完工工单数",
                ("work orders finished", "number of finished work orders", "completed work orders"),
                ("已完工工单数", "完工的工单数量", "完成的生产工单数"),
            ),
            definition=Said("Work orders finished in the period.", "期间内完工的生产工单数。"),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            measure=Measure(FINISHED, adding=Adding.COUNT),
            more_is_better=True,
        ),
        Metric(
            id="work_orders_in_time",
            names=Names(
                "work orders finished in time",
                "按期完工工单数",
                ("punctual work orders", "work orders on time", "work orders done in time"),
                ("准时完工工单数", "按时完工的工单数", "按期完成的工单数"),
            ),
            definition=Said(
                "Work orders finished in the period by the day they were due.",
                "期间内在到期日前完工的生产工单数。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            measure=Measure(FINISHED, lambda rows: rows["in_time"]),
            more_is_better=True,
        ),
        Metric(
            id="schedule_adherence",
            names=Names(
                "schedule adherence",
                "生产准时率",
                (
                    "production punctuality",
                    "adherence to schedule",
                    "share of punctual work orders",
                ),
                ("计划达成率", "按期完工率", "生产按期率"),
            ),
            definition=Said(
                "Work orders finished by the day they were due, as a share of all finished.",
                "按期完工的生产工单占全部完工工单的比例。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            parts=("work_orders_in_time", "work_orders_finished"),
            formula=_percent,
            undefined=Said("nothing was finished", "没有完工工单"),
            more_is_better=True,
        ),
        Metric(
            id="production_variance",
            names=Names(
                "production cost variance",
                "生产成本差异",
                ("variance of production", "manufacturing variance", "work order variance"),
                ("生产差异", "制造差异", "工单差异"),
            ),
            definition=Said(
                "What closed work orders cost beyond what their output is worth.",
                "已关闭生产工单的成本超出其产出价值的部分。",
            ),
            unit=Unit.MONEY,
            kind=Kind.FLOW,
            measure=Measure(VARIANCES, lambda rows: rows["amount_minor"], minor=True),
            roles=COSTS,
            more_is_better=False,
        ),
    ),
    dimensions=(
        Dimension(
            id="work_centre",
            names=Names(
                "work centre",
                "工作中心",
                ("work center", "production centre", "place of work"),
                ("加工中心", "生产中心", "工作站"),
            ),
            handle="work_centre",
            members=select(
                WorkCentre.id,
                WorkCentre.code.label("key"),
                WorkCentre.name.label("label"),
                func.coalesce(WorkCentre.name_zh, WorkCentre.name).label("label_zh"),
            ),
            roles=EVERYDAY,
        ),
        Dimension(
            id="scrap_reason",
            names=Names(
                "scrap reason",
                "报废原因",
                ("reason of scrap", "reason for scrap", "cause of scrap"),
                ("废品原因", "不良原因", "报废理由"),
            ),
            handle="scrap_reason",
            keys=select(WorkReport.reason.label("key")).where(WorkReport.kind == ReportKind.SCRAP),
            roles=EVERYDAY,
        ),
    ),
)
