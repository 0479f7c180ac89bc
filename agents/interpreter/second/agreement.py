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
    "supposed", "several calls",
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
    fillers = sum(
        len(p.text)
        for p in pieces
        if p.senses and all(isinstance(s, FillerSense) for s in p.senses)
    )
    return {
        "unknown words": min(sum(not is_cjk(p.text[0]) for p in unknown), UNKNOWN_MAX),
        "unknown signs": min(sum(is_cjk(p.text[0]) for p in unknown), UNKNOWN_MAX),
        "misspelt": sum(bool(p.read_as) for p in pieces),
        "fuzzy": sum(name.likeness < EXACT for name in names),
        "short": sum(name.short for name in names),
        "fillers": fillers / signs_in_all,
    }


def _of_target(opinion: Opinion, label: Label) -> dict[str, float]:
    kind = -math.log(max(opinion.chance("kind", label.kind), LEAST))
    if label.target == NONE:
        return {"kind": kind}
    mine = opinion.chance("target", label.target)
    best = opinion.best("target")[0][1]
    return {"kind": kind, "target": -math.log(max(mine, LEAST)), "rival": best - mine}


def _of_parts(opinion: Opinion, label: Label) -> dict[str, float]:
    missing = max((chance for one, chance in opinion.by.items() if one not in label.by), default=0)
    extra = max((1 - opinion.by.get(one, 0.0) for one in label.by), default=0.0)
    parts = ("grain", "compare", "direction", "negation", "several")
    return {
        "group missing": missing,
        "group extra": extra,
        **{part: 1 - opinion.chance(part, label.choice(part)) for part in parts},
    }
