"""What open purchase orders promise to spend, for the budgets of the ledger."""

import uuid
from collections.abc import Sequence
from datetime import date

from sqlalchemy import BigInteger, String, case, cast, func, null, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import Select

from core.catalog import Item, ItemKind
from core.kernel.company import company
from core.kernel.money import Money, digits_of
from core.ledger import find_accounts
from core.ledger.budgets import Charge, require_available, tell_commitments
from core.ledger.chart import INVENTORY, OPERATING_EXPENSE
from core.purchasing.tables import OrderState, PurchaseOrder, PurchaseOrderLine

_ENDED = (OrderState.DRAFT, OrderState.CANCELLED)


@tell_commitments
def ordered(session: Session) -> Select[uuid.UUID, str | None, date, int, str]:
    """Select what of each order line is in no entry yet, on the account that it will be on.

    Goods are in the books when they come, services when they are billed.
    """
    accounts = find_accounts(session, {INVENTORY, OPERATING_EXPENSE})
    stocked = Item.kind == ItemKind.STOCKED
    done = case(
        (stocked, PurchaseOrderLine.received_quantity), else_=PurchaseOrderLine.billed_quantity
    )
    left = PurchaseOrderLine.quantity - done
    units = 10 ** digits_of(company(session).currency)
    worth = PurchaseOrderLine.net_amount * PurchaseOrder.rate
    value = worth * left / func.nullif(PurchaseOrderLine.quantity, 0) * units
    return (
        select(
            case((stocked, accounts[INVENTORY].id), else_=accounts[OPERATING_EXPENSE].id),
            cast(null(), String),
            PurchaseOrderLine.due_on,
            cast(func.round(value), BigInteger),
            PurchaseOrder.number,
        )
        .select_from(PurchaseOrderLine)
        .join(PurchaseOrder, PurchaseOrder.id == PurchaseOrderLine.order_id)
        .join(Item, Item.id == PurchaseOrderLine.item_id)
        .where(
            PurchaseOrder.state.not_in(_ENDED),
            PurchaseOrder.imported.is_(False),
            left > 0,
        )
    )


def require_budget(
    session: Session, lines: Sequence[PurchaseOrderLine], nets: Sequence[Money]
) -> None:
    """Refuse what a budget has not left for an order that is about to be placed."""
    known = find_accounts(session, {INVENTORY, OPERATING_EXPENSE})
    charges = []
    for line, net in zip(lines, nets, strict=True):
        stocked = line.item.kind is ItemKind.STOCKED
        account = known[INVENTORY if stocked else OPERATING_EXPENSE]
        charges.append(Charge(account.id, net, line.due_on))
    require_available(session, charges, {account.id: account for account in known.values()})
