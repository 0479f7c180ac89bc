"""History is written by COPY, and every row is the one that our services would have written."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine, Select, select
from sqlalchemy.orm import Session

from core import catalog, compliance, inventory, invoicing, ledger, parties, purchasing, sales
from core.inventory import Incoming, Location, LocationKind, Outgoing, StockMove
from core.invoicing import InvoiceKind, PaymentKind
from core.kernel import clock
from core.kernel.company import company
from core.kernel.database import Table, acting, reading, unit_of_work
from core.kernel.money import Money
from core.ledger import tax
from core.ledger.chart import INVENTORY_ADJUSTMENT, OPENING_BALANCE, WORK_IN_PROGRESS
from core.ledger.tables import AccountKind, CashFlow, JournalEntry, Posting, Side
from core.processes.history import (
    HistoricPurchaseLine,
    HistoricSalesLine,
    Made,
    Needed,
    Terms,
    Written,
    carry_out,
    record_purchase_history,
    record_sales_history,
)
from core.processes.history import HistoricPurchaseOrder as Purchase
from core.processes.history import HistoricSalesOrder as Sale
from core.processes.history.drafts import bill_lines, invoice_lines
from core.purchasing import Rejected
from core.purchasing.tables import OrderState as PurchaseState
from core.sales.tables import OrderState as SalesState

FIRST, PAID_UNTIL = date(2026, 1, 5), date(2026, 5, 31)
ORDERS = 15
MONEY, TAX = "1240", "THEIRS"
COST = Decimal("7.77")
# What only tells who wrote a row, and when; and what a delivery promised meanwhile.
LEFT_OUT = {"id", "created_at", "imported", "transaction", "sequence"}
# What follows from the rest, or is told otherwise.
NOT_COMPARED = {
    *(
        "change_event",
        "audit_record",
        "audit_anchor",
        "audit_head",
        "external_reference",
        "watch_cursor",
    ),
    *("reservation", "entry_tail", "account_total", "account_month_total", "number_series"),
}


class World:
    """The same company in every database, and what another system did in it."""

    def __init__(self, session: Session) -> None:
        catalog.open_standard_catalog(session)
        ledger.open_account(
            session,
            code=MONEY,
            name="Paid elsewhere",
            name_zh="他处已付",
            kind=AccountKind.ASSET,
            cash_flow=CashFlow.OPERATING,
        )
        tax.add_tax_code(session, code=TAX, name="Their tax", name_zh="税", percent=Decimal(8))
        self.items = [
            catalog.add_item(session, sku=f"I-{place}", name=f"Item {place}", standard_cost=COST).id
            for place in range(4)
        ]
        self.customers = [
            parties.add_customer(session, name=name, payment_days=days).party_id
            for name, days in (("Rad Haus", 14), ("Velo Café", 30))
        ]
        self.suppliers = [
            parties.add_supplier(session, name=name, payment_days=days).party_id
            for name, days in (("Lumen Works", 10), ("Ketten AG", 30))
        ]
        chance = Random(4)  # A sample, not a secret.
        self.purchases = [self._purchase(chance, place) for place in range(ORDERS)]
        self.sales = [self._sale(chance, place) for place in range(ORDERS)]
        self.made = [
            Made(self.items[3], FIRST + timedelta(days=20 * place), Decimal(5 + place), COST)
            for place in range(3)
        ]
        self.needed = [Needed(self.items[0], date(2026, 2, 28), Decimal(7))]
        self.counted = {self.items[1]: Decimal(3), self.items[2]: Decimal(900)}

    def _purchase(self, chance: Random, place: int) -> Purchase:
        day = FIRST + timedelta(days=chance.randrange(120))
        lines, whole = [], True
        for _ in range(chance.randrange(1, 4)):
            quantity = Decimal(chance.randrange(2, 60))
            price = Decimal(chance.randrange(1_000, 99_999)) / 1_000
            rejected = Decimal(chance.choice((0, 0, 1)))
            came = quantity - rejected
            whole = whole and not rejected
            line = HistoricPurchaseLine(
                item_id=chance.choice(self.items),
                quantity=quantity,
                unit_price=price,
                net_amount=quantity * price,
                due_on=day,
                received_quantity=came,
                rejected_quantity=rejected,
                billed_quantity=came,
            )
            lines.append(line)
        net, taxed = _net(lines), place % 3 != 0
        return Purchase(
            external_id=str(place),
            supplier_id=chance.choice(self.suppliers),
            ordered_on=day,
            expected_on=day,
            received_on=day,
            net=net,
            tax=net.times(Decimal("0.08")) if taxed else Money(0, "EUR"),
            freight=net.times(Decimal("0.025")) if taxed else Money(0, "EUR"),
            lines=lines,
            state=PurchaseState.RECEIVED if whole else PurchaseState.PARTLY_RECEIVED,
        )

    def _sale(self, chance: Random, place: int) -> Sale:
        day = FIRST + timedelta(days=chance.randrange(120))
        lines, whole = [], True
        for _ in range(chance.randrange(1, 5)):
            quantity = Decimal(chance.randrange(1, 20))
            price = Decimal(chance.randrange(100, 999_999)) / 1_000
            left = quantity if chance.random() < 0.7 else quantity - chance.randrange(int(quantity))
            whole = whole and left == quantity
            discount = chance.choice((Decimal(0), Decimal("2.5")))
            line = HistoricSalesLine(
                item_id=chance.choice(self.items),
                quantity=quantity,
                unit_price=price,
                net_amount=quantity * price * (100 - discount) / 100,
                discount_percent=discount,
                delivered_quantity=left,
            )
            lines.append(line)
        net, taxed = _net(lines), place % 3 != 0
        return Sale(
            external_id=str(place),
            customer_id=chance.choice(self.customers),
            ordered_on=day,
            promised_on=day,
            delivered_on=day,
            net=net,
            tax=net.times(Decimal("0.0963")) if taxed else Money(0, "EUR"),
            freight=net.times(Decimal("0.025")) if taxed else Money(0, "EUR"),
            lines=lines,
            channel="reseller",
            reference=f"R{place}",
            state=SalesState.DELIVERED if whole else SalesState.PARTLY_DELIVERED,
        )


def _net(lines: list[Any]) -> Money:
    return Money.rounding(sum((line.net_amount for line in lines), Decimal(0)), "EUR")


def by_copy(engine: Engine) -> None:
    with unit_of_work(engine) as session:
        world = World(session)
        terms = Terms("elsewhere", MONEY, PAID_UNTIL, lambda *_: COST, TAX)
        carry_out(
            session,
            terms,
            purchases=record_purchase_history(session, "elsewhere", world.purchases).written,
            sales=record_sales_history(session, "elsewhere", world.sales).written,
            made=world.made,
            needed=world.needed,
            counted=world.counted,
        )


class ByServices:
    """Plays the same days through the services, one document after the other."""

    def __init__(
        self,
        engine: Engine,
        moved: dict[str, list[tuple[str, Decimal]]],
        converted: dict[date, int],
    ) -> None:
        self.engine, self.moved, self.converted = engine, moved, converted
        self.due: list[tuple[date, str]] = []
        with unit_of_work(engine) as session:
            self.world = World(session)
            # What a person would have ordered: nothing of it has come or gone.
            bought = record_purchase_history(
                session, "elsewhere", [_still_to_come(each) for each in self.world.purchases]
            )
            sold = record_sales_history(
                session, "elsewhere", [_still_to_go(each) for each in self.world.sales]
            )
            self.bought = [
                replace(written, order=order)
                for written, order in zip(bought.written, self.world.purchases, strict=True)
            ]
            self.sold = [
                replace(written, order=order)
                for written, order in zip(sold.written, self.world.sales, strict=True)
            ]

    def play(self) -> None:
        """Do what happened, day by day, in the order of a day."""
        agenda: list[tuple[date, int, int, Callable[[Session], None]]] = []
        for place, bought in enumerate(self.bought):
            agenda.append((bought.order.received_on, 1, place, self._receive(bought)))  # type: ignore[arg-type]
        for place, sold in enumerate(self.sold):
            agenda.append((sold.order.delivered_on, 3, place, self._deliver(sold)))  # type: ignore[arg-type]
        for origin in self.moved:
            kind, _, said = origin.partition(" ")
            if kind == "OPENING":
                agenda.append((date(2026, 1, 1), 0, 0, self._move(origin)))
            elif kind in {"PRODUCTION", "MATERIAL"}:
                rank = 2 if kind == "PRODUCTION" else 4
                agenda.append((date.fromisoformat(said), rank, 0, self._move(origin)))
        last = max(day for day, *_ in agenda)
        agenda += [(last, 6, 0, self._move(origin)) for origin in self.moved if "COUNT" in origin]
        agenda += [(day, 5, 0, self._convert(day)) for day in self.converted]
        for day, *_, do in sorted(agenda, key=lambda each: each[:3]):
            self._pay_until(day - timedelta(days=1))
            self._on(day, do)
        self._pay_until(PAID_UNTIL)

    def _on(self, day: date, do: Callable[[Session], None]) -> None:
        with clock.on_business_date(day), unit_of_work(self.engine) as session:
            session.info["today"] = day
            do(session)

    def _pay_until(self, day: date) -> None:
        while self.due and min(self.due)[0] <= min(day, PAID_UNTIL):
            first = min(self.due, key=lambda each: each[0])
            self.due.remove(first)
            self._on(first[0], lambda session, number=first[1]: _pay(session, number))  # type: ignore[misc]

    def _receive(self, written: Written[Purchase]) -> Callable[[Session], None]:
        def run(session: Session) -> None:
            came = {
                place: line.received_quantity
                for place, line in enumerate(written.order.lines, start=1)
                if line.received_quantity
            }
            rejected = {
                place: Rejected(line.rejected_quantity, line.rejected_because)
                for place, line in enumerate(written.order.lines, start=1)
                if line.rejected_quantity
            }
            purchasing.receive_order(session, written.number, quantities=came, rejected=rejected)
            order = purchasing.find_order(session, written.number)
            if written.order.tax.minor:
                bill = self._post(session, InvoiceKind.SUPPLIER_BILL, written, order)
                for line in order.lines:
                    line.billed_quantity = line.received_quantity
                session.add(_agreed(session, bill, order))
            else:
                bill = purchasing.bill_order(session, written.number)
            self.due.append((bill.due_on, bill.number))

        return run

    def _deliver(self, written: Written[Sale]) -> Callable[[Session], None]:
        def run(session: Session) -> None:
            left = {
                place: line.delivered_quantity
                for place, line in enumerate(written.order.lines, start=1)
                if line.delivered_quantity
            }
            sales.deliver_order(session, written.number, quantities=left)
            order = sales.find_order(session, written.number)
            if written.order.tax.minor:
                invoice = self._post(session, InvoiceKind.CUSTOMER_INVOICE, written, order)
                for line in order.lines:
                    line.invoiced_quantity = line.delivered_quantity
            else:
                invoice = sales.invoice_order(session, written.number)
            self.due.append((invoice.due_on, invoice.number))

        return run

    def _post(
        self, session: Session, kind: InvoiceKind, written: Written[Any], order: Any
    ) -> invoicing.Invoice:
        """Invoice an order with a tax and a freight of its own."""
        sale = kind is InvoiceKind.CUSTOMER_INVOICE
        items = {line.item_id: line.item for line in order.lines}
        [component] = tax.components_on(session, [TAX], company(session).today)[TAX]
        drafts = (invoice_lines if sale else bill_lines)(
            written, items, company(session), component
        )
        return invoicing.post_invoice(
            session,
            kind=kind,
            party=order.customer if sale else order.supplier,
            lines=drafts,
            origin=order.number,
            reference=order.reference if sale else None,
            channel=order.channel if sale else None,
        )

    def _move(self, origin: str) -> Callable[[Session], None]:
        def run(session: Session) -> None:
            goods = [
                (catalog.find_item(session, sku), quantity) for sku, quantity in self.moved[origin]
            ]
            kind, main = origin.split(maxsplit=1)[0], inventory.main_location(session)
            common: dict[str, Any] = {"location": main, "origin": origin}
            if kind in {"OPENING", "PRODUCTION"}:
                inventory.receive_goods(
                    session,
                    [
                        Incoming(item, quantity, Money.rounding(COST * quantity, "EUR"))
                        for item, quantity in goods
                    ],
                    against=OPENING_BALANCE if kind == "OPENING" else WORK_IN_PROGRESS,
                    memo=f"Opening stock: {main.name}"
                    if kind == "OPENING"
                    else "Production: elsewhere",
                    from_kind=LocationKind.SUPPLIER
                    if kind == "OPENING"
                    else LocationKind.PRODUCTION,
                    **common,
                )
                return
            used = kind == "MATERIAL"
            inventory.issue_goods(
                session,
                [Outgoing(item, quantity) for item, quantity in goods],
                memo="Material used: elsewhere" if used else f"Counted stock: {main.name}",
                to_kind=LocationKind.PRODUCTION if used else LocationKind.ADJUSTMENT,
                debit_to=WORK_IN_PROGRESS if used else INVENTORY_ADJUSTMENT,
                **common,
            )

        return run

    def _convert(self, day: date) -> Callable[[Session], None]:
        def run(session: Session) -> None:
            cost = Money(self.converted[day], "EUR")
            ledger.post_entry(
                session,
                [ledger.debit(WORK_IN_PROGRESS, cost), ledger.credit(MONEY, cost)],
                memo="Conversion cost: elsewhere",
                origin=f"CONVERSION {day}",
                journal=ledger.Journal.GENERAL,
            )

        return run


def _agreed(
    session: Session, bill: invoicing.Invoice, order: purchasing.PurchaseOrder
) -> purchasing.BillMatch:
    return purchasing.BillMatch(
        invoice_id=bill.id,
        order_id=order.id,
        state=purchasing.Match.MATCHED,
        expected_minor=bill.total_minor,
        difference_minor=0,
        held=False,
        booked_by=acting(session).actor.human,
    )


def _still_to_come(order: Purchase) -> Purchase:
    lines = [
        replace(
            line,
            received_quantity=Decimal(0),
            rejected_quantity=Decimal(0),
            billed_quantity=Decimal(0),
        )
        for line in order.lines
    ]
    return replace(order, lines=lines, received_on=None, state=PurchaseState.PLACED, live=True)


def _still_to_go(order: Sale) -> Sale:
    lines = [replace(line, delivered_quantity=Decimal(0)) for line in order.lines]
    return replace(order, lines=lines, delivered_on=None, state=SalesState.CONFIRMED, live=True)


def _pay(session: Session, number: str) -> None:
    invoice = invoicing.find_invoice(session, number)
    sale = invoice.kind is InvoiceKind.CUSTOMER_INVOICE
    total = Money(invoice.total_minor, invoice.currency)
    invoicing.post_payment(
        session,
        kind=PaymentKind.CUSTOMER_PAYMENT if sale else PaymentKind.SUPPLIER_PAYMENT,
        party=session.get_one(parties.Party, invoice.party_id),
        amount=total,
        settle=[(number, total)],
        account=MONEY,
    )


def moved_goods(engine: Engine) -> dict[str, list[tuple[str, Decimal]]]:
    """Return what moved without a document of trade: by origin, items and quantities."""
    moved: dict[str, list[tuple[str, Decimal]]] = {}
    with reading(engine) as session:
        wanted = select(StockMove.origin, catalog.Item.sku, StockMove.quantity)
        wanted = wanted.join(catalog.Item, catalog.Item.id == StockMove.item_id)
        for origin, sku, quantity in session.execute(wanted.order_by(StockMove.id)):
            if " " in origin:
                moved.setdefault(origin, []).append((sku, quantity))
    return moved


def converted_costs(engine: Engine) -> dict[date, int]:
    """Return what production cost beyond material, by the day that it was booked."""
    wanted = (
        select(JournalEntry.posted_on, Posting.amount_minor)
        .join(Posting, Posting.entry_id == JournalEntry.id)
        .where(JournalEntry.origin.startswith("CONVERSION"), Posting.side == Side.DEBIT)
    )
    with reading(engine) as session:
        return dict(_pairs(session, wanted))  # type: ignore[arg-type]


def all_rows(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table, with names for ids."""
    tables = [each for each in Table.metadata.sorted_tables if each.name not in NOT_COMPARED]
    with reading(engine) as session:
        names = _names(session, tables)
        found = {}
        for table in tables:
            columns = [each for each in table.columns if each.name not in LEFT_OUT]
            rows: Any = session.execute(select(*columns)) if columns else []
            found[table.name] = sorted(
                (tuple(names.get(value, value) for value in row) for row in rows), key=repr
            )
    return found


