"""Exact money, exact quantities, and the one rounding function."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum

from core.kernel.errors import DomainError

# ISO 4217 currencies whose minor unit is not one hundredth.
MINOR_DIGITS = {
    "BHD": 3, "BIF": 0, "CLF": 4, "CLP": 0, "DJF": 0, "GNF": 0, "IQD": 3, "ISK": 0, "JOD": 3,
    "JPY": 0, "KMF": 0, "KRW": 0, "KWD": 3, "LYD": 3, "OMR": 3, "PYG": 0, "RWF": 0, "TND": 3,
    "UGX": 0, "UYI": 0, "UYW": 4, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
}  # fmt: skip

# A BIGINT column holds more; beyond this an amount is a typing mistake.
MINOR_MAX = 10**17
QUANTITY_DIGITS = 6
QUANTITY_MAX = Decimal(10) ** 12


class Rounding(StrEnum):
    """What becomes of a half: away from zero, or to the even digit."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"


class CurrencyMismatch(DomainError):
    """Amounts in {left} and {right} cannot be combined; convert one of them first."""

    zh = "{left} 与 {right} 的金额不能直接合并，请先换算。"


class TooManyDecimals(DomainError):
    """{amount} is finer than the smallest unit of {currency}."""

    zh = "{amount} 超出了 {currency} 的最小货币单位。"


class NotAnAmount(DomainError):
    """The text "{text}" is not a number that can be used here."""

    zh = "“{text}”不是可用的数字。"


class AmountTooLarge(DomainError):
    """{text} is larger than anything that can be booked."""

    zh = "{text} 超出可记账的最大值。"


def rounded(value: Decimal, digits: int, rounding: Rounding = Rounding.HALF_UP) -> Decimal:
    """Round to a number of decimals; every rounding in the product is this one."""
    mode = ROUND_HALF_UP if rounding is Rounding.HALF_UP else ROUND_HALF_EVEN
    return value.quantize(Decimal(1).scaleb(-digits), mode)


def digits_of(currency: str) -> int:
    """Return the number of decimals of a currency."""
    return MINOR_DIGITS.get(currency, 2)


def exact(text: str | int | Decimal) -> Decimal:
    """Read a finite decimal, or say what is wrong with it."""
    try:
        value = Decimal(text)
    except (InvalidOperation, ValueError, TypeError):
        raise NotAnAmount(text=text) from None
    if not value.is_finite():
        raise NotAnAmount(text=text)
    return value


@dataclass(frozen=True, slots=True)
class Money:
    """An amount such as 12.50 EUR, held as 1250 minor units so that no cent is ever lost."""

    minor: int
    currency: str

    @classmethod
    def of(cls, amount: str | int | Decimal, currency: str) -> "Money":
        """Read an amount written in major units; refuse fractions of a minor unit."""
        minor = exact(amount).scaleb(digits_of(currency))
        if minor != minor.to_integral_value():
            raise TooManyDecimals(amount=amount, currency=currency)
        return cls._bounded(minor, currency)

    @classmethod
    def rounding(
        cls, amount: Decimal, currency: str, rounding: Rounding = Rounding.HALF_UP
    ) -> "Money":
        """Round an exact amount in major units to the currency's smallest unit."""
        return cls._bounded(rounded(amount.scaleb(digits_of(currency)), 0, rounding), currency)

    @classmethod
    def _bounded(cls, minor: Decimal, currency: str) -> "Money":
        if abs(minor) > MINOR_MAX:
            raise AmountTooLarge(text=f"{minor.scaleb(-digits_of(currency))} {currency}")
        return cls(int(minor), currency)

    @property
    def amount(self) -> Decimal:
        """The amount in major units."""
        return Decimal(self.minor).scaleb(-digits_of(self.currency))

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same_currency(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same_currency(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same_currency(other)

    def times(self, factor: int | Decimal, rounding: Rounding = Rounding.HALF_UP) -> "Money":
        """Multiply, and round to the smallest unit."""
        return self._bounded(rounded(Decimal(self.minor) * factor, 0, rounding), self.currency)

    def split(self, weights: list[int]) -> list["Money"]:
        """Share the amount by weight; the parts always sum to the whole."""
        assert weights, "an amount is split among at least one part"
        assert all(weight > 0 for weight in weights), "weights are positive"
        total = sum(weights)
        shares = [self.minor * weight // total for weight in weights]
        for index in range(self.minor - sum(shares)):
            shares[index] += 1
        return [Money(share, self.currency) for share in shares]

    def _same_currency(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(left=self.currency, right=other.currency)
        return other.minor

    def __str__(self) -> str:
        return f"{self.amount:,.{digits_of(self.currency)}f} {self.currency}"


def plain(quantity: Decimal) -> str:
    """Write a quantity without trailing zeros or an exponent: 12, 0.5."""
    text = f"{quantity:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
