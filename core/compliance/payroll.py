"""The promises of pay: runs are their payslips and their entries, and claims are their bills."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from core.compliance.findings import Finding, found


def runs_are_their_payslips(session: Session) -> Iterator[Finding]:
    """H1: a run comes to its payslips, and each payslip to its lines."""
    yield from found(
        session,
        "H1",
        """
        WITH lined AS (
            SELECT slip.id, coalesce(sum(line.amount_minor) FILTER (
                    WHERE part.kind = 'earning'), 0) AS gross,
                coalesce(sum(line.amount_minor) FILTER (
                    WHERE part.kind = 'deduction'), 0) AS deductions,
                coalesce(sum(line.amount_minor) FILTER (
                    WHERE part.kind = 'employer_contribution'), 0) AS employer
            FROM payslip AS slip LEFT JOIN payslip_line AS line ON line.payslip_id = slip.id
            LEFT JOIN pay_component AS part ON part.id = line.component_id
            GROUP BY slip.id
        ), summed AS (
            SELECT run_id, count(*) AS people, sum(gross_minor) AS gross, sum(net_minor) AS net,
                sum(deductions_minor) AS deductions, sum(employer_minor) AS employer
            FROM payslip GROUP BY run_id
        )
        SELECT slip.number, 'its lines come to something else' FROM payslip AS slip
        JOIN lined USING (id)
        WHERE (slip.gross_minor, slip.deductions_minor, slip.employer_minor)
            IS DISTINCT FROM (lined.gross, lined.deductions, lined.employer)
        UNION ALL
        SELECT run.number, 'its payslips come to something else' FROM payroll_run AS run
        LEFT JOIN summed ON summed.run_id = run.id
        WHERE (run.people, run.gross_minor, run.deductions_minor, run.net_minor,
            run.employer_minor) IS DISTINCT FROM
            (summed.people, summed.gross, summed.deductions, summed.net, summed.employer)
        ORDER BY 1
        """,
    )


def runs_are_in_the_books(session: Session) -> Iterator[Finding]:
    """H2: a run is in the books by account as its payslips say, and net is owed to the people."""
    yield from found(
        session,
        "H2",
        """
        WITH sides AS (
            SELECT slip.run_id, part.debit_account_id AS account_id, line.amount_minor AS minor
            FROM payslip_line AS line JOIN payslip AS slip ON slip.id = line.payslip_id
            JOIN pay_component AS part ON part.id = line.component_id
            WHERE part.debit_account_id IS NOT NULL AND line.amount_minor IS NOT NULL
            UNION ALL
            SELECT slip.run_id, part.credit_account_id, -line.amount_minor
            FROM payslip_line AS line JOIN payslip AS slip ON slip.id = line.payslip_id
            JOIN pay_component AS part ON part.id = line.component_id
            WHERE part.credit_account_id IS NOT NULL AND line.amount_minor IS NOT NULL
            UNION ALL
            SELECT run.id, account.id, -run.net_minor FROM payroll_run AS run
            JOIN account ON account.role = 'salaries_payable'
        ), expected AS (
            SELECT run_id, account_id, sum(minor) AS minor FROM sides GROUP BY 1, 2
        ), booked AS (
            SELECT run.id AS run_id, posting.account_id, sum(CASE posting.side
                WHEN 'debit' THEN posting.base_minor ELSE -posting.base_minor END) AS minor
            FROM payroll_run AS run JOIN journal_entry AS entry ON entry.number = run.entry
            JOIN posting ON posting.entry_id = entry.id GROUP BY 1, 2
        )
        SELECT run.number || ' ' || account.code, 'the payslips say '
            || coalesce(expected.minor, 0) || ', the books ' || coalesce(booked.minor, 0)
        FROM expected FULL JOIN booked USING (run_id, account_id)
        JOIN payroll_run AS run ON run.id = run_id JOIN account ON account.id = account_id
        WHERE coalesce(expected.minor, 0) <> coalesce(booked.minor, 0)
        ORDER BY 1
        """,
    )


def runs_are_paid_at_net(session: Session) -> Iterator[Finding]:
    """H3: what is paid of a run is its net pay, and its file pays no more than that."""
    yield from found(
        session,
        "H3",
        """
        WITH paid AS (
            SELECT run.id, coalesce(sum(posting.base_minor) FILTER (
                WHERE posting.side = 'debit' AND account.role = 'salaries_payable'), 0) AS minor
            FROM payroll_run AS run LEFT JOIN journal_entry AS entry
                ON entry.number = run.paid_entry
            LEFT JOIN posting ON posting.entry_id = entry.id
            LEFT JOIN account ON account.id = posting.account_id
            WHERE run.paid_entry IS NOT NULL AND run.net_minor <> 0 GROUP BY run.id
        )
        SELECT run.number, 'paid ' || paid.minor || ' of ' || run.net_minor
        FROM payroll_run AS run JOIN paid USING (id) WHERE paid.minor <> run.net_minor
        UNION ALL
        SELECT number, 'its file pays ' || file_minor || ' of ' || net_minor
        FROM payroll_run WHERE file_minor > net_minor OR file_payments > people
        ORDER BY 1
        """,
    )


def loans_are_their_parts(session: Session) -> Iterator[Finding]:
    """H4: what is taken off for a loan comes to the loan, and what was taken is on a payslip."""
    yield from found(
        session,
        "H4",
        """
        WITH parts AS (
            SELECT loan_id, sum(amount_minor) AS minor FROM pay_loan_part GROUP BY 1
        ), taken AS (
            SELECT part.payslip_id, loan.component_id, sum(part.amount_minor) AS minor
            FROM pay_loan_part AS part JOIN pay_loan AS loan ON loan.id = part.loan_id
            WHERE part.payslip_id IS NOT NULL GROUP BY 1, 2
        )
        SELECT loan.number, 'its parts come to ' || coalesce(parts.minor, 0)
        FROM pay_loan AS loan LEFT JOIN parts ON parts.loan_id = loan.id
        WHERE parts.minor IS DISTINCT FROM loan.amount_minor
        UNION ALL
        SELECT slip.number, 'less is taken off for loans than was noted' FROM taken
        JOIN payslip AS slip ON slip.id = taken.payslip_id
        WHERE taken.minor > (SELECT coalesce(sum(amount_minor), 0) FROM payslip_line AS line
            WHERE line.payslip_id = slip.id AND line.component_id = taken.component_id)
        ORDER BY 1
        """,
    )


def contributions_are_paid_as_owed(session: Session) -> Iterator[Finding]:
    """H5: what was paid to authorities for a run is what its entry owes them, by account."""
    yield from found(
        session,
        "H5",
        """
        WITH authority AS (
            SELECT DISTINCT credit_account_id AS account_id FROM pay_component WHERE to_authority
        ), sides AS (
            SELECT run.id AS run_id, posting.account_id, entry.number = run.entry AS is_owed,
                CASE posting.side WHEN 'credit' THEN posting.base_minor
                    ELSE -posting.base_minor END AS minor
            FROM payroll_run AS run JOIN journal_entry AS entry
                ON entry.number IN (run.entry, run.remitted_entry)
            JOIN posting ON posting.entry_id = entry.id
            JOIN authority USING (account_id) WHERE run.remitted_entry IS NOT NULL
        )
        SELECT run.number || ' ' || account.code, 'owed '
            || coalesce(sum(minor) FILTER (WHERE is_owed), 0) || ', paid '
            || coalesce(-sum(minor) FILTER (WHERE NOT is_owed), 0)
        FROM sides JOIN payroll_run AS run ON run.id = run_id
        JOIN account ON account.id = account_id
        GROUP BY run.number, account.code HAVING sum(minor) <> 0
        UNION ALL
        SELECT run.number, 'what was paid to authorities is in no entry' FROM payroll_run AS run
        WHERE run.remitted_entry IS NOT NULL AND NOT EXISTS (
            SELECT FROM journal_entry WHERE number = run.remitted_entry)
        ORDER BY 1
        """,
    )


def claims_are_their_bills(session: Session) -> Iterator[Finding]:
    """H6: what is approved of a claim is a bill of its employee over just that, line by line."""
    yield from found(
        session,
        "H6",
        """
        WITH claim AS (
            SELECT claim.id, claim.number, claim.state, claim.bill_number, bill.id AS bill_id,
                bill.kind = 'supplier_bill' AND bill.party_id = employee.party_id AS is_theirs
            FROM expense_claim AS claim JOIN employee ON employee.id = claim.employee_id
            LEFT JOIN invoice AS bill ON bill.number = claim.bill_number
        ), given AS (
            SELECT claim_id, sanctioned_minor AS minor,
                row_number() OVER (PARTITION BY claim_id ORDER BY position) AS place
            FROM expense_line WHERE sanctioned_minor > 0 AND NOT is_void
        ), billed AS (
            SELECT claim.id AS claim_id, line.net_minor, line.tax_minor,
                row_number() OVER (PARTITION BY claim.id ORDER BY line.position) AS place
            FROM claim JOIN invoice_line AS line ON line.invoice_id = claim.bill_id
        )
        SELECT number, 'it is ' || state || ', and ' || CASE
            WHEN bill_number IS NULL THEN 'has no bill'
            WHEN bill_id IS NULL THEN 'its bill ' || bill_number || ' is not there'
            ELSE 'its bill ' || bill_number || ' is not of its employee' END
        FROM claim WHERE CASE WHEN state NOT IN ('approved', 'paid') THEN bill_number IS NOT NULL
            ELSE (bill_number IS NOT NULL OR id IN (SELECT claim_id FROM given))
                AND is_theirs IS NOT TRUE END
        UNION ALL
        SELECT claim.number, 'line ' || place || ' is approved at ' || coalesce(given.minor, 0)
            || ' and billed at ' || coalesce(billed.net_minor, 0)
        FROM given FULL JOIN billed USING (claim_id, place) JOIN claim ON claim.id = claim_id
        WHERE claim.bill_id IS NOT NULL AND (given.minor IN (
            billed.net_minor, billed.net_minor + billed.tax_minor)) IS NOT TRUE
        ORDER BY 1
        """,
    )
