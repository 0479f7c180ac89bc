"""Steps on what is kept for long: years, currencies, fixed assets, budgets."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import select

from core import invoicing, ledger
from core.invoicing import Invoice, InvoiceLine
from core.kernel.money import Money, rounded
from core.kernel.months import add_months, month_end
from core.ledger import Account, assets, budgets
from core.ledger.assets import Convention, DepreciationMethod
from core.ledger.chart import OPENING_BALANCE
from tests.scenarios.books import REPORTS
from tests.scenarios.checking import value
from tests.scenarios.operations import Step, operation
from tests.scenarios.world import World

METHODS = {
    "straight_line": (DepreciationMethod.STRAIGHT_LINE, Convention.FULL_MONTH),
    "straight_line_monthly": (DepreciationMethod.STRAIGHT_LINE, Convention.FULL_MONTH),
    "straight_line_by_day": (DepreciationMethod.STRAIGHT_LINE_BY_DAY, Convention.PRO_RATA),
    "declining": (DepreciationMethod.DECLINING_BALANCE, Convention.FULL_MONTH),
    "declining_balance": (DepreciationMethod.DECLINING_BALANCE, Convention.FULL_MONTH),
    "double_declining": (DepreciationMethod.DECLINING_BALANCE, Convention.FULL_MONTH),
    "declining_then_straight": (DepreciationMethod.DECLINING_THEN_STRAIGHT, Convention.FULL_MONTH),
}


@operation("close_year")
def close_year(world: World, step: Step) -> None:
    """Carry the result of the year forward that ends on a day."""
    day = world.day_of(step)
    years = ledger.list_fiscal_years(world.session)
    for year in years:
        # The case knows no year before this one.
        if year.ends_on < day and year.closing_entry is None:
            ledger.close_fiscal_year(world.session, year.name)
    name = next(year.name for year in years if year.starts_on <= day <= year.ends_on)
    result = world.account(step.get("result_account", "retained_earnings"))
    entry = ledger.close_fiscal_year(world.session, name, result_account=result)
    world.values["entry"] = entry
    world.remember(step, entry)


@operation("revalue")
def revalue(world: World, step: Step) -> None:
    """Put what is open in other currencies at the rate of a day."""
    day = world.day_of(step)
    made = invoicing.revalue(world.session, on=day)
    gain = Money(sum(each.gain_minor for each in made), world.currency).amount
    world.values["unrealised_gain"] = gain
    world.values["unrealised_loss"] = -gain
    # The case looks at the books on that day, before the amounts are put back.
    world.as_of = day


@operation("depreciate")
def depreciate(world: World, step: Step) -> None:
    """Depreciate through a month of the asset's life, or through a day."""
    asset = _asset(world)
    if step.get("through_month"):
        starts = assets.asset_plan(world.session, asset).asset.in_service_on
        through = month_end(add_months(starts, int(step["through_month"]) - 1))
    else:
        through = date.fromisoformat(step.get("through") or step["date"])
    world.set_today(max(world.today, through))
    assets.depreciate(world.session, through=through)


def _asset(world: World) -> str:
    """Return the number of the case's asset; it is entered when it is first needed."""
    if "asset" not in world.values:
        facts = world.given["asset"]
        method, convention = METHODS[facts.get("method", "straight_line_monthly")]
        bill = _bill_of_assets(world, world.account(facts.get("account", "fixed_asset")))
        made = assets.acquire_asset(
            world.session,
            name="asset",
            asset_class=assets.list_classes(world.session)[0].code,
            cost=world.money(facts["cost"]),
            residual=world.money(facts.get("residual", "0")),
            document=bill.number if bill is not None else None,
            against=None if bill is not None else OPENING_BALANCE,
            in_service_on=date.fromisoformat(facts["start"]),
            acquired_on=date.fromisoformat(facts["start"]) if bill is None else None,
            months=int(facts["months"]) if facts.get("months") else None,
            method=method,
            convention=Convention.PRO_RATA if facts.get("pro_rata") else convention,
            percent=Decimal(facts["rate_pct"]) if facts.get("rate_pct") else None,
        )
        world.values["asset"] = made.number
    return str(world.values["asset"])


