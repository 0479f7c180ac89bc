"""What manufacturing gives to lists: bills of materials, work centres and work orders."""

from sqlalchemy import and_, func, or_, select

from core.kernel.listing import TODAY, Field, Holds, Lists, RecordKind, flag, record
from core.kernel.semantics import COSTS, EVERYDAY, Names, Said
from core.manufacturing.boms.tables import BillOfMaterials, BomComponent
from core.manufacturing.orders.queries import OPEN
from core.manufacturing.orders.tables import WorkOrder, WorkOrderComponent, WorkOrderState
from core.manufacturing.routings.tables import WorkCentre

_STATES: dict[str, tuple[str, str]] = {
    WorkOrderState.FIRM: ("firm", "已确认"),
    WorkOrderState.RELEASED: ("released", "已下达"),
    WorkOrderState.STARTED: ("started", "已开工"),
    WorkOrderState.FINISHED: ("finished", "已完工"),
    WorkOrderState.CLOSED: ("closed", "已关闭"),
    WorkOrderState.CANCELLED: ("cancelled", "已取消"),
}

WORK_ORDERS = RecordKind(
    id="work_orders",
    names=Names(
        "work orders", "生产工单", ("production orders", "manufacturing orders"), ("生产订单",)
    ),
    one=Said("work order", "生产工单"),
    source=WorkOrder.__table__,
    key=WorkOrder.number,
    identity=WorkOrder.id,
    fields=(
        Field("number", Names("number", "编号"), column=WorkOrder.number, roles=EVERYDAY),
        record("item", Names("item", "物料"), WorkOrder.item_id, roles=EVERYDAY),
        Field(
            "state",
            Names("state", "状态"),
            Holds.WORD,
            WorkOrder.state,
            words=_STATES,
            roles=EVERYDAY,
        ),
        Field(
            "quantity", Names("quantity", "数量"), Holds.QUANTITY, WorkOrder.quantity,
            roles=EVERYDAY,
        ),
        Field(
            "good", Names("good pieces", "合格数量"), Holds.QUANTITY, WorkOrder.good_quantity,
            roles=EVERYDAY,
        ),
        Field(
            "scrapped", Names("scrapped pieces", "报废数量"), Holds.QUANTITY,
            WorkOrder.scrapped_quantity, roles=EVERYDAY,
        ),
        Field(
            "starts_on", Names("start", "开始日期"), Holds.DATE, WorkOrder.starts_on, ahead=True,
            roles=EVERYDAY,
        ),
        Field(
            "due_on", Names("due", "到期日"), Holds.DATE, WorkOrder.due_on, ahead=True,
            roles=EVERYDAY,
        ),
        Field(
            "made_for", Names("made for", "对应订单"), column=WorkOrder.made_for, shown=False,
            roles=EVERYDAY,
        ),
        record(
            "item",
            Names("component", "组件", ("with component",)),
            through=select(
                WorkOrderComponent.order_id.label("record"),
                WorkOrderComponent.item_id.label("value"),
            ),
            name="component",
            roles=EVERYDAY,
        ),
        flag(
            "open", Names("open", "未完成", ("unfinished",)), WorkOrder.state.in_(OPEN),
            roles=EVERYDAY,
        ),
        flag(
            "late",
            Names("late", "延误", ("overdue",), ("逾期",)),
            and_(WorkOrder.state.in_(OPEN), WorkOrder.due_on < TODAY),
            roles=EVERYDAY,
        ),
    ),
    day="due_on",
    order=(("due_on", "asc"),),
    ref="work_order",
)  # fmt: skip

BILLS = RecordKind(
    id="bills_of_materials",
    names=Names(
        "bills of materials", "物料清单", ("boms", "bill of materials list"), ("BOM清单",)
    ),
    one=Said("bill of materials", "物料清单"),
    source=BillOfMaterials.__table__,
    key=BillOfMaterials.number,
    identity=BillOfMaterials.id,
    fields=(
        Field("number", Names("number", "编号"), column=BillOfMaterials.number, roles=EVERYDAY),
        record("item", Names("item", "物料"), BillOfMaterials.item_id, roles=EVERYDAY),
        Field(
            "version", Names("version", "版本"), Holds.COUNT, BillOfMaterials.version,
            roles=EVERYDAY,
        ),
        Field(
            "valid_from", Names("valid from", "生效日期"), Holds.DATE, BillOfMaterials.valid_from,
            roles=EVERYDAY,
        ),
        Field(
            "valid_until", Names("valid until", "失效日期"), Holds.DATE,
            BillOfMaterials.valid_until, roles=EVERYDAY,
        ),
        record(
            "item",
            Names("component", "组件", ("with component",)),
            through=select(
                BomComponent.bom_id.label("record"), BomComponent.item_id.label("value")
            ),
            name="component",
            roles=EVERYDAY,
        ),
        flag(
            "in_force",
            Names("in force", "有效"),
            and_(
                BillOfMaterials.withdrawn_on.is_(None),
                BillOfMaterials.valid_from <= TODAY,
                or_(BillOfMaterials.valid_until.is_(None), BillOfMaterials.valid_until >= TODAY),
            ),
            roles=EVERYDAY,
        ),
    ),
    day="valid_from",
    order=(("valid_from", "desc"),),
    ref="bill_of_materials",
)  # fmt: skip

CENTRES = RecordKind(
    id="work_centres",
    names=Names("work centres", "工作中心", ("work centers",)),
    one=Said("work centre", "工作中心"),
    source=WorkCentre.__table__,
    key=WorkCentre.code,
    identity=WorkCentre.id,
    fields=(
        Field("code", Names("code", "代码"), column=WorkCentre.code, roles=EVERYDAY),
        Field(
            "name", Names("name", "名称"), column=func.coalesce(WorkCentre.name, ""),
            roles=EVERYDAY,
        ),
        Field(
            "hours_per_day", Names("hours a day", "每天工时"), Holds.QUANTITY,
            WorkCentre.hours_per_day * WorkCentre.stations, roles=EVERYDAY,
        ),
        Field(
            "labour_rate", Names("labour rate", "人工费率"), Holds.QUANTITY,
            WorkCentre.labour_rate, roles=COSTS,
        ),
    ),
    order=(("code", "asc"),),
    ref="work_centre",
)  # fmt: skip

LISTS = Lists(kinds=(WORK_ORDERS, BILLS, CENTRES))
