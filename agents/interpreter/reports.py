"""Read a path of pieces as a question about figures, and check it against the catalogue.

After the walk, what it noted is settled: which metric a verb or superlative stands for, which
period is compared with which, how many rows are wanted. What the catalogue cannot answer is an
issue with the nearest thing that it can, never dropped.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from agents.interpreter.comparing import compare_alone, compare_with
from agents.interpreter.draft import LIMIT, Draft, is_reached
from agents.interpreter.lattice import Path
from agents.interpreter.lexicon import SAME_WORDS, Lexicon
from agents.interpreter.spans import (
    FillerSense,
    Frame,
    MetricSense,
    WordSense,
)
from agents.interpreter.times import TimeSpan
from agents.interpreter.walking import Walk
from core.kernel.semantics import Kind, Said, Timing
from core.reporting.catalogue import CATALOGUE
from core.reporting.periods import Grain, add_days
from core.reporting.query import (
    ROWS_MAX,
    AsOf,
    Compare,
    Having,
    Period,
    Range,
    Relative,
    resolve,
)


def read_report(path: Path, lexicon: Lexicon, today: date) -> Draft:
    """Read a path as a question, or as the part of one that follows another."""
    return _Reader(path, lexicon, today).read()


class _Reader(Walk):
    def read(self) -> Draft:
        for place, piece in enumerate(self.pieces):
            self._take(place, piece)
        self._settle_metric()
        if self.draft.direction:
            self._take_waiting_limit()
        self._leftovers()
        self._settle_times()
        self._settle_rows()
        self._check()
        return self.draft

    # Settling what the walk found.

    def _leftovers(self) -> None:
        if self._only_number():
            self.draft.rows = int(self.waiting.pop().value)
        for number in self.waiting:
            self._issue(
                "unused",
                f"I cannot place the number {number.value:f}",
                f"我不确定数字 {number.value:f} 的意思",
                f"{number.value:f}",
            )
        if self.negated and not any(negative for _, negative in self.draft.filters):
            self._issue("unused", "I am not sure what to leave out", "我不确定要排除什么", "not")
        if self.threshold:
            self._issue(
                "unused",
                "I am missing the number of the threshold",
                "缺少阈值的数字",
                self.threshold,
            )

    def _only_number(self) -> bool:
        """Tell whether a whole number is all that was said: "10", "the first 10 please"."""
        if len(self.waiting) != 1 or self.draft.issues or not self.draft.empty:
            return False
        number = self.waiting[0]
        plain = not (number.percent or number.currency or number.approximate or self.threshold)
        return plain and number.value == int(number.value) and 0 < number.value <= ROWS_MAX

    def _settle_metric(self) -> None:
        draft = self.draft
        if not draft.metrics:
            metric = self._from_frame() or self._counted()
            if not metric:
                metric = self._from_superlative() or self._from_movement()
                draft.supposed = bool(metric) and not self.which
            if metric:
                draft.metrics.append(metric)
                draft.metric_named = True
        else:
            if draft.metrics == ["customers"] and self.frames:
                # How many are on file is known of today only; who bought in a period, of any.
                draft.metrics = ["buying_customers"]
            self._use_frames_beside_metric()
            if self.counted == "who" and not draft.dimensions and not self.loose:
                self._who(draft.metrics[0])
        if self.average and draft.metrics:
            ratio = all(self.lexicon.metrics[m].kind is Kind.RATIO for m in draft.metrics)
            if not ratio:
                self._issue(
                    "impossible",
                    "I cannot average that; ask for the total, or for the average order value",
                    "无法求平均；可以查总额或平均订单金额",
                    "average",
                )
        if self._having_unnamed and draft.metrics:
            draft.having = [h.model_copy(update={"metric": draft.metrics[0]}) for h in draft.having]

    def _actor(self) -> str:
        kinds = {d for d, _ in self.draft.filters} | set(self.draft.dimensions) | set(self.loose)
        if self.counted and self.counted != "who":
            kinds.add(self.counted)
        if "supplier" in kinds:
            return "we"
        if "customer" in kinds or self.counted == "who":
            return "they"
        said = {p.text for p in self.pieces}
        to_us = any(
            p.text.endswith(" us") or ("我们" in p.text and p.text != "我们") for p in self.pieces
        )
        we = any("we" in text.split() or text in {"我们", "咱们", "公司"} for text in said)
        return "we" if we and not to_us else "they"

    def _frame(self) -> Frame | None:
        for _, frames in self.frames:
            fitting = [f for f in frames if f.actor in {"", self._actor()}]
            if fitting:
                return fitting[0]
        return self.frames[0][1][0] if self.frames else None

    def _from_frame(self) -> str:
        draft = self.draft
        # An adjective that orders ("best selling") wins over the plain verb beside it.
        ordering = [f for _, fs in self.frames for f in fs if f.direction or f.threshold]
        frame = ordering[0] if ordering else self._frame()
        if frame is None:
            return ""
        metric = frame.metric
        has_item = any(d == "item" for d, _ in draft.filters) or self.counted == "item"
        if self.counted == frame.subject and self.counted in {"customer", "supplier"}:
            return self._counted()
        if self.many or (self.counted == "item") or (has_item and self._plain_how_much()):
            metric = frame.how_many or metric
        self._apply(frame)
        named = [*draft.dimensions, *self.loose, *(d for d, _ in draft.filters)]
        by = dict(frame.by)
        return next((by[group] for group in named if group in by), metric)

    def _plain_how_much(self) -> bool:
        # 卖了多少台灯 asks for pieces, "how much of X did we sell" for money.
        return any("多少" in p.text and "钱" not in p.text for p in self.pieces)

    def _apply(self, frame: Frame) -> None:
        draft = self.draft
        if frame.groups and not draft.dimensions:
            draft.dimensions.append(frame.groups)
        if frame.direction:
            draft.direction = frame.direction
            if not draft.dimensions and not self.loose and frame.subject:
                draft.dimensions.append(frame.subject)
        if self.counted == "who" and not draft.dimensions and frame.subject:
            draft.dimensions.append(frame.subject)
        if frame.threshold and not self.much:
            if not draft.dimensions and not self.loose:
                draft.dimensions.append(frame.subject)
            draft.having.append(
                Having(
                    metric=frame.metric,
                    op="gt" if frame.threshold == "positive" else "le",
                    value=Decimal(0),
                )
            )

    def _use_frames_beside_metric(self) -> None:
        for place, frames in self.frames:
            fitting = next((f for f in frames if f.actor in {"", self._actor()}), frames[0])
            if fitting.direction:
                self._apply(fitting)
            elif fitting.threshold or not self._says_the_same(frames):
                self._unused(self.pieces[place])

    def _says_the_same(self, frames: Sequence[Frame]) -> bool:
        """Tell whether a verb only says again which figure is meant: "revenue we made"."""
        meant = {
            m for frame in frames for m in (frame.metric, frame.how_many, *dict(frame.by).values())
        }
        return not meant.isdisjoint(self.draft.metrics)

    def _who(self, metric: str) -> None:
        frame = self._frame()
        subjects = (frame.subject if frame else "", "customer", "supplier", "salesperson")
        known = (subject for subject in subjects if subject and is_reached(metric, subject))
        if (subject := next(known, None)) is not None:
            self.draft.dimensions.append(subject)

    def _counted(self) -> str:
        settings = self.lexicon.settings["en"]
        dimension = self.counted
        if dimension in {"", "who"}:
            return ""
        if (self.times or self.frames or self.draft.filters) and dimension in settings[
            "count_with_period"
        ]:
            return str(settings["count_with_period"][dimension])
        metric = str(settings["counts"].get(dimension, ""))
        return metric if metric in self.lexicon.metrics else ""

    def _from_superlative(self) -> str:
        draft = self.draft
        if not draft.direction:
            return ""
        if not draft.dimensions and self.loose:
            draft.dimensions.append(self.loose.pop(0))
        defaults = self.lexicon.settings["en"]["superlatives"]["default"]
        for dimension in draft.dimensions:
            if (metric := defaults.get(dimension)) in self.lexicon.metrics:
                return str(metric)
        return "revenue" if draft.grain and "revenue" in self.lexicon.metrics else ""

    def _from_movement(self) -> str:
        """Return what is meant to have grown of those that grew: "which customers shrank"."""
        draft = self.draft
        dimension = next(iter(draft.dimensions or self.loose), "")
        defaults = self.lexicon.settings["en"]["superlatives"]["default"]
        metric = str(defaults.get(dimension, "")) if self.moved else ""
        return metric if metric in self.lexicon.metrics else ""

    def _settle_times(self) -> None:
        draft = self.draft
        self._join_year()
        periods = _in_one_year([time for _, time in self.times])
        if draft.shifts and periods and draft.compare is None:
            draft.compare, draft.shifts = Compare(to="prior_period"), False
        if not periods:
            return
        if len(periods) == 1:
            place, period = self.times[0][0], periods[0]
            if self._beside_versus(place) and not draft.compare and not self._values_compared():
                self._versus_only(period)
                return
            draft.period, draft.point = period, self.times[0][1].point
            if draft.point is not None and draft.metrics and _all_states(draft.metrics):
                draft.period = AsOf(day=draft.point)
            return
        if len(periods) == 2:  # noqa: PLR2004
            if self.compared and not draft.compare:
                # "Which shrank vs last year, ytd": what stands behind "vs" is the other one.
                places = [place for place, _ in self.times]
                turned = (
                    places[0] in self._behind_versus() and places[1] not in self._behind_versus()
                )
                named, other = periods[::-1] if turned else periods
                draft.period, draft.compare = named, compare_with(named, other)
                return
            joined = _union(periods[0], periods[1], self.today)
            if joined is not None:
                draft.period, unit = joined
                draft.grain = draft.grain or unit
                return
        self._issue(
            "many",
            "I found more than one period; say which one, or “A compared with B”",
            "找到多个时间段；请说明用哪一个，或说“A与B对比”",
            "period",
        )

    def _behind_versus(self) -> set[int]:
        """Return the places right behind a word that compares, as in English."""
        # "Compare Q1 with last year" begins with what is asked about.
        said = [at for at in self.versus_at if not self.pieces[at].text.startswith("compare")]
        return {at + 1 for at in said if self.pieces[at].text.isascii()}

    def _join_year(self) -> None:
        """Read "the first half, last year": a part of a year, and the year said apart from it."""
        if len(self.times) != 2 or self.compared or self.draft.compare:  # noqa: PLR2004
            return
        for (place, part), (_, other) in (self.times, self.times[::-1]):
            year = _whole_year(other.period, self.today)
            if part.at is not None and part.year is None and year is not None:
                self.times = [(place, replace(part, period=part.at(year), year=year, at=None))]
                return

    def _beside_versus(self, place: int) -> bool:
        # "vs last year" in front, 和去年相比 behind; only small words may lie between.
        for at in self.versus_at:
            low, high = sorted((at, place))
            between = self.pieces[low + 1 : high]
            if all(p.sense(FillerSense) or p.sense(WordSense) for p in between):
                return at < place or high - low == 1
        return False

    def _values_compared(self) -> bool:
        return (
            any(
                len(refs) > 1 and not (self.grouped and dimension == "item")
                for (dimension, _), refs in self.draft.filters.items()
            )
            or len(self.draft.metrics) > 1
        )

    def _versus_only(self, period: Period) -> None:
        named, self.draft.compare = compare_alone(period)
        self.draft.period = named or self.draft.period

    def _settle_rows(self) -> None:
        self.relative = bool(self.loose)
        self._settle_groups()
        self._settle_moved()
        self._settle_comparison()
        self._settle_share()
        self._settle_order()

    def _settle_groups(self) -> None:
        draft = self.draft
        named = {d for d, _ in draft.filters} | {self.counted}
        named |= self._acting()
        for dimension in self.loose:
            if dimension not in draft.dimensions and dimension not in named:
                draft.dimensions.append(dimension)
        if (self.compared and draft.compare is None) or (self.each and not draft.dimensions):
            # "Germany against France", "online and reseller each": one row for each of them.
            several = [d for (d, no), refs in draft.filters.items() if len(refs) > 1 and not no]
            draft.dimensions += [d for d in several if d not in draft.dimensions][:1]
        if draft.display == "line" and not draft.grain and not draft.dimensions:
            draft.grain = "month"
        if draft.having and draft.metrics and not draft.dimensions and not draft.grain:
            self._issue(
                "unused",
                "a threshold needs something to compare, such as “by customer”",
                "阈值需要一个比较的维度，例如“按客户”",
                "threshold",
            )
            draft.having = []

    def _acting(self) -> set[str]:
        """Return who only does what is asked about: "how much did customers pay us"."""
        long = any(p.sense(MetricSense) and "多" in p.text for p in self.pieces)
        if not (self.much or long or (self.which and self.draft.dimensions)):
            return set()
        subjects = {f.subject for _, frames in self.frames for f in frames if f.subject}
        return subjects | ({"customer"} if long else set())

    def _settle_moved(self) -> None:
        """Keep those that rose, or fell: "which customers shrank"."""
        draft = self.draft
        asked = draft.dimensions and (self.which or self.relative)
        if not (self.moved and asked and draft.metrics) or draft.direction:
            return
        if not any(one.on == "growth" for one in draft.having):
            zero = Having(metric=draft.metrics[0], op=self.moved, value=Decimal(0), on="delta")
            draft.having.append(zero)
        elif self.moved == "lt":
            # "Fell by more than 10 %": the change is below minus ten.
            draft.having = [_fallen(one) if one.on == "growth" else one for one in draft.having]

    def _settle_comparison(self) -> None:
        draft = self.draft
        changes = draft.growth or draft.direction.startswith(("growth", "delta"))
        alone = self.compared and draft.period is not None and not self._values_compared()
        if draft.compare is None and (alone or changes):
            draft.compare = Compare(to="prior_year")
        alone = draft.compare is not None and draft.period is None and bool(draft.metrics)
        if alone and draft.compare is not None and draft.compare.to != "period":
            unit: Grain = "month" if draft.compare.to == "prior_period" else "year"
            draft.period = Relative(unit=unit)

    def _settle_share(self) -> None:
        draft = self.draft
        if draft.share and not draft.dimensions and not draft.grain:
            # "What share comes from online?": the share of every channel, online among them.
            single = [d for (d, negative) in draft.filters if not negative]
            if len(single) == 1:
                draft.dimensions.append(single[0])
                draft.filters = {k: v for k, v in draft.filters.items() if k[0] != single[0]}
        if draft.share and draft.metrics and not draft.dimensions and not draft.grain:
            ratio = all(self.lexicon.metrics[m].kind is Kind.RATIO for m in draft.metrics)
            if not ratio:
                self._issue(
                    "unused", "I do not see a share of what", "不清楚是占什么的比例", "share"
                )
        if draft.cumulative and not draft.grain:
            draft.grain = "month"

    def _settle_order(self) -> None:
        draft = self.draft
        if draft.direction and not draft.dimensions and not draft.grain and draft.metrics:
            self._rank_subject()
        self._settle_quality()
        if draft.direction.startswith(("growth", "delta")):
            draft.order_what, _, draft.direction = draft.direction.partition("_")
        elif draft.growth and draft.direction:
            draft.order_what = "growth"
        grouped = draft.dimensions or draft.grain
        if draft.limit is None or not draft.direction or len(draft.dimensions) < 2:  # noqa: PLR2004
            draft.limit_per = ""
        if draft.direction and draft.limit is None and grouped and not self.ranked:
            draft.limit = 1 if self.which and self.singular else LIMIT

    def _settle_quality(self) -> None:
        """Rank by what is good: the worst return rate is the highest one."""
        draft = self.draft
        metric = self.lexicon.metrics.get(draft.metrics[0]) if draft.metrics else None
        if metric is None or metric.more_is_better is not False:
            return
        if draft.direction == "asc" and self.quality == "worst":
            draft.direction = "desc"
        elif draft.direction == "desc" and self.quality == "best":
            draft.direction = "asc"

    def _rank_subject(self) -> None:
        """Rank those whom a metric is about: "our biggest debtors" are customers."""
        subject = _SUBJECTS.get(self.draft.metrics[0])
        if subject is not None:
            self.draft.dimensions.append(subject)
            return
        self._issue(
            "unused",
            "a ranking needs something to rank, such as “by customer”",
            "排名需要一个维度，例如“按客户”",
            "ranking",
        )

    def _check(self) -> None:
        self._take_nearest()
        draft = self.draft
        self._check_present()
        for metric in [m for m in draft.metrics if m in self.lexicon.metrics]:
            for dimension in self._named():
                if is_reached(metric, dimension):
                    continue
                same = (d for d, word in SAME_WORDS.items() if word == dimension)
                other = next((d for d in same if is_reached(metric, d)), None)
                if other is not None:
                    self._replace(dimension, other)
                else:
                    self._cannot(metric, dimension)

    def _check_present(self) -> None:
        """Refuse to tell of another day what is known of today only, such as reserved stock."""
        draft = self.draft
        if draft.period is None or resolve(draft.period, self.today).end == self.today:
            return
        for metric in draft.metrics:
            if is_of_now(metric):
                names = CATALOGUE.metrics[metric].names
                self._issue(
                    "impossible",
                    f"{names.en} is known for today only",
                    f"{names.zh}只有今天的数字",
                    metric,
                )

    def _named(self) -> list[str]:
        named = [*self.draft.dimensions, *(d for d, _ in self.draft.filters)]
        return [*named, "item"] if self.draft.containing else named

    def _take_nearest(self) -> None:
        draft = self.draft
        for place, metric in enumerate(draft.metrics):
            nearest = _NEAREST.get(metric, "")
            named = self._named()
            if nearest not in self.lexicon.metrics or nearest in draft.metrics:
                continue
            if all(is_reached(metric, d) for d in named):
                continue
            if all(is_reached(nearest, d) for d in named):
                draft.metrics[place] = nearest
                draft.is_instead = True
                names = self.lexicon.metrics[metric].names, self.lexicon.metrics[nearest].names
                draft.notices.append(
                    Said(
                        f"{names[0].en.capitalize()} is not known by that; this is {names[1].en}.",
                        f"{names[0].zh}不能这样拆分；这里是{names[1].zh}。",
                    )
                )

    def _replace(self, old: str, new: str) -> None:
        draft = self.draft
        draft.dimensions = [new if d == old else d for d in draft.dimensions]
        draft.filters = {
            ((new if d == old else d), n): refs for (d, n), refs in draft.filters.items()
        }

    def _cannot(self, metric: str, dimension: str) -> None:
        names, by = self.lexicon.metrics[metric].names, CATALOGUE.dimensions[dimension].names
        can = [
            self.lexicon.dimensions[d].names
            for d in CATALOGUE.dimensions_of(metric)
            if d in self.lexicon.dimensions
        ][:6]
        self._issue(
            "impossible",
            f"{names.en} cannot be told by {by.en}; it can by " + ", ".join(n.en for n in can),
            f"{names.zh}不能按{by.zh}来看；可以按" + "、".join(n.zh for n in can),
            dimension,
        )


def is_of_now(metric: str) -> bool:
    """Tell whether a figure, or a part of it, is known of the present only."""
    known = CATALOGUE.metrics.get(metric)
    if known is None:
        return False
    if known.measure is not None:
        return known.measure.timing is Timing.PRESENT
    return any(is_of_now(part) for part in known.parts)


def _fallen(one: Having) -> Having:
    turned = {"gt": "lt", "ge": "le"}.get(one.op)
    return one if turned is None else one.model_copy(update={"op": turned, "value": -one.value})


def _all_states(metrics: Sequence[str]) -> bool:
    return all(CATALOGUE.is_snapshot(metric) for metric in metrics)


def _whole_year(period: Period, today: date) -> int | None:
    """Return the year that a stretch of time is, if it is one from its first day on."""
    if isinstance(period, Relative):
        is_year = period.unit == "year" and period.count == 1 and not period.through_today
        return today.year + period.offset if is_year else None
    if isinstance(period, Range) and period.start and period.end:
        first, last = date(period.start.year, 1, 1), date(period.start.year, 12, 31)
        return period.start.year if (period.start, period.end) == (first, last) else None
    return None


def _in_one_year(times: Sequence[TimeSpan]) -> list[Period]:
    """Read "Q3 2025 and Q2": a part of a year without one is of the year that was named."""
    years = [time.year for time in times if time.year is not None]
    joined = [time.at(years[0]) if years and time.at is not None else time.period for time in times]
    # "Q1 and Q1 last year": the other one is that of this year.
    same = len(joined) > 1 and all(period == joined[0] for period in joined)
    return [time.period for time in times] if same else joined


def _union(left: Period, right: Period, today: date) -> tuple[Range, Grain] | None:
    spans = [resolve(period, today).whole for period in (left, right)]
    first, second = sorted(spans, key=lambda span: span.start or today)
    if first.end is None or second.start is None or add_days(first.end, 1) != second.start:
        return None
    days = (first.end - (first.start or first.end)).days + 1
    unit = next(unit for unit, least in _LEAST_DAYS.items() if days >= least)
    if days != ((second.end or second.start) - second.start).days + 1 and unit == "day":
        return None
    return Range(start=first.start, end=second.end), unit


_SUBJECTS = {
    "ar_balance": "customer", "ar_overdue": "customer", "ap_balance": "supplier",
    "ap_overdue": "supplier", "purchase_spend": "supplier", "supplier_lead_time": "supplier",
    "supplier_otd": "supplier", "stock_on_hand": "item", "stock_value": "item",
    "stock_available": "item", "units_sold": "item", "headcount": "department",
}  # fmt: skip
# What is told by more dimensions, and what people mean when they ask for it by one of them.
_NEAREST = {"net_profit": "gross_profit"}
_LEAST_DAYS: dict[Grain, int] = {"year": 365, "quarter": 90, "month": 28, "day": 0}
