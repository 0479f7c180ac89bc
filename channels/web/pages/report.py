"""One question and its answer, and the documents behind each of its figures."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from pydantic import ValidationError

from channels.web.charts import as_text, draw, draw_table, report_page
from channels.web.doing import do
from channels.web.downloads import offer_files
from channels.web.elements import Choice, box, button, figure, link, page_of_record, say, table
from channels.web.layout import Visit
from core import reporting
from core.kernel.database import reading
from core.kernel.errors import DomainError
from core.kernel.identity.roles import STAFF
from core.kernel.semantics import Unit
from core.kernel.words import word
from core.reporting import CATALOGUE, Report, ReportQuery, dashboards
from core.reporting.dashboards import BoardView
from core.reporting.dashboards.rules import chart_for
from core.reporting.issues import metrics_in
from core.reporting.provenance import Behind
from core.reporting.scope import scope_of
from tools.reporting import ShowRowsBehind

DOCUMENTS_SHOWN = 200


class NoQuestion(DomainError):
    """This address holds no question that can be read. Ask the assistant, or open a dashboard."""

    zh = "此地址中没有可读取的问题。请向助手提问，或打开看板。"


async def build(visit: Visit, request: Request) -> None:
    """Show the answer to the question in the address."""
    query = _query_of(request)

    def read() -> tuple[Report, list[BoardView]]:
        with reading(visit.house.engine, visit.visitor.acting) as session:
            report = reporting.answer(session, query)
            return report, [view for view in dashboards.boards_of(session) if view.own]

    report, own = await visit.house.run(read)
    language = visit.language
    with box("panel"):
        with box("panel-title"):
            say(report.read_back.in_(language), tag="span")
            offer_files(visit, "reporting.answer", {"query": json.loads(as_text(query))})
        with box("panel-body"):
            chart = chart_for(query)
            draw(visit, report, chart, title=report.read_back.in_(language))
            if chart in {"bars", "figures"} and not report.emptiness:
                with box("fold", tag="details"):
                    say(visit.t("as_table"), tag="summary")
                    draw_table(visit, report)
            with box("basis"):
                stop = "。" if language == "zh" else "."
                basis = report.basis.in_(language)
                say(f"{visit.t('basis')}{'：' if language == 'zh' else ': '}{basis}{stop}")
                for note in report.notes:
                    say(f"{note.in_(language)}{stop}")
    _definitions(visit, query)
    if visit.visitor.actor.roles & STAFF:
        _adding(visit, query, own)


async def build_rows(visit: Visit, request: Request) -> None:
    """Show the documents behind the figure in the address."""
    query = _query_of(request)
    cell = _cell_of(request)
    try:
        asked = ShowRowsBehind.model_validate({"query": query, "limit": DOCUMENTS_SHOWN, **cell})
    except ValidationError as broken:
        raise NoQuestion from broken
    metric = asked.metric or query.metrics[0]

    def read() -> tuple[tuple[Behind, ...], str]:
        with reading(visit.house.engine, visit.visitor.acting) as session:
            at = reporting.Cell(metric, dict(asked.members), asked.bucket, asked.compared)
            found = reporting.rows_behind(session, query, at, limit=asked.limit)
            return found, scope_of(session).currency

    parts, currency = await visit.house.run(read)
    known = CATALOGUE.metrics[metric]
    unit = currency if known.unit is Unit.MONEY else ""
    said = [known.names.in_(visit.language)]
    said += [value or "–" for value in asked.members.values()]
    if asked.bucket is not None:
        said.append(asked.bucket.isoformat())
    with box("filters"):
        link(f"← {visit.t('back_to_report')}", report_page(query), "chip")
    for part in parts:
        with box("panel"):
            with box("panel-title"):
                say(" · ".join(said), tag="span")
                hint = visit.t(
                    "behind",
                    count=f"{part.documents_count:,}",
                    amount=f"{figure(part.amount, unit)} {unit}".rstrip(),
                )
                say(f"{part.basis.in_(visit.language)}: {hint}", "hint", tag="span")
                arguments = {"query": json.loads(as_text(query)), "limit": 1_000, **cell}
                offer_files(visit, "reporting.rows_behind", arguments)
            with box("panel-body"):
                _documents(visit, part, unit)


def _documents(visit: Visit, part: Behind, unit: str) -> None:
    if not part.documents:
        say(visit.t("nothing_found"), "empty")
        return
    amount = visit.t("amount") + (f" ({unit})" if unit else "")
    columns = [
        (visit.t("document"), "nowrap"),
        (visit.t("kind"), ""),
        (visit.t("at"), "nowrap"),
        (amount, "number"),
        (visit.t("rows_count"), "number"),
    ]
    rows: list[list[str | tuple[str, str]]] = []
    for row in part.documents:
        to = page_of_record(row.kind, row.number)
        rows.append(
            [
                row.number if to is None else (row.number, to),
                word(row.kind, visit.language),
                row.day.isoformat() if row.day else "",
                figure(row.amount, unit),
                figure(row.rows),
            ]
        )
    table(columns, rows, classes="stacked", label=visit.t("rows"))
    if part.documents_count > len(part.documents):
        say(visit.t("behind_shown", count=len(part.documents)), "answer-meta")


def _definitions(visit: Visit, query: ReportQuery) -> None:
    with box("panel"):
        say(visit.t("definitions"), "panel-title")
        with box("panel-body"), box("pairs", tag="dl"):
            for name in metrics_in(query):
                metric = CATALOGUE.metrics[name]
                say(metric.names.in_(visit.language), tag="dt")
                say(metric.definition.in_(visit.language), tag="dd")


def _adding(visit: Visit, query: ReportQuery, own: list[BoardView]) -> None:
    """Offer to put the question on one of the visitor's own dashboards, or on a new one."""
    t, new = visit.t, ""
    options = [(view.id, view.board.title.in_(visit.language)) for view in own]
    options.append((new, t("new_dashboard")))
    chosen = {"board": options[0][0]}

    def choose(board: str) -> None:
        chosen["board"] = board

    async def add() -> None:
        board = chosen["board"]
        if board == new:
            board = t("new_dashboard")
            if not await do(visit, "dashboards.make", {"name": board}, words=t("new_dashboard")):
                return
        arguments: dict[str, Any] = {"dashboard": board, "query": json.loads(as_text(query))}
        if await do(visit, "dashboards.add_tile", arguments, words=t("add_to_dashboard")):
            visit.client.open(f"/dashboards?{urlencode({'board': board})}")

    with box("panel"):
        say(t("add_to_dashboard"), "panel-title")
        with box("panel-body"), box("filters"):
            Choice(chosen["board"], options, choose, label=t("which_dashboard"))
            button(t("add_to_dashboard"), add, "small")


def _query_of(request: Request) -> ReportQuery:
    try:
        return ReportQuery.model_validate_json(request.query_params.get("q", ""))
    except ValidationError as broken:
        raise NoQuestion from broken


def _cell_of(request: Request) -> Mapping[str, Any]:
    try:
        cell = json.loads(request.query_params.get("cell", "{}"))
    except ValueError as broken:
        raise NoQuestion from broken
    if not isinstance(cell, dict) or "query" in cell or "limit" in cell:
        raise NoQuestion
    return cell
