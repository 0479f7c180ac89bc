"""What prices tell the rest of the house."""

from dataclasses import dataclass
from decimal import Decimal

from core.catalog.pricing.tables import PromotionKind, RuleKind
from core.kernel.effects import Change, Kind
from core.kernel.events import Fact
from core.kernel.money import plain

_SAID = {
    RuleKind.FIXED: "= {}",
    RuleKind.FACTOR: "× {}",
    RuleKind.DISCOUNT: "−{} %",
    RuleKind.COST_PLUS: "cost +{} %",
    RuleKind.MARGIN: "cost / (1 − {} %)",
}


def rule_said(kind: RuleKind, value: Decimal, currency: str) -> str:
    """Write what a rule does, as data."""
    unit = f" {currency}" if kind is RuleKind.FIXED else ""
    return _SAID[kind].format(plain(value)) + unit


@dataclass(frozen=True)
class PriceRuleSet(Fact, name="catalog.price_rule_set"):
    """A list, or one customer, has another price rule from a day on."""

    whose: str
    target: str
    minimum_quantity: Decimal
    kind: RuleKind
    value: Decimal
    currency: str
    priority: int
    before: str | None
    starts_in_days: int
    valid_from: str
    valid_until: str | None

    def changes(self) -> tuple[Change, ...]:
        """Show the rule before and after."""
        first = f" · #{self.priority}" if self.priority else ""
        until = f" – {self.valid_until}" if self.valid_until else ""
        return (
            Change(
                Kind.RECORD,
                f"price_rule {self.target}".rstrip(),
                rule_said(self.kind, self.value, self.currency),
                before=self.before,
                measure=self.whose,
                detail=f"≥ {plain(self.minimum_quantity)}{first} · {self.starts_in_days} d{until}",
                note=self.valid_from,
            ),
        )


@dataclass(frozen=True)
class PriceRuleWithdrawn(Fact, name="catalog.price_rule_withdrawn"):
    """A price rule no longer holds."""

    whose: str
    target: str
    minimum_quantity: Decimal
    before: str

    def changes(self) -> tuple[Change, ...]:
        """Show the rule that is gone."""
        subject = f"price_rule {self.target}".rstrip()
        detail = f"≥ {plain(self.minimum_quantity)}"
        return (
            Change(
                Kind.RECORD, subject, "none", before=self.before, measure=self.whose, detail=detail
            ),
        )


@dataclass(frozen=True)
class PromotionStarted(Fact, name="catalog.promotion_started"):
    """Something is taken off prices, or given along, from a day on."""

    code: str
    called: str
    kind: PromotionKind
    gives: str
    target: str
    for_whom: str
    minimum_quantity: Decimal
    valid_from: str
    starts_in_days: int
    valid_until: str | None
    stackable: bool
    below_cost: bool

    def changes(self) -> tuple[Change, ...]:
        """Show what it gives, on what, to whom, until when, and what it may."""
        terms = [
            f"{self.code} {self.called}",
            self.gives,
            self.target or "*",
            self.for_whom or "*",
            f"≥ {plain(self.minimum_quantity)}",
            f"{self.starts_in_days} d – {self.valid_until or '…'}",
            *(("+",) if self.stackable else ()),
            *(("< cost",) if self.below_cost else ()),
        ]
        return (
            Change(Kind.RECORD, "promotion", "new", detail=" · ".join(terms), note=self.valid_from),
        )


@dataclass(frozen=True)
class PromotionEnded(Fact, name="catalog.promotion_ended"):
    """A promotion is over before its time."""

    code: str
    called: str

    def changes(self) -> tuple[Change, ...]:
        """Show the state before and after."""
        subject = f"promotion {self.code}"
        return (Change(Kind.RECORD, subject, "ended", before="active", detail=self.called),)


@dataclass(frozen=True)
class PriceListAssigned(Fact, name="catalog.price_list_assigned"):
    """A list is that of a group of customers, or of all who have none."""

    price_list: str
    measure: str
    before: str
    after: str

    def changes(self) -> tuple[Change, ...]:
        """Show who bought from it and who buys from it."""
        subject = f"price_list {self.price_list}"
        return (Change(Kind.RECORD, subject, self.after, before=self.before, measure=self.measure),)
