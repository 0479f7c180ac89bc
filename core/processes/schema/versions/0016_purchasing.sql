-- Offers: multiples, and for how long they stand.
ALTER TABLE supplier_offer
    ADD COLUMN order_multiple NUMERIC(20, 6),
    ADD COLUMN valid_from DATE,
    ADD COLUMN valid_until DATE,
    ADD CONSTRAINT ck_supplier_offer_order_multiple_positive CHECK (order_multiple > 0),
    ADD CONSTRAINT ck_supplier_offer_in_order CHECK (valid_until >= valid_from),
    DROP CONSTRAINT uq_supplier_offer_item_id_supplier_id_minimum_quantity,
    ADD CONSTRAINT uq_supplier_offer_item_id_supplier_id_minimum_quantity__a1ff
        UNIQUE NULLS NOT DISTINCT (item_id, supplier_id, minimum_quantity, valid_from);

-- Orders: where the goods go, versions, what each line is for.
ALTER TABLE purchase_order
    ADD COLUMN version INTEGER DEFAULT 1 NOT NULL,
    ADD COLUMN location_id UUID,
    ADD COLUMN ship_to_id UUID,
    ADD CONSTRAINT fk_purchase_order_location_id FOREIGN KEY (location_id) REFERENCES location (id),
    ADD CONSTRAINT fk_purchase_order_ship_to_id FOREIGN KEY (ship_to_id) REFERENCES party (id);

ALTER TABLE purchase_order_line
    ADD COLUMN written_off_quantity NUMERIC(20, 6) DEFAULT 0 NOT NULL,
    ADD COLUMN confirmed_on DATE,
    ADD COLUMN pegged_line_id UUID,
    ADD COLUMN pegged_to VARCHAR,
    ADD COLUMN unit_code VARCHAR,
    ADD COLUMN unit_quantity NUMERIC(20, 6),
    ADD CONSTRAINT fk_purchase_order_line_unit_code
        FOREIGN KEY (unit_code) REFERENCES unit (code),
    ADD CONSTRAINT ck_purchase_order_line_unit
        CHECK (num_nonnulls(unit_code, unit_quantity) <> 1),
    DROP CONSTRAINT ck_purchase_order_line_quantity_positive,
    ADD CONSTRAINT ck_purchase_order_line_quantity_not_negative CHECK (quantity >= 0);
CREATE INDEX ix_purchase_order_line_pegged_line_id ON purchase_order_line (pegged_line_id);

