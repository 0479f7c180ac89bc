"""One record: an order, an item, an invoice, a journal entry, a lead, with its lines."""

from urllib.parse import quote

from fastapi import Request
from sqlalchemy.orm import Session

from channels.web.elements import box, figure, link, page_of_record, say, say_linked, table
from channels.web.layout import BOOKKEEPERS, Visit
from channels.web.pages.customer import show_standing
from channels.web.pages.lists import LISTED_KINDS
from channels.web.pages.service_records import SERVICE_KINDS
from channels.web.pages.shown import Reads, Shown, item_link, named
from channels.web.pages.stock_records import STOCK_KINDS
from channels.web.pages.trade_records import TRADE_KINDS
from core import catalog, inventory, invoicing, ledger, purchasing, reporting, sales
from core.kernel.database import reading
from core.kernel.errors import BadInput, NotPermitted
from core.kernel.identity.roles import STAFF, Role
from core.kernel.words import capital, word
from core.reporting.provenance import Trace, UnknownDocument

# What is no document: nothing belongs to it as to one.
NO_DOCUMENTS = frozenset({"item", "lot", "customer", "supplier", "ticket", "article"})
MOVES_MAX = 30
LOTS_MAX = 20


async def build(visit: Visit, request: Request) -> None:
    """Show the record that the path names."""
    kind, number = request.url.path.split("/")[2], request.path_params["number"]
    roles = visit.visitor.actor.roles
    is_staff = bool(roles & STAFF)
    if kind == "customer" and is_staff:
        await show_standing(visit, number)
        return
    known = KINDS if is_staff else OF_CUSTOMERS if Role.CUSTOMER in roles else LISTED_KINDS
    reads = known.get(kind)
    if reads is None:
        raise BadInput(problem=kind[:40])
    if kind == "journal_entry" and not visit.visitor.actor.roles & BOOKKEEPERS:
        raise NotPermitted(what=visit.t("books"), roles=", ".join(sorted(BOOKKEEPERS)))

    def read() -> tuple[Shown, Trace | None]:
        with reading(visit.house.engine, visit.visitor.acting) as session:
            shown = reads(session, number, visit)
            if kind in NO_DOCUMENTS or not is_staff:
                return shown, None
            try:
                return shown, reporting.trace(session, number)
            except UnknownDocument:
                return shown, None

    shown, trace = await visit.house.run(read)
    with box("panel"):
        say(capital(shown.title), "panel-title")
        _show_facts(shown)
    if shown.rows:
        with box("panel"), box("panel-body"):
            table(shown.columns, shown.rows, classes="stacked", label=shown.title)
    if trace is not None:
        _show_trace(visit, trace)


def _show_facts(shown: Shown) -> None:
    with box("panel-body"), box("pairs", tag="dl"):
        for name, value in shown.facts:
            if not value:
                continue
            say(name, tag="dt")
            if isinstance(value, str):
                say_linked(value, tag="dd")
                continue
            with box("linked", tag="dd"):
                for text, to in value:
                    link(text, to)


def _show_trace(visit: Visit, trace: Trace) -> None:
    """Show what belongs to a document, where it is booked, and by whose yes."""
    t, language = visit.t, visit.language
    is_bookkeeper = bool(visit.visitor.actor.roles & BOOKKEEPERS)
    entries = trace.entries if is_bookkeeper and trace.kind != "journal_entry" else ()
    approvals = trace.approvals if is_bookkeeper else ()
    if not (trace.related or entries or approvals):
        return
    with box("panel"):
        say(t("belongs_to_it"), "panel-title")
        with box("panel-body"), box("pairs", tag="dl"):
            for kind in dict.fromkeys(one.kind for one in trace.related):
                say(word(kind, language), tag="dt")
                with box("linked", tag="dd"):
                    for one in trace.related:
                        to = page_of_record(one.kind, one.number)
                        if one.kind == kind and to is not None:
                            link(one.number, to)
                        elif one.kind == kind:
                            say(one.number, tag="span")
            if entries:
                say(t("booked"), tag="dt")
                with box("linked", tag="dd"):
                    for entry in entries:
                        link(entry.number, f"/record/journal_entry/{entry.number}")
            for approval in approvals:
                people = ", ".join(
                    f"{person} ({word(verdict, language)})"
                    for person, verdict, _ in approval.decisions
                )
                say(t("approved_in"), tag="dt")
                say_linked(f"{approval.number} · {approval.asked_by} → {people}", tag="dd")


