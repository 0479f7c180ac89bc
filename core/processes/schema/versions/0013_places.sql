-- Places: warehouses and their parts, goods under way between them, goods that are held.
ALTER TABLE location
    ADD COLUMN purpose VARCHAR(32) DEFAULT 'storage' NOT NULL,
    ADD COLUMN sellable BOOLEAN DEFAULT true NOT NULL,
    ADD COLUMN divided BOOLEAN DEFAULT false NOT NULL,
    ADD COLUMN frozen BOOLEAN DEFAULT false NOT NULL,
    ADD COLUMN address VARCHAR DEFAULT '' NOT NULL,
    ADD COLUMN closed_on DATE,
    ADD CONSTRAINT ck_location_locationpurpose CHECK (purpose IN ('storage', 'transit', 'hold')),
    ADD CONSTRAINT ck_location_not_its_own_part CHECK (parent_id <> id),
    ADD CONSTRAINT ck_location_purpose_is_ours CHECK (kind = 'internal' OR purpose = 'storage'),
    ADD CONSTRAINT ck_location_sold_from_storage CHECK (purpose = 'storage' OR NOT sellable),
    ADD CONSTRAINT ck_location_outside_stays_open CHECK (
        closed_on IS NULL OR kind = 'internal'
    );
CREATE INDEX ix_location_parent_id ON location (parent_id);
CREATE INDEX ix_location_closed ON location (id) WHERE closed_on IS NOT NULL;
CREATE UNIQUE INDEX uq_location_transit ON location (purpose) WHERE purpose = 'transit';
CREATE UNIQUE INDEX uq_location_hold ON location (parent_id) WHERE purpose = 'hold';

UPDATE location SET divided = true
WHERE EXISTS (SELECT FROM location AS part WHERE part.parent_id = location.id);
-- A place that people called so keeps its goods; the standard one needs the code.
UPDATE location SET code = 'TRANSIT-1' WHERE code = 'TRANSIT';
INSERT INTO location (id, created_at, code, name, name_zh, kind, purpose, sellable)
SELECT gen_random_uuid(), now(), 'TRANSIT', 'In transit', '调拨在途', 'internal', 'transit', false
FROM location WHERE code = 'MAIN';

-- Transfers under way, holds, and counts.
CREATE TABLE frozen_stock (
    item_id UUID NOT NULL,
    location_id UUID NOT NULL,
    number VARCHAR NOT NULL,
    CONSTRAINT pk_frozen_stock PRIMARY KEY (item_id, location_id),
    CONSTRAINT fk_frozen_stock_item_id FOREIGN KEY(item_id) REFERENCES item (id),
    CONSTRAINT fk_frozen_stock_location_id FOREIGN KEY(location_id) REFERENCES location (id)
);
CREATE INDEX ix_frozen_stock_number ON frozen_stock (number);

CREATE TABLE stock_transfer (
    number VARCHAR NOT NULL,
    source_id UUID NOT NULL,
    target_id UUID NOT NULL,
    state VARCHAR(32) NOT NULL,
    shipped_on DATE NOT NULL,
    expected_on DATE,
    closed_on DATE,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_stock_transfer PRIMARY KEY (id),
    CONSTRAINT ck_stock_transfer_it_moves CHECK (source_id <> target_id),
    CONSTRAINT ck_stock_transfer_closed_has_a_day CHECK ((state = 'closed') = (closed_on IS NOT NULL)),
    CONSTRAINT ck_stock_transfer_in_order CHECK (expected_on >= shipped_on),
    CONSTRAINT uq_stock_transfer_number UNIQUE (number),
    CONSTRAINT fk_stock_transfer_source_id FOREIGN KEY(source_id) REFERENCES location (id),
    CONSTRAINT fk_stock_transfer_target_id FOREIGN KEY(target_id) REFERENCES location (id),
    CONSTRAINT ck_stock_transfer_transferstate CHECK (state IN ('under_way', 'closed'))
);
CREATE INDEX ix_stock_transfer_under_way ON stock_transfer (target_id) WHERE state = 'under_way';

