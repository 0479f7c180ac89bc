-- The approval matrix: limits by role, and by kind of decision where it has its own.
ALTER TABLE approval_limit ADD COLUMN kind character varying DEFAULT ''::character varying NOT NULL;
ALTER TABLE approval_limit DROP CONSTRAINT uq_approval_limit_role;
ALTER TABLE approval_limit ADD CONSTRAINT uq_approval_limit_role_kind UNIQUE (role, kind);
