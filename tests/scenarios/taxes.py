"""Taxes of a case as codes of ours, and the steps that ask about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from core.invoicing import HeaderDiscount, Invoice
from core.kernel.company import TaxRounding
from core.kernel.money import Money
from core.ledger import tax
from core.ledger.tax import Charge, Component, ComponentKind, Computation
from core.ledger.tax.tables import TaxLine
from tests.scenarios.operations import Step, operation
from tests.scenarios.world import NotUnderstood, World

KINDS = {
    "percent": ComponentKind.PERCENT,
    "fixed": ComponentKind.FIXED,
    "per_unit": ComponentKind.FIXED,
    "amount": ComponentKind.FIXED,
    "division": ComponentKind.DIVISION,
    "exempt": ComponentKind.EXEMPT,
    "zero": ComponentKind.EXEMPT,
    "withholding": ComponentKind.WITHHOLDING,
    "reverse_charge": ComponentKind.REVERSE_CHARGE,
}


def set_rounding(world: World) -> None:
    """Round tax as the case says: by the line or by the document."""
    said = world.given.get("tax_rounding", "line")
    if said != "line":
        tax.set_tax_rounding(world.session, TaxRounding(said))


def of_line(world: World, line: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tax of a line, as a line of a document takes it."""
    codes = line.get("taxes", [])
    for code in codes:
        _known(world, code)
    return {"tax_code": tax.joined(codes)}


def of_document(world: World, step: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a document says of its tax and of a discount on all of it."""
    said = step.get("header_discount")
    if said is None:
        return {}
    if str(said).endswith("%"):
        return {"header_discount": HeaderDiscount(percent=Decimal(str(said).rstrip(" %")))}
    return {"header_discount": world.money(said, step.get("currency"))}


def _known(world: World, code: str) -> None:
    if code in world.gathered["tax codes"]:
        return
    world.gathered["tax codes"].append(code)
    given = world.given.get("taxes", {})
    if code not in given:
        raise NotUnderstood(f"the tax {code}")
    facts = given[code]
    parts = facts.get("children") or facts.get("components") or [facts]
    components = [
        _component(world, given[part] if isinstance(part, str) else part, code) for part in parts
    ]
    tax.add_code(world.session, code=code, name=code, name_zh=code, components=components)
    for later in facts.get("from", ()) if isinstance(facts.get("from"), list) else ():
        tax.change_code(
            world.session,
            code,
            [replace(components[0], rate=Decimal(later["rate"]))],
            valid_from=date.fromisoformat(later["date"]),
        )


def _component(world: World, facts: Mapping[str, Any], code: str) -> Component:
    kind = str(facts.get("kind", "percent"))
    if kind not in KINDS:
        raise NotUnderstood(f"a tax of the kind {kind}")
    flags = {name for name, said in facts.items() if said is True}
    if flags & {"reverse_charge"}:
        kind = "reverse_charge"
    if flags & {"withholding"}:
        kind = "withholding"
    account = facts.get("account")
    return Component(
        name=str(facts.get("name", code)),
        kind=KINDS[kind],
        rate=abs(Decimal(str(facts.get("rate") or facts.get("amount") or "0"))),
        included=facts.get("price") == "inclusive" or bool(flags & {"included", "price_included"}),
        affects_next=bool(
            flags & {"affects_base", "affects_next", "base_affecting", "compound", "include_base"}
        ),
        cash_basis=bool(flags & {"cash_basis"})
        or facts.get("due") in {"on_payment", "payment"}
        or facts.get("exigibility") in {"on_payment", "payment"},
        deductible_percent=Decimal(str(facts.get("deductible_pct", "100"))),
        sale_account=world.account(account) if account else None,
        purchase_account=world.account(account) if account else None,
        currency=world.currency if KINDS[kind] is ComponentKind.FIXED else None,
    )


@operation("compute_tax", "net_from_gross")
def compute(world: World, step: Step) -> None:
    """Ask what tax some lines would give; nothing changes."""
    lines = step.get("lines") or [
        {"qty": "1", "unit_price": step["gross"], "taxes": step.get("taxes") or [step["tax"]]}
    ]
    charges = [_charge(world, line, step.get("currency")) for line in lines]
    given = tax.compute(
        world.session, charges, on=world.day_of(step), gross=step["op"] == "net_from_gross"
    )
    result = _said(given)
    world.values.update(result)
    world.gathered["computed"].append(result)
    for name in (step.get("ref"), f"step_{step['step']}", _price_of(world, lines)):
        if name:
            world.values[name] = result
    if world.case.expect.get("rows"):
        world.rows = [_said_line(line) for line in given.lines]


def _charge(world: World, line: Mapping[str, Any], currency: str | None) -> Charge:
    codes = of_line(world, line)["tax_code"]
    quantity = Decimal(line.get("qty", "1"))
    exact = quantity * Decimal(line["unit_price"])
    exact *= (100 - Decimal(line.get("discount_pct", "0"))) / 100
    price = Money.rounding(exact, currency or world.currency)
    return Charge(price, codes, quantity)


def _price_of(world: World, lines: Iterable[Mapping[str, Any]]) -> str | None:
    prices = {
        str(world.given["taxes"][code].get("price"))
        for line in lines
        for code in line.get("taxes", [])
        if code in world.given.get("taxes", {})
    }
    return prices.pop() if len(prices) == 1 else None


def _said(given: Computation) -> dict[str, Any]:
    parts = {each.component.code: each.tax.amount for each in given.by_component}
    return {
        "base": given.base.amount,
        "net": given.base.amount,
        "untaxed": given.base.amount,
        "tax": given.tax.amount,
        "total": given.total.amount,
        "taxes": parts,
    }


def _said_line(line: Any) -> dict[str, Any]:
    return {
        "base": line.base.amount,
        "tax": line.tax.amount,
        "total": line.base.amount + line.tax.amount,
    }


@operation("income_tax")
def income_tax(world: World, step: Step) -> None:
    """Reckon an income tax by bands."""
    bands = [
        (
            Decimal(band["up_to"]) if band.get("up_to") else None,
            Decimal(band.get("pct") or band["rate"]),
        )
        for band in step.get("bands") or world.given["bands"]
    ]
    income = world.money(step.get("income") or step.get("amount") or step["taxable"])
    result = tax.income_tax(world.session, income, bands).amount
    world.values[str(step.get("ref", "income_tax"))] = result
    world.gathered["income_taxes"].append(result)


def note(world: World, posted: Invoice) -> None:
    """Keep what the taxes of a document are reckoned on, each amount once."""
    lines = select(TaxLine).where(TaxLine.document == posted.number)
    bases = {line.line: line.taxable_minor for line in world.session.scalars(lines)}
    base = Money(sum(bases.values()), posted.currency)
    world.values[f"tax_base:{posted.number}"] = abs(base.amount)
