"""The arithmetic of pay: shares of a month, the order of components, from gross to net."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from core.hr.payroll.errors import FormulaCycle, RetroByYear, UnknownPayName
from core.hr.payroll.formulas import RESERVED, Bands, Formula, Sight
from core.hr.payroll.tables import PayKind, Proration
from core.kernel.errors import Both
from core.kernel.money import Rounding, rounded
from core.kernel.months import add_months, month_end, month_start

ZERO = Decimal(0)
THIRTY, FRIDAY = 30, 4
# What a formula may name besides components and rates.
OF_THE_MONTH = {
    "gross": ("all earnings of the month, arrears included", "本月全部收入，含补发"),
    "arrears": ("what is paid for earlier months", "补发以前月份的金额"),
    "calendar_days": ("days of the month", "本月日历天数"),
    "working_days": ("days from Monday to Friday of the month", "本月工作日"),
    "days": ("days employed in the month", "本月在职天数"),
    "days_worked": ("days from Monday to Friday employed in the month", "本月在职工作日"),
    "month": ("the month of the year, 1 to 12", "月份，1 至 12"),
    "hourly_rate": ("pay by the hour, of whoever is paid so", "按小时计薪的时薪"),
    "months": ("months employed in the year so far, with this one", "本年截至本月的在职月数"),
}
TAKEN = RESERVED | frozenset(OF_THE_MONTH)
NAMED_MAX = 12


@dataclass(frozen=True)
class Stretch:
    """Days from the first through the last."""

    first: date
    last: date

    @property
    def calendar(self) -> int:
        """How many days there are."""
        return (self.last - self.first).days + 1

    @property
    def working(self) -> int:
        """How many of them are Monday to Friday."""
        weeks, rest = divmod(self.calendar, 7)
        start = self.first.weekday()
        return weeks * 5 + sum((start + place) % 7 <= FRIDAY for place in range(rest))

    @property
    def thirtieths(self) -> int:
        """How many days there are where every month has thirty; within one month."""
        return _thirtieth(self.last) - min(self.first.day, THIRTY) + 1

    def within(self, first: date, last: date | None) -> "Stretch | None":
        """Return what of it lies between two days."""
        starts = max(self.first, first)
        ends = self.last if last is None else min(self.last, last)
        return Stretch(starts, ends) if starts <= ends else None


def _thirtieth(day: date) -> int:
    return THIRTY if day == month_end(day) else min(day.day, THIRTY)


def month_of(day: date) -> Stretch:
    """Return the month that a day lies in."""
    return Stretch(month_start(day), month_end(day))


def counted(stretch: Stretch, method: Proration) -> int:
    """Return the days of a stretch as a method counts them."""
    if method is Proration.WORKING_DAYS:
        return stretch.working
    return stretch.thirtieths if method is Proration.THIRTIETHS else stretch.calendar


Values = Sequence[tuple[date, Decimal]]


def in_force(values: Values, day: date) -> Decimal:
    """Return the last of the amounts that counts on a day."""
    found = ZERO
    # Of two from the same day, the later one counts.
    for valid_from, amount in values:
        if valid_from > day:
            break
        found = amount
    return found


def prorated(values: Values, month: Stretch, there: Stretch | None, method: Proration) -> Decimal:
    """Return what amounts by the month come to, each for the days that it counts."""
    if there is None:
        return ZERO
    if method is Proration.NONE:
        return in_force(values, there.last)
    whole = counted(month, method)
    if whole == 0:
        return ZERO
    changes = [day for day, _ in values if there.first < day <= there.last]
    if not changes:
        amount = in_force(values, there.last)
        return amount if there == month else amount * counted(there, method) / whole
    starts = [there.first, *dict.fromkeys(changes)]
    ends = [*(day - timedelta(days=1) for day in starts[1:]), there.last]
    shared = sum(
        (
            in_force(values, start) * counted(Stretch(start, end), method)
            for start, end in zip(starts, ends, strict=True)
        ),
        ZERO,
    )
    return shared / whole


@dataclass(frozen=True)
class Step:
    """A component of a structure, ready to be worked out."""

    code: str
    name: str
    kind: PayKind
    formula: Formula | None
    is_prorated: bool
    is_retro: bool
    digits: int


@dataclass(frozen=True)
class Plan:
    """The components of a structure in an order in which each finds what it needs."""

    steps: tuple[Step, ...]
    # The place of each on the payslip.
    places: Mapping[str, int]
    proration: Proration
    # The components whose sum of the year some formula asks for.
    year: frozenset[str]
    names: Mapping[str, Decimal] = field(default_factory=dict)
    scales: Mapping[str, Bands] = field(default_factory=dict)


def plan_of(
    steps: Sequence[Step],
    *,
    proration: Proration,
    names: Mapping[str, Decimal],
    scales: Mapping[str, Bands],
) -> Plan:
    """Put components in order; refuse names that mean nothing, and components in a circle."""
    by_code = {step.code: step for step in steps}
    earnings = [step.code for step in steps if step.kind is PayKind.EARNING]
    needs = {step.code: _needs(step, by_code, names, scales, earnings) for step in steps}
    order = _in_order(needs)
    year = frozenset(
        name for step in steps if step.formula is not None for name in step.formula.year
    )
    _refuse_retro_by_year(steps, needs)
    return Plan(
        tuple(by_code[code] for code in order),
        {step.code: place for place, step in enumerate(steps, start=1)},
        proration,
        year,
        names,
        scales,
    )


def _needs(
    step: Step,
    by_code: Mapping[str, Step],
    names: Mapping[str, Decimal],
    scales: Mapping[str, Bands],
    earnings: Sequence[str],
) -> list[str]:
    if step.formula is None:
        return []
    needed: list[str] = []
    for name, place in step.formula.names.items():
        if name in by_code:
            needed.append(name)
        elif name == "gross":
            needed += earnings
        elif name not in OF_THE_MONTH and name not in names:
            raise _unknown(step, name, place, [*by_code, *OF_THE_MONTH, *names])
    for name, place in (*step.formula.year.items(), *step.formula.full.items()):
        if name not in by_code:
            raise _unknown(step, name, place, list(by_code))
    for name, place in step.formula.scales.items():
        if name not in scales:
            raise _unknown(step, name, place, list(scales))
    return needed


def _unknown(step: Step, name: str, place: int, known: Sequence[str]) -> UnknownPayName:
    near = sorted(known, key=lambda each: (each[:2] != name[:2], each))[:NAMED_MAX]
    listed = ", ".join(near) or "-"
    said = Both(f"there are {listed}", f"可用 {listed}")
    return UnknownPayName(component=step.code, name=name, place=place, known=said)


def _in_order(needs: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the codes so that each comes after what it needs, and otherwise as they were given."""
    order: list[str] = []
    done: set[str] = set()
    for start in needs:
        path: list[tuple[str, int]] = [(start, 0)]
        while path:
            code, place = path[-1]
            if code in done:
                path.pop()
            elif place < len(needs[code]):
                path[-1] = (code, place + 1)
                wanted = needs[code][place]
                under_way = [each for each, _ in path]
                if wanted in under_way:
                    circle = [*under_way[under_way.index(wanted) :], wanted]
                    raise FormulaCycle(path=" → ".join(circle))
                path.append((wanted, 0))
            else:
                done.add(code)
                order.append(code)
                path.pop()
    return order


