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


class KitIsNotBought(DomainError):
    """{sku} is a kit: it is sold as one, and bought in its components. Order these."""

    zh = "{sku} 是套件：按套销售、按组件采购。请订购其组件。"


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


class OverReturn(DomainError):
    """Of {sku} only {left} of {number} can still go back, not {quantity}."""

    zh = "{number} 的 {sku} 最多还能退回 {left}，不能退 {quantity}。"


class ReceiptIsReturn(DomainError):
    """{number} is a return itself; receive the order again instead."""

    zh = "{number} 本身是退货单；请改为重新收货。"


class NothingToBill(DomainError):
    """Nothing of {number} has come that is not billed already."""

    zh = "{number} 没有已收货而未开账单的物料。"


class OverBilling(DomainError):
    """Of {sku} only {billable} has come and is not billed yet on {number}, not {quantity}."""

    zh = "{number} 的 {sku} 已收未开票数量仅为 {billable}，不能按 {quantity} 开账单。"


class NothingToApprove(DomainError):
    """{number} waits for nobody: its difference is within our tolerance, or agreed to already."""

    zh = "{number} 无需审批：差异在容差以内，或已获同意。"


class NotABillOfAnOrder(DomainError):
    """{number} is not a bill for an order; look at its payment hold instead."""

    zh = "{number} 不是采购订单的账单；请查看其付款冻结。"


class SecondPersonNeeded(DomainError):
    """{who} booked {number}; somebody else has to agree to its difference."""

    zh = "{number} 由 {who} 登记；差异须由另一人同意。"


class NothingToCredit(DomainError):
    """Nothing of {number} that was billed has gone back; return the goods first."""

    zh = "{number} 没有已开账单又退回的物料；请先登记退货。"


class NothingToWriteOff(DomainError):
    """Everything of {number} that came is billed, and everything billed has come."""

    zh = "{number} 收货与账单一致，没有可核销的差额。"


class ToleranceOutOfRange(DomainError):
    """A tolerance of {percent} makes no sense; use 0 to 100 percent, or an amount from 0 on."""

    zh = "容差 {percent} 无效；请使用 0% 至 100%，或不小于零的金额。"


class NotAMultiple(DomainError):
    """{supplier} sells {sku} by {multiple}: order {more} instead of {quantity}."""

    zh = "{supplier} 的 {sku} 按 {multiple} 的倍数供应：请订购 {more}，而非 {quantity}。"


class OfferNotValid(DomainError):
    """No offer of {supplier} for {sku} is valid today; note a new one, or say a price."""

    zh = "{supplier} 对 {sku} 的报价目前均未生效或已过期；请登记新报价或给出单价。"


class OfferPeriodOutOfOrder(DomainError):
    """An offer cannot be valid from {valid_from} until {valid_until}; turn the days around."""

    zh = "报价有效期 {valid_from} 至 {valid_until} 顺序颠倒；请更正。"


class MultipleNotPositive(DomainError):
    """An order multiple of {multiple} makes no sense; use a quantity above zero."""

    zh = "订购倍数 {multiple} 无效；请使用大于零的数量。"


class NothingCame(DomainError):
    """Say how much of {number} came, or what was rejected of it."""

    zh = "请说明 {number} 到货或拒收的数量。"


class RejectedWithoutReason(DomainError):
    """Say why {quantity} of {sku} was rejected."""

    zh = "请说明 {sku} 拒收 {quantity} 的原因。"


class BelowDone(DomainError):
    """{sku} on {number} cannot go down to {quantity}: {done} has come or is billed already."""

    zh = "{number} 的 {sku} 不能减至 {quantity}：已收货或已开账单 {done}。"


class ChangeChangesNothing(DomainError):
    """{number} says that already."""

    zh = "{number} 已是如此，无需更改。"


class NothingLeftOfOrder(DomainError):
    """Nothing would be left of {number}; cancel it instead."""

    zh = "{number} 将不剩任何内容；请改为取消订单。"


class NothingStillToCome(DomainError):
    """Nothing of {number} is still to come."""

    zh = "{number} 没有待收的物料。"


class DroppedLine(DomainError):
    """Position {position} of {number} was taken off; add a line instead."""

    zh = "{number} 第 {position} 行已删除；请另加一行。"


class TaxInOrderPrice(DomainError):
    """Prices of purchase orders are without tax, and the tax {code} of {sku} lies in the price.

    Give the item a purchase tax code that is added to the price.
    """

    zh = "采购订单价格不含税，而 {sku} 的税码 {code} 含在价格内；请为该物料设置价外税码。"
