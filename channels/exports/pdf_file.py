"""A table as a PDF, drawn as accountants draw it: thin rules over sums, double ones under totals.

The font holds Latin and Chinese and is embedded, as far as its letters are used: the page looks
the same everywhere.
"""
# What a file format needs is imported when a file is made: no page of the web app waits for it.
# ruff: noqa: PLC0415

import io
import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from channels.exports.paper import Paper, PaperColumn, Style, shown

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

FONT = "Prokurist"
FONT_PACKAGE, FONT_FILE = "paperang_p2_fonts_cjk", "fonts/wqy-microhei.ttc"
SIZE, SMALL, LARGE = 9.0, 7.5, 15.0
LEADING, PADDING, INDENT = 12.5, 4.0, 10.0
MARGIN, HEAD, FOOT = 48.0, 40.0, 34.0
# From so many columns on the page lies on its side.
COLUMNS_UPRIGHT = 6
BOLD_STROKE = 0.28
TEXT_SHARE_MAX = 0.46
# Where a line may be broken: between words, and between any two Chinese characters.
_PIECES = re.compile(r"[\u2e80-\U0010ffff]|[^\s\u2e80-\U0010ffff]+\s*|\s+")


def pdf_of(paper: Paper) -> bytes:
    """Write the table as pages with its title, whose it is, and their numbers."""
    from reportlab.lib.pagesizes import A4, landscape
    from reportlab.pdfgen.canvas import Canvas

    _font()
    size = landscape(A4) if len(paper.columns) > COLUMNS_UPRIGHT else A4
    written = io.BytesIO()
    canvas = Canvas(written, pagesize=size, invariant=1, pageCompression=1)
    canvas.setTitle(f"{paper.title} · {paper.company}")
    canvas.setCreator("Prokurist")
    _Pages(canvas, paper, size).draw()
    canvas.save()
    return written.getvalue()


@cache
def _font() -> None:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    with resources.as_file(resources.files(FONT_PACKAGE) / FONT_FILE) as path:
        pdfmetrics.registerFont(TTFont(FONT, str(path), subfontIndex=0))


def _width(text: str, size: float) -> float:
    from reportlab.pdfbase.pdfmetrics import stringWidth

    return float(stringWidth(text, FONT, size))


def broken(text: str, width: float, size: float = SIZE) -> list[str]:
    """Break a text into lines of a width; a word that is too long is cut."""
    lines, line = [], ""
    for piece in _PIECES.findall(text):
        rest = piece
        while rest:
            if _width((line + rest).rstrip(), size) <= width:
                line, rest = line + rest, ""
            elif line:
                lines.append(line.rstrip())
                line = ""
            else:
                fits = next(
                    (n for n in range(len(rest), 1, -1) if _width(rest[:n], size) <= width), 1
                )
                lines.append(rest[:fits])
                rest = rest[fits:]
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


