"""The tools of valuation on the one road, and goods that moved on another day than today."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from core import catalog, ledger, parties, purchasing
from core.compliance import verify
from core.kernel.database import reading, unit_of_work
from core.kernel.errors import DomainError, NotPermitted
from core.ledger import PeriodState
from tests.core.road import approve, ask, propose
from tests.shop import as_person
from tools import TOOLBOX

WHO = "accountant"
CHARGE, REVALUE = "valuation.charge_landed_cost", "valuation.revalue_stock"
METHOD, NEGATIVE = "valuation.set_method", "valuation.set_negative_stock"
RECEIVE, DELIVER = "purchasing.receive_order", "sales.deliver_order"


def undo(engine: Engine, proposal: Any, who: str = WHO) -> str:
    return approve(engine, TOOLBOX.undo(engine, as_person(engine, who), proposal.id))


def worth(engine: Engine, **arguments: Any) -> list[tuple[Any, ...]]:
    grid = ask(engine, WHO, "valuation.show_stock_value", item="LAMP-01", **arguments).grid()
    assert grid is not None
    return [row[-3:] for row in grid.rows]


def ordered(engine: Engine, quantity: int, price: str = "10") -> str:
    """Order lamps, at a price each."""
    with unit_of_work(engine) as session:
        lamp = catalog.find_item(session, "LAMP-01")
        draft = purchasing.OrderLineDraft(lamp, Decimal(quantity), Decimal(price))
        supplier = parties.find_supplier(session, "Brightway")
        return purchasing.place_order(session, supplier=supplier, lines=[draft]).number


def sold(engine: Engine, quantity: int) -> None:
    """Sell lamps to Acme."""
    lines = [{"item": "LAMP-01", "quantity": quantity}]
    approve(engine, propose(engine, "sales", "sales.sell_item", customer="acme", lines=lines))


def is_sound(engine: Engine) -> bool:
    with reading(engine) as session:
        return verify(session) == []


def test_freight_is_shown_to_the_cent_charged_and_taken_back(shop: Engine) -> None:
    approve(shop, propose(shop, WHO, METHOD, item="lamp-01", valuation="fifo"))
    approve(shop, propose(shop, "warehouse", RECEIVE, order=ordered(shop, 8)))
    sold(shop, 16)
    approve(shop, propose(shop, "warehouse", DELIVER, order="SO-1"))

    proposal = propose(shop, WHO, CHARGE, receipts=["gr-1"], amount=20, basis="quantity")

    assert proposal.calls[0]["arguments"] == {
        "receipts": ["GR-00001"], "amount": "20", "basis": "quantity", "bill": None,
        "account": "5030", "because": "",
    }  # fmt: skip
    assert proposal.effect.lines() == [
        "landed cost: 20.00 EUR",
        "debit 1400 Inventory: 10.00 EUR",
        "debit 5000 Cost of goods sold: 10.00 EUR",
        "credit 5030 Freight expense: 20.00 EUR",
        "LAMP-01 Desk lamp (landed cost): 20.00 EUR · GR-00001 × 8",
        "LAMP-01 Desk lamp (cost): 80.00 EUR → 100.00 EUR · GR-00001",
        "LAMP-01 Desk lamp (cost): 136.00 EUR → 146.00 EUR · DN-00001",
    ]
    assert approve(shop, proposal) == "LC-00001: 20.00 EUR is part of the cost of GR-00001 now."
    assert worth(shop, detail="layers") == [(4, Decimal("12.5"), 50)]
    listed = ask(shop, WHO, "valuation.list_landed_costs").grid()
    assert listed is not None
    assert [row[0] for row in listed.rows] == ["LC-00001"]
    assert undo(shop, proposal) == "The landed cost LC-00001 of 20.00 EUR is cancelled."
    assert worth(shop, detail="layers") == [(4, 10, 40)]
    with pytest.raises(DomainError, match="LC-00001"):
        propose(shop, WHO, "valuation.cancel_landed_cost", number="LC-1", because="again")
    with pytest.raises(DomainError, match="LAMP-01 has no weight"):
        propose(shop, WHO, CHARGE, receipts=["GR-1"], amount=20, basis="weight")
    assert is_sound(shop)


def test_value_method_and_policy_are_shown_set_and_given_back(shop: Engine) -> None:
    value = propose(shop, WHO, REVALUE, item="desk lamp", unit_cost="7.50", because="market")
    assert value.effect.lines() == [
        "debit 5010 Inventory adjustment: 6.00 EUR",
        "credit 1400 Inventory: 6.00 EUR",
        "LAMP-01 Desk lamp (value of the stock): 96.00 EUR → 90.00 EUR",
    ]
    approve(shop, value)
    assert worth(shop) == [(12, Decimal("7.5"), 90)]
    undo(shop, value)
    assert worth(shop) == [(12, 8, 96)]

    method = propose(shop, WHO, METHOD, item="desk lamp", valuation="standard")
    assert method.effect.lines() == [
        "LAMP-01 Desk lamp (valuation method): moving average → standard cost",
        "LAMP-01 Desk lamp (standard cost): none → 8",
    ]
    approve(shop, method)
    other = propose(shop, WHO, REVALUE, item="desk lamp", unit_cost="9", because="new year")
    assert other.effect.lines() == [
        "debit 1400 Inventory: 12.00 EUR",
        "credit 5010 Inventory adjustment: 12.00 EUR",
        "LAMP-01 Desk lamp (value of the stock): 96.00 EUR → 108.00 EUR",
        "LAMP-01 Desk lamp (standard cost): 8 → 9",
    ]
    approve(shop, other)
    undo(shop, other)
    assert undo(shop, method) == (
        "The valuation method of LAMP-01 Desk lamp is moving average; it was standard cost."
    )
    assert worth(shop) == [(12, 8, 96)]

    negative = propose(shop, WHO, NEGATIVE, item="desk lamp", negative_stock="allow")
    approve(shop, negative)
    undo(shop, negative)
    for arguments in ({}, {"unit_cost": 1, "value": 1}):
        with pytest.raises(DomainError, match="one of the two"):
            propose(shop, WHO, REVALUE, item="LAMP-01", because="x", **arguments)
    with pytest.raises(NotPermitted):
        propose(shop, "sales", METHOD, item="LAMP-01", valuation="fifo")
    assert is_sound(shop)


def test_goods_that_came_and_left_before_today_are_shown_with_what_they_change(
    shop: Engine,
) -> None:
    sold(shop, 3)
    approve(shop, propose(shop, "warehouse", DELIVER, order="SO-1"))

    late = propose(shop, "warehouse", RECEIVE, order=ordered(shop, 5), received_on="2026-06-03")

    # Of 17 lamps worth 146.00, three had left.
    assert late.effect.lines()[4:] == [
        "debit 5000 Cost of goods sold: 1.76 EUR",
        "credit 1400 Inventory: 1.76 EUR",
        "debit 1400 Inventory: 50.00 EUR",
        "credit 2150 Goods received, not billed: 50.00 EUR",
        "stock move (moved on): 2026-06-03",
        "LAMP-01 Desk lamp (cost): 24.00 EUR → 25.76 EUR · DN-00001",
    ]
    assert "库存移动 (移动日期): 2026-06-03" in late.effect.lines("zh")
    approve(shop, late)
    assert worth(shop)[0][-1] == Decimal("120.24")
    undo(shop, late, "warehouse")
    assert worth(shop)[0][-1] == Decimal("70.24")

    with unit_of_work(shop) as session:
        ledger.set_period_state(session, "2026-05", PeriodState.CLOSED)
    closed = propose(shop, "warehouse", RECEIVE, order=ordered(shop, 2), received_on="2026-05-20")
    # Of 19 worth 166.00, three.
    assert closed.effect.lines()[-3:] == [
        "stock move (moved on): 2026-05-20",
        "stock move (this day is closed): booked today",
        "LAMP-01 Desk lamp (cost): 25.76 EUR → 26.21 EUR · DN-00001",
    ]
    approve(shop, closed)
    for day, said in (("2026-06-16", "2026-06-16"), ("2025-06-01", "more than a year ago")):
        with pytest.raises(DomainError, match=said):
            propose(shop, "warehouse", RECEIVE, order=ordered(shop, 1), received_on=day)
    sold(shop, 1)
    with pytest.raises(DomainError, match="LAMP-01"):
        propose(shop, "warehouse", DELIVER, order="SO-2", delivered_on="2026-05-10")
    approve(shop, propose(shop, "warehouse", DELIVER, order="SO-2", delivered_on="2026-06-10"))
    assert is_sound(shop)
