"""The progress bar of an import."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from channels.imports import report
from core.kernel.errors import Language

_PHASES = {
    "en": {"reading": "reading files", "writing": "writing rows"},
    "zh": {"reading": "读取文件", "writing": "写入数据"},
}


@contextmanager
def showing_progress(console: Console, language: Language) -> Iterator[report.Progress]:
    """Draw one bar for reading and one for writing; remove them in the end."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[what]}"),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        tasks = {
            phase: bars.add_task(name, total=None, what="")
            for phase, name in _PHASES[language].items()
        }

        def progress(phase: report.Phase, what: str, done: int, total: int) -> None:
            if phase == "writing":
                bars.update(tasks["reading"], completed=bars.tasks[0].total, what="")
            bars.update(tasks[phase], completed=done, total=total, what=what)

        yield progress
