"""The tool that says why a figure changed."""

from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from core.kernel.database import acting
from core.kernel.errors import Language
from core.kernel.semantics import Said, Unit
from core.kernel.words import capital
from core.reporting.describing import version_of
from core.reporting.explaining import (
    Breakdown,
    Contribution,
    Effect,
    ExplainChange,
    Explanation,
    explain,
)
from core.reporting.words import written
from tools.base import Answer, Arguments, Column, Grid, Tool
from tools.reporting import EMPTY, EVERYBODY

NAMED_MAX, ALSO_MAX = 3, 2
_KINDS = {"changed": Said("", ""), "new": Said("new", "新增"), "lost": Said("gone", "流失")}
_DID = {
    "rose": Said("It did not fall: it rose.", "并没有下降，而是上升了。"),
    "fell": Said("It did not rise: it fell.", "并没有上升，而是下降了。"),
    "stayed": Said("It did not change.", "没有变化。"),
    "unknown": Said(
        "One of the two periods has no figure to compare with.", "其中一个期间没有可比较的数字。"
    ),
}


class Explain(Arguments):
    """Say why a figure changed between two periods: members, price, volume and mix, parts."""

    question: ExplainChange


class ExplanationAnswer(Answer):
    """An explained change, said and laid out."""

    explanation: Explanation
    language: Language

    def sentence(self, language: Language = "en") -> str:
        """Say by how much it changed, and what made most of it."""
        found = self.explanation
        zh = language == "zh"
        said = found.read_back.in_(language) + ("：" if zh else ": ")
        if found.emptiness:
            return said + EMPTY[found.emptiness].in_(language)
        stop = "。" if zh else ". "
        parts = [said + self._change(language) + stop]
        if found.direction in {"stayed", "unknown"} or found.contradicts:
            parts.append(_DID[found.direction].in_(language) + ("" if zh else " "))
        for lead, effects in (
            (Said("Of this ", "其中"), found.effects),
            (Said("Its parts: ", "组成部分："), found.parts),
        ):
            if effects:
                listed = [self._named(one.names, one.amount, language) for one in effects]
                parts.append(f"{lead.in_(language)}{_joined(listed, language)}{stop}")
        parts += [
            self._by(breakdown, place, language) + stop
            for place, breakdown in enumerate(found.breakdowns[: 1 + ALSO_MAX])
            if breakdown.contributions
        ]
        parts.append(f"{'口径：' if zh else 'Basis: '}{found.report.basis.in_(language)}{stop}")
        notes = (note.in_(language) for note in found.notes)
        parts += [f"{capital(note)}{stop}" for note in notes]
        return "".join(parts).strip()

    def _change(self, language: Language) -> str:
        found = self.explanation
        zh = language == "zh"
        now, before = (
            found.metric.undefined.in_(language)
            if figure is None
            else self._written(figure, plus=False)
            for figure in (found.now, found.before)
        )
        if found.change is None:
            return f"{before} → {now}"
        growth = "" if found.growth is None else f"{found.growth:+.2f} %"
        change = self._written(found.change)
        listed = f"{change}，{growth}" if zh else f"{change}, {growth}"
        return f"{before} → {now}（{listed}）" if zh else f"{before} → {now} ({listed})"

    def _written(self, amount: Decimal, *, plus: bool = True) -> str:
        metric = self.explanation.metric
        sign = self.explanation.sign
        if not plus and metric.unit is Unit.PERCENT:
            sign = "%"
        text = written(amount, metric.unit, sign)
        return f"+{text}" if plus and amount > 0 else text

    def _named(self, names: Said, amount: Decimal, language: Language) -> str:
        return f"{names.in_(language)} {self._written(amount)}"

    def _by(self, breakdown: Breakdown, place: int, language: Language) -> str:
        """Name the largest contributions by one dimension; of the others only the first."""
        zh = language == "zh"
        most = NAMED_MAX if place == 0 or self.explanation.question.by else 1
        named = []
        for one in breakdown.contributions[:most]:
            kind = _KINDS[one.kind].in_(language)
            text = self._named(one.member.label, one.amount, language)
            named.append(text + ((f"（{kind}）" if zh else f" ({kind})") if kind else ""))
        names = breakdown.dimension.names.in_(language)
        listed = _joined(named, language)
        if self.explanation.question.by:
            lead = f"按{names}" if zh else f"By {names}"
        elif place == 0:
            lead = f"按{names}最能说明问题" if zh else f"What tells most is by {names}"
        else:
            lead = f"按{names}" if zh else f"By {names}"
        return f"{lead}：{listed}" if zh else f"{lead}: {listed}"

    def grid(self) -> Grid | None:
        """Lay out every split; each adds up to the change."""
        found = self.explanation
        if not (found.effects or found.parts or found.breakdowns):
            return None
        rows: list[tuple[tuple[Any, ...], str]] = []
        for name, effects in (
            (Said("price, volume and mix", "价格、数量与结构"), found.effects),
            (Said("parts of the formula", "公式的组成部分"), found.parts),
        ):
            if effects:
                rows.append(self._head(name))
                rows += [(self._effect_row(one), "") for one in effects]
        for breakdown in found.breakdowns[: 1 + ALSO_MAX]:
            rows.append(self._head(breakdown.dimension.names))
            rows += [(self._member_row(one), "") for one in breakdown.contributions]
        unit = {Unit.COUNT: "number", Unit.DAYS: "number", Unit.QUANTITY: "quantity"}.get(
            found.metric.unit, "percent" if found.metric.unit is Unit.PERCENT else found.sign
        )
        columns = (
            Column("what", "项目"),
            Column("before", "之前", unit),
            Column("now", "现在", unit),
            Column("adds to the change", "对变化的贡献", unit),
            Column("", ""),
        )
        return Grid(columns, tuple(row for row, _ in rows), tuple(style for _, style in rows))

    def _head(self, names: Said) -> tuple[tuple[Any, ...], str]:
        found = self.explanation
        return (names.in_(self.language), found.before, found.now, found.change, ""), "heading"

    def _effect_row(self, effect: Effect) -> tuple[Any, ...]:
        # What a ratio is made of is no percentage itself, and needs another column than it.
        own = effect.unit is self.explanation.metric.unit
        before, now = (effect.before, effect.now) if own else (None, None)
        return effect.names.in_(self.language), before, now, effect.amount, ""

    def _member_row(self, one: Contribution) -> tuple[Any, ...]:
        kind = _KINDS[one.kind].in_(self.language)
        return one.member.label.in_(self.language), one.before, one.now, one.amount, kind

    def query(self) -> dict[str, Any] | None:
        """Return the question whose rows are the members shown, to open it as a report."""
        found = self.explanation
        query = found.breakdowns[0].query if found.breakdowns else found.report.query
        plain: dict[str, Any] = query.model_dump(mode="json")
        return plain

    def figures(self) -> list[dict[str, Any]]:
        """Return the figure before and now, and every part of its change."""
        found = self.explanation
        metric, report = found.metric, found.report
        common = {
            "metric": metric.id,
            "filters": list(report.figures[0].filters),
            "as_of": report.as_of,
            "rows": report.source_rows,
            "definition": f"{metric.id} v{version_of(metric.id)}",
            "basis": report.basis.in_(self.language),
        }
        unit = found.sign or metric.unit.value
        said = [
            (metric.names, found.now),
            (Said(f"{metric.names.en}, compared", f"{metric.names.zh}（对比期）"), found.before),
            (Said(f"{metric.names.en}, change", f"{metric.names.zh}（变化）"), found.change),
            *((one.names, one.amount) for one in (*found.effects, *found.parts)),
        ]
        return [
            {**common, "name": names.in_(self.language), "value": value, "unit": unit}
            for names, value in said
        ]


def _joined(parts: list[str], language: Language) -> str:
    return ("，" if language == "zh" else ", ").join(parts)


def run(session: Session, arguments: Explain) -> ExplanationAnswer:
    """Explain a change."""
    found = explain(session, arguments.question)
    return ExplanationAnswer(explanation=found, language=acting(session).actor.language)


TOOLS = (
    Tool(
        name="reporting.explain",
        arguments=Explain,
        run=run,
        writes=False,
        title="Explain a change",
        title_zh="解释变化原因",
        roles=EVERYBODY,
    ),
)
