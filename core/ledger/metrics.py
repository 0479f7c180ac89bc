"""What the ledger gives to reporting: results, balances and cash, by account."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from core.kernel.semantics import (
    BOOKS,
    EVERYDAY,
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
from core.ledger.chart import (
    COST_OF_GOODS_SOLD,
    GOODS_RECEIVED_NOT_BILLED,
    INVENTORY_ADJUSTMENT,
    PRICE_VARIANCE,
    TAX_DUE,
    TAX_INPUT,
    TAX_OUTPUT,
)
from core.ledger.tables import (
    Account,
    AccountKind,
    AccountTotal,
    BankAccount,
    CashFlow,
    DimensionMember,
    DimensionSetMember,
    EntryTail,
    Journal,
    JournalEntry,
    Posting,
    Side,
)
from core.ledger.tables import (
    Dimension as PostingDimension,
)

# Expenses that belong to what was sold rather than to running the company.
COST_OF_SALES = (COST_OF_GOODS_SOLD, INVENTORY_ADJUSTMENT, PRICE_VARIANCE)

POSTINGS = Source(
    id="postings",
    rows=select(
        JournalEntry.number.label("document"),
        JournalEntry.posted_on,
        JournalEntry.journal.label("journal"),
        # What carries the result forward earned nothing and cost nothing.
        (JournalEntry.journal == Journal.CLOSING).label("closing"),
        Account.id.label("account"),
        Account.kind.label("account_kind"),
        Account.role.label("account_role"),
        Account.cash_flow.label("cash_flow"),
        Posting.party_id.label("party"),
        Posting.dimension_set_id.label("dimension_set"),
        case((Posting.side == Side.DEBIT, Posting.base_minor), else_=-Posting.base_minor).label(
            "debit_minor"
        ),
    )
    .join(JournalEntry, JournalEntry.id == Posting.entry_id)
    .join(Account, Account.id == Posting.account_id),
    basis=Said("posted journal entries", "已过账的记账凭证"),
    handles=frozenset({"account", "journal", "dimension_set"}),
    dates=("posted_on",),
    document_kind="journal_entry",
)


# The same by account and day, from the kept totals: whole days that are folded, lines of the tail,
# and, as no total knows its journal, closing entries taken out of their day and put beside it.
_is_debit = Posting.side == Side.DEBIT
_debit = case((_is_debit, Posting.base_minor), else_=-Posting.base_minor)
_folded_closing = (
    select(Posting.account_id, Posting.posted_on, _debit.label("minor"))
    .join(JournalEntry, JournalEntry.id == Posting.entry_id)
    .where(
        JournalEntry.journal == Journal.CLOSING,
        ~select(EntryTail.entry_id).where(EntryTail.entry_id == JournalEntry.id).exists(),
    )
    .cte("folded_closing")
)
_days = union_all(
    select(
        AccountTotal.account_id.label("account_id"),
        AccountTotal.day.label("posted_on"),
        false().label("closing"),
        (AccountTotal.base_debit_minor - AccountTotal.base_credit_minor).label("debit_minor"),
        AccountTotal.lines.label("lines"),
    ),
    select(
        Posting.account_id,
        Posting.posted_on,
        JournalEntry.journal == Journal.CLOSING,
        _debit,
        literal(1, BigInteger),
    )
    .join(EntryTail, EntryTail.entry_id == Posting.entry_id)
    .join(JournalEntry, JournalEntry.id == Posting.entry_id),
    *(
        select(
            _folded_closing.c.account_id,
            _folded_closing.c.posted_on,
            literal(beside, Boolean),
            (literal(sign, Integer) * _folded_closing.c.minor),
            literal(sign, BigInteger),
        )
        for beside, sign in ((False, -1), (True, 1))
    ),
).subquery("account_days")
ACCOUNT_DAYS = Source(
    id="account_days",
    rows=select(
        _days.c.posted_on,
        _days.c.closing,
        Account.id.label("account"),
        Account.kind.label("account_kind"),
        Account.role.label("account_role"),
        Account.cash_flow.label("cash_flow"),
        _days.c.debit_minor,
        _days.c.lines,
    ).join(Account, Account.id == _days.c.account_id),
    basis=POSTINGS.basis,
    handles=frozenset({"account"}),
    dates=("posted_on",),
    document_kind="journal_entry",
)


def of_books(
    value: Callable[[Rows], ColumnElement[Any]],
    where: Callable[[Rows], ColumnElement[bool]] | None = None,
    timing: Timing = Timing.WITHIN,
) -> Measure:
    """Return the sum of posted lines; by account, it is read from the kept totals."""
    kept = Measure(
        ACCOUNT_DAYS,
        value,
        where=where,
        timing=timing,
        minor=True,
        counting=lambda rows: rows["lines"],
    )
    return Measure(POSTINGS, value, where=where, timing=timing, minor=True, coarse=kept)


def _debits(rows: Rows) -> ColumnElement[Any]:
    return rows["debit_minor"]


def _credits(rows: Rows) -> ColumnElement[Any]:
    return -rows["debit_minor"]


def _is_cash(rows: Rows) -> ColumnElement[bool]:
    return rows["cash_flow"] == CashFlow.CASH


def _is_operating(rows: Rows) -> ColumnElement[bool]:
    return and_(
        rows["account_kind"] == AccountKind.EXPENSE,
        ~rows["closing"],
        rows["account_role"].is_(None) | rows["account_role"].not_in(COST_OF_SALES),
    )


def _of_role(*roles: str) -> Callable[[Rows], ColumnElement[bool]]:
    return lambda rows: rows["account_role"].in_(roles)


def _along(code: str) -> Select[*tuple[Any, ...]]:
    """Return what a combination of dimensions says of one of them."""
    return (
        select(
            DimensionSetMember.set_id.label("id"),
            DimensionMember.code.label("key"),
            DimensionMember.name.label("label"),
            DimensionMember.name_zh.label("label_zh"),
        )
        .join(DimensionMember, DimensionMember.id == DimensionSetMember.member_id)
        .join(PostingDimension, PostingDimension.id == DimensionSetMember.dimension_id)
        .where(PostingDimension.code == code)
    )


_heading = aliased(Account)

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
            measure=of_books(
                _credits,
                lambda rows: and_(
                    rows["account_kind"].in_((AccountKind.INCOME, AccountKind.EXPENSE)),
                    ~rows["closing"],
                ),
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
            measure=of_books(_debits, _is_operating),
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
            measure=of_books(_debits, _is_cash, Timing.UP_TO),
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
            measure=of_books(_debits, _is_cash),
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
            measure=of_books(_debits, timing=Timing.UP_TO),
        ),
        Metric(
            id="other_cost_of_sales",
            names=Names(
                "other cost of sales",
                "其他销售成本",
                (
                    "other costs of sales",
                    "stock adjustments and price variances booked",
                    "further cost of sales",
                ),
                ("存货调整与采购价差", "其他营业成本", "附加销售成本"),
            ),
            definition=Said(
                "Debits less credits of the accounts for inventory adjustments and purchase"
                " price variances in"
                " the period.",
                "期间内存货盘盈盘亏与采购价差科目的借方减贷方。",
            ),
            unit=Unit.MONEY,
            kind=Kind.FLOW,
            roles=BOOKS,
            measure=of_books(_debits, _of_role(INVENTORY_ADJUSTMENT, PRICE_VARIANCE)),
            more_is_better=False,
        ),
        Metric(
            id="income",
            names=Names(
                "income",
                "收入合计",
                ("total income", "all income", "income of all accounts"),
                ("全部收入", "收入总额", "各项收入合计"),
            ),
            definition=Said(
                "Credits less debits of all income accounts in the period, without closing"
                " entries.",
                "期间内全部收入类科目的贷方减借方，不含结账凭证。",
            ),
            unit=Unit.MONEY,
            kind=Kind.FLOW,
            roles=BOOKS,
            measure=of_books(
                _credits,
                lambda rows: and_(rows["account_kind"] == AccountKind.INCOME, ~rows["closing"]),
            ),
            more_is_better=True,
        ),
        Metric(
            id="net_margin_pct",
            names=Names(
                "net margin",
                "净利率",
                ("net profit margin", "return on sales", "net margin percent"),
                ("净利润率", "销售净利率", "净利百分比"),
            ),
            definition=Said(
                "Net profit as a percentage of all income.",
                "净利润占收入合计的百分比。",
            ),
            unit=Unit.PERCENT,
            kind=Kind.RATIO,
            roles=BOOKS,
            parts=("net_profit", "income"),
            formula=lambda profit, income: 100 * profit / func.nullif(income, 0),
            undefined=Said("n/a (no income)", "不适用（无收入）"),
            more_is_better=True,
        ),
        Metric(
            id="not_billed_balance",
            names=Names(
                "goods received, not billed",
                "暂估应付余额",
                ("GRNI", "received not billed", "accrued purchases", "goods received not invoiced"),
                ("暂估应付", "货到票未到", "已收货未开票"),
            ),
            definition=Said(
                "Balance of the account for goods that came and were not billed yet, at the"
                " end of the day.",
                "当日终了已收货未收账单的暂估应付余额。",
            ),
            unit=Unit.MONEY,
            kind=Kind.SNAPSHOT,
            roles=BOOKS,
            measure=of_books(_credits, _of_role(GOODS_RECEIVED_NOT_BILLED), Timing.UP_TO),
        ),
        Metric(
            id="tax_balance",
            names=Names(
                "tax to be paid",
                "应交税额",
                ("VAT payable", "tax payable", "net tax position", "tax owed"),
                ("应交增值税", "应缴税款", "应交税金"),
            ),
            definition=Said(
                "Output tax less input tax, and what was settled and not paid yet, at the end"
                " of the day; less"
                " than zero is to be got back.",
                "当日终了销项税减进项税及已结转未缴税额；负数为可退。",
            ),
            unit=Unit.MONEY,
            kind=Kind.SNAPSHOT,
            roles=BOOKS,
            measure=of_books(_credits, _of_role(TAX_OUTPUT, TAX_INPUT, TAX_DUE), Timing.UP_TO),
        ),
        Metric(
            id="total_assets",
            names=Names(
                "total assets",
                "资产总额",
                ("assets in total", "balance sheet total", "sum of assets"),
                ("总资产", "资产合计", "资产总计"),
            ),
            definition=Said(
                "Balance of all asset accounts at the end of the day.",
                "当日终了全部资产类科目的余额。",
            ),
            unit=Unit.MONEY,
            kind=Kind.SNAPSHOT,
            roles=BOOKS,
            measure=of_books(
                _debits, lambda rows: rows["account_kind"] == AccountKind.ASSET, Timing.UP_TO
            ),
        ),
        Metric(
            id="total_liabilities",
            names=Names(
                "total liabilities",
                "负债总额",
                ("liabilities in total", "sum of liabilities", "all liabilities"),
                ("总负债", "负债合计", "负债总计"),
            ),
            definition=Said(
                "Balance of all liability accounts at the end of the day.",
                "当日终了全部负债类科目的余额。",
            ),
            unit=Unit.MONEY,
            kind=Kind.SNAPSHOT,
            roles=BOOKS,
            measure=of_books(
                _credits, lambda rows: rows["account_kind"] == AccountKind.LIABILITY, Timing.UP_TO
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
                Account.id,
                Account.code.label("key"),
                Account.name.label("label"),
                Account.name_zh.label("label_zh"),
            ).where(Account.heading.is_(False)),
            parent="account_group",
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
                Account.id,
                cast(Account.kind, String).label("key"),
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
        Dimension(
            id="account_group",
            names=Names(
                "account group",
                "科目组",
                ("group of accounts", "heading of accounts", "account heading"),
                ("科目分组", "科目标题", "科目汇总"),
            ),
            handle="account",
            members=select(
                Account.id,
                _heading.code.label("key"),
                _heading.name.label("label"),
                _heading.name_zh.label("label_zh"),
            ).join(_heading, _heading.id == Account.parent_id),
            parent="account_type",
            roles=BOOKS,
        ),
        Dimension(
            id="bank_account",
            names=Names(
                "bank account",
                "银行账户",
                ("our bank account", "bank accounts", "account at the bank"),
                ("银行户头", "开户账户", "银行账号"),
            ),
            handle="account",
            members=select(
                BankAccount.account_id.label("id"),
                BankAccount.code.label("key"),
                BankAccount.name.label("label"),
                BankAccount.name_zh.label("label_zh"),
            ),
            roles=BOOKS,
        ),
        Dimension(
            id="journal",
            names=Names(
                "journal",
                "凭证类型",
                ("kind of entry", "book of entry", "journal type"),
                ("日记账", "凭证种类", "凭证类别"),
            ),
            handle="journal",
            words={
                Journal.GENERAL.value: ("general", "总账"),
                Journal.SALES.value: ("sales", "销售"),
                Journal.PURCHASES.value: ("purchases", "采购"),
                Journal.STOCK.value: ("stock", "库存"),
                Journal.BANK.value: ("bank", "银行"),
                Journal.OPENING.value: ("opening", "期初"),
                Journal.CLOSING.value: ("closing", "结转"),
            },
            roles=BOOKS,
        ),
        Dimension(
            id="cost_centre",
            names=Names(
                "cost centre",
                "成本中心",
                ("cost center", "cost centres", "centre of cost"),
                ("成本中心代码", "费用中心", "责任中心"),
            ),
            handle="dimension_set",
            members=_along("cost_centre"),
            roles=EVERYDAY,
        ),
        Dimension(
            id="project",
            names=Names(
                "project",
                "项目",
                ("projects", "project code", "job number"),
                ("工程项目", "项目代码", "项目编号"),
            ),
            handle="dimension_set",
            members=_along("project"),
            roles=EVERYDAY,
        ),
    ),
)
