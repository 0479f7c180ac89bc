-- What is proposed about people is theirs to see, and so are runs of few people, the bank's file,
-- and what an hour costs; hours stand in one ledger, whether on a project or not.

CREATE FUNCTION reading_human() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
        SELECT convert_from(decode(
            nullif(current_setting('prokurist.human', true), ''), 'hex'), 'UTF8') $$;

CREATE FUNCTION reading_roles() RETURNS text[]
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
        SELECT coalesce(string_to_array(current_setting('prokurist.roles', true), ','), '{}') $$;

-- Proposals.
ALTER TABLE proposal ADD COLUMN private_to jsonb;
-- What was proposed before is about people we do not know any more: for roles and who asked.
UPDATE proposal SET private_to = '[]', needs_roles = (
    SELECT coalesce(jsonb_agg(CASE
        WHEN call ->> 'tool' ~ '^(hr|payroll)\.' AND call ->> 'tool' <> 'hr.list_tasks'
        THEN '["admin", "auditor", "hr", "manager"]'::jsonb
        ELSE needs_roles -> (place - 1)::integer END ORDER BY place), '[]')
    FROM jsonb_array_elements(plan) WITH ORDINALITY AS calls (call, place)
) WHERE plan @? '$[*] ? (@.tool like_regex "^(hr|payroll)[.]")';
ALTER TABLE proposal ENABLE ROW LEVEL SECURITY;
CREATE POLICY theirs_to_see ON proposal FOR SELECT USING (
    (SELECT reads_as('system'))
    OR asked_by_human = (SELECT reading_human())
    OR private_to ? (SELECT coalesce(reading_party()::text, ''))
    OR private_to IS NULL AND (SELECT reads_as('admin', 'auditor', 'manager', 'system'))
    OR ((SELECT reads_as('accountant', 'admin', 'auditor', 'buyer', 'hr', 'manager', 'marketing', 'production', 'sales', 'service', 'system', 'warehouse')) OR NOT (SELECT reads_as('customer', 'system'))) AND NOT EXISTS (
        SELECT FROM jsonb_array_elements(needs_roles) AS call (roles)
        WHERE NOT call.roles ?| (SELECT reading_roles())
    )
);
ALTER TABLE decision ENABLE ROW LEVEL SECURITY;
CREATE POLICY theirs_to_see ON decision FOR SELECT USING (
    proposal_id IN (SELECT id FROM proposal)
);

-- The log and the trail.
DROP POLICY theirs_to_see ON change_event;
CREATE POLICY theirs_to_see ON change_event FOR SELECT USING ((name NOT LIKE '%.private.%' AND name NOT IN (
        'hr.leave_asked', 'hr.leave_moved', 'hr.leave_booked', 'hr.expense_claimed',
        'hr.claim_moved', 'payroll.structure_assigned', 'payroll.costs_shared',
        'projects.hourly_cost_set'
    )) OR (SELECT reads_as('admin', 'auditor', 'hr', 'manager', 'system')));
DROP POLICY theirs_to_see ON audit_record;
CREATE POLICY theirs_to_see ON audit_record FOR SELECT USING ((name NOT LIKE '%.private.%' AND name NOT IN (
        'hr.leave_asked', 'hr.leave_moved', 'hr.leave_booked', 'hr.expense_claimed',
        'hr.claim_moved', 'payroll.structure_assigned', 'payroll.costs_shared',
        'projects.hourly_cost_set'
    )) OR (SELECT reads_as('admin', 'auditor', 'hr', 'manager', 'system')));

-- Claims can be taken back.
ALTER TABLE expense_claim DROP CONSTRAINT ck_expense_claim_claimstate;
ALTER TABLE expense_claim ADD CONSTRAINT ck_expense_claim_claimstate
    CHECK (state IN ('asked', 'approved', 'refused', 'withdrawn', 'paid'));

