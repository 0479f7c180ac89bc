"""Where the log goes when a person sits at the terminal: to a file, not among the answers."""

import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import structlog

from core.kernel.settings import Settings


@dataclass
class _Log:
    path: Path | None = None
    file: TextIO | None = None


_LOG = _Log()


def log_to_file(settings: Settings) -> None:
    """Write everything that is logged to a file in the home directory."""
    folder = settings.home / "log"
    folder.mkdir(parents=True, exist_ok=True)
    _LOG.path = folder / "prokurist.log"
    _LOG.file = _LOG.path.open("a", encoding="utf-8", buffering=1)
    structlog.configure(
        processors=[
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=_LOG.file),
    )


def note_trouble(trouble: Exception) -> str:
    """Write down what nobody expected; return where."""
    if _LOG.file is None:
        return repr(trouble)
    _LOG.file.writelines(traceback.format_exception(trouble))
    return str(_LOG.path)


def close_log() -> None:
    """Log no longer to the file."""
    structlog.reset_defaults()
    if _LOG.file is not None:
        _LOG.file.close()
        _LOG.file = None
