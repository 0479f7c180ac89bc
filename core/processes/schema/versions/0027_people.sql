-- Employees by date, leave, time and expenses; what is private of them is theirs to see.
CREATE TYPE uuid_range AS RANGE (
    subtype = uuid,
    multirange_type_name = uuid_multirange
);
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
ALTER TABLE employee_pay
    ADD CONSTRAINT pk_employee_pay PRIMARY KEY (id);
ALTER TABLE employment
    ADD CONSTRAINT pk_employment PRIMARY KEY (id);
ALTER TABLE employee_pay
    ADD CONSTRAINT fk_employee_pay_employee_id FOREIGN KEY (employee_id) REFERENCES employee(id);
ALTER TABLE employment
    ADD CONSTRAINT fk_employment_department_id FOREIGN KEY (department_id) REFERENCES department(id);
ALTER TABLE employment
    ADD CONSTRAINT fk_employment_employee_id FOREIGN KEY (employee_id) REFERENCES employee(id);
ALTER TABLE employment
    ADD CONSTRAINT fk_employment_manager_id FOREIGN KEY (manager_id) REFERENCES employee(id);
ALTER TABLE employee_pay
    ADD CONSTRAINT ex_employee_pay_overlap EXCLUDE USING gist (uuid_range(employee_id, employee_id, '[]') WITH &&, daterange(starts_on, ends_on, '[]') WITH &&);
ALTER TABLE employment
    ADD CONSTRAINT ex_employment_overlap EXCLUDE USING gist (uuid_range(employee_id, employee_id, '[]') WITH &&, daterange(starts_on, ends_on, '[]') WITH &&);
CREATE INDEX ix_employee_pay_employee_id_starts_on ON employee_pay USING btree (employee_id, starts_on);
CREATE INDEX ix_employment_department_id ON employment USING btree (department_id);
CREATE INDEX ix_employment_employee_id_starts_on ON employment USING btree (employee_id, starts_on);
CREATE INDEX ix_employment_manager_id ON employment USING btree (manager_id);
CREATE CONSTRAINT TRIGGER in_service AFTER INSERT OR UPDATE ON employee_pay DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION require_in_service();
CREATE CONSTRAINT TRIGGER in_service AFTER INSERT OR UPDATE ON employment DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION require_in_service();
CREATE TRIGGER no_circle AFTER INSERT OR UPDATE ON employment FOR EACH ROW EXECUTE FUNCTION refuse_circle_of_managers();
-- Whoever works here already does so under the terms that are known of them.
INSERT INTO employment (
    employee_id, starts_on, ends_on, job_title, department_id, contract, hours_share, country,
    id, created_at)
SELECT employee.id, hired_on, left_on, job_title, department_id, 'permanent', 1, company.country,
    gen_random_uuid(), now()
FROM employee CROSS JOIN company;
