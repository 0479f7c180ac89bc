CREATE TABLE quotation (
    id UUID NOT NULL, created_at TIMESTAMPTZ NOT NULL, number VARCHAR NOT NULL, party_id UUID NOT NULL, state VARCHAR(32) NOT NULL,
    version INTEGER NOT NULL, quoted_on DATE NOT NULL, reference VARCHAR,
    declined_because VARCHAR,
    CONSTRAINT pk_quotation PRIMARY KEY (id),
    CONSTRAINT uq_quotation_number UNIQUE (number),
    CONSTRAINT ck_quotation_quotationstate
        CHECK (state IN ('draft', 'sent', 'partly_accepted', 'accepted', 'declined')),
    CONSTRAINT ck_quotation_declined
        CHECK ((state = 'declined') = (declined_because IS NOT NULL)),
    CONSTRAINT fk_quotation_party_id FOREIGN KEY (party_id) REFERENCES party (id)
);
CREATE INDEX ix_quotation_party_id ON quotation (party_id);

CREATE TABLE quotation_version (
    id UUID NOT NULL, created_at TIMESTAMPTZ NOT NULL, quotation_id UUID NOT NULL, version INTEGER NOT NULL,
    valid_until DATE NOT NULL, promised_on DATE, sent_on DATE, currency VARCHAR NOT NULL,
    discount_percent NUMERIC(7, 4) NOT NULL, net_minor BIGINT NOT NULL,
    tax_minor BIGINT NOT NULL, total_minor BIGINT NOT NULL, notes VARCHAR,
    CONSTRAINT pk_quotation_version PRIMARY KEY (id),
    CONSTRAINT uq_quotation_version_quotation_id_version UNIQUE (quotation_id, version),
    CONSTRAINT ck_quotation_version_version CHECK (version > 0),
    CONSTRAINT ck_quotation_version_discount CHECK (discount_percent BETWEEN 0 AND 100),
    CONSTRAINT ck_quotation_version_total CHECK (net_minor + tax_minor = total_minor),
    CONSTRAINT fk_quotation_version_quotation_id
        FOREIGN KEY (quotation_id) REFERENCES quotation (id)
);
CREATE INDEX ix_quotation_version_quotation_id ON quotation_version (quotation_id);
CREATE INDEX ix_quotation_version_valid_until ON quotation_version (valid_until);

CREATE TABLE quotation_line (
    id UUID NOT NULL, created_at TIMESTAMPTZ NOT NULL, version_id UUID NOT NULL, position INTEGER NOT NULL, item_id UUID NOT NULL,
    quantity NUMERIC(20, 6) NOT NULL, list_price NUMERIC(20, 6) NOT NULL,
    unit_price NUMERIC(20, 6) NOT NULL, discount_percent NUMERIC(7, 4) NOT NULL,
    net_amount NUMERIC(20, 6) NOT NULL, tax_code VARCHAR, optional BOOLEAN NOT NULL,
    instead_of INTEGER, ordered_quantity NUMERIC(20, 6) NOT NULL,
    CONSTRAINT pk_quotation_line PRIMARY KEY (id),
    CONSTRAINT uq_quotation_line_version_id_position UNIQUE (version_id, position),
    CONSTRAINT ck_quotation_line_quantity_positive CHECK (quantity > 0),
    CONSTRAINT ck_quotation_line_ordered CHECK (ordered_quantity BETWEEN 0 AND quantity),
    CONSTRAINT ck_quotation_line_instead_of CHECK (instead_of <> position),
    CONSTRAINT fk_quotation_line_version_id
        FOREIGN KEY (version_id) REFERENCES quotation_version (id),
    CONSTRAINT fk_quotation_line_item_id FOREIGN KEY (item_id) REFERENCES item (id),
    CONSTRAINT fk_quotation_line_tax_code FOREIGN KEY (tax_code) REFERENCES tax_code (code)
);
ALTER TABLE quotation_line ADD CONSTRAINT fk_quotation_line_version_id_instead_of
    FOREIGN KEY (version_id, instead_of) REFERENCES quotation_line (version_id, position);
