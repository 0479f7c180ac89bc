"""The clerk that carries out standing orders: asks what is due, as its owner, and tells them.

Any number of clerks may run: each takes an order that no other has taken. What an order tells is
written together with its run and its next time, or not at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.kernel import clock
from core.kernel.company import company_or_none
from core.kernel.database import DatabaseUnavailable, reading, unit_of_work
from core.kernel.errors import DomainError, Language
from core.kernel.identity import service as identity
from core.kernel.identity.acting import Acting, Actor
from core.kernel.identity.errors import PersonInactive
from core.kernel.identity.roles import Role
from core.kernel.semantics import Said
from core.reporting import CATALOGUE, ReportQuery, readback, saved
from core.reporting.lists import ListQuery
from core.reporting.saved import Due, OrderKind, Question, Told
from core.reporting.words import day_said
from tools import Answer, Call, Toolbox
from tools.records import ListRecords
from tools.reporting import AnswerReport, ReportAnswer

NAME = "clerk"
ROUND_MAX = 100
ROWS_KEPT = 20

CLERK = Acting(
    Actor(NAME, roles=frozenset({Role.WATCHER}), is_person=False),
    door="watcher",
    why="standing orders",
)

log = structlog.get_logger(__name__)

# What a figure is looked at by first, to see where it comes from.
_BREAKDOWNS = ("customer", "supplier", "item", "category", "gl_account", "territory", "department")
# What is usually done about a figure; said as one would say it to the assistant.
_STEPS: Mapping[str, Said] = {
    "ar_overdue": Said("who has to be reminded?", "需要催收哪些客户？"),
    "stock_on_hand": Said("what should we order?", "应该订购什么？"),
    "stock_available": Said("what should we order?", "应该订购什么？"),
}


def carry_out_due(engine: Engine, toolbox: Toolbox) -> int:
    """Carry out every order that is due; return how many had something to tell."""
    with reading(engine) as session:
        if company_or_none(session) is None:
            return 0
        watches, waits = saved.any_watches_changes(session), saved.waits(session, clock.now())
    if watches:
        with unit_of_work(engine, CLERK) as session:
            waits = bool(saved.notice_news(session)) or waits
    told = 0
    if waits:
        for _ in range(ROUND_MAX):
            done = _carry_out_next(engine, toolbox)
            if done is None:
                break
            told += done
    return told


def _carry_out_next(engine: Engine, toolbox: Toolbox) -> bool | None:
    """Carry out one order; tell whether it told something, None where none is due."""
    with unit_of_work(engine, CLERK) as session:
        due = saved.claim(session)
        if due is None:
            return None
        try:
            worked_out = _work_out(engine, toolbox, session, due)
        except DatabaseUnavailable:
            raise
        except DomainError as refusal:
            # Its owner may not ask this any more, or it cannot be asked: that is for them to see.
            log.warning("a standing order is paused", order=due.order.number, why=refusal.code)
            saved.pause_because(session, due, refusal)
            return True
        except Exception:
            # One order that fails must not keep the others waiting; its owner is told.
            log.exception("a standing order failed", order=due.order.number)
            saved.put_off(session, due)
            return False
        return saved.settle(session, due, worked_out.told, is_met=worked_out.is_met) is not None


@dataclass(frozen=True)
class _WorkedOut:
    told: Told | None
    is_met: bool = False


def _work_out(engine: Engine, toolbox: Toolbox, session: Session, due: Due) -> _WorkedOut:
    if not due.owner.active:
        raise PersonInactive(login=due.owner.login)
    if due.order.kind is OrderKind.SCHEDULE and saved.was_carried_out(session, due):
        return _WorkedOut(None)
    query = saved.question_of(session, due)
    owner = Acting(identity.actor_of(due.owner), door=NAME, why=f"{due.order.number}")
    call = _call(query)
    answer = toolbox.read(engine, owner, call)
    last = saved.last_content(session, due.order)
    if due.condition is None:
        return _WorkedOut(_report_told(due, call, answer, last))
    assert isinstance(answer, ReportAnswer), "an alert watches a figure"
    met = saved.is_met(due.condition, saved.figure_in(answer.report, due.condition))
    if not met or due.order.is_met:
        return _WorkedOut(None, is_met=met)
    if saved.was_carried_out(session, due):
        # Told today already; if it still holds tomorrow, that is told then.
        return _WorkedOut(None, is_met=False)
    return _WorkedOut(_alert_told(due, call, answer, last), is_met=True)


def _call(query: Question) -> Call:
    """Return how a question is asked along the road that its owner would take."""
    if isinstance(query, ListQuery):
        return Call("reporting.list_records", ListRecords(query=query))
    return Call("reporting.answer", AnswerReport(query=query))


def _report_told(due: Due, call: Call, answer: Answer, last: Mapping[str, Any] | None) -> Told:
    order = due.order

    def body(language: Language) -> str:
        said = [answer.sentence(language), _before(answer, last, language)]
        if due.missed:
            times = "one earlier time" if due.missed == 1 else f"{due.missed} earlier times"
            said.append(
                f"补上此前错过的 {due.missed} 次。"
                if language == "zh"
                else f"This makes up for {times} that nobody was there."
            )
        if isinstance(answer, ReportAnswer):
            said.append(_suggestion(answer.report.query, language))
        return " ".join(part for part in said if part)

    en, zh = day_said(due.due_on, "en"), day_said(due.due_on, "zh")
    return Told(
        Said(f"{order.name} · {en}", f"{order.name_zh} · {zh}"),
        Said(body("en"), body("zh")),
        _content(due, call, answer),
    )


def _alert_told(due: Due, call: Call, answer: ReportAnswer, last: Mapping[str, Any] | None) -> Told:
    assert due.condition is not None, "an alert has a condition"
    figure = saved.figure_written(answer.report, due.condition)
    limit = Said(due.order.name, due.order.name_zh)

    def body(language: Language) -> str:
        names = CATALOGUE.metrics[answer.report.query.metrics[0]].names
        head = (
            f"{names.zh}：{figure}（条件：{limit.zh}）。"
            if language == "zh"
            else f"{names.en}: {figure} (you asked for: {limit.en})."
        )
        said = [
            head,
            _before(answer, last, language),
            _basis(answer, language),
            _suggestion(answer.report.query, language),
        ]
        return " ".join(part for part in said if part)

    return Told(
        Said(f"{figure} · {limit.en}", f"{figure} · {limit.zh}"),
        Said(body("en"), body("zh")),
        _content(due, call, answer),
    )


def _before(answer: Answer, last: Mapping[str, Any] | None, language: Language) -> str:
    """Say what the first figure was when it was told last."""
    now = next(iter(answer.figures()), None)
    earlier = next(iter(last.get("figures", ())), None) if last else None
    if last is None or earlier is None or now is None or earlier["metric"] != now["metric"]:
        return ""
    if earlier["value"] is None:
        return ""
    value, day = earlier["value"], last["due_on"]
    unit = now["unit"] if now["unit"].isupper() or now["unit"] == "%" else ""
    if language == "zh":
        return f"上次（{day}）：{value} {unit}".strip() + "。"
    return f"The last time ({day}) it was {value} {unit}".strip() + "."


def _basis(answer: ReportAnswer, language: Language) -> str:
    basis = answer.report.basis.in_(language)
    return f"口径：{basis}。" if language == "zh" else f"Basis: {basis}."


def _suggestion(query: ReportQuery, language: Language) -> str:
    """Say what to ask next: where the figure comes from, and what is usually done about it."""
    metric = query.metrics[0]
    known = CATALOGUE.dimensions_of(metric)
    fixed = {one.dimension for one in query.filters}
    by = next((one for one in _BREAKDOWNS if one in known and one not in fixed), None)
    asked = []
    if by is not None and not query.dimensions:
        more = query.model_copy(update={"dimensions": (by,), "compare": None})
        asked.append(readback(more, language))
    if metric in _STEPS:
        asked.append(_STEPS[metric].in_(language))
    if not asked:
        return ""
    if language == "zh":
        return f"可以接着问：{'、'.join(f'“{each}”' for each in asked)}。"
    return f"You can ask next: {', '.join(f'“{each}”' for each in asked)}."


def _content(due: Due, call: Call, answer: Answer) -> dict[str, Any]:
    """Keep the question, its figures and the first rows, as they were told."""
    grid = answer.grid()
    rows = () if grid is None else grid.rows
    return {
        "order": due.order.number,
        "due_on": due.due_on.isoformat(),
        "missed": due.missed,
        "call": {"tool": call.tool, "arguments": call.arguments.model_dump(mode="json")},
        "figures": [_plain_all(figure) for figure in answer.figures()],
        "columns": [] if grid is None else [[c.name, c.name_zh, c.unit] for c in grid.columns],
        "rows": [[_plain(cell) for cell in row] for row in rows[:ROWS_KEPT]],
        "rows_total": len(rows),
    }


def _plain_all(figure: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in figure.items()}


def _plain(cell: object) -> object:
    if isinstance(cell, list):
        return [_plain(part) for part in cell]
    return cell if cell is None or isinstance(cell, bool | int | str) else str(cell)
