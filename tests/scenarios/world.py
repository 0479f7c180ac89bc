"""The company of a case: its books, its accounts by role, its parties, items, rates and terms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import catalog, inventory, invoicing, ledger, parties
from core.catalog import Item, NegativeStock, ValuationMethod
from core.invoicing import TermDraft
from core.kernel.company import CompanyRow, found_company
from core.kernel.errors import DomainError
from core.kernel.money import Money, Rounding, digits_of
from core.ledger import Account, AccountKind, chart
from core.ledger.chart import open_standard_chart
from core.parties import Customer, Party, Supplier
from tests.scenarios.cases import Case

START = date(2025, 1, 1)

ROLES = {
    "sales": chart.REVENUE,
    "expense": chart.OPERATING_EXPENSE,
    "grni": chart.GOODS_RECEIVED_NOT_BILLED,
    "cogs": chart.COST_OF_GOODS_SOLD,
    "fx_gain_loss": chart.EXCHANGE_DIFFERENCES,
    "fx_gain": chart.EXCHANGE_DIFFERENCES,
    "fx_loss": chart.EXCHANGE_DIFFERENCES,
    "unrealised_fx": chart.UNREALISED_EXCHANGE,
    "write_off": chart.BAD_DEBTS,
    "bad_debt": chart.BAD_DEBTS,
    "bad_debt_expense": chart.BAD_DEBTS,
    "wip": chart.WORK_IN_PROGRESS,
    "payroll_payable": chart.SALARIES_PAYABLE,
    "fixed_asset": chart.FIXED_ASSETS,
    "depreciation_expense": chart.DEPRECIATION,
    "prepaid": chart.PREPAID_EXPENSES,
    "prepaid_expense": chart.PREPAID_EXPENSES,
    "accrued_expense": chart.ACCRUED_EXPENSES,
    "bank_charges": chart.BANK_FEES,
    "bank_fee": chart.BANK_FEES,
    "equity": chart.SHARE_CAPITAL,
    "capital": chart.SHARE_CAPITAL,
    "gain_on_disposal": chart.DISPOSAL_GAIN,
    "disposal_gain_loss": chart.DISPOSAL_GAIN,
    "loss_on_disposal": chart.DISPOSAL_LOSS,
    "revaluation_surplus": chart.REVALUATION_RESERVE,
    "withholding": chart.TAX_WITHHELD_BY_CUSTOMERS,
    "withholding_receivable": chart.TAX_WITHHELD_BY_CUSTOMERS,
    "withholding_payable": chart.TAX_WITHHELD,
    "tax_withholding": chart.TAX_WITHHELD,
    "tax_output_pending": chart.TAX_OUTPUT_NOT_DUE,
    "tax_output_transition": chart.TAX_OUTPUT_NOT_DUE,
    "tax_input_pending": chart.TAX_INPUT_NOT_DUE,
    "tax_input_transition": chart.TAX_INPUT_NOT_DUE,
    "stock_adjustment": chart.INVENTORY_ADJUSTMENT,
    "freight": chart.FREIGHT_EXPENSE,
    "rounding_difference": chart.ROUNDING,
}
_METHODS = {
    "fifo": ValuationMethod.FIFO,
    "standard": ValuationMethod.STANDARD,
    "standard_cost": ValuationMethod.STANDARD,
}
_STANDARD = {account.role for account in chart.STANDARD if account.role}
_KINDS = (
    (AccountKind.EXPENSE, ("expense", "cost", "loss", "charge", "allowed", "variance")),
    (AccountKind.INCOME, ("income", "revenue", "gain", "sales", "interest")),
    (AccountKind.LIABILITY, ("payable", "liability", "loan", "deferred", "accrued", "provision")),
    (AccountKind.EQUITY, ("equity", "capital", "retained", "reserve")),
)


class NotUnderstood(Exception):
    """The case says something that this adapter has no meaning for."""


@dataclass
class World:
    """One company, what was done in it, and what the steps gave."""

    session: Session
    case: Case
    # What a step is called by others: its documents, proposals, orders.
    refs: dict[str, Any] = field(default_factory=dict)
    refused: list[tuple[int, DomainError]] = field(default_factory=list)
    # Named results of steps.
    values: dict[str, Any] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    gathered: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    step: dict[str, Any] = field(default_factory=dict)
    # The day on which the case looks at balances; all that is posted where it is none.
    as_of: date | None = None
    # Roles that are a part of one of our accounts, and how that part is read.
    read_as: dict[str, Callable[[World], Decimal]] = field(default_factory=dict)
    # Money that a case has without saying so, by account.
    lent: dict[str, Decimal] = field(default_factory=dict)

    @property
    def given(self) -> dict[str, Any]:
        """What the case takes for granted."""
        return self.case.given

    @property
    def currency(self) -> str:
        """The company's currency."""
        return str(self.given.get("currency", "USD"))

    @property
    def today(self) -> date:
        """The business date."""
        return self.session.info["today"]  # type: ignore[no-any-return]

    def set_today(self, day: date) -> None:
        """Let it be another day."""
        self.session.info["today"] = day
        self.session.info.pop("company", None)

    def money(self, amount: object, currency: str | None = None) -> Money:
        """Read an amount as the case writes it."""
        return Money.of(str(amount), currency or self.currency)

    def day_of(self, step: Mapping[str, Any]) -> date:
        """Return the date of a step, or the business date."""
        return date.fromisoformat(step["date"]) if step.get("date") else self.today

    def account(self, role: str) -> str:
        """Return the code or role of our account for a role of the case; opened where new."""
        base, _, currency = role.rpartition("_")
        if len(currency) == 3 and currency.upper() in _currencies(self.case) and base:
            if base in {"receivable", "payable"}:
                return self.account(base)
            return self._own_account(role, currency.upper())
        if role in ROLES:
            return ROLES[role]
        return role if role in _STANDARD else self._own_account(role, None)

    def _own_account(self, role: str, currency: str | None) -> str:
        wanted = select(Account.code).where(Account.name == role)
        found = self.session.scalars(wanted).one_or_none()
        if found is not None:
            return found
        code = f"9{len(self.gathered['accounts']):03d}"
        self.gathered["accounts"].append(role)
        kind = next((k for k, words in _KINDS if any(w in role for w in words)), AccountKind.ASSET)
        ledger.open_account(
            self.session, code=code, name=role, name_zh=role, kind=kind, currency=currency
        )
        return code

    def balance(self, role: str) -> Decimal:
        """Return debits less credits of an account, in the books."""
        if role in self.read_as:
            return self.read_as[role](self)
        account = self.account(role)
        found = ledger.balance(self.session, account, as_of=self.as_of).amount
        return found - self.lent.get(account, Decimal(0))

    @property
    def money_account(self) -> str:
        """Where money comes in and goes out: the account that the case looks at."""
        looked_at = self.case.expect.get("balances", {})
        return chart.BANK if "bank" in looked_at and "cash" not in looked_at else chart.CASH

    def customer(self, name: str | None) -> Customer:
        """Return a customer by name, added where new."""
        party = self._party(name or "customer A")
        known = self.session.get(Customer, party.id)
        return known or parties.make_customer(self.session, party, payment_days=0)

    def supplier(self, name: str | None) -> Supplier:
        """Return a supplier by name, added where new."""
        party = self._party(name or "supplier A")
        known = self.session.get(Supplier, party.id)
        return known or parties.make_supplier(self.session, party, payment_days=0)

    def _party(self, name: str) -> Party:
        wanted = select(Party).where(Party.name == name)
        return self.session.scalars(wanted).one_or_none() or parties.add_party(
            self.session, name=name
        )

    def item(self, name: str) -> Item:
        """Return an item by name, added where new, in the unit that the case gives it."""
        wanted = select(Item).where(Item.sku == name)
        found = self.session.scalars(wanted).one_or_none()
        if found is not None:
            return found
        items = self.given.get("items", {})
        facts = items.get(name, {}) if isinstance(items, dict) else {}
        said = {**self.given, **(facts if isinstance(facts, dict) else {})}
        unit = {"kg": "kg", "m": "m", "l": "l", "h": "h"}.get(str(said.get("unit")), "pcs")
        return catalog.add_item(
            self.session,
            sku=name,
            name=name,
            unit_code=unit,
            standard_cost=Decimal(said.get("standard_cost", "0")),
            valuation_method=_METHODS.get(said.get("valuation"), ValuationMethod.MOVING_AVERAGE),
            negative_stock=NegativeStock(said.get("negative_stock", "refuse")),
        )

    def ref(self, name: str) -> Any:
        """Return what an earlier step gave."""
        if name not in self.refs:
            raise NotUnderstood(f"no step gave {name}")
        return self.refs[name]

    def remember(self, step: Mapping[str, Any], result: Any) -> Any:
        """Keep what a step gave under its name."""
        if step.get("ref"):
            self.refs[step["ref"]] = result
        return result


