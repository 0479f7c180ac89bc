"""Dimensions of postings: where in the company, on which project, for whose sale."""

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from core.kernel import clock, events
from core.kernel.database import plain_table
from core.kernel.errors import Both
from core.kernel.identifiers import new_id
from core.kernel.naming import resolved
from core.ledger.accounts import find_account
from core.ledger.errors import (
    DimensionExists,
    DimensionForbidden,
    DimensionRequired,
    MemberBlocked,
    NotACode,
    UnknownDimension,
    UnknownMember,
)
from core.ledger.events import (
    DimensionDemanded,
    DimensionOpened,
    MemberAdded,
    MemberBlockedOrNot,
)
from core.ledger.rules import Dimensions, Line
from core.ledger.tables import (
    Account,
    Demand,
    Dimension,
    DimensionMember,
    DimensionRule,
    DimensionSet,
    DimensionSetMember,
)

DIMENSIONS_MAX, MEMBERS_MAX = 50, 1_000
# A code stands in the key of a combination, between signs that it must not contain itself.
_CODE = re.compile(r"[^\s,=]{1,30}")
# What a company looks at from the first day on; it may add its own.
STANDARD = (
    ("cost_centre", "Cost centre", "成本中心"),
    ("department", "Department", "部门"),
    ("project", "Project", "项目"),
    ("item_category", "Item category", "物料类别"),
    ("salesperson", "Salesperson", "销售员"),
)


@dataclass(frozen=True)
class RuleView:
    """What an account demands of a dimension, as people read it."""

    account: str
    dimension: str
    name: str
    name_zh: str
    demand: Demand
    default: str | None


def open_standard_dimensions(session: Session) -> None:
    """Open the dimensions that every company has."""
    for code, name, name_zh in STANDARD:
        open_dimension(session, code=code, name=name, name_zh=name_zh)


def open_dimension(session: Session, *, code: str, name: str, name_zh: str) -> Dimension:
    """Add a dimension along which postings can be looked at."""
    _require_code(code)
    if session.scalar(select(Dimension.id).where(Dimension.code == code)):
        raise DimensionExists(code=code)
    dimension = Dimension(id=new_id(), code=code, name=name, name_zh=name_zh)
    session.add(dimension)
    events.record(session, DimensionOpened(code, name))
    session.flush()
    return dimension


def add_member(
    session: Session, dimension: str, *, code: str, name: str, name_zh: str = ""
) -> DimensionMember:
    """Add a member to a dimension: a cost centre, a project."""
    _require_code(code)
    found = find_dimension(session, dimension)
    same = select(DimensionMember.id).where(
        DimensionMember.dimension_id == found.id, DimensionMember.code == code
    )
    if session.scalar(same):
        raise DimensionExists(code=code)
    member = DimensionMember(dimension_id=found.id, code=code, name=name, name_zh=name_zh or name)
    session.add(member)
    events.record(session, MemberAdded(dimension, code, name))
    session.flush()
    return member


def block_member(
    session: Session, dimension: str, code: str, *, blocked: bool = True
) -> DimensionMember:
    """Let a member take no entries any more, or take them again."""
    member = member_named(session, dimension, code)
    if member.blocked is not blocked:
        member.blocked = blocked
        session.info.pop("ledger.dimension_sets", None)
        said = f"{member.code} {member.name}"
        events.record(session, MemberBlockedOrNot(dimension, said, blocked))
        session.flush()
    return member


def demand(
    session: Session,
    account: str,
    dimension: str,
    demanded: Demand,
    *,
    default: str | None = None,
) -> DimensionRule:
    """Say whether lines on an account must, may or must not say a dimension.

    Where a line says none, it is the default that is meant. Entries that are posted stay as they
    are, and their reversals follow them.
    """
    ruled, found = find_account(session, account), find_dimension(session, dimension)
    member = member_named(session, dimension, default) if default else None
    if member is not None and member.blocked:
        raise MemberBlocked(member=member.called)
    if member is not None and demanded is Demand.FORBIDDEN:
        named = Both(found.name, found.name_zh)
        raise DimensionForbidden(account=ruled.called, dimension=named)
    rule = session.get(DimensionRule, (ruled.id, found.id))
    before = rule.demand if rule is not None else Demand.OPTIONAL
    if rule is None:
        rule = DimensionRule(account_id=ruled.id, dimension_id=found.id)
        session.add(rule)
    rule.demand, rule.default_member_id = demanded, member.id if member else None
    ruled.ruled = True
    session.info.pop("ledger.dimension_rules", None)
    told = DimensionDemanded(
        f"{ruled.code} {ruled.name}", found.code, before, demanded, member.code if member else ""
    )
    events.record(session, told)
    session.flush()
    return rule


