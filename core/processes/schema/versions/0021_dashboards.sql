-- Dashboards of people's own: a name, and tiles that are typed questions.
CREATE TABLE dashboard (
    owner character varying NOT NULL,
    name character varying NOT NULL,
    period character varying NOT NULL,
    tiles jsonb NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_dashboard PRIMARY KEY (id),
    CONSTRAINT ck_dashboard_named CHECK (btrim(name) <> ''),
    CONSTRAINT ck_dashboard_tiles CHECK (
        jsonb_typeof(tiles) = 'array' AND jsonb_array_length(tiles) <= 24
    )
);
CREATE UNIQUE INDEX uq_dashboard_name ON dashboard USING btree (owner, lower(name));
