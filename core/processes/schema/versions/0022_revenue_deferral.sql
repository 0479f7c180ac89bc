-- Whether what is invoiced before its goods leave waits for them; until now it was revenue at once.
ALTER TABLE company ADD COLUMN defers_revenue BOOLEAN;
UPDATE company SET defers_revenue = false;
ALTER TABLE company ALTER COLUMN defers_revenue SET NOT NULL;
