"""Whatever is agreed, changed, held, delivered, invoiced and taken back: trade stays consistent."""

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from core import inventory, parties, purchasing, sales
from core.compliance import verify_books
from core.invoicing import InvoiceKind
from core.kernel.company import company
from core.kernel.database import rehearsal
from core.kernel.money import Money
from core.ledger import Account, Posting, Side
from core.ledger.chart import RECEIVABLE
from core.processes import drop_shipment
from core.processes.credit import credit_document
from core.purchasing import GoodsReceipt, PurchaseOrder, PurchaseOrderLine, requisitions
from core.purchasing.requisitions import Requisition, RequisitionLine
from core.sales import (
    CreditPolicy,
    Delivery,
    InvoicePolicy,
    LineChange,
    MilestoneDraft,
    MilestoneWhen,
    OrderChange,
    OrderLineDraft,
    OrderTerms,
    SalesOrder,
    SalesOrderLine,
    SalesReturn,
)
from tests.conftest import Databases
from tests.core.test_random_histories import CUSTOMERS, SUPPLIERS, Player

STEPS_MAX = 18
# Examples of each property: every day, and in the long run. Failing ones are shrunk by hand:
# a shorter story is another story, and looking for it takes minutes.
FEW, MANY = 4, 25
POLICIES = (
    OrderTerms(),
    OrderTerms(invoice_policy=InvoicePolicy.ON_ORDER),
    OrderTerms(
        invoice_policy=InvoicePolicy.MILESTONES,
        milestones=(
            MilestoneDraft("signed", Decimal(30), MilestoneWhen.ON_ORDER),
            MilestoneDraft("built", Decimal("33.3333"), MilestoneWhen.REACHED),
            MilestoneDraft("delivered", Decimal("36.6667"), MilestoneWhen.ON_DELIVERY),
        ),
    ),
)


@pytest.fixture(scope="module")
def playground(databases: Databases) -> Engine:
    """One shop for all examples: each only rehearses."""
    return databases("shop")


