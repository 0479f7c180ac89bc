"""Bring production: work centres, bills of materials, routings, and work orders that are over."""

import math
import uuid
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import select

from channels.imports.adventureworks.rows import MaterialRow, OperationRow, WorkOrderRow
from channels.imports.adventureworks.run import CURRENCY, MONEY, SOURCE, Run
from channels.imports.adventureworks.words import code_of, in_chinese
from channels.imports.report import Reason
from core.kernel.bulk import copy_rows
from core.kernel.company import company
from core.kernel.money import Money
from core.kernel.months import month_end
from core.kernel.references import ExternalReference
from core.manufacturing import routings
from core.manufacturing.bringing import (
    BroughtBill,
    BroughtOrder,
    BroughtStep,
    bring_bills,
    bring_orders,
)
from core.manufacturing.routings import OperationDraft, Routing, WorkCentre
from core.processes.history import Made, Needed

WORK_ORDER, BILL = "work_order", "bill_of_materials"
COST_REASON = "Cost as AdventureWorks reckoned it"
DAY, DAY_HOURS, HOUR = timedelta(days=1), Decimal(24), Decimal(60)
TOP_LEVEL: Reason = ("a product that goes into nothing", "不属于任何装配件的产品")
ENDED: Reason = ("a part that was left out before the books begin", "建账前已停用的组件")
NO_BILL: Reason = ("nothing says what it was made of on its first day", "开工日没有有效的物料清单")


@dataclass(frozen=True, slots=True)
class _Version:
    bom_id: uuid.UUID
    bill: BroughtBill


def bring_production(run: Run) -> None:
    """Bring what is made, by which work, of what, and what work orders brought.

    The source does not say what work orders used. So their goods are told here, and what they
    should have used of it by their bills, and it is found out with the trade what really is gone.
    """
    known = run.known(WORK_ORDER)
    new = [
        row for row in run.ticking(run.source.work_orders) if str(row.work_order_id) not in known
    ]
    centres = _work_centres(run)
    versions = _bills(run)
    steps: dict[int, list[OperationRow]] = defaultdict(list)
    for step in run.ticking(run.source.operations):
        steps[step.work_order_id].append(step)
    for rows in steps.values():
        rows.sort(key=lambda row: row.operation_sequence)
    made_by = _routings(run, new, steps, centres)
    report = run.files["WorkOrder"]
    orders: list[tuple[WorkOrderRow, BroughtOrder]] = []
    ids: dict[str, uuid.UUID] = {}
    reasons = {row.scrap_reason_id: row.name for row in run.ticking(run.source.scrap_reasons)}
    for row in new:
        version = _in_force(versions.get(row.product_id, ()), row.start_date)
        if version is None:
            report.skip(NO_BILL)
            ids[str(row.work_order_id)] = run.items[row.product_id].id
            if row.stocked_qty:
                run.made.append(_made(run, row, None))
            continue
        order = _order(run, row, version, reasons, steps[row.work_order_id], centres, made_by)
        orders.append((row, order))
        for item_id, quantity in version.bill.parts:
            used = Needed(item_id, month_end(row.start_date), quantity * row.order_qty)
            run.needed.append(used)
    if orders:
        _write(run, versions, orders, ids)
    copy_rows(
        run.session,
        ExternalReference,
        ("source", "kind", "external_id", "record_id"),
        ((SOURCE, WORK_ORDER, key, ours) for key, ours in ids.items()),
    )
    report.written, report.known_before = len(orders), len(known)
    _account(run, new, {row.work_order_id for row, _ in orders})


def _write(
    run: Run,
    versions: dict[int, list[_Version]],
    orders: Sequence[tuple[WorkOrderRow, BroughtOrder]],
    ids: dict[str, uuid.UUID],
) -> None:
    parts = {each.bom_id: each.bill.parts for some in versions.values() for each in some}
    written = bring_orders(
        run.session,
        [order for _, order in orders],
        parts=parts,
        cost_from=MONEY,
        because=COST_REASON,
    )
    run.record(WORK_ORDER, [number for _, number in written])
    for (order_id, number), (row, order) in zip(written, orders, strict=True):
        ids[str(row.work_order_id)] = order_id
        if order.good:
            run.made.append(_made(run, row, number))


def _made(run: Run, row: WorkOrderRow, number: str | None) -> Made:
    cost = run.cost_on(row.product_id, row.end_date)
    return Made(run.items[row.product_id].id, row.end_date, row.stocked_qty, cost, number)


def _order(
    run: Run,
    row: WorkOrderRow,
    version: _Version,
    reasons: dict[int, str],
    steps: Sequence[OperationRow],
    centres: dict[int, WorkCentre],
    made_by: dict[int, uuid.UUID],
) -> BroughtOrder:
    cost = run.cost_on(row.product_id, row.end_date) * row.stocked_qty
    return BroughtOrder(
        item_id=run.items[row.product_id].id,
        bom_id=version.bom_id,
        routing_id=made_by.get(row.product_id),
        quantity=row.order_qty,
        good=row.stocked_qty,
        scrapped=row.scrapped_qty,
        scrap_reason=reasons.get(row.scrap_reason_id or 0),
        starts_on=row.start_date,
        due_on=row.due_date,
        finished_on=row.end_date,
        cost_minor=Money.rounding(cost, CURRENCY, company(run.session).rounding).minor,
        steps=[
            BroughtStep(
                centres[step.location_id].id,
                10 * place,
                centres[step.location_id].name,
                step.actual_resource_hrs * HOUR,
                step.actual_end_date,
            )
            for place, step in enumerate(steps, start=1)
        ],
    )


