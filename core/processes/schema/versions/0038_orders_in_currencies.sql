-- What parties trade in, what orders in other currencies were worth on their day, and what lines
-- of documents in other currencies are worth in the books.

ALTER TABLE customer ADD COLUMN currency character varying;
ALTER TABLE customer ADD CONSTRAINT ck_customer_currency CHECK (currency ~ '^[A-Z]{3}$');
ALTER TABLE supplier ADD COLUMN currency character varying;
ALTER TABLE supplier ADD CONSTRAINT ck_supplier_currency CHECK (currency ~ '^[A-Z]{3}$');

ALTER TABLE sales_order ADD COLUMN rate numeric DEFAULT 1 NOT NULL;
ALTER TABLE sales_order ADD CONSTRAINT ck_sales_order_rate CHECK (rate > 0);
ALTER TABLE purchase_order ADD COLUMN rate numeric DEFAULT 1 NOT NULL;
ALTER TABLE purchase_order ADD CONSTRAINT ck_purchase_order_rate CHECK (rate > 0);

ALTER TABLE invoice_line ADD COLUMN base_net_minor bigint;

-- Which order a line charges or deducts an advance of: one invoice may be about several orders.
ALTER TABLE invoice_line ADD COLUMN advance_order character varying;
UPDATE invoice_line AS line SET advance_order = coalesce(billed.origin, document.origin)
FROM account, invoice AS document LEFT JOIN invoice AS billed ON billed.number = document.origin
WHERE document.id = line.invoice_id AND account.id = line.account_id
    AND account.role IN ('customer_advances', 'supplier_advances')
    AND EXISTS (SELECT FROM advance
        WHERE advance.order_number = coalesce(billed.origin, document.origin));
CREATE INDEX ix_invoice_line_advance_order ON invoice_line USING btree (advance_order) WHERE (advance_order IS NOT NULL);

CREATE OR REPLACE FUNCTION keep_order_totals(orders uuid[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
    BEGIN
        PERFORM FROM sales_order WHERE id = ANY (orders) ORDER BY id FOR NO KEY UPDATE;
        DELETE FROM sales_order_total WHERE order_id = ANY (orders) AND NOT EXISTS (
            SELECT FROM sales_order_line AS line WHERE line.order_id = sales_order_total.order_id
        );
        INSERT INTO sales_order_total AS kept
        SELECT line.order_id, count(*)::integer, sum(line.quantity), sum(line.net_amount) * rate,
        sum(line.quantity * line.unit_price) * rate, sum(line.promotion_amount) * rate,
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
    WHERE line.order_id = ANY (orders) GROUP BY line.order_id, rate
        ON CONFLICT (order_id) DO UPDATE SET
            (lines, quantity, net_amount, gross_amount, promotion_amount, due_lines, on_time_lines,
            stock_lines, stock_lines_on_time, stock_units, stock_units_in_time)
            = (excluded.lines, excluded.quantity, excluded.net_amount, excluded.gross_amount,
            excluded.promotion_amount, excluded.due_lines, excluded.on_time_lines,
            excluded.stock_lines, excluded.stock_lines_on_time, excluded.stock_units,
            excluded.stock_units_in_time);
    END $$;
