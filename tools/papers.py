"""Papers for customers: a quotation, an order, a delivery or an invoice as they get it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import catalog, invoicing, sales
from core.invoicing import InvoiceKind, InvoiceLine
from core.kernel.company import company
from core.kernel.errors import DomainError, Language, language_called
from core.kernel.money import Money
from core.kernel.naming import canonical_number
from core.parties import Party, find_party
from tools.base import Answer, Arguments, Column, Grid, Ref, Text, Tool
from tools.trade import READERS

_TITLES = {
    "QU": ("Quotation", "报价单"),
    "SO": ("Order confirmation", "订单确认"),
    "DN": ("Delivery note", "送货单"),
    "INV": ("Invoice", "发票"),
    "CN": ("Credit note", "贷项通知单"),
}


class NoPaper(DomainError):
    """{number} is no paper for a customer; print a QU-, SO-, DN-, INV- or CN-number."""

    zh = "{number} 不是客户单据；可打印 QU、SO、DN、INV、CN 开头的单据。"


class PrintDocument(Arguments):
    """Lay out a quotation, an order, a delivery note or an invoice in the customer's language."""

    document: Annotated[Text, Ref("paper")] = Field(
        description="Its number: QU-00012, SO-00042, DN-00007, INV-00003."
    )


@dataclass(frozen=True)
class PaperLine:
    """A line of a paper; a delivery note has no prices."""

    sku: str
    name: str
    name_zh: str | None
    quantity: Decimal
    unit_price: Decimal | None = None
    discount_percent: Decimal | None = None
    net: Decimal | None = None


class PaperShown(Answer):
    """A paper for a customer."""

    number: str
    party: str
    party_zh: str | None
    address: str
    language: str
    dated: date
    facts: list[tuple[str, str, str]]
    lines: list[PaperLine]
    totals: list[tuple[str, str, Decimal]]
    currency: str

    @property
    def _titles(self) -> tuple[str, str]:
        return _TITLES[self.number.split("-")[0]]

    def heading(self, language: Language = "en") -> str:
        """Say which paper it is."""
        return f"{self._titles[language == 'zh']} {self.number}"

    def printed_in(self) -> Language:
        """Return the customer's language."""
        return language_called(self.language)

    def sentence(self, language: Language = "en") -> str:
        """Say which paper it is, and for whom."""
        if language == "zh":
            return f"{self.heading(language)}：{self.party_zh or self.party}，{self.dated}。"
        return f"{self.heading(language)} for {self.party}, {self.dated}."

    def notes(self, language: Language = "en") -> list[str]:
        """Return whom it is for, and what was agreed."""
        chinese = language == "zh"
        name = (chinese and self.party_zh) or self.party
        told = [f"{name} · {self.address}" if self.address else name]
        return told + [f"{said[chinese]}: {text}" for *said, text in self.facts]

    def grid(self) -> Grid:
        """Return one row for every line, and the totals."""
        priced = any(line.unit_price is not None for line in self.lines)
        columns = [Column("item", "物料"), Column("name", "名称")]
        columns.append(Column("quantity", "数量", "quantity"))
        if priced:
            columns += [
                Column("unit price", "单价", self.currency),
                Column("discount", "折扣", "percent"),
                Column("net", "净额", self.currency),
            ]
        rows: list[tuple[object, ...]] = []
        for line in self.lines:
            name = (self.printed_in() == "zh" and line.name_zh) or line.name
            row: tuple[object, ...] = (line.sku, name, line.quantity)
            if priced:
                row += (line.unit_price, line.discount_percent, line.net)
            rows.append(row)
        if priced:
            rows += [
                ("", said[self.printed_in() == "zh"], None, None, None, amount)
                for *said, amount in self.totals
            ]
        styles = ("",) * len(self.lines) + ("total",) * (len(rows) - len(self.lines))
        return Grid(tuple(columns), tuple(rows), styles=styles)


def print_document(session: Session, arguments: PrintDocument) -> PaperShown:
    """Lay it out."""
    number = canonical_number(arguments.document)
    series = number.split("-")[0]
    if series == "QU":
        return _quotation(session, number)
    if series == "SO":
        return _order(session, number)
    if series == "DN":
        return _delivery(session, number)
    if series in {"INV", "CN"}:
        return _invoice(session, number)
    raise NoPaper(number=arguments.document)


