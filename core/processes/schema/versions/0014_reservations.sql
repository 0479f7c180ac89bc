-- Goods of an item may be told apart by lot or by serial number.
ALTER TABLE item
    ADD COLUMN tracking VARCHAR(32) DEFAULT 'none' NOT NULL,
    ADD CONSTRAINT ck_item_tracking CHECK (tracking IN ('none', 'lot', 'serial'));

CREATE TABLE lot (
    item_id UUID NOT NULL,
    number VARCHAR NOT NULL,
    expires_on DATE,
    made_on DATE,
    supplier_lot VARCHAR,
    status VARCHAR(32) NOT NULL,
    held_because VARCHAR NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_lot PRIMARY KEY (id),
    CONSTRAINT uq_lot_item_id_number UNIQUE (item_id, number),
    CONSTRAINT ck_lot_named CHECK (number <> ''),
    CONSTRAINT ck_lot_held_for_a_reason CHECK (status = 'free' OR held_because <> ''),
    CONSTRAINT ck_lot_lotstatus CHECK (status IN ('free', 'held')),
    CONSTRAINT fk_lot_item_id FOREIGN KEY (item_id) REFERENCES item (id)
);
CREATE INDEX ix_lot_expiry ON lot (expires_on) WHERE expires_on IS NOT NULL;

CREATE TABLE lot_level (
    lot_id UUID NOT NULL,
    location_id UUID NOT NULL,
    item_id UUID NOT NULL,
    serial BOOLEAN NOT NULL,
    on_hand NUMERIC(20, 6) NOT NULL,
    reserved NUMERIC(20, 6) NOT NULL,
    CONSTRAINT pk_lot_level PRIMARY KEY (lot_id, location_id),
    CONSTRAINT ck_lot_level_on_hand_not_negative CHECK (on_hand >= 0),
    CONSTRAINT ck_lot_level_reserved_on_hand CHECK (reserved >= 0 AND reserved <= on_hand),
    CONSTRAINT ck_lot_level_one_of_a_serial CHECK (NOT serial OR on_hand IN (0, 1)),
    CONSTRAINT fk_lot_level_lot_id FOREIGN KEY (lot_id) REFERENCES lot (id),
    CONSTRAINT fk_lot_level_location_id FOREIGN KEY (location_id) REFERENCES location (id),
    CONSTRAINT fk_lot_level_item_id FOREIGN KEY (item_id) REFERENCES item (id)
);
CREATE INDEX ix_lot_level_item ON lot_level (item_id, location_id);
CREATE UNIQUE INDEX uq_lot_level_serial ON lot_level (lot_id) WHERE serial AND on_hand > 0;

CREATE TABLE lot_move (
    move_id UUID NOT NULL,
    lot_id UUID NOT NULL,
    quantity NUMERIC(20, 6) NOT NULL,
    returns_of VARCHAR,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_lot_move PRIMARY KEY (id),
    CONSTRAINT uq_lot_move_move_id_lot_id UNIQUE (move_id, lot_id),
    CONSTRAINT ck_lot_move_quantity_positive CHECK (quantity > 0),
    CONSTRAINT fk_lot_move_move_id FOREIGN KEY (move_id) REFERENCES stock_move (id),
    CONSTRAINT fk_lot_move_lot_id FOREIGN KEY (lot_id) REFERENCES lot (id)
);
CREATE INDEX ix_lot_move_lot_id ON lot_move (lot_id);
CREATE INDEX ix_lot_move_returns_of ON lot_move (returns_of) WHERE returns_of IS NOT NULL;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON lot_move
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What lies in the lots of a tracked item is what lies on its shelf, at the end of a transaction.
CREATE FUNCTION require_lots_of_level() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (SELECT tracking FROM item WHERE id = NEW.item_id) <> 'none' AND
            (SELECT coalesce(sum(on_hand), 0) FROM stock_level
                WHERE item_id = NEW.item_id AND location_id = NEW.location_id) <>
            (SELECT coalesce(sum(on_hand), 0) FROM lot_level
                WHERE item_id = NEW.item_id AND location_id = NEW.location_id)
        THEN
            RAISE EXCEPTION 'the lots of item % are not what lies there', NEW.item_id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'lots_are_the_level';
        END IF;
        RETURN NULL;
    END $$;
