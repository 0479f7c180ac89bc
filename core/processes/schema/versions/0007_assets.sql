-- Schedules and fixed assets.

CREATE TABLE deferral (
    number character varying NOT NULL,
    kind character varying(32) NOT NULL,
    method character varying(32) NOT NULL,
    memo character varying NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    amount_minor bigint NOT NULL,
    deferred_account_id uuid NOT NULL,
    account_id uuid NOT NULL,
    party_id uuid,
    dimensions character varying NOT NULL,
    origin character varying NOT NULL,
    entry_id uuid,
    state character varying(32) NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_deferral_amount_positive CHECK ((amount_minor > 0)),
    CONSTRAINT ck_deferral_deferralkind CHECK (kind IN ('prepaid_expense', 'deferred_revenue')),
    CONSTRAINT ck_deferral_deferralstate CHECK (state IN ('active', 'cancelled')),
    CONSTRAINT ck_deferral_in_order CHECK ((starts_on <= ends_on)),
    CONSTRAINT ck_deferral_method CHECK (method IN ('by_day', 'by_month')),
    CONSTRAINT fk_deferral_account_id FOREIGN KEY (account_id) REFERENCES account(id),
    CONSTRAINT fk_deferral_deferred_account_id FOREIGN KEY (deferred_account_id)
        REFERENCES account(id),
    CONSTRAINT fk_deferral_entry_id FOREIGN KEY (entry_id) REFERENCES journal_entry(id),
    CONSTRAINT fk_deferral_party_id FOREIGN KEY (party_id) REFERENCES party(id),
    CONSTRAINT pk_deferral PRIMARY KEY (id),
    CONSTRAINT uq_deferral_number UNIQUE (number)
);
CREATE INDEX ix_deferral_origin ON deferral (origin);

CREATE TABLE deferral_part (
    deferral_id uuid NOT NULL,
    "position" integer NOT NULL,
    due_on date NOT NULL,
    amount_minor bigint NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_deferral_part_amount_positive CHECK ((amount_minor > 0)),
    CONSTRAINT fk_deferral_part_deferral_id FOREIGN KEY (deferral_id) REFERENCES deferral(id),
    CONSTRAINT pk_deferral_part PRIMARY KEY (id),
    CONSTRAINT uq_deferral_part_deferral_id_due_on UNIQUE (deferral_id, due_on),
    CONSTRAINT uq_deferral_part_deferral_id_position UNIQUE (deferral_id, "position")
);
CREATE INDEX ix_deferral_part_due_on ON deferral_part (due_on);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON deferral_part
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE entry_template (
    name character varying,
    memo character varying NOT NULL,
    retired boolean NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_entry_template PRIMARY KEY (id)
);
CREATE UNIQUE INDEX uq_entry_template_name ON entry_template (lower((name)))
    WHERE ((name IS NOT NULL) AND (NOT retired));

