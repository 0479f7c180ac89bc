-- Items: their life, their units, their tax by category.
ALTER TABLE item_category ADD COLUMN sales_tax_code character varying;
ALTER TABLE item_category ADD COLUMN purchase_tax_code character varying;

CREATE TABLE item_template (
    code character varying NOT NULL,
    name character varying NOT NULL,
    name_zh character varying,
    category_id uuid,
    unit_code character varying NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_item_template PRIMARY KEY (id),
    CONSTRAINT uq_item_template_code UNIQUE (code),
    CONSTRAINT fk_item_template_category_id FOREIGN KEY (category_id) REFERENCES item_category(id),
    CONSTRAINT fk_item_template_unit_code FOREIGN KEY (unit_code) REFERENCES unit(code)
);

-- What an item was given so far it was given by itself.
ALTER TABLE item ADD COLUMN own_tax boolean;
UPDATE item SET own_tax = num_nonnulls(sales_tax_code, purchase_tax_code) > 0;
ALTER TABLE item ALTER COLUMN own_tax SET NOT NULL;
ALTER TABLE item ADD COLUMN sale_blocked boolean NOT NULL DEFAULT false;
ALTER TABLE item ALTER COLUMN sale_blocked DROP DEFAULT;
ALTER TABLE item ADD COLUMN purchase_blocked boolean NOT NULL DEFAULT false;
ALTER TABLE item ALTER COLUMN purchase_blocked DROP DEFAULT;
ALTER TABLE item ADD COLUMN replaced_by_id uuid
    CONSTRAINT fk_item_replaced_by_id REFERENCES item(id);
ALTER TABLE item ADD COLUMN template_id uuid
    CONSTRAINT fk_item_template_id REFERENCES item_template(id);
ALTER TABLE item ADD COLUMN purchase_unit_code character varying
    CONSTRAINT fk_item_purchase_unit_code REFERENCES unit(code);
ALTER TABLE item ADD COLUMN sales_unit_code character varying
    CONSTRAINT fk_item_sales_unit_code REFERENCES unit(code);
ALTER TABLE item ADD COLUMN weight_kg numeric(20,6);
ALTER TABLE item ADD COLUMN volume_l numeric(20,6);
ALTER TABLE item ADD CONSTRAINT ck_item_weight_and_volume_positive
    CHECK (weight_kg > 0 AND volume_l > 0);
ALTER TABLE item ADD CONSTRAINT ck_item_replaced_by_another CHECK (replaced_by_id <> id);
ALTER TABLE item DROP CONSTRAINT ck_item_itemkind;
ALTER TABLE item ADD CONSTRAINT ck_item_itemkind
    CHECK (kind::text = ANY (ARRAY['stocked', 'service', 'kit']::character varying[]::text[]));
CREATE INDEX ix_item_template_id ON item USING btree (template_id);

-- Units.
CREATE TABLE unit_conversion (
    item_id uuid,
    unit_code character varying NOT NULL,
    quantity numeric(20,6) NOT NULL,
    of_unit_code character varying NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_unit_conversion_of_another_unit CHECK (unit_code <> of_unit_code),
    CONSTRAINT ck_unit_conversion_quantity_positive CHECK (quantity > 0),
    CONSTRAINT pk_unit_conversion PRIMARY KEY (id),
    CONSTRAINT uq_unit_conversion_item_id_unit_code UNIQUE NULLS NOT DISTINCT (item_id, unit_code),
    CONSTRAINT fk_unit_conversion_item_id FOREIGN KEY (item_id) REFERENCES item(id),
    CONSTRAINT fk_unit_conversion_unit_code FOREIGN KEY (unit_code) REFERENCES unit(code),
    CONSTRAINT fk_unit_conversion_of_unit_code FOREIGN KEY (of_unit_code) REFERENCES unit(code)
);
CREATE FUNCTION refuse_unit_of_itself() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    DECLARE
        reached text := NEW.of_unit_code;
        steps integer := 0;
    BEGIN
        WHILE reached IS NOT NULL LOOP
            steps := steps + 1;
            IF reached = NEW.unit_code OR steps > 100 THEN
                RAISE EXCEPTION 'unit % is made of itself', NEW.unit_code
                    USING ERRCODE = 'check_violation';
            END IF;
            reached := (
                SELECT of_unit_code FROM unit_conversion
                WHERE unit_code = reached AND (item_id = NEW.item_id OR item_id IS NULL)
                    AND id <> NEW.id
                ORDER BY item_id NULLS LAST LIMIT 1
            );
        END LOOP;
        RETURN NULL;
    END $$;
CREATE TRIGGER refuse_unit_of_itself AFTER INSERT OR UPDATE ON unit_conversion
    FOR EACH ROW EXECUTE FUNCTION refuse_unit_of_itself();

-- Price lists: the usual one, and those of customer groups.
ALTER TABLE price_list ADD COLUMN usual boolean NOT NULL DEFAULT false;
ALTER TABLE price_list ALTER COLUMN usual DROP DEFAULT;
ALTER TABLE price_list ADD COLUMN customer_group character varying;
CREATE UNIQUE INDEX uq_price_list_usual ON price_list USING btree (usual) WHERE usual;
CREATE UNIQUE INDEX uq_price_list_customer_group ON price_list USING btree (lower(customer_group::text))
    WHERE customer_group IS NOT NULL;