def as_demanded(
    session: Session, lines: Sequence[Line], accounts: Mapping[str, Account]
) -> Sequence[Line]:
    """Return lines with the dimensions that their accounts mean; refuse what they do not take."""
    if not any(account.ruled for account in accounts.values()):
        return lines
    rules = _rules(session)
    fitting = []
    for line in lines:
        account = accounts[line.account]
        said = dict(line.dimensions)
        for rule in rules.get(account.id, ()):
            if rule.dimension in said:
                if rule.demand is Demand.FORBIDDEN:
                    raise DimensionForbidden(
                        account=account.called, dimension=Both(rule.name, rule.name_zh)
                    )
            elif rule.default is not None:
                said[rule.dimension] = rule.default
            elif rule.demand is Demand.REQUIRED:
                raise DimensionRequired(
                    account=account.called,
                    dimension=Both(rule.name, rule.name_zh),
                    known=", ".join(_some_members(session, rule.dimension)) or "-",
                )
        fitting.append(replace(line, dimensions=tuple(said.items())))
    return fitting


def list_rules(session: Session) -> list[RuleView]:
    """Return what accounts demand of dimensions, by account."""
    return [rule for rules in _rules(session).values() for rule in rules]


def find_dimension(session: Session, code: str) -> Dimension:
    """Return a dimension by its code."""
    found = session.scalars(select(Dimension).where(Dimension.code == code)).one_or_none()
    if found is None:
        known = ", ".join(each.code for each in list_dimensions(session))
        raise UnknownDimension(code=code, known=known)
    return found


def list_dimensions(session: Session) -> list[Dimension]:
    """Return the dimensions in the order of their codes."""
    return list(session.scalars(select(Dimension).order_by(Dimension.code).limit(DIMENSIONS_MAX)))


def member_named(session: Session, dimension: str, text: str) -> DimensionMember:
    """Return the member that somebody means by a code or a name, in either language."""
    found = find_dimension(session, dimension)
    among = select(DimensionMember.code, DimensionMember.name, DimensionMember.name_zh).where(
        DimensionMember.dimension_id == found.id
    )
    code = resolved(session, among, text, UnknownMember)
    wanted = select(DimensionMember).where(
        DimensionMember.dimension_id == found.id, DimensionMember.code == code
    )
    return session.scalars(wanted).one()


def list_members(session: Session, dimension: str) -> list[DimensionMember]:
    """Return the members of a dimension in the order of their codes."""
    found = find_dimension(session, dimension)
    wanted = select(DimensionMember).where(DimensionMember.dimension_id == found.id)
    return list(session.scalars(wanted.order_by(DimensionMember.code).limit(MEMBERS_MAX)))


def dimension_named(session: Session, text: str) -> Dimension:
    """Return the dimension that somebody means by its code or name, in either language."""
    said = text.strip().lower().replace(" ", "_")
    for each in list_dimensions(session):
        if said in {each.code.lower(), each.name.lower().replace(" ", "_"), each.name_zh}:
            return each
    return find_dimension(session, text)


def member_said(session: Session, text: str) -> tuple[str, str]:
    """Return the dimension and the member that somebody means, of whatever dimension it is.

    "cost_centre=SALES", "cost centre Sales" and "Sales" alone are all understood, as long as only
    one member is called so.
    """
    dimension, _, member = text.partition("=")
    if member:
        found = dimension_named(session, dimension)
        return found.code, member_named(session, found.code, member).code
    said = " ".join(text.split())
    for each in list_dimensions(session):
        for called in (each.name, each.code, each.name_zh):
            rest = said[len(called) :].strip()
            if said.lower().startswith(called.lower()) and rest:
                return each.code, member_named(session, each.code, rest).code
    key = Dimension.code + "=" + DimensionMember.code
    among = select(key.label("key"), DimensionMember.name, DimensionMember.name_zh).join(
        Dimension, Dimension.id == DimensionMember.dimension_id
    )
    coded = among.where(func.lower(DimensionMember.code) == said.lower())
    exact = session.execute(coded.limit(2)).all()
    found_key = exact[0][0] if len(exact) == 1 else resolved(session, among, text, UnknownMember)
    dimension, _, member = found_key.partition("=")
    return dimension, member


