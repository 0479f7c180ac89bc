-- Bills of materials, routings, and work orders with what was reported of them.
CREATE TABLE work_centre (
    code VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    name_zh VARCHAR,
    labour_rate NUMERIC(20, 6) NOT NULL,
    overhead_rate NUMERIC(20, 6) NOT NULL,
    cycle_rate NUMERIC(20, 6) NOT NULL,
    hours_per_day NUMERIC(6, 3) NOT NULL,
    stations INTEGER DEFAULT 1 NOT NULL,
    efficiency_percent NUMERIC(7, 3) NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_work_centre PRIMARY KEY (id),
    CONSTRAINT ck_work_centre_rates CHECK (labour_rate >= 0 AND overhead_rate >= 0 AND cycle_rate >= 0),
    CONSTRAINT ck_work_centre_hours_per_day CHECK (hours_per_day > 0 AND hours_per_day <= 24),
    CONSTRAINT ck_work_centre_stations_positive CHECK (stations > 0),
    CONSTRAINT ck_work_centre_efficiency_percent CHECK (efficiency_percent > 0 AND efficiency_percent <= 1000),
    CONSTRAINT uq_work_centre_code UNIQUE (code)
);
CREATE TABLE bill_of_materials (
    number VARCHAR NOT NULL,
    item_id UUID NOT NULL,
    alternative VARCHAR DEFAULT '' NOT NULL,
    version INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_until DATE,
    withdrawn_on DATE,
    output_quantity NUMERIC(20, 6) NOT NULL,
    phantom BOOLEAN DEFAULT false NOT NULL,
    yield_percent NUMERIC(7, 4) NOT NULL,
    tolerance_percent NUMERIC(7, 4),
    lead_time_days INTEGER DEFAULT 0 NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_bill_of_materials PRIMARY KEY (id),
    CONSTRAINT ck_bill_of_materials_output_quantity_positive CHECK (output_quantity > 0),
    CONSTRAINT ck_bill_of_materials_in_order CHECK (valid_until >= valid_from),
    CONSTRAINT ck_bill_of_materials_yield_percent CHECK (yield_percent > 0 AND yield_percent <= 100),
    CONSTRAINT ck_bill_of_materials_tolerance_percent CHECK (tolerance_percent BETWEEN 0 AND 100),
    CONSTRAINT ck_bill_of_materials_lead_time CHECK (lead_time_days BETWEEN 0 AND 730),
    CONSTRAINT uq_bill_of_materials_number UNIQUE (number),
    CONSTRAINT fk_bill_of_materials_item_id FOREIGN KEY(item_id) REFERENCES item (id)
);
CREATE INDEX ix_bill_of_materials_item_id_alternative ON bill_of_materials (item_id, alternative);
CREATE OR REPLACE FUNCTION refuse_two_versions_at_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('bill_of_materials'));
    IF NEW.withdrawn_on IS NULL AND EXISTS (
        SELECT FROM bill_of_materials AS other
        WHERE other.withdrawn_on IS NULL AND other.item_id = NEW.item_id
            AND other.alternative = NEW.alternative AND other.id <> NEW.id
            AND daterange(other.valid_from, other.valid_until, '[]')
                && daterange(NEW.valid_from, NEW.valid_until, '[]')
    ) THEN
        RAISE EXCEPTION 'two versions of a bill of materials hold on the same day'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER one_version_a_day
    BEFORE INSERT OR UPDATE OF item_id, alternative, valid_from, valid_until, withdrawn_on
    ON bill_of_materials
    FOR EACH ROW EXECUTE FUNCTION refuse_two_versions_at_once();
