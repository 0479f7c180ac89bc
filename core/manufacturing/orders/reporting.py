"""What the shop floor reports: work at a place, what came out good, was scrapped or is mended."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from core import catalog, inventory
from core.catalog import Item, ValuationMethod
from core.inventory import Incoming, LocationKind, LotPart
from core.kernel import events
from core.kernel.company import company
from core.kernel.errors import Both
from core.kernel.money import Money, plain
from core.ledger import AccountKind, Journal, Line, credit, debit, find_account, post_entry
from core.ledger.chart import LABOUR_ABSORBED, OVERHEAD_ABSORBED, WORK_IN_PROGRESS
from core.manufacturing.orders import rules
from core.manufacturing.orders.errors import (
    CostNotPositive,
    NotAnExpense,
    NotAnOperation,
    NothingReported,
    NotInRework,
    NoWork,
    OverProduction,
    ScrapNeedsAReason,
    UnknownReport,
    WorkOrderIs,
)
from core.manufacturing.orders.events import ProductionReported, WorkReported
from core.manufacturing.orders.material import Lots, begin, flush_for, require_at_work
from core.manufacturing.orders.queries import find_work_order, in_progress
from core.manufacturing.orders.tables import (
    ReportKind,
    WorkOrder,
    WorkOrderOperation,
    WorkOrderState,
    WorkReport,
)
from core.manufacturing.routings import WorkCentre, rates_of

_ZERO, _HUNDRED = Decimal(0), Decimal(100)
_REPORTED, _CHARGED = Both("reported", "报工"), Both("charged", "计费")
_NOT_CLOSED = Both("released, started or finished", "已下达、已开工或已完工")
_CHARGEABLE = frozenset({WorkOrderState.RELEASED, WorkOrderState.STARTED, WorkOrderState.FINISHED})


@dataclass(frozen=True)
class Output:
    """What came of an order since the last report."""

    good: Decimal = _ZERO
    scrapped: Decimal = _ZERO
    # Begun and not good yet.
    rework: Decimal = _ZERO
    # How much of what is good or scrapped was being mended.
    from_rework: Decimal = _ZERO
    reason: str | None = None
    lots: Sequence[LotPart] = ()
    # Lots of components, and what more or less came out besides, by SKU.
    component_lots: Lots = field(default_factory=dict)
    by_products: Mapping[str, Decimal] = field(default_factory=dict)
    by_product_lots: Lots = field(default_factory=dict)


def report(session: Session, number: str, output: Output) -> WorkOrder:
    """Note what came of an order: components that it took and nobody picked leave, goods come in.

    The goods are worth what was planned until the order is finished; then what it really cost.
    """
    order = find_work_order(session, number, lock=True)
    require_at_work(order, _REPORTED)
    if output.good + output.scrapped + output.rework <= 0:
        raise NothingReported(number=order.number)
    take_in(session, order, output, share_of_all=None)
    return order


def take_in(
    session: Session, order: WorkOrder, output: Output, *, share_of_all: Decimal | None
) -> None:
    """Book what is reported; the last time, goods take their `share_of_all` that was spent."""
    _check(session, order, output)
    begin(session, order)
    before = (order.good_quantity, order.scrapped_quantity, order.rework_quantity)
    order.good_quantity += output.good
    order.scrapped_quantity += output.scrapped
    order.rework_quantity += output.rework - output.from_rework
    processed = order.good_quantity + order.scrapped_quantity + order.rework_quantity
    flush_for(session, order, processed, output.component_lots)
    _note(session, order, output)
    events.record(
        session,
        ProductionReported(
            number=order.number,
            sku=order.item.sku,
            good=output.good,
            scrapped=output.scrapped,
            rework=output.rework - output.from_rework,
            reason=output.reason or "",
            before=before,
        ),
    )
    _receive(session, order, output, share_of_all)


def report_work(
    session: Session,
    number: str,
    *,
    operation: str | None = None,
    work_centre: WorkCentre | None = None,
    minutes: Decimal = _ZERO,
    cycles: Decimal = _ZERO,
) -> WorkReport:
    """Note how long somebody worked on an order, at the rates of the place; it is absorbed."""
    order = find_work_order(session, number, lock=True)
    require_at_work(order, _REPORTED)
    if minutes < 0 or cycles < 0 or minutes + cycles == 0:
        raise NoWork(number=order.number)
    step = _operation(order, operation, work_centre)
    place = step.work_centre if step is not None else work_centre
    if place is None:
        raise NotAnOperation(number=order.number, operation="?", operations=_steps(order))
    begin(session, order)
    return book_work(session, order, step, place, minutes=minutes, cycles=cycles)


def book_work(
    session: Session,
    order: WorkOrder,
    step: WorkOrderOperation | None,
    place: WorkCentre,
    *,
    minutes: Decimal,
    cycles: Decimal,
) -> WorkReport:
    """Absorb work into progress."""
    rates, ours = rates_of(place), company(session)
    labour = Money.rounding(rates.labour_of(minutes), ours.currency, ours.rounding)
    overhead = Money.rounding(rates.overhead_of(minutes, cycles), ours.currency, ours.rounding)
    if step is not None:
        step.reported_minutes += minutes
        step.reported_cycles += cycles
    row = WorkReport(
        order_id=order.id,
        kind=ReportKind.WORK,
        reported_on=ours.today,
        item_id=order.item_id,
        operation_id=step.id if step is not None else None,
        work_centre_id=place.id,
        quantity=_ZERO,
        minutes=minutes,
        cycles=cycles,
        labour_minor=labour.minor,
        overhead_minor=overhead.minor,
        cost_minor=0,
    )
    session.add(row)
    session.flush()
    what = f"{step.name} @ {place.code}" if step is not None else place.code
    _tell_work(session, order, what, row)
    _post(session, order, row)
    return row


def charge(
    session: Session, number: str, amount: Money, *, account: str, because: str
) -> WorkReport:
    """Charge a cost to an order that was booked elsewhere: work of others, a tool, a licence."""
    order = find_work_order(session, number, lock=True)
    if order.state not in _CHARGEABLE:
        raise WorkOrderIs(number=order.number, state=order.state, needed=_NOT_CLOSED, verb=_CHARGED)
    if amount.minor <= 0:
        raise CostNotPositive(number=order.number, amount=amount)
    found = find_account(session, account)
    if found.kind is not AccountKind.EXPENSE:
        raise NotAnExpense(number=order.number, account=f"{found.code} {found.name}")
    row = WorkReport(
        order_id=order.id,
        kind=ReportKind.COST,
        reported_on=company(session).today,
        item_id=order.item_id,
        quantity=_ZERO,
        minutes=_ZERO,
        cycles=_ZERO,
        labour_minor=0,
        overhead_minor=0,
        cost_minor=amount.minor,
        account=account,
        reason=because,
    )
    session.add(row)
    session.flush()
    _tell_work(session, order, because, row)
    _post(session, order, row)
    return row


def take_back_work(session: Session, number: str) -> WorkReport:
    """Take back the last work or cost that was reported of an order and still counts."""
    order = find_work_order(session, number, lock=True)
    if order.state not in _CHARGEABLE:
        raise WorkOrderIs(number=order.number, state=order.state, needed=_NOT_CLOSED, verb=_CHARGED)
    counting = _counting(session, order)
    if not counting:
        raise UnknownReport(number=order.number)
    return undo_report(session, order, counting[-1])


def take_back_all_work(session: Session, order: WorkOrder) -> None:
    """Take back all work and cost of an order, the last first."""
    for row in reversed(_counting(session, order)):
        undo_report(session, order, row)


def undo_report(session: Session, order: WorkOrder, row: WorkReport) -> WorkReport:
    """Take work or a cost out of progress again."""
    for step in order.operations:
        if step.id == row.operation_id:
            step.reported_minutes -= row.minutes
            step.reported_cycles -= row.cycles
    back = WorkReport(
        order_id=order.id,
        kind=ReportKind.TAKEN_BACK,
        reported_on=company(session).today,
        item_id=row.item_id,
        operation_id=row.operation_id,
        work_centre_id=row.work_centre_id,
        quantity=_ZERO,
        minutes=row.minutes,
        cycles=row.cycles,
        labour_minor=-row.labour_minor,
        overhead_minor=-row.overhead_minor,
        cost_minor=-row.cost_minor,
        account=row.account,
        reason=row.reason,
        takes_back_id=row.id,
    )
    session.add(back)
    session.flush()
    _tell_work(session, order, row.reason or "", back)
    _post(session, order, back)
    return back


def _check(session: Session, order: WorkOrder, output: Output) -> None:
    digits = catalog.unit_digits(session, [order.item])[order.item.unit_code]
    parts = [output.good, output.scrapped, output.rework, output.from_rework]
    catalog.require_quantities(session, [(order.item, part) for part in parts if part])
    if output.scrapped and not output.reason:
        raise ScrapNeedsAReason(number=order.number, quantity=plain(output.scrapped))
    mended = output.from_rework
    if mended > order.rework_quantity or mended > output.good + output.scrapped:
        raise NotInRework(
            number=order.number, quantity=plain(mended), rework=plain(order.rework_quantity)
        )
    most = rules.most_of(order.quantity, order.tolerance_percent, digits)
    if order.good_quantity + output.good > most:
        raise OverProduction(
            number=order.number,
            sku=order.item.sku,
            most=plain(most),
            good=plain(order.good_quantity),
            quantity=plain(output.good),
        )


def _note(session: Session, order: WorkOrder, output: Output) -> None:
    today = company(session).today
    for kind, quantity, reason in (
        (ReportKind.OUTPUT, output.good, None),
        (ReportKind.SCRAP, output.scrapped, output.reason),
        (ReportKind.REWORK, output.rework, output.reason),
    ):
        if quantity:
            session.add(_row(order, kind, order.item_id, quantity, today, reason))


def _row(
    order: WorkOrder,
    kind: ReportKind,
    item_id: uuid.UUID,
    quantity: Decimal,
    today: object,
    reason: str | None = None,
) -> WorkReport:
    return WorkReport(
        order_id=order.id,
        kind=kind,
        reported_on=today,
        item_id=item_id,
        quantity=quantity,
        minutes=_ZERO,
        cycles=_ZERO,
        labour_minor=0,
        overhead_minor=0,
        cost_minor=0,
        reason=reason,
    )


def _receive(
    session: Session, order: WorkOrder, output: Output, share_of_all: Decimal | None
) -> None:
    """Take the goods in, and what else came out with them."""
    spent = in_progress(session, order).minor
    total = order.planned_unit_cost * output.good
    shares = sum((each.cost_share_percent for each in order.by_products), _ZERO)
    whole = spent if share_of_all is not None else total * _HUNDRED / (_HUNDRED - shares)
    incoming: list[Incoming] = []
    today, main = company(session).today, Decimal(whole)
    for place, quantity in enumerate(_besides(session, order, output)):
        if not quantity:
            continue
        each = order.by_products[place]
        minor = int(whole * each.cost_share_percent / _HUNDRED)
        value = _worth(session, each.item, quantity, min(minor, max(spent, 0)))
        incoming.append(
            Incoming(each.item, quantity, value, output.by_product_lots.get(each.item.sku, ()))
        )
        each.received_quantity += quantity
        main, spent = main - value.minor, spent - value.minor
        session.add(_row(order, ReportKind.BY_PRODUCT, each.item_id, quantity, today))
    if output.good:
        if share_of_all is None:
            main = total or Decimal(spent) * output.good / max(
                order.quantity - order.good_quantity + output.good, output.good
            )
        else:
            main = Decimal(max(spent, 0)) * share_of_all
        value = _worth(session, order.item, output.good, int(min(main, Decimal(max(spent, 0)))))
        incoming.insert(0, Incoming(order.item, output.good, value, output.lots))
    if incoming:
        inventory.receive_goods(
            session,
            incoming,
            location=order.location,
            against=WORK_IN_PROGRESS,
            origin=order.number,
            memo=f"{order.number} {order.item.sku}",
            from_kind=LocationKind.PRODUCTION,
        )
        session.flush()
        first = {order.sales_line_id} if order.sales_line_id is not None else set()
        inventory.allocate(session, {each.item.id for each in incoming}, first=first)


def _besides(session: Session, order: WorkOrder, output: Output) -> list[Decimal]:
    """Return how much of each by-product came: what was said, or what was to be expected."""
    digits = catalog.unit_digits(session, [each.item for each in order.by_products])
    found = []
    for each in order.by_products:
        said = output.by_products.get(each.item.sku)
        if said is None:
            expected = rules.share_for(
                each.quantity,
                processed=order.good_quantity,
                begun=order.quantity,
                digits=digits[each.item.unit_code],
            )
            said = max(expected - each.received_quantity, _ZERO)
        found.append(said)
    return found


def _worth(session: Session, item: Item, quantity: Decimal, minor: int) -> Money:
    """Return what goods come in at: their standard cost where they have one, or a share."""
    ours = company(session)
    if item.valuation_method is ValuationMethod.STANDARD:
        return Money.rounding(item.standard_cost * quantity, ours.currency, ours.rounding)
    return Money(max(minor, 0), ours.currency)


def _operation(
    order: WorkOrder, said: str | None, place: WorkCentre | None
) -> WorkOrderOperation | None:
    """Return the operation that is meant by its position, name or place; None for other work."""
    if said is not None:
        for step in order.operations:
            if said.strip().lower() in {str(step.position), step.name.lower()}:
                return step
        raise NotAnOperation(number=order.number, operation=said, operations=_steps(order))
    steps = [step for step in order.operations if place is None or step.work_centre_id == place.id]
    return steps[0] if len(steps) == 1 or (steps and place is not None) else None


def _steps(order: WorkOrder) -> str:
    return ", ".join(f"{step.position} {step.name}" for step in order.operations) or "-"


def _counting(session: Session, order: WorkOrder) -> list[WorkReport]:
    """Return the reports of work and cost that were not taken back, in their order."""
    back = aliased(WorkReport)
    wanted = (
        select(WorkReport)
        .where(
            WorkReport.order_id == order.id,
            WorkReport.kind.in_((ReportKind.WORK, ReportKind.COST)),
            ~select(back.id).where(back.takes_back_id == WorkReport.id).exists(),
        )
        .order_by(WorkReport.created_at, WorkReport.id)
    )
    return list(session.scalars(wanted))


def _tell_work(session: Session, order: WorkOrder, what: str, row: WorkReport) -> None:
    currency = company(session).currency
    fact = WorkReported(
        number=order.number,
        what=what,
        minutes=row.minutes,
        cycles=row.cycles,
        cost=Money(row.labour_minor + row.overhead_minor + row.cost_minor, currency),
        is_taken_back=row.kind is ReportKind.TAKEN_BACK,
    )
    events.record(session, fact)


def _post(session: Session, order: WorkOrder, row: WorkReport) -> None:
    """Write the entry of a report: progress against what is absorbed, or the other way."""
    currency = company(session).currency
    parts = {LABOUR_ABSORBED: row.labour_minor, OVERHEAD_ABSORBED: row.overhead_minor}
    if row.account is not None:
        parts[row.account] = parts.get(row.account, 0) + row.cost_minor
    total = sum(parts.values())
    lines: list[Line] = []
    for account, minor in ((WORK_IN_PROGRESS, total), *((a, -m) for a, m in parts.items())):
        if minor:
            side = debit if minor > 0 else credit
            lines.append(side(account, Money(abs(minor), currency)))
    if lines:
        memo = f"{order.number} {order.item.sku}"
        post_entry(session, lines, memo=memo, origin=order.number, journal=Journal.STOCK)
