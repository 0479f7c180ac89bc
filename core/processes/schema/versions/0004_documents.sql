-- Documents in any currency, payment terms and instalments, deductions, revaluations.

CREATE TABLE payment_term (
    code character varying NOT NULL,
    name character varying NOT NULL,
    name_zh character varying NOT NULL,
    CONSTRAINT pk_payment_term PRIMARY KEY (code)
);
CREATE TABLE payment_term_line (
    term_code character varying NOT NULL,
    "position" integer NOT NULL,
    percent numeric(7,4),
    after_days integer NOT NULL,
    end_of_month boolean NOT NULL,
    discount_percent numeric(7,4),
    discount_days integer,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_payment_term_line PRIMARY KEY (id),
    CONSTRAINT uq_payment_term_line_term_code_position UNIQUE (term_code, "position"),
    CONSTRAINT ck_payment_term_line_percent CHECK (percent > 0 AND percent <= 100),
    CONSTRAINT ck_payment_term_line_after_days CHECK (after_days >= 0),
    CONSTRAINT ck_payment_term_line_discount
        CHECK (discount_percent > 0 AND discount_percent < 100 AND discount_days >= 0),
    CONSTRAINT ck_payment_term_line_discount_whole
        CHECK (num_nonnulls(discount_percent, discount_days) <> 1),
    CONSTRAINT fk_payment_term_line_term_code FOREIGN KEY (term_code)
        REFERENCES payment_term(code)
);
CREATE TABLE party_term (
    party_id uuid NOT NULL,
    direction character varying NOT NULL,
    term_code character varying NOT NULL,
    CONSTRAINT pk_party_term PRIMARY KEY (party_id, direction),
    CONSTRAINT fk_party_term_party_id FOREIGN KEY (party_id) REFERENCES party(id),
    CONSTRAINT fk_party_term_term_code FOREIGN KEY (term_code) REFERENCES payment_term(code)
);

-- Until now every document was in the company's currency.
ALTER TABLE invoice ADD COLUMN open_base_minor bigint;
UPDATE invoice SET open_base_minor = open_minor;
ALTER TABLE invoice ALTER COLUMN open_base_minor SET NOT NULL;
ALTER TABLE invoice ADD CONSTRAINT ck_invoice_open_base_within_total CHECK (
    open_base_minor BETWEEN 0 AND base_total_minor AND (open_minor > 0 OR open_base_minor = 0));
ALTER TABLE invoice ADD COLUMN term_code character varying;
ALTER TABLE invoice ADD CONSTRAINT fk_invoice_term_code FOREIGN KEY (term_code)
    REFERENCES payment_term(code);
-- Until now no entry by hand concerned the receivables or the payables.
ALTER TABLE invoice ADD COLUMN by_hand boolean NOT NULL DEFAULT false;
ALTER TABLE invoice ALTER COLUMN by_hand DROP DEFAULT;
ALTER TABLE invoice_line ADD COLUMN dimension_set_id uuid;
ALTER TABLE invoice_line ADD CONSTRAINT fk_invoice_line_dimension_set_id
    FOREIGN KEY (dimension_set_id) REFERENCES dimension_set(id);

CREATE TABLE instalment (
    invoice_id uuid NOT NULL,
    "position" integer NOT NULL,
    due_on date NOT NULL,
    amount_minor bigint NOT NULL,
    until_minor bigint NOT NULL,
    discount_minor bigint NOT NULL,
    discount_until date,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_instalment PRIMARY KEY (id),
    CONSTRAINT uq_instalment_invoice_id_position UNIQUE (invoice_id, "position"),
    CONSTRAINT ck_instalment_amount_positive
        CHECK (amount_minor > 0 AND until_minor >= amount_minor),
    CONSTRAINT ck_instalment_discount_within
        CHECK (discount_minor BETWEEN 0 AND amount_minor - 1),
    CONSTRAINT ck_instalment_discount_has_a_day
        CHECK ((discount_minor > 0) = (discount_until IS NOT NULL)),
    CONSTRAINT fk_instalment_invoice_id FOREIGN KEY (invoice_id) REFERENCES invoice(id)
);

