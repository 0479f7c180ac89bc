"""What keeps the house quick: done now and then by whoever runs, and never waited for."""

from sqlalchemy import Engine

from core import ledger
from core.kernel.database import reading, unit_of_work


def keep_totals(engine: Engine) -> bool:
    """Fold the ledger's tail into its totals where it has grown long; tell whether it was."""
    with reading(engine) as session:
        is_long = ledger.tail_is_long(session)
    if is_long:
        with unit_of_work(engine) as session:
            ledger.fold_totals(session)
    return is_long
