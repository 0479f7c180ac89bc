"""What a letter says: the words of its level around the figures, in the customer's language."""

from collections.abc import Sequence

from core.invoicing.dunning.rules import Level
from core.kernel.company import Company
from core.kernel.errors import Language, language_called
from core.kernel.money import Money
from core.parties import Party

_LABELS: dict[Language, dict[str, str]] = {
    "en": {"dear": "To {name}", "due": "due {day}", "fee": "Fee", "interest": "Interest",
           "total": "Total to be paid"},
    "zh": {"dear": "致：{name}", "due": "到期日 {day}", "fee": "费用", "interest": "利息",
           "total": "应付合计"},
}  # fmt: skip


class _Filled(dict[str, str]):
    """Leaves a word in braces that nobody filled in as it stands."""

    def __missing__(self, name: str) -> str:
        return "{" + name + "}"


def language_of(party: Party) -> Language:
    """Return the language in which a party is written to."""
    return language_called(party.language)


def written(
    level: Level,
    party: Party,
    ours: Company,
    lines: Sequence[tuple[str, str, Money]],
    *,
    fee: Money,
    interest: Money,
) -> tuple[str, str]:
    """Return the title and the text of a letter about documents: number, due day, what is open."""
    language = language_of(party)
    is_zh = language == "zh"
    labels = _LABELS[language]
    total = Money(sum(amount.minor for _, _, amount in lines), fee.currency)
    name = (party.name_zh if is_zh else None) or party.name
    sender = ours.name_zh if is_zh else ours.name
    text = (level.text_zh if is_zh else level.text).format_map(
        _Filled(customer=name, company=sender, total=str(total))
    )
    colon = "：" if is_zh else ": "
    charged = [
        f"{labels[label]}{colon}{amount}"
        for label, amount in (("fee", fee), ("interest", interest))
        if amount.minor
    ]
    rows = [
        f"{number} · {labels['due'].format(day=day)} · {amount}" for number, day, amount in lines
    ]
    asked = f"{labels['total']}{colon}{total + fee + interest}"
    body = [labels["dear"].format(name=name), text, *rows, *charged, asked, sender]
    return (level.title_zh if is_zh else level.title), "\n".join(body)
