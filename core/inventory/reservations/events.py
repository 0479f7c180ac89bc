"""What reservations tell the rest of the house."""

from dataclasses import dataclass

from core.inventory.events import Level
from core.kernel.effects import Change, Kind
from core.kernel.events import Fact


@dataclass(frozen=True)
class Promise:
    """How much of an item is promised to a document, before and after."""

    origin: str
    sku: str
    name: str
    before: str
    after: str
    measure: str = "reserved"

    def changes(self) -> tuple[Change, ...]:
        """Show whose promise it is, and what becomes of it."""
        return (
            Change(
                Kind.RECORD,
                f"reservation {self.origin}",
                self.after,
                before=self.before,
                measure=self.measure,
                detail=f"{self.sku} {self.name}",
            ),
        )


@dataclass(frozen=True)
class _PromisesChanged:
    promises: tuple[Promise, ...]
    levels: tuple[Level, ...]

    @property
    def skus(self) -> tuple[str, ...]:
        """The items that this concerns, each once."""
        return tuple(dict.fromkeys(promise.sku for promise in self.promises))

    def changes(self) -> tuple[Change, ...]:
        """Show every promise and every level before and after."""
        of_promises = (change for promise in self.promises for change in promise.changes())
        of_levels = (change for level in self.levels for change in level.changes())
        return (*of_promises, *of_levels)


@dataclass(frozen=True)
class ReservationsYielded(_PromisesChanged, Fact, name="inventory.reservations_yielded"):
    """Soft promises gave way to a hard one of higher priority, and wait for the next goods."""

    to: str


@dataclass(frozen=True)
class WaitingServed(_PromisesChanged, Fact, name="inventory.waiting_served"):
    """Documents that waited for goods were promised some."""


@dataclass(frozen=True)
class ReservationsExpired(_PromisesChanged, Fact, name="inventory.reservations_expired"):
    """Promises whose time was over are available again."""


@dataclass(frozen=True)
class ReservationsPrioritised(_PromisesChanged, Fact, name="inventory.reservations_prioritised"):
    """Promises of a document are served earlier, or later, than before."""


@dataclass(frozen=True)
class ReservationExtended(_PromisesChanged, Fact, name="inventory.reservation_extended"):
    """A promise ends on another day than before."""


@dataclass(frozen=True)
class LotPicked(_PromisesChanged, Fact, name="inventory.lot_picked"):
    """Certain goods are meant for a document; why, where they are held or have expired."""

    because: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show what is meant for whom, and why it may leave."""
        if not self.because:
            return super().changes()
        first = self.promises[0]
        why = Change(
            Kind.RECORD, f"reservation {first.origin}", "released", before="held",
            measure="lot_status", detail=self.because,
        )  # fmt: skip
        return (*super().changes(), why)


@dataclass(frozen=True)
class StockSetAside(Fact, name="inventory.stock_set_aside"):
    """Somebody asked to keep goods for somebody; what was not there waits."""

    number: str
    sku: str
    called: str
    location: str
    party: str
    kind: str
    priority: int
    quantity: str
    waiting: str
    until: str
    because: str

    @property
    def skus(self) -> tuple[str, ...]:
        """The item that this concerns."""
        return (self.sku,)

    def changes(self) -> tuple[Change, ...]:
        """Show for whom, how firmly and until when, and what of it waits."""
        terms = [f"{self.quantity} × {self.sku} {self.called}", self.party, self.because]
        terms += [f"≤ {self.until}"] if self.until else []
        new = [Change(Kind.DOCUMENT, "reservation", self.kind, detail=_terms(terms, self.priority))]
        if self.waiting != "0":
            new.append(
                Change(
                    Kind.RECORD,
                    f"{self.sku} {self.called}",
                    self.waiting,
                    measure=f"waiting@{self.location}",
                )
            )
        return tuple(new)

    def new_number(self) -> str | None:
        """Return the number it is known by."""
        return self.number


def _terms(terms: list[str], priority: int) -> str:
    return " · ".join([*(term for term in terms if term), f"P{priority}"])
