"""Tools that answer with figures, say what they mean, and lead to what stands behind them."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import reporting
from core.kernel.database import acting
from core.kernel.errors import DomainError, Language
from core.kernel.identity.roles import Role
from core.kernel.money import plain
from core.kernel.semantics import BOOKS, Dimension, Metric, Said, Unit
from core.kernel.words import capital, word
from core.reporting import (
    CATALOGUE,
    Cell,
    Report,
    ReportQuery,
    formula_of,
    sources_of,
    version_of,
)
from core.reporting.describing import UNITS
from core.reporting.issues import nearest
from core.reporting.provenance import Behind, Trace
from core.reporting.report import Column as ReportColumn
from core.reporting.report import Row
from core.reporting.scope import scope_of
from core.reporting.words import bucket_said, day_said, written
from tools.base import Answer, Arguments, Column, Grid, Text, Tool

EVERYBODY = frozenset(Role)

_UNITS = {Unit.COUNT: "number", Unit.DAYS: "number", Unit.QUANTITY: "quantity"}
EMPTY = {
    "unknown_member": Said(
        "Nothing is called what the question asks for.", "问题中提到的名称不存在。"
    ),
    "nothing_on_file": Said("Nothing of this kind is on file.", "系统中没有此类记录。"),
    "nothing_in_period": Said("There is nothing in this period.", "该期间没有记录。"),
    "hidden": Said(
        "There is nothing of yours; what belongs to others is not shown to you.",
        "没有属于您的记录；他人的数据不对您显示。",
    ),
    "nothing_matches": Said("Nothing matches the filters.", "没有符合筛选条件的记录。"),
}


class AnswerReport(Arguments):
    """Answer a question about figures: metrics by dimensions over a period."""

    query: ReportQuery


class DefineTerm(Arguments):
    """Say exactly what a metric or dimension means, and by what it can be asked."""

    term: Text


class ListMetrics(Arguments):
    """List the figures that one can ask for, all or those about a subject."""

    about: Annotated[str, Field(max_length=200)] = ""


class ShowRowsBehind(Arguments):
    """List the documents behind one figure of an answer, the largest first."""

    query: ReportQuery
    metric: Annotated[str, Field(max_length=64)] | None = None
    members: Annotated[dict[Text, Text | None], Field(max_length=3)] = Field(default_factory=dict)
    bucket: date | None = None
    compared: bool = False
    limit: Annotated[int, Field(ge=1, le=1_000)] = 50


class TraceDocument(Arguments):
    """Follow a document to what belongs to it, its journal entries, and who approved it."""

    document: Text


class UnknownTerm(DomainError):
    """No figure or dimension is called "{term}". Perhaps one of these: {nearest}."""

    zh = "没有名为“{term}”的指标或维度。也许是：{nearest}。"


class ReportAnswer(Answer):
    """A report, said and laid out."""

    report: Report
    language: Language

    def sentence(self, language: Language = "en") -> str:
        """Say the figure, or the total and the first row, and what it is made of."""
        report = self.report
        zh = language == "zh"
        said = report.read_back.in_(language)
        if report.emptiness:
            return f"{said}{'：' if zh else ': '}{EMPTY[report.emptiness].in_(language)}"
        parts = [self._totals(language)]
        if report.keys and report.rows:
            parts.append(self._outstanding(language))
            count = len(report.rows)
            parts.append(f"共{count:,}行" if zh else f"{count:,} rows" if count > 1 else "1 row")
        comma, stop, colon = ("；", "。", "：") if zh else ("; ", ". ", ": ")
        text = f"{said}{colon}{comma.join(part for part in parts if part)}{stop}"
        text += f"{'口径：' if zh else 'Basis: '}{report.basis.in_(language)}{stop}"
        notes = [capital(note.in_(language)) for note in report.notes]
        text += "".join(f"{note}{stop}" for note in notes)
        return text.strip()

    def _totals(self, language: Language) -> str:
        report = self.report
        if report.keys and not report.query.total:
            return ""
        columns = report.figure_columns()
        said = []
        for place, column in enumerate(columns):
            if column.what != "value":
                continue
            text = _figure(report.totals[place], column, language)
            if len(report.query.metrics) > 1:
                text = f"{column.names.in_(language)} {text}"
            said.append(text + self._change(place, language))
        listed = ("，" if language == "zh" else ", ").join(said)
        if not report.keys:
            return listed
        return f"合计 {listed}" if language == "zh" else f"total {listed}"

    def _change(self, place: int, language: Language) -> str:
        report = self.report
        if report.query.compare is None:
            return ""
        columns = report.figure_columns()
        before, delta, growth = report.totals[place + 1 : place + 4]
        zh = language == "zh"
        was = _figure(before, columns[place + 1], language)
        if delta is None:
            return f"（对比 {was}）" if zh else f" (compared with {was})"
        change = _figure(delta, columns[place + 2], language)
        rate = "" if growth is None else f", {growth:+.2f} %"
        sign = "+" if delta > 0 else ""
        return (
            f"（对比 {was}，{sign}{change}{rate}）"
            if zh
            else f" (compared with {was}: {sign}{change}{rate})"
        )

    def _outstanding(self, language: Language) -> str:
        """Name the highest row, or what the question puts first."""
        report = self.report
        order = report.query.order[0] if report.query.order else None
        if report.grain is not None and order is None:
            return ""
        row = report.rows[0]
        named = [member.label.in_(language) for member in row.members]
        if row.bucket is not None and report.grain is not None:
            named.append(bucket_said(row.bucket, report.grain))
        figure = _figure(row.figures[0], report.figure_columns()[0], language)
        by_figure = order is None or order.by == report.query.metrics[0]
        lead = Said("first", "首行")
        if by_figure:
            lowest = order is not None and order.dir == "asc"
            lead = Said("lowest", "最低") if lowest else Said("highest", "最高")
        return f"{lead.in_(language)} {' · '.join(named)} {figure}"

    def grid(self) -> Grid | None:
        """Return the rows; figures are exact, so they add up to the total to the cent."""
        report = self.report
        columns = tuple(
            Column(c.names.en, c.names.zh, "" if c.unit is None else _UNITS.get(c.unit, _sign(c)))
            for c in report.columns
        )
        return Grid(columns, tuple(self._cells(row) for row in report.rows))

    def _cells(self, row: Row) -> tuple[Any, ...]:
        cells: list[Any] = [member.label.in_(self.language) for member in row.members]
        if row.bucket is not None and self.report.grain is not None:
            cells.append(bucket_said(row.bucket, self.report.grain))
        return (*cells, *row.figures)

    def query(self) -> dict[str, Any] | None:
        """Return the typed question."""
        plain_query: dict[str, Any] = self.report.query.model_dump(mode="json")
        return plain_query

    def figures(self) -> list[dict[str, Any]]:
        """Return the figures of the whole, each with where it comes from."""
        return [
            {
                "metric": figure.metric,
                "name": figure.names.in_(self.language),
                "value": figure.value,
                "unit": figure.sign or figure.unit.value,
                "filters": list(figure.filters),
                "start": figure.start,
                "as_of": figure.as_of,
                "rows": figure.source_rows,
                "definition": f"{figure.metric} v{figure.version}",
                "basis": self.report.basis.in_(self.language),
            }
            for figure in self.report.figures
        ]


class Definition(Answer):
    """What a metric or a dimension is."""

    metric: Metric | None = None
    dimension: Dimension | None = None
    by: tuple[str, ...] = ()
    # The figure is counted on orders in this company, where that makes a difference.
    orders: bool = False

    def sentence(self, language: Language = "en") -> str:
        """Say its name, what it is made of and how, and its other names."""
        zh = language == "zh"
        one = self.metric or self.dimension
        assert one is not None, "a term is a metric or a dimension"
        said = [
            f"{label.in_(language)}{'：' if zh else ': '}{text}{'。' if zh else '.'}"
            for label, text in self._facts(language)
            if text
        ]
        head, gap = one.names.in_(language), "" if zh else " "
        text = self._meaning(language)
        return gap.join([f"{head}：{text}" if zh else f"{capital(head)}: {text}", *said])

    def _meaning(self, language: Language) -> str:
        if self.metric is not None:
            return self.metric.definition.in_(language)
        return "统计维度。" if language == "zh" else "Figures can be asked by it."

    def _facts(self, language: Language) -> list[tuple[Said, str]]:
        comma = "、" if language == "zh" else ", "
        one = self.metric or self.dimension
        assert one is not None, "a term is a metric or a dimension"
        also = one.names.also_zh if language == "zh" else one.names.also_en
        others = (Said("Also", "也称"), comma.join(also))
        if self.metric is None:
            assert self.dimension is not None, "a term is a metric or a dimension"
            above = self.dimension.parent
            named = "" if above is None else CATALOGUE.dimensions[above].names.in_(language)
            return [(Said("Above it", "上一级"), named), others]
        by = [CATALOGUE.dimensions[name].names.in_(language) for name in self.by]
        made_of = sources_of(self.metric, language, orders=self.orders)
        return [
            (Said("Formula", "公式"), formula_of(self.metric, language)),
            (Said("From", "来源"), ("；" if language == "zh" else "; ").join(made_of)),
            (Said("Unit", "单位"), UNITS[self.metric.unit].in_(language)),
            (Said("Can be asked by", "可按以下维度查询"), comma.join(by)),
            others,
            (Said("Version of the definition", "定义版本"), version_of(self.metric.id)),
        ]

    def grid(self) -> Grid | None:
        """List the dimensions that the metric can be asked by."""
        if self.metric is None:
            return None
        rows = [CATALOGUE.dimensions[name] for name in self.by]
        return Grid(
            (
                Column("dimension", "维度"),
                Column("name", "名称"),
                Column("name in Chinese", "中文"),
            ),
            tuple((one.id, one.names.en, one.names.zh) for one in rows),
        )


class MetricList(Answer):
    """The figures that one can ask for."""

    metrics: tuple[Metric, ...]

    def sentence(self, language: Language = "en") -> str:
        """Name them."""
        names = [metric.names.in_(language) for metric in self.metrics]
        if language == "zh":
            return f"可查询 {len(names)} 个指标：{'、'.join(names)}。"
        return f"{len(names)} figures can be asked for: {', '.join(names)}."

    def grid(self) -> Grid | None:
        """List them with their definitions."""
        return Grid(
            (
                Column("metric", "指标"),
                Column("name", "英文名称"),
                Column("Chinese name", "名称"),
                Column("unit", "单位"),
                Column("definition", "英文定义"),
                Column("Chinese definition", "定义"),
            ),
            tuple(
                (m.id, m.names.en, m.names.zh, m.unit.value, m.definition.en, m.definition.zh)
                for m in self.metrics
            ),
        )


class RowsBehind(Answer):
    """The documents behind a figure."""

    metric: Metric
    parts: tuple[Behind, ...]
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say how many documents there are and what they add up to."""
        said = []
        for part in self.parts:
            amount = plain(part.amount)
            if language == "zh":
                said.append(f"{part.basis.zh}：{part.documents_count:,} 张单据，合计 {amount}")
            else:
                count = f"{part.documents_count:,} documents"
                said.append(f"{part.basis.en}: {count}, adding up to {amount}")
        head = self.metric.names.in_(language)
        definition = f"{self.metric.id} v{version_of(self.metric.id)}"
        if language == "zh":
            return f"{head}：{'；'.join(said)}。定义：{definition}。"
        return f"{capital(head)}: {'; '.join(said)}. Definition: {definition}."

    def grid(self) -> Grid | None:
        """List the documents."""
        unit = self.currency if self.metric.unit is Unit.MONEY else "number"
        return Grid(
            (
                Column("document", "单据"),
                Column("kind", "类型"),
                Column("day", "日期", "date"),
                Column("amount", "金额", unit),
                Column("rows", "行数", "number"),
                Column("part", "组成"),
            ),
            tuple(
                (row.number, word(row.kind), row.day, row.amount, row.rows, part.basis.en)
                for part in self.parts
                for row in part.documents
            ),
        )


