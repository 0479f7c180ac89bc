-- Groups of customers, mails to many, and what came back of them; and for which day the owner
-- of a task was reminded.

ALTER TABLE task ADD COLUMN reminded_on date;

CREATE TABLE bounced_address (
    address character varying NOT NULL,
    for_good boolean NOT NULL,
    times integer NOT NULL,
    last_at timestamp with time zone NOT NULL,
    why character varying NOT NULL,
    message_number character varying NOT NULL,
    CONSTRAINT ck_bounced_address_times_positive CHECK ((times > 0))
);

CREATE TABLE campaign (
    number character varying NOT NULL,
    name character varying NOT NULL,
    segment_id uuid NOT NULL,
    purpose character varying(32) NOT NULL,
    state character varying(32) NOT NULL,
    evaluated_at timestamp with time zone NOT NULL,
    criteria jsonb NOT NULL,
    cost_minor bigint NOT NULL,
    per_minute integer NOT NULL,
    window_days integer NOT NULL,
    next_batch_at timestamp with time zone NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_campaign_campaignstate CHECK (state IN ('sending', 'sent', 'stopped')),
    CONSTRAINT ck_campaign_cost_not_negative CHECK ((cost_minor >= 0)),
    CONSTRAINT ck_campaign_per_minute CHECK (((per_minute >= 1) AND (per_minute <= 1000))),
    CONSTRAINT ck_campaign_purpose CHECK (purpose IN ('newsletter', 'offers', 'calls', 'surveys', 'profiling')),
    CONSTRAINT ck_campaign_window_days CHECK (((window_days >= 1) AND (window_days <= 365)))
);

