"""Standing rules: what somebody says once for all lines that look so."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.invoicing.banking.errors import RuleRemoved, RuleTooWide, UnknownRule
from core.invoicing.banking.events import RuleAdded, RuleTakenOut
from core.invoicing.banking.rules import Rule
from core.invoicing.banking.tables import BankMatch, BankRule, Way
from core.kernel import events
from core.kernel.money import Money, plain
from core.kernel.naming import canonical_number
from core.kernel.numbering import next_number
from core.ledger import Account, BankAccount, account_named
from core.ledger.errors import KeptByDocuments
from core.ledger.tax import find_code

RULES_MAX = 500
ZERO = Decimal(0)


@dataclass(frozen=True)
class RuleView:
    """A rule, and how many lines it matched so far."""

    number: str
    looks: str
    account: str
    account_name: str
    tax_code: str | None
    memo: str
    settles: bool
    hits: int


def add_rule(
    session: Session,
    *,
    account: str,
    contains: str = "",
    counterparty: str = "",
    way: Way | None = None,
    bank_account: BankAccount | None = None,
    amount_from: Money | None = None,
    amount_to: Money | None = None,
    tax: str | None = None,
    dimensions: str = "",
    memo: str = "",
    settles: bool = False,
    tolerance: Money | None = None,
    tolerance_percent: Decimal = ZERO,
) -> BankRule:
    """Propose from now on that lines which look so are booked to an account.

    With `settles`, it lets documents be settled by as much less instead, written off there.
    """
    target = account_named(session, account)
    if target.control is not None:
        raise KeptByDocuments(account=target.called)
    contains, counterparty = " ".join(contains.split()), " ".join(counterparty.split())
    if not contains and not counterparty and not settles:
        raise RuleTooWide
    last = session.scalar(select(func.coalesce(func.max(BankRule.position), 0))) or 0
    rule = BankRule(
        number=next_number(session, "BR"),
        position=last + 1,
        bank_account_id=bank_account.id if bank_account else None,
        way=way,
        contains=contains,
        counterparty=counterparty,
        amount_from_minor=amount_from.minor if amount_from else None,
        amount_to_minor=amount_to.minor if amount_to else None,
        account_id=target.id,
        tax_code=find_code(session, tax).code if tax else None,
        dimensions=dimensions,
        memo=memo,
        settles=settles,
        tolerance_minor=tolerance.minor if tolerance else 0,
        tolerance_percent=tolerance_percent,
    )
    session.add(rule)
    session.flush()
    books = f"{target.code} {target.name}"
    books = " · ".join(part for part in (books, rule.tax_code, dimensions, memo) if part)
    events.record(session, RuleAdded(rule.number, looks_of(rule), books))
    return rule


def remove_rule(session: Session, number: str) -> BankRule:
    """Let a rule propose nothing any more; what it booked stays."""
    rule = find_rule(session, number)
    if rule.removed:
        raise RuleRemoved(number=rule.number)
    rule.removed = True
    session.flush()
    events.record(session, RuleTakenOut(rule.number, looks_of(rule)))
    return rule


def find_rule(session: Session, number: str) -> BankRule:
    """Return a rule by its number."""
    wanted = select(BankRule).where(BankRule.number == canonical_number(number))
    found = session.scalars(wanted).one_or_none()
    if found is None:
        raise UnknownRule(number=number)
    return found


def list_rules(session: Session) -> list[RuleView]:
    """Return the rules in the order in which they are tried."""
    hits = (
        select(BankMatch.rule_id, func.count().label("hits"))
        .where(BankMatch.rule_id.is_not(None), ~BankMatch.undone)
        .group_by(BankMatch.rule_id)
        .subquery()
    )
    wanted = (
        select(BankRule, Account, func.coalesce(hits.c.hits, 0))
        .join(Account, Account.id == BankRule.account_id)
        .outerjoin(hits, hits.c.rule_id == BankRule.id)
        .where(~BankRule.removed)
        .order_by(BankRule.position)
        .limit(RULES_MAX)
    )
    return [
        RuleView(
            number=rule.number,
            looks=looks_of(rule),
            account=account.code,
            account_name=account.name,
            tax_code=rule.tax_code,
            memo=rule.memo,
            settles=rule.settles,
            hits=count,
        )
        for rule, account, count in session.execute(wanted)
    ]


def active_rules(session: Session) -> list[Rule]:
    """Return the rules as the matching takes them, in their order."""
    wanted = (
        select(BankRule, Account.code, BankAccount.code)
        .join(Account, Account.id == BankRule.account_id)
        .outerjoin(BankAccount, BankAccount.id == BankRule.bank_account_id)
        .where(~BankRule.removed)
        .order_by(BankRule.position)
        .limit(RULES_MAX)
    )
    return [
        Rule(
            number=rule.number,
            target=target,
            contains=rule.contains,
            counterparty=rule.counterparty,
            way=rule.way,
            account=on or "",
            amount_from=rule.amount_from_minor,
            amount_to=rule.amount_to_minor,
            tax_code=rule.tax_code,
            memo=rule.memo,
            settles=rule.settles,
            tolerance_minor=rule.tolerance_minor,
            tolerance_percent=rule.tolerance_percent,
        )
        for rule, target, on in session.execute(wanted)
    ]


def looks_of(rule: BankRule) -> str:
    """Say in short what a rule looks for: "“fee” · out · ≤ 5 %"."""
    said = [f"“{rule.contains}”" if rule.contains else "", rule.counterparty, rule.way or ""]
    if rule.amount_from_minor is not None or rule.amount_to_minor is not None:
        said.append(f"{rule.amount_from_minor or 0} … {rule.amount_to_minor or '∞'}")
    if rule.settles and rule.tolerance_percent:
        said.append(f"≤ {plain(rule.tolerance_percent)} %")
    if rule.settles and rule.tolerance_minor:
        said.append(f"≤ {rule.tolerance_minor}")
    return " · ".join(part for part in said if part)
