"""Tools of quality holds: set goods aside, then release or scrap them."""

from typing import Annotated

from pydantic import Field
from sqlalchemy.orm import Session

from core import catalog, inventory
from core.inventory import holding
from core.inventory.holding import HoldView, StockHold
from core.inventory.locations import MAIN
from core.kernel.errors import Language
from core.kernel.identity.roles import Role
from core.kernel.money import plain
from tools.base import (
    Answer,
    Arguments,
    Call,
    Count,
    ItemRef,
    Ref,
    Text,
    Tool,
    Undoing,
)
from tools.inventory import KEEPERS, LocationRef
from tools.trade import Because

HOLD, RELEASE = "holding.hold", "holding.release"
SCRAP, SCRAP_HELD = "holding.scrap", "holding.scrap_held"

HoldRef = Annotated[Text, Ref("stock_hold")]

HOLD_AGAIN = ("put the goods on hold again", "请重新暂扣")
COUNT_THEM = ("what is scrapped is gone; if it is found, count it", "已报废；如找到实物请盘点入账")


class Hold(Arguments):
    """Put goods on quality hold: they stay ours, and nobody is promised them."""

    item: ItemRef
    quantity: Count
    because: Because = Field(description="Why they are to be looked at.")
    location: LocationRef | None = Field(
        default=None, description="Where they lie; leave empty for the main warehouse."
    )


class Scrap(Arguments):
    """Scrap goods: throw them away and write them off."""

    item: ItemRef
    quantity: Count
    because: Because
    location: LocationRef | None = Field(
        default=None, description="Where they lie; leave empty for the main warehouse."
    )


class Release(Arguments):
    """Release goods that are on hold: they are for sale again."""

    hold: HoldRef = Field(description="Its number, such as QH-00001.")
    quantity: Count | None = Field(default=None, description="Leave empty for all of them.")
    target: LocationRef | None = Field(
        default=None, description="Leave empty for where they came from."
    )


class ScrapHeld(Arguments):
    """Scrap goods that are on hold."""

    hold: HoldRef
    because: Because
    quantity: Count | None = Field(default=None, description="Leave empty for all of them.")


class HoldShown(Answer):
    """A hold, and what became of the goods."""

    number: str
    hold: HoldView

    def sentence(self, language: Language = "en") -> str:
        """Say what is held, and what is not any more."""
        view = self.hold
        called = (language == "zh" and view.name_zh) or view.name
        figures = (view.held, view.released, view.scrapped)
        held, released, scrapped = (plain(each) for each in figures)
        if language == "zh":
            said = f"{self.number}：{view.sku} {called} 暂扣 {held}"
            said += f"，已放行 {released}" if view.released else ""
            return f"{said}，已报废 {scrapped}。" if view.scrapped else f"{said}。"
        said = f"{self.number}: {held} of {view.sku} {called} on hold"
        said += f", {released} released" if view.released else ""
        return f"{said}, {scrapped} scrapped." if view.scrapped else f"{said}."


def _shown(hold: StockHold) -> HoldShown:
    return HoldShown(number=hold.number, hold=holding.hold_view(hold))


def pin_goods(session: Session, arguments: Hold | Scrap) -> Hold | Scrap:
    """Write the item by its SKU and the location by its code."""
    chosen = {
        "item": catalog.find_item(session, arguments.item).sku,
        "location": inventory.find_location(session, arguments.location or MAIN).code,
    }
    return arguments.model_copy(update=chosen)


def hold(session: Session, arguments: Hold) -> HoldShown:
    """Set them aside."""
    held = holding.hold_goods(
        session,
        catalog.find_item(session, arguments.item),
        quantity=arguments.quantity,
        location=inventory.find_location(session, arguments.location or MAIN),
        because=arguments.because,
    )
    return _shown(held)


def scrap(session: Session, arguments: Scrap) -> HoldShown:
    """Throw them away."""
    scrapped = holding.scrap_goods(
        session,
        catalog.find_item(session, arguments.item),
        quantity=arguments.quantity,
        location=inventory.find_location(session, arguments.location or MAIN),
        because=arguments.because,
    )
    return _shown(scrapped)


def release(session: Session, arguments: Release) -> HoldShown:
    """Give them back to storage."""
    target = inventory.find_location(session, arguments.target) if arguments.target else None
    return _shown(
        holding.release_held(session, arguments.hold, quantity=arguments.quantity, target=target)
    )


def scrap_held(session: Session, arguments: ScrapHeld) -> HoldShown:
    """Throw them away."""
    return _shown(
        holding.scrap_held(
            session, arguments.hold, quantity=arguments.quantity, because=arguments.because
        )
    )


def undo_hold(_session: Session, _arguments: Hold, answer: dict[str, str]) -> Undoing:
    """Release what is still held."""
    return Undoing((Call(RELEASE, Release(hold=answer["number"])),))


def cannot_undo_release(_session: Session, _arguments: Release, _answer: object) -> Undoing:
    """Say what to do instead."""
    return Undoing(impossible=HOLD_AGAIN)


def cannot_undo_scrap(_session: Session, _arguments: Scrap | ScrapHeld, _answer: object) -> Undoing:
    """Say what to do instead."""
    return Undoing(impossible=COUNT_THEM)


TOOLS = [
    Tool(
        HOLD,
        Hold,
        hold,
        writes=True,
        title="Put on hold",
        title_zh="质检暂扣",
        roles=KEEPERS,
        pin=pin_goods,
        undo=undo_hold,
    ),
    Tool(
        RELEASE,
        Release,
        release,
        writes=True,
        title="Release from hold",
        title_zh="放行暂扣货物",
        roles=KEEPERS,
        undo=cannot_undo_release,
    ),
    Tool(
        SCRAP,
        Scrap,
        scrap,
        writes=True,
        title="Scrap goods",
        title_zh="报废库存",
        roles=KEEPERS | {Role.WATCHER},
        pin=pin_goods,
        undo=cannot_undo_scrap,
    ),
    Tool(
        SCRAP_HELD,
        ScrapHeld,
        scrap_held,
        writes=True,
        title="Scrap held goods",
        title_zh="报废暂扣货物",
        roles=KEEPERS,
        undo=cannot_undo_scrap,
    ),
]
