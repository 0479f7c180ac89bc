"""Answers, proposals and reports as people read them in a terminal."""

from decimal import Decimal
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from agents.turns import TurnResult
from channels.imports.report import ImportReport
from channels.imports.sheets import Fault
from core.kernel.effects import Kind
from core.kernel.errors import Language
from core.kernel.money import digits_of, plain
from core.kernel.words import word
from tools.base import Grid
from tools.toolbox import ProposalView

ROWS_SHOWN = 50
FAULTS_SHOWN = 20
_STYLES = {Kind.DEBIT: "green", Kind.CREDIT: "green", Kind.STOCK: "cyan", Kind.CASH: "magenta"}


def show_grid(console: Console, grid: Grid, language: Language) -> None:
    """Draw a table; numbers stand right, with the digits of their unit."""
    table = Table(show_edge=False, header_style="bold", pad_edge=False)
    for column in grid.columns:
        name = column.in_(language)
        numeric = column.unit not in {"", "date"}
        unit = f" ({column.unit})" if _is_currency(column.unit) else ""
        table.add_column(escape(name + unit), justify="right" if numeric else "left")
    rows = [
        [_cell(value, column.unit) for value, column in zip(row, grid.columns, strict=True)]
        for row in grid.rows[:ROWS_SHOWN]
    ]
    for row in rows:
        table.add_row(*(escape(text) for text in row))
    if _fits(console, table, rows):
        console.print(table)
    else:
        _show_stacked(console, table, rows)
    if len(grid.rows) > ROWS_SHOWN:
        more = len(grid.rows) - ROWS_SHOWN
        console.print(f"… 另有 {more} 行" if language == "zh" else f"… and {more} more rows")


def _fits(console: Console, table: Table, rows: list[list[str]]) -> bool:
    """Tell whether a table can be drawn without cutting what must not wrap: a number, a name."""
    heads = [Text.from_markup(str(column.header)).plain for column in table.columns]
    needed = sum(
        max((cell_len(word) for text in texts for word in text.split()), default=1)
        for texts in zip(heads, *rows, strict=True)
    )
    # Two columns are apart by two signs.
    return needed + 2 * len(heads) <= console.width


def _show_stacked(console: Console, table: Table, rows: list[list[str]]) -> None:
    """Draw each row as a few lines of "name: value", for a narrow window."""
    heads = [Text.from_markup(str(column.header)).plain for column in table.columns]
    for row in rows:
        console.print(Text(row[0], style="bold"))
        said = [f"{head}: {text}" for head, text in zip(heads[1:], row[1:], strict=True) if text]
        console.print(Padding(Text(" · ".join(said)), (0, 0, 0, 2)))


def show_proposal(console: Console, card: ProposalView, language: Language) -> None:
    """Draw a proposal: what it would do, line by line, and what it takes."""
    lines = []
    for change in card.effect.changes:
        style = _STYLES.get(change.kind, "default")
        lines.append(f"[{style}]{escape(change.says(language))}[/]")
    if pins := card.reason.get("pins"):
        lines.append(escape(" · ".join(pins)))
    lines += _origin(card, language)
    undo, needs = card.undo_text(language), card.needs(language)
    lines += ["", escape(undo)]
    if needs:
        head = "需要：" if language == "zh" else "Needs: "
        lines.append(escape(f"{head}{needs}"))
    console.print(
        Panel(
            "\n".join(lines),
            title=escape(f"{card.number} · {card.title(language)}"),
            title_align="left",
            border_style="yellow",
        )
    )


def _origin(card: ProposalView, language: Language) -> list[str]:
    """Say that a language model chose it, and which foreign text may have caused it."""
    zh = language == "zh"
    facts = card.reason.get("facts") or {}
    lines = [
        escape(f"{word(name, language).replace('_', ' ')}: {facts[name]}")
        for name in ("read by", "worded by the model")
        if name in facts
    ]
    if source := card.reason.get("source"):
        said = "由外部文本引起，仅供引用：" if zh else "Caused by a text from outside, quoted: "
        lines.append(f"[bold red]{escape(said + source)}[/]")
    return lines


def show_result(console: Console, result: TurnResult, language: Language) -> None:
    """Draw what the assistant said, with the table, choices or proposal that belong to it."""
    console.print(result.text, markup=False, highlight=False)
    if result.grid is not None:
        show_grid(console, result.grid, language)
    for place, option in enumerate(result.options, start=1):
        console.print(f"  {place}. {option}", markup=False, highlight=False)
    if result.proposal is not None and result.kind == "proposal":
        show_proposal(console, result.proposal, language)
    if result.verified:
        said = "已确认的问题" if language == "zh" else "verified question"
        console.print(f"[green]✓ {said}[/]")
    if result.usage is not None:
        console.print(f"[dim]{escape(f'{result.model} · {result.usage.says(language)}')}[/]")


def show_report(console: Console, report: ImportReport, language: Language) -> None:
    """Draw what became of every file."""
    chinese = language == "zh"
    heads = (
        ("文件", "读取", "写入", "已有", "损坏", "跳过")
        if chinese
        else ("file", "read", "written", "known", "broken", "left out")
    )
    table = Table(show_edge=False, header_style="bold", pad_edge=False)
    for place, head in enumerate(heads):
        table.add_column(head, justify="right" if place else "left")
    for file in report.files:
        counts = (file.read, file.written, file.known_before, file.broken)
        skipped = sum(file.skipped.values())
        table.add_row(escape(file.file), *(f"{count:,}" for count in (*counts, skipped)))
    console.print(table)
    for file in report.files:
        for reason, count in file.skipped.items():
            console.print(escape(f"{file.file}: {count:,} × {reason[chinese]}"))
    show_faults(console, report.faults, language)
    if report.not_read:
        head = "尚无对应模块，未读取：" if chinese else "Not read, no room takes them yet: "
        console.print(escape(head + ", ".join(report.not_read)))
    for note in report.notes:
        console.print(escape(note[chinese]))
    console.print(f"[bold]{escape(report.summary(language))}[/]")


def show_faults(console: Console, faults: list[Fault], language: Language) -> None:
    """Say of broken rows where they are and what is wrong with them."""
    for fault in faults[:FAULTS_SHOWN]:
        line = f"第 {fault.line} 行" if language == "zh" else f"line {fault.line}"
        problem = fault.problem.message(language)
        console.print(f"{fault.file}, {line}: {problem}", markup=False, highlight=False)
    if len(faults) > FAULTS_SHOWN:
        more = len(faults) - FAULTS_SHOWN
        console.print(f"… 另有 {more} 行损坏" if language == "zh" else f"… and {more} more")


def _is_currency(unit: str) -> bool:
    return len(unit) == len("EUR") and unit.isupper()


def _cell(value: Any, unit: str) -> str:  # noqa: ANN401  # A cell is whatever the column holds.
    if value is None:
        return "-"
    if isinstance(value, Decimal):
        if _is_currency(unit):
            return f"{value:,.{digits_of(unit)}f}"
        if unit == "percent":
            return f"{value:,.1f}"
        whole, _, fraction = plain(value).partition(".")
        return f"{int(whole):,}" + (f".{fraction}" if fraction else "")
    if isinstance(value, int) and not isinstance(value, bool) and unit:
        return f"{value:,}"
    return str(value)
