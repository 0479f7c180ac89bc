"""The levels by which customers are reminded: a company's own, or a mild set to begin with."""

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.invoicing.dunning import rules
from core.invoicing.dunning.errors import LevelsOutOfOrder, LevelWithoutSense
from core.invoicing.dunning.events import LevelsSet
from core.invoicing.dunning.rules import Level
from core.invoicing.dunning.tables import DunningLevel
from core.kernel import events
from core.kernel.company import company
from core.kernel.money import CurrencyMismatch, Money, plain

PERCENT_MAX = 100

_WORDS = (
    (
        "Reminder",
        "付款提醒",
        (
            "You may have overlooked it: {total} has been due for some time. Please pay it now. "
            "If your payment is on its way, this letter is of no concern."
        ),
        "也许贵方尚未留意：{total} 已到期一段时间，请尽快付款。若款项已付，请忽略本函。",
    ),
    (
        "Second reminder",
        "第二次催款",
        "We reminded you before, and {total} is still open. Please pay it within seven days.",
        "我方此前已提醒，{total} 仍未结清。请在七日内付款。",
    ),
    (
        "Last reminder",
        "最后催款",
        (
            "This is our last reminder: {total} is still open. Unless it is paid within seven days "
            "we shall claim it without writing again."
        ),
        "此为最后一次催款：{total} 仍未结清。如七日内未付，我方将不再另行通知而主张权利。",
    ),
)
STANDARD_DAYS = (5, 20, 40)


def standard_levels(currency: str) -> list[Level]:
    """Return three levels that ask politely, charge nothing, and leave a week between them."""
    return [
        Level(
            level=place,
            overdue_days=days,
            fee=Money(0, currency),
            wait_days=0 if place == 1 else 7,
            title=title,
            title_zh=title_zh,
            text=text,
            text_zh=text_zh,
        )
        for place, (days, (title, title_zh, text, text_zh)) in enumerate(
            zip(STANDARD_DAYS, _WORDS, strict=True), start=1
        )
    ]


def levels_of(session: Session) -> list[Level]:
    """Return the company's levels in their order, or the standard ones where it has set none."""
    currency = company(session).currency
    rows = session.scalars(select(DunningLevel).order_by(DunningLevel.level)).all()
    if not rows:
        return standard_levels(currency)
    return [
        Level(
            level=row.level,
            overdue_days=row.overdue_days,
            fee=Money(row.fee_minor, currency),
            interest_percent=row.interest_percent,
            wait_days=row.wait_days,
            title=row.title,
            title_zh=row.title_zh,
            text=row.text,
            text_zh=row.text_zh,
        )
        for row in rows
    ]


def set_levels(session: Session, levels: Sequence[Level]) -> list[Level]:
    """Remind by these levels from now on; what they do not say is said by the standard ones."""
    currency = company(session).currency
    before = levels_of(session)
    if not rules.in_order(levels):
        days = ", ".join(str(each.overdue_days) for each in levels)
        raise LevelsOutOfOrder(days=days or "–")
    for each in levels:
        _require_sense(each, currency)
    session.execute(delete(DunningLevel))
    session.add_all(_row(each) for each in levels)
    session.flush()
    after = levels_of(session)
    shown_before, shown_after = (tuple(map(said, each)) for each in (before, after))
    events.record(session, LevelsSet(before=shown_before, after=shown_after))
    return after


def said(level: Level) -> str:
    """Say a level in short: "2 · 20 d · 5.00 EUR · 9 % p. a."."""
    parts = [str(level.level), f"{level.overdue_days} d"]
    if level.wait_days:
        parts.append(f"+{level.wait_days} d")
    if level.fee.minor:
        parts.append(str(level.fee))
    if level.interest_percent:
        parts.append(f"{plain(level.interest_percent)} % p. a.")
    return " · ".join(parts)


def _require_sense(level: Level, currency: str) -> None:
    if level.fee.currency != currency:
        raise CurrencyMismatch(left=level.fee.currency, right=currency)
    if level.fee.minor < 0 or not Decimal(0) <= level.interest_percent <= PERCENT_MAX:
        raise LevelWithoutSense(
            level=level.level, fee=level.fee, percent=plain(level.interest_percent)
        )


def _row(level: Level) -> DunningLevel:
    title, title_zh, text, text_zh = _WORDS[min(level.level, len(_WORDS)) - 1]
    return DunningLevel(
        level=level.level,
        overdue_days=level.overdue_days,
        wait_days=level.wait_days,
        fee_minor=level.fee.minor,
        interest_percent=level.interest_percent,
        title=level.title or title,
        title_zh=level.title_zh or title_zh,
        text=level.text or text,
        text_zh=level.text_zh or text_zh,
    )
