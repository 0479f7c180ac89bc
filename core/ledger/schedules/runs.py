"""The run: post what is due through a day, each exactly once, and take that back."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.kernel import events
from core.kernel.company import company
from core.kernel.database import broken_constraint
from core.kernel.identifiers import new_id
from core.kernel.money import Money
from core.kernel.months import month_end
from core.kernel.naming import canonical_number
from core.kernel.numbering import next_number
from core.ledger.dimensions import dimensions_of
from core.ledger.rules import Line, credit, debit
from core.ledger.schedules.days import OpenDays
from core.ledger.schedules.deferrals import find_deferral
from core.ledger.schedules.errors import (
    NothingDue,
    ReversedBeforePosted,
    RunReversedAccruals,
    RunTakenBack,
    UnknownSchedule,
)
from core.ledger.schedules.events import (
    Moved,
    ReversalScheduled,
    ScheduleRunTakenBack,
    SchedulesRun,
)
from core.ledger.schedules.queries import (
    parts_due,
    recurring_due,
    reversals_due,
    settled_days,
)
from core.ledger.schedules.recurring import find_recurring
from core.ledger.schedules.tables import (
    Deferral,
    DeferralKind,
    DeferralPart,
    DeferralPosting,
    DeferralState,
    RecurringEntry,
    RecurringPosting,
    RecurringState,
    ScheduledReversal,
    ScheduleRun,
)
from core.ledger.schedules.templates import entry_lines, lines_of
from core.ledger.service import post_entry, post_entry_by_hand, reverse_entry
from core.ledger.tables import Account, Journal, JournalEntry, Posting, Side

# More in one run is a mistyped year; the next run posts the rest.
ENTRIES_MAX = 2_000


@dataclass
class _Run:
    """What a run has posted so far."""

    run: ScheduleRun
    days: OpenDays
    entries: int = 0
    minor: int = 0
    moved: list[Moved] = field(default_factory=list)

    @property
    def left(self) -> int:
        """How many entries it may still post."""
        return ENTRIES_MAX - self.entries

    def day(self, subject: str, due_on: date) -> date:
        """Return the day to post on, and remember if it is another one than the due day."""
        day = self.days.first(due_on)
        if day != due_on:
            self.moved.append(Moved(subject, due_on.isoformat(), day.isoformat()))
        return day

    def count(self, lines: Sequence[Line]) -> None:
        """Add an entry to what the run answers for."""
        self.entries += 1
        self.minor += sum(line.value.minor for line in lines if line.side is Side.DEBIT)


def run_schedules(
    session: Session, *, through: date | None = None, number: str | None = None
) -> ScheduleRun:
    """Post what is due through a day and not posted yet: of one schedule, or of all.

    What falls into a closed period is posted on the first open day after it. Two runs at once
    post everything once: the second waits for the first, and finds it done.
    """
    last = through or company(session).today
    one = _scope(session, number)
    run = ScheduleRun(id=new_id(), number=next_number(session, "RUN"), through=last)
    session.add(run)
    session.flush()
    ours = _Run(run, OpenDays(session))
    if one is None or isinstance(one, RecurringEntry):
        _post_recurring(session, ours, last, one)
    if one is None or isinstance(one, Deferral):
        _post_deferrals(session, ours, last, one)
    if one is None or isinstance(one, RecurringEntry):
        _post_reversals(session, ours, last, one)
    if not ours.entries:
        raise NothingDue(through=last)
    events.record(
        session,
        SchedulesRun(
            number=run.number,
            through=last.isoformat(),
            entries=ours.entries,
            posted=Money(ours.minor, company(session).currency),
            moved=tuple(ours.moved),
        ),
    )
    session.flush()
    return run


def take_back_run(session: Session, number: str, *, because: str) -> ScheduleRun:
    """Reverse what a run posted; it is due again. What it reversed itself stays reversed."""
    said = canonical_number(number)
    wanted = select(ScheduleRun).where(ScheduleRun.number == said).with_for_update()
    run = session.scalars(wanted).one_or_none()
    if run is None:
        raise UnknownSchedule(number=number)
    later = select(ScheduleRun.id).where(ScheduleRun.undoes_id == run.id)
    if run.undoes_id is not None or session.scalar(later) is not None:
        raise RunTakenBack(number=run.number)
    entries = _entries_of(session, run)
    if not entries:
        raise RunReversedAccruals(number=run.number)
    back = ScheduleRun(
        id=new_id(), number=next_number(session, "RUN"), through=run.through, undoes_id=run.id
    )
    session.add(back)
    session.flush()
    days = OpenDays(session)
    minor = 0
    for entry, value in entries:
        minor += value
        day = days.first(entry.posted_on)
        reverse_entry(session, entry.number, because=because, posted_on=day)
    posted = Money(minor, company(session).currency)
    events.record(session, ScheduleRunTakenBack(run.number, posted, because))
    session.flush()
    return back


def post_accrual(
    session: Session,
    lines: Sequence[Line],
    *,
    memo: str,
    posted_on: date | None = None,
    reverse_on: date | None = None,
    at_once: bool = False,
    journal: Journal = Journal.GENERAL,
) -> JournalEntry:
    """Post an entry by hand that is reversed on the first day of the next month, or on another.

    A run reverses it when that day has come; `at_once` posts the reversal now, dated then.
    """
    entry = post_entry_by_hand(session, lines, memo=memo, posted_on=posted_on, journal=journal)
    _plan_reversal(session, entry, reverse_on)
    if at_once:
        day = reverse_on or month_end(entry.posted_on) + timedelta(days=1)
        back = OpenDays(session).first(day)
        reverse_entry(session, entry.number, because=memo, posted_on=back)
    return entry


def _plan_reversal(
    session: Session, entry: JournalEntry, reverse_on: date | None = None
) -> ScheduledReversal:
    day = reverse_on or month_end(entry.posted_on) + timedelta(days=1)
    if day <= entry.posted_on:
        raise ReversedBeforePosted(posted_on=entry.posted_on, reverse_on=day)
    planned = ScheduledReversal(entry_id=entry.id, reverse_on=day)
    session.add(planned)
    session.flush()
    events.record(session, ReversalScheduled(entry.number, day.isoformat()))
    return planned


def _scope(session: Session, number: str | None) -> RecurringEntry | Deferral | None:
    if number is None:
        return None
    if canonical_number(number).startswith("DEF-"):
        return find_deferral(session, number)
    return find_recurring(session, number)


def _post_recurring(session: Session, ours: _Run, last: date, one: RecurringEntry | None) -> None:
    wanted = select(RecurringEntry).where(RecurringEntry.state == RecurringState.ACTIVE)
    if one is not None:
        wanted = wanted.where(RecurringEntry.id == one.id)
    # The locks, in one order, keep a second run waiting until the first is done.
    locked = wanted.order_by(RecurringEntry.id).with_for_update()
    entries = list(session.scalars(locked.execution_options(populate_existing=True)))
    days = recurring_due(session, entries, through=last)
    takes = settled_days(session, [each.id for each in entries])[1]
    lines = lines_of(session, {each.template_id for each in entries})
    currency = company(session).currency
    for each in entries:
        total = Money(each.total_minor, currency) if each.total_minor is not None else None
        posted = entry_lines(session, lines[each.template_id], total)
        for due_on in days[each.id][: max(ours.left, 0)]:
            subject = f"recurring_entry {each.number}"
            entry = post_entry(
                session,
                posted,
                memo=each.memo,
                origin=each.number,
                posted_on=ours.day(subject, due_on),
            )
            ours.count(posted)
            take = takes.get((each.id, due_on), 0) + 1
            session.add(
                RecurringPosting(
                    recurring_id=each.id, due_on=due_on, take=take, run_id=ours.run.id,
                    entry_id=entry.id,
                )
            )  # fmt: skip
            if each.reversing:
                _plan_reversal(session, entry)
    _flush_once(session, ours, "uq_recurring_posting")


def _post_deferrals(session: Session, ours: _Run, last: date, one: Deferral | None) -> None:
    locked = select(Deferral).where(Deferral.state == DeferralState.ACTIVE)
    due = select(DeferralPart.deferral_id).where(DeferralPart.due_on <= last)
    locked = locked.where(Deferral.id.in_(due))
    if one is not None:
        locked = locked.where(Deferral.id == one.id)
    locked = locked.order_by(Deferral.id).with_for_update()
    deferrals = {
        each.id: each for each in session.scalars(locked.execution_options(populate_existing=True))
    }
    wanted = parts_due(last).where(DeferralPart.deferral_id.in_(list(deferrals)))
    rows = session.execute(wanted.limit(max(ours.left, 0))).all()
    codes = _codes(session, deferrals.values())
    currency = company(session).currency
    for part, takes in rows:
        deferral = deferrals[part.deferral_id]
        amount = Money(part.amount_minor, currency)
        lines = [
            debit(codes[deferral.deferred_account_id], amount),
            credit(
                codes[deferral.account_id], amount, dimensions=dimensions_of(deferral.dimensions)
            ),
        ]
        if deferral.kind is DeferralKind.PREPAID_EXPENSE:
            lines = [line.reversed() for line in reversed(lines)]
        entry = post_entry(
            session,
            lines,
            memo=deferral.memo,
            origin=deferral.number,
            posted_on=ours.day(f"deferral {deferral.number}", part.due_on),
        )
        ours.count(lines)
        session.add(
            DeferralPosting(part_id=part.id, take=takes + 1, run_id=ours.run.id, entry_id=entry.id)
        )
    _flush_once(session, ours, "uq_deferral_posting")


def _post_reversals(session: Session, ours: _Run, last: date, one: RecurringEntry | None) -> None:
    wanted = reversals_due(last).with_for_update(of=ScheduledReversal)
    if one is not None:
        wanted = wanted.where(JournalEntry.origin == one.number)
    rows = session.execute(wanted.limit(max(ours.left, 0))).all()
    # Whoever waited for the locks looks again at what is reversed by now.
    done = set(
        session.scalars(
            select(JournalEntry.reverses_id).where(
                JournalEntry.reverses_id.in_([entry.id for _, entry in rows])
            )
        )
    )
    sums = _sums(session, [entry.id for _, entry in rows])
    for planned, entry in rows:
        if entry.id in done:
            continue
        day = ours.day(f"journal_entry {entry.number}", planned.reverse_on)
        reverse_entry(session, entry.number, because=entry.memo, posted_on=day)
        ours.entries += 1
        ours.minor += sums[entry.id]


def _flush_once(session: Session, ours: _Run, constraint: str) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        # Somebody posted the same since we looked; the database was the last to look.
        if not broken_constraint(error).startswith(constraint):
            raise
        raise NothingDue(through=ours.run.through) from error


def _entries_of(session: Session, run: ScheduleRun) -> list[tuple[JournalEntry, int]]:
    """Return the entries of a run that are not reversed, with what they come to."""
    numbers = select(RecurringPosting.entry_id).where(
        RecurringPosting.run_id == run.id, RecurringPosting.entry_id.is_not(None)
    )
    parts = select(DeferralPosting.entry_id).where(DeferralPosting.run_id == run.id)
    reversed_ids = select(JournalEntry.reverses_id).where(JournalEntry.reverses_id.is_not(None))
    wanted = (
        select(JournalEntry)
        .where(JournalEntry.id.in_(numbers.union(parts)), JournalEntry.id.not_in(reversed_ids))
        .order_by(JournalEntry.number.desc())
    )
    entries = list(session.scalars(wanted))
    sums = _sums(session, [each.id for each in entries])
    return [(each, sums[each.id]) for each in entries]


def _sums(session: Session, entries: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    wanted = select(Posting.entry_id, Posting.base_minor).where(
        Posting.entry_id.in_(entries), Posting.side == Side.DEBIT
    )
    sums: dict[uuid.UUID, int] = {}
    for entry_id, minor in session.execute(wanted):
        sums[entry_id] = sums.get(entry_id, 0) + minor
    return sums


def _codes(session: Session, deferrals: Iterable[Deferral]) -> dict[uuid.UUID, str]:
    ids = {account for each in deferrals for account in (each.deferred_account_id, each.account_id)}
    wanted = select(Account.id, Account.code).where(Account.id.in_(ids))
    return dict(iter(session.execute(wanted)))