Setup = Callable[[World], None]


def open_world(session: Session, case: Case) -> World:
    """Found the company of a case, with what the case takes for granted."""
    world = World(session, case)
    days = case.days or [START]
    found_company(
        session,
        name="Scenario",
        name_zh="案例公司",
        country=str(case.given.get("country", "US")),
        currency=world.currency,
    )
    decimals = int(case.given.get("decimals", digits_of(world.currency)))
    if decimals != digits_of(world.currency):
        raise NotUnderstood(f"{world.currency} with {decimals} decimals")
    row = session.get_one(CompanyRow, 1)
    row.defers_revenue = case.given.get("revenue") == "when delivered"
    if case.given.get("rounding"):
        row.rounding = Rounding(case.given["rounding"])
    session.flush()
    world.set_today(days[0])
    open_standard_chart(session)
    _open_years(session, case, days)
    inventory.open_standard_locations(session)
    catalog.open_standard_catalog(session)
    for setup in (_set_rates, _add_terms, _add_parties, _add_items):
        setup(world)
    return world


def _open_years(session: Session, case: Case, days: Sequence[date]) -> None:
    starts = date.fromisoformat(case.given.get("fiscal_year", {}).get("start", "2000-01-01"))
    for year in range(days[0].year - 2, days[-1].year + 3):
        ledger.open_fiscal_year(session, year, first_month=starts.month)


