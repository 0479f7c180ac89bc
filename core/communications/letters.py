"""Mails from templates: the words are data in two languages, and every field has a type."""

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from core.kernel.errors import Language

FOLDER = Path(__file__).parent / "templates"
_TYPES: dict[str, type] = {"words": str, "day": date}
_FIELD = re.compile(r"\{([a-z_]+)\}")

Value = str | date


@cache
def _templates(language: Language) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(
        (FOLDER / f"{language}.yaml").read_text("utf-8")
    )
    return found


def write(name: str, language: Language, values: Mapping[str, Value]) -> str:
    """Return the text of a mail; a value is put in as it is, never read as a template."""
    template = _templates(language)[name]
    for field, kind in template["fields"].items():
        assert isinstance(values.get(field), _TYPES[kind]), f"{name} needs {field} ({kind})"
    said = {field: _said(values[field], language) for field in template["fields"]}
    text: str = _FIELD.sub(lambda match: said[match[1]], template["text"])
    return text.strip()


def day_said(day: date, language: Language) -> str:
    """Write a day as letters do."""
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {day:%B %Y}"


def _said(value: Value, language: Language) -> str:
    return day_said(value, language) if isinstance(value, date) else value
