"""Says a question for records back: which ones, of which, in what order."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from core.kernel.errors import Language
from core.kernel.listing import YES, Field, Holds, RecordKind
from core.kernel.money import plain
from core.kernel.semantics import Said, Unit
from core.reporting.lists.query import ListFilter, ListQuery
from core.reporting.query import Ref, resolve
from core.reporting.scope import Scope
from core.reporting.words import day_said, span_said, written

_OPS = {
    "in": ("{0} {1}", "{0}为{1}"),
    "not_in": ("not {0} {1}", "{0}不为{1}"),
    "contains": ("{0} containing “{1}”", "{0}包含“{1}”"),
    "is_null": ("without {0}", "无{0}"),
    "not_null": ("with {0}", "有{0}"),
    "gt": ("{0} over {1}", "{0}大于{1}"),
    "ge": ("{0} {1} or more", "{0}不低于{1}"),
    "lt": ("{0} under {1}", "{0}小于{1}"),
    "le": ("{0} {1} or less", "{0}不高于{1}"),
    "between": ("{0} {1}", "{0}{1}"),
    "within": ("{0} {1}", "{0}：{1}"),
    "not_within": ("no {0} {1}", "{1}无{0}"),
}
_DAYS = {
    "gt": ("{0} after {1}", "{0}晚于{1}"),
    "ge": ("{0} from {1} on", "{0}自{1}起"),
    "lt": ("{0} before {1}", "{0}早于{1}"),
    "le": ("{0} up to {1}", "{0}截至{1}"),
}


def read_back(
    query: ListQuery, kind: RecordKind, fields: Mapping[str, Field], scope: Scope
) -> Said:
    """Say which records are listed, and by what they are sorted, in both languages."""
    en, zh = [kind.names.en], [kind.names.zh]
    for one in query.filters:
        en.append(_filter(one, fields[one.field], scope, "en"))
        zh.append(_filter(one, fields[one.field], scope, "zh"))
    for order in query.order:
        names = fields[order.by].names
        down = order.dir == "desc"
        en.append(f"by {names.en}" + (", descending" if down else ""))
        zh.append(f"按{names.zh}" + ("降序" if down else "升序"))
    return Said(", ".join(en), "，".join(zh))


def _filter(one: ListFilter, field: Field, scope: Scope, language: Language) -> str:
    zh = language == "zh"
    name = field.names.in_(language)
    if field.holds is Holds.FLAG:
        return _flag(one, field, language)
    phrases = _DAYS if field.holds is Holds.DATE and one.op in _DAYS else _OPS
    if one.period is not None:
        # "No stock movement from March on": the whole of a period that lies ahead counts.
        span = resolve(one.period, scope.today)
        said = span_said(span.whole if field.ahead else span, language)
    else:
        said = (" – " if one.op == "between" else "、" if zh else " or ").join(
            _value(value, field, scope, language) for value in one.values
        )
    return phrases[one.op][zh].format(name, said)


def _flag(one: ListFilter, field: Field, language: Language) -> str:
    so = all(str(value.id if isinstance(value, Ref) else value) == YES for value in one.values)
    so = so != (one.op == "not_in")
    if so:
        return field.names.in_(language)
    if field.negative is not None:
        return field.negative.in_(language)
    name = field.names.in_(language)
    return f"不是{name}" if language == "zh" else f"not {name}"


def _value(value: Any, field: Field, scope: Scope, language: Language) -> str:  # noqa: ANN401
    if isinstance(value, Ref):
        return value.label or value.id
    if isinstance(value, date):
        return day_said(value, language)
    if field.holds is Holds.MONEY:
        return written(Decimal(str(value)), Unit.MONEY, scope.currency)
    if isinstance(value, Decimal):
        return plain(value)
    if field.holds is Holds.WORD:
        return field.says(str(value), language)
    return str(value)
