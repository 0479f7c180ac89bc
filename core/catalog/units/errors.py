"""What conversions between units refuse."""

from core.kernel.errors import DomainError


class NoConversion(DomainError):
    """{sku} is counted in {base}; first say how many {base} one {unit} is, or use {known}."""

    zh = "{sku} 的计量单位是 {base}，尚未说明 1 {unit} 等于多少 {base}；可用的单位：{known}。"


class NotExpressible(DomainError):
    """{quantity} {unit} of {sku} are {exactly} {base}, finer than {base} is counted; {instead}."""

    zh = "{quantity} {unit} 的 {sku} 等于 {exactly} {base}，比 {base} 的最小单位更细；{instead}。"


class PriceNotExpressible(DomainError):
    """{price} per {unit} of {sku} is no exact price per {base}; say the price of one {base}."""

    zh = "{sku} 每 {unit} {price} 无法准确换算为每 {base} 的价格；请给出每 {base} 的价格。"


class UnitOfItself(DomainError):
    """A {unit} cannot be made of {of_unit}: that is made of {unit} already."""

    zh = "{unit} 不能由 {of_unit} 组成：后者已由 {unit} 组成。"


class ConversionUnknown(DomainError):
    """How much one {unit} of {subject} is was never said; there is nothing to take back."""

    zh = "尚未说明 {subject} 的 1 {unit} 是多少；没有可撤回的内容。"


class UnitInUse(DomainError):
    """{unit} is what {sku} is usually {traded} in; choose another unit for that first."""

    zh = "{sku} 通常以 {unit} {traded}；请先改用其他单位。"
