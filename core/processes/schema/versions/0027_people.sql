-- Employees by date, leave, time and expenses; what is private of them is theirs to see.
CREATE FUNCTION reading_party() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
        SELECT nullif(current_setting('prokurist.party', true), '')::uuid $$;
CREATE FUNCTION reads_as(VARIADIC roles text[]) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
        SELECT string_to_array(current_setting('prokurist.roles', true), ',') && roles $$;
CREATE TYPE uuid_range AS RANGE (
    subtype = uuid,
    multirange_type_name = uuid_multirange
);
CREATE FUNCTION hold_leave_balance() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    DECLARE allowed numeric; lowest numeric;
    BEGIN
        IF NEW.days > 0 THEN RETURN NULL; END IF;
        PERFORM FROM employee WHERE id = NEW.employee_id FOR UPDATE;
        IF NOT (SELECT needs_balance FROM leave_type WHERE id = NEW.type_id) THEN
            RETURN NULL;
        END IF;
        SELECT coalesce(max(negative_days), 0) INTO allowed
            FROM leave_policy WHERE type_id = NEW.type_id;
        SELECT min(balance) INTO lowest FROM (
            SELECT effective_on, sum(sum(days)) OVER (ORDER BY effective_on) AS balance
            FROM leave_entry WHERE employee_id = NEW.employee_id AND type_id = NEW.type_id
            GROUP BY effective_on
        ) AS days WHERE effective_on >= NEW.effective_on;
        IF lowest < -allowed THEN
            RAISE EXCEPTION 'more leave than there is'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_leave_entry_balance';
        END IF;
        RETURN NULL;
    END $$;
CREATE FUNCTION refuse_circle_of_managers() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF NEW.manager_id IS NULL THEN RETURN NULL; END IF;
        PERFORM pg_advisory_xact_lock(hashtext('managers'));
        IF EXISTS (
            WITH RECURSIVE above (employee_id, days) AS (
                SELECT NEW.manager_id, daterange(NEW.starts_on, NEW.ends_on, '[]')
                UNION
                SELECT e.manager_id, a.days * daterange(e.starts_on, e.ends_on, '[]')
                FROM above AS a JOIN employment AS e ON e.employee_id = a.employee_id
                    AND a.days && daterange(e.starts_on, e.ends_on, '[]')
                WHERE e.manager_id IS NOT NULL AND a.employee_id <> NEW.employee_id
            ) SELECT FROM above WHERE employee_id = NEW.employee_id
        ) THEN
            RAISE EXCEPTION 'the line of managers is a circle'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_employment_managers';
        END IF;
        RETURN NULL;
    END $$;
CREATE FUNCTION require_in_service() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    DECLARE hired date;
    BEGIN
        SELECT hired_on INTO hired FROM employee WHERE id = NEW.employee_id;
        IF NEW.starts_on < hired THEN
            RAISE EXCEPTION 'nobody works here before the day they were hired'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_in_service';
        END IF;
        RETURN NULL;
    END $$;