CREATE INDEX ix_quotation_line_version_id ON quotation_line (version_id);
CREATE INDEX ix_quotation_line_item_id ON quotation_line (item_id);

ALTER TABLE sales_order
    ADD COLUMN requested_on DATE,
    ADD COLUMN discount_percent NUMERIC(7, 4) NOT NULL DEFAULT 0,
    ADD COLUMN invoice_policy VARCHAR(32) NOT NULL DEFAULT 'on_delivery',
    ADD COLUMN ships_complete BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN location_id UUID CONSTRAINT fk_sales_order_location_id REFERENCES location (id),
    ADD COLUMN incoterm VARCHAR,
    ADD COLUMN notes VARCHAR,
    ADD COLUMN hold_reason VARCHAR(32),
    ADD COLUMN held_on DATE,
    ADD COLUMN quotation_id UUID CONSTRAINT fk_sales_order_quotation_id REFERENCES quotation (id),
    DROP CONSTRAINT ck_sales_order_orderstate,
    ADD CONSTRAINT ck_sales_order_orderstate CHECK (state IN
        ('draft', 'held', 'confirmed', 'partly_delivered', 'delivered', 'cancelled')),
    ADD CONSTRAINT ck_sales_order_invoicepolicy
        CHECK (invoice_policy IN ('on_delivery', 'with_delivery', 'on_order', 'milestones')),
    ADD CONSTRAINT ck_sales_order_holdreason
        CHECK (hold_reason IN ('credit_limit', 'overdue', 'by_hand')),
    ADD CONSTRAINT ck_sales_order_held CHECK (state <> 'held' OR hold_reason IS NOT NULL),
    ADD CONSTRAINT ck_sales_order_discount CHECK (discount_percent BETWEEN 0 AND 100);
CREATE INDEX ix_sales_order_location_id ON sales_order (location_id);
CREATE INDEX ix_sales_order_quotation_id ON sales_order (quotation_id);

ALTER TABLE sales_order_line
    ADD COLUMN returned_quantity NUMERIC(20, 6) NOT NULL DEFAULT 0,
    ADD COLUMN invoiced_ahead BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN drop_shipped BOOLEAN NOT NULL DEFAULT false,
    DROP CONSTRAINT ck_sales_order_line_invoiced,
    ADD CONSTRAINT ck_sales_order_line_invoiced CHECK (invoiced_quantity BETWEEN 0
        AND CASE WHEN invoiced_ahead THEN quantity ELSE delivered_quantity END),
    ADD CONSTRAINT ck_sales_order_line_returned
        CHECK (returned_quantity BETWEEN 0 AND delivered_quantity);

CREATE TABLE sales_milestone (
    id UUID NOT NULL, created_at TIMESTAMPTZ NOT NULL, order_id UUID NOT NULL, position INTEGER NOT NULL, name VARCHAR NOT NULL,
    percent NUMERIC(7, 4) NOT NULL, due_when VARCHAR(32) NOT NULL, due_on DATE, reached_on DATE,
    invoice_number VARCHAR,
    CONSTRAINT pk_sales_milestone PRIMARY KEY (id),
    CONSTRAINT uq_sales_milestone_order_id_position UNIQUE (order_id, position),
    CONSTRAINT ck_sales_milestone_percent CHECK (percent > 0 AND percent <= 100),
    CONSTRAINT ck_sales_milestone_milestonewhen
        CHECK (due_when IN ('on_order', 'on_delivery', 'on_day', 'reached')),
    CONSTRAINT ck_sales_milestone_day CHECK ((due_when = 'on_day') = (due_on IS NOT NULL)),
    CONSTRAINT fk_sales_milestone_order_id FOREIGN KEY (order_id) REFERENCES sales_order (id)
);
CREATE INDEX ix_sales_milestone_order_id ON sales_milestone (order_id);

CREATE TABLE sales_policy (
    id INTEGER NOT NULL, holds_beyond_limit BOOLEAN NOT NULL, overdue_days INTEGER,
    CONSTRAINT pk_sales_policy PRIMARY KEY (id),
    CONSTRAINT ck_sales_policy_one_row CHECK (id = 1),
    CONSTRAINT ck_sales_policy_overdue_days CHECK (overdue_days >= 0)
);

