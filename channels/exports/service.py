"""Take what a tool answers away as a file."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Engine

from channels.exports.csv_file import csv_of
from channels.exports.paper import Paper, paper_of
from channels.exports.pdf_file import pdf_of
from channels.exports.xlsx_file import xlsx_of
from core.kernel import events
from core.kernel.company import Company, company
from core.kernel.database import reading, unit_of_work
from core.kernel.errors import DomainError, Language
from core.kernel.identity.acting import Acting
from tools import Answer, Toolbox
from tools.events import AnswerExported


class FileKind(StrEnum):
    """The formats there are, by the ending of the file's name."""

    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"


class NothingToExport(DomainError):
    """{tool} answers without a table, so there is nothing to export; ask for a list or a report."""

    zh = "{tool}的回答没有表格，无法导出；请改为查询列表或报表。"


class UnknownFileKind(DomainError):
    """Files are written as .csv, .xlsx or .pdf; "{name}" is none of these."""

    zh = "只能导出为 .csv、.xlsx 或 .pdf；“{name}”不是其中之一。"


_MEDIA = {
    FileKind.CSV: "text/csv; charset=utf-8",
    FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileKind.PDF: "application/pdf",
}
_WRITERS = {FileKind.CSV: csv_of, FileKind.XLSX: xlsx_of, FileKind.PDF: pdf_of}


@dataclass(frozen=True)
class Exported:
    """A file that was made."""

    name: str
    media_type: str
    data: bytes
    rows: int


def file_kind_of(name: str) -> FileKind:
    """Return the format that the ending of a name asks for."""
    ending = name.rpartition(".")[2].lower()
    if ending not in set(FileKind):
        raise UnknownFileKind(name=name)
    return FileKind(ending)


def export(
    toolbox: Toolbox,
    engine: Engine,
    acting: Acting,
    tool: str,
    arguments: Mapping[str, Any],
    kind: FileKind,
) -> Exported:
    """Let a tool answer, as the person who asks, and write its table into a file; note who did.

    The file is in the person's language, or in that of the customer whom it is for.
    """
    (call,) = toolbox.parse([{"tool": tool, "arguments": dict(arguments)}])
    answer = toolbox.read(engine, acting, call)
    language = answer.printed_in() or acting.actor.language
    title = answer.heading(language) or toolbox.tools[call.tool].called(language)
    with reading(engine, acting) as session:
        us = company(session)
    paper = written_as(answer, title=title, us=us, language=language)
    data = _WRITERS[kind](paper)
    with unit_of_work(engine, acting) as session:
        events.record(
            session,
            AnswerExported(
                tool=call.tool,
                arguments=json.dumps(
                    call.arguments.model_dump(mode="json", exclude_defaults=True),
                    ensure_ascii=False,
                    sort_keys=True,
                ),
                file_kind=kind,
                rows=len(paper.rows),
                seal=hashlib.sha256(data).hexdigest(),
            ),
        )
    return Exported(f"{_file_name(title, us.today)}.{kind}", _MEDIA[kind], data, len(paper.rows))


def written_as(answer: Answer, *, title: str, us: Company, language: Language) -> Paper:
    """Lay an answer's table out for print."""
    grid = answer.grid()
    if grid is None:
        raise NothingToExport(tool=title)
    return paper_of(
        grid,
        title=title,
        company=us.name_zh if language == "zh" else us.name,
        notes=answer.notes(language),
        language=language,
        made_on=us.today,
    )


def _file_name(title: str, day: date) -> str:
    plain = "".join(sign if sign.isalnum() else "-" for sign in title.lower())
    return f"{'-'.join(part for part in plain.split('-') if part)}-{day}"
