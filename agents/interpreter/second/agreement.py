"""How far two readers agree about a message, and what else makes a reading more or less sure."""

import math
from collections.abc import Mapping, Sequence

from agents.interpreter.lattice import Path
from agents.interpreter.normalise import is_cjk
from agents.interpreter.second.labels import NONE, Label
from agents.interpreter.second.model import Opinion
from agents.interpreter.spans import (
    EXACT,
    EntitySense,
    FillerSense,
    FrameSense,
    MetricSense,
    Piece,
)
from core.kernel.errors import Language

LEAST = 1e-4
UNKNOWN_MAX, LENGTH_UNIT = 4, 10
# In the order in which they are weighed.
SIGNS = (
    "zh", "action", "report", "record", "unknown words", "unknown signs", "misspelt", "fuzzy",
    "short", "margin", "follows", "has context", "target", "rival", "kind", "group missing",
    "group extra", "grain", "compare", "direction", "negation", "several", "length", "fillers",
    "supposed", "several calls", "contradicted", "heavy",
)  # fmt: skip
# The second reader is nearly sure of another figure or tool, and hardly thinks of this one.
OTHER_FROM, MINE_TO = 0.4, 0.22
# What may be left out of a message, and still seldom says nothing at all.
HEAVY = frozenset(
    ["win", "stuff", "money", "gain", "acquire", "another", "more", "already", "fully", "in full",
     "completely", "going", "doing well", "different", "single", "individual", "people", "usually",
     "typically", "normally", "happen", "come", "take", "make", "who have", "something",
     "anything", "lie around", "lying around", "over", "within", "position", "光", "部分", "已",
     "已经", "刚", "刚刚", "还", "老是", "一般", "通常", "平时", "来", "去", "大致", "过", "得"]
)  # fmt: skip


def signs(
    opinion: Opinion,
    label: Label,
    paths: Sequence[Path],
    language: Language,
    *,
    has_context: bool,
    calls: int,
) -> list[float]:
    """Return what speaks for a reading and against it, as numbers in the order of `SIGNS`."""
    pieces = paths[0].pieces
    named = any(p.sense(MetricSense) for p in pieces)
    framed = any(p.sense(FrameSense) for p in pieces)
    report = label.kind == "report"
    follows = has_context and report and not named and not framed
    found: Mapping[str, float] = {
        "zh": language == "zh",
        "action": label.kind == "action",
        "report": report,
        "record": label.kind == "list",
        **_of_words(pieces),
        "margin": math.exp(paths[1].score - paths[0].score) if len(paths) > 1 else 0.0,
        "follows": follows,
        "has context": has_context,
        **(_of_target(opinion, label) if not follows else {}),
        **(_of_parts(opinion, label) if report and not follows else {}),
        "length": len(pieces) / LENGTH_UNIT,
        "supposed": report and not named,
        "several calls": calls > 1,
    }
    return [float(found.get(name, 0.0)) for name in SIGNS]


def _of_words(pieces: Sequence[Piece]) -> dict[str, float]:
    unknown = [p for p in pieces if not p.senses and p.text.strip()]
    names = [s for p in pieces if (s := p.sense(EntitySense)) is not None]
    signs_in_all = sum(len(p.text) for p in pieces) or 1
    skipped = [
        p.text for p in pieces if p.senses and all(isinstance(s, FillerSense) for s in p.senses)
    ]
    return {
        "unknown words": min(sum(not is_cjk(p.text[0]) for p in unknown), UNKNOWN_MAX),
        "unknown signs": min(sum(is_cjk(p.text[0]) for p in unknown), UNKNOWN_MAX),
        "misspelt": sum(bool(p.read_as) for p in pieces),
        "fuzzy": sum(name.likeness < EXACT for name in names),
        "short": sum(name.short for name in names),
        "fillers": sum(map(len, skipped)) / signs_in_all,
        "heavy": sum(text in HEAVY for text in skipped),
    }


def _of_target(opinion: Opinion, label: Label) -> dict[str, float]:
    kind = -math.log(max(opinion.chance("kind", label.kind), LEAST))
    if label.target == NONE:
        return {"kind": kind}
    mine = opinion.chance("target", label.target)
    best = opinion.best("target")[0][1]
    return {
        "kind": kind,
        "target": -math.log(max(mine, LEAST)),
        "rival": best - mine,
        "contradicted": mine < MINE_TO and best - mine > OTHER_FROM,
    }


def _of_parts(opinion: Opinion, label: Label) -> dict[str, float]:
    missing = max((chance for one, chance in opinion.by.items() if one not in label.by), default=0)
    extra = max((1 - opinion.by.get(one, 0.0) for one in label.by), default=0.0)
    parts = ("grain", "compare", "direction", "negation", "several")
    return {
        "group missing": missing,
        "group extra": extra,
        **{part: 1 - opinion.chance(part, label.choice(part)) for part in parts},
    }