class Traced(Answer):
    """What stands behind a document."""

    trace: Trace

    def sentence(self, language: Language = "en") -> str:
        """Say what belongs to it, where it is booked, and who approved it."""
        found, zh = self.trace, language == "zh"
        day = f" {day_said(found.day, language)}" if found.day else ""
        party = f" · {found.party}" if found.party else ""
        related = (
            "、".join(one.number for one in found.related)
            if zh
            else ", ".join(one.number for one in found.related)
        )
        entries = ", ".join(entry.number for entry in found.entries)
        said = [f"{word(found.kind, language)} {found.number}{day}{party}"]
        if related:
            said.append(f"相关单据：{related}" if zh else f"belongs to it: {related}")
        if entries:
            said.append(f"凭证：{entries}" if zh else f"booked in {entries}")
        for approval in found.approvals:
            people = ", ".join(
                f"{person} ({word(verdict, language)})" for person, verdict, _ in approval.decisions
            )
            asked = f"{approval.number} · {approval.asked_by}"
            said.append(
                f"提案 {asked}，决定：{people}"
                if zh
                else f"proposed in {asked}, decided by {people}"
            )
        if not found.approvals and found.done_by:
            people = ", ".join(sorted({person for person, _ in found.done_by}))
            said.append(f"经办：{people}" if zh else f"done by {people}")
        return ("；".join(said) + "。") if zh else capital("; ".join(said)) + "."

    def grid(self) -> Grid | None:
        """List the lines of its journal entries."""
        amounts = [
            amount
            for entry in self.trace.entries
            for line in entry.lines
            for amount in (line.debit, line.credit)
            if amount is not None
        ]
        currency = amounts[0].currency if amounts else ""
        return Grid(
            (
                Column("entry", "凭证"),
                Column("day", "日期", "date"),
                Column("for", "来源"),
                Column("account", "科目"),
                Column("name", "英文科目名称"),
                Column("Chinese name", "科目名称"),
                Column("debit", "借方", currency),
                Column("credit", "贷方", currency),
                Column("party", "往来单位"),
            ),
            tuple(
                (
                    entry.number,
                    entry.posted_on,
                    entry.origin,
                    line.account,
                    line.name.en,
                    line.name.zh,
                    None if line.debit is None else line.debit.amount,
                    None if line.credit is None else line.credit.amount,
                    line.party or "",
                )
                for entry in self.trace.entries
                for line in entry.lines
            ),
        )