class Trader(Player):
    """Does what the rooms of trade allow beyond the simple road."""

    def any_of(self, table: type[SalesReturn | Requisition]) -> str:
        numbers = self.session.scalars(select(table.number).order_by(table.number)).all()
        return self.choose.choice(numbers) if numbers else "NONE-1"

    def set_policy(self) -> None:
        days = self.choose.choice([None, 0, 30])
        sales.set_policy(self.session, CreditPolicy(self.choose.random() < 0.7, days))

    def sell_by_policy(self) -> None:
        customer = parties.find_customer(self.session, self.choose.choice(CUSTOMERS))
        lines = [
            OrderLineDraft(
                self.item(),
                self.quantity(15),
                Decimal(self.choose.randint(1, 40_000)) / 100,
                drop_shipped=self.choose.random() < 0.25,
            )
            for _ in range(self.choose.randint(1, 3))
        ]
        terms = self.choose.choice(POLICIES)
        sales.confirm_order(self.session, customer=customer, lines=lines, terms=terms)

    def change_sale(self) -> None:
        change = LineChange(
            quantity=self.quantity(25),
            unit_price=self.choose.choice([None, Decimal("7.77")]),
        )
        added = [OrderLineDraft(self.item(), self.quantity(5), Decimal(3))]
        chosen = self.choose.choice(
            [
                OrderChange(lines={1: change}),
                OrderChange(added=added),
                OrderChange(removed=[self.choose.randint(1, 3)]),
                OrderChange(discount_percent=Decimal(self.choose.randint(0, 20))),
            ]
        )
        sales.change_order(self.session, self.number_of(SalesOrder), chosen)

    def hold_sale(self) -> None:
        sales.hold_order(self.session, self.number_of(SalesOrder), because="random")

    def release_sale(self) -> None:
        sales.release_order(self.session, self.number_of(SalesOrder), because="random")

    def reach_milestone(self) -> None:
        sales.reach_milestone(self.session, self.number_of(SalesOrder), 2)

    def invoice_together(self) -> None:
        numbers = {self.number_of(SalesOrder) for _ in range(3)}
        sales.invoice_orders(self.session, sorted(numbers))

    def allow_return(self) -> None:
        sales.authorise_return(
            self.session,
            delivery=self.number_of(Delivery),
            resolution=self.choose.choice(list(sales.Resolution)),
            fee_percent=Decimal(self.choose.choice([0, 10])),
            because="random",
        )

    def receive_return(self) -> None:
        part = {1: self.quantity(3)} if self.choose.random() < 0.4 else None
        sales.receive_return(
            self.session,
            self.any_of(SalesReturn),
            quantities=part,
            scrapped=self.choose.random() < 0.2,
            credits_now=self.choose.random() < 0.6,
        )

    def credit_return(self) -> None:
        sales.credit_return(self.session, self.any_of(SalesReturn))

    def credit_any(self) -> None:
        number = self.invoice(InvoiceKind.CUSTOMER_INVOICE, InvoiceKind.SUPPLIER_BILL)
        credit_document(self.session, number, because="random")

    def order_drop_shipment(self) -> None:
        supplier = parties.find_supplier(self.session, self.choose.choice(SUPPLIERS))
        prices = {place: Decimal("2.22") for place in range(1, 6)}
        drop_shipment.order_for_customer(
            self.session, self.number_of(SalesOrder), supplier=supplier, prices=prices
        )

    def ship_directly(self) -> None:
        part = {1: self.quantity(5)} if self.choose.random() < 0.5 else None
        drop_shipment.supplier_has_shipped(
            self.session, self.number_of(PurchaseOrder), quantities=part
        )

    def take_back_shipment(self) -> None:
        drop_shipment.take_back(self.session, self.number_of(Delivery), because="random")

    def need(self) -> None:
        needs = [requisitions.Need(self.item(), self.quantity()) for _ in range(2)]
        today = company(self.session).today
        written = requisitions.write_requisition(
            self.session, needs, needed_on=today, because="random"
        )
        written.asked_by = "somebody else"
        requisitions.approve_requisition(self.session, written.number)

    def order_need(self) -> None:
        part = {1: self.quantity(10)} if self.choose.random() < 0.5 else None
        requisitions.order_requisition(self.session, self.any_of(Requisition), quantities=part)

    def change_purchase(self) -> None:
        change = purchasing.LineChange(
            quantity=self.quantity(50), unit_price=self.choose.choice([None, Decimal("1.11")])
        )
        purchasing.change_order(
            self.session, self.number_of(PurchaseOrder), lines={1: change}, because="random"
        )

    def close_purchase(self) -> None:
        purchasing.close_order(self.session, self.number_of(PurchaseOrder), because="random")

    def receive_some(self) -> None:
        rejected = {1: purchasing.Rejected(self.quantity(2), "broken")}
        purchasing.receive_order(
            self.session,
            self.number_of(PurchaseOrder),
            quantities={1: self.quantity(10)},
            rejected=rejected if self.choose.random() < 0.5 else None,
        )

    def send_some_back(self) -> None:
        purchasing.return_receipt(
            self.session,
            self.number_of(GoodsReceipt),
            quantities={1: self.quantity(4)},
            because="random",
        )

    def book_credit_of_supplier(self) -> None:
        purchasing.credit_return(self.session, self.number_of(PurchaseOrder))

    def write_off(self) -> None:
        purchasing.write_off_unbilled(self.session, self.number_of(PurchaseOrder), because="random")


# The road first, so that the examples have something to go on with.
SELLING: tuple[Callable[[Trader], None], ...] = (
    Trader.sell_by_policy,
    Trader.deliver,
    Trader.invoice_sale,
    Trader.invoice_together,
    Trader.change_sale,
    Trader.cancel_sale,
    Trader.take_back_delivery,
    Trader.allow_return,
    Trader.receive_return,
    Trader.credit_return,
    Trader.credit_any,
    Trader.customer_pays,
    Trader.set_policy,
    Trader.hold_sale,
    Trader.release_sale,
    Trader.reach_milestone,
    Trader.order_drop_shipment,
    Trader.ship_directly,
    Trader.take_back_shipment,
)
BUYING: tuple[Callable[[Trader], None], ...] = (
    Trader.order_goods,
    Trader.receive_some,
    Trader.receive_goods,
    Trader.book_bill,
    Trader.send_some_back,
    Trader.send_goods_back,
    Trader.book_credit_of_supplier,
    Trader.credit_any,
    Trader.change_purchase,
    Trader.close_purchase,
    Trader.cancel_purchase,
    Trader.write_off,
    Trader.need,
    Trader.order_need,
)


def whole(*verbs: Callable[[Trader], None]) -> st.SearchStrategy[list[Callable[[Trader], None]]]:
    """Return any row of verbs that begins with enough to go on with."""
    begun = [verbs[0], verbs[1], verbs[2]] * 2
    rest = st.lists(st.sampled_from(verbs), min_size=6, max_size=STEPS_MAX)
    return rest.map(lambda more: [*begun, *more])


def owed(session: Session) -> dict[UUID, int]:
    """Return what the receivable account says that each customer owes us."""
    rows = session.execute(
        select(Posting.party_id, Posting.side, Posting.base_minor)
        .join(Account, Account.id == Posting.account_id)
        .where(Account.role == RECEIVABLE)
    )
    balances: dict[UUID, int] = defaultdict(int)
    for party_id, side, minor in rows:
        if party_id is not None:
            balances[party_id] += minor if side is Side.DEBIT else -minor
    return balances


