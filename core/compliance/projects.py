"""The promises about projects."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from core.compliance.findings import Finding, found


def billed_time_stands_on_an_invoice(session: Session) -> Iterator[Finding]:
    """Hours and progress that count as billed stand on an invoice of their project that stands."""
    yield from found(
        session,
        "projects",
        """
        WITH billed AS (
            SELECT entry.number AS what, project.number AS project, entry.invoice_number AS invoice
            FROM time_entry AS entry JOIN project ON project.id = entry.project_id
            WHERE entry.invoice_number IS NOT NULL
            UNION ALL
            SELECT project.number || ' ' || task.name, project.number, part.invoice_number
            FROM progress_billed AS part JOIN project_task AS task ON task.id = part.task_id
            JOIN project ON project.id = task.project_id
        )
        SELECT what, 'it counts as billed by ' || billed.invoice || ', which does not stand'
        FROM billed LEFT JOIN invoice ON invoice.number = billed.invoice
            AND invoice.origin = billed.project AND invoice.state = 'posted'
        WHERE invoice.id IS NULL
        ORDER BY what
        """,
    )


def tasks_are_billed_within_their_progress(session: Session) -> Iterator[Finding]:
    """Of a fixed price no more is billed than the task has earned by its progress."""
    yield from found(
        session,
        "projects",
        """
        SELECT project.number || ' ' || task.name, sum(part.amount_minor) || ' is billed of '
            || task.fixed_price_minor || ' at ' || task.progress || ' %'
        FROM progress_billed AS part JOIN project_task AS task ON task.id = part.task_id
        JOIN project ON project.id = task.project_id
        WHERE task.fixed_price_minor IS NOT NULL
        GROUP BY project.number, task.id
        HAVING sum(part.amount_minor) > task.fixed_price_minor * task.progress / 100 + 1
        ORDER BY 1
        """,
    )
