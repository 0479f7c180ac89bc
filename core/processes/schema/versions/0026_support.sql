-- Calendars: hours by weekday, and the days of a region unlike others.
CREATE TABLE business_calendar (
    code VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    name_zh VARCHAR NOT NULL,
    time_zone VARCHAR NOT NULL,
    holiday_region VARCHAR,
    is_standard BOOLEAN NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_business_calendar PRIMARY KEY (id),
    CONSTRAINT ck_business_calendar_holiday_region CHECK (holiday_region ~ '^[A-Z]{2}(-[A-Z0-9]{1,8})?$'),
    CONSTRAINT uq_business_calendar_code UNIQUE (code)
);
CREATE UNIQUE INDEX uq_business_calendar_standard ON business_calendar (is_standard) WHERE is_standard;

CREATE TABLE holiday (
    region VARCHAR NOT NULL,
    day DATE NOT NULL,
    name VARCHAR NOT NULL,
    name_zh VARCHAR NOT NULL,
    open_from TIME WITHOUT TIME ZONE,
    open_until TIME WITHOUT TIME ZONE,
    works_as INTEGER,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_holiday PRIMARY KEY (id),
    CONSTRAINT uq_holiday_region_day UNIQUE (region, day),
    CONSTRAINT ck_holiday_region CHECK (region ~ '^[A-Z]{2}(-[A-Z0-9]{1,8})?$'),
    CONSTRAINT ck_holiday_works_as CHECK (works_as BETWEEN 1 AND 7),
    CONSTRAINT ck_holiday_in_order CHECK (open_from < open_until),
    CONSTRAINT ck_holiday_one_way CHECK (works_as IS NULL OR num_nonnulls(open_from, open_until) = 0)
);

CREATE TABLE opening_hours (
    calendar_id UUID NOT NULL,
    weekday INTEGER NOT NULL,
    opens TIME WITHOUT TIME ZONE NOT NULL,
    closes TIME WITHOUT TIME ZONE NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_opening_hours PRIMARY KEY (id),
    CONSTRAINT uq_opening_hours_calendar_id_weekday_opens UNIQUE (calendar_id, weekday, opens),
    CONSTRAINT ck_opening_hours_weekday CHECK (weekday BETWEEN 1 AND 7),
    CONSTRAINT fk_opening_hours_calendar_id FOREIGN KEY(calendar_id) REFERENCES business_calendar (id)
);

