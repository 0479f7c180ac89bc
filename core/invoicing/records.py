"""What invoicing gives to lists: invoices, credit notes, bills and payments, and who owes what."""

from typing import Any

from sqlalchemy import ColumnElement, func, select

from core.invoicing.tables import (
    DocumentState,
    Instalment,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    Payment,
    PaymentKind,
)
from core.kernel.listing import TODAY, Field, Holds, Lists, RecordKind, flag, record
from core.kernel.semantics import AND_CUSTOMERS, EVERYDAY, Names, Said
from core.parties.records import SALESPERSON
from core.parties.tables import Party

_STATES: dict[str, tuple[str, str]] = {
    DocumentState.POSTED: ("posted", "已过账"),
    DocumentState.REVERSED: ("reversed", "已冲销"),
}
_IS_OPEN = Invoice.open_minor > 0
# The day on which the first instalment that is not settled is due.
_due = func.coalesce(
    select(func.min(Instalment.due_on))
    .where(
        Instalment.invoice_id == Invoice.id,
        Instalment.until_minor > Invoice.total_minor - Invoice.open_minor,
    )
    .correlate(Invoice)
    .scalar_subquery(),
    Invoice.due_on,
)
_ITEMS = select(InvoiceLine.invoice_id.label("record"), InvoiceLine.item_id.label("value")).where(
    InvoiceLine.item_id.is_not(None)
)
_OPEN_NAMES = Names(
    "open",
    "未结",
    ("unpaid", "outstanding", "not paid", "unsettled"),
    ("未付", "未付款", "未收", "未清", "没付", "还没付", "没付款", "待付"),
)
_PAID_NAMES = Names("paid", "已付清", ("settled", "fully paid"), ("已付", "已结清", "付清"))
_OVERDUE_NAMES = Names(
    "overdue", "逾期", ("past due", "late", "overdue for payment"), ("过期", "已逾期", "超期")
)


def _documents(
    name: str,
    names: Names,
    one: Said,
    kind: InvoiceKind,
    party: Field,
    **besides: Any,  # noqa: ANN401
) -> RecordKind:
    """Return a kind of document: what it says, what is open of it, and when that is due."""
    is_note = kind in {InvoiceKind.CUSTOMER_CREDIT_NOTE, InvoiceKind.SUPPLIER_CREDIT_NOTE}
    due = (
        ()
        if is_note
        else (
            Field(
                "due_on",
                Names("due on", "到期日", ("due", "due date"), ("到期",)),
                Holds.DATE,
                _due,
                ahead=True,
            ),
            Field(
                "overdue_days",
                Names("days overdue", "逾期天数"),
                Holds.COUNT,
                func.greatest(TODAY - _due, 0),
                shown=False,
            ),
            flag(
                "overdue",
                _OVERDUE_NAMES,
                _IS_OPEN & (_due < TODAY),
                negative=Names("not overdue", "未逾期", ("not yet due",), ("未到期",)),
            ),
        )
    )
    return RecordKind(
        id=name,
        names=names,
        one=one,
        source=Invoice.__table__,
        where=(Invoice.kind == kind,),
        key=Invoice.number,
        identity=Invoice.id,
        currency=Invoice.currency,
        fields=(
            Field("number", Names("number", "编号"), column=Invoice.number),
            party,
            Field(
                "posted_on",
                Names(
                    "posted on", "过账日期", ("posted", "dated", "issued"), ("过账", "开票", "开具")
                ),
                Holds.DATE,
                Invoice.posted_on,
            ),
            *due,
            Field(
                "net",
                Names("net", "净额", ("net amount",), ("不含税金额",)),
                Holds.MONEY,
                Invoice.net_minor,
                shown=False,
            ),
            Field(
                "total",
                Names(
                    "total",
                    "总额",
                    ("amount", "total amount", "worth", "sum"),
                    ("金额", "含税金额"),
                ),
                Holds.MONEY,
                Invoice.total_minor,
                base=Invoice.base_total_minor,
            ),
            Field(
                "open_amount",
                Names(
                    "open",
                    "未结金额",
                    ("open amount", "unpaid amount", "outstanding amount"),
                    ("未付金额", "未清金额"),
                ),
                Holds.MONEY,
                Invoice.open_minor,
                base=Invoice.open_base_minor,
            ),
            Field("state", Names("state", "状态"), Holds.WORD, Invoice.state, words=_STATES),
            Field("reference", Names("reference", "参考号"), column=Invoice.reference, shown=False),
            Field("origin", Names("for", "来源"), column=Invoice.origin, shown=False),
            record("item", Names("item", "物料", ("with item", "for item")), through=_ITEMS),
            flag("open", _OPEN_NAMES, _IS_OPEN, negative=_PAID_NAMES),
            *besides.pop("fields", ()),
        ),
        day="posted_on",
        order=(("posted_on", "desc"),),
        **besides,
    )


