"""What a set of tax codes is made of."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from core.ledger.tax.codes import Boxes
from core.ledger.tax.rules import HUNDRED, Component
from core.ledger.tax.tables import ComponentKind


@dataclass(frozen=True)
class Rate:
    """A rate from one day to another, and where it is written."""

    percent: str
    source: str
    since: date | None = None
    until: date | None = None
    # Where a rate is reported elsewhere than the usual one.
    boxes: Boxes = field(default_factory=dict)


@dataclass(frozen=True)
class ComponentData:
    """One tax of a code with its rates through time."""

    name: str
    name_zh: str
    rates: tuple[Rate, ...]
    boxes: Boxes
    kind: ComponentKind = ComponentKind.PERCENT
    deductible: bool = True

    def at(self, rate: Rate) -> Component:
        """Return the component as it is at one of its rates."""
        return Component(
            name=self.name,
            name_zh=self.name_zh,
            kind=self.kind,
            rate=Decimal(rate.percent),
            deductible_percent=HUNDRED if self.deductible else Decimal(0),
        )


@dataclass(frozen=True)
class CodeData:
    """A tax code of a set."""

    code: str
    name: str
    name_zh: str
    components: tuple[ComponentData, ...]
    certificate_needed: bool = False


@dataclass(frozen=True)
class BoxData:
    """A box of the return; `adds` says which boxes it is the sum of."""

    box: str
    name: str
    name_zh: str
    adds: str = ""


@dataclass(frozen=True)
class TaxSet:
    """The tax codes and boxes of a country."""

    code: str
    name: str
    name_zh: str
    boxes: tuple[BoxData, ...]
    codes: tuple[CodeData, ...]
