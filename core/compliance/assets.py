"""The promises about fixed assets: the register is its moves, and the moves are in the books."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from core.compliance.findings import Finding, found


def assets_are_their_moves(session: Session) -> Iterator[Finding]:
    """I2: what an asset carries is the sum of what happened to it and stands."""
    yield from found(
        session,
        "I2",
        """
        SELECT asset.number, 'it carries ' || cost_minor || ' less ' || accumulated_minor
            || ', its moves say ' || moved.cost || ' less ' || moved.accumulated
        FROM asset CROSS JOIN LATERAL (
            SELECT coalesce(sum(cost_minor), 0) AS cost,
                coalesce(sum(accumulated_minor), 0) AS accumulated,
                coalesce(sum(residual_minor), 0) AS residual,
                coalesce(sum(reserve_minor), 0) AS reserve
            FROM asset_move WHERE asset_id = asset.id AND standing) AS moved
        WHERE (cost_minor, accumulated_minor, residual_minor, reserve_minor)
            <> (moved.cost, moved.accumulated, moved.residual, moved.reserve)
        ORDER BY 1
        """,
    )


def asset_moves_are_in_the_books(session: Session) -> Iterator[Finding]:
    """I2: cost and accumulated depreciation of the moves are what their entries posted.

    A document may have charged more to an account of assets than is entered as assets yet; no
    entry of ours may.
    """
    yield from found(
        session,
        "I2",
        """
        WITH moved AS (
            SELECT entry_id, account_id, sum(minor) AS minor FROM (
                SELECT move.entry_id, class.cost_account_id AS account_id,
                    move.cost_minor AS minor, move.standing
                FROM asset_move AS move JOIN asset ON asset.id = move.asset_id
                JOIN asset_class AS class ON class.id = asset.asset_class_id
                UNION ALL
                SELECT move.entry_id, class.accumulated_account_id, -move.accumulated_minor,
                    move.standing
                FROM asset_move AS move JOIN asset ON asset.id = move.asset_id
                JOIN asset_class AS class ON class.id = asset.asset_class_id) AS each
            WHERE standing AND entry_id IS NOT NULL GROUP BY 1, 2
        ), booked AS (
            SELECT moved.*, entry.number, entry.origin, account.code, coalesce((
                SELECT sum(CASE side WHEN 'debit' THEN base_minor ELSE -base_minor END)
                FROM posting WHERE posting.entry_id = moved.entry_id
                    AND posting.account_id = moved.account_id), 0) AS posted,
                EXISTS (SELECT FROM journal_entry WHERE reverses_id = entry.id) AS reversed
            FROM moved JOIN journal_entry AS entry ON entry.id = moved.entry_id
            JOIN account ON account.id = moved.account_id
        )
        SELECT number || ' ' || code, CASE
            WHEN reversed THEN 'it is reversed, and assets stand by it'
            ELSE 'it posted ' || posted || ', the register says ' || minor END
        FROM booked
        WHERE reversed OR minor <> posted AND (minor > posted
            OR EXISTS (SELECT FROM asset WHERE asset.number = booked.origin)
            OR EXISTS (SELECT FROM depreciation_run AS run WHERE run.number = booked.origin))
        ORDER BY 1
        """,
    )


def plans_end_at_the_residual(session: Session) -> Iterator[Finding]:
    """I2: what is still to come of a plan in force takes an asset to its residual, no further."""
    yield from found(
        session,
        "I2",
        """
        WITH in_force AS (
            SELECT DISTINCT ON (plan.asset_id) plan.* FROM asset_plan AS plan
            JOIN asset_move AS move ON move.id = plan.move_id
            WHERE move.standing ORDER BY plan.asset_id, move.position DESC
        )
        SELECT asset.number, 'after its plan it would be worth '
            || cost_minor - accumulated_minor - coalesce(to_come.minor, 0)
            || ', and keeps ' || asset.residual_minor
        FROM asset JOIN in_force ON in_force.asset_id = asset.id
        CROSS JOIN LATERAL (
            SELECT sum(line.amount_minor) AS minor FROM asset_plan_line AS line
            WHERE line.plan_id = in_force.id AND NOT EXISTS (
                SELECT FROM asset_move AS move WHERE move.asset_id = asset.id AND move.standing
                    AND move.due_on = line.due_on)) AS to_come
        WHERE asset.state = 'active'
            AND in_force.method NOT IN ('units_of_production', 'not_depreciated')
            AND cost_minor - accumulated_minor - coalesce(to_come.minor, 0) <> asset.residual_minor
        ORDER BY 1
        """,
    )
