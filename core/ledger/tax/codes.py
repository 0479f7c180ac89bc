"""Tax codes: what they consist of on a day, and how they are added and changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, func, or_, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from core.kernel import events
from core.kernel.company import CompanyRow, TaxRounding, company
from core.kernel.database import plain_table
from core.kernel.identifiers import new_id
from core.kernel.money import plain
from core.ledger.accounts import find_accounts
from core.ledger.errors import UnknownTaxCode
from core.ledger.tax.errors import (
    ChangeBeforeLast,
    CodeInUse,
    NoTaxOnDay,
    NotForThisKind,
    NothingInTheCode,
    RateOutOfRange,
    RoundingStaysAsItIs,
    SameTaxTwice,
    TaxCodeExists,
    TaxCodeNotPlain,
)
from core.ledger.tax.events import TaxCodeAdded, TaxCodeChanged, TaxRoundingSet
from core.ledger.tax.rules import HUNDRED, Component
from core.ledger.tax.tables import (
    ComponentKind,
    TaxCode,
    TaxComponent,
    TaxComponentBox,
    TaxLine,
    TaxUse,
)

# The first day of what was always so.
BEGINNING = date(1900, 1, 1)
AND = "+"
CODES_MAX = 500

Boxes = Mapping[TaxUse, tuple[str | None, str | None]]
_KEPT = "ledger.tax_components"


def add_tax_code(
    session: Session, *, code: str, name: str, name_zh: str, percent: Decimal
) -> TaxCode:
    """Add a tax of one percent, which always was so much."""
    only = Component(name=name, name_zh=name_zh, rate=percent)
    return add_code(session, code=code, name=name, name_zh=name_zh, components=[only])


def add_code(
    session: Session,
    *,
    code: str,
    name: str,
    name_zh: str,
    components: Sequence[Component],
    valid_from: date = BEGINNING,
    certificate_needed: bool = False,
) -> TaxCode:
    """Add a tax code that consists of these components from a day on."""
    if not code.strip() or AND in code or any(sign.isspace() for sign in code):
        raise TaxCodeNotPlain(code=code)
    if session.get(TaxCode, code) is not None:
        raise TaxCodeExists(code=code)
    components = _sound(session, code, components)
    added = TaxCode(code=code, name=name, name_zh=name_zh, certificate_needed=certificate_needed)
    session.add(added)
    session.flush()
    put(session, code, components, valid_from=valid_from)
    events.record(
        session,
        TaxCodeAdded(code=code, called=name, components=tuple(map(described, components))),
    )
    return added


def change_code(
    session: Session, code: str, components: Sequence[Component], *, valid_from: date
) -> TaxCode:
    """Let a code consist of other components from a day on; what was before stays as it was."""
    changed = find_code(session, code)
    components = _sound(session, code, components)
    dated = select(TaxComponent).where(TaxComponent.code == code).order_by(TaxComponent.position)
    every = session.scalars(dated.with_for_update()).all()
    last = max(each.valid_from for each in every)
    if valid_from <= last:
        raise ChangeBeforeLast(code=code, day=last)
    used = (
        select(TaxLine.document, TaxLine.posted_on)
        .join(TaxComponent, TaxComponent.id == TaxLine.component_id)
        .where(TaxComponent.code == code, TaxLine.posted_on >= valid_from)
        .order_by(TaxLine.posted_on)
        .limit(1)
    )
    for document, day in session.execute(used):
        raise CodeInUse(document=document, day=day, code=code)
    eve = valid_from - timedelta(days=1)
    ending = [each for each in every if each.valid_until is None or each.valid_until > eve]
    boxes = [_boxes_of(session, each) for each in ending]
    for each in ending:
        each.valid_until = eve
    session.flush()
    put(session, code, components, valid_from=valid_from, boxes=boxes)
    events.record(
        session,
        TaxCodeChanged(
            code=code,
            valid_from=valid_from.isoformat(),
            before=tuple(described(component_of(each)) for each in ending),
            after=tuple(map(described, components)),
        ),
    )
    return changed


def put(
    session: Session,
    code: str,
    components: Sequence[Component],
    *,
    valid_from: date,
    valid_until: date | None = None,
    boxes: Sequence[Boxes] = (),
    source: str = "",
    first: int = 1,
) -> None:
    """Write components of a code for a stretch of days, and the boxes that they are reported in."""
    rows = []
    for position, each in enumerate(components, start=first):
        row = TaxComponent(
            id=new_id(),
            code=code,
            position=position,
            name=each.name,
            name_zh=each.name_zh or each.name,
            kind=each.kind,
            rate=each.rate,
            currency=each.currency,
            included=each.included,
            affects_next=each.affects_next,
            cash_basis=each.cash_basis,
            deductible_percent=each.deductible_percent,
            sale_account=each.sale_account,
            purchase_account=each.purchase_account,
            valid_from=valid_from,
            valid_until=valid_until,
            source=source,
        )
        rows.append(row)
    session.add_all(rows)
    session.flush()
    session.add_all(
        TaxComponentBox(component_id=row.id, use=use, base_box=base, tax_box=tax)
        for row, reported in zip(rows, boxes, strict=False)
        for use, (base, tax) in reported.items()
    )
    session.flush()
    _forget(session)


def find_code(session: Session, code: str) -> TaxCode:
    """Return a tax code."""
    found = session.get(TaxCode, code)
    if found is None:
        raise _unknown(session, [code])
    return found


def code_named(session: Session, called: str) -> TaxCode:
    """Return the tax code that somebody means by its code, its name, or the percent it adds.

    A percent names the one code that only adds it to a price; where several do, one is asked for.
    """
    said = called.strip()
    if (percent := _percent_said(said)) is not None:
        only = [
            code
            for code, components in codes_in_force(session, company(session).today).items()
            if [(each.kind, each.rate) for each in components] == [(ComponentKind.PERCENT, percent)]
        ]
        if len(only) != 1:
            raise _unknown(session, [said])
        return find_code(session, only[0])
    wanted = (
        select(TaxCode)
        .where(
            or_(
                func.lower(TaxCode.code) == said.lower(),
                func.lower(TaxCode.name) == said.lower(),
                TaxCode.name_zh == said,
            )
        )
        .order_by(func.lower(TaxCode.code) != said.lower(), TaxCode.code)
        .limit(1)
    )
    found = session.scalar(wanted)
    if found is None:
        raise _unknown(session, [said])
    return found


def list_codes(session: Session) -> list[TaxCode]:
    """Return the tax codes in their order, without those that only name several."""
    wanted = select(TaxCode).where(~TaxCode.code.contains(AND)).order_by(TaxCode.code)
    return list(session.scalars(wanted.limit(CODES_MAX)))


def split(codes: str) -> list[str]:
    """Return the codes that a text names: "A+B" are two taxes on one line."""
    parts = [part.strip() for part in codes.split(AND)]
    twice = next((part for part in parts if parts.count(part) > 1), None)
    if twice is not None:
        raise SameTaxTwice(code=twice)
    return parts


def joined(codes: Iterable[str]) -> str | None:
    """Return the text that names several codes on one line; None where there is no tax."""
    return AND.join(code for each in codes for code in split(each)) or None


def components_on(
    session: Session, codes: Iterable[str], on: date
) -> dict[str, tuple[Component, ...]]:
    """Return what codes consist of on a day, also several in one."""
    known = _every(session).components
    asked = {text: split(text) for text in codes}
    plain_codes = {code for parts in asked.values() for code in parts}
    if unknown := sorted(plain_codes - known.keys()):
        raise _unknown(session, unknown)
    on_day = {code: _in_force(code, known[code], on) for code in plain_codes}
    return {
        text: tuple(each for code in parts for each in on_day[code])
        for text, parts in asked.items()
    }


def certified_codes(session: Session) -> set[str]:
    """Return the codes that nobody is charged by without a certificate."""
    return _every(session).certified


def codes_in_force(session: Session, on: date) -> dict[str, tuple[Component, ...]]:
    """Return all codes that say something for a day, with those that name several."""
    known = _every(session).components
    found: dict[str, tuple[Component, ...]] = {}
    for code in known:
        parts = [_of_day(known.get(part, []), on) for part in code.split(AND)]
        if all(parts):
            found[code] = tuple(each for part in parts for each in part)
    return found


def keep_combinations(session: Session, codes: Iterable[str]) -> None:
    """Let documents refer to several codes at once: two that do so first get the same row."""
    kept: set[str] = session.info.setdefault("ledger.tax_combinations", set())
    for text in {each for each in codes if AND in each} - kept:
        row = {"code": text, "name": text, "name_zh": text, "certificate_needed": False}
        session.execute(upsert(plain_table(TaxCode)).values(row).on_conflict_do_nothing())
        kept.add(text)
        _forget(session)


def set_tax_rounding(session: Session, per: TaxRounding) -> None:
    """Round tax by the line or by the document from now on."""
    row = session.get_one(CompanyRow, 1, with_for_update=True)
    if row.tax_rounding is per:
        raise RoundingStaysAsItIs
    before, row.tax_rounding = row.tax_rounding, per
    events.record(session, TaxRoundingSet(before=f"by_{before}", after=f"by_{per}"))
    session.flush()
    session.info.pop("company", None)


def component_of(row: TaxComponent | Row[Any]) -> Component:
    """Return what a stored component says."""
    return Component(
        name=row.name,
        name_zh=row.name_zh,
        kind=row.kind,
        rate=row.rate,
        included=row.included,
        affects_next=row.affects_next,
        cash_basis=row.cash_basis,
        deductible_percent=row.deductible_percent,
        sale_account=row.sale_account,
        purchase_account=row.purchase_account,
        currency=row.currency,
        code=row.code,
        id=row.id,
    )


def described(component: Component) -> str:
    """Say a component in short, without words of one language."""
    rate = plain(component.rate)
    said = f"{rate} {component.currency}" if component.currency else f"{rate} %"
    marks = [
        mark
        for mark, applies in (
            (str(component.kind), component.kind is not ComponentKind.PERCENT),
            ("included", component.included),
            ("affects_next", component.affects_next),
            ("cash_basis", component.cash_basis),
            (
                f"deductible {plain(component.deductible_percent)} %",
                component.deductible_percent != HUNDRED,
            ),
        )
        if applies
    ]
    return " · ".join([component.name, said, *marks])


def _forget(session: Session) -> None:
    session.info.pop(_KEPT, None)
    session.info.pop("ledger.tax_added_on_sale", None)


# Rows, not objects: every document asks, and nobody changes them by this.
_EVERY = (
    select(TaxCode.code, TaxCode.certificate_needed, *plain_table(TaxComponent).c)
    .select_from(TaxCode)
    .outerjoin(TaxComponent, TaxComponent.code == TaxCode.code)
    .order_by(TaxCode.code, TaxComponent.position, TaxComponent.valid_from)
)


@dataclass(frozen=True)
class _Kept:
    """All codes with their components, and those that ask for a certificate."""

    components: dict[str, list[Row[Any]]]
    certified: set[str]


def _every(session: Session) -> _Kept:
    """Return all codes; they are few, and read once in a transaction."""
    known: _Kept | None = session.info.get(_KEPT)
    if known is None:
        known = _Kept({}, set())
        for row in session.execute(_EVERY):
            rows = known.components.setdefault(row[0], [])
            if row.id is not None:
                rows.append(row)
            if row.certificate_needed:
                known.certified.add(row[0])
        session.info[_KEPT] = known
    return known


def _in_force(code: str, rows: Sequence[Row[Any]], on: date) -> list[Component]:
    found = _of_day(rows, on)
    if not found:
        raise NoTaxOnDay(code=code, day=on)
    return found


def _of_day(rows: Sequence[Row[Any]], on: date) -> list[Component]:
    return [
        component_of(row)
        for row in rows
        if row.valid_from <= on and (row.valid_until is None or on <= row.valid_until)
    ]


def _percent_said(said: str) -> Decimal | None:
    """Return the percent that somebody says instead of a code: "19 %"."""
    number = said.removesuffix("%").strip()
    if number == said or not number.replace(".", "", 1).isdecimal():
        return None
    return Decimal(number)


def _unknown(session: Session, codes: Sequence[str]) -> UnknownTaxCode:
    known = ", ".join(each.code for each in list_codes(session)[:20])
    return UnknownTaxCode(code=", ".join(codes), known=known)


def _boxes_of(session: Session, component: TaxComponent) -> Boxes:
    wanted = select(TaxComponentBox).where(TaxComponentBox.component_id == component.id)
    return {each.use: (each.base_box, each.tax_box) for each in session.scalars(wanted)}


_RATE_MAX = {
    ComponentKind.PERCENT: Decimal(1000),
    ComponentKind.FIXED: Decimal(1_000_000),
    ComponentKind.DIVISION: Decimal("99.999999"),
    ComponentKind.EXEMPT: Decimal(0),
    ComponentKind.WITHHOLDING: HUNDRED,
    ComponentKind.REVERSE_CHARGE: HUNDRED,
}


def _sound(session: Session, code: str, components: Sequence[Component]) -> list[Component]:
    """Return the components as they can be kept; a fixed one is in some currency."""
    if not components:
        raise NothingInTheCode(code=code)
    accounts: set[str] = set()
    for each in components:
        if not 0 <= each.rate <= _RATE_MAX[each.kind]:
            raise RateOutOfRange(rate=each.rate, kind=each.kind)
        if not 0 <= each.deductible_percent <= HUNDRED:
            raise RateOutOfRange(rate=each.deductible_percent, kind=each.kind)
        if not each.adds and (each.included or each.affects_next or each.cash_basis):
            raise NotForThisKind(kind=each.kind)
        accounts.update(filter(None, (each.sale_account, each.purchase_account)))
    find_accounts(session, accounts)
    ours = company(session).currency
    fixed = ComponentKind.FIXED
    return [
        replace(each, currency=(each.currency or ours) if each.kind is fixed else None)
        for each in components
    ]
