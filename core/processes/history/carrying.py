"""Carrying out history: goods, invoices and payments of another system follow its orders.

Day by day, as it happened there: what came is received and billed, what was made comes from
production, what was sold leaves at its moving average and is invoiced, and what fell due is paid.
What production made is worth more than the material that it used: that is what the other system
paid for wages and machines, and it is booked by the month, so that no work in progress is owed.
Only how it is written differs from our services: by COPY, some thousands of documents at a time.
"""

import heapq
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from itertools import count

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import inventory
from core.catalog import Item, ItemKind
from core.inventory import Incoming, LocationKind, MovesBringer, Outgoing
from core.invoicing import BroughtDocument, DocumentsBringer, InvoiceKind, PostedDocument
from core.kernel.bulk import copy_rows
from core.kernel.company import company
from core.kernel.database import acting
from core.kernel.identifiers import ids_in_a_row
from core.kernel.money import Money
from core.kernel.months import month_end
from core.kernel.numbering import NumbersInARow
from core.ledger import Journal, credit, debit, tax
from core.ledger.chart import (
    GOODS_RECEIVED_NOT_BILLED,
    INVENTORY_ADJUSTMENT,
    OPENING_BALANCE,
    WORK_IN_PROGRESS,
)
from core.parties import Customer, Party, Supplier
from core.processes.history.drafts import bill_lines, invoice_lines, received_value
from core.processes.history.orders import (
    HistoricPurchaseOrder,
    HistoricSalesOrder,
    Written,
    sold,
)
from core.processes.history.plan import Course, planned
from core.purchasing.tables import BillMatch, GoodsReceipt, GoodsReceiptLine, Match
from core.sales.tables import Delivery, DeliveryLine

DOCUMENTS_AT_ONCE = 3_000
# How often it is told how far it is.
STEPS_AT_ONCE = 500
_ZERO = Decimal(0)
_RECEIPT = ("id", "number", "order_id", "received_on", "location_id")
_RECEIPT_LINE = (
    *("receipt_id", "order_line_id", "quantity", "value_minor"),
    *("rejected_quantity", "rejected_because"),
)
_DELIVERY = ("id", "number", "order_id", "delivered_on")
_DELIVERY_LINE = ("delivery_id", "order_line_id", "quantity", "cost_minor")
_MATCH = (
    *("invoice_id", "order_id", "expected_minor"),
    *("state", "difference_minor", "held", "booked_by"),
)
# In which order things happen on one day.
_OPENING, _RECEIPTS, _PRODUCTION, _DELIVERIES = range(4)
_MATERIAL, _CONVERSION, _COUNT, _PAYMENTS = range(4, 8)

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Made:
    """Goods that came from production on a day, and what one of them cost."""

    item_id: uuid.UUID
    day: date
    quantity: Decimal
    unit_cost: Decimal
    # The work order that they came of; it was charged what they are worth.
    document: str | None = None


@dataclass(frozen=True, slots=True)
class Needed:
    """Material that production needed on a day."""

    item_id: uuid.UUID
    day: date
    quantity: Decimal


@dataclass(frozen=True)
class Terms:
    """What holds for all documents of a source.

    What fell due by `paid_until` was paid there, from and into the account `money`, which stands
    for money that we know nothing more of; so was what production cost beyond its material. Stock
    that must have been there before lies there from the first of the year, at `cost_on` that day.
    `tax_code` names the tax that the orders were charged.
    """

    source: str
    money: str
    paid_until: date
    cost_on: Callable[[uuid.UUID, date], Decimal]
    tax_code: str | None = None


@dataclass
class _Fulfilled:
    """Deliveries, or goods receipts, that wait to be written."""

    documents: list[tuple[object, ...]] = field(default_factory=list)
    lines: list[tuple[object, ...]] = field(default_factory=list)


