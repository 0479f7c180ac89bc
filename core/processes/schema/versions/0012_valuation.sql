CREATE SEQUENCE stock_sequence;

ALTER TABLE item ADD COLUMN valuation_method VARCHAR(32) DEFAULT 'moving_average' NOT NULL;
ALTER TABLE item ADD COLUMN negative_stock VARCHAR(32) DEFAULT 'refuse' NOT NULL;
ALTER TABLE item ADD CONSTRAINT ck_item_valuationmethod CHECK (valuation_method IN ('fifo', 'moving_average', 'standard'));
ALTER TABLE item ADD CONSTRAINT ck_item_negativestock CHECK (negative_stock IN ('refuse', 'allow'));

ALTER TABLE stock_level ADD COLUMN negative_allowed BOOLEAN DEFAULT false NOT NULL;
ALTER TABLE stock_level DROP CONSTRAINT ck_stock_level_on_hand_not_negative;
ALTER TABLE stock_level DROP CONSTRAINT ck_stock_level_reserved_on_hand;
ALTER TABLE stock_level ADD CONSTRAINT ck_stock_level_on_hand_not_negative CHECK (on_hand >= 0 OR negative_allowed);
ALTER TABLE stock_level ADD CONSTRAINT ck_stock_level_reserved_on_hand CHECK (reserved = 0 OR (reserved > 0 AND reserved <= on_hand));

ALTER TABLE stock_value ADD COLUMN method VARCHAR(32) DEFAULT 'moving_average' NOT NULL;
ALTER TABLE stock_value ADD COLUMN negative_allowed BOOLEAN DEFAULT false NOT NULL;
ALTER TABLE stock_value ADD COLUMN standard_cost NUMERIC(20, 6);
ALTER TABLE stock_value ADD COLUMN last_moved_on DATE;
ALTER TABLE stock_value DROP CONSTRAINT ck_stock_value_nothing_is_worth_nothing;
ALTER TABLE stock_value DROP CONSTRAINT ck_stock_value_quantity_not_negative;
ALTER TABLE stock_value DROP CONSTRAINT ck_stock_value_value_not_negative;
ALTER TABLE stock_value ADD CONSTRAINT ck_stock_value_nothing_is_worth_nothing CHECK (quantity <> 0 OR value_minor = 0);
ALTER TABLE stock_value ADD CONSTRAINT ck_stock_value_quantity_not_negative CHECK (quantity >= 0 OR negative_allowed);
ALTER TABLE stock_value ADD CONSTRAINT ck_stock_value_value_not_negative CHECK (value_minor >= 0 OR (negative_allowed AND quantity < 0));
ALTER TABLE stock_value ADD CONSTRAINT ck_stock_value_standard CHECK ((method = 'standard') = (standard_cost IS NOT NULL));
ALTER TABLE stock_value ADD CONSTRAINT ck_stock_value_valuationmethod CHECK (method IN ('fifo', 'moving_average', 'standard'));

-- Posted moves say from now on when they were booked, in which order, and against which account.
ALTER TABLE stock_move ADD COLUMN booked_on DATE;
ALTER TABLE stock_move ADD COLUMN sequence BIGINT;
ALTER TABLE stock_move ADD COLUMN against VARCHAR;
ALTER TABLE stock_move ADD COLUMN returns_id UUID;
ALTER TABLE stock_move DISABLE TRIGGER append_only;
UPDATE stock_move SET booked_on = moved_on, sequence = ordered.place, against = CASE
        WHEN source.kind = 'internal' AND target.kind = 'internal' THEN NULL
        WHEN 'customer' IN (source.kind, target.kind) THEN 'cost_of_goods_sold'
        WHEN 'supplier' IN (source.kind, target.kind) THEN 'goods_received_not_billed'
        WHEN 'production' IN (source.kind, target.kind) THEN 'work_in_progress'
        WHEN origin ~ '^CT-[0-9]+$' THEN 'inventory_adjustment'
        ELSE 'opening_balance' END
FROM (SELECT id, row_number() OVER (ORDER BY moved_on, created_at, id) AS place FROM stock_move) AS ordered,
    location AS source, location AS target
