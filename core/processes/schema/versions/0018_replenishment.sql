-- A reorder rule says how, and may be for one warehouse; those there were go on as minimum and target.
ALTER TABLE reorder_rule
    ADD COLUMN location_id uuid,
    ADD COLUMN method character varying(32),
    ADD COLUMN service_percent numeric(5,2),
    ADD COLUMN service_kind character varying(32),
    ADD COLUMN review_days integer,
    ADD COLUMN cover_days integer,
    ADD COLUMN horizon_days integer,
    ADD COLUMN shelf_life_days integer,
    ADD COLUMN supplier_id uuid;
UPDATE reorder_rule SET method = 'min_max', review_days = 1, cover_days = 30;
ALTER TABLE reorder_rule
    ALTER COLUMN method SET NOT NULL,
    ALTER COLUMN review_days SET NOT NULL,
    ALTER COLUMN cover_days SET NOT NULL,
    ALTER COLUMN minimum DROP NOT NULL,
    ALTER COLUMN target DROP NOT NULL,
    DROP CONSTRAINT uq_reorder_rule_item_id,
    DROP CONSTRAINT ck_reorder_rule_in_order;
ALTER TABLE reorder_rule
    ADD CONSTRAINT uq_reorder_rule_item_id_location_id UNIQUE NULLS NOT DISTINCT (item_id, location_id),
    ADD CONSTRAINT ck_reorder_rule_in_order CHECK (target >= minimum AND target > 0),
    ADD CONSTRAINT ck_reorder_rule_levels_of_min_max CHECK (
        (method = 'min_max') = (minimum IS NOT NULL) AND (minimum IS NULL) = (target IS NULL)),
    ADD CONSTRAINT ck_reorder_rule_service_of_service CHECK (
        (method = 'service_level') = (service_percent IS NOT NULL)
        AND (service_percent IS NULL) = (service_kind IS NULL)),
    ADD CONSTRAINT ck_reorder_rule_service_percent CHECK (
        service_percent >= 50 AND service_percent < 100),
    ADD CONSTRAINT ck_reorder_rule_days CHECK (
        review_days BETWEEN 0 AND 365 AND cover_days BETWEEN 1 AND 730
        AND horizon_days BETWEEN 0 AND 730 AND shelf_life_days > 0),
    ADD CONSTRAINT ck_reorder_rule_reordermethod CHECK (
        method IN ('min_max', 'service_level', 'lot_for_lot', 'order_by_order', 'never')),
    ADD CONSTRAINT ck_reorder_rule_servicekind CHECK (service_kind IN ('cycle', 'fill')),
    ADD CONSTRAINT fk_reorder_rule_location_id FOREIGN KEY (location_id) REFERENCES location(id),
    ADD CONSTRAINT fk_reorder_rule_supplier_id FOREIGN KEY (supplier_id) REFERENCES party(id);
