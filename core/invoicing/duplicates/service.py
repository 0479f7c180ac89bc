"""Bills that may be one bill twice: found when they are posted, and asked for at any time."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import String, bindparam, select
from sqlalchemy.orm import Session, aliased

from core.invoicing.duplicates.errors import FileAttached, FileUnusable, NotABill
from core.invoicing.duplicates.events import BillFileAttached, BillLooksLike
from core.invoicing.duplicates.rules import NEAR, Likeness, plain_reference
from core.invoicing.duplicates.tables import BillFile
from core.invoicing.tables import DocumentState, Invoice, InvoiceKind
from core.kernel import events
from core.kernel.company import company
from core.kernel.money import Money
from core.parties import Party

ALIKE_MAX = 20
PAIRS_MAX = 500
FILE_BYTES_MAX = 10 * 1024 * 1024

# Made once: every bill asks for them.
_OTHERS = (
    select(Invoice.number, Invoice.posted_on)
    .where(
        Invoice.kind == InvoiceKind.SUPPLIER_BILL,
        Invoice.party_id == bindparam("party"),
        Invoice.state == DocumentState.POSTED,
        Invoice.id != bindparam("bill"),
    )
    .order_by(Invoice.posted_on.desc(), Invoice.number.desc())
    .limit(ALIKE_MAX)
)
_SAME = _OTHERS.where(
    plain_reference(Invoice.reference) == plain_reference(bindparam("reference", type_=String))
)
_NEAR_IT = _OTHERS.where(
    Invoice.total_minor == bindparam("total"),
    Invoice.currency == bindparam("currency"),
    Invoice.posted_on.between(bindparam("since"), bindparam("until")),
)
_SAME_FILE = (
    select(Invoice.number, Invoice.posted_on)
    .join(BillFile, BillFile.invoice_id == Invoice.id)
    .where(
        BillFile.sha256.in_(
            select(BillFile.sha256).where(BillFile.invoice_id == bindparam("bill"))
        ),
        Invoice.id != bindparam("bill"),
        Invoice.state == DocumentState.POSTED,
    )
    .order_by(Invoice.number)
    .limit(ALIKE_MAX)
)


@dataclass(frozen=True)
class Alike:
    """Another bill that looks like one, what they have in common, and the days between them."""

    number: str
    likeness: Likeness
    days: int


@dataclass(frozen=True)
class Pair:
    """Two bills of a supplier that may be one, the later first."""

    number: str
    other: str
    party_number: str
    party: str
    posted_on: date
    total: Money
    likeness: Likeness
    days: int


def alike_bills(session: Session, bill: Invoice) -> list[Alike]:
    """Return the posted bills that look like one: by file, by number, by amount and day."""
    found: dict[str, Alike] = {each.number: each for each in _same_file(session, bill)}
    known = {"bill": bill.id, "party": bill.party_id}
    if bill.reference:
        for number, posted_on in session.execute(_SAME, known | {"reference": bill.reference}):
            days = abs((bill.posted_on - posted_on).days)
            found.setdefault(number, Alike(number, Likeness.SAME_NUMBER, days))
    given = known | {
        "total": bill.total_minor,
        "currency": bill.currency,
        "since": bill.posted_on - NEAR,
        "until": bill.posted_on + NEAR,
    }
    for number, posted_on in session.execute(_NEAR_IT, given):
        days = abs((bill.posted_on - posted_on).days)
        found.setdefault(number, Alike(number, Likeness.SAME_AMOUNT, days))
    return list(found.values())[:ALIKE_MAX]


def warn_of_alike(session: Session, bill: Invoice) -> list[Alike]:
    """Tell of a bill that was just posted what it looks like: it stands on the card."""
    alike = alike_bills(session, bill)
    if alike:
        told = tuple((each.number, str(each.likeness), each.days) for each in alike)
        events.record(session, BillLooksLike(bill.number, told))
    return alike


def list_alike(
    session: Session, *, party_id: uuid.UUID | None = None, since: date | None = None
) -> list[Pair]:
    """Return the pairs of posted bills that look alike, the newest first, of a year or since."""
    first = since or company(session).today - timedelta(days=365)
    earlier, later = aliased(Invoice), aliased(Invoice)
    mine, theirs = aliased(BillFile), aliased(BillFile)
    posted = [
        condition
        for each in (earlier, later)
        for condition in (
            each.kind == InvoiceKind.SUPPLIER_BILL,
            each.state == DocumentState.POSTED,
        )
    ]
    if party_id is not None:
        posted.append(later.party_id == party_id)
    pairs = select(earlier, later, Party.number, Party.name).select_from(later)
    same_party = (later.party_id == earlier.party_id) & (later.number > earlier.number)
    by_number = pairs.join(
        earlier,
        same_party & (plain_reference(later.reference) == plain_reference(earlier.reference)),
    )
    by_amount = pairs.join(
        earlier,
        same_party
        & (later.total_minor == earlier.total_minor)
        & (later.currency == earlier.currency)
        & (later.posted_on - earlier.posted_on).between(-NEAR.days, NEAR.days),
    )
    by_file = (
        pairs.join(mine, mine.invoice_id == later.id)
        .join(theirs, theirs.sha256 == mine.sha256)
        .join(earlier, (earlier.id == theirs.invoice_id) & (later.number > earlier.number))
    )
    found: dict[tuple[str, str], Pair] = {}
    for likeness, wanted in (
        (Likeness.SAME_FILE, by_file),
        (Likeness.SAME_NUMBER, by_number),
        (Likeness.SAME_AMOUNT, by_amount),
    ):
        rows = (
            wanted.join(Party, Party.id == later.party_id)
            .where(later.posted_on >= first, *posted)
            .order_by(later.posted_on.desc(), later.number.desc())
            .limit(PAIRS_MAX)
        )
        for one, other, number, name in session.execute(rows):
            pair = _pair(other, one, number, name, likeness)
            found.setdefault((pair.number, pair.other), pair)
    return sorted(found.values(), key=lambda pair: (pair.posted_on, pair.number), reverse=True)


def attach_file(session: Session, bill: Invoice, *, name: str, content: bytes) -> list[Alike]:
    """Keep the file that a bill came as; return the bills that came as the very same file."""
    if bill.kind is not InvoiceKind.SUPPLIER_BILL:
        raise NotABill(number=bill.number)
    if not 0 < len(content) <= FILE_BYTES_MAX:
        raise FileUnusable(name=name, size=len(content), most=FILE_BYTES_MAX)
    seal = hashlib.sha256(content).hexdigest()
    known = select(BillFile.id).where(BillFile.invoice_id == bill.id, BillFile.sha256 == seal)
    if session.scalar(known) is not None:
        raise FileAttached(number=bill.number)
    session.add(BillFile(invoice_id=bill.id, name=name, content=content, sha256=seal))
    session.flush()
    events.record(session, BillFileAttached(bill.number, name, seal, len(content)))
    alike = list(_same_file(session, bill))
    if alike:
        told = tuple((each.number, str(each.likeness), each.days) for each in alike)
        events.record(session, BillLooksLike(bill.number, told))
    return alike


def _same_file(session: Session, bill: Invoice) -> Sequence[Alike]:
    # Of whatever supplier: the same file twice is the same bill, also under another name.
    return [
        Alike(number, Likeness.SAME_FILE, abs((bill.posted_on - posted_on).days))
        for number, posted_on in session.execute(_SAME_FILE, {"bill": bill.id})
    ]


def _pair(later: Invoice, earlier: Invoice, number: str, name: str, likeness: Likeness) -> Pair:
    return Pair(
        number=later.number,
        other=earlier.number,
        party_number=number,
        party=name,
        posted_on=later.posted_on,
        total=Money(later.total_minor, later.currency),
        likeness=likeness,
        days=abs((later.posted_on - earlier.posted_on).days),
    )
