"""Where the money of a party goes; who changes it is asked, and nothing of it is forgotten."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.kernel import events
from core.kernel.company import company
from core.parties import rules
from core.parties.errors import NoBankAccount, SameBankAccount, SayWhichAccount, VerifiedAlready
from core.parties.events import BankAccountSet, BankAccountVerified
from core.parties.tables import Party, PartyBankAccount

ACCOUNTS_MAX = 100


def set_bank_account(
    session: Session,
    party: Party,
    *,
    iban: str | None = None,
    account_number: str | None = None,
    bic: str | None = None,
    bank: str = "",
    holder: str | None = None,
) -> PartyBankAccount:
    """Pay a party to this account from now on; the one before it stays on record."""
    if (iban is None) == (account_number is None) or (account_number and not bank):
        raise SayWhichAccount
    before = _locked(session, party)
    account = PartyBankAccount(
        party_id=party.id,
        holder=holder or party.name,
        iban=None if iban is None else rules.iban_of(iban),
        account_number=account_number,
        bic=None if bic is None else rules.bic_of(bic),
        bank=bank,
        valid_from=company(session).today,
    )
    if before is not None:
        if before.said == account.said and before.holder == account.holder:
            raise SameBankAccount(party=party.name, account=account.said)
        before.ended_on = account.valid_from
        session.flush()
    session.add(account)
    session.flush()
    _tell(session, party, before, account)
    return account


def end_bank_account(session: Session, party: Party) -> PartyBankAccount:
    """Pay a party to no account any more until another one is known."""
    before = _locked(session, party)
    if before is None:
        raise NoBankAccount(party=party.name)
    before.ended_on = company(session).today
    session.flush()
    _tell(session, party, before, None)
    return before


def verify_bank_account(session: Session, party: Party) -> PartyBankAccount:
    """Note that somebody made sure of a party's account by another way than it came by."""
    account = _locked(session, party)
    if account is None:
        raise NoBankAccount(party=party.name)
    if account.verified_on is not None:
        raise VerifiedAlready(party=party.name, day=account.verified_on)
    account.verified_on = company(session).today
    session.flush()
    events.record(session, BankAccountVerified(party.number, party.name, account.said))
    return account


def current_bank_account(session: Session, party_id: UUID) -> PartyBankAccount | None:
    """Return the account that a party is paid to, if we know one."""
    return current_bank_accounts(session, [party_id]).get(party_id)


def current_bank_accounts(
    session: Session, party_ids: Iterable[UUID]
) -> dict[UUID, PartyBankAccount]:
    """Return the accounts that parties are paid to, of those whose account we know."""
    wanted = select(PartyBankAccount).where(
        PartyBankAccount.party_id.in_(list(party_ids)), PartyBankAccount.ended_on.is_(None)
    )
    return {account.party_id: account for account in session.scalars(wanted)}


def bank_accounts_of(session: Session, party: Party) -> list[PartyBankAccount]:
    """Return the accounts that a party was ever paid to, the newest first."""
    wanted = (
        select(PartyBankAccount)
        .where(PartyBankAccount.party_id == party.id)
        .order_by(PartyBankAccount.id.desc())
        .limit(ACCOUNTS_MAX)
    )
    return list(session.scalars(wanted))


def _locked(session: Session, party: Party) -> PartyBankAccount | None:
    # The party's row is the lock: two that change the account of one party do so one by one.
    session.refresh(party, with_for_update={"key_share": True})
    wanted = select(PartyBankAccount).where(
        PartyBankAccount.party_id == party.id, PartyBankAccount.ended_on.is_(None)
    )
    return session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()


def _tell(
    session: Session,
    party: Party,
    before: PartyBankAccount | None,
    after: PartyBankAccount | None,
) -> None:
    shown = after or before
    assert shown is not None, "an account was set or ended"
    events.record(
        session,
        BankAccountSet(
            number=party.number,
            called=party.name,
            before=before.said if before else "",
            after=after.said if after else "",
            holder=shown.holder,
            bank=" ".join(part for part in (shown.bank, shown.bic or "") if part),
        ),
    )