class _Pages:
    """Rows put on pages, each under the head of the table."""

    def __init__(self, canvas: "Canvas", paper: Paper, size: tuple[float, float]) -> None:
        self.canvas, self.paper = canvas, paper
        self.width, self.height = size
        self.widths = _widths(paper, self.width - 2 * MARGIN)
        self.rows = [self._broken(place) for place in range(len(paper.rows))]

    def draw(self) -> None:
        """Draw every page."""
        pages = self._paged()
        for number, places in enumerate(pages, start=1):
            y = self._draw_head(number, len(pages))
            for place in places:
                y = self._draw_row(place, y)
            self.canvas.showPage()

    def _broken(self, place: int) -> list[list[str]]:
        """Return the lines of each cell of a row."""
        lines = []
        for at, (column, cell) in enumerate(
            zip(self.paper.columns, self.paper.rows[place], strict=True)
        ):
            room = self.widths[at] - 2 * PADDING - self._inset(place, at)
            text = shown(cell, column)
            lines.append([text] if column.is_number else broken(text, room))
        return lines

    def _inset(self, place: int, column: int) -> float:
        return self.paper.levels[place] * INDENT if column == self.paper.inset_column else 0.0

    def _height_of(self, place: int) -> float:
        gap = 5.0 if self.paper.styles[place] == "heading" else 2.0
        return LEADING * max(len(lines) for lines in self.rows[place]) + gap

    def _paged(self) -> list[list[int]]:
        pages: list[list[int]] = [[]]
        room = self._room(first=True)
        for place in range(len(self.rows)):
            height = self._height_of(place)
            # A heading does not stay behind alone at the foot of a page.
            is_heading = self.paper.styles[place] == "heading"
            if pages[-1] and room < height + (2 * LEADING if is_heading else 0):
                pages.append([])
                room = self._room(first=False)
            pages[-1].append(place)
            room -= height
        return pages

    def _room(self, *, first: bool) -> float:
        above = self._title_height() if first else 0.0
        return self.height - 2 * MARGIN - HEAD - FOOT - above

    def _title_height(self) -> float:
        return 30.0 + 11.0 * len(self.paper.notes)

    def _draw_head(self, number: int, count: int) -> float:
        """Draw what stands around the rows of a page; return where they begin."""
        paper, canvas = self.paper, self.canvas
        right, y = self.width - MARGIN, self.height - MARGIN
        canvas.setFillGray(0.35)
        self._say(paper.company, MARGIN, y, SMALL)
        self._say(paper.made_on.isoformat(), right, y, SMALL, is_right=True)
        said = f"第 {number} 页，共 {count} 页" if paper.language == "zh" else (
            f"Page {number} of {count}"
        )  # fmt: skip
        self._say(said, right, MARGIN - 14, SMALL, is_right=True)
        self._say(f"{paper.title} · Prokurist", MARGIN, MARGIN - 14, SMALL)
        canvas.setFillGray(0)
        y -= 8
        if number == 1:
            y -= 18
            self._say(paper.title, MARGIN, y, LARGE, is_bold=True)
            canvas.setFillGray(0.35)
            for note in paper.notes:
                y -= 11
                self._say(note, MARGIN, y, SMALL)
            canvas.setFillGray(0)
            y -= 4
        return self._draw_names(y - 6)

    def _draw_names(self, y: float) -> float:
        names = [
            broken(column.title, width - 2 * PADDING, SMALL)
            for column, width in zip(self.paper.columns, self.widths, strict=True)
        ]
        most = max(len(lines) for lines in names)
        x = MARGIN
        for column, lines, width in zip(self.paper.columns, names, self.widths, strict=True):
            for place, line in enumerate(lines):
                at = y - 9.5 * (most - len(lines) + place + 1)
                self._say_in(column, line, x, at, width, size=SMALL, is_bold=True)
            x += width
        y -= 9.5 * most + 4
        self._rule(MARGIN, self.width - MARGIN, y, 0.8)
        return y - 2

    def _draw_row(self, place: int, y: float) -> float:
        style = self.paper.styles[place]
        bottom = y - self._height_of(place)
        top = y - (3.0 if style == "heading" else 0.0)
        x = MARGIN
        for at, (column, lines) in enumerate(
            zip(self.paper.columns, self.rows[place], strict=True)
        ):
            width, inset = self.widths[at], self._inset(place, at)
            for number, line in enumerate(lines):
                base = top - LEADING * (number + 1) + 2.5
                self._say_in(column, line, x + inset, base, width - inset, is_bold=style != "")
            if column.is_number and lines[0]:
                self._draw_rules(style, x + PADDING, x + width - PADDING, top, bottom)
            x += width
        return bottom

    def _draw_rules(
        self, style: Style, left: float, right: float, top: float, bottom: float
    ) -> None:
        if style in {"subtotal", "total"}:
            self._rule(left, right, top - 0.5, 0.5)
        if style == "total":
            self._rule(left, right, bottom + 1.6, 0.4)
            self._rule(left, right, bottom + 0.2, 0.4)

    def _rule(self, left: float, right: float, y: float, thickness: float) -> None:
        self.canvas.setLineWidth(thickness)
        self.canvas.line(left, y, right, y)

    def _say_in(
        self,
        column: PaperColumn,
        text: str,
        x: float,
        y: float,
        width: float,
        *,
        size: float = SIZE,
        is_bold: bool = False,
    ) -> None:
        at = x + width - PADDING if column.is_number else x + PADDING
        self._say(text, at, y, size, is_bold=is_bold, is_right=column.is_number)

    def _say(
        self,
        text: str,
        x: float,
        y: float,
        size: float,
        *,
        is_bold: bool = False,
        is_right: bool = False,
    ) -> None:
        said = self.canvas.beginText()
        said.setTextOrigin(x - _width(text, size) if is_right else x, y)
        said.setFont(FONT, size)
        self.canvas.saveState()
        if is_bold:
            # The font has one weight: a stroke around the letters makes them bold.
            said.setTextRenderMode(2)
            self.canvas.setLineWidth(BOLD_STROKE)
        said.textOut(text)
        self.canvas.drawText(said)
        self.canvas.restoreState()


def _widths(paper: Paper, room: float) -> list[float]:
    """Share the width of the page: numbers get what they need, texts the rest by their length."""
    wanted = []
    for place, column in enumerate(paper.columns):
        inset = INDENT * max(paper.levels, default=0) if place == paper.inset_column else 0
        texts = [shown(row[place], column) for row in paper.rows]
        head = max((_width(piece, SMALL) for piece in column.title.split()), default=0.0)
        widest = max([*(_width(text, SIZE) for text in texts), head], default=0.0)
        wanted.append(widest + inset + 2 * PADDING + 1)
    if sum(wanted) <= room:
        return _stretched(paper, wanted, room)
    numbers = sum(w for c, w in zip(paper.columns, wanted, strict=True) if c.is_number)
    texts_wanted = [
        0.0 if column.is_number else min(width, room * TEXT_SHARE_MAX)
        for column, width in zip(paper.columns, wanted, strict=True)
    ]
    left = max(room - numbers, room * 0.25)
    share = left / sum(texts_wanted) if any(texts_wanted) else 0.0
    shared = [
        width if column.is_number else part * min(share, 1.0)
        for column, width, part in zip(paper.columns, wanted, texts_wanted, strict=True)
    ]
    return [width * min(1.0, room / sum(shared)) for width in shared]


def _stretched(paper: Paper, wanted: Sequence[float], room: float) -> list[float]:
    """Give what is left to the widest column of text, so that amounts stand at the right edge."""
    texts = [place for place, column in enumerate(paper.columns) if not column.is_number]
    widest = max(texts, key=lambda place: wanted[place], default=0)
    spare = room - sum(wanted)
    return [width + (spare if place == widest else 0.0) for place, width in enumerate(wanted)]
