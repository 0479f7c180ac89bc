"""Finite capacity: who works where and when, if no place does more than it can; no session.

Time is counted in minutes from the first day's midnight. A place has windows in which it is open
and some stations side by side; a task that does not end within a window goes on in the next one.
The tasks of a job follow one another. A job is put where it ends first, in gaps too; in which order
jobs are put is tried out by some rules, and then by giving late ones the first choice. Nothing
depends on chance or on the speed of the machine: the same jobs always get the same timetable.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

# How often a late job is given the first choice; with more jobs, fewer times.
PREFERRED_MAX, PUT_MAX = 60, 20_000
Score = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Place:
    """Where work is done: from when to when it is open, and on how many stations."""

    key: str
    windows: Sequence[tuple[int, int]]
    stations: int = 1

    @property
    def minutes(self) -> int:
        """How long one of its stations is open in all."""
        return sum(end - start for start, end in self.windows)


@dataclass(frozen=True, slots=True)
class Task:
    """So many minutes of work at a place."""

    place: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Job:
    """Tasks one after the other, not before `ready` and best done by `due`."""

    key: str
    ready: int
    due: int
    tasks: Sequence[Task]
    # It is being worked on: it goes before all others.
    is_begun: bool = False

    @property
    def minutes(self) -> int:
        """How long all of it takes."""
        return sum(task.minutes for task in self.tasks)


@dataclass(frozen=True, slots=True)
class Slot:
    """When and on which station a task of a job is done; `worked` is counted in open minutes."""

    job: str
    task: int
    place: str
    station: int
    start: int
    end: int
    worked: tuple[int, int]


@dataclass(frozen=True)
class Timetable:
    """Every task that finds its time; `beyond` are jobs that do not end while anything is open."""

    slots: tuple[Slot, ...]
    ends: Mapping[str, int]
    beyond: tuple[str, ...]


class _OpenTime:
    """Counts the open minutes of a place."""

    def __init__(self, place: Place) -> None:
        self.starts = [start for start, _ in place.windows]
        self.ends = [end for _, end in place.windows]
        self.before = [0]
        for start, end in place.windows:
            self.before.append(self.before[-1] + end - start)

    def worked_until(self, instant: int) -> int:
        """Return how many open minutes lie before an instant."""
        window = bisect_right(self.starts, instant) - 1
        if window < 0:
            return 0
        return self.before[window] + min(instant, self.ends[window]) - self.starts[window]

    def begins(self, worked: int) -> int:
        """Return the instant at which the open minute of that number begins."""
        window = bisect_right(self.before, worked) - 1
        return self.starts[window] + worked - self.before[window]

    def is_over(self, worked: int) -> int:
        """Return the instant at which so many open minutes have passed."""
        window = bisect_left(self.before, worked) - 1
        return self.starts[window] + worked - self.before[window]


@dataclass
class _Stations:
    """What is taken already of a place, station by station, in open minutes."""

    time: _OpenTime
    whole: int
    taken: list[list[tuple[int, int]]] = field(default_factory=list)

    def first(self, ready: int, minutes: int) -> tuple[int, int] | None:
        """Return where and from which open minute on a task is done first."""
        ways = [(_gap(taken, ready, minutes), place) for place, taken in enumerate(self.taken)]
        start, station = min(ways)
        return (station, start) if start + minutes <= self.whole else None


def _gap(taken: Sequence[tuple[int, int]], ready: int, minutes: int) -> int:
    place = max(bisect_right(taken, (ready, ready)) - 1, 0)
    start = ready
    for begins, ends in taken[place:]:
        if start + minutes <= begins:
            return start
        start = max(start, ends)
    return start


def timetable(places: Iterable[Place], jobs: Sequence[Job]) -> Timetable:
    """Return the best of the timetables that are tried: least late, then fewest late, then soonest.

    Not worse than putting the jobs by the day they are due.
    """
    known = {place.key: place for place in places}
    due = {job.key: job.due for job in jobs}
    rules: tuple[Callable[[Job], tuple[int, ...]], ...] = (
        lambda job: (job.due, job.minutes),
        lambda job: (job.due - job.minutes, job.due),
        lambda job: (job.minutes, job.due),
        lambda job: (job.ready, job.due),
    )
    tried = []
    for rule in rules:
        ordered = _in_order(jobs, rule)
        tried.append((ordered, _put(known, ordered)))
    order, best = min(tried, key=lambda each: _score(each[1], due))
    left = min(PREFERRED_MAX, PUT_MAX // max(sum(len(job.tasks) for job in jobs), 1))
    for job in list(order):
        if left == 0:
            break
        if job.is_begun or best.ends.get(job.key, job.due + 1) <= job.due:
            continue
        left -= 1
        first = sum(each.is_begun for each in order)
        other = [each for each in order if each is not job]
        other.insert(first, job)
        found = _put(known, other)
        if _score(found, due) < _score(best, due):
            order, best = other, found
    return best


def _in_order(jobs: Iterable[Job], rule: Callable[[Job], tuple[int, ...]]) -> list[Job]:
    """Return jobs as a rule puts them, begun ones first; those that are alike go by their names."""
    return sorted(jobs, key=lambda job: (not job.is_begun, rule(job), job.key))


def _score(found: Timetable, due: Mapping[str, int]) -> tuple[int, Score]:
    late = [max(end - due[key], 0) for key, end in found.ends.items()]
    return len(found.beyond), (sum(late), sum(each > 0 for each in late), sum(found.ends.values()))


def _put(places: Mapping[str, Place], jobs: Sequence[Job]) -> Timetable:
    stations = {
        key: _Stations(_OpenTime(place), place.minutes, [[] for _ in range(place.stations)])
        for key, place in places.items()
    }
    slots: list[Slot] = []
    ends: dict[str, int] = {}
    beyond: list[str] = []
    for job in jobs:
        found = _of_job(stations, job)
        if found is None:
            beyond.append(job.key)
            continue
        for slot in found:
            insort(stations[slot.place].taken[slot.station], slot.worked)
        slots += found
        ends[job.key] = found[-1].end if found else job.ready
    return Timetable(tuple(slots), ends, tuple(beyond))


def _of_job(stations: Mapping[str, _Stations], job: Job) -> list[Slot] | None:
    found: list[Slot] = []
    ready = job.ready
    for place, task in enumerate(job.tasks):
        at = stations[task.place]
        way = at.first(at.time.worked_until(ready), task.minutes)
        if way is None:
            return None
        station, worked = way
        start, end = at.time.begins(worked), at.time.is_over(worked + task.minutes)
        worked_until = (worked, worked + task.minutes)
        found.append(Slot(job.key, place, task.place, station, start, end, worked_until))
        ready = end
    return found