def _quotation(session: Session, number: str) -> PaperShown:
    view = sales.view_quotation(session, number)
    facts = [("Valid until", "有效期至", str(view.valid_until))]
    if view.promised_on is not None:
        facts.append(("Delivery", "交期", str(view.promised_on)))
    if view.newest > 1:
        facts.append(("Version", "版本", str(view.version)))
    if view.notes:
        facts.append(("Notes", "备注", view.notes))
    lines = [
        PaperLine(
            line.sku,
            f"{line.name} ({_choice(line.optional, line.instead_of)})"
            if line.optional or line.instead_of
            else line.name,
            line.name_zh,
            line.quantity,
            line.unit_price,
            line.discount_percent,
            line.net_amount,
        )
        for line in view.lines
    ]
    party = find_party(session, view.party_number)
    totals = _totals(view.net, view.tax, view.total)
    return _paper(session, view.number, party, view.quoted_on, facts, lines, totals)


def _choice(optional: bool, instead_of: int | None) -> str:  # noqa: FBT001
    return f"⇄ {instead_of}" if instead_of else "?" if optional else ""


def _order(session: Session, number: str) -> PaperShown:
    view = sales.view_order(session, number)
    facts = [("Promised for", "承诺交期", str(view.promised_on))]
    for name, name_zh, text in (
        ("Your order", "贵方订单号", view.reference),
        ("Incoterm", "贸易术语", view.incoterm),
        ("Notes", "备注", view.notes),
    ):
        if text:
            facts.append((name, name_zh, text))
    lines = [
        PaperLine(
            line.sku,
            line.name,
            line.name_zh,
            line.quantity,
            line.unit_price,
            line.discount_percent,
            line.net_amount,
        )
        for line in view.lines
    ]
    party = find_party(session, view.customer_number)
    totals = _totals(view.net, view.total - view.net, view.total)
    return _paper(session, view.number, party, view.ordered_on, facts, lines, totals)


def _delivery(session: Session, number: str) -> PaperShown:
    view = sales.view_delivery(session, number)
    facts = [("Order", "订单", view.order)] if view.order else []
    party, lines = find_party(session, view.customer), []
    for sku, quantity in view.goods:
        item = catalog.find_item(session, sku)
        lines.append(PaperLine(sku, item.name, item.name_zh, quantity))
    return _paper(session, view.number, party, view.delivered_on, facts, lines, [])


def _invoice(session: Session, number: str) -> PaperShown:
    document = invoicing.find_invoice(session, number)
    if document.kind not in {InvoiceKind.CUSTOMER_INVOICE, InvoiceKind.CUSTOMER_CREDIT_NOTE}:
        raise NoPaper(number=document.number)
    facts = [("Due on", "到期日", str(document.due_on))]
    if document.origin:
        facts.append(("For", "来源", document.origin))
    if document.reference:
        facts.append(("Your order", "贵方订单号", document.reference))
    wanted = select(InvoiceLine).where(InvoiceLine.invoice_id == document.id)
    rows = session.scalars(wanted.order_by(InvoiceLine.position))
    lines = [
        PaperLine(
            "",
            line.description,
            None,
            line.quantity,
            line.unit_price,
            line.discount_percent,
            Money(line.net_minor, document.currency).amount,
        )
        for line in rows
    ]
    net, tax, total = (
        Money(minor, document.currency)
        for minor in (document.net_minor, document.tax_minor, document.total_minor)
    )
    party = session.get_one(Party, document.party_id)
    totals = _totals(net, tax, total)
    return _paper(session, document.number, party, document.posted_on, facts, lines, totals)


def _totals(net: Money, tax: Money, total: Money) -> list[tuple[str, str, Money]]:
    return [("Net", "净额", net), ("Tax", "税额", tax), ("Total", "合计", total)]


def _paper(
    session: Session,
    number: str,
    party: Party,
    dated: date,
    facts: list[tuple[str, str, str]],
    lines: list[PaperLine],
    totals: list[tuple[str, str, Money]],
) -> PaperShown:
    address = ", ".join(text for text in (party.address, party.city, party.country) if text)
    return PaperShown(
        number=number,
        party=party.name,
        party_zh=party.name_zh,
        address=address,
        language=party.language,
        dated=dated,
        facts=[("Date", "日期", str(dated)), *facts],
        lines=lines,
        totals=[(name, name_zh, money.amount) for name, name_zh, money in totals],
        # In the currency of the document; what has no amounts has none.
        currency=totals[-1][2].currency if totals else company(session).currency,
    )


TOOLS = [
    Tool(
        "sales.print_document",
        PrintDocument,
        print_document,
        writes=False,
        title="Print document",
        title_zh="打印单据",
        roles=READERS,
    ),
]
