-- Kept totals of orders and of what had left of their lines in time, and how many lines the
-- kept totals of accounts are the sum of.

CREATE TABLE sales_line_sent (
    order_line_id uuid NOT NULL,
    in_time numeric NOT NULL,
    sent_on date
);

CREATE TABLE sales_order_total (
    order_id uuid NOT NULL,
    lines integer NOT NULL,
    quantity numeric NOT NULL,
    net_amount numeric NOT NULL,
    gross_amount numeric NOT NULL,
    promotion_amount numeric NOT NULL,
    due_lines integer NOT NULL,
    on_time_lines integer NOT NULL,
    stock_lines integer NOT NULL,
    stock_lines_on_time integer NOT NULL,
    stock_units numeric NOT NULL,
    stock_units_in_time numeric NOT NULL
);

ALTER TABLE ONLY sales_line_sent
    ADD CONSTRAINT pk_sales_line_sent PRIMARY KEY (order_line_id);

ALTER TABLE ONLY sales_order_total
    ADD CONSTRAINT pk_sales_order_total PRIMARY KEY (order_id);

ALTER TABLE ONLY sales_line_sent
    ADD CONSTRAINT fk_sales_line_sent_order_line_id FOREIGN KEY (order_line_id) REFERENCES sales_order_line(id) ON DELETE CASCADE;

ALTER TABLE ONLY sales_order_total
    ADD CONSTRAINT fk_sales_order_total_order_id FOREIGN KEY (order_id) REFERENCES sales_order(id) ON DELETE CASCADE;

CREATE FUNCTION delivery_line_updated() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        PERFORM keep_lines_sent(ARRAY[OLD.order_line_id, NEW.order_line_id]);
        RETURN NULL;
    END $$;

CREATE FUNCTION delivery_lines_changed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        PERFORM keep_lines_sent(ARRAY(
            SELECT DISTINCT order_line_id FROM changed WHERE order_line_id IS NOT NULL
        ));
        RETURN NULL;
    END $$;