def _sales_order(session: Session, number: str, visit: Visit) -> Shown:
    order = sales.view_order(session, number)
    t, language = visit.t, visit.language
    return Shown(
        title=f"{word('sales_order', language)} {order.number}",
        facts=[
            (
                t("customer"),
                f"{order.customer_number} {named(order.customer, order.customer_zh, language)}",
            ),
            (t("state"), word(order.state, language)),
            (t("held"), word(order.hold_reason, language) if order.hold_reason else ""),
            (t("ordered_on"), order.ordered_on.isoformat()),
            (t("promised_on"), order.promised_on.isoformat()),
            (t("net"), str(order.net)),
            (t("total"), str(order.total)),
            (t("deliveries"), ", ".join(order.deliveries)),
        ],
        columns=[
            ("#", "number"),
            (t("item"), ""),
            (t("quantity"), "number"),
            (t("unit_price"), "number"),
            (t("discount"), "number"),
            (t("net"), "number"),
            (t("delivered"), "number"),
            (t("invoiced"), "number"),
        ],
        rows=[
            (
                str(line.position),
                item_link(line.sku, named(line.name, line.name_zh, language)),
                figure(line.quantity),
                figure(line.unit_price),
                figure(line.discount_percent, "percent"),
                figure(line.net_amount, order.total.currency),
                figure(line.delivered),
                figure(line.invoiced),
            )
            for line in order.lines
        ],
    )


def _purchase_order(session: Session, number: str, visit: Visit) -> Shown:
    order = purchasing.view_order(session, number)
    t, language = visit.t, visit.language
    return Shown(
        title=f"{word('purchase_order', language)} {order.number}",
        facts=[
            (
                t("supplier"),
                f"{order.supplier_number} {named(order.supplier, order.supplier_zh, language)}",
            ),
            (t("state"), word(order.state, language)),
            (t("ordered_on"), order.ordered_on.isoformat()),
            (t("expected_on"), order.expected_on.isoformat()),
            (t("net"), str(order.net)),
            (t("total"), str(order.total)),
            (t("receipts"), ", ".join(order.receipts)),
        ],
        columns=[
            ("#", "number"),
            (t("item"), ""),
            (t("quantity"), "number"),
            (t("unit_price"), "number"),
            (t("discount"), "number"),
            (t("net"), "number"),
            (t("received"), "number"),
            (t("billed"), "number"),
        ],
        rows=[
            (
                str(line.position),
                item_link(line.sku, named(line.name, line.name_zh, language)),
                figure(line.quantity),
                figure(line.unit_price),
                figure(line.discount_percent, "percent"),
                figure(line.net_amount, order.total.currency),
                figure(line.received),
                figure(line.billed),
            )
            for line in order.lines
        ],
    )