CREATE TABLE sales_return (
    id UUID NOT NULL, created_at TIMESTAMPTZ NOT NULL, number VARCHAR NOT NULL, customer_id UUID NOT NULL, order_id UUID,
    state VARCHAR(32) NOT NULL, resolution VARCHAR(32) NOT NULL, authorised_on DATE NOT NULL,
    fee_percent NUMERIC(7, 4) NOT NULL, because VARCHAR NOT NULL,
    CONSTRAINT pk_sales_return PRIMARY KEY (id),
    CONSTRAINT uq_sales_return_number UNIQUE (number),
    CONSTRAINT ck_sales_return_returnstate
        CHECK (state IN ('authorised', 'partly_received', 'received', 'cancelled')),
    CONSTRAINT ck_sales_return_resolution CHECK (resolution IN ('credit', 'replace')),
    CONSTRAINT ck_sales_return_fee CHECK (fee_percent BETWEEN 0 AND 100),
    CONSTRAINT ck_sales_return_replaced CHECK (resolution = 'credit' OR order_id IS NOT NULL),
    CONSTRAINT fk_sales_return_customer_id FOREIGN KEY (customer_id) REFERENCES party (id),
    CONSTRAINT fk_sales_return_order_id FOREIGN KEY (order_id) REFERENCES sales_order (id)
);
CREATE INDEX ix_sales_return_customer_id ON sales_return (customer_id);
CREATE INDEX ix_sales_return_order_id ON sales_return (order_id);

CREATE TABLE sales_return_line (
    id UUID NOT NULL, created_at TIMESTAMPTZ NOT NULL, return_id UUID NOT NULL, position INTEGER NOT NULL, item_id UUID NOT NULL,
    order_line_id UUID, delivery_line_id UUID, quantity NUMERIC(20, 6) NOT NULL,
    unit_price NUMERIC(20, 6), tax_code VARCHAR, received_quantity NUMERIC(20, 6) NOT NULL,
    credited_quantity NUMERIC(20, 6) NOT NULL,
    CONSTRAINT pk_sales_return_line PRIMARY KEY (id),
    CONSTRAINT uq_sales_return_line_return_id_position UNIQUE (return_id, position),
    CONSTRAINT ck_sales_return_line_quantity_positive CHECK (quantity > 0),
    CONSTRAINT ck_sales_return_line_received CHECK (received_quantity BETWEEN 0 AND quantity),
    CONSTRAINT ck_sales_return_line_credited
        CHECK (credited_quantity BETWEEN 0 AND received_quantity),
    CONSTRAINT ck_sales_return_line_of_a_delivery
        CHECK ((delivery_line_id IS NULL) = (order_line_id IS NULL)),
    CONSTRAINT fk_sales_return_line_return_id
        FOREIGN KEY (return_id) REFERENCES sales_return (id),
    CONSTRAINT fk_sales_return_line_item_id FOREIGN KEY (item_id) REFERENCES item (id),
    CONSTRAINT fk_sales_return_line_order_line_id
        FOREIGN KEY (order_line_id) REFERENCES sales_order_line (id),
    CONSTRAINT fk_sales_return_line_delivery_line_id
        FOREIGN KEY (delivery_line_id) REFERENCES delivery_line (id),
    CONSTRAINT fk_sales_return_line_tax_code FOREIGN KEY (tax_code) REFERENCES tax_code (code)
);
CREATE INDEX ix_sales_return_line_return_id ON sales_return_line (return_id);
CREATE INDEX ix_sales_return_line_item_id ON sales_return_line (item_id);
CREATE INDEX ix_sales_return_line_order_line_id ON sales_return_line (order_line_id);
CREATE INDEX ix_sales_return_line_delivery_line_id ON sales_return_line (delivery_line_id);

