"""What an import tells afterwards: for every file what was read, what became of it, and why not."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal, Protocol

from channels.imports.sheets import Fault
from core.kernel.errors import DomainError, Language

# Reasons in English and Chinese.
Reason = tuple[str, str]

Phase = Literal["reading", "writing"]


class Progress(Protocol):
    """Who wants to know how far an import is."""

    def __call__(self, phase: Phase, what: str, done: int, total: int) -> None:
        """Note that so much of a phase is done, and what is being worked on."""
        ...


def silent(phase: Phase, what: str, done: int, total: int) -> None:
    """Tell nobody how far it is."""


@dataclass
class FileReport:
    """What became of the rows of one file."""

    file: str
    read: int
    written: int = 0
    known_before: int = 0
    broken: int = 0
    skipped: Counter[Reason] = field(default_factory=Counter)

    def skip(self, reason: Reason, count: int = 1) -> None:
        """Note rows that were left out, and why."""
        if count:
            self.skipped[reason] += count


@dataclass
class ImportReport:
    """What an import read, wrote, knew already, and left out."""

    company: str
    files: list[FileReport]
    faults: list[Fault]
    not_read: list[str]
    notes: list[Reason] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rows_read(self) -> int:
        """How many rows all files have."""
        return sum(file.read for file in self.files)

    @property
    def rows_written(self) -> int:
        """How many rows became records, or part of one."""
        return sum(file.written for file in self.files)

    @property
    def is_news(self) -> bool:
        """Whether the import changed anything."""
        return self.rows_written > 0

    def summary(self, language: Language) -> str:
        """Say in a sentence what was done."""
        facts = (self.company, self.rows_read, self.rows_written, self.seconds)
        if not self.is_news:
            template = (
                "{0}：读取 {1:,} 行，全部早已导入；没有任何更改。用时 {3:.1f} 秒。"
                if language == "zh"
                else "{0}: {1:,} rows read, all of them were here already; nothing was changed "
                "({3:.1f} s)."
            )
        else:
            template = (
                "{0}：读取 {1:,} 行，写入 {2:,} 行，用时 {3:.1f} 秒。"
                if language == "zh"
                else "{0}: {1:,} rows read, {2:,} brought in, {3:.1f} s."
            )
        return template.format(*facts)


class BrokenRows(DomainError):
    """Nothing was imported: {count} broken rows (--skip-broken leaves them out). {file}, line
    {line}: {problem}
    """  # noqa: D205  # The message is one sentence longer than a line.

    zh = (
        "{count} 行数据无法使用，因此未导入任何内容。请更正，或使用 --skip-broken 跳过。"
        "第一处：{file} 第 {line} 行：{problem}"
    )

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        first = faults[0]
        super().__init__(count=len(faults), file=first.file, line=first.line, problem=first.problem)

    def message(self, language: Language) -> str:
        """Say the first fault in the same language."""
        self.facts["problem"] = self.faults[0].problem.message(language)
        return super().message(language)
