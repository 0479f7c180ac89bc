"""Merge two records of one party, across all that was traded with it, and take that back.

`core.parties.merging` moves what points at the party. Here is what only the rooms of trade know:
what the survivor owes afterwards, and whether documents of both were settled with each other.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from core import invoicing, parties, sales
from core.invoicing import Direction
from core.invoicing.tables import Invoice, Payment, Settlement
from core.kernel import events
from core.kernel.effects import Change, Kind
from core.kernel.events import Fact
from core.kernel.money import Money
from core.parties import Customer, Party, PartyMerge
from core.parties.errors import SettledAcross


@dataclass(frozen=True)
class OwedTogether(Fact, name="processes.owed_together"):
    """What a party owes and is owed, before and after a merging."""

    party: str
    before: Money
    after: Money
    limit: Money | None
    payable_before: Money
    payable_after: Money

    def changes(self) -> tuple[Change, ...]:
        """Show both, where they change, and the limit that counts for both together."""
        of = f" / {self.limit}" if self.limit is not None else ""
        told = [
            Change(
                Kind.EXPOSURE, self.party, str(self.after) + of, before=str(self.before),
                measure="exposure",
            ),
            Change(
                Kind.EXPOSURE, self.party, str(self.payable_after),
                before=str(self.payable_before), measure="payable",
            ),
        ]  # fmt: skip
        return tuple(
            each for each, moved in zip(
                told,
                (self.before != self.after, self.payable_before != self.payable_after),
                strict=True,
            ) if moved
        )  # fmt: skip


def merge_parties(session: Session, survivor: Party, merged: Party, *, because: str) -> PartyMerge:
    """Merge one record of a party into another: documents, open items, contacts, all of it."""
    before, payable = _owed(session, survivor)
    merge = parties.merge_parties(session, survivor, merged, because=because)
    _tell(session, survivor, before, payable)
    return merge


def part_again(session: Session, number: str, *, because: str) -> PartyMerge:
    """Take a merging back, as long as nothing new has joined the two."""
    merge = parties.find_merge(session, number)
    survivor = session.get_one(Party, merge.survivor_id)
    before, payable = _owed(session, survivor)
    made = parties.part_again(session, number, because=because)
    _require_apart(session, merge)
    _tell(session, survivor, before, payable)
    return made


def _owed(session: Session, party: Party) -> tuple[Money, Money]:
    payable = invoicing.owed_by(session, party.id, Direction.PAYABLE)
    return sales.exposure_of(session, party.id), payable


def _tell(session: Session, party: Party, before: Money, payable: Money) -> None:
    after, payable_after = _owed(session, party)
    buyer = session.get(Customer, party.id)
    limit = None if buyer is None or buyer.credit_limit_minor is None else buyer.credit_limit_minor
    fact = OwedTogether(
        party=f"{party.number} {party.name}",
        before=before,
        after=after,
        limit=None if limit is None else Money(limit, after.currency),
        payable_before=payable,
        payable_after=payable_after,
    )
    events.record(session, fact)


def _require_apart(session: Session, merge: PartyMerge) -> None:
    """Refuse to part documents that settle each other: each would owe what the other paid."""
    note = aliased(Invoice)
    source = Payment.party_id, note.party_id
    both = {merge.survivor_id, merge.merged_id}
    wanted = (
        select(Invoice.number, Payment.number, note.number)
        .select_from(Settlement)
        .join(Invoice, Invoice.id == Settlement.invoice_id)
        .outerjoin(Payment, Payment.id == Settlement.payment_id)
        .outerjoin(note, note.id == Settlement.credit_note_id)
        .where(
            Invoice.party_id.in_(both),
            (source[0].in_(both) & (source[0] != Invoice.party_id))
            | (source[1].in_(both) & (source[1] != Invoice.party_id)),
        )
        .limit(1)
    )
    found = session.execute(wanted).one_or_none()
    if found is not None:
        number, paid, credited = found
        raise SettledAcross(number=merge.number, one=number, other=paid or credited)
