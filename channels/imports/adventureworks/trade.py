"""Carry out the trade: what was made, bought and sold moves goods and books, day by day."""

import calendar
import uuid
from collections import defaultdict
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from channels.imports.adventureworks.rows import MaterialRow
from channels.imports.adventureworks.run import BUSINESS_DATE, SOURCE, Run
from core import ledger
from core.kernel.bulk import copy_rows
from core.kernel.references import ExternalReference
from core.ledger import tax
from core.ledger.tables import Account, AccountKind, CashFlow
from core.ledger.tax.tables import TaxCode
from core.processes.history import Made, Needed, Terms, carry_out

# The source knows no payments: so what was paid came from and went to money of its own, of which
# nothing more is known.
MONEY, MONEY_NAME, MONEY_NAME_ZH = "1240", "Paid in the former system", "原系统已收付款项"
# The source says how much tax an order was charged, and not which.
TAX, TAX_NAME, TAX_NAME_ZH = "ADVENTUREWORKS", "Tax as AdventureWorks charged it", "原系统已计税额"
USUAL_PERCENT = Decimal(8)
WORK_ORDER = "work_order"


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
    made, needed = _production(run)
    products = {item.id: product for product, item in run.items.items()}
    if not (run.sold or run.bought or made):
        return
    open_for_trade(run)
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
        made=made,
        needed=needed,
        counted=run.counted,
        progress=lambda count: run.tick("trade", count),
    )


def _production(run: Run) -> tuple[list[Made], list[Needed]]:
    """Return what work orders brought to stock, and the material that they should have used.

    The products of a day are one receipt. The source does not say what was used, so that it is
    what the bill of materials of the day of the start says, and is booked by the month.
    """
    known = run.known(WORK_ORDER)
    parts: dict[int, list[MaterialRow]] = defaultdict(list)
    for part in run.ticking(run.source.materials):
        if part.product_assembly_id is not None:
            parts[part.product_assembly_id].append(part)
    done: dict[tuple[date, int], Decimal] = defaultdict(Decimal)
    used: dict[tuple[date, int], Decimal] = defaultdict(Decimal)
    new: dict[str, uuid.UUID] = {}
    for row in run.ticking(run.source.work_orders):
        key = str(row.work_order_id)
        if key in known:
            continue
        new[key] = run.items[row.product_id].id
        done[row.end_date, row.product_id] += row.stocked_qty
        month = _end_of_month(row.start_date)
        for part in parts[row.product_id]:
            if part.start_date <= row.start_date <= (part.end_date or date.max):
                used[month, part.component_id] += part.per_assembly_qty * row.order_qty
    copy_rows(
        run.session,
        ExternalReference,
        ("source", "kind", "external_id", "record_id"),
        ((SOURCE, WORK_ORDER, key, ours) for key, ours in new.items()),
    )
    report, materials = run.files["WorkOrder"], run.files["BillOfMaterials"]
    report.written, report.known_before = len(new), len(known)
    told = materials.read - materials.broken
    materials.written, materials.known_before = (told, 0) if new else (0, told)
    made = [
        Made(run.items[product].id, day, quantity, run.cost_on(product, day))
        for (day, product), quantity in done.items()
        if quantity
    ]
    needed = [
        Needed(run.items[product].id, day, quantity) for (day, product), quantity in used.items()
    ]
    return made, needed


def _end_of_month(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])
