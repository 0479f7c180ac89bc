"""The promises about what stock is worth."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.catalog import Item
from core.compliance.findings import SHOWN_MAX, Finding, found
from core.inventory import StockValue
from core.inventory.valuation.reading import Kept, Timeline, read_layers, timelines_of
from core.inventory.valuation.timeline import Replay
from core.kernel.company import company
from core.kernel.money import digits_of, plain
from core.ledger.chart import INVENTORY

# Their whole timelines are read together.
ITEMS_AT_ONCE = 50


def stock_is_the_inventory_account_on_every_day(session: Session) -> Iterator[Finding]:
    """I3: moves, corrections and revaluations of a day are the change of the inventory account."""
    yield from found(
        session,
        "I3",
        """
        WITH crossing AS (
            SELECT move.id, booked_on, value_minor,
                CASE target.kind WHEN 'internal' THEN 1 ELSE -1 END AS sign
            FROM stock_move AS move
            JOIN location AS source ON source.id = move.from_location_id
            JOIN location AS target ON target.id = move.to_location_id
            WHERE (source.kind = 'internal') <> (target.kind = 'internal')
        ), changes AS (
            SELECT booked_on AS day, sign * value_minor AS minor FROM crossing
            UNION ALL
            SELECT corrected_on, coalesce(sign, 1) * amount_minor
            FROM stock_correction LEFT JOIN crossing ON crossing.id = move_id
            UNION ALL
            SELECT booked_on, amount_minor FROM stock_revaluation
        ), stock AS (SELECT day, sum(minor) AS minor FROM changes GROUP BY day),
        books AS (
            SELECT posted_on AS day,
                sum(CASE side WHEN 'debit' THEN base_minor ELSE -base_minor END) AS minor
            FROM posting JOIN account ON account.id = posting.account_id
            WHERE account.role = :role GROUP BY posted_on
        )
        SELECT day::text, 'the stock became worth ' || coalesce(stock.minor, 0)
            || ' more, the inventory account ' || coalesce(books.minor, 0)
        FROM stock FULL JOIN books USING (day)
        WHERE coalesce(stock.minor, 0) <> coalesce(books.minor, 0)
        ORDER BY day
        """,
        {"role": INVENTORY},
    )


def layers_are_their_stock(session: Session) -> Iterator[Finding]:
    """I3: first in, first out, the layers of an item are all that there is of it."""
    yield from found(
        session,
        "I3",
        """
        WITH sums AS (
            SELECT item_id, sum(quantity) AS quantity, sum(value_minor) AS value
            FROM stock_layer GROUP BY item_id
        )
        SELECT item.sku, 'quantity and value are ' || trim_scale(coalesce(kept.quantity, 0))
            || ' and ' || coalesce(kept.value_minor, 0) || ', its layers add up to '
            || trim_scale(coalesce(sums.quantity, 0)) || ' and ' || coalesce(sums.value, 0)
        FROM stock_value AS kept FULL JOIN sums USING (item_id) JOIN item ON item.id = item_id
        WHERE (kept.method = 'fifo' OR sums.item_id IS NOT NULL)
            AND coalesce(kept.quantity, 0) >= 0
            AND (coalesce(kept.quantity, 0), coalesce(kept.value_minor, 0))
                <> (coalesce(sums.quantity, 0), coalesce(sums.value, 0))
        ORDER BY 1
        """,
    )


def items_are_valued_as_they_say(session: Session) -> Iterator[Finding]:
    """I3: the stock of an item is kept by the method and the policy that the item has."""
    yield from found(
        session,
        "I3",
        """
        SELECT sku, 'it says ' || valuation_method || ' and ' || negative_stock
            || ', its stock is kept by ' || method || ', negative '
            || CASE WHEN negative_allowed THEN 'allowed' ELSE 'refused' END
        FROM item JOIN stock_value ON item_id = item.id
        WHERE method <> valuation_method OR negative_allowed <> (negative_stock = 'allow')
            OR (method = 'standard' AND stock_value.standard_cost <> item.standard_cost)
        ORDER BY 1
        """,
    )


def moves_are_taken_back_once(session: Session) -> Iterator[Finding]:
    """I3: of a move no more is taken back than it moved."""
    yield from found(
        session,
        "I3",
        """
        SELECT move.origin, trim_scale(move.quantity) || ' were moved, '
            || trim_scale(sum(back.quantity)) || ' came back'
        FROM stock_move AS move JOIN stock_move AS back ON back.returns_id = move.id
        GROUP BY move.id HAVING sum(back.quantity) > move.quantity
        ORDER BY 1
        """,
    )


def costs_are_their_replay(session: Session) -> Iterator[Finding]:
    """I3: played again, every move costs what is booked, and what is left is what is kept."""
    ours, shown = company(session), 0
    scale = 10 ** digits_of(ours.currency)
    wanted = select(StockValue, Item.sku).join(Item, Item.id == StockValue.item_id)
    rows = session.execute(wanted.order_by(Item.sku)).all()
    for start in range(0, len(rows), ITEMS_AT_ONCE):
        some = rows[start : start + ITEMS_AT_ONCE]
        kept = {row.item_id: _kept(row) for row, _ in some}
        read_layers(session, kept)
        timelines = timelines_of(session, kept)
        for row, sku in some:
            timeline = timelines[row.item_id]
            problems = _differences(
                timeline, timeline.replay(ours.rounding, scale), kept[row.item_id]
            )
            for problem in problems[: SHOWN_MAX - shown]:
                shown += 1
                yield Finding("I3", sku, problem)


def _kept(row: StockValue) -> Kept:
    return Kept(
        row.quantity,
        row.value_minor,
        row.method,
        row.standard_cost,
        row.negative_allowed,
        row.last_moved_on,
    )


def _differences(timeline: Timeline, played: Replay, kept: Kept) -> list[str]:
    problems = [
        f"{each.origin} of {each.moved_on} costs {each.before},"
        f" played again {each.before + each.amount}"
        for each in timeline.corrections(played)
    ]
    stock = played.stock
    if (stock.quantity, stock.value) != (kept.quantity, kept.value):
        problems.append(
            f"quantity and value are {plain(kept.quantity)} and {kept.value},"
            f" played again {plain(stock.quantity)} and {stock.value}"
        )
    layers = [(layer.key, layer.quantity, layer.value) for layer in stock.layers]
    if kept.layers is not None and kept.layers != layers:
        problems.append("its layers are not those of its moves")
    return problems
