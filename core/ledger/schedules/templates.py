"""Templates: the lines of an entry that is posted again and again."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.kernel import events
from core.kernel.company import company
from core.kernel.identifiers import new_id
from core.kernel.money import Money, plain
from core.kernel.naming import resolved
from core.ledger.accounts import find_accounts
from core.ledger.dimensions import dimension_sets, dimensions_of, member_named
from core.ledger.errors import KeptByDocuments
from core.ledger.rules import Dimensions, Line
from core.ledger.schedules import rules
from core.ledger.schedules.errors import (
    TemplateExists,
    TotalNeeded,
    TotalNotNeeded,
    UnknownTemplate,
)
from core.ledger.schedules.events import TemplateMade, TemplateRetired
from core.ledger.schedules.rules import TemplateLine
from core.ledger.schedules.tables import EntryTemplate, EntryTemplateLine
from core.ledger.service import post_entry_by_hand
from core.ledger.tables import Account, AccountKind, JournalEntry

_RESULT = {AccountKind.INCOME, AccountKind.EXPENSE}


def make_template(
    session: Session, *, name: str, lines: Sequence[TemplateLine], memo: str = ""
) -> EntryTemplate:
    """Keep the lines of an entry under a name, so that it can be posted again and again."""
    said = " ".join(name.split())
    same = select(EntryTemplate.id).where(
        func.lower(EntryTemplate.name) == said.lower(), EntryTemplate.retired.is_(False)
    )
    if session.scalar(same):
        raise TemplateExists(name=said)
    template = write_template(session, said, lines, memo or said)
    events.record(session, TemplateMade(said, lines_said(session, lines)))
    return template


def retire_template(session: Session, text: str) -> EntryTemplate:
    """Use a template no more; what recurs by it goes on."""
    template = find_template(session, text)
    template.retired = True
    events.record(session, TemplateRetired(template.name or ""))
    session.flush()
    return template


def find_template(session: Session, text: str) -> EntryTemplate:
    """Return the template that somebody means by its name."""
    among = select(EntryTemplate.name, EntryTemplate.memo, EntryTemplate.memo).where(
        EntryTemplate.name.is_not(None), EntryTemplate.retired.is_(False)
    )
    name = resolved(session, among, text, UnknownTemplate)  # type: ignore[arg-type]
    wanted = select(EntryTemplate).where(
        EntryTemplate.name == name, EntryTemplate.retired.is_(False)
    )
    return session.scalars(wanted).one()


def post_template(
    session: Session,
    text: str,
    *,
    total: Money | None = None,
    memo: str | None = None,
    posted_on: date | None = None,
    dimensions: Dimensions = (),
) -> JournalEntry:
    """Post an entry from a template; dimensions given here are added to the result lines."""
    template = find_template(session, text)
    lines = lines_of(session, [template.id])[template.id]
    require_total(template.name or "", lines, total)
    entry = with_dimensions(session, entry_lines(session, lines, total), dimensions)
    return post_entry_by_hand(session, entry, memo=memo or template.memo, posted_on=posted_on)


def with_dimensions(session: Session, lines: Sequence[Line], added: Dimensions) -> list[Line]:
    """Say of the income and expense of an entry where it belongs; of all lines if it has none."""
    if not added:
        return list(lines)
    accounts = find_accounts(session, {line.account for line in lines})
    result = {line.account for line in lines if accounts[line.account].kind in _RESULT}
    concerned = result or {line.account for line in lines}
    return [
        replace(line, dimensions=tuple({**dict(line.dimensions), **dict(added)}.items()))
        if line.account in concerned
        else line
        for line in lines
    ]


def require_total(name: str, lines: Sequence[TemplateLine], total: Money | None) -> None:
    """Refuse shares without a total, and a total without shares."""
    shares = any(line.share_percent is not None for line in lines)
    if shares and total is None:
        raise TotalNeeded(name=name)
    if not shares and total is not None:
        raise TotalNotNeeded(name=name)


def entry_lines(session: Session, lines: Sequence[TemplateLine], total: Money | None) -> list[Line]:
    """Return the lines of an entry; a share that comes to nothing is left out."""
    amounts = rules.amounts_of(lines, total, company(session).rounding)
    return [
        Line(line.account, line.side, amount, dimensions=line.dimensions)
        for line, amount in zip(lines, amounts, strict=True)
        if amount.minor
    ]


def write_template(
    session: Session, name: str | None, lines: Sequence[TemplateLine], memo: str
) -> EntryTemplate:
    """Write a template and its lines, after all that can be wrong with them is ruled out."""
    rules.require_balanced(lines)
    accounts = find_accounts(session, {line.account for line in lines})
    for account in accounts.values():
        if account.control is not None:
            raise KeptByDocuments(account=account.called)
    coded = [_coded(session, line) for line in lines]
    # Members that are unknown or blocked are refused now, and not on the day it is due.
    dimension_sets(session, {line.dimensions for line in coded})
    template = EntryTemplate(id=new_id(), name=name, memo=memo)
    session.add(template)
    # The template first: its lines refer to it, and nothing else says so to the session.
    session.flush()
    session.add_all(
        EntryTemplateLine(
            template_id=template.id,
            position=position,
            account_id=accounts[line.account].id,
            side=line.side,
            amount_minor=line.amount.minor if line.amount is not None else None,
            share_percent=line.share_percent,
            dimensions=dimensions_text(line.dimensions),
        )
        for position, line in enumerate(coded, start=1)
    )
    session.flush()
    return template


def lines_of(
    session: Session, templates: Iterable[uuid.UUID]
) -> dict[uuid.UUID, list[TemplateLine]]:
    """Return the lines of templates, in their order."""
    currency = company(session).currency
    wanted = (
        select(EntryTemplateLine, Account.code)
        .join(Account, Account.id == EntryTemplateLine.account_id)
        .where(EntryTemplateLine.template_id.in_(list(templates)))
        .order_by(EntryTemplateLine.template_id, EntryTemplateLine.position)
    )
    found: dict[uuid.UUID, list[TemplateLine]] = {}
    for row, code in session.execute(wanted):
        amount = Money(row.amount_minor, currency) if row.amount_minor is not None else None
        line = TemplateLine(
            code, row.side, amount, row.share_percent, dimensions_of(row.dimensions)
        )
        found.setdefault(row.template_id, []).append(line)
    return found


def lines_said(session: Session, lines: Sequence[TemplateLine]) -> tuple[str, ...]:
    """Return the lines as people read them."""
    accounts = find_accounts(session, {line.account for line in lines})
    said = []
    for line in lines:
        account = accounts[line.account]
        much = (
            str(line.amount)
            if line.amount is not None
            else f"{plain(line.share_percent or rules.HUNDRED)} %"
        )
        where = "".join(f" [{member}]" for _, member in line.dimensions)
        side = "+" if line.side == "debit" else "-"
        said.append(f"{side} {account.code} {account.name} {much}{where}")
    return tuple(said)


def dimensions_text(dimensions: Dimensions) -> str:
    """Write dimensions as they are kept with a schedule."""
    return ",".join(f"{dimension}={member}" for dimension, member in sorted(dimensions))


def _coded(session: Session, line: TemplateLine) -> TemplateLine:
    pairs = tuple((name, member_named(session, name, text).code) for name, text in line.dimensions)
    return replace(line, dimensions=pairs)
