"""Steps on what stock is worth: costs that come late, returns to suppliers, revaluations."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import select

from core import inventory, ledger, sales
from core.catalog import Item
from core.inventory import Basis, LandedCost, LocationKind, Returning, StockMove
from core.inventory.valuation.timeline import spread
from core.invoicing import Invoice
from core.kernel.money import Money, rounded
from core.ledger.chart import (
    COST_OF_GOODS_SOLD,
    FREIGHT_EXPENSE,
    GOODS_RECEIVED_NOT_BILLED,
    INVENTORY,
    INVENTORY_ADJUSTMENT,
    OPENING_BALANCE,
    PRICE_VARIANCE,
)
from core.purchasing import GoodsReceipt
from core.sales import Delivery
from tests.scenarios.checking import value
from tests.scenarios.operations import OPERATIONS, Step, operation
from tests.scenarios.promises import receive_lots
from tests.scenarios.trade import WIDGET
from tests.scenarios.world import NotUnderstood, World

_of_an_order, _of_a_sale = OPERATIONS["receive"], OPERATIONS["deliver"]
_of_something_else = OPERATIONS.get("cancel")
_to_a_supplier = OPERATIONS.get("return_out")
_from_a_customer = OPERATIONS["return_in"]

BASES = {
    "qty": Basis.QUANTITY, "quantity": Basis.QUANTITY, "value": Basis.VALUE,
    "amount": Basis.VALUE, "equal": Basis.EQUAL, "weight": Basis.WEIGHT,
}  # fmt: skip


@operation("receive")
def receive(world: World, step: Step) -> None:
    """Take goods in, of an order or from nowhere, today or on a day before."""
    _look_before(world)
    if step.get("of"):
        _of_an_order(world, step)
    else:
        quantity = Decimal(step["qty"])
        paid = 1 - Decimal(step.get("discount_pct", "0")) / 100
        worth = world.money(rounded(quantity * Decimal(step.get("unit_cost", "0")) * paid, 2))
        moves = inventory.receive_goods(
            world.session,
            [
                inventory.Incoming(
                    world.item(step.get("item", WIDGET)),
                    quantity,
                    worth,
                    receive_lots(world, step),
                )
            ],
            location=inventory.main_location(world.session),
            against=OPENING_BALANCE,
            origin=str(step.get("ref", "receipt")),
            memo="receipt",
            moved_on=world.day_of(step),
        )
        world.remember(step, moves)
    world.values["after_receipt"] = {
        "inventory": ledger.balance(world.session, INVENTORY).amount,
        "grni": ledger.balance(world.session, GOODS_RECEIVED_NOT_BILLED).amount,
    }
    world.gathered["average_after"].append(_unit_cost(world, step.get("item", WIDGET)))


@operation("deliver")
def deliver(world: World, step: Step) -> None:
    """Send goods out to a customer, today through a sale, or on a day before by hand."""
    _look_before(world)
    if world.day_of(step) < world.today:
        goods = inventory.Outgoing(world.item(step.get("item", WIDGET)), Decimal(step["qty"]))
        issued = inventory.issue_goods(
            world.session,
            [goods],
            location=inventory.main_location(world.session),
            origin=str(step.get("ref", "delivery")),
            memo="delivery",
            moved_on=world.day_of(step),
        )
        moves = [move for each in issued for move in each.moves]
        world.remember(step, moves)
    else:
        named = step if step.get("ref") else {**step, "ref": "the last delivery"}
        _of_a_sale(world, named)
        moves = _moves(world, world.refs[named["ref"]])
    world.gathered["delivered"].append(moves)


@operation("issue")
def issue(world: World, step: Step) -> None:
    """Take goods out for a use of our own, today or on a day before."""
    _look_before(world)
    issued = inventory.issue_goods(
        world.session,
        [inventory.Outgoing(world.item(step.get("item", WIDGET)), Decimal(step["qty"]))],
        location=inventory.main_location(world.session),
        origin=str(step.get("ref", "issue")),
        memo=step.get("reason", "issue"),
        to_kind=LocationKind.ADJUSTMENT,
        debit_to=INVENTORY_ADJUSTMENT,
        moved_on=world.day_of(step),
    )
    moves = [move for each in issued for move in each.moves]
    world.remember(step, moves)
    world.gathered["issued"].append(moves)


@operation("return_in")
def return_in(world: World, step: Step) -> None:
    """Take back goods of a delivery: of a sale, which is credited, or of one without papers."""
    _look_before(world)
    left = world.ref(step["of"])
    if all(isinstance(each, Delivery) for each in left):
        _of_a_sold_one(world, step, left)
        came_back = world.session.scalars(select(Delivery).order_by(Delivery.number.desc())).first()
        assert came_back is not None, "it came back"
        moves = _moves(world, came_back)
    else:
        [move] = _moves(world, left)
        quantity = Decimal(step.get("qty", move.quantity))
        item = world.session.get_one(Item, move.item_id)
        worth = Money.rounding(_cost(world, [move]) * quantity / move.quantity, world.currency)
        moves = inventory.return_goods(
            world.session,
            [Returning(item, quantity, worth, move)],
            location=inventory.main_location(world.session),
            from_kind=LocationKind.CUSTOMER,
            against=COST_OF_GOODS_SOLD,
            origin=str(step.get("ref", "return")),
            memo="return",
            moved_on=world.day_of(step),
        )
        world.remember(step, moves)
    world.gathered["came back"].append(moves)
    world.values["return_value_before"] = _cost(world, moves)


def _of_a_sold_one(world: World, step: Step, left: list[Delivery]) -> None:
    """Return what was set apart for it when it left, or a part of that, for good."""
    wanted = Decimal(step.get("qty", left[-1].lines[0].quantity))
    if wanted == left[-1].lines[0].quantity:
        _from_a_customer(world, step)
        return
    item = world.item(step.get("item", WIDGET))
    given = sales.authorise_return(
        world.session,
        delivery=left[-1].number,
        lines=[sales.ReturnLineDraft(item, wanted)],
        because="scenario",
    )
    world.remember(step, sales.receive_return(world.session, given.number))


@operation("return_out")
def return_out(world: World, step: Step) -> None:
    """Send goods back to their supplier, of a receipt that is known."""
    _look_before(world)
    if isinstance(world.ref(step["of"]), GoodsReceipt) and _to_a_supplier is not None:
        _to_a_supplier(world, step)
        return
    [move] = _moves(world, world.ref(step["of"]))
    quantity = Decimal(step["qty"])
    owed = Money(move.value_minor, world.currency)
    owed = Money.rounding(owed.amount * quantity / move.quantity, world.currency)
    item = world.session.get_one(Item, move.item_id)
    moves = inventory.return_goods(
        world.session,
        [Returning(item, quantity, owed, move)],
        location=inventory.main_location(world.session),
        from_kind=LocationKind.SUPPLIER,
        against=OPENING_BALANCE,
        origin=str(step.get("ref", "return")),
        memo="return",
        moved_on=world.day_of(step),
    )
    world.remember(step, moves)
    world.gathered["sent back"].append(moves)
    world.values["return_value_before"] = -_cost(world, moves)


@operation("landed_cost")
def landed_cost(world: World, step: Step) -> None:
    """Bring freight or duty onto goods that came in."""
    _look_before(world)
    moves = [move for name in step["on"] for move in _moves(world, world.ref(name))]
    bill, account, billed = None, FREIGHT_EXPENSE, None
    if step.get("bill"):
        document: Invoice = world.ref(step["bill"])
        bill, billed = document.number, Money(document.net_minor, world.currency)
        said = next(
            each for each in world.case.when if each.get("ref") == step["bill"]
        )["lines"][0].get("account", "freight")  # fmt: skip
        account = world.account(said)
    basis = BASES[step.get("by", "value")]
    charged = inventory.charge_landed_cost(
        world.session,
        moves,
        world.money(step["amount"]),
        basis=basis,
        from_account=account,
        bill=bill,
        billed=billed,
    )
    world.remember(step, charged)
    shares = [Money(line.share_minor, world.currency).amount for line in charged.lines]
    world.values[f"by_{step.get('by', 'value')}"] = shares
    world.values["shares"] = shares
    world.values["unit_cost_after"] = _unit_cost(world, None)
    for each in world.gathered["sent back"]:
        world.values["return_value_after_landed"] = -_cost(world, each)
    for each in world.gathered["came back"]:
        world.values["return_value_after_landed"] = _cost(world, each)


@operation("landed_cost_preview")
def landed_cost_preview(world: World, step: Step) -> None:
    """Share a cost out without bringing it anywhere."""
    amount = world.money(step["amount"])
    if step.get("on"):
        moves = [move for name in step["on"] for move in _moves(world, world.ref(name))]
        basis = BASES[step.get("by", "value")]
        shares = inventory.landed_shares(world.session, moves, amount, basis=basis)
    else:
        shares = spread(amount.minor, [Decimal(1)] * int(step["lines"]))
    said = [Money(minor, world.currency).amount for minor in shares]
    world.values["preview"] = said
    world.values["tiny_sum"], world.values["tiny_min"] = sum(said, Decimal(0)), min(said)


@operation("cancel")
def cancel(world: World, step: Step) -> None:
    """Take back a landed cost, or whatever else it is."""
    document = world.ref(step["of"])
    if not isinstance(document, LandedCost):
        if _of_something_else is None:
            raise NotUnderstood(f"to cancel {step['of']}")
        _of_something_else(world, step)
        return
    _look_before(world)
    inventory.cancel_landed_cost(world.session, document.number, because="scenario")
    world.values["unit_cost_after_cancel"] = _unit_cost(world, None)


@operation("revalue_stock")
def revalue_stock(world: World, step: Step) -> None:
    """Give what there is another value."""
    _look_before(world)
    to = Decimal(step["unit_cost"]) if step.get("unit_cost") else world.money(step["value"])
    row = inventory.revalue_stock(
        world.session, world.item(step.get("item", WIDGET)), to=to, because="scenario"
    )
    world.remember(step, row)
    world.values["revalued_by"] = Money(row.amount_minor, world.currency).amount
    world.values["unit_cost_after_revaluation"] = _unit_cost(world, None)


@operation("correct_cost")
def correct_cost(world: World, step: Step) -> None:
    """Say what goods that came in really cost, by the unit or in all."""
    _look_before(world)
    moves = _moves(world, world.ref(step["of"]))
    [move] = moves
    known = inventory.costs_of(world.session, moves)[move.id]
    if step.get("unit_cost"):
        more = world.money(Decimal(step["unit_cost"]) * move.quantity) - known
    else:
        more = world.money(step["amount"])
    inventory.add_cost(
        world.session, [(move, more)], from_account=PRICE_VARIANCE, origin=move.origin, memo="cost"
    )


@value("cogs")
def _cogs(world: World) -> list[Decimal]:
    return [_cost(world, moves) for moves in world.gathered["delivered"]]


@value("cogs_after", "cogs_total")
def _cogs_after(world: World) -> Decimal:
    return ledger.balance(world.session, COST_OF_GOODS_SOLD).amount


@value("issued", "issue_cost")
def _issued(world: World) -> list[Decimal]:
    return [_cost(world, moves) for moves in world.gathered["issued"]]


@value("return_value_after", "return_value")
def _came_back(world: World) -> list[Decimal]:
    back = [*world.gathered["came back"], *world.gathered["sent back"]]
    return [_cost(world, moves) for moves in back]


@value("left_qty", "qty", "qty_after")
def _left_qty(world: World) -> Decimal:
    return sum((row.quantity for row in _rows(world)), Decimal(0))


@value(
    *("left_value", "value", "left_value_after", "stock_value", "inventory_value", "value_after"),
    *("stock_value_after", "inventory_after"),
)
def _left_value(world: World) -> Decimal:
    return sum((row.value.amount for row in _rows(world)), Decimal(0))


@value("unit_cost", "average_cost", "left_unit_cost", "unit_cost_after_all")
def _unit_cost_now(world: World) -> Decimal:
    return _unit_cost(world, None)


def _rows(world: World) -> tuple[inventory.ItemWorth, ...]:
    world.session.flush()
    return inventory.stock_worth(world.session).rows


def _unit_cost(world: World, sku: str | None) -> Decimal:
    costs = [row.unit_cost for row in _rows(world) if sku in (None, row.sku)]
    digits = int(world.given.get("unit_cost_decimals", 2))
    return rounded(costs[0] or Decimal(0), digits) if costs else Decimal(0)


def _look_before(world: World) -> None:
    """Remember how things stood before the step that changes them."""
    world.values["cogs_before"] = ledger.balance(world.session, COST_OF_GOODS_SOLD).amount
    before = _left_value(world)
    names = ("left_value_before", "value_before", "stock_value_before", "inventory_before")
    world.values |= dict.fromkeys(names, before)
    world.values["unit_cost_before"] = _unit_cost(world, None)


def _cost(world: World, moves: list[StockMove]) -> Decimal:
    world.session.flush()
    costs = inventory.costs_of(world.session, moves)
    return sum((cost.amount for cost in costs.values()), Decimal(0))


def _moves(world: World, result: Any) -> list[StockMove]:
    """Return the moves that a step made: it gave them, or the documents behind them."""
    documents = result if isinstance(result, list) else [result]
    moves: list[StockMove] = []
    for each in documents:
        if isinstance(each, StockMove):
            moves.append(each)
        elif isinstance(each, (GoodsReceipt, Delivery)):
            moves += inventory.moves_of(world.session, each.number)
        else:
            raise NotUnderstood(f"the goods of a {type(each).__name__}")
    return moves