def _refuse_retro_by_year(steps: Sequence[Step], needs: Mapping[str, Sequence[str]]) -> None:
    by_code = {step.code: step for step in steps}
    for step in steps:
        todo, seen = [step.code] if step.is_retro else [], set[str]()
        while todo:
            code = todo.pop()
            if code in seen:
                continue
            seen.add(code)
            formula = by_code[code].formula
            if formula is not None and formula.year:
                raise RetroByYear(component=step.code, year=", ".join(sorted(formula.year)))
            todo += needs[code]


@dataclass(frozen=True)
class Entered:
    """What is known of one person for one month, before anything is worked out."""

    month: Stretch
    # The days of the month that they are employed.
    there: Stretch | None
    # By component: what it is by the month, from which day on, oldest first.
    values: Mapping[str, Values]
    # By component: what was entered for this month, added up.
    inputs: Mapping[str, Decimal]
    # By component: the sum of the year before this month.
    year: Mapping[str, Decimal]
    months: int
    hourly_rate: Decimal = ZERO
    # What is paid for earlier months, by component and month.
    arrears: tuple[tuple[str, date, Decimal], ...] = ()


@dataclass(frozen=True)
class Worked:
    """A payslip as it was worked out: each component's value, already rounded."""

    values: Mapping[str, Decimal]
    gross: Decimal
    deductions: Decimal
    employer: Decimal

    @property
    def net(self) -> Decimal:
        """What is paid out."""
        return self.gross - self.deductions


