"""Recurring entries: what is posted every month, quarter or year."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.kernel import events
from core.kernel.company import company
from core.kernel.identifiers import new_id
from core.kernel.money import Money
from core.kernel.naming import canonical_number
from core.kernel.numbering import next_number
from core.ledger.schedules.errors import (
    EndsBeforeStart,
    NotDue,
    ScheduleStaysAsItIs,
    UnknownSchedule,
)
from core.ledger.schedules.events import RecurringChanged, RecurringStarted
from core.ledger.schedules.queries import recurring_due, settled_days
from core.ledger.schedules.rules import TemplateLine
from core.ledger.schedules.tables import (
    Every,
    RecurringEntry,
    RecurringPosting,
    RecurringState,
)
from core.ledger.schedules.templates import (
    entry_lines,
    find_template,
    lines_of,
    lines_said,
    require_total,
    write_template,
)
from core.ledger.tables import Side


def start_recurring(
    session: Session,
    *,
    memo: str = "",
    template: str | None = None,
    lines: Sequence[TemplateLine] = (),
    total: Money | None = None,
    every: Every = Every.MONTH,
    day_of_month: int = 31,
    starts_on: date | None = None,
    until: date | None = None,
    reversing: bool = False,
) -> RecurringEntry:
    """Post a template, or these lines, every month, quarter or year from a day on.

    Nothing is posted yet: `run_schedules` posts what is due. Day 31 is the end of every month.
    """
    first = starts_on or company(session).today
    if until is not None and until < first:
        raise EndsBeforeStart(starts_on=first, ends_on=until)
    if template is not None:
        kept = find_template(session, template)
        lines = lines_of(session, [kept.id])[kept.id]
    else:
        kept = write_template(session, None, lines, memo)
    require_total(kept.name or memo, lines, total)
    recurring = RecurringEntry(
        id=new_id(),
        number=next_number(session, "RE"),
        template_id=kept.id,
        memo=memo or kept.memo,
        total_minor=total.minor if total is not None else None,
        every=every,
        day_of_month=day_of_month,
        starts_on=first,
        until=until,
        reversing=reversing,
        state=RecurringState.ACTIVE,
    )
    session.add(recurring)
    session.flush()
    posted = entry_lines(session, lines, total)
    events.record(
        session,
        RecurringStarted(
            number=recurring.number,
            memo=recurring.memo,
            every=every,
            day_of_month=day_of_month,
            starts_on=first.isoformat(),
            until=until.isoformat() if until else "",
            reversing=reversing,
            each=Money(
                sum(line.amount.minor for line in posted if line.side is Side.DEBIT),
                company(session).currency,
            ),
            lines=lines_said(session, lines),
        ),
    )
    return recurring


def pause_recurring(session: Session, number: str) -> RecurringEntry:
    """Post a recurring entry no more until it is resumed."""
    return _change(session, number, RecurringState.PAUSED)


def end_recurring(session: Session, number: str) -> RecurringEntry:
    """End a recurring entry; what it posted stays."""
    return _change(session, number, RecurringState.ENDED)


def resume_recurring(session: Session, number: str, *, catch_up: bool = True) -> RecurringEntry:
    """Let a recurring entry go on; the next run posts what was due meanwhile, or it is left out."""
    left_out: list[date] = []
    recurring = find_recurring(session, number, lock=True)
    before = recurring.state
    if before is RecurringState.ACTIVE:
        raise ScheduleStaysAsItIs(number=recurring.number, state=before)
    if not catch_up:
        today = company(session).today
        left_out = recurring_due(session, [recurring], through=today)[recurring.id]
        for day in left_out:
            _leave_out(session, recurring, day)
    recurring.state = RecurringState.ACTIVE
    days = tuple(day.isoformat() for day in left_out)
    events.record(session, RecurringChanged(recurring.number, before, RecurringState.ACTIVE, days))
    session.flush()
    return recurring


def leave_out(session: Session, number: str, due_on: date) -> RecurringEntry:
    """Deal with one due day of a recurring entry by posting nothing."""
    recurring = find_recurring(session, number, lock=True)
    if due_on not in recurring_due(session, [recurring], through=due_on)[recurring.id]:
        raise NotDue(number=recurring.number, due_on=due_on)
    _leave_out(session, recurring, due_on)
    events.record(
        session,
        RecurringChanged(recurring.number, recurring.state, recurring.state, (due_on.isoformat(),)),
    )
    session.flush()
    return recurring


def find_recurring(session: Session, number: str, *, lock: bool = False) -> RecurringEntry:
    """Return a recurring entry by its number, or by what it is called."""
    wanted = select(RecurringEntry)
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    said = canonical_number(number)
    found = session.scalars(wanted.where(RecurringEntry.number == said)).one_or_none()
    if found is None:
        called = func.lower(RecurringEntry.memo) == number.strip().lower()
        among = session.scalars(wanted.where(called).limit(2)).all()
        if len(among) != 1:
            raise UnknownSchedule(number=number)
        found = among[0]
    return found


def _change(session: Session, number: str, state: RecurringState) -> RecurringEntry:
    recurring = find_recurring(session, number, lock=True)
    before = recurring.state
    if before is state or before is RecurringState.ENDED:
        raise ScheduleStaysAsItIs(number=recurring.number, state=before)
    recurring.state = state
    events.record(session, RecurringChanged(recurring.number, before, state))
    session.flush()
    return recurring


def _leave_out(session: Session, recurring: RecurringEntry, day: date) -> None:
    takes = settled_days(session, [recurring.id])[1]
    take = takes.get((recurring.id, day), 0) + 1
    session.add(RecurringPosting(recurring_id=recurring.id, due_on=day, take=take, entry_id=None))
