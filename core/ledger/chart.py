"""The roles that other rooms post to, and a chart of accounts to begin with."""

from dataclasses import dataclass

from sqlalchemy import insert
from sqlalchemy.orm import Session

from core.kernel import clock, events
from core.kernel.identifiers import new_id
from core.ledger.dimensions import open_standard_dimensions
from core.ledger.events import AccountsOpened
from core.ledger.tables import Account, AccountKind, CashFlow, Control

CASH = "cash"
BANK = "bank"
RECEIVABLE = "receivable"
TAX_INPUT = "tax_input"
INVENTORY = "inventory"
WORK_IN_PROGRESS = "work_in_progress"
PAYABLE = "payable"
GOODS_RECEIVED_NOT_BILLED = "goods_received_not_billed"
TAX_OUTPUT = "tax_output"
SALARIES_PAYABLE = "salaries_payable"
SHARE_CAPITAL = "share_capital"
RETAINED_EARNINGS = "retained_earnings"
OPENING_BALANCE = "opening_balance"
REVENUE = "revenue"
SERVICE_REVENUE = "service_revenue"
FREIGHT_INCOME = "freight_income"
OTHER_INCOME = "other_income"
COST_OF_GOODS_SOLD = "cost_of_goods_sold"
INVENTORY_ADJUSTMENT = "inventory_adjustment"
PRICE_VARIANCE = "price_variance"
FREIGHT_EXPENSE = "freight_expense"
LABOUR_ABSORBED = "labour_absorbed"
OVERHEAD_ABSORBED = "overhead_absorbed"
PRODUCTION_USAGE_VARIANCE = "production_usage_variance"
PRODUCTION_EFFICIENCY_VARIANCE = "production_efficiency_variance"
PRODUCTION_SCRAP = "production_scrap"
PRODUCTION_VARIANCE = "production_variance"
OPERATING_EXPENSE = "operating_expense"
SALARIES = "salaries"
RENT = "rent"
BANK_FEES = "bank_fees"
MARKETING_EXPENSE = "marketing_expense"
DEPRECIATION = "depreciation"
ROUNDING = "rounding"
TRANSFERS_IN_TRANSIT = "transfers_in_transit"
BANK_CLEARING = "bank_clearing"
PREPAID_EXPENSES = "prepaid_expenses"
SUPPLIER_ADVANCES = "supplier_advances"
TAX_WITHHELD_BY_CUSTOMERS = "tax_withheld_by_customers"
TAX_INPUT_NOT_DUE = "tax_input_not_due"
FIXED_ASSETS = "fixed_assets"
ACCUMULATED_DEPRECIATION = "accumulated_depreciation"
CUSTOMER_ADVANCES = "customer_advances"
TAX_OUTPUT_NOT_DUE = "tax_output_not_due"
TAX_WITHHELD = "tax_withheld"
TAX_DUE = "tax_due"
ACCRUED_EXPENSES = "accrued_expenses"
DEFERRED_REVENUE = "deferred_revenue"
REVALUATION_RESERVE = "revaluation_reserve"
DISCOUNT_RECEIVED = "discount_received"
DUNNING_FEES = "dunning_fees"
DISPOSAL_GAIN = "disposal_gain"
DISPOSAL_LOSS = "disposal_loss"
IMPAIRMENT = "impairment"
DISCOUNT_ALLOWED = "discount_allowed"
BAD_DEBTS = "bad_debts"
EXCHANGE_DIFFERENCES = "exchange_differences"
UNREALISED_EXCHANGE = "unrealised_exchange"


@dataclass(frozen=True)
class StandardHeading:
    """A heading of the chart to begin with, and the codes that stand under it."""

    code: str
    name: str
    name_zh: str
    kind: AccountKind
    first: str
    last: str
    under: str | None = None