CREATE TABLE stock_transfer_line (
    transfer_id UUID NOT NULL,
    position INTEGER NOT NULL,
    item_id UUID NOT NULL,
    quantity NUMERIC(20, 6) NOT NULL,
    received NUMERIC(20, 6) NOT NULL,
    returned NUMERIC(20, 6) NOT NULL,
    lost NUMERIC(20, 6) NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_stock_transfer_line PRIMARY KEY (id),
    CONSTRAINT uq_stock_transfer_line_transfer_id_position UNIQUE (transfer_id, position),
    CONSTRAINT uq_stock_transfer_line_transfer_id_item_id UNIQUE (transfer_id, item_id),
    CONSTRAINT ck_stock_transfer_line_quantity_positive CHECK (quantity > 0),
    CONSTRAINT ck_stock_transfer_line_not_more_than_was_sent CHECK (received >= 0 AND returned >= 0 AND lost >= 0 AND received + returned + lost <= quantity),
    CONSTRAINT fk_stock_transfer_line_transfer_id FOREIGN KEY(transfer_id) REFERENCES stock_transfer (id),
    CONSTRAINT fk_stock_transfer_line_item_id FOREIGN KEY(item_id) REFERENCES item (id)
);
CREATE INDEX ix_stock_transfer_line_item_id ON stock_transfer_line (item_id);

CREATE TABLE stock_hold (
    number VARCHAR NOT NULL,
    item_id UUID NOT NULL,
    source_id UUID NOT NULL,
    place_id UUID NOT NULL,
    quantity NUMERIC(20, 6) NOT NULL,
    released NUMERIC(20, 6) NOT NULL,
    scrapped NUMERIC(20, 6) NOT NULL,
    because VARCHAR NOT NULL,
    held_on DATE NOT NULL,
    state VARCHAR(32) NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_stock_hold PRIMARY KEY (id),
    CONSTRAINT ck_stock_hold_quantity_positive CHECK (quantity > 0),
    CONSTRAINT ck_stock_hold_not_more_than_was_held CHECK (released >= 0 AND scrapped >= 0 AND released + scrapped <= quantity),
    CONSTRAINT ck_stock_hold_closed_when_decided CHECK ((state = 'closed') = (released + scrapped = quantity)),
    CONSTRAINT ck_stock_hold_says_why CHECK (because <> ''),
    CONSTRAINT uq_stock_hold_number UNIQUE (number),
    CONSTRAINT fk_stock_hold_item_id FOREIGN KEY(item_id) REFERENCES item (id),
    CONSTRAINT fk_stock_hold_source_id FOREIGN KEY(source_id) REFERENCES location (id),
    CONSTRAINT fk_stock_hold_place_id FOREIGN KEY(place_id) REFERENCES location (id),
    CONSTRAINT ck_stock_hold_stockholdstate CHECK (state IN ('held', 'closed'))
);
CREATE INDEX ix_stock_hold_held ON stock_hold (item_id) WHERE state = 'held';

CREATE TABLE stock_count (
    number VARCHAR NOT NULL,
    state VARCHAR(32) NOT NULL,
    location_id UUID NOT NULL,
    basis VARCHAR(32) NOT NULL,
    frozen BOOLEAN NOT NULL,
    blind BOOLEAN NOT NULL,
    tolerance_percent NUMERIC(7, 4),
    tolerance_minor BIGINT,
    because VARCHAR NOT NULL,
    started_on DATE NOT NULL,
    closed_on DATE,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_stock_count PRIMARY KEY (id),
    CONSTRAINT ck_stock_count_closed_has_a_day CHECK ((state = 'open') = (closed_on IS NULL)),
    CONSTRAINT ck_stock_count_tolerance_percent CHECK (tolerance_percent BETWEEN 0 AND 100),
    CONSTRAINT ck_stock_count_tolerance_value CHECK (tolerance_minor >= 0),
    CONSTRAINT uq_stock_count_number UNIQUE (number),
    CONSTRAINT ck_stock_count_countstate CHECK (state IN ('open', 'confirmed', 'cancelled')),
    CONSTRAINT fk_stock_count_location_id FOREIGN KEY(location_id) REFERENCES location (id),
    CONSTRAINT ck_stock_count_countbasis CHECK (basis IN ('entry', 'confirmation'))
);
CREATE INDEX ix_stock_count_open ON stock_count (location_id) WHERE state = 'open';

