"""Reports as people see them: cards of figures, bars, lines over time, and tables.

Every drawing has its figures in words beside it, and every figure leads to what it is made of.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from nicegui.element import Element
from nicegui.elements import echart

from channels.web.elements import COMPONENTS, box, link, say, table
from channels.web.layout import Visit
from core.kernel.money import digits_of
from core.kernel.semantics import Unit
from core.reporting import CATALOGUE, Report, ReportQuery
from core.reporting.dashboards import Chart
from core.reporting.report import Column, Row
from core.reporting.words import bucket_said, written

LINES_MAX = 6
ROWS_SHOWN = 200


class Drawing(
    Element,
    component=str(COMPONENTS / "chart.js"),
    esm={"nicegui-echart": str(Path(echart.__file__).parent / "dist")},
):
    """Lines or columns over time."""

    def __init__(
        self, kind: str, labels: Sequence[str], series: Sequence[dict[str, Any]], *, label: str
    ) -> None:
        super().__init__()
        self.props["kind"] = kind
        self.props["labels"] = list(labels)
        self.props["series"] = list(series)
        self.props["label"] = label


def draw(visit: Visit, report: Report, chart: Chart, *, title: str) -> None:
    """Draw a report the way it is meant, with its figures to read and to follow."""
    if report.emptiness:
        say(visit.t(f"empty_{report.emptiness}"), "empty")
        return
    if chart == "figures":
        draw_figures(visit, report)
    elif chart == "bars" and _keys_are(report, dimensions=1, grain=False):
        draw_bars(visit, report)
    elif chart in {"line", "columns"} and report.grain is not None:
        _draw_over_time(visit, report, chart, title)
    else:
        draw_table(visit, report)


def report_page(query: ReportQuery) -> str:
    """Return the page of a question: the question stands in the address, and can be kept."""
    return f"/report?{urlencode({'q': as_text(query)})}"


def rows_page(
    query: ReportQuery,
    metric: str,
    *,
    members: Mapping[str, str | None] | None = None,
    bucket: date | None = None,
    compared: bool = False,
) -> str:
    """Return the page of the documents behind one figure of an answer."""
    cell: dict[str, Any] = {"metric": metric}
    if members:
        cell["members"] = dict(members)
    if bucket is not None:
        cell["bucket"] = bucket.isoformat()
    if compared:
        cell["compared"] = True
    return f"/rows?{urlencode({'q': as_text(query), 'cell': json.dumps(cell, ensure_ascii=False)})}"


def as_text(query: ReportQuery) -> str:
    """Write a question briefly, as it stands in an address."""
    plain = query.model_dump(mode="json", exclude_defaults=True)
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def draw_figures(visit: Visit, report: Report) -> None:
    """Show one card for each metric, with what it was before and whether that is better."""
    columns = report.figure_columns()
    with box("kpis"):
        for place, column in enumerate(columns):
            if column.what == "value":
                _kpi(visit, report, place)


def _kpi(visit: Visit, report: Report, place: int) -> None:
    column = report.figure_columns()[place]
    metric = CATALOGUE.metrics[column.id]
    value = report.totals[place]
    with box("kpi", tag="a", href=rows_page(report.query, column.id), data_metric=column.id):
        said = metric.definition.in_(visit.language)
        say(column.names.in_(visit.language), "kpi-name", title=said)
        with box("kpi-figure"):
            say(figure_of(value, column, metric.undefined.in_(visit.language)), tag="span")
            if value is not None and unit_of(column):
                say(unit_of(column), "kpi-unit", tag="span")
        if report.query.compare is not None:
            _kpi_change(visit, report, place)


def _kpi_change(visit: Visit, report: Report, place: int) -> None:
    columns = report.figure_columns()
    by_what = {
        column.what: (column, report.totals[at])
        for at, column in enumerate(columns[place : place + 4], start=place)
    }
    metric = CATALOGUE.metrics[columns[place].id]
    before, was = by_what["before"]
    delta, change = by_what["delta"]
    growth = by_what["growth"][1]
    if was is None or change is None:
        say(visit.t("nothing_to_compare"), "kpi-change")
        return
    tone = ""
    if metric.more_is_better is not None and change != 0:
        tone = "better" if (change > 0) == metric.more_is_better else "worse"
    sign = "▲" if change > 0 else "▼" if change < 0 else "＝"
    if metric.unit is Unit.PERCENT or growth is None:
        amount = f"{change:+,.2f}".rstrip("0").rstrip(".") + f" {delta.sign}".rstrip()
    else:
        amount = f"{growth:+,.1f} %"
    with box(f"kpi-change {tone}"):
        say(f"{sign} {amount}", tag="span")
        say(visit.t("was", figure=figure_of(was, before)), "kpi-was", tag="span")


def draw_bars(visit: Visit, report: Report) -> None:
    """Show members with bars as long as their figures; each leads to its documents."""
    column = report.figure_columns()[0]
    shown = [row[0] for row in report.shown(digits_of(report.currency))]
    # What all the others add up to is no member, and would make every bar short.
    widest = max(
        (
            abs(row.figures[0])
            for row in report.rows
            if row.figures[0] is not None and row.members[0].kind != "others"
        ),
        default=Decimal(0),
    )
    head = column.names.in_(visit.language) + (f" ({unit_of(column)})" if unit_of(column) else "")
    with box("bar-list", tag="ul", aria_label=head):
        for row, value in zip(report.rows, shown, strict=True):
            with box("bar-row", tag="li"):
                with box("bar-words"):
                    _member_link(visit, report, row)
                    say(figure_of(value, column), "bar-figure", tag="span")
                if row.members[0].kind != "others":
                    _bar(row.figures[0] or Decimal(0), widest)


def _bar(exact: Decimal, widest: Decimal) -> None:
    share = round(100 * abs(exact) / widest) if widest else 0
    with box("bar-track", aria_hidden="true"):
        box("bar-fill minus" if exact < 0 else "bar-fill", style=f"width: {share}%")


def _member_link(visit: Visit, report: Report, row: Row) -> None:
    said = row.members[0].label.in_(visit.language)
    to = _cell_page(report, row, report.query.metrics[0])
    if to is None:
        say(said, "bar-name", tag="span")
    else:
        link(said, to, "bar-name")


def _draw_over_time(visit: Visit, report: Report, chart: Chart, title: str) -> None:
    labels, series = series_of(visit, report)
    Drawing(chart, labels, series, label=title)
    with box("fold", tag="details"):
        say(visit.t("as_table"), tag="summary")
        draw_table(visit, report)


def series_of(visit: Visit, report: Report) -> tuple[list[str], list[dict[str, Any]]]:
    """Return the buckets, and one series for each metric, or for each member of a dimension."""
    grain = report.grain
    assert grain is not None, "a series is over time"
    buckets = sorted({row.bucket for row in report.rows if row.bucket is not None})
    labels = [bucket_said(bucket, grain) for bucket in buckets]
    columns = report.figure_columns()
    values = [place for place, column in enumerate(columns) if column.what == "value"]
    series = []
    if report.query.dimensions:
        place = values[0]
        members: dict[str, dict[date | None, Decimal | None]] = {}
        for row in report.rows:
            said = " · ".join(member.label.in_(visit.language) for member in row.members)
            members.setdefault(said, {})[row.bucket] = row.figures[place]
        largest = sorted(members, key=lambda name: -_size(members[name].values()))
        series += [
            _series(name, [members[name].get(b) for b in buckets], columns[place])
            for name in largest[:LINES_MAX]
        ]
        rest = largest[LINES_MAX:]
        if rest:
            sums = [
                sum((members[name].get(b) or Decimal(0) for name in rest), Decimal(0))
                for b in buckets
            ]
            series.append(_series(visit.t("others"), sums, columns[place]))
    else:
        by_bucket = {row.bucket: row for row in report.rows}
        for place in values:
            found = [by_bucket[bucket].figures[place] for bucket in buckets]
            series.append(_series(columns[place].names.in_(visit.language), found, columns[place]))
    return labels, series


def _size(figures: Iterable[Decimal | None]) -> Decimal:
    return sum((abs(figure) for figure in figures if figure is not None), Decimal(0))


def _series(name: str, figures: Sequence[Decimal | None], column: Column) -> dict[str, Any]:
    return {
        "name": name,
        "values": [None if figure is None else f"{figure:f}" for figure in figures],
        "texts": [written(figure, column.unit, column.sign, "–") for figure in figures],
    }


def draw_table(visit: Visit, report: Report, *, rows_max: int = ROWS_SHOWN) -> None:
    """Show the rows with their totals; each figure leads to its documents."""
    language = visit.language
    keys, figures = report.columns[: report.keys], report.figure_columns()
    columns = [(column.names.in_(language), "") for column in keys]
    for column in figures:
        sign = f" ({unit_of(column)})" if unit_of(column) else ""
        columns.append((f"{column.names.in_(language)}{sign}", "number"))
    shown = report.shown(digits_of(report.currency)) if report.rows else []
    rows: list[list[str | tuple[str, str]]] = []
    for row, values in zip(report.rows[:rows_max], shown, strict=False):
        cells: list[str | tuple[str, str]] = [member.label.in_(language) for member in row.members]
        if row.bucket is not None and report.grain is not None:
            cells.append(bucket_said(row.bucket, report.grain))
        for column, value in zip(figures, values, strict=True):
            text = figure_of(value, column)
            to = _cell_page(report, row, column.id, column.what)
            cells.append(text if to is None or value is None else (text, to))
        rows.append(cells)
    total = None
    if report.keys and report.query.total:
        total = [visit.t("total"), *([""] * (report.keys - 1))]
        total += [
            figure_of(value, column) for value, column in zip(report.totals, figures, strict=True)
        ]
    table(
        columns, rows, total=total, classes="stacked report", label=report.read_back.in_(language)
    )
    if len(report.rows) > rows_max:
        say(visit.t("rows_more", count=len(report.rows) - rows_max), "answer-meta")


def _cell_page(report: Report, row: Row, column: str, what: str = "value") -> str | None:
    """Return the page of the documents behind a cell; what others add up to has no single one."""
    if what not in {"value", "before"} or any(member.kind == "others" for member in row.members):
        return None
    names = report.query.dimensions
    members = {name: member.key for name, member in zip(names, row.members, strict=True)}
    metric = column.removesuffix("_before") if what == "before" else column
    return rows_page(
        report.query, metric, members=members, bucket=row.bucket, compared=what == "before"
    )


def figure_of(value: Decimal | None, column: Column, undefined: str = "–") -> str:
    """Write a figure without its unit, which stands once beside it."""
    said = written(value, column.unit, column.sign, undefined)
    return said.removesuffix(f" {column.sign}") if value is not None and column.sign else said


def unit_of(column: Column) -> str:
    """Return the unit that stands beside a figure: a currency, a percent sign."""
    return column.sign


def _keys_are(report: Report, *, dimensions: int, grain: bool) -> bool:
    return len(report.query.dimensions) == dimensions and (report.grain is not None) == grain
