"""Tools of currencies: rates of exchange, and revaluing what is open in another currency."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import invoicing, ledger, parties
from core.kernel.company import company
from core.kernel.errors import Language
from core.kernel.money import Money, plain
from tools.base import (
    Answer,
    Arguments,
    Call,
    Column,
    Currency,
    Day,
    Grid,
    Ref,
    Text,
    Tool,
    Undoing,
)
from tools.references import PartyRef
from tools.trade import BOOKKEEPERS, BUYERS, READERS, SELLERS, Because

SET_RATE, AGREE = "ledger.set_rate", "parties.agree_currency"
REVALUE, TAKE_BACK = "invoicing.revalue", "invoicing.take_back_revaluation"

FIRST_RATE = (
    "there was no rate of that day before; set another one",
    "当日此前没有汇率；请另行设置",
)
REVALUE_ANEW = (
    "a revaluation that was taken back is made anew",
    "已撤回的重估请重新执行",
)

Units = Annotated[Decimal, Field(gt=0, le=Decimal(10) ** 9, decimal_places=10)]


class SetRate(Arguments):
    """Set what a currency is worth from a day on: so many of ours for so many of it."""

    currency: Currency = Field(description="The other currency, such as USD.")
    rate: Units = Field(
        description="Units of our currency for one unit of it; or as it was quoted before."
    )
    foreign_units: Units = Field(
        default=Decimal(1), description="For how many units of it, where that is not one."
    )
    valid_from: Day | None = Field(default=None, description="Leave empty for today.")


class RateKept(Answer):
    """A rate that counts from a day on, and the one of the same day that it replaced."""

    currency: str
    base: str
    base_units: Decimal
    foreign_units: Decimal
    valid_from: date
    before: tuple[Decimal, Decimal] | None

    def sentence(self, language: Language = "en") -> str:
        """Say the rate."""
        said = f"{plain(self.foreign_units)} {self.currency} = {plain(self.base_units)} {self.base}"
        if language == "zh":
            return f"自 {self.valid_from} 起汇率：{said}。"
        return f"From {self.valid_from} on {said}."


def pin_rate(session: Session, arguments: SetRate) -> SetRate:
    """Write the day; one number is quoted the way round that is nearer to the rate before.

    "USD 1.08" is 1.08 dollars for a euro where a euro was worth 1.15 of them, and not the inverse.
    """
    day = arguments.valid_from or company(session).today
    pinned = arguments.model_copy(update={"valid_from": day})
    known = ledger.rate_or_none(session, arguments.currency, day)
    if known is None or arguments.foreign_units != 1 or known.base_units != 1:
        return pinned
    as_said, other_way = arguments.rate * known.foreign_units, arguments.rate / known.foreign_units
    if max(as_said, 1 / as_said) <= max(other_way, 1 / other_way):
        return pinned
    return pinned.model_copy(update={"rate": Decimal(1), "foreign_units": arguments.rate})


def set_rate(session: Session, arguments: SetRate) -> RateKept:
    """Set it."""
    ours = company(session)
    day = arguments.valid_from or ours.today
    same = [
        (each.foreign_units, each.base_units)
        for each in ledger.list_rates(session, arguments.currency)
        if each.valid_from == day
    ]
    kept = ledger.set_rate(
        session,
        arguments.currency,
        valid_from=day,
        foreign_units=arguments.foreign_units,
        base_units=arguments.rate,
    )
    return RateKept(
        currency=kept.currency,
        base=ours.currency,
        base_units=kept.base_units,
        foreign_units=kept.foreign_units,
        valid_from=day,
        before=same[0] if same else None,
    )


def undo_rate(_session: Session, _arguments: SetRate, answer: dict[str, Any]) -> Undoing:
    """Set the rate of that day that was there before."""
    if answer["before"] is None:
        return Undoing(impossible=FIRST_RATE)
    foreign_units, rate = (Decimal(units) for units in answer["before"])
    back = SetRate(
        currency=answer["currency"],
        rate=rate,
        foreign_units=foreign_units,
        valid_from=answer["valid_from"],
    )
    return Undoing((Call(SET_RATE, back),))


class AgreeCurrency(Arguments):
    """Agree in which currency we trade with a customer or supplier from now on."""

    party: PartyRef = Field(description="Number or name of the customer or supplier.")
    currency: Currency | None = Field(
        default=None, description="Such as USD; empty for ours, or that of its prices."
    )


class CurrencyAgreed(Answer):
    """What we trade in with a party, and what it was before."""

    number: str
    name: str
    currency: str | None
    before: str | None

    def sentence(self, language: Language = "en") -> str:
        """Say the currency."""
        said = self.currency or ("默认币种" if language == "zh" else "the usual currency")
        if language == "zh":
            return f"与 {self.number} {self.name} 以 {said} 交易。"
        return f"We trade with {self.number} {self.name} in {said}."


def pin_currency(session: Session, arguments: AgreeCurrency) -> AgreeCurrency:
    """Write the party by its number."""
    number = parties.find_party(session, arguments.party).number
    return arguments.model_copy(update={"party": number})


def agree_currency(session: Session, arguments: AgreeCurrency) -> CurrencyAgreed:
    """Agree on it, where we know what it is worth."""
    party, wanted = parties.find_party(session, arguments.party), arguments.currency
    if wanted is not None:
        ledger.worth_of_one(session, wanted, company(session).today)
    before = parties.agree_currency(session, party, wanted)
    return CurrencyAgreed(number=party.number, name=party.name, currency=wanted, before=before)


def undo_currency(_session: Session, _arguments: AgreeCurrency, answer: dict[str, Any]) -> Undoing:
    """Trade in what it was before."""
    back = AgreeCurrency(party=answer["number"], currency=answer["before"])
    return Undoing((Call(AGREE, back),))


class ListRates(Arguments):
    """List the rates of exchange that were set, the newest first."""

    currency: Currency | None = Field(default=None, description="Leave empty for all.")


class Rates(Answer):
    """Rates of exchange."""

    base: str
    rates: list[tuple[str, date, Decimal, Decimal]]

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are, and the newest."""
        count = len(self.rates)
        if not self.rates:
            return "没有汇率。" if language == "zh" else "No rate was set yet."
        currency, day, foreign_units, base_units = self.rates[0]
        newest = f"{plain(foreign_units)} {currency} = {plain(base_units)} {self.base} ({day})"
        if language == "zh":
            return f"共 {count} 条汇率，最新：{newest}。"
        return f"{count} rates; the newest: {newest}."

    def grid(self) -> Grid:
        """Return one row for every rate."""
        columns = (
            Column("currency", "币种"),
            Column("from", "生效日", "date"),
            Column("units of it", "外币数量", "number"),
            Column("units of ours", "本位币数量", "number"),
        )
        return Grid(columns, tuple(self.rates))


