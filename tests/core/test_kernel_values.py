"""Money, quantities, numbers and keys: the arithmetic that everything stands on."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from core.kernel.database import unit_of_work
from core.kernel.errors import Both, DomainError
from core.kernel.idempotency import (
    KeyUsedOtherwise,
    answer_or_none,
    earlier_answer,
    hash_of,
    remember_answer,
)
from core.kernel.identifiers import new_id
from core.kernel.money import (
    AmountTooLarge,
    CurrencyMismatch,
    Money,
    NotAnAmount,
    Rounding,
    TooManyDecimals,
    plain,
    rounded,
)
from core.kernel.numbering import next_number, next_numbers

minors = st.integers(-(10**15), 10**15)


@given(minors, st.sampled_from(["EUR", "JPY", "KWD"]))
def test_money_written_in_major_units_comes_back(minor: int, currency: str) -> None:
    money = Money(minor, currency)

    assert Money.of(money.amount, currency) == money


@given(st.integers(0, 10**12), st.lists(st.integers(1, 1000), min_size=1, max_size=20))
def test_the_parts_of_a_split_sum_to_the_whole(minor: int, weights: list[int]) -> None:
    parts = Money(minor, "EUR").split(weights)

    assert sum(part.minor for part in parts) == minor


@pytest.mark.parametrize(
    ("value", "up", "even"),
    [("0.125", "0.13", "0.12"), ("0.135", "0.14", "0.14"), ("-0.125", "-0.13", "-0.12")],
)
def test_a_half_goes_where_the_company_says(value: str, up: str, even: str) -> None:
    assert rounded(Decimal(value), 2, Rounding.HALF_UP) == Decimal(up)
    assert rounded(Decimal(value), 2, Rounding.HALF_EVEN) == Decimal(even)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("abc", NotAnAmount),
        ("NaN", NotAnAmount),
        ("inf", NotAnAmount),
        ("", NotAnAmount),
        ("0.001", TooManyDecimals),
        ("1e30", AmountTooLarge),
    ],
)
def test_what_is_no_amount_is_refused(text: str, refusal: type[DomainError]) -> None:
    with pytest.raises(refusal) as refused:
        Money.of(text, "EUR")

    assert refused.value.message("zh")


def test_two_currencies_do_not_add_up() -> None:
    with pytest.raises(CurrencyMismatch, match="EUR and USD"):
        _ = Money(1, "EUR") + Money(1, "USD")


@pytest.mark.parametrize(
    ("quantity", "text"), [("12.000000", "12"), ("0.500", "0.5"), ("1E+3", "1000"), ("0", "0")]
)
def test_a_quantity_is_written_plainly(quantity: str, text: str) -> None:
    assert plain(Decimal(quantity)) == text


def test_ids_sort_by_the_time_they_were_made() -> None:
    ids = [new_id() for _ in range(2000)]

    assert len(set(ids)) == 2000
    assert [i.int >> 80 for i in ids] == sorted(i.int >> 80 for i in ids)


def test_numbers_have_no_doubles_and_no_gaps(
    founded: Engine, at_once: Callable[..., list[object]]
) -> None:
    given_out: list[str] = []

    def number(client: int) -> None:
        for _ in range(10):
            try:
                with unit_of_work(founded) as session:
                    mine = next_number(session, "SO")
                    _ = 1 // client
                given_out.append(mine)
            except ZeroDivisionError:
                continue

    at_once(number, 8)

    assert sorted(given_out) == [f"SO-{place:05d}" for place in range(1, 71)]


def test_numbers_in_a_row_continue_the_series(founded: Engine) -> None:
    with unit_of_work(founded) as session:
        assert next_numbers(session, "X", 2) == ["X-00001", "X-00002"]
        assert next_number(session, "X") == "X-00003"


def test_one_request_has_one_effect_and_one_answer(
    founded: Engine, at_once: Callable[..., list[object]]
) -> None:
    def request(_client: int) -> object:
        with unit_of_work(founded) as session:
            done, known = earlier_answer(session, "key", "hash")
            if done:
                return known
            answer = next_number(session, "R")
            remember_answer(session, "key", answer)
            return answer

    assert Counter(at_once(request, 10)) == {"R-00001": 10}


def test_a_key_is_not_used_for_another_request(founded: Engine) -> None:
    with unit_of_work(founded) as session:
        earlier_answer(session, "key", hash_of(["one"]))
        remember_answer(session, "key", 1)

    with unit_of_work(founded) as session:
        assert answer_or_none(session, "key", hash_of(["one"])) == 1
        with pytest.raises(KeyUsedOtherwise):
            earlier_answer(session, "key", hash_of(["two"]))


def test_a_refused_request_burns_no_key(founded: Engine) -> None:
    with pytest.raises(ZeroDivisionError), unit_of_work(founded) as session:
        earlier_answer(session, "key", "hash")
        _ = 1 // 0

    with unit_of_work(founded) as session:
        assert earlier_answer(session, "key", "hash") == (False, None)


class Soon(StrEnum):
    DRAFT = "draft"


class NotSo(DomainError):
    """{state}, {kept}: {why}"""

    zh = "{state}，{kept}：{why}"


def test_a_refusal_says_states_names_and_reasons_in_the_language_of_its_reader() -> None:
    why = NotSo(state=Soon.DRAFT, kept=1, why=2)
    refused = NotSo(state=Soon.DRAFT, kept=Both("1100 Receivables", "1100 应收账款"), why=why)

    assert refused.message("en") == "draft, 1100 Receivables: draft, 1: 2"
    assert refused.message("zh") == "草稿，1100 应收账款：草稿，1：2"