def _names(session: Session, tables: list[Any]) -> dict[object, object]:
    names: dict[object, object] = {}
    for table in tables:
        for key in ("number", "sku", "code", "login"):
            if "id" in table.columns and key in table.columns:
                names.update(_pairs(session, select(table.c.id, table.c[key])))
                break
    for lines, whole in (("sales_order_line", "order_id"), ("purchase_order_line", "order_id")):
        table = Table.metadata.tables[lines]
        for line_id, order_id, place in session.execute(
            select(table.c.id, table.c[whole], table.c.position)
        ):
            names[line_id] = (names[order_id], place)
    components = Table.metadata.tables["tax_component"]
    names.update(_pairs(session, select(components.c.id, components.c.code)))
    return names


def _pairs(session: Session, wanted: Select[Any]) -> dict[object, object]:
    return {first: second for first, second in session.execute(wanted)}  # noqa: C416  # Rows.


@pytest.fixture(scope="module")
def both(databases: Callable[[str], Engine]) -> tuple[Engine, Engine]:
    """The same history in two databases: by COPY, and through the services."""
    copied, played = databases("founded"), databases("founded")
    by_copy(copied)
    ByServices(played, moved_goods(copied), converted_costs(copied)).play()
    return copied, played


def test_rows_are_those_of_the_services(both: tuple[Engine, Engine]) -> None:
    copied, played = (all_rows(engine) for engine in both)

    assert len(copied["stock_move"]) > 60
    assert {origin.split()[0] for *_, origin in copied["stock_move"] if " " in str(origin)} == {  # type: ignore[attr-defined]
        *("OPENING", "PRODUCTION", "MATERIAL", "COUNT"),
    }
    # 5 + 6 were made at 7.77 in January, of nothing that is known; those of February took material.
    assert converted_costs(both[0]) == {date(2026, 1, 31): 8_547}
    for table in copied:
        assert copied[table] == played[table], table


