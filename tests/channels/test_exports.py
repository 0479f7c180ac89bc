"""Files: what was on the screen, in both languages, and nothing that a program would compute."""

import csv
import io
import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from channels.exports import (
    Exported,
    FileKind,
    NothingToExport,
    Paper,
    UnknownFileKind,
    export,
    file_kind_of,
    written_as,
)
from channels.exports.csv_file import csv_of, neutral, rows_of, written_text
from channels.exports.paper import paper_of, shown
from channels.exports.pdf_file import broken, pdf_of
from channels.exports.xlsx_file import xlsx_of
from core import ledger
from core.kernel.audit import AuditRecord
from core.kernel.company import company
from core.kernel.database import reading, unit_of_work
from core.kernel.errors import NotPermitted
from core.kernel.money import Money
from core.ledger import credit, debit
from core.ledger.chart import BANK, SERVICE_REVENUE
from tests.shop import as_person
from tools import TOOLBOX, Answer, Column, Grid

HOSTILE = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\tx",
    "\r=1",
    '"=1',
    "a,=1",
    'a"=1',
    "a;-1",
    "'=1",
    "''=1",
    "'",
    "＝1",
    "a\n=1",
    "=cmd|' /C calc'!A0",
)

# The second has more digits than a spreadsheet keeps.
AMOUNTS = (Decimal("-9876543210987.65"), Decimal("-98765432109876.54"))


def paper(*cells: str | Decimal | None, unit: str = "") -> Paper:
    grid = Grid((Column("a", "甲", unit),), tuple((cell,) for cell in cells))
    return paper_of(
        grid, title="T", company="C", notes=(), language="en", made_on=date(2026, 6, 15)
    )


def test_no_cell_of_a_csv_file_is_a_formula_and_all_read_back_as_they_were() -> None:
    data = csv_of(paper(*HOSTILE))

    assert [row[0] for row in rows_of(data)[1:]] == list(HOSTILE)
    plain = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    for (cell,) in list(plain)[1:]:
        for part in cell.replace(";", ",").replace('"', ",").replace("\n", ",").split(","):
            assert not part.startswith(tuple("=+-@\t\r\0＝"))
    assert neutral("plain-text, as - it = is") == "plain-text, as - it = is"


@given(st.text(st.sampled_from("=+-@\t\r\n'\",;|a中"), max_size=12))
def test_what_was_made_neutral_reads_back(text: str) -> None:
    assert written_text(neutral(text)) == text
    assert [row[0] for row in rows_of(csv_of(paper(text)))[1:]] == [text]


def test_numbers_stay_numbers_in_csv_and_texts_that_look_like_them_stay_texts() -> None:
    lines = csv_of(paper(Decimal("-1234.50"), "-1234.50", None, unit="EUR")).decode("utf-8-sig")

    assert lines == '"A (EUR)"\r\n-1234.50\r\n"\'-1234.50"\r\n\r\n'


def test_no_cell_of_a_workbook_is_a_formula_and_amounts_are_exact() -> None:
    data = xlsx_of(paper(*HOSTILE, *AMOUNTS, unit="EUR"))

    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert sheet is not None
    cells = [row[0] for row in sheet.iter_rows(min_row=5)]
    assert [cell.data_type for cell in cells] == ["s"] * len(HOSTILE) + ["n", "s"]
    # A workbook is XML, which knows one way to end a line.
    assert [cell.value for cell in cells[:-2]] == [text.replace("\r", "\n") for text in HOSTILE]
    assert [str(cell.value) for cell in cells[-2:]] == [str(amount) for amount in AMOUNTS]
    assert cells[-2].number_format == "#,##0.00"
    assert cells[0].quotePrefix
    assert sheet.freeze_panes == "A5"


def test_a_control_character_does_not_spoil_a_workbook() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_of(paper("a\x01b")))).active

    assert sheet is not None
    assert sheet["A5"].value == "a\N{REPLACEMENT CHARACTER}b"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (Decimal("-1234567.5"), "EUR", "-1,234,567.50"),
        (Decimal(1200), "JPY", "1,200"),
        (Decimal("1.005"), "EUR", "1.005"),
        (Decimal("12.5"), "percent", "12.5 %"),
        (Decimal("1200.500"), "quantity", "1,200.5"),
        (1200, "number", "1,200"),
        (date(2026, 6, 15), "date", "2026-06-15"),
        (None, "EUR", ""),
        ("text", "", "text"),
    ],
)
def test_figures_are_written_as_people_read_them(
    value: Decimal | int | date | str | None, unit: str, text: str
) -> None:
    assert shown(value, paper(unit=unit).columns[0]) == text


