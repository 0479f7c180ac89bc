"""Suggest to hold a bill back from payment when it may have been booked before."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from agents.watchers.base import Suggestion, Watcher
from core import invoicing
from core.invoicing import DocumentState, duplicates
from core.invoicing.duplicates.events import BillLooksLike
from core.invoicing.events import InvoicePosted
from core.invoicing.holds import HoldPurpose, held
from core.kernel.events import Fact
from tools import Call
from tools.payees import HoldBill

NAME = "duplicates"
SHOWN_MAX = 3


def cases(_session: Session, fact: Fact) -> Iterable[str]:
    """Return the bill that looks like another, or that was taken back."""
    if isinstance(fact, BillLooksLike):
        return (fact.number, *(other for other, _, _ in fact.alike))
    assert isinstance(fact, InvoicePosted)
    return (fact.credits,) if fact.credits.startswith("BILL-") else ()


def consider(session: Session, number: str) -> Suggestion | None:
    """Hold the later one of two bills that look alike, unless it is paid, held or taken back."""
    bill = invoicing.find_invoice(session, number)
    if bill.state is not DocumentState.POSTED or bill.open_minor == 0:
        return None
    if held(session, HoldPurpose.PAYMENT).over(bill.id, bill.party_id) is not None:
        return None
    earlier = [each for each in duplicates.alike_bills(session, bill) if each.number < bill.number]
    if not earlier:
        return None
    why = ", ".join(f"{each.number}: {each.likeness}" for each in earlier[:SHOWN_MAX])
    return Suggestion(
        plan=(Call("paying.hold_bill", HoldBill(bill=bill.number, because=why)),),
        rule="bills that look alike",
        facts={
            "bill": bill.number,
            "looks_like": ", ".join(each.number for each in earlier),
            "days_apart": ", ".join(str(each.days) for each in earlier),
        },
    )


DUPLICATES = Watcher(NAME, (BillLooksLike, InvoicePosted), cases, consider)
