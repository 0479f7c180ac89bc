"""Copies the trade history of a house several times over within SQL, so that it is larger.

Every row of a document, of its lines and of its entries is written again under other ids and
numbers, on the same days, for the same customers and items. No trigger and no foreign key looks at
it: this is for measuring how long questions take, and no house to work in.
"""

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from core.kernel.database import unit_of_work
from core.processes.upkeep import rebuild_totals

COPIED = (
    "sales_order", "sales_order_line", "delivery", "delivery_line", "invoice", "invoice_line",
    "payment", "settlement", "journal_entry", "posting", "stock_move", "purchase_order",
    "purchase_order_line", "goods_receipt", "goods_receipt_line",
)  # fmt: skip

# The columns to fill, which of them name a copied row, and which must be different in each row.
_COLUMNS = """
    SELECT column_name,
        data_type = 'uuid' AND (column_name = 'id' OR EXISTS (
            SELECT FROM pg_constraint AS link
            JOIN pg_attribute AS own ON attrelid = conrelid AND attnum = ANY (conkey)
            WHERE contype = 'f' AND conrelid = CAST(table_name AS regclass)
            AND attname = column_name AND CAST(confrelid AS regclass)::text = ANY (:copied)
        )) AS names_copied,
        data_type IN ('text', 'character varying') AND EXISTS (
            SELECT FROM pg_index AS one
            JOIN pg_attribute AS own ON attrelid = indrelid AND attnum = ANY (indkey)
            WHERE indisunique AND indrelid = CAST(table_name AS regclass)
            AND attname = column_name
        ) AS differs
    FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name = CAST(:name AS text)
    AND is_generated = 'NEVER' AND is_identity = 'NO'
    ORDER BY ordinal_position
"""


def multiply(engine: Engine, *, times: int) -> None:
    """Make the trade history of a house so many times as large."""
    with unit_of_work(engine) as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        for name in COPIED:
            _copy(session, name, times)
    rebuild_totals(engine)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _copy(session: Session, name: str, times: int) -> None:
    columns = session.execute(text(_COLUMNS), {"name": name, "copied": list(COPIED)}).all()
    filled = ", ".join(f'"{column}"' for column, _, _ in columns)
    chosen = ", ".join(
        f'CASE WHEN given."{column}" IS NOT NULL'
        f' THEN CAST(md5(CAST(given."{column}" AS text) || copy) AS uuid) END'
        if names_copied
        else f"given.\"{column}\" || '-' || copy"
        if differs
        else f'given."{column}"'
        for column, names_copied, differs in columns
    )
    session.execute(
        text(
            f'INSERT INTO "{name}" ({filled}) SELECT {chosen} FROM "{name}" AS given'  # noqa: S608
            " CROSS JOIN generate_series(2, :times) AS copy"
        ),
        {"times": times},
    )
