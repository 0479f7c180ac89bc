"""Read the tables that banks export (CSV): any common delimiter, encoding, date and decimal."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from core.invoicing.banking.errors import (
    BalanceDoesNotFollow,
    DatesAmbiguous,
    DecimalsAmbiguous,
    FieldUnreadable,
    FileBroken,
    WrongCurrency,
)
from core.invoicing.banking.formats.drafts import (
    LINES_MAX,
    TOO_MANY,
    LineDraft,
    StatementDraft,
    account_number,
    money,
    tidy,
)
from core.invoicing.banking.formats.layout import (
    DateOrder,
    DecimalSign,
    Layout,
    TableText,
    find_table,
)
from core.kernel.money import Money

_SIGNED_OUT = {"d", "dr", "debit", "dbit", "s", "soll", "out", "借", "支", "支出", "借方"}
_SIGNED_IN = {"c", "cr", "credit", "crdt", "h", "haben", "in", "贷", "收", "收入", "贷方"}
_YEAR_FIRST = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?")
_YEAR_LAST = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})")
_AMOUNT_CELLS = ("amount", "debit", "credit", "balance")
_NOT_NUMBER = re.compile(r"[^\d.,+\-()]")
MONTHS = 12


@dataclass(frozen=True)
class _Row:
    """A row by its fields."""

    line: int
    cells: dict[str, str]

    def said(self, name: str) -> str:
        """Return the text of a field."""
        return self.cells.get(name, "")


def read(content: bytes, known: Layout, *, currency: str) -> tuple[StatementDraft, Layout]:
    """Read a table, and tell how it is laid out, so that the next one is read alike."""
    table = find_table(content, known)
    rows = [_row(line, cells, table) for line, cells in table.rows]
    rows = [row for row in rows if any(char.isdigit() for char in row.said("date"))]
    if len(rows) > LINES_MAX:
        raise FileBroken(format="CSV", line=rows[-1].line, problem=TOO_MANY)
    layout = replace(
        table.layout,
        date_order=_date_order(rows, known.date_order),
        decimal=_decimal(rows, known.decimal),
    )
    lines = [line for row in rows for line in _line(row, layout, currency)]
    numbers = [row.line for row in rows]
    lines, opening, closing = _in_order(lines, numbers)
    theirs = {row.said("currency").upper() for row in rows} - {""}
    if len(theirs) > 1:
        raise WrongCurrency(theirs=", ".join(sorted(theirs)), code="", ours=currency)
    draft = StatementDraft(
        lines=tuple(lines),
        currency=next(iter(theirs), ""),
        opening=opening,
        closing=closing,
    )
    return draft, layout


def _row(line: int, cells: Sequence[str], table: TableText) -> _Row:
    said: dict[str, str] = {}
    for name, places in table.places.items():
        parts = [cells[place].strip() for place in places if place < len(cells)]
        said[name] = " ".join(part for part in parts if part)
    return _Row(line, said)


def _line(row: _Row, layout: Layout, currency: str) -> Iterator[LineDraft]:
    booked_on = _day(row, "date", layout.date_order)
    assert booked_on is not None, "a row has its date"
    amount = _amount(row, layout.decimal, row.said("currency").upper() or currency)
    if amount is None:
        return
    balance = row.said("balance")
    yield LineDraft(
        booked_on=booked_on,
        amount=amount,
        text=tidy(row.said("text")),
        value_on=_day(row, "value", layout.date_order),
        counterparty=tidy(row.said("counterparty")),
        counterparty_account=account_number(row.said("counterparty_account")),
        reference=tidy(row.said("reference")),
        end_to_end_id=tidy(row.said("end_to_end_id")),
        bank_reference=tidy(row.said("bank_reference")),
        balance=_number(row, balance, "balance", layout.decimal, amount.currency)
        if balance
        else None,
    )


def _amount(row: _Row, decimal: DecimalSign | None, currency: str) -> Money | None:
    """Return the signed amount of a row: of one column, with a mark beside it, or of two."""
    if said := row.said("amount"):
        read = _number(row, said, "amount", decimal, currency)
        mark = row.said("sign").casefold()
        if not mark:
            return read if read.minor else None
        if mark not in _SIGNED_OUT | _SIGNED_IN:
            raise FieldUnreadable(line=row.line, text=mark[:40], field="debit/credit")
        return Money(-abs(read.minor) if mark in _SIGNED_OUT else abs(read.minor), currency)
    minor = 0
    for name, sign in (("debit", -1), ("credit", 1)):
        if said := row.said(name):
            minor += sign * abs(_number(row, said, name, decimal, currency).minor)
    if not minor and not row.said("debit") and not row.said("credit"):
        raise FieldUnreadable(line=row.line, text="", field="amount")
    return Money(minor, currency) if minor else None


def _number(row: _Row, text: str, field: str, decimal: DecimalSign | None, currency: str) -> Money:
    said = _bare(text)
    if decimal is not None:
        said = said.replace("." if decimal == "," else ",", "").replace(",", ".")
    return money(said or text, currency, line=row.line, field=field)


def _bare(text: str) -> str:
    """Return the digits and signs of a number: "(1 200.50)" and "1.200,50-" are negative."""
    said = text.replace("\u2212", "-")
    if "." not in said and "," not in said and re.search(r"[^\W\d_]{4,}", said):
        return ""
    said = _NOT_NUMBER.sub("", said)
    if said.startswith("(") and said.endswith(")"):
        said = f"-{said[1:-1]}"
    return f"-{said[:-1]}" if said.endswith("-") else said


def _decimal(rows: Sequence[_Row], known: DecimalSign | None) -> DecimalSign | None:
    """Return how decimals are written in the file, from all its numbers together."""
    doubtful = ""
    for row in rows:
        for name in _AMOUNT_CELLS:
            said = _bare(row.said(name)).strip("+-()")
            marks = [char for char in said if char in ".,"]
            if not marks:
                continue
            last: DecimalSign = "." if marks[-1] == "." else ","
            digits_behind = len(said) - said.rindex(last) - 1
            if len(set(marks)) > 1 or (len(marks) == 1 and digits_behind != 3):  # noqa: PLR2004
                return last
            if len(marks) > 1:
                return "," if last == "." else "."
            doubtful = doubtful or row.said(name)
    if doubtful and known is None:
        raise DecimalsAmbiguous(example=doubtful[:20])
    return known


def _date_order(rows: Sequence[_Row], known: DateOrder | None) -> DateOrder | None:
    """Return whether the day or the month comes first, from all dates of the file together."""
    doubtful = ""
    for row in rows:
        for name in ("date", "value"):
            found = _YEAR_LAST.match(row.said(name))
            if found is None:
                continue
            if "." in found[0] or int(found[1]) > MONTHS:
                return "day"
            if int(found[2]) > MONTHS:
                return "month"
            if found[1] != found[2]:
                doubtful = doubtful or found[0]
    if doubtful and known is None:
        raise DatesAmbiguous(example=doubtful)
    return known


def _day(row: _Row, name: str, order: DateOrder | None) -> date | None:
    said = row.said(name)
    if not said and name != "date":
        return None
    try:
        if found := _YEAR_FIRST.match(said):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _YEAR_LAST.match(said):
            year = int(found[3]) + (2000 if len(found[3]) == 2 else 0)  # noqa: PLR2004
            first, second = int(found[1]), int(found[2])
            day, month = (second, first) if order == "month" else (first, second)
            return date(year, month, day)
    except ValueError:
        pass
    raise FieldUnreadable(line=row.line, text=said[:40], field=name)


def _in_order(
    lines: list[LineDraft], numbers: Sequence[int]
) -> tuple[list[LineDraft], Money | None, Money | None]:
    """Put the oldest line first, and read the balances before and behind, where there are any."""
    if len(lines) > 1 and lines[0].booked_on > lines[-1].booked_on:
        lines, numbers = lines[::-1], numbers[::-1]
    if not lines or any(line.balance is None for line in lines):
        return lines, None, None
    if _breaks(lines) and not _breaks(lines[::-1]):
        # All on one day, and the newest first.
        lines, numbers = lines[::-1], numbers[::-1]
    if (place := _breaks(lines)) is not None:
        raise BalanceDoesNotFollow(line=numbers[place], balance=lines[place].balance)
    first, last = lines[0], lines[-1]
    assert first.balance is not None, "every line has its balance"
    return lines, first.balance - first.amount, last.balance


def _breaks(lines: Sequence[LineDraft]) -> int | None:
    """Return the first place where a balance does not follow from the one before."""
    for place, (before, line) in enumerate(pairwise(lines), start=1):
        assert before.balance is not None, "every line has its balance"
        if before.balance + line.amount != line.balance:
            return place
    return None
