"""What the database itself refuses about statements and their matching."""

from sqlalchemy import FromClause

from core.kernel.database import after_create

# Facts of the bank stay as they came; one flag of each says that it does not count any more.
_KEEP = """
    CREATE OR REPLACE FUNCTION keep_but_flag() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - TG_ARGV[0] = to_jsonb(OLD) - TG_ARGV[0]
            AND NOT (to_jsonb(OLD) ->> TG_ARGV[0])::boolean THEN
            IF TG_TABLE_NAME = 'bank_line' AND EXISTS (
                SELECT FROM bank_match_part WHERE line_id = OLD.id AND NOT undone) THEN
                RAISE EXCEPTION 'a line that is matched counts'
                    USING ERRCODE = 'restrict_violation', CONSTRAINT = 'bank_line_matched';
            END IF;
            RETURN NEW;
        END IF;
        RAISE EXCEPTION '% is what the bank said, or was matched: it stays', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END $$
    """

# All lines of a statement come with it: they have all its places, so that none can be added later.
_HAS_PLACE = """
    CREATE OR REPLACE FUNCTION line_has_place() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (SELECT FROM bank_statement WHERE id = NEW.statement_id
            AND bank_account_id = NEW.bank_account_id AND NEW.position BETWEEN 1 AND line_count)
        THEN
            RAISE EXCEPTION 'the statement has no place for line %', NEW.number
                USING ERRCODE = 'check_violation', CONSTRAINT = 'bank_line_has_place';
        END IF;
        RETURN NULL;
    END $$
    """

_ADDS_UP = """
    CREATE OR REPLACE FUNCTION statement_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        lines bigint;
        moved bigint;
    BEGIN
        SELECT count(*), coalesce(sum(amount_minor), 0) INTO lines, moved
        FROM bank_line WHERE statement_id = NEW.id;
        IF lines <> NEW.line_count
            OR NEW.opening_minor + NEW.known_minor + moved <> NEW.closing_minor THEN
            RAISE EXCEPTION 'the lines of the statement % do not add up', NEW.number
                USING ERRCODE = 'check_violation', CONSTRAINT = 'bank_statement_adds_up';
        END IF;
        RETURN NULL;
    END $$
    """

# Whoever matches waits at the line and at the entry for whoever matches the same.
_WITHIN = """
    CREATE OR REPLACE FUNCTION match_within() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        line record;
        matched bigint;
        booked bigint;
        used bigint;
    BEGIN
        SELECT * INTO line FROM bank_line WHERE id = NEW.line_id FOR UPDATE;
        PERFORM FROM journal_entry WHERE id = NEW.entry_id FOR UPDATE;
        SELECT sum(amount_minor) INTO matched FROM bank_match_part
            WHERE line_id = NEW.line_id AND NOT undone;
        IF line.voided OR sign(NEW.amount_minor) <> sign(line.amount_minor)
            OR abs(matched) > abs(line.amount_minor) THEN
            RAISE EXCEPTION 'line % is matched by more than it is', line.number
                USING ERRCODE = 'check_violation', CONSTRAINT = 'bank_match_within_line';
        END IF;
        SELECT sum(CASE posting.side WHEN 'debit' THEN posting.amount_minor
            ELSE -posting.amount_minor END) INTO booked
        FROM posting JOIN bank_account ON bank_account.account_id = posting.account_id
        WHERE posting.entry_id = NEW.entry_id AND bank_account.id = line.bank_account_id;
        SELECT sum(part.amount_minor) INTO used
        FROM bank_match_part AS part JOIN bank_line ON bank_line.id = part.line_id
        WHERE part.entry_id = NEW.entry_id AND NOT part.undone
            AND bank_line.bank_account_id = line.bank_account_id;
        IF booked IS NULL OR sign(NEW.amount_minor) <> sign(booked) OR abs(used) > abs(booked) THEN
            RAISE EXCEPTION 'the entry is not that much on the bank account'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'bank_match_within_entry';
        END IF;
        RETURN NULL;
    END $$
    """


def guard(
    *, statements: FromClause, lines: FromClause, matches: FromClause, parts: FromClause
) -> None:
    """Let the database keep what the bank said, and refuse what is matched twice."""
    for table, flag in (
        (statements, "voided"), (lines, "voided"), (matches, "undone"), (parts, "undone"),
    ):  # fmt: skip
        after_create(
            table,
            _KEEP,
            f"""
            CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON {{table}}
                FOR EACH ROW EXECUTE FUNCTION keep_but_flag('{flag}')
            """,
        )
    after_create(
        statements,
        _ADDS_UP,
        """
        CREATE CONSTRAINT TRIGGER adds_up AFTER INSERT ON {table}
            DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION statement_adds_up()
        """,
    )
    after_create(
        lines,
        _HAS_PLACE,
        """
        CREATE TRIGGER has_place AFTER INSERT ON {table}
            FOR EACH ROW EXECUTE FUNCTION line_has_place()
        """,
    )
    after_create(
        parts,
        _WITHIN,
        """
        CREATE TRIGGER within AFTER INSERT ON {table}
            FOR EACH ROW EXECUTE FUNCTION match_within()
        """,
    )
