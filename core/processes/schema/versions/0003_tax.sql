-- Tax codes of dated components, the tax lines of documents, boxes of a return, settlements.

ALTER TABLE company ADD COLUMN tax_rounding character varying(32) NOT NULL DEFAULT 'line';
ALTER TABLE company ALTER COLUMN tax_rounding DROP DEFAULT;
ALTER TABLE company ADD CONSTRAINT ck_company_taxrounding
    CHECK (tax_rounding IN ('line', 'document'));

ALTER TABLE tax_code ADD COLUMN set_code character varying;
ALTER TABLE tax_code ADD COLUMN certificate_needed boolean NOT NULL DEFAULT false;
ALTER TABLE tax_code ALTER COLUMN certificate_needed DROP DEFAULT;

ALTER TABLE invoice ADD COLUMN discount_minor bigint NOT NULL DEFAULT 0;
ALTER TABLE invoice ALTER COLUMN discount_minor DROP DEFAULT;
ALTER TABLE invoice ADD COLUMN tax_on_payment boolean NOT NULL DEFAULT false;
ALTER TABLE invoice ALTER COLUMN tax_on_payment DROP DEFAULT;
ALTER TABLE invoice_line ADD COLUMN discount_minor bigint NOT NULL DEFAULT 0;
ALTER TABLE invoice_line ALTER COLUMN discount_minor DROP DEFAULT;

