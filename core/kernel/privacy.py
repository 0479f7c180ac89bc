"""Rows that are not for everybody: the database itself shows them to whose they are.

Whatever only reads does so as a role of the database that owns nothing, and says who asks. Tables
of private rows have policies that go by that. Who writes does so by services that know the rules.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Connection, FromClause, Table, text
from sqlalchemy.orm import Session

from core.kernel.database import after_create
from core.kernel.identity.acting import Actor

READER = "prokurist_reader"
# What belongs to an account is for the human behind it, and nobody else.
HOUSE_ONLY = "(SELECT reads_as('system'))"
OWN_ACCOUNT = f"""
    {HOUSE_ONLY} OR person_id IN (
        SELECT id FROM person
        WHERE coalesce('party:' || party_id::text, login) = (SELECT reading_human())
    )
    """  # noqa: S608
_ROLE = re.compile(r"[a-z_]{1,32}")
# Asked once for a statement, not for a row: a policy puts them into a select of their own.
_FUNCTIONS = (
    """
    CREATE OR REPLACE FUNCTION reads_as(VARIADIC roles text[]) RETURNS boolean
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
        SELECT string_to_array(current_setting('prokurist.roles', true), ',') && roles $$
    """,
    """
    CREATE OR REPLACE FUNCTION reading_party() RETURNS uuid
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
        SELECT nullif(current_setting('prokurist.party', true), '')::uuid $$
    """,
    """
    CREATE OR REPLACE FUNCTION reading_human() RETURNS text
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
        SELECT convert_from(decode(
            nullif(current_setting('prokurist.human', true), ''), 'hex'), 'UTF8') $$
    """,
    """
    CREATE OR REPLACE FUNCTION reading_roles() RETURNS text[]
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
        SELECT coalesce(string_to_array(current_setting('prokurist.roles', true), ','), '{}') $$
    """,
)

_ENSURE = """
    DO $$ DECLARE said regclass; BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{reader}') THEN
            CREATE ROLE {reader} NOLOGIN NOINHERIT;
        END IF;
        IF NOT pg_has_role(current_user, '{reader}', 'SET') THEN
            GRANT {reader} TO CURRENT_USER WITH SET TRUE, INHERIT FALSE;
        END IF;
        IF EXISTS (
            SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace
                AND relkind IN ('r', 'v', 'm', 'p')
                AND relname NOT LIKE 'checkpoint%'
                AND NOT has_table_privilege('{reader}', oid, 'SELECT')
        ) THEN
            GRANT SELECT ON ALL TABLES IN SCHEMA public TO {reader};
        END IF;
        -- What people said to the assistant is read by the assistant alone.
        FOR said IN
            SELECT oid::regclass FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
                AND relname LIKE 'checkpoint%' AND has_table_privilege('{reader}', oid, 'SELECT')
        LOOP
            EXECUTE format('REVOKE ALL ON %s FROM {reader}', said);
        END LOOP;
    END $$
    """


def become_reader(actor: Actor) -> str:
    """Return the statements that let a transaction read as somebody, until it ends."""
    roles = ",".join(sorted(role for role in actor.roles if _ROLE.fullmatch(role)))
    party = "" if actor.party_id is None else str(actor.party_id)
    # A name is whatever people chose to be called, quotes and all; in digits it ends nothing.
    human = actor.human.encode().hex()
    return (
        f" SET LOCAL ROLE {READER};"
        f" SET LOCAL prokurist.roles = '{roles}';"
        f" SET LOCAL prokurist.party = '{party}';"
        f" SET LOCAL prokurist.human = '{human}'"
    )


@contextmanager
def as_the_house(session: Session) -> Iterator[None]:
    """Read everything for a while: what proves that nothing is missing has to see all of it."""
    before = session.scalar(text("SELECT current_user <> session_user"))
    if not before:
        yield
        return
    session.execute(text("SET LOCAL ROLE NONE"))
    try:
        yield
    finally:
        session.execute(text(f"SET LOCAL ROLE {READER}"))


def seen_by(roles: Iterable[str]) -> str:
    """Return the condition that whoever reads has one of some roles."""
    named = ", ".join(f"'{role}'" for role in sorted({*roles, "system"}))
    return f"(SELECT reads_as({named}))"


def filled(condition: str, parts: Mapping[str, str]) -> str:
    """Return a condition with its `{parts}` filled in; a part may name those after it."""
    for part, said in parts.items():
        condition = condition.replace(part, said)
    return condition


def private(
    table: FromClause, condition: str, *before: str, asks: FromClause | None = None
) -> None:
    """Let the database show a row of a table only where a condition holds.

    `asks` is a table that is made later than this one, and that the condition asks.
    """
    assert isinstance(table, Table), "only a table has rows of its own"
    after_create(
        table if asks is None else asks,
        *_FUNCTIONS,
        *before,
        f"ALTER TABLE {table.name} ENABLE ROW LEVEL SECURITY",
        f"CREATE POLICY theirs_to_see ON {table.name} FOR SELECT USING ({condition})",
    )


def ensure_reader(connection: Connection) -> None:
    """Make the role that reads, where it is missing, and let it read what there is by now."""
    connection.execute(text(_ENSURE.replace("{reader}", READER)))
