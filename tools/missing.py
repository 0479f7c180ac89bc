"""What the tools of selling say of goods that an order lacks."""

from datetime import date

from pydantic import BaseModel
from sqlalchemy.orm import Session

from core.kernel import events
from core.kernel.errors import Language
from core.purchasing.requisitions.events import RequisitionWritten
from core.sales.events import CanGo, OrderConfirmed


class Missing(BaseModel, frozen=True):
    """What becomes of what an order lacks: when it can go, and who was asked for it."""

    can_go: date | None = None
    because: str = ""
    requisition: str = ""

    def sentence(self, language: Language = "en") -> str:
        """Say it as the end of a sentence; nothing where nothing is known."""
        zh = language == "zh"
        said = []
        if self.can_go is not None:
            said.append(
                f"最早可于 {self.can_go} 全部发货（{self.because}）"
                if zh
                else f"all of it can go on {self.can_go} ({self.because})"
            )
        if self.requisition:
            said.append(
                f"已提交采购申请 {self.requisition}"
                if zh
                else f"{self.requisition} asks purchasing for it"
            )
        return "".join((f"；{each}" if zh else f"; {each}") for each in said)


def missing_of(session: Session, number: str) -> Missing:
    """Return what the step that has just been carried out found missing of an order."""
    outlook: CanGo | None = None
    asked = ""
    for fact in events.recorded(session):
        if isinstance(fact, OrderConfirmed) and fact.number == number:
            outlook = fact.can_go
        if isinstance(fact, RequisitionWritten) and fact.needed_for == number:
            asked = fact.number
    day = date.fromisoformat(outlook.on) if outlook is not None and outlook.on else None
    return Missing(can_go=day, because=outlook.because if outlook else "", requisition=asked)
