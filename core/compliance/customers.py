"""The promises about accounts and what may be sold to them."""

from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.compliance.findings import Finding, found
from core.parties.pointing import pointers


def nothing_points_at_what_was_merged(session: Session) -> Iterator[Finding]:
    """I3: what was merged into another party is no longer dealt with: all of it is the other's."""
    merged = session.scalar(text("SELECT count(*) FROM party WHERE merged_into_id IS NOT NULL"))
    if not merged:
        return
    for pointer in pointers(session):
        yield from found(
            session,
            "I3",
            f"""
            SELECT party.number, 'it was merged, and {pointer.table}.{pointer.column} points at it'
            FROM party WHERE merged_into_id IS NOT NULL AND EXISTS (
                SELECT FROM "{pointer.table}" AS row WHERE row."{pointer.column}" = party.id)
            ORDER BY 1
            """,  # noqa: S608
        )


def opportunities_are_where_they_were_moved(session: Session) -> Iterator[Finding]:
    """I3: an opportunity is in the stage it was moved to last, and closed exactly where that is."""
    yield from found(
        session,
        "I3",
        """
        SELECT opportunity.number, 'its stage is not the one it was moved to last'
        FROM opportunity LEFT JOIN LATERAL (
            SELECT stage_id FROM stage_change WHERE opportunity_id = opportunity.id
            ORDER BY position DESC LIMIT 1) AS last ON true
        WHERE last.stage_id IS DISTINCT FROM opportunity.stage_id
        UNION ALL
        SELECT opportunity.number, 'its outcome is not that of its stage'
        FROM opportunity JOIN stage ON stage.id = opportunity.stage_id
        WHERE opportunity.outcome IS DISTINCT FROM
            CASE WHEN stage.kind IN ('won', 'lost') THEN stage.kind END
        ORDER BY 1
        """,
    )
