-- Projects: their tasks, the hours that were worked, and what is billed.
CREATE TABLE hourly_cost (
    party_id uuid NOT NULL,
    starts_on date NOT NULL,
    cost_per_hour numeric(20,6) NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_hourly_cost_cost CHECK ((cost_per_hour >= (0)::numeric))
);
CREATE TABLE progress_billed (
    task_id uuid NOT NULL,
    invoice_number character varying NOT NULL,
    amount_minor bigint NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_progress_billed_amount_positive CHECK ((amount_minor > 0))
);
CREATE TABLE project (
    number character varying NOT NULL,
    name character varying NOT NULL,
    name_zh character varying,
    state character varying(32) NOT NULL,
    customer_id uuid,
    starts_on date NOT NULL,
    ends_on date,
    currency character varying NOT NULL,
    billing character varying(32) NOT NULL,
    budget_minor bigint,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_project_billing CHECK (((billing)::text = ANY ((ARRAY['time'::character varying, 'progress'::character varying])::text[]))),
    CONSTRAINT ck_project_budget CHECK ((budget_minor >= 0)),
    CONSTRAINT ck_project_ends_after_start CHECK ((ends_on >= starts_on)),
    CONSTRAINT ck_project_projectstate CHECK (((state)::text = ANY ((ARRAY['open'::character varying, 'closed'::character varying])::text[])))
);
CREATE TABLE project_task (
    project_id uuid NOT NULL,
    "position" integer NOT NULL,
    name character varying NOT NULL,
    planned_hours numeric(12,4) NOT NULL,
    hourly_price numeric(20,6),
    fixed_price_minor bigint,
    progress numeric(7,4) NOT NULL,
    starts_on date,
    due_on date,
    after_id uuid,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_project_task_after_another CHECK ((after_id <> id)),
    CONSTRAINT ck_project_task_due_after_start CHECK ((due_on >= starts_on)),
    CONSTRAINT ck_project_task_fixed_price CHECK ((fixed_price_minor >= 0)),
    CONSTRAINT ck_project_task_hourly_price CHECK ((hourly_price >= (0)::numeric)),
    CONSTRAINT ck_project_task_one_price CHECK (((hourly_price IS NULL) OR (fixed_price_minor IS NULL))),
    CONSTRAINT ck_project_task_planned_hours CHECK ((planned_hours >= (0)::numeric)),
    CONSTRAINT ck_project_task_progress CHECK (((progress >= (0)::numeric) AND (progress <= (100)::numeric)))
);
CREATE TABLE time_entry (
    number character varying NOT NULL,
    project_id uuid NOT NULL,
    task_id uuid,
    party_id uuid NOT NULL,
    worked_on date NOT NULL,
    starts_at timestamp with time zone,
    ends_at timestamp with time zone,
    hours numeric(8,4) NOT NULL,
    note character varying NOT NULL,
    cost_per_hour numeric(20,6) NOT NULL,
    price_per_hour numeric(20,6),
    invoice_number character varying,
    removed_because character varying,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_time_entry_billed_counts CHECK (((removed_because IS NULL) OR (invoice_number IS NULL))),
    CONSTRAINT ck_time_entry_cost CHECK ((cost_per_hour >= (0)::numeric)),
    CONSTRAINT ck_time_entry_from_and_to CHECK (((starts_at IS NULL) = (ends_at IS NULL))),
    CONSTRAINT ck_time_entry_hours CHECK (((hours > (0)::numeric) AND (hours <= (24)::numeric))),
    CONSTRAINT ck_time_entry_price CHECK ((price_per_hour >= (0)::numeric))
);
ALTER TABLE ONLY hourly_cost
    ADD CONSTRAINT pk_hourly_cost PRIMARY KEY (id);
ALTER TABLE ONLY hourly_cost
    ADD CONSTRAINT uq_hourly_cost_party_id_starts_on UNIQUE (party_id, starts_on);
ALTER TABLE ONLY progress_billed
    ADD CONSTRAINT pk_progress_billed PRIMARY KEY (id);