CREATE TABLE tax_component (
    code character varying NOT NULL,
    "position" integer NOT NULL,
    name character varying NOT NULL,
    name_zh character varying NOT NULL,
    kind character varying(32) NOT NULL,
    rate numeric(13,6) NOT NULL,
    currency character varying,
    included boolean NOT NULL,
    affects_next boolean NOT NULL,
    cash_basis boolean NOT NULL,
    deductible_percent numeric(7,4) NOT NULL,
    sale_account character varying,
    purchase_account character varying,
    valid_from date NOT NULL,
    valid_until date,
    source character varying NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_tax_component_componentkind CHECK (kind IN ('percent', 'fixed', 'division',
        'exempt', 'withholding', 'reverse_charge')),
    CONSTRAINT ck_tax_component_currency_of_fixed CHECK (((kind = 'fixed') = (currency IS NOT
        NULL))),
    CONSTRAINT ck_tax_component_deductible CHECK (((deductible_percent >= 0) AND
        (deductible_percent <= 100))),
    CONSTRAINT ck_tax_component_in_order CHECK ((valid_from <= valid_until)),
    CONSTRAINT ck_tax_component_plain_kinds_only CHECK ((kind IN ('percent', 'fixed',
        'division') OR (NOT (included OR affects_next OR cash_basis)))),
    CONSTRAINT ck_tax_component_rate CHECK (((rate >= 0) AND CASE kind
        WHEN 'division' THEN (rate < 100)
        WHEN 'exempt' THEN (rate = 0)
        WHEN 'withholding' THEN (rate <= 100)
        ELSE true END)),
    CONSTRAINT fk_tax_component_code FOREIGN KEY (code) REFERENCES tax_code(code),
    CONSTRAINT pk_tax_component PRIMARY KEY (id),
    CONSTRAINT uq_tax_component_code_position_valid_from UNIQUE (code, "position", valid_from)
);
CREATE TABLE tax_box (
    set_code character varying NOT NULL,
    box character varying NOT NULL,
    "position" integer NOT NULL,
    name character varying NOT NULL,
    name_zh character varying NOT NULL,
    adds character varying NOT NULL,
    CONSTRAINT pk_tax_box PRIMARY KEY (set_code, box)
);
CREATE TABLE tax_component_box (
    component_id uuid NOT NULL,
    use character varying(32) NOT NULL,
    base_box character varying,
    tax_box character varying,
    CONSTRAINT ck_tax_component_box_taxuse CHECK (use IN ('output', 'input', 'not_deductible',
        'reverse_output', 'withheld', 'withheld_by_customers')),
    CONSTRAINT fk_tax_component_box_component_id FOREIGN KEY (component_id) REFERENCES
        tax_component(id),
    CONSTRAINT pk_tax_component_box PRIMARY KEY (component_id, use)
);
CREATE TABLE tax_line (
    entry_id uuid NOT NULL,
    posted_on date NOT NULL,
    kind character varying(32) NOT NULL,
    document character varying NOT NULL,
    line integer,
    component_id uuid NOT NULL,
    use character varying(32) NOT NULL,
    account_id uuid NOT NULL,
    side character varying(32) NOT NULL,
    exigible boolean NOT NULL,
    currency character varying NOT NULL,
    taxable_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    base_taxable_minor bigint NOT NULL,
    base_tax_minor bigint NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_tax_line_line_of_charged CHECK (((kind <> 'charged') OR (line IS NOT NULL))),
    CONSTRAINT ck_tax_line_side CHECK (side IN ('debit', 'credit')),
    CONSTRAINT ck_tax_line_taxlinekind CHECK (kind IN ('charged', 'corrected', 'due')),
    CONSTRAINT ck_tax_line_taxuse CHECK (use IN ('output', 'input', 'not_deductible',
        'reverse_output', 'withheld', 'withheld_by_customers')),
    CONSTRAINT fk_tax_line_account_id FOREIGN KEY (account_id) REFERENCES account(id),
    CONSTRAINT fk_tax_line_component_id FOREIGN KEY (component_id) REFERENCES tax_component(id),
    CONSTRAINT fk_tax_line_entry_id_posted_on FOREIGN KEY (entry_id, posted_on) REFERENCES
        journal_entry(id, posted_on),
    CONSTRAINT pk_tax_line PRIMARY KEY (id)
);
CREATE TABLE tax_settlement (
    number character varying NOT NULL,
    until date NOT NULL,
    amount_minor bigint NOT NULL,
    entry_id uuid NOT NULL,
    taken_back boolean NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT fk_tax_settlement_entry_id FOREIGN KEY (entry_id) REFERENCES journal_entry(id),
    CONSTRAINT pk_tax_settlement PRIMARY KEY (id),
    CONSTRAINT uq_tax_settlement_entry_id UNIQUE (entry_id),
    CONSTRAINT uq_tax_settlement_number UNIQUE (number)
);
CREATE TABLE tax_certificate (
    party_id uuid NOT NULL,
    code character varying NOT NULL,
    reference character varying NOT NULL,
    valid_from date NOT NULL,
    valid_until date,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_tax_certificate_in_order CHECK ((valid_from <= valid_until)),
    CONSTRAINT fk_tax_certificate_code FOREIGN KEY (code) REFERENCES tax_code(code),
    CONSTRAINT fk_tax_certificate_party_id FOREIGN KEY (party_id) REFERENCES party(id),
    CONSTRAINT pk_tax_certificate PRIMARY KEY (id),
    CONSTRAINT uq_tax_certificate_party_id_code_reference UNIQUE (party_id, code, reference)
);
CREATE TABLE fapiao (
    invoice_id uuid NOT NULL,
    kind character varying(32) NOT NULL,
    code character varying NOT NULL,
    number character varying NOT NULL,
    issued_on date NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_fapiao_digits CHECK (CASE
        WHEN (code = '') THEN (number ~ '^\d{20}$')
        ELSE ((code ~ '^(\d{10}|\d{12})$') AND (number ~ '^\d{8}$')) END),
    CONSTRAINT ck_fapiao_fapiaokind CHECK (kind IN ('special', 'ordinary')),
    CONSTRAINT fk_fapiao_invoice_id FOREIGN KEY (invoice_id) REFERENCES invoice(id),
    CONSTRAINT pk_fapiao PRIMARY KEY (id),
    CONSTRAINT uq_fapiao_code_number UNIQUE (code, number),
    CONSTRAINT uq_fapiao_invoice_id UNIQUE (invoice_id)
);
CREATE UNIQUE INDEX uq_tax_component_open ON tax_component (code, position)
    WHERE valid_until IS NULL;
