"""A person's own word on a proposal: yes, no, change it, undo it; read by rules alone.

No language model takes part in this: what decides is what the person typed. It is read narrowly,
because a yes that was not one cannot be taken back as easily as it is asked for again.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from pydantic.fields import FieldInfo

from agents.interpreter.dialogue import decision_in
from agents.interpreter.normalise import normalise
from agents.interpreter.tokens import tokenise
from core.approvals import PlannedCall
from core.kernel.errors import DomainError
from tools import Toolbox
from tools.base import Counted

# Words that name the act itself; a plain yes or no means it only right after the card.
_NAMES_THE_ACT = re.compile(r"approve|reject|decline|undo|revert|批准|通过|驳回|拒绝|撤销|撤回")
SAID_MAX = 500


class WhichOne(DomainError):
    """The plan has {count} places for {value}; say which one you mean, or use Edit."""

    zh = "该计划中有 {count} 处可填 {value}；请说明是哪一处，或使用“编辑”。"


@dataclass(frozen=True)
class PersonsWord:
    """What a person said of a proposal."""

    verdict: Literal["approve", "reject", "edit", "undo"]
    explicit: bool
    reason: str = ""
    # The proposal named, such as PR-00012; otherwise the one that was shown.
    proposal: str | None = None
    quantity: Decimal | None = None
    day: date | None = None

    def edited(self, calls: Sequence[PlannedCall], toolbox: Toolbox) -> list[dict[str, Any]]:
        """Return the calls with their one quantity or date changed; refuse where it is not one."""
        value, fits = (
            (str(self.quantity), _is_count)
            if self.quantity is not None
            else (str(self.day), _is_date)
        )
        places = _places(calls, toolbox, fits)
        if len(places) != 1:
            raise WhichOne(count=len(places), value=value)
        [(place, name)] = places
        edited: list[dict[str, Any]] = [
            {"tool": call["tool"], "arguments": call["arguments"]} for call in calls
        ]
        edited[place]["arguments"] = {**calls[place]["arguments"], name: value}
        return edited


def persons_word(said: str, today: date) -> PersonsWord | None:
    """Read a message as a word on a proposal, if it is exactly that and nothing more."""
    if len(said) > SAID_MAX:
        return None
    norm = normalise(said)
    decision = decision_in(norm, tokenise(norm), today)
    if decision is None:
        return None
    return PersonsWord(
        decision.verdict,
        explicit=bool(_NAMES_THE_ACT.search(said.lower())),
        reason=decision.reason,
        proposal=decision.proposal or None,
        quantity=decision.number,
        day=decision.day,
    )


def _places(
    calls: Sequence[PlannedCall], toolbox: Toolbox, fits: Callable[[FieldInfo], bool]
) -> list[tuple[int, str]]:
    return [
        (place, name)
        for place, call in enumerate(calls)
        for name, field in toolbox.tools[call["tool"]].arguments.model_fields.items()
        if fits(field)
    ]


def _is_count(field: FieldInfo) -> bool:
    return field.is_required() and any(isinstance(mark, Counted) for mark in field.metadata)


def _is_date(field: FieldInfo) -> bool:
    return "datetime.date" in str(field.annotation)