CREATE TABLE employee_pay (
    employee_id uuid NOT NULL,
    starts_on date NOT NULL,
    ends_on date,
    amount_minor bigint NOT NULL,
    currency character varying NOT NULL,
    period character varying(32) NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_employee_pay_amount_positive CHECK (amount_minor > 0),
    CONSTRAINT ck_employee_pay_ends_after_start CHECK (ends_on >= starts_on),
    CONSTRAINT ck_employee_pay_payperiod CHECK (period IN ('hour', 'month', 'year'))
);
CREATE TABLE employment (
    employee_id uuid NOT NULL,
    starts_on date NOT NULL,
    ends_on date,
    job_title character varying NOT NULL,
    department_id uuid NOT NULL,
    manager_id uuid,
    cost_centre character varying,
    contract character varying(32) NOT NULL,
    hours_share numeric(5,4) NOT NULL,
    location character varying,
    country character varying NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_employment_contract CHECK (contract IN ('permanent', 'fixed_term', 'trainee', 'temporary')),
    CONSTRAINT ck_employment_country CHECK (country ~ '^[A-Z]{2}$'),
    CONSTRAINT ck_employment_ends_after_start CHECK (ends_on >= starts_on),
    CONSTRAINT ck_employment_hours_share CHECK ((hours_share > 0) AND (hours_share <= 1)),
    CONSTRAINT ck_employment_manager_is_another CHECK (manager_id <> employee_id),
    CONSTRAINT ck_employment_term_is_fixed CHECK ((contract <> 'fixed_term') OR (ends_on IS NOT NULL))
);
CREATE TABLE expense_category (
    code character varying NOT NULL,
    name character varying NOT NULL,
    name_zh character varying NOT NULL,
    account character varying NOT NULL,
    tax_code character varying,
    limit_minor bigint,
    receipt_above_minor bigint,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_expense_category_limit_positive CHECK (limit_minor > 0),
    CONSTRAINT ck_expense_category_receipt_above CHECK (receipt_above_minor >= 0)
);
CREATE TABLE expense_claim (
    number character varying NOT NULL,
    employee_id uuid NOT NULL,
    state character varying(32) NOT NULL,
    asked_by character varying NOT NULL,
    asked_on date NOT NULL,
    purpose character varying NOT NULL,
    decided_by character varying,
    decided_on date,
    answer character varying,
    bill_number character varying,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_expense_claim_claimstate CHECK (state IN ('asked', 'approved', 'refused', 'paid')),
    CONSTRAINT ck_expense_claim_paid_by_bill CHECK ((state <> 'paid') OR (bill_number IS NOT NULL))
);
CREATE TABLE expense_line (
    claim_id uuid NOT NULL,
    "position" integer NOT NULL,
    category_id uuid NOT NULL,
    spent_on date NOT NULL,
    description character varying NOT NULL,
    claimed_minor bigint NOT NULL,
    sanctioned_minor bigint,
    is_taxed boolean NOT NULL,
    receipt_name character varying,
    receipt_hash character varying,
    is_void boolean NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_expense_line_claimed_positive CHECK (claimed_minor > 0),
    CONSTRAINT ck_expense_line_receipt_hash CHECK (receipt_hash ~ '^[0-9a-f]{64}$'),
    CONSTRAINT ck_expense_line_sanctioned CHECK ((sanctioned_minor >= 0) AND (sanctioned_minor <= claimed_minor))
);
CREATE TABLE leave_entry (
    employee_id uuid NOT NULL,
    type_id uuid NOT NULL,
    kind character varying(32) NOT NULL,
    days numeric(9,3) NOT NULL,
    effective_on date NOT NULL,
    expires_on date,
    period character varying,
    request_id uuid,
    note character varying NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_leave_entry_days CHECK (days <> 0),
    CONSTRAINT ck_leave_entry_leaveentrykind CHECK (kind IN ('grant', 'accrual', 'taken', 'expiry', 'carried', 'encashed', 'correction')),
    CONSTRAINT ck_leave_entry_only_carried_expire CHECK ((expires_on IS NULL) OR (kind = 'carried')),
    CONSTRAINT ck_leave_entry_sign CHECK (
CASE kind
    WHEN 'grant' THEN (days > 0)
    WHEN 'accrual' THEN (days > 0)
    WHEN 'taken' THEN (days < 0)
    WHEN 'expiry' THEN (days < 0)
    WHEN 'encashed' THEN (days < 0)
    ELSE true
END),
    CONSTRAINT ck_leave_entry_taken_by_request CHECK ((kind = 'taken') <= (request_id IS NOT NULL))
);
CREATE TABLE leave_policy (
    type_id uuid NOT NULL,
    country character varying,
    valid_from date NOT NULL,
    annual_days numeric(9,3) NOT NULL,
    accrual character varying(32) NOT NULL,
    credited_on character varying(32) NOT NULL,
    round_to numeric(9,3),
    round_way character varying(32) NOT NULL,
    cap_days numeric(9,3),
    max_carry numeric(9,3),
    carried_months integer,
    negative_days numeric(9,3) NOT NULL,
    encash_max numeric(9,3) NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_leave_policy_accrual CHECK (accrual IN ('year', 'month')),
    CONSTRAINT ck_leave_policy_annual_days CHECK (annual_days >= 0),
    CONSTRAINT ck_leave_policy_cap_days CHECK (cap_days >= 0),
    CONSTRAINT ck_leave_policy_carried_months CHECK (carried_months > 0),
    CONSTRAINT ck_leave_policy_creditday CHECK (credited_on IN ('first', 'last')),
    CONSTRAINT ck_leave_policy_encash_max CHECK (encash_max >= 0),
    CONSTRAINT ck_leave_policy_max_carry CHECK (max_carry >= 0),
    CONSTRAINT ck_leave_policy_negative_days CHECK (negative_days >= 0),
    CONSTRAINT ck_leave_policy_round_to CHECK (round_to > 0),
    CONSTRAINT ck_leave_policy_rounddays CHECK (round_way IN ('nearest', 'up', 'down'))
);
CREATE TABLE leave_reason (
    request_id uuid NOT NULL,
    employee_id uuid NOT NULL,
    words character varying NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE leave_request (
    number character varying NOT NULL,
    employee_id uuid NOT NULL,
    type_id uuid NOT NULL,
    state character varying(32) NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    starts_at_noon boolean NOT NULL,
    ends_at_noon boolean NOT NULL,
    days numeric(9,3) NOT NULL,
    asked_by character varying NOT NULL,
    asked_on date NOT NULL,
    decided_by character varying,
    answer character varying,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_leave_request_days_positive CHECK (days > 0),
    CONSTRAINT ck_leave_request_in_order CHECK (ends_on >= starts_on),
    CONSTRAINT ck_leave_request_leavestate CHECK (state IN ('asked', 'approved', 'refused', 'cancelled')),
    CONSTRAINT ck_leave_request_not_empty CHECK (NOT ((starts_on = ends_on) AND starts_at_noon AND ends_at_noon))
);
CREATE TABLE leave_type (
    code character varying NOT NULL,
    name character varying NOT NULL,
    name_zh character varying NOT NULL,
    is_paid boolean NOT NULL,
    is_health boolean NOT NULL,
    needs_balance boolean NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE FUNCTION employees_below(manager uuid) RETURNS SETOF uuid
    LANGUAGE sql STABLE
    AS $$
        WITH RECURSIVE day (now_on) AS (
            SELECT coalesce((SELECT business_date FROM company), current_date)
        ), below (id) AS (
            SELECT e.employee_id FROM employment AS e JOIN employee AS m ON m.id = e.manager_id, day
            WHERE m.party_id = manager
                AND day.now_on BETWEEN e.starts_on AND coalesce(e.ends_on, day.now_on)
            UNION
            SELECT e.employee_id FROM below JOIN employment AS e ON e.manager_id = below.id, day
            WHERE day.now_on BETWEEN e.starts_on AND coalesce(e.ends_on, day.now_on)
        ) SELECT id FROM below $$;
CREATE VIEW absence AS
 SELECT number,
    employee_id,
    state,
    starts_on,
    ends_on,
    starts_at_noon,
    ends_at_noon,
    days
   FROM leave_request
  WHERE (state IN ('asked', 'approved'));
ALTER TABLE employee_pay
    ADD CONSTRAINT pk_employee_pay PRIMARY KEY (id);
ALTER TABLE employment
    ADD CONSTRAINT pk_employment PRIMARY KEY (id);
ALTER TABLE expense_category
    ADD CONSTRAINT pk_expense_category PRIMARY KEY (id);
ALTER TABLE expense_claim
    ADD CONSTRAINT pk_expense_claim PRIMARY KEY (id);
ALTER TABLE expense_line
    ADD CONSTRAINT pk_expense_line PRIMARY KEY (id);
ALTER TABLE leave_entry
    ADD CONSTRAINT pk_leave_entry PRIMARY KEY (id);
ALTER TABLE leave_policy
    ADD CONSTRAINT pk_leave_policy PRIMARY KEY (id);
ALTER TABLE leave_reason
    ADD CONSTRAINT pk_leave_reason PRIMARY KEY (id);
ALTER TABLE leave_request
    ADD CONSTRAINT pk_leave_request PRIMARY KEY (id);
ALTER TABLE leave_type
    ADD CONSTRAINT pk_leave_type PRIMARY KEY (id);
ALTER TABLE expense_category
    ADD CONSTRAINT uq_expense_category_code UNIQUE (code);
ALTER TABLE expense_claim
    ADD CONSTRAINT uq_expense_claim_bill_number UNIQUE (bill_number);
ALTER TABLE expense_claim
    ADD CONSTRAINT uq_expense_claim_number UNIQUE (number);
ALTER TABLE leave_policy
    ADD CONSTRAINT uq_leave_policy_type_id_country_valid_from UNIQUE NULLS NOT DISTINCT (type_id, country, valid_from);
ALTER TABLE leave_reason
    ADD CONSTRAINT uq_leave_reason_request_id UNIQUE (request_id);
ALTER TABLE leave_request
    ADD CONSTRAINT uq_leave_request_number UNIQUE (number);
ALTER TABLE leave_type
    ADD CONSTRAINT uq_leave_type_code UNIQUE (code);
ALTER TABLE employee_pay
    ADD CONSTRAINT fk_employee_pay_employee_id FOREIGN KEY (employee_id) REFERENCES employee(id);
ALTER TABLE employment
    ADD CONSTRAINT fk_employment_department_id FOREIGN KEY (department_id) REFERENCES department(id);
ALTER TABLE employment
    ADD CONSTRAINT fk_employment_employee_id FOREIGN KEY (employee_id) REFERENCES employee(id);
ALTER TABLE employment
    ADD CONSTRAINT fk_employment_manager_id FOREIGN KEY (manager_id) REFERENCES employee(id);
ALTER TABLE expense_claim
    ADD CONSTRAINT fk_expense_claim_employee_id FOREIGN KEY (employee_id) REFERENCES employee(id);
ALTER TABLE expense_line
    ADD CONSTRAINT fk_expense_line_category_id FOREIGN KEY (category_id) REFERENCES expense_category(id);
ALTER TABLE expense_line
    ADD CONSTRAINT fk_expense_line_claim_id FOREIGN KEY (claim_id) REFERENCES expense_claim(id);
ALTER TABLE leave_entry
    ADD CONSTRAINT fk_leave_entry_employee_id FOREIGN KEY (employee_id) REFERENCES employee(id);
ALTER TABLE leave_entry
    ADD CONSTRAINT fk_leave_entry_request_id FOREIGN KEY (request_id) REFERENCES leave_request(id);
ALTER TABLE leave_entry
    ADD CONSTRAINT fk_leave_entry_type_id FOREIGN KEY (type_id) REFERENCES leave_type(id);
ALTER TABLE leave_policy
    ADD CONSTRAINT fk_leave_policy_type_id FOREIGN KEY (type_id) REFERENCES leave_type(id);
ALTER TABLE leave_reason
    ADD CONSTRAINT fk_leave_reason_employee_id FOREIGN KEY (employee_id) REFERENCES employee(id);
ALTER TABLE leave_reason
    ADD CONSTRAINT fk_leave_reason_request_id FOREIGN KEY (request_id) REFERENCES leave_request(id);
ALTER TABLE leave_request
    ADD CONSTRAINT fk_leave_request_employee_id FOREIGN KEY (employee_id) REFERENCES employee(id);
ALTER TABLE leave_request
    ADD CONSTRAINT fk_leave_request_type_id FOREIGN KEY (type_id) REFERENCES leave_type(id);
ALTER TABLE employee_pay
    ADD CONSTRAINT ex_employee_pay_overlap EXCLUDE USING gist (uuid_range(employee_id, employee_id, '[]') WITH &&, daterange(starts_on, ends_on, '[]') WITH &&);
ALTER TABLE employment
    ADD CONSTRAINT ex_employment_overlap EXCLUDE USING gist (uuid_range(employee_id, employee_id, '[]') WITH &&, daterange(starts_on, ends_on, '[]') WITH &&);
ALTER TABLE leave_request
    ADD CONSTRAINT ex_leave_request_overlap EXCLUDE USING gist (uuid_range(employee_id, employee_id, '[]') WITH &&, tsrange((starts_on +
CASE
    WHEN starts_at_noon THEN '12:00:00'::interval
    ELSE '00:00:00'::interval
END), (ends_on +
CASE
    WHEN ends_at_noon THEN '12:00:00'::interval
    ELSE '24:00:00'::interval
END)) WITH &&) WHERE ((state IN ('asked', 'approved')));
ALTER TABLE audit_record ENABLE ROW LEVEL SECURITY;
ALTER TABLE change_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE employee_pay ENABLE ROW LEVEL SECURITY;
ALTER TABLE expense_claim ENABLE ROW LEVEL SECURITY;
ALTER TABLE expense_line ENABLE ROW LEVEL SECURITY;
ALTER TABLE leave_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE leave_reason ENABLE ROW LEVEL SECURITY;
ALTER TABLE leave_request ENABLE ROW LEVEL SECURITY;
CREATE UNIQUE INDEX ix_expense_line_claim_id_position ON expense_line USING btree (claim_id, "position");
CREATE UNIQUE INDEX uq_expense_line_receipt ON expense_line USING btree (receipt_hash) WHERE ((receipt_hash IS NOT NULL) AND (NOT is_void));
CREATE UNIQUE INDEX uq_leave_entry_period ON leave_entry USING btree (employee_id, type_id, kind, period) WHERE (period IS NOT NULL);
CREATE INDEX ix_employee_pay_employee_id_starts_on ON employee_pay USING btree (employee_id, starts_on);
CREATE INDEX ix_employment_department_id ON employment USING btree (department_id);
CREATE INDEX ix_employment_employee_id_starts_on ON employment USING btree (employee_id, starts_on);
CREATE INDEX ix_employment_manager_id ON employment USING btree (manager_id);
CREATE INDEX ix_expense_claim_employee_id ON expense_claim USING btree (employee_id);
CREATE INDEX ix_expense_claim_state ON expense_claim USING btree (state);
CREATE INDEX ix_expense_line_category_id ON expense_line USING btree (category_id);
CREATE INDEX ix_leave_entry_employee_id_type_id_effective_on ON leave_entry USING btree (employee_id, type_id, effective_on);
CREATE INDEX ix_leave_entry_request_id ON leave_entry USING btree (request_id);
CREATE INDEX ix_leave_entry_type_id ON leave_entry USING btree (type_id);
CREATE INDEX ix_leave_reason_employee_id ON leave_reason USING btree (employee_id);
CREATE INDEX ix_leave_request_employee_id_starts_on ON leave_request USING btree (employee_id, starts_on);
CREATE INDEX ix_leave_request_state ON leave_request USING btree (state);
CREATE INDEX ix_leave_request_type_id ON leave_request USING btree (type_id);
CREATE CONSTRAINT TRIGGER balance AFTER INSERT ON leave_entry DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hold_leave_balance();
CREATE CONSTRAINT TRIGGER in_service AFTER INSERT OR UPDATE ON employee_pay DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION require_in_service();
CREATE CONSTRAINT TRIGGER in_service AFTER INSERT OR UPDATE ON employment DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION require_in_service();
CREATE POLICY theirs_to_see ON audit_record FOR SELECT USING (((name !~~ 'hr.private.%') OR ( SELECT reads_as(VARIADIC ARRAY['admin', 'auditor', 'hr', 'manager', 'system']) AS reads_as)));
CREATE POLICY theirs_to_see ON change_event FOR SELECT USING (((name !~~ 'hr.private.%') OR ( SELECT reads_as(VARIADIC ARRAY['admin', 'auditor', 'hr', 'manager', 'system']) AS reads_as)));
CREATE POLICY theirs_to_see ON employee_pay FOR SELECT USING ((( SELECT reads_as(VARIADIC ARRAY['admin', 'auditor', 'hr', 'manager', 'system']) AS reads_as) OR (employee_id IN ( SELECT employee.id
   FROM employee
  WHERE (employee.party_id = ( SELECT reading_party() AS reading_party))))));
CREATE POLICY theirs_to_see ON expense_claim FOR SELECT USING ((( SELECT reads_as(VARIADIC ARRAY['accountant', 'admin', 'auditor', 'hr', 'manager', 'system']) AS reads_as) OR (employee_id IN ( SELECT employee.id
   FROM employee
  WHERE (employee.party_id = ( SELECT reading_party() AS reading_party)))) OR (employee_id IN ( SELECT employees_below(( SELECT reading_party() AS reading_party)) AS employees_below))));
CREATE POLICY theirs_to_see ON expense_line FOR SELECT USING ((claim_id IN ( SELECT expense_claim.id
   FROM expense_claim)));
CREATE POLICY theirs_to_see ON leave_entry FOR SELECT USING ((( SELECT reads_as(VARIADIC ARRAY['admin', 'auditor', 'hr', 'manager', 'system']) AS reads_as) OR (employee_id IN ( SELECT employee.id
   FROM employee
  WHERE (employee.party_id = ( SELECT reading_party() AS reading_party)))) OR (employee_id IN ( SELECT employees_below(( SELECT reading_party() AS reading_party)) AS employees_below))));
CREATE POLICY theirs_to_see ON leave_reason FOR SELECT USING ((( SELECT reads_as(VARIADIC ARRAY['hr', 'system']) AS reads_as) OR (employee_id IN ( SELECT employee.id
   FROM employee
  WHERE (employee.party_id = ( SELECT reading_party() AS reading_party))))));
CREATE POLICY theirs_to_see ON leave_request FOR SELECT USING ((( SELECT reads_as(VARIADIC ARRAY['admin', 'auditor', 'hr', 'manager', 'system']) AS reads_as) OR (employee_id IN ( SELECT employee.id
   FROM employee
  WHERE (employee.party_id = ( SELECT reading_party() AS reading_party)))) OR (employee_id IN ( SELECT employees_below(( SELECT reading_party() AS reading_party)) AS employees_below))));
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON leave_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER no_circle AFTER INSERT OR UPDATE ON employment FOR EACH ROW EXECUTE FUNCTION refuse_circle_of_managers();
-- Whoever works here already does so under the terms that are known of them.
INSERT INTO employment (
    employee_id, starts_on, ends_on, job_title, department_id, contract, hours_share, country,
    id, created_at)
SELECT employee.id, hired_on, left_on, job_title, department_id, 'permanent', 1, company.country,
    gen_random_uuid(), now()
FROM employee CROSS JOIN company;
