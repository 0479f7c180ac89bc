"""Tools of reservations: keep goods for somebody, give them back, serve who waits."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import catalog, inventory, parties
from core.inventory import PromiseView, ReservationKind, SetAsideView
from core.inventory.locations import MAIN
from core.kernel.errors import Language
from core.kernel.money import plain
from core.kernel.naming import canonical_number
from core.kernel.semantics import EVERYDAY
from core.kernel.words import word
from tools.base import (
    Answer,
    Arguments,
    Call,
    Column,
    Count,
    Day,
    Grid,
    ItemRef,
    Ref,
    Text,
    Tool,
    Undoing,
    Words,
)
from tools.references import PartyRef
from tools.trade import LEADERS, SELLERS, STOREKEEPERS, SalesOrderRef

RESERVE, RELEASE = "reservations.reserve", "reservations.release"
EXTEND, PRIORITISE = "reservations.extend", "reservations.prioritise"
KEEPERS = SELLERS | STOREKEEPERS

SetAsideRef = Annotated[Text, Ref("reservation")]


class Reserve(Arguments):
    """Reserve a quantity of an item for somebody, until a day or until it is given back."""

    item: ItemRef
    quantity: Count
    party: PartyRef | None = Field(default=None, description="For whom.")
    until: Day | None = Field(default=None, description="The last day on which it is kept.")
    soft: bool = Field(default=False, description="It yields to an order of higher priority.")
    waits: bool = Field(default=False, description="What is not there waits for the next goods.")
    location: Annotated[Text, Ref("location")] | None = Field(
        default=None, description="Leave empty for the main warehouse."
    )
    because: Words = ""


class Kept(Answer):
    """What stands of a reservation made by hand."""

    number: str
    view: SetAsideView

    def sentence(self, language: Language = "en") -> str:
        """Say what is kept for whom, and until when."""
        view = self.view
        goods, waiting = f"{plain(view.reserved)} × {view.sku}", plain(view.waiting)
        until = view.until.isoformat() if view.until else ""
        if language == "zh":
            said = f"{self.number}：已{f'为 {view.party} ' if view.party else ''}预留 {goods}"
            said += f"，{waiting} 等待到货" if view.waiting else ""
            return said + (f"，截至 {until}。" if until else "。")
        said = f"{self.number}: {goods} are reserved"
        said += f" for {view.party}" if view.party else ""
        said += f" until {until}" if until else ""
        return said + (f"; {waiting} wait for the next goods." if view.waiting else ".")


def pin_reserve(session: Session, arguments: Reserve) -> Reserve:
    """Write item, party and place as we call them."""
    chosen: dict[str, Any] = {
        "item": catalog.find_item(session, arguments.item).sku,
        "location": inventory.find_location(session, arguments.location or MAIN).code,
    }
    if arguments.party is not None:
        chosen["party"] = parties.find_party(session, arguments.party).number
    return arguments.model_copy(update=chosen)


def reserve(session: Session, arguments: Reserve) -> Kept:
    """Keep them."""
    named = arguments.party and parties.find_party(session, arguments.party)
    aside = inventory.set_aside(
        session,
        catalog.find_item(session, arguments.item),
        quantity=arguments.quantity,
        location=inventory.find_location(session, arguments.location or MAIN),
        party=named or None,
        until=arguments.until,
        kind=ReservationKind.SOFT if arguments.soft else ReservationKind.HARD,
        waits=arguments.waits,
        because=arguments.because,
    )
    return Kept(number=aside.number, view=inventory.set_aside_of(session, aside.number))


def undo_reserve(_session: Session, _arguments: Reserve, answer: dict[str, Any]) -> Undoing:
    """Give back what is left of it."""
    return Undoing((Call(RELEASE, Release(reservation=answer["number"])),))


class Release(Arguments):
    """Give back what was reserved by hand, or a part of it."""

    reservation: SetAsideRef = Field(description="Such as RS-00042.")
    quantity: Count | None = Field(default=None, description="Leave empty for all of it.")


def pin_number(session: Session, arguments: Any) -> Any:  # noqa: ANN401
    """Write the number as we give it out."""
    number = inventory.find_set_aside(session, arguments.reservation).number
    return arguments.model_copy(update={"reservation": number})


def release(session: Session, arguments: Release) -> Kept:
    """Give it back; who waits for the goods is promised them."""
    aside = inventory.find_set_aside(session, arguments.reservation)
    inventory.give_back(session, aside.number, quantity=arguments.quantity)
    inventory.allocate(session, [aside.item_id])
    return Kept(number=aside.number, view=inventory.set_aside_of(session, aside.number))


class Extend(Arguments):
    """Keep what was reserved by hand until another day."""

    reservation: SetAsideRef = Field(description="Such as RS-00042.")
    until: Day


def extend(session: Session, arguments: Extend) -> Kept:
    """Keep it longer, or shorter."""
    aside = inventory.extend(session, arguments.reservation, until=arguments.until)
    return Kept(number=aside.number, view=inventory.set_aside_of(session, aside.number))


class RetryReservations(Arguments):
    """Promise what is available of an item, or of all an order waits for, to who waits for it."""

    item: ItemRef | None = None
    order: SalesOrderRef | None = None


class Promised(Answer):
    """Who was promised goods that they waited for."""

    served: list[tuple[str, str, Decimal]]

    def sentence(self, language: Language = "en") -> str:
        """Say who gets what."""
        if not self.served:
            if language == "zh":
                return "没有可分配给等待单据的数量。"
            return "Nothing is available for anybody who waits."
        goods = ("；" if language == "zh" else "; ").join(
            f"{origin}: {plain(quantity)} × {sku}" for origin, sku, quantity in self.served
        )
        return f"已预留 {goods}。" if language == "zh" else f"Reserved now: {goods}."


def retry(session: Session, arguments: RetryReservations) -> Promised:
    """Serve who waits, in their order."""
    waiting = inventory.list_promises(
        session,
        item=catalog.find_item(session, arguments.item) if arguments.item else None,
        origin=arguments.order and canonical_number(arguments.order),
        only_waiting=True,
        limit=500,
    )
    items = catalog.find_items(session, list(dict.fromkeys(each.sku for each in waiting)))
    served = inventory.allocate(session, [item.id for item in items])
    return Promised(served=[(each.origin, each.sku, each.quantity) for each in served])


class Prioritise(Arguments):
    """Say how early a document is served among those who wait for goods (9 is first)."""

    order: Annotated[Text, Ref("sales_order")] = Field(description="Such as SO-00042.")
    priority: int = Field(ge=1, le=9)


class Prioritised(Answer):
    """A document that is served earlier or later."""

    order: str
    priority: int
    changed: int

    def sentence(self, language: Language = "en") -> str:
        """Say its priority."""
        if language == "zh":
            return f"{self.order} 的优先级为 {self.priority}。"
        return f"{self.order} has priority {self.priority} now."


def prioritise(session: Session, arguments: Prioritise) -> Prioritised:
    """Set it."""
    order = canonical_number(arguments.order)
    changed = inventory.prioritise(session, order, priority=arguments.priority)
    return Prioritised(order=order, priority=arguments.priority, changed=changed)


class ListReservations(Arguments):
    """List what is reserved for whom and who waits for goods, of an item, an order or in all."""

    item: ItemRef | None = None
    order: SalesOrderRef | None = None
    only_waiting: bool = Field(default=False, description="Only who waits for goods.")


class Reservations(Answer):
    """What is promised, in the order in which it is served."""

    promises: list[PromiseView]

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are."""
        count = len(self.promises)
        waiting = sum(each.waiting for each in self.promises)
        if language == "zh":
            return f"共 {count} 条预留，其中 {waiting} 条等待到货。" if count else "没有预留。"
        if not count:
            return "Nothing is reserved."
        return f"{count} reservations, {waiting} of them waiting for goods."

    def grid(self) -> Grid:
        """Return one row for every promise."""
        columns = (
            Column("document", "单据"),
            Column("for", "对象"),
            Column("item", "物料"),
            Column("location", "库位"),
            Column("lot", "批次"),
            Column("quantity", "数量", "quantity"),
            Column("state", "状态"),
            Column("kind", "类型"),
            Column("priority", "优先级", "number"),
            Column("until", "截止", "date"),
        )
        rows = tuple(
            (
                each.origin,
                each.party or "",
                each.sku,
                each.location,
                each.lot or "",
                each.quantity,
                word("waiting" if each.waiting else "reserved"),
                word(each.kind),
                each.priority,
                each.until,
            )
            for each in self.promises
        )
        return Grid(columns, rows)


