"""Arithmetic of promises: when something is due, while clocks stop and go on, and who is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from core.kernel.calendars import Calendar
from core.support.tables import Reopening, TicketState, Waiting

NOTHING = timedelta(0)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
WORKED_ON = frozenset({TicketState.NEW, TicketState.OPEN, TicketState.REOPENED})
DONE = frozenset({TicketState.RESOLVED, TicketState.CLOSED})
TO_DO = frozenset(TicketState) - DONE

# Where a ticket may go from a state.
WAYS: dict[TicketState, frozenset[TicketState]] = {
    TicketState.NEW: frozenset(
        {TicketState.OPEN, TicketState.WAITING, TicketState.RESOLVED, TicketState.CLOSED}
    ),
    TicketState.OPEN: frozenset({TicketState.WAITING, TicketState.RESOLVED, TicketState.CLOSED}),
    TicketState.REOPENED: frozenset(
        {TicketState.OPEN, TicketState.WAITING, TicketState.RESOLVED, TicketState.CLOSED}
    ),
    TicketState.WAITING: frozenset({TicketState.OPEN, TicketState.RESOLVED, TicketState.CLOSED}),
    TicketState.RESOLVED: frozenset({TicketState.REOPENED, TicketState.CLOSED}),
    TicketState.CLOSED: frozenset({TicketState.REOPENED}),
}


@dataclass(frozen=True)
class Turn:
    """A state, and since when."""

    at: datetime
    state: TicketState


@dataclass(frozen=True)
class Promise:
    """By when something is promised: so much business time, and what stops its clock."""

    span: timedelta
    calendar: Calendar
    waiting: Waiting = Waiting.OPEN_TIME
    reopening: Reopening = Reopening.GO_ON


@dataclass(frozen=True)
class Clock:
    """How a promise stands: when it is due, and how much business time was used.

    While the clock stands still, `due_at` is when it would be due if it had just gone on.
    """

    due_at: datetime
    used: timedelta
    runs: bool


def clock_of(promise: Promise, turns: Sequence[Turn], *, until: datetime | None = None) -> Clock:
    """Count the time of a promise over the states of a ticket, the first of them its beginning.

    It runs while somebody works on the ticket and stands still while the customer is asked or the
    ticket is resolved. Until an instant, or as far as the states tell.
    """
    assert turns, "a ticket has been opened"
    stretches = _running(_since_restart(turns, promise.reopening))
    if promise.waiting is Waiting.ELAPSED:
        due_at = _moved_by_waiting(promise, stretches)
    else:
        due_at = _left_counted_down(promise, stretches)
    used = sum(
        (
            promise.calendar.time_between(start, _earlier(end, until) or start)
            for start, end in stretches
        ),
        NOTHING,
    )
    return Clock(due_at, used, runs=stretches[-1][1] is None)


def at_risk_from(promise: Promise, clock: Clock, percent: int) -> datetime:
    """Return the instant from which so much of a promise's time is used up."""
    left = promise.span * (100 - percent) / 100
    start, back = clock.due_at - DAY, DAY
    # The calendar counts forward: look back far enough, then count down what is too much.
    while promise.calendar.time_between(start, clock.due_at) < left:
        back *= 2
        start = clock.due_at - back
    return promise.calendar.add_time(
        start, promise.calendar.time_between(start, clock.due_at) - left
    )


def time_worked(calendar: Calendar, turns: Sequence[Turn], until: datetime) -> timedelta:
    """Return the business time until an instant in which somebody worked on a ticket."""
    return sum(
        (
            calendar.time_between(start, _earlier(end, until) or start)
            for start, end in _running(turns)
        ),
        NOTHING,
    )


def elapsed(turns: Sequence[Turn], until: datetime, *, waiting: bool) -> timedelta:
    """Return the time by the clock on the wall, with or without what the customer took."""
    if waiting:
        return max(until - turns[0].at, NOTHING)
    return sum(
        (max((_earlier(end, until) or start) - start, NOTHING) for start, end in _running(turns)),
        NOTHING,
    )


def average_response(said: Sequence[tuple[datetime, bool]]) -> timedelta | None:
    """Return how long the customer waited for an answer, on average by the clock on the wall.

    `said` are the messages in their order, and whether each is the customer's. Of several that the
    customer wrote in a row, the first one waits.
    """
    asked_at: datetime | None = None
    waits: list[timedelta] = []
    for at, by_customer in said:
        if by_customer:
            asked_at = asked_at or at
        elif asked_at is not None:
            waits.append(at - asked_at)
            asked_at = None
    return sum(waits, NOTHING) / len(waits) if waits else None


def tag_of(text: str) -> str:
    """Return the one spelling of a tag."""
    return " ".join(text.split()).casefold().lstrip("#").strip()


Stretch = tuple[datetime, datetime | None]


def _since_restart(turns: Sequence[Turn], reopening: Reopening) -> Sequence[Turn]:
    if reopening is Reopening.GO_ON:
        return turns
    last = max(
        (place for place, turn in enumerate(turns) if turn.state is TicketState.REOPENED),
        default=0,
    )
    return turns[last:]


def _running(turns: Sequence[Turn]) -> list[Stretch]:
    """Return from when to when the clock runs; what follows at once is one stretch."""
    stretches: list[Stretch] = []
    for place, turn in enumerate(turns):
        end = turns[place + 1].at if place + 1 < len(turns) else None
        if turn.state not in WORKED_ON:
            continue
        if stretches and stretches[-1][1] == turn.at:
            stretches[-1] = (stretches[-1][0], end)
        else:
            stretches.append((turn.at, end))
    # What was never worked on has used no time.
    return stretches or [(turns[0].at, turns[0].at)]


def _left_counted_down(promise: Promise, stretches: Sequence[Stretch]) -> datetime:
    left, last_end = promise.span, stretches[0][0]
    for start, end in stretches:
        if end is None:
            return promise.calendar.add_time(start, left)
        used = promise.calendar.time_between(start, end)
        if used >= left:
            return promise.calendar.add_time(start, left)
        left, last_end = left - used, end
    return promise.calendar.add_time(last_end, left)


def _moved_by_waiting(promise: Promise, stretches: Sequence[Stretch]) -> datetime:
    due_at = promise.calendar.add_time(stretches[0][0], promise.span)
    for (_, stopped), (went_on, _) in pairwise(stretches):
        assert stopped is not None, "only the last stretch is open"
        if stopped >= due_at:
            break
        due_at += went_on - stopped
    return due_at


def _earlier(end: datetime | None, until: datetime | None) -> datetime | None:
    if end is None or until is None:
        return end if until is None else until
    return min(end, until)
