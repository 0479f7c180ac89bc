"""Rows that are copied by the ten thousand are read back as they were given."""

import gc

import pytest
from sqlalchemy import Engine, select

from core.kernel.bulk import copy_rows, uncollected
from core.kernel.database import reading, unit_of_work
from core.kernel.identifiers import ids_in_a_row
from core.parties.tables import Party

TEXTS = ["plain", "", "tab\tand\nline\rend", "back\\slash \\N \\.", '"quoted", 上海 🚲', "\\"]


def test_every_kind_of_text_is_read_back_as_it_was_given(engine: Engine) -> None:
    with unit_of_work(engine) as session:
        written = copy_rows(
            session,
            Party,
            ("number", "kind", "name", "email", "blocked", "language"),
            [
                (f"P-{place}", "person", said, None if place % 2 else said, False, "en")
                for place, said in enumerate(TEXTS)
            ],
        )

    with reading(engine) as session:
        found = session.execute(select(Party.name, Party.email, Party.blocked).order_by("number"))
        assert [tuple(row) for row in found] == [
            (said, None if place % 2 else said, False) for place, said in enumerate(TEXTS)
        ]
    assert written == len(TEXTS)


def test_a_kind_of_value_that_nobody_foresaw_is_refused(engine: Engine) -> None:
    with pytest.raises(KeyError), unit_of_work(engine) as session:
        copy_rows(session, Party, ("number",), [(1.5,)])


def test_garbage_is_collected_again_after_an_import_even_one_that_failed() -> None:
    with pytest.raises(ZeroDivisionError), uncollected():
        assert not gc.isenabled()
        _ = 1 // 0

    assert gc.isenabled()


def test_ids_in_a_row_are_all_different_and_sort_by_time() -> None:
    ids = ids_in_a_row()
    given = [next(ids) for _ in range(3_000)]

    assert len(set(given)) == 3_000
    stamps = [each.int >> 80 for each in given]
    assert stamps == sorted(stamps)
    assert {each.version for each in given} == {7}
