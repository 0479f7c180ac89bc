"""The tool that lists records of any kind: orders, invoices, items, customers ..."""

from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from core.kernel.database import acting
from core.kernel.errors import Language
from core.kernel.identity.roles import Role
from core.kernel.listing import Holds
from core.kernel.semantics import Said, Unit
from core.kernel.words import capital
from core.reporting import lists
from core.reporting.lists import Listing, ListQuery
from core.reporting.lists.listing import ListColumn, ListRow, Named, Total
from core.reporting.words import written
from tools.base import Answer, Arguments, Column, Grid, Tool

EVERYBODY = frozenset(Role)
_UNITS = {
    Holds.QUANTITY: "quantity",
    Holds.COUNT: "number",
    Holds.PERCENT: "percent",
    Holds.DATE: "date",
}
_EMPTY = {
    "unknown_member": Said(
        "Nothing is called what the question asks for.", "问题中提到的名称不存在。"
    ),
    "nothing_on_file": Said("Nothing of this kind is on file.", "系统中没有此类记录。"),
    "nothing_matches": Said("There are none.", "没有符合条件的记录。"),
}


class ListRecords(Arguments):
    """List records, such as open orders or overdue invoices: which ones, what of them, sorted."""

    query: ListQuery


class RecordsListed(Answer):
    """A page of records, said and laid out."""

    listing: Listing
    language: Language

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are, what they add up to, and what is not shown."""
        found, zh = self.listing, language == "zh"
        said = capital(found.read_back.in_(language))
        if found.emptiness:
            return f"{said}{'：' if zh else ': '}{_EMPTY[found.emptiness].in_(language)}"
        parts = [f"共 {found.count:,} 条" if zh else f"{found.count:,}"]
        parts += [text for total in found.totals if (text := self._total(total, language))]
        shown = len(found.rows)
        text = f"{said}{'：' if zh else ': '}{('；' if zh else '; ').join(parts)}"
        text += "。" if zh else "."
        if shown < found.count:
            text += f"此处显示 {shown:,} 条。" if zh else f" {shown:,} of them are shown here."
        if found.own:
            text += "您只能看到自己的记录。" if zh else " You see your own only."
        return text

    def _total(self, total: Total, language: Language) -> str:
        names = {column.id: column.names for column in self.listing.columns}
        said = [
            f"{names[field].in_(language)} {written(amount, Unit.MONEY, total.currency)}"
            for field, amount in total.amounts.items()
        ]
        return ("，" if language == "zh" else ", ").join(said)

    def grid(self) -> Grid:
        """Return the page; where amounts are in several currencies, each row says its own."""
        found = self.listing
        several = self._several_currencies()
        columns = [self._column(column) for column in found.columns]
        if several:
            columns.append(Column("currency", "币种"))
        rows = tuple(
            (*self._cells(row), *((row.currency,) if several else ())) for row in found.rows
        )
        return Grid(tuple(columns), rows)

    def _several_currencies(self) -> bool:
        holds_money = any(column.holds is Holds.MONEY for column in self.listing.columns)
        return holds_money and len(self.listing.totals) > 1

    def _column(self, column: ListColumn) -> Column:
        unit = _UNITS.get(column.holds, "")
        if column.holds is Holds.MONEY:
            unit = column.sign or "number"
        return Column(column.names.en, column.names.zh, unit)

    def _cells(self, row: ListRow) -> tuple[Any, ...]:
        return tuple(_cell(value, self.language) for value in row.values)

    def notes(self, language: Language = "en") -> list[str]:
        """Say which records these are where they are printed."""
        return [self.listing.read_back.in_(language)]

    def heading(self, language: Language = "en") -> str:
        """Return what is listed."""
        return capital(self.listing.kind.names.in_(language))

    def query(self) -> dict[str, Any]:
        """Return the typed question."""
        plain: dict[str, Any] = self.listing.query.model_dump(mode="json")
        return plain

    def figures(self) -> list[dict[str, Any]]:
        """Return how many there are and what their amounts add up to, each with its filters."""
        found = self.listing
        filters = [f"{one.field} {one.op}" for one in found.query.filters]
        about = {"filters": filters, "as_of": found.as_of, "basis": found.read_back.en}
        figures: list[dict[str, Any]] = [
            {"metric": found.kind.id, "value": found.count, "unit": "count", "rows": found.count,
             **about}
        ]  # fmt: skip
        for total in found.totals:
            figures += [
                {"metric": f"{found.kind.id}.{field}", "value": amount, "unit": total.currency,
                 "rows": total.count, **about}
                for field, amount in total.amounts.items()
            ]  # fmt: skip
        return figures


def _cell(value: Any, language: Language) -> Any:  # noqa: ANN401  # What a field holds.
    if isinstance(value, Named):
        return value.label.in_(language)
    if isinstance(value, Said):
        return value.in_(language)
    if isinstance(value, Decimal):
        return value
    return "" if value is None else value


def list_records(session: Session, arguments: ListRecords) -> RecordsListed:
    """List what is asked for."""
    listing = lists.list_records(session, arguments.query)
    return RecordsListed(listing=listing, language=acting(session).actor.language)


TOOLS = (
    Tool(
        name="reporting.list_records",
        arguments=ListRecords,
        run=list_records,
        writes=False,
        title="List records",
        title_zh="记录列表",
        roles=EVERYBODY,
    ),
)
