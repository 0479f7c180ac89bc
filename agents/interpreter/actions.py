"""Read a path of pieces as calls of tools: which tool each clause asks for, and its arguments.

What is named twice, only nearly right, about right or left over is asked about: an action is
never guessed from half of the words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from agents.interpreter.clauses import Clause
from agents.interpreter.dialogue import DialogueContext
from agents.interpreter.draft import which_one
from agents.interpreter.lattice import Path
from agents.interpreter.lexicon import Lexicon
from agents.interpreter.normalise import Norm
from agents.interpreter.records import MADE_BY, Spoken
from agents.interpreter.spans import (
    CueSense,
    DocumentSense,
    Entity,
    FillerSense,
    Piece,
    ToolSense,
    WordSense,
)
from agents.interpreter.things import Filled, argument, calls_for, tools_of
from core.kernel.semantics import Said

SPLITS_MAX = 8


@dataclass(frozen=True)
class ActionReading:
    """Calls that were understood, or the one question that is still open about them."""

    calls: tuple[Mapping[str, Any], ...] = ()
    notices: tuple[Said, ...] = ()
    question: Said | None = None
    options: tuple[tuple[Said, str], ...] = ()
    # The words that the answer to the question replaces.
    replace: str = ""
    # What is put between what was said and the answer, which is then taken word by word.
    lead: Said | None = None
    # The calls to make when the answer is yes.
    confirm: tuple[Mapping[str, Any], ...] = ()
    refusal: Said | None = None
    doubts: int = 0
    bonus: float = 0.0
    writes: bool = False
    # Words were left over, so that something else may be meant.
    is_guess: bool = False


def read_actions(
    path: Path, norm: Norm, lexicon: Lexicon, context: DialogueContext, today: date
) -> list[ActionReading]:
    """Read a path as one action or several in a row; nothing where no tool is called for."""
    if not any(p.sense(ToolSense) for p in path.pieces):
        return _looked_up(path, norm, lexicon, context, today)
    readings = []
    for clauses in _splits(path.pieces):
        filled = _read_clauses(clauses, norm, lexicon, context, today)
        if filled:
            writes = any(one.tool.writes for one in filled)
            readings.append(replace(_reading(filled), writes=writes))
    return sorted(readings, key=lambda reading: reading.doubts)[:2]


def _looked_up(
    path: Path, norm: Norm, lexicon: Lexicon, context: DialogueContext, today: date
) -> list[ActionReading]:
    """Show the document of which nothing but the number was said."""
    if not any(p.sense(DocumentSense) for p in path.pieces):
        return []
    if not all(
        p.sense(DocumentSense) or p.sense(FillerSense) or p.sense(WordSense) for p in path.pieces
    ):
        return []
    options = [
        Clause(path.pieces, norm, tool, lexicon, today, [], context).fill()
        for tool in lexicon.tools.values()
        if not tool.writes and ".show" in tool.name
    ]
    exact = [one for one in options if one.doubts == 0 and one.known]
    return [_reading([one]) for one in exact[:1]]


def _read_clauses(
    clauses: Sequence[Sequence[Piece]],
    norm: Norm,
    lexicon: Lexicon,
    context: DialogueContext,
    today: date,
) -> list[Filled]:
    filled: list[Filled] = []
    steps = 0
    focus = [Spoken.of(number) for number in context.focus]
    for clause in clauses:
        options = [
            Clause(clause, norm, lexicon.tools[name], lexicon, today, focus, context).fill()
            for name in tools_of(clause)
            if not (lexicon.tools[name].writes and is_question(clause))
        ]
        if not options:
            return []
        best = min(
            options, key=lambda f: (f.doubts, -f.known, -_called_by(clause, f), not f.tool.writes)
        )
        filled.append(best)
        focus = [*_made_by(best, steps), *_documents_of(best.calls), *focus]
        steps += len(best.calls)
    return filled


def _called_by(clause: Sequence[Piece], filled: Filled) -> int:
    """Return how many words call for a tool: "reorder point" says more than "reorder"."""
    return max((p.length for p in clause if calls_for(p, filled.tool.name)), default=0)


def _made_by(filled: Filled, steps: int) -> list[Spoken]:
    """Return what the calls will make, as later steps name it."""
    if filled.tool.name not in MADE_BY:
        return []
    prefix, field = MADE_BY[filled.tool.name]
    return [
        Spoken(prefix, f"${steps + place}.{field}") for place in range(1, len(filled.calls) + 1)
    ]


def is_question(clause: Sequence[Piece]) -> bool:
    """Tell whether a clause asks for something to be told, and so must change nothing."""
    # "Count LAMP-01" is no question, though to count is to ask how many.
    asking = clause[1:] if clause[0].sense(ToolSense) else clause
    roles = {s.role for p in asking for s in p.senses if isinstance(s, WordSense)}
    if roles & {"how_many", "how_much", "who", "why"}:
        return True
    words = [p.text for p in clause]
    if "which" in roles and ("what" not in words or "not" in roles):
        return True
    if (
        words
        and words[0].split()[0] in _ASKING
        and not any(w in {"not", "n't"} for w in words[1:2])
    ):
        return True
    said = "".join(p.text for p in clause)
    return "吗" in said and not any(polite in said for polite in ("可以", "能", "好吗", "行吗"))


_ASKING = frozenset(
    ["is", "are", "was", "were", "has", "did", "does", "when", "where", "how", "whose"]
)


def _documents_of(calls: Sequence[Mapping[str, Any]]) -> list[Spoken]:
    return [
        Spoken.of(value)
        for call in calls
        for value in call["arguments"].values()
        if isinstance(value, str) and value[:2].isalpha() and "-" in value and value[-1].isdigit()
    ]


def _splits(pieces: Sequence[Piece]) -> list[list[Sequence[Piece]]]:
    """Return the ways to part a message into clauses: not at all, or before every other verb."""
    whole: list[Sequence[Piece]] = [pieces]
    parts: list[Sequence[Piece]] = []
    start = 0
    verb_seen = False
    for place, piece in enumerate(pieces):
        if piece.sense(ToolSense) and verb_seen and (cut := _cut_before(pieces, place, start)):
            parts.append(pieces[start:cut])
            start = cut
        verb_seen = verb_seen or piece.sense(ToolSense) is not None
    parts.append(pieces[start:])
    return [whole] if len(parts) == 1 else [parts[:SPLITS_MAX], whole]


def _cut_before(pieces: Sequence[Piece], place: int, start: int) -> int | None:
    # Behind the last "and", "then" or comma before the verb, if only small words lie between.
    for cut in range(place - 1, start, -1):
        piece = pieces[cut]
        roles = {s.role for s in piece.senses if isinstance(s, WordSense)}
        if roles & {"and", "break", "stop", "follow", "also", "then"}:
            return cut + 1
        if not (piece.sense(FillerSense) or piece.sense(DocumentSense) or piece.sense(CueSense)):
            return None
    return None


def _reading(filled: Sequence[Filled]) -> ActionReading:
    calls = tuple(call for one in filled for call in one.calls)
    doubts = sum(one.doubts for one in filled)
    bonus = float(sum(one.known for one in filled)) * 0.1
    writes = any(one.tool.writes for one in filled)
    for one in filled:
        title = (one.tool.title, one.tool.title_zh)
        if one.negated:
            says = Said(
                f"I understood that {title[0]} should not happen, so I do nothing.",
                f"我理解为不要{title[1]}，因此不做任何事。",
            )
            return ActionReading(refusal=says, doubts=doubts, bonus=bonus)
        if one.wrong:
            en, zh = one.wrong[0]
            return ActionReading(
                question=Said(f"{title[0]}: {en}", f"{title[1]}：{zh}"), doubts=doubts, bonus=bonus
            )
        if one.ambiguous:
            piece, entities = one.ambiguous[0]
            options = tuple(
                (Said(f"{e.key} {e.label}", f"{e.key} {e.label_zh or e.label}"), e.key)
                for e in entities
            )
            return ActionReading(
                question=which_one(piece.text),
                options=options,
                replace=piece.text,
                doubts=doubts,
                bonus=bonus,
            )
        if one.about:
            about = one.about[0].text
            question = Said(
                f"“{about}” is not exact. How many exactly?", f"“{about}”不是准确数字，具体是多少？"
            )
            return ActionReading(question=question, replace=about, doubts=doubts, bonus=bonus)
        if one.left:
            asked = _about_left(one, doubts, bonus)
            return replace(asked, options=YES_NO, confirm=calls) if _may_leave(filled) else asked
        if one.missing:
            return _about_missing(one, doubts, bonus)
    doubtful = [*(f for one in filled for f in one.fuzzy)]
    typos = [piece for one in filled for piece in one.typos]
    if writes and (doubtful or typos):
        return _confirmed(filled, calls, doubtful, bonus)
    notices = tuple(
        Said(f"I took “{p.text}” for {e.label}.", f"已将“{p.text}”理解为{e.label_zh or e.label}。")
        for p, e in doubtful
    )
    return ActionReading(calls, notices, doubts=doubts, bonus=bonus)


YES_NO = ((Said("yes", "是"), "yes"), (Said("no", "否"), "no"))


def _may_leave(filled: Sequence[Filled]) -> bool:
    """Tell whether the calls can be offered without the words that fitted nowhere."""
    return all(
        not (one.missing or one.ambiguous or one.wrong or one.about or one.negated)
        and one.known
        and not any(piece.sense(ToolSense) for piece in one.left)
        for one in filled
    )


def _about_left(one: Filled, doubts: int, bonus: float) -> ActionReading:
    words = (
        " ".join(piece.text for piece in one.left)
        if one.left[0].text.isascii()
        else "".join(p.text for p in one.left)
    )
    unknown_item = [s for s in one.missing if s.kind == "ref"]
    if unknown_item:
        en, zh = argument(unknown_item[0].name)
        question = Said(
            f"I know no {en} “{words}”. Which one do you mean?",
            f"没有名为“{words}”的{zh}，您指的是哪一个？",
        )
    else:
        question = Said(
            f"I understood “{one.tool.title}”, but not “{words}”. "
            "Please say it again in other words; or shall I leave it out?",
            f"我理解为“{one.tool.title_zh}”，但不明白“{words}”。请换个说法；要不管它吗？",
        )
    return ActionReading(
        question=question, replace=words, doubts=doubts, bonus=bonus, is_guess=True
    )


def _about_missing(one: Filled, doubts: int, bonus: float) -> ActionReading:
    asked = list(dict.fromkeys(argument(slot.name) for slot in one.missing))
    en = " and ".join(name for name, _ in asked)
    zh = "和".join(name for _, name in asked)
    question = Said(f"{one.tool.title}: which {en}?", f"{one.tool.title_zh}：请问{zh}是什么？")
    only_words = all(slot.kind == "words" for slot in one.missing)
    lead = Said(" because ", "，因为") if only_words else None
    return ActionReading(question=question, lead=lead, doubts=doubts, bonus=bonus)


def _confirmed(
    filled: Sequence[Filled],
    calls: tuple[Mapping[str, Any], ...],
    fuzzy: Sequence[tuple[Piece, Entity]],
    bonus: float,
) -> ActionReading:
    typos = [piece for one in filled for piece in one.typos]
    taken = [(p.text, e.label, e.label_zh or e.label) for p, e in fuzzy]
    taken += [(p.text, p.read_as, p.read_as) for p in typos]
    en = ", ".join(f"“{said}” for {meant}" for said, meant, _ in taken)
    zh = "，".join(f"“{said}”理解为{meant}" for said, _, meant in taken)
    return ActionReading(
        question=Said(f"I took {en}. Is that right?", f"我将{zh}，对吗？"),
        options=YES_NO,
        confirm=calls, doubts=1, bonus=bonus,
    )  # fmt: skip
