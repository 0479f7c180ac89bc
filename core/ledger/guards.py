"""What the database itself refuses in the ledger, whoever asks and in whatever language."""

from sqlalchemy import FromClause

from core.kernel.database import after_create, append_only

# The sum of an entry is known only when its last line is in: so this trigger waits for the commit.
REFUSE_UNBALANCED = """
CREATE OR REPLACE FUNCTION refuse_unbalanced_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    debits numeric;
    credits numeric;
    lines integer;
BEGIN
    SELECT count(*), coalesce(sum(base_minor) FILTER (WHERE side = 'debit'), 0),
        coalesce(sum(base_minor) FILTER (WHERE side = 'credit'), 0)
        INTO lines, debits, credits FROM posting WHERE entry_id = NEW.id;
    IF lines < 2 OR debits <> credits OR EXISTS (
        SELECT FROM posting WHERE entry_id = NEW.id GROUP BY currency
        HAVING sum(CASE side WHEN 'debit' THEN amount_minor ELSE -amount_minor END) <> 0)
    THEN
        RAISE EXCEPTION 'journal entry % is not balanced', NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_journal_entry_balanced';
    END IF;
    RETURN NULL;
END $$
"""
BALANCED = """
CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON {table}
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unbalanced_entry()
"""

# Two balanced lines more would leave an old entry balanced, and yet changed. Since lines come
# only in the transaction that writes their entry, the check of the entry at commit sees them all.
# A heading takes no lines; neither does an account a dimension that it forbids, nor a line without
# one that it requires. What is taken back or carried forward goes the way it came.
REFUSE_LATE = """
CREATE OR REPLACE FUNCTION refuse_late_posting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added JOIN journal_entry ON journal_entry.id = added.entry_id
        WHERE journal_entry.transaction <> pg_current_xact_id()::text::bigint)
    THEN
        RAISE EXCEPTION 'a journal entry is already posted'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (
        SELECT FROM added JOIN account ON account.id = added.account_id
        WHERE account.heading OR account.ruled AND EXISTS (
            SELECT FROM dimension_rule AS rule
            JOIN journal_entry ON journal_entry.id = added.entry_id
            LEFT JOIN dimension_set_member AS said ON said.set_id = added.dimension_set_id
                AND said.dimension_id = rule.dimension_id
            WHERE rule.account_id = account.id AND journal_entry.reverses_id IS NULL
                AND journal_entry.journal <> 'closing'
                AND CASE rule.demand WHEN 'required' THEN said.set_id IS NULL
                    WHEN 'forbidden' THEN said.set_id IS NOT NULL ELSE false END))
    THEN
        RAISE EXCEPTION 'an account does not take such a line'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_posting_fits_account';
    END IF;
    RETURN NULL;
END $$
"""
COMPLETE = """
CREATE TRIGGER complete AFTER INSERT ON {table} REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_late_posting()
"""

# The lock on the period lasts until the entry commits: a period is closed before or after it,
# never meanwhile. Entries share it, so they do not wait for one another.
REFUSE_CLOSED_PERIOD = """
CREATE OR REPLACE FUNCTION refuse_closed_period() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    IF NEW.transaction <> pg_current_xact_id()::text::bigint THEN
        RAISE EXCEPTION 'journal entry % names another transaction', NEW.number
            USING ERRCODE = 'restrict_violation';
    END IF;
    SELECT CASE WHEN state = 'open' AND CASE NEW.journal WHEN 'sales' THEN sales_locked
            WHEN 'purchases' THEN purchases_locked WHEN 'stock' THEN stock_locked ELSE false END
        THEN 'locked' ELSE state END
        INTO found FROM period
        WHERE NEW.posted_on BETWEEN starts_on AND ends_on FOR SHARE;
    IF found IS DISTINCT FROM 'open' THEN
        RAISE EXCEPTION 'the period of % is %', NEW.posted_on, coalesce(found, 'not defined')
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_journal_entry_period_open';
    END IF;
    RETURN NEW;
END $$
"""
PERIOD_OPEN = """
CREATE TRIGGER period_open BEFORE INSERT ON {table}
    FOR EACH ROW EXECUTE FUNCTION refuse_closed_period()
"""

# The result of a closed year is carried forward: whoever opens one of its periods would change it.
REFUSE_IN_CLOSED_YEAR = """
CREATE OR REPLACE FUNCTION refuse_open_in_closed_year() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'closed' AND EXISTS (
        SELECT FROM fiscal_year
        WHERE id = NEW.fiscal_year_id AND closing_entry_id IS NOT NULL)
    THEN
        RAISE EXCEPTION 'the fiscal year of the period % is closed', NEW.name
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_period_year_open';
    END IF;
    RETURN NEW;
END $$
"""
YEAR_OPEN = """
CREATE TRIGGER year_open BEFORE UPDATE ON {table}
    FOR EACH ROW EXECUTE FUNCTION refuse_open_in_closed_year()
"""

# The kept totals are told of every entry, whoever writes it. A row of its own for each: nobody
# waits for anybody.
NOTE_TAIL = """
CREATE OR REPLACE FUNCTION note_entry_tail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO entry_tail SELECT id FROM added;
    RETURN NULL;
END $$
"""
TAIL = """
CREATE TRIGGER tail AFTER INSERT ON journal_entry REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION note_entry_tail()
"""

# Two periods that overlap would make a day both open and closed.
NO_OVERLAP = """
ALTER TABLE {table} ADD CONSTRAINT ex_period_overlap
    EXCLUDE USING gist (daterange(starts_on, ends_on, '[]') WITH &&)
"""


def protect(period: FromClause, entry: FromClause, posting: FromClause, tail: FromClause) -> None:
    """Attach the guards to the tables of the books."""
    after_create(period, NO_OVERLAP, REFUSE_IN_CLOSED_YEAR, YEAR_OPEN)
    for table in (entry, posting):
        append_only(table)
    after_create(entry, REFUSE_CLOSED_PERIOD, PERIOD_OPEN, REFUSE_UNBALANCED, BALANCED)
    after_create(posting, REFUSE_LATE, COMPLETE)
    after_create(tail, NOTE_TAIL, TAIL)