CREATE TABLE campaign_click (
    recipient_id uuid NOT NULL,
    link integer NOT NULL,
    happened_at timestamp with time zone NOT NULL,
    is_head boolean NOT NULL,
    counts boolean NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE campaign_recipient (
    campaign_id uuid NOT NULL,
    party_id uuid NOT NULL,
    account_id uuid NOT NULL,
    address character varying,
    language character varying NOT NULL,
    because jsonb NOT NULL,
    state character varying(32) NOT NULL,
    left_out_because character varying,
    communication_id uuid,
    queued_at timestamp with time zone,
    bounced_at timestamp with time zone,
    opted_out_at timestamp with time zone,
    responded_at timestamp with time zone,
    clicked_at timestamp with time zone,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_campaign_recipient_address CHECK (((state = 'left_out') OR (address IS NOT NULL))),
    CONSTRAINT ck_campaign_recipient_left_out CHECK (((state = 'left_out') = (left_out_because IS NOT NULL))),
    CONSTRAINT ck_campaign_recipient_queued CHECK (((state = 'queued') = (communication_id IS NOT NULL))),
    CONSTRAINT ck_campaign_recipient_recipientstate CHECK (state IN ('waiting', 'queued', 'left_out'))
);

CREATE TABLE campaign_text (
    campaign_id uuid NOT NULL,
    language character varying NOT NULL,
    subject character varying NOT NULL,
    body character varying NOT NULL,
    links character varying[] NOT NULL
);

CREATE TABLE mail_template (
    name character varying NOT NULL,
    language character varying NOT NULL,
    subject character varying NOT NULL,
    body character varying NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_mail_template_language CHECK (language IN ('en', 'zh')),
    CONSTRAINT ck_mail_template_says_something CHECK (((btrim(subject) <> '') AND (btrim(body) <> '')))
);

CREATE TABLE segment (
    number character varying NOT NULL,
    name character varying NOT NULL,
    kind character varying(32) NOT NULL,
    criteria jsonb NOT NULL,
    contacts boolean NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_segment_segmentkind CHECK (kind IN ('static', 'dynamic')),
    CONSTRAINT ck_segment_static_has_no_criteria CHECK (((kind = 'dynamic') OR (criteria = '{}')))
);

CREATE TABLE segment_member (
    segment_id uuid NOT NULL,
    party_id uuid NOT NULL
);

ALTER TABLE ONLY bounced_address
    ADD CONSTRAINT pk_bounced_address PRIMARY KEY (address);

ALTER TABLE ONLY campaign
    ADD CONSTRAINT pk_campaign PRIMARY KEY (id);

ALTER TABLE ONLY campaign
    ADD CONSTRAINT uq_campaign_number UNIQUE (number);

ALTER TABLE ONLY campaign_click
    ADD CONSTRAINT pk_campaign_click PRIMARY KEY (id);

ALTER TABLE ONLY campaign_recipient
    ADD CONSTRAINT pk_campaign_recipient PRIMARY KEY (id);

ALTER TABLE ONLY campaign_recipient
    ADD CONSTRAINT uq_campaign_recipient_communication_id UNIQUE (communication_id);

ALTER TABLE ONLY campaign_text
    ADD CONSTRAINT pk_campaign_text PRIMARY KEY (campaign_id, language);

ALTER TABLE ONLY mail_template
    ADD CONSTRAINT pk_mail_template PRIMARY KEY (id);

ALTER TABLE ONLY segment
    ADD CONSTRAINT pk_segment PRIMARY KEY (id);

ALTER TABLE ONLY segment
    ADD CONSTRAINT uq_segment_number UNIQUE (number);

ALTER TABLE ONLY segment_member
    ADD CONSTRAINT pk_segment_member PRIMARY KEY (segment_id, party_id);

ALTER TABLE ONLY campaign
    ADD CONSTRAINT fk_campaign_segment_id FOREIGN KEY (segment_id) REFERENCES segment(id);

ALTER TABLE ONLY campaign_click
    ADD CONSTRAINT fk_campaign_click_recipient_id FOREIGN KEY (recipient_id) REFERENCES campaign_recipient(id);

ALTER TABLE ONLY campaign_recipient
    ADD CONSTRAINT fk_campaign_recipient_account_id FOREIGN KEY (account_id) REFERENCES party(id);

ALTER TABLE ONLY campaign_recipient
    ADD CONSTRAINT fk_campaign_recipient_campaign_id FOREIGN KEY (campaign_id) REFERENCES campaign(id);

ALTER TABLE ONLY campaign_recipient
    ADD CONSTRAINT fk_campaign_recipient_communication_id FOREIGN KEY (communication_id) REFERENCES communication(id);

ALTER TABLE ONLY campaign_recipient
    ADD CONSTRAINT fk_campaign_recipient_party_id FOREIGN KEY (party_id) REFERENCES party(id);

ALTER TABLE ONLY campaign_text
    ADD CONSTRAINT fk_campaign_text_campaign_id FOREIGN KEY (campaign_id) REFERENCES campaign(id);

ALTER TABLE ONLY segment_member
    ADD CONSTRAINT fk_segment_member_party_id FOREIGN KEY (party_id) REFERENCES party(id);

ALTER TABLE ONLY segment_member
    ADD CONSTRAINT fk_segment_member_segment_id FOREIGN KEY (segment_id) REFERENCES segment(id);

CREATE INDEX ix_campaign_click_recipient_id_happened_at ON campaign_click USING btree (recipient_id, happened_at);

CREATE INDEX ix_campaign_recipient_account_id_queued_at ON campaign_recipient USING btree (account_id, queued_at);

CREATE INDEX ix_campaign_recipient_campaign_id_party_id ON campaign_recipient USING btree (campaign_id, party_id);

CREATE INDEX ix_campaign_recipient_party_id ON campaign_recipient USING btree (party_id);

CREATE INDEX ix_campaign_segment_id ON campaign USING btree (segment_id);

CREATE INDEX ix_campaign_sending ON campaign USING btree (next_batch_at) WHERE (state = 'sending');

CREATE UNIQUE INDEX uq_campaign_recipient_address ON campaign_recipient USING btree (campaign_id, address) WHERE (state <> 'left_out');

CREATE UNIQUE INDEX uq_mail_template_name ON mail_template USING btree (lower(name), language);

CREATE UNIQUE INDEX uq_segment_name ON segment USING btree (lower(name));

CREATE FUNCTION refuse_unwanted_mail() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    DECLARE agreed boolean;
    BEGIN
        IF TG_OP = 'UPDATE' AND OLD.state <> 'waiting' AND NEW.state <> OLD.state THEN
            RAISE EXCEPTION 'a recipient who was % stays so', OLD.state
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_campaign_recipient_once';
        END IF;
        IF NEW.state = 'queued' AND (TG_OP = 'INSERT' OR OLD.state <> 'queued') THEN
            SELECT given INTO agreed FROM consent
            WHERE party_id IN (
                    SELECT id FROM party
                    WHERE id = NEW.party_id OR merged_into_id = NEW.party_id)
                AND purpose = (SELECT purpose FROM campaign WHERE id = NEW.campaign_id)
            ORDER BY at DESC, id DESC LIMIT 1;
            IF agreed IS NOT TRUE THEN
                RAISE EXCEPTION 'party % has not agreed to this', NEW.party_id
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_campaign_recipient_agreed';
            END IF;
        END IF;
        RETURN NEW;
    END $$;

CREATE TRIGGER agreed BEFORE INSERT OR UPDATE OF state ON campaign_recipient FOR EACH ROW EXECUTE FUNCTION refuse_unwanted_mail();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON campaign_text FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
