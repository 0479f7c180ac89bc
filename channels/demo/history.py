"""Eighteen months of Brightwheel's business, played day by day through the services."""

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Generic, TypeVar
from uuid import UUID

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from channels.demo.company import (
    BEGINNING,
    BUSINESS_DATE,
    CURRENCY,
    SEED,
    SOURCE,
    STORY_ITEMS,
    World,
    noon,
    reorder_levels,
)
from channels.demo.finance import House, bring_statement
from channels.demo.folk import BUYERS, MESSAGES, MESSAGES_ZH, Buyer
from channels.demo.goods import ITEMS, Goods
from core import catalog, inventory, invoicing, parties, purchasing, sales
from core.crm.tables import Activity, ActivityKind, Direction
from core.inventory.tables import StockLevel
from core.invoicing import PaymentKind
from core.kernel import clock, events
from core.kernel.database import unit_of_work
from core.kernel.money import Money
from core.processes import order_to_cash, procure_to_pay
from core.processes.history import HistoryRecorded

T = TypeVar("T")

ORDERS_A_DAY = 0.75
# The bicycle trade lives from spring: the pull of each month beside an average one.
SEASON = (0.7, 0.8, 1.15, 1.4, 1.5, 1.35, 1.15, 1.0, 0.9, 0.75, 0.65, 0.65)
GROWTH_A_YEAR = 1.15
LATEST_PAYERS_DAYS = 12
BUYS_EVERY_DAYS = 21
# In the end the items of the story stand still, so that the story begins where it should.
STORY_SALES_END, STORY_BUYING_END = date(2026, 5, 8), date(2026, 4, 20)
PROMISES_KEPT = 0.9
SIZES = {"shop": 1, "rental": 1, "chain": 2, "distributor": 3}


@dataclass
class Agenda(Generic[T]):
    """What is to be done on which day, in the order in which it was agreed."""

    entries: list[tuple[date, int, T]] = field(default_factory=list)
    count: int = 0

    def add(self, day: date, what: T) -> None:
        """Note something for a day; on a weekend it is for Monday."""
        self.count += 1
        heapq.heappush(self.entries, (_workday(day), self.count, what))

    def due(self, today: date) -> Iterator[T]:
        """Take off everything that is due by today."""
        while self.entries and self.entries[0][0] <= today:
            yield heapq.heappop(self.entries)[2]


