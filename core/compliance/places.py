"""The promises about places: what is under way, held, counted, closed."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from core.compliance.findings import Finding, found


def goods_under_way_are_their_transfers(session: Session) -> Iterator[Finding]:
    """I3: what lies in transit was sent with a transfer and has not arrived."""
    yield from found(
        session,
        "I3",
        """
        WITH sent AS (
            SELECT item_id, sum(quantity - received - returned - lost) AS quantity
            FROM stock_transfer_line GROUP BY 1
        ), there AS (
            SELECT item_id, on_hand FROM stock_level
            JOIN location ON location.id = location_id WHERE purpose = 'transit'
        )
        SELECT item.sku, trim_scale(coalesce(on_hand, 0)) || ' are in transit, the transfers say '
            || trim_scale(coalesce(quantity, 0))
        FROM sent FULL JOIN there USING (item_id) JOIN item ON item.id = item_id
        WHERE coalesce(on_hand, 0) <> coalesce(quantity, 0)
        UNION ALL
        SELECT number, 'it is ' || state || ' with ' || trim_scale(left_over) || ' under way'
        FROM stock_transfer JOIN (
            SELECT transfer_id, sum(quantity - received - returned - lost) AS left_over
            FROM stock_transfer_line GROUP BY 1
        ) AS lines ON lines.transfer_id = stock_transfer.id
        WHERE (state = 'closed') <> (left_over = 0)
        ORDER BY 1
        """,
    )


def goods_held_are_their_holds(session: Session) -> Iterator[Finding]:
    """I3: what lies in a hold place is what its holds say."""
    yield from found(
        session,
        "I3",
        """
        WITH held AS (
            SELECT item_id, place_id AS location_id, sum(quantity - released - scrapped) AS quantity
            FROM stock_hold GROUP BY 1, 2
        ), there AS (
            SELECT item_id, location_id, on_hand FROM stock_level
            JOIN location ON location.id = location_id WHERE purpose = 'hold'
        )
        SELECT item.sku || ' @ ' || location.code, trim_scale(coalesce(on_hand, 0))
            || ' lie there, the holds say ' || trim_scale(coalesce(quantity, 0))
        FROM held FULL JOIN there USING (item_id, location_id)
        JOIN item ON item.id = item_id JOIN location ON location.id = location_id
        WHERE coalesce(on_hand, 0) <> coalesce(quantity, 0)
        ORDER BY 1
        """,
    )


def places_are_what_they_say(session: Session) -> Iterator[Finding]:
    """I3: closed places are empty, divided ones have parts, promises lie where goods are sold."""
    yield from found(
        session,
        "I3",
        """
        SELECT location.code, 'it is closed, and ' || trim_scale(on_hand) || ' '
            || item.sku || ' lie there'
        FROM location JOIN stock_level ON location_id = location.id JOIN item ON item.id = item_id
        WHERE closed_on IS NOT NULL AND on_hand <> 0
        UNION ALL
        SELECT location.code, trim_scale(reserved) || ' ' || item.sku
            || ' are promised, and it is not sold from'
        FROM location JOIN stock_level ON location_id = location.id JOIN item ON item.id = item_id
        WHERE NOT sellable AND reserved <> 0
        UNION ALL
        SELECT code, CASE WHEN divided THEN 'it is divided, and has no parts'
            ELSE 'it has parts, and is not divided' END
        FROM location WHERE divided <> EXISTS (
            SELECT FROM location AS part WHERE part.parent_id = location.id
                AND part.purpose = 'storage'
        )
        UNION ALL
        SELECT code, CASE WHEN frozen THEN 'it is frozen, and nothing in it is being counted'
            ELSE 'some of it is being counted, and it is not frozen' END
        FROM location WHERE frozen <> EXISTS (
            SELECT FROM frozen_stock WHERE location_id = location.id
        )
        ORDER BY 1
        """,
    )


def counts_are_in_the_books(session: Session) -> Iterator[Finding]:
    """I3: what a count booked is what it found to differ, and its rounds are all there."""
    yield from found(
        session,
        "I3",
        """
        WITH moved AS (
            SELECT origin, item_id, location.id AS location_id, sum(
                CASE location.id WHEN to_location_id THEN quantity ELSE -quantity END
            ) AS quantity
            FROM stock_move JOIN location ON location.id IN (from_location_id, to_location_id)
            WHERE location.kind = 'internal'
            AND origin IN (SELECT number FROM stock_count) GROUP BY 1, 2, 3
        ), said AS (
            SELECT number AS origin, item_id, line.location_id, difference AS quantity
            FROM stock_count_line AS line JOIN stock_count ON stock_count.id = count_id
            WHERE difference <> 0
        )
        SELECT origin || ' ' || item.sku, 'it found ' || trim_scale(coalesce(said.quantity, 0))
            || ', and ' || trim_scale(coalesce(moved.quantity, 0)) || ' moved'
        FROM said FULL JOIN moved USING (origin, item_id, location_id)
        JOIN item ON item.id = item_id
        WHERE coalesce(said.quantity, 0) <> coalesce(moved.quantity, 0)
        UNION ALL
        SELECT number || ' ' || item.sku, 'it has ' || line.rounds || ' rounds, and '
            || count(entry.id) || ' are kept'
        FROM stock_count_line AS line JOIN stock_count ON stock_count.id = count_id
        JOIN item ON item.id = item_id LEFT JOIN stock_count_entry AS entry ON line_id = line.id
        GROUP BY number, item.sku, line.id HAVING count(entry.id) <> line.rounds
        UNION ALL
        SELECT number, 'it is ' || state || ', and some of its lines are not'
        FROM stock_count JOIN stock_count_line AS line ON count_id = stock_count.id
        WHERE standing <> (state = 'open') GROUP BY number, state
        ORDER BY 1
        """,
    )
