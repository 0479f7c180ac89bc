"""How well the embedded interpreter understands: labelled questions in, an honest table out.

Every question is right, asked back (a click away), refused, or wrong; a wrong one is what nobody
would notice, so it is counted apart and printed.
"""

import json
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from agents.interpreter.dialogue import DialogueContext
from agents.interpreter.entities import EntityIndex, Named, member_named, rate_sets_named
from agents.interpreter.lexicon import Lexicon, compile_lexicon
from agents.interpreter.reading import (
    ANSWER,
    DEFINE,
    LIST,
    ApprovalReply,
    Ask,
    Calls,
    Reader,
    Reading,
    Refuse,
    Reply,
)
from agents.interpreter.spans import Entity
from agents.interpreter.standing import kept_names, report_query_of
from core.kernel.errors import Language
from core.reporting.catalogue import CATALOGUE
from core.reporting.lists import ListQuery
from core.reporting.lists.query import PAGE
from core.reporting.query import Compare, Period, Range, Relative, ReportQuery
from tools import TOOLBOX
from tools.base import Tool

QUESTIONS = Path(__file__).parent / "questions"
SETS = ("reports_en", "reports_zh", "actions_en", "actions_zh", "lists_en", "lists_zh")
Verdict = Literal["right", "asked", "refused", "wrong"]


@dataclass(frozen=True)
class Outcome:
    """What became of one question."""

    set: str
    id: str
    text: str
    verdict: Verdict
    got: str
    wanted: str
    ms: float


@dataclass
class Thread:
    """What a conversation leaves behind for its next message."""

    context: DialogueContext = field(default_factory=DialogueContext)


@cache
def load_world(file: Path = QUESTIONS / "world.yaml") -> tuple[EntityIndex, date]:
    """Return the names of the world that questions are asked in, and its date."""
    world = yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader)
    kinds = {
        "items": "item", "customers": "customer", "suppliers": "supplier",
        "employees": "employee", "territories": "territory", "categories": "category",
        "locations": "location", "accounts": "account",
        "bank_accounts": "bank_account",
        "tax_codes": "tax_code",
        "assets": "asset", "asset_classes": "asset_class",
        "units": "unit", "promotions": "promotion", "commission_plans": "commission_plan",
        "contacts": "contact", "opportunities": "opportunity", "leads": "lead",
        "stages": "stage", "pipelines": "pipeline", "sales_teams": "sales_team",
        "people": "person",
        "pay_components": "pay_component", "pay_structures": "pay_structure",
        "lots": "lot", "item_templates": "item_template", "price_lists": "price_list",
        "projects": "project",
        "segments": "segment", "campaigns": "campaign", "mail_templates": "mail_template",
        "leave_types": "leave_type", "expense_categories": "expense_category",
        "work_centres": "work_centre",
    }  # fmt: skip
    named = []
    for many, kind in kinds.items():
        for key, name, name_zh, *_ in world.get(many, ()):
            entity = Entity(kind, str(key), name, name_zh or "")
            named.append(Named(entity, tuple(n for n in (str(key), name, name_zh) if n)))
    # What is called by its name alone.
    alone = {"headings": "heading", "dimensions": "dimension", "templates": "entry_template"}
    for many, kind in alone.items():
        for key, name, name_zh in world[many]:
            entity = Entity(kind, str(key), name, name_zh or "")
            named.append(Named(entity, tuple(n for n in (name, name_zh) if n)))
    dimensions = {key: (key, name, name_zh) for key, name, name_zh in world["dimensions"]}
    for dimension, code, name, name_zh in world["dimension_members"]:
        named.append(member_named(dimensions[dimension], code, name, name_zh))
    named += rate_sets_named()
    return EntityIndex.of(named), world["today"]


def load_lexicon(
    entities: EntityIndex, tools: Iterable[Tool] | None = None, currency: str | None = None
) -> Lexicon:
    """Return the lexicon of somebody who may do everything."""
    world = yaml.safe_load((QUESTIONS / "world.yaml").read_text("utf-8"))
    return compile_lexicon(
        CATALOGUE.metrics.values(),
        CATALOGUE.dimensions.values(),
        TOOLBOX.tools.values() if tools is None else tools,
        entities,
        currency or world["currency"],
        kept_names({name: number for number, name in world["saved_reports"]}),
    )


