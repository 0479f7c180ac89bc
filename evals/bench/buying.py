"""Procure to pay in hand-written SQL: order, receive, bill, pay."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from core.kernel import clock
from core.kernel.identifiers import new_id
from evals.bench.by_hand import ByHand, Document, Line, Run, Told


class BuyingByHand(ByHand):
    """Buys as the services do, without them."""

    def procure_to_pay(
        self, supplier: str, wanted: Sequence[tuple[str, Decimal]], told: dict[str, list[Told]]
    ) -> None:
        """Order, receive, bill and pay the goods of one order, in four transactions.

        `told` holds what the services said in each step of such an order.
        """
        order, party, name, days, lines = self._order(supplier, wanted, told["order"])
        self._receive(order, name, lines, told["receive"])
        bill, total = self._bill(order, party, name, days, lines, told["bill"])
        self.pay(bill, party, name, total, told["pay"], sale=False)

    def _order(
        self, supplier: str, wanted: Sequence[tuple[str, Decimal]], told: list[Told]
    ) -> tuple[str, uuid.UUID, str, int, list[Line]]:
        with self.transaction() as run:
            party, name, days = run(
                "SELECT party_id, name, payment_days FROM supplier"
                " JOIN party ON party.id = party_id WHERE number = %s FOR SHARE OF supplier",
                (supplier,),
            ).fetchone()
            offers = {
                sku: (item, called, price, lead)
                for sku, item, called, price, lead in run(
                    "SELECT DISTINCT ON (sku) sku, item.id, item.name, unit_price, lead_time_days"
                    " FROM item JOIN supplier_offer ON item_id = item.id"
                    " WHERE sku = ANY(%s) AND supplier_id = %s AND minimum_quantity <= %s"
                    " AND coalesce(valid_from <= %s, true) AND coalesce(valid_until >= %s, true)"
                    " ORDER BY sku, unit_price",
                    (
                        *([sku for sku, _ in wanted], party, min(each for _, each in wanted)),
                        *(self.today, self.today),
                    ),
                )
            }
            lines = [Line(new_id(), *offers[sku][:2], each, offers[sku][2]) for sku, each in wanted]
            net, tax = sum(line.net for line in lines), sum(line.tax for line in lines)
            self._on_order(run, lines)
            due_on = [self.today + timedelta(days=offers[sku][3]) for sku, _ in wanted]
            number, order, at = self.next(run, "PO"), new_id(), clock.now()
            run(
                "INSERT INTO purchase_order (id, created_at, number, supplier_id, state,"
                " ordered_on, expected_on, currency, net_minor, tax_minor, freight_minor,"
                " total_minor, imported)"
                " VALUES (%s, %s, %s, %s, 'placed', %s, %s, 'EUR', %s, %s, 0, %s, false)",
                (order, at, number, party, self.today, max(due_on), net, tax, net + tax),
            )
            run.many(
                "INSERT INTO purchase_order_line (id, created_at, order_id, position, item_id,"
                " quantity, unit_price, discount_percent, net_amount, due_on, received_quantity,"
                " rejected_quantity, billed_quantity)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, 0, %s, %s, 0, 0, 0)",
                [
                    (
                        *(line.id, at, order, place, line.item, line.quantity),
                        *(line.price, line.quantity * line.price, due_on[place - 1]),
                    )
                    for place, line in enumerate(lines, start=1)
                ],
            )
            self.tell(run, told, {"number": number, "origin": number})
        return number, party, name, days, lines

    def _receive(self, order: str, name: str, lines: list[Line], told: list[Told]) -> None:
        with self.transaction() as run:
            order_id = run(
                "SELECT id FROM purchase_order WHERE number = %s FOR NO KEY UPDATE", (order,)
            ).fetchone()[0]
            run(
                "SELECT item_id, quantity, received_quantity FROM purchase_order_line"
                " WHERE order_id = %s",
                (order_id,),
            )
            self.lock_shelves(run, lines)
            self._on_order(run, lines)
            number, receipt, at = self.next(run, "GR"), new_id(), clock.now()
            run(
                "INSERT INTO goods_receipt (id, created_at, number, order_id, received_on,"
                " location_id) VALUES (%s, %s, %s, %s, %s, %s)",
                (receipt, at, number, order_id, self.today, self.places["MAIN"]),
            )
            run.many(
                "INSERT INTO goods_receipt_line (id, created_at, receipt_id, order_line_id,"
                " quantity, value_minor) VALUES (%s, %s, %s, %s, %s, %s)",
                [(new_id(), at, receipt, line.id, line.quantity, line.net) for line in lines],
            )
            run(
                "UPDATE purchase_order_line SET received_quantity = quantity WHERE order_id = %s",
                (order_id,),
            )
            run("UPDATE purchase_order SET state = 'received' WHERE id = %s", (order_id,))
            run.many(
                "UPDATE stock_level SET on_hand = on_hand + %s"
                " WHERE item_id = %s AND location_id = %s",
                [(line.quantity, line.item, self.places["MAIN"]) for line in lines],
            )
            run.many(
                "UPDATE stock_value SET quantity = quantity + %s, value_minor = value_minor + %s,"
                " last_moved_on = %s WHERE item_id = %s",
                [(line.quantity, line.net, self.today, line.item) for line in lines],
            )
            run.many(
                "INSERT INTO stock_move (id, created_at, item_id, from_location_id,"
                " to_location_id, quantity, value_minor, moved_on, booked_on, against, origin)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 'goods_received_not_billed', %s)",
                [
                    (
                        *(new_id(), at, line.item, self.places["SUPPLIERS"], self.places["MAIN"]),
                        *(line.quantity, line.net, self.today, self.today, number),
                    )
                    for line in lines
                ],
            )
            worth = sum(line.net for line in lines)
            entry = self.post(
                run,
                [
                    ("inventory", "debit", worth, None, ""),
                    ("goods_received_not_billed", "credit", worth, None, ""),
                ],
                memo=f"{order} {name}",
                origin=number,
                journal="stock",
            )
            run(
                "SELECT id FROM reservation WHERE item_id = ANY(%s) AND state = 'waiting'",
                ([line.item for line in lines],),
            )
            said = {"number": order, "receipt": number, "origin": number}
            self.tell(run, told, said, entry)

    def _bill(
        self,
        order: str,
        party: uuid.UUID,
        name: str,
        days: int,
        lines: list[Line],
        told: list[Told],
    ) -> tuple[str, int]:
        with self.transaction() as run:
            order_id = run(
                "SELECT id FROM purchase_order WHERE number = %s FOR NO KEY UPDATE", (order,)
            ).fetchone()[0]
            run(
                "SELECT line.id, line.item_id, received_quantity, billed_quantity, came.worth"
                " FROM purchase_order_line AS line JOIN (SELECT order_line_id,"
                " sum(value_minor) AS worth FROM goods_receipt_line GROUP BY order_line_id)"
                " AS came ON order_line_id = line.id WHERE order_id = %s",
                (order_id,),
            )
            run(
                "UPDATE purchase_order_line SET billed_quantity = quantity WHERE order_id = %s",
                (order_id,),
            )
            net, tax = sum(line.net for line in lines), sum(line.tax for line in lines)
            number, at = self.next(run, "BILL"), clock.now()
            entry = self.post(
                run,
                [
                    ("goods_received_not_billed", "debit", net, None, ""),
                    ("tax_input", "debit", tax, None, ""),
                    ("payable", "credit", net + tax, party, name),
                ],
                memo=f"{number} {name}",
                origin=number,
                journal="purchases",
            )
            header = Document("supplier_bill", number, party, order, days)
            bill = self.write_document(
                run, header, lines, entry, account="goods_received_not_billed"
            )
            run(
                "INSERT INTO bill_match (id, created_at, invoice_id, order_id, state,"
                " expected_minor, difference_minor, held, booked_by)"
                " VALUES (%s, %s, %s, %s, 'matched', %s, 0, false, '')",
                (new_id(), at, bill, order_id, net + tax),
            )
            self.tell(run, told, {"number": number, "bill": number, "origin": order}, entry)
        return number, net + tax

    def _on_order(self, run: Run, lines: Sequence[Line]) -> None:
        """Read how much of the items is on order: that is what people are told."""
        run(
            "SELECT item_id, sum(quantity - received_quantity - written_off_quantity)"
            " FROM purchase_order_line AS line JOIN purchase_order AS bought"
            " ON bought.id = order_id WHERE item_id = ANY(%s)"
            " AND state IN ('placed', 'partly_received') AND NOT imported GROUP BY item_id",
            ([line.item for line in lines],),
        )
