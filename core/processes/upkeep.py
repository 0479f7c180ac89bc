"""What keeps the house quick and true to the day: done by whoever runs, and never waited for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core import hr, inventory, ledger, marketing, sales, support
from core.crm import tasks
from core.kernel.company import company, company_or_none
from core.kernel.database import reading, unit_of_work
from core.manufacturing import orders


@dataclass(frozen=True)
class Chore:
    """Something that is done now and then, and how to see whether it is due."""

    name: str
    is_due: Callable[[Session], bool]
    does: Callable[[Session], object]

    def __call__(self, engine: Engine) -> bool:
        """Do it where it is due; tell whether it was."""
        return tidy(engine, (self,))


def _has_expired(session: Session) -> bool:
    return company_or_none(session) is not None and inventory.has_expired(session)


def _time_runs_out(session: Session) -> bool:
    return support.is_to_warn(session) or support.becomes_late(session)


def _tell_of_time(session: Session) -> None:
    support.warn(session)
    support.note_broken(session)


def _terms_differ(session: Session) -> bool:
    ours = company_or_none(session)
    return ours is not None and hr.terms_differ(session, ours.today)


def _keep_present(session: Session) -> None:
    hr.keep_present(session, company(session).today)


def _is_to_remind(session: Session) -> bool:
    return company_or_none(session) is not None and tasks.is_to_remind(session)


# Fold the ledger's tail into its totals where it has grown long.
keep_totals = Chore("totals", ledger.tail_is_long, ledger.fold_totals)
# Give back reservations whose time is over: that was agreed when they were made.
expire_promises = Chore("reservations", _has_expired, inventory.expire_reservations)
# Warn of tickets whose time runs out, and write down what is late.
mind_clocks = Chore("clocks of tickets", _time_runs_out, _tell_of_time)
# A job or a department that was agreed ahead is there from its day on.
keep_terms = Chore("terms of jobs", _terms_differ, _keep_present)
# Remind the owners of tasks, once for each day that they asked to be reminded on.
remind_of_tasks = Chore("reminders", _is_to_remind, tasks.remind)
# Put the next mails of campaigns into the outbox, no faster than was approved.
send_campaigns = Chore("campaigns", marketing.is_to_send, marketing.send_batches)
# Bring what material cost late onto what it became, where its order is closed already.
settle_orders = Chore("late cost", orders.has_late_cost, orders.settle_late)
CHORES = (
    keep_totals, expire_promises, mind_clocks, keep_terms, remind_of_tasks, send_campaigns,
    settle_orders,
)  # fmt: skip


def tidy(engine: Engine, chores: Sequence[Chore] = CHORES) -> bool:
    """Do what is due, each in a transaction of its own; tell whether anything was."""
    with reading(engine) as session:
        due = [chore for chore in chores if chore.is_due(session)]
    for chore in due:
        with unit_of_work(engine) as session:
            chore.does(session)
    return bool(due)


def rebuild_totals(engine: Engine) -> dict[str, int]:
    """Add up anew whatever is kept only to be read quickly; return how much of each was wrong."""
    with unit_of_work(engine) as session:
        return {
            "accounts": ledger.rebuild_totals(session),
            "orders": sales.rebuild_order_totals(session),
        }
