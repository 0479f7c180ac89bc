"""Carry out the trade: what was made, bought and sold moves goods and books, day by day."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from channels.imports.adventureworks.run import BUSINESS_DATE, MONEY, SOURCE, Run
from core import ledger
from core.ledger import tax
from core.ledger.tables import Account, AccountKind, CashFlow
from core.ledger.tax.tables import TaxCode
from core.processes.history import Needed, Terms, carry_out

MONEY_NAME, MONEY_NAME_ZH = "Paid in the former system", "原系统已收付款项"
# The source says how much tax an order was charged, and not which.
TAX, TAX_NAME, TAX_NAME_ZH = "ADVENTUREWORKS", "Tax as AdventureWorks charged it", "原系统已计税额"
USUAL_PERCENT = Decimal(8)


def open_for_trade(run: Run) -> None:
    """Open the account and the tax code that the documents of the source need."""
    if run.session.scalar(select(Account.id).where(Account.code == MONEY)) is None:
        ledger.open_account(
            run.session,
            code=MONEY,
            name=MONEY_NAME,
            name_zh=MONEY_NAME_ZH,
            kind=AccountKind.ASSET,
            cash_flow=CashFlow.OPERATING,
        )
    if run.session.get(TaxCode, TAX) is None:
        tax.add_tax_code(
            run.session, code=TAX, name=TAX_NAME, name_zh=TAX_NAME_ZH, percent=USUAL_PERCENT
        )


def bring_trade(run: Run) -> None:
    """Let goods, invoices and payments follow the orders, with what production made and used."""
    products = {item.id: product for product, item in run.items.items()}
    if not (run.sold or run.bought or run.made):
        return
    carry_out(
        run.session,
        Terms(
            source=SOURCE,
            money=MONEY,
            paid_until=BUSINESS_DATE,
            cost_on=lambda item_id, day: run.cost_on(products[item_id], day),
            tax_code=TAX,
        ),
        sales=run.sold,
        purchases=run.bought,
        made=run.made,
        needed=_summed(run.needed),
        counted=run.counted,
        progress=lambda count: run.tick("trade", count),
    )


def _summed(needed: Iterable[Needed]) -> list[Needed]:
    """Return what was needed of each item on a day as one."""
    sums: dict[tuple[uuid.UUID, date], Decimal] = defaultdict(Decimal)
    for each in needed:
        sums[each.item_id, each.day] += each.quantity
    return [Needed(item_id, day, quantity) for (item_id, day), quantity in sums.items()]
