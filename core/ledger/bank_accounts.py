"""The company's own bank accounts: where each is kept, and the account of the books that is its."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.kernel import events
from core.kernel.company import company
from core.kernel.naming import resolved
from core.ledger.accounts import account_named
from core.ledger.errors import BankAccountExists, UnknownBankAccount
from core.ledger.events import BankAccountOpened
from core.ledger.tables import BankAccount, CashFlow

BANK_ACCOUNTS_MAX = 200


def open_bank_account(
    session: Session,
    *,
    code: str,
    name: str,
    account: str,
    name_zh: str = "",
    currency: str | None = None,
    iban: str | None = None,
    bic: str | None = None,
    bank: str = "",
) -> BankAccount:
    """Add a bank account of ours; every one has an account of the books to itself."""
    kept = account_named(session, account)
    same = select(BankAccount.code).where(
        (BankAccount.code == code) | (BankAccount.account_id == kept.id)
    )
    if (taken := session.scalars(same.limit(1)).one_or_none()) is not None:
        raise BankAccountExists(code=taken)
    if kept.cash_flow is not CashFlow.CASH:
        # What lies at a bank is cash, whatever the chart said of the account before.
        kept.cash_flow = CashFlow.CASH
    added = BankAccount(
        code=code,
        name=name,
        name_zh=name_zh or name,
        account_id=kept.id,
        currency=currency or kept.currency or company(session).currency,
        iban="".join(iban.split()).upper() if iban else None,
        bic=bic.strip().upper() if bic else None,
        bank=bank,
    )
    session.add(added)
    session.flush()
    told = BankAccountOpened(code, name, f"{kept.code} {kept.name}", added.iban or "")
    events.record(session, told)
    return added


def bank_account_named(session: Session, text: str) -> BankAccount:
    """Return the bank account that somebody means by its code or its name."""
    among = select(BankAccount.code, BankAccount.name, BankAccount.name_zh)
    code = resolved(session, among, text, UnknownBankAccount)
    return session.scalars(select(BankAccount).where(BankAccount.code == code)).one()


def list_bank_accounts(session: Session) -> list[BankAccount]:
    """Return our bank accounts in the order of their codes."""
    wanted = select(BankAccount).order_by(BankAccount.code).limit(BANK_ACCOUNTS_MAX)
    return list(session.scalars(wanted))
