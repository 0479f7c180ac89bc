-- Accounts: whom they belong to and what they were merged into; contacts, addresses, consent.
-- Leads, opportunities with their pipelines and quotas, tasks and calendars.

ALTER TABLE party ADD COLUMN parent_id uuid;
ALTER TABLE party ADD COLUMN merged_into_id uuid;
ALTER TABLE party ADD CONSTRAINT ck_party_not_its_own_parent CHECK (parent_id <> id);
ALTER TABLE party ADD CONSTRAINT ck_party_not_merged_with_itself CHECK (merged_into_id <> id);

ALTER TABLE activity ALTER COLUMN party_id DROP NOT NULL;
ALTER TABLE activity ADD COLUMN contact_id uuid;
ALTER TABLE activity ADD COLUMN lead_id uuid;
ALTER TABLE activity ADD COLUMN opportunity_id uuid;
ALTER TABLE activity ADD COLUMN document character varying;
ALTER TABLE activity ADD CONSTRAINT ck_activity_about_somebody
    CHECK (num_nonnulls(party_id, lead_id) > 0);

CREATE TABLE calendar_feed (
    person_id uuid NOT NULL,
    token_hash character varying NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE consent (
    party_id uuid NOT NULL,
    purpose character varying(32) NOT NULL,
    given boolean NOT NULL,
    at timestamp with time zone NOT NULL,
    how character varying NOT NULL,
    noted_by character varying NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_consent_how CHECK ((btrim((how)) <> '')),
    CONSTRAINT ck_consent_purpose CHECK (((purpose) = ANY ((ARRAY['newsletter', 'offers', 'calls', 'surveys', 'profiling']))))
);

CREATE TABLE lead (
    number character varying NOT NULL,
    name character varying NOT NULL,
    contact_name character varying,
    job_title character varying,
    email character varying,
    phone character varying,
    country character varying,
    city character varying,
    language character varying NOT NULL,
    source character varying(32) NOT NULL,
    interest character varying,
    budget_minor bigint,
    state character varying(32) NOT NULL,
    owner_id uuid,
    score integer NOT NULL,
    opened_on date NOT NULL,
    converted_on date,
    party_id uuid,
    contact_id uuid,
    opportunity_id uuid,
    disqualified_because character varying,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_lead_budget_not_negative CHECK ((budget_minor >= 0)),
    CONSTRAINT ck_lead_converted CHECK ((((state) = 'converted') = (converted_on IS NOT NULL))),
    CONSTRAINT ck_lead_converted_to CHECK ((((state) = 'converted') = (party_id IS NOT NULL))),
    CONSTRAINT ck_lead_disqualified CHECK ((((state) = 'disqualified') = (disqualified_because IS NOT NULL))),
    CONSTRAINT ck_lead_leadsource CHECK (((source) = ANY ((ARRAY['referral', 'web', 'trade_fair', 'call', 'email', 'campaign', 'partner', 'other'])))),
    CONSTRAINT ck_lead_leadstate CHECK (((state) = ANY ((ARRAY['new', 'working', 'converted', 'disqualified']))))
);

CREATE TABLE lead_rule (
    place integer NOT NULL,
    source character varying(32),
    country character varying,
    score_min integer,
    owner_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_lead_rule_leadsource CHECK (((source) = ANY ((ARRAY['referral', 'web', 'trade_fair', 'call', 'email', 'campaign', 'partner', 'other'])))),
    CONSTRAINT ck_lead_rule_place CHECK ((place > 0)),
    CONSTRAINT ck_lead_rule_score CHECK ((score_min >= 0))
);

CREATE TABLE opportunity (
    number character varying NOT NULL,
    title character varying NOT NULL,
    party_id uuid NOT NULL,
    contact_id uuid,
    pipeline_id uuid NOT NULL,
    stage_id uuid NOT NULL,
    owner_id uuid,
    source character varying(32) NOT NULL,
    currency character varying NOT NULL,
    amount_minor bigint NOT NULL,
    base_minor bigint NOT NULL,
    close_on date NOT NULL,
    probability numeric(5,2),
    category character varying(32),
    opened_on date NOT NULL,
    outcome character varying,
    closed_on date,
    lost_reason character varying,
    notes character varying,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_opportunity_amount_not_negative CHECK (((amount_minor >= 0) AND (base_minor >= 0))),
    CONSTRAINT ck_opportunity_closed CHECK (((outcome IS NULL) = (closed_on IS NULL))),
    CONSTRAINT ck_opportunity_forecastcategory CHECK (((category) = ANY ((ARRAY['pipeline', 'best_case', 'commit'])))),
    CONSTRAINT ck_opportunity_leadsource CHECK (((source) = ANY ((ARRAY['referral', 'web', 'trade_fair', 'call', 'email', 'campaign', 'partner', 'other'])))),
    CONSTRAINT ck_opportunity_lost_reason CHECK ((((NOT ((outcome) IS DISTINCT FROM 'lost')) = (lost_reason IS NOT NULL)) AND (btrim((lost_reason)) <> ''))),
    CONSTRAINT ck_opportunity_outcome CHECK (((outcome) = ANY ((ARRAY['won', 'lost'])))),
    CONSTRAINT ck_opportunity_probability CHECK (((probability >= (0)::numeric) AND (probability <= (100)::numeric)))
);

CREATE TABLE opportunity_document (
    document character varying NOT NULL,
    opportunity_id uuid NOT NULL
);

CREATE TABLE opportunity_line (
    opportunity_id uuid NOT NULL,
    "position" integer NOT NULL,
    item_id uuid NOT NULL,
    quantity numeric(20,6) NOT NULL,
    unit_price numeric(20,6) NOT NULL,
    discount_percent numeric(7,4) NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_opportunity_line_discount CHECK (((discount_percent >= (0)::numeric) AND (discount_percent <= (100)::numeric))),
    CONSTRAINT ck_opportunity_line_price_not_negative CHECK ((unit_price >= (0)::numeric)),
    CONSTRAINT ck_opportunity_line_quantity_positive CHECK ((quantity > (0)::numeric))
);

CREATE TABLE party_address (
    party_id uuid NOT NULL,
    kind character varying(32) NOT NULL,
    label character varying NOT NULL,
    value character varying NOT NULL,
    key character varying NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_party_address_addresskind CHECK (((kind) = ANY ((ARRAY['email', 'phone', 'mobile', 'postal'])))),
    CONSTRAINT ck_party_address_value CHECK ((btrim((value)) <> ''))
);

CREATE TABLE party_contact (
    account_id uuid NOT NULL,
    person_id uuid NOT NULL,
    role character varying(32) NOT NULL,
    job_title character varying,
    is_main boolean NOT NULL,
    since date NOT NULL,
    ended_on date,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_party_contact_contactrole CHECK (((role) = ANY ((ARRAY['decider', 'purchasing', 'accounting', 'logistics', 'technical', 'management', 'other'])))),
    CONSTRAINT ck_party_contact_in_order CHECK ((ended_on >= since)),
    CONSTRAINT ck_party_contact_main_is_there CHECK ((NOT (is_main AND (ended_on IS NOT NULL)))),
    CONSTRAINT ck_party_contact_not_of_itself CHECK ((account_id <> person_id))
);

CREATE TABLE party_merge (
    number character varying NOT NULL,
    survivor_id uuid NOT NULL,
    merged_id uuid NOT NULL,
    because character varying NOT NULL,
    by character varying NOT NULL,
    undone_at timestamp with time zone,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_party_merge_two_parties CHECK ((survivor_id <> merged_id))
);

CREATE TABLE party_merge_part (
    merge_id uuid NOT NULL,
    "table" character varying NOT NULL,
    "column" character varying NOT NULL,
    moved uuid[] NOT NULL,
    kept jsonb NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE pipeline (
    code character varying NOT NULL,
    name character varying NOT NULL,
    name_zh character varying NOT NULL,
    is_usual boolean NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE quota (
    owner_id uuid,
    team_id uuid,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    amount_minor bigint NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_quota_amount_positive CHECK ((amount_minor > 0)),
    CONSTRAINT ck_quota_in_order CHECK ((starts_on <= ends_on)),
    CONSTRAINT ck_quota_whose CHECK ((num_nonnulls(owner_id, team_id) = 1))
);

CREATE TABLE sales_team (
    code character varying NOT NULL,
    name character varying NOT NULL,
    name_zh character varying NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE sales_team_member (
    person_id uuid NOT NULL,
    team_id uuid NOT NULL
);

CREATE TABLE stage (
    pipeline_id uuid NOT NULL,
    code character varying NOT NULL,
    name character varying NOT NULL,
    name_zh character varying NOT NULL,
    "position" integer NOT NULL,
    probability numeric(5,2) NOT NULL,
    kind character varying(32) NOT NULL,
    category character varying(32) NOT NULL,
    stale_days integer NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_stage_forecastcategory CHECK (((category) = ANY ((ARRAY['pipeline', 'best_case', 'commit'])))),
    CONSTRAINT ck_stage_probability CHECK (((probability >= (0)::numeric) AND (probability <= (100)::numeric))),
    CONSTRAINT ck_stage_probability_of_end CHECK (((((kind) <> 'won') OR (probability = (100)::numeric)) AND (((kind) <> 'lost') OR (probability = (0)::numeric)))),
    CONSTRAINT ck_stage_stagekind CHECK (((kind) = ANY ((ARRAY['open', 'quoted', 'won', 'lost'])))),
    CONSTRAINT ck_stage_stale_days CHECK ((stale_days > 0))
);

CREATE TABLE stage_change (
    opportunity_id uuid NOT NULL,
    "position" integer NOT NULL,
    from_stage_id uuid,
    stage_id uuid NOT NULL,
    moved_on date NOT NULL,
    by character varying NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_stage_change_position CHECK (("position" > 0))
);

CREATE TABLE task (
    number character varying NOT NULL,
    kind character varying(32) NOT NULL,
    subject character varying NOT NULL,
    notes character varying NOT NULL,
    due_on date NOT NULL,
    starts_at timestamp with time zone,
    minutes integer NOT NULL,
    remind_on date,
    owner_id uuid NOT NULL,
    party_id uuid,
    contact_id uuid,
    lead_id uuid,
    opportunity_id uuid,
    document character varying,
    state character varying(32) NOT NULL,
    closed_on date,
    outcome character varying,
    revision integer NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_task_closed CHECK ((((state) = 'open') = (closed_on IS NULL))),
    CONSTRAINT ck_task_minutes CHECK (((minutes >= 1) AND (minutes <= 1440))),
    CONSTRAINT ck_task_remind_before CHECK ((remind_on <= due_on)),
    CONSTRAINT ck_task_taskkind CHECK (((kind) = ANY ((ARRAY['call', 'meeting', 'email', 'task'])))),
    CONSTRAINT ck_task_taskstate CHECK (((state) = ANY ((ARRAY['open', 'done', 'cancelled']))))
);

CREATE FUNCTION refuse_party_circle() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF NEW.parent_id IS NOT NULL THEN
            PERFORM pg_advisory_xact_lock(hashtext('party_tree'));
            IF EXISTS (
                WITH RECURSIVE above AS (
                    SELECT id, parent_id FROM party WHERE id = NEW.parent_id
                    UNION
                    SELECT party.id, party.parent_id
                    FROM party JOIN above ON party.id = above.parent_id)
                SELECT FROM above WHERE id = NEW.id)
            THEN
                RAISE EXCEPTION 'party % would belong to itself', NEW.number
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_party_no_circle';
            END IF;
        END IF;
        IF EXISTS (SELECT FROM party WHERE id = NEW.merged_into_id AND merged_into_id IS NOT NULL)
            OR (NEW.merged_into_id IS NOT NULL AND EXISTS (
                SELECT FROM party WHERE merged_into_id = NEW.id))
        THEN
            RAISE EXCEPTION 'party % would lead to a party that was merged itself', NEW.number
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_party_merged_once';
        END IF;
        RETURN NULL;
    END $$;

ALTER TABLE calendar_feed
    ADD CONSTRAINT pk_calendar_feed PRIMARY KEY (person_id);

ALTER TABLE calendar_feed
    ADD CONSTRAINT uq_calendar_feed_token_hash UNIQUE (token_hash);

ALTER TABLE consent
    ADD CONSTRAINT pk_consent PRIMARY KEY (id);

ALTER TABLE lead
    ADD CONSTRAINT pk_lead PRIMARY KEY (id);

ALTER TABLE lead
    ADD CONSTRAINT uq_lead_number UNIQUE (number);

ALTER TABLE lead_rule
    ADD CONSTRAINT pk_lead_rule PRIMARY KEY (id);

ALTER TABLE lead_rule
    ADD CONSTRAINT uq_lead_rule_place UNIQUE (place);

ALTER TABLE opportunity
    ADD CONSTRAINT pk_opportunity PRIMARY KEY (id);

ALTER TABLE opportunity
    ADD CONSTRAINT uq_opportunity_number UNIQUE (number);

ALTER TABLE opportunity_document
    ADD CONSTRAINT pk_opportunity_document PRIMARY KEY (document);

ALTER TABLE opportunity_line
    ADD CONSTRAINT pk_opportunity_line PRIMARY KEY (id);

ALTER TABLE opportunity_line
    ADD CONSTRAINT uq_opportunity_line_opportunity_id_position UNIQUE (opportunity_id, "position");

ALTER TABLE party_address
    ADD CONSTRAINT pk_party_address PRIMARY KEY (id);

ALTER TABLE party_contact
    ADD CONSTRAINT pk_party_contact PRIMARY KEY (id);

ALTER TABLE party_merge
    ADD CONSTRAINT pk_party_merge PRIMARY KEY (id);

ALTER TABLE party_merge
    ADD CONSTRAINT uq_party_merge_number UNIQUE (number);

ALTER TABLE party_merge_part
    ADD CONSTRAINT pk_party_merge_part PRIMARY KEY (id);

ALTER TABLE pipeline
    ADD CONSTRAINT pk_pipeline PRIMARY KEY (id);

ALTER TABLE pipeline
    ADD CONSTRAINT uq_pipeline_code UNIQUE (code);

ALTER TABLE quota
    ADD CONSTRAINT pk_quota PRIMARY KEY (id);

ALTER TABLE quota
    ADD CONSTRAINT uq_quota_owner_id_team_id_starts_on_ends_on UNIQUE NULLS NOT DISTINCT (owner_id, team_id, starts_on, ends_on);

ALTER TABLE sales_team
    ADD CONSTRAINT pk_sales_team PRIMARY KEY (id);

ALTER TABLE sales_team
    ADD CONSTRAINT uq_sales_team_code UNIQUE (code);

ALTER TABLE sales_team_member
    ADD CONSTRAINT pk_sales_team_member PRIMARY KEY (person_id);

ALTER TABLE stage
    ADD CONSTRAINT pk_stage PRIMARY KEY (id);

ALTER TABLE stage
    ADD CONSTRAINT uq_stage_id_pipeline_id UNIQUE (id, pipeline_id);

ALTER TABLE stage
    ADD CONSTRAINT uq_stage_pipeline_id_code UNIQUE (pipeline_id, code);

ALTER TABLE stage
    ADD CONSTRAINT uq_stage_pipeline_id_position UNIQUE (pipeline_id, "position") DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE stage_change
    ADD CONSTRAINT pk_stage_change PRIMARY KEY (id);

ALTER TABLE stage_change
    ADD CONSTRAINT uq_stage_change_opportunity_id_position UNIQUE (opportunity_id, "position");

ALTER TABLE task
    ADD CONSTRAINT pk_task PRIMARY KEY (id);

ALTER TABLE task
    ADD CONSTRAINT uq_task_number UNIQUE (number);

ALTER TABLE activity
    ADD CONSTRAINT fk_activity_contact_id FOREIGN KEY (contact_id) REFERENCES party(id);

ALTER TABLE activity
    ADD CONSTRAINT fk_activity_lead_id FOREIGN KEY (lead_id) REFERENCES lead(id);

ALTER TABLE activity
    ADD CONSTRAINT fk_activity_opportunity_id FOREIGN KEY (opportunity_id) REFERENCES opportunity(id);

ALTER TABLE calendar_feed
    ADD CONSTRAINT fk_calendar_feed_person_id FOREIGN KEY (person_id) REFERENCES person(id);

ALTER TABLE consent
    ADD CONSTRAINT fk_consent_party_id FOREIGN KEY (party_id) REFERENCES party(id);

ALTER TABLE lead
    ADD CONSTRAINT fk_lead_contact_id FOREIGN KEY (contact_id) REFERENCES party(id);

ALTER TABLE lead
    ADD CONSTRAINT fk_lead_opportunity_id FOREIGN KEY (opportunity_id) REFERENCES opportunity(id);

ALTER TABLE lead
    ADD CONSTRAINT fk_lead_owner_id FOREIGN KEY (owner_id) REFERENCES person(id);

ALTER TABLE lead
    ADD CONSTRAINT fk_lead_party_id FOREIGN KEY (party_id) REFERENCES party(id);

ALTER TABLE lead_rule
    ADD CONSTRAINT fk_lead_rule_owner_id FOREIGN KEY (owner_id) REFERENCES person(id);

ALTER TABLE opportunity
    ADD CONSTRAINT fk_opportunity_contact_id FOREIGN KEY (contact_id) REFERENCES party(id);

ALTER TABLE opportunity
    ADD CONSTRAINT fk_opportunity_owner_id FOREIGN KEY (owner_id) REFERENCES person(id);

ALTER TABLE opportunity
    ADD CONSTRAINT fk_opportunity_party_id FOREIGN KEY (party_id) REFERENCES party(id);

ALTER TABLE opportunity
    ADD CONSTRAINT fk_opportunity_pipeline_id FOREIGN KEY (pipeline_id) REFERENCES pipeline(id);

ALTER TABLE opportunity
    ADD CONSTRAINT fk_opportunity_stage_id_pipeline_id FOREIGN KEY (stage_id, pipeline_id) REFERENCES stage(id, pipeline_id);

ALTER TABLE opportunity_document
    ADD CONSTRAINT fk_opportunity_document_opportunity_id FOREIGN KEY (opportunity_id) REFERENCES opportunity(id);

ALTER TABLE opportunity_line
    ADD CONSTRAINT fk_opportunity_line_item_id FOREIGN KEY (item_id) REFERENCES item(id);

ALTER TABLE opportunity_line
    ADD CONSTRAINT fk_opportunity_line_opportunity_id FOREIGN KEY (opportunity_id) REFERENCES opportunity(id);

ALTER TABLE party
    ADD CONSTRAINT fk_party_merged_into_id FOREIGN KEY (merged_into_id) REFERENCES party(id);

ALTER TABLE party
    ADD CONSTRAINT fk_party_parent_id FOREIGN KEY (parent_id) REFERENCES party(id);

ALTER TABLE party_address
    ADD CONSTRAINT fk_party_address_party_id FOREIGN KEY (party_id) REFERENCES party(id);

ALTER TABLE party_contact
    ADD CONSTRAINT fk_party_contact_account_id FOREIGN KEY (account_id) REFERENCES party(id);

ALTER TABLE party_contact
    ADD CONSTRAINT fk_party_contact_person_id FOREIGN KEY (person_id) REFERENCES party(id);

ALTER TABLE party_merge_part
    ADD CONSTRAINT fk_party_merge_part_merge_id FOREIGN KEY (merge_id) REFERENCES party_merge(id);

ALTER TABLE quota
    ADD CONSTRAINT fk_quota_owner_id FOREIGN KEY (owner_id) REFERENCES person(id);

ALTER TABLE quota
    ADD CONSTRAINT fk_quota_team_id FOREIGN KEY (team_id) REFERENCES sales_team(id);

ALTER TABLE sales_team_member
    ADD CONSTRAINT fk_sales_team_member_person_id FOREIGN KEY (person_id) REFERENCES person(id);

ALTER TABLE sales_team_member
    ADD CONSTRAINT fk_sales_team_member_team_id FOREIGN KEY (team_id) REFERENCES sales_team(id);

ALTER TABLE stage
    ADD CONSTRAINT fk_stage_pipeline_id FOREIGN KEY (pipeline_id) REFERENCES pipeline(id);

ALTER TABLE stage_change
    ADD CONSTRAINT fk_stage_change_from_stage_id FOREIGN KEY (from_stage_id) REFERENCES stage(id);

ALTER TABLE stage_change
    ADD CONSTRAINT fk_stage_change_opportunity_id FOREIGN KEY (opportunity_id) REFERENCES opportunity(id);

ALTER TABLE stage_change
    ADD CONSTRAINT fk_stage_change_stage_id FOREIGN KEY (stage_id) REFERENCES stage(id);

ALTER TABLE task
    ADD CONSTRAINT fk_task_contact_id FOREIGN KEY (contact_id) REFERENCES party(id);

ALTER TABLE task
    ADD CONSTRAINT fk_task_lead_id FOREIGN KEY (lead_id) REFERENCES lead(id);

ALTER TABLE task
    ADD CONSTRAINT fk_task_opportunity_id FOREIGN KEY (opportunity_id) REFERENCES opportunity(id);

ALTER TABLE task
    ADD CONSTRAINT fk_task_owner_id FOREIGN KEY (owner_id) REFERENCES person(id);

ALTER TABLE task
    ADD CONSTRAINT fk_task_party_id FOREIGN KEY (party_id) REFERENCES party(id);

CREATE INDEX ix_activity_lead_id ON activity USING btree (lead_id);
CREATE INDEX ix_activity_opportunity_id ON activity USING btree (opportunity_id);
CREATE INDEX ix_consent_party_id_purpose_at ON consent USING btree (party_id, purpose, at);
CREATE INDEX ix_lead_email ON lead USING btree (lower((email)));
CREATE INDEX ix_lead_opened_on ON lead USING btree (opened_on);
CREATE INDEX ix_lead_opportunity_id ON lead USING btree (opportunity_id);
CREATE INDEX ix_lead_owner_id ON lead USING btree (owner_id);
CREATE INDEX ix_lead_party_id ON lead USING btree (party_id);
CREATE INDEX ix_lead_unassigned ON lead USING btree (number) WHERE (owner_id IS NULL);
CREATE INDEX ix_opportunity_closed_on ON opportunity USING btree (closed_on);
CREATE INDEX ix_opportunity_contact_id ON opportunity USING btree (contact_id);
CREATE INDEX ix_opportunity_document_opportunity_id ON opportunity_document USING btree (opportunity_id);
CREATE INDEX ix_opportunity_line_item_id ON opportunity_line USING btree (item_id);
CREATE INDEX ix_opportunity_open ON opportunity USING btree (close_on) WHERE (outcome IS NULL);
CREATE INDEX ix_opportunity_owner_id ON opportunity USING btree (owner_id);
CREATE INDEX ix_opportunity_party_id ON opportunity USING btree (party_id);
CREATE INDEX ix_opportunity_pipeline_id ON opportunity USING btree (pipeline_id);
CREATE INDEX ix_opportunity_stage_id ON opportunity USING btree (stage_id);
CREATE INDEX ix_party_address_key ON party_address USING btree (kind, key);
CREATE INDEX ix_party_contact_account_id ON party_contact USING btree (account_id);
CREATE INDEX ix_party_contact_person_id ON party_contact USING btree (person_id);
CREATE INDEX ix_party_merge_part_merge_id ON party_merge_part USING btree (merge_id);
CREATE INDEX ix_party_merge_survivor_id ON party_merge USING btree (survivor_id);
CREATE INDEX ix_party_merged_into_id ON party USING btree (merged_into_id);
CREATE INDEX ix_party_parent_id ON party USING btree (parent_id);
CREATE INDEX ix_sales_team_member_team_id ON sales_team_member USING btree (team_id);
CREATE INDEX ix_stage_change_stage_id ON stage_change USING btree (stage_id);
CREATE INDEX ix_task_contact_id ON task USING btree (contact_id);
CREATE INDEX ix_task_lead_id ON task USING btree (lead_id);
CREATE INDEX ix_task_open ON task USING btree (owner_id, due_on) WHERE ((state) = 'open');
CREATE INDEX ix_task_opportunity_id ON task USING btree (opportunity_id);
CREATE INDEX ix_task_party_id ON task USING btree (party_id);
CREATE UNIQUE INDEX uq_party_address_same ON party_address USING btree (party_id, kind, key);
CREATE UNIQUE INDEX uq_party_contact_main ON party_contact USING btree (account_id) WHERE is_main;
CREATE UNIQUE INDEX uq_party_contact_standing ON party_contact USING btree (account_id, person_id) WHERE (ended_on IS NULL);
CREATE UNIQUE INDEX uq_party_merge_standing ON party_merge USING btree (merged_id) WHERE (undone_at IS NULL);
CREATE UNIQUE INDEX uq_pipeline_usual ON pipeline USING btree (is_usual) WHERE is_usual;

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON consent FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON party_merge_part FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON stage_change FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER no_circle AFTER INSERT OR UPDATE OF parent_id, merged_into_id ON party FOR EACH ROW EXECUTE FUNCTION refuse_party_circle();

-- The usual way from a first talk to an order; the company changes it as it likes.
INSERT INTO pipeline (id, created_at, code, name, name_zh, is_usual)
    VALUES (gen_random_uuid(), now(), 'STANDARD', 'Standard pipeline', '标准管道', true);
INSERT INTO stage (id, created_at, pipeline_id, code, name, name_zh, "position", probability, kind,
    category, stale_days)
SELECT gen_random_uuid(), now(), pipeline.id, usual.*
FROM pipeline, (VALUES
    ('qualification', 'Qualification', '资格确认', 1, 10, 'open', 'pipeline', 14),
    ('needs', 'Needs analysis', '需求分析', 2, 25, 'open', 'pipeline', 14),
    ('proposal', 'Proposal', '方案报价', 3, 50, 'quoted', 'best_case', 14),
    ('negotiation', 'Negotiation', '谈判', 4, 75, 'quoted', 'commit', 14),
    ('won', 'Won', '赢单', 5, 100, 'won', 'commit', 365),
    ('lost', 'Lost', '输单', 6, 0, 'lost', 'pipeline', 365)
) AS usual;
