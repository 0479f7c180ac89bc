"""Dimensions of postings: where in the company, on which project, for whose sale."""

import uuid
from collections.abc import Iterable

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from core.kernel import clock, events
from core.kernel.database import plain_table
from core.kernel.identifiers import new_id
from core.kernel.naming import resolved
from core.ledger.errors import DimensionExists, MemberBlocked, UnknownDimension, UnknownMember
from core.ledger.events import DimensionOpened, MemberAdded
from core.ledger.rules import Dimensions
from core.ledger.tables import Dimension, DimensionMember, DimensionSet, DimensionSetMember

DIMENSIONS_MAX = 50
# What a company looks at from the first day on; it may add its own.
STANDARD = (
    ("cost_centre", "Cost centre", "成本中心"),
    ("department", "Department", "部门"),
    ("project", "Project", "项目"),
    ("item_category", "Item category", "物料类别"),
    ("salesperson", "Salesperson", "销售员"),
)


def open_standard_dimensions(session: Session) -> None:
    """Open the dimensions that every company has."""
    for code, name, name_zh in STANDARD:
        open_dimension(session, code=code, name=name, name_zh=name_zh)


def open_dimension(session: Session, *, code: str, name: str, name_zh: str) -> Dimension:
    """Add a dimension along which postings can be looked at."""
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
            raise MemberBlocked(member=f"{member.code} {member.name}")
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


def sets_within(session: Session, wanted: Dimensions) -> list[uuid.UUID]:
    """Return the stored combinations that have all of some members."""
    within = select(DimensionSet.id)
    for dimension, text_of_member in wanted:
        member = member_named(session, dimension, text_of_member)
        having = select(DimensionSetMember.set_id).where(DimensionSetMember.member_id == member.id)
        within = within.where(DimensionSet.id.in_(having))
    return list(session.scalars(within))
