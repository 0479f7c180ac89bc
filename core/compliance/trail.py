"""The promises about the trail that every change leaves: fact, audit record, approval."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.approvals import Proposal, ProposalState
from core.approvals.events import ProposalClosed
from core.compliance.findings import Finding, found
from core.kernel.audit import verify_chain
from core.kernel.events import ChangeEvent
from core.kernel.idempotency import hash_of

_PAGE = 500


def facts_are_audited(session: Session) -> Iterator[Finding]:
    """I9: every fact of the change log has exactly one audit record, and every record its fact."""
    yield from found(
        session,
        "I9",
        """
        SELECT 'fact ' || coalesce(event.sequence, record.event_sequence), CASE
            WHEN record.sequence IS NULL THEN event.name || ' has no audit record'
            ELSE record.name || ' has an audit record, and never happened' END
        FROM change_event AS event FULL JOIN audit_record AS record
            ON record.event_sequence = event.sequence
        WHERE record.sequence IS NULL OR event.sequence IS NULL
        ORDER BY 1
        """,
    )


def documents_have_their_facts(session: Session) -> Iterator[Finding]:
    """I9: every posted document, and every origin of a move of stock, has exactly one fact."""
    yield from found(
        session,
        "I9",
        """
        WITH brought AS (
            SELECT substring(span->>0, '^(.*)-[0-9]+$') AS series,
                substring(span->>0, '[0-9]+$')::bigint AS low,
                substring(span->>1, '[0-9]+$')::bigint AS high
            FROM change_event CROSS JOIN jsonb_array_elements(facts->'numbers') AS span
            WHERE name IN ('invoicing.documents_brought', 'inventory.moves_brought')
        ), told AS (
            SELECT facts->>'number' AS number, count(*) AS facts FROM change_event
            WHERE name IN ('invoicing.invoice_posted', 'invoicing.open_item_posted',
                'invoicing.payment_posted') GROUP BY 1
            UNION ALL
            SELECT series || '-' || lpad(place::text, greatest(5, length(place::text)), '0'), 1
            FROM brought CROSS JOIN generate_series(low, high) AS place
            WHERE series IN ('INV', 'BILL', 'RCT', 'PAY')
        ), documents AS (SELECT number FROM invoice UNION ALL SELECT number FROM payment)
        SELECT coalesce(documents.number, told.number), CASE
            WHEN told.number IS NULL THEN 'it is there, and no fact says so'
            WHEN documents.number IS NULL THEN 'a fact says so, and it is not there'
            ELSE facts || ' facts say that it was posted' END
        FROM documents FULL JOIN told USING (number)
        WHERE told.number IS NULL OR documents.number IS NULL OR facts <> 1
        UNION ALL
        SELECT origin, 'stock was moved, and no fact says so'
        FROM (
            SELECT origin FROM stock_move
            EXCEPT
            SELECT coalesce(facts->>'origin', facts->>'number') FROM change_event
            WHERE name IN ('inventory.stock_moved', 'inventory.stock_counted',
                'inventory.count_confirmed')
            EXCEPT
            SELECT series || '-' || lpad(place::text, greatest(5, length(place::text)), '0')
            FROM brought CROSS JOIN generate_series(low, high) AS place
            EXCEPT
            SELECT origin FROM change_event
            CROSS JOIN jsonb_array_elements_text(facts->'origins') AS origin
            WHERE name = 'inventory.moves_brought'
        ) AS moved
        ORDER BY 1
        """,
    )


def effects_have_their_approval(session: Session) -> Iterator[Finding]:
    """I10: what was done for a proposal was approved, by a person, on exactly what was shown."""
    yield from found(
        session,
        "I10",
        """
        WITH used AS (
            SELECT proposal_id AS id, min(sequence) AS first FROM audit_record
            WHERE proposal_id IS NOT NULL GROUP BY 1
        )
        SELECT coalesce(proposal.number, used.id::text), CASE
            WHEN proposal.id IS NULL THEN 'something was done for it, and it is not there'
            WHEN proposal.state <> 'executed' THEN 'something was done for it, and it is '
                || proposal.state
            ELSE 'nobody approved what was shown' END
        FROM used FULL JOIN proposal ON proposal.id = used.id
        WHERE (used.id IS NOT NULL AND (proposal.id IS NULL OR proposal.state <> 'executed'))
            OR (proposal.state = 'executed' AND NOT EXISTS (
                SELECT FROM decision LEFT JOIN person ON person.login = decision.person
                WHERE decision.proposal_id = proposal.id AND decision.verdict = 'approve'
                    AND decision.digest = proposal.digest
                    AND NOT coalesce(person.is_service, false)))
        ORDER BY 1
        """,
    )


def executed_plans_are_the_approved_ones(session: Session) -> Iterator[Finding]:
    """I10: the plan and the arguments of an executed proposal are those that were sealed."""
    sealed = select(
        ChangeEvent.facts["proposal"].astext, ChangeEvent.facts["plan_hash"].astext
    ).where(
        ChangeEvent.name == ProposalClosed.name,
        ChangeEvent.facts["state"].astext == ProposalState.EXECUTED,
    )
    hashes: dict[str, str] = dict(iter(session.execute(sealed)))
    executed = select(Proposal).where(Proposal.state == ProposalState.EXECUTED)
    for proposal in session.scalars(executed.execution_options(yield_per=_PAGE)):
        seen = hash_of({"plan": proposal.plan, "effect": proposal.effect.digest})
        if hashes.get(str(proposal.id)) != hash_of(proposal.plan):
            yield Finding("I10", proposal.number, "its plan is not the one that was carried out")
        elif proposal.digest != seen:
            yield Finding("I10", proposal.number, "its effect is not the one that was approved")


def trail_is_unbroken(session: Session) -> Iterator[Finding]:
    """Follow the audit trail: it is what was sealed, from its first record to its anchor."""
    fault = verify_chain(session)
    if fault is not None:
        yield Finding("audit", f"record {fault.sequence}", fault.problem)
