-- The calendar by whose shifts a work centre is open, and from when to when operations are done.

ALTER TABLE work_centre ADD COLUMN calendar_id uuid;

ALTER TABLE ONLY work_centre
    ADD CONSTRAINT fk_work_centre_calendar_id FOREIGN KEY (calendar_id) REFERENCES business_calendar(id);

ALTER TABLE work_order_operation
    ADD CONSTRAINT ck_work_order_operation_scheduled CHECK (num_nonnulls(starts_on, ends_on) <> 1 AND ends_on >= starts_on);

CREATE INDEX ix_stock_correction_in_progress ON stock_correction (created_at) WHERE against = 'work_in_progress';

-- No order was ever in the state 'planned': what is planned is a line of a plan.

ALTER TABLE work_order DROP CONSTRAINT ck_work_order_workorderstate;

ALTER TABLE work_order
    ADD CONSTRAINT ck_work_order_workorderstate CHECK (state IN ('firm', 'released', 'started', 'finished', 'closed', 'cancelled'));
