"""The one family of errors that a person or an agent is meant to read, in two languages."""

import inspect
import re
from enum import StrEnum
from typing import ClassVar, Literal, NamedTuple

from core.kernel.words import word

Language = Literal["en", "zh"]


def language_called(code: str | None) -> Language:
    """Return the language that a record names by its code: Chinese, or else English."""
    return "zh" if code == "zh" else "en"


class DomainError(Exception):
    """The business rules do not allow this."""

    # A subclass's docstring is its message in English and `zh` the one in Chinese; both are
    # templates whose {names} are filled from the keyword arguments. Its class name is its code.
    zh: ClassVar[str] = "业务规则不允许这样做。"

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.message("en"))

    @property
    def code(self) -> str:
        """The stable snake_case name that channels, tools and programs key on."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()

    def message(self, language: Language) -> str:
        """Say what is refused, why, and what to do, in a person's language."""
        template = self.zh if language == "zh" else inspect.cleandoc(type(self).__doc__ or "")
        facts = {name: said(fact, language) for name, fact in self.facts.items()}
        return " ".join(template.split()).format_map(_Facts(facts))

    def __str__(self) -> str:
        return self.message("en")


class Both(NamedTuple):
    """A fact that each language says in its own way."""

    en: str
    zh: str

    def __str__(self) -> str:
        return self.en


def said(fact: object, language: Language) -> object:
    """Return a fact as a sentence says it: kinds and states by the words of the house."""
    if isinstance(fact, StrEnum):
        return word(fact, language)
    if isinstance(fact, DomainError):
        return fact.message(language)
    if isinstance(fact, Both):
        return fact.zh if language == "zh" else fact.en
    return fact


class _Facts(dict[str, object]):
    def __missing__(self, name: str) -> str:
        return "?"


class NotPermitted(DomainError):
    """Your role does not allow this: {what}. Ask someone with the role {roles}."""

    zh = "您的角色无权执行此操作：{what}。请联系具有以下角色的同事：{roles}。"


class BadInput(DomainError):
    """This cannot be used: {problem}"""

    zh = "输入无法使用：{problem}"
