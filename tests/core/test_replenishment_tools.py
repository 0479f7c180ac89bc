"""The tools of replenishment and promises, on the one road: asked, shown, approved, undone."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from core.compliance import verify
from core.inventory.errors import RuleTermsMissing
from core.kernel.database import reading
from core.kernel.errors import DomainError
from tests.conftest import TODAY
from tests.core.road import approve, ask, propose
from tests.shop import as_person
from tools import TOOLBOX

PLAN, POLICY = "replenishment.plan", "replenishment.set_policy"
ORDER = "replenishment.order_suggested"


def set_levels(engine: Engine, item: str, minimum: int, target: int) -> None:
    arguments = {"item": item, "minimum": minimum, "target": target}
    approve(engine, propose(engine, "buyer", "inventory.set_reorder_rule", **arguments))


def test_why_an_item_is_to_be_ordered_is_said_in_both_languages(shop: Engine) -> None:
    set_levels(shop, "LAMP-01", 20, 60)

    answer = ask(shop, "buyer", PLAN, item="desk lamp")

    there = TODAY + timedelta(days=7)
    looked = TODAY + timedelta(days=8)
    assert answer.sentence() == (
        "LAMP-01 Desk lamp: 12 on hand, 0 reserved, 0 on order, 0 more sold: 12 left on"
        f" {looked}. 48 missing: the minimum of 20, target 60. Demand 0 ± 0 a day (no demand,"
        " 0 days); lead time 7 ± 0.8 days (as promised); risk of running out before an order"
        f" comes 0 %. Order 48 from Lumen & Co at 8.15 EUR, there about {there}. Other ways:"
        f" Brightway: 48 × 8.4 EUR, there about {there}; wait: 0 % risk of running out."
    )
    assert answer.sentence("zh") == (
        "LAMP-01 台灯：现有 12，已预留 0，在途 0，另有已售未预留 0，"
        f"{looked} 预计剩余 12。缺 48：再订货点 20，目标库存 60。日均需求 0 ± 0（无需求，0 天）；"
        "提前期 7 ± 0.8 天（按供应商承诺）；到货前断货风险 0%。"
        f"建议向 Lumen & Co 订购 48，单价 8.15 EUR，约 {there} 到货。"
        f"其他方案：Brightway：48 × 8.4 EUR，约 {there} 到货; 等待：断货风险 0%。"
    )
    # Who may not see what things cost is told everything else.
    assert "8.15" not in ask(shop, "warehouse", PLAN, item="LAMP-01").sentence()
    set_levels(shop, "LAMP-01", 5, 60)
    enough = ask(shop, "buyer", PLAN, item="LAMP-01").sentence()
    assert "That is enough for the minimum of 5; nothing to order." in enough
    assert ask(shop, "buyer", PLAN).sentence() == "There is nothing to order."


def test_all_that_is_suggested_is_ordered_with_one_order_a_supplier_and_undone(
    shop: Engine,
) -> None:
    set_levels(shop, "LAMP-01", 20, 60)
    set_levels(shop, "BULB-03", 10, 40)
    set_levels(shop, "SHADE-02", 31, 35)
    plan = ask(shop, "buyer", PLAN)
    assert plan.sentence() == "3 items to order: BULB-03 × 100; LAMP-01 × 48; SHADE-02 × 10."
    assert len(ask(shop, "buyer", PLAN, supplier="Lumen").model_dump()["items"]) == 2

    proposal = propose(shop, "buyer", ORDER)

    [call] = proposal.calls
    assert [line["quantity"] for line in call["arguments"]["lines"]] == ["100", "48", "10"]
    said = approve(shop, proposal)
    assert said == (
        "2 orders placed with 3 lines: PO-00001 Lumen & Co 443.20 EUR;"
        " PO-00002 Shades Ltd 20.50 EUR."
    )
    assert ask(shop, "buyer", PLAN).sentence("zh") == "没有需要补货的物料。"
    approve(shop, TOOLBOX.undo(shop, as_person(shop, "buyer"), proposal.id))
    assert len(ask(shop, "buyer", PLAN).model_dump()["items"]) == 3
    with reading(shop) as session:
        assert verify(session) == []


def test_a_service_level_is_set_shown_and_given_back(shop: Engine) -> None:
    proposal = propose(
        shop, "buyer", POLICY, item="desk lamp", service_percent=98, supplier="Brightway"
    )
    assert proposal.effect.lines() == [
        "LAMP-01 Desk lamp (reorder rule): 10 / 50 → by service level",
        "LAMP-01 Desk lamp (service level, %): 98",
        "LAMP-01 Desk lamp (service measured by): cycle service",
        "LAMP-01 Desk lamp (supplier): S-00001",
    ]
    assert approve(shop, proposal) == (
        "LAMP-01 Desk lamp is reordered so that a service of 98 % (cycle service) is reached,"
        " for 30 days at a time."
    )
    undo = TOOLBOX.undo(shop, as_person(shop, "buyer"), proposal.id)
    assert "LAMP-01 Desk lamp (reorder rule): by service level → 10 / 50" in undo.effect.lines()
    approve(shop, undo)
    assert ask(shop, "buyer", "inventory.check_stock", item="LAMP-01").model_dump()["target"] == 50


def test_nothing_to_order_is_a_refusal_with_a_reason(shop: Engine) -> None:
    with pytest.raises(DomainError, match="nothing to order"):
        propose(shop, "buyer", ORDER)
    with pytest.raises(RuleTermsMissing) as refused:
        propose(shop, "buyer", POLICY, item="LAMP-01", reorder_method="min_max")
    assert refused.value.message("en") == (
        "A rule by minimum and target needs minimum, target, and no other rule has them;"
        " say both, or leave both out."
    )
    assert refused.value.message("zh").startswith("补货方式“按最低库存与目标库存”需要")


def test_a_date_is_promised_with_its_reasons(shop: Engine) -> None:
    arguments = {"item": "desk lamp", "quantity": 20, "customer": "Acme"}

    answer = ask(shop, "sales", "sales.promise_date", **arguments)

    there = TODAY + timedelta(days=7)
    assert answer.sentence() == (
        f"20 × LAMP-01 Desk lamp for Acme Bikes can go on {there}: 12 on {TODAY} from stock;"
        f" 8 on {there} bought now (Lumen & Co)."
    )
    assert answer.sentence("zh") == (
        f"LAMP-01 台灯 × 20（Acme Bikes） 可于 {there} 发货：{TODAY} 现货 12；"
        f"{there} 立即采购 8（Lumen & Co）。"
    )
    assert answer.model_dump()["unpromised"] == Decimal(0)