def _figure(value: Decimal | None, column: ReportColumn, language: Language) -> str:
    if value is None and column.what == "value":
        return CATALOGUE.metrics[column.id].undefined.in_(language)
    text = written(value, column.unit, column.sign)
    if column.unit is Unit.DAYS and value is not None:
        return f"{text} 天" if language == "zh" else f"{text} days"
    return text


def _sign(column: ReportColumn) -> str:
    return "percent" if column.unit is Unit.PERCENT else column.sign


def answer(session: Session, arguments: AnswerReport) -> ReportAnswer:
    """Answer a typed question."""
    report = reporting.answer(session, arguments.query)
    return ReportAnswer(report=report, language=acting(session).actor.language)


def define(session: Session, arguments: DefineTerm) -> Definition:
    """Find a metric or dimension by any of its names; a metric wins over a dimension."""
    said = " ".join(arguments.term.lower().replace("_", " ").split())
    for known in (CATALOGUE.asked(), list(CATALOGUE.dimensions.values())):
        for one in known:
            names = (one.id.replace("_", " "), *one.names.all_in("en"), *one.names.all_in("zh"))
            if said not in {name.lower() for name in names}:
                continue
            if isinstance(one, Metric):
                scope = scope_of(session)
                by = tuple(CATALOGUE.dimensions_of(one.id, orders=scope.orders))
                return Definition(metric=one, by=by, orders=scope.orders)
            return Definition(dimension=one)
    declared: list[Metric | Dimension] = [*CATALOGUE.asked(), *CATALOGUE.dimensions.values()]
    raise UnknownTerm(term=arguments.term, nearest=", ".join(nearest(said, declared)) or "–")