WHERE ordered.id = stock_move.id AND source.id = from_location_id AND target.id = to_location_id;
ALTER TABLE stock_move ENABLE TRIGGER append_only;
SELECT setval('stock_sequence', coalesce(max(sequence), 0) + 1, false) FROM stock_move;
ALTER TABLE stock_move ALTER COLUMN booked_on SET NOT NULL;
ALTER TABLE stock_move ALTER COLUMN sequence SET NOT NULL;
ALTER TABLE stock_move ALTER COLUMN sequence SET DEFAULT nextval('stock_sequence');
ALTER TABLE stock_move ADD CONSTRAINT ck_stock_move_booked_after_it_moved CHECK (booked_on >= moved_on);
ALTER TABLE stock_move ADD CONSTRAINT fk_stock_move_returns_id FOREIGN KEY (returns_id) REFERENCES stock_move (id);
CREATE INDEX ix_stock_move_returns_id ON stock_move (returns_id) WHERE returns_id IS NOT NULL;

UPDATE stock_value SET last_moved_on = newest.moved_on
FROM (SELECT item_id, max(moved_on) AS moved_on FROM stock_move GROUP BY item_id) AS newest
WHERE newest.item_id = stock_value.item_id;

CREATE TABLE stock_opening (
    item_id UUID NOT NULL,
    after_sequence BIGINT NOT NULL,
    quantity NUMERIC(20, 6) NOT NULL,
    value_minor BIGINT NOT NULL,
    CONSTRAINT pk_stock_opening PRIMARY KEY (item_id),
    CONSTRAINT fk_stock_opening_item_id FOREIGN KEY (item_id) REFERENCES item (id),
    CONSTRAINT ck_stock_opening_quantity_not_negative CHECK (quantity >= 0),
    CONSTRAINT ck_stock_opening_value_not_negative CHECK (value_minor >= 0)
);
-- What was booked before stays as it is: the timeline of an item begins with what there is now.
INSERT INTO stock_opening (item_id, after_sequence, quantity, value_minor)
SELECT item_id, (SELECT max(sequence) FROM stock_move), quantity, value_minor
FROM stock_value WHERE EXISTS (SELECT FROM stock_move WHERE stock_move.item_id = stock_value.item_id);

CREATE TABLE stock_layer (
    source_id UUID NOT NULL,
    item_id UUID NOT NULL,
    moved_on DATE NOT NULL,
    place BIGINT NOT NULL,
    quantity NUMERIC(20, 6) NOT NULL,
    value_minor BIGINT NOT NULL,
    CONSTRAINT pk_stock_layer PRIMARY KEY (source_id),
    CONSTRAINT fk_stock_layer_item_id FOREIGN KEY (item_id) REFERENCES item (id),
    CONSTRAINT ck_stock_layer_quantity_positive CHECK (quantity > 0),
    CONSTRAINT ck_stock_layer_value_not_negative CHECK (value_minor >= 0)
);
CREATE INDEX ix_stock_layer_item_id_moved_on_place ON stock_layer (item_id, moved_on, place);

CREATE TABLE stock_revaluation (
    number VARCHAR NOT NULL,
    item_id UUID NOT NULL,
    revalued_on DATE NOT NULL,
    booked_on DATE NOT NULL,
    sequence BIGINT DEFAULT nextval('stock_sequence') NOT NULL,
    method_before VARCHAR NOT NULL,
    method VARCHAR(32) NOT NULL,
    standard_before NUMERIC(20, 6),
    standard NUMERIC(20, 6),
    quantity NUMERIC(20, 6) NOT NULL,
    value_minor BIGINT,
    amount_minor BIGINT NOT NULL,
    against VARCHAR NOT NULL,
    because VARCHAR NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_stock_revaluation PRIMARY KEY (id),
    CONSTRAINT uq_stock_revaluation_number UNIQUE (number),
    CONSTRAINT fk_stock_revaluation_item_id FOREIGN KEY (item_id) REFERENCES item (id),
    CONSTRAINT ck_stock_revaluation_valuationmethod CHECK (method IN ('fifo', 'moving_average', 'standard')),
    CONSTRAINT ck_stock_revaluation_value_not_negative CHECK (value_minor >= 0),
    CONSTRAINT ck_stock_revaluation_booked_after_it_happened CHECK (booked_on >= revalued_on)
);
CREATE INDEX ix_stock_revaluation_item_id_revalued_on ON stock_revaluation (item_id, revalued_on);

