"""Read the data files of rates, strictly: a figure without its source is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Annotated, Literal, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from core.hr.payroll.errors import NoRateYet, UnknownRateSet
from core.hr.payroll.formulas import Band, Bands
from core.hr.payroll.tables import PayKind, Proration

T = TypeVar("T")

# Written as text, so that no figure goes through binary fractions.
Exact = Annotated[Decimal, BeforeValidator(lambda given: Decimal(str(given)))]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Figure(_Strict):
    """A figure from a day on."""

    since: date
    value: Exact
    source: str = Field(min_length=8)


class Scale(_Strict):
    """Bands from a day on: pairs of the amount above which, and the rate."""

    since: date
    bands: tuple[tuple[Exact, Exact], ...]
    source: str = Field(min_length=8)


class ComponentData(_Strict):
    """A component of the structure that comes with a set of rates."""

    code: str
    name: str
    name_zh: str
    kind: PayKind
    formula: str | None = None
    posts: Literal["salaries", "employer", "social", "tax", "loans", ""] = ""
    prorated: bool = False
    retro: bool = False
    from_terms: bool = False
    digits: int | None = None


class RateSet(_Strict):
    """The rates of one country or city, and the structure that uses them."""

    code: str
    name: str
    name_zh: str
    # What else people call it.
    also: tuple[str, ...] = ()
    currency: str
    # What was left out, said to whoever uses it.
    simplified: str
    simplified_zh: str
    # Through which day the figures were checked.
    checked_until: date
    proration: Proration
    figures: Mapping[str, tuple[Figure, ...]]
    scales: Mapping[str, tuple[Scale, ...]] = {}
    components: tuple[ComponentData, ...]


@dataclass(frozen=True)
class Figures:
    """What a set says on one day."""

    values: Mapping[str, Decimal]
    scales: Mapping[str, Bands]


@cache
def list_rate_sets() -> Mapping[str, RateSet]:
    """Return all sets, by code."""
    folder = resources.files("core.hr.payroll.rates")
    files = sorted(
        (each for each in folder.iterdir() if each.name.endswith(".yaml")), key=lambda f: f.name
    )
    read = [RateSet.model_validate(yaml.safe_load(each.read_text("utf-8"))) for each in files]
    return {each.code: each for each in read}


def rate_set(code: str) -> RateSet:
    """Return one set."""
    known = list_rate_sets()
    if code not in known:
        raise UnknownRateSet(code=code, known=", ".join(known))
    return known[code]


@cache
def figures_on(code: str, day: date) -> Figures:
    """Return the figures of a set that count on a day; refuse a day before the first of them."""
    chosen = rate_set(code)
    values = {
        name: _last(code, name, [(each.since, each.value) for each in series], day)
        for name, series in chosen.figures.items()
    }
    scales = {
        name: _last(
            code,
            name,
            [(each.since, tuple(Band(*pair) for pair in each.bands)) for each in series],
            day,
        )
        for name, series in chosen.scales.items()
    }
    return Figures(values, scales)


def _last(code: str, name: str, series: list[tuple[date, T]], day: date) -> T:
    ordered = sorted(series, key=lambda each: each[0])
    fitting = [value for since, value in ordered if since <= day]
    if not fitting:
        raise NoRateYet(set=code, name=name, day=day, first=ordered[0][0])
    return fitting[-1]