@settings(max_examples=20)
@given(st.text(st.sampled_from("ab 中文。-"), max_size=60), st.integers(20, 120))
def test_a_broken_line_loses_nothing_but_spaces(text: str, width: int) -> None:
    pdf_of(paper("x"))

    lines = broken(text, float(width))

    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@pytest.fixture(scope="module")
def books(databases: Callable[[str], Engine]) -> Engine:
    """The shop with one sale of services."""
    engine = databases("shop")
    with unit_of_work(engine) as session:
        ten = Money(123_456, "EUR")
        ledger.post_entry_by_hand(
            session, [debit(BANK, ten), credit(SERVICE_REVENUE, ten)], memo="=HYPERLINK(1)"
        )
    return engine


def test_a_statement_is_a_page_in_chinese_and_twice_the_same(books: Engine, tmp_path: Path) -> None:
    manager = as_person(books, "manager", "zh")

    files = [
        export(TOOLBOX, books, manager, "statements.income_statement", {}, FileKind.PDF)
        for _ in range(2)
    ]

    assert files[0].name == "利润表-2026-06-15.pdf"
    assert files[0].data == files[1].data
    if (pdftotext := shutil.which("pdftotext")) is None:
        pytest.skip("no pdftotext here: apt-get install poppler-utils")
    page = tmp_path / "page.pdf"
    page.write_bytes(files[0].data)
    said = subprocess.run([pdftotext, "-layout", page, "-"], capture_output=True, check=True)
    text = said.stdout.decode()
    assert "利润表" in text
    assert "净利润" in text
    assert "1,234.56" in text
    assert "第 1 页，共 1 页" in text


def test_a_long_list_goes_over_pages_and_every_format_has_all_of_it(books: Engine) -> None:
    manager = as_person(books, "manager")
    with reading(books) as session:
        count = len(ledger.chart_tree(session))

    for kind in FileKind:
        file = export(TOOLBOX, books, manager, "ledger.list_accounts", {}, kind)
        assert file.rows == count
        if kind is FileKind.CSV:
            assert len(rows_of(file.data)) == count + 1
        elif kind is FileKind.PDF:
            assert file.data.count(b"/Type /Page\n") > 1
        again = export(TOOLBOX, books, manager, "ledger.list_accounts", {}, kind)
        assert again.data == file.data


def test_a_list_of_records_is_the_same_bytes_each_time(books: Engine) -> None:
    manager = as_person(books, "manager")
    columns = ["number", "posted_on", "memo"]
    asked = {"query": {"records": "entries", "columns": columns, "order": [{"by": "number"}]}}

    def taken(kind: FileKind) -> Exported:
        return export(TOOLBOX, books, manager, "reporting.list_records", asked, kind)

    file = taken(FileKind.CSV)

    assert file.data == (
        b'\xef\xbb\xbf"Number","Posted on","Memo"\r\n'
        b'"JE-00001",2026-06-15,"Opening stock"\r\n'
        b'"JE-00002",2026-06-15,"\'=HYPERLINK(1)"\r\n'
    )
    for kind in FileKind:
        files = [
            export(TOOLBOX, books, manager, "reporting.list_records", asked, kind) for _ in range(2)
        ]
        assert files[0].data == files[1].data
        assert files[0].rows == 2


def test_what_was_taken_is_noted_and_what_is_not_ones_own_is_not_given(books: Engine) -> None:
    accountant = as_person(books, "accountant")
    file = export(
        TOOLBOX, books, accountant, "ledger.show_account", {"account": "1010"}, FileKind.CSV
    )

    assert "'=HYPERLINK(1)" in file.data.decode("utf-8-sig")
    with reading(books) as session:
        newest = select(AuditRecord).order_by(AuditRecord.sequence.desc()).limit(1)
        record = session.scalars(newest).one()
    assert (record.name, record.person) == ("tools.answer_exported", "accountant")
    assert '"file_kind":"csv"' in record.body
    with pytest.raises(NotPermitted):
        export(TOOLBOX, books, as_person(books, "warehouse"), "ledger.show_account",
               {"account": "1010"}, FileKind.CSV)  # fmt: skip
    with reading(books) as session, pytest.raises(NothingToExport, match="Nothing"):
        written_as(Answer(), title="Nothing", us=company(session), language="en")
    for wrong in ("book.exe", "book", ""):
        with pytest.raises(UnknownFileKind):
            file_kind_of(wrong)