def ordered(session: Session) -> dict[UUID, int]:
    """Return what orders that stand will add to it, counted line by line."""
    rows = session.execute(
        select(SalesOrder.customer_id, SalesOrderLine)
        .join(SalesOrderLine, SalesOrderLine.order_id == SalesOrder.id)
        .where(SalesOrder.state.not_in(["cancelled", "draft", "held"]))
    )
    values: dict[UUID, int] = defaultdict(int)
    for customer_id, line in rows:
        left = line.quantity - line.returned_quantity - line.invoiced_quantity
        if left > 0:
            exact = line.net_amount * left / line.quantity
            values[customer_id] += Money.rounding(exact, "EUR").minor
    return values


def sales_agree(session: Session) -> None:
    """Compare lines with themselves, and exposure with the ledger and the orders."""
    session.expire_all()
    for line in session.scalars(select(SalesOrderLine)):
        assert 0 <= line.returned_quantity <= line.delivered_quantity <= line.quantity
        ahead = line.quantity if line.invoiced_ahead else line.delivered_quantity
        assert 0 <= line.invoiced_quantity <= ahead
    owing, promised = owed(session), ordered(session)
    for customer in parties.list_customers(session):
        found = sales.exposure_of(session, customer.party_id).minor
        expected = owing[customer.party_id] + promised[customer.party_id]
        assert found == expected, (customer.party_id, found, expected)


def purchases_agree(session: Session) -> None:
    """Compare lines with themselves, and needs with the orders that cover them."""
    session.expire_all()
    for line in session.scalars(select(PurchaseOrderLine)):
        assert line.received_quantity >= 0
        assert line.billed_quantity >= 0
        # What is written off may be below zero (billed, sent back, and never credited), and more
        # than what is here (sent back since): verify holds it against its documents.
    covered = select(
        PurchaseOrderLine.pegged_line_id, PurchaseOrderLine.quantity, PurchaseOrder.state
    ).join(PurchaseOrder, PurchaseOrder.id == PurchaseOrderLine.order_id)
    standing = {line for line, _, state in session.execute(covered) if state != "cancelled"}
    for need in session.scalars(select(RequisitionLine)):
        assert bool(need.ordered_quantity) == (need.id in standing)


@settings(max_examples=FEW, phases=[Phase.generate])
@given(verbs=whole(*SELLING), seed=st.integers(0, 10**6))
def test_what_customers_owe_is_their_orders_and_invoices_after_any_mixture(
    playground: Engine, verbs: list[Callable[[Trader], None]], seed: int
) -> None:
    sell(playground, verbs, seed)


@pytest.mark.long
@settings(max_examples=MANY, phases=[Phase.generate])
@given(verbs=whole(*SELLING), seed=st.integers(0, 10**6))
def test_what_customers_owe_is_their_orders_and_invoices_after_many_mixtures(
    playground: Engine, verbs: list[Callable[[Trader], None]], seed: int
) -> None:
    sell(playground, verbs, seed)


def sell(playground: Engine, verbs: list[Callable[[Trader], None]], seed: int) -> None:
    """Do one thing after another with sales, and look at all of them after each."""
    with rehearsal(playground) as session:
        trader = Trader(session, seed)
        for verb in verbs:
            trader.do(verb)
            sales_agree(session)
        assert verify_books(session) == [], trader.outcomes
        assert inventory.stock_of(session, trader.item()).on_hand >= 0


@settings(max_examples=FEW, phases=[Phase.generate])
@given(verbs=whole(*BUYING), seed=st.integers(0, 10**6))
def test_what_suppliers_brought_is_owed_until_it_is_billed_after_any_mixture(
    playground: Engine, verbs: list[Callable[[Trader], None]], seed: int
) -> None:
    buy(playground, verbs, seed)


@pytest.mark.long
@settings(max_examples=MANY, phases=[Phase.generate])
@given(verbs=whole(*BUYING), seed=st.integers(0, 10**6))
def test_what_suppliers_brought_is_owed_until_it_is_billed_after_many_mixtures(
    playground: Engine, verbs: list[Callable[[Trader], None]], seed: int
) -> None:
    buy(playground, verbs, seed)


def buy(playground: Engine, verbs: list[Callable[[Trader], None]], seed: int) -> None:
    """Do one thing after another with purchases, and look at all of them after each."""
    with rehearsal(playground) as session:
        trader = Trader(session, seed)
        for verb in verbs:
            trader.do(verb)
            purchases_agree(session)
        # Among it: goods received, not billed, are receipts less bills, of every line and in all.
        assert verify_books(session) == [], trader.outcomes
