"""What every step of the import shares: the files, what is known already, and how far it is."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from channels.imports.adventureworks import rows
from channels.imports.adventureworks.source import Source
from channels.imports.report import FileReport, Progress, Reason
from channels.imports.sheets import Sheet
from core.catalog.tables import Item
from core.kernel import clock, events, references
from core.kernel.bulk import copy_rows
from core.kernel.identifiers import new_id
from core.kernel.numbering import next_numbers
from core.parties.tables import Party, PartyKind
from core.processes.history import (
    HistoricPurchaseOrder,
    HistoricSalesOrder,
    HistoryRecorded,
    Made,
    Needed,
    Written,
)

SOURCE = "adventureworks"
CURRENCY = "USD"
# The source knows no payments: so what was paid came from and went to money of its own, of which
# nothing more is known.
MONEY = "1240"
BUSINESS_DATE = date(2014, 6, 30)
MAIN_OFFICE, HOME = 3, 2
# What goods and what money do: what the bar has still to go through once an order is written.
STEPS_OF_AN_ORDER = 2
OF_NOBODY: Reason = (
    "about somebody who is neither customer, supplier nor employee, or a second address",
    "与客户、供应商、员工无关，或为第二地址",
)

V = TypeVar("V")


class Course:
    """How a figure of a product went through time."""

    def __init__(self, spans: Iterable[tuple[int, date, date | None, Decimal]]) -> None:
        self.spans: dict[int, list[tuple[date, date, Decimal]]] = defaultdict(list)
        for product, start, end, value in spans:
            self.spans[product].append((start, end or date.max, value))

    def on(self, product: int, day: date, otherwise: Decimal) -> Decimal:
        """Return the figure of that day, or another one where none is known."""
        for start, end, value in self.spans.get(product, ()):
            if start <= day <= end:
                return value
        return otherwise

    def began(self, product: int) -> date:
        """Return the day from which on something is known."""
        return min((start for start, *_ in self.spans.get(product, ())), default=date.min)


class Run:
    """One run of the import: what is known, what is new, and how far it is."""

    def __init__(self, session: Session, source: Source, progress: Progress) -> None:
        self.session, self.source, self.progress = session, source, progress
        self.files = {
            sheet.name: FileReport(sheet.file, sheet.read_count, broken=len(sheet.faults))
            for sheet in source.sheets()
        }
        # Orders are written, and then carried out: delivered, invoiced, paid.
        orders = len(source.purchase_orders) + len(source.sales_orders)
        self.done = 0
        self.total = sum(len(sheet) for sheet in source.sheets()) + orders * STEPS_OF_AN_ORDER
        self.people = {row.business_entity_id: row for row in source.persons}
        self.emails = {row.business_entity_id: row.email_address for row in source.emails}
        self.phones = {row.business_entity_id: row.phone_number for row in source.phones}
        self.addresses = self._addresses()
        self.parties_described: set[int] = set()
        # Their key -> our record, filled step by step.
        self.territories: dict[int, uuid.UUID] = {}
        self.employees: dict[int, uuid.UUID] = {}
        self.vendors: dict[int, uuid.UUID] = {}
        self.customers: dict[int, uuid.UUID] = {}
        self.items: dict[int, Item] = {}
        self.new_items: set[int] = set()
        # What is new and still to be carried out, and what lies in the main warehouse in the end.
        self.sold: Sequence[Written[HistoricSalesOrder]] = ()
        self.bought: Sequence[Written[HistoricPurchaseOrder]] = ()
        self.counted: dict[uuid.UUID, Decimal] = {}
        # What work orders brought, and what they should have used.
        self.made: list[Made] = []
        self.needed: list[Needed] = []
        self.costs = Course(
            (row.product_id, row.start_date, row.end_date, row.standard_cost)
            for row in source.costs
        )

    @cached_property
    def opened_on(self) -> date:
        """The day from which on the books are kept: the first of the year of the first document."""
        days = [
            *(row.order_date for row in self.source.purchase_orders),
            *(row.order_date for row in self.source.sales_orders),
            *(row.start_date for row in self.source.work_orders),
        ]
        return min(days, default=BUSINESS_DATE).replace(month=1, day=1)

    def cost_on(self, product: int, day: date) -> Decimal:
        """Return what a product cost on a day: before that is known what it cost first.

        Where nothing is known it is what it costs now.
        """
        known = max(day, self.costs.began(product))
        return self.costs.on(product, known, self.items[product].standard_cost)

    def person(self, entity: int) -> dict[str, Any]:
        """Describe somebody as a party."""
        return self.party(entity, self.people[entity].name, PartyKind.PERSON, contact=entity)

    def party(
        self, entity: int, name: str, kind: PartyKind, *, contact: int | None
    ) -> dict[str, Any]:
        """Describe a party: its own address, and how its contact is reached."""
        self.parties_described.add(entity)
        if contact is not None:
            self.parties_described.add(contact)
        country, city, street = self.addresses.get(entity, (None, None, None))
        return {
            "kind": kind.value,
            "name": name,
            "email": self.emails.get(contact) if contact is not None else None,
            "phone": self.phones.get(contact) if contact is not None else None,
            "country": country,
            "city": city,
            "address": street,
        }

    def write_parties(
        self, series: str, described: Mapping[int, dict[str, Any]]
    ) -> dict[int, uuid.UUID]:
        """Write parties in bulk, and one fact for all of them; return their ids by key."""
        if not described:
            return {}
        numbers = next_numbers(self.session, series, len(described))
        ids = {key: new_id() for key in described}
        names = ("kind", "name", "email", "phone", "country", "city", "address")
        at = clock.now()
        copy_rows(
            self.session,
            Party,
            ("id", "created_at", "number", *names, "language", "blocked"),
            (
                (ids[key], at, number, *(each[name] for name in names), "en", False)
                for number, (key, each) in zip(numbers, described.items(), strict=True)
            ),
        )
        kinds = {"C": "customer", "S": "supplier", "P": "party"}
        self.record(kinds[series], numbers)
        return ids

    def record(self, kind: str, numbers: list[str]) -> None:
        """Note in the change log that so many records were brought at once."""
        fact = HistoryRecorded(kind, SOURCE, len(numbers), numbers[0], numbers[-1], None)
        events.record(self.session, fact)

    def known(self, kind: str) -> dict[str, uuid.UUID]:
        """Return what was brought before: their key -> our id."""
        return references.known(self.session, SOURCE, kind)

    def remember(
        self,
        kind: str,
        new: Mapping[str, uuid.UUID],
        report: FileReport | None = None,
        known: int = 0,
    ) -> None:
        """Keep what the new records are called there, and count them."""
        references.remember(self.session, SOURCE, kind, new)
        if report is not None:
            report.written, report.known_before = len(new), known

    def account_for_orders(self, name: str, orders: int, lines: int) -> None:
        """Count the rows of orders and of their lines."""
        headers, details = self.files[f"{name}Header"], self.files[f"{name}Detail"]
        headers.written, headers.known_before = orders, headers.read - headers.broken - orders
        details.written, details.known_before = lines, details.read - details.broken - lines

    def account_for_contacts(self) -> None:
        """Say of names, addresses and telephone numbers how many found their party."""
        described = self.parties_described
        for name, sheet in (
            ("Person", self.source.persons),
            ("EmailAddress", self.source.emails),
            ("PersonPhone", self.source.phones),
            ("BusinessEntityAddress", self.source.entity_addresses),
        ):
            report = self.files[name]
            used = {row.business_entity_id for row in sheet} & described
            if described:
                report.written = len(used)
                report.skip(OF_NOBODY, len(sheet) - len(used))
            else:
                report.known_before = len(sheet)
        for name in ("Address", "StateProvince", "CountryRegion"):
            report = self.files[name]
            if described:
                report.written = report.read - report.broken
            else:
                report.known_before = report.read - report.broken

    def _addresses(self) -> dict[int, tuple[str, str, str]]:
        """Return country, city and street of every entity, from its main address."""
        countries = {row.state_province_id: row.country_region_code for row in self.source.states}
        states = {row.state_province_id: row.name for row in self.source.states}
        known = {row.address_id: row for row in self.source.addresses}
        chosen: dict[int, rows.EntityAddressRow] = {}
        for row in self.source.entity_addresses:
            before = chosen.get(row.business_entity_id)
            if before is None or row.address_type_id in {MAIN_OFFICE, HOME}:
                chosen[row.business_entity_id] = row
        found = {}
        for entity, link in chosen.items():
            each = known[link.address_id]
            lines = [each.address_line1, each.address_line2, each.postal_code]
            street = ", ".join(line for line in lines if line)
            place = each.state_province_id
            found[entity] = (countries[place], each.city, f"{street}, {states[place]}")
        return found

    def ticking(self, sheet: Sheet[V]) -> Iterator[V]:
        """Go through a sheet, and note how far it is."""
        for row in sheet:
            yield row
            self.tick(sheet.name, 1)

    def tick(self, what: str, count: int) -> None:
        """Note that some more rows are done."""
        before, self.done = self.done, self.done + count
        if self.done // 1_000 != before // 1_000:
            self.progress("writing", what, self.done, self.total)