def dimension_sets(
    session: Session, wanted: Iterable[Dimensions]
) -> dict[Dimensions, uuid.UUID | None]:
    """Return the stored combination for each one given; nothing for none.

    What does not exist yet is added: two that add the same at once both get the one that stays.
    """
    known: dict[Dimensions, uuid.UUID | None] = session.info.setdefault(
        "ledger.dimension_sets", {(): None}
    )
    asked = set(wanted)
    for pairs in asked - known.keys():
        known[pairs] = _set_of(session, pairs)
    return {pairs: known[pairs] for pairs in asked}


def dimensions_of(key: str | None) -> Dimensions:
    """Read a combination back from its key."""
    if not key:
        return ()
    pairs = (part.split("=", 1) for part in key.split(","))
    return tuple((dimension, member) for dimension, member in pairs)


def _set_of(session: Session, pairs: Dimensions) -> uuid.UUID:
    members = {}
    for dimension, code in pairs:
        member = member_named(session, dimension, code)
        if member.blocked:
            raise MemberBlocked(member=member.called)
        members[dimension] = member
    key = ",".join(f"{dimension}={members[dimension].code}" for dimension in sorted(members))
    found = session.scalar(select(DimensionSet.id).where(DimensionSet.key == key))
    if found is not None:
        return found
    set_id = new_id()
    row = {"id": set_id, "created_at": clock.now(), "key": key}
    added = upsert(plain_table(DimensionSet)).values(row).on_conflict_do_nothing()
    if session.execute(added.returning(DimensionSet.id)).scalar() is None:
        return session.scalars(select(DimensionSet.id).where(DimensionSet.key == key)).one()
    session.execute(
        insert(plain_table(DimensionSetMember)),
        [
            {"set_id": set_id, "dimension_id": each.dimension_id, "member_id": each.id}
            for each in members.values()
        ],
    )
    return set_id


def _require_code(code: str) -> None:
    if not _CODE.fullmatch(code):
        raise NotACode(code=code)


def _rules(session: Session) -> dict[uuid.UUID, list[RuleView]]:
    known: dict[uuid.UUID, list[RuleView]] | None = session.info.get("ledger.dimension_rules")
    if known is not None:
        return known
    wanted = (
        select(DimensionRule, Account, Dimension, DimensionMember.code)
        .join(Account, Account.id == DimensionRule.account_id)
        .join(Dimension, Dimension.id == DimensionRule.dimension_id)
        .outerjoin(DimensionMember, DimensionMember.id == DimensionRule.default_member_id)
        .order_by(Account.code, Dimension.code)
    )
    rules: dict[uuid.UUID, list[RuleView]] = {}
    for rule, account, dimension, default in session.execute(wanted):
        view = RuleView(
            f"{account.code} {account.name}",
            dimension.code,
            dimension.name,
            dimension.name_zh,
            rule.demand,
            default,
        )
        rules.setdefault(account.id, []).append(view)
    session.info["ledger.dimension_rules"] = rules
    return rules


def _some_members(session: Session, dimension: str) -> list[str]:
    members = list_members(session, dimension)
    return [member.code for member in members if not member.blocked][:3]


def sets_within(session: Session, wanted: Dimensions) -> list[uuid.UUID]:
    """Return the stored combinations that have all of some members."""
    within = select(DimensionSet.id)
    for dimension, text_of_member in wanted:
        member = member_named(session, dimension, text_of_member)
        having = select(DimensionSetMember.set_id).where(DimensionSetMember.member_id == member.id)
        within = within.where(DimensionSet.id.in_(having))
    return list(session.scalars(within))
