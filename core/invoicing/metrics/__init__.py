"""What invoicing gives to reporting: invoiced lines, and what is owed and overdue on any day."""

from sqlalchemy import ColumnElement, String, case, literal, select

from core.invoicing.metrics.invoiced import SEMANTICS as INVOICED
from core.invoicing.metrics.owed import SEMANTICS as OWED
from core.invoicing.metrics.sources import BILL_LINES, SALES_LINES
from core.invoicing.tables import Invoice, InvoiceKind
from core.kernel.semantics import Dimension, Names, Rows, Semantics
from core.ledger.tax import TaxCode

__all__ = ["BILL_LINES", "SALES_LINES", "SEMANTICS"]


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
    metrics=(*OWED.metrics, *INVOICED.metrics),
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
        Dimension(
            id="invoice_kind",
            names=Names(
                "kind of invoice",
                "发票类型",
                ("invoice or credit note", "document type of invoices", "invoice type"),
                ("发票或贷项", "发票种类", "票据类型"),
            ),
            handle="invoice_kind",
            words={
                InvoiceKind.CUSTOMER_INVOICE.value: ("invoice", "发票"),
                InvoiceKind.CUSTOMER_CREDIT_NOTE.value: ("credit note", "贷项通知单"),
                InvoiceKind.SUPPLIER_BILL.value: ("supplier bill", "供应商账单"),
                InvoiceKind.SUPPLIER_CREDIT_NOTE.value: ("supplier credit", "供应商贷项"),
            },
        ),
        Dimension(
            id="tax_code",
            names=Names(
                "tax code",
                "税码",
                ("tax rate code", "VAT code", "code of tax"),
                ("税率代码", "增值税税码", "税种代码"),
            ),
            handle="tax_code",
            keys=select(TaxCode.code.label("key")),
        ),
    ),
)