def run(sets: Sequence[str] = SETS, tools: Iterable[Tool] | None = None) -> list[Outcome]:
    """Ask every question of some sets, each thread as one conversation."""
    entities, today = load_world()
    lexicon = load_lexicon(entities, tools)
    reader = Reader()
    reader.read(
        "warm up", language_hint="en", context=DialogueContext(), lexicon=lexicon, today=today
    )
    outcomes = []
    for name in sets:
        threads: dict[str, Thread] = defaultdict(Thread)
        for question in _questions(name):
            thread = threads[question.get("thread", question["id"])]
            outcomes.append(_ask(reader, name, question, thread, lexicon, today))
    return outcomes


def _questions(name: str) -> Iterator[dict[str, Any]]:
    """Read the questions of a set: its own file, and one for each room that has many."""
    for file in sorted(QUESTIONS.glob(f"{name}*.jsonl")):
        yield from (json.loads(line) for line in file.read_text("utf-8").splitlines())


def _ask(
    reader: Reader,
    name: str,
    question: Mapping[str, Any],
    thread: Thread,
    lexicon: Lexicon,
    today: date,
) -> Outcome:
    hint: Language = "zh" if name.endswith("zh") else "en"
    started = time.perf_counter()
    reading = reader.read(
        question["text"], language_hint=hint, context=thread.context, lexicon=lexicon, today=today
    )
    ms = (time.perf_counter() - started) * 1000
    thread.context = after(reading, thread.context)
    got = plain(reading)
    wanted = [question["expect"], *question.get("also", [])]
    return Outcome(
        name,
        question["id"],
        question["text"],
        _verdict(got, wanted),
        json.dumps(got, ensure_ascii=False, default=str),
        json.dumps(wanted[0], ensure_ascii=False),
        ms,
    )


def after(reading: Reading, before: DialogueContext) -> DialogueContext:
    """Return what a message leaves behind for the next one of its conversation."""
    if isinstance(reading, Ask):
        return DialogueContext(
            before.last_query, before.last_calls, reading.frame, before.proposal_open
        )
    if isinstance(reading, Calls):
        query, asked = before.last_query, before.last_asked
        for call in reading.calls:
            if report_query_of(call):
                asked = {"query": call["arguments"]["query"]}
            if call["tool"] == ANSWER:
                query = ReportQuery.model_validate(call["arguments"]["query"])
        writes = any(
            c["tool"] in TOOLBOX.tools and TOOLBOX.tools[c["tool"]].writes for c in reading.calls
        )
        return DialogueContext(query, reading.calls, None, writes, last_asked=asked)
    return DialogueContext(before.last_query, before.last_calls, None, before.proposal_open)


def _verdict(got: Mapping[str, Any], wanted: Sequence[Mapping[str, Any]]) -> Verdict:
    if any(_same(got, want) for want in wanted):
        return "right"
    if "ask" in got:
        return "asked"
    return "refused" if "refuse" in got else "wrong"


def _same(got: Mapping[str, Any], want: Mapping[str, Any]) -> bool:
    if "calls" in want and "calls" in got:
        return len(got["calls"]) == len(want["calls"]) and all(
            g["tool"] == w["tool"] and _same_arguments(g["arguments"], w["arguments"])
            for g, w in zip(got["calls"], want["calls"], strict=True)
        )
    return dict(got) == dict(want)


def _same_arguments(got: Mapping[str, Any], want: Mapping[str, Any]) -> bool:
    def flat(value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, Mapping):
            return [flat(value[key]) for key in sorted(value)]
        if isinstance(value, list | tuple):
            return [flat(v) for v in value]
        return str(value)

    return {k: flat(v) for k, v in got.items()} == {k: flat(v) for k, v in want.items()}


# A reading in the short form that the labels are written in.


def plain(reading: Reading) -> dict[str, Any]:
    """Return a reading in the form that labels are written in."""
    if isinstance(reading, Ask):
        return {"ask": True}
    if isinstance(reading, Refuse):
        return {"refuse": True}
    if isinstance(reading, Reply):
        return {"reply": reading.kind}
    if isinstance(reading, ApprovalReply):
        return _decision(reading)
    first = reading.calls[0]
    if len(reading.calls) == 1 and first["tool"] == ANSWER:
        return {"report": short(ReportQuery.model_validate(first["arguments"]["query"]))}
    if len(reading.calls) == 1 and first["tool"] == LIST:
        return {"list": short_list(ListQuery.model_validate(first["arguments"]["query"]))}
    if first["tool"] == DEFINE:
        return {"define": first["arguments"]["term"]}
    return {"calls": [dict(call) for call in reading.calls]}


def _decision(reading: ApprovalReply) -> dict[str, Any]:
    said = reading.decision
    found: dict[str, Any] = {"approval": said.verdict}
    if said.reason:
        found["reason"] = said.reason
    if said.number is not None:
        found["number"] = f"{said.number:f}"
    if said.day is not None:
        found["day"] = said.day.isoformat()
    if said.proposal:
        found["proposal"] = said.proposal
    return found