@dataclass(frozen=True)
class StandardAccount:
    """An account of the chart to begin with."""

    code: str
    name: str
    name_zh: str
    kind: AccountKind
    role: str | None = None
    control: Control | None = None

    @property
    def party_required(self) -> bool:
        """Whether every line must say whom it concerns."""
        return self.control in {Control.RECEIVABLE, Control.PAYABLE}

    @property
    def cash_flow(self) -> CashFlow:
        """Where money that comes or goes for it stands in the cash flow statement.

        Depreciation, disposals and the reserve stand with the assets, so that what is no money
        cancels out within the class.
        """
        return next(
            (cash_flow for cash_flow, codes in _CASH_FLOW.items() if self.code in codes),
            CashFlow.OPERATING,
        )

    @property
    def heading(self) -> str | None:
        """The code of the innermost heading that it stands under."""
        fitting = [each.code for each in HEADINGS if each.first <= self.code <= each.last]
        return fitting[-1] if fitting else None


_A, _L, _E = AccountKind.ASSET, AccountKind.LIABILITY, AccountKind.EQUITY
_I, _X = AccountKind.INCOME, AccountKind.EXPENSE
_NOT_BILLED = Control.GOODS_RECEIVED_NOT_BILLED

_CASH_FLOW = {
    CashFlow.CASH: {"1000", "1010", "1080", "1090"},
    CashFlow.INVESTING: {"1500", "1590", "3200", "4050", "6070", "6120", "6130"},
    CashFlow.FINANCING: {"2500", "3000", "3100", "3900"},
}

# From the outside in: an inner heading comes after the one that it stands under.
HEADINGS = (
    StandardHeading("1", "Assets", "资产", _A, "1000", "1999"),
    StandardHeading("10", "Current assets", "流动资产", _A, "1000", "1499", "1"),
    StandardHeading("100", "Cash and bank balances", "货币资金", _A, "1000", "1099", "10"),
    StandardHeading("110", "Trade and other debtors", "应收及预付款项", _A, "1100", "1299", "10"),
    StandardHeading("130", "Tax to be recovered", "待抵扣税金", _A, "1300", "1399", "10"),
    StandardHeading("140", "Stocks and work in progress", "存货及在产品", _A, "1400", "1499", "10"),
    StandardHeading("15", "Non-current assets", "非流动资产", _A, "1500", "1999", "1"),
    StandardHeading("2", "Liabilities", "负债", _L, "2000", "2999"),
    StandardHeading("20", "Current liabilities", "流动负债", _L, "2000", "2499", "2"),
    StandardHeading("200", "Trade and other creditors", "应付及预收款项", _L, "2000", "2199", "20"),
    StandardHeading("220", "Tax to be paid", "应交税费", _L, "2200", "2299", "20"),
    StandardHeading("230", "Owed to employees", "应付职工款项", _L, "2300", "2399", "20"),
    StandardHeading("240", "Accruals and deferred income", "预提及递延", _L, "2400", "2499", "20"),
    StandardHeading("25", "Non-current liabilities", "非流动负债", _L, "2500", "2999", "2"),
    StandardHeading("3", "Equity", "所有者权益", _E, "3000", "3999"),
    StandardHeading("4", "Income", "收入", _I, "4000", "4999"),
    StandardHeading("40", "Operating income", "营业收入", _I, "4000", "4029", "4"),
    StandardHeading("49", "Other gains", "其他收益", _I, "4030", "4999", "4"),
    StandardHeading("5", "Expenses", "费用", _X, "5000", "6999"),
    StandardHeading("50", "Cost of sales", "营业成本", _X, "5000", "5999", "5"),
    StandardHeading("60", "Running costs", "期间费用", _X, "6000", "6799", "5"),
    StandardHeading("68", "Financial differences", "财务及其他差异", _X, "6800", "6999", "5"),
)

