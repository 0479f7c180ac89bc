-- Calendars: hours by weekday, and the days of a region unlike others.
CREATE TABLE business_calendar (
    code VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    name_zh VARCHAR NOT NULL,
    time_zone VARCHAR NOT NULL,
    holiday_region VARCHAR,
    is_standard BOOLEAN NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_business_calendar PRIMARY KEY (id),
    CONSTRAINT ck_business_calendar_holiday_region CHECK (holiday_region ~ '^[A-Z]{2}(-[A-Z0-9]{1,8})?$'),
    CONSTRAINT uq_business_calendar_code UNIQUE (code)
);
CREATE UNIQUE INDEX uq_business_calendar_standard ON business_calendar (is_standard) WHERE is_standard;

CREATE TABLE holiday (
    region VARCHAR NOT NULL,
    day DATE NOT NULL,
    name VARCHAR NOT NULL,
    name_zh VARCHAR NOT NULL,
    open_from TIME WITHOUT TIME ZONE,
    open_until TIME WITHOUT TIME ZONE,
    works_as INTEGER,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_holiday PRIMARY KEY (id),
    CONSTRAINT uq_holiday_region_day UNIQUE (region, day),
    CONSTRAINT ck_holiday_region CHECK (region ~ '^[A-Z]{2}(-[A-Z0-9]{1,8})?$'),
    CONSTRAINT ck_holiday_works_as CHECK (works_as BETWEEN 1 AND 7),
    CONSTRAINT ck_holiday_in_order CHECK (open_from < open_until),
    CONSTRAINT ck_holiday_one_way CHECK (works_as IS NULL OR num_nonnulls(open_from, open_until) = 0)
);

CREATE TABLE opening_hours (
    calendar_id UUID NOT NULL,
    weekday INTEGER NOT NULL,
    opens TIME WITHOUT TIME ZONE NOT NULL,
    closes TIME WITHOUT TIME ZONE NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_opening_hours PRIMARY KEY (id),
    CONSTRAINT uq_opening_hours_calendar_id_weekday_opens UNIQUE (calendar_id, weekday, opens),
    CONSTRAINT ck_opening_hours_weekday CHECK (weekday BETWEEN 1 AND 7),
    CONSTRAINT fk_opening_hours_calendar_id FOREIGN KEY(calendar_id) REFERENCES business_calendar (id)
);

-- Service: teams and promises, tickets and their history, what is known.
CREATE TABLE article (
    number VARCHAR NOT NULL,
    state VARCHAR(32) NOT NULL,
    internal BOOLEAN NOT NULL,
    tags VARCHAR[] NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_article PRIMARY KEY (id),
    CONSTRAINT uq_article_number UNIQUE (number),
    CONSTRAINT ck_article_articlestate CHECK (state IN ('draft', 'published', 'retired'))
);

CREATE TABLE saved_reply (
    code VARCHAR NOT NULL,
    language VARCHAR NOT NULL,
    body VARCHAR NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_saved_reply PRIMARY KEY (id),
    CONSTRAINT uq_saved_reply_code_language UNIQUE (code, language),
    CONSTRAINT ck_saved_reply_language CHECK (language IN ('en', 'zh'))
);

CREATE TABLE article_version (
    article_id UUID NOT NULL,
    language VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    title VARCHAR NOT NULL,
    body VARCHAR NOT NULL,
    author VARCHAR NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_article_version PRIMARY KEY (id),
    CONSTRAINT uq_article_version_article_id_language_version UNIQUE (article_id, language, version),
    CONSTRAINT ck_article_version_language CHECK (language IN ('en', 'zh')),
    CONSTRAINT ck_article_version_version CHECK (version > 0),
    CONSTRAINT fk_article_version_article_id FOREIGN KEY(article_id) REFERENCES article (id)
);

