"""How the effect of a proposal is shown on its card in the web app."""

import pytest
from nicegui import Client
from nicegui.elements.mixins.text_element import TextElement
from nicegui.page import page

from channels.web.effects import show_effect
from core.kernel.effects import Change, Effect, Kind
from core.kernel.errors import Language


def texts(*changes: Change, language: Language) -> list[str]:
    client = Client(page(""))
    with client:
        show_effect(Effect(changes=changes), language)
    return [each.text for each in client.elements.values() if isinstance(each, TextElement)]


@pytest.mark.parametrize(
    ("language", "heads"),
    [
        ("en", ["Budgets", "Budget line", "Left before", "Left after", "Limit"]),
        ("zh", ["预算", "预算项目", "此前剩余", "此后剩余", "额度"]),
    ],
)
def test_a_card_says_what_is_left_of_a_budget_under_headings_of_its_own(
    language: Language, heads: list[str]
) -> None:
    taken = Change(
        Kind.BUDGET,
        "budget 2026 6040",
        "200.00 EUR",
        before="1,200.00 EUR",
        detail="≤ 1,500.00 EUR",
    )

    said = texts(taken, language=language)

    assert said[:5] == heads
    assert said[6:] == ["1,200.00 EUR", "200.00 EUR", "≤ 1,500.00 EUR"]
