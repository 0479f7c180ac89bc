"""Mails from templates: the words are data in two languages, and every field has a type."""

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from core.communications.errors import FieldMissing, UnknownTemplate
from core.kernel.errors import Language
from core.kernel.money import Money

FOLDER = Path(__file__).parent / "templates"
_TYPES: dict[str, type] = {"words": str, "money": Money, "day": date}
_FIELD = re.compile(r"\{([a-z_]+)\}")

Value = str | Money | date


@cache
def _templates(language: Language) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(
        (FOLDER / f"{language}.yaml").read_text("utf-8")
    )
    return found


def template_names() -> tuple[str, ...]:
    """Return what mails there are words for."""
    return tuple(_templates("en"))


def fields_of(name: str) -> dict[str, str]:
    """Return the fields of a template, each with its type."""
    template = _templates("en").get(name)
    if template is None:
        raise UnknownTemplate(name=name, known=", ".join(template_names()))
    return dict(template["fields"])


def write(name: str, language: Language, values: Mapping[str, Value]) -> tuple[str, str]:
    """Return subject and text of a mail; a value is put in as it is, never read as a template."""
    fields = fields_of(name)
    for field, kind in fields.items():
        if not isinstance(values.get(field), _TYPES[kind]):
            raise FieldMissing(name=name, missing=f"{field} ({kind})")
    said = {field: _said(values[field], language) for field in fields}
    template = _templates(language)[name]
    subject, text = (
        _FIELD.sub(lambda m: said[m[1]], template[part]) for part in ("subject", "text")
    )
    return subject.strip(), text.strip()


def _said(value: Value, language: Language) -> str:
    if isinstance(value, date):
        if language == "zh":
            return f"{value.year}年{value.month}月{value.day}日"
        return f"{value.day} {value:%B %Y}"
    return str(value)
