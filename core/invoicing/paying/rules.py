"""What to pay: of what is due, what a discount would be lost of, and what there is money for.

No session and no clock. It never pays more than is open, never uses a credit beyond what is left
of it, and never leaves less on the account than is to be kept.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from core.kernel.money import Money, Rounding

PRIORITY = 5


class Why(StrEnum):
    """Why a bill is proposed, or is not."""

    DUE = "due"
    DISCOUNT = "discount"
    HELD = "held"
    NO_CASH = "no_cash"
    CHOSEN = "chosen"


@dataclass(frozen=True)
class Payable:
    """What of a bill could be paid: all that is open, and what should be paid now.

    `amount` is what is due or loses a discount, and `discount` what need not be paid of it;
    `whole_discount` what need not be paid of all that is open. `saves_until` is the last day of a
    discount that would be lost.
    """

    invoice_id: uuid.UUID
    party_id: uuid.UUID
    number: str
    due_on: date
    open: int
    amount: int
    discount: int = 0
    whole_discount: int = 0
    saves_until: date | None = None
    priority: int = PRIORITY
    held: str = ""


@dataclass(frozen=True)
class Credit:
    """What a supplier owes us: a credit note, or what we paid too much."""

    source_id: uuid.UUID
    party_id: uuid.UUID
    number: str
    left: int
    is_note: bool = True


@dataclass(frozen=True)
class Netted:
    """How much of a credit settles a part of a bill."""

    credit: Credit
    amount: int


@dataclass(frozen=True)
class Planned:
    """How a bill would be settled, or why it is not; amounts in minor units."""

    payable: Payable
    pay: int
    discount: int
    netted: tuple[Netted, ...]
    why: Why

    @property
    def netted_minor(self) -> int:
        """What credits settle of it."""
        return sum(each.amount for each in self.netted)

    @property
    def settled(self) -> int:
        """What of the bill is settled in all."""
        return self.pay + self.discount + self.netted_minor


def plan_payments(
    payables: Sequence[Payable],
    credits: Sequence[Credit],  # noqa: A002
    *,
    spendable: int,
    rounding: Rounding,
) -> list[Planned]:
    """Plan what to pay of what should be paid now, as far as the money goes.

    First by the supplier's priority, then what would lose a discount, then by the due day. What
    should be paid of a bill is paid as a whole or not at all, so that no discount is begun and
    lost.
    """
    left = {credit.source_id: credit.left for credit in credits}
    planned = []
    for payable in sorted(payables, key=_rank):
        if payable.amount == 0:
            continue
        if payable.held:
            planned.append(Planned(payable, 0, 0, (), Why.HELD))
            continue
        netted = net(payable, payable.amount, credits, left)
        whole = settled(payable, netted, rounding)
        if whole.pay > spendable:
            planned.append(Planned(payable, 0, 0, (), Why.NO_CASH))
            continue
        spendable -= whole.pay
        for each in netted:
            left[each.credit.source_id] -= each.amount
        planned.append(whole)
    return planned


def net(
    payable: Payable,
    amount: int,
    credits: Sequence[Credit],  # noqa: A002
    left: Mapping[uuid.UUID, int],
) -> tuple[Netted, ...]:
    """Let the supplier's credits settle what they can of an amount, in their order."""
    netted, rest = [], amount
    for credit in credits:
        part = min(rest, left[credit.source_id]) if credit.party_id == payable.party_id else 0
        if part > 0:
            netted.append(Netted(credit, part))
            rest -= part
    return tuple(netted)


def settled(payable: Payable, netted: tuple[Netted, ...], rounding: Rounding) -> Planned:
    """Plan what should be paid of a bill: credits first, money less the discount for the rest."""
    discount, by_credit = payable.discount, sum(each.amount for each in netted)
    if discount and by_credit:
        # A discount is granted on what is paid with money: on what was taken back there is none.
        share = Decimal(payable.amount - by_credit) / payable.amount
        discount = Money(discount, "").times(share, rounding).minor
    why = Why.DISCOUNT if payable.saves_until is not None else Why.DUE
    pay = payable.amount - by_credit - discount
    return Planned(payable, pay, discount, netted, why)


def _rank(payable: Payable) -> tuple[int, bool, date, str]:
    return (payable.priority, payable.saves_until is None, payable.due_on, payable.number)
