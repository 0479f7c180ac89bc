"""Where the log goes when a person sits at the terminal: to a file, not among the answers."""

import logging

import structlog

from core.kernel.settings import Settings


def log_to_file(settings: Settings) -> None:
    """Write everything that is logged to a file in the home directory."""
    folder = settings.home / "log"
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / "prokurist.log").open("a", encoding="utf-8", buffering=1)
    structlog.configure(
        processors=[
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=file),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(stream=file, level=logging.WARNING, force=True)
