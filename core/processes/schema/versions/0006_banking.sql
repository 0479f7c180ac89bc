-- Our bank accounts, their statements, and how their lines are matched.

CREATE TABLE bank_account (
    code character varying NOT NULL,
    name character varying NOT NULL,
    name_zh character varying NOT NULL,
    account_id uuid NOT NULL,
    currency character varying NOT NULL,
    iban character varying,
    bic character varying,
    bank character varying NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT fk_bank_account_account_id FOREIGN KEY (account_id) REFERENCES account(id),
    CONSTRAINT pk_bank_account PRIMARY KEY (id),
    CONSTRAINT uq_bank_account_account_id UNIQUE (account_id),
    CONSTRAINT uq_bank_account_code UNIQUE (code),
    CONSTRAINT uq_bank_account_iban UNIQUE (iban)
);

CREATE TABLE bank_line (
    number character varying NOT NULL,
    statement_id uuid NOT NULL,
    bank_account_id uuid NOT NULL,
    "position" integer NOT NULL,
    booked_on date NOT NULL,
    value_on date,
    amount_minor bigint NOT NULL,
    currency character varying NOT NULL,
    foreign_minor bigint,
    foreign_currency character varying,
    charges_minor bigint NOT NULL,
    text character varying NOT NULL,
    counterparty character varying NOT NULL,
    counterparty_account character varying NOT NULL,
    reference character varying NOT NULL,
    end_to_end_id character varying NOT NULL,
    bank_reference character varying NOT NULL,
    fingerprint character varying NOT NULL,
    occurrence integer NOT NULL,
    voided boolean NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_bank_line_amount_not_zero CHECK ((amount_minor <> 0)),
    CONSTRAINT ck_bank_line_occurrence_positive CHECK ((occurrence > 0))
);

CREATE TABLE bank_match (
    number character varying NOT NULL,
    kind character varying(32) NOT NULL,
    party_id uuid,
    payment_id uuid,
    rule_id uuid,
    because character varying NOT NULL,
    undone boolean NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_bank_match_matchkind CHECK (((kind) = ANY ((ARRAY['payment', 'linked', 'booked', 'transfer', 'returned']))))
);

CREATE TABLE bank_match_part (
    match_id uuid NOT NULL,
    line_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    amount_minor bigint NOT NULL,
    undone boolean NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_bank_match_part_amount_not_zero CHECK ((amount_minor <> 0))
);

CREATE TABLE bank_profile (
    bank_account_id uuid NOT NULL,
    layout jsonb NOT NULL
);

CREATE TABLE bank_rule (
    number character varying NOT NULL,
    "position" integer NOT NULL,
    bank_account_id uuid,
    way character varying(32),
    contains character varying NOT NULL,
    counterparty character varying NOT NULL,
    amount_from_minor bigint,
    amount_to_minor bigint,
    account_id uuid NOT NULL,
    tax_code character varying,
    dimensions character varying NOT NULL,
    memo character varying NOT NULL,
    settles boolean NOT NULL,
    tolerance_minor bigint NOT NULL,
    tolerance_percent numeric(7,4) NOT NULL,
    removed boolean NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_bank_rule_amounts CHECK (((amount_from_minor >= 0) AND (amount_to_minor >= amount_from_minor))),
    CONSTRAINT ck_bank_rule_looks_for CHECK ((((contains) <> '') OR ((counterparty) <> '') OR settles)),
    CONSTRAINT ck_bank_rule_tolerance_not_negative CHECK ((tolerance_minor >= 0)),
    CONSTRAINT ck_bank_rule_tolerance_percent CHECK (((tolerance_percent >= (0)) AND (tolerance_percent < (100)))),
    CONSTRAINT ck_bank_rule_way CHECK (((way) = ANY ((ARRAY['in', 'out']))))
);

CREATE TABLE bank_statement (
    number character varying NOT NULL,
    bank_account_id uuid NOT NULL,
    format character varying(32) NOT NULL,
    file_name character varying NOT NULL,
    file_hash character varying NOT NULL,
    place integer NOT NULL,
    reference character varying NOT NULL,
    from_on date NOT NULL,
    until_on date NOT NULL,
    currency character varying NOT NULL,
    opening_minor bigint,
    closing_minor bigint,
    known_minor bigint NOT NULL,
    line_count integer NOT NULL,
    voided boolean NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_bank_statement_in_order CHECK ((from_on <= until_on)),
    CONSTRAINT ck_bank_statement_statementformat CHECK (((format) = ANY ((ARRAY['csv', 'ofx', 'camt']))))
);

ALTER TABLE ONLY bank_line
    ADD CONSTRAINT pk_bank_line PRIMARY KEY (id);

