"""What customers owe us and what we owe suppliers, on any day."""

from typing import Any

from sqlalchemy import ColumnElement, func

from core.invoicing.metrics.sources import (
    BILLED,
    PAYABLES,
    PAYABLES_BY_SUPPLIER,
    RECEIVABLES,
    RECEIVABLES_BY_CUSTOMER,
)
from core.kernel.semantics import (
    AND_CUSTOMERS,
    Kind,
    Measure,
    Metric,
    Names,
    Rows,
    Said,
    Semantics,
    Timing,
    Unit,
)

# Over so many days billing is looked at where a balance is turned into days.
DAYS = 90


def _open(rows: Rows) -> ColumnElement[Any]:
    return rows["open_minor"]


def _overdue(rows: Rows) -> ColumnElement[bool]:
    return rows["due_on"] < rows.as_of


SEMANTICS = Semantics(
    metrics=(
        Metric(
            id="ar_balance",
            names=Names(
                "receivables",
                "应收账款",
                (
                    "AR balance",
                    "accounts receivable",
                    "open receivables",
                    "outstanding invoices",
                    "money owed to us",
                    "what customers owe us",
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
            measure=Measure(
                RECEIVABLES,
                _open,
                timing=Timing.UP_TO,
                minor=True,
                coarse=Measure(RECEIVABLES_BY_CUSTOMER, _open, timing=Timing.UP_TO, minor=True),
            ),
            more_is_better=False,
        ),
        Metric(
            id="ar_overdue",
            names=Names(
                "overdue receivables",
                "逾期应收",
                (
                    "AR overdue",
                    "overdue invoices",
                    "past due receivables",
                    "overdue amount",
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
                RECEIVABLES,
                _open,
                where=_overdue,
                timing=Timing.UP_TO,
                minor=True,
                basis=Said(
                    "open customer invoices past their due date, with tax",
                    "已过到期日的未结销售发票，含税",
                ),
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
                "Overdue receivables as a percentage of all open invoices; credits not yet"
                " applied count in neither.",
                "逾期应收占全部未结发票的百分比；未核销的贷项均不计入。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            parts=("ar_overdue", "ar_invoices"),
            formula=lambda overdue, invoices: 100 * overdue / func.nullif(invoices, 0),
            undefined=Said("n/a (nothing receivable)", "不适用（无应收）"),
            more_is_better=False,
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
                f" last {DAYS} days, times {DAYS}.",
                f"当日终了的应收账款除以最近{DAYS}天含税开票额，再乘以{DAYS}。",
            ),
            unit=Unit.DAYS,
            kind=Kind.RATIO,
            parts=("ar_balance", "billed_trailing"),
            formula=lambda balance, billed: DAYS * balance / func.nullif(billed, 0),
            undefined=Said("n/a (nothing billed)", "不适用（无开票）"),
            more_is_better=False,
        ),
        Metric(
            id="billed_trailing",
            names=Names("billed in the last 90 days", "近90天开票额"),
            definition=Said(
                f"Posted invoices less credit notes, with tax, of the last {DAYS} days.",
                f"最近{DAYS}天已过账发票减贷项（含税）。",
            ),
            unit=Unit.MONEY,
            kind=Kind.SNAPSHOT,
            measure=Measure(
                BILLED,
                lambda rows: rows["total_minor"],
                timing=Timing.TRAILING,
                days=DAYS,
                minor=True,
            ),
            inner=True,
        ),
        Metric(
            id="ap_balance",
            names=Names(
                "payables",
                "应付账款",
                (
                    "AP balance",
                    "accounts payable",
                    "open payables",
                    "money we owe",
                    "what we owe suppliers",
                    "unpaid bills",
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
            measure=Measure(
                PAYABLES,
                _open,
                timing=Timing.UP_TO,
                minor=True,
                coarse=Measure(PAYABLES_BY_SUPPLIER, _open, timing=Timing.UP_TO, minor=True),
            ),
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
                PAYABLES,
                _open,
                where=_overdue,
                timing=Timing.UP_TO,
                minor=True,
                basis=Said(
                    "open supplier bills past their due date, with tax",
                    "已过到期日的未结供应商账单，含税",
                ),
            ),
            more_is_better=False,
        ),
        Metric(
            id="ar_invoices",
            names=Names("open customer invoices", "未结销售发票"),
            definition=Said(
                "The open part of customer invoices at the end of the day; credits not yet"
                " applied are not"
                " taken off.",
                "当日终了销售发票的未结部分；未核销的贷项不抵减。",
            ),
            unit=Unit.MONEY,
            kind=Kind.SNAPSHOT,
            roles=AND_CUSTOMERS,
            measure=Measure(
                RECEIVABLES,
                _open,
                where=lambda rows: rows["due_on"].is_not(None),
                timing=Timing.UP_TO,
                minor=True,
            ),
            inner=True,
        ),
        Metric(
            id="ap_invoices",
            names=Names("open supplier bills", "未结供应商账单"),
            definition=Said(
                "The open part of supplier bills at the end of the day.",
                "当日终了供应商账单的未结部分。",
            ),
            unit=Unit.MONEY,
            kind=Kind.SNAPSHOT,
            measure=Measure(
                PAYABLES,
                _open,
                where=lambda rows: rows["due_on"].is_not(None),
                timing=Timing.UP_TO,
                minor=True,
            ),
            inner=True,
        ),
        Metric(
            id="ap_overdue_pct",
            names=Names(
                "overdue share of payables",
                "应付逾期率",
                ("AP overdue percent", "percent of payables overdue", "overdue ratio of payables"),
                ("应付逾期比例", "应付逾期占比", "逾期应付比例"),
            ),
            definition=Said(
                "Overdue payables as a percentage of all open supplier bills.",
                "逾期应付占全部未结供应商账单的百分比。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            parts=("ap_overdue", "ap_invoices"),
            formula=lambda overdue, bills: 100 * overdue / func.nullif(bills, 0),
            undefined=Said("n/a (nothing payable)", "不适用（无应付）"),
            more_is_better=False,
        ),
    ),
)