CREATE FUNCTION keep_lines_sent(lines uuid[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        orders uuid[] := ARRAY(
            SELECT DISTINCT order_id FROM sales_order_line WHERE id = ANY (lines)
        );
    BEGIN
        PERFORM FROM sales_order WHERE id = ANY (orders) ORDER BY id FOR NO KEY UPDATE;
        DELETE FROM sales_line_sent WHERE order_line_id = ANY (lines) AND NOT EXISTS (
            SELECT FROM delivery_line AS part
            WHERE part.order_line_id = sales_line_sent.order_line_id
        );
        INSERT INTO sales_line_sent AS kept
        SELECT line.id, coalesce(sum(CASE WHEN delivery.return_id IS NOT NULL THEN 0
            WHEN delivery.returns_id IS NOT NULL THEN -part.quantity ELSE part.quantity END)
            FILTER (WHERE delivery.delivered_on <= sales_order.promised_on), 0),
        max(delivery.delivered_on)
            FILTER (WHERE delivery.returns_id IS NULL AND delivery.return_id IS NULL)
    FROM delivery_line AS part JOIN delivery ON delivery.id = part.delivery_id
    JOIN sales_order_line AS line ON line.id = part.order_line_id
    JOIN sales_order ON sales_order.id = line.order_id
    WHERE part.order_line_id = ANY (lines) GROUP BY line.id
        ON CONFLICT (order_line_id) DO UPDATE SET
            in_time = excluded.in_time, sent_on = excluded.sent_on;
        PERFORM keep_order_totals(orders);
    END $$;

CREATE FUNCTION keep_order_totals(orders uuid[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
    BEGIN
        PERFORM FROM sales_order WHERE id = ANY (orders) ORDER BY id FOR NO KEY UPDATE;
        DELETE FROM sales_order_total WHERE order_id = ANY (orders) AND NOT EXISTS (
            SELECT FROM sales_order_line AS line WHERE line.order_id = sales_order_total.order_id
        );
        INSERT INTO sales_order_total AS kept
        SELECT line.order_id, count(*)::integer, sum(line.quantity), sum(line.net_amount),
        sum(line.quantity * line.unit_price), sum(line.promotion_amount),
        count(*) FILTER (WHERE due)::integer,
        count(*) FILTER (WHERE due AND in_time >= line.quantity)::integer,
        count(*) FILTER (WHERE due AND NOT drop_shipped)::integer,
        count(*) FILTER (WHERE due AND NOT drop_shipped AND in_time >= line.quantity)::integer,
        coalesce(sum(line.quantity) FILTER (WHERE due AND NOT drop_shipped), 0),
        coalesce(sum(least(coalesce(in_time, 0), line.quantity))
            FILTER (WHERE due AND NOT drop_shipped), 0)
    FROM sales_order_line AS line JOIN sales_order ON sales_order.id = line.order_id
    LEFT JOIN sales_line_sent AS sent ON sent.order_line_id = line.id
    CROSS JOIN LATERAL (
        SELECT NOT sales_order.imported OR sent.order_line_id IS NOT NULL AS due
    ) AS judged
    WHERE line.order_id = ANY (orders) GROUP BY line.order_id
        ON CONFLICT (order_id) DO UPDATE SET
            (lines, quantity, net_amount, gross_amount, promotion_amount, due_lines, on_time_lines,
            stock_lines, stock_lines_on_time, stock_units, stock_units_in_time)
            = (excluded.lines, excluded.quantity, excluded.net_amount, excluded.gross_amount,
            excluded.promotion_amount, excluded.due_lines, excluded.on_time_lines,
            excluded.stock_lines, excluded.stock_lines_on_time, excluded.stock_units,
            excluded.stock_units_in_time);
    END $$;

CREATE FUNCTION order_line_updated() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        PERFORM keep_order_totals(ARRAY[OLD.order_id, NEW.order_id]);
        RETURN NULL;
    END $$;

CREATE FUNCTION order_lines_changed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        PERFORM keep_order_totals(ARRAY(SELECT DISTINCT order_id FROM changed));
        RETURN NULL;
    END $$;

CREATE FUNCTION order_promise_changed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        PERFORM keep_lines_sent(ARRAY(
            SELECT id FROM sales_order_line WHERE order_id = NEW.id
        ));
        RETURN NULL;
    END $$;

CREATE TRIGGER sent_added AFTER INSERT ON delivery_line REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION delivery_lines_changed();

CREATE TRIGGER sent_changed AFTER UPDATE OF order_line_id, quantity ON delivery_line FOR EACH ROW WHEN (((old.order_line_id IS DISTINCT FROM new.order_line_id) OR (old.quantity IS DISTINCT FROM new.quantity))) EXECUTE FUNCTION delivery_line_updated();

CREATE TRIGGER sent_gone AFTER DELETE ON delivery_line REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION delivery_lines_changed();

CREATE TRIGGER totals_added AFTER INSERT ON sales_order_line REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION order_lines_changed();

CREATE TRIGGER totals_changed AFTER UPDATE OF order_id, quantity, net_amount, unit_price, promotion_amount, drop_shipped ON sales_order_line FOR EACH ROW WHEN (((((((old.order_id IS DISTINCT FROM new.order_id) OR (old.quantity IS DISTINCT FROM new.quantity)) OR (old.net_amount IS DISTINCT FROM new.net_amount)) OR (old.unit_price IS DISTINCT FROM new.unit_price)) OR (old.promotion_amount IS DISTINCT FROM new.promotion_amount)) OR (old.drop_shipped IS DISTINCT FROM new.drop_shipped))) EXECUTE FUNCTION order_line_updated();

CREATE TRIGGER totals_changed AFTER UPDATE OF promised_on ON sales_order FOR EACH ROW WHEN ((old.promised_on <> new.promised_on)) EXECUTE FUNCTION order_promise_changed();

CREATE TRIGGER totals_gone AFTER DELETE ON sales_order_line REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION order_lines_changed();

SELECT keep_lines_sent(ARRAY(
    SELECT DISTINCT order_line_id FROM delivery_line WHERE order_line_id IS NOT NULL
));
SELECT keep_order_totals(ARRAY(SELECT id FROM sales_order));

ALTER TABLE account_total ADD COLUMN lines bigint NOT NULL DEFAULT 0;
WITH counted AS (
    SELECT account_id, posted_on AS day, currency, count(*) AS lines FROM posting
    WHERE NOT EXISTS (SELECT FROM entry_tail WHERE entry_tail.entry_id = posting.entry_id)
    GROUP BY 1, 2, 3
)
UPDATE account_total AS kept SET lines = counted.lines FROM counted
WHERE (counted.account_id, counted.day, counted.currency)
    = (kept.account_id, kept.day, kept.currency);
ALTER TABLE account_total ALTER COLUMN lines DROP DEFAULT;

-- What goods that left before any cost was known were reckoned at, beside what they cost.
ALTER TABLE stock_move ADD COLUMN guess_minor bigint;
