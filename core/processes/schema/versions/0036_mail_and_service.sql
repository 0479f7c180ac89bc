-- Service addresses whose mail becomes tickets, each mail once; what does not work by itself; and
-- which conversations hold a promise by which day.

CREATE TABLE service_address (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    address character varying NOT NULL,
    ticket_type character varying(32) NOT NULL,
    team_id uuid,
    active boolean NOT NULL,
    CONSTRAINT ck_service_address_tickettype CHECK (ticket_type IN ('ticket_question', 'incident', 'complaint', 'service_request', 'return_request')),
    CONSTRAINT ck_service_address_address CHECK ((((address)::text = lower((address)::text)) AND ((address)::text ~~ '%_@_%'::text)))
);

CREATE TABLE trouble (
    name character varying NOT NULL,
    began_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    times integer NOT NULL,
    problem character varying NOT NULL
);

ALTER TABLE ONLY service_address
    ADD CONSTRAINT pk_service_address PRIMARY KEY (id);

ALTER TABLE ONLY trouble
    ADD CONSTRAINT pk_trouble PRIMARY KEY (name);

ALTER TABLE ONLY service_address
    ADD CONSTRAINT uq_service_address_address UNIQUE (address);

ALTER TABLE ONLY service_address
    ADD CONSTRAINT fk_service_address_team_id FOREIGN KEY (team_id) REFERENCES support_team(id);

ALTER TABLE thread_summary ADD COLUMN promised_on date;
UPDATE thread_summary SET promised_on = (
    SELECT max((line ->> 'due')::date)
    FROM jsonb_array_elements(digest -> 'digest' -> 'lines') AS line
    WHERE line ->> 'act' = 'promise'
);

DROP INDEX ix_outgoing_mail_open;
DROP INDEX ix_ticket_message_communication_id;

CREATE INDEX ix_outgoing_mail_open ON outgoing_mail USING btree (created_at) WHERE ((state)::text = ANY ((ARRAY['queued'::character varying, 'sending'::character varying, 'uncertain'::character varying, 'failed'::character varying])::text[]));

CREATE INDEX ix_thread_summary_promised ON thread_summary USING btree (promised_on) WHERE (promised_on IS NOT NULL);

CREATE INDEX ix_ticket_contact_email_opened_at ON ticket USING btree (contact_email, opened_at);

CREATE UNIQUE INDEX uq_ticket_communication ON ticket USING btree (communication_id);

CREATE UNIQUE INDEX uq_ticket_message_communication ON ticket_message USING btree (communication_id);

-- A key with a space is that of no mail: what programs handed in keeps its identity to itself.
UPDATE communication
SET message_key = regexp_replace(message_key, '^(hook|file):', '\1: ')
WHERE medium <> 'mail' AND message_key ~ '^(hook|file):[^ ]';
