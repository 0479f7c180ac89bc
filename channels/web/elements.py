"""The few elements that pages are made of; whatever text they show is text, never HTML."""

import re
from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

from core.kernel.errors import Language
from core.kernel.words import capital
from core.reporting.lists import RECORDS as LISTED
from tools import Grid

COMPONENTS = Path(__file__).parent / "components"
# The kinds of records that have a page: those that can be listed, and a few more.
RECORDS = frozenset(kind.ref for kind in LISTED.kinds.values()) | {
    "invoice",
    "open_item",
    "landed_cost",
    "reservation",
}
# The documents that have a page, by the series of their numbers.
KINDS = {
    "SO": "sales_order",
    "PO": "purchase_order",
    "INV": "customer_invoice",
    "BILL": "supplier_bill",
    "CN": "customer_credit_note",
    "SCN": "supplier_credit_note",
    "OI": "open_item",
    "JE": "journal_entry",
    "PR": "proposal",
    "TR": "stock_transfer",
    "CT": "stock_count",
    "QH": "stock_hold",
    "RS": "reservation",
    "QU": "quotation",
    "RT": "sales_return",
    "RQ": "requisition",
    "RFQ": "quotation_request",
    "LC": "landed_cost",
    "DN": "delivery",
    "GR": "goods_receipt",
    "RCT": "customer_payment",
    "PAY": "supplier_payment",
    "C": "customer",
    "S": "supplier",
    "T": "ticket",
    "KB": "article",
    "LD": "ld",
    "OP": "op",
    "TK": "tk",
    "LV": "leave_request",
    "EX": "expense_claim",
    "PY": "payroll_run",
    "WO": "work_order",
    "BOM": "bill_of_materials",
    "PJ": "project",
}
NUMBER = re.compile(rf"(?<![\w-])(?:{'|'.join(KINDS)})-\d{{5,}}(?!\w)")

Does = Callable[[], Awaitable[object] | None]
Dressed = TypeVar("Dressed", bound=Element)
Takes = Callable[[str], Awaitable[None] | None]
TakesTick = Callable[[bool], Awaitable[None] | None]


def box(classes: str = "", tag: str = "div", **attributes: str) -> Element:
    """Make an element that holds others."""
    return _dressed(ui.element(tag), classes, attributes)


def say(text: str, classes: str = "", tag: str = "div", **attributes: str) -> TextElement:
    """Make an element that shows a text; the browser is given it as text."""
    return _dressed(TextElement(tag=tag, text=text), classes, attributes)


def link(text: str, to: str, classes: str = "") -> TextElement:
    """Make a link to a page of ours."""
    assert to.startswith("/"), "links lead to our own pages"
    return say(text, classes, tag="a", href=to)


def say_linked(text: str, classes: str = "", tag: str = "div") -> Element:
    """Show a text in which every document that can be opened is a link."""
    with box(classes, tag=tag) as whole:
        end = 0
        for found in NUMBER.finditer(text):
            if found.start() > end:
                say(text[end : found.start()], tag="span")
            link(found.group(), page_of(found.group()))
            end = found.end()
        if end < len(text):
            say(text[end:], tag="span")
    return whole


def page_of(number: str) -> str:
    """Return the page of the document with this number."""
    kind = KINDS[number.partition("-")[0]]
    return f"/{kind}/{number}" if kind == "proposal" else f"/record/{kind}/{number}"


def page_of_record(kind: str, number: str) -> str | None:
    """Return the page of a record of this kind, if records of it have one."""
    return f"/record/{kind}/{quote(number, safe='')}" if kind in RECORDS else None


def icon(name: str) -> Element:
    """Make a picture beside a word; it says nothing that the word does not."""
    return box(f"icon icon-{name}", tag="span", aria_hidden="true")


def button(text: str, does: Does, classes: str = "", **attributes: str) -> TextElement:
    """Make a button."""
    made = say(text, f"button {classes}", tag="button", type="button", **attributes)
    made.on("click", does, args=[])
    return made


class Composer(Element, component=str(COMPONENTS / "composer.js")):
    """Where a person writes to the assistant."""

    def __init__(self, *, placeholder: str, label: str, send_label: str, sends: Takes) -> None:
        super().__init__()
        self.props["placeholder"] = placeholder
        self.props["label"] = label
        self.props["sendLabel"] = send_label
        self.on("send", lambda event: sends(str(event.args)))

    def set_busy(self, *, busy: bool) -> None:
        """Keep the next message back while the last one is being answered."""
        self.props["busy"] = busy
        self.update()


