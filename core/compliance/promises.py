"""The promises about reservations and lots."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from core.compliance.findings import Finding, found


def promises_are_still_wanted(session: Session) -> Iterator[Finding]:
    """I4: an order is promised, and waits for, no more than what is still to go out of it."""
    yield from found(
        session,
        "I4",
        """
        SELECT reservation.origin || ' ' || item.sku,
            trim_scale(sum(reservation.quantity)) || ' are reserved or waiting, '
            || trim_scale(max(wanted.still)) || ' are still to go'
        FROM reservation
        JOIN LATERAL (
            SELECT CASE WHEN sales_order.state = 'cancelled' THEN 0
                ELSE line.quantity - line.delivered_quantity END AS still
            FROM sales_order_line AS line JOIN sales_order ON sales_order.id = line.order_id
            WHERE line.id = reservation.line_id
        ) AS wanted ON true
        JOIN item ON item.id = reservation.item_id
        WHERE reservation.state IN ('active', 'waiting')
        GROUP BY reservation.line_id, reservation.origin, item.sku
        HAVING sum(reservation.quantity) > max(wanted.still)
        ORDER BY 1
        """,
    )


def lots_are_the_levels(session: Session) -> Iterator[Finding]:
    """I3: what lies in the lots of a tracked item is what lies on its shelf."""
    yield from found(
        session,
        "I3",
        """
        WITH sums AS (
            SELECT item_id, location_id, sum(on_hand) AS on_hand, sum(reserved) AS reserved
            FROM lot_level GROUP BY 1, 2
        )
        SELECT item.sku || ' @ ' || location.code,
            'on hand is ' || trim_scale(coalesce(level.on_hand, 0))
            || ', its lots add up to ' || trim_scale(coalesce(sums.on_hand, 0))
        FROM (
            SELECT stock_level.* FROM stock_level JOIN item ON item.id = item_id
            WHERE item.tracking <> 'none'
        ) AS level
        FULL JOIN sums USING (item_id, location_id)
        JOIN item ON item.id = item_id JOIN location ON location.id = location_id
        WHERE coalesce(level.on_hand, 0) <> coalesce(sums.on_hand, 0)
            OR coalesce(sums.reserved, 0) > coalesce(level.reserved, 0)
        ORDER BY 1
        """,
    )


def lots_are_their_moves(session: Session) -> Iterator[Finding]:
    """I3: what lies in a lot is the sum of its moves, and a move is the sum of its lots."""
    yield from found(
        session,
        "I3",
        """
        WITH moved AS (
            SELECT lot_move.lot_id, move.to_location_id AS location_id, lot_move.quantity
            FROM lot_move JOIN stock_move AS move ON move.id = lot_move.move_id
            UNION ALL
            SELECT lot_move.lot_id, move.from_location_id, -lot_move.quantity
            FROM lot_move JOIN stock_move AS move ON move.id = lot_move.move_id
        ), sums AS (
            SELECT lot_id, location_id, sum(quantity) AS quantity
            FROM moved JOIN location ON location.id = moved.location_id
            WHERE location.kind = 'internal' GROUP BY 1, 2
        )
        SELECT 'lot ' || lot.number || ' @ ' || location.code,
            'on hand is ' || trim_scale(coalesce(lot_level.on_hand, 0))
            || ', its moves add up to ' || trim_scale(coalesce(sums.quantity, 0))
        FROM sums FULL JOIN lot_level USING (lot_id, location_id)
        JOIN lot ON lot.id = lot_id JOIN location ON location.id = location_id
        WHERE coalesce(lot_level.on_hand, 0) <> coalesce(sums.quantity, 0)
        UNION ALL
        SELECT 'move ' || min(move.origin),
            'its lots add up to ' || trim_scale(sum(lot_move.quantity))
            || ', it moved ' || trim_scale(min(move.quantity))
        FROM lot_move JOIN stock_move AS move ON move.id = lot_move.move_id
        GROUP BY move.id HAVING sum(lot_move.quantity) <> min(move.quantity)
        ORDER BY 1
        """,
    )


def promised_lots_are_their_rows(session: Session) -> Iterator[Finding]:
    """I4: what is promised of a lot is the sum of the active reservations that name it."""
    yield from found(
        session,
        "I4",
        """
        WITH sums AS (
            SELECT lot_id, location_id, sum(quantity) AS reserved
            FROM reservation WHERE state = 'active' AND lot_id IS NOT NULL GROUP BY 1, 2
        )
        SELECT 'lot ' || lot.number || ' @ ' || location.code,
            trim_scale(coalesce(kept.reserved, 0)) || ' are reserved, the reservations add up to '
            || trim_scale(coalesce(sums.reserved, 0))
        FROM sums FULL JOIN lot_level AS kept USING (lot_id, location_id)
        JOIN lot ON lot.id = lot_id JOIN location ON location.id = location_id
        WHERE coalesce(kept.reserved, 0) <> coalesce(sums.reserved, 0)
        ORDER BY 1
        """,
    )