ALTER TABLE ONLY bank_line
    ADD CONSTRAINT uq_bank_line_number UNIQUE (number);

ALTER TABLE ONLY bank_line
    ADD CONSTRAINT uq_bank_line_statement_id_position UNIQUE (statement_id, "position");

ALTER TABLE ONLY bank_match
    ADD CONSTRAINT pk_bank_match PRIMARY KEY (id);

ALTER TABLE ONLY bank_match
    ADD CONSTRAINT uq_bank_match_number UNIQUE (number);

ALTER TABLE ONLY bank_match_part
    ADD CONSTRAINT pk_bank_match_part PRIMARY KEY (id);

ALTER TABLE ONLY bank_profile
    ADD CONSTRAINT pk_bank_profile PRIMARY KEY (bank_account_id);

ALTER TABLE ONLY bank_rule
    ADD CONSTRAINT pk_bank_rule PRIMARY KEY (id);

ALTER TABLE ONLY bank_rule
    ADD CONSTRAINT uq_bank_rule_number UNIQUE (number);

ALTER TABLE ONLY bank_statement
    ADD CONSTRAINT pk_bank_statement PRIMARY KEY (id);

ALTER TABLE ONLY bank_statement
    ADD CONSTRAINT uq_bank_statement_number UNIQUE (number);

ALTER TABLE ONLY bank_line
    ADD CONSTRAINT fk_bank_line_bank_account_id FOREIGN KEY (bank_account_id) REFERENCES bank_account(id);

ALTER TABLE ONLY bank_line
    ADD CONSTRAINT fk_bank_line_statement_id FOREIGN KEY (statement_id) REFERENCES bank_statement(id);

ALTER TABLE ONLY bank_match
    ADD CONSTRAINT fk_bank_match_party_id FOREIGN KEY (party_id) REFERENCES party(id);

ALTER TABLE ONLY bank_match
    ADD CONSTRAINT fk_bank_match_payment_id FOREIGN KEY (payment_id) REFERENCES payment(id);

ALTER TABLE ONLY bank_match
    ADD CONSTRAINT fk_bank_match_rule_id FOREIGN KEY (rule_id) REFERENCES bank_rule(id);

ALTER TABLE ONLY bank_match_part
    ADD CONSTRAINT fk_bank_match_part_entry_id FOREIGN KEY (entry_id) REFERENCES journal_entry(id);

ALTER TABLE ONLY bank_match_part
    ADD CONSTRAINT fk_bank_match_part_line_id FOREIGN KEY (line_id) REFERENCES bank_line(id);

ALTER TABLE ONLY bank_match_part
    ADD CONSTRAINT fk_bank_match_part_match_id FOREIGN KEY (match_id) REFERENCES bank_match(id);

ALTER TABLE ONLY bank_profile
    ADD CONSTRAINT fk_bank_profile_bank_account_id FOREIGN KEY (bank_account_id) REFERENCES bank_account(id);

ALTER TABLE ONLY bank_rule
    ADD CONSTRAINT fk_bank_rule_account_id FOREIGN KEY (account_id) REFERENCES account(id);

ALTER TABLE ONLY bank_rule
    ADD CONSTRAINT fk_bank_rule_bank_account_id FOREIGN KEY (bank_account_id) REFERENCES bank_account(id);

ALTER TABLE ONLY bank_rule
    ADD CONSTRAINT fk_bank_rule_tax_code FOREIGN KEY (tax_code) REFERENCES tax_code(code);

ALTER TABLE ONLY bank_statement
    ADD CONSTRAINT fk_bank_statement_bank_account_id FOREIGN KEY (bank_account_id) REFERENCES bank_account(id);

CREATE INDEX ix_bank_line_bank_account_id_booked_on ON bank_line USING btree (bank_account_id, booked_on);

CREATE INDEX ix_bank_match_part_entry_id ON bank_match_part USING btree (entry_id);

CREATE INDEX ix_bank_match_part_match_id ON bank_match_part USING btree (match_id);

CREATE INDEX ix_bank_match_party_id ON bank_match USING btree (party_id);

CREATE INDEX ix_bank_match_payment_id ON bank_match USING btree (payment_id);

CREATE INDEX ix_bank_match_rule_id ON bank_match USING btree (rule_id);

CREATE INDEX ix_bank_statement_bank_account_id_until_on ON bank_statement USING btree (bank_account_id, until_on);

CREATE UNIQUE INDEX uq_bank_line_fingerprint ON bank_line USING btree (bank_account_id, fingerprint, occurrence) WHERE (NOT voided);

CREATE UNIQUE INDEX uq_bank_match_part_pair ON bank_match_part USING btree (line_id, entry_id) WHERE (NOT undone);

