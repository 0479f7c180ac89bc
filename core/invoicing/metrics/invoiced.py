"""Invoices, bills and payments: how many, how much, and how late they were paid."""

from sqlalchemy import func

from core.invoicing.metrics.sources import (
    BILLED,
    BILLS,
    DEDUCTIONS,
    PAID_BILLS,
    PAID_INVOICES,
    PAYMENTS,
    SALES_LINES,
)
from core.invoicing.tables import DeductionKind, InvoiceKind, PaymentKind
from core.kernel.semantics import (
    AND_CUSTOMERS,
    Adding,
    Kind,
    Measure,
    Metric,
    Names,
    Said,
    Semantics,
    Unit,
)

SEMANTICS = Semantics(
    metrics=(
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
                PAYMENTS,
                lambda rows: rows["amount_minor"],
                minor=True,
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
                PAYMENTS,
                lambda rows: rows["amount_minor"],
                minor=True,
                where=lambda rows: rows["kind"] == PaymentKind.SUPPLIER_PAYMENT,
            ),
        ),
        Metric(
            id="invoices",
            names=Names(
                "invoices",
                "开票数",
                ("number of invoices", "invoice count", "invoices issued", "customer invoices"),
                ("发票数", "发票数量", "销售发票数"),
            ),
            definition=Said(
                "The number of posted customer invoices in the period; credit notes are not"
                " counted.",
                "期间内已过账的销售发票数量；不含贷项通知单。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            roles=AND_CUSTOMERS,
            measure=Measure(
                BILLED,
                adding=Adding.COUNT,
                where=lambda rows: rows["invoice_kind"] == InvoiceKind.CUSTOMER_INVOICE,
                basis=Said("posted customer invoices", "已过账销售发票"),
            ),
        ),
        Metric(
            id="credited_value",
            names=Names(
                "credited to customers",
                "贷项金额",
                ("credit notes value", "value of credit notes", "amount credited"),
                ("贷项通知单金额", "红字金额", "冲减金额"),
            ),
            definition=Said(
                "Net amount of posted credit notes to customers in the period, without tax.",
                "期间内已过账的客户贷项通知单净额，不含税。",
            ),
            unit=Unit.MONEY,
            kind=Kind.FLOW,
            roles=AND_CUSTOMERS,
            measure=Measure(
                SALES_LINES,
                lambda rows: -rows["net_minor"],
                where=lambda rows: rows["invoice_kind"] == InvoiceKind.CUSTOMER_CREDIT_NOTE,
                minor=True,
                basis=Said("posted credit notes, without tax", "已过账贷项通知单，不含税"),
            ),
            more_is_better=False,
        ),
        Metric(
            id="bills",
            names=Names(
                "supplier bills",
                "供应商账单数",
                ("number of bills", "bill count", "bills received", "number of supplier bills"),
                ("账单数", "账单数量", "收到的账单数"),
            ),
            definition=Said(
                "The number of posted supplier bills in the period; credits are not counted.",
                "期间内已过账的供应商账单数量；不含贷项。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            measure=Measure(
                BILLS,
                adding=Adding.COUNT,
                where=lambda rows: rows["invoice_kind"] == InvoiceKind.SUPPLIER_BILL,
            ),
        ),
        Metric(
            id="paid_by_customers",
            names=Names("paid by customers", "客户已付"),
            definition=Said(
                "Payments applied to customer invoices in the period.",
                "期间内核销到销售发票的收款。",
            ),
            unit=Unit.MONEY,
            kind=Kind.FLOW,
            measure=Measure(PAID_INVOICES, lambda rows: rows["paid_minor"], minor=True),
            inner=True,
        ),
        Metric(
            id="late_money_days",
            names=Names("days late, weighed", "加权逾期天数"),
            definition=Said(
                "Each of those times the days from the due day to the payment.",
                "上述各笔乘以到期日至付款日的天数。",
            ),
            unit=Unit.MONEY,
            kind=Kind.FLOW,
            measure=Measure(PAID_INVOICES, lambda rows: rows["late_minor"], minor=True),
            inner=True,
        ),
        Metric(
            id="waited_money_days",
            names=Names("days until paid, weighed", "加权收款天数"),
            definition=Said(
                "Each of those times the days from posting to the payment.",
                "上述各笔乘以过账日至付款日的天数。",
            ),
            unit=Unit.MONEY,
            kind=Kind.FLOW,
            measure=Measure(PAID_INVOICES, lambda rows: rows["waited_minor"], minor=True),
            inner=True,
        ),
        Metric(
            id="paid_to_suppliers",
            names=Names("paid to suppliers", "已付供应商"),
            definition=Said(
                "Payments applied to supplier bills in the period.",
                "期间内核销到供应商账单的付款。",
            ),
            unit=Unit.MONEY,
            kind=Kind.FLOW,
            measure=Measure(PAID_BILLS, lambda rows: rows["paid_minor"], minor=True),
            inner=True,
        ),
        Metric(
            id="bill_money_days",
            names=Names("days until bills were paid, weighed", "加权付款天数"),
            definition=Said(
                "Each of those times the days from posting to the payment.",
                "上述各笔乘以过账日至付款日的天数。",
            ),
            unit=Unit.MONEY,
            kind=Kind.FLOW,
            measure=Measure(PAID_BILLS, lambda rows: rows["waited_minor"], minor=True),
            inner=True,
        ),
        Metric(
            id="avg_days_late",
            names=Names(
                "average days late",
                "平均逾期天数",
                ("average days overdue at payment", "how late customers pay", "days beyond terms"),
                ("平均迟付天数", "平均超期天数", "客户迟付天数"),
            ),
            definition=Said(
                "Mean days from the due day to the payment, weighed by amount, of what"
                " customers paid in the"
                " period; paid early counts as negative.",
                "期间内客户付款从到期日到付款日的天数，按金额加权平均；提前付款为负。",
            ),
            unit=Unit.DAYS,
            kind=Kind.RATIO,
            parts=("late_money_days", "paid_by_customers"),
            formula=lambda days, paid: days / func.nullif(paid, 0),
            undefined=Said("n/a (nothing paid)", "不适用（无付款）"),
            more_is_better=False,
        ),
        Metric(
            id="days_to_collect",
            names=Names(
                "average days to collect",
                "平均收款周期",
                ("days to collect", "average days to pay of customers", "time to collect"),
                ("平均回款周期", "收款周期", "平均回款时间"),
            ),
            definition=Said(
                "Mean days from posting to the payment, weighed by amount, of what customers"
                " paid in the period.",
                "期间内客户付款从发票过账到付款的天数，按金额加权平均。",
            ),
            unit=Unit.DAYS,
            kind=Kind.RATIO,
            parts=("waited_money_days", "paid_by_customers"),
            formula=lambda days, paid: days / func.nullif(paid, 0),
            undefined=Said("n/a (nothing paid)", "不适用（无付款）"),
            more_is_better=False,
        ),
        Metric(
            id="days_to_pay",
            names=Names(
                "average days to pay",
                "平均付款周期",
                ("days to pay", "how fast we pay", "time to pay suppliers"),
                ("付款周期", "平均付款时间", "付款天数周期"),
            ),
            definition=Said(
                "Mean days from posting to the payment, weighed by amount, of what we paid"
                " suppliers in the"
                " period.",
                "期间内我方付款从账单过账到付款的天数，按金额加权平均。",
            ),
            unit=Unit.DAYS,
            kind=Kind.RATIO,
            parts=("bill_money_days", "paid_to_suppliers"),
            formula=lambda days, paid: days / func.nullif(paid, 0),
            undefined=Said("n/a (nothing paid)", "不适用（无付款）"),
            more_is_better=None,
        ),
        Metric(
            id="early_discounts",
            names=Names(
                "early payment discounts",
                "现金折扣额",
                ("cash discounts", "discounts for early payment", "settlement discounts"),
                ("提前付款折扣", "现金折扣", "付款折扣额"),
            ),
            definition=Said(
                "What customers took off their invoices for paying early, with tax, in the period.",
                "期间内客户因提前付款而扣减的金额，含税。",
            ),
            unit=Unit.MONEY,
            kind=Kind.FLOW,
            measure=Measure(
                DEDUCTIONS,
                lambda rows: rows["amount_minor"],
                where=lambda rows: rows["kind"] == DeductionKind.EARLY_DISCOUNT,
                minor=True,
            ),
            more_is_better=False,
        ),
        Metric(
            id="written_off",
            names=Names(
                "written off receivables",
                "坏账核销额",
                ("receivables written off", "bad debts written off", "write-offs of invoices"),
                ("应收核销额", "坏账金额", "核销坏账"),
            ),
            definition=Said(
                "What was written off customers' invoices in the period, with tax.",
                "期间内核销的客户发票金额，含税。",
            ),
            unit=Unit.MONEY,
            kind=Kind.FLOW,
            measure=Measure(
                DEDUCTIONS,
                lambda rows: rows["amount_minor"],
                where=lambda rows: rows["kind"] == DeductionKind.WRITE_OFF,
                minor=True,
            ),
            more_is_better=False,
        ),
    ),
)