CREATE TABLE purchase_order_version (
    order_id UUID NOT NULL,
    version INTEGER NOT NULL,
    changed_on DATE NOT NULL,
    because VARCHAR NOT NULL,
    total_minor BIGINT NOT NULL,
    lines JSONB NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_purchase_order_version PRIMARY KEY (id),
    CONSTRAINT uq_purchase_order_version_order_id_version UNIQUE (order_id, version),
    CONSTRAINT fk_purchase_order_version_order_id
        FOREIGN KEY (order_id) REFERENCES purchase_order (id)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON purchase_order_version
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Receipts: a part goes back, a part is rejected at the door.
ALTER TABLE goods_receipt
    ADD COLUMN location_id UUID,
    ADD COLUMN because VARCHAR,
    DROP CONSTRAINT uq_goods_receipt_returns_id,
    ADD CONSTRAINT fk_goods_receipt_location_id FOREIGN KEY (location_id) REFERENCES location (id);
CREATE INDEX ix_goods_receipt_returns_id ON goods_receipt (returns_id);

ALTER TABLE goods_receipt_line
    ADD COLUMN rejected_quantity NUMERIC(20, 6) DEFAULT 0 NOT NULL,
    ADD COLUMN rejected_because VARCHAR,
    ADD COLUMN returns_line_id UUID,
    DROP CONSTRAINT ck_goods_receipt_line_quantity_positive,
    ADD CONSTRAINT ck_goods_receipt_line_not_negative
        CHECK (quantity >= 0 AND rejected_quantity >= 0),
    ADD CONSTRAINT ck_goods_receipt_line_something_came CHECK (quantity + rejected_quantity > 0),
    ADD CONSTRAINT ck_goods_receipt_line_nothing_is_worth_nothing
        CHECK (quantity > 0 OR value_minor = 0),
    ADD CONSTRAINT ck_goods_receipt_line_rejected_for_a_reason
        CHECK (rejected_quantity = 0 OR rejected_because IS NOT NULL),
    ADD CONSTRAINT ck_goods_receipt_line_returns_reject_nothing
        CHECK (returns_line_id IS NULL OR rejected_quantity = 0),
    ADD CONSTRAINT fk_goods_receipt_line_returns_line_id
        FOREIGN KEY (returns_line_id) REFERENCES goods_receipt_line (id);
CREATE INDEX ix_goods_receipt_line_returns_line_id ON goods_receipt_line (returns_line_id);

-- Until now a return took back a whole receipt: each of its lines is one of the receipt's.
UPDATE goods_receipt_line AS back SET returns_line_id = line.id
FROM goods_receipt AS returned, goods_receipt_line AS line
WHERE returned.id = back.receipt_id AND line.receipt_id = returned.returns_id
    AND line.order_line_id = back.order_line_id;

-- Tolerances, what comes of matching, and what is written off.
CREATE TABLE purchase_tolerance (
    supplier_id UUID,
    item_id UUID,
    price_percent NUMERIC(7, 4) NOT NULL,
    price_minor BIGINT,
    billed_percent NUMERIC(7, 4) NOT NULL,
    over_percent NUMERIC(7, 4) NOT NULL,
    under_percent NUMERIC(7, 4) NOT NULL,
    difference_to VARCHAR(32) NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_purchase_tolerance PRIMARY KEY (id),
    CONSTRAINT uq_purchase_tolerance_supplier_id_item_id
        UNIQUE NULLS NOT DISTINCT (supplier_id, item_id),
    CONSTRAINT ck_purchase_tolerance_differenceto CHECK (difference_to IN ('variance', 'stock')),
    CONSTRAINT ck_purchase_tolerance_percents CHECK (
        price_percent BETWEEN 0 AND 100 AND billed_percent BETWEEN 0 AND 100
        AND over_percent BETWEEN 0 AND 100 AND under_percent BETWEEN 0 AND 100),
    CONSTRAINT ck_purchase_tolerance_price_not_negative CHECK (price_minor >= 0),
    CONSTRAINT fk_purchase_tolerance_supplier_id FOREIGN KEY (supplier_id) REFERENCES party (id),
    CONSTRAINT fk_purchase_tolerance_item_id FOREIGN KEY (item_id) REFERENCES item (id)
);

CREATE TABLE bill_match (
    invoice_id UUID NOT NULL,
    order_id UUID NOT NULL,
    state VARCHAR(32) NOT NULL,
    expected_minor BIGINT NOT NULL,
    difference_minor BIGINT NOT NULL,
    held BOOLEAN NOT NULL,
    booked_by VARCHAR NOT NULL,
    approved_by VARCHAR,
    approved_on DATE,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_bill_match PRIMARY KEY (id),
    CONSTRAINT uq_bill_match_invoice_id UNIQUE (invoice_id),
    CONSTRAINT ck_bill_match_match
        CHECK (state IN ('matched', 'price_difference', 'quantity_difference')),
    CONSTRAINT ck_bill_match_two_people CHECK (approved_by <> booked_by),
    CONSTRAINT ck_bill_match_approved_by_somebody
        CHECK ((approved_by IS NULL) = (approved_on IS NULL)),
    CONSTRAINT fk_bill_match_invoice_id FOREIGN KEY (invoice_id) REFERENCES invoice (id),
    CONSTRAINT fk_bill_match_order_id FOREIGN KEY (order_id) REFERENCES purchase_order (id)
);
CREATE INDEX ix_bill_match_order_id ON bill_match (order_id);

CREATE TABLE receipt_write_off (
    number VARCHAR NOT NULL,
    order_line_id UUID NOT NULL,
    quantity NUMERIC(20, 6) NOT NULL,
    value_minor BIGINT NOT NULL,
    written_off_on DATE NOT NULL,
    because VARCHAR NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_receipt_write_off PRIMARY KEY (id),
    CONSTRAINT fk_receipt_write_off_order_line_id
        FOREIGN KEY (order_line_id) REFERENCES purchase_order_line (id)
);
CREATE INDEX ix_receipt_write_off_number ON receipt_write_off (number);
CREATE INDEX ix_receipt_write_off_order_line_id ON receipt_write_off (order_line_id);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON receipt_write_off
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A bill that differs from its order is held until a second person agrees.
ALTER TABLE hold
    DROP CONSTRAINT ck_hold_holdkind,
    ADD CONSTRAINT ck_hold_holdkind CHECK (kind IN ('blocked', 'disputed', 'difference'));

-- What is needed, and what suppliers would take for it.
CREATE TABLE requisition (
    number VARCHAR NOT NULL,
    state VARCHAR(32) NOT NULL,
    asked_by VARCHAR NOT NULL,
    approved_by VARCHAR,
    asked_on DATE NOT NULL,
    needed_on DATE NOT NULL,
    because VARCHAR NOT NULL,
    needed_for VARCHAR,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_requisition PRIMARY KEY (id),
    CONSTRAINT uq_requisition_number UNIQUE (number),
    CONSTRAINT ck_requisition_requisitionstate
        CHECK (state IN ('draft', 'approved', 'ordered', 'closed'))
);
CREATE INDEX ix_requisition_state ON requisition (state);

CREATE TABLE requisition_line (
    requisition_id UUID NOT NULL,
    position INTEGER NOT NULL,
    item_id UUID NOT NULL,
    quantity NUMERIC(20, 6) NOT NULL,
    ordered_quantity NUMERIC(20, 6) NOT NULL,
    supplier_id UUID,
    pegged_line_id UUID,
    pegged_to VARCHAR,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_requisition_line PRIMARY KEY (id),
    CONSTRAINT ck_requisition_line_quantity_positive CHECK (quantity > 0),
    CONSTRAINT ck_requisition_line_ordered_as_needed
        CHECK (ordered_quantity BETWEEN 0 AND quantity),
    CONSTRAINT fk_requisition_line_requisition_id
        FOREIGN KEY (requisition_id) REFERENCES requisition (id),
    CONSTRAINT fk_requisition_line_item_id FOREIGN KEY (item_id) REFERENCES item (id),
    CONSTRAINT fk_requisition_line_supplier_id FOREIGN KEY (supplier_id) REFERENCES party (id)
);
CREATE INDEX ix_requisition_line_requisition_id ON requisition_line (requisition_id);
CREATE INDEX ix_requisition_line_item_id ON requisition_line (item_id);

CREATE TABLE quotation_request (
    number VARCHAR NOT NULL,
    state VARCHAR(32) NOT NULL,
    asked_on DATE NOT NULL,
    answer_by DATE NOT NULL,
    needed_for VARCHAR,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_quotation_request PRIMARY KEY (id),
    CONSTRAINT uq_quotation_request_number UNIQUE (number),
    CONSTRAINT ck_quotation_request_requeststate CHECK (state IN ('open', 'awarded', 'closed'))
);
CREATE INDEX ix_quotation_request_state ON quotation_request (state);

CREATE TABLE quotation_request_line (
    request_id UUID NOT NULL,
    position INTEGER NOT NULL,
    item_id UUID NOT NULL,
    quantity NUMERIC(20, 6) NOT NULL,
    awarded_quantity NUMERIC(20, 6) NOT NULL,
    requisition_line_id UUID,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_quotation_request_line PRIMARY KEY (id),
    CONSTRAINT ck_quotation_request_line_quantity_positive CHECK (quantity > 0),
    CONSTRAINT ck_quotation_request_line_awarded_as_asked
        CHECK (awarded_quantity BETWEEN 0 AND quantity),
    CONSTRAINT fk_quotation_request_line_request_id
        FOREIGN KEY (request_id) REFERENCES quotation_request (id),
    CONSTRAINT fk_quotation_request_line_item_id FOREIGN KEY (item_id) REFERENCES item (id),
    CONSTRAINT fk_quotation_request_line_requisition_line_id
        FOREIGN KEY (requisition_line_id) REFERENCES requisition_line (id)
);
CREATE INDEX ix_quotation_request_line_request_id ON quotation_request_line (request_id);
CREATE INDEX ix_quotation_request_line_item_id ON quotation_request_line (item_id);

CREATE TABLE invited_supplier (
    request_id UUID NOT NULL,
    supplier_id UUID NOT NULL,
    answered_on DATE,
    declined BOOLEAN NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_invited_supplier PRIMARY KEY (id),
    CONSTRAINT uq_invited_supplier_request_id_supplier_id UNIQUE (request_id, supplier_id),
    CONSTRAINT ck_invited_supplier_declined_in_answer
        CHECK (NOT (declined AND answered_on IS NULL)),
    CONSTRAINT fk_invited_supplier_request_id
        FOREIGN KEY (request_id) REFERENCES quotation_request (id),
    CONSTRAINT fk_invited_supplier_supplier_id FOREIGN KEY (supplier_id) REFERENCES party (id)
);
CREATE INDEX ix_invited_supplier_supplier_id ON invited_supplier (supplier_id);

CREATE TABLE quoted_price (
    line_id UUID NOT NULL,
    supplier_id UUID NOT NULL,
    minimum_quantity NUMERIC(20, 6) NOT NULL,
    order_multiple NUMERIC(20, 6),
    unit_price NUMERIC(20, 6) NOT NULL,
    currency VARCHAR NOT NULL,
    lead_time_days INTEGER NOT NULL,
    valid_until DATE,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_quoted_price PRIMARY KEY (id),
    CONSTRAINT uq_quoted_price_line_id_supplier_id_minimum_quantity
        UNIQUE (line_id, supplier_id, minimum_quantity),
    CONSTRAINT ck_quoted_price_minimum_quantity_positive CHECK (minimum_quantity > 0),
    CONSTRAINT ck_quoted_price_order_multiple_positive CHECK (order_multiple > 0),
    CONSTRAINT ck_quoted_price_unit_price_not_negative CHECK (unit_price >= 0),
    CONSTRAINT ck_quoted_price_lead_time_not_negative CHECK (lead_time_days >= 0),
    CONSTRAINT fk_quoted_price_line_id
        FOREIGN KEY (line_id) REFERENCES quotation_request_line (id),
    CONSTRAINT fk_quoted_price_supplier_id FOREIGN KEY (supplier_id) REFERENCES party (id)
);
CREATE INDEX ix_quoted_price_supplier_id ON quoted_price (supplier_id);

-- Which order covers which need, and which award it was: a cancelled order gives them back.
CREATE TABLE covered_need (
    purchase_line_id UUID NOT NULL,
    requisition_line_id UUID NOT NULL,
    quantity NUMERIC(20, 6) NOT NULL,
    CONSTRAINT pk_covered_need PRIMARY KEY (purchase_line_id),
    CONSTRAINT ck_covered_need_quantity_positive CHECK (quantity > 0),
    CONSTRAINT fk_covered_need_purchase_line_id
        FOREIGN KEY (purchase_line_id) REFERENCES purchase_order_line (id),
    CONSTRAINT fk_covered_need_requisition_line_id
        FOREIGN KEY (requisition_line_id) REFERENCES requisition_line (id)
);
CREATE INDEX ix_covered_need_requisition_line_id ON covered_need (requisition_line_id);

CREATE TABLE awarded_line (
    purchase_line_id UUID NOT NULL,
    request_line_id UUID NOT NULL,
    quantity NUMERIC(20, 6) NOT NULL,
    CONSTRAINT pk_awarded_line PRIMARY KEY (purchase_line_id),
    CONSTRAINT ck_awarded_line_quantity_positive CHECK (quantity > 0),
    CONSTRAINT fk_awarded_line_purchase_line_id
        FOREIGN KEY (purchase_line_id) REFERENCES purchase_order_line (id),
    CONSTRAINT fk_awarded_line_request_line_id
        FOREIGN KEY (request_line_id) REFERENCES quotation_request_line (id)
);
CREATE INDEX ix_awarded_line_request_line_id ON awarded_line (request_line_id);
