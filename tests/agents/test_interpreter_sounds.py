"""Chinese words written with other characters of the same sound or look are found again."""

import pytest

from agents.interpreter.sounds import by_sound, meant

INDEX = by_sound(tuple(phrase) for phrase in ("库存", "收入", "订单", "毛利率", "客户数量", "账户"))


def found(*said: str) -> list[str]:
    return ["".join(phrase) for phrase in meant(said, INDEX)]


@pytest.mark.parametrize(
    ("said", "phrase"),
    [
        # Another character of the same syllable, whatever its tone.
        ("库村", "库存"),
        ("定单", "订单"),
        # One that looks alike.
        ("收人", "收入"),
        ("毛利卒", "毛利率"),
        # What many people do not tell apart: a retroflex and a plain sound, -n and -ng.
        ("客户素量", "客户数量"),
        ("张户", "账户"),
    ],
)
def test_other_characters_are_taken_for_what_they_sound_or_look_like(
    said: str, phrase: str
) -> None:
    assert found(*said) == [phrase]


@pytest.mark.parametrize("said", ["库存", "裤村", "毛力绿", "苹果"])
def test_what_is_right_and_what_is_too_far_from_it_is_nothing_else(said: str) -> None:
    assert found(*said) == []


def test_one_character_of_a_word_may_be_written_in_letters() -> None:
    assert found("ku", "存") == ["库存"]
    assert found("ku", "cun") == []
    assert found("kuu", "存") == []