-- A delivery may come back in parts, and goods may come back that no order is known of.
ALTER TABLE delivery
    ADD COLUMN return_id UUID CONSTRAINT fk_delivery_return_id REFERENCES sales_return (id),
    ALTER COLUMN order_id DROP NOT NULL,
    DROP CONSTRAINT uq_delivery_returns_id,
    ADD CONSTRAINT ck_delivery_of_something CHECK (num_nonnulls(order_id, return_id) > 0);
CREATE INDEX ix_delivery_returns_id ON delivery (returns_id);
CREATE INDEX ix_delivery_return_id ON delivery (return_id);

ALTER TABLE delivery_line
    ADD COLUMN return_line_id UUID
        CONSTRAINT fk_delivery_line_return_line_id REFERENCES sales_return_line (id),
    ADD COLUMN returned_quantity NUMERIC(20, 6) NOT NULL DEFAULT 0,
    ALTER COLUMN order_line_id DROP NOT NULL,
    ADD CONSTRAINT ck_delivery_line_of_something
        CHECK (num_nonnulls(order_line_id, return_line_id) > 0);
UPDATE delivery_line SET returned_quantity = quantity
    FROM delivery AS back WHERE back.returns_id = delivery_line.delivery_id;
ALTER TABLE delivery_line ADD CONSTRAINT ck_delivery_line_returned
    CHECK (returned_quantity BETWEEN 0 AND quantity);
CREATE INDEX ix_delivery_line_return_line_id ON delivery_line (return_line_id);

-- Which line of a purchase order a supplier sends to the customer for which line of a sale.
CREATE TABLE drop_shipment (
    sales_line_id UUID NOT NULL, purchase_line_id UUID NOT NULL,
    CONSTRAINT pk_drop_shipment PRIMARY KEY (purchase_line_id),
    CONSTRAINT fk_drop_shipment_sales_line_id
        FOREIGN KEY (sales_line_id) REFERENCES sales_order_line (id),
    CONSTRAINT fk_drop_shipment_purchase_line_id
        FOREIGN KEY (purchase_line_id) REFERENCES purchase_order_line (id)
);
CREATE INDEX ix_drop_shipment_sales_line_id ON drop_shipment (sales_line_id);

-- What of a quotation each order took, so that a cancelled one gives it back.
CREATE TABLE ordered_quote (
    order_id UUID NOT NULL, quotation_line_id UUID NOT NULL, quantity NUMERIC(20, 6) NOT NULL,
    CONSTRAINT pk_ordered_quote PRIMARY KEY (order_id, quotation_line_id),
    CONSTRAINT ck_ordered_quote_quantity_positive CHECK (quantity > 0),
    CONSTRAINT fk_ordered_quote_order_id FOREIGN KEY (order_id) REFERENCES sales_order (id),
    CONSTRAINT fk_ordered_quote_quotation_line_id
        FOREIGN KEY (quotation_line_id) REFERENCES quotation_line (id)
);

-- By which receipt a drop shipment was delivered, so that both are taken back together.
CREATE TABLE direct_delivery (
    delivery_id UUID NOT NULL, receipt_id UUID NOT NULL,
    CONSTRAINT pk_direct_delivery PRIMARY KEY (delivery_id),
    CONSTRAINT uq_direct_delivery_receipt_id UNIQUE (receipt_id),
    CONSTRAINT fk_direct_delivery_delivery_id FOREIGN KEY (delivery_id) REFERENCES delivery (id),
    CONSTRAINT fk_direct_delivery_receipt_id
        FOREIGN KEY (receipt_id) REFERENCES goods_receipt (id)
);

-- Kept by the services from here on.
ALTER TABLE sales_order ALTER COLUMN discount_percent DROP DEFAULT,
    ALTER COLUMN invoice_policy DROP DEFAULT, ALTER COLUMN ships_complete DROP DEFAULT;
ALTER TABLE sales_order_line ALTER COLUMN returned_quantity DROP DEFAULT,
    ALTER COLUMN invoiced_ahead DROP DEFAULT, ALTER COLUMN drop_shipped DROP DEFAULT;
ALTER TABLE delivery_line ALTER COLUMN returned_quantity DROP DEFAULT;
