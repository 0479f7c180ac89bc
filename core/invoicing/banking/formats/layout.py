"""How a table of a bank is laid out: which column is what, in English, Chinese or German."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from core.invoicing.banking.errors import ColumnsMissing, NotAStatement

DateOrder = Literal["day", "month"]
DecimalSign = Literal[".", ","]

ENCODINGS = ("utf-8-sig", "gb18030", "cp1252")
DELIMITERS = (",", ";", "\t", "|")
# Above its table, a bank may say whose account it is and more.
PREAMBLE_MAX = 40
_IN_BRACKETS, _NOT_LETTERS = re.compile(r"[(（].*?[)）]"), re.compile(r"[\W_]+")

# What the column of each field is called; of columns that are called so, the first one counts,
# but for the text, which may be spread over several.
_CALLED: dict[str, str] = {
    "date": "date, booking date, posting date, posted date, transaction date, entry date, "
    "buchungstag, buchungsdatum, datum, buchung, 交易日期, 记账日期, 入账日期, 日期, 交易时间",
    "value": "value date, valuta, valutadatum, wertstellung, wert, 起息日",
    "amount": "amount, transaction amount, betrag, umsatz, 金额, 交易金额, 发生额",
    "debit": "debit, debit amount, withdrawal, withdrawals, paid out, money out, soll, belastung, "
    "借方, 借方金额, 借方发生额, 支出, 支出金额, 转出金额, 付款金额",
    "credit": "credit, credit amount, deposit, deposits, paid in, money in, haben, gutschrift, "
    "贷方, 贷方金额, 贷方发生额, 收入, 收入金额, 存入, 存入金额, 转入金额, 收款金额",
    "sign": "debit/credit, credit/debit, dr/cr, cr/dr, soll/haben, s/h, 借贷, 借贷标志, 借贷标记, "
    "收支, 收/支",
    "text": "text, description, details, transaction details, narrative, memo, purpose, "
    "particulars, verwendungszweck, buchungstext, 摘要, 交易摘要, 用途, 附言, 备注",
    "counterparty": "counterparty, counterparty name, payee, payer, name, beneficiary, "
    "auftraggeber/empfänger, empfänger, auftraggeber, zahlungsempfänger, "
    "begünstigter/zahlungspflichtiger, beguenstigter/zahlungspflichtiger, "
    "name zahlungsbeteiligter, "
    "对方户名, 对方名称, 对方账户名称, 交易对手, 对方单位",
    "counterparty_account": "iban, counterparty iban, counterparty account, account number, "
    "kontonummer, kontonummer/iban, iban zahlungsbeteiligter, 对方账号, 对方账户, 对方帐号",
    "reference": "reference, payment reference, referenz, zahlungsreferenz, kundenreferenz, 参考号",
    "end_to_end_id": "end to end id, end-to-end reference, ende-zu-ende-referenz, "
    "kundenreferenz end to end, 端到端标识",
    "bank_reference": "transaction id, bank reference, fitid, transaktionsnummer, "
    "交易流水号, 流水号, 业务流水号",
    "currency": "currency, ccy, währung, waehrung, 币种, 货币",
    "balance": "balance, running balance, account balance, saldo, kontostand, 余额, 账户余额",
}


def _plain(header: str) -> str:
    return _NOT_LETTERS.sub("", _IN_BRACKETS.sub("", header.casefold()))


_FIELDS: dict[str, str] = {
    _plain(name): field_of for field_of, names in _CALLED.items() for name in names.split(", ")
}


@dataclass(frozen=True)
class Layout:
    """What is known of how the files of an account are written; empty is nothing."""

    # The header of the column of each field; several for the text.
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    date_order: DateOrder | None = None
    decimal: DecimalSign | None = None

    @classmethod
    def stored(cls, layout: Mapping[str, Any]) -> "Layout":
        """Read back what `to_json` gave."""
        columns = {name: tuple(headers) for name, headers in layout["columns"].items()}
        return cls(columns, layout["date_order"], layout["decimal"])

    def to_json(self) -> dict[str, Any]:
        """Return plain values, ready to be stored."""
        return asdict(replace(self, columns=dict(self.columns)))

    def said(self) -> str:
        """Say it in short: "date: Buchungstag · amount: Betrag · 1,00 · d/m"."""
        parts = [f"{name}: {' + '.join(headers)}" for name, headers in self.columns.items()]
        parts += [f"1{self.decimal}00"] if self.decimal else []
        parts += ["d/m/y" if self.date_order == "day" else "m/d/y"] if self.date_order else []
        return " · ".join(parts)


@dataclass(frozen=True)
class TableText:
    """The table of a file: which column is what, and the rows below the header, with their lines.

    `delimiter` tells Germany from elsewhere where the numbers alone do not.
    """

    layout: Layout
    places: Mapping[str, tuple[int, ...]]
    rows: tuple[tuple[int, list[str]], ...]


def find_table(content: bytes, known: Layout) -> TableText:
    """Return the table of a file, read in the encoding and with the delimiter that fit best.

    Columns that are known by an earlier file are found again; else they are guessed.
    """
    best: tuple[int, TableText | None, Sequence[str]] = (0, None, ())
    for text in _decoded(content):
        for delimiter in DELIMITERS:
            if delimiter not in text:
                continue
            rows = _rows(text, delimiter)
            for place, (_, cells) in enumerate(rows[:PREAMBLE_MAX]):
                places = _places(cells, known)
                if len(places) > best[0]:
                    found = _table(cells, places, rows[place + 1 :], known)
                    best = (len(places), found, cells)
    score, table, headers = best
    if table is None or score < 2:  # noqa: PLR2004
        raise NotAStatement
    missing = ["date"] if "date" not in table.places else []
    if "amount" not in table.places and not {"debit", "credit"} <= table.places.keys():
        missing.append("amount")
    if missing:
        listed = ", ".join(cell.strip() for cell in headers if cell.strip())
        raise ColumnsMissing(missing=", ".join(missing), headers=listed[:300])
    return table


def _decoded(content: bytes) -> Iterator[str]:
    encodings = ("utf-16",) if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else ENCODINGS
    for encoding in encodings:
        try:
            yield content.decode(encoding)
        except UnicodeDecodeError:
            continue


def _rows(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Return the rows that are not empty, each with the line that it ends on."""
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        return [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error:
        return []


def _table(
    headers: Sequence[str],
    places: Mapping[str, tuple[int, ...]],
    rows: Sequence[tuple[int, list[str]]],
    known: Layout,
) -> TableText:
    columns = {
        name: tuple(headers[place].strip() for place in found) for name, found in places.items()
    }
    return TableText(replace(known, columns=columns), places, tuple(rows))


def _places(cells: Sequence[str], known: Layout) -> dict[str, tuple[int, ...]]:
    """Return which column is what: as before, if all are there, or as they are called."""
    stripped = [cell.strip() for cell in cells]
    if known.columns and all(each in stripped for each in sum(known.columns.values(), ())):
        return {
            name: tuple(stripped.index(header) for header in headers)
            for name, headers in known.columns.items()
        }
    places: dict[str, tuple[int, ...]] = {}
    for place, cell in enumerate(stripped):
        name = _FIELDS.get(_plain(cell))
        if name is None or (name in places and name != "text"):
            continue
        places[name] = (*places.get(name, ()), place)
    if "amount" in places:
        # "Debit" beside an amount only marks its side.
        places.pop("debit", None)
        places.pop("credit", None)
    return places