-- The bank's file is kept apart from the run.
CREATE TABLE payroll_file (
    run_id uuid NOT NULL,
    content bytea NOT NULL,
    sha256 character varying NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_payroll_file_hash CHECK (sha256 = encode(sha256(content), 'hex'))
);
ALTER TABLE payroll_file ADD CONSTRAINT pk_payroll_file PRIMARY KEY (id);
ALTER TABLE payroll_file ADD CONSTRAINT uq_payroll_file_run_id UNIQUE (run_id);
ALTER TABLE payroll_file ADD CONSTRAINT fk_payroll_file_run_id
    FOREIGN KEY (run_id) REFERENCES payroll_run(id);
INSERT INTO payroll_file (id, created_at, run_id, content, sha256)
    SELECT gen_random_uuid(), created_at, id, file_content, file_sha256
    FROM payroll_run WHERE file_content IS NOT NULL;
ALTER TABLE payroll_run DROP COLUMN file_content;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payroll_file
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE payroll_file ENABLE ROW LEVEL SECURITY;
CREATE POLICY theirs_to_see ON payroll_file FOR SELECT USING ((SELECT reads_as('admin', 'auditor', 'hr', 'manager', 'system')));
ALTER TABLE payroll_run ENABLE ROW LEVEL SECURITY;
CREATE POLICY theirs_to_see ON payroll_run FOR SELECT USING (
    (SELECT reads_as('admin', 'auditor', 'hr', 'manager', 'system')) OR people >= 5 AND (SELECT reads_as('accountant', 'system'))
);
ALTER TABLE pay_assignment ENABLE ROW LEVEL SECURITY;
CREATE POLICY theirs_to_see ON pay_assignment FOR SELECT USING ((SELECT reads_as('admin', 'auditor', 'hr', 'manager', 'system')) OR employee_id IN (SELECT id FROM employee WHERE party_id = (SELECT reading_party())));
ALTER TABLE pay_costing ENABLE ROW LEVEL SECURITY;
CREATE POLICY theirs_to_see ON pay_costing FOR SELECT USING ((SELECT reads_as('admin', 'auditor', 'hr', 'manager', 'system')) OR employee_id IN (SELECT id FROM employee WHERE party_id = (SELECT reading_party())));
ALTER TABLE hourly_cost ENABLE ROW LEVEL SECURITY;
CREATE POLICY theirs_to_see ON hourly_cost FOR SELECT USING ((SELECT reads_as('accountant', 'admin', 'auditor', 'hr', 'manager', 'system')));

-- One ledger of hours.
ALTER TABLE time_entry ALTER COLUMN project_id DROP NOT NULL;
ALTER TABLE time_entry ALTER COLUMN cost_per_hour DROP NOT NULL;
ALTER TABLE time_entry ADD CONSTRAINT ck_time_entry_project_costs
    CHECK ((project_id IS NULL) = (cost_per_hour IS NULL));
ALTER TABLE time_entry ADD CONSTRAINT ck_time_entry_of_a_project
    CHECK (project_id IS NOT NULL OR num_nonnulls(task_id, price_per_hour, invoice_number) = 0);
INSERT INTO number_series (series, last) SELECT 'TE', 0 WHERE EXISTS (SELECT FROM timesheet_line)
    ON CONFLICT DO NOTHING;
INSERT INTO time_entry (id, created_at, number, party_id, worked_on, hours, note)
    SELECT line.id, line.created_at,
        'TE-' || lpad((series.last + row_number() OVER (ORDER BY line.day, line.id))::text,
            greatest(5, length((series.last + row_number() OVER (ORDER BY line.day, line.id))::text)),
            '0'),
        employee.party_id, line.day, line.hours, concat_ws(' · ', line.activity, line.project)
    FROM timesheet_line AS line JOIN employee ON employee.id = line.employee_id
    JOIN number_series AS series ON series.series = 'TE';
UPDATE number_series SET last = last + (SELECT count(*) FROM timesheet_line)
    WHERE series = 'TE';
