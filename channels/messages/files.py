"""Bring messages from a file of chats, calls or forms: all, or, where a row is wrong, none."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Engine

from channels.messages.values import MessageGiven, first_problem
from core import communications
from core.communications.errors import NotAMessageFile
from core.communications.texts import decoded
from core.kernel.database import unit_of_work
from core.kernel.identity.acting import Acting

BYTES_MAX, ROWS_MAX = 50_000_000, 100_000
# What exports of chats call their columns.
_ALSO = {
    "from": "sender", "email": "sender", "address": "sender", "channel": "medium",
    "kind": "medium",
    "date": "at", "time": "at", "when": "at", "message": "text", "body": "text", "author": "name",
    "发件人": "sender", "邮箱": "sender", "姓名": "name", "时间": "at", "日期": "at",
    "内容": "text",
    "主题": "subject", "渠道": "medium", "编号": "id", "收件人": "to",
}  # fmt: skip


@dataclass(frozen=True)
class Imported:
    """What came of a file."""

    new: int
    known: int
    unlinked: int


def import_messages(engine: Engine, acting: Acting, file: Path) -> Imported:
    """Keep every message of a CSV or JSON-lines file once; the same file again brings nothing."""
    given = [_given(place, row) for place, row in enumerate(_rows(file), start=1)]
    new = known = unlinked = 0
    with unit_of_work(engine, acting) as session:
        for one in given:
            received = communications.receive(session, one.parsed("file"), medium=one.medium)
            new += received.is_new
            known += not received.is_new
            unlinked += received.message.party_id is None
    return Imported(new, known, unlinked)


def _rows(file: Path) -> Iterator[Mapping[str, Any]]:
    try:
        content = file.read_bytes()
    except OSError as problem:
        raise NotAMessageFile(row=0, problem=problem.strerror or "not readable") from None
    if len(content) > BYTES_MAX:
        raise NotAMessageFile(row=0, problem=f"more than {BYTES_MAX // 1_000_000} MB")
    text = decoded(content, "utf-8-sig")
    rows = _json(text) if file.suffix in {".jsonl", ".json"} else _csv(text)
    for place, row in enumerate(rows, start=1):
        if place > ROWS_MAX:
            raise NotAMessageFile(row=place, problem=f"more than {ROWS_MAX} rows")
        yield row


def _csv(text: str) -> Iterator[Mapping[str, Any]]:
    rows = csv.DictReader(io.StringIO(text))
    try:
        yield from rows
    except csv.Error as problem:
        raise NotAMessageFile(row=rows.line_num, problem=problem) from None


def _json(text: str) -> Iterator[Mapping[str, Any]]:
    for place, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                row = json.loads(line)
            except ValueError as problem:
                raise NotAMessageFile(row=place, problem=problem) from None
            if not isinstance(row, dict):
                raise NotAMessageFile(row=place, problem="not an object")
            yield row


def _given(place: int, row: Mapping[str, Any]) -> MessageGiven:
    named: dict[str, Any] = {}
    for name, value in row.items():
        known = str(name).strip().lower()
        # A value may be anything, also what cannot be in a set.
        if value is not None and value != "":
            named[_ALSO.get(known, known)] = value
    try:
        return MessageGiven.model_validate(named)
    except ValidationError as problem:
        raise NotAMessageFile(row=place, problem=first_problem(problem)) from None
