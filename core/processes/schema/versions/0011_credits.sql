ALTER TABLE invoice_line ADD COLUMN credits_position INTEGER;
ALTER TABLE invoice_line ADD COLUMN credits_quantity NUMERIC(20, 6);

-- Notes about lines of orders said so already.
UPDATE invoice_line SET credits_position = charged.position, credits_quantity = invoice_line.quantity
FROM invoice AS note, invoice AS document, invoice_line AS charged
WHERE note.id = invoice_line.invoice_id AND document.number = note.origin
    AND charged.invoice_id = document.id AND charged.order_line_id = invoice_line.order_line_id;

ALTER TABLE invoice_line ADD CONSTRAINT ck_invoice_line_credits CHECK (
    (credits_position IS NULL) = (credits_quantity IS NULL)
    AND credits_position > 0 AND credits_quantity BETWEEN 0 AND quantity
);
