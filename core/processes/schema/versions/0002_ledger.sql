-- Journals, dimensions, rates of exchange, kept totals, fiscal years, headings.

ALTER TABLE account ADD COLUMN heading boolean NOT NULL DEFAULT false;
ALTER TABLE account ALTER COLUMN heading DROP DEFAULT;
ALTER TABLE account ADD COLUMN currency character varying;

CREATE TABLE exchange_rate (
    currency character varying NOT NULL,
    valid_from date NOT NULL,
    foreign_units numeric(20,10) NOT NULL,
    base_units numeric(20,10) NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_exchange_rate_units_positive CHECK (foreign_units > 0 AND base_units > 0),
    CONSTRAINT pk_exchange_rate PRIMARY KEY (id),
    CONSTRAINT uq_exchange_rate_currency_valid_from UNIQUE (currency, valid_from)
);

CREATE TABLE dimension (
    code character varying NOT NULL,
    name character varying NOT NULL,
    name_zh character varying NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_dimension PRIMARY KEY (id),
    CONSTRAINT uq_dimension_code UNIQUE (code)
);

CREATE TABLE dimension_member (
    dimension_id uuid NOT NULL,
    code character varying NOT NULL,
    name character varying NOT NULL,
    name_zh character varying NOT NULL,
    blocked boolean NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_dimension_member PRIMARY KEY (id),
    CONSTRAINT uq_dimension_member_dimension_id_code UNIQUE (dimension_id, code),
    CONSTRAINT uq_dimension_member_id_dimension_id UNIQUE (id, dimension_id),
    CONSTRAINT fk_dimension_member_dimension_id FOREIGN KEY (dimension_id) REFERENCES dimension(id)
);

CREATE TABLE dimension_set (
    key character varying NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_dimension_set PRIMARY KEY (id),
    CONSTRAINT uq_dimension_set_key UNIQUE (key)
);

CREATE TABLE dimension_set_member (
    set_id uuid NOT NULL,
    dimension_id uuid NOT NULL,
    member_id uuid NOT NULL,
    CONSTRAINT pk_dimension_set_member PRIMARY KEY (set_id, dimension_id),
    CONSTRAINT fk_dimension_set_member_set_id FOREIGN KEY (set_id) REFERENCES dimension_set(id),
    CONSTRAINT fk_dimension_set_member_dimension_id FOREIGN KEY (dimension_id)
        REFERENCES dimension(id),
    CONSTRAINT fk_dimension_set_member_member_id_dimension_id FOREIGN KEY (member_id, dimension_id)
        REFERENCES dimension_member(id, dimension_id)
);
CREATE INDEX ix_dimension_set_member_member_id ON dimension_set_member (member_id);

CREATE TABLE fiscal_year (
    name character varying NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    closing_entry_id uuid,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_fiscal_year_in_order CHECK (starts_on <= ends_on),
    CONSTRAINT pk_fiscal_year PRIMARY KEY (id),
    CONSTRAINT uq_fiscal_year_name UNIQUE (name),
    CONSTRAINT uq_fiscal_year_starts_on UNIQUE (starts_on),
    CONSTRAINT uq_fiscal_year_ends_on UNIQUE (ends_on),
    CONSTRAINT fk_fiscal_year_closing_entry_id FOREIGN KEY (closing_entry_id)
        REFERENCES journal_entry(id)
);
INSERT INTO fiscal_year (id, created_at, name, starts_on, ends_on)
    SELECT gen_random_uuid(), now(), extract(year FROM starts_on)::text, min(starts_on), max(ends_on)
    FROM period GROUP BY extract(year FROM starts_on);

ALTER TABLE period ADD COLUMN fiscal_year_id uuid;
UPDATE period SET fiscal_year_id = (SELECT id FROM fiscal_year
    WHERE period.starts_on BETWEEN fiscal_year.starts_on AND fiscal_year.ends_on);
