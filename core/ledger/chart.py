"""The roles that other rooms post to, and a chart of accounts to begin with."""

from dataclasses import dataclass

from sqlalchemy import insert
from sqlalchemy.orm import Session

from core.kernel import clock, events
from core.kernel.identifiers import new_id
from core.ledger.events import AccountsOpened
from core.ledger.tables import Account, AccountKind, Control

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
OPERATING_EXPENSE = "operating_expense"
SALARIES = "salaries"
RENT = "rent"
BANK_FEES = "bank_fees"
MARKETING_EXPENSE = "marketing_expense"
DEPRECIATION = "depreciation"
ROUNDING = "rounding"


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


_A, _L, _E = AccountKind.ASSET, AccountKind.LIABILITY, AccountKind.EQUITY
_I, _X = AccountKind.INCOME, AccountKind.EXPENSE
_NOT_BILLED = Control.GOODS_RECEIVED_NOT_BILLED

STANDARD = (
    StandardAccount("1000", "Cash on hand", "库存现金", _A, CASH),
    StandardAccount("1010", "Bank", "银行存款", _A, BANK),
    StandardAccount("1100", "Receivables", "应收账款", _A, RECEIVABLE, Control.RECEIVABLE),
    StandardAccount("1190", "Allowance for bad debts", "坏账准备", _A),
    StandardAccount("1200", "Prepaid expenses", "预付费用", _A),
    StandardAccount("1300", "Input tax", "进项税额", _A, TAX_INPUT),
    StandardAccount("1400", "Inventory", "库存商品", _A, INVENTORY, Control.INVENTORY),
    StandardAccount("1450", "Work in progress", "在产品", _A, WORK_IN_PROGRESS),
    StandardAccount("1500", "Fixed assets", "固定资产", _A),
    StandardAccount("1590", "Accumulated depreciation", "累计折旧", _A),
    StandardAccount("2000", "Payables", "应付账款", _L, PAYABLE, Control.PAYABLE),
    StandardAccount(
        "2150", "Goods received, not billed", "暂估应付", _L, GOODS_RECEIVED_NOT_BILLED, _NOT_BILLED
    ),
    StandardAccount("2200", "Output tax", "销项税额", _L, TAX_OUTPUT),
    StandardAccount("2300", "Salaries payable", "应付职工薪酬", _L, SALARIES_PAYABLE),
    StandardAccount("2310", "Payroll tax payable", "应交个人所得税", _L),
    StandardAccount("2400", "Accrued expenses", "预提费用", _L),
    StandardAccount("2500", "Bank loans", "银行借款", _L),
    StandardAccount("3000", "Share capital", "实收资本", _E, SHARE_CAPITAL),
    StandardAccount("3100", "Retained earnings", "未分配利润", _E, RETAINED_EARNINGS),
    StandardAccount("3900", "Opening balance", "期初余额", _E, OPENING_BALANCE),
    StandardAccount("4000", "Sales revenue", "主营业务收入", _I, REVENUE),
    StandardAccount("4010", "Service revenue", "服务收入", _I, SERVICE_REVENUE),
    StandardAccount("4020", "Freight income", "运费收入", _I, FREIGHT_INCOME),
    StandardAccount("4900", "Other income", "其他收入", _I, OTHER_INCOME),
    StandardAccount("5000", "Cost of goods sold", "主营业务成本", _X, COST_OF_GOODS_SOLD),
    StandardAccount("5010", "Inventory adjustment", "存货盘盈盘亏", _X, INVENTORY_ADJUSTMENT),
    StandardAccount("5020", "Purchase price variance", "采购价差", _X, PRICE_VARIANCE),
    StandardAccount("5030", "Freight expense", "运费支出", _X, FREIGHT_EXPENSE),
    StandardAccount("6000", "Operating expense", "营业费用", _X, OPERATING_EXPENSE),
    StandardAccount("6010", "Salaries", "工资薪金", _X, SALARIES),
    StandardAccount("6020", "Rent", "租金", _X, RENT),
    StandardAccount("6030", "Bank fees", "银行手续费", _X, BANK_FEES),
    StandardAccount("6040", "Marketing", "市场推广费", _X, MARKETING_EXPENSE),
    StandardAccount("6050", "Travel", "差旅费", _X),
    StandardAccount("6060", "Energy and telephone", "水电通讯费", _X),
    StandardAccount("6070", "Depreciation", "折旧费", _X, DEPRECIATION),
    StandardAccount("6900", "Rounding differences", "尾差", _X, ROUNDING),
)


def open_standard_chart(session: Session) -> None:
    """Open the accounts that every room posts to, and those a small company needs besides."""
    opened_at = clock.now()
    rows = [
        {
            "id": new_id(),
            "created_at": opened_at,
            "code": account.code,
            "name": account.name,
            "name_zh": account.name_zh,
            "kind": account.kind,
            "role": account.role,
            "control": account.control,
            "party_required": account.party_required,
        }
        for account in STANDARD
    ]
    session.execute(insert(Account), rows)
    opened = tuple(f"{account.code} {account.name}" for account in STANDARD)
    events.record(session, AccountsOpened(accounts=opened))