CREATE TABLE routing (
    number VARCHAR NOT NULL,
    item_id UUID NOT NULL,
    valid_from DATE NOT NULL,
    valid_until DATE,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_routing PRIMARY KEY (id),
    CONSTRAINT ck_routing_in_order CHECK (valid_until >= valid_from),
    CONSTRAINT uq_routing_number UNIQUE (number),
    CONSTRAINT fk_routing_item_id FOREIGN KEY(item_id) REFERENCES item (id)
);
CREATE UNIQUE INDEX uq_routing_in_force ON routing (item_id, valid_from);
CREATE TABLE bom_by_product (
    bom_id UUID NOT NULL,
    position INTEGER NOT NULL,
    item_id UUID NOT NULL,
    quantity NUMERIC(20, 6) NOT NULL,
    cost_share_percent NUMERIC(7, 4) NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_bom_by_product PRIMARY KEY (id),
    CONSTRAINT uq_bom_by_product_bom_id_item_id UNIQUE (bom_id, item_id),
    CONSTRAINT ck_bom_by_product_quantity_positive CHECK (quantity > 0),
    CONSTRAINT ck_bom_by_product_cost_share_percent CHECK (cost_share_percent >= 0 AND cost_share_percent < 100),
    CONSTRAINT fk_bom_by_product_bom_id FOREIGN KEY(bom_id) REFERENCES bill_of_materials (id),
    CONSTRAINT fk_bom_by_product_item_id FOREIGN KEY(item_id) REFERENCES item (id)
);
CREATE INDEX ix_bom_by_product_item_id ON bom_by_product (item_id);
CREATE TABLE bom_component (
    bom_id UUID NOT NULL,
    position INTEGER NOT NULL,
    item_id UUID NOT NULL,
    quantity NUMERIC(20, 6) NOT NULL,
    unit_code VARCHAR,
    unit_quantity NUMERIC(20, 6),
    scrap_percent NUMERIC(7, 4) NOT NULL,
    fixed BOOLEAN DEFAULT false NOT NULL,
    issue VARCHAR(32) DEFAULT 'pick' NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_bom_component PRIMARY KEY (id),
    CONSTRAINT uq_bom_component_bom_id_position UNIQUE (bom_id, position),
    CONSTRAINT ck_bom_component_quantity_positive CHECK (quantity > 0),
    CONSTRAINT ck_bom_component_scrap_percent CHECK (scrap_percent >= 0 AND scrap_percent < 1000),
    CONSTRAINT ck_bom_component_unit CHECK (num_nonnulls(unit_code, unit_quantity) <> 1),
    CONSTRAINT fk_bom_component_bom_id FOREIGN KEY(bom_id) REFERENCES bill_of_materials (id),
    CONSTRAINT fk_bom_component_item_id FOREIGN KEY(item_id) REFERENCES item (id),
    CONSTRAINT fk_bom_component_unit_code FOREIGN KEY(unit_code) REFERENCES unit (code),
    CONSTRAINT ck_bom_component_issuemethod CHECK (issue IN ('pick', 'backflush'))
);
CREATE INDEX ix_bom_component_item_id ON bom_component (item_id);
CREATE OR REPLACE FUNCTION refuse_circular_bills() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('bill_of_materials'));
    IF EXISTS (
        WITH RECURSIVE made AS (
            SELECT item_id, daterange(valid_from, valid_until, '[]') AS days
            FROM bill_of_materials WHERE id = NEW.bom_id
        ), below AS (
            SELECT NEW.item_id AS item_id
            UNION
            SELECT component.item_id
            FROM below CROSS JOIN made
            JOIN bill_of_materials AS bom ON bom.item_id = below.item_id
                AND bom.withdrawn_on IS NULL
                AND daterange(bom.valid_from, bom.valid_until, '[]') && made.days
            JOIN bom_component AS component ON component.bom_id = bom.id
        ) SELECT FROM below JOIN made USING (item_id)
    ) THEN
        RAISE EXCEPTION 'an item is not made of itself' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER not_circular BEFORE INSERT OR UPDATE OF item_id, bom_id ON bom_component
    FOR EACH ROW EXECUTE FUNCTION refuse_circular_bills();
