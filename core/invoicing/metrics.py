"""What invoicing gives to reporting: invoiced lines, and what is owed and overdue on any day."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Numeric,
    Select,
    String,
    case,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from core.invoicing.tables import (
    DocumentState,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    Payment,
    PaymentKind,
    Settlement,
)
from core.kernel.semantics import (
    AND_CUSTOMERS,
    Dimension,
    Kind,
    Measure,
    Metric,
    Names,
    Rows,
    Said,
    Semantics,
    Source,
    Timing,
    Unit,
)
from core.ledger.tables import JournalEntry
from core.parties.tables import Customer, Party, Territory

_SALES = (InvoiceKind.CUSTOMER_INVOICE, InvoiceKind.CUSTOMER_CREDIT_NOTE)
_PURCHASES = (InvoiceKind.SUPPLIER_BILL, InvoiceKind.SUPPLIER_CREDIT_NOTE)
_NOTES = (InvoiceKind.CUSTOMER_CREDIT_NOTE, InvoiceKind.SUPPLIER_CREDIT_NOTE)
_Changes = Select[*tuple[Any, ...]]

_sign = case((Invoice.kind.in_(_NOTES), -1), else_=1)


def _in_books(minor: ColumnElement[int]) -> ColumnElement[Any]:
    """Convert an amount of an invoice at the rate at which the invoice was posted."""
    return case(
        (Invoice.total_minor == Invoice.base_total_minor, cast(minor, Numeric)),
        else_=cast(minor, Numeric)
        * Invoice.base_total_minor
        / func.nullif(cast(Invoice.total_minor, Numeric), 0),
    )


_line_columns = (
    Invoice.number.label("document"),
    Invoice.posted_on,
    Invoice.due_on,
    Invoice.currency,
    InvoiceLine.item_id.label("item"),
    InvoiceLine.account_id.label("account"),
    (_sign * _in_books(InvoiceLine.net_minor.expression)).label("net_minor"),
    (_sign * InvoiceLine.quantity).label("quantity"),
)

# What customers were invoiced, less what was credited to them.
SALES_LINES = Source(
    id="invoice_lines",
    rows=select(
        *_line_columns,
        Invoice.party_id.label("customer"),
        Territory.id.label("territory"),
        func.coalesce(Territory.country, Party.country).label("country"),
        Invoice.salesperson_id.label("salesperson"),
        Invoice.channel,
        (Invoice.kind == InvoiceKind.CUSTOMER_INVOICE).label("is_invoice"),
        (Invoice.state == DocumentState.POSTED).label("stands"),
    )
    .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
    .outerjoin(Customer, Customer.party_id == Invoice.party_id)
    .outerjoin(Party, Party.id == Invoice.party_id)
    .outerjoin(
        Territory, Territory.id == func.coalesce(Invoice.territory_id, Customer.territory_id)
    )
    .where(Invoice.kind.in_(_SALES)),
    basis=Said("posted invoices less credit notes, without tax", "已过账发票减贷项通知单，不含税"),
    handles=frozenset(
        {
            "customer", "territory", "country", "salesperson", "channel", "item", "account",
            "currency",
        }
    ),
    dates=("posted_on", "due_on"),
    owner="customer",
    document_kind="customer_invoice",
)  # fmt: skip

# What suppliers billed us, less what they credited.
BILL_LINES = Source(
    id="bill_lines",
    rows=select(
        *_line_columns,
        Invoice.party_id.label("supplier"),
        Party.country.label("supplier_country"),
    )
    .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
    .outerjoin(Party, Party.id == Invoice.party_id)
    .where(Invoice.kind.in_(_PURCHASES)),
    basis=Said("posted supplier bills less credits, without tax", "已过账供应商账单减贷项，不含税"),
    handles=frozenset({"supplier", "supplier_country", "item", "account", "currency"}),
    dates=("posted_on", "due_on"),
    document_kind="supplier_bill",
)


def _documents(kinds: tuple[InvoiceKind, ...]) -> _Changes:
    """Select the whole amount of every document on the day it was posted."""
    is_note = Invoice.kind.in_(_NOTES)
    return select(
        Invoice.number.label("document"),
        Invoice.party_id.label("party"),
        Invoice.territory_id.label("territory"),
        Invoice.salesperson_id.label("salesperson"),
        Invoice.currency.label("currency"),
        Invoice.posted_on.label("changed_on"),
        case((is_note, cast(null(), Date)), else_=Invoice.due_on).label("due_on"),
        (_sign * Invoice.base_total_minor).label("open_minor"),
    ).where(Invoice.kind.in_(kinds))


def _payments(kind: PaymentKind) -> list[_Changes]:
    """Select every payment on its day, and again on the day it was reversed."""
    undoing = aliased(JournalEntry)

    def rows(changed_on: ColumnElement[Any], sign: int) -> _Changes:
        return select(
            Payment.number,
            Payment.party_id,
            cast(null(), Invoice.territory_id.type),
            cast(null(), Invoice.salesperson_id.type),
            Payment.currency,
            changed_on,
            cast(null(), Date),
            sign * Payment.base_amount_minor,
        ).where(Payment.kind == kind)

    reversed_rows = rows(undoing.posted_on.expression, 1).join(
        undoing, undoing.reverses_id == Payment.entry_id
    )
    return [
        rows(Payment.paid_on.expression, -1),
        reversed_rows.where(Payment.state == DocumentState.REVERSED),
    ]


def _settlements(
    kinds: tuple[InvoiceKind, ...],
) -> list[_Changes]:
    """Select each settlement twice: off the invoice, and off what settles it."""
    invoice, note = aliased(Invoice), aliased(Invoice)
    off_invoice = (
        select(
            invoice.number,
            invoice.party_id,
            invoice.territory_id,
            invoice.salesperson_id,
            invoice.currency,
            Settlement.settled_on,
            invoice.due_on,
            -Settlement.base_minor,
        )
        .join(invoice, invoice.id == Settlement.invoice_id)
        .where(invoice.kind.in_(kinds))
    )
    off_source = (
        select(
            func.coalesce(Payment.number, note.number),
            invoice.party_id,
            note.territory_id,
            note.salesperson_id,
            func.coalesce(Payment.currency, note.currency),
            Settlement.settled_on,
            cast(null(), Date),
            Settlement.source_base_minor,
        )
        .join(invoice, invoice.id == Settlement.invoice_id)
        .outerjoin(Payment, Payment.id == Settlement.payment_id)
        .outerjoin(note, note.id == Settlement.credit_note_id)
        # A discount or write-off was never open itself.
        .where(invoice.kind.in_(kinds), Settlement.deduction_id.is_(None))
    )
    return [off_invoice, off_source]


_receivable = union_all(
    _documents(_SALES), *_payments(PaymentKind.CUSTOMER_PAYMENT), *_settlements(_SALES)
).subquery("receivable_changes")
_payable = union_all(
    _documents(_PURCHASES), *_payments(PaymentKind.SUPPLIER_PAYMENT), *_settlements(_PURCHASES)
).subquery("payable_changes")

# Every change of what is open, dated: added up to a day it is what was open that day.
RECEIVABLES = Source(
    id="receivables",
    rows=select(
        _receivable.c.document,
        _receivable.c.changed_on,
        _receivable.c.due_on,
        _receivable.c.currency,
        _receivable.c.salesperson,
        _receivable.c.open_minor,
        _receivable.c.party.label("customer"),
        Territory.id.label("territory"),
        func.coalesce(Territory.country, Party.country).label("country"),
    )
    .outerjoin(Customer, Customer.party_id == _receivable.c.party)
    .outerjoin(Party, Party.id == _receivable.c.party)
    .outerjoin(
        Territory,
        Territory.id == func.coalesce(_receivable.c.territory, Customer.territory_id),
    ),
    basis=Said(
        "open customer invoices with tax, less credit notes and payments not yet applied",
        "未结销售发票（含税）减去未核销的贷项与收款",
    ),
    handles=frozenset({"customer", "territory", "country", "salesperson", "due_on", "currency"}),
    dates=("changed_on",),
    owner="customer",
    document_kind="customer_invoice",
)

PAYABLES = Source(
    id="payables",
    rows=select(
        _payable.c.document,
        _payable.c.changed_on,
        _payable.c.due_on,
        _payable.c.currency,
        _payable.c.open_minor,
        _payable.c.party.label("supplier"),
        Party.country.label("supplier_country"),
    ).outerjoin(Party, Party.id == _payable.c.party),
    basis=Said(
        "open supplier bills with tax, less credits and payments not yet applied",
        "未结供应商账单（含税）减去未核销的贷项与付款",
    ),
    handles=frozenset({"supplier", "supplier_country", "due_on", "currency"}),
    dates=("changed_on",),
    document_kind="supplier_bill",
)

PAYMENTS = Source(
    id="payments",
    rows=select(
        Payment.number.label("document"),
        Payment.paid_on,
        Payment.kind,
        Payment.currency,
        case((Payment.kind == PaymentKind.CUSTOMER_PAYMENT, Payment.party_id)).label("customer"),
        case((Payment.kind == PaymentKind.SUPPLIER_PAYMENT, Payment.party_id)).label("supplier"),
        Payment.base_amount_minor.label("amount_minor"),
    ).where(Payment.state == DocumentState.POSTED),
    basis=Said("posted payments that were not reversed", "已过账且未冲销的收付款"),
    handles=frozenset({"customer", "supplier", "currency"}),
    dates=("paid_on",),
    owner="customer",
    document_kind="customer_payment",
)

DSO_DAYS = 90
BILLED = Source(
    id="invoices",
    rows=select(
        Invoice.number.label("document"),
        Invoice.posted_on,
        Invoice.due_on,
        Invoice.party_id.label("customer"),
        Territory.id.label("territory"),
        func.coalesce(Territory.country, Party.country).label("country"),
        Invoice.salesperson_id.label("salesperson"),
        Invoice.currency,
        (_sign * Invoice.base_total_minor).label("total_minor"),
    )
    .outerjoin(Customer, Customer.party_id == Invoice.party_id)
    .outerjoin(Party, Party.id == Invoice.party_id)
    .outerjoin(
        Territory, Territory.id == func.coalesce(Invoice.territory_id, Customer.territory_id)
    )
    .where(Invoice.kind.in_(_SALES), Invoice.by_hand.is_(False)),
    basis=Said("posted invoices less credit notes, with tax", "已过账发票减贷项通知单，含税"),
    handles=frozenset({"customer", "territory", "country", "salesperson", "currency"}),
    dates=("posted_on", "due_on"),
    owner="customer",
    document_kind="customer_invoice",
)


def _open(rows: Rows) -> ColumnElement[Any]:
    return rows["open_minor"]


def _overdue(rows: Rows) -> ColumnElement[bool]:
    return rows["due_on"] < rows.as_of


def _age(rows: Rows) -> ColumnElement[str]:
    days = rows.as_of - rows["due_on"]
    return case(
        (rows["due_on"].is_(None), literal("unapplied", String)),
        (days <= 0, "not_due"),
        (days <= 30, "1_30"),  # noqa: PLR2004  # The buckets that accountants use.
        (days <= 60, "31_60"),  # noqa: PLR2004
        (days <= 90, "61_90"),  # noqa: PLR2004
        else_="over_90",
    )


SEMANTICS = Semantics(
    metrics=(
        Metric(
            id="ar_balance",
            names=Names(
                "receivables",
                "应收账款",
                (
                    "AR balance", "accounts receivable", "open receivables", "outstanding invoices",
                    "money owed to us", "what customers owe us",
                ),
                ("应收余额", "应收", "未收款", "客户欠款", "未结应收"),
            ),
            definition=Said(
                "What customers owe at the end of the day: posted invoices with tax, less credit"
                " notes and payments, also those not yet applied to an invoice.",
                "当日终了客户所欠金额：已过账发票（含税）减去贷项和收款，包括尚未核销的部分。",
            ),
            unit=Unit.MONEY,
            kind=Kind.SNAPSHOT,
            roles=AND_CUSTOMERS,
            measure=Measure(RECEIVABLES, _open, timing=Timing.UP_TO, minor=True),
            more_is_better=False,
        ),
        Metric(
            id="ar_overdue",
            names=Names(
                "overdue receivables",
                "逾期应收",
                (
                    "AR overdue", "overdue invoices", "past due receivables", "overdue amount",
                    "late customer invoices",
                ),
                ("应收逾期", "逾期应收账款", "逾期款", "逾期发票", "逾期未收款"),
            ),
            definition=Said(
                "The open part of invoices that were due before the day looked at; credits not yet"
                " applied are not taken off.",
                "在查看日之前已到期的发票的未结部分；未核销的贷项不抵减。",
            ),
            unit=Unit.MONEY,
            kind=Kind.SNAPSHOT,
            roles=AND_CUSTOMERS,
            measure=Measure(
                RECEIVABLES, _open, where=_overdue, timing=Timing.UP_TO, minor=True,
                basis=Said("open customer invoices past their due date, with tax",
                           "已过到期日的未结销售发票，含税"),
            ),
            more_is_better=False,
        ),
        Metric(
            id="ar_overdue_pct",
            names=Names(
                "overdue share of receivables",
                "应收逾期率",
                ("AR overdue percent", "overdue ratio", "percent of receivables overdue"),
                ("逾期比例", "逾期占比", "逾期率"),
            ),
            definition=Said(
                "Overdue receivables as a percentage of receivables.",
                "逾期应收占应收账款的百分比。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            parts=("ar_overdue", "ar_balance"),
            formula=lambda overdue, balance: 100 * overdue / func.nullif(balance, 0),
            undefined=Said("n/a (nothing receivable)", "不适用（无应收）"),
            more_is_better=False,
        ),
        Metric(
            id="ap_balance",
            names=Names(
                "payables",
                "应付账款",
                (
                    "AP balance", "accounts payable", "open payables", "money we owe",
                    "what we owe suppliers", "unpaid bills",
                ),
                ("应付余额", "应付", "未付款", "欠供应商的钱", "未结应付"),
            ),
            definition=Said(
                "What we owe suppliers at the end of the day: posted bills with tax, less credits"
                " and payments, also those not yet applied to a bill.",
                "当日终了我方欠供应商的金额：已过账账单（含税）减去贷项和付款，包括尚未核销的部分。",
            ),
            unit=Unit.MONEY,
            kind=Kind.SNAPSHOT,
            measure=Measure(PAYABLES, _open, timing=Timing.UP_TO, minor=True),
        ),
        Metric(
            id="ap_overdue",
            names=Names(
                "overdue payables",
                "逾期应付",
                ("AP overdue", "overdue bills", "past due payables", "late supplier bills"),
                ("应付逾期", "逾期应付账款", "逾期账单", "逾期未付款"),
            ),
            definition=Said(
                "The open part of supplier bills that were due before the day looked at.",
                "在查看日之前已到期的供应商账单的未结部分。",
            ),
            unit=Unit.MONEY,
            kind=Kind.SNAPSHOT,
            measure=Measure(
                PAYABLES, _open, where=_overdue, timing=Timing.UP_TO, minor=True,
                basis=Said("open supplier bills past their due date, with tax",
                           "已过到期日的未结供应商账单，含税"),
            ),
            more_is_better=False,
        ),
        Metric(
            id="billed_trailing",
            names=Names("billed in the last 90 days", "近90天开票额"),
            definition=Said(
                f"Posted invoices less credit notes, with tax, of the last {DSO_DAYS} days.",
                f"最近{DSO_DAYS}天已过账发票减贷项（含税）。",
            ),
            unit=Unit.MONEY,
            kind=Kind.SNAPSHOT,
            measure=Measure(
                BILLED, lambda rows: rows["total_minor"], timing=Timing.TRAILING, days=DSO_DAYS,
                minor=True,
            ),
            inner=True,
        ),
        Metric(
            id="dso",
            names=Names(
                "days sales outstanding",
                "应收账款周转天数",
                ("DSO", "collection period", "days receivable", "average collection days"),
                ("回款天数", "应收周转天数", "平均收款天数", "DSO"),
            ),
            definition=Said(
                "Receivables at the end of the day, divided by what was billed with tax in the"
                f" last {DSO_DAYS} days, times {DSO_DAYS}.",
                f"当日终了的应收账款除以最近{DSO_DAYS}天含税开票额，再乘以{DSO_DAYS}。",
            ),
            unit=Unit.DAYS,
            kind=Kind.RATIO,
            parts=("ar_balance", "billed_trailing"),
            formula=lambda balance, billed: DSO_DAYS * balance / func.nullif(billed, 0),
            undefined=Said("n/a (nothing billed)", "不适用（无开票）"),
            more_is_better=False,
        ),
        Metric(
            id="payments_received",
            names=Names(
                "payments received",
                "收款额",
                ("cash collected", "customer payments", "collections", "money received"),
                ("回款", "客户付款", "收到的款项", "回款额"),
            ),
            definition=Said(
                "Payments of customers in the period, without those reversed.",
                "期间内客户付款，不含已冲销的。",
            ),
            unit=Unit.MONEY,
            kind=Kind.FLOW,
            roles=AND_CUSTOMERS,
            measure=Measure(
                PAYMENTS, lambda rows: rows["amount_minor"], minor=True,
                where=lambda rows: rows["kind"] == PaymentKind.CUSTOMER_PAYMENT,
            ),
            more_is_better=True,
        ),
        Metric(
            id="payments_made",
            names=Names(
                "payments made",
                "付款额",
                ("supplier payments", "money paid out", "payments to suppliers"),
                ("供应商付款", "已付款项", "对外付款"),
            ),
            definition=Said(
                "Payments to suppliers in the period, without those reversed.",
                "期间内向供应商的付款，不含已冲销的。",
            ),
            unit=Unit.MONEY,
            kind=Kind.FLOW,

            measure=Measure(
                PAYMENTS, lambda rows: rows["amount_minor"], minor=True,
                where=lambda rows: rows["kind"] == PaymentKind.SUPPLIER_PAYMENT,
            ),
        ),
    ),
    dimensions=(
        Dimension(
            id="ageing_bucket",
            names=Names(
                "ageing bucket",
                "账龄",
                ("ageing", "aging", "age of debt", "aging bucket", "days overdue"),
                ("账龄段", "账龄区间", "逾期天数"),
            ),
            handle="due_on",
            bucket=_age,
            words={
                "not_due": ("not due", "未到期"),
                "1_30": ("1–30 days", "1–30天"),
                "31_60": ("31–60 days", "31–60天"),
                "61_90": ("61–90 days", "61–90天"),
                "over_90": ("over 90 days", "90天以上"),
                "unapplied": ("not applied", "未核销"),
            },
            ordered=True,
        ),
        Dimension(
            id="currency",
            names=Names(
                "currency",
                "币种",
                ("document currency", "invoice currency", "currency code"),
                ("货币", "发票币种", "交易币种"),
            ),
            handle="currency",
            keys=select(Invoice.currency.label("key")),
        ),
    ),
)  # fmt: skip
