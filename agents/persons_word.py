"""A person's own word on a proposal: yes, no, change it, undo it; read by rules alone.

No language model takes part in this: what decides is what the person typed. It is read narrowly,
because a yes that was not one cannot be taken back as easily as it is asked for again.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from core.approvals import PlannedCall
from core.kernel.errors import DomainError
from core.kernel.money import exact
from tools import Toolbox
from tools.base import Counted

_YES = (
    r"yes|yes please|yep|yeah|ok|okay|sure|go ahead|do it|please do|confirm|confirmed"
    r"|好|好的|是|是的|可以|行|同意|确认|没问题"
)
_APPROVE = r"approve|approved|i approve|approve it|approve this|批准|我批准|通过|准了"
_NO = r"no|nope|no thanks|don't|do not|cancel|never mind|stop|不|不要|不行|不用了|算了|取消"
_REJECT = r"reject|rejected|decline|i reject|reject it|驳回|拒绝|不同意|不批准"
_UNDO = (
    r"undo|undo it|undo that|undo this|undo the last one|revert|revert that|roll it back"
    r"|撤销|撤销它|撤销刚才的|撤回|回退|取消刚才的操作"
)
_BECAUSE = (
    r"(?:\s*[,，:：;；]?\s*(?:because|since|as|reason:?|因为|理由是?|原因是?)\s*[:：]?"
    r"\s*(?P<why>.+))?"
)
_WHICH = r"(?:\s*(?:proposal |提案)?(?P<which>pr-\d{1,9}))?"
_END = r"\s*[.!。！]*$"
_NUMBER = r"\d[\d,]*(?:\.\d+)?"
_UNITS = r"\s*[个件只台套]?"
_EDIT = (
    r"(?:no|not that|rather|make it|make that|change it to|only|just)[,\s]+"
    rf"(?:make it |only |just )?(?P<en>{_NUMBER})"
    rf"|(?:不[，,]?\s*)?(?:改成|改为|换成|只要)\s*(?P<zh>{_NUMBER}){_UNITS}"
    rf"|不[，,]\s*(?P<no>{_NUMBER}){_UNITS}"
)


class WhichQuantity(DomainError):
    """The plan has {count} quantities; say which one should become {number}, or use Edit."""

    zh = "该计划有 {count} 个数量；请说明要把哪个改为 {number}，或使用“编辑”。"


@dataclass(frozen=True)
class PersonsWord:
    """What a person said of a proposal.

    `explicit` words name the act ("approve", "reject", "undo"); the others mean it only right
    after the card was shown.
    """

    verdict: Literal["approve", "reject", "edit", "undo"]
    explicit: bool
    reason: str = ""
    # The proposal named, such as PR-00012; otherwise the one that was shown.
    proposal: str | None = None
    quantity: Decimal | None = None

    def edited(self, calls: Sequence[PlannedCall], toolbox: Toolbox) -> list[dict[str, Any]]:
        """Return the calls with their one quantity changed; refuse where there are several."""
        assert self.quantity is not None, "an edit names a quantity"
        places = [
            (place, name)
            for place, call in enumerate(calls)
            for name, field in toolbox.tools[call["tool"]].arguments.model_fields.items()
            if field.annotation is Decimal
            and any(isinstance(mark, Counted) for mark in field.metadata)
            and call["arguments"].get(name) is not None
        ]
        if len(places) != 1:
            raise WhichQuantity(count=len(places), number=self.quantity)
        [(place, name)] = places
        edited: list[dict[str, Any]] = [
            {"tool": call["tool"], "arguments": call["arguments"]} for call in calls
        ]
        edited[place]["arguments"] = {**calls[place]["arguments"], name: str(self.quantity)}
        return edited


def persons_word(said: str) -> PersonsWord | None:
    """Read a message as a word on a proposal, if it is exactly that and nothing more."""
    text = " ".join(said.strip().lower().split())
    if match := re.fullmatch(f"(?:please )?(?:{_UNDO}){_WHICH}{_END}", text):
        return PersonsWord("undo", explicit=True, proposal=_number(match["which"]))
    for verdict, plain, named in (("approve", _YES, _APPROVE), ("reject", _NO, _REJECT)):
        for words, explicit in ((named, True), (plain, False)):
            match = re.fullmatch(f"(?:{words}){_WHICH}(?:,? please)?{_BECAUSE}{_END}", text)
            if match:
                return PersonsWord(
                    "approve" if verdict == "approve" else "reject",
                    explicit,
                    reason=match["why"] or "",
                    proposal=_number(match["which"]),
                )
    if match := re.fullmatch(f"(?:{_EDIT}){_END}", text):
        number = match["en"] or match["zh"] or match["no"]
        return PersonsWord("edit", explicit=False, quantity=exact(number.replace(",", "")))
    return None


def _number(which: str | None) -> str | None:
    return which.upper() if which else None
