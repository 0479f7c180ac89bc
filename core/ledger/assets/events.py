"""What fixed assets tell the rest of the house."""

from dataclasses import dataclass

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact
from core.kernel.money import Money
from core.ledger.assets.tables import AssetState, MoveKind

_SHOWN_MAX = 12


@dataclass(frozen=True)
class AssetClassesOpened(Fact, name="assets.classes_opened"):
    """Assets can be entered in more classes."""

    classes: tuple[str, ...]

    def changes(self) -> tuple[Change, ...]:
        """Show each class."""
        return tuple(Change(Kind.RECORD, f"asset_class {each}", "new") for each in self.classes)


@dataclass(frozen=True)
class AssetAcquired(Fact, name="assets.acquired"):
    """We have one more fixed asset, and a plan of its depreciation."""

    number: str
    called: str
    asset_class: str
    cost: Money
    residual: Money
    accumulated: Money
    terms: str
    first_due: str
    first: Money
    last_due: str
    lines: int
    origin: str
    # Whether it was posted by an entry of its own, for which somebody answers.
    by_hand: bool

    def changes(self) -> tuple[Change, ...]:
        """Show what it cost, and how it is depreciated."""
        said = [f"{self.called} [{self.asset_class}]", str(self.cost), self.terms]
        if self.accumulated.minor:
            said.append(f"- {self.accumulated}")
        if self.lines:
            said.append(f"{self.lines} × {self.first} · {self.first_due} … {self.last_due}")
        said.append(f"→ {self.residual}")
        if not self.by_hand:
            said.append(self.origin)
        return (Change(Kind.DOCUMENT, "asset", "new", detail=" · ".join(said)),)

    def amount(self) -> Money | None:
        """Return its cost, where no document says so."""
        return self.cost if self.by_hand else None

    def new_number(self) -> str | None:
        """Return its number."""
        return self.number


@dataclass(frozen=True)
class AssetsDepreciated(Fact, name="assets.depreciated"):
    """What was due of assets through a day is in the books."""

    number: str
    through: str
    posted: Money
    # What each asset was depreciated by.
    assets: tuple[tuple[str, Money], ...]

    def changes(self) -> tuple[Change, ...]:
        """Show how much, of which assets; of many, how many more there are."""
        said = [f"{asset} {amount}" for asset, amount in self.assets[:_SHOWN_MAX]]
        if len(self.assets) > _SHOWN_MAX:
            said.append(f"… +{len(self.assets) - _SHOWN_MAX}")
        detail = " · ".join((f"≤ {self.through}", str(self.posted), *said))
        return (Change(Kind.DOCUMENT, "depreciation_run", "new", detail=detail),)

    def amount(self) -> Money | None:
        """Return the sum."""
        return self.posted

    def new_number(self) -> str | None:
        """Return the number of the run."""
        return self.number


@dataclass(frozen=True)
class RunTakenBack(Fact, name="assets.run_taken_back"):
    """What a run depreciated is reversed, and due again."""

    number: str
    posted: Money
    because: str

    def changes(self) -> tuple[Change, ...]:
        """Show the state before and after."""
        subject = f"depreciation_run {self.number}"
        return (Change(Kind.DOCUMENT, subject, "reversed", before="posted"),)

    def amount(self) -> Money | None:
        """Return the sum of what is reversed."""
        return self.posted


@dataclass(frozen=True)
class UseTold(Fact, name="assets.use_told"):
    """An asset was used so much, and depreciated by that."""

    number: str
    units: str
    posted: Money

    def changes(self) -> tuple[Change, ...]:
        """Show the units and the amount."""
        detail = f"{self.units} × · {self.posted}"
        return (Change(Kind.DOCUMENT, f"asset {self.number}", "depreciated", detail=detail),)

    def amount(self) -> Money | None:
        """Return what it was depreciated by."""
        return self.posted


@dataclass(frozen=True)
class AssetRevalued(Fact, name="assets.revalued"):
    """An asset is worth something else, and its plan goes on from there."""

    number: str
    called: str
    before: Money
    after: Money
    last_due: str
    because: str

    def changes(self) -> tuple[Change, ...]:
        """Show the book value before and after."""
        return (
            Change(
                Kind.DOCUMENT,
                f"asset {self.number}",
                str(self.after),
                before=str(self.before),
                measure="book_value",
                detail=" · ".join(part for part in (self.called, f"… {self.last_due}") if part),
            ),
        )

    def amount(self) -> Money | None:
        """Return by how much its value changed."""
        return Money(abs(self.after.minor - self.before.minor), self.after.currency)


@dataclass(frozen=True)
class AssetDisposed(Fact, name="assets.disposed"):
    """An asset, or a part of it, is ours no more."""

    number: str
    called: str
    share_percent: str
    book_value: Money
    proceeds: Money
    gain: Money
    whole: bool
    # Whether a document says what was received for it.
    of_document: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show what it was worth, what came in, and the gain or loss."""
        said = [self.called, str(self.book_value), f"→ {self.proceeds}", f"± {self.gain}"]
        subject = f"asset {self.number}"
        if self.whole:
            state = AssetState.DISPOSED
            return (
                Change(
                    Kind.DOCUMENT, subject, state, before=AssetState.ACTIVE, detail=" · ".join(said)
                ),
            )
        said.insert(1, f"{self.share_percent} %")
        return (Change(Kind.DOCUMENT, subject, MoveKind.PARTLY_DISPOSED, detail=" · ".join(said)),)

    def amount(self) -> Money | None:
        """Return the larger of what it was worth and what came in, unless a document tells it."""
        return None if self.of_document else max(self.book_value, self.proceeds)


@dataclass(frozen=True)
class AssetTransferred(Fact, name="assets.transferred"):
    """The depreciation of an asset belongs elsewhere from now on."""

    number: str
    before: str
    after: str

    def changes(self) -> tuple[Change, ...]:
        """Show where it belonged and where it belongs."""
        subject = f"asset {self.number}"
        return (
            Change(
                Kind.RECORD, subject, self.after or "-", before=self.before or "-",
                measure="dimensions",
            ),
        )  # fmt: skip


@dataclass(frozen=True)
class AssetMoveTakenBack(Fact, name="assets.move_taken_back"):
    """The last thing that happened to an asset is undone."""

    number: str
    kind: MoveKind
    because: str

    def changes(self) -> tuple[Change, ...]:
        """Show what is undone."""
        subject = f"asset {self.number}"
        return (Change(Kind.DOCUMENT, subject, "reversed", before=self.kind),)