def test_both_books_are_clean(both: tuple[Engine, Engine]) -> None:
    for engine in both:
        with reading(engine) as session:
            assert compliance.verify(session) == []


def test_it_is_the_same_stock_and_the_same_balance_sheet(both: tuple[Engine, Engine]) -> None:
    def told(engine: Engine) -> tuple[object, ...]:
        with reading(engine) as session:
            balances = {row.code: row.debit - row.credit for row in ledger.trial_balance(session)}
            levels = session.execute(
                select(catalog.Item.sku, Location.code, inventory.StockLevel.on_hand)
                .join(catalog.Item, catalog.Item.id == inventory.StockLevel.item_id)
                .join(Location, Location.id == inventory.StockLevel.location_id)
                .order_by(catalog.Item.sku)
            )
            return balances, [tuple(row) for row in levels]

    copied, played = (told(engine) for engine in both)

    assert copied == played


def test_an_entry_that_was_brought_and_is_changed_behind_our_back_is_found(
    databases: Callable[[str], Engine],
) -> None:
    engine = databases("founded")
    by_copy(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE journal_entry DISABLE TRIGGER append_only")
        connection.exec_driver_sql(
            "UPDATE journal_entry SET memo = 'forged' WHERE number = 'JE-00007'"
        )

    with reading(engine) as session:
        [finding] = compliance.verify(session)

    assert finding.subject.startswith("JE-00001 … JE-")
    assert finding.problem == "one of them is not what was brought"
