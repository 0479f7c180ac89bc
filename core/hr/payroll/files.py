"""The file that the bank gets of a payroll run: net pay to each person's own account."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.hr.payroll.working import SlipDraft
from core.invoicing.paying import FileFormat, Transfer, transfers_file
from core.kernel.company import company
from core.kernel.money import Money
from core.ledger import Account, BankAccount
from core.parties import current_bank_accounts


@dataclass(frozen=True)
class PayFile:
    """A file for the bank, and who cannot be paid by it: no account is known, or none for sure."""

    name: str
    content: bytes
    payments: int
    total: int
    without_account: int
    without_account_minor: int
    held: int
    held_minor: int


def pay_file(
    session: Session, number: str, slips: Collection[SlipDraft], *, pay_on: date, bank: str
) -> PayFile | None:
    """Make the file of a run; none where the company's own account has no IBAN.

    Nothing goes to an account that nobody made sure of: what it would get is held.
    """
    wanted = select(BankAccount).join(Account, Account.id == BankAccount.account_id)
    own = session.scalars(
        wanted.where((Account.role == bank) | (Account.code == bank)).limit(1)
    ).one_or_none()
    if own is None or own.iban is None:
        return None
    paid = [slip for slip in slips if slip.net > 0]
    accounts = current_bank_accounts(session, [slip.person.party_id for slip in paid])
    currency = company(session).currency
    transfers: list[Transfer] = []
    without: list[int] = []
    held: list[int] = []
    for slip in paid:
        account = accounts.get(slip.person.party_id)
        if account is None:
            without.append(slip.net)
        elif account.verified_on is None:
            held.append(slip.net)
        else:
            net = Money(slip.net, currency)
            transfers.append(Transfer(slip.person.name, account, net, number))
    # SEPA is for euro and accounts with an IBAN; any bank reads a table.
    by_sepa = currency == "EUR" and all(each.account.iban is not None for each in transfers)
    kind = FileFormat.SEPA if by_sepa and transfers else FileFormat.CSV
    content = transfers_file(
        session,
        kind,
        reference=number,
        pay_on=pay_on,
        currency=currency,
        own=own,
        transfers=transfers,
    )
    ending = "xml" if kind is FileFormat.SEPA else "csv"
    return PayFile(
        f"{number}.{ending}",
        content,
        len(transfers),
        sum(each.amount.minor for each in transfers),
        len(without),
        sum(without),
        len(held),
        sum(held),
    )