CREATE CONSTRAINT TRIGGER lots_are_the_level
    AFTER INSERT OR UPDATE OF on_hand ON stock_level DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION require_lots_of_level();
CREATE CONSTRAINT TRIGGER lots_are_the_level
    AFTER INSERT OR UPDATE OF on_hand ON lot_level DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION require_lots_of_level();

-- Reservations are hard or soft, have a priority and an end, and may wait for goods.
ALTER TABLE reservation
    ADD COLUMN kind VARCHAR(32) DEFAULT 'hard' NOT NULL,
    ADD COLUMN priority INTEGER DEFAULT 5 NOT NULL,
    ADD COLUMN expires_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN lot_id UUID,
    ADD COLUMN lot_because VARCHAR,
    ADD CONSTRAINT ck_reservation_reservationkind CHECK (kind IN ('hard', 'soft')),
    ADD CONSTRAINT ck_reservation_priority CHECK (priority BETWEEN 1 AND 9),
    ADD CONSTRAINT fk_reservation_lot_id FOREIGN KEY (lot_id) REFERENCES lot (id),
    DROP CONSTRAINT ck_reservation_reservationstate,
    ADD CONSTRAINT ck_reservation_reservationstate
        CHECK (state IN ('waiting', 'active', 'consumed', 'released', 'expired'));
CREATE INDEX ix_reservation_waiting ON reservation (item_id, line_id) WHERE state = 'waiting';
CREATE INDEX ix_reservation_expiry ON reservation (expires_at)
    WHERE state IN ('active', 'waiting') AND expires_at IS NOT NULL;

CREATE TABLE set_aside (
    number VARCHAR NOT NULL,
    item_id UUID NOT NULL,
    location_id UUID NOT NULL,
    party_id UUID,
    quantity NUMERIC(20, 6) NOT NULL,
    made_on DATE NOT NULL,
    because VARCHAR NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_set_aside PRIMARY KEY (id),
    CONSTRAINT uq_set_aside_number UNIQUE (number),
    CONSTRAINT ck_set_aside_quantity_positive CHECK (quantity > 0),
    CONSTRAINT fk_set_aside_item_id FOREIGN KEY (item_id) REFERENCES item (id),
    CONSTRAINT fk_set_aside_location_id FOREIGN KEY (location_id) REFERENCES location (id),
    CONSTRAINT fk_set_aside_party_id FOREIGN KEY (party_id) REFERENCES party (id)
);
CREATE INDEX ix_set_aside_party_id ON set_aside (party_id);

-- Orders that are short of goods wait for them, the oldest first.
INSERT INTO reservation
    (id, created_at, item_id, location_id, quantity, line_id, origin, state, kind, priority)
SELECT gen_random_uuid(), sales_order.created_at, line.item_id, location.id,
    line.quantity - line.delivered_quantity - coalesce(promised.quantity, 0),
    line.id, sales_order.number, 'waiting', 'hard', 5
FROM sales_order_line AS line
JOIN sales_order ON sales_order.id = line.order_id
JOIN item ON item.id = line.item_id
JOIN location ON location.code = 'MAIN'
LEFT JOIN (
    SELECT line_id, sum(quantity) AS quantity FROM reservation WHERE state = 'active' GROUP BY 1
) AS promised ON promised.line_id = line.id
WHERE sales_order.state IN ('confirmed', 'partly_delivered') AND NOT sales_order.imported
    AND item.kind = 'stocked'
    AND line.quantity - line.delivered_quantity > coalesce(promised.quantity, 0);