def work_out(plan: Plan, entered: Entered, rounding: Rounding) -> Worked:
    """Work out every component in its order, and from gross to net."""
    month, there = entered.month, entered.there
    arrears = sum((amount for _, _, amount in entered.arrears), ZERO)
    names = {
        **plan.names,
        "arrears": arrears,
        "gross": arrears,
        "calendar_days": Decimal(month.calendar),
        "working_days": Decimal(month.working),
        "days": Decimal(there.calendar if there else 0),
        "days_worked": Decimal(there.working if there else 0),
        "month": Decimal(month.first.month),
        "months": Decimal(entered.months),
        "hourly_rate": entered.hourly_rate,
    }
    full: dict[str, Decimal] = {}
    sight = Sight(names, plan.scales, entered.year, full, rounding)
    found: dict[str, Decimal] = {}
    sums = dict.fromkeys(PayKind, ZERO)
    for step in plan.steps:
        if step.formula is None:
            value = _entered(step, plan, entered, full)
        else:
            value = step.formula.value(sight)
            full[step.code] = value
        value = rounded(value, step.digits, rounding) + ZERO
        found[step.code] = names[step.code] = value
        sums[step.kind] += value
        if step.kind is PayKind.EARNING:
            names["gross"] += value
    return Worked(found, names["gross"], sums[PayKind.DEDUCTION], sums[PayKind.EMPLOYER])


def _entered(step: Step, plan: Plan, entered: Entered, full: dict[str, Decimal]) -> Decimal:
    values, there = entered.values.get(step.code, ()), entered.there
    value = entered.inputs.get(step.code, ZERO)
    if not values or there is None:
        full[step.code] = ZERO
        return value
    full[step.code] = in_force(values, there.last)
    if not step.is_prorated:
        return value + full[step.code]
    return value + prorated(values, entered.month, there, plan.proration)


def shared(minor: int, shares: Sequence[tuple[str, Decimal]]) -> list[tuple[str, int]]:
    """Share an amount by percent among cost centres; the parts always come to the whole."""
    if len(shares) == 1:
        return [(shares[0][0], minor)]
    sign, whole = (-1, -minor) if minor < 0 else (1, minor)
    exact = [whole * percent / 100 for _, percent in shares]
    parts = [int(part) for part in exact]
    left = whole - sum(parts)
    # What is left over goes where most was cut off.
    order = sorted(range(len(parts)), key=lambda place: parts[place] - exact[place])
    for place in order[:left]:
        parts[place] += 1
    return [(code, sign * part) for (code, _), part in zip(shares, parts, strict=True)]


def instalments(minor: int, months: int) -> list[int]:
    """Return equal monthly parts of a loan; the last one bears what does not divide."""
    part = -(-minor // months)
    parts = []
    while minor > 0:
        parts.append(min(part, minor))
        minor -= part
    return parts


def months_in_year(hired_on: date, month: Stretch) -> int:
    """Return in how many months of the year somebody was employed, this one included."""
    starts = max(hired_on, date(month.first.year, 1, 1))
    return max(0, month.first.month - starts.month + 1)


def next_month(period: date, months: int = 1) -> date:
    """Return the first day of the month that is so many months later."""
    return add_months(period.replace(day=1), months)
