"""What the inventory tells the rest of the house."""

from dataclasses import dataclass, field

from core.kernel.decisions import DecisionKind
from core.kernel.effects import Change, Kind
from core.kernel.events import Fact
from core.kernel.money import Money


@dataclass(frozen=True)
class Level:
    """How one item stood in one location before and after; quantities are written plainly."""

    sku: str
    name: str
    location: str
    on_hand_before: str
    on_hand: str
    reserved_before: str
    reserved: str

    def changes(self) -> tuple[Change, ...]:
        """Show what is on hand and what is promised, where it changed."""
        subject = f"{self.sku} {self.name}"
        return (
            Change(
                Kind.STOCK,
                subject,
                self.on_hand,
                before=self.on_hand_before,
                measure=f"on_hand@{self.location}",
            ),
            Change(
                Kind.STOCK,
                subject,
                self.reserved,
                before=self.reserved_before,
                measure=f"reserved@{self.location}",
            ),
        )


@dataclass(frozen=True)
class _LevelsChanged:
    levels: tuple[Level, ...]

    @property
    def skus(self) -> tuple[str, ...]:
        """The items that this concerns, each once."""
        return tuple(dict.fromkeys(level.sku for level in self.levels))

    def changes(self) -> tuple[Change, ...]:
        """Show every level before and after."""
        return tuple(change for level in self.levels for change in level.changes())


@dataclass(frozen=True)
class LocationAdded(Fact, name="inventory.location_added"):
    """There are new places that goods are moved from and to."""

    codes: tuple[str, ...]

    def changes(self) -> tuple[Change, ...]:
        """Show each place."""
        return tuple(Change(Kind.RECORD, f"location {code}", "new") for code in self.codes)


@dataclass(frozen=True)
class LocationChanged(Fact, name="inventory.location_changed"):
    """A place is called otherwise, belongs elsewhere, or is used in another way than before."""

    code: str
    called: str
    measure: str
    before: str
    after: str

    def changes(self) -> tuple[Change, ...]:
        """Show what of it is different now."""
        subject = f"location {self.code} {self.called}"
        before, after = self.before or "none", self.after or "none"
        return (Change(Kind.RECORD, subject, after, before=before, measure=self.measure),)


@dataclass(frozen=True)
class StockMoved(_LevelsChanged, Fact, name="inventory.stock_moved"):
    """Goods of one document came in, went out, or went from one place to another."""

    origin: str
    value: Money


@dataclass(frozen=True)
class MovedEarlier(Fact, name="inventory.moved_earlier"):
    """Goods of one document moved on a day before today; what that makes others cost follows.

    Where that day is closed, the entry is one of today (`booked_today`).
    """

    origin: str
    moved_on: str
    booked_today: bool

    def changes(self) -> tuple[Change, ...]:
        """Show the day, and that it is booked today where it is closed."""
        day = Change(Kind.RECORD, "stock_move", self.moved_on, measure="moved_on")
        if not self.booked_today:
            return (day,)
        booked = Change(Kind.RECORD, "stock_move", "booked_today", measure="day_is_closed")
        return (day, booked)


@dataclass(frozen=True)
class MovesBrought(Fact, name="inventory.moves_brought"):
    """Goods that came and went in another system were written as moves of ours, in one go.

    `numbers` are the first and the last of the documents in a row that moved them, and `origins`
    those that bear no number.
    """

    source: str
    count: int
    numbers: tuple[tuple[str, str], ...]
    origins: tuple[str, ...]

    def changes(self) -> tuple[Change, ...]:
        """Show how many moves came."""
        return (Change(Kind.DOCUMENT, "stock_move", "new", detail=f"{self.count} × {self.source}"),)


@dataclass(frozen=True)
class StockReserved(_LevelsChanged, Fact, name="inventory.stock_reserved"):
    """Stock was promised to the lines of a document; what of each item was not there waits."""

    origin: str
    waiting: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ReservationReleased(_LevelsChanged, Fact, name="inventory.reservation_released"):
    """Stock that was promised is available again."""

    origin: str


@dataclass(frozen=True)
class StockCounted(_LevelsChanged, Fact, name="inventory.stock_counted"):
    """A shelf was counted, and the books follow what lies there."""

    number: str
    counted: str
    because: str
    value: Money

    def amount(self) -> Money | None:
        """Return the value found or missing."""
        return Money(abs(self.value.minor), self.value.currency)

    def new_number(self) -> str | None:
        """Return the number of the count."""
        return self.number

    def decided_as(self) -> DecisionKind:
        """Tell that it corrects what is on hand."""
        return DecisionKind.STOCK_COUNT


@dataclass(frozen=True)
class ReorderRuleSet(Fact, name="inventory.reorder_rule_set"):
    """An item has another reorder rule than before, or none any more.

    `before` and `after` are its levels, or its method where that has none; the other terms
    stand by their names, and only those that are said.
    """

    sku: str
    item_name: str
    before: str
    after: str
    location: str = ""
    terms_before: tuple[tuple[str, str], ...] = ()
    terms: tuple[tuple[str, str], ...] = ()

    def changes(self) -> tuple[Change, ...]:
        """Show the rule before and after, and each of its terms that changed."""
        subject, place = f"{self.sku} {self.item_name}", f"@{self.location}" * bool(self.location)
        after, before = self.after or "cancelled", self.before or None
        rule = Change(Kind.RECORD, subject, after, before=before, measure=f"reorder_rule{place}")
        old, new = dict(self.terms_before), dict(self.terms)
        terms = (
            Change(Kind.RECORD, subject, new.get(name, "none"), old.get(name), f"{name}{place}")
            for name in dict.fromkeys((*old, *new))
            if self.after and old.get(name) != new.get(name)
        )
        return (rule, *terms)
