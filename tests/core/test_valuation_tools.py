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
    """Sell lamps to Acme, by SO-00001."""
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

    assert proposal.calls[0]["arguments"]["receipts"] == ["GR-00001"]
    print(proposal.effect.lines())
    print(approve(shop, proposal))
    print(ask(shop, WHO, "valuation.list_landed_costs").grid().rows)
    print(worth(shop, detail="layers"))
    print(undo(shop, proposal))
    print(worth(shop, detail="layers"))
    with pytest.raises(DomainError, match="LC-00001"):
        propose(shop, WHO, "valuation.cancel_landed_cost", number="LC-1", because="again")
    assert is_sound(shop)


def test_value_method_and_policy_are_shown_set_and_given_back(shop: Engine) -> None:
    value = propose(shop, WHO, REVALUE, item="desk lamp", unit_cost="7.50", because="market")
    print(value.effect.lines())
    print(approve(shop, value), worth(shop))
    print(undo(shop, value), worth(shop))
    method = propose(shop, WHO, METHOD, item="desk lamp", valuation="standard")
    print(method.effect.lines())
    print(approve(shop, method))
    other = propose(shop, WHO, REVALUE, item="desk lamp", unit_cost="9", because="new year")
    print(other.effect.lines())
    print(approve(shop, other))
    print(undo(shop, other), undo(shop, method), worth(shop))
    negative = propose(shop, WHO, NEGATIVE, item="desk lamp", negative_stock="allow")
    print(negative.effect.lines(), approve(shop, negative), undo(shop, negative))
    for arguments in ({}, {"unit_cost": 1, "value": 1}):
        with pytest.raises(DomainError, match="one of the two"):
            propose(shop, WHO, REVALUE, item="LAMP-01", because="x", **arguments)
    with pytest.raises(NotPermitted):
        propose(shop, "sales", METHOD, item="LAMP-01", valuation="fifo")
    assert is_sound(shop)


def test_goods_that_came_and_left_before_today_are_shown_with_what_they_change(
    shop: Engine,
) -> None:
    approve(shop, propose(shop, WHO, METHOD, item="lamp-01", valuation="fifo"))
    sold(shop, 3)
    approve(shop, propose(shop, "warehouse", DELIVER, order="SO-1"))

    late = propose(shop, "warehouse", RECEIVE, order=ordered(shop, 5), received_on="2026-06-03")
    print(late.effect.lines())
    print(late.effect.lines("zh"))
    print(approve(shop, late), worth(shop))
    print(undo(shop, late, "warehouse"), worth(shop))
    with unit_of_work(shop) as session:
        ledger.set_period_state(session, "2026-05", PeriodState.CLOSED)
    closed = propose(shop, "warehouse", RECEIVE, order=ordered(shop, 2), received_on="2026-05-20")
    print(closed.effect.lines())
    approve(shop, closed)
    with pytest.raises(DomainError, match="future|2026-06-16"):
        propose(shop, "warehouse", RECEIVE, order=ordered(shop, 1), received_on="2026-06-16")
    with pytest.raises(DomainError, match="more than a year ago"):
        propose(shop, "warehouse", RECEIVE, order=ordered(shop, 1), received_on="2025-06-01")
    with pytest.raises(DomainError, match="LAMP-01"):
        propose(shop, "warehouse", DELIVER, order="SO-1", delivered_on="2026-06-02")
    assert is_sound(shop)
