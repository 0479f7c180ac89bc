"""A table as CSV that no program takes for a formula, and that reads back to what it was.

A text that a spreadsheet would compute gets an apostrophe in front, also behind a separator or a
quote inside of it, where a careless reader might cut; so does one that begins with such an
apostrophe already, so that reading back takes away exactly what was put in. Numbers are plain.
"""

import csv
import io
import re
from decimal import Decimal

from channels.exports.paper import Cell, Paper

_DANGER = "=+\\-@\t\r\0＝＋－＠"
_CUT = ',;|"\t\n'
_OPEN = re.compile(rf"(^|(?<=[{_CUT}]))(?='*[{_DANGER}])")
_CLOSED = re.compile(rf"(^|(?<=[{_CUT}]))'(?='*[{_DANGER}])")


def neutral(text: str) -> str:
    """Return a text with which no program computes anything."""
    return _OPEN.sub("'", text)


def written_text(text: str) -> str:
    """Return the text that was made neutral."""
    return _CLOSED.sub("", text)


def csv_of(paper: Paper) -> bytes:
    """Write the table as CSV in UTF-8, with the mark that spreadsheets know it by."""
    lines = [",".join(_quoted(column.title) for column in paper.columns)]
    lines += [",".join(_written(cell) for cell in row) for row in paper.rows]
    return ("\r\n".join(lines) + "\r\n").encode("utf-8-sig")


def rows_of(data: bytes) -> list[list[str]]:
    """Read back what `csv_of` wrote: every cell as text."""
    reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    return [[written_text(cell) for cell in row] for row in reader]


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    return _quoted(cell) if isinstance(cell, str) else str(cell)


def _quoted(text: str) -> str:
    return '"' + neutral(text).replace('"', '""') + '"'
