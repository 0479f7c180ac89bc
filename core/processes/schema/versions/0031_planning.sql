-- In which lots items are planned, where somebody said so.
CREATE TABLE planning_rule (
    item_id UUID NOT NULL,
    fixed NUMERIC(20, 6),
    minimum NUMERIC(20, 6),
    maximum NUMERIC(20, 6),
    multiple NUMERIC(20, 6),
    period_days INTEGER DEFAULT 0 NOT NULL,
    lead_days INTEGER,
    safety_stock NUMERIC(20, 6) NOT NULL,
    CONSTRAINT pk_planning_rule PRIMARY KEY (item_id),
    CONSTRAINT ck_planning_rule_lots_positive CHECK (fixed > 0 AND minimum > 0 AND maximum > 0 AND multiple > 0),
    CONSTRAINT ck_planning_rule_in_order CHECK (minimum <= maximum),
    CONSTRAINT ck_planning_rule_fixed_alone CHECK (fixed IS NULL OR num_nonnulls(minimum, maximum, multiple) = 0),
    CONSTRAINT ck_planning_rule_period_days CHECK (period_days BETWEEN 0 AND 365),
    CONSTRAINT ck_planning_rule_lead_days CHECK (lead_days BETWEEN 0 AND 730),
    CONSTRAINT ck_planning_rule_safety_stock CHECK (safety_stock >= 0),
    CONSTRAINT fk_planning_rule_item_id FOREIGN KEY(item_id) REFERENCES item (id)
);
