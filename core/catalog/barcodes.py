"""Barcodes: what a scanner reads, checked by its check digit, each of one item and unit."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from core.catalog.errors import BarcodeTaken, NotABarcode, UnknownBarcode, WrongCheckDigit
from core.catalog.events import BarcodeChanged
from core.catalog.service import find_unit
from core.catalog.tables import Barcode, BarcodeKind, Item
from core.catalog.units import factor_of
from core.kernel import events

CODE_LENGTH_MAX = 48
_CHECKED = {13: BarcodeKind.EAN_13, 12: BarcodeKind.UPC_A, 8: BarcodeKind.EAN_8}


@dataclass(frozen=True)
class Scanned:
    """What a barcode stands for: one unit of an item."""

    item: Item
    unit_code: str


def check_digit(digits: str) -> int:
    """Return the check digit of all digits before it: threes and ones by turns from the right."""
    weighed = (
        int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(digits[::-1])
    )
    return -sum(weighed) % 10


def kind_of(code: str) -> BarcodeKind:
    """Return what kind a barcode is, or refuse one that is read wrongly."""
    if not 1 <= len(code) <= CODE_LENGTH_MAX or not all(" " <= sign <= "~" for sign in code):
        raise NotABarcode(code=code[:CODE_LENGTH_MAX], most=CODE_LENGTH_MAX)
    if code.isdigit() and len(code) in _CHECKED:
        right = check_digit(code[:-1])
        if int(code[-1]) != right:
            raise WrongCheckDigit(code=code, right=right)
        return _CHECKED[len(code)]
    return BarcodeKind.CODE_128


def add_barcode(session: Session, item: Item, code: str, *, unit: str | None = None) -> Barcode:
    """Let a scanner find an item, or one of its units, by a barcode."""
    said = code.strip()
    kind = kind_of(said)
    unit_code = item.unit_code if unit is None else find_unit(session, unit).code
    factor_of(session, item, unit_code)
    taken = select(Item.sku).join(Barcode, Barcode.item_id == Item.id).where(Barcode.code == said)
    if (sku := session.scalar(taken)) is not None:
        raise BarcodeTaken(code=said, taken=sku)
    barcode = Barcode(code=said, kind=kind, item_id=item.id, unit_code=unit_code)
    session.add(barcode)
    events.record(session, BarcodeChanged(item.sku, said, unit_code, added=True))
    session.flush()
    return barcode


def remove_barcode(session: Session, code: str) -> Scanned:
    """Forget a barcode; return what it stood for."""
    stood_for = scan(session, code)
    barcode = session.get_one(Barcode, code.strip())
    session.delete(barcode)
    fact = BarcodeChanged(stood_for.item.sku, barcode.code, barcode.unit_code, added=False)
    events.record(session, fact)
    session.flush()
    return stood_for


def scan(session: Session, code: str) -> Scanned:
    """Return the item and the unit that a barcode stands for; say if it was read wrongly."""
    said = code.strip()
    wanted = (
        select(Item, Barcode.unit_code)
        .join(Barcode, Barcode.item_id == Item.id)
        .where(Barcode.code == said)
        .options(joinedload(Item.unit, innerjoin=True))
    )
    found = session.execute(wanted).one_or_none()
    if found is None:
        kind_of(said)
        raise UnknownBarcode(code=said)
    return Scanned(*found)


def barcodes_of(session: Session, item: Item) -> list[Barcode]:
    """Return the barcodes of an item."""
    wanted = select(Barcode).where(Barcode.item_id == item.id).order_by(Barcode.code)
    return list(session.scalars(wanted))
