"""What pay is made of: components, structures by date, rates of the company's own."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import ledger
from core.hr.payroll import errors
from core.hr.payroll.events import ComponentAdded, PayRateSet, StructureSet
from core.hr.payroll.formulas import RESERVED
from core.hr.payroll.gathering import own_rates, plan_with_rates, step_of
from core.hr.payroll.rates import ComponentData, rate_set
from core.hr.payroll.rules import OF_THE_MONTH, TAKEN
from core.hr.payroll.tables import (
    PayComponent,
    PayKind,
    PayRate,
    PayStructure,
    PayStructureLine,
    PayStructureVersion,
    Proration,
)
from core.kernel import events
from core.kernel.company import company
from core.kernel.errors import Both
from core.kernel.identifiers import new_id
from core.kernel.money import digits_of, plain
from core.kernel.naming import resolved
from core.ledger import Account, AccountKind
from core.ledger.chart import SALARIES

LINES_MAX = 100
EXPENSE, OWED = Both("an expense account", "费用科目"), Both("an account it is owed on", "应付科目")
_CODE = re.compile(r"[a-z_][a-z0-9_]{0,39}")

# Accounts that pay is posted to and that a chart may not have yet.
TAX_PAYABLE, SOCIAL_PAYABLE = "2310", "2320"
EMPLOYER_COST, LOANS = "6015", "1230"
_OPENED = (
    (TAX_PAYABLE, "Payroll tax payable", "应交个人所得税", AccountKind.LIABILITY),
    (SOCIAL_PAYABLE, "Social insurance payable", "应付社会保险费", AccountKind.LIABILITY),
    (EMPLOYER_COST, "Employer contributions", "单位社会保险费", AccountKind.EXPENSE),
    (LOANS, "Loans to employees", "职工借款", AccountKind.ASSET),
)


@dataclass(frozen=True)
class LineDraft:
    """A component of a structure, and its formula; without one it is entered for each person."""

    component: str
    formula: str | None = None


def add_component(
    session: Session,
    *,
    code: str,
    name: str,
    name_zh: str = "",
    kind: PayKind,
    debit: str | None = None,
    credit: str | None = None,
    to_authority: bool = False,
    prorated: bool = False,
    from_terms: bool = False,
    retro: bool = False,
    digits: int | None = None,
) -> PayComponent:
    """Add something that pay can be made of, with the accounts that it is posted to."""
    if not _CODE.fullmatch(code):
        raise errors.NotAPayName(code=code)
    known = select(PayComponent.id).where(PayComponent.code == code)
    if code in TAKEN or session.scalar(known) is not None:
        raise errors.NameTaken(code=code)
    _require_accounts(code, kind, debit, credit)
    accounts = {
        side: None
        if text is None
        else ledger.account_named(session, text)
        if not _is_role(session, text)
        else ledger.find_account(session, text)
        for side, text in (("debit", debit), ("credit", credit))
    }
    component = PayComponent(
        code=code,
        name=name,
        name_zh=name_zh or name,
        kind=kind,
        debit_account_id=accounts["debit"] and accounts["debit"].id,
        credit_account_id=accounts["credit"] and accounts["credit"].id,
        to_authority=to_authority,
        prorated=prorated,
        from_terms=from_terms,
        retro=retro,
        digits=digits,
    )
    session.add(component)
    session.flush()
    said = " / ".join(f"{each.code} {each.name}" for each in accounts.values() if each is not None)
    events.record(session, ComponentAdded(code, name, kind, said))
    return component


def _is_role(session: Session, text: str) -> bool:
    wanted = select(Account.id).where((Account.role == text) | (Account.code == text))
    return session.scalar(wanted) is not None


def _require_accounts(code: str, kind: PayKind, debit: str | None, credit: str | None) -> None:
    needed = {
        PayKind.EARNING: [(debit, EXPENSE)],
        PayKind.DEDUCTION: [(credit, OWED)],
        PayKind.EMPLOYER: [(debit, EXPENSE), (credit, OWED)],
        PayKind.INFORMATION: [],
    }[kind]
    missing = [what for given, what in needed if given is None]
    if missing:
        said = Both(
            " and ".join(each.en for each in missing), "、".join(each.zh for each in missing)
        )
        raise errors.AccountsMissing(component=code, kind=kind, needs=said)


def set_structure(
    session: Session,
    *,
    code: str,
    name: str = "",
    name_zh: str = "",
    lines: Sequence[LineDraft],
    valid_from: date,
    proration: Proration = Proration.CALENDAR_DAYS,
    rates: str | None = None,
) -> PayStructure:
    """Say of which components a structure is made from a day on; what was before stays before.

    Its formulas are read and put in order now: what cannot be worked out is refused here.
    """
    if not lines:
        raise errors.EmptyStructure
    structure = session.scalar(select(PayStructure).where(PayStructure.code == code))
    is_new = structure is None
    if structure is None:
        structure = PayStructure(id=new_id(), code=code, name=name or code, name_zh=name_zh or name)
        session.add(structure)
        session.flush()
    chosen = components_named(session, [line.component for line in lines])
    version = PayStructureVersion(
        id=new_id(),
        structure_id=structure.id,
        valid_from=valid_from,
        proration=proration,
        rate_set=rates and rate_set(rates).code,
    )
    digits = digits_of(company(session).currency)
    steps = [step_of(chosen[line.component], line.formula, digits) for line in lines]
    day = max(valid_from, _first_day(rates))
    plan_with_rates(steps, version, own_rates(session, day), day)
    same = select(PayStructureVersion).where(
        PayStructureVersion.structure_id == structure.id,
        PayStructureVersion.valid_from == valid_from,
    )
    if (before := session.scalar(same)) is not None:
        raise errors.NameTaken(code=f"{code} {before.valid_from}")
    session.add(version)
    session.flush()
    session.add_all(
        PayStructureLine(
            version_id=version.id,
            position=place,
            component_id=chosen[line.component].id,
            formula=line.formula,
        )
        for place, line in enumerate(lines, start=1)
    )
    session.flush()
    told = tuple((line.component, line.formula or "") for line in lines)
    fact = StructureSet(code, structure.name, valid_from.isoformat(), told, rates or "", is_new)
    events.record(session, fact)
    return structure


def _first_day(rates: str | None) -> date:
    if rates is None:
        return date.min
    chosen = rate_set(rates)
    starts = [min(each.since for each in one) for one in chosen.figures.values()]
    starts += [min(each.since for each in one) for one in chosen.scales.values()]
    return max(starts)


def set_rate(
    session: Session, *, name: str, value: Decimal, valid_from: date, source: str
) -> PayRate:
    """Set a rate of the company's own; it goes before one of the same name in a set by law."""
    if not _CODE.fullmatch(name):
        raise errors.NotAPayName(code=name)
    if name in RESERVED or name in OF_THE_MONTH:
        raise errors.NameTaken(code=name)
    rate = PayRate(name=name, value=value, valid_from=valid_from, source=source)
    session.add(rate)
    session.flush()
    told = PayRateSet(name, plain(value), valid_from.isoformat(), source)
    events.record(session, told)
    return rate


