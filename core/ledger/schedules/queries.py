"""What is scheduled, what is due, and what became of it."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, aliased

from core.kernel.company import company
from core.kernel.money import Money
from core.kernel.months import add_months
from core.kernel.naming import canonical_number
from core.ledger.schedules import rules
from core.ledger.schedules.errors import UnknownSchedule
from core.ledger.schedules.tables import (
    Deferral,
    DeferralKind,
    DeferralPart,
    DeferralPosting,
    DeferralState,
    EntryTemplate,
    Every,
    RecurringEntry,
    RecurringPosting,
    RecurringState,
    ScheduledReversal,
    ScheduleRun,
)
from core.ledger.schedules.templates import entry_lines, lines_of, lines_said
from core.ledger.tables import JournalEntry, Posting, Side

LIST_MAX = 1_000
_back = aliased(ScheduleRun)
_reversal = aliased(JournalEntry)


class DueKind(StrEnum):
    """What becomes due."""

    RECURRING = "recurring_entry"
    DEFERRAL = "deferral"
    REVERSAL = "reversal"


@dataclass(frozen=True)
class Due:
    """Something that is due and not dealt with: of what schedule, when, how much."""

    kind: DueKind
    number: str
    memo: str
    due_on: date
    amount: Money


@dataclass(frozen=True)
class RecurringView:
    """A recurring entry, as people read it."""

    number: str
    memo: str
    template: str
    every: Every
    day_of_month: int
    starts_on: date
    until: date | None
    state: RecurringState
    posted: int
    last_posted: date | None


@dataclass(frozen=True)
class RunView:
    """A run: through which day, how many entries it posted, and what took it back."""

    number: str
    through: date
    entries: int
    taken_back_by: str


@dataclass(frozen=True)
class TemplateView:
    """A template that entries are posted from, as people read it."""

    name: str
    memo: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class PartView:
    """A part of a deferral, and the entry that recognised it."""

    due_on: date
    amount: Money
    left: Money
    entry: str


@dataclass(frozen=True)
class DeferralView:
    """A deferral with all its parts."""

    number: str
    kind: DeferralKind
    memo: str
    origin: str
    starts_on: date
    ends_on: date
    amount: Money
    recognised: Money
    state: DeferralState
    parts: tuple[PartView, ...]


def settled_days(
    session: Session, recurring: Sequence[uuid.UUID]
) -> tuple[set[tuple[uuid.UUID, date]], dict[tuple[uuid.UUID, date], int]]:
    """Return the due days that are dealt with, and how often each was tried."""
    wanted = (
        select(RecurringPosting, _back.id)
        .outerjoin(_back, _back.undoes_id == RecurringPosting.run_id)
        .where(RecurringPosting.recurring_id.in_(recurring))
    )
    settled: set[tuple[uuid.UUID, date]] = set()
    takes: dict[tuple[uuid.UUID, date], int] = {}
    for posting, taken_back in session.execute(wanted):
        key = (posting.recurring_id, posting.due_on)
        takes[key] = max(takes.get(key, 0), posting.take)
        if taken_back is None:
            settled.add(key)
    return settled, takes


def recurring_due(
    session: Session, entries: Sequence[RecurringEntry], *, through: date
) -> dict[uuid.UUID, list[date]]:
    """Return the days on which recurring entries are due and not dealt with, in order."""
    settled, _ = settled_days(session, [each.id for each in entries])
    return {
        each.id: [
            day
            for day in rules.due_days(
                each.every, each.day_of_month, each.starts_on, until=each.until, through=through
            )
            if (each.id, day) not in settled
        ]
        for each in entries
    }


def next_due(session: Session, recurring: RecurringEntry) -> date | None:
    """Return the first day on which a recurring entry is due and not dealt with, if any is."""
    if recurring.state is not RecurringState.ACTIVE:
        return None
    today = max(company(session).today, recurring.starts_on)
    soon = add_months(today, 2 * recurring.every.months)
    days = recurring_due(session, [recurring], through=soon)[recurring.id]
    return days[0] if days else None


def parts_due(through: date) -> Select[DeferralPart, int]:
    """Select the parts of deferrals that are due and not recognised, and how often each was."""
    stands = (
        select(DeferralPosting.id)
        .outerjoin(_back, _back.undoes_id == DeferralPosting.run_id)
        .where(DeferralPosting.part_id == DeferralPart.id, _back.id.is_(None))
    )
    takes = select(func.coalesce(func.max(DeferralPosting.take), 0)).where(
        DeferralPosting.part_id == DeferralPart.id
    )
    return (
        select(DeferralPart, takes.scalar_subquery())
        .where(DeferralPart.due_on <= through, ~exists(stands))
        .order_by(DeferralPart.due_on, DeferralPart.deferral_id)
    )


def reversals_due(through: date) -> Select[ScheduledReversal, JournalEntry]:
    """Select the entries that are to be reversed by a day and are not."""
    return (
        select(ScheduledReversal, JournalEntry)
        .join(JournalEntry, JournalEntry.id == ScheduledReversal.entry_id)
        .outerjoin(_reversal, _reversal.reverses_id == ScheduledReversal.entry_id)
        .where(ScheduledReversal.reverse_on <= through, _reversal.id.is_(None))
        .order_by(ScheduledReversal.reverse_on, ScheduledReversal.id)
    )


def recognised_entries(session: Session, deferral: uuid.UUID) -> list[tuple[JournalEntry, int]]:
    """Return the entries that recognised parts of a deferral and stand, with their amounts."""
    wanted = (
        select(JournalEntry, DeferralPart.amount_minor)
        .join(DeferralPosting, DeferralPosting.entry_id == JournalEntry.id)
        .join(DeferralPart, DeferralPart.id == DeferralPosting.part_id)
        .outerjoin(_reversal, _reversal.reverses_id == JournalEntry.id)
        .where(DeferralPart.deferral_id == deferral, _reversal.id.is_(None))
        .order_by(JournalEntry.posted_on, JournalEntry.number)
    )
    return [(entry, minor) for entry, minor in session.execute(wanted)]


def list_due(session: Session, *, through: date | None = None) -> list[Due]:
    """Return all that is due through a day and not dealt with, the oldest first."""
    ours = company(session)
    last = through or ours.today
    active = select(RecurringEntry).where(RecurringEntry.state == RecurringState.ACTIVE)
    entries = list(session.scalars(active.order_by(RecurringEntry.number).limit(LIST_MAX)))
    lines = lines_of(session, {each.template_id for each in entries})
    days = recurring_due(session, entries, through=last)
    found = []
    for each in entries:
        total = Money(each.total_minor, ours.currency) if each.total_minor is not None else None
        posted = entry_lines(session, lines[each.template_id], total)
        amount = Money(
            sum(line.amount.minor for line in posted if line.side is Side.DEBIT), ours.currency
        )
        found += [
            Due(DueKind.RECURRING, each.number, each.memo, day, amount) for day in days[each.id]
        ]
    parts = parts_due(last).add_columns(Deferral.number, Deferral.memo)
    parts = parts.join(Deferral, Deferral.id == DeferralPart.deferral_id)
    parts = parts.where(Deferral.state == DeferralState.ACTIVE).limit(LIST_MAX)
    for part, _, number, memo in session.execute(parts):
        amount = Money(part.amount_minor, ours.currency)
        found.append(Due(DueKind.DEFERRAL, number, memo, part.due_on, amount))
    sums = (
        select(func.sum(Posting.base_minor))
        .where(Posting.entry_id == JournalEntry.id, Posting.side == Side.DEBIT)
        .scalar_subquery()
    )
    for planned, entry, minor in session.execute(
        reversals_due(last).add_columns(sums).limit(LIST_MAX)
    ):
        amount = Money(int(minor), ours.currency)
        found.append(Due(DueKind.REVERSAL, entry.number, entry.memo, planned.reverse_on, amount))
    return sorted(found, key=lambda due: (due.due_on, due.number))


def list_templates(session: Session) -> list[TemplateView]:
    """Return the templates in use, by name."""
    wanted = select(EntryTemplate).where(
        EntryTemplate.name.is_not(None), EntryTemplate.retired.is_(False)
    )
    templates = list(session.scalars(wanted.order_by(EntryTemplate.name).limit(LIST_MAX)))
    lines = lines_of(session, [each.id for each in templates])
    return [
        TemplateView(each.name or "", each.memo, lines_said(session, lines[each.id]))
        for each in templates
    ]


def list_runs(session: Session, *, limit: int = 50) -> list[RunView]:
    """Return the newest runs, and whether each was taken back."""
    posted = select(RecurringPosting.run_id, RecurringPosting.entry_id).where(
        RecurringPosting.entry_id.is_not(None)
    )
    parts = select(DeferralPosting.run_id, DeferralPosting.entry_id)
    entries = posted.union_all(parts).subquery()
    count = select(func.count()).where(entries.c.run_id == ScheduleRun.id).scalar_subquery()
    wanted = (
        select(ScheduleRun, count, _back.number)
        .outerjoin(_back, _back.undoes_id == ScheduleRun.id)
        .where(ScheduleRun.undoes_id.is_(None))
        .order_by(ScheduleRun.number.desc())
        .limit(min(limit, LIST_MAX))
    )
    return [
        RunView(run.number, run.through, entries or 0, back or "")
        for run, entries, back in session.execute(wanted)
    ]


def list_recurring(session: Session, *, with_ended: bool = False) -> list[RecurringView]:
    """Return the recurring entries, and when each was posted last."""
    posted = (
        select(
            RecurringPosting.recurring_id,
            func.count(RecurringPosting.entry_id).label("posted"),
            func.max(RecurringPosting.due_on).label("last"),
        )
        .outerjoin(_back, _back.undoes_id == RecurringPosting.run_id)
        .where(_back.id.is_(None), RecurringPosting.entry_id.is_not(None))
        .group_by(RecurringPosting.recurring_id)
        .subquery()
    )
    wanted = (
        select(RecurringEntry, EntryTemplate.name, posted.c.posted, posted.c.last)
        .join(EntryTemplate, EntryTemplate.id == RecurringEntry.template_id)
        .outerjoin(posted, posted.c.recurring_id == RecurringEntry.id)
        .order_by(RecurringEntry.number)
        .limit(LIST_MAX)
    )
    if not with_ended:
        wanted = wanted.where(RecurringEntry.state != RecurringState.ENDED)
    return [
        RecurringView(
            number=each.number,
            memo=each.memo,
            template=name or "",
            every=each.every,
            day_of_month=each.day_of_month,
            starts_on=each.starts_on,
            until=each.until,
            state=each.state,
            posted=count or 0,
            last_posted=last,
        )
        for each, name, count, last in session.execute(wanted)
    ]


def deferral_view(session: Session, number: str) -> DeferralView:
    """Return a deferral with its parts: what is recognised, and what is left after each."""
    found = list_deferrals(session, number=number, with_done=True)
    if not found:
        raise UnknownSchedule(number=number)
    return found[0]


def list_deferrals(
    session: Session, *, number: str | None = None, with_done: bool = False
) -> list[DeferralView]:
    """Return the deferrals that are still to be recognised, or one of them, or all."""
    currency = company(session).currency
    wanted = select(Deferral).order_by(Deferral.number).limit(LIST_MAX)
    if number is not None:
        wanted = wanted.where(Deferral.number == canonical_number(number))
    if not with_done:
        wanted = wanted.where(Deferral.state == DeferralState.ACTIVE)
    deferrals = list(session.scalars(wanted))
    entries = _entries_of_parts(session, [each.id for each in deferrals])
    views = []
    for deferral in deferrals:
        left, parts = deferral.amount_minor, []
        recognised = 0
        for part, entry in entries.get(deferral.id, ()):
            left -= part.amount_minor
            recognised += part.amount_minor if entry else 0
            parts.append(
                PartView(
                    part.due_on, Money(part.amount_minor, currency), Money(left, currency), entry
                )
            )
        if not with_done and recognised == deferral.amount_minor:
            continue
        views.append(
            DeferralView(
                number=deferral.number,
                kind=deferral.kind,
                memo=deferral.memo,
                origin=deferral.origin,
                starts_on=deferral.starts_on,
                ends_on=deferral.ends_on,
                amount=Money(deferral.amount_minor, currency),
                recognised=Money(recognised, currency),
                state=deferral.state,
                parts=tuple(parts),
            )
        )
    return views


def _entries_of_parts(
    session: Session, deferrals: Iterable[uuid.UUID]
) -> dict[uuid.UUID, list[tuple[DeferralPart, str]]]:
    standing = (
        select(DeferralPosting.part_id, JournalEntry.number)
        .join(JournalEntry, JournalEntry.id == DeferralPosting.entry_id)
        .outerjoin(_reversal, _reversal.reverses_id == JournalEntry.id)
        .where(_reversal.id.is_(None))
        .subquery()
    )
    wanted = (
        select(DeferralPart, standing.c.number)
        .outerjoin(standing, standing.c.part_id == DeferralPart.id)
        .where(DeferralPart.deferral_id.in_(list(deferrals)))
        .order_by(DeferralPart.deferral_id, DeferralPart.position)
    )
    found: dict[uuid.UUID, list[tuple[DeferralPart, str]]] = {}
    for part, entry in session.execute(wanted):
        found.setdefault(part.deferral_id, []).append((part, entry or ""))
    return found
