"""What sales refuses."""

from core.kernel.errors import DomainError


class UnknownOrder(DomainError):
    """There is no sales order {number}."""

    zh = "没有销售订单 {number}。"


class UnknownDelivery(DomainError):
    """There is no delivery {number}."""

    zh = "没有发货单 {number}。"


class UnknownPosition(DomainError):
    """{number} has no position {position}; it has {positions}."""

    zh = "{number} 没有第 {position} 行；现有：{positions}。"


class EmptyOrder(DomainError):
    """An order needs at least one line."""

    zh = "订单至少需要一行。"


class TooManyLines(DomainError):
    """An order of {lines} lines is too long; at most {most} fit on one."""

    zh = "订单共 {lines} 行，过长；每张订单最多 {most} 行。"


class DiscountOutOfRange(DomainError):
    """A discount of {percent} % makes no sense; use 0 to 100."""

    zh = "折扣 {percent}% 无效；请使用 0 至 100。"


class PromisedInThePast(DomainError):
    """Goods cannot be promised for {promised_on}: today is {today}."""

    zh = "承诺日期 {promised_on} 早于今天（{today}）。"


class CreditLimitExceeded(DomainError):
    """{customer} may owe us {limit}; with this order it would be {exposure}, {excess} too much.

    Let them pay first, order less, or raise the limit.
    """

    zh = "{customer} 的信用额度为 {limit}；加上此订单后占用为 {exposure}，超出 {excess}。"


class OrderIsHistory(DomainError):
    """{number} was carried out in another system; it is here to be read, not to be changed."""

    zh = "{number} 是从其他系统导入的历史单据，只能查看，不能更改。"


class OrderCancelled(DomainError):
    """{number} is cancelled."""

    zh = "{number} 已取消。"


class OrderAlreadyDelivered(DomainError):
    """{number} is delivered already; nothing of it is still to go out."""

    zh = "{number} 已全部发货，没有待发的物料。"


class NothingAvailable(DomainError):
    """Nothing of what {number} still needs is available: {missing}."""

    zh = "{number} 待发的物料目前均无可用库存：{missing}。"


class OverDelivery(DomainError):
    """Of {sku} only {deliverable} can still go out on {number}, not {quantity}."""

    zh = "{number} 的 {sku} 最多还能发货 {deliverable}，不能发 {quantity}。"


class GoodsAlreadyLeft(DomainError):
    """Goods of {number} have left already; take them back ({deliveries}) before cancelling it."""

    zh = "{number} 已有发货；请先退货（{deliveries}）再取消。"


class DeliveryAlreadyReturned(DomainError):
    """{number} came back already, with {by}."""

    zh = "{number} 已退回，退货单号 {by}。"


class DeliveryIsReturn(DomainError):
    """{number} is a return itself; deliver the order again instead."""

    zh = "{number} 本身是退货单；请改为重新发货。"


class AdvanceUnpaid(DomainError):
    """{number} goes out once its advance is paid: {open} of {advances} is open."""

    zh = "{number} 须在预收款付清后发货：{advances} 尚有 {open} 未付。"


class NothingToInvoice(DomainError):
    """Nothing of {number} has been delivered that is not invoiced already."""

    zh = "{number} 没有已发货而未开票的物料。"


class MilestonesWithoutPolicy(DomainError):
    """Milestones belong to an order that is invoiced by milestones: say both, or neither."""

    zh = "里程碑仅用于按里程碑开票的订单：两者须同时指定。"


class MilestonesNotWhole(DomainError):
    """The milestones make {percents} %, and an order is 100 %."""

    zh = "里程碑合计为 {percents}%，应为 100%。"


class MilestoneWithoutDay(DomainError):
    """The milestone "{name}" needs a day if it is invoiced on a day, and only then."""

    zh = "里程碑“{name}”仅在按日期开票时需要日期，且必须有日期。"


class UnknownMilestone(DomainError):
    """{number} has no milestone {position} that somebody must reach; it has: {milestones}."""

    zh = "{number} 没有需要确认的里程碑 {position}；现有：{milestones}。"


class OrderOnHold(DomainError):
    """{number} is on hold ({reason}); release it first."""

    zh = "{number} 已暂停（{reason}），请先放行。"


class OrderNotOnHold(DomainError):
    """{number} is not on hold."""

    zh = "{number} 未被暂停。"


class CustomerOverdue(DomainError):
    """{customer} owes us {invoice} since {due_on}, {days} days too long; let them pay first."""

    zh = "{customer} 的 {invoice} 自 {due_on} 起逾期 {days} 天，请先收款。"


class ShipsComplete(DomainError):
    """{number} leaves as a whole or not at all; {missing} would be missing.

    Wait until all of it is there, or change the order to allow parts.
    """

    zh = "{number} 须整单发货，尚缺 {missing}；请等待备齐，或改为允许分批发货。"


class InvoicedAlready(DomainError):
    """{number} is invoiced ({invoices}); credit that before you cancel it."""

    zh = "{number} 已开票（{invoices}）；请先冲销再取消。"


class BelowDone(DomainError):
    """{done} × {sku} of {number} are delivered or invoiced; it cannot become {quantity}."""

    zh = "{number} 的 {sku} 已发货或已开票 {done}，不能改为 {quantity}。"


class PriceIsInvoiced(DomainError):
    """{sku} on {number} is invoiced in part; credit that before you change its price."""

    zh = "{number} 的 {sku} 已部分开票；请先冲销再改价。"


class LineHasHistory(DomainError):
    """Something of {sku} on {number} has left or come back: it stays on the order."""

    zh = "{number} 的 {sku} 已有发货或退货记录，不能从订单中删除。"


class ChangesNothing(DomainError):
    """That is what {number} says already."""

    zh = "{number} 已经如此，没有变化。"


class SeveralCustomers(DomainError):
    """{numbers} are of several customers; one invoice is for one of them."""

    zh = "{numbers} 属于不同客户，不能合并开票。"


class SeveralCurrencies(DomainError):
    """{numbers} are in several currencies; invoice those of each currency together."""

    zh = "{numbers} 币种不同；请按币种分别合并开票。"
