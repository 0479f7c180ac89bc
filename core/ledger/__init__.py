"""Ledger: every value the business owns or owes, written twice so that it must agree.

An entry's debits equal its credits in every currency, a posted entry is never changed, and none
is dated into a closed period; the service says so kindly, the database says so finally.
"""

from core.ledger.accounts import (
    account_named,
    block_account,
    find_account,
    find_accounts,
    open_account,
)
from core.ledger.bank_accounts import bank_account_named, list_bank_accounts, open_bank_account
from core.ledger.chart import open_standard_chart
from core.ledger.currencies import find_rate, from_base, in_base, set_rate
from core.ledger.dimensions import (
    add_member,
    find_dimension,
    list_dimensions,
    member_named,
    open_dimension,
    open_standard_dimensions,
)
from core.ledger.periods import open_fiscal_year, require_open_period, set_period_state
from core.ledger.queries import (
    AccountMovement,
    AccountPage,
    EntryLine,
    EntryView,
    PeriodView,
    TrialBalanceRow,
    account_page,
    balance,
    entry_view,
    list_accounts,
    list_periods,
    trial_balance,
)
from core.ledger.rules import Dimensions, Line, credit, debit
from core.ledger.service import (
    post_entry,
    post_entry_by_hand,
    reverse_entry,
    reverse_entry_by_hand,
)
from core.ledger.tables import (
    Account,
    AccountKind,
    BankAccount,
    Control,
    Dimension,
    DimensionMember,
    ExchangeRate,
    FiscalYear,
    Journal,
    JournalEntry,
    Period,
    PeriodState,
    Posting,
    Side,
)
from core.ledger.tax import TaxCode, add_tax_code
from core.ledger.totals import fold_totals, tail_is_long

__all__ = [
    "Account",
    "AccountKind",
    "AccountMovement",
    "AccountPage",
    "BankAccount",
    "Control",
    "Dimension",
    "DimensionMember",
    "Dimensions",
    "EntryLine",
    "EntryView",
    "ExchangeRate",
    "FiscalYear",
    "Journal",
    "JournalEntry",
    "Line",
    "Period",
    "PeriodState",
    "PeriodView",
    "Posting",
    "Side",
    "TaxCode",
    "TrialBalanceRow",
    "account_named",
    "account_page",
    "add_member",
    "add_tax_code",
    "balance",
    "bank_account_named",
    "block_account",
    "credit",
    "debit",
    "entry_view",
    "find_account",
    "find_accounts",
    "find_dimension",
    "find_rate",
    "fold_totals",
    "from_base",
    "in_base",
    "list_accounts",
    "list_bank_accounts",
    "list_dimensions",
    "list_periods",
    "member_named",
    "open_account",
    "open_bank_account",
    "open_dimension",
    "open_fiscal_year",
    "open_standard_chart",
    "open_standard_dimensions",
    "post_entry",
    "post_entry_by_hand",
    "require_open_period",
    "reverse_entry",
    "reverse_entry_by_hand",
    "set_period_state",
    "set_rate",
    "tail_is_long",
    "trial_balance",
]
