-- Conversations: what was written and said, and to which one it belongs.
CREATE TABLE message_thread (
    number VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    subject_key VARCHAR NOT NULL,
    party_id UUID,
    participants VARCHAR[] NOT NULL,
    last_at TIMESTAMP WITH TIME ZONE NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_message_thread PRIMARY KEY (id),
    CONSTRAINT uq_message_thread_number UNIQUE (number),
    CONSTRAINT fk_message_thread_party_id FOREIGN KEY(party_id) REFERENCES party (id)
);
CREATE INDEX ix_message_thread_last_at ON message_thread (last_at);
CREATE INDEX ix_message_thread_party_id_last_at ON message_thread (party_id, last_at);
CREATE INDEX ix_message_thread_subject_key_last_at ON message_thread (subject_key, last_at);

-- Bytes of files and of what could not be read, each once.
CREATE TABLE stored_bytes (
    hash VARCHAR NOT NULL,
    content BYTEA NOT NULL,
    CONSTRAINT pk_stored_bytes PRIMARY KEY (hash)
);

-- What was written and said, as it came.
CREATE TABLE communication (
    number VARCHAR NOT NULL,
    thread_id UUID NOT NULL,
    direction VARCHAR(32) NOT NULL,
    medium VARCHAR(32) NOT NULL,
    sender VARCHAR NOT NULL,
    sender_name VARCHAR NOT NULL,
    recipients VARCHAR[] NOT NULL,
    subject VARCHAR NOT NULL,
    body VARCHAR NOT NULL,
    happened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    message_key VARCHAR NOT NULL,
    headers JSONB NOT NULL,
    automatic BOOLEAN NOT NULL,
    party_id UUID,
    linked_by VARCHAR(32),
    standing VARCHAR(32) NOT NULL,
    aside_because VARCHAR,
    raw_hash VARCHAR,
    words TSVECTOR NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_communication PRIMARY KEY (id),
    CONSTRAINT ck_communication_linked_by_somebody CHECK ((party_id IS NULL) = (linked_by IS NULL)),
    CONSTRAINT ck_communication_aside_for_a_reason CHECK ((standing = 'kept') = (aside_because IS NULL)),
    CONSTRAINT uq_communication_number UNIQUE (number),
    CONSTRAINT fk_communication_thread_id FOREIGN KEY(thread_id) REFERENCES message_thread (id),
    CONSTRAINT ck_communication_direction CHECK (direction IN ('in', 'out')),
    CONSTRAINT ck_communication_medium CHECK (medium IN ('mail', 'chat', 'web_form', 'call_note', 'hook')),
    CONSTRAINT fk_communication_party_id FOREIGN KEY(party_id) REFERENCES party (id),
    CONSTRAINT ck_communication_linkedby CHECK (linked_by IN ('address', 'person')),
    CONSTRAINT ck_communication_standing CHECK (standing IN ('kept', 'quarantined', 'suppressed')),
    CONSTRAINT fk_communication_raw_hash FOREIGN KEY(raw_hash) REFERENCES stored_bytes (hash)
);
CREATE INDEX ix_communication_aside ON communication (happened_at) WHERE standing <> 'kept';
CREATE INDEX ix_communication_happened_at ON communication (happened_at);
CREATE INDEX ix_communication_inbox ON communication (happened_at) WHERE party_id IS NULL AND standing <> 'suppressed';
CREATE INDEX ix_communication_party ON communication (party_id, happened_at, id);
CREATE INDEX ix_communication_sender ON communication (sender);
CREATE INDEX ix_communication_thread_id_happened_at ON communication (thread_id, happened_at);
CREATE INDEX ix_communication_words ON communication USING gin (words);
CREATE UNIQUE INDEX uq_communication_message_key ON communication (message_key);

-- Files that came along.
CREATE TABLE attachment (
    communication_id UUID NOT NULL,
    place INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    size_bytes BIGINT NOT NULL,
    hash VARCHAR NOT NULL,
    text VARCHAR,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_attachment PRIMARY KEY (id),
    CONSTRAINT uq_attachment_communication_id_place UNIQUE (communication_id, place),
    CONSTRAINT fk_attachment_communication_id FOREIGN KEY(communication_id) REFERENCES communication (id),
    CONSTRAINT fk_attachment_hash FOREIGN KEY(hash) REFERENCES stored_bytes (hash)
);

-- What somebody approved to go out, and how far it is.
CREATE TABLE outgoing_mail (
    communication_id UUID NOT NULL,
    state VARCHAR(32) NOT NULL,
    tries INTEGER NOT NULL,
    not_before TIMESTAMP WITH TIME ZONE NOT NULL,
    claimed_at TIMESTAMP WITH TIME ZONE,
    sent_at TIMESTAMP WITH TIME ZONE,
    trouble VARCHAR,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_outgoing_mail PRIMARY KEY (id),
    CONSTRAINT ck_outgoing_mail_tries_not_negative CHECK (tries >= 0),
    CONSTRAINT ck_outgoing_mail_sent_when_sent CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
    CONSTRAINT ck_outgoing_mail_claimed_by_somebody CHECK (state <> 'sending' OR claimed_at IS NOT NULL),
    CONSTRAINT uq_outgoing_mail_communication_id UNIQUE (communication_id),
    CONSTRAINT fk_outgoing_mail_communication_id FOREIGN KEY(communication_id) REFERENCES communication (id),
    CONSTRAINT ck_outgoing_mail_outgoingstate CHECK (state IN ('queued', 'sending', 'sent', 'uncertain', 'failed', 'dropped'))
);
CREATE INDEX ix_outgoing_mail_open ON outgoing_mail (created_at) WHERE state IN ('queued', 'sending', 'uncertain');

-- How far each folder of each mailbox has been fetched.
CREATE TABLE mail_cursor (
    mailbox VARCHAR NOT NULL,
    uid_validity BIGINT NOT NULL,
    last_uid BIGINT NOT NULL,
    CONSTRAINT pk_mail_cursor PRIMARY KEY (mailbox)
);

-- What a conversation says in short, until something new arrives in it.
CREATE TABLE thread_summary (
    thread_id UUID NOT NULL,
    covers INTEGER NOT NULL,
    digest JSONB NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_thread_summary PRIMARY KEY (thread_id),
    CONSTRAINT fk_thread_summary_thread_id FOREIGN KEY(thread_id) REFERENCES message_thread (id)
);

-- A person is told of messages as well.
ALTER TABLE notification DROP CONSTRAINT ck_notification_notificationkind;
ALTER TABLE notification ADD CONSTRAINT ck_notification_notificationkind
    CHECK (kind IN ('report', 'alert', 'paused', 'failed', 'message'));
