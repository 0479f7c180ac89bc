"""Bring a company from the AdventureWorks files into our own core, whole or not at all.

Everything is written in one transaction. What was brought before is known by its references and
is left alone, so an import that is run again brings what is new, and otherwise changes nothing.
"""

import time
from pathlib import Path

from sqlalchemy import Engine, text

from agents.watchers import READERS
from channels.imports.adventureworks.goods import (
    bring_items,
    bring_offers,
    bring_prices,
    bring_stock,
)
from channels.imports.adventureworks.orders import bring_purchases, bring_sales
from channels.imports.adventureworks.parties import (
    bring_customers,
    bring_employees,
    bring_territories,
    bring_vendors,
)
from channels.imports.adventureworks.production import bring_production
from channels.imports.adventureworks.run import BUSINESS_DATE, CURRENCY, Run
from channels.imports.adventureworks.source import SHEETS, read_source
from channels.imports.adventureworks.trade import bring_trade, open_for_trade
from channels.imports.report import BrokenRows, ImportReport, Progress, Reason, silent
from core import approvals, catalog, inventory, ledger
from core.kernel import events
from core.kernel.bulk import analyze, uncollected
from core.kernel.company import CompanyExists, RevenueBasis, company_or_none, found_company
from core.kernel.database import unit_of_work
from core.kernel.events import WatchCursor
from core.kernel.identity import service as identity
from core.kernel.identity.acting import SYSTEM, Acting
from core.kernel.identity.roles import Role
from core.ledger.chart import open_standard_chart

NAME, NAME_ZH = "Adventure Works Cycles", "冒险工坊自行车公司"
LAST_FISCAL_YEAR = 2015
ADMIN = "admin"

NOTES: tuple[Reason, ...] = (
    (
        "Goods come and leave on the ShipDate of their order, and are billed on that day too.",
        "收发货及开票日期取订单的 ShipDate：源数据中没有其他日期。",
    ),
    (
        "The source has no payments: what fell due counts as paid that day, through account 1240.",
        "源数据没有收付款：业务日期前到期的单据视为到期日已结清，通过科目 1240 过账。",
    ),
    (
        "Stock begins with the least that the documents need, at standard cost.",
        "期初库存为单据所需的最小数量，按标准成本计价。",
    ),
    (
        "Material used is what came and is gone, spread over time as the bills of material say.",
        "生产耗用为已入库而期末不在库的数量，按物料清单的需求分摊到各月；无法解释的差异记为盘亏。",
    ),
    (
        "What was made is worth more than its material: that was paid for wages, through 1240.",
        "完工成本超出材料的部分视为已支付的人工与机器成本，按月通过科目 1240 过账。",
    ),
    (
        "Work orders were charged the standard cost of their output; what they used is not told.",
        "生产工单按产出的标准成本计入成本；源数据没有工单领料记录。",
    ),
    (
        "Bills count ounces and inches of a part in the unit that the part is kept in.",
        "物料清单中以盎司、英寸计的数量按该物料的库存单位计。",
    ),
    (
        "Of purchase orders that are not complete, what came is stock that is not billed yet.",
        "未完成的采购订单中已到货部分计入库存，尚未收到账单。",
    ),
    (
        "Employees have accounts without a password; an administrator gives them one.",
        "员工已有账号但没有密码，需由管理员设置。",
    ),
)


@uncollected()
def import_adventureworks(
    engine: Engine,
    folder: Path,
    *,
    acting: Acting = SYSTEM,
    skip_broken: bool = False,
    progress: Progress = silent,
) -> ImportReport:
    """Read the files, check them, and write what is new in one transaction.

    A row that cannot be used stops the import before it wrote anything, unless it is to be
    skipped; an order of which one line is broken is left out whole.
    """
    started = time.monotonic()
    read = 0

    def reading(file: str) -> None:
        nonlocal read
        progress("reading", file, read, len(SHEETS))
        read += 1

    source = read_source(folder, reading)
    faults = source.faults()
    if faults and not skip_broken:
        raise BrokenRows(faults)
    with unit_of_work(engine, acting) as session:
        # Two imports at once: the second waits, and then finds everything here.
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext('import'))"))
        run = Run(session, source, progress)
        _open_books(run)
        open_for_trade(run)
        _bring_everything(run)
        analyze(session)
    with unit_of_work(engine, acting) as session:
        # History is no news: the watchers start after it, and are not flooded by it.
        for reader in READERS:
            if session.get(WatchCursor, reader) is None:
                events.skip_to_now(session, reader)
    used = {sheet.file for sheet in source.sheets()}
    return ImportReport(
        company=NAME,
        files=list(run.files.values()),
        faults=faults,
        not_read=sorted(file.name for file in folder.glob("*.csv*") if file.name not in used),
        notes=list(NOTES),
        seconds=time.monotonic() - started,
    )


def _open_books(run: Run) -> None:
    """Found the company in an empty database; refuse the books of another one."""
    session = run.session
    ours = company_or_none(session)
    if ours is not None:
        if ours.name != NAME:
            raise CompanyExists(name=ours.name)
        return
    found_company(
        session,
        name=NAME,
        name_zh=NAME_ZH,
        country="US",
        currency=CURRENCY,
        business_date=BUSINESS_DATE,
        revenue_basis=RevenueBasis.ORDERS,
    )
    open_standard_chart(session)
    for year in range(run.opened_on.year, LAST_FISCAL_YEAR + 1):
        ledger.open_fiscal_year(session, year)
    inventory.open_standard_locations(session)
    catalog.open_standard_catalog(session)
    approvals.set_standard_limits(session)
    identity.add_person(
        session, login=ADMIN, name="Administrator", roles=[Role.ADMIN, Role.MANAGER]
    )


def _bring_everything(run: Run) -> None:
    """Write everything, from what stands alone to what refers to it."""
    steps = (
        ("SalesTerritory", bring_territories),
        ("Employee", bring_employees),
        ("Vendor", bring_vendors),
        ("Customer", bring_customers),
        ("Product", bring_items),
        ("ProductListPriceHistory", bring_prices),
        ("ProductVendor", bring_offers),
        ("ProductInventory", bring_stock),
        ("PurchaseOrderHeader", bring_purchases),
        ("SalesOrderHeader", bring_sales),
        ("WorkOrder", bring_production),
        ("trade", bring_trade),
    )
    for name, step in steps:
        run.progress("writing", name, run.done, run.total)
        step(run)
    run.account_for_contacts()
    run.progress("writing", "", run.total, run.total)