CREATE TABLE article_vote (
    article_id UUID NOT NULL,
    voter VARCHAR NOT NULL,
    helped BOOLEAN NOT NULL,
    CONSTRAINT pk_article_vote PRIMARY KEY (article_id, voter),
    CONSTRAINT fk_article_vote_article_id FOREIGN KEY(article_id) REFERENCES article (id)
);

CREATE TABLE sla_policy (
    code VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    name_zh VARCHAR NOT NULL,
    customer_id UUID,
    customer_group VARCHAR,
    ticket_type VARCHAR(32),
    priority VARCHAR(32),
    response_minutes INTEGER,
    resolution_minutes INTEGER,
    calendar_id UUID,
    waiting VARCHAR(32) NOT NULL,
    reopening VARCHAR(32) NOT NULL,
    reopen_days INTEGER NOT NULL,
    at_risk_percent INTEGER NOT NULL,
    active BOOLEAN NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_sla_policy PRIMARY KEY (id),
    CONSTRAINT ck_sla_policy_positive CHECK (response_minutes > 0 AND resolution_minutes > 0),
    CONSTRAINT ck_sla_policy_promises CHECK (num_nonnulls(response_minutes, resolution_minutes) > 0),
    CONSTRAINT ck_sla_policy_one_whom CHECK (num_nonnulls(customer_id, customer_group) < 2),
    CONSTRAINT ck_sla_policy_at_risk CHECK (at_risk_percent BETWEEN 1 AND 99),
    CONSTRAINT ck_sla_policy_reopen_days CHECK (reopen_days >= 0),
    CONSTRAINT uq_sla_policy_code UNIQUE (code),
    CONSTRAINT fk_sla_policy_customer_id FOREIGN KEY(customer_id) REFERENCES party (id),
    CONSTRAINT ck_sla_policy_tickettype CHECK (ticket_type IN ('ticket_question', 'incident', 'complaint', 'service_request', 'return_request')),
    CONSTRAINT ck_sla_policy_priority CHECK (priority IN ('low', 'medium', 'high', 'urgent')),
    CONSTRAINT fk_sla_policy_calendar_id FOREIGN KEY(calendar_id) REFERENCES business_calendar (id),
    CONSTRAINT ck_sla_policy_waiting CHECK (waiting IN ('open_time', 'elapsed')),
    CONSTRAINT ck_sla_policy_reopening CHECK (reopening IN ('go_on', 'restart'))
);
CREATE UNIQUE INDEX uq_sla_policy_whom ON sla_policy (customer_id, customer_group, ticket_type, priority) NULLS NOT DISTINCT WHERE active;

CREATE TABLE support_team (
    code VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    name_zh VARCHAR NOT NULL,
    takes VARCHAR[] NOT NULL,
    lead_id UUID,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_support_team PRIMARY KEY (id),
    CONSTRAINT uq_support_team_code UNIQUE (code),
    CONSTRAINT fk_support_team_lead_id FOREIGN KEY(lead_id) REFERENCES person (id)
);

CREATE TABLE support_team_member (
    team_id UUID NOT NULL,
    person_id UUID NOT NULL,
    CONSTRAINT pk_support_team_member PRIMARY KEY (team_id, person_id),
    CONSTRAINT fk_support_team_member_team_id FOREIGN KEY(team_id) REFERENCES support_team (id),
    CONSTRAINT fk_support_team_member_person_id FOREIGN KEY(person_id) REFERENCES person (id)
);