CREATE TABLE entry_template_line (
    template_id uuid NOT NULL,
    "position" integer NOT NULL,
    account_id uuid NOT NULL,
    side character varying(32) NOT NULL,
    amount_minor bigint,
    share_percent numeric(9,4),
    dimensions character varying NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_entry_template_line_one_amount
        CHECK ((num_nonnulls(amount_minor, share_percent) = 1)),
    CONSTRAINT ck_entry_template_line_positive CHECK (((amount_minor > 0) AND (share_percent > 0))),
    CONSTRAINT ck_entry_template_line_side CHECK (side IN ('debit', 'credit')),
    CONSTRAINT fk_entry_template_line_account_id FOREIGN KEY (account_id) REFERENCES account(id),
    CONSTRAINT fk_entry_template_line_template_id FOREIGN KEY (template_id)
        REFERENCES entry_template(id),
    CONSTRAINT pk_entry_template_line PRIMARY KEY (id),
    CONSTRAINT uq_entry_template_line_template_id_position UNIQUE (template_id, "position")
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON entry_template_line
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE recurring_entry (
    number character varying NOT NULL,
    template_id uuid NOT NULL,
    memo character varying NOT NULL,
    total_minor bigint,
    every character varying(32) NOT NULL,
    day_of_month integer NOT NULL,
    starts_on date NOT NULL,
    until date,
    reversing boolean NOT NULL,
    state character varying(32) NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_recurring_entry_day_of_month
        CHECK (((day_of_month >= 1) AND (day_of_month <= 31))),
    CONSTRAINT ck_recurring_entry_every CHECK (every IN ('month', 'quarter', 'year')),
    CONSTRAINT ck_recurring_entry_in_order CHECK ((until >= starts_on)),
    CONSTRAINT ck_recurring_entry_recurringstate CHECK (state IN ('active', 'paused', 'ended')),
    CONSTRAINT ck_recurring_entry_total_positive CHECK ((total_minor > 0)),
    CONSTRAINT fk_recurring_entry_template_id FOREIGN KEY (template_id)
        REFERENCES entry_template(id),
    CONSTRAINT pk_recurring_entry PRIMARY KEY (id),
    CONSTRAINT uq_recurring_entry_number UNIQUE (number)
);

CREATE TABLE schedule_run (
    number character varying NOT NULL,
    through date NOT NULL,
    undoes_id uuid,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT fk_schedule_run_undoes_id FOREIGN KEY (undoes_id) REFERENCES schedule_run(id),
    CONSTRAINT pk_schedule_run PRIMARY KEY (id),
    CONSTRAINT uq_schedule_run_number UNIQUE (number),
    CONSTRAINT uq_schedule_run_undoes_id UNIQUE (undoes_id)
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON schedule_run
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE deferral_posting (
    part_id uuid NOT NULL,
    take integer NOT NULL,
    run_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT fk_deferral_posting_entry_id FOREIGN KEY (entry_id) REFERENCES journal_entry(id),
    CONSTRAINT fk_deferral_posting_part_id FOREIGN KEY (part_id) REFERENCES deferral_part(id),
    CONSTRAINT fk_deferral_posting_run_id FOREIGN KEY (run_id) REFERENCES schedule_run(id),
    CONSTRAINT pk_deferral_posting PRIMARY KEY (id),
    CONSTRAINT uq_deferral_posting_part_id_take UNIQUE (part_id, take)
);
CREATE INDEX ix_deferral_posting_run_id ON deferral_posting (run_id);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON deferral_posting
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE recurring_posting (
    recurring_id uuid NOT NULL,
    due_on date NOT NULL,
    take integer NOT NULL,
    run_id uuid,
    entry_id uuid,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT fk_recurring_posting_entry_id FOREIGN KEY (entry_id) REFERENCES journal_entry(id),
    CONSTRAINT fk_recurring_posting_recurring_id FOREIGN KEY (recurring_id)
        REFERENCES recurring_entry(id),
    CONSTRAINT fk_recurring_posting_run_id FOREIGN KEY (run_id) REFERENCES schedule_run(id),
    CONSTRAINT pk_recurring_posting PRIMARY KEY (id),
    CONSTRAINT uq_recurring_posting_recurring_id_due_on_take UNIQUE (recurring_id, due_on, take)
);
CREATE INDEX ix_recurring_posting_run_id ON recurring_posting (run_id);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON recurring_posting
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE scheduled_reversal (
    entry_id uuid NOT NULL,
    reverse_on date NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT fk_scheduled_reversal_entry_id FOREIGN KEY (entry_id) REFERENCES journal_entry(id),
    CONSTRAINT pk_scheduled_reversal PRIMARY KEY (id),
    CONSTRAINT uq_scheduled_reversal_entry_id UNIQUE (entry_id)
);
CREATE INDEX ix_scheduled_reversal_reverse_on ON scheduled_reversal (reverse_on);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON scheduled_reversal
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Fixed assets: classes, the register, what happened to each asset, and the plans.

CREATE TABLE depreciation_run (
    number character varying NOT NULL,
    through date NOT NULL,
    taken_back boolean NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_depreciation_run PRIMARY KEY (id),
    CONSTRAINT uq_depreciation_run_number UNIQUE (number)
);

CREATE TABLE asset_class (
    code character varying NOT NULL,
    name character varying NOT NULL,
    name_zh character varying NOT NULL,
    cost_account_id uuid NOT NULL,
    accumulated_account_id uuid NOT NULL,
    expense_account_id uuid NOT NULL,
    method character varying(32) NOT NULL,
    convention character varying(32) NOT NULL,
    months integer,
    percent numeric(7, 4),
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_asset_class PRIMARY KEY (id),
    CONSTRAINT ck_asset_class_months CHECK (months BETWEEN 1 AND 1200),
    CONSTRAINT ck_asset_class_percent CHECK (percent > 0 AND percent <= 100),
    CONSTRAINT uq_asset_class_code UNIQUE (code),
    CONSTRAINT fk_asset_class_cost_account_id FOREIGN KEY (cost_account_id) REFERENCES account(id),
    CONSTRAINT fk_asset_class_accumulated_account_id
        FOREIGN KEY (accumulated_account_id) REFERENCES account(id),
    CONSTRAINT fk_asset_class_expense_account_id
        FOREIGN KEY (expense_account_id) REFERENCES account(id),
    CONSTRAINT ck_asset_class_depreciationmethod
        CHECK (method IN ('straight_line', 'straight_line_by_day', 'declining_balance',
        'declining_then_straight', 'units_of_production', 'not_depreciated')),
    CONSTRAINT ck_asset_class_convention CHECK (convention IN ('full_month', 'pro_rata'))
);

CREATE TABLE asset (
    number character varying NOT NULL,
    name character varying NOT NULL,
    asset_class_id uuid NOT NULL,
    state character varying(32) NOT NULL,
    in_service_on date NOT NULL,
    cost_minor bigint NOT NULL,
    accumulated_minor bigint NOT NULL,
    residual_minor bigint NOT NULL,
    reserve_minor bigint NOT NULL,
    dimensions character varying NOT NULL,
    origin character varying NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_asset PRIMARY KEY (id),
    CONSTRAINT ck_asset_not_negative CHECK (residual_minor >= 0 AND reserve_minor >= 0),
    CONSTRAINT ck_asset_accumulated_not_negative CHECK (accumulated_minor >= 0),
    CONSTRAINT ck_asset_not_below_residual CHECK (cost_minor - accumulated_minor >= residual_minor),
    CONSTRAINT ck_asset_active_while_it_has_a_cost CHECK ((state = 'active') = (cost_minor > 0)),
    CONSTRAINT uq_asset_number UNIQUE (number),
    CONSTRAINT fk_asset_asset_class_id FOREIGN KEY (asset_class_id) REFERENCES asset_class(id),
    CONSTRAINT ck_asset_assetstate CHECK (state IN ('active', 'disposed', 'cancelled'))
);
CREATE INDEX ix_asset_asset_class_id ON asset (asset_class_id);
CREATE INDEX ix_asset_origin ON asset (origin);

CREATE TABLE asset_move (
    asset_id uuid NOT NULL,
    position integer NOT NULL,
    kind character varying(32) NOT NULL,
    posted_on date NOT NULL,
    cost_minor bigint NOT NULL,
    accumulated_minor bigint NOT NULL,
    residual_minor bigint NOT NULL,
    reserve_minor bigint NOT NULL,
    due_on date,
    units numeric(20, 6),
    dimensions_before character varying,
    run_id uuid,
    entry_id uuid,
    standing boolean NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_asset_move PRIMARY KEY (id),
    CONSTRAINT uq_asset_move_asset_id_position UNIQUE (asset_id, position),
    CONSTRAINT ck_asset_move_due CHECK (due_on IS NULL OR kind = 'depreciated'),
    CONSTRAINT fk_asset_move_asset_id FOREIGN KEY (asset_id) REFERENCES asset(id),
    CONSTRAINT ck_asset_move_movekind
        CHECK (kind IN ('acquired', 'depreciated', 'revalued', 'impaired', 'transferred',
        'partly_disposed', 'disposed')),
    CONSTRAINT fk_asset_move_run_id FOREIGN KEY (run_id) REFERENCES depreciation_run(id),
    CONSTRAINT fk_asset_move_entry_id FOREIGN KEY (entry_id) REFERENCES journal_entry(id)
);
CREATE INDEX ix_asset_move_entry_id ON asset_move (entry_id);
CREATE INDEX ix_asset_move_posted_on ON asset_move (posted_on);
CREATE INDEX ix_asset_move_run_id ON asset_move (run_id);
CREATE UNIQUE INDEX uq_asset_move_due_once ON asset_move (asset_id, due_on) WHERE due_on IS NOT NULL AND standing;

CREATE TABLE asset_plan (
    asset_id uuid NOT NULL,
    move_id uuid NOT NULL,
    method character varying(32) NOT NULL,
    convention character varying(32) NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    percent numeric(7, 4),
    units numeric(20, 6),
    value_minor bigint NOT NULL,
    residual_minor bigint NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_asset_plan PRIMARY KEY (id),
    CONSTRAINT ck_asset_plan_in_order CHECK (starts_on <= ends_on),
    CONSTRAINT ck_asset_plan_not_below_residual CHECK (value_minor >= residual_minor),
    CONSTRAINT ck_asset_plan_units_positive CHECK (units > 0),
    CONSTRAINT fk_asset_plan_asset_id FOREIGN KEY (asset_id) REFERENCES asset(id),
    CONSTRAINT uq_asset_plan_move_id UNIQUE (move_id),
    CONSTRAINT fk_asset_plan_move_id FOREIGN KEY (move_id) REFERENCES asset_move(id),
    CONSTRAINT ck_asset_plan_depreciationmethod
        CHECK (method IN ('straight_line', 'straight_line_by_day', 'declining_balance',
        'declining_then_straight', 'units_of_production', 'not_depreciated')),
    CONSTRAINT ck_asset_plan_convention CHECK (convention IN ('full_month', 'pro_rata'))
);
CREATE INDEX ix_asset_plan_asset_id ON asset_plan (asset_id);

CREATE TABLE asset_plan_line (
    plan_id uuid NOT NULL,
    due_on date NOT NULL,
    amount_minor bigint NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_asset_plan_line PRIMARY KEY (id),
    CONSTRAINT uq_asset_plan_line_plan_id_due_on UNIQUE (plan_id, due_on),
    CONSTRAINT ck_asset_plan_line_amount_positive CHECK (amount_minor > 0),
    CONSTRAINT fk_asset_plan_line_plan_id FOREIGN KEY (plan_id) REFERENCES asset_plan(id)
);
CREATE INDEX ix_asset_plan_line_due_on ON asset_plan_line (due_on);

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON asset_plan
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON asset_plan_line
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Books that are open already get the account that impairments are posted to.
INSERT INTO account (id, created_at, code, name, name_zh, kind, role, party_required, blocked,
        heading, ruled, cash_flow, parent_id)
    SELECT gen_random_uuid(), now(), '6130', 'Impairment losses', '资产减值损失', 'expense',
        'impairment', false, false, false, false, 'investing',
        (SELECT parent_id FROM account WHERE code = '6120')
    WHERE EXISTS (SELECT FROM account) ON CONFLICT DO NOTHING;
