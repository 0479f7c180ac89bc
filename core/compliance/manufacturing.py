"""The promises about production: what is in progress is what the open orders say."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy.orm import Session

from core.compliance.findings import Finding, found
from core.kernel import clock
from core.ledger.chart import WORK_IN_PROGRESS

# Whoever runs settles what came late within seconds.
SETTLED_WITHIN = timedelta(days=1)

# What every order moved, absorbed and settled: less than nothing where it left progress.
_DOCUMENTS = """
    moved AS (
        SELECT move.id, work_order.id AS order_id, move.origin, move.item_id, move.quantity,
            CASE target.kind WHEN 'internal' THEN -1 ELSE 1 END AS sign, move.value_minor,
            move.against
        FROM stock_move AS move JOIN work_order ON work_order.number = move.origin
        JOIN location AS source ON source.id = move.from_location_id
        JOIN location AS target ON target.id = move.to_location_id
        WHERE (source.kind = 'internal') <> (target.kind = 'internal')
            AND move.against = :role
    ), worked AS (
        SELECT order_id, sum(labour_minor + overhead_minor + cost_minor) AS minor
        FROM work_report GROUP BY 1
    ), varied AS (
        SELECT order_id, sum(amount_minor) AS minor FROM work_order_variance GROUP BY 1
    )
