"""Exports: any reading tool's table as a file to keep or to pass on: CSV, XLSX, PDF.

What somebody takes away is what they may see, read by the same road as on the screen; the audit
trail says who took what. No cell of a file is ever a formula.
"""

from channels.exports.paper import Paper
from channels.exports.service import (
    Exported,
    FileKind,
    NothingToExport,
    UnknownFileKind,
    export,
    file_kind_of,
    written_as,
)

__all__ = [
    "Exported",
    "FileKind",
    "NothingToExport",
    "Paper",
    "UnknownFileKind",
    "export",
    "file_kind_of",
    "written_as",
]
