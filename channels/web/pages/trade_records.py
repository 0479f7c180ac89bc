"""Records of trade: quotations, returns, deliveries, receipts, needs, requests, payments."""

from sqlalchemy.orm import Session

from channels.web.elements import figure
from channels.web.layout import Visit
from channels.web.pages.shown import Reads, Shown, item_link, named
from core import invoicing, purchasing, sales
from core.inventory.valuation.queries import landed_cost_view
from core.invoicing.queries import settled_by_payment
from core.kernel.errors import NotPermitted
from core.kernel.money import Money
from core.kernel.semantics import COSTS
from core.kernel.words import word
from core.parties import Party
from core.purchasing.quotes import find_request
from core.purchasing.requisitions import find_requisition
from tools.parties import ShowSupplier, show_supplier


def _quotation(session: Session, number: str, visit: Visit) -> Shown:
    view = sales.view_quotation(session, number)
    t, language = visit.t, visit.language
    return Shown(
        title=f"{word('quotation', language)} {view.number}",
        facts=[
            (t("party"), f"{view.party_number} {named(view.party, view.party_zh, language)}"),
            (t("state"), word(view.state, language)),
            (t("version"), str(view.version) if view.newest > 1 else ""),
            (t("quoted_on"), view.quoted_on.isoformat()),
            (t("valid_until"), view.valid_until.isoformat()),
            (t("promised_on"), view.promised_on.isoformat() if view.promised_on else ""),
            (t("net"), str(view.net)),
            (t("total"), str(view.total)),
            (t("reference"), view.reference or ""),
            (t("because"), view.declined_because or ""),
            (t("orders"), ", ".join(view.orders)),
        ],
        columns=[
            ("#", "number"),
            (t("item"), ""),
            (t("quantity"), "number"),
            (t("unit_price"), "number"),
            (t("discount"), "number"),
            (t("net"), "number"),
            (t("option"), ""),
            (t("ordered"), "number"),
        ],
        rows=[
            (
                str(line.position),
                item_link(line.sku, named(line.name, line.name_zh, language)),
                figure(line.quantity),
                figure(line.unit_price),
                figure(line.discount_percent, "percent"),
                figure(line.net_amount, view.total.currency),
                _choice(visit, optional=line.optional, instead_of=line.instead_of),
                figure(line.ordered),
            )
            for line in view.lines
        ],
    )


def _choice(visit: Visit, *, optional: bool, instead_of: int | None) -> str:
    if instead_of is not None:
        return visit.t("instead_of", position=instead_of)
    return visit.t("optional") if optional else ""


def _return(session: Session, number: str, visit: Visit) -> Shown:
    view = sales.view_return(session, number)
    t, language = visit.t, visit.language
    return Shown(
        title=f"{word('sales_return', language)} {view.number}",
        facts=[
            (t("customer"), view.customer),
            (t("state"), word(view.state, language)),
            (t("at"), view.authorised_on.isoformat()),
            (t("order"), view.order),
            (t("resolution"), word(view.resolution, language)),
            (t("fee"), figure(view.fee_percent, "percent") if view.fee_percent else ""),
            (t("because"), view.because),
        ],
        columns=[
            ("#", "number"),
            (t("item"), ""),
            (t("quantity"), "number"),
            (t("received"), "number"),
            (t("credited"), "number"),
        ],
        rows=[
            (
                str(line.position),
                item_link(line.sku, line.name),
                figure(line.quantity),
                figure(line.received),
                figure(line.credited),
            )
            for line in view.lines
        ],
    )


def _delivery(session: Session, number: str, visit: Visit) -> Shown:
    view = sales.view_delivery(session, number)
    t, language = visit.t, visit.language
    return Shown(
        title=f"{word('delivery', language)} {view.number}",
        facts=[
            (t("customer"), view.customer),
            (t("at"), view.delivered_on.isoformat()),
            (t("order"), view.order),
            (t("state_of_order"), word(view.state, language) if view.state else ""),
            (t("reverses"), view.returns or ""),
        ],
        columns=[(t("item"), ""), (t("quantity"), "number")],
        rows=[(item_link(sku, ""), figure(quantity)) for sku, quantity in view.goods],
    )


def _receipt(session: Session, number: str, visit: Visit) -> Shown:
    view = purchasing.view_receipt(session, number)
    t, language = visit.t, visit.language
    rejected = ", ".join(f"{sku} {figure(q)}: {why}" for sku, q, why in view.rejected)
    return Shown(
        title=f"{word('goods_receipt', language)} {view.number}",
        facts=[
            (t("supplier"), view.supplier),
            (t("at"), view.received_on.isoformat()),
            (t("order"), view.order),
            (t("state_of_order"), word(view.state, language)),
            (t("rejected_goods"), rejected),
            (t("reverses"), view.returns or ""),
        ],
        columns=[(t("item"), ""), (t("quantity"), "number")],
        rows=[(item_link(sku, ""), figure(quantity)) for sku, quantity in view.goods],
    )


