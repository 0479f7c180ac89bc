"""Lists of every kind of record, and what is known of a record that has no page of its own."""

import json
from collections.abc import Sequence
from urllib.parse import urlencode

from fastapi import Request
from sqlalchemy.orm import Session

from channels.web.downloads import offer_files
from channels.web.elements import box, figure, heads, link, page_of_record, say, search_field, table
from channels.web.layout import Visit
from channels.web.pages.shown import Reads, Shown
from core.kernel.database import reading
from core.kernel.listing import Holds, RecordKind
from core.kernel.words import capital
from core.reporting.lists import (
    RECORDS,
    ListFilter,
    Listing,
    ListQuery,
    key_field,
    kinds_for,
    list_records,
    view_record,
)
from core.reporting.lists.listing import Named
from tools.records import RecordsListed

SHOWN_MAX = 50
Cell = str | tuple[str, str]


async def build(visit: Visit, _request: Request) -> None:
    """Show which lists there are for the visitor."""

    def read() -> tuple[RecordKind, ...]:
        with reading(visit.house.engine, visit.visitor.acting) as session:
            return kinds_for(session)

    language = visit.language
    kinds = await visit.house.run(read)
    with box("panel"), box("panel-body"), box("filters"):
        for kind in sorted(kinds, key=lambda each: each.names.in_(language)):
            link(capital(kind.names.in_(language)), f"/lists/{kind.id}", "chip")


async def build_one(visit: Visit, request: Request) -> None:
    """Show one list, a page at a time, narrowed by what one looks for."""
    records = request.path_params["records"]
    asked = {"containing": request.query_params.get("q", "")}
    after = request.query_params.get("after")

    def read(after: str | None) -> Listing:
        with reading(visit.house.engine, visit.visitor.acting) as session:
            return list_records(session, _query(records, asked["containing"], after))

    async def show(after: str | None = None) -> None:
        if not await visit.confirmed():
            return
        listing = await visit.house.run(read, after)
        found.clear()
        with found:
            _show(visit, listing, asked["containing"])

    async def search(text: str) -> None:
        asked["containing"] = text.strip()
        await visit.tried(show)

    with box("filters"):
        link(f"← {visit.t('lists')}", "/lists", "chip")
        search_field(asked["containing"], search, label=visit.t("search"))
    found = box()
    await show(after)


def _query(records: str, containing: str, after: str | None) -> ListQuery:
    filters = []
    if containing and (field := _searched(RECORDS.kinds.get(records), containing)):
        filters.append(ListFilter(field=field, op="contains", values=(containing,)))
    return ListQuery(records=records, filters=tuple(filters), limit=SHOWN_MAX, after=after)


def _searched(kind: RecordKind | None, text: str) -> str:
    """Return where to look: a number among the numbers, everything else in what it is called."""
    if kind is None:
        return ""
    known_by = key_field(kind)
    texts = [f for f in kind.fields if f.holds is Holds.TEXT and f.column is not None and f.shown]
    called = [f for f in texts if f is not known_by]
    is_number = any(sign.isdigit() for sign in text) and " " not in text
    looked = called if called and not is_number else texts
    return looked[0].id if looked else ""


def _show(visit: Visit, listing: Listing, containing: str) -> None:
    language = visit.language
    answer = RecordsListed(listing=listing, language=language)
    with box("panel"):
        with box("panel-title"):
            say(answer.sentence(language), tag="span")
            if listing.rows:
                plain = listing.query.model_copy(update={"after": None, "limit": 1_000})
                asked = json.loads(plain.model_dump_json(exclude_defaults=True))
                offer_files(visit, "reporting.list_records", {"query": asked})
        if not listing.rows:
            return
        with box("panel-body"):
            draw_listing(visit, listing)
    if listing.next is not None:
        where = {"after": listing.next} | ({"q": containing} if containing else {})
        with box("filters"):
            link(visit.t("next_page"), f"/lists/{listing.kind.id}?{urlencode(where)}", "button")


def draw_listing(visit: Visit, listing: Listing, *, label: str = "") -> None:
    """Draw the page of a list; what is a record with a page leads there."""
    language = visit.language
    answer = RecordsListed(listing=listing, language=language)
    grid = answer.grid()
    rows: list[Sequence[Cell]] = [
        [
            _linked(listing, place, row.key, value, figure(cell, column.unit))
            for place, (value, cell, column) in enumerate(
                # Where amounts are in several currencies, the last column says which.
                zip((*row.values, None), cells, grid.columns, strict=False)
            )
        ]
        for row, cells in zip(listing.rows, grid.rows, strict=True)
    ]
    table(heads(grid, language), rows, classes="stacked", label=label or answer.heading(language))


def _linked(listing: Listing, place: int, key: str, value: object, text: str) -> Cell:
    to = None
    if place == 0:
        to = page_of_record(listing.kind.ref, key)
    elif isinstance(value, Named):
        field = RECORDS.fields[listing.kind.id][listing.columns[place].id]
        to = page_of_record(field.dimension, value.key)
    return (text, to) if to is not None and text else text


def _reads(kind: RecordKind) -> Reads:
    """Return what shows one record of a kind by what is declared of it."""

    def read(session: Session, key: str, visit: Visit) -> Shown:
        language = visit.language
        listing = view_record(session, kind.id, key)
        grid = RecordsListed(listing=listing, language=language).grid()
        row = listing.rows[0]
        facts: list[tuple[str, str | Sequence[tuple[str, str]]]] = []
        for place, (value, cell) in enumerate(zip(row.values, grid.rows[0], strict=True)):
            column = grid.columns[place]
            text = figure(cell, column.unit)
            if listing.columns[place].holds is Holds.MONEY and text:
                text = f"{text} {row.currency}"
            linked = _linked(listing, place, row.key, value, text) if place else text
            name = column.in_(language)
            facts.append((name, text if isinstance(linked, str) else [linked]))
        return Shown(title=f"{kind.one.in_(language)} {row.key}", facts=facts)

    return read


LISTED_KINDS: dict[str, Reads] = {
    kind.ref: _reads(kind) for kind in RECORDS.kinds.values() if key_field(kind) is not None
}
