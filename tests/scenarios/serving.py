"""Steps of service: tickets over business hours, holidays and changes of the clock."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from core import parties, support
from core.kernel import calendars, clock
from core.kernel.calendars import Hours
from core.support import Priority, Promised, Reopening, Target, Ticket, TicketState, Waiting
from core.support.rules import Turn, average_response, elapsed
from tests.scenarios.operations import Step, operation
from tests.scenarios.world import World

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_REGION = "XX"
_STANDARD = "CASE"
# Words by which a case says that every minute of waiting counts, at night as well.
_EVERY_MINUTE = re.compile(r"elapsed|wall|calendar time|clock time|outside|real time|24 ?h")
_ANEW = re.compile(r"restart|anew|reset|again from")


@operation("ticket")
def ticket(world: World, step: Step) -> None:
    """Open a ticket; its deadlines are what the case looks at."""
    open_desk(world)
    at = _instant(world, step["created"])
    with clock.frozen_at(at):
        opened = support.open_ticket(
            world.session,
            subject=str(step.get("ref") or "case"),
            customer=_customer(world, step),
            priority=Priority(str(step.get("priority", Priority.MEDIUM)).lower()),
            said=str(step.get("said", "")),
        )
    world.remember(step, opened)
    world.gathered["tickets"].append(opened)
    _tell(world)


@operation("reply")
def reply(world: World, step: Step) -> None:
    """Say something in a ticket: we to the customer, or the customer to us."""
    found, at = _ticket(world, step), _at(world, step)
    by = str(step.get("by") or step.get("from") or "agent").lower()
    with clock.frozen_at(at):
        if by in {"customer", "client"}:
            support.take_message(world.session, found.number, "more")
        else:
            wait = step.get("waiting", step.get("wait", True))
            support.reply(world.session, found.number, "answer", wait=bool(wait))
    _tell(world)


@operation("wait", "hold")
def hold(world: World, step: Step) -> None:
    """Let a ticket wait for the customer."""
    with clock.frozen_at(_at(world, step)):
        support.wait_for_customer(world.session, _ticket(world, step).number)
    _tell(world)


@operation("resume", "continue")
def resume(world: World, step: Step) -> None:
    """Go on with a ticket."""
    with clock.frozen_at(_at(world, step)):
        support.work_on(world.session, _ticket(world, step).number)
    _tell(world)


@operation("reopen")
def reopen(world: World, step: Step) -> None:
    """Open a ticket again."""
    with clock.frozen_at(_at(world, step)):
        support.reopen(world.session, _ticket(world, step).number)
    _tell(world)


@operation("resolve", "close_ticket")
def resolve(world: World, step: Step) -> None:
    """Say that a ticket is solved."""
    verb = support.close if step["op"] == "close_ticket" else support.resolve
    with clock.frozen_at(_at(world, step)):
        verb(world.session, _ticket(world, step).number)
    _tell(world)


@operation("set_priority", "change_priority")
def change_priority(world: World, step: Step) -> None:
    """Say how much a ticket presses."""
    with clock.frozen_at(_at(world, step)):
        number = _ticket(world, step).number
        support.set_priority(world.session, number, Priority(str(step["priority"]).lower()))
    _tell(world)


@operation("first_response")
def first_response(world: World, step: Step) -> None:
    """Open a ticket and answer it; count the opening time until then."""
    open_desk(world)
    with clock.frozen_at(_instant(world, step["created"])):
        opened = support.open_ticket(world.session, subject="case", customer=None)
    with clock.frozen_at(_instant(world, step["answered"])):
        support.reply(world.session, opened.number, "answer")
    assert opened.response_seconds is not None
    world.gathered["seconds"].append(opened.response_seconds)
    world.values["seconds"] = [str(each) for each in world.gathered["seconds"]]


def open_desk(world: World) -> None:
    """Make the calendar and the promises of a case, once."""
    if world.gathered["desk"]:
        return
    world.gathered["desk"].append(True)
    given = world.given
    calendars.open_calendar(
        world.session,
        code=_STANDARD,
        name="Case",
        name_zh="案例",
        week=_week(given.get("opening") or given.get("opening_hours")),
        time_zone=str(given.get("timezone") or given.get("time_zone") or "UTC"),
        holiday_region=_REGION,
    )
    for said in given.get("holidays", ()):
        _holiday(world, said)
    targets = given.get("targets") or given.get("sla") or {}
    by_priority = targets.get("priorities") or given.get("priorities") or {
        name: each for name, each in targets.items() if isinstance(each, Mapping)
    }  # fmt: skip
    if _span(targets, "response") or _span(targets, "resolution"):
        _promise(world, "ALL", targets, None)
    for name, each in by_priority.items():
        _promise(world, str(name).upper(), each, Priority(str(name).lower()))


def _promise(
    world: World, code: str, targets: Mapping[str, Any], priority: Priority | None
) -> None:
    rules = " ".join(str(world.given.get(key, "")) for key in ("waiting", "hold", "pause", "rules"))
    again = " ".join(str(world.given.get(key, "")) for key in ("reopening", "reopen", "rules"))
    support.set_policy(
        world.session,
        code=code,
        response_minutes=_span(targets, "response"),
        resolution_minutes=_span(targets, "resolution"),
        whom=Promised(priority=priority),
        waiting=Waiting.ELAPSED if _EVERY_MINUTE.search(rules) else Waiting.OPEN_TIME,
        reopening=Reopening.RESTART if _ANEW.search(again) else Reopening.GO_ON,
        reopen_days=3_650,
    )


def _span(targets: Mapping[str, Any], name: str) -> int | None:
    for unit, minutes in (("minutes", 1), ("hours", 60)):
        said = targets.get(f"{name}_{unit}")
        if said is not None:
            return int(Decimal(str(said)) * minutes)
    return None


def _week(opening: Any) -> dict[int, tuple[Hours, ...]]:  # As a case says it.
    if opening in (None, "always", "24/7"):
        return dict.fromkeys(range(1, 8), (Hours(time(0), time(0)),))
    week: dict[int, tuple[Hours, ...]] = {}
    for each in opening if isinstance(opening, list) else [opening]:
        spans = each.get("hours") or [each]
        hours = tuple(Hours(_time(one["from"]), _time(one["to"])) for one in spans)
        for day in _weekdays(each.get("days") or each.get("day") or "every day"):
            week[day] = tuple(sorted({*week.get(day, ()), *hours}))
    return week


def _time(said: str) -> time:
    return time(0) if str(said).startswith("24") else time.fromisoformat(str(said))


def _weekdays(said: Any) -> list[int]:  # "Monday to Friday", or a list of days.
    if isinstance(said, list):
        return [day for each in said for day in _weekdays(each)]
    text = str(said).lower()
    named = [
        place
        for word in re.findall(r"[a-z]+", text)
        for place, day in enumerate(_DAYS, start=1)
        if len(word) > 2 and day.startswith(word)
    ]
    if not named:
        return list(range(1, 8))
    if len(named) == 2 and re.search(r"\bto\b|-|–|through", text):
        first, last = named[0], named[1] if named[1] >= named[0] else named[1] + 7
        return [
            (day - 1) % 7 + 1 for day in range(first, (last if last >= first else last + 7) + 1)
        ]
    return named


def _holiday(world: World, said: Any) -> None:  # A date, or a date and what is left.
    more: dict[str, Any] = {}
    if isinstance(said, Mapping):
        for ours, theirs in (("open_from", "from"), ("open_until", "to")):
            value = said.get(ours) or said.get(theirs) or said.get(ours.replace("_", " "))
            if value:
                more[ours] = _time(value)
        said = said.get("date") or said.get("day")
    calendars.set_holiday(
        world.session, region=_REGION, day=date.fromisoformat(str(said)), name="Holiday", **more
    )


def _customer(world: World, step: Step) -> parties.Customer | None:
    if not step.get("customer"):
        return None
    return world.customer(str(step["customer"]))


def _instant(world: World, said: object) -> datetime:
    """Read a time of a case: by the clock of its zone, unless it says an offset."""
    moment = datetime.fromisoformat(str(said))
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    zone = ZoneInfo(str(world.given.get("timezone") or world.given.get("time_zone") or "UTC"))
    return moment.replace(tzinfo=zone).astimezone(UTC)


def _at(world: World, step: Step) -> datetime:
    said = step.get("at") or step.get("when") or step.get("time") or step.get("created")
    return _instant(world, said)


def _ticket(world: World, step: Step) -> Ticket:
    of = step.get("of") or step.get("ticket")
    found: Ticket = world.ref(str(of)) if of else world.gathered["tickets"][-1]
    return found


def _tell(world: World) -> None:
    """Say how every ticket stands, in the order in which they were opened."""
    tickets: list[Ticket] = world.gathered["tickets"]
    world.values["deadlines"] = [
        [_said(world, each.response_due_at), _said(world, each.resolution_due_at)]
        for each in tickets
    ]
    world.values["states"] = [str(each.state) for each in tickets]
    last = tickets[-1]
    for each in tickets:
        _tell_of(world, each, f"{each.subject}_" if each.subject != "case" else "")
    _tell_of(world, last, "")


def _tell_of(world: World, one: Ticket, prefix: str) -> None:
    turns = support.turns_of(world.session, one)
    now = max(turn.at for turn in turns)
    held = elapsed(turns, now, waiting=True) - elapsed(turns, now, waiting=False)
    broken = support.view_ticket(world.session, one.number).breached
    average = average_response(support.said_by_whom(world.session, one))
    values: dict[str, Any] = {
        "response_by": _said(world, one.response_due_at),
        "resolution_by": _said(world, one.resolution_due_at),
        "hold_seconds": _seconds(held if _has_waited(turns) else timedelta(0)),
        "response_seconds": one.response_seconds,
        "resolution_seconds": one.resolution_seconds,
        "elapsed_seconds": _seconds(elapsed(turns, now, waiting=True)),
        "elapsed_seconds_without_waiting": _seconds(elapsed(turns, now, waiting=False)),
        "average_response_seconds": None if average is None else _seconds(average),
        "response_breached": Target.RESPONSE in broken,
        "resolution_breached": Target.RESOLUTION in broken,
        "state": str(one.state),
    }
    for name, each in values.items():
        if each is not None:
            world.values[prefix + name] = each if isinstance(each, bool) else str(each)


def _has_waited(turns: list[Turn]) -> bool:
    return any(turn.state is TicketState.WAITING for turn in turns)


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())


def _said(world: World, at: datetime | None) -> str:
    if at is None:
        return ""
    zone = ZoneInfo(str(world.given.get("timezone") or world.given.get("time_zone") or "UTC"))
    return at.astimezone(zone).replace(tzinfo=None).isoformat()
