"""What keeps the house quick: done now and then by whoever runs, and never waited for."""

from sqlalchemy import Engine

from core import inventory, ledger, sales, support
from core.kernel.company import company_or_none
from core.kernel.database import reading, unit_of_work


def keep_totals(engine: Engine) -> bool:
    """Fold the ledger's tail into its totals where it has grown long; tell whether it was."""
    with reading(engine) as session:
        is_long = ledger.tail_is_long(session)
    if is_long:
        with unit_of_work(engine) as session:
            ledger.fold_totals(session)
    return is_long


def rebuild_totals(engine: Engine) -> dict[str, int]:
    """Add up anew whatever is kept only to be read quickly; return how much of each was wrong."""
    with unit_of_work(engine) as session:
        return {
            "accounts": ledger.rebuild_totals(session),
            "orders": sales.rebuild_order_totals(session),
        }


def expire_promises(engine: Engine) -> bool:
    """Give back reservations whose time is over, for those who wait; tell whether there were any.

    Nobody approves it: it is what was agreed when they were made.
    """
    with reading(engine) as session:
        over = company_or_none(session) is not None and inventory.has_expired(session)
    if over:
        with unit_of_work(engine) as session:
            inventory.expire_reservations(session)
    return over


def mind_clocks(engine: Engine) -> bool:
    """Warn of tickets whose time runs out, and write down what is late; tell whether any was."""
    with reading(engine) as session:
        due = support.is_to_warn(session) or support.becomes_late(session)
    if due:
        with unit_of_work(engine) as session:
            support.warn(session)
            support.note_broken(session)
    return due
