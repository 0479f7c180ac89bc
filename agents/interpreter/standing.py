"""Reads what is to be done with a question: keep it, ask it again and again, watch its figure.

Around the question stand words of their own ("tell me when … exceeds 50,000"); they are taken off,
and what is left is read like any question. What is not such a sentence is left to the other
readings.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from agents.interpreter.cadences import SaidCadence, cadence_in
from agents.interpreter.lexicon import LANGUAGES, Lexicon, phrase_file
from agents.interpreter.normalise import BREAK, STOP, Norm, plain_name
from agents.interpreter.numbers import Number, scan_numbers
from core.kernel.errors import Language
from core.kernel.money import plain
from core.kernel.semantics import Said
from core.reporting.saved import Every
from core.reporting.saved.rules import Cadence
from core.reporting.saved.words import cadence_said

SAVE, RUN, RENAME = "saved.save", "saved.run", "saved.rename"
SHARE, DELETE = "saved.share", "saved.delete"
SCHEDULE, ALERT = "standing.schedule", "standing.alert"
ZONE = "standing.set_time_zone"
QUESTIONS = ("reporting.answer", "reporting.list_records")
_MARKS = f" .!?,'\"{BREAK}{STOP}"
_QUOTES = " .!?,'\"“”‘’「」《》。！？，"
TEXT_MAX, SAID_MAX = 400, 60


@dataclass(frozen=True)
class Standing:
    """The one call that was understood, or why there is none."""

    call: Mapping[str, Any] | None = None
    refusal: Said | None = None
    suggestions: tuple[Said, ...] = ()
    notices: tuple[Said, ...] = ()


# Reads a stretch of words as a question of its own; None where it is none.
Reads = Callable[[str], Mapping[str, Any] | None]


def read_standing(
    norm: Norm,
    lexicon: Lexicon,
    last: Mapping[str, Any] | None,
    reads: Reads,
    today_weekday: int,
) -> Standing | None:
    """Read a message that says what is to be done with a question."""
    if len(norm.text) > TEXT_MAX:
        return None
    turn = _Turn(norm, lexicon, last, reads, today_weekday)
    for language in LANGUAGES:
        for one in (turn.alert, turn.schedule, turn.save, turn.manage, turn.run, turn.time_zone):
            found = one(language)
            if found is not None:
                return found
    return None


class _Turn:
    def __init__(
        self,
        norm: Norm,
        lexicon: Lexicon,
        last: Mapping[str, Any] | None,
        reads: Reads,
        weekday: int,
    ) -> None:
        self.norm, self.lexicon, self.last, self.reads = norm, lexicon, last, reads
        self.weekday = weekday
        self.text = norm.text.strip(_MARKS)
        self.lead = len(norm.text) - len(norm.text.lstrip(_MARKS))

    # Keep a question under a name.

    def save(self, language: Language) -> Standing | None:
        """Read: save this as weekly sales; 把今年各月收入保存为月报."""
        found = _pattern("save", language).match(self.text)
        if found is None or SAVE not in self.lexicon.tools:
            return None
        name, asked = self._said(found, "name"), found["asked"].strip(_MARKS)
        if not name:
            return None
        query = self._question(asked, language)
        if query is None and asked and asked not in _words("this", language):
            return None
        if query is None:
            return _refused(
                "There is no question yet to save. Ask one first, then say “save this as …”.",
                "还没有可保存的问题。请先提问，再说“保存为…”。",
            )
        return Standing({"tool": SAVE, "arguments": {"name": name, "query": query["query"]}})

    def _question(self, asked: str, language: Language) -> Mapping[str, Any] | None:
        """Return the arguments of the question in some words, or of the one asked before."""
        if not asked or asked in _words("this", language):
            return self.last
        call = self.reads(asked)
        return None if call is None else call["arguments"]

    # Run, rename, share and delete what is kept.

    def run(self, language: Language) -> Standing | None:
        """Read: show me my weekly sales; 查看周报."""
        number = self._kept(self.text, language)
        if number is None:
            found = _pattern("run", language).match(self.text)
            number = None if found is None else self._kept(found["name"], language)
        if number is None or RUN not in self.lexicon.tools:
            return None
        return Standing({"tool": RUN, "arguments": {"report": number}})

    def manage(self, language: Language) -> Standing | None:
        """Read: rename, share, stop sharing, replace and delete, of a report that is known."""
        for what in ("rename", "unshare", "share", "replace", "delete"):
            found = _pattern(what, language).match(self.text)
            number = None if found is None else self._kept(found["old"], language)
            if found is None or number is None:
                continue
            return self._managed(what, found, number, language)
        return None

    def _managed(
        self, what: str, found: re.Match[str], number: str, language: Language
    ) -> Standing | None:
        if what == "delete":
            return Standing({"tool": DELETE, "arguments": {"report": number}})
        if what == "unshare":
            return Standing({"tool": SHARE, "arguments": {"report": number, "roles": []}})
        if what == "rename":
            name = self._said(found, "name")
            return Standing({"tool": RENAME, "arguments": {"report": number, "name": name}})
        if what == "replace":
            query = self._question(found["asked"].strip(_MARKS), language)
            if query is None:
                return None
            arguments = {"name": number, "query": query["query"], "replace": True}
            arguments["name"] = self._name_of(number)
            return Standing({"tool": SAVE, "arguments": arguments})
        roles = _roles_in(found["roles"], language)
        if roles is None:
            return _refused(
                "With whom? Say a role, such as managers, sales or accounting.",
                "与谁共享？请说出角色，例如经理、销售、财务。",
            )
        return Standing({"tool": SHARE, "arguments": {"report": number, "roles": roles}})

    def _kept(self, words: str, language: Language) -> str | None:
        """Return the number of the report that is called so, with or without words around."""
        said = words.strip(_MARKS)
        if said in self.lexicon.saved:
            return self.lexicon.saved[said]
        found = _pattern("kept", language).fullmatch(said)
        return None if found is None else self.lexicon.saved.get(found["name"].strip(_MARKS))

    def _name_of(self, number: str) -> str:
        return next(name for name, known in self.lexicon.saved.items() if known == number)

    # Ask again and again.

    def schedule(self, language: Language) -> Standing | None:
        """Read: send me the sales report every Monday at 8; 每周一早上8点给我销售报表."""
        if SCHEDULE not in self.lexicon.tools:
            return None
        cadence = cadence_in(self.text)
        if cadence is None:
            return None
        channel, rest = _channel_in(cadence.rest, language)
        found = _pattern("send", language).match(rest) or _pattern("send_end", language).match(rest)
        if found is None:
            return None
        if cadence.is_odd:
            return _refused(
                "I do not know that day or time. Say it like “every Monday at 08:00”.",
                "我不明白这个日期或时间。请说成“每周一 08:00”。",
            )
        channel = channel or _channel_of_verb(found.groupdict().get("verb") or "", language)
        arguments = self._scheduled(found["asked"].strip(_MARKS), language)
        if arguments is None:
            return self._not_understood(cadence, found["asked"].strip(_MARKS))
        arguments |= {"every": cadence.every.value, "at": cadence.at}
        if cadence.on_day is not None:
            arguments["on_day"] = cadence.on_day
        if channel:
            arguments["channels"] = [channel]
        return Standing({"tool": SCHEDULE, "arguments": arguments})

    def _scheduled(self, asked: str, language: Language) -> dict[str, Any] | None:
        number = self._kept(asked, language)
        if number is not None:
            return {"report": number}
        query = self._question(asked, language)
        return None if query is None else {"query": query["query"]}

    def _not_understood(self, cadence: SaidCadence, asked: str) -> Standing:
        on = cadence.on_day
        if on is None and cadence.every in {Every.WEEK, Every.MONTH}:
            on = self.weekday if cadence.every is Every.WEEK else 1
        when = cadence_said(Cadence(cadence.every, on), "")
        en, zh = when.en.partition(" at ")[0], when.zh.partition(" ")[0]
        return _refused(
            f"I understood that you want something {en}, but not “{asked[:SAID_MAX]}”. "
            "Say a figure, a list, or the name of a saved report.",
            f"我明白您要{zh}收到报表，但不明白“{asked[:SAID_MAX]}”。请说出指标、列表或已存报表的名称。",
        )

    # Watch a figure.

    def alert(self, language: Language) -> Standing | None:
        """Read: tell me when overdue receivables exceed 50,000; 逾期应收超过5万时提醒我."""
        found = _pattern("tell", language).match(self.text)
        if found is None or ALERT not in self.lexicon.tools:
            return None
        body = (found["body"] or found.groupdict().get("body_") or "").strip(_MARKS)
        spoken = _condition_in(body, language)
        if spoken is None:
            return self._no_condition(language)
        before, on, op, number, after = spoken
        cadence = cadence_in(after)
        after = cadence.rest if cadence is not None else after
        if number.approximate:
            return _refused(
                "That threshold is not exact. How much exactly?", "阈值不是准确数字，具体是多少？"
            )
        asked = f"{before} {after}".strip()
        call = self.reads(asked)
        query = call["arguments"]["query"] if call is not None else None
        if query is None or "metrics" not in query:
            return _refused(
                "I understood that you want to be told, but not of which figure: "
                f"“{asked[:SAID_MAX]}”. Say one figure, such as “overdue receivables”.",
                f"我明白您要收到提醒，但不明白是哪个数字：“{asked[:SAID_MAX]}”。"
                "请说出一个指标，例如“逾期应收”或“某物料库存”。",
            )
        arguments: dict[str, Any] = {"query": query, "op": op, **_threshold(on, op, number)}
        if cadence is not None:
            arguments |= {"every": cadence.every.value, "at": cadence.at}
            if cadence.on_day is not None:
                arguments["on_day"] = cadence.on_day
        return Standing({"tool": ALERT, "arguments": arguments})

    def _no_condition(self, language: Language) -> Standing | None:
        """Refuse what asks for nothing but to be told of something that is no figure."""
        if re.search(_any("tell_only", language), self.text) is None:
            return None
        return _refused(
            "I can tell you when a figure passes a threshold, such as “tell me when overdue "
            "receivables exceed 50,000”. I did not understand which figure, or how much.",
            "我可以在某个数字越过阈值时提醒您，例如“逾期应收超过5万时提醒我”。"
            "我没有理解是哪个数字，或阈值是多少。",
        )

    def time_zone(self, language: Language) -> Standing | None:
        """Read: set the time zone to Europe/Berlin; 设置时区为Asia/Shanghai."""
        found = _pattern("zone", language).match(self.text)
        if found is None or ZONE not in self.lexicon.tools:
            return None
        return Standing({"tool": ZONE, "arguments": {"time_zone": self._said(found, "name")}})

    def _said(self, found: re.Match[str], group: str) -> str:
        """Return some words as they were written."""
        start, end = self.lead + found.start(group), self.lead + found.end(group)
        return self.norm.said(start, end).strip(_QUOTES)


def _refused(en: str, zh: str) -> Standing:
    return Standing(refusal=Said(en, zh))


def _threshold(on: str, op: str, number: Number) -> dict[str, Any]:
    value = number.value
    found: dict[str, Any] = {}
    if on != "value":
        found["on"] = "growth" if number.percent else "delta"
        if on == "falls":
            value, op = -value, "lt"
        elif on == "moves":
            found["either_way"] = True
        found["op"] = op
    found["threshold"] = plain(value)
    if number.currency:
        found["unit"] = number.currency
    elif number.percent:
        found["unit"] = "%"
    return found


_VALUES = (("above", "gt"), ("reaching", "ge"), ("at_most", "le"), ("below", "lt"))
_CHANGES = ("rises", "falls", "moves")


def _condition_in(body: str, language: Language) -> tuple[str, str, str, Number, str] | None:
    """Part a sentence into what is watched, how, against what number, and what comes after."""
    for kind in _CHANGES:
        if (parted := _parted(body, _change(kind, language))) is not None:
            return parted[0], kind, "gt", parted[1], parted[2]
    # "not more than" also says "more than": what is longer is tried first.
    for kind, op in sorted(_VALUES, key=lambda one: -_earliest(body, one[0], language)):
        if (parted := _parted(body, _value(kind, language))) is not None:
            return parted[0], "value", op, parted[1], parted[2]
    return None


def _earliest(body: str, kind: str, language: Language) -> int:
    found = _value(kind, language).match(body)
    return -1 if found is None else len(found["op"])


def _parted(body: str, pattern: re.Pattern[str]) -> tuple[str, Number, str] | None:
    found = pattern.match(body)
    if found is None or not found["before"].strip(_MARKS):
        return None
    tail = found["after"].lstrip()
    spans = scan_numbers(tail)
    if not spans or tail[: spans[0].start].strip(_MARKS):
        return None
    rest = tail[spans[0].end :].strip(_MARKS)
    # "falls below 20 pieces": what is counted needs no word of its own.
    rest = re.sub(r"^(?:以下|以上|pieces|units|pcs|个|件|台|时|的时候|就|了)+\s*", "", rest)
    return found["before"].strip(_MARKS), spans[0].number, rest.strip(_MARKS)


@cache
def _words(what: str, language: Language) -> frozenset[str]:
    return frozenset(str(word) for word in phrase_file(language)["standing"][what])


@cache
def _any(what: str, language: Language) -> str:
    words = sorted(_words(what, language), key=len, reverse=True)
    return "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in words) or r"(?!)"


@cache
def _value(kind: str, language: Language) -> re.Pattern[str]:
    space = r"\s+" if language == "en" else r"\s*"
    return re.compile(rf"(?P<before>.+?){space}(?P<op>{_any(kind, language)})(?P<after>\s*\S.*)")


@cache
def _change(kind: str, language: Language) -> re.Pattern[str]:
    space = r"\s+" if language == "en" else r"\s*"
    more = f"(?:(?:{_any('by_more_than', language)})\\s*)*"
    return re.compile(
        rf"(?P<before>.+?){space}(?P<op>{_any(kind, language)})\s*{more}(?P<after>\s*\S.*)"
    )


@cache
def _pattern(what: str, language: Language) -> re.Pattern[str]:
    """Build the sentence of one kind from the words of a language.

    In a sentence, {word} stands for any of the words of that kind in the phrase files.
    """
    sentence = " ".join((_ZH if language == "zh" else _EN)[what])
    for name in _SENTENCE_WORDS:
        sentence = sentence.replace(f"{{{name}}}", f"(?:{_any(name, language)})")
    return re.compile(sentence.replace("{break}", BREAK), re.VERBOSE)


# As regular expressions in which white space says nothing.
_END = r"[\s.!?]*$"
_NAME = rf"[\"']?(?P<name>.+?)[\"']?{_END}"
_POLITE = r"^\s*(?:{polite}[\s,]*)*"
_KEPT = (r"(?:{own}\s*)*", r"(?P<name>.+?)", r"(?:\s*{trailing})*")
_EN: Mapping[str, tuple[str, ...]] = {
    "save": (_POLITE, r"{save}\s+(?P<asked>.*?)\s*\b{save_as}\s+", _NAME),
    "run": (_POLITE, r"{run}\s+(?P<name>.+)$"),
    "kept": _KEPT,
    "rename": (_POLITE, r"{rename}\s+(?P<old>.+?)\s+{rename_to}\s+", _NAME),
    "share": (_POLITE, r"{share}\s+(?P<old>.+?)\s+{share_with}\s+(?P<roles>.+)$"),
    "unshare": (_POLITE, r"{unshare}\s+(?P<old>.+)$"),
    "delete": (_POLITE, r"{delete}\s+(?P<old>.+)$"),
    "replace": (_POLITE, r"{replace}\s+(?P<old>.+?)\s+{replace_with}\s+(?P<asked>.+)$"),
    "send": (_POLITE, r"(?P<verb>{send})\s+(?P<asked>.+?)(?:\s+{send_end})?", _END),
    "send_end": (r"(?!)(?P<asked>)",),
    "tell": (_POLITE, r"{tell}\s+{when}\s+(?P<body>.+)$"),
    "zone": (
        _POLITE,
        r"(?:set|change)\s+(?:(?:the|our)\s+)?(?:company(?:'s)?\s+)?time\s?zone\s+",
        r"(?:of\s+the\s+company\s+)?to\s+",
        _NAME,
    ),
}
_ZH: Mapping[str, tuple[str, ...]] = {
    "save": (_POLITE, r"(?:把|将)?(?P<asked>.*?){save}{this}?{save_as}", _NAME),
    "run": (_POLITE, r"{run}\s*(?P<name>.+)$"),
    "kept": _KEPT,
    "rename": (_POLITE, r"(?:把|将)?(?P<old>.+?){rename}{rename_to}", _NAME),
    "share": (_POLITE, r"(?:把|将)?(?P<old>.+?){share}{share_with}(?P<roles>.+)$"),
    "unshare": (_POLITE, r"{unshare}(?P<old>.+)$"),
    "delete": (_POLITE, r"(?:把|将)?{delete}(?P<old>.+)$"),
    "replace": (_POLITE, r"(?:把|将)?(?P<old>.+?){replace}{replace_with}(?P<asked>.+)$"),
    "send": (_POLITE, r"(?P<verb>{send})(?P<asked>.+?)", _END),
    "send_end": (_POLITE, r"(?:把|将)?(?P<asked>.+?){send_end}", _END),
    "tell": (
        _POLITE,
        r"(?:{when}?(?P<body>.+?)(?:时|的时候|的话|就|后|则|,|{break}|请|\s)*",
        r"{tell}(?:一下|一声)?",
        _END,
        r"|{tell}{when}?(?P<body_>.+?)(?:时|的时候)?",
        _END,
        r")",
    ),
    "zone": (_POLITE, r"(?:把|将|设置|更改|修改)*(?:公司的?)?时区(?:设置|改|设)*(?:为|成)", _NAME),
}
_SENTENCE_WORDS = (
    "save", "save_as", "this", "run", "rename", "rename_to", "share", "share_with", "unshare",
    "delete", "replace", "replace_with", "send", "send_end", "tell", "when", "polite", "own",
    "trailing",
)  # fmt: skip


def _channel_in(text: str, language: Language) -> tuple[str, str]:
    for channel in ("mail", "slack"):
        found = re.search(_any(channel, language), text)
        if found is not None:
            return channel, f"{text[: found.start()]} {text[found.end() :]}".strip()
    return "", text


def _channel_of_verb(verb: str, language: Language) -> str:
    for channel in ("mail", "slack"):
        words = _words(f"{channel}_verbs", language)
        if any(verb == word or verb.startswith(f"{word} ") for word in words):
            return channel
    return ""


def _roles_in(words: str, language: Language) -> list[str] | None:
    """Return the roles that are named, and nothing where any of it is no role."""
    known = {
        str(said): role
        for role, names in phrase_file(language)["standing"]["roles"].items()
        for said in (*names, role)
    }
    parts = re.split(rf"\s*(?:,|{BREAK}|\band\b|和|及|与)\s*", words.strip(_MARKS))
    said = [re.sub(r"^(?:the|all|our)\s+", "", part).strip(_MARKS) for part in parts]
    roles = [known.get(one) for one in said if one]
    found: Sequence[str] = [role for role in roles if role is not None]
    return list(dict.fromkeys(found)) if found and len(found) == len(roles) else None


def kept_names(names: Mapping[str, str]) -> dict[str, str]:
    """Return names of saved reports as they would stand in a plain text, with their numbers."""
    return {plain_name(name).strip(): number for name, number in names.items()}


def report_query_of(call: Mapping[str, Any]) -> bool:
    """Tell whether a call asks a question that can be kept."""
    return call.get("tool") in QUESTIONS and "query" in call.get("arguments", {})