class Field(Element, component=str(COMPONENTS / "field.js")):
    """One line to fill in."""

    def __init__(
        self,
        value: str,
        takes: Takes,
        *,
        label: str,
        placeholder: str = "",
        inputmode: str = "text",
        kind: str = "text",
        autofocus: bool = False,
        on_enter: Takes | None = None,
    ) -> None:
        super().__init__()
        self.props["value"] = value
        self.props["label"] = label
        self.props["placeholder"] = placeholder
        self.props["inputmode"] = inputmode
        self.props["type"] = kind
        self.props["autofocus"] = autofocus
        self.on("value", lambda event: takes(str(event.args)))
        if on_enter is not None:
            self.on("enter", lambda event: on_enter(str(event.args)))


def search_field(value: str, takes: Takes, *, label: str) -> Field:
    """Make a line for what one looks for; what it is for stands in it while it is empty."""
    return Field(value, takes, label=label, placeholder=label, kind="search")


class Choice(Element, component=str(COMPONENTS / "choice.js")):
    """One choice out of a few."""

    def __init__(
        self, value: str, options: Sequence[tuple[str, str]], takes: Takes, *, label: str
    ) -> None:
        super().__init__()
        self.props["value"] = value
        self.props["options"] = [list(option) for option in options]
        self.props["label"] = label
        self.on("value", lambda event: takes(str(event.args)))


class Tick(Element, component=str(COMPONENTS / "tick.js")):
    """A box to tick."""

    def __init__(self, takes: TakesTick, *, value: bool, label: str) -> None:
        super().__init__()
        self.props["value"] = value
        self.props["label"] = label
        self.on("value", lambda event: takes(event.args is True))


class Modal(Element, component=str(COMPONENTS / "modal.js")):
    """A window over the page, open as long as it is there."""

    def __init__(self, label: str) -> None:
        super().__init__()
        self.props["label"] = label
        self.on("close", self.close, args=[])

    def close(self) -> None:
        """Take the window away."""
        if not self.is_deleted:
            self.delete()


class Log(Element, component=str(COMPONENTS / "messages.js")):
    """A conversation that stays at its end while it grows."""


def classes_of_rows(grid: Grid) -> list[str]:
    """Return how each row of an answer is drawn: headings, sums, and how far it is set in."""
    count = len(grid.rows)
    styles, levels = grid.styles or ("",) * count, grid.levels or (0,) * count
    return [
        f"row-{style or 'plain'} level-{level}" for style, level in zip(styles, levels, strict=True)
    ]


def table(
    columns: Sequence[tuple[str, str]],
    rows: Sequence[Sequence[str | tuple[str, str]]],
    *,
    total: Sequence[str] | None = None,
    classes: str = "",
    label: str = "",
    row_classes: Sequence[str] = (),
) -> Element:
    """Show a table; a column is its name and its class, a cell a text or a text and a link.

    On a narrow screen every cell carries the name of its column, and a row becomes a small card.
    """
    with box(f"table-frame {classes}") as frame, box("table", tag="table", aria_label=label):
        with box(tag="thead"), box(tag="tr"):
            for name, kind in columns:
                say(name, kind, tag="th", scope="col")
        with box(tag="tbody"):
            for place, row in enumerate(rows):
                with box(row_classes[place] if row_classes else "", tag="tr"):
                    for (name, kind), cell in zip(columns, row, strict=True):
                        if isinstance(cell, tuple):
                            with box(kind, tag="td", data_label=name):
                                link(*cell)
                        elif NUMBER.fullmatch(cell):
                            with box(kind, tag="td", data_label=name):
                                link(cell, page_of(cell))
                        else:
                            say(cell, kind, tag="td", data_label=name)
        if total is not None:
            with box(tag="tfoot"), box(tag="tr"):
                for (name, kind), cell in zip(columns, total, strict=True):
                    say(cell, kind, tag="td", data_label=name)
    return frame


def heads(grid: Grid, language: Language) -> list[tuple[str, str]]:
    """Return the columns of an answer's table: a currency in the name, figures to the right."""
    return [
        (
            capital(column.in_(language)) + (f" ({column.unit})" if column.unit.isupper() else ""),
            "" if column.unit in {"", "date"} else "number",
        )
        for column in grid.columns
    ]


def figure(value: object, unit: str = "") -> str:
    """Write a figure the way people read it: 12,345.60, 1,200, 12.5 %."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return str(value)
    if not isinstance(value, Decimal | int):
        return str(value)
    number = Decimal(value)
    if len(unit) == len("EUR") and unit.isupper():
        return f"{number:,.2f}" if number == number.quantize(Decimal("0.01")) else f"{number:,f}"
    text = f"{number:,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text} %" if unit == "percent" else text


def _dressed(element: Dressed, classes: str, attributes: dict[str, str]) -> Dressed:
    if classes:
        element.classes(classes)
    for name, value in attributes.items():
        element.props[name.replace("_", "-")] = value
    return element