def _set_rates(world: World) -> None:
    for rate in _exchange_rates(world.case):
        units = {
            "foreign_units": Decimal(rate.get("foreign_per_base", "1")),
            "base_units": Decimal(rate.get("base_per_foreign", "1")),
        }
        day = date.fromisoformat(rate.get("date") or rate.get("from") or "2000-01-01")
        ledger.set_rate(world.session, rate["currency"], valid_from=day, **units)


def _add_terms(world: World) -> None:
    for code, lines in (world.given.get("terms") or {}).items():
        drafts = [
            TermDraft(
                after_days=int(line.get("after_days", 0)),
                percent=Decimal(line["percent"]) if line.get("kind") == "percent" else None,
                end_of_month=bool(line.get("end_of_month")),
                discount_percent=_decimal(line.get("discount", {}).get("percent")),
                discount_days=line.get("discount", {}).get("within_days"),
            )
            for line in lines
        ]
        invoicing.add_terms(world.session, code=code, name=code, lines=drafts)


def _add_parties(world: World) -> None:
    given = world.given.get("parties", {})
    for name in given:
        facts = given[name] if isinstance(given, dict) else {}
        if name.startswith("supplier"):
            world.supplier(name)
            continue
        buyer = world.customer(name)
        if facts.get("credit_limit"):
            parties.set_credit_limit(world.session, buyer, world.money(facts["credit_limit"]))
        if facts.get("open_receivable"):
            owed = world.money(facts["open_receivable"])
            _charge(world, buyer, owed)


def _charge(world: World, buyer: Customer, owed: Money) -> None:
    line = invoicing.InvoiceDraftLine(
        None, "open before", Decimal(1), owed.amount, Decimal(0), None, chart.REVENUE
    )
    invoicing.post_invoice(
        world.session,
        kind=invoicing.InvoiceKind.CUSTOMER_INVOICE,
        party=world.session.get_one(Party, buyer.party_id),
        lines=[line],
        origin="before",
    )


def _add_items(world: World) -> None:
    items = world.given.get("items", {})
    for sku in items:
        facts = items[sku] if isinstance(items, dict) else {}
        item = world.item(sku)
        if facts.get("weight_kg"):
            item.weight_kg = Decimal(facts["weight_kg"])
        if facts.get("price"):
            catalog.set_price(world.session, item, unit_price=Decimal(facts["price"]))
        on_hand = Decimal(str(facts.get("on_hand") or (10**4 if facts.get("cost") else 0)))
        if on_hand:
            cost = Decimal(facts.get("cost", "0"))
            inventory.receive_goods(
                world.session,
                [inventory.Incoming(item, on_hand, world.money(on_hand * cost))],
                location=inventory.main_location(world.session),
                against=chart.OPENING_BALANCE,
                origin="OPENING",
                memo="on hand before",
                from_kind=inventory.LocationKind.ADJUSTMENT,
            )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _exchange_rates(case: Case) -> list[dict[str, Any]]:
    """Return the rates of currencies; other rates of a case are named, not listed."""
    rates = case.given.get("rates", [])
    return rates if isinstance(rates, list) else []


def _currencies(case: Case) -> set[str]:
    named = {rate["currency"] for rate in _exchange_rates(case)}
    return named | {str(case.given.get("currency"))}
