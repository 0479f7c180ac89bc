-- Bank accounts of parties, holds, dunning letters, payment orders, and bills that look alike.

CREATE TABLE party_bank_account (
    party_id uuid NOT NULL,
    holder character varying NOT NULL,
    iban character varying,
    account_number character varying,
    bic character varying,
    bank character varying NOT NULL,
    valid_from date NOT NULL,
    ended_on date,
    verified_on date,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_party_bank_account PRIMARY KEY (id),
    CONSTRAINT ck_party_bank_account_one_way_to_say_it
        CHECK (num_nonnulls(iban, account_number) = 1),
    CONSTRAINT ck_party_bank_account_iban CHECK (iban ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$'),
    CONSTRAINT ck_party_bank_account_in_order CHECK (ended_on >= valid_from),
    CONSTRAINT fk_party_bank_account_party_id FOREIGN KEY(party_id) REFERENCES party (id)
);
CREATE INDEX ix_party_bank_account_party_id ON party_bank_account (party_id);
CREATE UNIQUE INDEX uq_party_bank_account_current ON party_bank_account (party_id)
    WHERE ended_on IS NULL;

CREATE TABLE hold (
    purpose character varying(32) NOT NULL,
    kind character varying(32) NOT NULL,
    invoice_id uuid,
    party_id uuid,
    because character varying NOT NULL,
    held_on date NOT NULL,
    until date,
    lifted_on date,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_hold PRIMARY KEY (id),
    CONSTRAINT ck_hold_one_thing CHECK (num_nonnulls(invoice_id, party_id) = 1),
    CONSTRAINT ck_hold_in_order CHECK (until >= held_on),
    CONSTRAINT ck_hold_holdpurpose CHECK (purpose IN ('dunning', 'paying')),
    CONSTRAINT ck_hold_holdkind CHECK (kind IN ('blocked', 'disputed')),
    CONSTRAINT fk_hold_invoice_id FOREIGN KEY(invoice_id) REFERENCES invoice (id),
    CONSTRAINT fk_hold_party_id FOREIGN KEY(party_id) REFERENCES party (id)
);
CREATE UNIQUE INDEX uq_hold_invoice ON hold (purpose, invoice_id) WHERE lifted_on IS NULL;
CREATE UNIQUE INDEX uq_hold_party ON hold (purpose, party_id) WHERE lifted_on IS NULL;

CREATE TABLE dunning_level (
    level integer NOT NULL,
    overdue_days integer NOT NULL,
    wait_days integer NOT NULL,
    fee_minor bigint NOT NULL,
    interest_percent numeric(7, 4) NOT NULL,
    title character varying NOT NULL,
    title_zh character varying NOT NULL,
    text character varying NOT NULL,
    text_zh character varying NOT NULL,
    CONSTRAINT pk_dunning_level PRIMARY KEY (level),
    CONSTRAINT ck_dunning_level_level CHECK (level BETWEEN 1 AND 9),
    CONSTRAINT ck_dunning_level_days CHECK (overdue_days > 0 AND wait_days >= 0),
    CONSTRAINT ck_dunning_level_fee CHECK (fee_minor >= 0),
    CONSTRAINT ck_dunning_level_interest CHECK (interest_percent BETWEEN 0 AND 100),
    CONSTRAINT uq_dunning_level_overdue_days UNIQUE (overdue_days)
);

CREATE TABLE dunning_letter (
    number character varying NOT NULL,
    party_id uuid NOT NULL,
    currency character varying NOT NULL,
    level integer NOT NULL,
    state character varying(32) NOT NULL,
    drawn_on date NOT NULL,
    sent_on date,
    sent_to character varying,
    language character varying NOT NULL,
    fee_minor bigint NOT NULL,
    interest_minor bigint NOT NULL,
    charge_id uuid,
    title character varying,
    body character varying,
    closed_because character varying,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_dunning_letter PRIMARY KEY (id),
    CONSTRAINT ck_dunning_letter_not_negative CHECK (fee_minor >= 0 AND interest_minor >= 0),
    CONSTRAINT ck_dunning_letter_draft_is_not_sent CHECK (state <> 'draft' OR sent_on IS NULL),
    CONSTRAINT ck_dunning_letter_sent_has_a_day
        CHECK (state <> 'sent' OR (sent_on IS NOT NULL AND body IS NOT NULL)),
    CONSTRAINT uq_dunning_letter_number UNIQUE (number),
    CONSTRAINT fk_dunning_letter_party_id FOREIGN KEY(party_id) REFERENCES party (id),
    CONSTRAINT ck_dunning_letter_letterstate CHECK (state IN ('draft', 'sent', 'cancelled')),
    CONSTRAINT uq_dunning_letter_charge_id UNIQUE (charge_id),
    CONSTRAINT fk_dunning_letter_charge_id FOREIGN KEY(charge_id) REFERENCES invoice (id)
);
CREATE INDEX ix_dunning_letter_party_id ON dunning_letter (party_id);
CREATE UNIQUE INDEX uq_dunning_letter_draft ON dunning_letter (party_id, currency)
    WHERE state = 'draft';

CREATE TABLE dunning_line (
    letter_id uuid NOT NULL,
    position integer NOT NULL,
    invoice_id uuid NOT NULL,
    instalment integer NOT NULL,
    level integer NOT NULL,
    due_on date NOT NULL,
    open_minor bigint NOT NULL,
    interest_minor bigint NOT NULL,
    interest_from date NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_dunning_line PRIMARY KEY (id),
    CONSTRAINT uq_dunning_line_letter_id_position UNIQUE (letter_id, position),
    CONSTRAINT uq_dunning_line_letter_id_invoice_id_instalment UNIQUE (letter_id, invoice_id, instalment),
    CONSTRAINT ck_dunning_line_amounts CHECK (open_minor > 0 AND interest_minor >= 0),
    CONSTRAINT ck_dunning_line_level CHECK (level >= 1),
    CONSTRAINT fk_dunning_line_letter_id FOREIGN KEY(letter_id) REFERENCES dunning_letter (id),
    CONSTRAINT fk_dunning_line_invoice_id FOREIGN KEY(invoice_id) REFERENCES invoice (id)
);
CREATE INDEX ix_dunning_line_invoice_id ON dunning_line (invoice_id);

CREATE FUNCTION refuse_change_of_sent_letter() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (SELECT sent_on FROM dunning_letter WHERE id = OLD.letter_id) IS NOT NULL THEN
            RAISE EXCEPTION 'a letter that was sent stays as it is'
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END $$;
CREATE TRIGGER sent_stays BEFORE UPDATE OR DELETE ON dunning_line
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_sent_letter();

CREATE TABLE payment_priority (
    party_id uuid NOT NULL,
    priority integer NOT NULL,
    CONSTRAINT pk_payment_priority PRIMARY KEY (party_id),
    CONSTRAINT ck_payment_priority_priority CHECK (priority BETWEEN 1 AND 9),
    CONSTRAINT fk_payment_priority_party_id FOREIGN KEY(party_id) REFERENCES party (id)
);

CREATE TABLE payment_order (
    number character varying NOT NULL,
    state character varying(32) NOT NULL,
    account_id uuid NOT NULL,
    currency character varying NOT NULL,
    pay_on date NOT NULL,
    keep_minor bigint NOT NULL,
    approved_on date,
    executed_on date,
    closed_because character varying,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_payment_order PRIMARY KEY (id),
    CONSTRAINT ck_payment_order_approved
        CHECK (state NOT IN ('approved', 'executed') OR approved_on IS NOT NULL),
    CONSTRAINT ck_payment_order_executed CHECK ((state = 'executed') = (executed_on IS NOT NULL)),
    CONSTRAINT ck_payment_order_keep CHECK (keep_minor >= 0),
    CONSTRAINT uq_payment_order_number UNIQUE (number),
    CONSTRAINT ck_payment_order_orderstate
        CHECK (state IN ('draft', 'approved', 'executed', 'cancelled')),
    CONSTRAINT fk_payment_order_account_id FOREIGN KEY(account_id) REFERENCES account (id)
);

CREATE TABLE payment_order_line (
    order_id uuid NOT NULL,
    position integer NOT NULL,
    invoice_id uuid NOT NULL,
    party_id uuid NOT NULL,
    bank_account_id uuid,
    pay_minor bigint NOT NULL,
    discount_minor bigint NOT NULL,
    netted_minor bigint NOT NULL,
    standing boolean NOT NULL,
    payment_id uuid,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_payment_order_line PRIMARY KEY (id),
    CONSTRAINT uq_payment_order_line_order_id_position UNIQUE (order_id, position),
    CONSTRAINT ck_payment_order_line_not_negative
        CHECK (pay_minor >= 0 AND discount_minor >= 0 AND netted_minor >= 0),
    CONSTRAINT ck_payment_order_line_settles_something CHECK (pay_minor + netted_minor > 0),
    CONSTRAINT fk_payment_order_line_order_id FOREIGN KEY(order_id) REFERENCES payment_order (id),
    CONSTRAINT fk_payment_order_line_invoice_id FOREIGN KEY(invoice_id) REFERENCES invoice (id),
    CONSTRAINT fk_payment_order_line_party_id FOREIGN KEY(party_id) REFERENCES party (id),
    CONSTRAINT fk_payment_order_line_bank_account_id FOREIGN KEY(bank_account_id)
        REFERENCES party_bank_account (id),
    CONSTRAINT fk_payment_order_line_payment_id FOREIGN KEY(payment_id) REFERENCES payment (id)
);
CREATE UNIQUE INDEX uq_payment_order_line_standing ON payment_order_line (invoice_id)
    WHERE standing;

CREATE TABLE payment_order_credit (
    order_id uuid NOT NULL,
    position integer NOT NULL,
    invoice_id uuid NOT NULL,
    credit_note_id uuid,
    advance_id uuid,
    amount_minor bigint NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_payment_order_credit PRIMARY KEY (id),
    CONSTRAINT uq_payment_order_credit_order_id_position UNIQUE (order_id, position),
    CONSTRAINT ck_payment_order_credit_one_source
        CHECK (num_nonnulls(credit_note_id, advance_id) = 1),
    CONSTRAINT ck_payment_order_credit_amount_positive CHECK (amount_minor > 0),
    CONSTRAINT fk_payment_order_credit_order_id FOREIGN KEY(order_id) REFERENCES payment_order (id),
    CONSTRAINT fk_payment_order_credit_invoice_id FOREIGN KEY(invoice_id) REFERENCES invoice (id),
    CONSTRAINT fk_payment_order_credit_credit_note_id FOREIGN KEY(credit_note_id)
        REFERENCES invoice (id),
    CONSTRAINT fk_payment_order_credit_advance_id FOREIGN KEY(advance_id) REFERENCES payment (id)
);

CREATE TABLE bank_file (
    order_id uuid NOT NULL,
    format character varying(32) NOT NULL,
    name character varying NOT NULL,
    content bytea NOT NULL,
    sha256 character varying NOT NULL,
    payments integer NOT NULL,
    control_sum_minor bigint NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_bank_file PRIMARY KEY (id),
    CONSTRAINT uq_bank_file_order_id_format UNIQUE (order_id, format),
    CONSTRAINT ck_bank_file_something_paid CHECK (control_sum_minor > 0 AND payments > 0),
    CONSTRAINT ck_bank_file_hash CHECK (sha256 = encode(sha256(content), 'hex')),
    CONSTRAINT fk_bank_file_order_id FOREIGN KEY(order_id) REFERENCES payment_order (id),
    CONSTRAINT ck_bank_file_fileformat CHECK (format IN ('sepa', 'csv'))
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON bank_file
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE bill_file (
    invoice_id uuid NOT NULL,
    name character varying NOT NULL,
    content bytea NOT NULL,
    sha256 character varying NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_bill_file PRIMARY KEY (id),
    CONSTRAINT uq_bill_file_invoice_id_sha256 UNIQUE (invoice_id, sha256),
    CONSTRAINT ck_bill_file_hash CHECK (sha256 = encode(sha256(content), 'hex')),
    CONSTRAINT fk_bill_file_invoice_id FOREIGN KEY(invoice_id) REFERENCES invoice (id)
);
CREATE INDEX ix_bill_file_sha256 ON bill_file (sha256);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON bill_file
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Bills whose numbers are written a little differently.
CREATE INDEX ix_invoice_plain_reference ON invoice (party_id,
    regexp_replace(regexp_replace(lower(normalize(reference, NFKC)),
        '(?<![0-9])0+(?=[0-9])', '', 'g'), '[^[:alnum:]]+', '', 'g'))
    WHERE kind = 'supplier_bill' AND reference IS NOT NULL;

-- Of a supplier: to add it, to change its account, and to pay it are for different people.
ALTER TABLE duty_done DROP CONSTRAINT ck_duty_done_dutyname;
ALTER TABLE duty_done ADD CONSTRAINT ck_duty_done_dutyname CHECK (duty IN (
    'order', 'receive', 'bill', 'pay', 'add_supplier', 'change_account', 'verify_account',
    'execute'));