def _work_centres(run: Run) -> dict[int, WorkCentre]:
    """Open a work centre for every place where work is done: so many hours a day it has."""
    known = run.known("work_centre")
    new: dict[str, uuid.UUID] = {}
    for row in run.source.locations:
        key = str(row.location_id)
        if row.availability > 0 and key not in known:
            stations = math.ceil(row.availability / DAY_HOURS)
            centre = routings.open_work_centre(
                run.session,
                code=code_of(row.name),
                name=row.name,
                name_zh=in_chinese(row.name),
                overhead_rate=row.cost_rate,
                hours_per_day=row.availability / stations,
                stations=stations,
            )
            new[key] = centre.id
    run.remember("work_centre", new)
    ids = {ours: int(key) for key, ours in {**known, **new}.items()}
    found = run.session.scalars(select(WorkCentre).where(WorkCentre.id.in_(ids)))
    return {ids[centre.id]: centre for centre in found}


def _bills(run: Run) -> dict[int, list[_Version]]:
    """Bring each bill version by version: a new one on every day that a part comes or goes.

    What ended before the books begin was never made by, and is left out.
    """
    parts: dict[int, list[MaterialRow]] = defaultdict(list)
    report, top, ended = run.files["BillOfMaterials"], 0, 0
    for row in run.ticking(run.source.materials):
        if row.product_assembly_id is None:
            top += 1
        elif row.end_date is not None and row.end_date < run.opened_on:
            ended += 1
        else:
            parts[row.product_assembly_id].append(row)
    known = run.known(BILL)
    there = {int(key.split("/")[0]) for key in known}
    versions = {product: _versions(run, product, rows) for product, rows in parts.items()}
    fresh = parts.keys() - there
    bills = [(product, bill) for product in parts if product in fresh for bill in versions[product]]
    written = bring_bills(run.session, [bill for _, bill in bills])
    if written:
        run.record(BILL, [number for _, number in written])
    ids = {
        f"{product}/{bill.valid_from}": bom_id
        for (product, bill), (bom_id, _) in zip(bills, written, strict=True)
    }
    run.remember(BILL, ids)
    report.skip(TOP_LEVEL, top)
    report.skip(ENDED, ended)
    report.written = sum(len(parts[product]) for product in fresh)
    report.known_before = report.read - report.broken - top - ended - report.written
    there_now = {**known, **ids}
    return {
        product: [
            _Version(bom_id, bill)
            for bill in bills_of
            if (bom_id := there_now.get(f"{product}/{bill.valid_from}")) is not None
        ]
        for product, bills_of in versions.items()
    }


def _versions(run: Run, product: int, rows: Sequence[MaterialRow]) -> list[BroughtBill]:
    begins = {row.start_date for row in rows}
    begins |= {row.end_date + DAY for row in rows if row.end_date is not None}
    days = sorted(begins)
    found: list[BroughtBill] = []
    for day, following in zip(days, [*days[1:], None], strict=True):
        parts = [
            (run.items[row.component_id].id, row.per_assembly_qty)
            for row in rows
            if row.start_date <= day <= (row.end_date or date.max)
        ]
        until = None if following is None else following - DAY
        if parts and (until or date.max) >= run.opened_on:
            item_id = run.items[product].id
            found.append(BroughtBill(item_id, len(found) + 1, day, until, parts))
    return found


def _in_force(versions: Sequence[_Version], day: date) -> _Version | None:
    place = bisect_right(versions, day, key=lambda each: each.bill.valid_from)
    if place == 0:
        return None
    found = versions[place - 1]
    until = found.bill.valid_until
    return found if until is None or day <= until else None


def _routings(
    run: Run,
    orders: Sequence[WorkOrderRow],
    steps: dict[int, list[OperationRow]],
    centres: dict[int, WorkCentre],
) -> dict[int, uuid.UUID]:
    """Say how each product is made: as in its first order. A step takes as long for any quantity.

    So it is there, for every product and every quantity.
    """
    known = {int(key): ours for key, ours in run.known("routing").items()}
    found, new = dict(known), dict[str, uuid.UUID]()
    for row in orders:
        taking = [step for step in steps[row.work_order_id] if step.actual_resource_hrs > 0]
        if row.product_id in found or not taking:
            continue
        drafts = [
            OperationDraft(centres[step.location_id], setup_minutes=step.actual_resource_hrs * HOUR)
            for step in taking
        ]
        routing: Routing = routings.define_routing(
            run.session, run.items[row.product_id], drafts, valid_from=run.opened_on
        )
        found[row.product_id] = new[str(row.product_id)] = routing.id
    run.remember("routing", new)
    return found


def _account(run: Run, new: Sequence[WorkOrderRow], written: set[int]) -> None:
    """Say of steps and reasons of scrap what became of them."""
    steps, reasons = run.files["WorkOrderRouting"], run.files["ScrapReason"]
    fresh = {row.work_order_id for row in new}
    of_new = [row.work_order_id for row in run.source.operations if row.work_order_id in fresh]
    steps.written = sum(order in written for order in of_new)
    steps.skip(NO_BILL, len(of_new) - steps.written)
    steps.known_before = steps.read - steps.broken - len(of_new)
    told = reasons.read - reasons.broken
    reasons.written, reasons.known_before = (told, 0) if new else (0, told)
