-- Nothing changes yet.
SELECT 1;
