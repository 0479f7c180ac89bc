"""The one road of every change: what is shown, who decides, and that it is done once."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from core import catalog, parties, purchasing
from core.approvals import Proposal
from core.approvals.errors import (
    AboveYourLimit,
    AlreadyApproved,
    DutiesInOneHand,
    OnlyPeopleDecide,
    ProposalClosed,
    ProposalExpired,
    SecondPersonNeeded,
    TooManyOpenProposals,
    UnknownProposal,
)
from core.compliance import verify
from core.kernel import clock
from core.kernel.audit import AuditRecord
from core.kernel.database import reading, unit_of_work
from core.kernel.errors import DomainError, NotPermitted
from core.kernel.idempotency import KeyUsedOtherwise
from core.kernel.identity import service as identity
from core.kernel.identity.acting import Acting, Actor
from core.kernel.identity.roles import Role
from core.purchasing import PurchaseOrder
from tests.shop import as_person
from tools import TOOLBOX, ProposalView
from tools.errors import BadArguments, NothingToUndo, PlanTooLong, UnknownStep, UnknownTool

WATCHER = Acting(Actor("reorder", roles=frozenset({Role.WATCHER}), is_person=False), door="watcher")


def order(item: str = "LAMP-01", quantity: int | str = 40, **more: Any) -> dict[str, Any]:
    arguments = {"item": item, "quantity": str(quantity), **more}
    return {"tool": "purchasing.order_item", "arguments": arguments}


def propose(
    engine: Engine, login: str | Acting, *calls: dict[str, Any], **how: Any
) -> ProposalView:
    acting = as_person(engine, login) if isinstance(login, str) else login
    plan = TOOLBOX.parse(calls)
    return TOOLBOX.propose(engine, acting, plan, reason={"words": "please"}, **how)


def approve(engine: Engine, login: str, shown: ProposalView, **how: Any) -> Any:
    acting = as_person(engine, login)
    return TOOLBOX.decide(engine, acting, shown.id, "approve", seen=shown.digest, **how)


def orders(engine: Engine) -> int:
    with reading(engine) as session:
        return session.scalars(select(func.count()).select_from(PurchaseOrder)).one()


def books_are_right(engine: Engine) -> None:
    with reading(engine) as session:
        assert verify(session) == []


def test_what_is_shown_is_what_happens(shop: Engine) -> None:
    shown = propose(shop, "buyer", order())

    assert shown.effect.lines("en") == [
        "purchase order: new · 40 × LAMP-01 @ 8.15 = 326.00 EUR · Lumen & Co · 7 d (2026-06-22)",
        "LAMP-01 Desk lamp (on order): 0 → 40",
        "21 (cash out): 326.00 EUR (2026-07-06)",
    ]
    assert shown.calls[0]["arguments"]["supplier"] == "S-00002"
    assert shown.undo["possible"]
    assert orders(shop) == 0

    outcome = approve(shop, "buyer", shown)

    assert outcome.state == "executed"
    assert "PO-00001" in outcome.said("en")
    assert "PO-00001" in outcome.said("zh")
    assert orders(shop) == 1
    books_are_right(shop)


def test_a_plan_is_done_whole_and_a_later_call_takes_an_earlier_result(shop: Engine) -> None:
    receive = {"tool": "purchasing.receive_order", "arguments": {"order": "$1.number"}}
    shown = propose(shop, "allrounder", order(), order("SHADE-02", 20))
    both = approve(shop, "allrounder", shown)
    assert both.said("en").count("PO-") >= 2

    with pytest.raises(UnknownStep):
        propose(shop, "allrounder", receive, order())
    assert orders(shop) == 2


@pytest.mark.parametrize(
    ("calls", "refusal"),
    [
        ([{"tool": "purchasing.order_itme", "arguments": {}}], UnknownTool),
        ([{"tool": "purchasing.order_item", "arguments": {}, "approved": True}], UnknownTool),
        ([{"tool": None}], UnknownTool),
        ([order(quantity=0)], BadArguments),
        ([order(quantity=-5)], BadArguments),
        ([order(quantity="NaN")], BadArguments),
        ([order(quantity="Infinity")], BadArguments),
        ([order(quantity="1e40")], BadArguments),
        ([order(quantity="ten")], BadArguments),
        ([order(approved=True)], BadArguments),
        ([order(item="")], BadArguments),
        ([order(item="LAMP\0")], BadArguments),
        ([order(item="x" * 5000)], BadArguments),
        ([order()] * 26, PlanTooLong),
    ],
)
def test_what_is_not_exactly_a_call_is_refused(
    calls: list[dict[str, Any]], refusal: type[DomainError]
) -> None:
    with pytest.raises(refusal) as refused:
        TOOLBOX.parse(calls)

    assert refused.value.message("zh")


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (order("LAMP-99"), "LAMP-99"),
        (order(supplier="Nobody & Co"), "Nobody"),
        (order(supplier="Shades Ltd"), "Shades Ltd"),
        (order("SHADE-02", 2), "10"),
        (order(quantity="2.5"), "2.5"),
    ],
)
def test_what_the_rules_refuse_is_said_and_leaves_nothing(
    shop: Engine, call: dict[str, Any], says: str
) -> None:
    with pytest.raises(DomainError, match=says) as refused:
        propose(shop, "buyer", call)

    assert refused.value.message("zh") != refused.value.message("en")
    assert orders(shop) == 0
    with reading(shop) as session:
        assert session.scalar(select(Proposal)) is None


def test_who_lacks_the_role_neither_asks_nor_approves_nor_sees(shop: Engine) -> None:
    with pytest.raises(NotPermitted):
        propose(shop, "sales", order())

    shown = propose(shop, "buyer", order())
    with pytest.raises(UnknownProposal):
        approve(shop, "hr", shown)
    with pytest.raises(UnknownProposal):
        TOOLBOX.look(shop, as_person(shop, "customer"), shown.id)
    with pytest.raises(NotPermitted):
        approve(shop, "auditor", shown)
    assert TOOLBOX.inbox(shop, as_person(shop, "sales")) == []
    assert [p.number for p in TOOLBOX.inbox(shop, as_person(shop, "manager"))] == ["PR-00001"]
    assert orders(shop) == 0


def test_a_service_proposes_and_decides_nothing(shop: Engine) -> None:
    shown = propose(shop, WATCHER, order())

    with pytest.raises(OnlyPeopleDecide):
        TOOLBOX.decide(shop, WATCHER, shown.id, "approve", seen=shown.digest)
    with pytest.raises(OnlyPeopleDecide):
        TOOLBOX.decide(shop, WATCHER, shown.id, "reject", seen=shown.digest)
    assert orders(shop) == 0


def test_a_yes_holds_for_the_effect_that_was_shown(shop: Engine) -> None:
    shown = propose(shop, "buyer", order())
    with unit_of_work(shop) as session:
        purchasing.list_offer(
            session,
            catalog.find_item(session, "LAMP-01"),
            supplier=parties.find_supplier(session, "Lumen & Co"),
            unit_price=Decimal("9.99"),
            lead_time_days=7,
        )

    outcome = approve(shop, "buyer", shown)

    assert outcome.state == "changed"
    assert outcome.delta is not None
    gone, new = outcome.delta
    assert "326.00" in gone[0]
    assert "399.60" in new[0]
    assert orders(shop) == 0
    # The old view is void for good; the new one is approved anew.
    again = approve(shop, "buyer", shown)
    assert again.state == "changed"
    assert orders(shop) == 0
    assert approve(shop, "buyer", outcome.proposal).state == "executed"
    assert orders(shop) == 1


def test_a_yes_to_another_digest_does_nothing(shop: Engine) -> None:
    shown = propose(shop, "buyer", order())
    other = propose(shop, "buyer", order("SHADE-02", 20))

    acting = as_person(shop, "buyer")
    outcome = TOOLBOX.decide(shop, acting, shown.id, "approve", seen=other.digest)

    assert outcome.state == "changed"
    assert orders(shop) == 0


@pytest.mark.parametrize("change", ["blocked", "right lost", "offer gone below minimum"])
def test_what_became_impossible_is_refused_at_the_yes(shop: Engine, change: str) -> None:
    shown = propose(shop, "buyer", order())
    with unit_of_work(shop, as_person(shop, "admin")) as session:
        if change == "blocked":
            supplier = parties.find_supplier(session, "Lumen & Co")
            parties.block_party(session, supplier.party, because="test")
        elif change == "right lost":
            identity.set_roles(session, "buyer", {Role.EMPLOYEE})
        else:
            catalog.deactivate_item(session, catalog.find_item(session, "LAMP-01"))

    with pytest.raises(DomainError):
        approve(shop, "buyer", shown)

    assert orders(shop) == 0


def test_ten_clicks_at_once_are_one_order_and_one_answer(
    shop: Engine, at_once: Callable[..., list[Any]]
) -> None:
    shown = propose(shop, "buyer", order())

    outcomes = at_once(lambda _client: approve(shop, "buyer", shown).said("en"), 10)

    assert len(set(outcomes)) == 1
    assert "PO-00001" in outcomes[0]
    assert orders(shop) == 1


def test_two_people_at_once_place_one_order(
    shop: Engine, at_once: Callable[..., list[Any]]
) -> None:
    shown = propose(shop, WATCHER, order())
    people = ["buyer", "manager", "manager2", "admin"]

    outcomes = at_once(lambda client: approve(shop, people[client], shown).state, 4)

    assert Counter(type(outcome).__name__ for outcome in outcomes) == {
        "str": 1,
        "ProposalClosed": 3,
    }
    assert orders(shop) == 1


def test_an_approval_is_used_once(shop: Engine) -> None:
    shown = propose(shop, "buyer", order())
    approve(shop, "buyer", shown)

    with pytest.raises(ProposalClosed):
        approve(shop, "buyer", shown, key="another click")
    with pytest.raises(ProposalClosed):
        approve(shop, "manager", shown)
    assert orders(shop) == 1


def test_an_expired_proposal_is_void(shop: Engine) -> None:
    shown = propose(shop, "buyer", order(), expires_in=timedelta(hours=1))
    later = clock.now() + timedelta(hours=2)

    with clock.frozen_at(later), pytest.raises(ProposalExpired):
        approve(shop, "buyer", shown)
    assert orders(shop) == 0
    with clock.frozen_at(later):
        assert propose(shop, "buyer", order()).number == "PR-00002"


def test_one_topic_has_one_open_proposal(shop: Engine) -> None:
    first = propose(shop, "buyer", order(), topic="lamp")
    second = propose(shop, "manager", order(quantity=99), topic="lamp")

    assert second.id == first.id
    assert second.calls == first.calls


def test_the_same_key_is_the_same_proposal_and_no_other(shop: Engine) -> None:
    first = propose(shop, "buyer", order(), key="k")

    assert propose(shop, "buyer", order(), key="k").id == first.id
    with pytest.raises(KeyUsedOtherwise):
        propose(shop, "buyer", order(quantity=41), key="k")
    with pytest.raises(DomainError):
        propose(shop, "buyer", order("NONE"), key="fresh")
    assert propose(shop, "buyer", order("SHADE-02", 20), key="fresh").number == "PR-00002"


def test_above_the_limit_the_asker_needs_somebody_else(shop: Engine) -> None:
    large = propose(shop, "buyer", order(quantity=700))
    assert not large.may_decide or large.why_not("en")

    with pytest.raises(SecondPersonNeeded):
        approve(shop, "buyer", large)
    assert approve(shop, "manager", large).state == "executed"


def test_splitting_is_added_up(shop: Engine) -> None:
    for quantity in (301, 302):
        part = propose(shop, "buyer", order(quantity=quantity))
        if quantity == 301:
            approve(shop, "buyer", part)

    assert approve(shop, "buyer", part).state == "executed"
    third = propose(shop, "buyer", order(quantity=30))
    with pytest.raises(SecondPersonNeeded):
        approve(shop, "buyer", third)


def test_nobody_approves_beyond_their_own_limit(shop: Engine) -> None:
    huge = propose(shop, "manager", order(quantity=3000))

    with pytest.raises(AboveYourLimit, match="20,000"):
        approve(shop, "buyer", huge)


def test_above_another_limit_it_takes_two_who_did_not_ask(shop: Engine) -> None:
    huge = propose(shop, "buyer", order(quantity=15000))

    assert approve(shop, "manager", huge).state == "waiting"
    with pytest.raises(AlreadyApproved):
        approve(shop, "manager", huge, key="again")
    assert orders(shop) == 0
    assert approve(shop, "manager2", huge).state == "executed"
    assert orders(shop) == 1


def test_a_second_account_of_the_same_human_is_the_same_human(shop: Engine) -> None:
    with unit_of_work(shop, as_person(shop, "admin")) as session:
        party = parties.add_party(session, name="Ann Person")
        for login, roles in (("ann", {Role.BUYER}), ("ann.m", {Role.MANAGER})):
            identity.add_person(session, login=login, name="Ann", roles=roles, party_id=party.id)
    large = propose(shop, "ann", order(quantity=1400))

    with pytest.raises(SecondPersonNeeded):
        approve(shop, "ann.m", large)
    assert approve(shop, "manager", large).state == "executed"


def test_who_edits_has_asked_for_it_too(shop: Engine) -> None:
    shown = propose(shop, "buyer", order())
    changed = TOOLBOX.edit(shop, as_person(shop, "manager"), shown.id, [order(quantity=1400)])

    assert changed.digest != shown.digest
    with pytest.raises(SecondPersonNeeded):
        approve(shop, "manager", changed)
    assert approve(shop, "buyer", shown).state == "changed"
    assert approve(shop, "manager2", changed).state == "executed"


def test_a_call_that_is_unticked_is_not_done(shop: Engine) -> None:
    shown = propose(shop, "buyer", order(), order("SHADE-02", 20))
    kept = TOOLBOX.edit(shop, as_person(shop, "buyer"), shown.id, shown.calls[1:])
    approve(shop, "buyer", kept)

    with reading(shop) as session:
        [done] = purchasing.list_orders(session)
    assert done.supplier == "Shades Ltd"


def test_a_no_is_a_no(shop: Engine) -> None:
    shown = propose(shop, "buyer", order())
    acting = as_person(shop, "buyer")
    outcome = TOOLBOX.decide(shop, acting, shown.id, "reject", seen=shown.digest, reason="too many")

    assert outcome.state == "rejected"
    with pytest.raises(ProposalClosed, match="too many"):
        approve(shop, "manager", shown)
    assert orders(shop) == 0


def test_what_was_done_is_undone_by_a_proposal_of_its_own(shop: Engine) -> None:
    shown = propose(shop, "buyer", order(), order("SHADE-02", 20))
    with pytest.raises(NothingToUndo):
        TOOLBOX.undo(shop, as_person(shop, "buyer"), shown.id)
    approve(shop, "buyer", shown)

    back = TOOLBOX.undo(shop, as_person(shop, "buyer"), shown.id)
    assert back.undoes == shown.id
    assert any("placed → cancelled" in line for line in back.effect.lines("en"))
    approve(shop, "buyer", back)

    with reading(shop) as session:
        assert {o.state.value for o in purchasing.list_orders(session)} == {"cancelled"}
    books_are_right(shop)


def test_ordering_receiving_billing_and_paying_take_four_hands(shop: Engine) -> None:
    approve(shop, "allrounder", propose(shop, "allrounder", order()))
    steps: list[dict[str, Any]] = [
        {"tool": "purchasing.receive_order", "arguments": {"order": "PO-00001"}},
        {
            "tool": "purchasing.bill_order",
            "arguments": {"order": "PO-00001", "supplier_reference": "L-1"},
        },
        {"tool": "invoicing.pay_bill", "arguments": {"bill": "BILL-00001"}},
    ]
    hands = {"purchasing.receive_order": "warehouse", "purchasing.bill_order": "accountant"}
    for step in steps:
        shown = propose(shop, "allrounder", step)
        with pytest.raises(DutiesInOneHand):
            approve(shop, "allrounder", shown)
        looked = TOOLBOX.look(shop, as_person(shop, "allrounder"), shown.id)
        assert not looked.may_decide
        if step["tool"] == "invoicing.pay_bill":
            with pytest.raises(DutiesInOneHand):
                approve(shop, "accountant", shown)
        assert approve(shop, hands.get(step["tool"], "manager"), shown).state == "executed"
    books_are_right(shop)


def test_a_flood_of_proposals_is_stopped(shop: Engine) -> None:
    for quantity in range(1, 21):
        propose(shop, "buyer", order(quantity=quantity))

    with pytest.raises(TooManyOpenProposals):
        propose(shop, "buyer", order(quantity=21))


def test_the_trail_tells_who_asked_who_approved_and_what_was_refused(shop: Engine) -> None:
    with pytest.raises(NotPermitted):
        propose(shop, "sales", order())
    large = propose(shop, "buyer", order(quantity=700))
    approve(shop, "manager", large)

    with reading(shop) as session:
        records = session.scalars(
            select(AuditRecord).where(AuditRecord.proposal_id == large.id)
        ).all()
        refused = session.scalars(
            select(AuditRecord).where(AuditRecord.name == "tools.call_refused")
        ).one()
    assert refused.person == "sales"
    assert {record.person for record in records} == {"manager"}
    assert {record.name for record in records} >= {
        "approvals.proposal_decided",
        "approvals.proposal_closed",
        "purchasing.order_placed",
    }
    assert all('"on_behalf_of":"buyer"' in record.body for record in records)
