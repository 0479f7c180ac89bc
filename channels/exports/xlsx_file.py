"""A table as a workbook: amounts are numbers, texts are texts, and nothing is a formula."""
# What a file format needs is imported when a file is made.
# ruff: noqa: PLC0415

import io
import re
import zipfile
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from channels.exports.paper import Cell, Paper, PaperColumn, shown

WIDTH_MIN, WIDTH_MAX = 8, 60
# A spreadsheet keeps so many digits of a number.
DIGITS_MAX = 15
# The oldest day that an archive knows.
_EPOCH = (1980, 1, 1, 0, 0, 0)
# Control characters that a workbook cannot hold.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
SHEET_NAME_MAX = 31


def xlsx_of(paper: Paper) -> bytes:
    """Write the table as a workbook with its title above it and its header frozen."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Border, Font, Side

    book = Workbook()
    sheet: Any = book.active
    sheet.title = re.sub(r"[\[\]:*?/\\]", " ", paper.title)[:SHEET_NAME_MAX]
    _put(sheet.cell(1, 1), paper.company).font = Font(bold=True)
    _put(sheet.cell(2, 1), paper.title).font = Font(bold=True, size=14)
    for place, note in enumerate(paper.notes, start=3):
        _put(sheet.cell(place, 1), note).font = Font(color="666666")
    top = 4 + len(paper.notes)
    thin, double = Side(style="thin"), Side(style="double")
    for place, column in enumerate(paper.columns, start=1):
        head = _put(sheet.cell(top, place), column.title)
        head.font, head.border = Font(bold=True), Border(bottom=thin)
        head.alignment = Alignment(horizontal="right" if column.is_number else "left")
    for number, row in enumerate(paper.rows):
        style, level = paper.styles[number], paper.levels[number]
        for place, (column, value) in enumerate(zip(paper.columns, row, strict=True), start=1):
            cell = _put(sheet.cell(top + 1 + number, place), value)
            if column.is_number:
                cell.number_format = _format(column)
            elif level and place - 1 == paper.inset_column:
                cell.alignment = Alignment(indent=level)
            if style:
                cell.font = Font(bold=True)
            if style in {"subtotal", "total"} and column.is_number:
                cell.border = Border(top=thin, bottom=double if style == "total" else None)
    _set_widths(sheet, paper)
    sheet.freeze_panes = sheet.cell(top + 1, 1)
    sheet.print_title_rows = f"{top}:{top}"
    sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage = 0, True
    made_at = datetime.combine(paper.made_on, time())
    book.properties.created, book.properties.creator = made_at, "Prokurist"
    written = io.BytesIO()
    book.save(written)
    return _dated(written.getvalue(), paper.made_on)


def _put(cell: Any, value: Cell) -> Any:  # noqa: ANN401  # A cell of a library without a type.
    """Put a value into a cell; a text stays one, whatever it begins with.

    A number that a spreadsheet would round is a text, too: the last cent counts.
    """
    if isinstance(value, Decimal) and len(value.normalize().as_tuple().digits) > DIGITS_MAX:
        value = f"{value:f}"
    if isinstance(value, str):
        cell.value = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", value)
        cell.data_type = "s"
        cell.quotePrefix = value.startswith(_FORMULA)
    else:
        cell.value = value
        if isinstance(value, date):
            cell.number_format = "yyyy-mm-dd"
    return cell


def _format(column: PaperColumn) -> str:
    if column.unit == "percent":
        return '#,##0.0" %"'
    if column.digits is None:
        return "#,##0.######" if column.unit == "quantity" else "#,##0"
    return "#,##0" + ("." + "0" * column.digits if column.digits else "")


def _set_widths(sheet: Any, paper: Paper) -> None:  # noqa: ANN401
    from openpyxl.utils import get_column_letter

    for place, column in enumerate(paper.columns):
        texts = [column.title, *(shown(row[place], column) for row in paper.rows)]
        width = max(_width(text) for text in texts) + 2
        letter = get_column_letter(place + 1)
        sheet.column_dimensions[letter].width = min(max(width, WIDTH_MIN), WIDTH_MAX)


def _width(text: str) -> int:
    # A Chinese character is as wide as two letters.
    return sum(1 if sign < "\u2e80" else 2 for sign in text)


def _dated(data: bytes, day: date) -> bytes:
    """Write the archive again with one day on everything, so that equal tables are equal files."""
    stamp = f"{day.isoformat()}T00:00:00Z".encode()
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as given,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for name in given.namelist():
            part = given.read(name)
            if name == "docProps/core.xml":
                part = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, part)
            made.writestr(zipfile.ZipInfo(name, _EPOCH), part, zipfile.ZIP_DEFLATED)
    return written.getvalue()
