"""Lists of records: every kind, column, filter, order and page, against what is on file."""

import pytest
from sqlalchemy import Engine

from core.kernel.database import reading
from core.kernel.listing import Holds
from core.reporting.lists import RECORDS, ListQuery, list_records
from core.reporting.lists.conditions import OPS

_VALUES = {
    Holds.DATE: ["2026-01-01", "2026-12-31"],
    Holds.FLAG: ["yes"],
    Holds.MONEY: ["10.50", "5000"],
    Holds.QUANTITY: ["1", "5000"],
    Holds.COUNT: ["1", "50"],
}
_TAKEN = {"between": 2, "is_null": 0, "not_null": 0, "within": 0, "not_within": 0}


@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.long)])
@pytest.mark.parametrize("kind", RECORDS.kinds)
def test_every_column_filter_and_order_of_a_kind_can_be_asked(
    traded_today: Engine, kind: str, *, whole: bool
) -> None:
    fields = RECORDS.fields[kind]
    shown = [field.id for field in fields.values() if field.through is None]
    with reading(traded_today) as session:
        everything = list_records(session, ListQuery(records=kind, columns=tuple(shown[:20])))
        for place, field in enumerate(fields.values()):
            ops = sorted(OPS[field.holds])
            for op in ops if whole else [ops[place % len(ops)]]:
                values = _VALUES.get(field.holds, ["a"])[: _TAKEN.get(op, 1)]
                one = {"field": field.id, "op": op, "values": values}
                if op in {"within", "not_within"}:
                    one["period"] = {"unit": "month"}
                order = [{"by": field.id, "dir": "desc"}] if field.through is None else []
                query = {"records": kind, "filters": [one], "order": order, "limit": 5}
                found = list_records(session, ListQuery.model_validate(query))
                assert found.count <= everything.count
                assert len(found.rows) == min(5, found.count)
