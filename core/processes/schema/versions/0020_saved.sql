-- The company lives by the clock of a zone; those there were went by UTC.
ALTER TABLE company ADD COLUMN time_zone VARCHAR;
UPDATE company SET time_zone = 'UTC';
ALTER TABLE company ALTER COLUMN time_zone SET NOT NULL;

-- What a person is told, and through which channels it goes out.
CREATE TABLE notification (
    person_id UUID NOT NULL,
    kind VARCHAR(32) NOT NULL,
    source VARCHAR NOT NULL,
    cause VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    title_zh VARCHAR NOT NULL,
    body VARCHAR NOT NULL,
    body_zh VARCHAR NOT NULL,
    content JSONB NOT NULL,
    read_at TIMESTAMP WITH TIME ZONE,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_notification PRIMARY KEY (id),
    CONSTRAINT uq_notification_cause UNIQUE (cause),
    CONSTRAINT fk_notification_person_id FOREIGN KEY (person_id) REFERENCES person (id),
    CONSTRAINT ck_notification_notificationkind
        CHECK (kind IN ('report', 'alert', 'paused', 'failed'))
);
CREATE INDEX ix_notification_person_id_created_at ON notification (person_id, created_at);
CREATE INDEX ix_notification_unread ON notification (person_id) WHERE read_at IS NULL;

CREATE TABLE notification_delivery (
    notification_id UUID NOT NULL,
    channel VARCHAR(32) NOT NULL,
    delivered_at TIMESTAMP WITH TIME ZONE,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_notification_delivery PRIMARY KEY (id),
    CONSTRAINT uq_notification_delivery_notification_id_channel UNIQUE (notification_id, channel),
    CONSTRAINT fk_notification_delivery_notification_id
        FOREIGN KEY (notification_id) REFERENCES notification (id),
    CONSTRAINT ck_notification_delivery_channel CHECK (channel IN ('app', 'mail', 'slack'))
);
CREATE INDEX ix_notification_delivery_waiting
    ON notification_delivery (channel) WHERE delivered_at IS NULL;

-- Questions kept under a name.
CREATE TABLE saved_report (
    number VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    owner_id UUID NOT NULL,
    shared_with VARCHAR[] NOT NULL,
    asked JSONB NOT NULL,
    version INTEGER NOT NULL,
    retired BOOLEAN NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_saved_report PRIMARY KEY (id),
    CONSTRAINT uq_saved_report_number UNIQUE (number),
    CONSTRAINT fk_saved_report_owner_id FOREIGN KEY (owner_id) REFERENCES person (id),
    CONSTRAINT ck_saved_report_version CHECK (version > 0)
);
CREATE UNIQUE INDEX uq_saved_report_name
    ON saved_report (owner_id, lower(name)) WHERE NOT retired;

-- Questions that the house asks by itself, and the days that it did.
CREATE TABLE standing_order (
    number VARCHAR NOT NULL,
    kind VARCHAR(32) NOT NULL,
    name VARCHAR NOT NULL,
    name_zh VARCHAR NOT NULL,
    owner_id UUID NOT NULL,
    state VARCHAR(32) NOT NULL,
    paused_because VARCHAR,
    paused_because_zh VARCHAR,
    report_id UUID,
    asked JSONB,
    every VARCHAR(32) NOT NULL,
    on_day INTEGER,
    at TIME WITHOUT TIME ZONE NOT NULL,
    next_at TIMESTAMP WITH TIME ZONE,
    condition JSONB,
    on_change BOOLEAN NOT NULL,
    is_met BOOLEAN NOT NULL,
    looked_at TIMESTAMP WITH TIME ZONE,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_standing_order PRIMARY KEY (id),
    CONSTRAINT uq_standing_order_number UNIQUE (number),
    CONSTRAINT fk_standing_order_owner_id FOREIGN KEY (owner_id) REFERENCES person (id),
    CONSTRAINT fk_standing_order_report_id FOREIGN KEY (report_id) REFERENCES saved_report (id),
    CONSTRAINT ck_standing_order_condition_of_alert
        CHECK ((kind = 'alert') = (condition IS NOT NULL)),
    CONSTRAINT ck_standing_order_day_of_every CHECK (CASE every
        WHEN 'week' THEN on_day BETWEEN 1 AND 7
        WHEN 'month' THEN on_day BETWEEN 1 AND 31 ELSE on_day IS NULL END),
    CONSTRAINT ck_standing_order_every CHECK (
        every IN ('day', 'workday', 'week', 'month', 'first_workday', 'last_workday')),
    CONSTRAINT ck_standing_order_next_of_active
        CHECK ((state = 'active') = (next_at IS NOT NULL)),
    CONSTRAINT ck_standing_order_one_question CHECK (num_nonnulls(report_id, asked) = 1),
    CONSTRAINT ck_standing_order_orderkind CHECK (kind IN ('schedule', 'alert')),
    CONSTRAINT ck_standing_order_orderstate CHECK (state IN ('active', 'paused', 'ended'))
);
CREATE INDEX ix_standing_order_due ON standing_order (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX ix_standing_order_owner_id ON standing_order (owner_id);

CREATE TABLE standing_run (
    order_id UUID NOT NULL,
    due_on DATE NOT NULL,
    missed INTEGER NOT NULL,
    outcome VARCHAR(32) NOT NULL,
    notification_id UUID NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_standing_run PRIMARY KEY (id),
    CONSTRAINT uq_standing_run_order_id_due_on UNIQUE (order_id, due_on),
    CONSTRAINT fk_standing_run_order_id FOREIGN KEY (order_id) REFERENCES standing_order (id),
    CONSTRAINT fk_standing_run_notification_id
        FOREIGN KEY (notification_id) REFERENCES notification (id),
    CONSTRAINT ck_standing_run_missed CHECK (missed >= 0),
    CONSTRAINT ck_standing_run_outcome CHECK (outcome IN ('told', 'paused'))
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON standing_run
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
