-- The duties of a month of pay: to enter it, to release the run, to pay it out.
ALTER TABLE duty_done DROP CONSTRAINT ck_duty_done_dutyname;
ALTER TABLE duty_done ADD CONSTRAINT ck_duty_done_dutyname CHECK (duty IN (
    'order', 'receive', 'bill', 'pay', 'add_supplier', 'change_account', 'verify_account',
    'execute', 'count', 'accept_count', 'enter_pay', 'release_pay', 'pay_out'));

-- Pay: what it is made of, who gets what from when on, the runs and their payslips.
CREATE FUNCTION keep_posted_run() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF TG_OP = 'DELETE' OR (
            NEW.number, NEW.period, NEW.pay_on, NEW.currency, NEW.people, NEW.gross_minor,
            NEW.deductions_minor, NEW.net_minor, NEW.employer_minor, NEW.entry, NEW.file_sha256
        ) IS DISTINCT FROM (
            OLD.number, OLD.period, OLD.pay_on, OLD.currency, OLD.people, OLD.gross_minor,
            OLD.deductions_minor, OLD.net_minor, OLD.employer_minor, OLD.entry, OLD.file_sha256
        ) THEN
            RAISE EXCEPTION 'a posted payroll run stays: correct it with the next one'
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$;
CREATE TABLE pay_assignment (
    employee_id uuid NOT NULL,
    structure_id uuid,
    valid_from date NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE pay_component (
    code character varying NOT NULL,
    name character varying NOT NULL,
    name_zh character varying NOT NULL,
    kind character varying(32) NOT NULL,
    debit_account_id uuid,
    credit_account_id uuid,
    to_authority boolean NOT NULL,
    prorated boolean NOT NULL,
    from_terms boolean NOT NULL,
    retro boolean NOT NULL,
    digits integer,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_pay_component_accounts CHECK (
CASE kind
    WHEN 'earning'::text THEN (debit_account_id IS NOT NULL)
    WHEN 'deduction'::text THEN (credit_account_id IS NOT NULL)
    WHEN 'employer_contribution'::text THEN ((debit_account_id IS NOT NULL) AND (credit_account_id IS NOT NULL))
    ELSE (num_nonnulls(debit_account_id, credit_account_id) = 0)
END),
    CONSTRAINT ck_pay_component_code CHECK (((code)::text ~ '^[a-z_][a-z0-9_]{0,39}$'::text)),
    CONSTRAINT ck_pay_component_digits CHECK (((digits >= 0) AND (digits <= 6))),
    CONSTRAINT ck_pay_component_paykind CHECK (((kind)::text = ANY ((ARRAY['earning'::character varying, 'deduction'::character varying, 'employer_contribution'::character varying, 'information'::character varying])::text[])))
);
CREATE TABLE pay_costing (
    employee_id uuid NOT NULL,
    valid_from date NOT NULL,
    shares jsonb NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE pay_input (
    employee_id uuid NOT NULL,
    component_id uuid NOT NULL,
    period date NOT NULL,
    amount numeric(20,6) NOT NULL,
    note character varying NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_pay_input_period CHECK ((EXTRACT(day FROM period) = (1)::numeric))
);
CREATE TABLE pay_loan (
    number character varying NOT NULL,
    employee_id uuid NOT NULL,
    component_id uuid NOT NULL,
    kind character varying(32) NOT NULL,
    currency character varying NOT NULL,
    amount_minor bigint NOT NULL,
    paid_on date NOT NULL,
    entry character varying NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_pay_loan_amount_positive CHECK ((amount_minor > 0)),
    CONSTRAINT ck_pay_loan_loankind CHECK (((kind)::text = ANY ((ARRAY['employee_loan'::character varying, 'salary_advance'::character varying])::text[])))
);
CREATE TABLE pay_loan_part (
    loan_id uuid NOT NULL,
    period date NOT NULL,
    amount_minor bigint NOT NULL,
    payslip_id uuid,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_pay_loan_part_amount_positive CHECK ((amount_minor > 0)),
    CONSTRAINT ck_pay_loan_part_period CHECK ((EXTRACT(day FROM period) = (1)::numeric))
);
CREATE TABLE pay_rate (
    name character varying NOT NULL,
    valid_from date NOT NULL,
    value numeric NOT NULL,
    source character varying NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_pay_rate_name CHECK (((name)::text ~ '^[a-z_][a-z0-9_]{0,39}$'::text))
);
CREATE TABLE pay_structure (
    code character varying NOT NULL,
    name character varying NOT NULL,
    name_zh character varying NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE pay_structure_line (
    version_id uuid NOT NULL,
    "position" integer NOT NULL,
    component_id uuid NOT NULL,
    formula character varying,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_pay_structure_line_formula CHECK ((length((formula)::text) <= 500))
);
CREATE TABLE pay_structure_version (
    structure_id uuid NOT NULL,
    valid_from date NOT NULL,
    proration character varying(32) NOT NULL,
    rate_set character varying,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_pay_structure_version_proration CHECK (((proration)::text = ANY ((ARRAY['calendar_days'::character varying, 'working_days'::character varying, 'thirtieths'::character varying, 'not_prorated'::character varying])::text[])))
);
CREATE TABLE pay_value (
    employee_id uuid NOT NULL,
    component_id uuid NOT NULL,
    valid_from date NOT NULL,
    amount numeric(20,6) NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE payroll_run (
    number character varying NOT NULL,
    period date NOT NULL,
    pay_on date NOT NULL,
    state character varying(32) NOT NULL,
    currency character varying NOT NULL,
    people integer NOT NULL,
    gross_minor bigint NOT NULL,
    deductions_minor bigint NOT NULL,
    net_minor bigint NOT NULL,
    employer_minor bigint NOT NULL,
    entry character varying NOT NULL,
    paid_entry character varying,
    remitted_entry character varying,
    file_name character varying,
    file_content bytea,
    file_sha256 character varying,
    file_payments integer NOT NULL,
    file_minor bigint NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_payroll_run_adds_up CHECK (((gross_minor - deductions_minor) = net_minor)),
    CONSTRAINT ck_payroll_run_file_hash CHECK (((file_sha256)::text = encode(sha256(file_content), 'hex'::text))),
    CONSTRAINT ck_payroll_run_paid CHECK ((((state)::text = 'paid'::text) = (paid_entry IS NOT NULL))),
    CONSTRAINT ck_payroll_run_people CHECK ((people > 0)),
    CONSTRAINT ck_payroll_run_period CHECK ((EXTRACT(day FROM period) = (1)::numeric)),
    CONSTRAINT ck_payroll_run_runstate CHECK (((state)::text = ANY ((ARRAY['posted'::character varying, 'paid'::character varying])::text[])))
);
CREATE TABLE payslip (
    number character varying NOT NULL,
    run_id uuid NOT NULL,
    employee_id uuid NOT NULL,
    structure_id uuid NOT NULL,
    department_id uuid NOT NULL,
    shares character varying NOT NULL,
    basis_minor bigint,
    period date NOT NULL,
    days integer NOT NULL,
    currency character varying NOT NULL,
    gross_minor bigint NOT NULL,
    deductions_minor bigint NOT NULL,
    net_minor bigint NOT NULL,
    employer_minor bigint NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_payslip_adds_up CHECK (((gross_minor - deductions_minor) = net_minor)),
    CONSTRAINT ck_payslip_net_not_negative CHECK ((net_minor >= 0))
);
CREATE TABLE payslip_line (
    payslip_id uuid NOT NULL,
    "position" integer NOT NULL,
    component_id uuid NOT NULL,
    for_period date NOT NULL,
    amount_minor bigint,
    figure numeric(20,6),
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_payslip_line_one_figure CHECK ((num_nonnulls(amount_minor, figure) = 1))
);
ALTER TABLE pay_assignment
    ADD CONSTRAINT pk_pay_assignment PRIMARY KEY (id);
ALTER TABLE pay_component
    ADD CONSTRAINT pk_pay_component PRIMARY KEY (id);
ALTER TABLE pay_component
    ADD CONSTRAINT uq_pay_component_code UNIQUE (code);
ALTER TABLE pay_costing
    ADD CONSTRAINT pk_pay_costing PRIMARY KEY (id);
ALTER TABLE pay_input
    ADD CONSTRAINT pk_pay_input PRIMARY KEY (id);
ALTER TABLE pay_loan
    ADD CONSTRAINT pk_pay_loan PRIMARY KEY (id);
ALTER TABLE pay_loan
    ADD CONSTRAINT uq_pay_loan_number UNIQUE (number);
ALTER TABLE pay_loan_part
    ADD CONSTRAINT pk_pay_loan_part PRIMARY KEY (id);
ALTER TABLE pay_loan_part
    ADD CONSTRAINT uq_pay_loan_part_loan_id_period UNIQUE (loan_id, period);
ALTER TABLE pay_rate
    ADD CONSTRAINT pk_pay_rate PRIMARY KEY (id);
ALTER TABLE pay_rate
    ADD CONSTRAINT uq_pay_rate_name_valid_from UNIQUE (name, valid_from);
ALTER TABLE pay_structure
    ADD CONSTRAINT pk_pay_structure PRIMARY KEY (id);
ALTER TABLE pay_structure
    ADD CONSTRAINT uq_pay_structure_code UNIQUE (code);
ALTER TABLE pay_structure_line
    ADD CONSTRAINT pk_pay_structure_line PRIMARY KEY (id);
ALTER TABLE pay_structure_line
    ADD CONSTRAINT uq_pay_structure_line_version_id_component_id UNIQUE (version_id, component_id);
ALTER TABLE pay_structure_line
    ADD CONSTRAINT uq_pay_structure_line_version_id_position UNIQUE (version_id, "position");
ALTER TABLE pay_structure_version
    ADD CONSTRAINT pk_pay_structure_version PRIMARY KEY (id);
ALTER TABLE pay_structure_version
    ADD CONSTRAINT uq_pay_structure_version_structure_id_valid_from UNIQUE (structure_id, valid_from);
ALTER TABLE pay_value
    ADD CONSTRAINT pk_pay_value PRIMARY KEY (id);
ALTER TABLE payroll_run
    ADD CONSTRAINT pk_payroll_run PRIMARY KEY (id);
ALTER TABLE payroll_run
    ADD CONSTRAINT uq_payroll_run_number UNIQUE (number);
ALTER TABLE payslip
    ADD CONSTRAINT pk_payslip PRIMARY KEY (id);
ALTER TABLE payslip
    ADD CONSTRAINT uq_payslip_employee_id_period UNIQUE (employee_id, period);
ALTER TABLE payslip
    ADD CONSTRAINT uq_payslip_number UNIQUE (number);
ALTER TABLE payslip
    ADD CONSTRAINT uq_payslip_run_id_employee_id UNIQUE (run_id, employee_id);
ALTER TABLE payslip_line
    ADD CONSTRAINT pk_payslip_line PRIMARY KEY (id);
ALTER TABLE pay_assignment
    ADD CONSTRAINT fk_pay_assignment_employee_id FOREIGN KEY (employee_id) REFERENCES employee(id);
ALTER TABLE pay_assignment
    ADD CONSTRAINT fk_pay_assignment_structure_id FOREIGN KEY (structure_id) REFERENCES pay_structure(id);
ALTER TABLE pay_component
    ADD CONSTRAINT fk_pay_component_credit_account_id FOREIGN KEY (credit_account_id) REFERENCES account(id);
ALTER TABLE pay_component
    ADD CONSTRAINT fk_pay_component_debit_account_id FOREIGN KEY (debit_account_id) REFERENCES account(id);
ALTER TABLE pay_costing
    ADD CONSTRAINT fk_pay_costing_employee_id FOREIGN KEY (employee_id) REFERENCES employee(id);
ALTER TABLE pay_input
    ADD CONSTRAINT fk_pay_input_component_id FOREIGN KEY (component_id) REFERENCES pay_component(id);
ALTER TABLE pay_input
    ADD CONSTRAINT fk_pay_input_employee_id FOREIGN KEY (employee_id) REFERENCES employee(id);
ALTER TABLE pay_loan
    ADD CONSTRAINT fk_pay_loan_component_id FOREIGN KEY (component_id) REFERENCES pay_component(id);
ALTER TABLE pay_loan
    ADD CONSTRAINT fk_pay_loan_employee_id FOREIGN KEY (employee_id) REFERENCES employee(id);
ALTER TABLE pay_loan_part
    ADD CONSTRAINT fk_pay_loan_part_loan_id FOREIGN KEY (loan_id) REFERENCES pay_loan(id);
ALTER TABLE pay_loan_part
    ADD CONSTRAINT fk_pay_loan_part_payslip_id FOREIGN KEY (payslip_id) REFERENCES payslip(id);
ALTER TABLE pay_structure_line
    ADD CONSTRAINT fk_pay_structure_line_component_id FOREIGN KEY (component_id) REFERENCES pay_component(id);
ALTER TABLE pay_structure_line
    ADD CONSTRAINT fk_pay_structure_line_version_id FOREIGN KEY (version_id) REFERENCES pay_structure_version(id);
ALTER TABLE pay_structure_version
    ADD CONSTRAINT fk_pay_structure_version_structure_id FOREIGN KEY (structure_id) REFERENCES pay_structure(id);
ALTER TABLE pay_value
    ADD CONSTRAINT fk_pay_value_component_id FOREIGN KEY (component_id) REFERENCES pay_component(id);
ALTER TABLE pay_value
    ADD CONSTRAINT fk_pay_value_employee_id FOREIGN KEY (employee_id) REFERENCES employee(id);
ALTER TABLE payslip
    ADD CONSTRAINT fk_payslip_department_id FOREIGN KEY (department_id) REFERENCES department(id);
ALTER TABLE payslip
    ADD CONSTRAINT fk_payslip_employee_id FOREIGN KEY (employee_id) REFERENCES employee(id);
ALTER TABLE payslip
    ADD CONSTRAINT fk_payslip_run_id FOREIGN KEY (run_id) REFERENCES payroll_run(id);
ALTER TABLE payslip
    ADD CONSTRAINT fk_payslip_structure_id FOREIGN KEY (structure_id) REFERENCES pay_structure(id);
ALTER TABLE payslip_line
    ADD CONSTRAINT fk_payslip_line_component_id FOREIGN KEY (component_id) REFERENCES pay_component(id);
ALTER TABLE payslip_line
    ADD CONSTRAINT fk_payslip_line_payslip_id FOREIGN KEY (payslip_id) REFERENCES payslip(id);
CREATE INDEX ix_pay_assignment_employee_id_valid_from ON pay_assignment USING btree (employee_id, valid_from);
CREATE INDEX ix_pay_costing_employee_id_valid_from ON pay_costing USING btree (employee_id, valid_from);
CREATE INDEX ix_pay_input_period_employee_id ON pay_input USING btree (period, employee_id);
CREATE INDEX ix_pay_loan_employee_id ON pay_loan USING btree (employee_id);
CREATE INDEX ix_pay_loan_part_open ON pay_loan_part USING btree (period) WHERE (payslip_id IS NULL);
CREATE INDEX ix_pay_loan_part_payslip_id ON pay_loan_part USING btree (payslip_id);
CREATE INDEX ix_pay_value_employee_id_component_id_valid_from ON pay_value USING btree (employee_id, component_id, valid_from);
CREATE INDEX ix_payroll_run_period ON payroll_run USING btree (period);
CREATE INDEX ix_payslip_line_payslip_id ON payslip_line USING btree (payslip_id);
CREATE INDEX ix_payslip_period ON payslip USING btree (period);
ALTER TABLE pay_input ENABLE ROW LEVEL SECURITY;
ALTER TABLE pay_loan ENABLE ROW LEVEL SECURITY;
ALTER TABLE pay_loan_part ENABLE ROW LEVEL SECURITY;
ALTER TABLE pay_value ENABLE ROW LEVEL SECURITY;
ALTER TABLE payslip ENABLE ROW LEVEL SECURITY;
ALTER TABLE payslip_line ENABLE ROW LEVEL SECURITY;
CREATE POLICY theirs_to_see ON pay_input FOR SELECT USING ((( SELECT reads_as(VARIADIC ARRAY['admin'::text, 'auditor'::text, 'hr'::text, 'manager'::text, 'system'::text]) AS reads_as) OR (employee_id IN ( SELECT employee.id
   FROM employee
  WHERE (employee.party_id = ( SELECT reading_party() AS reading_party))))));
CREATE POLICY theirs_to_see ON pay_loan FOR SELECT USING ((( SELECT reads_as(VARIADIC ARRAY['admin'::text, 'auditor'::text, 'hr'::text, 'manager'::text, 'system'::text]) AS reads_as) OR (employee_id IN ( SELECT employee.id
   FROM employee
  WHERE (employee.party_id = ( SELECT reading_party() AS reading_party))))));
CREATE POLICY theirs_to_see ON pay_loan_part FOR SELECT USING ((loan_id IN ( SELECT pay_loan.id
   FROM pay_loan)));
CREATE POLICY theirs_to_see ON pay_value FOR SELECT USING ((( SELECT reads_as(VARIADIC ARRAY['admin'::text, 'auditor'::text, 'hr'::text, 'manager'::text, 'system'::text]) AS reads_as) OR (employee_id IN ( SELECT employee.id
   FROM employee
  WHERE (employee.party_id = ( SELECT reading_party() AS reading_party))))));
CREATE POLICY theirs_to_see ON payslip FOR SELECT USING ((( SELECT reads_as(VARIADIC ARRAY['admin'::text, 'auditor'::text, 'hr'::text, 'manager'::text, 'system'::text]) AS reads_as) OR (employee_id IN ( SELECT employee.id
   FROM employee
  WHERE (employee.party_id = ( SELECT reading_party() AS reading_party))))));
CREATE POLICY theirs_to_see ON payslip_line FOR SELECT USING ((payslip_id IN ( SELECT payslip.id
   FROM payslip)));
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON pay_assignment FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON pay_costing FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON pay_input FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON pay_value FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON payslip FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON payslip_line FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_posted BEFORE DELETE OR UPDATE ON payroll_run FOR EACH ROW EXECUTE FUNCTION keep_posted_run();
