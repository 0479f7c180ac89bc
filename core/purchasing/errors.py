"""What purchasing refuses."""

from core.kernel.errors import DomainError


class UnknownOrder(DomainError):
    """There is no purchase order {number}."""

    zh = "没有采购订单 {number}。"


class UnknownReceipt(DomainError):
    """There is no goods receipt {number}."""

    zh = "没有收货单 {number}。"


class UnknownPosition(DomainError):
    """{number} has no position {position}; it has {positions}."""

    zh = "{number} 没有第 {position} 行；现有：{positions}。"


class NoSupplierOffer(DomainError):
    """Nobody who is not blocked offers {sku}; note a supplier's offer first, or say a price."""

    zh = "没有可用的供应商提供 {sku}；请先登记供应商报价或给出单价。"


class NotOfferedBy(DomainError):
    """{supplier} does not offer {sku}; these do: {others}."""

    zh = "{supplier} 不提供 {sku}；可供应的有：{others}。"


class BelowMinimumQuantity(DomainError):
    """{quantity} of {sku} is less than anybody sells: {supplier} starts at {minimum}."""

    zh = "{sku} 的数量 {quantity} 低于起订量：{supplier} 的起订量为 {minimum}。"


class EmptyOrder(DomainError):
    """An order needs at least one line."""

    zh = "订单至少需要一行。"


class TooManyLines(DomainError):
    """An order of {lines} lines is too long; at most {most} fit on one."""

    zh = "订单共 {lines} 行，过长；每张订单最多 {most} 行。"


class DiscountOutOfRange(DomainError):
    """A discount of {percent} % makes no sense; use 0 to 100."""

    zh = "折扣 {percent}% 无效；请使用 0 至 100。"


class LeadTimeOutOfRange(DomainError):
    """A lead time of {days} days makes no sense; use 0 to {most}."""

    zh = "提前期 {days} 天无效；请使用 0 至 {most} 天。"


class ExpectedInThePast(DomainError):
    """Goods cannot be expected on {expected_on}: today is {today}."""

    zh = "到货日期 {expected_on} 早于今天（{today}）。"


class OrderIsHistory(DomainError):
    """{number} was carried out in another system; it is here to be read, not to be changed."""

    zh = "{number} 是从其他系统导入的历史单据，只能查看，不能更改。"


class OrderAlreadyReceived(DomainError):
    """{number} is received already; nothing of it is still to come."""

    zh = "{number} 已全部收货，没有待收的物料。"


class OrderCancelled(DomainError):
    """{number} is cancelled."""

    zh = "{number} 已取消。"


class OverReceipt(DomainError):
    """Of {sku} only {receivable} can still come on {number}, not {quantity}."""

    zh = "{number} 的 {sku} 最多还能收货 {receivable}，不能收 {quantity}。"


class GoodsAlreadyCame(DomainError):
    """Goods of {number} have come already; send them back ({receipts}) before cancelling it."""

    zh = "{number} 已有到货；请先退货（{receipts}）再取消。"


class ReceiptAlreadyReturned(DomainError):
    """{number} went back to the supplier already, with {by}."""

    zh = "{number} 已退回供应商，退货单号 {by}。"


class ReceiptIsReturn(DomainError):
    """{number} is a return itself; receive the order again instead."""

    zh = "{number} 本身是退货单；请改为重新收货。"


class ReceiptAlreadyBilled(DomainError):
    """{sku} on {number} is billed already; credit the supplier bill {bills} first."""

    zh = "{number} 的 {sku} 已开账单；请先冲销供应商账单 {bills}。"


class NothingToBill(DomainError):
    """Nothing of {number} has come that is not billed already."""

    zh = "{number} 没有已收货而未开账单的物料。"


class OverBilling(DomainError):
    """Of {sku} only {billable} has come and is not billed yet on {number}, not {quantity}."""

    zh = "{number} 的 {sku} 已收未开票数量仅为 {billable}，不能按 {quantity} 开账单。"


class BillDoesNotMatch(DomainError):
    """The bill for {number} is {billed} and should be {expected}: ask why, or accept {difference}.

    The second is what came of the order, at the order's prices, with tax.
    """

    zh = (
        "{number} 的账单金额为 {billed}，应为 {expected}：请与供应商核实，或接受差额 {difference}。"
    )


class TaxInOrderPrice(DomainError):
    """Prices of purchase orders are without tax, and the tax {code} of {sku} lies in the price.

    Give the item a purchase tax code that is added to the price.
    """

    zh = "采购订单价格不含税，而 {sku} 的税码 {code} 含在价格内；请为该物料设置价外税码。"
