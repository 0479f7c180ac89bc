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
