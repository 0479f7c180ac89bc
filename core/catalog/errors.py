"""What the catalog refuses."""

from core.kernel.errors import DomainError
from core.kernel.naming import UnknownName


class UnknownItem(UnknownName):
    """There is no item called "{text}"."""

    zh = "没有名为“{text}”的物料。"


class UnknownCategory(UnknownName):
    """There is no category called "{text}"."""

    zh = "没有名为“{text}”的物料类别。"


class UnknownPriceList(UnknownName):
    """There is no price list called "{text}"."""

    zh = "没有名为“{text}”的价目表。"


class UnknownUnit(DomainError):
    """There is no unit of measure "{unit}"; known are {known}."""

    zh = "没有计量单位“{unit}”；可用的有：{known}。"


class SkuTaken(DomainError):
    """The SKU {sku} is taken by {taken}; choose another one."""

    zh = "货号 {sku} 已被“{taken}”使用；请另选一个。"


class ItemInactive(DomainError):
    """{sku} is no longer traded; choose another item or make it active again."""

    zh = "{sku} 已停用；请选择其他物料或重新启用。"


class ItemStateUnchanged(DomainError):
    """{sku} is {state} already."""

    zh = "{sku} 的状态已是 {state}。"


class NoPrice(DomainError):
    """There is no sales price for {sku} at {quantity}; set one, or say the price."""

    zh = "{sku}（数量 {quantity}）没有销售价格；请先定价或直接给出单价。"


class QuantityNotPositive(DomainError):
    """{quantity} of {sku} is not a quantity; say more than zero."""

    zh = "{sku} 的数量 {quantity} 无效；数量必须大于零。"


class QuantityTooFine(DomainError):
    """{sku} is counted in {unit} with {digits} decimals; {quantity} is finer than that."""

    zh = "{sku} 的计量单位 {unit} 只保留 {digits} 位小数；{quantity} 过于精细。"


class QuantityTooLarge(DomainError):
    """{quantity} of {sku} is more than anything that can be ordered."""

    zh = "{sku} 的数量 {quantity} 超出可处理的最大值。"


class PriceOutOfRange(DomainError):
    """A price of {price} for {sku} makes no sense; use 0 or more, at most {digits} decimals."""

    zh = "{sku} 的价格 {price} 无效；请使用不小于 0 且最多 {digits} 位小数的数值。"


class StockIsValuedByIt(DomainError):
    """The stock of {sku} is valued at its standard cost; value the stock anew instead."""

    zh = "{sku} 的库存按标准成本计价；请通过库存重估修改标准成本。"