def adopt_rate_set(session: Session, code: str, *, valid_from: date) -> PayStructure:
    """Take over a set of rates by law with its components and its structure, from a day on."""
    chosen = rate_set(code)
    open_pay_accounts(session)
    known = set(session.scalars(select(PayComponent.code)))
    for each in chosen.components:
        if each.code not in known:
            _adopt(session, each)
    lines = [LineDraft(each.code, each.formula) for each in chosen.components]
    return set_structure(
        session,
        code=code,
        name=chosen.name,
        name_zh=chosen.name_zh,
        lines=lines,
        valid_from=valid_from,
        proration=chosen.proration,
        rates=code,
    )


def open_pay_accounts(session: Session) -> None:
    """Open the accounts that pay is posted to, as far as the chart does not have them."""
    codes = [code for code, *_ in _OPENED]
    known = set(session.scalars(select(Account.code).where(Account.code.in_(codes))))
    for code, name, name_zh, kind in _OPENED:
        if code not in known:
            ledger.open_account(session, code=code, name=name, name_zh=name_zh, kind=kind)


def _adopt(session: Session, each: ComponentData) -> None:
    debit, credit = {
        "salaries": (SALARIES, None),
        "employer": (EMPLOYER_COST, SOCIAL_PAYABLE),
        "social": (None, SOCIAL_PAYABLE),
        "tax": (None, TAX_PAYABLE),
        "loans": (None, LOANS),
        "": (None, None),
    }[each.posts]
    add_component(
        session,
        code=each.code,
        name=each.name,
        name_zh=each.name_zh,
        kind=each.kind,
        debit=debit,
        credit=credit,
        to_authority=each.posts in {"employer", "social", "tax"},
        prorated=each.prorated,
        from_terms=each.from_terms,
        retro=each.retro,
        digits=each.digits,
    )


def components_named(session: Session, codes: Sequence[str]) -> dict[str, PayComponent]:
    """Return components by their codes; refuse one that there is not."""
    wanted = select(PayComponent).where(PayComponent.code.in_(codes))
    found = {each.code: each for each in session.scalars(wanted)}
    for code in codes:
        if code not in found:
            raise errors.UnknownComponent(text=code)
    return found


def find_component(session: Session, text: str) -> PayComponent:
    """Return the component that somebody means by its code or its name."""
    among = select(PayComponent.code, PayComponent.name, PayComponent.name_zh)
    code = resolved(session, among, text, errors.UnknownComponent)
    return session.scalars(select(PayComponent).where(PayComponent.code == code)).one()


def find_structure(session: Session, text: str) -> PayStructure:
    """Return the structure that somebody means by its code or its name."""
    among = select(PayStructure.code, PayStructure.name, PayStructure.name_zh)
    code = resolved(session, among, text, errors.UnknownStructure)
    return session.scalars(select(PayStructure).where(PayStructure.code == code)).one()