ALTER TABLE payment ADD COLUMN base_amount_minor bigint;
ALTER TABLE payment ADD COLUMN open_base_minor bigint;
ALTER TABLE payment ADD COLUMN fee_minor bigint NOT NULL DEFAULT 0;
ALTER TABLE payment ALTER COLUMN fee_minor DROP DEFAULT;
UPDATE payment SET base_amount_minor = amount_minor, open_base_minor = open_minor;
ALTER TABLE payment ALTER COLUMN base_amount_minor SET NOT NULL;
ALTER TABLE payment ALTER COLUMN open_base_minor SET NOT NULL;
ALTER TABLE payment ADD CONSTRAINT ck_payment_open_base_within_amount CHECK (
    open_base_minor BETWEEN 0 AND base_amount_minor AND (open_minor > 0 OR open_base_minor = 0));
ALTER TABLE payment ADD CONSTRAINT ck_payment_fee_not_negative CHECK (fee_minor >= 0);

CREATE TABLE deduction (
    number character varying NOT NULL,
    kind character varying(32) NOT NULL,
    invoice_id uuid NOT NULL,
    payment_id uuid,
    posted_on date NOT NULL,
    currency character varying NOT NULL,
    amount_minor bigint NOT NULL,
    base_amount_minor bigint NOT NULL,
    because character varying NOT NULL,
    state character varying(32) NOT NULL,
    entry_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_deduction PRIMARY KEY (id),
    CONSTRAINT uq_deduction_number UNIQUE (number),
    CONSTRAINT ck_deduction_amount_positive CHECK (amount_minor > 0),
    CONSTRAINT ck_deduction_deductionkind CHECK (kind IN ('early_discount', 'write_off')),
    CONSTRAINT ck_deduction_documentstate CHECK (state IN ('posted', 'reversed')),
    CONSTRAINT fk_deduction_invoice_id FOREIGN KEY (invoice_id) REFERENCES invoice(id),
    CONSTRAINT fk_deduction_payment_id FOREIGN KEY (payment_id) REFERENCES payment(id),
    CONSTRAINT fk_deduction_entry_id FOREIGN KEY (entry_id) REFERENCES journal_entry(id)
);
CREATE INDEX ix_deduction_invoice_id ON deduction (invoice_id);
CREATE INDEX ix_deduction_payment_id ON deduction (payment_id);

ALTER TABLE settlement ADD COLUMN deduction_id uuid;
ALTER TABLE settlement ADD COLUMN base_minor bigint;
ALTER TABLE settlement ADD COLUMN source_minor bigint;
ALTER TABLE settlement ADD COLUMN source_base_minor bigint;
UPDATE settlement SET base_minor = amount_minor, source_minor = amount_minor,
    source_base_minor = amount_minor;
ALTER TABLE settlement ALTER COLUMN base_minor SET NOT NULL;
ALTER TABLE settlement ALTER COLUMN source_minor SET NOT NULL;
ALTER TABLE settlement ALTER COLUMN source_base_minor SET NOT NULL;
ALTER TABLE settlement DROP CONSTRAINT ck_settlement_one_source;
ALTER TABLE settlement ADD CONSTRAINT ck_settlement_one_source
    CHECK (num_nonnulls(payment_id, credit_note_id, deduction_id) = 1);
ALTER TABLE settlement ADD CONSTRAINT fk_settlement_deduction_id FOREIGN KEY (deduction_id)
    REFERENCES deduction(id);
CREATE INDEX ix_settlement_deduction_id ON settlement (deduction_id);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE revaluation (
    number character varying NOT NULL,
    currency character varying NOT NULL,
    revalued_on date NOT NULL,
    reversed_on date NOT NULL,
    gain_minor bigint NOT NULL,
    entry_id uuid NOT NULL,
    reversal_entry_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_revaluation PRIMARY KEY (id),
    CONSTRAINT uq_revaluation_number UNIQUE (number),
    CONSTRAINT uq_revaluation_entry_id UNIQUE (entry_id),
    CONSTRAINT uq_revaluation_reversal_entry_id UNIQUE (reversal_entry_id),
    CONSTRAINT fk_revaluation_entry_id FOREIGN KEY (entry_id) REFERENCES journal_entry(id),
    CONSTRAINT fk_revaluation_reversal_entry_id FOREIGN KEY (reversal_entry_id)
        REFERENCES journal_entry(id)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON revaluation
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
