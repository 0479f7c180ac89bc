"""Who may ask a question for records, and what of it cannot be answered."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from rapidfuzz import fuzz, process

from core.kernel.identity.roles import Role
from core.kernel.listing import Field, Holds, RecordKind
from core.kernel.semantics import Said
from core.reporting.catalogue import CATALOGUE
from core.reporting.issues import CannotAnswer, Issue
from core.reporting.lists.catalogue import RECORDS
from core.reporting.lists.conditions import NUMBERS, OPS, day_of, flag_values, number_of
from core.reporting.lists.query import ListFilter, ListQuery
from core.reporting.scope import NotYoursToSee, Scope

_ALIKE_PERCENT, _SUGGESTIONS_MAX = 50, 5


def checked(query: ListQuery, scope: Scope) -> tuple[RecordKind, Mapping[str, Field]]:
    """Return the kind that is asked for and those of its fields that who asks may see.

    A field that may not be seen is refused wherever it is named: as a column, in a filter, in the
    order. So nothing can be told of it from which records are there, or from where they stand.
    """
    kind = RECORDS.kinds.get(query.records)
    if kind is None:
        raise CannotAnswer([_unknown(query.records, RECORDS.kinds, "records", "记录")])
    _require(scope, kind.roles, kind.names, own=kind.owner is not None)
    declared = RECORDS.fields[kind.id]
    named = [*query.columns, *(f.field for f in query.filters), *(o.by for o in query.order)]
    for name in named:
        if name in declared:
            _require(scope, _roles(declared[name]), declared[name].names, own=True)
    issues = [_unknown(name, declared, "field", "字段") for name in named if name not in declared]
    issues = issues or list(_misfits(query, declared))
    if issues:
        raise CannotAnswer(issues)
    return kind, {f.id: f for f in declared.values() if scope.may_see(_roles(f))}


def _roles(field: Field) -> frozenset[Role]:
    """Return who may see a field: of another record, who may see it in reports as well."""
    if not field.dimension:
        return field.roles
    return field.roles & CATALOGUE.dimensions[field.dimension].roles


def _require(scope: Scope, roles: Iterable[Role], names: Said, *, own: bool) -> None:
    allowed = frozenset(roles)
    if _may(scope, allowed, own=own):
        return
    raise NotYoursToSee(
        what=names.en,
        what_zh=names.zh,
        roles=", ".join(sorted(allowed - {Role.WATCHER, Role.CUSTOMER})),
    )


def may_list(scope: Scope, kind: RecordKind) -> bool:
    """Whether records of a kind may be listed: all of them, or a customer's own."""
    return _may(scope, kind.roles, own=kind.owner is not None)


def _may(scope: Scope, roles: frozenset[Role], *, own: bool) -> bool:
    return scope.may_see(roles) and not (scope.own and (not own or scope.party_id is None))


def _unknown(name: str, known: Iterable[str], en: str, zh: str) -> Issue:
    names = list(known)
    near = process.extract(
        name, names, scorer=fuzz.WRatio, score_cutoff=_ALIKE_PERCENT, limit=_SUGGESTIONS_MAX
    )
    return Issue(
        f"unknown_{en}",
        f"There is nothing called “{name}” to list."
        if en == "records"
        else f"There is no {en} “{name}”.",
        f"没有名为“{name}”的{zh}。",
        name,
        tuple(each for each, _, _ in near) or tuple(names[:_SUGGESTIONS_MAX]),
    )


def _misfits(query: ListQuery, declared: Mapping[str, Field]) -> Iterator[Issue]:
    for name in (*query.columns, *(order.by for order in query.order)):
        if declared[name].through is not None:
            names = declared[name].names
            yield Issue(
                "lies_below",
                f"{names.en} can be filtered by, not shown or sorted by.",
                f"{names.zh}只能用于筛选，不能显示或排序。",
                name,
            )
    for one in query.filters:
        field = declared[one.field]
        if one.op not in OPS[field.holds]:
            yield Issue(
                "unfit_op",
                f"{field.names.en} cannot be asked by {one.op}.",
                f"{field.names.zh}不支持 {one.op}。",
                one.field,
                tuple(sorted(OPS[field.holds])),
            )
        elif not _fit(one, field):
            yield Issue(
                "unfit_value",
                f"{field.names.en} takes {_TAKES.get(field.holds, 'words')}.",
                f"{field.names.zh}的取值类型不符。",
                one.field,
                tuple(field.words),
            )


_TAKES = {
    Holds.DATE: "days such as 2026-03-01",
    Holds.FLAG: "yes or no",
    **dict.fromkeys(NUMBERS, "numbers"),
}


def _fit(one: ListFilter, field: Field) -> bool:
    if field.holds is Holds.FLAG:
        return flag_values(one)
    reads: Any = day_of if field.holds is Holds.DATE else number_of
    if field.holds is not Holds.DATE and field.holds not in NUMBERS:
        return True
    try:
        read = [reads(value) for value in one.values]
    except (ValueError, InvalidOperation):
        return False
    return all(each.is_finite() for each in read if isinstance(each, Decimal))