def list_reservations(session: Session, arguments: ListReservations) -> Reservations:
    """Read them."""
    found = inventory.list_promises(
        session,
        item=catalog.find_item(session, arguments.item) if arguments.item else None,
        origin=arguments.order and canonical_number(arguments.order),
        only_waiting=arguments.only_waiting,
    )
    return Reservations(promises=found)


TOOLS = [
    Tool(
        RESERVE,
        Reserve,
        reserve,
        writes=True,
        title="Reserve goods",
        title_zh="预留物料",
        roles=KEEPERS,
        pin=pin_reserve,
        undo=undo_reserve,
    ),
    Tool(
        RELEASE,
        Release,
        release,
        writes=True,
        title="Release reservation",
        title_zh="释放预留",
        roles=KEEPERS,
        pin=pin_number,
    ),
    Tool(
        EXTEND,
        Extend,
        extend,
        writes=True,
        title="Extend reservation",
        title_zh="延长预留",
        roles=KEEPERS,
        pin=pin_number,
    ),
    Tool(
        "reservations.retry",
        RetryReservations,
        retry,
        writes=True,
        title="Serve who waits",
        title_zh="重新分配库存",
        roles=KEEPERS,
    ),
    Tool(
        PRIORITISE,
        Prioritise,
        prioritise,
        writes=True,
        title="Set priority of reservations",
        title_zh="设置预留优先级",
        roles=LEADERS,
    ),
    Tool(
        "reservations.list",
        ListReservations,
        list_reservations,
        writes=False,
        title="Reservations",
        title_zh="预留清单",
        roles=EVERYDAY,
    ),
]