"""


def progress_is_in_the_books(session: Session) -> Iterator[Finding]:
    """I3: what an order brought into work in progress, and took out of it, its entries say."""
    yield from found(
        session,
        "I3",
        f"""
        WITH {_DOCUMENTS}, parts AS (
            SELECT origin AS number, sign * value_minor AS minor FROM moved
            UNION ALL
            SELECT correction.origin,
                CASE target.kind WHEN 'internal' THEN -1 ELSE 1 END * correction.amount_minor
            FROM stock_correction AS correction
            JOIN stock_move AS move ON move.id = correction.move_id
            JOIN location AS target ON target.id = move.to_location_id
            JOIN work_order ON work_order.number = correction.origin
            WHERE correction.against = :role
            UNION ALL
            SELECT number, minor FROM worked JOIN work_order ON work_order.id = order_id
            UNION ALL
            SELECT number, -minor FROM varied JOIN work_order ON work_order.id = order_id
        ), documents AS (SELECT number, sum(minor) AS minor FROM parts GROUP BY 1),
        books AS (
            SELECT entry.origin AS number,
                sum(CASE side WHEN 'debit' THEN base_minor ELSE -base_minor END) AS minor
            FROM posting JOIN account ON account.id = posting.account_id
            JOIN journal_entry AS entry ON entry.id = posting.entry_id
            JOIN work_order ON work_order.number = entry.origin
            WHERE account.role = :role GROUP BY 1
        )
        SELECT number, 'its documents brought ' || coalesce(documents.minor, 0)
            || ' into work in progress, its entries ' || coalesce(books.minor, 0)
        FROM documents FULL JOIN books USING (number)
        WHERE coalesce(documents.minor, 0) <> coalesce(books.minor, 0)
        ORDER BY 1
        """,  # noqa: S608
        {"role": WORK_IN_PROGRESS},
    )


def ended_orders_have_nothing_in_progress(session: Session) -> Iterator[Finding]:
    """I3: an order that ended has nothing in progress but what came since, within the last day."""
    yield from found(
        session,
        "I3",
        f"""
        WITH {_DOCUMENTS}, ended AS (
            SELECT id, number, closed_at FROM work_order WHERE state IN ('closed', 'cancelled')
        ), parts AS (
            SELECT order_id, sign * value_minor AS minor FROM moved
            UNION ALL
            SELECT moved.order_id, sign * amount_minor
            FROM stock_correction AS correction JOIN moved ON moved.id = correction.move_id
            JOIN ended ON ended.id = moved.order_id
            WHERE correction.against = :role
                AND correction.created_at <= greatest(ended.closed_at, :settled)
            UNION ALL SELECT order_id, minor FROM worked
            UNION ALL SELECT order_id, -minor FROM varied
        )
        SELECT number, sum(minor) || ' is in progress'
        FROM parts JOIN ended ON ended.id = parts.order_id
        GROUP BY number HAVING sum(minor) <> 0 ORDER BY 1
        """,  # noqa: S608
        {"role": WORK_IN_PROGRESS, "settled": clock.now() - SETTLED_WITHIN},
    )


def orders_are_their_reports(session: Session) -> Iterator[Finding]:
    """I3: what an order says was issued and came good is what moved, and what was reported."""
    yield from found(
        session,
        "I3",
        f"""
        WITH {_DOCUMENTS}, issued AS (
            SELECT order_id, item_id, sum(issued_quantity) AS quantity
            FROM work_order_component GROUP BY 1, 2
        ), made AS (
            SELECT id AS order_id, item_id, good_quantity AS quantity FROM work_order
            UNION ALL
            SELECT order_id, item_id, received_quantity FROM work_order_by_product
        ), said AS (
            SELECT order_id, item_id, quantity FROM issued
            UNION ALL SELECT order_id, item_id, -quantity FROM made
        ), sums AS (
            SELECT order_id, item_id, sum(quantity) AS quantity FROM said GROUP BY 1, 2
        ), moves AS (
            SELECT order_id, item_id, sum(sign * quantity) AS quantity FROM moved GROUP BY 1, 2
        ), reported AS (
            SELECT order_id, sum(quantity) FILTER (WHERE kind = 'output') AS good,
                sum(quantity) FILTER (WHERE kind = 'scrap') AS scrapped
            FROM work_report GROUP BY 1
        )
        SELECT work_order.number || ' ' || item.sku,
            'it says ' || trim_scale(coalesce(sums.quantity, 0)) || ', '
            || trim_scale(coalesce(moves.quantity, 0)) || ' moved'
        FROM sums FULL JOIN moves USING (order_id, item_id)
        JOIN work_order ON work_order.id = order_id
        JOIN item ON item.id = coalesce(sums.item_id, moves.item_id)
        WHERE coalesce(sums.quantity, 0) <> coalesce(moves.quantity, 0)
        UNION ALL
        SELECT number, 'it says ' || trim_scale(good_quantity) || ' good and '
            || trim_scale(scrapped_quantity) || ' scrapped, reported were '
            || trim_scale(coalesce(good, 0)) || ' and ' || trim_scale(coalesce(scrapped, 0))
        FROM work_order LEFT JOIN reported ON order_id = work_order.id
        WHERE state <> 'cancelled' AND (good_quantity, scrapped_quantity)
            <> (coalesce(good, 0), coalesce(scrapped, 0))
        ORDER BY 1
        """,  # noqa: S608
        {"role": WORK_IN_PROGRESS},
    )


def work_orders_are_promised_what_they_take(session: Session) -> Iterator[Finding]:
    """I4: an order is promised, and waits for, no more than it still takes."""
    yield from found(
        session,
        "I4",
        """
        SELECT work_order.number || ' ' || item.sku,
            trim_scale(sum(reservation.quantity)) || ' are reserved or waiting, '
            || trim_scale(max(part.quantity - part.issued_quantity)) || ' are still taken'
        FROM reservation JOIN work_order_component AS part ON part.id = reservation.line_id
        JOIN work_order ON work_order.id = part.order_id JOIN item ON item.id = part.item_id
        WHERE reservation.state IN ('active', 'waiting')
        GROUP BY work_order.id, part.id, item.sku
        HAVING max(work_order.state) IN ('firm', 'finished', 'closed', 'cancelled')
            OR sum(reservation.quantity) > greatest(max(part.quantity - part.issued_quantity), 0)
        ORDER BY 1
        """,
    )


def bills_are_trees(session: Session) -> Iterator[Finding]:
    """I11: nothing is made of itself by the bills that hold without an end."""
    yield from found(
        session,
        "I11",
        """
        WITH RECURSIVE edge AS (
            SELECT bom.item_id AS made, component.item_id AS part
            FROM bill_of_materials AS bom JOIN bom_component AS component ON bom_id = bom.id
            WHERE withdrawn_on IS NULL AND valid_until IS NULL
        ), below AS (
            SELECT made, part FROM edge
            UNION
            SELECT below.made, edge.part FROM below JOIN edge ON edge.made = below.part
        )
        SELECT item.sku, 'it is made of itself' FROM below JOIN item ON item.id = made
        WHERE made = part ORDER BY 1
        """,
    )
