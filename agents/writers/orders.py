"""Which items, and how many of each, the words of a mail want: what exists, never a price."""
# ruff: noqa: E501  # A pattern is read in one piece.

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from core.catalog.tables import Item
from core.communications.summaries import Line

ITEMS_MAX = 20
QUANTITY_MAX = Decimal(1_000_000)
NAME_MIN, NAME_MIN_CJK = 4, 2
_ORDERS = re.compile(
    r"\b(?:order|purchase|buy|need|quote|quotation|offer|send us|deliver)\b|订购|订单|下单|采购|购买|需要|报价|想订|想买|要订",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"\b(?:cancel|cancelled|return|wrong|broken|damaged|instead|missing|not)\b|取消|退货|退回|破损|错|不要|缺",
    re.IGNORECASE,
)
_UNIT = r"(?:\s*(?:x|×|\*|pcs\.?|pieces|units|sets|件|台|个|只|盏|条|套|把|张|块))?"
_BEFORE = re.compile(rf"(\d[\d,]{{0,8}}){_UNIT}\s*(?:of\s+)?(?:the\s+|your\s+)?$", re.IGNORECASE)
_BEHIND = re.compile(
    rf"^s?\s*(?:[x×*:：,，]|共|各)?\s*(\d[\d,]{{0,8}})(?![\d.%])(?!\s*(?:EUR|USD|元|€|\$)){_UNIT}",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Wanted:
    """An item of ours and how many of it are wanted."""

    sku: str
    quantity: Decimal


def wanted_in(session: Session, lines: Iterable[Line]) -> list[Wanted]:
    """Return what some sentences of a mail want, where item and quantity are both clear."""
    found: dict[str, Decimal] = {}
    for line in lines:
        if not _ORDERS.search(line.text) or _NOT.search(line.text):
            continue
        for sku, quantity in _items_in(session, line.text):
            # The same item again is the same wish said twice, not twice as many.
            found.setdefault(sku, quantity)
    return [Wanted(sku, quantity) for sku, quantity in found.items()][:ITEMS_MAX]


def _items_in(session: Session, text: str) -> list[tuple[str, Decimal]]:
    low = text.casefold()
    names = (Item.sku, Item.name, Item.name_zh)
    wanted = (
        select(*names)
        .where(Item.active, or_(*(func.strpos(low, func.lower(name)) > 0 for name in names)))
        .order_by(func.length(Item.name).desc(), Item.sku)
        .limit(5 * ITEMS_MAX)
    )
    taken: list[tuple[int, int]] = []
    found: list[tuple[str, Decimal]] = []
    for sku, *called in session.execute(wanted):
        places = [place for name in (sku, *called) if (place := _place_of(low, name))]
        free = [p for p in places if not any(a < p[1] and p[0] < b for a, b in taken)]
        taken += free
        said = (_quantity(text[:first], text[last:]) for first, last in free)
        # "5 desk lamps (LAMP-01)": whichever of its names the quantity stands at.
        quantity = next((each for each in said if each is not None), None)
        if quantity is not None:
            found.append((sku, quantity))
    return found


def _place_of(text: str, name: str | None) -> tuple[int, int] | None:
    if not name:
        return None
    said = name.casefold()
    is_cjk = any(sign > "\u2e80" for sign in said)
    if len(said) < (NAME_MIN_CJK if is_cjk else NAME_MIN):
        return None
    pattern = (
        re.escape(said) if is_cjk else rf"(?<![a-z0-9-]){re.escape(said)}(?:s|es)?(?![a-z0-9-])"
    )
    match = re.search(pattern, text)
    return None if match is None else match.span()


def _quantity(before: str, behind: str) -> Decimal | None:
    match = _BEFORE.search(before) or _BEHIND.match(behind)
    if match is None:
        return None
    value = Decimal(match[1].replace(",", ""))
    return value if 0 < value <= QUANTITY_MAX else None


def as_order(wanted: Sequence[Wanted]) -> str:
    """Say what is wanted in a few words."""
    return ", ".join(f"{each.quantity:f} × {each.sku}" for each in wanted)