CREATE INDEX ix_tax_line_document_line ON tax_line (document, line);
CREATE INDEX ix_tax_line_entry_id ON tax_line (entry_id);
CREATE INDEX ix_tax_line_posted_on ON tax_line (posted_on);
CREATE INDEX ix_tax_line_component_id ON tax_line (component_id);
CREATE UNIQUE INDEX uq_tax_settlement_until ON tax_settlement (until) WHERE NOT taken_back;

-- What is there: a code was one percent at all times, and the tax of a line was its.
INSERT INTO tax_component (id, created_at, code, position, name, name_zh, kind, rate, included,
        affects_next, cash_basis, deductible_percent, valid_from, source)
    SELECT gen_random_uuid(), now(), code, 1, name, name_zh, 'percent', percent, false, false,
        false, 100, '1900-01-01', '' FROM tax_code;
ALTER TABLE tax_code DROP COLUMN percent;

INSERT INTO tax_line (id, created_at, entry_id, posted_on, kind, document, line, component_id, use,
        account_id, side, exigible, currency, taxable_minor, tax_minor, base_taxable_minor,
        base_tax_minor)
    SELECT gen_random_uuid(), invoice_line.created_at, entry_id, invoice.posted_on, 'charged',
        invoice.number, invoice_line.position, tax_component.id,
        CASE WHEN invoice.kind LIKE 'customer%' THEN 'output' ELSE 'input' END, account.id,
        CASE WHEN invoice.kind LIKE 'customer%' THEN 'credit' ELSE 'debit' END, true,
        invoice.currency, sign * invoice_line.net_minor, sign * invoice_line.tax_minor,
        sign * invoice_line.net_minor, sign * invoice_line.tax_minor
    FROM invoice JOIN invoice_line ON invoice_line.invoice_id = invoice.id
    JOIN tax_component ON tax_component.code = invoice_line.tax_code
    JOIN account ON account.role
        = CASE WHEN invoice.kind LIKE 'customer%' THEN 'tax_output' ELSE 'tax_input' END
    CROSS JOIN LATERAL (SELECT CASE WHEN invoice.kind LIKE '%credit_note' THEN -1 ELSE 1 END)
        AS way (sign);

INSERT INTO account (id, created_at, code, name, name_zh, kind, role, party_required, blocked,
        heading, ruled, cash_flow, parent_id)
    SELECT gen_random_uuid(), now(), '2230', 'Tax due', '未交增值税', 'liability', 'tax_due', false,
        false, false, false, 'operating', (SELECT id FROM account WHERE code = '220' AND heading)
    WHERE EXISTS (SELECT FROM account) ON CONFLICT DO NOTHING;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON tax_line
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE FUNCTION refuse_late_tax_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added JOIN journal_entry ON journal_entry.id = added.entry_id
        WHERE journal_entry.transaction <> pg_current_xact_id()::text::bigint)
    THEN
        RAISE EXCEPTION 'a journal entry is already posted, and so is its tax'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER complete AFTER INSERT ON tax_line REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_late_tax_line();
CREATE FUNCTION refuse_rewriting_component() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR to_jsonb(OLD) - 'valid_until' <> to_jsonb(NEW) - 'valid_until' THEN
        RAISE EXCEPTION 'a component of tax is not rewritten: it ends, and another one follows'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER dated BEFORE UPDATE OR DELETE ON tax_component
    FOR EACH ROW EXECUTE FUNCTION refuse_rewriting_component();
CREATE FUNCTION refuse_other_tax() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    charged numeric;
BEGIN
    SELECT coalesce(sum(CASE WHEN (side = 'credit') = (NEW.kind LIKE 'customer%')
        THEN tax_minor ELSE -tax_minor END), 0) INTO charged
        FROM tax_line WHERE document = NEW.number AND kind = 'charged';
    IF NEW.kind LIKE '%credit_note' THEN
        charged = -charged;
    END IF;
    IF charged <> NEW.tax_minor THEN
        RAISE EXCEPTION 'the tax of % is %, and that of its tax lines is %',
            NEW.number, NEW.tax_minor, charged
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_invoice_tax_lines';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER taxed AFTER INSERT OR UPDATE OF tax_minor, kind, number ON invoice
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_other_tax();