CREATE TABLE routing_operation (
    routing_id UUID NOT NULL,
    position INTEGER NOT NULL,
    work_centre_id UUID NOT NULL,
    name VARCHAR NOT NULL,
    setup_minutes NUMERIC(14, 6) NOT NULL,
    run_minutes NUMERIC(14, 6) NOT NULL,
    cycles NUMERIC(14, 6) NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_routing_operation PRIMARY KEY (id),
    CONSTRAINT uq_routing_operation_routing_id_position UNIQUE (routing_id, position),
    CONSTRAINT ck_routing_operation_not_negative CHECK (setup_minutes >= 0 AND run_minutes >= 0 AND cycles >= 0),
    CONSTRAINT ck_routing_operation_takes_something CHECK (setup_minutes + run_minutes + cycles > 0),
    CONSTRAINT fk_routing_operation_routing_id FOREIGN KEY(routing_id) REFERENCES routing (id),
    CONSTRAINT fk_routing_operation_work_centre_id FOREIGN KEY(work_centre_id) REFERENCES work_centre (id)
);
CREATE INDEX ix_routing_operation_work_centre_id ON routing_operation (work_centre_id);
CREATE TABLE work_order (
    number VARCHAR NOT NULL,
    item_id UUID NOT NULL,
    bom_id UUID NOT NULL,
    routing_id UUID,
    state VARCHAR(32) NOT NULL,
    quantity NUMERIC(20, 6) NOT NULL,
    begun_quantity NUMERIC(20, 6) NOT NULL,
    good_quantity NUMERIC(20, 6) NOT NULL,
    scrapped_quantity NUMERIC(20, 6) NOT NULL,
    rework_quantity NUMERIC(20, 6) NOT NULL,
    tolerance_percent NUMERIC(7, 4),
    starts_on DATE NOT NULL,
    due_on DATE NOT NULL,
    started_on DATE,
    finished_on DATE,
    closed_at TIMESTAMP WITH TIME ZONE,
    location_id UUID NOT NULL,
    planned_unit_cost NUMERIC(24, 6) NOT NULL,
    at_standard BOOLEAN DEFAULT false NOT NULL,
    sales_line_id UUID,
    made_for VARCHAR,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_work_order PRIMARY KEY (id),
    CONSTRAINT ck_work_order_quantity_positive CHECK (quantity > 0 AND begun_quantity >= quantity),
    CONSTRAINT ck_work_order_reported_not_negative CHECK (good_quantity >= 0 AND scrapped_quantity >= 0 AND rework_quantity >= 0),
    CONSTRAINT ck_work_order_not_over_reported CHECK (good_quantity <= quantity * (1 + coalesce(tolerance_percent, 0) / 100)),
    CONSTRAINT ck_work_order_in_order CHECK (due_on >= starts_on),
    CONSTRAINT ck_work_order_tolerance_percent CHECK (tolerance_percent BETWEEN 0 AND 100),
    CONSTRAINT uq_work_order_number UNIQUE (number),
    CONSTRAINT fk_work_order_item_id FOREIGN KEY(item_id) REFERENCES item (id),
    CONSTRAINT fk_work_order_bom_id FOREIGN KEY(bom_id) REFERENCES bill_of_materials (id),
    CONSTRAINT fk_work_order_routing_id FOREIGN KEY(routing_id) REFERENCES routing (id),
    CONSTRAINT ck_work_order_workorderstate CHECK (state IN ('planned', 'firm', 'released', 'started', 'finished', 'closed', 'cancelled')),
    CONSTRAINT fk_work_order_location_id FOREIGN KEY(location_id) REFERENCES location (id)
);
CREATE INDEX ix_work_order_open ON work_order (item_id) WHERE state NOT IN ('closed', 'cancelled', 'finished');
CREATE INDEX ix_work_order_state ON work_order (state);
CREATE INDEX ix_work_order_sales_line_id ON work_order (sales_line_id) WHERE sales_line_id IS NOT NULL;
CREATE TABLE work_order_by_product (
    order_id UUID NOT NULL,
    position INTEGER NOT NULL,
    item_id UUID NOT NULL,
    quantity NUMERIC(20, 6) NOT NULL,
    received_quantity NUMERIC(20, 6) NOT NULL,
    cost_share_percent NUMERIC(7, 4) NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_work_order_by_product PRIMARY KEY (id),
    CONSTRAINT uq_work_order_by_product_order_id_position UNIQUE (order_id, position),
    CONSTRAINT ck_work_order_by_product_not_negative CHECK (quantity >= 0 AND received_quantity >= 0),
    CONSTRAINT fk_work_order_by_product_order_id FOREIGN KEY(order_id) REFERENCES work_order (id),
    CONSTRAINT fk_work_order_by_product_item_id FOREIGN KEY(item_id) REFERENCES item (id)
);
CREATE INDEX ix_work_order_by_product_item_id ON work_order_by_product (item_id);
CREATE TABLE work_order_component (
    order_id UUID NOT NULL,
    position INTEGER NOT NULL,
    item_id UUID NOT NULL,
    quantity NUMERIC(20, 6) NOT NULL,
    issued_quantity NUMERIC(20, 6) NOT NULL,
    fixed BOOLEAN DEFAULT false NOT NULL,
    issue VARCHAR(32) DEFAULT 'pick' NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_work_order_component PRIMARY KEY (id),
    CONSTRAINT uq_work_order_component_order_id_position UNIQUE (order_id, position),
    CONSTRAINT ck_work_order_component_not_negative CHECK (quantity >= 0 AND issued_quantity >= 0),
    CONSTRAINT fk_work_order_component_order_id FOREIGN KEY(order_id) REFERENCES work_order (id),
    CONSTRAINT fk_work_order_component_item_id FOREIGN KEY(item_id) REFERENCES item (id),
    CONSTRAINT ck_work_order_component_issuemethod CHECK (issue IN ('pick', 'backflush'))
);
CREATE INDEX ix_work_order_component_item_id ON work_order_component (item_id);
CREATE TABLE work_order_operation (
    order_id UUID NOT NULL,
    position INTEGER NOT NULL,
    work_centre_id UUID NOT NULL,
    name VARCHAR NOT NULL,
    setup_minutes NUMERIC(18, 6) NOT NULL,
    run_minutes NUMERIC(18, 6) NOT NULL,
    cycles NUMERIC(18, 6) NOT NULL,
    reported_minutes NUMERIC(18, 6) NOT NULL,
    reported_cycles NUMERIC(18, 6) NOT NULL,
    starts_on DATE,
    ends_on DATE,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_work_order_operation PRIMARY KEY (id),
    CONSTRAINT uq_work_order_operation_order_id_position UNIQUE (order_id, position),
    CONSTRAINT ck_work_order_operation_not_negative CHECK (setup_minutes >= 0 AND run_minutes >= 0 AND cycles >= 0 AND reported_minutes >= 0 AND reported_cycles >= 0),
    CONSTRAINT fk_work_order_operation_order_id FOREIGN KEY(order_id) REFERENCES work_order (id),
    CONSTRAINT fk_work_order_operation_work_centre_id FOREIGN KEY(work_centre_id) REFERENCES work_centre (id)
);
CREATE INDEX ix_work_order_operation_work_centre_id ON work_order_operation (work_centre_id);
CREATE TABLE work_order_variance (
    order_id UUID NOT NULL,
    kind VARCHAR(32) NOT NULL,
    amount_minor BIGINT NOT NULL,
    booked_on DATE NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_work_order_variance PRIMARY KEY (id),
    CONSTRAINT ck_work_order_variance_it_differs CHECK (amount_minor <> 0),
    CONSTRAINT fk_work_order_variance_order_id FOREIGN KEY(order_id) REFERENCES work_order (id),
    CONSTRAINT ck_work_order_variance_variancekind CHECK (kind IN ('material_usage', 'efficiency', 'scrap', 'other'))
);
CREATE INDEX ix_work_order_variance_order_id ON work_order_variance (order_id);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON work_order_variance
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TABLE work_report (
    order_id UUID NOT NULL,
    kind VARCHAR(32) NOT NULL,
    reported_on DATE NOT NULL,
    item_id UUID NOT NULL,
    operation_id UUID,
    work_centre_id UUID,
    quantity NUMERIC(20, 6) NOT NULL,
    minutes NUMERIC(18, 6) NOT NULL,
    cycles NUMERIC(18, 6) NOT NULL,
    labour_minor BIGINT NOT NULL,
    overhead_minor BIGINT NOT NULL,
    cost_minor BIGINT NOT NULL,
    account VARCHAR,
    reason VARCHAR,
    takes_back_id UUID,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_work_report PRIMARY KEY (id),
    CONSTRAINT ck_work_report_not_negative CHECK (minutes >= 0 AND cycles >= 0 AND quantity >= 0),
    CONSTRAINT ck_work_report_scrap_has_a_reason CHECK (kind <> 'scrap' OR reason IS NOT NULL),
    CONSTRAINT ck_work_report_cost_has_an_account CHECK ((cost_minor = 0) OR (account IS NOT NULL)),
    CONSTRAINT fk_work_report_order_id FOREIGN KEY(order_id) REFERENCES work_order (id),
    CONSTRAINT ck_work_report_reportkind CHECK (kind IN ('output', 'by_product', 'scrap', 'rework', 'work', 'cost', 'taken_back')),
    CONSTRAINT fk_work_report_item_id FOREIGN KEY(item_id) REFERENCES item (id),
    CONSTRAINT fk_work_report_operation_id FOREIGN KEY(operation_id) REFERENCES work_order_operation (id),
    CONSTRAINT fk_work_report_work_centre_id FOREIGN KEY(work_centre_id) REFERENCES work_centre (id),
    CONSTRAINT fk_work_report_takes_back_id FOREIGN KEY(takes_back_id) REFERENCES work_report (id)
);
CREATE UNIQUE INDEX uq_work_report_taken_back ON work_report (takes_back_id);
CREATE INDEX ix_work_report_order_id ON work_report (order_id);
CREATE INDEX ix_work_report_work_centre_id ON work_report (work_centre_id);
CREATE INDEX ix_work_report_reported_on ON work_report (reported_on);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON work_report
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The accounts of production, where a company has its books already.
INSERT INTO account (id, created_at, code, name, name_zh, kind, heading, parent_id, role,
    party_required, blocked, ruled, cash_flow)
SELECT gen_random_uuid(), now(), new.code, new.name, new.name_zh, 'expense', false,
    (SELECT id FROM account WHERE code = '50' AND heading), new.role, false, false, false, 'operating'
FROM (VALUES
    ('5100', 'Labour absorbed', '已分配人工', 'labour_absorbed'),
    ('5110', 'Overhead absorbed', '已分配制造费用', 'overhead_absorbed'),
    ('5120', 'Material usage variance', '材料用量差异', 'production_usage_variance'),
    ('5130', 'Efficiency variance', '效率差异', 'production_efficiency_variance'),
    ('5140', 'Scrap in production', '生产报废损失', 'production_scrap'),
    ('5150', 'Other production variance', '其他生产差异', 'production_variance')
) AS new (code, name, name_zh, role)
WHERE EXISTS (SELECT FROM account WHERE role = 'inventory')
    AND NOT EXISTS (SELECT FROM account WHERE account.role = new.role)
    AND NOT EXISTS (SELECT FROM account WHERE account.code = new.code);