def list_rates(session: Session, arguments: ListRates) -> Rates:
    """Read the rates."""
    return Rates(
        base=company(session).currency,
        rates=[
            (each.currency, each.valid_from, each.foreign_units, each.base_units)
            for each in ledger.list_rates(session, arguments.currency)
        ],
    )


class Revalue(Arguments):
    """Revalue what is open in other currencies at the rate of a day; it is put back after it."""

    currency: Currency | None = Field(default=None, description="Leave empty for all.")
    on: Day | None = Field(default=None, description="The day, as a rule the last of a period.")


class Revalued(Answer):
    """Revaluations, and what they gain or lose."""

    numbers: list[str]
    gains: list[Money]
    on: date
    reversed_on: date

    def sentence(self, language: Language = "en") -> str:
        """Say the unrealised gain or loss."""
        gain = Money(sum(each.minor for each in self.gains), self.gains[0].currency)
        said = ", ".join(self.numbers)
        if language == "zh":
            return (
                f"{said}：截至 {self.on} 重估，未实现汇兑损益 {gain}，于 {self.reversed_on} 冲回。"
            )
        return (
            f"{said}: revalued on {self.on}, an unrealised gain of {gain}; put back on"
            f" {self.reversed_on}."
        )


def pin_revalue(session: Session, arguments: Revalue) -> Revalue:
    """Write the day."""
    return arguments.model_copy(update={"on": arguments.on or company(session).today})


def revalue(session: Session, arguments: Revalue) -> Revalued:
    """Revalue."""
    made = invoicing.revalue(session, currency=arguments.currency, on=arguments.on)
    ours = company(session).currency
    return Revalued(
        numbers=[each.number for each in made],
        gains=[Money(each.gain_minor, ours) for each in made],
        on=made[0].revalued_on,
        reversed_on=made[0].reversed_on,
    )


def undo_revalue(_session: Session, _arguments: Revalue, answer: dict[str, Any]) -> Undoing:
    """Take each of them back."""
    return Undoing(
        tuple(
            Call(TAKE_BACK, TakeBackRevaluation(number=number, because="undo"))
            for number in answer["numbers"]
        )
    )


class TakeBackRevaluation(Arguments):
    """Take back a revaluation that was made at a wrong rate or for a wrong day."""

    number: Annotated[Text, Ref("revaluation")] = Field(description="Such as REV-00003.")
    because: Because = Field(description="Why it is taken back.")


class RevaluationUndone(Answer):
    """A revaluation that does not count any more."""

    number: str
    by: str

    def sentence(self, language: Language = "en") -> str:
        """Say what takes it back."""
        if language == "zh":
            return f"重估 {self.number} 已由 {self.by} 撤回。"
        return f"{self.number} is taken back by {self.by}."


def take_back(session: Session, arguments: TakeBackRevaluation) -> RevaluationUndone:
    """Take it back."""
    number = invoicing.find_revaluation(session, arguments.number).number
    by = invoicing.take_back_revaluation(session, number, because=arguments.because)
    return RevaluationUndone(number=number, by=by.number)


def stays_taken_back(
    _session: Session, _arguments: TakeBackRevaluation, _answer: object
) -> Undoing:
    """Say that it is made anew."""
    return Undoing(impossible=REVALUE_ANEW)


TOOLS = [
    Tool(
        AGREE,
        AgreeCurrency,
        agree_currency,
        writes=True,
        title="Agree on a currency",
        title_zh="约定交易币种",
        roles=SELLERS | BUYERS | BOOKKEEPERS,
        pin=pin_currency,
        undo=undo_currency,
    ),
    Tool(
        SET_RATE,
        SetRate,
        set_rate,
        writes=True,
        title="Set rate",
        title_zh="设置汇率",
        roles=BOOKKEEPERS,
        pin=pin_rate,
        undo=undo_rate,
    ),
    Tool(
        "ledger.list_rates",
        ListRates,
        list_rates,
        writes=False,
        title="Exchange rates",
        title_zh="汇率",
        roles=READERS,
    ),
    Tool(
        REVALUE,
        Revalue,
        revalue,
        writes=True,
        title="Revalue",
        title_zh="汇率重估",
        roles=BOOKKEEPERS,
        pin=pin_revalue,
        undo=undo_revalue,
    ),
    Tool(
        TAKE_BACK,
        TakeBackRevaluation,
        take_back,
        writes=True,
        title="Take back revaluation",
        title_zh="撤回重估",
        roles=BOOKKEEPERS,
        undo=stays_taken_back,
    ),
]
