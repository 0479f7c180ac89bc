"""The bookkeeping of Brightwheel: what it set up at the start, and what each month brings."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.demo.company import BEGINNING, BUSINESS_DATE, CURRENCY, PURCHASE_TAX, World, money
from channels.demo.folk import SELLERS, WORKERS
from core import invoicing, ledger, parties
from core.invoicing import Direction, DocumentLine, InvoiceKind, PaymentKind, TermDraft, banking
from core.invoicing.tables import Payment
from core.kernel.money import Money, plain
from core.kernel.months import add_months, month_end, month_start
from core.ledger import assets, budgets, schedules, tax
from core.ledger.chart import (
    BANK,
    BANK_FEES,
    FIXED_ASSETS,
    MARKETING_EXPENSE,
    OPERATING_EXPENSE,
    RENT,
    SALARIES,
    SERVICE_REVENUE,
    TAX_DUE,
)
from core.ledger.rules import Dimensions
from core.ledger.schedules import TemplateLine

BANK_ACCOUNT, DOLLAR_ACCOUNT, DOLLARS = "MAIN", "1020", "USD"
BANK_IBAN = "DE89370400440532013000"
ENERGY = "6060"
FEES_A_MONTH, ENERGY_A_MONTH, MARKETING_A_MONTH = Decimal(85), Decimal(1_450), Decimal(1_300)
INSURANCE_A_YEAR = Decimal(6_000)
# From here on the rent recurs by itself; before, somebody posted it by hand.
RENT_RECURS_FROM = date(2026, 1, 1)
# The books of a month are done on the first day of the next; those of May still wait.
BOOKS_DONE_THROUGH = date(2026, 4, 30)
# The tax office allows a month more for every return.
TAX_MONTHS_LATER = 2
YEAR_CLOSED, YEAR_END = "2025", date(2025, 12, 31)

# By their codes: English, Chinese.
COST_CENTRES = {
    "SALES": ("Sales", "销售部"),
    "WEB": ("Web shop", "网店"),
    "PRODUCTION": ("Production", "生产部"),
    "WAREHOUSE": ("Warehouse", "仓储部"),
    "ADMIN": ("Administration", "行政部"),
}
CENTRE_OF_DEPARTMENT = {
    "SALES": "SALES",
    "SERVICE": "SALES",
    "MARKETING": "WEB",
    "WAREHOUSE": "WAREHOUSE",
    "PRODUCTION": "PRODUCTION",
}
RENT_OF_CENTRE = {
    "SALES": Decimal(900),
    "WEB": Decimal(300),
    "PRODUCTION": Decimal(2_200),
    "WAREHOUSE": Decimal(2_600),
    "ADMIN": Decimal(800),
}
DISCOUNT_TERMS, NET_TERMS = "2-10-30", "NET30"
# Who may take the discount; everybody else with terms of their own pays net.
TERMS_OF_CUSTOMERS = {
    "Nordwind Fahrräder GmbH": DISCOUNT_TERMS,
    "Alpenrad München GmbH": DISCOUNT_TERMS,
    "København Cykler": DISCOUNT_TERMS,
    "Amstel Fietsen BV": DISCOUNT_TERMS,
    "Main Bike Store": DISCOUNT_TERMS,
    "Stockholm Cykel AB": DISCOUNT_TERMS,
    "Acme Bikes": NET_TERMS,
    "Paris Vélo Services": NET_TERMS,
}
TERMS_OF_SUPPLIERS = {
    "Lumen & Co": DISCOUNT_TERMS,
    "Bremsbelag Müller KG": DISCOUNT_TERMS,
    "Kettenwerk Sauer GmbH": NET_TERMS,
}
# What one euro was worth in dollars, from a day on.
DOLLAR_RATES = (
    (date(2025, 1, 2), "1.03"),
    (date(2025, 7, 1), "1.17"),
    (YEAR_END, "1.18"),
    (date(2026, 4, 1), "1.15"),
)
DOLLAR_CUSTOMER, DOLLAR_SUPPLIER = "天津飞驰车业有限公司", "Taichung Drive Systems"
MACHINE_SUPPLIER = "Werkzeug Krämer"
BUDGET = {
    RENT: Decimal(81_600),
    SALARIES: Decimal(1_140_000),
    MARKETING_EXPENSE: Decimal(18_000),
    ENERGY: Decimal(18_000),
}


def at(centre: str) -> Dimensions:
    """Return the dimensions of what belongs to a cost centre."""
    return (("cost_centre", centre),)


def dollars(amount: int) -> Money:
    """Return an amount in dollars."""
    return Money.of(Decimal(amount), DOLLARS)


def open_finance(session: Session) -> None:
    """Set up what the books need before anybody is dealt with."""
    tax.install_set(session, "DE")
    for code, (name, name_zh) in COST_CENTRES.items():
        ledger.add_member(session, "cost_centre", code=code, name=name, name_zh=name_zh)
    ledger.open_bank_account(
        session,
        code=BANK_ACCOUNT,
        name="House bank",
        name_zh="基本户",
        account=BANK,
        iban=BANK_IBAN,
        bic="COBADEFFXXX",
        bank="House bank",
    )
    ledger.open_account(
        session,
        code=DOLLAR_ACCOUNT,
        name="US dollar account",
        name_zh="美元存款",
        kind=ledger.AccountKind.ASSET,
        currency=DOLLARS,
    )
    ledger.open_bank_account(
        session,
        code=DOLLARS,
        name="Dollar account",
        name_zh="美元户",
        account=DOLLAR_ACCOUNT,
        bank="House bank",
    )
    banking.add_rule(
        session,
        account=ledger.find_account(session, BANK_FEES).code,
        contains="Account fee",
        dimensions="cost_centre=ADMIN",
        memo="Account fee · 账户管理费",
    )
    for valid_from, rate in DOLLAR_RATES:
        ledger.set_rate(session, DOLLARS, valid_from=valid_from, foreign_units=Decimal(rate))
    invoicing.add_terms(
        session,
        code=NET_TERMS,
        name="30 days net",
        name_zh="30 天净额",
        lines=[TermDraft(30)],
    )
    invoicing.add_terms(
        session,
        code=DISCOUNT_TERMS,
        name="2 % within 10 days, 30 days net",
        name_zh="10 天内 2% 折扣，30 天净额",
        lines=[TermDraft(30, discount_percent=Decimal(2), discount_days=10)],
    )


def agree_on_payment(session: Session, world: World) -> None:
    """Agree with customers and suppliers when and to which account is paid."""
    for name, code in TERMS_OF_CUSTOMERS.items():
        customer = parties.find_party(session, world.customers[name])
        invoicing.set_party_terms(session, customer, Direction.RECEIVABLE, code)
    for place, seller in enumerate(SELLERS, start=1):
        supplier = parties.find_party(session, seller.name)
        if seller.name in TERMS_OF_SUPPLIERS:
            code = TERMS_OF_SUPPLIERS[seller.name]
            invoicing.set_party_terms(session, supplier, Direction.PAYABLE, code)
        _note_account(session, supplier, seller.country, place)


def _note_account(session: Session, supplier: parties.Party, country: str, place: int) -> None:
    """Note where a supplier is paid; of some countries, nobody has asked for it yet."""
    if country in _IBAN_HEADS:
        inside = f"{_IBAN_HEADS[country]}{4_711_000 + place:010d}"
        parties.set_bank_account(session, supplier, iban=_iban(country, inside))
    elif country in {"CN", "TW"}:
        number = f"62220{2_000_000 + place:010d}"
        parties.set_bank_account(session, supplier, account_number=number, bank="Example Bank")


# What stands before the number of an account: an invented bank.
_IBAN_HEADS = {"DE": "10099900", "NL": "EXMP"}


def _iban(country: str, inside: str) -> str:
    digits = "".join(str(int(sign, 36)) for sign in f"{inside}{country}00")
    return f"{country}{98 - int(digits) % 97:02d}{inside}"


class House:
    """What the company does for itself, apart from buying and selling its goods."""

    def __init__(self, world: World, pay_later: Callable[[date, str, str], None]) -> None:
        self.world = world
        # Pays a bill on a day: its number, and that of the supplier.
        self.pay_later = pay_later
        # Numbers of the schedules, once they are there.
        self.rent = self.insurance = ""
        self.dollar_documents: list[tuple[PaymentKind, str, str, Money]] = []
        self.to_do: list[tuple[date, Callable[[Session], None]]] = [
            (date(2025, 2, 3), self._buy_machine),
            (date(2025, 3, 3), self._buy_laptop),
            (date(2025, 4, 1), self._buy_van),
            (date(2025, 12, 10), lambda session: self._trade_in_dollars(session, 12_000, 4_000)),
            (date(2026, 1, 5), self._plan_the_year),
            (date(2026, 1, 12), self._settle_dollars),
            (date(2026, 5, 20), lambda session: self._trade_in_dollars(session, 9_600, 4_500)),
        ]

    def live_through(self, session: Session, today: date, *, first_of_month: bool) -> None:
        """Do what falls on a day."""
        if first_of_month:
            self._finish_month(session, today)
            self._run_month(session, today)
        while self.to_do and self.to_do[0][0] <= today:
            self.to_do.pop(0)[1](session)

    # Every month.

    def _run_month(self, session: Session, today: date) -> None:
        """Pay rent, wages, energy, advertising and the bank."""
        month = f"{today:%Y-%m}"
        if today < RENT_RECURS_FROM:
            _pay(session, RENT, RENT_OF_CENTRE, f"Rent · 租金 {month}")
        else:
            self._pay_recurring_rent(session)
        wages: dict[str, Decimal] = {}
        for worker in WORKERS:
            if date.fromisoformat(worker.hired) <= today:
                centre = CENTRE_OF_DEPARTMENT.get(worker.department, "ADMIN")
                wages[centre] = wages.get(centre, Decimal(0)) + worker.salary
        _pay(session, SALARIES, wages, f"Salaries · 工资 {month}")
        energy = {"PRODUCTION": ENERGY_A_MONTH * 2 / 3, "WAREHOUSE": ENERGY_A_MONTH / 3}
        _pay(session, ENERGY, energy, f"Energy and telephone · 水电通讯 {month}")
        _pay(session, MARKETING_EXPENSE, {"WEB": MARKETING_A_MONTH}, f"Advertising · 广告 {month}")
        _pay(session, BANK_FEES, {"ADMIN": FEES_A_MONTH}, f"Bank fees · 银行手续费 {month}")

    def _pay_recurring_rent(self, session: Session) -> None:
        if not self.rent:
            lines = [
                TemplateLine(RENT, ledger.Side.DEBIT, money(amount), dimensions=at(centre))
                for centre, amount in RENT_OF_CENTRE.items()
            ]
            whole = money(sum(RENT_OF_CENTRE.values(), Decimal(0)))
            lines.append(TemplateLine(BANK, ledger.Side.CREDIT, whole))
            schedules.make_template(session, name="Rent", lines=lines, memo="Rent · 租金")
            self.rent = schedules.start_recurring(
                session, template="Rent", day_of_month=1, starts_on=RENT_RECURS_FROM
            ).number
        schedules.run_schedules(session, number=self.rent)

    def _finish_month(self, session: Session, today: date) -> None:
        """Close the month before: depreciation, what is deferred, tax, and the year after all."""
        ended = month_start(today) - timedelta(days=1)
        if ended <= BOOKS_DONE_THROUGH:
            lines, _ = assets.depreciation_due(session, through=ended)
            if lines:
                assets.depreciate(session, through=ended)
            if self.insurance:
                schedules.run_schedules(session, through=ended, number=self.insurance)
        if ended == YEAR_END:
            invoicing.revalue(session, on=YEAR_END)
        reported = month_end(add_months(month_start(today), -TAX_MONTHS_LATER))
        if reported >= BEGINNING:
            _settle_tax(session, reported)
        if reported == YEAR_END:
            ledger.close_fiscal_year(session, YEAR_CLOSED, memo="2025")

    # Once.

    def _buy_machine(self, session: Session) -> None:
        """Buy the machine on a bill, so that its tax is deducted."""
        supplier = parties.find_party(session, MACHINE_SUPPLIER)
        bill = invoicing.post_document(
            session,
            kind=InvoiceKind.SUPPLIER_BILL,
            party=supplier,
            lines=[
                DocumentLine(
                    "CNC machine · 数控机床",
                    unit_price=Decimal(48_000),
                    account=FIXED_ASSETS,
                    tax_code=PURCHASE_TAX,
                )
            ],
            reference="WK-25-0117",
        )
        self.pay_later(bill.due_on, bill.number, supplier.number)
        assets.acquire_asset(
            session,
            name="CNC machine",
            asset_class="MACHINERY",
            document=bill.number,
            dimensions=at("PRODUCTION"),
        )

    def _buy_laptop(self, session: Session) -> None:
        assets.acquire_asset(
            session,
            name="Laptop",
            asset_class="IT",
            cost=money(1_500),
            against=BANK,
            dimensions=at("SALES"),
        )

    def _buy_van(self, session: Session) -> None:
        assets.acquire_asset(
            session,
            name="Delivery van",
            asset_class="VEHICLES",
            cost=money(36_000),
            residual=money(3_600),
            against=BANK,
            dimensions=at("WAREHOUSE"),
        )

    def _plan_the_year(self, session: Session) -> None:
        """Make the budget of the year, and pay its insurance in advance."""
        for account, amount in BUDGET.items():
            budgets.set_budget(session, account, money(amount), year=BUSINESS_DATE.year)
        year = str(BUSINESS_DATE.year)
        budgets.set_policy(session, year, budgets.Policy.WARN, threshold_percent=Decimal(90))
        budgets.set_policy(session, year, budgets.Policy.STOP, account=MARKETING_EXPENSE)
        self.insurance = schedules.defer(
            session,
            kind=schedules.DeferralKind.PREPAID_EXPENSE,
            amount=money(INSURANCE_A_YEAR),
            account=OPERATING_EXPENSE,
            starts_on=date(BUSINESS_DATE.year, 1, 1),
            ends_on=date(BUSINESS_DATE.year, 12, 31),
            against=BANK,
            memo=f"Insurance · 保险 {year}",
            dimensions=at("ADMIN"),
        ).number

    def _trade_in_dollars(self, session: Session, sold: int, bought: int) -> None:
        """Charge a service and be charged for tools, both in dollars and outside the Union."""
        for kind, name, amount, text, account in (
            (
                InvoiceKind.CUSTOMER_INVOICE,
                DOLLAR_CUSTOMER,
                sold,
                "Wheel design · 轮组设计",
                SERVICE_REVENUE,
            ),
            (
                InvoiceKind.SUPPLIER_BILL,
                DOLLAR_SUPPLIER,
                bought,
                "Tools for hubs · 花鼓工装",
                OPERATING_EXPENSE,
            ),
        ):
            party = parties.find_party(session, name)
            centre = "SALES" if kind is InvoiceKind.CUSTOMER_INVOICE else "PRODUCTION"
            document = invoicing.post_document(
                session,
                kind=kind,
                party=party,
                lines=[
                    DocumentLine(
                        text,
                        unit_price=Decimal(amount),
                        account=account,
                        taxed=False,
                        dimensions=at(centre),
                    )
                ],
                currency=DOLLARS,
                reference=f"USD-{amount}",
            )
            paid = (
                PaymentKind.CUSTOMER_PAYMENT
                if kind is InvoiceKind.CUSTOMER_INVOICE
                else PaymentKind.SUPPLIER_PAYMENT
            )
            self.dollar_documents.append((paid, party.number, document.number, dollars(amount)))

    def _settle_dollars(self, session: Session) -> None:
        """Take and make the payments of the documents in dollars so far."""
        for kind, party, number, amount in self.dollar_documents:
            invoicing.post_payment(
                session,
                kind=kind,
                party=parties.find_party(session, party),
                amount=amount,
                settle=[(number, amount)],
                account=DOLLAR_ACCOUNT,
            )
        self.dollar_documents = []


def _pay(session: Session, account: str, amounts: Mapping[str, Decimal], memo: str) -> None:
    """Pay an expense from the bank, so much of it for each cost centre."""
    lines = [
        ledger.debit(account, money(amount), dimensions=at(centre))
        for centre, amount in amounts.items()
    ]
    whole = sum((line.amount for line in lines[1:]), start=lines[0].amount)
    ledger.post_entry_by_hand(session, [*lines, ledger.credit(BANK, whole)], memo=memo)


def _settle_tax(session: Session, until: date) -> None:
    """Settle the tax of a month, and pay what the tax office is owed."""
    tax.settle_tax(session, until=until)
    owed = -ledger.balance(session, TAX_DUE)
    if owed.minor > 0:
        lines = [ledger.debit(TAX_DUE, owed), ledger.credit(BANK, owed)]
        ledger.post_entry_by_hand(session, lines, memo=f"VAT · 增值税 {until:%Y-%m}")


# The statement of the day before.


@dataclass(frozen=True)
class _Line:
    """A line as the bank writes it."""

    amount: Money
    counterparty: str
    text: str


def bring_statement(session: Session, day: date) -> None:
    """Import what the bank says of a day: one line of every kind that an accountant meets."""
    lines = list(_statement_lines(session))
    recorded = lines[0].amount
    balance = ledger.balance(session, BANK) - recorded
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["Date", "Counterparty", "Text", "Amount", "Currency", "Balance"])
    for line in lines:
        balance += line.amount
        amounts = plain(line.amount.amount), CURRENCY, plain(balance.amount)
        table.writerow([day.isoformat(), line.counterparty, line.text, *amounts])
    banking.import_statement(
        session,
        text.getvalue().encode(),
        bank_account=BANK_ACCOUNT,
        file_name=f"house-bank-{day}.csv",
    )


def _statement_lines(session: Session) -> Iterator[_Line]:
    """Return what happened at the bank; the first line is in the books already."""
    wanted = (
        select(Payment)
        .where(Payment.kind == PaymentKind.CUSTOMER_PAYMENT, Payment.currency == CURRENCY)
        .order_by(Payment.paid_on.desc(), Payment.number.desc())
        .limit(1)
    )
    latest = session.scalars(wanted).one()
    payer = session.get_one(parties.Party, latest.party_id)
    yield _Line(Money(latest.amount_minor, CURRENCY), payer.name, f"Thank you, {payer.name}")
    open_of: dict[str, list[invoicing.OpenInstalment]] = {}
    for each in invoicing.list_open_instalments(session, direction=Direction.RECEIVABLE):
        if each.open.currency == CURRENCY and each.open.minor > 0:
            open_of.setdefault(each.party, []).append(each)
    today = BUSINESS_DATE
    spared = next(
        each
        for items in open_of.values()
        for each in items
        if each.discount_until and each.discount_until >= today and each.discount.minor
    )
    del open_of[spared.party]
    two = next(items for items in open_of.values() if len(items) > 1)[:2]
    del open_of[two[0].party]
    exact, part = [items[0] for items in open_of.values() if len(items) == 1][:2]
    yield _Line(exact.open, exact.party, f"Invoice {exact.number}")
    both = two[0].open + two[1].open
    yield _Line(both, two[0].party, f"Invoices {two[0].number} and {two[1].number}")
    half = Money(part.open.minor // 200 * 100, CURRENCY)
    yield _Line(half, part.party, f"{part.number} first part, rest follows")
    yield _Line(spared.open - spared.discount, spared.party, f"{spared.number} less 2 % discount")
    yield _Line(money(Decimal("-12.50")), "House bank", "Account fee · 账户管理费")
    yield _Line(money(250), "J. Petersen", "Transfer · 转账")
