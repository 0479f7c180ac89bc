"""What one can do with the books."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Date,
    DateTime,
    Row,
    Text,
    Uuid,
    bindparam,
    select,
    text,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, make_transient_to_detached

from core.kernel import clock, events
from core.kernel.company import Company, company
from core.kernel.database import broken_constraint
from core.kernel.identifiers import new_id, new_ids
from core.kernel.money import Money
from core.kernel.naming import canonical_number
from core.kernel.numbering import next_number
from core.ledger.accounts import find_accounts
from core.ledger.budgets.control import Charge, require_available
from core.ledger.dimensions import as_demanded, dimension_sets, dimensions_of
from core.ledger.errors import (
    AccountBlocked,
    AccountInOtherCurrency,
    AccountIsHeading,
    AlreadyReversed,
    AmountNotPositive,
    BaseAmountNeeded,
    EmptyEntry,
    EntryOfDocument,
    KeptByDocuments,
    PartyRequired,
    PeriodClosed,
    PeriodLocked,
    PeriodOnHold,
    ReversalStays,
    UnbalancedEntry,
    UnknownEntry,
)
from core.ledger.events import (
    EntryPosted,
    PostedLine,
)
from core.ledger.periods import require_open_period
from core.ledger.rules import Dimensions, Line, excess_of_debits
from core.ledger.tables import (
    Account,
    Control,
    DimensionSet,
    Journal,
    JournalEntry,
    PeriodState,
    Posting,
    Side,
)
from core.parties import Party

_PERIOD_OPEN = "ck_journal_entry_period_open"

# An entry is its lines: both are written by one statement.
_WRITE = text(
    """
    WITH entry AS (
        INSERT INTO journal_entry
            (id, created_at, number, journal, posted_on, memo, origin, reverses_id)
        VALUES (:id, :created_at, :number, :journal, :posted_on, :memo, :origin, :reverses_id)
    )
    INSERT INTO posting (id, created_at, entry_id, posted_on, position, account_id, side,
        amount_minor, currency, base_minor, party_id, dimension_set_id)
    SELECT line.id, :created_at, :id, :posted_on, position, account, side,
        amount, currency, value, party, dimensions
    FROM unnest(:ids, :accounts, :sides, :amounts, :currencies, :values, :parties, :sets)
        WITH ORDINALITY AS line
            (id, account, side, amount, currency, value, party, dimensions, position)
    """
).bindparams(
    bindparam("id", type_=Uuid),
    bindparam("created_at", type_=DateTime(timezone=True)),
    *(bindparam(name, type_=Text) for name in ("number", "journal", "memo", "origin")),
    bindparam("posted_on", type_=Date),
    bindparam("reverses_id", type_=Uuid),
    *(bindparam(name, type_=ARRAY(Uuid)) for name in ("ids", "accounts", "parties", "sets")),
    *(bindparam(name, type_=ARRAY(Text)) for name in ("sides", "currencies")),
    *(bindparam(name, type_=ARRAY(BigInteger)) for name in ("amounts", "values")),
)


def post_entry(
    session: Session,
    lines: Sequence[Line],
    *,
    memo: str,
    origin: str,
    posted_on: date | None = None,
    journal: Journal = Journal.GENERAL,
) -> JournalEntry:
    """Write an entry into the books; from then on it can only be reversed.

    For rooms that keep a document behind it; what a person posts is `post_entry_by_hand`.
    """
    return _post(session, lines, memo, origin, posted_on, journal)


def post_entry_by_hand(
    session: Session,
    lines: Sequence[Line],
    *,
    memo: str,
    posted_on: date | None = None,
    journal: Journal = Journal.GENERAL,
    kept: frozenset[Control] = frozenset(),
) -> JournalEntry:
    """Post an entry that no document stands behind; accounts that documents keep are refused.

    A room above that makes its documents of such lines says in `kept` which accounts it keeps.
    """
    accounts = find_accounts(session, {line.account for line in lines})
    _refuse_kept_by_documents(accounts.values(), kept)
    return _post(session, lines, memo, "", posted_on, journal, by_hand=True)


def reverse_entry(
    session: Session, number: str, *, because: str, posted_on: date | None = None
) -> JournalEntry:
    """Undo an entry by a second one; both stay in the books.

    For the room that keeps the document behind it, which has to undo that as well.
    """
    return _reverse(session, number, because, posted_on)


def mirrored_lines(session: Session, entry: JournalEntry) -> list[Line]:
    """Return the lines that undo an entry to the cent, in every currency."""
    return _mirrored(_lines_of(session, entry), company(session).currency)


def reverse_entry_by_hand(
    session: Session,
    number: str,
    *,
    because: str,
    posted_on: date | None = None,
    kept: frozenset[Control] = frozenset(),
) -> JournalEntry:
    """Undo an entry that no document stands behind; `kept` as when it was posted."""
    return _reverse(session, number, because, posted_on, by_hand=True, kept=kept)


def _post(
    session: Session,
    lines: Sequence[Line],
    memo: str,
    origin: str,
    posted_on: date | None,
    journal: Journal,
    *,
    by_hand: bool = False,
    reverses: JournalEntry | None = None,
) -> JournalEntry:
    ours = company(session)
    posted_on = posted_on or ours.today
    accounts = find_accounts(session, {line.account for line in lines}, day=posted_on)
    if reverses is None and journal is not Journal.CLOSING:
        # What is taken back or carried forward goes the way it came.
        lines = as_demanded(session, lines, accounts)
    check_lines(lines, accounts, ours, journal)
    period = require_open_period(session, posted_on, journal).name
    # What corrects an entry is never refused; what documents and people spend may be.
    if reverses is None and (by_hand or journal is Journal.PURCHASES):
        _require_budget(session, lines, accounts, posted_on)
    sets = dimension_sets(session, {line.dimensions for line in lines})
    parties = {line.party_id: _name_of(session, line.party_id) for line in lines}
    number = next_number(session, "JE")
    written = {
        "id": new_id(),
        "created_at": clock.now(),
        "number": number,
        "journal": journal,
        "posted_on": posted_on,
        "memo": memo,
        "origin": number if by_hand else origin,
        "reverses_id": reverses.id if reverses is not None else None,
    }
    try:
        session.execute(_WRITE, written | _columns(lines, accounts, sets))
    except IntegrityError as error:
        # Somebody closed it since it was read; the database was the last to look.
        if broken_constraint(error) != _PERIOD_OPEN:
            raise
        if " is locked" in str(error.orig):
            raise PeriodLocked(period=period, journal=journal) from error
        held = str(PeriodState.ON_HOLD) in str(error.orig)
        raise (PeriodOnHold if held else PeriodClosed)(period=period) from error
    entry = JournalEntry(**written)
    make_transient_to_detached(entry)
    session.add(entry)
    events.record(
        session,
        EntryPosted(
            number=entry.number,
            posted_on=posted_on.isoformat(),
            memo=memo,
            origin=entry.origin,
            lines=tuple(
                PostedLine(
                    account=f"{accounts[line.account].code} {accounts[line.account].name}",
                    side=line.side,
                    amount=line.value,
                    party=parties[line.party_id],
                    dimensions=dict(line.dimensions),
                    foreign=line.amount if by_hand and line.amount != line.value else None,
                )
                for line in lines
            ),
            by_hand=by_hand,
            reverses=reverses.number if reverses is not None else "",
            journal=journal if by_hand and journal is not Journal.GENERAL else "",
            on_another_day=by_hand and posted_on != ours.today,
        ),
    )
    return entry


def _require_budget(
    session: Session, lines: Sequence[Line], accounts: Mapping[str, Account], day: date
) -> None:
    charges = [
        Charge(
            accounts[line.account].id,
            line.value if line.side is Side.DEBIT else -line.value,
            day,
            line.dimensions,
        )
        for line in lines
    ]
    require_available(session, charges, {each.id: each for each in accounts.values()})


def _columns(
    lines: Sequence[Line],
    accounts: Mapping[str, Account],
    sets: Mapping[Dimensions, uuid.UUID | None],
) -> dict[str, object]:
    """Return the lines of an entry as columns: so an entry of any length is one statement."""
    return {
        "ids": new_ids(len(lines)),
        "accounts": [accounts[line.account].id for line in lines],
        "sides": [str(line.side) for line in lines],
        "amounts": [line.amount.minor for line in lines],
        "currencies": [line.amount.currency for line in lines],
        "values": [line.value.minor for line in lines],
        "parties": [line.party_id for line in lines],
        "sets": [sets[line.dimensions] for line in lines],
    }


def check_lines(
    lines: Sequence[Line], accounts: Mapping[str, Account], ours: Company, journal: Journal
) -> None:
    """Refuse lines that are no entry: one-sided, not balanced, or not for their accounts."""
    if {line.side for line in lines} != {Side.DEBIT, Side.CREDIT}:
        raise EmptyEntry(count=len(lines))
    for line in lines:
        account = accounts[line.account]
        if line.value.currency != ours.currency:
            raise BaseAmountNeeded(currency=line.amount.currency, base=ours.currency)
        # A difference of exchange has a value in the books and no amount in its currency.
        nothing = line.value.minor == 0 and line.amount.minor == 0
        if nothing or line.value.minor < 0 or line.amount.minor < 0:
            raise AmountNotPositive(amount=line.amount, account=account.code)
        if account.blocked and journal is not Journal.CLOSING:
            raise AccountBlocked(account=account.called)
        if account.heading:
            raise AccountIsHeading(account=account.called)
        if account.currency not in {None, line.amount.currency}:
            raise AccountInOtherCurrency(
                account=account.called,
                currency=account.currency,
                given=line.amount.currency,
            )
        if account.party_required and line.party_id is None:
            raise PartyRequired(account=account.called)
    if excess := excess_of_debits(lines, ours.currency):
        raise UnbalancedEntry(difference=", ".join(str(money) for money in excess))


def _refuse_kept_by_documents(accounts: Iterable[Account], kept: frozenset[Control]) -> None:
    for account in accounts:
        if account.control is not None and account.control not in kept:
            raise KeptByDocuments(account=account.called)


def _name_of(session: Session, party_id: uuid.UUID | None) -> str:
    # Whoever names a party holds it already, so that this is no question to the database.
    return session.get_one(Party, party_id).name if party_id is not None else ""


def _reverse(
    session: Session,
    number: str,
    because: str,
    posted_on: date | None,
    *,
    by_hand: bool = False,
    kept: frozenset[Control] = frozenset(),
) -> JournalEntry:
    number = canonical_number(number)
    # Whoever else reverses it at this moment waits, and finds it reversed.
    wanted_entry = select(JournalEntry).where(JournalEntry.number == number).with_for_update()
    entry = session.scalars(wanted_entry).one_or_none()
    if entry is None:
        raise UnknownEntry(number=number)
    if entry.reverses_id is not None:
        first = session.get_one(JournalEntry, entry.reverses_id)
        raise ReversalStays(number=number, reversed=first.number)
    later = select(JournalEntry.number).where(JournalEntry.reverses_id == entry.id)
    if reversal := session.scalar(later):
        raise AlreadyReversed(number=number, reversal=reversal)
    rows = _lines_of(session, entry)
    if by_hand:
        _refuse_kept_by_documents((account for _, account, _ in rows), kept)
        if entry.origin != entry.number:
            raise EntryOfDocument(number=number, origin=entry.origin)
    lines = _mirrored(rows, company(session).currency)
    return _post(
        session,
        lines,
        because,
        entry.origin if not by_hand else "",
        posted_on,
        entry.journal,
        by_hand=by_hand,
        reverses=entry,
    )


def _lines_of(session: Session, entry: JournalEntry) -> Sequence[Row[Posting, Account, str | None]]:
    wanted = (
        select(Posting, Account, DimensionSet.key)
        .join(Account, Account.id == Posting.account_id)
        .outerjoin(DimensionSet, DimensionSet.id == Posting.dimension_set_id)
        .where(Posting.entry_id == entry.id)
        .order_by(Posting.position)
    )
    return session.execute(wanted).all()


def _mirrored(rows: Sequence[Row[Posting, Account, str | None]], currency: str) -> list[Line]:
    return [
        Line(
            account.code,
            posting.side,
            posting.amount,
            posting.party_id,
            Money(posting.base_minor, currency),
            dimensions_of(key),
        ).reversed()
        for posting, account, key in rows
    ]