def list_metrics(session: Session, arguments: ListMetrics) -> MetricList:
    """Return the metrics the asking person may see, or those that are about something."""
    scope = scope_of(session)
    seen = [metric for metric in CATALOGUE.asked() if scope.may_see(metric.roles)]
    if arguments.about.strip():
        said = arguments.about.strip().lower()
        about = [
            metric
            for metric in seen
            if any(
                said in name.lower()
                for name in (metric.id, *metric.names.all_in("en"), *metric.names.all_in("zh"))
            )
        ]
        alike = nearest(said, seen)
        seen = about or [metric for metric in seen if metric.id in alike]
    return MetricList(metrics=tuple(seen))


def rows_behind(session: Session, arguments: ShowRowsBehind) -> RowsBehind:
    """Return the documents behind a figure; without a metric, behind the first one."""
    metric = arguments.metric or arguments.query.metrics[0]
    cell = Cell(metric, dict(arguments.members), arguments.bucket, arguments.compared)
    parts = reporting.rows_behind(session, arguments.query, cell, limit=arguments.limit)
    return RowsBehind(
        metric=CATALOGUE.metrics[metric], parts=parts, currency=scope_of(session).currency
    )


def trace(session: Session, arguments: TraceDocument) -> Traced:
    """Follow a document."""
    return Traced(trace=reporting.trace(session, arguments.document))


TOOLS = (
    Tool(
        name="reporting.answer",
        arguments=AnswerReport,
        run=answer,
        writes=False,
        title="Answer with figures",
        title_zh="查询指标",
        roles=EVERYBODY,
    ),
    Tool(
        name="reporting.define",
        arguments=DefineTerm,
        run=define,
        writes=False,
        title="Define a figure",
        title_zh="查看指标定义",
        roles=EVERYBODY,
    ),
    Tool(
        name="reporting.list_metrics",
        arguments=ListMetrics,
        run=list_metrics,
        writes=False,
        title="List the figures",
        title_zh="列出指标",
        roles=EVERYBODY,
    ),
    Tool(
        name="reporting.rows_behind",
        arguments=ShowRowsBehind,
        run=rows_behind,
        writes=False,
        title="Show the documents behind a figure",
        title_zh="查看数字背后的单据",
        roles=EVERYBODY,
    ),
    Tool(
        name="reporting.trace",
        arguments=TraceDocument,
        run=trace,
        writes=False,
        title="Trace a document",
        title_zh="追溯单据",
        roles=BOOKS,
    ),
)