CREATE TABLE stock_count_line (
    count_id UUID NOT NULL,
    item_id UUID NOT NULL,
    location_id UUID NOT NULL,
    standing BOOLEAN NOT NULL,
    rounds INTEGER NOT NULL,
    counted NUMERIC(20, 6),
    expected NUMERIC(20, 6),
    counted_on DATE,
    difference NUMERIC(20, 6),
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_stock_count_line PRIMARY KEY (id),
    CONSTRAINT uq_stock_count_line_count_id_item_id_location_id UNIQUE (count_id, item_id, location_id),
    CONSTRAINT ck_stock_count_line_counted_not_negative CHECK (counted >= 0),
    CONSTRAINT ck_stock_count_line_counted_in_a_round CHECK ((rounds = 0) = (counted IS NULL) AND (rounds = 0) = (expected IS NULL)),
    CONSTRAINT ck_stock_count_line_booked_when_closed CHECK (difference IS NULL OR NOT standing),
    CONSTRAINT fk_stock_count_line_count_id FOREIGN KEY(count_id) REFERENCES stock_count (id),
    CONSTRAINT fk_stock_count_line_item_id FOREIGN KEY(item_id) REFERENCES item (id),
    CONSTRAINT fk_stock_count_line_location_id FOREIGN KEY(location_id) REFERENCES location (id)
);
CREATE INDEX ix_stock_count_line_item_id_counted_on ON stock_count_line (item_id, counted_on);
CREATE UNIQUE INDEX uq_stock_count_line_standing ON stock_count_line (item_id, location_id) WHERE standing;

CREATE TABLE stock_count_entry (
    line_id UUID NOT NULL,
    round INTEGER NOT NULL,
    counted NUMERIC(20, 6) NOT NULL,
    expected NUMERIC(20, 6) NOT NULL,
    counted_by VARCHAR NOT NULL,
    entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_stock_count_entry PRIMARY KEY (id),
    CONSTRAINT uq_stock_count_entry_line_id_round UNIQUE (line_id, round),
    CONSTRAINT ck_stock_count_entry_something_counted CHECK (round > 0 AND counted >= 0),
    CONSTRAINT fk_stock_count_entry_line_id FOREIGN KEY(line_id) REFERENCES stock_count_line (id)
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON stock_count_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION keep_locations_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('location_tree'));
    IF NEW.parent_id IS NOT NULL AND EXISTS (
        WITH RECURSIVE above AS (
            SELECT id, parent_id, kind FROM location WHERE id = NEW.parent_id
            UNION
            SELECT next.id, next.parent_id, next.kind
            FROM location AS next JOIN above ON next.id = above.parent_id
        ) SELECT FROM above WHERE above.id = NEW.id OR above.kind <> NEW.kind
    ) THEN
        RAISE EXCEPTION 'the places of a warehouse are a tree of its own kind'
            USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.closed_on IS NOT NULL AND OLD.closed_on IS NULL THEN
        PERFORM FROM location WHERE id = NEW.id FOR UPDATE;
        IF EXISTS (
            SELECT FROM stock_level WHERE location_id = NEW.id AND on_hand <> 0
        ) THEN
            RAISE EXCEPTION 'a place that is closed is empty'
                USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER in_order BEFORE INSERT OR UPDATE OF parent_id, kind, closed_on ON location
    FOR EACH ROW EXECUTE FUNCTION keep_locations_in_order();

CREATE FUNCTION refuse_moves_at_rest() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM location WHERE closed_on IS NOT NULL AND EXISTS (
            SELECT FROM moved WHERE location.id IN (from_location_id, to_location_id)
        )
    ) THEN
        RAISE EXCEPTION 'a closed place takes no moves' USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (
        SELECT FROM frozen_stock AS frozen WHERE EXISTS (
            SELECT FROM moved WHERE moved.item_id = frozen.item_id
                AND frozen.location_id IN (from_location_id, to_location_id)
        )
    ) THEN
        RAISE EXCEPTION 'what is being counted does not move'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER may_move AFTER INSERT ON stock_move REFERENCING NEW TABLE AS moved
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_moves_at_rest();

CREATE FUNCTION refuse_stock_outside() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added JOIN location ON location.id = added.location_id
        WHERE location.kind <> 'internal'
    ) THEN
        RAISE EXCEPTION 'only places of ours hold stock' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER ours AFTER INSERT ON stock_level REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_stock_outside();