def short(query: ReportQuery) -> dict[str, Any]:
    """Return the parts of a question that are not left to the usual."""
    filters = {
        op: {f.dimension: sorted(_label(v) for v in f.values) for f in query.filters if f.op == op}
        for op in ("in", "not_in")
    }
    parts = {
        "metrics": sorted(query.metrics),
        "by": sorted(query.dimensions),
        "grain": query.grain,
        "period": query.period and short_period(query.period),
        "filters": filters["in"],
        "not": filters["not_in"],
        "compare": query.compare and _compare(query.compare),
        "having": [f"{h.metric} {h.op} {h.value:f}" for h in query.having],
        "order": " ".join(
            f"{o.by}{'' if o.what == 'value' else ' ' + o.what} {o.dir}" for o in query.order
        ),
        "limit": query.limit,
        "share": query.share_of is not None,
        "cumulative": query.cumulative is not None,
    }
    return {key: value for key, value in parts.items() if value}


def short_list(query: ListQuery) -> dict[str, Any]:
    """Return the parts of a question for records that are not left to the usual."""
    where = [
        " ".join(
            [one.field, one.op, *(getattr(v, "id", None) or str(v) for v in one.values),
             *([short_period(one.period)] if one.period else [])]
        )
        for one in query.filters
    ]  # fmt: skip
    plain: dict[str, Any] = {"records": query.records, "where": sorted(where)}
    if query.order:
        plain["order"] = " ".join(f"{one.by} {one.dir}" for one in query.order)
    if query.limit != PAGE:
        plain["limit"] = query.limit
    return plain


def _label(value: Any) -> str:  # noqa: ANN401
    if hasattr(value, "id"):
        # Codes of master data are looked up by name in labels; parties and items by their key.
        return str(
            value.id
            if value.id[:2] in {"C-", "S-", "E-"} or value.id[-1].isdigit()
            else value.label or value.id
        )
    return str(value)


def _compare(compare: Compare) -> str:
    return short_period(compare.period) if compare.period is not None else compare.to


def short_period(period: Period) -> str:
    """Return a period as the labels write it: 2013, 2014-05, month-1, month-3..-1, a..b."""
    if isinstance(period, Relative):
        last = period.offset + period.count - 1
        said = f"{period.unit}{period.offset}" + (f"..{last}" if period.count > 1 else "")
        return said + ("+td" if period.to_date else "") + ("+tt" if period.through_today else "")
    if isinstance(period, Range):
        return _short_range(period.start, period.end)
    return f"as of {period.day or 'today'}"


def _short_range(start: date | None, end: date | None) -> str:
    if start and end and start.year == end.year:
        if (start, end) == (date(start.year, 1, 1), date(start.year, 12, 31)):
            return f"{start.year}"
        if start.day == 1 and start.month == end.month and (end + timedelta(days=1)).day == 1:
            return f"{start:%Y-%m}"
    return f"{start or ''}..{end or ''}"


def summary(outcomes: Sequence[Outcome]) -> str:
    """Return the figures as a table, and every question that did not come out right."""
    lines = [f"{'set':<12}{'asked of it':>12}{'right':>8}{'asked':>8}{'refused':>9}{'wrong':>7}"]
    for name in [*dict.fromkeys(o.set for o in outcomes), "all"]:
        mine = [o for o in outcomes if name in {o.set, "all"}]
        counts = Counter(o.verdict for o in mine)
        lines.append(
            f"{name:<12}{len(mine):>12}{counts['right']:>8}{counts['asked']:>8}"
            f"{counts['refused']:>9}{counts['wrong']:>7}"
        )
    times = sorted(o.ms for o in outcomes)
    median, p99 = statistics.median(times), times[int(len(times) * 0.99)]
    lines.append(f"understanding a message: median {median:.1f} ms, p99 {p99:.1f} ms")
    lines += [
        f"{outcome.verdict:<8}{outcome.id} {outcome.text}\n"
        f"         wanted {outcome.wanted}\n         got    {outcome.got}"
        for outcome in outcomes
        if outcome.verdict != "right"
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str] = ()) -> int:
    """Print how well the labelled questions of all sets, or of those named, are understood."""
    unknown = sorted(set(arguments) - set(SETS))
    if unknown:
        print(f"no set is called {', '.join(unknown)}; there are {', '.join(SETS)}")  # noqa: T201
        return 2
    outcomes = run(tuple(arguments) or SETS)
    print(summary(outcomes))  # noqa: T201
    return 1 if any(outcome.verdict == "wrong" for outcome in outcomes) else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
