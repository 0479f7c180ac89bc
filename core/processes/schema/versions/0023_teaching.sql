-- Words that people taught, and questions whose reading they confirmed.
CREATE TABLE taught_word (
    owner_id uuid NOT NULL,
    word character varying NOT NULL,
    meaning character varying NOT NULL,
    shared boolean NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_taught_word PRIMARY KEY (id),
    CONSTRAINT ck_taught_word_word CHECK (btrim(word) <> '' AND word = lower(word)),
    CONSTRAINT ck_taught_word_meaning CHECK (btrim(meaning) <> ''),
    CONSTRAINT fk_taught_word_owner_id FOREIGN KEY (owner_id) REFERENCES person(id)
);
CREATE UNIQUE INDEX uq_taught_word_own ON taught_word USING btree (owner_id, word);
CREATE UNIQUE INDEX uq_taught_word_shared ON taught_word USING btree (word) WHERE shared;
CREATE TABLE verified_question (
    owner_id uuid NOT NULL,
    said character varying NOT NULL,
    asked jsonb NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_verified_question PRIMARY KEY (id),
    CONSTRAINT ck_verified_question_said CHECK (btrim(said) <> ''),
    CONSTRAINT ck_verified_question_asked CHECK (jsonb_typeof(asked) = 'object'),
    CONSTRAINT fk_verified_question_owner_id FOREIGN KEY (owner_id) REFERENCES person(id)
);
CREATE UNIQUE INDEX uq_verified_question_said ON verified_question USING btree (owner_id, said);