def _requisition(session: Session, number: str, visit: Visit) -> Shown:
    view = find_requisition(session, number, lock=False)
    t, language = visit.t, visit.language
    return Shown(
        title=f"{word('requisition', language)} {view.number}",
        facts=[
            (t("state"), word(view.state, language)),
            (t("who"), view.asked_by),
            (t("approved_in"), view.approved_by or ""),
            (t("at"), view.asked_on.isoformat()),
            (t("needed_on"), view.needed_on.isoformat()),
            (t("needed_for"), view.needed_for or ""),
            (t("because"), view.because),
        ],
        columns=[
            ("#", "number"),
            (t("item"), ""),
            (t("quantity"), "number"),
            (t("ordered"), "number"),
            (t("supplier"), ""),
            (t("needed_for"), ""),
        ],
        rows=[
            (
                str(line.position),
                item_link(line.item.sku, named(line.item.name, line.item.name_zh, language)),
                figure(line.quantity),
                figure(line.ordered_quantity),
                line.supplier.name if line.supplier else "",
                line.pegged_to or "",
            )
            for line in view.lines
        ],
    )


def _request(session: Session, number: str, visit: Visit) -> Shown:
    _require_costs(visit, "quotation_request")
    view = find_request(session, number, lock=False)
    t, language = visit.t, visit.language
    names = {one.supplier_id: one.supplier.name for one in view.invited}
    asked = ", ".join(
        one.supplier.name
        + (f" ({t('declined')})" if one.declined else "" if one.answered_on else " …")
        for one in view.invited
    )
    rows: list[tuple[str | tuple[str, str], ...]] = []
    for line in view.lines:
        item = item_link(line.item.sku, named(line.item.name, line.item.name_zh, language))
        wanted = (figure(line.quantity), figure(line.awarded_quantity))
        rows += [
            (
                item,
                *wanted,
                names.get(price.supplier_id, ""),
                figure(price.minimum_quantity),
                f"{figure(price.unit_price)} {price.currency}",
                figure(price.lead_time_days),
            )
            for price in line.answers
        ] or [(item, *wanted, "–", "", "", "")]
    return Shown(
        title=f"{word('quotation_request', language)} {view.number}",
        facts=[
            (t("state"), word(view.state, language)),
            (t("at"), view.asked_on.isoformat()),
            (t("answer_by"), view.answer_by.isoformat()),
            (t("needed_for"), view.needed_for or ""),
            (t("asked_suppliers"), asked),
        ],
        columns=[
            (t("item"), ""),
            (t("quantity"), "number"),
            (t("awarded"), "number"),
            (t("supplier"), ""),
            (t("from_quantity"), "number"),
            (t("unit_price"), "number"),
            (t("lead_time"), "number"),
        ],
        rows=rows,
    )


def _landed_cost(session: Session, number: str, visit: Visit) -> Shown:
    _require_costs(visit, "landed_cost")
    view = landed_cost_view(session, number)
    t, language = visit.t, visit.language
    return Shown(
        title=f"{word('landed_cost', language)} {view.number}",
        facts=[
            (t("at"), view.charged_on.isoformat()),
            (t("amount"), str(view.amount)),
            (t("shared_by"), word(view.basis, language)),
            (t("document"), view.bill or ""),
            (t("receipts"), ", ".join(view.receipts)),
            (t("state"), word("cancelled", language) if view.cancelled_on else ""),
        ],
    )


def _payment(session: Session, number: str, visit: Visit) -> Shown:
    payment = invoicing.find_payment(session, number)
    party = session.get_one(Party, payment.party_id)
    t, language, currency = visit.t, visit.language, payment.currency
    left = Money(payment.open_minor, currency)
    return Shown(
        title=f"{word(payment.kind, language)} {payment.number}",
        facts=[
            (t("party"), f"{party.number} {named(party.name, party.name_zh, language)}"),
            (t("state"), word(payment.state, language)),
            (t("at"), payment.paid_on.isoformat()),
            (t("amount"), str(Money(payment.amount_minor, currency))),
            (t("still_open"), str(left) if left.minor else ""),
            (t("reference"), payment.reference or ""),
            (t("settles"), ", ".join(settled_by_payment(session, payment))),
        ],
    )


def _supplier(session: Session, number: str, visit: Visit) -> Shown:
    shown = show_supplier(session, ShowSupplier(supplier=number))
    view, t, language = shown.supplier, visit.t, visit.language
    place = ", ".join(part for part in (view.city, view.country) if part)
    return Shown(
        title=f"{view.number} {named(view.name, view.name_zh, language)}",
        facts=[
            (t("place_of_party"), place),
            (t("email"), view.email or ""),
            (t("phone"), view.phone or ""),
            (t("payment_days"), str(view.payment_days)),
            (t("we_owe"), str(shown.owed)),
            (t("state"), word("blocked", language) if view.blocked else ""),
        ],
        columns=[
            (t("kind"), ""),
            (t("document"), "nowrap"),
            (t("state"), ""),
            (t("due"), "nowrap"),
            (t("amount"), "number"),
        ],
        rows=[
            (
                word(one.kind, language),
                one.number,
                word(one.state, language),
                one.due,
                figure(one.amount, shown.owed.currency),
            )
            for one in shown.documents
        ],
    )


def _require_costs(visit: Visit, kind: str) -> None:
    if not visit.visitor.actor.roles & COSTS:
        raise NotPermitted(what=word(kind, visit.language), roles=", ".join(sorted(COSTS)))


TRADE_KINDS: dict[str, Reads] = {
    "quotation": _quotation,
    "sales_return": _return,
    "delivery": _delivery,
    "goods_receipt": _receipt,
    "requisition": _requisition,
    "quotation_request": _request,
    "landed_cost": _landed_cost,
    "customer_payment": _payment,
    "supplier_payment": _payment,
    "supplier": _supplier,
}
