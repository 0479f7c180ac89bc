-- Places: warehouses and their parts, goods under way between them, goods that are held.
ALTER TABLE location
    ADD COLUMN purpose VARCHAR(32) DEFAULT 'storage' NOT NULL,
    ADD COLUMN sellable BOOLEAN DEFAULT true NOT NULL,
    ADD COLUMN divided BOOLEAN DEFAULT false NOT NULL,
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

CREATE TRIGGER in_order BEFORE INSERT OR UPDATE ON location
    FOR EACH ROW EXECUTE FUNCTION keep_locations_in_order();

CREATE FUNCTION refuse_moves_of_closed_places() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM location WHERE closed_on IS NOT NULL AND EXISTS (
            SELECT FROM moved WHERE location.id IN (from_location_id, to_location_id)
        )
    ) THEN
        RAISE EXCEPTION 'a closed place takes no moves' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER open_places AFTER INSERT ON stock_move REFERENCING NEW TABLE AS moved
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_moves_of_closed_places();

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
