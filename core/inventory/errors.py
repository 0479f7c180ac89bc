"""What the inventory refuses, and the way out."""

from core.kernel.errors import DomainError
from core.kernel.naming import UnknownName


class InsufficientStock(DomainError):
    """Of {sku} only {available} can be taken ({on_hand} there, {reserved} promised), not {wanted}.

    Take less, or order more first.
    """

    zh = (
        "{location} 的 {sku} 只能出库 {available}，不足 {wanted}：现有 {on_hand}，"
        "其中 {reserved} 已为他人预留。请减少数量或先补货。"
    )


class QuantityNotPositive(DomainError):
    """The quantity {quantity} of {sku} cannot be moved; say a number above zero."""

    zh = "{sku} 的数量 {quantity} 无效；请填写大于零的数字。"


class QuantityTooFine(DomainError):
    """{quantity} of {sku} is finer than its unit {unit} allows ({digits} decimals)."""

    zh = "{sku} 的数量 {quantity} 超出计量单位 {unit} 的精度（{digits} 位小数）。"


class QuantityTooLarge(DomainError):
    """{quantity} of {sku} is more than any warehouse holds; check the number."""

    zh = "{sku} 的数量 {quantity} 过大；请核对数字。"


class NotStocked(DomainError):
    """{sku} is a service; only stocked items are moved, counted or reserved."""

    zh = "{sku} 是服务类物料，没有库存；只有库存物料可以移动、盘点或预留。"


class UnknownLocation(UnknownName):
    """There is no location {text}; say the code or the name of a warehouse, such as MAIN."""

    zh = "没有库位 {text}；请使用仓库的编码或名称，例如 MAIN。"


class LocationExists(DomainError):
    """There is already a location {location}; choose another code."""

    zh = "库位 {location} 已存在；请换一个编码。"


class LocationNotInternal(DomainError):
    """{location} is not a warehouse of ours; choose an internal location."""

    zh = "{location} 不是本公司的仓库；请选择内部库位。"


class LocationClosed(DomainError):
    """{location} is closed: no goods come or go. Choose another place, or reopen it."""

    zh = "{location} 已关闭，不能再收发货物。请选择其他库位，或先重新启用。"


class LocationNotEmpty(DomainError):
    """There are still goods in {location}; bring them elsewhere before it is closed."""

    zh = "{location} 中仍有货物；请先移走再关闭。"


class LocationPromised(DomainError):
    """Goods in {location} are promised to orders; release or deliver them first."""

    zh = "{location} 中的货物已为订单预留；请先释放或发货。"


class LocationNotSellable(DomainError):
    """What lies in {location} is not for sale; release it to storage first."""

    zh = "{location} 中的货物不可销售；请先放行到存储库位。"


class LocationIsStandard(DomainError):
    """{location} is needed by every company; it is neither closed nor made a part of another."""

    zh = "{location} 是每个公司必需的库位；不能关闭，也不能并入其他库位。"


class PlaceInsideItself(DomainError):
    """{parent} lies inside {location}; a place cannot be a part of what is a part of it."""

    zh = "{parent} 位于 {location} 之内；库位不能成为自己下级的一部分。"


class NotStorage(DomainError):
    """{location} is {purpose}: goods come and go there with a transfer or a hold only."""

    zh = "{location} 属于{purpose}库位；货物只能通过调拨单或暂扣单出入。"


class SameItem(DomainError):
    """{sku} cannot become {sku}; name other goods that it is made into."""

    zh = "{sku} 不能转换为其自身；请指定转换成的其他物料。"


class SameLocation(DomainError):
    """The goods lie in {location} already; name another location to bring them to."""

    zh = "货物已在 {location}；请指定另一个库位。"


class CountBelowReserved(DomainError):
    """{reserved} of {sku} are promised to orders, more than {counted}; release some first."""

    zh = (
        "{location} 的 {sku} 已为订单预留 {reserved}，多于盘点数 {counted}；"
        "请先取消或释放部分订单。"
    )


class CountChangesNothing(DomainError):
    """{location} holds {counted} of {sku} in the books as well; there is nothing to correct."""

    zh = "{location} 的 {sku} 账面数量也是 {counted}；无需调整。"


class BeingCounted(DomainError):
    """{sku} in {location} is being counted ({number}); it moves again once that is closed."""

    zh = "{location} 的 {sku} 正在盘点（{number}）；盘点关闭后才能移动。"


