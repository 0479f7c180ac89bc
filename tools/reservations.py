"""Tools of reservations: keep goods for somebody, give them back, serve who waits."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
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
RETRY, LET_WAIT = "reservations.retry", "reservations.let_wait"
KEPT_WITHOUT_END = (
    "it was kept without an end; release it and reserve it anew instead",
    "原预留没有截止日；请释放后重新预留",
)
PRIORITIES_DIFFERED = (
    "its lines had different priorities; set the priority that they are to have",
    "其各行原优先级不同；请设置所需的优先级",
)
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


class Changed(Kept):
    """A reservation made by hand, and how it stood before."""

    before: SetAsideView


def release(session: Session, arguments: Release) -> Changed:
    """Give it back; who waits for the goods is promised them."""
    aside = inventory.find_set_aside(session, arguments.reservation)
    before = inventory.set_aside_of(session, aside.number)
    inventory.give_back(session, aside.number, quantity=arguments.quantity)
    inventory.allocate(session, [aside.item_id])
    view = inventory.set_aside_of(session, aside.number)
    return Changed(number=aside.number, view=view, before=before)


def undo_release(_session: Session, _arguments: Release, answer: dict[str, Any]) -> Undoing:
    """Keep so much again for whom it was kept; what others were promised since waits."""
    before, after = answer["before"], answer["view"]
    back = sum(
        (Decimal(before[part]) - Decimal(after[part]) for part in ("reserved", "waiting")),
        Decimal(0),
    )
    again = Reserve(
        item=before["sku"],
        quantity=back,
        party=before["party"],
        until=before["until"],
        soft=before["kind"] == ReservationKind.SOFT,
        waits=True,
        location=before["location"],
        because=before["because"],
    )
    return Undoing((Call(RESERVE, again),))


class Extend(Arguments):
    """Keep what was reserved by hand until another day."""

    reservation: SetAsideRef = Field(description="Such as RS-00042.")
    until: Day


def extend(session: Session, arguments: Extend) -> Changed:
    """Keep it longer, or shorter."""
    number = inventory.find_set_aside(session, arguments.reservation).number
    before = inventory.set_aside_of(session, number)
    inventory.extend(session, number, until=arguments.until)
    return Changed(number=number, view=inventory.set_aside_of(session, number), before=before)


def undo_extend(_session: Session, arguments: Extend, answer: dict[str, Any]) -> Undoing:
    """Keep it until the day that was said before."""
    until = answer["before"]["until"]
    if until is None:
        return Undoing(impossible=KEPT_WITHOUT_END)
    return Undoing((Call(EXTEND, Extend(reservation=arguments.reservation, until=until)),))


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


def undo_retry(session: Session, _arguments: RetryReservations, answer: dict[str, Any]) -> Undoing:
    """Let those who were served wait again."""
    return Undoing(waiting_again(session, answer["served"]))


def waiting_again(session: Session, served: Iterable[Sequence[Any]]) -> tuple[Call, ...]:
    """Return the calls by which documents give back, and wait for, what they still are promised.

    `served` says to which document how much of which item was promised: (number, SKU, quantity).
    """
    more: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for number, sku, quantity in served:
        more[number, sku] += Decimal(quantity)
    calls = []
    for (number, sku), quantity in more.items():
        item = catalog.find_item(session, sku)
        standing = sum(
            (
                each.quantity
                for each in inventory.list_promises(session, item=item, origin=number, limit=500)
                if not each.waiting and each.lot is None
            ),
            Decimal(0),
        )
        if part := min(quantity, standing):
            calls.append(Call(LET_WAIT, LetWait(order=number, item=sku, quantity=part)))
    return tuple(calls)


def freeing(session: Session, goods: Iterable[Sequence[Any]]) -> tuple[Call, ...]:
    """Return the calls after which so much of each (SKU, quantity) is promised to nobody.

    Who was served last waits first: of those with the lowest priority, the youngest.
    """
    wanted: dict[str, Decimal] = defaultdict(Decimal)
    for sku, quantity in goods:
        wanted[sku] += Decimal(quantity)
    calls: list[Call] = []
    for sku, quantity in wanted.items():
        item = catalog.find_item(session, sku)
        left = quantity - inventory.available_in(session, [item.id], None).get(item.id, Decimal(0))
        last = reversed(inventory.list_promises(session, item=item, limit=500))
        served = []
        for each in last:
            if left > 0 and not each.waiting and each.lot is None:
                part = min(left, each.quantity)
                served.append((each.origin, sku, part))
                left -= part
        calls += waiting_again(session, served)
    return tuple(calls)


class LetWait(Arguments):
    """Let an order wait again for goods of an item that are reserved for it."""

    order: Annotated[Text, Ref("sales_order")] = Field(description="Such as SO-00042.")
    item: ItemRef
    quantity: Count | None = Field(default=None, description="Leave empty for all of it.")


class Waits(Answer):
    """What an order waits for again."""

    order: str
    sku: str
    quantity: Decimal

    def sentence(self, language: Language = "en") -> str:
        """Say what is free again."""
        goods = f"{plain(self.quantity)} × {self.sku}"
        if language == "zh":
            return f"{self.order}：{goods} 已改为等待到货。"
        return f"{self.order} waits for {goods} again."


def pin_let_wait(session: Session, arguments: LetWait) -> LetWait:
    """Write the document and the item as we call them."""
    chosen = {
        "order": canonical_number(arguments.order),
        "item": catalog.find_item(session, arguments.item).sku,
    }
    return arguments.model_copy(update=chosen)


def let_wait(session: Session, arguments: LetWait) -> Waits:
    """Take the promise back."""
    item, order = catalog.find_item(session, arguments.item), canonical_number(arguments.order)
    much = inventory.let_wait(session, order, item, quantity=arguments.quantity)
    return Waits(order=order, sku=item.sku, quantity=much)


def undo_let_wait(_session: Session, arguments: LetWait, _answer: object) -> Undoing:
    """Serve who waits for the item, in their turn."""
    return Undoing((Call(RETRY, RetryReservations(item=arguments.item)),))


class Prioritise(Arguments):
    """Say how early a document is served among those who wait for goods (9 is first)."""

    order: Annotated[Text, Ref("sales_order")] = Field(description="Such as SO-00042.")
    priority: int = Field(ge=1, le=9)


class Prioritised(Answer):
    """A document that is served earlier or later."""

    order: str
    priority: int
    changed: int
    before: list[int]

    def sentence(self, language: Language = "en") -> str:
        """Say its priority."""
        if language == "zh":
            return f"{self.order} 的优先级为 {self.priority}。"
        return f"{self.order} has priority {self.priority} now."


def prioritise(session: Session, arguments: Prioritise) -> Prioritised:
    """Set it."""
    order = canonical_number(arguments.order)
    standing = inventory.list_promises(session, origin=order, limit=500)
    before = sorted({each.priority for each in standing})
    changed = inventory.prioritise(session, order, priority=arguments.priority)
    return Prioritised(order=order, priority=arguments.priority, changed=changed, before=before)


def undo_prioritise(_session: Session, arguments: Prioritise, answer: dict[str, Any]) -> Undoing:
    """Give it the priority that it had."""
    if len(answer["before"]) != 1:
        return Undoing(impossible=PRIORITIES_DIFFERED)
    back = Prioritise(order=arguments.order, priority=answer["before"][0])
    return Undoing((Call(PRIORITISE, back),))


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
        undo=undo_release,
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
        undo=undo_extend,
    ),
    Tool(
        RETRY,
        RetryReservations,
        retry,
        writes=True,
        title="Serve who waits",
        title_zh="重新分配库存",
        roles=KEEPERS,
        undo=undo_retry,
    ),
    Tool(
        LET_WAIT,
        LetWait,
        let_wait,
        writes=True,
        title="Let an order wait again",
        title_zh="退回预留并等待",
        roles=KEEPERS,
        pin=pin_let_wait,
        undo=undo_let_wait,
    ),
    Tool(
        PRIORITISE,
        Prioritise,
        prioritise,
        writes=True,
        title="Set priority of reservations",
        title_zh="设置预留优先级",
        roles=LEADERS,
        undo=undo_prioritise,
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
