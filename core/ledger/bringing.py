"""Entries by the ten thousand: what another system booked comes into the books by COPY.

They are checked and written like any other entry. Only the change log is told of all of them at
once, by a seal over everything that they say: `verify` finds each that is not what was brought.
"""

import hashlib
import uuid
from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from core.kernel import events
from core.kernel.bulk import copy_rows
from core.kernel.company import company
from core.kernel.identifiers import ids_in_a_row
from core.kernel.numbering import next_numbers
from core.ledger.accounts import find_accounts
from core.ledger.dimensions import as_demanded, dimension_sets
from core.ledger.events import EntriesBrought
from core.ledger.periods import read_periods_ahead, require_open_period
from core.ledger.rules import Line
from core.ledger.service import check_lines
from core.ledger.tables import Journal, JournalEntry, Posting
from core.ledger.tax import TaxPart
from core.ledger.tax.tables import TaxLine, TaxLineKind
from core.ledger.totals import fold_totals

_Entry = tuple[uuid.UUID, Journal, date, str, str, Sequence[Line]]
_ENTRY = ("id", "number", "journal", "posted_on", "memo", "origin")
_POSTING = (
    *("entry_id", "posted_on", "position", "account_id", "side", "amount_minor", "currency"),
    *("base_minor", "party_id", "dimension_set_id"),
)
_TAX_LINE = (
    *("entry_id", "posted_on", "kind", "document", "line", "component_id", "use", "account_id"),
    *("side", "exigible", "currency", "taxable_minor", "tax_minor", "base_taxable_minor"),
    "base_tax_minor",
)


class EntriesBringer:
    """Takes entries in the order of the books, and writes them some thousands at a time."""

    def __init__(self, session: Session, source: str) -> None:
        self._session, self._source = session, source
        self._ours = company(session)
        self._ids = ids_in_a_row()
        read_periods_ahead(session)
        self._waiting: list[_Entry] = []
        self._taxes: list[tuple[uuid.UUID, date, str, int, TaxPart]] = []
        self._open: set[tuple[date, Journal]] = set()
        self._seal = hashlib.sha256()
        self._first = self._last = ""
        self._count = 0

    def add(
        self, lines: Sequence[Line], *, memo: str, origin: str, posted_on: date, journal: Journal
    ) -> uuid.UUID:
        """Check an entry as any other one; return the id that it is going to be written with."""
        accounts = find_accounts(self._session, {line.account for line in lines})
        lines = as_demanded(self._session, lines, accounts)
        check_lines(lines, accounts, self._ours, journal)
        if (posted_on, journal) not in self._open:
            require_open_period(self._session, posted_on, journal)
            self._open.add((posted_on, journal))
        entry_id = next(self._ids)
        self._waiting.append((entry_id, journal, posted_on, memo, origin, lines))
        return entry_id

    def note_taxes(
        self,
        entry_id: uuid.UUID,
        posted_on: date,
        document: str,
        line: int,
        parts: tuple[TaxPart, ...],
    ) -> None:
        """Note the tax that an entry books for a line of a document in our own currency."""
        self._taxes += [(entry_id, posted_on, document, line, part) for part in parts]

    def write(self) -> None:
        """Write what was added since the last time, and the tax that it books."""
        if not self._waiting:
            return
        waiting, taxes = self._waiting, self._taxes
        self._waiting, self._taxes = [], []
        numbers = next_numbers(self._session, "JE", len(waiting))
        copy_rows(
            self._session,
            JournalEntry,
            _ENTRY,
            (
                (entry_id, number, journal.value, posted_on, memo, origin)
                for number, (entry_id, journal, posted_on, memo, origin, _) in zip(
                    numbers, waiting, strict=True
                )
            ),
        )
        named = {line.account for entry in waiting for line in entry[-1]}
        named |= {part.account for *_, part in taxes}
        accounts = find_accounts(self._session, named)
        sets = dimension_sets(
            self._session, {line.dimensions for entry in waiting for line in entry[-1]}
        )
        copy_rows(
            self._session,
            Posting,
            _POSTING,
            (
                (
                    *(entry_id, posted_on, position, accounts[line.account].id, line.side.value),
                    *(line.amount.minor, line.amount.currency, line.value.minor, line.party_id),
                    sets[line.dimensions],
                )
                for entry_id, _, posted_on, _, _, lines in waiting
                for position, line in enumerate(lines, start=1)
            ),
        )
        copy_rows(
            self._session,
            TaxLine,
            _TAX_LINE,
            (
                (
                    *(entry_id, posted_on, TaxLineKind.CHARGED.value, document, line),
                    *(part.component.id, part.use.value, accounts[part.account].id),
                    *(part.side.value, part.exigible, part.tax.currency, part.taxable.minor),
                    *(part.tax.minor, part.taxable.minor, part.tax.minor),
                )
                for entry_id, posted_on, document, line, part in taxes
            ),
        )
        for number, (_, _, posted_on, memo, origin, lines) in zip(numbers, waiting, strict=True):
            booked = ", ".join(
                f"{accounts[line.account].code} {line.side} {line.value.minor}" for line in lines
            )
            self._seal.update(f"{number}|{posted_on}|{memo}|{origin}|{booked}\n".encode())
        self._first, self._last = self._first or numbers[0], numbers[-1]
        self._count += len(numbers)

    def seal(self) -> None:
        """Write what was added, and tell the change log of all of it since the last seal.

        Whoever posts entries of another way meanwhile seals first: what is sealed is in a row.
        """
        self.write()
        if self._count:
            fact = EntriesBrought(
                source=self._source,
                count=self._count,
                first_number=self._first,
                last_number=self._last,
                seal=self._seal.hexdigest(),
            )
            events.record(self._session, fact)
            self._seal, self._first, self._last, self._count = hashlib.sha256(), "", "", 0

    def close(self) -> None:
        """Seal what was brought, and count it in the kept totals."""
        self.seal()
        fold_totals(self._session)
