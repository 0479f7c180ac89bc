"""What a conversation says in short: facts first, each with the message that it stands in.

Every line is a sentence of somebody, word for word: nothing is said that is not there.
"""
# ruff: noqa: E501, PLR2004  # A pattern is read in one piece, and a year has twelve months.

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

from core.communications.summaries.acts import Act, Judged, is_away, is_planted, judge
from core.communications.summaries.cleaning import own_words, sentences
from core.communications.summaries.scanning import amounts_in, days_in

Side = Literal["them", "us"]
Tone = Literal["good", "neutral", "bad"]

LINES_MAX, POINTS_MAX = 200, 3
SENTENCE_CHARS_MAX = 600
MESSAGES_MAX = 200


@dataclass(frozen=True)
class Said:
    """A message as the summary reads it."""

    number: str
    side: Side
    speaker: str
    on: date
    text: str
    automatic: bool = False


class Line(BaseModel):
    """One sentence that does something: who said it, when, where, and by when."""

    model_config = ConfigDict(frozen=True)

    act: Act
    side: Side
    speaker: str
    on: date
    message: str
    text: str
    due: date | None = None
    # Of asks and questions: nobody has answered yet, as far as the words show.
    open: bool = False


class Figure(BaseModel):
    """An amount or a day, and the sentence that it stands in."""

    model_config = ConfigDict(frozen=True)

    said: str
    message: str
    text: str


class Digest(BaseModel):
    """A conversation in short."""

    model_config = ConfigDict(frozen=True)

    lines: tuple[Line, ...] = ()
    points: tuple[Line, ...] = ()
    amounts: tuple[Figure, ...] = ()
    days: tuple[Figure, ...] = ()
    tone: Tone = "neutral"
    # Messages that a program wrote, and those that hold words addressed to an assistant.
    automatic: tuple[str, ...] = ()
    planted: tuple[str, ...] = ()
    messages: int = 0

    def of(self, *acts: Act, side: Side | None = None) -> list[Line]:
        """Return the lines that do some of these things."""
        return [line for line in self.lines if line.act in acts and side in {None, line.side}]


_GREETING = re.compile(
    r"^(?:(?:dear|hello|hi|hey|good (?:morning|afternoon|day)|to whom)\b.{0,60}[,!.:]?"
    r"|(?:thanks|thank you|many thanks|best|regards|cheers)\b.{0,40}[.!,]?|[^，。]{0,12}(?:您好|你好|早上好|下午好)[!！,，。]?"
    r"|谢谢[!！。]?|(?:yes|no|ok|okay|fine|correct)[.!]?)$",
    re.IGNORECASE,
)
_YES_OR_NO = re.compile(
    r"^\W*(?:yes|no|of course|sure|correct|right|certainly|unfortunately|please (?:go ahead|proceed)|go ahead|请继续|可以|不|是|对|好|没问题|有|同意|当然|行|能)",
    re.IGNORECASE,
)
_DONE = re.compile(
    r"\battached\b|\bhere (?:it|they) (?:is|are)\b|\b(?:have|has|was|been) (?:sent|cancelled|canceled|changed|updated|refunded|done)\b"
    r"|附件|已(?:附|发|取消|更新|修改|处理|退)",
    re.IGNORECASE,
)
_STOP = frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "to",
        "in",
        "on",
        "at",
        "for",
        "and",
        "or",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "do",
        "does",
        "did",
        "we",
        "you",
        "i",
        "it",
        "they",
        "our",
        "your",
        "us",
        "me",
        "my",
        "this",
        "that",
        "these",
        "those",
        "with",
        "from",
        "by",
        "as",
        "not",
        "no",
        "yes",
        "please",
        "can",
        "could",
        "would",
        "will",
        "shall",
        "have",
        "has",
        "had",
        "what",
        "when",
        "where",
        "which",
        "who",
        "how",
        "if",
        "so",
        "but",
        "also",
        "there",
        "here",
        "then",
        "than",
        "any",
        "some",
        "all",
        "more",
    ]
)
_NEGATIVE = re.compile(
    r"\b(?:unacceptable|disappoint\w*|unhappy|angry|terrible|poor|worst|frustrat\w*|complain\w*|delay(?:ed|s)?"
    r"|wrong|broken|damaged|late|overdue|problem|fault\w*|lawyer|cancel)\b|失望|不满|投诉|太差|糟|延迟|延误|错|破损|逾期|律师|退货",
    re.IGNORECASE,
)
_POSITIVE = re.compile(
    r"\b(?:great|excellent|perfect|happy|pleased|satisfied|wonderful|fantastic|well done|quick help)\b|满意|很好|太好了|非常棒|完美|优秀|高兴",
    re.IGNORECASE,
)
_NOT = re.compile(r"\b(?:not|no|never|n't)\s+(?:\w+\s+)?$|(?:不|没|没有|未)$", re.IGNORECASE)


def digest(messages: Sequence[Said]) -> Digest:
    """Return what a conversation says, from its messages, the oldest first."""
    lines: list[Line] = []
    others: list[Line] = []
    amounts: list[Figure] = []
    days: list[Figure] = []
    automatic: list[str] = []
    planted: list[str] = []
    for said in messages[-MESSAGES_MAX:]:
        own = own_words(said.text)
        if said.automatic or is_away(own):
            automatic.append(said.number)
            continue
        if is_planted(own):
            planted.append(said.number)
        for sentence in sentences(own):
            found = days_in(sentence, said.on)
            short = sentence[:SENTENCE_CHARS_MAX]
            days += [Figure(said=f"{each.day}", message=said.number, text=short) for each in found]
            amounts += [
                Figure(said=each.said, message=said.number, text=short)
                for each in amounts_in(sentence)
            ]
            for judged in judge(sentence, found):
                (others if judged.act is Act.OTHER else lines).append(_line(said, judged, short))
    lines = _answered(lines[-LINES_MAX:], messages)
    return Digest(
        lines=tuple(lines),
        points=tuple(_points(others)),
        amounts=tuple(_once(amounts)),
        days=tuple(_once(days)),
        tone=_tone(lines, [said for said in messages if said.number not in automatic]),
        automatic=tuple(automatic),
        planted=tuple(planted),
        messages=len(messages),
    )


