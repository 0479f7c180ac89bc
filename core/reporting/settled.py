"""What is the same in every question: the rows of the sources and the members, as written SQL.

Rooms declare them as selects over their tables. Walking through those is most of the work of
making a statement, and always comes to the same text: so it is written once, with its constants.
"""

from functools import cache

from sqlalchemy import Dialect, FromClause, SelectBase, column, text
from sqlalchemy.dialects.postgresql.base import PGDialect

from core.kernel.semantics import Dimension, Source

# One that leaves percent signs alone: whoever sends the whole statement doubles them.
_DIALECT: Dialect = PGDialect(paramstyle="named")  # type: ignore[no-untyped-call]


@cache
def rows_of_source(source: Source) -> FromClause:
    """Return the rows of a source, under its name."""
    return _settled(source.rows, source.id)


@cache
def members_of(dimension: Dimension, name: str) -> FromClause:
    """Return the members of a dimension that has some, under a name."""
    assert dimension.members is not None, f"{dimension.id} has no members of its own"
    return _settled(dimension.members, name)


def _settled(chosen: SelectBase, name: str) -> FromClause:
    made = chosen.compile(dialect=_DIALECT, compile_kwargs={"literal_binds": True})
    columns = [column(each.name, each.type) for each in chosen.subquery().columns]
    # A colon would begin a parameter.
    return text(str(made).replace(":", "\\:")).columns(*columns).subquery(name)