class Past:
    """The days of the demo company, one after the other."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.random = Random(SEED)  # noqa: S311  # A story, not a secret.
        self.by_id = {item_id: sku for sku, item_id in world.items.items()}
        # Numbers of orders to receive and to bill, of bills to pay.
        self.receipts: Agenda[str] = Agenda()
        self.bills: Agenda[str] = Agenda()
        self.bill_payments: Agenda[tuple[str, str]] = Agenda()
        # Orders to deliver, invoices that are paid.
        self.deliveries: Agenda[tuple[str, Buyer]] = Agenda()
        self.customer_payments: Agenda[tuple[str, Buyer]] = Agenda()
        self.exposure: dict[str, Decimal] = defaultdict(Decimal)
        self.last_order: dict[str, str] = {}
        self.activities = 0
        self.house = House(world, self._pay_later)

    def live_through(self, session: Session, today: date, *, first_of_month: bool) -> None:
        """Do everything that falls on a day."""
        self._receive(session, today)
        self._bill(session, today)
        self._pay_bills(session, today)
        self._deliver(session, today)
        self._take_payments(session, today)
        self._sell(session, today)
        if (today - BEGINNING).days % BUYS_EVERY_DAYS == 0:
            self._buy(session, today)
        self.house.live_through(session, today, first_of_month=first_of_month)
        if self.random.random() < 0.5:  # noqa: PLR2004
            self._talk(session, today)

    # Buying.

    def _buy(self, session: Session, today: date) -> None:
        """Fill up what has fallen to its minimum, one order for each supplier."""
        ids = list(self.by_id)
        levels = inventory.stock_levels(session, ids)
        coming = purchasing.on_order(session, ids)
        low = self._low(levels, coming, today)
        items = dict(zip(low, catalog.find_items(session, list(low)), strict=True))
        wanted: dict[UUID, list[purchasing.OrderLineDraft]] = defaultdict(list)
        days: dict[UUID, int] = {}
        for sku, needed in low.items():
            offers = purchasing.offers_for(session, items[sku])
            enough = [offer for offer in offers if offer.minimum_quantity <= needed]
            offer = (enough or sorted(offers, key=lambda each: each.minimum_quantity))[0]
            quantity = max(needed, offer.minimum_quantity)
            wanted[offer.supplier_id].append(purchasing.OrderLineDraft(items[sku], quantity))
            days[offer.supplier_id] = offer.lead_time_days
        for supplier_id, lines in wanted.items():
            supplier = parties.find_supplier(session, self.world.suppliers[supplier_id])
            order = procure_to_pay.place_order(session, supplier=supplier, lines=lines)
            late = self.random.choice((0, 0, 0, 1, 2, 5))
            self.receipts.add(today + timedelta(days=days[supplier_id] + late), order.number)

    def _low(
        self,
        levels: dict[UUID, inventory.Stock],
        coming: dict[UUID, Decimal],
        today: date,
    ) -> dict[str, Decimal]:
        """Return how much is missing of the items that have fallen to their minimum."""
        low = {}
        for goods in ITEMS:
            if goods.sku in STORY_ITEMS and today > STORY_BUYING_END:
                continue
            item_id = self.world.items[goods.sku]
            minimum, target = reorder_levels(goods)
            there = levels[item_id].available + coming.get(item_id, Decimal(0))
            if there <= minimum:
                low[goods.sku] = Decimal(target) - there
        return low

    def _receive(self, session: Session, today: date) -> None:
        for number in self.receipts.due(today):
            procure_to_pay.receive_order(session, number)
            self.bills.add(today + timedelta(days=self.random.randint(1, 4)), number)

    def _bill(self, session: Session, today: date) -> None:
        for number in self.bills.due(today):
            reference = f"R{today:%y%m}-{self.random.randint(1000, 9999)}-{number[-4:]}"
            bill = procure_to_pay.bill_order(session, number, supplier_reference=reference)
            party = self.world.suppliers[bill.party_id]
            pay_on = bill.due_on + timedelta(days=self.random.randint(-6, 2))
            self.bill_payments.add(pay_on, (bill.number, party))

    def _pay_later(self, day: date, number: str, party: str) -> None:
        self.bill_payments.add(day, (number, party))

    def _pay_bills(self, session: Session, today: date) -> None:
        for number, party in self.bill_payments.due(today):
            _settle(session, number, party, PaymentKind.SUPPLIER_PAYMENT)

    # Selling.

    def _sell(self, session: Session, today: date) -> None:
        count = self._orders_of(today)
        if not count:
            return
        free = {
            self.by_id[item_id]: on_hand - reserved
            for item_id, on_hand, reserved in session.execute(
                select(StockLevel.item_id, StockLevel.on_hand, StockLevel.reserved)
            )
        }
        for _ in range(count):
            buyer = self.random.choices(BUYERS, [each.weight for each in BUYERS])[0]
            basket = self._basket(buyer, free, today)
            net = sum((goods.price * quantity for goods, quantity in basket), Decimal(0))
            gross = net * Decimal("1.19")
            if not basket or self.exposure[buyer.name] + gross > buyer.limit * Decimal("0.9"):
                continue
            items = catalog.find_items(session, [goods.sku for goods, _ in basket])
            order = order_to_cash.confirm_sale(
                session,
                customer=parties.find_customer(session, self.world.customers[buyer.name]),
                lines=[
                    sales.OrderLineDraft(item, quantity)
                    for item, (_, quantity) in zip(items, basket, strict=True)
                ],
                promised_on=_workday(today + timedelta(days=5)),
                channel=self.random.choices(("direct", "online"), (3, 1))[0],
                reference=f"{buyer.city[:3].upper()}-{self.random.randint(10_000, 99_999)}",
            )
            for goods, quantity in basket:
                free[goods.sku] -= quantity
            self.exposure[buyer.name] += gross
            self.last_order[buyer.name] = order.number
            kept = self.random.random() < PROMISES_KEPT
            days = self.random.randint(1, 4) if kept else self.random.randint(6, 11)
            self.deliveries.add(today + timedelta(days=days), (order.number, buyer))

    def _orders_of(self, today: date) -> int:
        years = (today - BEGINNING).days / 365
        expected: float = ORDERS_A_DAY * SEASON[today.month - 1] * GROWTH_A_YEAR**years
        whole = int(expected)
        return whole + (self.random.random() < expected - whole)

    def _basket(
        self, buyer: Buyer, free: dict[str, Decimal], today: date
    ) -> list[tuple[Goods, Decimal]]:
        """Choose what a customer buys, out of what is there to be promised."""
        open_items = [
            goods
            for goods in ITEMS
            if free[goods.sku] >= goods.lot
            and not (goods.sku in STORY_ITEMS and today > STORY_SALES_END)
        ]
        lines = self.random.randint(2, 7)
        weights = [goods.weight for goods in open_items]
        chosen = dict.fromkeys(self.random.choices(open_items, weights, k=lines))
        basket = []
        for goods in chosen:
            lots = self.random.randint(5, 17) * SIZES[buyer.group]
            basket.append((goods, min(Decimal(goods.lot * lots), free[goods.sku])))
        return basket

    def _deliver(self, session: Session, today: date) -> None:
        for number, buyer in self.deliveries.due(today):
            order_to_cash.deliver_sale(session, number)
            invoice = order_to_cash.invoice_sale(session, number)
            late = buyer.days_late + self.random.randint(-3, 5)
            never = buyer.days_late >= LATEST_PAYERS_DAYS and self.random.random() < 0.35  # noqa: PLR2004
            recent = invoice.due_on > BUSINESS_DATE - timedelta(days=120)
            if not (never and recent):
                paid_on = invoice.due_on + timedelta(days=late)
                self.customer_payments.add(paid_on, (invoice.number, buyer))

    def _take_payments(self, session: Session, today: date) -> None:
        for number, buyer in self.customer_payments.due(today):
            party = self.world.customers[buyer.name]
            paid = _settle(session, number, party, PaymentKind.CUSTOMER_PAYMENT)
            self.exposure[buyer.name] -= paid.amount

    # Everything else.

    def _talk(self, session: Session, today: date) -> None:
        buyer = self.random.choices(BUYERS, [each.weight for each in BUYERS])[0]
        texts = MESSAGES_ZH if buyer.language == "zh" else MESSAGES
        kind, direction, subject, body = self.random.choice(texts)
        number = self.world.customers[buyer.name]
        customer = parties.find_party(session, number)
        order = self.last_order.get(buyer.name, "")
        self.activities += 1
        session.add(
            Activity(
                party_id=customer.id,
                kind=ActivityKind(kind),
                direction=Direction(direction),
                happened_at=noon(today),
                subject=subject.format(order=order, customer=buyer.name),
                body=body.format(order=order, customer=buyer.name),
                author=buyer.name if direction == "in" else "nina",
            )
        )
        events.record(session, HistoryRecorded("activity", SOURCE, 1, number, number, None))


def write_history(
    engine: Engine, world: World, *, told: Callable[[str], None] = lambda _text: None
) -> None:
    """Play every workday up to the day before the business date, one transaction each."""
    past = Past(world)
    month = 0
    day = _workday(BEGINNING + timedelta(days=1))
    while day < BUSINESS_DATE:
        first = day.month != month
        if first:
            told(f"{day:%Y-%m}")
            month = day.month
        with clock.on_business_date(day), unit_of_work(engine) as session:
            past.live_through(session, day, first_of_month=first)
        last, day = day, _workday(day + timedelta(days=1))
    with clock.on_business_date(last), unit_of_work(engine) as session:
        _count_stock(session)
    yesterday = BUSINESS_DATE - timedelta(days=1)
    with clock.on_business_date(yesterday), unit_of_work(engine) as session:
        bring_statement(session, yesterday)


def _count_stock(session: Session) -> None:
    """Count the items of the story: they end just above the level of a new order."""
    main = inventory.main_location(session)
    for sku, (_, _, counted) in STORY_ITEMS.items():
        item = catalog.find_item(session, sku)
        if inventory.stock_of(session, item).on_hand != counted:
            inventory.adjust_stock(
                session, item, main, counted=Decimal(counted), because="Stock count · 盘点"
            )


def _settle(session: Session, number: str, payer: str, kind: PaymentKind) -> Money:
    """Pay what is open of an invoice or bill."""
    party = parties.find_party(session, payer)
    document = invoicing.find_invoice(session, number)
    left = Money(document.open_minor, CURRENCY)
    invoicing.post_payment(session, kind=kind, party=party, amount=left, settle=[(number, left)])
    return left


def _workday(day: date) -> date:
    while day.weekday() >= 5:  # noqa: PLR2004  # Saturday and Sunday.
        day += timedelta(days=1)
    return day