ALTER TABLE period ALTER COLUMN fiscal_year_id SET NOT NULL;
ALTER TABLE period ADD CONSTRAINT fk_period_fiscal_year_id FOREIGN KEY (fiscal_year_id)
    REFERENCES fiscal_year(id);
ALTER TABLE period ADD COLUMN sales_locked boolean NOT NULL DEFAULT false;
ALTER TABLE period ALTER COLUMN sales_locked DROP DEFAULT;
ALTER TABLE period ADD COLUMN purchases_locked boolean NOT NULL DEFAULT false;
ALTER TABLE period ALTER COLUMN purchases_locked DROP DEFAULT;
ALTER TABLE period ADD COLUMN stock_locked boolean NOT NULL DEFAULT false;
ALTER TABLE period ALTER COLUMN stock_locked DROP DEFAULT;

ALTER TABLE journal_entry DISABLE TRIGGER append_only;
ALTER TABLE journal_entry ADD COLUMN journal character varying(32);
UPDATE journal_entry SET journal = CASE
    WHEN EXISTS (SELECT FROM payment WHERE payment.number = origin) THEN 'bank'
    WHEN EXISTS (SELECT FROM invoice WHERE invoice.number = origin AND kind LIKE 'customer%')
        THEN 'sales'
    WHEN EXISTS (SELECT FROM invoice WHERE invoice.number = origin) THEN 'purchases'
    WHEN EXISTS (SELECT FROM stock_move WHERE stock_move.origin = journal_entry.origin)
        THEN 'stock'
    ELSE 'general' END;
ALTER TABLE journal_entry ALTER COLUMN journal SET NOT NULL;
ALTER TABLE journal_entry ADD CONSTRAINT ck_journal_entry_journal CHECK (journal IN
    ('general', 'sales', 'purchases', 'stock', 'bank', 'opening', 'closing'));
ALTER TABLE journal_entry ADD CONSTRAINT uq_journal_entry_id_posted_on UNIQUE (id, posted_on);
ALTER TABLE journal_entry ENABLE TRIGGER append_only;

ALTER TABLE posting DISABLE TRIGGER append_only;
ALTER TABLE posting ADD COLUMN posted_on date;
UPDATE posting SET posted_on = (SELECT posted_on FROM journal_entry WHERE id = entry_id);
ALTER TABLE posting ALTER COLUMN posted_on SET NOT NULL;
ALTER TABLE posting DROP CONSTRAINT fk_posting_entry_id;
ALTER TABLE posting ADD CONSTRAINT fk_posting_entry_id_posted_on FOREIGN KEY (entry_id, posted_on)
    REFERENCES journal_entry(id, posted_on);
ALTER TABLE posting ADD COLUMN dimension_set_id uuid;
ALTER TABLE posting ADD CONSTRAINT fk_posting_dimension_set_id FOREIGN KEY (dimension_set_id)
    REFERENCES dimension_set(id);
ALTER TABLE posting ENABLE TRIGGER append_only;
CREATE INDEX ix_posting_account_id_posted_on_entry_id ON posting (account_id, posted_on, entry_id);
CREATE INDEX ix_posting_dimension_set_id ON posting (dimension_set_id);

CREATE TABLE entry_tail (
    entry_id uuid NOT NULL,
    CONSTRAINT pk_entry_tail PRIMARY KEY (entry_id),
    CONSTRAINT fk_entry_tail_entry_id FOREIGN KEY (entry_id) REFERENCES journal_entry(id)
);
CREATE TABLE account_total (
    account_id uuid NOT NULL,
    day date NOT NULL,
    currency character varying NOT NULL,
    debit_minor bigint NOT NULL,
    credit_minor bigint NOT NULL,
    base_debit_minor bigint NOT NULL,
    base_credit_minor bigint NOT NULL,
    CONSTRAINT pk_account_total PRIMARY KEY (account_id, day, currency),
    CONSTRAINT fk_account_total_account_id FOREIGN KEY (account_id) REFERENCES account(id)
);
INSERT INTO account_total SELECT account_id, posted_on, currency,
    coalesce(sum(amount_minor) FILTER (WHERE side = 'debit'), 0),
    coalesce(sum(amount_minor) FILTER (WHERE side = 'credit'), 0),
    coalesce(sum(base_minor) FILTER (WHERE side = 'debit'), 0),
    coalesce(sum(base_minor) FILTER (WHERE side = 'credit'), 0)
    FROM posting GROUP BY account_id, posted_on, currency;

