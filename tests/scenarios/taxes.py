"""Taxes of a case as codes of ours, and the steps that ask about them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from core import ledger
from core.invoicing import Invoice, InvoiceLine
from core.kernel.money import Money
from tests.scenarios.world import World


def of_line(world: World, line: Mapping[str, Any]) -> dict[str, Any]:
    codes = line.get("taxes", [])
    for code in codes:
        known = world.values.setdefault("tax codes", set())
        if code not in known:
            facts = world.given["taxes"][code]
            ledger.add_tax_code(
                world.session, code=code, name=code, name_zh=code, percent=Decimal(facts["rate"])
            )
            known.add(code)
    return {"tax_code": codes[0] if codes else None}


def of_document(world: World, step: Mapping[str, Any]) -> dict[str, Any]:
    return {}


def note(world: World, posted: Invoice) -> None:
    lines = select(InvoiceLine).where(InvoiceLine.invoice_id == posted.id)
    taxed = [line for line in world.session.scalars(lines) if line.tax_minor]
    base = Money(sum(line.net_minor for line in taxed), posted.currency)
    world.values[f"tax_base:{posted.number}"] = base.amount
