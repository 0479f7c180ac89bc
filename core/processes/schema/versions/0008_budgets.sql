-- Budgets: versions for a fiscal year, their lines, and the amounts of each period.

CREATE TABLE budget (
    name character varying NOT NULL,
    fiscal_year_id uuid NOT NULL,
    version character varying NOT NULL,
    state character varying(32) NOT NULL,
    policy character varying(32) NOT NULL,
    threshold_percent numeric(7, 2) NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_budget PRIMARY KEY (id),
    CONSTRAINT uq_budget_fiscal_year_id_version UNIQUE (fiscal_year_id, version),
    CONSTRAINT ck_budget_threshold_positive CHECK (threshold_percent > 0),
    CONSTRAINT uq_budget_name UNIQUE (name),
    CONSTRAINT fk_budget_fiscal_year_id FOREIGN KEY (fiscal_year_id) REFERENCES fiscal_year(id),
    CONSTRAINT ck_budget_budgetstate CHECK (state IN ('in_force', 'set_aside')),
    CONSTRAINT ck_budget_policy CHECK (policy IN ('watch', 'warn', 'stop'))
);
CREATE UNIQUE INDEX uq_budget_in_force ON budget (fiscal_year_id) WHERE state = 'in_force';

CREATE TABLE budget_line (
    budget_id uuid NOT NULL,
    account_id uuid NOT NULL,
    dimension_set_id uuid,
    policy character varying(32),
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_budget_line PRIMARY KEY (id),
    CONSTRAINT uq_budget_line_budget_id_account_id_dimension_set_id
        UNIQUE NULLS NOT DISTINCT (budget_id, account_id, dimension_set_id),
    CONSTRAINT fk_budget_line_budget_id FOREIGN KEY (budget_id) REFERENCES budget(id),
    CONSTRAINT fk_budget_line_account_id FOREIGN KEY (account_id) REFERENCES account(id),
    CONSTRAINT fk_budget_line_dimension_set_id
        FOREIGN KEY (dimension_set_id) REFERENCES dimension_set(id),
    CONSTRAINT ck_budget_line_policy CHECK (policy IN ('watch', 'warn', 'stop'))
);
CREATE INDEX ix_budget_line_account_id ON budget_line (account_id);

CREATE TABLE budget_amount (
    line_id uuid NOT NULL,
    period_id uuid NOT NULL,
    amount_minor bigint NOT NULL,
    CONSTRAINT pk_budget_amount PRIMARY KEY (line_id, period_id),
    CONSTRAINT ck_budget_amount_not_negative CHECK (amount_minor >= 0),
    CONSTRAINT fk_budget_amount_line_id FOREIGN KEY (line_id) REFERENCES budget_line(id),
    CONSTRAINT fk_budget_amount_period_id FOREIGN KEY (period_id) REFERENCES period(id)
);