CREATE FUNCTION note_entry_tail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO entry_tail SELECT id FROM added;
    RETURN NULL;
END $$;
CREATE TRIGGER tail AFTER INSERT ON journal_entry REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION note_entry_tail();

CREATE OR REPLACE FUNCTION refuse_closed_period() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    IF NEW.transaction <> pg_current_xact_id()::text::bigint THEN
        RAISE EXCEPTION 'journal entry % names another transaction', NEW.number
            USING ERRCODE = 'restrict_violation';
    END IF;
    SELECT CASE WHEN state = 'open' AND CASE NEW.journal WHEN 'sales' THEN sales_locked
            WHEN 'purchases' THEN purchases_locked WHEN 'stock' THEN stock_locked ELSE false END
        THEN 'locked' ELSE state END
        INTO found FROM period
        WHERE NEW.posted_on BETWEEN starts_on AND ends_on FOR SHARE;
    IF found IS DISTINCT FROM 'open' THEN
        RAISE EXCEPTION 'the period of % is %', NEW.posted_on, coalesce(found, 'not defined')
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_journal_entry_period_open';
    END IF;
    RETURN NEW;
END $$;

-- Books that are open already get what new books begin with.
INSERT INTO dimension (id, created_at, code, name, name_zh)
    SELECT gen_random_uuid(), now(), code, name, name_zh FROM (VALUES
        ('cost_centre', 'Cost centre', '成本中心'), ('department', 'Department', '部门'),
        ('project', 'Project', '项目'), ('item_category', 'Item category', '物料类别'),
        ('salesperson', 'Salesperson', '销售员')) AS standard (code, name, name_zh)
    WHERE EXISTS (SELECT FROM account);
UPDATE account SET role = given.role
    FROM (VALUES ('1200', 'Prepaid expenses', 'prepaid_expenses'),
        ('1500', 'Fixed assets', 'fixed_assets'),
        ('1590', 'Accumulated depreciation', 'accumulated_depreciation'),
        ('2400', 'Accrued expenses', 'accrued_expenses')) AS given (code, name, role)
    WHERE account.code = given.code AND account.name = given.name AND account.role IS NULL;
INSERT INTO account (id, created_at, code, name, name_zh, kind, role, party_required, blocked,
        heading)
    SELECT gen_random_uuid(), now(), code, name, name_zh, kind, role, false, false, false
    FROM (VALUES
        ('1080', 'Transfers in transit', '在途资金', 'asset', 'transfers_in_transit'),
        ('1090', 'Bank clearing', '银行待清算', 'asset', 'bank_clearing'),
        ('1210', 'Advances to suppliers', '预付账款', 'asset', 'supplier_advances'),
        ('1310', 'Input tax not due', '待认证进项税额', 'asset', 'tax_input_not_due'),
        ('1320', 'Tax withheld by customers', '客户代扣税款', 'asset', 'tax_withheld_by_customers'),
        ('2100', 'Advances from customers', '预收账款', 'liability', 'customer_advances'),
        ('2210', 'Output tax not due', '待转销项税额', 'liability', 'tax_output_not_due'),
        ('2220', 'Tax withheld', '代扣代缴税款', 'liability', 'tax_withheld'),
        ('2410', 'Deferred revenue', '递延收入', 'liability', 'deferred_revenue'),
        ('3200', 'Revaluation reserve', '重估储备', 'equity', 'revaluation_reserve'),
        ('4030', 'Discounts received', '购货折扣', 'income', 'discount_received'),
        ('4040', 'Dunning fees', '催款费收入', 'income', 'dunning_fees'),
        ('4050', 'Gains on disposal', '资产处置收益', 'income', 'disposal_gain'),
        ('6100', 'Discounts allowed', '销售折扣', 'expense', 'discount_allowed'),
        ('6110', 'Bad debts', '坏账损失', 'expense', 'bad_debts'),
        ('6120', 'Losses on disposal', '资产处置损失', 'expense', 'disposal_loss'),
        ('6800', 'Exchange differences', '汇兑损益', 'expense', 'exchange_differences'),
        ('6810', 'Unrealised exchange differences', '未实现汇兑损益', 'expense', 'unrealised_exchange')) AS standard (code, name, name_zh, kind, role)
    WHERE EXISTS (SELECT FROM account) ON CONFLICT DO NOTHING;