CREATE UNIQUE INDEX uq_bank_statement_file ON bank_statement USING btree (bank_account_id, file_hash, place) WHERE (NOT voided);

CREATE FUNCTION keep_but_flag() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - TG_ARGV[0] = to_jsonb(OLD) - TG_ARGV[0]
            AND NOT (to_jsonb(OLD) ->> TG_ARGV[0])::boolean THEN
            IF TG_TABLE_NAME = 'bank_line' AND EXISTS (
                SELECT FROM bank_match_part WHERE line_id = OLD.id AND NOT undone) THEN
                RAISE EXCEPTION 'a line that is matched counts'
                    USING ERRCODE = 'restrict_violation', CONSTRAINT = 'bank_line_matched';
            END IF;
            RETURN NEW;
        END IF;
        RAISE EXCEPTION '% is what the bank said, or was matched: it stays', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END $$;

CREATE FUNCTION line_has_place() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF NOT EXISTS (SELECT FROM bank_statement WHERE id = NEW.statement_id
            AND bank_account_id = NEW.bank_account_id AND NEW.position BETWEEN 1 AND line_count)
        THEN
            RAISE EXCEPTION 'the statement has no place for line %', NEW.number
                USING ERRCODE = 'check_violation', CONSTRAINT = 'bank_line_has_place';
        END IF;
        RETURN NULL;
    END $$;

CREATE FUNCTION match_within() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    DECLARE
        line record;
        matched bigint;
        booked bigint;
        used bigint;
    BEGIN
        SELECT * INTO line FROM bank_line WHERE id = NEW.line_id FOR UPDATE;
        PERFORM FROM journal_entry WHERE id = NEW.entry_id FOR UPDATE;
        SELECT sum(amount_minor) INTO matched FROM bank_match_part
            WHERE line_id = NEW.line_id AND NOT undone;
        IF line.voided OR sign(NEW.amount_minor) <> sign(line.amount_minor)
            OR abs(matched) > abs(line.amount_minor) THEN
            RAISE EXCEPTION 'line % is matched by more than it is', line.number
                USING ERRCODE = 'check_violation', CONSTRAINT = 'bank_match_within_line';
        END IF;
        SELECT sum(CASE posting.side WHEN 'debit' THEN posting.amount_minor
            ELSE -posting.amount_minor END) INTO booked
        FROM posting JOIN bank_account ON bank_account.account_id = posting.account_id
        WHERE posting.entry_id = NEW.entry_id AND bank_account.id = line.bank_account_id;
        SELECT sum(part.amount_minor) INTO used
        FROM bank_match_part AS part JOIN bank_line ON bank_line.id = part.line_id
        WHERE part.entry_id = NEW.entry_id AND NOT part.undone
            AND bank_line.bank_account_id = line.bank_account_id;
        IF booked IS NULL OR sign(NEW.amount_minor) <> sign(booked) OR abs(used) > abs(booked) THEN
            RAISE EXCEPTION 'the entry is not that much on the bank account'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'bank_match_within_entry';
        END IF;
        RETURN NULL;
    END $$;

CREATE FUNCTION statement_adds_up() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    DECLARE
        lines bigint;
        moved bigint;
    BEGIN
        SELECT count(*), coalesce(sum(amount_minor), 0) INTO lines, moved
        FROM bank_line WHERE statement_id = NEW.id;
        IF lines <> NEW.line_count
            OR NEW.opening_minor + NEW.known_minor + moved <> NEW.closing_minor THEN
            RAISE EXCEPTION 'the lines of the statement % do not add up', NEW.number
                USING ERRCODE = 'check_violation', CONSTRAINT = 'bank_statement_adds_up';
        END IF;
        RETURN NULL;
    END $$;

CREATE CONSTRAINT TRIGGER adds_up AFTER INSERT ON bank_statement DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION statement_adds_up();

CREATE TRIGGER has_place AFTER INSERT ON bank_line FOR EACH ROW EXECUTE FUNCTION line_has_place();

CREATE TRIGGER keep BEFORE DELETE OR UPDATE ON bank_line FOR EACH ROW EXECUTE FUNCTION keep_but_flag('voided');

CREATE TRIGGER keep BEFORE DELETE OR UPDATE ON bank_match FOR EACH ROW EXECUTE FUNCTION keep_but_flag('undone');

CREATE TRIGGER keep BEFORE DELETE OR UPDATE ON bank_match_part FOR EACH ROW EXECUTE FUNCTION keep_but_flag('undone');

CREATE TRIGGER keep BEFORE DELETE OR UPDATE ON bank_statement FOR EACH ROW EXECUTE FUNCTION keep_but_flag('voided');

CREATE TRIGGER within AFTER INSERT ON bank_match_part FOR EACH ROW EXECUTE FUNCTION match_within();
