"""Words that people taught: read as the words that they stand for, and taught by saying so.

Only reading changes. A person's yes or no is read before, from what was typed; and no taught word
takes the place of one that means something here already.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from agents.interpreter.dialogue import PHRASE_WORDS_MAX, decision_in, small_talk
from agents.interpreter.lattice import lay_out
from agents.interpreter.lexicon import Lexicon
from agents.interpreter.normalise import is_cjk, normalise
from agents.interpreter.reading import ANSWER, LIST, Calls, Reading, Refuse
from agents.interpreter.spans import EXACT, EntitySense, FillerSense, Piece, TextSense
from agents.interpreter.tokens import stems, tokenise
from core.kernel.semantics import Said
from tools.base import FreeText

TEACH, FORGET, SHARE = "teaching.teach_word", "teaching.forget_word", "teaching.share_word"
WORDS, VERIFY = "teaching.list_words", "teaching.verify_question"

# What a word means does not hang on the day.
_ANY_DAY = date(2026, 1, 1)
_Q = "[\"'“”‘’「」『』]"
_W = r"(?P<word>[^\"“”‘’「」『』]{1,60}?)"
_M = r"(?P<meaning>[^\"“”「」『』]{1,160}?)"
_END = rf"{_Q}?[.。!！]?\s*$"


def _patterns(*texts: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(text, re.IGNORECASE) for text in texts)


_TEACH = _patterns(
    rf"^\s*(?:please,? )?(?:when(?:ever)?|if) i (?:say|write|type|speak of|talk about) {_Q}?{_W}"
    rf"{_Q}?,?\s*(?:then )?(?:i mean|it means|that means|i am talking about|read) {_Q}?{_M}{_END}",
    rf"^\s*by {_Q}?{_W}{_Q}?,? i mean {_Q}?{_M}{_END}",
    rf"^\s*(?:please )?(?:remember|learn|note)(?: that)?:? {_Q}?{_W}{_Q}?"
    rf" (?:means|stands for|is short for) {_Q}?{_M}{_END}",
    rf"^\s*{_Q}{_W}{_Q} (?:means|stands for|is short for) {_Q}?{_M}{_END}",
    rf"^\s*(?:请)?(?:以后|今后)?(?:当|如果)?我说(?:的)?{_Q}?{_W}{_Q}?(?:的时候|时)?[，,]?\s*(?:我)?"
    rf"(?:就?是指|指的就?是|的?意思是|就是|是说|说的是|指){_Q}?{_M}{_END}",
    rf"^\s*(?:请)?(?:记住|学会)?[，,：:]?\s*{_Q}{_W}{_Q}(?:就?是指|指的是|的?意思是|表示|代表){_Q}?{_M}{_END}",
)
_FORGET = _patterns(
    rf"^\s*(?:please )?forget (?:the|my) word {_Q}?{_W}{_END}",
    rf"^\s*(?:please )?forget what {_Q}?{_W}{_Q}? means{_END}",
    rf"^\s*(?:请)?(?:忘记|忘掉)(?:我的)?(?:词语?|说法){_Q}?{_W}{_END}",
    rf"^\s*(?:请)?(?:忘记|忘掉){_Q}?{_W}{_Q}?的意思{_END}",
)
_SHARE = _patterns(
    rf"^\s*(?:please )?share (?:(?:the|my) word|(?P<owner>[\w.-]{{1,40}})'s word) {_Q}?{_W}{_Q}?"
    rf" with (?:all|everybody|everyone){_END}",
    rf"^\s*(?:请)?(?:与|和|跟)所有人共享(?:我的|(?P<owner>[\w.-]{{1,40}})的)?(?:词语?|说法){_Q}?{_W}{_END}",
)
_LIST = _patterns(
    r"^\s*(?:what|which) words (?:have i taught|did i teach)(?: you)?[?.]?\s*$",
    r"^\s*(?:list |show )?(?:me )?my (?:own )?words[?.]?\s*$",
    r"^\s*(?:列出)?我(?:的词语|教过(?:你)?(?:哪些|什么)词|教过的词)[?？。]?\s*$",
)
_CONFIRM = _patterns(
    r"^\s*(?:yes,? )?(?:that|this) (?:is|was) (?:right|correct|(?:exactly )?what i meant),?"
    r" (?:and )?(?:please )?(?:remember|keep) (?:it|that|this)[.!]?\s*$",
    r"^\s*(?:please )?(?:remember|keep|confirm) (?:this|that) (?:reading|question|answer)[.!]?\s*$",
    r"^\s*(?:对|没错)?[，,]?\s*(?:请)?记住这个(?:问法|问题|理解|读法)[。！!]?\s*$",
    r"^\s*(?:这样)?(?:理解|就是这个意思)(?:是)?(?:对的|正确)?[，,]\s*(?:请)?记住[。！!]?\s*$",
)
_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|「[^」]*」|『[^』]*』")


@dataclass(frozen=True)
class Taught:
    """What one person is read with: words, and questions confirmed before."""

    words: Mapping[str, str] = field(default_factory=dict)
    verified: Sequence[tuple[str, Mapping[str, Any]]] = ()

    def rewritten(self, text: str, lexicon: Lexicon) -> tuple[str, tuple[tuple[str, str], ...]]:
        """Return a text with taught words replaced, longest first and once, and which these were.

        What stands in quotes is kept word by word, and so are words with a meaning of their own.
        """
        known = {w: m for w, m in self.words.items() if not has_meaning(w, lexicon)}
        if not known:
            return text, ()
        words = sorted(known, key=lambda word: -len(word))
        found: dict[str, str] = {}

        def meant(match: re.Match[str]) -> str:
            word = match[0].casefold()
            word = word if word in known else word.removesuffix("s")
            found[word] = known[word]
            return known[word]

        pattern = re.compile("|".join(map(_pattern_of, words)), re.IGNORECASE)
        pieces, place = [], 0
        for quoted in _QUOTED.finditer(text):
            pieces += [pattern.sub(meant, text[place : quoted.start()]), quoted[0]]
            place = quoted.end()
        read = "".join([*pieces, pattern.sub(meant, text[place:])])
        # Nobody decides by a word that was taught.
        return (text, ()) if decides(read) else (read, tuple(found.items()))

    def confirmed(self, text: str, lexicon: Lexicon) -> Calls | None:
        """Return the question that these words were confirmed to mean, but for courtesies."""
        key = _bare(text, lexicon)
        for said, asked in self.verified:
            if key and _bare(said, lexicon) == key:
                tool = LIST if asked.get("kind") == "list" else ANSWER
                call = {"tool": tool, "arguments": {"query": dict(asked["query"])}}
                return Calls((call,)) if tool in lexicon.tools else None
        return None


def as_said(calls: Calls, replaced: Sequence[tuple[str, str]], lexicon: Lexicon) -> Calls:
    """Return calls whose free text is what was typed, not what its words were read as."""
    kept = []
    for call in calls.calls:
        tool = lexicon.tools[call["tool"]]
        arguments = dict(call["arguments"])
        for name, known in tool.arguments.model_fields.items():
            if any(isinstance(m, FreeText) for m in known.metadata) and name in arguments:
                for word, meaning in replaced:
                    arguments[name] = str(arguments[name]).replace(meaning, word)
        kept.append({"tool": call["tool"], "arguments": arguments})
    notices = tuple(
        Said(f"I read “{word}” as “{meaning}”.", f"“{word}”理解为“{meaning}”。")
        for word, meaning in replaced
    )
    return Calls(tuple(kept), (*notices, *calls.notices))


def read_teaching(text: str, lexicon: Lexicon, last: tuple[str, Any] | None) -> Reading | None:
    """Read a message that teaches, forgets, shares, lists or confirms; or nothing."""
    if any(pattern.match(text) for pattern in _LIST):
        return _call(WORDS)
    if (match := _first(_TEACH, text)) is not None:
        word, meaning = match["word"].strip(" ,，"), match["meaning"].strip(" ,，")
        return _why_not(word, meaning, lexicon) or _call(TEACH, word=word, meaning=meaning)
    if (match := _first(_FORGET, text)) is not None:
        return _call(FORGET, word=match["word"].strip())
    if (match := _first(_SHARE, text)) is not None:
        owner = {"owner": match["owner"]} if match["owner"] else {}
        return _call(SHARE, word=match["word"].strip(), **owner)
    if any(pattern.match(text) for pattern in _CONFIRM):
        if last is None:
            return Refuse(
                Said(
                    "There is no question in this conversation to remember.",
                    "本次对话中没有可记住的问题。",
                ),
                kind="taught",
            )
        return _call(VERIFY, said=last[0], query=last[1])
    return None


def has_meaning(word: str, lexicon: Lexicon) -> bool:
    """Tell whether a word means something here already: closed-class words, names, yes and no."""
    key = stems(word)
    if not key or key in lexicon.phrases or decides(word):
        return True
    lattice = lay_out(normalise(word), lexicon, _ANY_DAY)
    return any(
        piece.length == len(lattice.tokens) and not piece.read_as and _is_known(piece)
        for piece in lattice.pieces
    )


def _is_known(piece: Piece) -> bool:
    """Tell whether a stretch means something by itself: not a part of a name, or like one."""
    return any(
        not sense.short and sense.likeness == EXACT
        if isinstance(sense, EntitySense)
        else not isinstance(sense, TextSense)
        for sense in piece.senses
    )


def decides(words: str) -> bool:
    """Tell whether words are, or begin with, a decision or a courtesy."""
    norm = normalise(words)
    tokens = tokenise(norm)
    if len(tokens) > PHRASE_WORDS_MAX * 4:
        return False
    return decision_in(norm, tokens, _ANY_DAY) is not None or bool(small_talk(tuple(tokens)))


def _why_not(word: str, meaning: str, lexicon: Lexicon) -> Refuse | None:
    if has_meaning(word, lexicon):
        says = Said(
            f"“{word}” means something here already, and keeps its meaning. Please choose another"
            " word.",
            f"“{word}”在这里已有含义，不能更改。请换一个词。",
        )
        return Refuse(says, kind="taught")
    path = lay_out(normalise(meaning), lexicon, _ANY_DAY).paths()[0]
    meant = any(piece.senses and not piece.sense(FillerSense) for piece in path.pieces)
    if decides(meaning) or not meant:
        says = Said(
            f"I do not know “{meaning}” as something that “{word}” could stand for.",
            f"我不认识“{meaning}”，不能用“{word}”代表它。",
        )
        return Refuse(says, kind="taught")
    return None


def _call(tool: str, **arguments: Any) -> Calls:  # noqa: ANN401
    return Calls(({"tool": tool, "arguments": arguments},))


def _first(patterns: Sequence[re.Pattern[str]], text: str) -> re.Match[str] | None:
    return next((match for pattern in patterns if (match := pattern.match(text))), None)


def _pattern_of(word: str) -> str:
    if any(is_cjk(sign) for sign in word):
        return re.escape(word)
    return rf"(?<![\w-]){re.escape(word)}s?(?![\w-])"


def _bare(text: str, lexicon: Lexicon) -> tuple[str, ...]:
    """Return the words of a text that are more than courtesy."""
    words = [token.stem for token in tokenise(normalise(text)) if token.kind != "mark"]
    kept, place = [], 0
    while place < len(words):
        courtesy = max(
            (
                length
                for length, senses in lexicon.at(words, place)
                if all(isinstance(sense, FillerSense) for sense in senses)
            ),
            default=0,
        )
        if not courtesy:
            kept.append(words[place])
        place += courtesy or 1
    return tuple(kept)