def _bill_of_assets(world: World, account: str) -> Invoice | None:
    wanted = (
        select(Invoice)
        .join(InvoiceLine, InvoiceLine.invoice_id == Invoice.id)
        .join(Account, Account.id == InvoiceLine.account_id)
        .where(Account.role == account)
        .order_by(Invoice.id)
    )
    return world.session.scalars(wanted).first()


@operation("revalue_asset")
def revalue_asset(world: World, step: Step) -> None:
    """Set what an asset is worth."""
    worth = world.money(step.get("to") or step.get("value") or step["amount"])
    assets.revalue_asset(world.session, _asset(world), to=worth, on=world.day_of(step))


@operation("sell_asset")
def sell_asset(world: World, step: Step) -> None:
    """Sell an asset for an amount of money."""
    price = world.money(step.get("price") or step.get("proceeds") or step["amount"])
    gone = assets.dispose_asset(
        world.session,
        _asset(world),
        proceeds=price,
        against=world.money_account,
        on=world.day_of(step),
    )
    world.values["gain"] = gone.gain.amount
    world.values["loss"] = -gone.gain.amount


def _asset_plan(world: World, _step: Step) -> None:
    plan = assets.asset_plan(world.session, _asset(world))
    world.values["monthly"] = plan.lines[0].amount.amount
    world.values["plan_lines"] = len(plan.lines)
    world.values["final_book_value"] = plan.lines[-1].book_value.amount
    world.rows = [
        {
            "date": line.due_on.isoformat(),
            "amount": line.amount,
            "book_value": line.book_value,
        }
        for line in plan.lines
    ]
    world.values["schedule"] = world.rows


@value("book_value", "net_book_value")
def _book_value(world: World) -> Decimal:
    return assets.asset_view(world.session, _asset(world)).book_value.amount


def plan_budget(world: World) -> None:
    """Enter the budget that a case begins with: a year, and an amount by account."""
    given = world.given.get("budget")
    if not given:
        return
    for role, amount in given.items():
        if role != "year":
            budgets.set_budget(
                world.session, world.account(role), world.money(amount), year=given["year"]
            )


def _budget_vs_actual(world: World, step: Step) -> None:
    found = budgets.variance(world.session, step["year"])
    digits = int(world.given.get("pct_decimals", 2))

    def said(row: budgets.VarianceRow | budgets.Summary) -> dict[str, Decimal | Money]:
        assert row.percent is not None, "something is planned"
        return {
            "budget": row.budget,
            "actual": row.actual,
            "pct": rounded(row.percent, digits),
            "variance": row.variance,
        }

    rows = {row.account: row for row in found.rows}
    for role in world.given["budget"]:
        if role != "year":
            code = ledger.find_account(world.session, world.account(role)).code
            world.values[role] = said(rows[code])
    world.values["result"] = said(found.result)
    month = budgets.months(world.session, step["year"])[0]
    world.values["monthly"] = {
        "revenue": month.income,
        "expense": month.expense,
        "result_down": month.result,
    }


@operation("copy_budget")
def copy_budget(world: World, step: Step) -> None:
    """Begin the budget of another year with the lines of this one, times a factor."""
    factor = Decimal(step.get("factor", "1"))
    source = step.get("from_year") or world.given["budget"]["year"]
    budgets.copy_budget(world.session, source, to_year=step["to_year"], factor=factor)
    result = budgets.variance(world.session, step["to_year"]).result.budget.amount
    name = f"copied_with_factor_{step.get('factor', '1').replace('.', '_')}"
    world.values[name] = result


REPORTS.update(
    budget_vs_actual=_budget_vs_actual,
    asset_plan=_asset_plan,
    depreciation_plan=_asset_plan,
)
