"""Order to cash in hand-written SQL: the same facts as the services write, and nothing else.

It is the yardstick of the services. It reads what it must, locks what it must, and writes every
row that they write, the change log and the sealed audit trail included; `verify` finds no fault in
what it leaves behind. It explains nothing, refuses nothing, and knows one kind of order.
"""

import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import Engine

from core.kernel import clock
from core.kernel.audit import body_of
from core.kernel.audit_seal import Seal
from core.kernel.identifiers import new_id
from core.kernel.identity.acting import SYSTEM

CENTS = Decimal(100)
PAYMENT_DAYS, PROMISED_DAYS, TAX_CODE, TAX_PERCENT = 30, 7, "DE19", Decimal(19)
# A fact as it stands in the change log: its name, and what it says.
Told = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Line:
    """A line of an order on its way to the money."""

    id: uuid.UUID
    item: uuid.UUID
    name: str
    quantity: Decimal
    price: Decimal

    @property
    def net(self) -> int:
        """The line's amount in cents."""
        return _cents(self.quantity * self.price * CENTS)

    @property
    def tax(self) -> int:
        """The line's tax in cents."""
        return _cents(Decimal(self.net) * TAX_PERCENT / 100)


class ByHand:
    """A connection of one's own, and the few things that a program would keep in memory."""

    def __init__(self, engine: Engine, *, today: date) -> None:
        self.seal: Seal = engine.get_execution_options()["audit_seal"]
        self.database = engine.url.database or ""
        self.today = today
        url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self.connection = psycopg.connect(url, autocommit=True)
        self.accounts = {
            role: (ours, f"{code} {name}")
            for role, ours, code, name in self.connection.execute(
                "SELECT role, id, code, name FROM account WHERE role IS NOT NULL"
            )
        }
        components = "SELECT id FROM tax_component WHERE code = %s"
        self.taxes: list[tuple[uuid.UUID]] = self.connection.execute(
            components, (TAX_CODE,)
        ).fetchall()
        self.places: dict[str, uuid.UUID] = dict(
            self.connection.execute(
                "SELECT code, id FROM location WHERE code IN ('MAIN', 'CUSTOMERS')"
            ).fetchall()
        )

    def close(self) -> None:
        """Leave the database."""
        self.connection.close()

    def order_to_cash(
        self, customer: str, wanted: Sequence[tuple[str, Decimal]], told: dict[str, list[Told]]
    ) -> None:
        """Confirm, deliver, invoice and take the money of one order, in four transactions.

        `told` holds what the services said in each step of such an order.
        """
        order, party, name, lines = self._confirm(customer, wanted, told["confirm"])
        self._deliver(order, name, lines, told["deliver"])
        invoice, total = self._invoice(order, party, name, lines, told["invoice"])
        self._pay(invoice, party, name, total, told["pay"])

    def _confirm(
        self, customer: str, wanted: Sequence[tuple[str, Decimal]], told: list[Told]
    ) -> tuple[str, uuid.UUID, str, list[Line]]:
        with self._transaction() as run:
            party, name, limit = run(
                "SELECT party_id, name, credit_limit_minor FROM customer"
                " JOIN party ON party.id = party_id WHERE number = %s"
                " FOR NO KEY UPDATE OF customer",
                (customer,),
            ).fetchone()
            prices = {
                sku: (item, called, price)
                for sku, item, called, price in run(
                    "SELECT DISTINCT ON (sku) sku, item.id, item.name, unit_price FROM item"
                    " JOIN price ON price.item_id = item.id"
                    " JOIN price_list AS list ON list.id = price_list_id"
                    " AND list.code = 'STANDARD'"
                    " WHERE sku = ANY(%s) AND valid_from <= %s ORDER BY sku, valid_from DESC",
                    ([sku for sku, _ in wanted], self.today),
                )
            }
            lines = [Line(new_id(), *prices[sku][:2], each, prices[sku][2]) for sku, each in wanted]
            net, tax = sum(line.net for line in lines), sum(line.tax for line in lines)
            owed = run(
                "SELECT coalesce(sum(open_base_minor), 0) FROM invoice"
                " WHERE party_id = %s AND open_minor > 0",
                (party,),
            ).fetchone()[0]
            assert limit is None or owed + net + tax <= limit, "within the credit limit"
            self._lock_shelves(run, lines)
            number, order, at = self._next(run, "SO"), new_id(), clock.now()
            run(
                "INSERT INTO sales_order (id, created_at, number, customer_id, state, ordered_on,"
                " promised_on, currency, net_minor, tax_minor, freight_minor, total_minor, channel,"
                " imported)"
                " VALUES (%s, %s, %s, %s, 'confirmed', %s, %s, 'EUR', %s, %s, 0, %s, 'direct',"
                " false)",
                (
                    *(order, at, number, party, self.today),
                    *(self.today + timedelta(days=PROMISED_DAYS), net, tax, net + tax),
                ),
            )
            run.many(
                "INSERT INTO sales_order_line (id, created_at, order_id, position, item_id,"
                " quantity, list_price, unit_price, discount_percent, net_amount, tax_code,"
                " delivered_quantity, invoiced_quantity)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 0, %s, %s, 0, 0)",
                [
                    (
                        *(line.id, at, order, place, line.item, line.quantity),
                        *(line.price, line.price, line.quantity * line.price, TAX_CODE),
                    )
                    for place, line in enumerate(lines, start=1)
                ],
            )
            run.many(
                "UPDATE stock_level SET reserved = reserved + %s"
                " WHERE item_id = %s AND location_id = %s",
                [(line.quantity, line.item, self.places["MAIN"]) for line in lines],
            )
            run.many(
                "INSERT INTO reservation (id, created_at, item_id, location_id, quantity, line_id,"
                " origin, state) VALUES (%s, %s, %s, %s, %s, %s, %s, 'active')",
                [
                    (new_id(), at, line.item, self.places["MAIN"], line.quantity, line.id, number)
                    for line in lines
                ],
            )
            self._tell(run, told, {"number": number, "origin": number})
        return number, party, name, lines

    def _deliver(self, order: str, name: str, lines: list[Line], told: list[Told]) -> None:
        with self._transaction() as run:
            order_id = run(
                "SELECT id FROM sales_order WHERE number = %s FOR NO KEY UPDATE", (order,)
            ).fetchone()[0]
            values = self._lock_shelves(run, lines)
            run("SELECT id FROM reservation WHERE line_id = ANY(%s)", ([x.id for x in lines],))
            number, delivery, at = self._next(run, "DN"), new_id(), clock.now()
            costs = {
                line.id: _cents(values[line.item][1] * line.quantity / values[line.item][0])
                for line in lines
            }
            run(
                "UPDATE reservation SET state = 'consumed' WHERE line_id = ANY(%s)",
                ([line.id for line in lines],),
            )
            run.many(
                "UPDATE stock_level SET on_hand = on_hand - %s, reserved = reserved - %s"
                " WHERE item_id = %s AND location_id = %s",
                [(x.quantity, x.quantity, x.item, self.places["MAIN"]) for x in lines],
            )
            run.many(
                "UPDATE stock_value SET quantity = quantity - %s, value_minor = value_minor - %s,"
                " last_moved_on = %s WHERE item_id = %s",
                [(line.quantity, costs[line.id], self.today, line.item) for line in lines],
            )
            run.many(
                "INSERT INTO stock_move (id, created_at, item_id, from_location_id,"
                " to_location_id, quantity, value_minor, moved_on, booked_on, against, origin)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 'cost_of_goods_sold', %s)",
                [
                    (
                        *(new_id(), at, line.item, self.places["MAIN"], self.places["CUSTOMERS"]),
                        *(line.quantity, costs[line.id], self.today, self.today, number),
                    )
                    for line in lines
                ],
            )
            entry = self._post(
                run,
                [
                    ("cost_of_goods_sold", "debit", sum(costs.values()), None, ""),
                    ("inventory", "credit", sum(costs.values()), None, ""),
                ],
                memo=f"{order} {name}",
                origin=number,
                journal="stock",
            )
            run(
                "INSERT INTO delivery (id, created_at, number, order_id, delivered_on)"
                " VALUES (%s, %s, %s, %s, %s)",
                (delivery, at, number, order_id, self.today),
            )
            run.many(
                "INSERT INTO delivery_line (id, created_at, delivery_id, order_line_id, quantity,"
                " cost_minor) VALUES (%s, %s, %s, %s, %s, %s)",
                [(new_id(), at, delivery, x.id, x.quantity, costs[x.id]) for x in lines],
            )
            run(
                "UPDATE sales_order_line SET delivered_quantity = quantity WHERE order_id = %s",
                (order_id,),
            )
            run("UPDATE sales_order SET state = 'delivered' WHERE id = %s", (order_id,))
            said = {"number": order, "delivery": number, "origin": number}
            self._tell(run, told, said, entry)

    def _invoice(
        self, order: str, party: uuid.UUID, name: str, lines: list[Line], told: list[Told]
    ) -> tuple[str, int]:
        with self._transaction() as run:
            order_id, territory, seller = run(
                "SELECT sales_order.id, customer.territory_id, customer.salesperson_id"
                " FROM sales_order JOIN customer ON party_id = customer_id"
                " WHERE number = %s FOR NO KEY UPDATE OF sales_order",
                (order,),
            ).fetchone()
            run(
                "SELECT item_id, delivered_quantity, invoiced_quantity FROM sales_order_line"
                " WHERE order_id = %s",
                (order_id,),
            )
            run(
                "UPDATE sales_order_line SET invoiced_quantity = quantity WHERE order_id = %s",
                (order_id,),
            )
            net, tax = sum(line.net for line in lines), sum(line.tax for line in lines)
            number, invoice, at = self._next(run, "INV"), new_id(), clock.now()
            entry = self._post(
                run,
                [
                    ("receivable", "debit", net + tax, party, name),
                    ("revenue", "credit", net, None, ""),
                    ("tax_output", "credit", tax, None, ""),
                ],
                memo=f"{number} {name}",
                origin=number,
                journal="sales",
            )
            run(
                "INSERT INTO invoice (id, created_at, number, kind, party_id, posted_on, due_on,"
                " currency, net_minor, tax_minor, total_minor, discount_minor, tax_on_payment,"
                " base_total_minor, open_minor, open_base_minor,"
                " origin, state, entry_id, territory_id, salesperson_id, channel)"
                " VALUES (%s, %s, %s, 'customer_invoice', %s, %s, %s, 'EUR', %s, %s, %s, 0, false,"
                " %s, %s, %s, %s, 'posted', %s, %s, %s, 'direct')",
                (
                    *(invoice, at, number, party, self.today),
                    self.today + timedelta(days=PAYMENT_DAYS),
                    *(net, tax, net + tax, net + tax, net + tax, net + tax),
                    *(order, entry.id, territory, seller),
                ),
            )
            run.many(
                "INSERT INTO invoice_line (id, created_at, invoice_id, position, item_id,"
                " description, quantity, unit_price, discount_percent, discount_minor,"
                " net_minor, tax_code, tax_minor, account_id, order_line_id)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 0, 0, %s, %s, %s, %s, %s)",
                [
                    (
                        *(new_id(), at, invoice, place, line.item, line.name, line.quantity),
                        *(line.price, line.net, TAX_CODE, line.tax),
                        *(self.accounts["revenue"][0], line.id),
                    )
                    for place, line in enumerate(lines, start=1)
                ],
            )
            run.many(
                "INSERT INTO tax_line (id, created_at, entry_id, posted_on, kind, document, line,"
                " component_id, use, account_id, side, exigible, currency, taxable_minor,"
                " tax_minor, base_taxable_minor, base_tax_minor)"
                " VALUES (%s, %s, %s, %s, 'charged', %s, %s, %s, 'output', %s, 'credit', true,"
                " 'EUR', %s, %s, %s, %s)",
                [
                    (
                        *(new_id(), at, entry.id, self.today, number, place),
                        *self.taxes[0],
                        self.accounts["tax_output"][0],
                        *(line.net, line.tax, line.net, line.tax),
                    )
                    for place, line in enumerate(lines, start=1)
                ],
            )
            self._tell(run, told, {"number": number, "invoice": number, "origin": order}, entry)
        return number, net + tax

    def _pay(self, invoice: str, party: uuid.UUID, name: str, total: int, told: list[Told]) -> None:
        with self._transaction() as run:
            [invoice_id] = run(
                "SELECT id FROM invoice WHERE number = %s FOR NO KEY UPDATE", (invoice,)
            ).fetchone()
            number, payment, at = self._next(run, "RCT"), new_id(), clock.now()
            entry = self._post(
                run,
                [
                    ("bank", "debit", total, None, ""),
                    ("receivable", "credit", total, party, name),
                ],
                memo=f"{number} {name}",
                origin=number,
                journal="bank",
            )
            run(
                "INSERT INTO payment (id, created_at, number, kind, party_id, paid_on, currency,"
                " amount_minor, base_amount_minor, open_minor, open_base_minor, fee_minor, state,"
                " entry_id) VALUES (%s, %s, %s, 'customer_payment', %s, %s, 'EUR', %s, %s, 0, 0,"
                " 0, 'posted', %s)",
                (payment, at, number, party, self.today, total, total, entry.id),
            )
            run(
                "INSERT INTO settlement (id, created_at, invoice_id, payment_id, amount_minor,"
                " base_minor, source_minor, source_base_minor, settled_on)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                (new_id(), at, invoice_id, payment, *[total] * 4, self.today),
            )
            run(
                "UPDATE invoice SET open_minor = open_minor - %s,"
                " open_base_minor = open_base_minor - %s WHERE id = %s",
                (total, total, invoice_id),
            )
            self._tell(run, told, {"number": number, "origin": number}, entry)

    # What the steps share.

    @contextmanager
    def _transaction(self) -> Iterator["_Run"]:
        with self.connection.transaction(), self.connection.cursor() as cursor:
            run = _Run(cursor)
            yield run
        if run.anchor is not None:
            self.seal.anchor(self.database, *run.anchor)

    def _next(self, run: "_Run", series: str) -> str:
        [last] = run(
            "UPDATE number_series SET last = last + 1 WHERE series = %s RETURNING last", (series,)
        ).fetchone()
        return f"{series}-{last:05d}"

    def _lock_shelves(
        self, run: "_Run", lines: Sequence[Line]
    ) -> dict[uuid.UUID, tuple[Decimal, int]]:
        found = run(
            "SELECT item_id, quantity, value_minor FROM stock_value WHERE item_id = ANY(%s)"
            " ORDER BY item_id FOR NO KEY UPDATE",
            ([line.item for line in lines],),
        )
        return {item: (quantity, value) for item, quantity, value in found}

    def _post(
        self,
        run: "_Run",
        lines: Sequence[tuple[str, str, int, uuid.UUID | None, str]],
        *,
        memo: str,
        origin: str,
        journal: str,
    ) -> "_Entry":
        entry, number, at = new_id(), self._next(run, "JE"), clock.now()
        run(
            "INSERT INTO journal_entry (id, created_at, number, journal, posted_on, memo, origin)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (entry, at, number, journal, self.today, memo, origin),
        )
        run.many(
            "INSERT INTO posting (id, created_at, entry_id, posted_on, position, account_id, side,"
            " amount_minor, currency, base_minor, party_id)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 'EUR', %s, %s)",
            [
                (
                    *(new_id(), at, entry, self.today, place, self.accounts[role][0], side),
                    *(amount, amount, party),
                )
                for place, (role, side, amount, party, _) in enumerate(lines, start=1)
            ],
        )
        said = {
            "number": number,
            "posted_on": self.today.isoformat(),
            "memo": memo,
            "origin": origin,
            "lines": [
                {
                    "account": self.accounts[role][1],
                    "side": side,
                    "amount": {"minor": amount, "currency": "EUR"},
                    "party": name,
                    "dimensions": {},
                }
                for role, side, amount, _, name in lines
            ],
            "by_hand": False,
            "reverses": "",
        }
        return _Entry(entry, said)

    def _tell(
        self,
        run: "_Run",
        told: list[Told],
        said: dict[str, str],
        entry: "_Entry | None" = None,
    ) -> None:
        """Write the facts into the change log, and seal them in the audit trail."""
        at = clock.now()
        facts = [
            (name, entry.said)
            if name == "ledger.entry_posted" and entry is not None
            else (name, {**fact, **{key: said[key] for key in said if key in fact}})
            for name, fact in told
        ]
        if facts[-1][0] == "sales.order_invoiced":
            facts[-1][1]["number"] = said["origin"]
        sequences = [
            run(
                "INSERT INTO change_event (name, facts, occurred_at) VALUES (%s, %s, %s)"
                " RETURNING sequence",
                (name, Jsonb(fact), at),
            ).fetchone()[0]
            for name, fact in facts
        ]
        chain, last, newest = run(
            "SELECT chain, sequence, hash FROM audit_head FOR UPDATE"
        ).fetchone()
        who, records = SYSTEM.to_json(), []
        for sequence, (name, fact) in zip(sequences, facts, strict=True):
            last += 1
            # What is sealed is what the database will give back.
            stored = json.loads(json.dumps(fact))
            body = body_of(last, sequence, name, stored, at, who)
            newest = self.seal.link(newest, body)
            records.append((last, sequence, at, name, SYSTEM.name, body, newest))
        run.many(
            "INSERT INTO audit_record (sequence, event_sequence, at, name, person, body, hash)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            records,
        )
        run("UPDATE audit_head SET sequence = %s, hash = %s", (last, newest))
        run.anchor = (str(chain), last, newest)


@dataclass(frozen=True)
class _Entry:
    id: uuid.UUID
    said: dict[str, Any]


class _Run:
    """A cursor in a transaction; every statement is prepared, lists go in one trip."""

    def __init__(self, cursor: psycopg.Cursor[Any]) -> None:
        self.cursor = cursor
        self.anchor: tuple[str, int, str] | None = None
        self.many: Callable[..., None] = cursor.executemany

    def __call__(self, sql: str, values: Sequence[Any] = ()) -> Any:  # noqa: ANN401
        return self.cursor.execute(sql, values, prepare=True)


def _cents(exact: Decimal) -> int:
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))
