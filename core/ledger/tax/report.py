"""The tax report: what was taxed in a stretch of days, by boxes, and how it ties to the books."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import case, or_, select
from sqlalchemy.orm import Session

from core.kernel.company import company
from core.kernel.database import total
from core.kernel.money import Money
from core.ledger.queries import balance
from core.ledger.tables import Account, JournalEntry, Posting, Side
from core.ledger.tax.settlement import settled_accounts
from core.ledger.tax.tables import (
    TaxBox,
    TaxComponent,
    TaxComponentBox,
    TaxLine,
    TaxSettlement,
    TaxUse,
)

ROWS_MAX = 5_000
_TERM = re.compile(r"([+-]?)([^+-]+)")

# Where a component says nothing else: the boxes that every company understands.
STANDARD_BOXES = {
    TaxUse.OUTPUT: ("S", "ST", "Sales", "销售额", "Output tax", "销项税额"),
    TaxUse.INPUT: ("P", "PT", "Purchases", "采购额", "Input tax", "进项税额"),
    TaxUse.REVERSE_OUTPUT: (
        *("R", "RT", "Purchases under reverse charge", "反向征税采购额"),
        *("Output tax under reverse charge", "反向征税销项税额"),
    ),
    TaxUse.NOT_DEDUCTIBLE: (
        *("N", "NT", "Purchases, not deductible", "不可抵扣采购额"),
        *("Input tax, not deductible", "不可抵扣进项税额"),
    ),
    TaxUse.WITHHELD: (
        *("W", "WT", "Payments with tax withheld", "代扣税款计税额"),
        *("Tax withheld", "代扣代缴税款"),
    ),
    TaxUse.WITHHELD_BY_CUSTOMERS: (
        *("C", "CT", "Receipts with tax withheld", "被代扣税款计税额"),
        *("Tax withheld by customers", "客户代扣税款"),
    ),
}


@dataclass(frozen=True)
class BoxRow:
    """A box of the return, and what stands in it."""

    box: str
    name: str
    name_zh: str
    amount: Money


@dataclass(frozen=True)
class AccountTie:
    """What moved on an account of tax in the stretch: by documents, settlements, and otherwise."""

    account: str
    name: str
    name_zh: str
    opening: Money
    by_documents: Money
    settled: Money
    otherwise: Money
    closing: Money


@dataclass(frozen=True)
class TaxReport:
    """The boxes of a stretch of days; `payable` is output less input tax, below zero a claim."""

    since: date
    until: date
    boxes: tuple[BoxRow, ...]
    output: Money
    input: Money
    payable: Money
    accounts: tuple[AccountTie, ...]


@dataclass(frozen=True)
class TaxedDocument:
    """What a document brought into a box, or into the report."""

    document: str
    posted_on: date
    code: str
    component: str
    use: TaxUse
    taxable: Money
    tax: Money
    memo: str


@dataclass(frozen=True)
class _Sum:
    component_id: UUID
    use: TaxUse
    taxable: int
    tax: int


def tax_report(session: Session, *, since: date, until: date) -> TaxReport:
    """Return the tax of a stretch of days by boxes, as it stands in the books."""
    currency = company(session).currency
    sums = _sums(session, since, until)
    figures: dict[str, int] = {}
    reported = _reported(session, sums)
    for each in sums:
        base_box, tax_box = reported[each.component_id, each.use]
        for box, minor in ((base_box, each.taxable), (tax_box, each.tax)):
            if box is not None:
                figures[box] = figures.get(box, 0) + minor
    output = sum(each.tax for each in sums if each.use in {TaxUse.OUTPUT, TaxUse.REVERSE_OUTPUT})
    given = sum(each.tax for each in sums if each.use is TaxUse.INPUT)
    return TaxReport(
        since=since,
        until=until,
        boxes=tuple(_rows(session, figures, currency)),
        output=Money(output, currency),
        input=Money(given, currency),
        payable=Money(output - given, currency),
        accounts=tuple(_ties(session, since, until)),
    )


def taxed_documents(
    session: Session, *, since: date, until: date, box: str | None = None
) -> list[TaxedDocument]:
    """Return what the report, or one box of it, is made of: document by document."""
    currency = company(session).currency
    wanted = (
        select(TaxLine, TaxComponent, JournalEntry.memo)
        .join(TaxComponent, TaxComponent.id == TaxLine.component_id)
        .join(JournalEntry, JournalEntry.id == TaxLine.entry_id)
        .where(TaxLine.exigible, TaxLine.posted_on.between(since, until))
        .order_by(TaxLine.posted_on, TaxLine.document, TaxLine.id)
        .limit(ROWS_MAX)
    )
    rows = session.execute(wanted).all()
    if box is not None:
        reported = _reported(session, [_Sum(row.component_id, row.use, 0, 0) for row, _, _ in rows])
        rows = [each for each in rows if box in reported[each[0].component_id, each[0].use]]
    return [
        TaxedDocument(
            document=row.document,
            posted_on=row.posted_on,
            code=component.code,
            component=component.name,
            use=row.use,
            taxable=Money(row.base_taxable_minor, currency),
            tax=Money(row.base_tax_minor, currency),
            memo=memo,
        )
        for row, component, memo in rows
    ]


def _sums(session: Session, since: date, until: date) -> list[_Sum]:
    wanted = (
        select(
            TaxLine.component_id,
            TaxLine.use,
            total(TaxLine.base_taxable_minor),
            total(TaxLine.base_tax_minor),
        )
        .where(TaxLine.exigible, TaxLine.posted_on.between(since, until))
        .group_by(TaxLine.component_id, TaxLine.use)
        .order_by(TaxLine.component_id, TaxLine.use)
    )
    return [
        _Sum(component, use, taxable, tax)
        for component, use, taxable, tax in session.execute(wanted)
    ]


def _reported(
    session: Session, sums: Sequence[_Sum]
) -> dict[tuple[UUID, TaxUse], tuple[str | None, str | None]]:
    """Return the boxes of base and tax for each component in its uses."""
    ids = {each.component_id for each in sums}
    given = select(TaxComponentBox).where(TaxComponentBox.component_id.in_(ids))
    boxes = {
        (row.component_id, row.use): (row.base_box, row.tax_box) for row in session.scalars(given)
    }
    usual = {use: (base, tax) for use, (base, tax, *_) in STANDARD_BOXES.items()}
    with_boxes = {component for component, _ in boxes}
    for each in sums:
        key = each.component_id, each.use
        if key not in boxes:
            # A component of a set is reported where the set says, and nowhere else.
            silent = each.component_id in with_boxes
            boxes[key] = (None, None) if silent else usual[each.use]
    return boxes


def _rows(session: Session, figures: dict[str, int], currency: str) -> list[BoxRow]:
    rows = []
    for base, tax, name, name_zh, tax_name, tax_name_zh in STANDARD_BOXES.values():
        for box, en, zh in ((base, name, name_zh), (tax, tax_name, tax_name_zh)):
            if box in figures:
                rows.append(BoxRow(box, en, zh, Money(figures[box], currency)))
    declared = select(TaxBox).order_by(TaxBox.set_code, TaxBox.position).limit(ROWS_MAX)
    for found in session.scalars(declared):
        if found.adds:
            figures[found.box] = _added(found.adds, figures)
        if figures.get(found.box):
            amount = Money(figures[found.box], currency)
            rows.append(BoxRow(found.box, found.name, found.name_zh, amount))
    return rows


def _added(adds: str, figures: Mapping[str, int]) -> int:
    terms = _TERM.findall(adds)
    return sum(-figures.get(box, 0) if sign == "-" else figures.get(box, 0) for sign, box in terms)


def _ties(session: Session, since: date, until: date) -> list[AccountTie]:
    currency = company(session).currency
    signed = case(
        (TaxLine.side == Side.DEBIT, TaxLine.base_tax_minor), else_=-TaxLine.base_tax_minor
    )
    wanted = (
        select(TaxLine.account_id, total(signed).label("moved"))
        .where(TaxLine.posted_on.between(since, until), TaxLine.use != TaxUse.NOT_DEDUCTIBLE)
        .group_by(TaxLine.account_id)
    )
    moved: dict[UUID, int] = {row.account_id: row.moved for row in session.execute(wanted)}
    accounts = {each.id: each for each in settled_accounts(session)}
    more = select(Account).where(Account.id.in_(moved.keys() - accounts.keys()))
    accounts |= {each.id: each for each in session.scalars(more)}
    settled = _settled(session, since, until)
    ties = []
    eve = since.fromordinal(since.toordinal() - 1)
    for account in sorted(accounts.values(), key=lambda each: each.code):
        opening = balance(session, account.code, as_of=eve)
        closing = balance(session, account.code, as_of=until)
        by_documents = Money(moved.get(account.id, 0), currency)
        by_settlements = Money(settled.get(account.id, 0), currency)
        if not (opening.minor or closing.minor or by_documents.minor):
            continue
        ties.append(
            AccountTie(
                account=account.code,
                name=account.name,
                name_zh=account.name_zh,
                opening=opening,
                by_documents=by_documents,
                settled=by_settlements,
                otherwise=closing - opening - by_documents - by_settlements,
                closing=closing,
            )
        )
    return ties


def _settled(session: Session, since: date, until: date) -> dict[UUID, int]:
    """Return what settlements, and those who took them back, moved on each account."""
    settlements = select(TaxSettlement.entry_id)
    signed = case((Posting.side == Side.DEBIT, Posting.base_minor), else_=-Posting.base_minor)
    wanted = (
        select(Posting.account_id, total(signed).label("moved"))
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .where(
            JournalEntry.posted_on.between(since, until),
            or_(JournalEntry.id.in_(settlements), JournalEntry.reverses_id.in_(settlements)),
        )
        .group_by(Posting.account_id)
    )
    return {row.account_id: row.moved for row in session.execute(wanted)}
