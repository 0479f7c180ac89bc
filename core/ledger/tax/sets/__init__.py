"""Sets of tax codes by country, as data: every rate with its days and where it is written."""

from sqlalchemy.orm import Session

from core.kernel import events
from core.ledger.tax.codes import BEGINNING, put
from core.ledger.tax.errors import TaxCodeExists, TaxSetInstalled, UnknownTaxSet
from core.ledger.tax.events import TaxSetInstalled as Installed
from core.ledger.tax.sets import america, china, europe
from core.ledger.tax.sets.shape import BoxData, CodeData, ComponentData, Rate, TaxSet
from core.ledger.tax.tables import TaxBox, TaxCode

SETS = {each.code: each for each in (china.CHINA, europe.GERMANY, america.UNITED_STATES)}


def find_set(code: str) -> TaxSet:
    """Return a set by its code: CN, DE, US."""
    found = SETS.get(code.strip().upper())
    if found is None:
        raise UnknownTaxSet(code=code, known=", ".join(SETS))
    return found


def install_set(session: Session, code: str) -> TaxSet:
    """Add the tax codes and the boxes of a set; what there is already stays as it is."""
    wanted = find_set(code)
    if session.get(TaxBox, (wanted.code, wanted.boxes[0].box)) is not None:
        raise TaxSetInstalled(code=wanted.code)
    for each in wanted.codes:
        if session.get(TaxCode, each.code) is not None:
            raise TaxCodeExists(code=each.code)
    session.add_all(
        TaxBox(
            set_code=wanted.code,
            box=box.box,
            position=position,
            name=box.name,
            name_zh=box.name_zh,
            adds=box.adds,
        )
        for position, box in enumerate(wanted.boxes, start=1)
    )
    for each in wanted.codes:
        _add(session, wanted, each)
    events.record(
        session,
        Installed(
            set_code=wanted.code,
            called=wanted.name,
            codes=tuple(each.code for each in wanted.codes),
        ),
    )
    session.flush()
    return wanted


def _add(session: Session, wanted: TaxSet, code: CodeData) -> None:
    session.add(
        TaxCode(
            code=code.code,
            name=code.name,
            name_zh=code.name_zh,
            set_code=wanted.code,
            certificate_needed=code.certificate_needed,
        )
    )
    session.flush()
    for position, component in enumerate(code.components, start=1):
        for rate in component.rates:
            put(
                session,
                code.code,
                [component.at(rate)],
                valid_from=rate.since or BEGINNING,
                valid_until=rate.until,
                boxes=[rate.boxes or component.boxes],
                source=rate.source,
                first=position,
            )


__all__ = [
    "SETS",
    "BoxData",
    "CodeData",
    "ComponentData",
    "Rate",
    "TaxSet",
    "find_set",
    "install_set",
]