-- Headings, and the class of the cash flow statement.
ALTER TABLE account ADD COLUMN cash_flow character varying(32);
ALTER TABLE account ADD CONSTRAINT ck_account_cashflow CHECK (cash_flow IN
    ('cash', 'operating', 'investing', 'financing'));
UPDATE account SET cash_flow = CASE
    WHEN code IN ('1000', '1010', '1080', '1090') THEN 'cash'
    WHEN code IN ('1500', '1590', '3200', '4050', '6070', '6120') THEN 'investing'
    WHEN code IN ('2500', '3000', '3100', '3900') THEN 'financing'
    ELSE 'operating' END WHERE NOT heading;
ALTER TABLE account ADD CONSTRAINT ck_account_cash_flow_unless_heading
    CHECK (heading = (cash_flow IS NULL));
INSERT INTO account (id, created_at, code, name, name_zh, kind, party_required, blocked, heading)
    SELECT gen_random_uuid(), now(), code, name, name_zh, kind, false, false, true
    FROM (VALUES
        ('1', 'Assets', '资产', 'asset'),
        ('10', 'Current assets', '流动资产', 'asset'),
        ('100', 'Cash and bank balances', '货币资金', 'asset'),
        ('110', 'Trade and other debtors', '应收及预付款项', 'asset'),
        ('130', 'Tax to be recovered', '待抵扣税金', 'asset'),
        ('140', 'Stocks and work in progress', '存货及在产品', 'asset'),
        ('15', 'Non-current assets', '非流动资产', 'asset'),
        ('2', 'Liabilities', '负债', 'liability'),
        ('20', 'Current liabilities', '流动负债', 'liability'),
        ('200', 'Trade and other creditors', '应付及预收款项', 'liability'),
        ('220', 'Tax to be paid', '应交税费', 'liability'),
        ('230', 'Owed to employees', '应付职工款项', 'liability'),
        ('240', 'Accruals and deferred income', '预提及递延', 'liability'),
        ('25', 'Non-current liabilities', '非流动负债', 'liability'),
        ('3', 'Equity', '所有者权益', 'equity'),
        ('4', 'Income', '收入', 'income'),
        ('40', 'Operating income', '营业收入', 'income'),
        ('49', 'Other gains', '其他收益', 'income'),
        ('5', 'Expenses', '费用', 'expense'),
        ('50', 'Cost of sales', '营业成本', 'expense'),
        ('60', 'Running costs', '期间费用', 'expense'),
        ('68', 'Financial differences', '财务及其他差异', 'expense')) AS standard (code, name, name_zh, kind)
    WHERE EXISTS (SELECT FROM account) ON CONFLICT DO NOTHING;
