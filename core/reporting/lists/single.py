"""Which kinds of records there are for whoever asks, and all that is known of one of them."""

from sqlalchemy.orm import Session

from core.kernel.errors import DomainError
from core.kernel.listing import Field, RecordKind
from core.reporting.lists.catalogue import RECORDS
from core.reporting.lists.checking import checked, may_list
from core.reporting.lists.listing import Listing, list_records
from core.reporting.lists.query import COLUMNS_MAX, ListFilter, ListQuery
from core.reporting.scope import scope_of


class UnknownRecord(DomainError):
    """There is no {what} {key} that you may see."""

    zh = "没有您可以查看的{what_zh} {key}。"


def key_field(kind: RecordKind) -> Field | None:
    """Return the field that holds what a record is known by; a few kinds have none."""
    return next((field for field in kind.fields if field.column is kind.key), None)


def kinds_for(session: Session) -> tuple[RecordKind, ...]:
    """Return the kinds of records that whoever asks may list."""
    scope = scope_of(session)
    return tuple(kind for kind in RECORDS.kinds.values() if may_list(scope, kind))


def view_record(session: Session, records: str, key: str) -> Listing:
    """Return a list of one: a record with all of its fields that whoever asks may see.

    Raises `UnknownRecord` where there is none, or none for whoever asks.
    """
    kind, fields = checked(ListQuery(records=records), scope_of(session))
    known_by = key_field(kind)
    assert known_by is not None, f"{records} are not known by a field"
    listing = list_records(
        session,
        ListQuery(
            records=records,
            columns=tuple(f.id for f in fields.values() if f.column is not None)[:COLUMNS_MAX],
            filters=(ListFilter(field=known_by.id, values=(key,)),),
            limit=1,
        ),
    )
    if not listing.rows:
        raise UnknownRecord(what=kind.one.en, what_zh=kind.one.zh, key=key)
    return listing
