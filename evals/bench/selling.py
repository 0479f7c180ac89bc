"""Order to cash in hand-written SQL: confirm, deliver, invoice, take the money."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from core.kernel import clock
from core.kernel.identifiers import new_id
from evals.bench.by_hand import TAX_CODE, ByHand, Document, Line, Told, cents

PAYMENT_DAYS, PROMISED_DAYS = 30, 7


class SellingByHand(ByHand):
    """Sells as the services do, without them."""

    def order_to_cash(
        self, customer: str, wanted: Sequence[tuple[str, Decimal]], told: dict[str, list[Told]]
    ) -> None:
        """Confirm, deliver, invoice and take the money of one order, in four transactions.

        `told` holds what the services said in each step of such an order.
        """
        order, party, name, lines = self._confirm(customer, wanted, told["confirm"])
        self._deliver(order, name, lines, told["deliver"])
        invoice, total = self._invoice(order, party, name, lines, told["invoice"])
        self.pay(invoice, party, name, total, told["pay"])

    def _confirm(
        self, customer: str, wanted: Sequence[tuple[str, Decimal]], told: list[Told]
    ) -> tuple[str, uuid.UUID, str, list[Line]]:
        with self.transaction() as run:
            party, name, limit = run(
                "SELECT party_id, name, credit_limit_minor FROM customer"
                " JOIN party ON party.id = party_id WHERE number = %s"
                " FOR NO KEY UPDATE OF customer",
                (customer,),
            ).fetchone()
            prices = {
                sku: (item, called, price)
                for sku, item, called, price in run(
                    "SELECT DISTINCT ON (sku) sku, item.id, item.name, unit_price FROM item"
                    " JOIN price ON price.item_id = item.id"
                    " JOIN price_list AS list ON list.id = price_list_id"
                    " AND list.code = 'STANDARD'"
                    " WHERE sku = ANY(%s) AND valid_from <= %s ORDER BY sku, valid_from DESC",
                    ([sku for sku, _ in wanted], self.today),
                )
            }
            lines = [Line(new_id(), *prices[sku][:2], each, prices[sku][2]) for sku, each in wanted]
            net, tax = sum(line.net for line in lines), sum(line.tax for line in lines)
            owed = run(
                "SELECT coalesce(sum(open_base_minor), 0) FROM invoice"
                " WHERE party_id = %s AND open_minor > 0",
                (party,),
            ).fetchone()[0]
            assert limit is None or owed + net + tax <= limit, "within the credit limit"
            self.lock_shelves(run, lines)
            number, order, at = self.next(run, "SO"), new_id(), clock.now()
            run(
                "INSERT INTO sales_order (id, created_at, number, customer_id, state, ordered_on,"
                " promised_on, currency, net_minor, tax_minor, freight_minor, total_minor, channel,"
                " discount_percent, invoice_policy, ships_complete, imported)"
                " VALUES (%s, %s, %s, %s, 'confirmed', %s, %s, 'EUR', %s, %s, 0, %s, 'direct',"
                " 0, 'on_delivery', false, false)",
                (
                    *(order, at, number, party, self.today),
                    *(self.today + timedelta(days=PROMISED_DAYS), net, tax, net + tax),
                ),
            )
            run.many(
                "INSERT INTO sales_order_line (id, created_at, order_id, position, item_id,"
                " quantity, list_price, unit_price, discount_percent, net_amount, tax_code,"
                " promotion_amount, delivered_quantity, invoiced_quantity, returned_quantity,"
                " invoiced_ahead, drop_shipped)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 0, %s, %s, 0, 0, 0, 0, false, false)",
                [
                    (
                        *(line.id, at, order, place, line.item, line.quantity),
                        *(line.price, line.price, line.quantity * line.price, TAX_CODE),
                    )
                    for place, line in enumerate(lines, start=1)
                ],
            )
            run.many(
                "UPDATE stock_level SET reserved = reserved + %s"
                " WHERE item_id = %s AND location_id = %s",
                [(line.quantity, line.item, self.places["MAIN"]) for line in lines],
            )
            run.many(
                "INSERT INTO reservation (id, created_at, item_id, location_id, quantity, line_id,"
                " origin, state) VALUES (%s, %s, %s, %s, %s, %s, %s, 'active')",
                [
                    (new_id(), at, line.item, self.places["MAIN"], line.quantity, line.id, number)
                    for line in lines
                ],
            )
            self.tell(run, told, {"number": number, "origin": number})
        return number, party, name, lines

    def _deliver(self, order: str, name: str, lines: list[Line], told: list[Told]) -> None:
        with self.transaction() as run:
            order_id = run(
                "SELECT id FROM sales_order WHERE number = %s FOR NO KEY UPDATE", (order,)
            ).fetchone()[0]
            values = self.lock_shelves(run, lines)
            run("SELECT id FROM reservation WHERE line_id = ANY(%s)", ([x.id for x in lines],))
            number, delivery, at = self.next(run, "DN"), new_id(), clock.now()
            costs = {
                line.id: cents(values[line.item][1] * line.quantity / values[line.item][0])
                for line in lines
            }
            run(
                "UPDATE reservation SET state = 'consumed' WHERE line_id = ANY(%s)",
                ([line.id for line in lines],),
            )
            run.many(
                "UPDATE stock_level SET on_hand = on_hand - %s, reserved = reserved - %s"
                " WHERE item_id = %s AND location_id = %s",
                [(x.quantity, x.quantity, x.item, self.places["MAIN"]) for x in lines],
            )
            run.many(
                "UPDATE stock_value SET quantity = quantity - %s, value_minor = value_minor - %s,"
                " last_moved_on = %s WHERE item_id = %s",
                [(line.quantity, costs[line.id], self.today, line.item) for line in lines],
            )
            run.many(
                "INSERT INTO stock_move (id, created_at, item_id, from_location_id,"
                " to_location_id, quantity, value_minor, moved_on, booked_on, against, origin)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 'cost_of_goods_sold', %s)",
                [
                    (
                        *(new_id(), at, line.item, self.places["MAIN"], self.places["CUSTOMERS"]),
                        *(line.quantity, costs[line.id], self.today, self.today, number),
                    )
                    for line in lines
                ],
            )
            entry = self.post(
                run,
                [
                    ("cost_of_goods_sold", "debit", sum(costs.values()), None, ""),
                    ("inventory", "credit", sum(costs.values()), None, ""),
                ],
                memo=f"{order} {name}",
                origin=number,
                journal="stock",
            )
            run(
                "INSERT INTO delivery (id, created_at, number, order_id, delivered_on)"
                " VALUES (%s, %s, %s, %s, %s)",
                (delivery, at, number, order_id, self.today),
            )
            run.many(
                "INSERT INTO delivery_line (id, created_at, delivery_id, order_line_id, quantity,"
                " cost_minor, returned_quantity) VALUES (%s, %s, %s, %s, %s, %s, 0)",
                [(new_id(), at, delivery, x.id, x.quantity, costs[x.id]) for x in lines],
            )
            run(
                "UPDATE sales_order_line SET delivered_quantity = quantity WHERE order_id = %s",
                (order_id,),
            )
            run("UPDATE sales_order SET state = 'delivered' WHERE id = %s", (order_id,))
            said = {"number": order, "delivery": number, "origin": number}
            self.tell(run, told, said, entry)

    def _invoice(
        self, order: str, party: uuid.UUID, name: str, lines: list[Line], told: list[Told]
    ) -> tuple[str, int]:
        with self.transaction() as run:
            order_id, territory, seller = run(
                "SELECT sales_order.id, customer.territory_id, customer.salesperson_id"
                " FROM sales_order JOIN customer ON party_id = customer_id"
                " WHERE number = %s FOR NO KEY UPDATE OF sales_order",
                (order,),
            ).fetchone()
            run(
                "SELECT item_id, delivered_quantity, invoiced_quantity FROM sales_order_line"
                " WHERE order_id = %s",
                (order_id,),
            )
            run(
                "UPDATE sales_order_line SET invoiced_quantity = quantity WHERE order_id = %s",
                (order_id,),
            )
            net, tax = sum(line.net for line in lines), sum(line.tax for line in lines)
            number = self.next(run, "INV")
            entry = self.post(
                run,
                [
                    ("receivable", "debit", net + tax, party, name),
                    ("revenue", "credit", net, None, ""),
                    ("tax_output", "credit", tax, None, ""),
                ],
                memo=f"{number} {name}",
                origin=number,
                journal="sales",
            )
            header = Document("customer_invoice", number, party, order, PAYMENT_DAYS)
            where = (territory, seller, "direct")
            self.write_document(run, header, lines, entry, account="revenue", where=where)
            self.tell(run, told, {"number": number, "invoice": number, "origin": order}, entry)
        return number, net + tax
