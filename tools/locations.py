"""Tools of places: warehouses and their parts, and what may lie in them."""

from decimal import Decimal

from pydantic import Field
from sqlalchemy.orm import Session

from core import inventory
from core.inventory import Location
from core.kernel.errors import Language
from core.kernel.semantics import EVERYDAY
from core.kernel.words import word
from tools.base import Answer, Arguments, Call, Column, Grid, Text, Tool, Undoing, Words
from tools.inventory import KEEPERS, LocationRef

ADD, CLOSE, REOPEN = "locations.add", "locations.close", "locations.reopen"
MOVE, SELL_FROM, CHANGE = "locations.move", "locations.sell_from", "locations.change"


class ListPlaces(Arguments):
    """List our warehouses and the places in them."""

    with_closed: bool = Field(default=False, description="Also those that are closed.")


class Places(Answer):
    """Warehouses, each with its places below it."""

    places: list[inventory.PlaceView]

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are."""
        count = len(self.places)
        if language == "zh":
            return f"共 {count} 个库位。"
        return "1 place." if count == 1 else f"{count} places."

    def grid(self) -> Grid:
        """Return one row for every place, set in below what it is part of."""
        columns = (
            Column("location", "库位"),
            Column("name", "名称"),
            Column("purpose", "用途"),
            Column("sold from", "可销售"),
            Column("items", "物料种数", "number"),
            Column("address", "地址"),
        )
        rows = tuple(
            (
                each.code,
                each.name,
                word("closed") if each.closed else word(each.purpose),
                word("yes" if each.sellable else "no"),
                Decimal(each.items),
                each.address,
            )
            for each in self.places
        )
        return Grid(columns, rows, levels=tuple(each.depth for each in self.places))


def list_places(session: Session, arguments: ListPlaces) -> Places:
    """Read the tree."""
    return Places(places=inventory.list_places(session, with_closed=arguments.with_closed))


class AddPlace(Arguments):
    """Add a warehouse, or a place in one."""

    code: Text = Field(description="Short, such as BJ or A-01-3.")
    name: Text
    name_zh: Text | None = None
    part_of: LocationRef | None = Field(
        default=None, description="The warehouse or place it lies in; empty for a warehouse."
    )
    sellable: bool = Field(default=True, description="Whether what lies there is for sale.")
    address: Words = ""


class PlaceChanged(Answer):
    """A place, as it is now; `part_of_before` is the way back."""

    code: str
    name: str
    name_zh: str
    part_of: str | None
    part_of_before: str | None = None
    sellable: bool
    closed: bool
    address: str
    name_before: str = ""
    name_zh_before: str = ""
    address_before: str = ""

    def sentence(self, language: Language = "en") -> str:
        """Say what it is."""
        if language == "zh":
            inside = f"，位于 {self.part_of}" if self.part_of else ""
            ends = "，已关闭" if self.closed else "" if self.sellable else "，不可销售"
            return f"库位 {self.code} {self.name_zh}{inside}{ends}。"
        inside = f", in {self.part_of}" if self.part_of else ""
        ends = ", closed" if self.closed else "" if self.sellable else ", not sold from"
        return f"{self.code} {self.name}{inside}{ends}."


def _shown(session: Session, location: Location, **before: str | None) -> PlaceChanged:
    above = session.get(Location, location.parent_id) if location.parent_id else None
    return PlaceChanged.model_validate(
        {
            "code": location.code,
            "name": location.name,
            "name_zh": location.name_zh,
            "part_of": above.code if above else None,
            "sellable": location.sellable,
            "closed": location.closed_on is not None,
            "address": location.address,
            **before,
        }
    )


def add_place(session: Session, arguments: AddPlace) -> PlaceChanged:
    """Add it."""
    parent = inventory.find_location(session, arguments.part_of) if arguments.part_of else None
    location = inventory.add_location(
        session,
        code=arguments.code,
        name=arguments.name,
        name_zh=arguments.name_zh or arguments.name,
        parent=parent,
        sellable=arguments.sellable,
        address=arguments.address,
    )
    return _shown(session, location)


def undo_add(_session: Session, _arguments: AddPlace, answer: dict[str, str]) -> Undoing:
    """Close it: what was added is not deleted."""
    return Undoing((Call(CLOSE, ClosePlace(location=answer["code"])),))


class ChangePlace(Arguments):
    """Give a warehouse or a place another name or address."""

    location: LocationRef
    name: Text | None = None
    name_zh: Text | None = None
    address: Words | None = None


def change_place(session: Session, arguments: ChangePlace) -> PlaceChanged:
    """Change it."""
    location = inventory.find_location(session, arguments.location)
    before = {
        "name_before": location.name,
        "name_zh_before": location.name_zh,
        "address_before": location.address,
    }
    inventory.rename_location(
        session,
        location,
        name=arguments.name,
        name_zh=arguments.name_zh,
        address=arguments.address,
    )
    return _shown(session, location, **before)


def undo_change(_session: Session, arguments: ChangePlace, answer: dict[str, str]) -> Undoing:
    """Call it as before."""
    back = ChangePlace(
        location=arguments.location,
        name=answer["name_before"],
        name_zh=answer["name_zh_before"],
        address=answer["address_before"],
    )
    return Undoing((Call(CHANGE, back),))


class MovePlace(Arguments):
    """Make a place part of another warehouse or place, with all that lies in it."""

    location: LocationRef
    part_of: LocationRef | None = Field(
        default=None, description="Leave empty to make it a warehouse of its own."
    )


def move_place(session: Session, arguments: MovePlace) -> PlaceChanged:
    """Move it in the tree."""
    location = inventory.find_location(session, arguments.location)
    above = session.get(Location, location.parent_id) if location.parent_id else None
    parent = inventory.find_location(session, arguments.part_of) if arguments.part_of else None
    inventory.move_location(session, location, parent=parent)
    return _shown(session, location, part_of_before=above.code if above else None)


def undo_move(_session: Session, arguments: MovePlace, answer: dict[str, str | None]) -> Undoing:
    """Put it back."""
    back = MovePlace(location=arguments.location, part_of=answer["part_of_before"])
    return Undoing((Call(MOVE, back),))


class SellFrom(Arguments):
    """Say whether what lies in a place can be sold."""

    location: LocationRef
    sellable: bool = True


def sell_from(session: Session, arguments: SellFrom) -> PlaceChanged:
    """Say so."""
    location = inventory.find_location(session, arguments.location)
    inventory.sell_from(session, location, sellable=arguments.sellable)
    return _shown(session, location)


def undo_sell_from(_session: Session, arguments: SellFrom, _answer: object) -> Undoing:
    """Say the opposite."""
    back = SellFrom(location=arguments.location, sellable=not arguments.sellable)
    return Undoing((Call(SELL_FROM, back),))


class ClosePlace(Arguments):
    """Close an empty warehouse or place: no goods come or go any more."""

    location: LocationRef


class ReopenPlace(Arguments):
    """Open a closed warehouse or place again."""

    location: LocationRef


def close_place(session: Session, arguments: ClosePlace) -> PlaceChanged:
    """Close it."""
    location = inventory.find_location(session, arguments.location)
    return _shown(session, inventory.close_location(session, location))


def reopen_place(session: Session, arguments: ReopenPlace) -> PlaceChanged:
    """Open it."""
    location = inventory.find_location(session, arguments.location)
    return _shown(session, inventory.reopen_location(session, location))


def undo_close(_session: Session, arguments: ClosePlace, _answer: object) -> Undoing:
    """Open it again."""
    return Undoing((Call(REOPEN, ReopenPlace(location=arguments.location)),))


def undo_reopen(_session: Session, arguments: ReopenPlace, _answer: object) -> Undoing:
    """Close it again."""
    return Undoing((Call(CLOSE, ClosePlace(location=arguments.location)),))


TOOLS = [
    Tool(
        "locations.list",
        ListPlaces,
        list_places,
        writes=False,
        title="Warehouses and places",
        title_zh="仓库与库位",
        roles=EVERYDAY,
    ),
    Tool(
        ADD,
        AddPlace,
        add_place,
        writes=True,
        title="Add warehouse or place",
        title_zh="新增仓库或库位",
        roles=KEEPERS,
        undo=undo_add,
    ),
    Tool(
        CHANGE,
        ChangePlace,
        change_place,
        writes=True,
        title="Rename warehouse or place",
        title_zh="修改仓库或库位",
        roles=KEEPERS,
        undo=undo_change,
    ),
    Tool(
        MOVE,
        MovePlace,
        move_place,
        writes=True,
        title="Move place",
        title_zh="调整库位归属",
        roles=KEEPERS,
        undo=undo_move,
    ),
    Tool(
        SELL_FROM,
        SellFrom,
        sell_from,
        writes=True,
        title="Sell from a place",
        title_zh="设置库位可销售",
        roles=KEEPERS,
        undo=undo_sell_from,
    ),
    Tool(
        CLOSE,
        ClosePlace,
        close_place,
        writes=True,
        title="Close warehouse or place",
        title_zh="关闭仓库或库位",
        roles=KEEPERS,
        undo=undo_close,
    ),
    Tool(
        REOPEN,
        ReopenPlace,
        reopen_place,
        writes=True,
        title="Reopen warehouse or place",
        title_zh="重新启用仓库或库位",
        roles=KEEPERS,
        undo=undo_reopen,
    ),
]