def _item(session: Session, sku: str, visit: Visit) -> Shown:
    item = catalog.find_item(session, sku)
    stock = inventory.stock_of(session, item)
    rule = inventory.reorder_rule_or_none(session, item)
    t, language = visit.t, visit.language
    return Shown(
        title=f"{item.sku} {named(item.name, item.name_zh, language)}",
        facts=[
            (t("on_hand"), f"{figure(stock.on_hand)} {item.unit_code}"),
            (t("reserved"), figure(stock.reserved)),
            (t("in_transit"), figure(stock.in_transit) if stock.in_transit else ""),
            (t("held"), figure(stock.held) if stock.held else ""),
            (t("available"), figure(stock.available)),
            (
                t("place"),
                ", ".join(
                    f"{place.location} {figure(place.on_hand)}" for place in stock.by_location
                ),
            ),
            (
                t("lots"),
                [
                    (
                        f"{lot.number} {figure(lot.on_hand)}"
                        + (f" ≤ {lot.expires_on.isoformat()}" if lot.expires_on else ""),
                        f"/record/lot/{quote(f'{lot.number}@{item.sku}', safe='')}",
                    )
                    for lot in inventory.lots_of(session, item, limit=LOTS_MAX)
                ],
            ),
            (
                t("on_order"),
                figure(purchasing.on_order(session, [item.id]).get(item.id, 0)),
            ),
            (t("minimum"), f"{figure(rule[0])} → {figure(rule[1])}" if rule else ""),
            (t("stock_value"), str(stock.value)),
        ],
        columns=[
            (t("at"), "nowrap"),
            (t("from"), ""),
            (t("to"), ""),
            (t("quantity"), "number"),
            (t("stock_value"), "number"),
            (t("document"), ""),
        ],
        rows=[
            (
                move.moved_on.isoformat(),
                move.source,
                move.target,
                figure(move.quantity),
                str(move.value),
                move.origin,
            )
            for move in inventory.list_moves(session, item, limit=MOVES_MAX)
        ],
    )


def _invoice(session: Session, number: str, visit: Visit) -> Shown:
    invoice = invoicing.invoice_view(session, invoicing.find_invoice(session, number))
    t, language = visit.t, visit.language
    return Shown(
        title=f"{word(invoice.kind, language)} {invoice.number}",
        facts=[
            (t("party"), f"{invoice.party_number} {invoice.party}"),
            (t("state"), word(invoice.state, language)),
            (t("posted_on"), invoice.posted_on.isoformat()),
            (t("due_on"), invoice.due_on.isoformat()),
            (t("net"), str(invoice.net)),
            (t("tax"), str(invoice.tax)),
            (t("total"), str(invoice.total)),
            (t("still_open"), str(invoice.open)),
            (t("document"), invoice.origin),
            (t("reference"), invoice.reference or ""),
            (word("journal_entry", language), invoice.entry),
            (
                t("settled_by"),
                ", ".join(f"{by} {on} {amount}" for by, on, amount in invoice.settled_by),
            ),
        ],
        columns=[
            (t("detail"), ""),
            (t("quantity"), "number"),
            (t("unit_price"), "number"),
            (t("net"), "number"),
            (t("tax"), "number"),
        ],
        rows=[
            (
                line.description,
                figure(line.quantity),
                figure(line.unit_price),
                str(line.net),
                str(line.tax),
            )
            for line in invoice.lines
        ],
    )


def _journal_entry(session: Session, number: str, visit: Visit) -> Shown:
    entry = ledger.entry_view(session, number)
    t, language = visit.t, visit.language
    return Shown(
        title=f"{word('journal_entry', language)} {entry.number}",
        facts=[
            (t("posted_on"), entry.posted_on.isoformat()),
            (t("detail"), entry.memo),
            (t("document"), entry.origin),
            (t("reverses"), entry.reverses or ""),
            (t("reversed_by"), entry.reversed_by or ""),
        ],
        columns=[
            (t("account"), ""),
            (t("party"), ""),
            (t("debit"), "number"),
            (t("credit"), "number"),
        ],
        rows=[
            (
                f"{line.account} {named(line.account_name, line.account_name_zh, language)}",
                line.party,
                str(line.debit or ""),
                str(line.credit or ""),
            )
            for line in entry.lines
        ],
    )


# What has no page of its own is shown by what its room declares of it for lists.
KINDS: dict[str, Reads] = {
    **LISTED_KINDS,
    "sales_order": _sales_order,
    "purchase_order": _purchase_order,
    "item": _item,
    "invoice": _invoice,
    "journal_entry": _journal_entry,
    **dict.fromkeys(
        (
            "customer_invoice",
            "customer_credit_note",
            "supplier_bill",
            "supplier_credit_note",
            "open_item",
        ),
        _invoice,
    ),
    **STOCK_KINDS,
    **TRADE_KINDS,
    **SERVICE_KINDS,
}
# Who is not of the staff sees of a record what the lists let them see of it, and only their own.
OF_CUSTOMERS: dict[str, Reads] = {**LISTED_KINDS, **SERVICE_KINDS}
