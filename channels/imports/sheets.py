"""Read CSV files into typed rows, and say of every row that cannot be used where it is and why.

A sheet is `Name.csv` or `Name.csv.gz` with a heading line. What a row must hold is declared by a
frozen dataclass whose fields are the columns in snake_case; other columns are left alone.
"""

import csv
import gzip
import re
import types
import typing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, Generic, TypeVar, Union

from core.kernel.errors import DomainError
from core.kernel.money import exact

R = TypeVar("R")

# A file with more faults than this is not the file it should be.
FAULTS_MAX = 1_000
# One field of a CSV file may hold a long text, never a book.
FIELD_MAX = 1_000_000
# Every control character but those that text is laid out with.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class FileMissing(DomainError):
    """There is no file {file} in {folder}; nothing was imported."""

    zh = "在 {folder} 中找不到文件 {file}；未导入任何内容。"


class ColumnMissing(DomainError):
    """The file {file} has no column {columns}; nothing was imported."""

    zh = "文件 {file} 缺少列 {columns}；未导入任何内容。"


class FileUnreadable(DomainError):
    """The file {file} cannot be read, near line {line}: {problem}; nothing was imported."""

    zh = "文件 {file} 无法读取（第 {line} 行附近）：{problem}；未导入任何内容。"


class WrongFieldCount(DomainError):
    """The row has {found} fields, the heading has {expected}."""

    zh = "该行有 {found} 个字段，而表头有 {expected} 个。"


class ValueMissing(DomainError):
    """{column} is empty."""

    zh = "{column} 为空。"


class NotThatKind(DomainError):
    """{column} is "{text}", which is not {kind}."""

    zh = "{column} 的值“{text}”不是有效的{kind_zh}。"


class ReferenceUnknown(DomainError):
    """{column} {value} is not in {file}."""

    zh = "{column} {value} 在 {file} 中不存在。"


class KeyRepeated(DomainError):
    """{column} {value} occurred already."""

    zh = "{column} {value} 重复出现。"


class RuleBroken(DomainError):
    """{problem}."""

    zh = "{problem_zh}。"


class SumDiffers(DomainError):
    """The SubTotal {total} is not the sum of the lines that can be used ({added})."""

    zh = "SubTotal {total} 与可用明细的合计（{added}）不符。"


class OrderUnusable(DomainError):
    """Its order {order} cannot be used."""

    zh = "其所属订单 {order} 无法使用。"


@dataclass(frozen=True)
class Fault:
    """A row that cannot be used: where it is, and why not."""

    file: str
    line: int
    problem: DomainError

    @property
    def rank(self) -> int:
        """How likely it is only the consequence of another fault: causes come first."""
        ranks: tuple[type[DomainError], ...] = (ReferenceUnknown, SumDiffers, OrderUnusable)
        return ranks.index(type(self.problem)) + 1 if type(self.problem) in ranks else 0


@dataclass(frozen=True, slots=True)
class Row(Generic[R]):
    """A row that was read, and the line it ends on."""

    line: int
    value: R


@dataclass
class Sheet(Generic[R]):
    """The rows of one file that can be used, and the faults of those that cannot."""

    name: str
    file: str
    rows: list[Row[R]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def read_count(self) -> int:
        """How many rows the file has."""
        return len(self.rows) + len(self.faults)

    def __iter__(self) -> Iterator[R]:
        return (row.value for row in self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def refuse(self, reason_not_to: Callable[[R], DomainError | None]) -> None:
        """Take out every row that there is a reason not to use, and note the reason."""
        kept = []
        for row in self.rows:
            problem = reason_not_to(row.value)
            if problem is None:
                kept.append(row)
            else:
                self.fault(row.line, problem)
        self.rows = kept

    def fault(self, line: int, problem: DomainError) -> None:
        """Note a fault; refuse the whole file where there are too many."""
        self.faults.append(Fault(self.file, line, problem))
        if len(self.faults) > FAULTS_MAX:
            raise FileUnreadable(
                file=self.file, line=line, problem=f"more than {FAULTS_MAX} broken rows"
            )


def find_file(folder: Path, name: str) -> Path | None:
    """Return the plain or the compressed file of a sheet."""
    for file in (folder / f"{name}.csv", folder / f"{name}.csv.gz"):
        if file.is_file():
            return file
    return None


def read_sheet(folder: Path, name: str, kind: type[R]) -> Sheet[R]:
    """Read a sheet whole; raise where the file is unusable, note a fault where a row is."""
    path = find_file(folder, name)
    if path is None:
        raise FileMissing(file=f"{name}.csv", folder=folder)
    sheet: Sheet[R] = Sheet(name, path.name)
    line = 0
    try:
        with _opened(path) as stream, _long_fields():
            reader = csv.reader(stream, strict=True)
            heading = next(reader, [])
            wanted = _columns(path.name, heading, kind)
            for cells in reader:
                line = reader.line_num
                try:
                    sheet.rows.append(Row(line, _typed(cells, len(heading), wanted, kind)))
                except DomainError as problem:
                    sheet.fault(line, problem)
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as broken:
        raise FileUnreadable(file=path.name, line=line + 1, problem=broken) from broken
    return sheet


@contextmanager
def _long_fields() -> Iterator[None]:
    """Let fields be long for a while: it is a setting of the whole process, others read by it."""
    before = csv.field_size_limit(FIELD_MAX)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def column_of(name: str) -> str:
    """Return the field that a column fills: OnlineOrderFlag fills online_order_flag."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


@dataclass(frozen=True, slots=True)
class _Wanted:
    place: int
    column: str
    optional: bool
    read: Callable[[str], Any]
    kind: str
    kind_zh: str


def _columns(file: str, heading: list[str], kind: type[R]) -> list[_Wanted]:
    places = {column_of(column.strip()): place for place, column in enumerate(heading)}
    assert is_dataclass(kind), "a row is declared as a dataclass"
    hints = typing.get_type_hints(kind)
    names = [declared.name for declared in fields(kind)]
    missing = [name for name in names if name not in places]
    if missing:
        raise ColumnMissing(file=file, columns=", ".join(missing))
    wanted = []
    for name in names:
        kinds = typing.get_args(hints[name])
        optional = typing.get_origin(hints[name]) in {Union, types.UnionType}
        plain = next(each for each in kinds if each is not type(None)) if optional else hints[name]
        wanted.append(_Wanted(places[name], heading[places[name]], optional, *_READERS[plain]))
    return wanted


def _typed(cells: list[str], width: int, wanted: list[_Wanted], kind: type[R]) -> R:
    if len(cells) != width:
        raise WrongFieldCount(found=len(cells), expected=width)
    values = []
    for each in wanted:
        text = cells[each.place].strip()
        if text:
            try:
                values.append(each.read(text))
            except (ValueError, KeyError, DomainError):
                raise NotThatKind(
                    column=each.column, text=text[:60], kind=each.kind, kind_zh=each.kind_zh
                ) from None
        elif each.optional:
            values.append(None)
        else:
            raise ValueMissing(column=each.column)
    return kind(*values)


def _printable(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError(text)
    return text


# The same day stands in thousands of rows.
_day = lru_cache(maxsize=10_000)(date.fromisoformat)
_READERS: dict[type, tuple[Callable[[str], Any], str, str]] = {
    str: (_printable, "a printable text", "可打印文本"),
    int: (int, "a whole number", "整数"),
    Decimal: (exact, "a number", "数字"),
    date: (_day, "a date (YYYY-MM-DD)", "日期（YYYY-MM-DD）"),
    bool: ({"0": False, "1": True}.__getitem__, "0 or 1", "0 或 1"),
}