STANDARD = (
    StandardAccount("1000", "Cash on hand", "库存现金", _A, CASH),
    StandardAccount("1010", "Bank", "银行存款", _A, BANK),
    StandardAccount("1080", "Transfers in transit", "在途资金", _A, TRANSFERS_IN_TRANSIT),
    StandardAccount("1090", "Bank clearing", "银行待清算", _A, BANK_CLEARING),
    StandardAccount("1100", "Receivables", "应收账款", _A, RECEIVABLE, Control.RECEIVABLE),
    StandardAccount("1190", "Allowance for bad debts", "坏账准备", _A),
    StandardAccount("1200", "Prepaid expenses", "预付费用", _A, PREPAID_EXPENSES),
    StandardAccount("1210", "Advances to suppliers", "预付账款", _A, SUPPLIER_ADVANCES),
    StandardAccount("1300", "Input tax", "进项税额", _A, TAX_INPUT),
    StandardAccount("1310", "Input tax not due", "待认证进项税额", _A, TAX_INPUT_NOT_DUE),
    StandardAccount(
        "1320", "Tax withheld by customers", "客户代扣税款", _A, TAX_WITHHELD_BY_CUSTOMERS
    ),
    StandardAccount("1400", "Inventory", "库存商品", _A, INVENTORY, Control.INVENTORY),
    StandardAccount("1450", "Work in progress", "在产品", _A, WORK_IN_PROGRESS),
    StandardAccount("1500", "Fixed assets", "固定资产", _A, FIXED_ASSETS),
    StandardAccount("1590", "Accumulated depreciation", "累计折旧", _A, ACCUMULATED_DEPRECIATION),
    StandardAccount("2000", "Payables", "应付账款", _L, PAYABLE, Control.PAYABLE),
    StandardAccount("2100", "Advances from customers", "预收账款", _L, CUSTOMER_ADVANCES),
    StandardAccount(
        "2150", "Goods received, not billed", "暂估应付", _L, GOODS_RECEIVED_NOT_BILLED, _NOT_BILLED
    ),
    StandardAccount("2200", "Output tax", "销项税额", _L, TAX_OUTPUT),
    StandardAccount("2210", "Output tax not due", "待转销项税额", _L, TAX_OUTPUT_NOT_DUE),
    StandardAccount("2220", "Tax withheld", "代扣代缴税款", _L, TAX_WITHHELD),
    StandardAccount("2230", "Tax due", "未交增值税", _L, TAX_DUE),
    StandardAccount("2300", "Salaries payable", "应付职工薪酬", _L, SALARIES_PAYABLE),
    StandardAccount("2310", "Payroll tax payable", "应交个人所得税", _L),
    StandardAccount("2400", "Accrued expenses", "预提费用", _L, ACCRUED_EXPENSES),
    StandardAccount("2410", "Deferred revenue", "递延收入", _L, DEFERRED_REVENUE),
    StandardAccount("2500", "Bank loans", "银行借款", _L),
    StandardAccount("3000", "Share capital", "实收资本", _E, SHARE_CAPITAL),
    StandardAccount("3100", "Retained earnings", "未分配利润", _E, RETAINED_EARNINGS),
    StandardAccount("3200", "Revaluation reserve", "重估储备", _E, REVALUATION_RESERVE),
    StandardAccount("3900", "Opening balance", "期初余额", _E, OPENING_BALANCE),
    StandardAccount("4000", "Sales revenue", "主营业务收入", _I, REVENUE),
    StandardAccount("4010", "Service revenue", "服务收入", _I, SERVICE_REVENUE),
    StandardAccount("4020", "Freight income", "运费收入", _I, FREIGHT_INCOME),
    StandardAccount("4030", "Discounts received", "购货折扣", _I, DISCOUNT_RECEIVED),
    StandardAccount("4040", "Dunning fees", "催款费收入", _I, DUNNING_FEES),
    StandardAccount("4050", "Gains on disposal", "资产处置收益", _I, DISPOSAL_GAIN),
    StandardAccount("4900", "Other income", "其他收入", _I, OTHER_INCOME),
    StandardAccount("5000", "Cost of goods sold", "主营业务成本", _X, COST_OF_GOODS_SOLD),
    StandardAccount("5010", "Inventory adjustment", "存货盘盈盘亏", _X, INVENTORY_ADJUSTMENT),
    StandardAccount("5020", "Purchase price variance", "采购价差", _X, PRICE_VARIANCE),
    StandardAccount("5030", "Freight expense", "运费支出", _X, FREIGHT_EXPENSE),
    StandardAccount("5100", "Labour absorbed", "已分配人工", _X, LABOUR_ABSORBED),
    StandardAccount("5110", "Overhead absorbed", "已分配制造费用", _X, OVERHEAD_ABSORBED),
    StandardAccount(
        "5120", "Material usage variance", "材料用量差异", _X, PRODUCTION_USAGE_VARIANCE
    ),
    StandardAccount("5130", "Efficiency variance", "效率差异", _X, PRODUCTION_EFFICIENCY_VARIANCE),
    StandardAccount("5140", "Scrap in production", "生产报废损失", _X, PRODUCTION_SCRAP),
    StandardAccount("5150", "Other production variance", "其他生产差异", _X, PRODUCTION_VARIANCE),
    StandardAccount("6000", "Operating expense", "营业费用", _X, OPERATING_EXPENSE),
    StandardAccount("6010", "Salaries", "工资薪金", _X, SALARIES),
    StandardAccount("6020", "Rent", "租金", _X, RENT),
    StandardAccount("6030", "Bank fees", "银行手续费", _X, BANK_FEES),
    StandardAccount("6040", "Marketing", "市场推广费", _X, MARKETING_EXPENSE),
    StandardAccount("6050", "Travel", "差旅费", _X),
    StandardAccount("6060", "Energy and telephone", "水电通讯费", _X),
    StandardAccount("6070", "Depreciation", "折旧费", _X, DEPRECIATION),
    StandardAccount("6100", "Discounts allowed", "销售折扣", _X, DISCOUNT_ALLOWED),
    StandardAccount("6110", "Bad debts", "坏账损失", _X, BAD_DEBTS),
    StandardAccount("6120", "Losses on disposal", "资产处置损失", _X, DISPOSAL_LOSS),
    StandardAccount("6130", "Impairment losses", "资产减值损失", _X, IMPAIRMENT),
    StandardAccount("6800", "Exchange differences", "汇兑损益", _X, EXCHANGE_DIFFERENCES),
    StandardAccount(
        "6810", "Unrealised exchange differences", "未实现汇兑损益", _X, UNREALISED_EXCHANGE
    ),
    StandardAccount("6900", "Rounding differences", "尾差", _X, ROUNDING),
)


def open_standard_chart(session: Session) -> None:
    """Open the accounts that every room posts to, those a small company needs, and dimensions."""
    opened_at = clock.now()
    ids = {each.code: new_id() for each in (*HEADINGS, *STANDARD)}
    headings = [
        {
            "name": each.name,
            "name_zh": each.name_zh,
            "kind": each.kind,
            "heading": True,
            "parent_id": ids[each.under] if each.under else None,
            "code": each.code,
        }
        for each in HEADINGS
    ]
    accounts = [
        {
            "name": each.name,
            "name_zh": each.name_zh,
            "kind": each.kind,
            "heading": False,
            "parent_id": ids[each.heading] if each.heading else None,
            "code": each.code,
            "role": each.role,
            "control": each.control,
            "party_required": each.party_required,
            "cash_flow": each.cash_flow,
        }
        for each in STANDARD
    ]
    for rows in (headings, accounts):
        given = [{"id": ids[str(row["code"])], "created_at": opened_at, **row} for row in rows]
        session.execute(insert(Account), given)
    opened = tuple(f"{account.code} {account.name}" for account in STANDARD)
    events.record(session, AccountsOpened(accounts=opened))
    open_standard_dimensions(session)
