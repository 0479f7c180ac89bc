"""How an effect is shown: documents, entries, stock, exposure, cash; everything as text."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from channels.web.elements import box, figure, say, table
from channels.web.texts import t
from core.kernel.effects import Change, Effect, Kind
from core.kernel.errors import Language
from core.kernel.words import word


def show_effect(effect: Effect, language: Language) -> None:
    """Show all that would change, kind by kind."""
    shows = (
        ("documents", (Kind.DOCUMENT, Kind.RECORD), _documents),
        ("entries", (Kind.DEBIT, Kind.CREDIT), _entries),
        ("levels", (Kind.STOCK,), _levels),
        ("credit_of_customers", (Kind.EXPOSURE,), _exposure),
        ("budgets", (Kind.BUDGET,), _budgets),
        ("cash", (Kind.CASH,), _cash),
        ("messages", (Kind.MESSAGE,), _documents),
    )
    for title, kinds, show in shows:
        changes = effect.of_kind(*kinds)
        if changes:
            with box(f"effect effect-{title}", tag="section"):
                say(t(title, language), "effect-title", tag="h4")
                show(changes, language)


def subject_of(change: Change, language: Language) -> str:
    """Name what changes: the house's word, then somebody's own name or number."""
    head, *rest = change.subject.split(" ", 1)
    return " ".join([word(head, language), *rest])


def measure_of(change: Change, language: Language) -> str:
    """Name which figure changes, and where."""
    measure, _, place = change.measure.partition("@")
    name = word(measure, language)
    return f"{name} @ {place}" if place else name


def _documents(changes: Sequence[Change], language: Language) -> None:
    with box("changes", tag="ul"):
        for change in changes:
            with box("change", tag="li"):
                with box("change-head"):
                    name = subject_of(change, language)
                    measure = measure_of(change, language)
                    say(f"{name} · {measure}" if measure else name, "change-subject", tag="span")
                    if change.before is not None:
                        say(word(change.before, language), "pill before", tag="span")
                        say("→", "arrow", tag="span")
                    if change.after:
                        is_new = "new" if change.before is None else ""
                        say(word(change.after, language), f"pill after {is_new}", tag="span")
                for text in (change.detail, change.note):
                    if text:
                        say(text, "change-detail")


def _entries(changes: Sequence[Change], language: Language) -> None:
    columns = [
        (t("account", language), ""),
        (t("debit", language), "number"),
        (t("credit", language), "number"),
    ]
    rows = []
    for change in changes:
        is_debit = change.kind is Kind.DEBIT
        account = f"{change.subject} · {change.detail}" if change.detail else change.subject
        rows.append((account, change.after if is_debit else "", "" if is_debit else change.after))
    debited, credited = (
        _sum([change.after for change in changes if change.kind is kind])
        for kind in (Kind.DEBIT, Kind.CREDIT)
    )
    total = [t("total", language), debited, credited] if debited and credited else None
    table(columns, rows, total=total, classes="entries", label=t("entries", language))


def _levels(changes: Sequence[Change], language: Language) -> None:
    columns = [
        (t("item", language), ""),
        (t("measure", language), ""),
        (t("before", language), "number"),
        (t("after", language), "number"),
        (t("difference", language), "number"),
    ]
    rows = [
        (
            change.subject,
            measure_of(change, language),
            change.before or "0",
            change.after,
            _difference(change.before or "0", change.after),
        )
        for change in changes
    ]
    table(columns, rows, classes="levels", label=t("levels", language))


def _exposure(changes: Sequence[Change], language: Language) -> None:
    columns = ("party", "measure", "before", "after", "limit")
    _against_limits(columns, "credit_of_customers", changes, language)


def _budgets(changes: Sequence[Change], language: Language) -> None:
    columns = ("budget_line", "left_before", "left_after", "limit")
    _against_limits(columns, "budgets", changes, language)


def _against_limits(
    names: tuple[str, ...], title: str, changes: Sequence[Change], language: Language
) -> None:
    texts = {"party", "budget_line", "measure"}
    columns = [(t(name, language), "" if name in texts else "number") for name in names]
    rows = [
        (
            subject_of(change, language),
            *([measure_of(change, language)] if "measure" in names else []),
            change.before or "",
            change.after,
            " ".join(word(part, language) for part in change.detail.split(" ")),
        )
        for change in changes
    ]
    table(columns, rows, label=t(title, language))


def _cash(changes: Sequence[Change], language: Language) -> None:
    columns = [
        (t("due", language), ""),
        (t("measure", language), ""),
        (t("amount", language), "number"),
    ]
    rows = []
    for change in changes:
        days = change.subject.lstrip("+")
        when = t("in_days", language, days=days) if days.isdecimal() else change.subject
        when = t("today", language) if days == "0" else when
        detail = " · ".join(text for text in (change.note, change.detail) if text)
        rows.append(
            (f"{when} ({detail})" if detail else when, measure_of(change, language), change.after)
        )
    table(columns, rows, label=t("cash", language))


def _sum(amounts: Sequence[str]) -> str:
    """Add amounts of one currency as they are written; nothing where that cannot be done."""
    currencies = {amount.rpartition(" ")[2] for amount in amounts}
    if len(currencies) != 1:
        return ""
    try:
        total = sum(Decimal(amount.rpartition(" ")[0].replace(",", "")) for amount in amounts)
    except InvalidOperation:
        return ""
    digits = max(len(amount.rpartition(" ")[0].partition(".")[2]) for amount in amounts)
    return f"{total:,.{digits}f} {currencies.pop()}"


def _difference(before: str, after: str) -> str:
    try:
        moved = Decimal(after.replace(",", "")) - Decimal(before.replace(",", ""))
    except InvalidOperation:
        return ""
    return f"+{figure(moved)}" if moved > 0 else figure(moved).replace("-", "−")