def _customer() -> Field:
    return record("customer", Names("customer", "客户"), Invoice.party_id)


def _supplier() -> Field:
    return record("supplier", Names("supplier", "供应商"), Invoice.party_id)


_OURS: dict[str, Any] = {
    "owner": Invoice.party_id,
    "roles": AND_CUSTOMERS,
    "fields": (record("salesperson", SALESPERSON, Invoice.salesperson_id, shown=False),),
}
INVOICES = _documents(
    "invoices",
    Names(
        "customer invoices",
        "销售发票",
        ("invoices", "sales invoices"),
        ("发票", "客户发票", "应收单"),
    ),
    Said("customer invoice", "销售发票"),
    InvoiceKind.CUSTOMER_INVOICE,
    _customer(),
    ref="customer_invoice",
    **_OURS,
)
CREDIT_NOTES = _documents(
    "credit_notes",
    Names(
        "credit notes", "贷项通知单", ("customer credit notes", "credits to customers"), ("贷项",)
    ),
    Said("credit note", "贷项通知单"),
    InvoiceKind.CUSTOMER_CREDIT_NOTE,
    _customer(),
    ref="customer_credit_note",
    **_OURS,
)
BILLS = _documents(
    "bills",
    Names(
        "supplier bills",
        "供应商账单",
        ("bills", "supplier invoices", "purchase invoices"),
        ("账单", "采购发票", "供应商发票"),
    ),
    Said("supplier bill", "供应商账单"),
    InvoiceKind.SUPPLIER_BILL,
    _supplier(),
    ref="supplier_bill",
)
SUPPLIER_CREDITS = _documents(
    "supplier_credits",
    Names("supplier credit notes", "供应商贷项", ("supplier credits", "credits of suppliers")),
    Said("supplier credit note", "供应商贷项"),
    InvoiceKind.SUPPLIER_CREDIT_NOTE,
    _supplier(),
    ref="supplier_credit_note",
)


def _payments(
    name: str,
    names: Names,
    one: Said,
    kind: PaymentKind,
    party: Field,
    **besides: Any,  # noqa: ANN401
) -> RecordKind:
    return RecordKind(
        id=name,
        names=names,
        one=one,
        source=Payment.__table__,
        where=(Payment.kind == kind,),
        key=Payment.number,
        identity=Payment.id,
        currency=Payment.currency,
        fields=(
            Field("number", Names("number", "编号"), column=Payment.number),
            party,
            Field(
                "paid_on",
                Names("paid on", "付款日期", ("paid", "received on"), ("收款日期",)),
                Holds.DATE,
                Payment.paid_on,
            ),
            Field(
                "amount",
                Names("amount", "金额", ("total", "sum"), ("总额",)),
                Holds.MONEY,
                Payment.amount_minor,
                base=Payment.base_amount_minor,
            ),
            Field(
                "open_amount",
                Names("unapplied", "未核销金额", ("not applied",)),
                Holds.MONEY,
                Payment.open_minor,
                base=Payment.open_base_minor,
            ),
            Field("state", Names("state", "状态"), Holds.WORD, Payment.state, words=_STATES),
            Field("reference", Names("reference", "参考号"), column=Payment.reference, shown=False),
            flag(
                "open",
                Names("unapplied", "未核销", ("not applied", "unallocated")),
                Payment.open_minor > 0,
            ),
        ),
        day="paid_on",
        order=(("paid_on", "desc"),),
        **besides,
    )


