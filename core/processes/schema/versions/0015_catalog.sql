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

-- Variants, kits, barcodes, price rules and promotions.
CREATE TABLE attribute_value (
    attribute_id uuid NOT NULL,
    "position" integer NOT NULL,
    code character varying NOT NULL,
    name character varying NOT NULL,
    name_zh character varying,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE barcode (
    code character varying NOT NULL,
    kind character varying(32) NOT NULL,
    item_id uuid NOT NULL,
    unit_code character varying NOT NULL,
    CONSTRAINT ck_barcode_barcodekind CHECK (((kind)::text = ANY ((ARRAY['ean_13'::character varying, 'upc_a'::character varying, 'ean_8'::character varying, 'code_128'::character varying])::text[]))),
    CONSTRAINT ck_barcode_can_be_scanned CHECK (((code)::text ~ '^[ -~]{1,48}$'::text))
);
CREATE TABLE kit_component (
    kit_id uuid NOT NULL,
    "position" integer NOT NULL,
    item_id uuid NOT NULL,
    quantity numeric(20,6) NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_kit_component_of_other_items CHECK ((kit_id <> item_id)),
    CONSTRAINT ck_kit_component_quantity_positive CHECK ((quantity > (0)::numeric))
);
CREATE TABLE price_rule (
    price_list_id uuid,
    customer_id uuid,
    item_id uuid,
    template_id uuid,
    category_id uuid,
    kind character varying(32) NOT NULL,
    value numeric(20,6) NOT NULL,
    minimum_quantity numeric(20,6) NOT NULL,
    priority integer NOT NULL,
    valid_from date NOT NULL,
    valid_until date,
    withdrawn boolean NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_price_rule_discount_within_price CHECK ((((kind)::text <> 'discount'::text) OR (value <= (100)::numeric))),
    CONSTRAINT ck_price_rule_margin_below_price CHECK ((((kind)::text <> 'margin'::text) OR (value < (100)::numeric))),
    CONSTRAINT ck_price_rule_minimum_quantity_positive CHECK ((minimum_quantity > (0)::numeric)),
    CONSTRAINT ck_price_rule_of_what CHECK ((num_nonnulls(item_id, template_id, category_id) <= 1)),
    CONSTRAINT ck_price_rule_rulekind CHECK (((kind)::text = ANY ((ARRAY['fixed_price'::character varying, 'factor'::character varying, 'discount'::character varying, 'cost_plus'::character varying, 'margin'::character varying])::text[]))),
    CONSTRAINT ck_price_rule_valid_in_order CHECK ((valid_until >= valid_from)),
    CONSTRAINT ck_price_rule_value_not_negative CHECK ((value >= (0)::numeric)),
    CONSTRAINT ck_price_rule_whose CHECK ((num_nonnulls(price_list_id, customer_id) = 1))
);
CREATE TABLE promotion (
    code character varying NOT NULL,
    name character varying NOT NULL,
    name_zh character varying,
    kind character varying(32) NOT NULL,
    value numeric(20,6),
    buy_quantity numeric(20,6),
    free_quantity numeric(20,6),
    minimum_quantity numeric(20,6) NOT NULL,
    item_id uuid,
    template_id uuid,
    category_id uuid,
    customer_id uuid,
    customer_group character varying,
    price_list_id uuid,
    valid_from date NOT NULL,
    valid_until date,
    stackable boolean NOT NULL,
    below_cost boolean NOT NULL,
    ended boolean NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_promotion_for_whom CHECK ((num_nonnulls(customer_id, customer_group, price_list_id) <= 1)),
    CONSTRAINT ck_promotion_minimum_quantity_positive CHECK ((minimum_quantity > (0)::numeric)),
    CONSTRAINT ck_promotion_of_what CHECK ((num_nonnulls(item_id, template_id, category_id) <= 1)),
    CONSTRAINT ck_promotion_promotionkind CHECK (((kind)::text = ANY ((ARRAY['percent_off'::character varying, 'amount_off'::character varying, 'free_goods'::character varying])::text[]))),
    CONSTRAINT ck_promotion_valid_in_order CHECK ((valid_until >= valid_from)),
    CONSTRAINT ck_promotion_what_it_gives CHECK (
CASE kind
    WHEN 'free_goods'::text THEN ((value IS NULL) AND (buy_quantity > (0)::numeric) AND (free_quantity > (0)::numeric))
    ELSE ((value > (0)::numeric) AND (num_nonnulls(buy_quantity, free_quantity) = 0))
END),
    CONSTRAINT ck_promotion_within_price CHECK ((((kind)::text <> 'percent_off'::text) OR (value <= (100)::numeric)))
);
CREATE TABLE template_attribute (
    template_id uuid NOT NULL,
    "position" integer NOT NULL,
    name character varying NOT NULL,
    name_zh character varying,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE variant_value (
    item_id uuid NOT NULL,
    attribute_id uuid NOT NULL,
    value_id uuid NOT NULL
);
ALTER TABLE attribute_value
    ADD CONSTRAINT pk_attribute_value PRIMARY KEY (id);
ALTER TABLE barcode
    ADD CONSTRAINT pk_barcode PRIMARY KEY (code);
ALTER TABLE kit_component
    ADD CONSTRAINT pk_kit_component PRIMARY KEY (id);
ALTER TABLE price_rule
    ADD CONSTRAINT pk_price_rule PRIMARY KEY (id);
ALTER TABLE promotion
    ADD CONSTRAINT pk_promotion PRIMARY KEY (id);
ALTER TABLE template_attribute
    ADD CONSTRAINT pk_template_attribute PRIMARY KEY (id);
ALTER TABLE variant_value
    ADD CONSTRAINT pk_variant_value PRIMARY KEY (item_id, attribute_id);
ALTER TABLE attribute_value
    ADD CONSTRAINT uq_attribute_value_attribute_id_code UNIQUE (attribute_id, code);
ALTER TABLE kit_component
    ADD CONSTRAINT uq_kit_component_kit_id_item_id UNIQUE (kit_id, item_id);
ALTER TABLE promotion
    ADD CONSTRAINT uq_promotion_code UNIQUE (code);
ALTER TABLE template_attribute
    ADD CONSTRAINT uq_template_attribute_template_id_position UNIQUE (template_id, "position");
ALTER TABLE attribute_value
    ADD CONSTRAINT fk_attribute_value_attribute_id FOREIGN KEY (attribute_id) REFERENCES template_attribute(id);
ALTER TABLE barcode
    ADD CONSTRAINT fk_barcode_item_id FOREIGN KEY (item_id) REFERENCES item(id);
ALTER TABLE barcode
    ADD CONSTRAINT fk_barcode_unit_code FOREIGN KEY (unit_code) REFERENCES unit(code);
ALTER TABLE kit_component
    ADD CONSTRAINT fk_kit_component_item_id FOREIGN KEY (item_id) REFERENCES item(id);
ALTER TABLE kit_component
    ADD CONSTRAINT fk_kit_component_kit_id FOREIGN KEY (kit_id) REFERENCES item(id);
ALTER TABLE price_rule
    ADD CONSTRAINT fk_price_rule_category_id FOREIGN KEY (category_id) REFERENCES item_category(id);
ALTER TABLE price_rule
    ADD CONSTRAINT fk_price_rule_customer_id FOREIGN KEY (customer_id) REFERENCES party(id);
ALTER TABLE price_rule
    ADD CONSTRAINT fk_price_rule_item_id FOREIGN KEY (item_id) REFERENCES item(id);
ALTER TABLE price_rule
    ADD CONSTRAINT fk_price_rule_price_list_id FOREIGN KEY (price_list_id) REFERENCES price_list(id);
ALTER TABLE price_rule
    ADD CONSTRAINT fk_price_rule_template_id FOREIGN KEY (template_id) REFERENCES item_template(id);
ALTER TABLE promotion
    ADD CONSTRAINT fk_promotion_category_id FOREIGN KEY (category_id) REFERENCES item_category(id);
ALTER TABLE promotion
    ADD CONSTRAINT fk_promotion_customer_id FOREIGN KEY (customer_id) REFERENCES party(id);
ALTER TABLE promotion
    ADD CONSTRAINT fk_promotion_item_id FOREIGN KEY (item_id) REFERENCES item(id);
ALTER TABLE promotion
    ADD CONSTRAINT fk_promotion_price_list_id FOREIGN KEY (price_list_id) REFERENCES price_list(id);
ALTER TABLE promotion
    ADD CONSTRAINT fk_promotion_template_id FOREIGN KEY (template_id) REFERENCES item_template(id);
ALTER TABLE template_attribute
    ADD CONSTRAINT fk_template_attribute_template_id FOREIGN KEY (template_id) REFERENCES item_template(id);
ALTER TABLE variant_value
    ADD CONSTRAINT fk_variant_value_attribute_id FOREIGN KEY (attribute_id) REFERENCES template_attribute(id);
ALTER TABLE variant_value
    ADD CONSTRAINT fk_variant_value_item_id FOREIGN KEY (item_id) REFERENCES item(id);
ALTER TABLE variant_value
    ADD CONSTRAINT fk_variant_value_value_id FOREIGN KEY (value_id) REFERENCES attribute_value(id);
CREATE INDEX ix_barcode_item_id ON barcode USING btree (item_id);
CREATE INDEX ix_kit_component_item_id ON kit_component USING btree (item_id);
CREATE INDEX ix_price_rule_customer_id ON price_rule USING btree (customer_id);
CREATE INDEX ix_variant_value_value_id ON variant_value USING btree (value_id);
CREATE UNIQUE INDEX uq_price_rule ON price_rule USING btree (price_list_id, customer_id, item_id, template_id, category_id, minimum_quantity, priority, valid_from) NULLS NOT DISTINCT WHERE (NOT withdrawn);

-- Commission.
CREATE TABLE commission_member (
    plan_id uuid NOT NULL,
    salesperson_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE commission_plan (
    code character varying NOT NULL,
    name character varying NOT NULL,
    name_zh character varying,
    basis character varying(32) NOT NULL,
    earned character varying(32) NOT NULL,
    whole boolean NOT NULL,
    valid_from date NOT NULL,
    valid_until date,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_commission_plan_basis CHECK (((basis)::text = ANY ((ARRAY['net'::character varying, 'margin'::character varying])::text[]))),
    CONSTRAINT ck_commission_plan_earned CHECK (((earned)::text = ANY ((ARRAY['invoiced'::character varying, 'paid'::character varying])::text[]))),
    CONSTRAINT ck_commission_plan_valid_in_order CHECK ((valid_until >= valid_from))
);
CREATE TABLE commission_rate (
    plan_id uuid NOT NULL,
    category_id uuid,
    from_minor bigint NOT NULL,
    percent numeric(7,4) NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_commission_rate_from_not_negative CHECK ((from_minor >= 0)),
    CONSTRAINT ck_commission_rate_percent CHECK (((percent >= (0)::numeric) AND (percent <= (100)::numeric)))
);
ALTER TABLE commission_member
    ADD CONSTRAINT pk_commission_member PRIMARY KEY (id);
ALTER TABLE commission_plan
    ADD CONSTRAINT pk_commission_plan PRIMARY KEY (id);
ALTER TABLE commission_rate
    ADD CONSTRAINT pk_commission_rate PRIMARY KEY (id);
ALTER TABLE commission_member
    ADD CONSTRAINT uq_commission_member_plan_id_salesperson_id UNIQUE (plan_id, salesperson_id);
ALTER TABLE commission_plan
    ADD CONSTRAINT uq_commission_plan_code UNIQUE (code);
ALTER TABLE commission_rate
    ADD CONSTRAINT uq_commission_rate_plan_id_category_id_from_minor UNIQUE NULLS NOT DISTINCT (plan_id, category_id, from_minor);
ALTER TABLE commission_member
    ADD CONSTRAINT fk_commission_member_plan_id FOREIGN KEY (plan_id) REFERENCES commission_plan(id);
ALTER TABLE commission_member
    ADD CONSTRAINT fk_commission_member_salesperson_id FOREIGN KEY (salesperson_id) REFERENCES party(id);
ALTER TABLE commission_rate
    ADD CONSTRAINT fk_commission_rate_category_id FOREIGN KEY (category_id) REFERENCES item_category(id);
ALTER TABLE commission_rate
    ADD CONSTRAINT fk_commission_rate_plan_id FOREIGN KEY (plan_id) REFERENCES commission_plan(id);
CREATE INDEX ix_commission_member_salesperson_id ON commission_member USING btree (salesperson_id);

-- Order lines remember how people ordered them, and what went into their price.
ALTER TABLE sales_order_line ADD COLUMN unit_code character varying
    CONSTRAINT fk_sales_order_line_unit_code REFERENCES unit(code);
ALTER TABLE sales_order_line ADD COLUMN unit_quantity numeric(20,6);
ALTER TABLE sales_order_line ADD COLUMN kit_id uuid
    CONSTRAINT fk_sales_order_line_kit_id REFERENCES item(id);
ALTER TABLE sales_order_line ADD COLUMN kit_quantity numeric(20,6);
ALTER TABLE sales_order_line ADD COLUMN promotions character varying;
ALTER TABLE sales_order_line ADD COLUMN promotion_amount numeric(20,6) NOT NULL DEFAULT 0;
ALTER TABLE sales_order_line ALTER COLUMN promotion_amount DROP DEFAULT;
ALTER TABLE sales_order_line ADD COLUMN promotions_held character varying;
ALTER TABLE sales_order_line ADD CONSTRAINT ck_sales_order_line_unit
    CHECK (num_nonnulls(unit_code, unit_quantity) <> 1);
ALTER TABLE sales_order_line ADD CONSTRAINT ck_sales_order_line_kit
    CHECK (num_nonnulls(kit_id, kit_quantity) <> 1);
