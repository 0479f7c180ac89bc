"""The promises about reminders and payment orders."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from core.compliance.findings import Finding, found


def letters_charge_what_they_say(session: Session) -> Iterator[Finding]:
    """I5: what a dunning letter that was sent asks for as fee and interest is its own invoice."""
    yield from found(
        session,
        "I5",
        """
        SELECT letter.number, 'it charges ' || letter.fee_minor + letter.interest_minor
            || ', its invoice is ' || coalesce(invoice.total_minor, 0)
        FROM dunning_letter AS letter LEFT JOIN invoice ON invoice.id = letter.charge_id
        WHERE letter.sent_on IS NOT NULL
            AND letter.fee_minor + letter.interest_minor <> coalesce(invoice.total_minor, 0)
        ORDER BY 1
        """,
    )


def orders_pay_what_was_approved(session: Session) -> Iterator[Finding]:
    """I5: the payments of an order are its lines, party by party; the bank's file is their sum."""
    yield from found(
        session,
        "I5",
        """
        WITH ordered AS (
            SELECT line.order_id, line.party_id, sum(line.pay_minor) AS minor,
                min(payment.amount_minor) AS paid, count(DISTINCT line.payment_id) AS payments
            FROM payment_order_line AS line
            JOIN payment_order ON payment_order.id = line.order_id AND state = 'executed'
            LEFT JOIN payment ON payment.id = line.payment_id
            WHERE line.pay_minor > 0 GROUP BY 1, 2
        ), files AS (
            SELECT file.order_id, file.control_sum_minor, sum(line.pay_minor) AS minor
            FROM bank_file AS file JOIN payment_order_line AS line USING (order_id)
            GROUP BY file.id
        )
        SELECT payment_order.number || ' ' || party.number, 'it pays ' || minor || ', '
            || payments || ' payments over ' || coalesce(paid, 0) || ' were made'
        FROM ordered JOIN payment_order ON payment_order.id = ordered.order_id
        JOIN party ON party.id = ordered.party_id
        WHERE payments <> 1 OR paid IS DISTINCT FROM minor
        UNION ALL
        SELECT number, 'it pays ' || minor || ', the control sum of its file is '
            || control_sum_minor
        FROM files JOIN payment_order ON payment_order.id = files.order_id
        WHERE minor <> control_sum_minor
        ORDER BY 1
        """,
    )


def duties_lie_in_different_hands(session: Session) -> Iterator[Finding]:
    """I10: nobody has approved two duties of one case."""
    yield from found(
        session,
        "I10",
        """
        SELECT "case", human || ' approved ' || string_agg(DISTINCT duty, ', ')
        FROM duty_done GROUP BY "case", human HAVING count(DISTINCT duty) > 1
        ORDER BY 1
        """,
    )
