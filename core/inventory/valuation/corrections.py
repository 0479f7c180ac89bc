"""What late events make others cost, booked forward: rows of their own, and one entry."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy.orm import Session

from core.catalog import Item
from core.inventory.valuation.events import CorrectedCost, CostsCorrected
from core.inventory.valuation.reading import Correction
from core.inventory.valuation.tables import StockCorrection
from core.kernel import events
from core.kernel.bulk import copy_rows
from core.kernel.company import company
from core.kernel.money import Money
from core.ledger import Journal, credit, debit, post_entry
from core.ledger.chart import INVENTORY

_ROW = (
    *("item_id", "move_id", "revaluation_id", "amount_minor", "corrected_on"),
    *("against", "own", "origin", "because"),
)


def book_corrections(
    session: Session,
    corrections: Mapping[Item, Sequence[Correction]],
    *,
    origin: str,
    memo: str,
    because: str = "",
    more: Mapping[str, int] | None = None,
) -> None:
    """Book today what moves cost more, or less, than was booked before.

    `more` are amounts of the same entry that no move explains, debits by account.
    """
    today, currency = company(session).today, company(session).currency
    debits: dict[str, int] = defaultdict(int, more or {})
    rows: list[tuple[object, ...]] = []
    for item, found in corrections.items():
        for each in found:
            rows.append(_row(item, each, today, origin, because))
            # Dearer goods that came in are more stock; dearer ones that left are less.
            signed = each.amount if each.incoming else -each.amount
            debits[INVENTORY] += signed
            debits[each.against] -= signed
        if found:
            events.record(session, _told(item, found, currency, origin, because))
    if rows:
        # One event that comes late may change the cost of thousands.
        copy_rows(session, StockCorrection, _ROW, rows)
    lines = [
        (debit if minor > 0 else credit)(account, Money(abs(minor), currency))
        for account, minor in sorted(debits.items(), key=lambda pair: -pair[1])
        if minor
    ]
    if lines:
        post_entry(session, lines, memo=memo, origin=origin, journal=Journal.STOCK)


def _row(
    item: Item, correction: Correction, today: date, origin: str, because: str
) -> tuple[object, ...]:
    of = (None, correction.key) if correction.revaluation else (correction.key, None)
    return (
        *(item.id, *of, correction.amount, today),
        *(correction.against, correction.own, origin, because),
    )


def _told(
    item: Item, found: Sequence[Correction], currency: str, origin: str, because: str
) -> CostsCorrected:
    return CostsCorrected(
        sku=item.sku,
        item_name=item.name,
        origin=origin,
        because=because,
        costs=tuple(
            CorrectedCost(
                origin=each.origin,
                on=each.moved_on.isoformat(),
                before=Money(each.before, currency),
                after=Money(each.before + each.amount, currency),
            )
            for each in found
        ),
    )
