"""The rows that figures of invoices and payments are added up from."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Numeric,
    Select,
    Subquery,
    case,
    cast,
    func,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from core.invoicing.tables import (
    Deduction,
    DocumentState,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    Payment,
    PaymentKind,
    Settlement,
)
from core.kernel.semantics import Said, Source
from core.ledger.chart import CUSTOMER_ADVANCES, SUPPLIER_ADVANCES
from core.ledger.tables import Account, JournalEntry
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


# An advance is owed for, and earned only with the invoices that deduct it.
_earned = InvoiceLine.account_id.not_in(
    select(Account.id).where(Account.role.in_([CUSTOMER_ADVANCES, SUPPLIER_ADVANCES]))
)

_line_columns = (
    Invoice.number.label("document"),
    Invoice.posted_on,
    Invoice.due_on,
    Invoice.currency,
    InvoiceLine.item_id.label("item"),
    InvoiceLine.account_id.label("account"),
    InvoiceLine.dimension_set_id.label("dimension_set"),
    Invoice.kind.label("invoice_kind"),
    (
        _sign
        * func.coalesce(
            cast(InvoiceLine.base_net_minor, Numeric), _in_books(InvoiceLine.net_minor.expression)
        )
    ).label("net_minor"),
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
        InvoiceLine.tax_code.label("tax_code"),
        (Invoice.kind == InvoiceKind.CUSTOMER_INVOICE).label("is_invoice"),
        (Invoice.state == DocumentState.POSTED).label("stands"),
    )
    .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
    .outerjoin(Customer, Customer.party_id == Invoice.party_id)
    .outerjoin(Party, Party.id == Invoice.party_id)
    .outerjoin(
        Territory, Territory.id == func.coalesce(Invoice.territory_id, Customer.territory_id)
    )
    .where(Invoice.kind.in_(_SALES), _earned),
    basis=Said("posted invoices less credit notes, without tax", "已过账发票减贷项通知单，不含税"),
    handles=frozenset(
        {
            "customer",
            "territory",
            "country",
            "salesperson",
            "channel",
            "item",
            "account",
            "currency",
            "tax_code",
            "dimension_set",
            "invoice_kind",
        }
    ),
    dates=("posted_on", "due_on"),
    owner="customer",
    document_kind="customer_invoice",
)

# What suppliers billed us, less what they credited.
BILL_LINES = Source(
    id="bill_lines",
    rows=select(
        *_line_columns,
        Invoice.party_id.label("supplier"),
        Party.country.label("supplier_country"),
        InvoiceLine.tax_code.label("tax_code"),
    )
    .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
    .outerjoin(Party, Party.id == Invoice.party_id)
    .where(Invoice.kind.in_(_PURCHASES), _earned),
    basis=Said("posted supplier bills less credits, without tax", "已过账供应商账单减贷项，不含税"),
    handles=frozenset(
        {
            "supplier",
            "supplier_country",
            "item",
            "account",
            "currency",
            "tax_code",
            "dimension_set",
            "invoice_kind",
        }
    ),
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


def _left_over(kinds: tuple[InvoiceKind, ...]) -> _Changes:
    """Select what a settlement changes of what somebody owes: a difference of rates, a deduction.

    What it takes off the invoice it takes off the payment, too, but for that.
    """
    came_from = case((Settlement.deduction_id.is_(None), Settlement.source_base_minor), else_=0)
    return (
        select(
            Invoice.number,
            Invoice.party_id,
            Settlement.settled_on,
            came_from - Settlement.base_minor,
        )
        .join(Invoice, Invoice.id == Settlement.invoice_id)
        .where(Invoice.kind.in_(kinds), came_from != Settlement.base_minor)
    )


def _by_party(kinds: tuple[InvoiceKind, ...], kind: PaymentKind, name: str) -> Subquery:
    """Select every change of what is open between us and somebody, whichever document it is on."""
    whole = union_all(_documents(kinds), *_payments(kind)).subquery()
    changes = select(
        whole.c.document, whole.c.party, whole.c.changed_on, whole.c.open_minor.label("open_minor")
    )
    return union_all(changes, _left_over(kinds)).subquery(name)


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

_receivable_by_party = _by_party(_SALES, PaymentKind.CUSTOMER_PAYMENT, "receivable_by_party")
# The same sums by customer, of half as many rows: without what only moves between documents. The
# customer is joined, as the planner knows how many of those there are, and not of these rows.
RECEIVABLES_BY_CUSTOMER = Source(
    id="receivables_by_customer",
    rows=select(
        _receivable_by_party.c.document,
        _receivable_by_party.c.changed_on,
        _receivable_by_party.c.open_minor,
        Party.id.label("customer"),
    ).outerjoin(Party, Party.id == _receivable_by_party.c.party),
    basis=RECEIVABLES.basis,
    handles=frozenset({"customer"}),
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

_payable_by_party = _by_party(_PURCHASES, PaymentKind.SUPPLIER_PAYMENT, "payable_by_party")
PAYABLES_BY_SUPPLIER = Source(
    id="payables_by_supplier",
    rows=select(
        _payable_by_party.c.document,
        _payable_by_party.c.changed_on,
        _payable_by_party.c.open_minor,
        Party.id.label("supplier"),
    ).outerjoin(Party, Party.id == _payable_by_party.c.party),
    basis=PAYABLES.basis,
    handles=frozenset({"supplier"}),
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
        Invoice.channel,
        Invoice.kind.label("invoice_kind"),
        (_sign * Invoice.base_total_minor).label("total_minor"),
    )
    .outerjoin(Customer, Customer.party_id == Invoice.party_id)
    .outerjoin(Party, Party.id == Invoice.party_id)
    .outerjoin(
        Territory, Territory.id == func.coalesce(Invoice.territory_id, Customer.territory_id)
    )
    .where(Invoice.kind.in_(_SALES), Invoice.by_hand.is_(False)),
    basis=Said("posted invoices less credit notes, with tax", "已过账发票减贷项通知单，含税"),
    handles=frozenset(
        {
            "customer",
            "territory",
            "country",
            "salesperson",
            "currency",
            "channel",
            "invoice_kind",
        }
    ),
    dates=("posted_on", "due_on"),
    owner="customer",
    document_kind="customer_invoice",
)

# The bills of suppliers and their credits, whole documents.
BILLS = Source(
    id="bills",
    rows=select(
        Invoice.number.label("document"),
        Invoice.posted_on,
        Invoice.due_on,
        Invoice.party_id.label("supplier"),
        Party.country.label("supplier_country"),
        Invoice.currency,
        Invoice.kind.label("invoice_kind"),
    )
    .outerjoin(Party, Party.id == Invoice.party_id)
    .where(Invoice.kind.in_(_PURCHASES), Invoice.by_hand.is_(False)),
    basis=Said("posted supplier bills", "已过账供应商账单"),
    handles=frozenset({"supplier", "supplier_country", "currency", "invoice_kind"}),
    dates=("posted_on", "due_on"),
    document_kind="supplier_bill",
)


def _paid(kind: InvoiceKind, who: str, columns: list[Any]) -> _Changes:
    """Select what payments settled, weighed by how long after posting and due day they came."""
    days = Settlement.settled_on
    return (
        select(
            Invoice.number.label("document"),
            Settlement.settled_on,
            Invoice.currency,
            Invoice.party_id.label(who),
            *columns,
            Settlement.base_minor.label("paid_minor"),
            (Settlement.base_minor * (days - Invoice.due_on)).label("late_minor"),
            (Settlement.base_minor * (days - Invoice.posted_on)).label("waited_minor"),
        )
        .join(Invoice, Invoice.id == Settlement.invoice_id)
        .outerjoin(Party, Party.id == Invoice.party_id)
        .where(Invoice.kind == kind, Settlement.payment_id.is_not(None))
    )


# What customers paid of their invoices, each on its day; what was undone counts back.
PAID_INVOICES = Source(
    id="paid_invoices",
    rows=_paid(
        InvoiceKind.CUSTOMER_INVOICE,
        "customer",
        [
            Territory.id.label("territory"),
            func.coalesce(Territory.country, Party.country).label("country"),
            Invoice.salesperson_id.label("salesperson"),
        ],
    )
    .outerjoin(Customer, Customer.party_id == Invoice.party_id)
    .outerjoin(
        Territory, Territory.id == func.coalesce(Invoice.territory_id, Customer.territory_id)
    ),
    basis=Said(
        "payments applied to customer invoices, weighed by amount",
        "已核销销售发票的收款，按金额加权",
    ),
    handles=frozenset({"customer", "territory", "country", "salesperson", "currency"}),
    dates=("settled_on",),
    owner="customer",
    document_kind="customer_invoice",
)
PAID_BILLS = Source(
    id="paid_bills",
    rows=_paid(InvoiceKind.SUPPLIER_BILL, "supplier", [Party.country.label("supplier_country")]),
    basis=Said(
        "payments applied to supplier bills, weighed by amount",
        "已核销供应商账单的付款，按金额加权",
    ),
    handles=frozenset({"supplier", "supplier_country", "currency"}),
    dates=("settled_on",),
    document_kind="supplier_bill",
)

# What was let off customers' invoices, and what suppliers let us off.
DEDUCTIONS = Source(
    id="deductions",
    rows=select(
        Deduction.number.label("document"),
        Deduction.posted_on,
        Deduction.kind,
        Deduction.currency,
        Invoice.party_id.label("customer"),
        Territory.id.label("territory"),
        func.coalesce(Territory.country, Party.country).label("country"),
        Invoice.salesperson_id.label("salesperson"),
        Deduction.base_amount_minor.label("amount_minor"),
    )
    .join(Invoice, Invoice.id == Deduction.invoice_id)
    .outerjoin(Customer, Customer.party_id == Invoice.party_id)
    .outerjoin(Party, Party.id == Invoice.party_id)
    .outerjoin(
        Territory, Territory.id == func.coalesce(Invoice.territory_id, Customer.territory_id)
    )
    .where(Deduction.state == DocumentState.POSTED, Invoice.kind.in_(_SALES)),
    basis=Said(
        "deductions from customer invoices that were not undone, with tax",
        "未撤销的销售发票扣减，含税",
    ),
    handles=frozenset({"customer", "territory", "country", "salesperson", "currency"}),
    dates=("posted_on",),
    owner="customer",
    document_kind="customer_invoice",
)