def carry_out(
    session: Session,
    terms: Terms,
    *,
    sales: Sequence[Written[HistoricSalesOrder]] = (),
    purchases: Sequence[Written[HistoricPurchaseOrder]] = (),
    made: Sequence[Made] = (),
    needed: Sequence[Needed] = (),
    counted: Mapping[uuid.UUID, Decimal] | None = None,
    progress: Progress = lambda _: None,
) -> None:
    """Let goods, invoices and payments follow the orders that were brought, in the order of days.

    `counted` says how much of each item lies in the main warehouse in the end. `progress` is told
    now and then how many more steps were taken.
    """
    history = _History(session, terms, sales, purchases, made, needed, counted)
    history.carry_out(progress)


class _History:
    def __init__(
        self,
        session: Session,
        terms: Terms,
        sales: Sequence[Written[HistoricSalesOrder]],
        purchases: Sequence[Written[HistoricPurchaseOrder]],
        made: Sequence[Made],
        needed: Sequence[Needed],
        counted: Mapping[uuid.UUID, Decimal] | None,
    ) -> None:
        self.session, self.terms = session, terms
        self.ours, self.main = company(session), inventory.main_location(session)
        self.sales = [each for each in sales if each.order.delivered_on]
        self.purchases = [each for each in purchases if each.order.received_on]
        self.made, self.needed, self.counted = made, needed, counted or {}
        self.items = self._read_items()
        self.parties = _parties(
            session,
            {
                *(each.order.customer_id for each in self.sales),
                *(each.order.supplier_id for each in self.purchases),
            },
        )
        stocked = [each.id for each in self.items.values() if each.kind is ItemKind.STOCKED]
        self.moves = MovesBringer(session, terms.source, stocked)
        self.documents = DocumentsBringer(
            session, terms.source, self.moves.entries, money_account=terms.money
        )
        self.numbers, self.ids = NumbersInARow(session), ids_in_a_row()
        self.component = self._component()
        self.deliveries, self.receipts = _Fulfilled(), _Fulfilled()
        # Bills as posted: which, of which order, and what it comes to.
        self.matches: list[tuple[uuid.UUID, uuid.UUID, int]] = []
        # What lies in production, as far as it came or went here.
        self.in_work = 0
        # What work orders were charged since material was last booked.
        self.charged = 0
        # What is to be done: day, what comes first on a day, place, and what it is.
        self.agenda: list[tuple[date, int, int, Callable[[], None]]] = []
        self.places = count()

    def carry_out(self, progress: Progress) -> None:
        """Do everything in the order of days, and write it some thousands of documents at once."""
        for sale in self.sales:
            self._plan(sale.order.delivered_on, _DELIVERIES, partial(self._deliver, sale))
        for purchase in self.purchases:
            self._plan(purchase.order.received_on, _RECEIPTS, partial(self._receive, purchase))
        for day, goods in _by_day(self.made).items():
            self._plan(day, _PRODUCTION, partial(self._produce, day, goods))
        for day in {month_end(each.day) for each in self.made}:
            self._plan(day, _CONVERSION, partial(self._convert, day))
        self._plan_stock()
        done = 0
        while self.agenda:
            *_, do = heapq.heappop(self.agenda)
            do()
            done += 1
            if done % STEPS_AT_ONCE == 0:
                progress(STEPS_AT_ONCE)
            if done % DOCUMENTS_AT_ONCE == 0:
                self._write()
        self._write()
        self.documents.close()
        self.moves.close()
        self.numbers.close()

    def _plan(self, day: date | None, rank: int, do: Callable[[], None]) -> None:
        assert day is not None, "what is carried out has a day"
        heapq.heappush(self.agenda, (day, rank, next(self.places), do))

    # What the documents do not say of the stock.

    def _plan_stock(self) -> None:
        plans = {
            item_id: planned(
                course,
                on_hand=self.moves.free(item_id, self.main),
                counted=self.counted.get(item_id),
            )
            for item_id, course in self._courses().items()
        }
        days = [day for day, *_ in self.agenda]
        if not days:
            return
        # Whatever was there before lies there from the beginning of that year.
        opened_on, counted_on = min(days).replace(month=1, day=1), max(days)
        lying = {item_id: plan.opening for item_id, plan in plans.items() if plan.opening}
        if lying:
            self._plan(opened_on, _OPENING, partial(self._open, opened_on, lying))
        used: dict[date, dict[uuid.UUID, Decimal]] = defaultdict(dict)
        for item_id, plan in plans.items():
            for day, quantity in plan.used.items():
                used[day][item_id] = quantity
        for day, goods in used.items():
            self._plan(day, _MATERIAL, partial(self._use, day, goods))
        missing = {item_id: plan.missing for item_id, plan in plans.items() if plan.missing}
        if missing:
            self._plan(counted_on, _COUNT, partial(self._count, counted_on, missing))

    def _courses(self) -> dict[uuid.UUID, Course]:
        courses: dict[uuid.UUID, Course] = defaultdict(Course)
        for item_id in self.counted:
            courses[item_id] = Course()
        for each in self.made:
            courses[each.item_id].came[each.day] += each.quantity
        for need in self.needed:
            courses[need.item_id].wanted[need.day] += need.quantity
        for purchase in self.purchases:
            day = purchase.order.received_on
            for line in purchase.order.lines:
                if day and line.received_quantity:
                    courses[line.item_id].came[day] += line.received_quantity
        for sale in self.sales:
            day = sale.order.delivered_on
            for sales_line in sale.order.lines:
                if day and (left := sold(sale.order, sales_line)[0]):
                    courses[sales_line.item_id].went[day] += left
        return {
            item_id: course
            for item_id, course in courses.items()
            if self.items[item_id].kind is ItemKind.STOCKED
        }

    # What happens on a day.

    def _open(self, day: date, goods: Mapping[uuid.UUID, Decimal]) -> None:
        self.moves.receive(
            [
                self._worth(item_id, quantity, self.terms.cost_on(item_id, day))
                for item_id, quantity in goods.items()
            ],
            location=self.main,
            against=OPENING_BALANCE,
            origin=f"OPENING {self.main.code}",
            memo=f"Opening stock: {self.main.name}",
            day=day,
        )

    def _produce(self, day: date, goods: Sequence[Made]) -> None:
        ordered = [each for each in goods if each.document is not None]
        for some in (ordered, [each for each in goods if each.document is None]):
            worth = [self._worth(each.item_id, each.quantity, each.unit_cost) for each in some]
            documents = [each.document for each in some if each.document is not None]
            if not worth:
                continue
            came_late = self.moves.receive(
                worth,
                location=self.main,
                against=WORK_IN_PROGRESS,
                origin=f"PRODUCTION {day}",
                memo=f"Production: {self.terms.source}",
                day=day,
                from_kind=LocationKind.PRODUCTION,
                documents=documents,
            )
            minors = [each.value.minor for each in worth]
            if not documents:
                self.in_work -= sum(minors)
            elif came_late:
                for document, minor in zip(documents, minors, strict=True):
                    self._charge(day, document, minor)
            else:
                self._charge(day, f"PRODUCTION {day}", sum(minors))

    def _charge(self, day: date, origin: str, minor: int) -> None:
        """Charge work orders what their output is worth: so much they cost there."""
        cost = Money(minor, self.ours.currency)
        if minor:
            self.moves.entries.add(
                [debit(WORK_IN_PROGRESS, cost), credit(self.terms.money, cost)],
                memo=f"Production: {self.terms.source}",
                origin=origin,
                posted_on=day,
                journal=Journal.STOCK,
            )
            self.charged += minor

    def _use(self, day: date, goods: Mapping[uuid.UUID, Decimal]) -> None:
        costs = self.moves.issue(
            [Outgoing(self.items[item_id], quantity) for item_id, quantity in goods.items()],
            location=self.main,
            origin=f"MATERIAL {day}",
            memo=f"Material used: {self.terms.source}",
            day=day,
            to_kind=LocationKind.PRODUCTION,
            debit_to=WORK_IN_PROGRESS,
        )
        self.in_work += sum(costs)

    def _convert(self, day: date) -> None:
        """Book what the goods of a month cost beyond the material that was there for them.

        Work orders were charged all that they cost: what was material of it is taken off again.
        """
        back = min(self.in_work, self.charged)
        self.charged = 0
        if self.in_work < 0:
            cost = Money(-self.in_work, self.ours.currency)
            lines = [debit(WORK_IN_PROGRESS, cost), credit(self.terms.money, cost)]
            memo, self.in_work = "Conversion cost", 0
        elif back > 0:
            cost = Money(back, self.ours.currency)
            lines = [debit(self.terms.money, cost), credit(WORK_IN_PROGRESS, cost)]
            memo, self.in_work = "Material of what was made", self.in_work - back
        else:
            return
        self.moves.entries.add(
            lines,
            memo=f"{memo}: {self.terms.source}",
            origin=f"CONVERSION {day}",
            posted_on=day,
            journal=Journal.GENERAL,
        )

    def _count(self, day: date, goods: Mapping[uuid.UUID, Decimal]) -> None:
        self.moves.issue(
            [Outgoing(self.items[item_id], quantity) for item_id, quantity in goods.items()],
            location=self.main,
            origin=f"COUNT {self.main.code}",
            memo=f"Counted stock: {self.main.name}",
            day=day,
            to_kind=LocationKind.ADJUSTMENT,
            debit_to=INVENTORY_ADJUSTMENT,
        )

    def _receive(self, written: Written[HistoricPurchaseOrder]) -> None:
        order = written.order
        day, number = order.received_on, self.numbers.next("GR")
        assert day is not None, "only what came is received"
        seller = self.parties[order.supplier_id]
        receipt_id, goods = next(self.ids), []
        for line_id, line in zip(written.line_ids, order.lines, strict=True):
            item = self.items[line.item_id]
            stocked = item.kind is ItemKind.STOCKED
            value = received_value(line, self.ours) if stocked else Money(0, self.ours.currency)
            if line.received_quantity or line.rejected_quantity:
                self.receipts.lines.append(
                    (
                        *(receipt_id, line_id, line.received_quantity, value.minor),
                        line.rejected_quantity,
                        line.rejected_because if line.rejected_quantity else None,
                    )
                )
            if line.received_quantity and stocked:
                goods.append(Incoming(item, line.received_quantity, value))
        self.receipts.documents.append((receipt_id, number, written.id, day, self.main.id))
        if goods:
            self.moves.receive(
                goods,
                location=self.main,
                against=GOODS_RECEIVED_NOT_BILLED,
                origin=number,
                memo=f"{written.number} {seller.name}",
                day=day,
            )
        if lines := bill_lines(written, self.items, self.ours, self.component):
            due_on = day + timedelta(days=seller.payment_days)
            bill = BroughtDocument(
                kind=InvoiceKind.SUPPLIER_BILL,
                party_id=order.supplier_id,
                party_name=seller.name,
                posted_on=day,
                due_on=due_on,
                lines=lines,
                origin=written.number,
                paid_on=self._paid_on(due_on),
            )
            posted = self.documents.post(bill)
            self.matches.append((posted.invoice_id, written.id, posted.total.minor))
            self._pay_later(posted)

    def _deliver(self, written: Written[HistoricSalesOrder]) -> None:
        order = written.order
        day, number = order.delivered_on, self.numbers.next("DN")
        assert day is not None, "only what left is delivered"
        buyer, delivery_id = self.parties[order.customer_id], next(self.ids)
        leaving = [
            (line_id, self.items[line.item_id], quantity)
            for line_id, line in zip(written.line_ids, order.lines, strict=True)
            if (quantity := sold(order, line)[0])
        ]
        goods = [
            Outgoing(item, quantity, line_id)
            for line_id, item, quantity in leaving
            if item.kind is ItemKind.STOCKED
        ]
        costs = iter(
            self.moves.issue(
                goods,
                location=self.main,
                origin=number,
                memo=f"{written.number} {buyer.name}",
                day=day,
            )
            if goods
            else ()
        )
        self.deliveries.documents.append((delivery_id, number, written.id, day))
        self.deliveries.lines += [
            (delivery_id, line_id, quantity, next(costs) if item.kind is ItemKind.STOCKED else 0)
            for line_id, item, quantity in leaving
        ]
        if lines := invoice_lines(written, self.items, self.ours, self.component):
            due_on = day + timedelta(days=buyer.payment_days)
            invoice = BroughtDocument(
                kind=InvoiceKind.CUSTOMER_INVOICE,
                party_id=order.customer_id,
                party_name=buyer.name,
                posted_on=day,
                due_on=due_on,
                lines=lines,
                origin=written.number,
                reference=order.reference,
                territory_id=order.territory_id,
                salesperson_id=order.salesperson_id,
                channel=order.channel,
                paid_on=self._paid_on(due_on),
            )
            self._pay_later(self.documents.post(invoice))

    def _paid_on(self, due_on: date) -> date | None:
        return due_on if due_on <= self.terms.paid_until else None

    def _pay_later(self, posted: PostedDocument) -> None:
        if posted.paid_on is not None:
            self._plan(posted.paid_on, _PAYMENTS, partial(self.documents.pay, posted))

    def _worth(self, item_id: uuid.UUID, quantity: Decimal, unit_cost: Decimal) -> Incoming:
        value = Money.rounding(unit_cost * quantity, self.ours.currency, self.ours.rounding)
        return Incoming(self.items[item_id], quantity, value)

    # Reading and writing.

    def _write(self) -> None:
        self.moves.write()
        self.documents.write()
        copy_rows(self.session, GoodsReceipt, _RECEIPT, self.receipts.documents)
        copy_rows(self.session, GoodsReceiptLine, _RECEIPT_LINE, self.receipts.lines)
        copy_rows(self.session, Delivery, _DELIVERY, self.deliveries.documents)
        copy_rows(self.session, DeliveryLine, _DELIVERY_LINE, self.deliveries.lines)
        self.receipts, self.deliveries = _Fulfilled(), _Fulfilled()
        # What was billed there was billed as ordered, as far as anybody knows.
        agreed = (Match.MATCHED.value, 0, False, acting(self.session).actor.human)
        copy_rows(self.session, BillMatch, _MATCH, ((*each, *agreed) for each in self.matches))
        self.matches.clear()

    def _read_items(self) -> dict[uuid.UUID, Item]:
        ids = {each.item_id for each in self.made} | {each.item_id for each in self.needed}
        ids |= set(self.counted)
        ids |= {line.item_id for sale in self.sales for line in sale.order.lines}
        ids |= {line.item_id for purchase in self.purchases for line in purchase.order.lines}
        found = self.session.scalars(select(Item).where(Item.id.in_(ids)))
        return {item.id: item for item in found}

    def _component(self) -> tax.Component | None:
        if self.terms.tax_code is None:
            return None
        [component] = tax.components_on(self.session, [self.terms.tax_code], self.ours.today)[
            self.terms.tax_code
        ]
        return component


@dataclass(frozen=True, slots=True)
class _Party:
    """Who bought or sold, and within how many days is paid."""

    name: str
    payment_days: int


def _parties(session: Session, ids: set[uuid.UUID]) -> dict[uuid.UUID, _Party]:
    wanted = (
        select(
            Party.id,
            Party.name,
            func.coalesce(Customer.payment_days, Supplier.payment_days, 0),
        )
        .outerjoin(Customer, Customer.party_id == Party.id)
        .outerjoin(Supplier, Supplier.party_id == Party.id)
        .where(Party.id.in_(ids))
    )
    return {party_id: _Party(name, days) for party_id, name, days in session.execute(wanted)}


def _by_day(made: Iterable[Made]) -> dict[date, list[Made]]:
    days: dict[date, list[Made]] = defaultdict(list)
    for each in made:
        days[each.day].append(each)
    return days
