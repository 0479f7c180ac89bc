"""What happened at Brightwheel on the last day: an offer, a sale, freight, a return.

Small things that show what the flows keep together; none of them touches an item of the story.
"""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.demo.company import CURRENCY, STORY_ITEMS, World
from channels.demo.folk import BUYERS
from channels.demo.goods import ITEMS
from core import catalog, inventory, parties, sales
from core.catalog import Item
from core.inventory import ReorderMethod, ReorderPolicy
from core.kernel.company import company
from core.kernel.money import Money
from core.parties import Customer
from core.processes import order_to_cash
from core.purchasing import GoodsReceipt
from core.sales import OrderLineDraft, QuoteLineDraft, QuoteTerms, ReturnLineDraft
from core.sales.tables import Delivery, DeliveryLine, SalesOrder, SalesOrderLine

# Of whoever buys most, the third: the first two play in the story.
BUYER_PLACE = 3
FREIGHT = Money.of("180", CURRENCY)
OFFERED = 12
BEYOND_STOCK = 6


def happen(session: Session, world: World) -> None:
    """Do all of it."""
    buyer = _buyer(session, world)
    short = _scarce(session)
    _offer(session, buyer, short)
    _sell_beyond_stock(session, buyer, short)
    _make_dearer_by_freight(session)
    _take_back(session)


def _buyer(session: Session, world: World) -> Customer:
    most = sorted(BUYERS, key=lambda each: each.limit, reverse=True)[BUYER_PLACE]
    return parties.find_customer(session, world.customers[most.name])


def _scarce(session: Session) -> Item:
    """Return the item whose free stock is worth least, and that nobody waits for."""
    skus = [goods.sku for goods in ITEMS if goods.sku not in STORY_ITEMS]
    items = dict(zip(skus, catalog.find_items(session, skus), strict=True))
    levels = inventory.stock_levels(session, [item.id for item in items.values()])
    priced = {goods.sku: goods.price for goods in ITEMS}
    return min(
        items.values(), key=lambda item: (levels[item.id].available * priced[item.sku], item.sku)
    )


def _offer(session: Session, buyer: Customer, item: Item) -> None:
    until = company(session).today + timedelta(days=21)
    quotation = sales.quote(
        session,
        party=buyer.party,
        lines=[QuoteLineDraft(item, Decimal(OFFERED))],
        terms=QuoteTerms(valid_until=until, discount_percent=Decimal(8)),
    )
    sales.send_quotation(session, quotation.number)


def _sell_beyond_stock(session: Session, buyer: Customer, item: Item) -> None:
    """Sell more than there is of something that is bought sale by sale: it is asked for."""
    inventory.set_policy(session, item, ReorderPolicy(ReorderMethod.ORDER_BY_ORDER))
    there = inventory.stock_of(session, item).available
    order_to_cash.confirm_sale(
        session,
        customer=buyer,
        lines=[OrderLineDraft(item, max(there, Decimal(0)) + BEYOND_STOCK)],
    )


def _make_dearer_by_freight(session: Session) -> None:
    """Bring freight, which the carrier's bill booked as an expense, onto what came last."""
    newest = (
        select(GoodsReceipt.number)
        .where(GoodsReceipt.returns_id.is_(None))
        .order_by(GoodsReceipt.received_on.desc(), GoodsReceipt.number.desc())
        .limit(1)
    )
    moves = inventory.moves_of(session, session.scalars(newest).one())
    inventory.charge_landed_cost(session, moves, FREIGHT, because="Sea freight · 海运费")


def _take_back(session: Session) -> None:
    """Let one piece of what left last come back: it is credited, and in stock again."""
    newest = (
        select(Delivery.number, Item)
        .join(DeliveryLine, DeliveryLine.delivery_id == Delivery.id)
        .join(SalesOrderLine, SalesOrderLine.id == DeliveryLine.order_line_id)
        .join(SalesOrder, SalesOrder.id == SalesOrderLine.order_id)
        .join(Item, Item.id == SalesOrderLine.item_id)
        .where(
            Delivery.returns_id.is_(None),
            SalesOrderLine.invoiced_quantity > 0,
            Item.sku.not_in(STORY_ITEMS),
        )
        .order_by(Delivery.delivered_on.desc(), Delivery.number.desc(), SalesOrderLine.position)
        .limit(1)
    )
    number, item = session.execute(newest).one()
    given = sales.authorise_return(
        session,
        delivery=number,
        lines=[ReturnLineDraft(item, Decimal(1))],
        because="Scratched · 有划痕",
    )
    order_to_cash.receive_return(session, given.number)
