"""What the ledger gives to reporting: results, balances and cash, by account."""

from sqlalchemy import ColumnElement, String, and_, case, cast, select

from core.kernel.semantics import (
    BOOKS,
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
from core.ledger.chart import COST_OF_GOODS_SOLD, INVENTORY_ADJUSTMENT, PRICE_VARIANCE
from core.ledger.tables import Account, AccountKind, CashFlow, Journal, JournalEntry, Posting, Side

# Expenses that belong to what was sold rather than to running the company.
COST_OF_SALES = (COST_OF_GOODS_SOLD, INVENTORY_ADJUSTMENT, PRICE_VARIANCE)

POSTINGS = Source(
    id="postings",
    rows=select(
        JournalEntry.number.label("document"),
        JournalEntry.posted_on,
        JournalEntry.journal.label("journal"),
        Account.id.label("account"),
        Account.kind.label("account_kind"),
        Account.role.label("account_role"),
        Account.cash_flow.label("cash_flow"),
        Posting.party_id.label("party"),
        case((Posting.side == Side.DEBIT, Posting.base_minor), else_=-Posting.base_minor).label(
            "debit_minor"
        ),
    )
    .join(JournalEntry, JournalEntry.id == Posting.entry_id)
    .join(Account, Account.id == Posting.account_id),
    basis=Said("posted journal entries", "已过账的记账凭证"),
    handles=frozenset({"account"}),
    dates=("posted_on",),
    document_kind="journal_entry",
)


def _is_cash(rows: Rows) -> ColumnElement[bool]:
    return rows["cash_flow"] == CashFlow.CASH


def _is_operating(rows: Rows) -> ColumnElement[bool]:
    return and_(
        rows["account_kind"] == AccountKind.EXPENSE,
        rows["journal"] != Journal.CLOSING,
        rows["account_role"].is_(None) | rows["account_role"].not_in(COST_OF_SALES),
    )


SEMANTICS = Semantics(
    metrics=(
        Metric(
            id="net_profit",
            names=Names(
                "net profit",
                "净利润",
                ("profit", "net income", "bottom line", "earnings", "net result"),
                ("利润", "净收益", "净利", "净收入"),
            ),
            definition=Said(
                "Income less expenses of all posted journal entries in the period.",
                "期间内所有已过账凭证的收入减去费用。",
            ),
            unit=Unit.MONEY,
            kind=Kind.FLOW,
            roles=BOOKS,
            measure=Measure(
                POSTINGS,
                lambda rows: -rows["debit_minor"],
                where=lambda rows: and_(
                    rows["account_kind"].in_((AccountKind.INCOME, AccountKind.EXPENSE)),
                    # What carries the result forward earned nothing and cost nothing.
                    rows["journal"] != Journal.CLOSING,
                ),
                minor=True,
            ),
            more_is_better=True,
        ),
        Metric(
            id="opex",
            names=Names(
                "operating expenses",
                "营业费用",
                ("opex", "operating costs", "overheads", "running costs", "expenses"),
                ("运营费用", "经营费用", "期间费用", "费用", "开支"),
            ),
            definition=Said(
                "Debits less credits of the expense accounts in the period, except cost of goods"
                " sold, inventory adjustments and purchase price variances.",
                "期间内费用类科目的借方减贷方，不含主营业务成本、存货盘盈盘亏和采购价差。",
            ),
            unit=Unit.MONEY,
            kind=Kind.FLOW,
            roles=BOOKS,
            measure=Measure(
                POSTINGS, lambda rows: rows["debit_minor"], where=_is_operating, minor=True
            ),
            more_is_better=False,
        ),
        Metric(
            id="cash_balance",
            names=Names(
                "cash balance",
                "现金余额",
                ("cash", "bank balance", "cash on hand", "money in the bank", "cash position"),
                ("现金", "银行余额", "资金余额", "账上资金", "货币资金"),
            ),
            definition=Said(
                "Balance of the bank and cash accounts at the end of the day.",
                "当日终了银行存款与库存现金科目的余额。",
            ),
            unit=Unit.MONEY,
            kind=Kind.SNAPSHOT,
            roles=BOOKS,
            measure=Measure(
                POSTINGS,
                lambda rows: rows["debit_minor"],
                where=_is_cash,
                timing=Timing.UP_TO,
                minor=True,
            ),
            more_is_better=True,
        ),
        Metric(
            id="net_cash_flow",
            names=Names(
                "net cash flow",
                "净现金流",
                ("cash flow", "change in cash", "cash movement"),
                ("现金流", "现金净变动", "现金流量净额"),
            ),
            definition=Said(
                "Change of the bank and cash accounts over the period.",
                "期间内银行存款与库存现金科目的净变动。",
            ),
            unit=Unit.MONEY,
            kind=Kind.FLOW,
            roles=BOOKS,
            measure=Measure(
                POSTINGS, lambda rows: rows["debit_minor"], where=_is_cash, minor=True
            ),
            more_is_better=True,
        ),
        Metric(
            id="account_balance",
            names=Names(
                "account balance",
                "科目余额",
                ("ledger balance", "balance of an account", "GL balance"),
                ("总账余额", "会计科目余额", "账户余额"),
            ),
            definition=Said(
                "Debits less credits of the accounts up to the end of the day; what is owed and"
                " earned is negative.",
                "截至当日终了科目的借方减贷方；负债、权益和收入为负数。",
            ),
            unit=Unit.MONEY,
            kind=Kind.SNAPSHOT,
            roles=BOOKS,
            measure=Measure(
                POSTINGS, lambda rows: rows["debit_minor"], timing=Timing.UP_TO, minor=True
            ),
        ),
    ),
    dimensions=(
        Dimension(
            id="gl_account",
            names=Names(
                "account",
                "会计科目",
                ("GL account", "ledger account", "general ledger account"),
                ("科目", "总账科目", "明细科目"),
            ),
            handle="account",
            members=select(
                Account.id, Account.code.label("key"), Account.name.label("label"),
                Account.name_zh.label("label_zh"),
            ).where(Account.heading.is_(False)),
            parent="account_type",
            roles=BOOKS,
        ),
        Dimension(
            id="account_type",
            names=Names(
                "account type",
                "科目类型",
                ("kind of account", "account class", "account kind"),
                ("科目类别", "科目大类", "账户类型"),
            ),
            handle="account",
            members=select(
                Account.id, cast(Account.kind, String).label("key"),
                cast(Account.kind, String).label("label"),
                cast(Account.kind, String).label("label_zh"),
            ),
            words={
                "asset": ("assets", "资产"),
                "liability": ("liabilities", "负债"),
                "equity": ("equity", "所有者权益"),
                "income": ("income", "收入"),
                "expense": ("expenses", "费用"),
            },
            ordered=True,
            roles=BOOKS,
        ),
    ),
)  # fmt: skip