CREATE TABLE stock_correction (
    item_id UUID NOT NULL,
    move_id UUID,
    revaluation_id UUID,
    amount_minor BIGINT NOT NULL,
    corrected_on DATE NOT NULL,
    against VARCHAR NOT NULL,
    own BOOLEAN NOT NULL,
    origin VARCHAR NOT NULL,
    because VARCHAR NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_stock_correction PRIMARY KEY (id),
    CONSTRAINT fk_stock_correction_item_id FOREIGN KEY (item_id) REFERENCES item (id),
    CONSTRAINT fk_stock_correction_move_id FOREIGN KEY (move_id) REFERENCES stock_move (id),
    CONSTRAINT fk_stock_correction_revaluation_id FOREIGN KEY (revaluation_id) REFERENCES stock_revaluation (id),
    CONSTRAINT ck_stock_correction_amount_not_zero CHECK (amount_minor <> 0),
    CONSTRAINT ck_stock_correction_of_one CHECK ((move_id IS NULL) <> (revaluation_id IS NULL))
);
CREATE INDEX ix_stock_correction_item_id_corrected_on ON stock_correction (item_id, corrected_on);
CREATE INDEX ix_stock_correction_move_id ON stock_correction (move_id);

CREATE TABLE count_anchor (
    item_id UUID NOT NULL,
    location_id UUID NOT NULL,
    counted_on DATE NOT NULL,
    quantity NUMERIC(20, 6) NOT NULL,
    origin VARCHAR NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_count_anchor PRIMARY KEY (id),
    CONSTRAINT fk_count_anchor_item_id FOREIGN KEY (item_id) REFERENCES item (id),
    CONSTRAINT fk_count_anchor_location_id FOREIGN KEY (location_id) REFERENCES location (id),
    CONSTRAINT ck_count_anchor_quantity_not_negative CHECK (quantity >= 0)
);
CREATE INDEX ix_count_anchor_item_id_location_id_counted_on ON count_anchor (item_id, location_id, counted_on);

CREATE TABLE landed_cost (
    number VARCHAR NOT NULL,
    charged_on DATE NOT NULL,
    basis VARCHAR(32) NOT NULL,
    amount_minor BIGINT NOT NULL,
    account_id UUID NOT NULL,
    bill VARCHAR,
    because VARCHAR NOT NULL,
    cancelled_on DATE,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_landed_cost PRIMARY KEY (id),
    CONSTRAINT uq_landed_cost_number UNIQUE (number),
    CONSTRAINT fk_landed_cost_account_id FOREIGN KEY (account_id) REFERENCES account (id),
    CONSTRAINT ck_landed_cost_basis CHECK (basis IN ('quantity', 'value', 'equal', 'weight')),
    CONSTRAINT ck_landed_cost_amount_positive CHECK (amount_minor > 0)
);
CREATE INDEX ix_landed_cost_bill ON landed_cost (bill);

CREATE TABLE landed_cost_line (
    landed_cost_id UUID NOT NULL,
    position INTEGER NOT NULL,
    move_id UUID NOT NULL,
    share_minor BIGINT NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_landed_cost_line PRIMARY KEY (id),
    CONSTRAINT fk_landed_cost_line_landed_cost_id FOREIGN KEY (landed_cost_id) REFERENCES landed_cost (id),
    CONSTRAINT fk_landed_cost_line_move_id FOREIGN KEY (move_id) REFERENCES stock_move (id),
    CONSTRAINT ck_landed_cost_line_share_not_negative CHECK (share_minor >= 0)
);
CREATE INDEX ix_landed_cost_line_landed_cost_id ON landed_cost_line (landed_cost_id);
CREATE INDEX ix_landed_cost_line_move_id ON landed_cost_line (move_id);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON stock_revaluation
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON stock_correction
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON count_anchor
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON landed_cost_line
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
