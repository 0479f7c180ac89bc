"""Records of the stock: transfers, counts, holds, reservations and lots."""

from sqlalchemy.orm import Session

from channels.web.elements import figure
from channels.web.layout import Visit
from channels.web.pages.shown import Reads, Shown, item_link, named
from core import catalog, inventory
from core.catalog import Item
from core.inventory import Location
from core.inventory.counting import count_view, find_count
from core.inventory.counting.errors import UnknownCount
from core.inventory.holding import find_hold, hold_view
from core.inventory.transfers import find_transfer, transfer_view
from core.inventory.transfers.errors import UnknownTransfer
from core.kernel.words import word
from core.reporting.provenance import UnknownDocument


def _transfer(session: Session, number: str, visit: Visit) -> Shown:
    try:
        transfer = transfer_view(session, find_transfer(session, number))
    except UnknownTransfer:
        # What was carried over at once has moves, and no document that waits for its arrival.
        return _of_moves(session, number, "stock_transfer", visit)
    t, language = visit.t, visit.language
    return Shown(
        title=f"{word('stock_transfer', language)} {transfer.number}",
        facts=[
            (t("state"), word(transfer.state, language)),
            (t("from"), transfer.source),
            (t("to"), transfer.target),
            (t("at"), transfer.shipped_on.isoformat()),
            (t("expected_on"), transfer.expected_on.isoformat() if transfer.expected_on else ""),
        ],
        columns=[
            (t("item"), ""),
            (t("quantity"), "number"),
            (t("in_transit"), "number"),
            (t("received"), "number"),
            (t("sent_back"), "number"),
            (t("lost"), "number"),
        ],
        rows=[
            (
                item_link(line.sku, named(line.name, line.name_zh, language)),
                figure(line.quantity),
                figure(line.under_way),
                figure(line.received),
                figure(line.returned),
                figure(line.lost),
            )
            for line in transfer.lines
        ],
    )


def _count(session: Session, number: str, visit: Visit) -> Shown:
    try:
        count = count_view(session, find_count(session, number))
    except UnknownCount:
        # One shelf that was counted by itself has a move, and no list.
        return _of_moves(session, number, "stock_count", visit)
    t, language = visit.t, visit.language
    # Who is to count is not told what the books say.
    is_blind = count.blind and count.closed_on is None
    lines = [line.blinded() if is_blind else line for line in count.lines]
    return Shown(
        title=f"{word('stock_count', language)} {count.number}",
        facts=[
            (t("state"), word(count.state, language)),
            (t("place"), count.location),
            (t("at"), count.started_on.isoformat()),
            (t("counted"), f"{count.counted} / {count.shelves}"),
            (t("because"), count.because),
        ],
        columns=[
            (t("item"), ""),
            (t("place"), ""),
            (t("expected"), "number"),
            (t("counted"), "number"),
            (t("difference"), "number"),
        ],
        rows=[
            (
                item_link(line.sku, named(line.name, line.name_zh, language)),
                line.location,
                figure(line.expected),
                figure(line.counted),
                figure(line.difference),
            )
            for line in lines
        ],
    )


def _hold(session: Session, number: str, visit: Visit) -> Shown:
    hold = hold_view(find_hold(session, number))
    t, language = visit.t, visit.language
    return Shown(
        title=f"{word('stock_hold', language)} {hold.number}",
        facts=[
            (t("item"), f"{hold.sku} {named(hold.name, hold.name_zh, language)}"),
            (t("from"), hold.source),
            (t("place"), hold.place),
            (t("at"), hold.held_on.isoformat()),
            (t("quantity"), figure(hold.quantity)),
            (t("held"), figure(hold.held)),
            (t("released"), figure(hold.released)),
            (t("scrapped"), figure(hold.scrapped)),
            (t("because"), hold.because),
        ],
    )


def _reservation(session: Session, number: str, visit: Visit) -> Shown:
    aside = inventory.set_aside_of(session, inventory.find_set_aside(session, number).number)
    t, language = visit.t, visit.language
    return Shown(
        title=f"{word('reservation', language)} {aside.number}",
        facts=[
            (t("item"), f"{aside.sku} {named(aside.name, aside.name_zh, language)}"),
            (t("place"), aside.location),
            (t("party"), aside.party or ""),
            (t("quantity"), figure(aside.asked)),
            (t("reserved"), figure(aside.reserved)),
            (t("waiting"), figure(aside.waiting)),
            (t("kind"), word(aside.kind, language) if aside.kind else ""),
            (t("until"), aside.until.isoformat() if aside.until else ""),
            (t("because"), aside.because),
        ],
    )


def _lot(session: Session, number: str, visit: Visit) -> Shown:
    # Several items may have a lot of the same number: a link names the item as well.
    said, _, sku = number.partition("@")
    item = catalog.find_item(session, sku) if sku else None
    lot = inventory.find_lot(session, said, item=item)
    trace, t, language = inventory.trace_lot(session, lot), visit.t, visit.language
    steps = sorted((*trace.came, *trace.moved, *trace.went), key=lambda step: step.moved_on)
    return Shown(
        title=f"{word('lot', language)} {trace.number}",
        facts=[
            (t("item"), f"{trace.sku} {named(trace.name, trace.name_zh, language)}"),
            (t("state"), word(lot.status, language)),
            (t("expires_on"), lot.expires_on.isoformat() if lot.expires_on else ""),
            (t("on_hand"), figure(trace.on_hand)),
            (t("because"), lot.held_because),
        ],
        columns=[
            (t("at"), "nowrap"),
            (t("from"), ""),
            (t("to"), ""),
            (t("quantity"), "number"),
            (t("document"), ""),
        ],
        rows=[
            (
                step.moved_on.isoformat(),
                step.source,
                step.target,
                figure(step.quantity),
                step.origin,
            )
            for step in steps
        ],
    )


def _of_moves(session: Session, number: str, kind: str, visit: Visit) -> Shown:
    moves = inventory.moves_of(session, number)
    if not moves:
        raise UnknownDocument(number=number)
    t, language, rows = visit.t, visit.language, []
    for move in moves:
        item = session.get_one(Item, move.item_id)
        source = session.get_one(Location, move.from_location_id)
        target = session.get_one(Location, move.to_location_id)
        called = named(item.name, item.name_zh, language)
        rows.append((item_link(item.sku, called), source.code, target.code, figure(move.quantity)))
    return Shown(
        title=f"{word(kind, language)} {number}",
        facts=[(t("at"), moves[0].moved_on.isoformat())],
        columns=[(t("item"), ""), (t("from"), ""), (t("to"), ""), (t("quantity"), "number")],
        rows=rows,
    )


STOCK_KINDS: dict[str, Reads] = {
    "stock_transfer": _transfer,
    "stock_count": _count,
    "stock_hold": _hold,
    "reservation": _reservation,
    "lot": _lot,
}