CREATE TABLE ticket (
    number VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    ticket_type VARCHAR(32) NOT NULL,
    priority VARCHAR(32) NOT NULL,
    state VARCHAR(32) NOT NULL,
    source VARCHAR(32) NOT NULL,
    customer_id UUID,
    contact_id UUID,
    contact_email VARCHAR,
    team_id UUID,
    assignee_id UUID,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    opened_by VARCHAR NOT NULL,
    communication_id UUID,
    policy_id UUID,
    response_due_at TIMESTAMP WITH TIME ZONE,
    resolution_due_at TIMESTAMP WITH TIME ZONE,
    at_risk_at TIMESTAMP WITH TIME ZONE,
    warned_at TIMESTAMP WITH TIME ZONE,
    first_responded_at TIMESTAMP WITH TIME ZONE,
    resolved_at TIMESTAMP WITH TIME ZONE,
    closed_at TIMESTAMP WITH TIME ZONE,
    response_seconds BIGINT,
    resolution_seconds BIGINT,
    resolution VARCHAR,
    reopened_count INTEGER NOT NULL,
    escalation INTEGER NOT NULL,
    merged_into_id UUID,
    satisfaction INTEGER,
    satisfaction_said VARCHAR,
    rated_at TIMESTAMP WITH TIME ZONE,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_ticket PRIMARY KEY (id),
    CONSTRAINT ck_ticket_satisfaction CHECK (satisfaction BETWEEN 1 AND 5),
    CONSTRAINT ck_ticket_not_into_itself CHECK (merged_into_id <> id),
    CONSTRAINT ck_ticket_merged_is_closed CHECK (merged_into_id IS NULL OR state = 'closed'),
    CONSTRAINT ck_ticket_resolved CHECK ((state IN ('resolved', 'closed')) = (resolved_at IS NOT NULL)),
    CONSTRAINT ck_ticket_closed CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
    CONSTRAINT ck_ticket_counts CHECK (reopened_count >= 0 AND escalation >= 0),
    CONSTRAINT uq_ticket_number UNIQUE (number),
    CONSTRAINT ck_ticket_tickettype CHECK (ticket_type IN ('ticket_question', 'incident', 'complaint', 'service_request', 'return_request')),
    CONSTRAINT ck_ticket_priority CHECK (priority IN ('low', 'medium', 'high', 'urgent')),
    CONSTRAINT ck_ticket_ticketstate CHECK (state IN ('new', 'open', 'waiting_for_customer', 'reopened', 'resolved', 'closed')),
    CONSTRAINT ck_ticket_source CHECK (source IN ('by_person', 'mail', 'web', 'portal')),
    CONSTRAINT fk_ticket_customer_id FOREIGN KEY(customer_id) REFERENCES party (id),
    CONSTRAINT fk_ticket_contact_id FOREIGN KEY(contact_id) REFERENCES party (id),
    CONSTRAINT fk_ticket_team_id FOREIGN KEY(team_id) REFERENCES support_team (id),
    CONSTRAINT fk_ticket_assignee_id FOREIGN KEY(assignee_id) REFERENCES person (id),
    CONSTRAINT fk_ticket_policy_id FOREIGN KEY(policy_id) REFERENCES sla_policy (id),
    CONSTRAINT fk_ticket_merged_into_id FOREIGN KEY(merged_into_id) REFERENCES ticket (id)
);
CREATE INDEX ix_ticket_assignee_id ON ticket (assignee_id);
CREATE INDEX ix_ticket_customer_id_opened_at ON ticket (customer_id, opened_at);
CREATE INDEX ix_ticket_merged_into_id ON ticket (merged_into_id);
CREATE INDEX ix_ticket_state ON ticket (state);
CREATE INDEX ix_ticket_team_id ON ticket (team_id);
CREATE INDEX ix_ticket_to_do ON ticket (resolution_due_at) WHERE state NOT IN ('resolved', 'closed');

CREATE TABLE sla_breach (
    ticket_id UUID NOT NULL,
    target VARCHAR(32) NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    policy_id UUID NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_sla_breach PRIMARY KEY (id),
    CONSTRAINT uq_sla_breach_ticket_id_target_due_at UNIQUE (ticket_id, target, due_at),
    CONSTRAINT fk_sla_breach_ticket_id FOREIGN KEY(ticket_id) REFERENCES ticket (id),
    CONSTRAINT ck_sla_breach_target CHECK (target IN ('first_response', 'solution')),
    CONSTRAINT fk_sla_breach_policy_id FOREIGN KEY(policy_id) REFERENCES sla_policy (id)
);

