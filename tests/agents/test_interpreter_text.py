"""Words, numbers and stretches of time, before anybody knows what they are about."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.interpreter.normalise import TEXT_MAX, language_of, normalise
from agents.interpreter.numbers import Number, scan_numbers
from agents.interpreter.times import scan_times
from agents.interpreter.tokens import stem_of, tokenise
from evals.understanding import short_period

TODAY = date(2026, 11, 23)


@given(st.text(max_size=300))
def test_every_sign_of_a_plain_text_knows_where_it_came_from(text: str) -> None:
    norm = normalise(text)

    assert len(norm.text) == len(norm.starts) == len(norm.ends)
    for token in tokenise(norm):
        assert norm.said(token.start, token.end) in text


def test_a_text_is_made_plain_and_said_again_as_it_was_written() -> None:
    norm = normalise("應收帳款，ＬＡＭＰ－０１ of Müller")

    plain = norm.text
    place = plain.index("lamp-01")

    assert plain.startswith("应收帐款")
    assert norm.said(place, place + len("lamp-01")) == "ＬＡＭＰ－０１"


def test_chinese_punctuation_never_joins_numbers() -> None:
    spans = scan_numbers(normalise("球阀B2，12月").text)

    assert [span.number.value for span in spans] == [Decimal(12)]


def test_a_long_text_is_cut_before_it_is_read() -> None:
    assert len(normalise("é" * 100_000).text) == TEXT_MAX


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("revenue", "en"),
        ("收入", "zh"),
        ("订购40个LAMP-01", "zh"),
        ("sales of 艾克美 please", "en"),
    ],
)
def test_the_language_is_that_of_most_words(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    "words",
    [
        ("invoice", "invoices", "invoiced", "invoicing"),
        ("sell", "sold", "selling", "sells"),
        ("close", "closed", "closing"),
        ("move", "moved", "moving"),
        ("ship", "shipped", "shipping"),
        ("category", "categories"),
        ("cancel", "cancelled"),
    ],
)
def test_forms_of_one_word_have_one_stem(words: tuple[str, ...]) -> None:
    assert len({stem_of(word) for word in words}) == 1


def test_note_is_not_not() -> None:
    assert stem_of("notes") != "not"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("40", Number(Decimal(40))),
        ("1,200.50 eur", Number(Decimal("1200.50"), currency="EUR")),
        ("half a million", Number(Decimal(500_000))),
        ("EUR 4.2m", Number(Decimal(4_200_000), currency="EUR")),
        ("20k", Number(Decimal(20_000))),
        ("two dozen", Number(Decimal(24))),
        ("a hundred and fifty", Number(Decimal(150))),
        ("three hundred and twenty thousand", Number(Decimal(320_000))),
        ("minus five", Number(Decimal(-5))),
        ("about 50", Number(Decimal(50), approximate=True)),
        ("5%", Number(Decimal(5), percent=True)),
        ("3亿5000万", Number(Decimal(350_000_000))),
        ("五十万", Number(Decimal(500_000))),
        ("一万二", Number(Decimal(12_000))),
        ("三百五", Number(Decimal(350))),
        ("百分之二十", Number(Decimal(20), percent=True)),
        ("三成", Number(Decimal(30), percent=True)),
        ("八折", Number(Decimal(80), percent=True, factor=True)),
        ("两三百", Number(Decimal(200), approximate=True)),
        ("1200块", Number(Decimal(1200), currency="")),
    ],
)
def test_a_number_is_read_exactly(text: str, number: Number) -> None:
    [span] = scan_numbers(normalise(text).text)

    assert span.number == number
    assert (span.start, span.end) == (0, len(text))


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("in 2013", "2013"),
        ("FY2025", "2025"),
        ("May 2014", "2014-05"),
        ("2026-03", "2026-03"),
        ("in March", "2026-03"),
        ("March last year", "2025-03"),
        ("this quarter", "quarter0"),
        ("last 3 months", "month-3..-1"),
        ("last 30 days", "day0..29+tt"),
        ("trailing 12 months", "month0..11+tt"),
        ("Q3", "2026-07-01..2026-09-30"),
        ("third quarter of last year", "2025-07-01..2025-09-30"),
        ("last quarter of 2013", "2013-10-01..2013-12-31"),
        ("first half of 2014", "2014-01-01..2014-06-30"),
        ("Q1 and Q2", "2026-01-01..2026-06-30"),
        ("from Jan to Mar 2014", "2014-01-01..2014-03-31"),
        ("between 1 March and 15 April 2026", "2026-03-01..2026-04-15"),
        ("since March", "2026-03-01.."),
        ("before 2013", "..2012-12-31"),
        ("2012-2014", "2012-01-01..2014-12-31"),
        ("year to date", "year0+td"),
        ("2026 so far", "year0+td"),
        ("the month before last", "month-2"),
        ("as of 31 March 2026", "as of 2026-03-31"),
        ("end of last month", "as of 2026-10-31"),
        ("去年", "year-1"),
        ("上上个月", "month-2"),
        ("最近三个月", "month-3..-1"),
        ("前三季度", "2026-01-01..2026-09-30"),
        ("去年的三月", "2025-03"),
        ("三月到五月", "2026-03-01..2026-05-31"),
        ("2013年1-6月", "2013-01-01..2013-06-30"),
        ("2026年3月1日到4月15日", "2026-03-01..2026-04-15"),
        ("6月以来", "2026-06-01.."),
        ("去年底", "as of 2025-12-31"),
        ("二〇一三年", "2013"),
        ("本月到目前为止", "month0+td"),
    ],
)
def test_a_stretch_of_time_is_kept_as_it_was_meant(text: str, period: str) -> None:
    plain = normalise(text).text

    longest = max(scan_times(plain, TODAY), key=lambda span: span.end - span.start)

    assert short_period(longest.period) == period


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("tomorrow", "2026-11-24"),
        ("by Dec 10", "2026-12-10"),
        ("on Friday", "2026-11-27"),
        ("in 3 days", "2026-11-26"),
        ("12月5日前", "2026-12-05"),
        ("下周五", "2026-12-04"),
        ("3天后", "2026-11-26"),
    ],
)
def test_an_action_means_a_day_ahead(text: str, day: str) -> None:
    plain = normalise(text).text

    longest = max(scan_times(plain, TODAY), key=lambda span: span.end - span.start)

    assert longest.day(TODAY) == date.fromisoformat(day)


def test_a_date_that_could_be_either_is_said_to_be_unclear() -> None:
    [either, *_] = scan_times("12/10/2026", TODAY)
    [clear, *_] = scan_times("25/10/2026", TODAY)

    assert either.unclear
    assert not clear.unclear


def test_may_is_a_month_only_where_it_stands_like_one() -> None:
    assert scan_times("we may ship", TODAY) == []
    assert scan_times("in may", TODAY) != []
