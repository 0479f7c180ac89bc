"""What the invoices and bills of orders of another system say, line by line."""

import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal

from core.catalog import Item, ItemKind
from core.invoicing import InvoiceDraftLine
from core.kernel.company import Company
from core.kernel.money import Money
from core.ledger import tax
from core.ledger.chart import (
    FREIGHT_EXPENSE,
    FREIGHT_INCOME,
    GOODS_RECEIVED_NOT_BILLED,
    OPERATING_EXPENSE,
    REVENUE,
    SERVICE_REVENUE,
)
from core.ledger.tax import Component, TaxPart, TaxUse
from core.processes.history.orders import (
    HistoricPurchaseLine,
    HistoricPurchaseOrder,
    HistoricSalesLine,
    HistoricSalesOrder,
    Written,
    sold,
)

FREIGHT = "Freight"
_ZERO, _ONE = Decimal(0), Decimal(1)


def invoice_lines(
    written: Written[HistoricSalesOrder],
    items: Mapping[uuid.UUID, Item],
    ours: Company,
    component: Component | None,
) -> list[InvoiceDraftLine]:
    """Return what an order was invoiced: its lines, its tax spread over them, and its freight."""
    order = written.order
    invoiced = [
        (line_id, line, quantity)
        for line_id, line in zip(written.line_ids, order.lines, strict=True)
        if (quantity := sold(order, line)[1])
    ]
    nets = [_part(line, quantity, ours) for _, line, quantity in invoiced]
    taxes = _taxes(order, nets, ours, component, TaxUse.OUTPUT)
    drafts = [
        _draft(
            line_id,
            line,
            quantity,
            items[line.item_id],
            net,
            parts,
            account=SERVICE_REVENUE if items[line.item_id].kind is ItemKind.SERVICE else REVENUE,
        )
        for (line_id, line, quantity), net, parts in zip(invoiced, nets, taxes, strict=True)
    ]
    return drafts + _freight(order, nets, ours, FREIGHT_INCOME)


def bill_lines(
    written: Written[HistoricPurchaseOrder],
    items: Mapping[uuid.UUID, Item],
    ours: Company,
    component: Component | None,
) -> list[InvoiceDraftLine]:
    """Return what an order was billed: what came at its price, its tax, and its freight."""
    order = written.order
    billed = [
        (line_id, line)
        for line_id, line in zip(written.line_ids, order.lines, strict=True)
        if line.billed_quantity
    ]
    nets = [_part(line, line.billed_quantity, ours) for _, line in billed]
    taxes = _taxes(order, nets, ours, component, TaxUse.INPUT)
    drafts = [
        _draft(
            line_id,
            line,
            line.billed_quantity,
            items[line.item_id],
            net,
            parts,
            account=GOODS_RECEIVED_NOT_BILLED
            if items[line.item_id].kind is ItemKind.STOCKED
            else OPERATING_EXPENSE,
        )
        for (line_id, line), net, parts in zip(billed, nets, taxes, strict=True)
    ]
    return drafts + _freight(order, nets, ours, FREIGHT_EXPENSE)


def received_value(line: HistoricPurchaseLine, ours: Company) -> Money:
    """Return what came of a line at its price."""
    return _part(line, line.received_quantity, ours)


def _part(
    line: HistoricSalesLine | HistoricPurchaseLine, quantity: Decimal, ours: Company
) -> Money:
    exact = line.net_amount
    if quantity != line.quantity:
        exact = exact * quantity / line.quantity
    return Money.rounding(exact, ours.currency, ours.rounding)


def _share(order: HistoricSalesOrder | HistoricPurchaseOrder, nets: Sequence[Money]) -> Decimal:
    """Return which part of an order its document is about, to share tax and freight by."""
    whole = sum((line.net_amount for line in order.lines), _ZERO)
    if isinstance(order, HistoricSalesOrder):
        entire = all(sold(order, line)[1] == line.quantity for line in order.lines)
    else:
        entire = all(line.billed_quantity == line.quantity for line in order.lines)
    if not whole or entire:
        return _ONE
    part = sum((net.amount for net in nets), _ZERO)
    return part / whole


def _taxes(
    order: HistoricSalesOrder | HistoricPurchaseOrder,
    nets: Sequence[Money],
    ours: Company,
    component: Component | None,
    use: TaxUse,
) -> list[tuple[TaxPart, ...]]:
    amount = order.tax.times(_share(order, nets), ours.rounding)
    if component is None or not amount.minor or not any(net.minor for net in nets):
        return [()] * len(nets)
    account = component.account(use)
    shares = [amount] if len(nets) == 1 else tax.spread(amount, nets)
    return [
        (TaxPart(component, use, account, net, part),)
        for net, part in zip(nets, shares, strict=True)
    ]


def _freight(
    order: HistoricSalesOrder | HistoricPurchaseOrder,
    nets: Sequence[Money],
    ours: Company,
    account: str,
) -> list[InvoiceDraftLine]:
    amount = order.freight.times(_share(order, nets), ours.rounding)
    if not nets or not amount.minor:
        return []
    return [
        InvoiceDraftLine(
            item_id=None,
            description=FREIGHT,
            quantity=_ONE,
            unit_price=amount.amount,
            discount_percent=_ZERO,
            tax_code=None,
            account=account,
            net=amount,
            taxes=(),
        )
    ]


def _draft(
    line_id: uuid.UUID,
    line: HistoricSalesLine | HistoricPurchaseLine,
    quantity: Decimal,
    item: Item,
    net: Money,
    parts: tuple[TaxPart, ...],
    *,
    account: str,
) -> InvoiceDraftLine:
    return InvoiceDraftLine(
        item_id=item.id,
        description=f"{item.sku} {item.name}",
        quantity=quantity,
        unit_price=line.unit_price,
        discount_percent=line.discount_percent,
        tax_code=parts[0].component.code if parts else None,
        account=account,
        order_line_id=line_id,
        net=net,
        taxes=parts,
    )