def _line(said: Said, judged: Judged, text: str) -> Line:
    return Line(
        act=judged.act,
        side=said.side,
        speaker=said.speaker,
        on=said.on,
        message=said.number,
        text=text,
        due=judged.due,
        open=judged.act in {Act.ASK, Act.QUESTION},
    )


def _once(figures: Iterable[Figure]) -> list[Figure]:
    return list({(each.said, each.message): each for each in figures}.values())


def _answered(lines: Sequence[Line], messages: Sequence[Said]) -> list[Line]:
    """Close the questions and asks that somebody of the other side has taken up since."""
    order = {said.number: place for place, said in enumerate(messages)}
    later = [(order[said.number], said.side, own_words(said.text)) for said in messages]
    return [
        line.model_copy(update={"open": False})
        if line.open
        and any(
            place > order[line.message] and side != line.side and _takes_up(line, text)
            for place, side, text in later
        )
        else line
        for line in lines
    ]


def _takes_up(line: Line, text: str) -> bool:
    """Tell whether an answer is about a question, as far as words show."""
    if _YES_OR_NO.match(text) or _DONE.search(text):
        return True
    for asked_for, answers in _KINDS_OF_QUESTION:
        if asked_for.search(line.text) and answers(line, text):
            return True
    asked = _words(line.text)
    # Pairs of characters are many more than words.
    parts = 8 if any(sign > "\u2e80" for sign in line.text) else 4
    return len(asked & _words(text)) * parts >= len(asked)


def _says_what_to_do(line: Line, text: str) -> bool:
    return any(
        judged.act in {Act.ASK, Act.PROMISE}
        for sentence in sentences(text)
        for judged in judge(sentence, days_in(sentence, line.on))
    )


def _same_day(line: Line, text: str) -> bool:
    asked = {each.day for each in days_in(line.text, line.on)}
    return bool(asked & {each.day for each in days_in(text, line.on)})


_KINDS_OF_QUESTION: tuple[tuple[re.Pattern[str], Callable[[Line, str], bool]], ...] = (
    (
        re.compile(r"\bwhen\b|什么时候|何时|哪天|几号", re.IGNORECASE),
        lambda line, text: bool(days_in(text, line.on)),
    ),
    (
        re.compile(r"\bcosts?\b|\bhow much\b|\bprice\b|费用|多少钱|价格", re.IGNORECASE),
        lambda _line, text: bool(amounts_in(text)),
    ),
    (
        re.compile(
            r"\bhow (?:do|can|should)\b|\bwhat(?:'s| is) going on\b|怎么|如何", re.IGNORECASE
        ),
        _says_what_to_do,
    ),
    (re.compile(r"\d|周|天"), _same_day),
)


def _words(text: str) -> set[str]:
    latin = {_stem(word) for word in re.findall(r"[a-z]{3,}", text.lower())} - _STOP
    run = "".join(re.findall("[\u4e00-\u9fff]", text))
    return latin | {run[place : place + 2] for place in range(len(run) - 1)}


def _stem(word: str) -> str:
    for end in ("ing", "ed", "es", "s"):
        if word.endswith(end) and len(word) - len(end) >= 3:
            return word[: -len(end)]
    return word


def _points(others: Sequence[Line]) -> list[Line]:
    """Choose the sentences that say most of what the others say, and not the same twice."""
    told = [line for line in others if not _GREETING.match(line.text) and len(line.text) > 8]
    told = told[-60:]
    words = [_words(line.text) for line in told]
    scores = []
    for place, mine in enumerate(words):
        shared = sum(
            1_000 * len(mine & other) // (len(mine | other) or 1)
            for at, other in enumerate(words)
            if at != place
        )
        figures = 400 * bool(re.search(r"\d", told[place].text))
        scores.append(shared + figures + 20 * min(len(mine), 25) + 5 * place)
    chosen: list[int] = []
    while len(chosen) < min(POINTS_MAX, len(told)):
        best = max(
            (place for place in range(len(told)) if place not in chosen),
            key=lambda place: (
                7 * scores[place]
                - 3 * max((_alike(words[place], words[other]) for other in chosen), default=0)
            ),
        )
        chosen.append(best)
    return [told[place] for place in sorted(chosen)]


def _alike(one: set[str], other: set[str]) -> int:
    return 2_000 * len(one & other) // (len(one | other) or 1)


def _tone(lines: Sequence[Line], messages: Sequence[Said]) -> Tone:
    """Return how the others sound in their last words, by words of business, not of reviews."""
    theirs = [said for said in messages if said.side == "them"]
    if not theirs:
        return "neutral"
    last = theirs[-1]
    text = own_words(last.text)
    if any(line.act is Act.COMPLAINT and line.message == last.number for line in lines):
        return "bad"
    bad = sum(not _NOT.search(text[: each.start()]) for each in _NEGATIVE.finditer(text))
    good = sum(not _NOT.search(text[: each.start()]) for each in _POSITIVE.finditer(text))
    if bad == good:
        return "neutral"
    return "bad" if bad > good else "good"