DROP TABLE timesheet_line;
CREATE OR REPLACE FUNCTION refuse_long_day() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        PERFORM FROM party WHERE id = NEW.party_id FOR NO KEY UPDATE;
        IF (SELECT sum(hours) FROM time_entry WHERE party_id = NEW.party_id
            AND worked_on = NEW.worked_on AND removed_because IS NULL) > 24 THEN
            RAISE EXCEPTION 'a day has 24 hours'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_time_entry_day';
        END IF;
        RETURN NULL;
    END $$;
CREATE TRIGGER long_day AFTER INSERT OR UPDATE OF hours, party_id, worked_on, removed_because
    ON time_entry FOR EACH ROW EXECUTE FUNCTION refuse_long_day();
ALTER TABLE time_entry ENABLE ROW LEVEL SECURITY;
CREATE POLICY theirs_to_see ON time_entry FOR SELECT USING (
    (SELECT reads_as('admin', 'auditor', 'hr', 'manager', 'system')) OR party_id = (SELECT reading_party())
    OR project_id IS NOT NULL AND (SELECT reads_as('accountant', 'system'))
    OR party_id IN (
        SELECT party_id FROM employee
        WHERE id IN (SELECT employees_below((SELECT reading_party())))
    )
);

-- What belongs to an account is for the human behind it; who leaves, and where people are paid to.
ALTER TABLE api_token ENABLE ROW LEVEL SECURITY;
CREATE POLICY theirs_to_see ON api_token FOR SELECT USING (
    (SELECT reads_as('system')) OR person_id IN (
        SELECT id FROM person
        WHERE coalesce('party:' || party_id::text, login) = (SELECT reading_human())
    )
);
ALTER TABLE login_attempt ENABLE ROW LEVEL SECURITY;
CREATE POLICY theirs_to_see ON login_attempt FOR SELECT USING (
    (SELECT reads_as('system'))
);
ALTER TABLE login_session ENABLE ROW LEVEL SECURITY;
CREATE POLICY theirs_to_see ON login_session FOR SELECT USING (
    (SELECT reads_as('system'))
);
ALTER TABLE idempotency_key ENABLE ROW LEVEL SECURITY;
CREATE POLICY theirs_to_see ON idempotency_key FOR SELECT USING (
    (SELECT reads_as('system'))
);
ALTER TABLE notification ENABLE ROW LEVEL SECURITY;
CREATE POLICY theirs_to_see ON notification FOR SELECT USING (
    (SELECT reads_as('system')) OR person_id IN (
        SELECT id FROM person
        WHERE coalesce('party:' || party_id::text, login) = (SELECT reading_human())
    )
);
ALTER TABLE notification_delivery ENABLE ROW LEVEL SECURITY;
CREATE POLICY theirs_to_see ON notification_delivery FOR SELECT USING (
    notification_id IN (SELECT id FROM notification)
);
ALTER TABLE conversation ENABLE ROW LEVEL SECURITY;
CREATE POLICY theirs_to_see ON conversation FOR SELECT USING (
    (SELECT reads_as('system')) OR person = (SELECT reading_human()) OR person IN (
        SELECT login FROM person WHERE 'party:' || party_id::text = (SELECT reading_human())
    )
);
ALTER TABLE party_bank_account ENABLE ROW LEVEL SECURITY;
CREATE POLICY theirs_to_see ON party_bank_account FOR SELECT USING (
    (SELECT reads_as('accountant', 'admin', 'auditor', 'hr', 'manager', 'system'))
    OR party_id NOT IN (SELECT party_id FROM employee) OR party_id = (SELECT reading_party())
);
ALTER TABLE staff_workflow ENABLE ROW LEVEL SECURITY;
CREATE POLICY theirs_to_see ON staff_workflow FOR SELECT USING (
    (SELECT reads_as('admin', 'auditor', 'hr', 'manager', 'system'))
    OR employee_id IN (SELECT id FROM employee WHERE party_id = (SELECT reading_party()))
    OR employee_id IN (SELECT employees_below((SELECT reading_party())))
);
ALTER TABLE staff_task ENABLE ROW LEVEL SECURITY;
CREATE POLICY theirs_to_see ON staff_task FOR SELECT USING (
    workflow_id IN (SELECT id FROM staff_workflow)
);
