"""The promises about stock."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from core.compliance.findings import Finding, found
from core.ledger.chart import INVENTORY


def stock_is_its_moves(session: Session) -> Iterator[Finding]:
    """I3: what lies in a warehouse is the sum of the moves into it and out of it."""
    yield from found(
        session,
        "I3",
        """
        WITH moved AS (
            SELECT item_id, to_location_id AS location_id, quantity FROM stock_move
            UNION ALL
            SELECT item_id, from_location_id, -quantity FROM stock_move
        ), sums AS (
            SELECT moved.item_id, moved.location_id, sum(moved.quantity) AS quantity
            FROM moved JOIN location ON location.id = moved.location_id
            WHERE location.kind = 'internal' GROUP BY 1, 2
        )
        SELECT item.sku || ' @ ' || location.code,
            'on hand is ' || trim_scale(coalesce(stock_level.on_hand, 0))
            || ', its moves add up to ' || trim_scale(coalesce(sums.quantity, 0))
        FROM sums FULL JOIN stock_level USING (item_id, location_id)
        JOIN item ON item.id = item_id JOIN location ON location.id = location_id
        WHERE coalesce(stock_level.on_hand, 0) <> coalesce(sums.quantity, 0)
        ORDER BY 1
        """,
    )


def stock_is_worth_its_moves(session: Session) -> Iterator[Finding]:
    """I3: quantity and value of an item are those of its moves in and out, and what came late."""
    yield from found(
        session,
        "I3",
        """
        WITH crossing AS (
            SELECT move.id, item_id, quantity, value_minor,
                CASE target.kind WHEN 'internal' THEN 1 ELSE -1 END AS sign
            FROM stock_move AS move
            JOIN location AS source ON source.id = move.from_location_id
            JOIN location AS target ON target.id = move.to_location_id
            WHERE (source.kind = 'internal') <> (target.kind = 'internal')
        ), changes AS (
            SELECT item_id, sign * quantity AS quantity, sign * value_minor AS value FROM crossing
            UNION ALL
            SELECT stock_correction.item_id, 0, coalesce(sign, 1) * amount_minor
            FROM stock_correction LEFT JOIN crossing ON crossing.id = move_id
            UNION ALL
            SELECT item_id, 0, amount_minor FROM stock_revaluation
        ), sums AS (
            SELECT item_id, sum(quantity) AS quantity, sum(value) AS value
            FROM changes GROUP BY item_id
        )
        SELECT item.sku, 'quantity and value are '
            || trim_scale(coalesce(kept.quantity, 0)) || ' and ' || coalesce(kept.value_minor, 0)
            || ', its moves add up to '
            || trim_scale(coalesce(sums.quantity, 0)) || ' and ' || coalesce(sums.value, 0)
        FROM sums FULL JOIN stock_value AS kept USING (item_id) JOIN item ON item.id = item_id
        WHERE coalesce(kept.quantity, 0) <> coalesce(sums.quantity, 0)
            OR coalesce(kept.value_minor, 0) <> coalesce(sums.value, 0)
        ORDER BY 1
        """,
    )


def stock_is_the_inventory_account(session: Session) -> Iterator[Finding]:
    """I3: the value of all stock is the balance of the inventory account."""
    yield from found(
        session,
        "I3",
        """
        WITH stock AS (SELECT coalesce(sum(value_minor), 0) AS value FROM stock_value),
        books AS (
            SELECT coalesce(sum(CASE side WHEN 'debit' THEN base_minor ELSE -base_minor END), 0)
                AS balance
            FROM posting JOIN account ON account.id = posting.account_id WHERE account.role = :role
        )
        SELECT 'inventory account', 'its balance is ' || balance || ', the stock is worth ' || value
        FROM stock, books WHERE balance <> value
        """,
        {"role": INVENTORY},
    )


def promises_are_on_hand(session: Session) -> Iterator[Finding]:
    """I4: what is reserved is neither negative nor more than what is on hand."""
    yield from found(
        session,
        "I4",
        """
        SELECT item.sku || ' @ ' || location.code,
            trim_scale(reserved) || ' are reserved of ' || trim_scale(on_hand) || ' on hand'
        FROM stock_level JOIN item ON item.id = item_id JOIN location ON location.id = location_id
        WHERE reserved < 0 OR (reserved > 0 AND reserved > on_hand)
            OR (on_hand < 0 AND item.negative_stock <> 'allow')
        ORDER BY 1
        """,
    )


def promises_are_their_rows(session: Session) -> Iterator[Finding]:
    """I4: what is reserved is the sum of the active reservations."""
    yield from found(
        session,
        "I4",
        """
        WITH sums AS (
            SELECT item_id, location_id, sum(quantity) AS reserved
            FROM reservation WHERE state = 'active' GROUP BY 1, 2
        )
        SELECT item.sku || ' @ ' || location.code,
            trim_scale(coalesce(kept.reserved, 0)) || ' are reserved, the reservations add up to '
            || trim_scale(coalesce(sums.reserved, 0))
        FROM sums FULL JOIN stock_level AS kept USING (item_id, location_id)
        JOIN item ON item.id = item_id JOIN location ON location.id = location_id
        WHERE coalesce(kept.reserved, 0) <> coalesce(sums.reserved, 0)
        ORDER BY 1
        """,
    )