RECEIPTS = _payments(
    "customer_payments",
    Names(
        "customer payments",
        "收款",
        ("incoming payments", "payments received", "receipts of money", "payments from customers"),
        ("客户付款", "收款单"),
    ),
    Said("customer payment", "收款"),
    PaymentKind.CUSTOMER_PAYMENT,
    record("customer", Names("customer", "客户"), Payment.party_id),
    owner=Payment.party_id,
    roles=AND_CUSTOMERS,
    ref="customer_payment",
)
PAYMENTS = _payments(
    "supplier_payments",
    Names(
        "supplier payments",
        "付款",
        ("outgoing payments", "payments made", "payments to suppliers"),
        ("付款单", "供应商付款"),
    ),
    Said("supplier payment", "付款"),
    PaymentKind.SUPPLIER_PAYMENT,
    record("supplier", Names("supplier", "供应商"), Payment.party_id),
    ref="supplier_payment",
)


def _owed(kind: InvoiceKind, note: InvoiceKind, *, overdue: bool = False) -> ColumnElement[Any]:
    """Return what is open with a party in the books, credits taken off."""
    kinds = (kind,) if overdue else (kind, note)
    amount = Invoice.open_base_minor
    signed = func.sum(amount).filter(Invoice.kind == kind)
    off = func.coalesce(func.sum(amount).filter(Invoice.kind == note), 0)
    wanted = select(func.coalesce(signed, 0) - off).where(
        Invoice.party_id == Party.id, Invoice.kind.in_(kinds), _IS_OPEN
    )
    if overdue:
        wanted = wanted.where(_due < TODAY)
    return wanted.correlate(Party).scalar_subquery()


_SALE = (InvoiceKind.CUSTOMER_INVOICE, InvoiceKind.CUSTOMER_CREDIT_NOTE)
_BUY = (InvoiceKind.SUPPLIER_BILL, InvoiceKind.SUPPLIER_CREDIT_NOTE)
_OWES = (
    Field(
        "open_amount",
        Names("open balance", "未结余额", ("balance", "owes", "owed"), ("欠款",)),
        Holds.MONEY,
        _owed(*_SALE),
    ),
    Field(
        "overdue_amount",
        Names("overdue balance", "逾期余额", ("overdue amount",)),
        Holds.MONEY,
        _owed(*_SALE, overdue=True),
        shown=False,
    ),
    flag(
        "overdue",
        Names("overdue", "逾期", ("late", "with overdue invoices"), ("有逾期",)),
        _owed(*_SALE, overdue=True) > 0,
    ),
    Field(
        "invoiced_on",
        Names("invoices", "开票"),
        Holds.DATE,
        shown=False,
        through=select(Invoice.party_id.label("record"), Invoice.posted_on.label("value")).where(
            Invoice.kind == InvoiceKind.CUSTOMER_INVOICE
        ),
        roles=EVERYDAY,
    ),
    Field(
        "paid_on",
        Names("payments", "收款"),
        Holds.DATE,
        shown=False,
        through=select(Payment.party_id.label("record"), Payment.paid_on.label("value")).where(
            Payment.kind == PaymentKind.CUSTOMER_PAYMENT, Payment.state == DocumentState.POSTED
        ),
        roles=EVERYDAY,
    ),
)
_IS_OWED = (
    Field(
        "open_amount",
        Names("open balance", "未结余额", ("balance", "owed")),
        Holds.MONEY,
        _owed(*_BUY),
    ),
    Field(
        "overdue_amount",
        Names("overdue balance", "逾期余额"),
        Holds.MONEY,
        _owed(*_BUY, overdue=True),
        shown=False,
    ),
)

LISTS = Lists(
    kinds=(INVOICES, CREDIT_NOTES, BILLS, SUPPLIER_CREDITS, RECEIPTS, PAYMENTS),
    besides={"customers": _OWES, "suppliers": _IS_OWED},
)