ALTER TABLE ONLY progress_billed
    ADD CONSTRAINT uq_progress_billed_task_id_invoice_number UNIQUE (task_id, invoice_number);
ALTER TABLE ONLY project
    ADD CONSTRAINT pk_project PRIMARY KEY (id);
ALTER TABLE ONLY project
    ADD CONSTRAINT uq_project_number UNIQUE (number);
ALTER TABLE ONLY project_task
    ADD CONSTRAINT pk_project_task PRIMARY KEY (id);
ALTER TABLE ONLY project_task
    ADD CONSTRAINT uq_project_task_project_id_position UNIQUE (project_id, "position");
ALTER TABLE ONLY time_entry
    ADD CONSTRAINT pk_time_entry PRIMARY KEY (id);
ALTER TABLE ONLY time_entry
    ADD CONSTRAINT uq_time_entry_number UNIQUE (number);
ALTER TABLE ONLY time_entry
    ADD CONSTRAINT ex_time_entry_overlap EXCLUDE USING gist (uuid_range(party_id, party_id, '[]'::text) WITH &&, tstzrange(starts_at, ends_at, '[)'::text) WITH &&) WHERE (((starts_at IS NOT NULL) AND (removed_because IS NULL)));
ALTER TABLE ONLY hourly_cost
    ADD CONSTRAINT fk_hourly_cost_party_id FOREIGN KEY (party_id) REFERENCES party(id);
ALTER TABLE ONLY progress_billed
    ADD CONSTRAINT fk_progress_billed_task_id FOREIGN KEY (task_id) REFERENCES project_task(id);
ALTER TABLE ONLY project
    ADD CONSTRAINT fk_project_customer_id FOREIGN KEY (customer_id) REFERENCES party(id);
ALTER TABLE ONLY project_task
    ADD CONSTRAINT fk_project_task_after_id FOREIGN KEY (after_id) REFERENCES project_task(id);
ALTER TABLE ONLY project_task
    ADD CONSTRAINT fk_project_task_project_id FOREIGN KEY (project_id) REFERENCES project(id);
ALTER TABLE ONLY time_entry
    ADD CONSTRAINT fk_time_entry_party_id FOREIGN KEY (party_id) REFERENCES party(id);
ALTER TABLE ONLY time_entry
    ADD CONSTRAINT fk_time_entry_project_id FOREIGN KEY (project_id) REFERENCES project(id);
ALTER TABLE ONLY time_entry
    ADD CONSTRAINT fk_time_entry_task_id FOREIGN KEY (task_id) REFERENCES project_task(id);
CREATE INDEX ix_progress_billed_invoice_number ON progress_billed USING btree (invoice_number);
CREATE INDEX ix_project_customer_id ON project USING btree (customer_id);
CREATE INDEX ix_project_state ON project USING btree (state);
CREATE INDEX ix_project_task_after_id ON project_task USING btree (after_id);
CREATE INDEX ix_time_entry_invoice_number ON time_entry USING btree (invoice_number);
CREATE INDEX ix_time_entry_party_id_worked_on ON time_entry USING btree (party_id, worked_on);
CREATE INDEX ix_time_entry_project_id_invoice_number ON time_entry USING btree (project_id, invoice_number);
CREATE INDEX ix_time_entry_task_id ON time_entry USING btree (task_id);
CREATE FUNCTION refuse_change_of_billed_time() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF OLD.invoice_number IS NOT NULL AND (TG_OP = 'DELETE' OR
            (NEW.hours, NEW.price_per_hour, NEW.project_id, NEW.party_id, NEW.worked_on)
            IS DISTINCT FROM
            (OLD.hours, OLD.price_per_hour, OLD.project_id, OLD.party_id, OLD.worked_on)) THEN
            RAISE EXCEPTION 'time that was billed does not change';
        END IF;
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END $$;
CREATE TRIGGER billed_time_stays BEFORE DELETE OR UPDATE ON time_entry FOR EACH ROW EXECUTE FUNCTION refuse_change_of_billed_time();