WITH standard (code, first, last, above) AS (VALUES
    ('1', '1000', '1999', NULL),
    ('10', '1000', '1499', '1'),
    ('100', '1000', '1099', '10'),
    ('110', '1100', '1299', '10'),
    ('130', '1300', '1399', '10'),
    ('140', '1400', '1499', '10'),
    ('15', '1500', '1999', '1'),
    ('2', '2000', '2999', NULL),
    ('20', '2000', '2499', '2'),
    ('200', '2000', '2199', '20'),
    ('220', '2200', '2299', '20'),
    ('230', '2300', '2399', '20'),
    ('240', '2400', '2499', '20'),
    ('25', '2500', '2999', '2'),
    ('3', '3000', '3999', NULL),
    ('4', '4000', '4999', NULL),
    ('40', '4000', '4029', '4'),
    ('49', '4030', '4999', '4'),
    ('5', '5000', '6999', NULL),
    ('50', '5000', '5999', '5'),
    ('60', '6000', '6799', '5'),
    ('68', '6800', '6999', '5'))
UPDATE account SET parent_id = heading.id FROM account AS heading
    WHERE heading.heading AND account.parent_id IS NULL AND heading.code = CASE
        WHEN account.heading THEN (SELECT above FROM standard WHERE code = account.code)
        ELSE (SELECT code FROM standard WHERE account.code BETWEEN first AND last
            AND length(account.code) = 4 ORDER BY length(code) DESC, code LIMIT 1) END;

-- What accounts demand of dimensions.
ALTER TABLE account ADD COLUMN ruled boolean NOT NULL DEFAULT false;
ALTER TABLE account ALTER COLUMN ruled DROP DEFAULT;
CREATE TABLE dimension_rule (
    account_id uuid NOT NULL,
    dimension_id uuid NOT NULL,
    demand character varying(32) NOT NULL,
    default_member_id uuid,
    CONSTRAINT pk_dimension_rule PRIMARY KEY (account_id, dimension_id),
    CONSTRAINT fk_dimension_rule_account_id FOREIGN KEY (account_id) REFERENCES account(id),
    CONSTRAINT fk_dimension_rule_dimension_id FOREIGN KEY (dimension_id) REFERENCES dimension(id),
    CONSTRAINT fk_dimension_rule_default_member_id_dimension_id
        FOREIGN KEY (default_member_id, dimension_id) REFERENCES dimension_member(id, dimension_id),
    CONSTRAINT ck_dimension_rule_demand CHECK (demand IN ('required', 'forbidden', 'optional')),
    CONSTRAINT ck_dimension_rule_no_default
        CHECK (demand <> 'forbidden' OR default_member_id IS NULL)
);

CREATE OR REPLACE FUNCTION refuse_late_posting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added JOIN journal_entry ON journal_entry.id = added.entry_id
        WHERE journal_entry.transaction <> pg_current_xact_id()::text::bigint)
    THEN
        RAISE EXCEPTION 'a journal entry is already posted'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (
        SELECT FROM added JOIN account ON account.id = added.account_id
        WHERE account.heading OR account.ruled AND EXISTS (
            SELECT FROM dimension_rule AS rule
            JOIN journal_entry ON journal_entry.id = added.entry_id
            LEFT JOIN dimension_set_member AS said ON said.set_id = added.dimension_set_id
                AND said.dimension_id = rule.dimension_id
            WHERE rule.account_id = account.id AND journal_entry.reverses_id IS NULL
                AND journal_entry.journal <> 'closing'
                AND CASE rule.demand WHEN 'required' THEN said.set_id IS NULL
                    WHEN 'forbidden' THEN said.set_id IS NOT NULL ELSE false END))
    THEN
        RAISE EXCEPTION 'an account does not take such a line'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_posting_fits_account';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION refuse_open_in_closed_year() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'closed' AND EXISTS (
        SELECT FROM fiscal_year
        WHERE id = NEW.fiscal_year_id AND closing_entry_id IS NOT NULL)
    THEN
        RAISE EXCEPTION 'the fiscal year of the period % is closed', NEW.name
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_period_year_open';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER year_open BEFORE UPDATE ON period
    FOR EACH ROW EXECUTE FUNCTION refuse_open_in_closed_year();