CREATE TABLE ticket_link (
    ticket_id UUID NOT NULL,
    kind VARCHAR NOT NULL,
    key VARCHAR NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_ticket_link PRIMARY KEY (id),
    CONSTRAINT uq_ticket_link_ticket_id_kind_key UNIQUE (ticket_id, kind, key),
    CONSTRAINT fk_ticket_link_ticket_id FOREIGN KEY(ticket_id) REFERENCES ticket (id)
);
CREATE INDEX ix_ticket_link_kind_key ON ticket_link (kind, key);

CREATE TABLE ticket_message (
    ticket_id UUID NOT NULL,
    kind VARCHAR(32) NOT NULL,
    said_at TIMESTAMP WITH TIME ZONE NOT NULL,
    author VARCHAR NOT NULL,
    body VARCHAR NOT NULL,
    communication_id UUID,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_ticket_message PRIMARY KEY (id),
    CONSTRAINT fk_ticket_message_ticket_id FOREIGN KEY(ticket_id) REFERENCES ticket (id),
    CONSTRAINT ck_ticket_message_messagekind CHECK (kind IN ('customer_message', 'public_reply', 'internal_note'))
);
CREATE INDEX ix_ticket_message_communication_id ON ticket_message (communication_id);
CREATE INDEX ix_ticket_message_ticket_id_said_at ON ticket_message (ticket_id, said_at);

CREATE TABLE ticket_tag (
    ticket_id UUID NOT NULL,
    tag VARCHAR NOT NULL,
    CONSTRAINT pk_ticket_tag PRIMARY KEY (ticket_id, tag),
    CONSTRAINT ck_ticket_tag_tag CHECK (tag = lower(tag) AND tag <> ''),
    CONSTRAINT fk_ticket_tag_ticket_id FOREIGN KEY(ticket_id) REFERENCES ticket (id)
);
CREATE INDEX ix_ticket_tag_tag ON ticket_tag (tag);

CREATE TABLE ticket_turn (
    ticket_id UUID NOT NULL,
    position INTEGER NOT NULL,
    state VARCHAR(32) NOT NULL,
    turned_at TIMESTAMP WITH TIME ZONE NOT NULL,
    by VARCHAR NOT NULL,
    because VARCHAR NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_ticket_turn PRIMARY KEY (id),
    CONSTRAINT uq_ticket_turn_ticket_id_position UNIQUE (ticket_id, position),
    CONSTRAINT fk_ticket_turn_ticket_id FOREIGN KEY(ticket_id) REFERENCES ticket (id),
    CONSTRAINT ck_ticket_turn_ticketstate CHECK (state IN ('new', 'open', 'waiting_for_customer', 'reopened', 'resolved', 'closed'))
);

CREATE TABLE warranty_term (
    item_id UUID,
    months INTEGER NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_warranty_term PRIMARY KEY (id),
    CONSTRAINT uq_warranty_term_item_id UNIQUE NULLS NOT DISTINCT (item_id),
    CONSTRAINT ck_warranty_term_months CHECK (months BETWEEN 0 AND 600),
    CONSTRAINT fk_warranty_term_item_id FOREIGN KEY(item_id) REFERENCES item (id)
);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ticket_turn
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ticket_message
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sla_breach
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON article_version
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE FUNCTION merged_once() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT 1 FROM ticket WHERE id = NEW.merged_into_id
                   AND merged_into_id IS NOT NULL)
           OR EXISTS (SELECT 1 FROM ticket WHERE merged_into_id = NEW.id) THEN
            RAISE EXCEPTION 'a ticket is merged into one that is not merged itself';
        END IF;
        RETURN NEW;
    END $$;
CREATE TRIGGER merged_once BEFORE INSERT OR UPDATE OF merged_into_id ON ticket
    FOR EACH ROW WHEN (NEW.merged_into_id IS NOT NULL) EXECUTE FUNCTION merged_once();