class TargetBelowMinimum(DomainError):
    """The target {target} must be above zero and not below the minimum {minimum}."""

    zh = "目标库存 {target} 必须大于零且不低于再订货点 {minimum}。"


class NoReorderRule(DomainError):
    """{sku} has no reorder rule."""

    zh = "{sku} 没有再订货规则。"


class NotThereThen(DomainError):
    """Of {sku}, {missing} would have been missing on that day or later; choose another day.

    Or allow the item to leave before it came.
    """

    zh = "{sku} 在该日或之后会短缺 {missing}；请另选日期，或允许该物料负库存。"


class MovedInTheFuture(DomainError):
    """Goods cannot have moved on {day} already: today is {today}."""

    zh = "货物不可能已在 {day} 移动：今天是 {today}。"


class ReturnsTooMuch(DomainError):
    """Of {sku} from {number} only {left} can still come or go back, not {quantity}."""

    zh = "{number} 的 {sku} 最多还能退 {left}，不能退 {quantity}。"


class CostNeedsReceipt(DomainError):
    """{number} did not bring {sku} in from outside; add cost to the receipt that did."""

    zh = "{number} 不是 {sku} 的入库单；请选择相应的收货单。"


class CostBelowZero(DomainError):
    """{sku} of {number} cost {cost}; it cannot cost less than nothing. Take off less."""

    zh = "{number} 的 {sku} 成本为 {cost}，不能低于零；请减少扣减金额。"


class WorthBelowZero(DomainError):
    """{sku} cannot be worth {value}; say zero or more."""

    zh = "{sku} 的价值不能为 {value}；请填写零或更大的金额。"


class NothingToRevalue(DomainError):
    """There is nothing of {sku} to value anew; receive or count some first."""

    zh = "{sku} 没有库存可重估；请先收货或盘点。"


class ValueStaysAsItIs(DomainError):
    """The stock of {sku} is worth {value} already; there is nothing to change."""

    zh = "{sku} 的库存价值已是 {value}；无需更改。"


class MethodStaysAsItIs(DomainError):
    """{sku} is valued by {method} already; there is nothing to change."""

    zh = "{sku} 已按 {method} 计价；无需更改。"


class NegativeStockStaysAsItIs(DomainError):
    """The policy of {sku} for negative stock is {policy} already; there is nothing to change."""

    zh = "{sku} 的负库存策略已是 {policy}；无需更改。"


class StillNegative(DomainError):
    """More of {sku} left than came in {locations}; receive or count what is missing first."""

    zh = "{sku} 在 {locations} 的库存为负；请先收货或盘点补足。"


class NothingToCharge(DomainError):
    """Say which receipts of goods become dearer, by more than nothing in all."""

    zh = "请指明要分摊的收货单，且其分摊基数大于零。"


class NoWeight(DomainError):
    """{sku} has no weight; enter it, or share the cost out by quantity, by value or equally."""

    zh = "{sku} 没有重量；请先填写重量，或按数量、金额或平均分摊。"


class UnknownLandedCost(DomainError):
    """There is no landed cost {number}; look at the list of them."""

    zh = "没有到岸成本单 {number}；请查看列表。"


class LandedCostCancelledAlready(DomainError):
    """The landed cost {number} was cancelled on {day}; there is nothing left to cancel."""

    zh = "到岸成本单 {number} 已于 {day} 取消；无需再次取消。"


class ChargesMoreThanBilled(DomainError):
    """Of the bill {bill} only {left} can still be brought onto goods, not {amount}."""

    zh = "账单 {bill} 尚可分摊 {left}，不能分摊 {amount}。"


class RuleTermsMissing(DomainError):
    """A rule {owner} needs {needed}, and no other rule has them; say both, or leave both out."""

    zh = "补货方式“{owner}”需要{needed}，其他方式则没有；请两项都填写，或都不填。"


class ServiceOutOfRange(DomainError):
    """A service level of {percent} % cannot be planned for; say 50 to 99.99 %."""

    zh = "无法按 {percent}% 的服务水平计划；请填写 50% 至 99.99%。"


class DaysOutOfRange(DomainError):
    """{days} days of {name} are out of range; say {least} to {most}."""

    zh = "{name} {days} 天超出范围；请填写 {least} 至 {most}。"
