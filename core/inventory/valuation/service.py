"""What one can do with the value of stock: add cost, value anew, change the method."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import catalog
from core.catalog import Item, NegativeStock, ValuationMethod
from core.inventory import rules
from core.inventory.errors import (
    CostBelowZero,
    CostNeedsReceipt,
    MethodStaysAsItIs,
    NegativeStockStaysAsItIs,
    NothingToRevalue,
    StillNegative,
    ValueStaysAsItIs,
)
from core.inventory.shelves import Shelves
from core.inventory.tables import Location, LocationKind, StockLevel, StockMove, StockValue
from core.inventory.valuation.corrections import book_corrections
from core.inventory.valuation.events import NegativeStockSet, StockRevalued
from core.inventory.valuation.reading import Correction, originals_of
from core.inventory.valuation.tables import StockRevaluation
from core.inventory.valuation.timeline import Original, Step, Way
from core.kernel import events
from core.kernel.company import company
from core.kernel.identifiers import new_id
from core.kernel.money import Money, plain, rounded
from core.kernel.numbering import next_number
from core.ledger import Journal, credit, debit, post_entry
from core.ledger.chart import INVENTORY, INVENTORY_ADJUSTMENT, PRICE_VARIANCE

PRICE_DIGITS = 6


def add_cost(
    session: Session,
    costs: Sequence[tuple[StockMove, Money]],
    *,
    from_account: str,
    origin: str,
    memo: str,
    because: str = "",
) -> Money:
    """Bring later cost, or less cost, onto moves that came in; return what the stock took of it.

    What is still there becomes dearer; what has left makes that dearer what it left for: the cost
    of goods sold, or the account that the goods went to. It is taken off `from_account`, and
    booked today whatever the day of the moves was. What a standard cost does not hold is a price
    variance.
    """
    amounts: dict[uuid.UUID, int] = defaultdict(int)
    for move, amount in costs:
        amounts[move.id] += amount.minor
    amounts = defaultdict(int, {key: minor for key, minor in amounts.items() if minor})
    moves = {move.id: move for move, _ in costs if move.id in amounts}
    items = _items_of(session, moves.values())
    _require_receipts(session, items, moves, amounts)
    shelves = Shelves(session, items.values(), [])
    before = sum(shelves.valuing(item).stock.value for item in items.values())
    corrections, own, more = {}, 0, 0
    for item in items.values():
        mine = {key: amounts[key] for key, move in moves.items() if move.item_id == item.id}
        taken = shelves.valuing(item).charge(mine)
        own += sum(taken.values())
        more += sum(mine.values())
        corrections[item] = [
            *_own(moves, taken, from_account, origins=originals_of(session, mine)),
            *(each for each in shelves.valuing(item).corrections() if each.key not in mine),
        ]
    after = sum(shelves.valuing(item).stock.value for item in items.values())
    shelves.write()
    # What the goods do not take is nobody's cost any more.
    rest = {PRICE_VARIANCE: more - own, from_account: own - more} if more != own else {}
    book_corrections(session, corrections, origin=origin, memo=memo, because=because, more=rest)
    session.flush()
    return Money(after - before, company(session).currency)


def revalue_stock(
    session: Session,
    item: Item,
    *,
    to: Decimal | Money,
    against: str = INVENTORY_ADJUSTMENT,
    because: str,
) -> StockRevaluation:
    """Give what there is of an item another value: `to` a cost of one unit, or an amount in all.

    At standard cost it is the standard that changes, and there need be nothing of the item.
    """
    rules.require_stocked(item)
    shelves = Shelves(session, [item], [])
    stock = shelves.valuing(item).stock
    if stock.quantity <= 0 and (isinstance(to, Money) or stock.standard is None):
        raise NothingToRevalue(sku=item.sku)
    if isinstance(to, Money) and stock.standard is not None:
        to = rounded(to.amount / stock.quantity, PRICE_DIGITS)
    if isinstance(to, Money):
        standard, minor = None, to.minor
        rules.require_worth(item, to)
    else:
        catalog.require_price(item, to)
        standard = None if stock.standard is None else to
        minor = stock.of_unit(to, stock.quantity)
    if minor == stock.value and standard == stock.standard:
        raise ValueStaysAsItIs(sku=item.sku, value=Money(minor, company(session).currency))
    return _revalue(
        session,
        shelves,
        item,
        minor=minor,
        method=stock.method,
        standard=standard,
        against=against,
        because=because,
    )


def set_standard_cost(session: Session, item: Item, cost: Decimal, *, because: str = "") -> None:
    """Set the cost of one unit that we reckon with; stock that is valued by it follows."""
    if item.valuation_method is ValuationMethod.STANDARD:
        revalue_stock(session, item, to=cost, against=PRICE_VARIANCE, because=because or item.sku)
        return
    catalog.set_standard_cost(session, item, cost)


def set_valuation_method(
    session: Session, item: Item, method: ValuationMethod, *, because: str = ""
) -> StockRevaluation:
    """Value an item by another method from now on.

    What is there keeps its quantity and its value, as one layer; only a standard cost gives it
    its own, and the difference is a price variance.
    """
    rules.require_stocked(item)
    shelves = Shelves(session, [item], [])
    stock = shelves.valuing(item).stock
    if stock.method is method:
        raise MethodStaysAsItIs(sku=item.sku, method=method)
    minor, standard = None, None
    if method is ValuationMethod.STANDARD:
        standard = item.standard_cost
        minor = stock.of_unit(standard, stock.quantity)
    return _revalue(
        session,
        shelves,
        item,
        minor=minor,
        method=method,
        standard=standard,
        against=PRICE_VARIANCE,
        because=because or str(method),
    )


def set_negative_stock(session: Session, item: Item, policy: NegativeStock) -> None:
    """Let an item leave before the books know that it came, or refuse that again."""
    rules.require_stocked(item)
    Shelves(session, [item], [])
    if item.negative_stock is policy:
        raise NegativeStockStaysAsItIs(sku=item.sku, policy=policy)
    if policy is NegativeStock.REFUSE:
        missing = (
            select(Location.code)
            .join(StockLevel, StockLevel.location_id == Location.id)
            .where(StockLevel.item_id == item.id, StockLevel.on_hand < 0)
            .order_by(Location.code)
        )
        if places := list(session.scalars(missing)):
            raise StillNegative(sku=item.sku, locations=", ".join(places))
    before, item.negative_stock = item.negative_stock, policy
    session.flush()
    allowed = policy is NegativeStock.ALLOW
    for table in (StockValue, StockLevel):
        session.execute(
            update(table).where(table.item_id == item.id).values(negative_allowed=allowed)
        )
    session.info.pop("inventory.known", None)
    events.record(session, NegativeStockSet(item.sku, item.name, before, policy))
    session.flush()


def _revalue(
    session: Session,
    shelves: Shelves,
    item: Item,
    *,
    minor: int | None,
    method: ValuationMethod,
    standard: Decimal | None,
    against: str,
    because: str,
) -> StockRevaluation:
    ours, valuing = company(session), shelves.valuing(item)
    stock = valuing.stock
    quantity, before = stock.quantity, stock.value
    method_before, standard_before = stock.method, stock.standard
    number = next_number(session, "RV")
    row = StockRevaluation(
        id=new_id(),
        number=number,
        item_id=item.id,
        revalued_on=ours.today,
        booked_on=ours.today,
        method_before=method_before,
        method=method,
        standard_before=standard_before,
        standard=standard,
        quantity=quantity,
        value_minor=minor if quantity > 0 else None,
        against=against,
        because=because,
    )
    step = Step(
        row.id, Way.REVALUATION, quantity, row.value_minor, method=method, standard=standard
    )
    row.amount_minor = valuing.value(step, ours.today, against=against, origin=number)
    session.add(row)
    item.valuation_method = method
    if standard is not None:
        item.standard_cost = standard
    corrections = shelves.corrections()
    shelves.write()
    events.record(
        session,
        StockRevalued(
            number=number,
            sku=item.sku,
            item_name=item.name,
            because=because,
            before=Money(before, ours.currency),
            after=Money(before + row.amount_minor, ours.currency),
            method_before=method_before,
            method=method,
            standard_before=_said(standard_before),
            standard=_said(standard),
        ),
    )
    if row.amount_minor:
        amount = Money(abs(row.amount_minor), ours.currency)
        lines = [debit(INVENTORY, amount), credit(against, amount)]
        if row.amount_minor < 0:
            lines = [line.reversed() for line in reversed(lines)]
        post_entry(session, lines, memo=because, origin=number, journal=Journal.STOCK)
    book_corrections(session, corrections, origin=number, memo=because)
    session.flush()
    return row


def _own(
    moves: dict[uuid.UUID, StockMove],
    taken: dict[uuid.UUID, int],
    from_account: str,
    *,
    origins: dict[uuid.UUID, Original],
) -> Iterable[Correction]:
    for key, amount in taken.items():
        if amount:
            move, original = moves[key], origins[key]
            yield Correction(
                key=key,
                amount=amount,
                before=original.value,
                incoming=True,
                against=from_account,
                origin=move.origin,
                moved_on=move.moved_on,
                own=True,
            )


def _items_of(session: Session, moves: Iterable[StockMove]) -> dict[uuid.UUID, Item]:
    wanted = select(Item).where(Item.id.in_({move.item_id for move in moves})).order_by(Item.sku)
    return {item.id: item for item in session.scalars(wanted)}


def _require_receipts(
    session: Session,
    items: dict[uuid.UUID, Item],
    moves: dict[uuid.UUID, StockMove],
    amounts: dict[uuid.UUID, int],
) -> None:
    internal = set(
        session.scalars(select(Location.id).where(Location.kind == LocationKind.INTERNAL))
    )
    costs = originals_of(session, moves)
    for key, move in moves.items():
        sku = items[move.item_id].sku
        came = move.to_location_id in internal and move.from_location_id not in internal
        if not came or move.returns_id is not None:
            raise CostNeedsReceipt(sku=sku, number=move.origin)
        if costs[key].value + amounts[key] < 0:
            currency = company(session).currency
            raise CostBelowZero(sku=sku, number=move.origin, cost=Money(costs[key].value, currency))


def _said(standard: Decimal | None) -> str:
    return "" if standard is None else plain(standard)
