CREATE INDEX ix_account_total_day ON account_total (day);
CREATE INDEX ix_journal_entry_closing ON journal_entry (posted_on) WHERE journal = 'closing';

CREATE TABLE account_month_total (
    account_id UUID NOT NULL,
    month DATE NOT NULL,
    currency VARCHAR NOT NULL,
    debit_minor BIGINT NOT NULL,
    credit_minor BIGINT NOT NULL,
    base_debit_minor BIGINT NOT NULL,
    base_credit_minor BIGINT NOT NULL,
    CONSTRAINT pk_account_month_total PRIMARY KEY (account_id, month, currency),
    CONSTRAINT ck_account_month_total_first_day CHECK (extract(day FROM month) = 1),
    CONSTRAINT fk_account_month_total_account_id FOREIGN KEY(account_id) REFERENCES account (id)
);

INSERT INTO account_month_total
SELECT account_id, date_trunc('month', day::timestamp)::date, currency,
    sum(debit_minor), sum(credit_minor), sum(base_debit_minor), sum(base_credit_minor)
FROM account_total GROUP BY 1, 2, 3;
