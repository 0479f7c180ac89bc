"""Trade in hand-written SQL: what its roads share; `selling` and `buying` are the roads.

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
TAX_CODE, TAX_PERCENT = "DE19", Decimal(19)
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
        return cents(self.quantity * self.price * CENTS)

    @property
    def tax(self) -> int:
        """The line's tax in cents."""
        return cents(Decimal(self.net) * TAX_PERCENT / 100)


@dataclass(frozen=True)
class Document:
    """What stands at the head of an invoice or a bill."""

    kind: str
    number: str
    party: uuid.UUID
    origin: str
    payment_days: int


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
        components = "SELECT id FROM tax_component WHERE code = %s AND valid_until IS NULL"
        [self.tax] = self.connection.execute(components, (TAX_CODE,)).fetchall()
        self.places: dict[str, uuid.UUID] = dict(
            self.connection.execute(
                "SELECT code, id FROM location WHERE code IN ('MAIN', 'CUSTOMERS', 'SUPPLIERS')"
            ).fetchall()
        )

    def close(self) -> None:
        """Leave the database."""
        self.connection.close()

    # What the steps share.

    @contextmanager
    def transaction(self) -> Iterator["Run"]:
        """Run the statements of one step; anchor the trail once they are committed."""
        with self.connection.transaction(), self.connection.cursor() as cursor:
            run = Run(cursor)
            yield run
        if run.anchor is not None:
            self.seal.anchor(self.database, *run.anchor)

    def next(self, run: "Run", series: str) -> str:
        """Return the next number of a series."""
        [last] = run(
            "UPDATE number_series SET last = last + 1 WHERE series = %s RETURNING last", (series,)
        ).fetchone()
        return f"{series}-{last:05d}"

    def lock_shelves(
        self, run: "Run", lines: Sequence[Line]
    ) -> dict[uuid.UUID, tuple[Decimal, int]]:
        """Lock the items of some lines in their order; return what there is, and its worth."""
        found = run(
            "SELECT item_id, quantity, value_minor FROM stock_value WHERE item_id = ANY(%s)"
            " ORDER BY item_id FOR NO KEY UPDATE",
            ([line.item for line in lines],),
        )
        return {item: (quantity, value) for item, quantity, value in found}

    def post(
        self,
        run: "Run",
        lines: Sequence[tuple[str, str, int, uuid.UUID | None, str]],
        *,
        memo: str,
        origin: str,
        journal: str,
    ) -> "Entry":
        """Write a journal entry with its lines."""
        entry, number, at = new_id(), self.next(run, "JE"), clock.now()
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
        return Entry(entry, said)

    def write_document(
        self,
        run: "Run",
        header: "Document",
        lines: Sequence[Line],
        entry: "Entry",
        *,
        account: str,
        where: tuple[uuid.UUID | None, uuid.UUID | None, str | None] = (None, None, None),
    ) -> uuid.UUID:
        """Write an invoice or a bill with its lines and its tax."""
        document, at = new_id(), clock.now()
        net, tax = sum(line.net for line in lines), sum(line.tax for line in lines)
        sale = header.kind == "customer_invoice"
        use, side = ("output", "credit") if sale else ("input", "debit")
        run(
            "INSERT INTO invoice (id, created_at, number, kind, party_id, posted_on, due_on,"
            " currency, net_minor, tax_minor, total_minor, discount_minor, tax_on_payment,"
            " base_total_minor, open_minor, open_base_minor,"
            " origin, state, entry_id, by_hand, territory_id, salesperson_id, channel)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, 'EUR', %s, %s, %s, 0, false,"
            " %s, %s, %s, %s, 'posted', %s, false, %s, %s, %s)",
            (
                *(document, at, header.number, header.kind, header.party, self.today),
                self.today + timedelta(days=header.payment_days),
                *(net, tax, net + tax, net + tax, net + tax, net + tax),
                *(header.origin, entry.id, *where),
            ),
        )
        run.many(
            "INSERT INTO invoice_line (id, created_at, invoice_id, position, item_id,"
            " description, quantity, unit_price, discount_percent, discount_minor,"
            " net_minor, tax_code, tax_minor, account_id, order_line_id)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 0, 0, %s, %s, %s, %s, %s)",
            [
                (
                    *(new_id(), at, document, place, line.item, line.name, line.quantity),
                    *(line.price, line.net, TAX_CODE, line.tax),
                    *(self.accounts[account][0], line.id),
                )
                for place, line in enumerate(lines, start=1)
            ],
        )
        run.many(
            "INSERT INTO tax_line (id, created_at, entry_id, posted_on, kind, document, line,"
            " component_id, use, account_id, side, exigible, currency, taxable_minor,"
            " tax_minor, base_taxable_minor, base_tax_minor)"
            " VALUES (%s, %s, %s, %s, 'charged', %s, %s, %s, %s, %s, %s, true,"
            " 'EUR', %s, %s, %s, %s)",
            [
                (
                    *(new_id(), at, entry.id, self.today, header.number, place, *self.tax),
                    *(use, self.accounts[f"tax_{use}"][0], side),
                    *(line.net, line.tax, line.net, line.tax),
                )
                for place, line in enumerate(lines, start=1)
            ],
        )
        return document

    def pay(
        self,
        document: str,
        party: uuid.UUID,
        name: str,
        total: int,
        told: list[Told],
        *,
        sale: bool = True,
    ) -> None:
        """Let money settle an invoice, or a bill, in whole."""
        owed, series = ("receivable", "RCT") if sale else ("payable", "PAY")
        kind = "customer_payment" if sale else "supplier_payment"
        with self.transaction() as run:
            [document_id] = run(
                "SELECT id FROM invoice WHERE number = %s FOR NO KEY UPDATE", (document,)
            ).fetchone()
            number, payment, at = self.next(run, series), new_id(), clock.now()
            into, out_of = ("debit", "credit") if sale else ("credit", "debit")
            sides = [("bank", into, total, None, ""), (owed, out_of, total, party, name)]
            entry = self.post(
                run,
                sides if sale else sides[::-1],
                memo=f"{number} {name}",
                origin=number,
                journal="bank",
            )
            run(
                "INSERT INTO payment (id, created_at, number, kind, party_id, paid_on, currency,"
                " amount_minor, base_amount_minor, open_minor, open_base_minor, fee_minor, state,"
                " entry_id) VALUES (%s, %s, %s, %s, %s, %s, 'EUR', %s, %s, 0, 0, 0, 'posted', %s)",
                (payment, at, number, kind, party, self.today, total, total, entry.id),
            )
            run(
                "INSERT INTO settlement (id, created_at, invoice_id, payment_id, amount_minor,"
                " base_minor, source_minor, source_base_minor, settled_on)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                (new_id(), at, document_id, payment, *[total] * 4, self.today),
            )
            run(
                "UPDATE invoice SET open_minor = open_minor - %s,"
                " open_base_minor = open_base_minor - %s WHERE id = %s",
                (total, total, document_id),
            )
            self.tell(run, told, {"number": number, "origin": number}, entry)

    def tell(
        self,
        run: "Run",
        told: list[Told],
        said: dict[str, str],
        entry: "Entry | None" = None,
    ) -> None:
        """Write the facts into the change log, and seal them in the audit trail."""
        at = clock.now()
        facts = [
            (name, entry.said)
            if name == "ledger.entry_posted" and entry is not None
            else (name, {**fact, **{key: said[key] for key in said if key in fact}})
            for name, fact in told
        ]
        if facts[-1][0] in {"sales.order_invoiced", "purchasing.order_billed"}:
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
class Entry:
    """An entry that was written, and what the change log says of it."""

    id: uuid.UUID
    said: dict[str, Any]


class Run:
    """A cursor in a transaction; every statement is prepared, lists go in one trip."""

    def __init__(self, cursor: psycopg.Cursor[Any]) -> None:
        self.cursor = cursor
        self.anchor: tuple[str, int, str] | None = None
        self.many: Callable[..., None] = cursor.executemany

    def __call__(self, sql: str, values: Sequence[Any] = ()) -> Any:  # noqa: ANN401
        """Run one statement."""
        return self.cursor.execute(sql, values, prepare=True)


def cents(exact: Decimal) -> int:
    """Round to a whole cent."""
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))
