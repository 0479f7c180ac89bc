"""What planning refuses."""

from core.kernel.errors import DomainError


class MadeOfItself(DomainError):
    """{sku} is made of itself: mend its bill of materials first."""

    zh = "{sku} 由其自身组成：请先修正物料清单。"


class TooManyLots(DomainError):
    """{quantity} would take {count} orders: make the lots of the item larger."""

    zh = "{quantity} 需要 {count} 张订单：请增大该物料的批量。"


class LotsDisagree(DomainError):
    """{sku} cannot be planned so: a fixed lot stands alone, and a minimum lies below a maximum."""

    zh = "{sku} 不能这样计划：固定批量须单独使用，且最小批量不得大于最大批量。"


class HorizonTooFar(DomainError):
    """A plan looks 1 to 730 days ahead, not {days}."""

    zh = "计划展望期为 1 至 730 天，而非 {days} 天。"


class NothingToPlan(DomainError):
    """There is nothing to order: everything that is wanted is there or on its way."""

    zh = "无需下单：所有需求均已有库存或在途。"


class PlanTooLarge(DomainError):
    """The plan has {count} orders, one decision takes {most}: look fewer than {days} days ahead."""

    zh = "计划共有 {count} 张订单，一次最多处理 {most} 张：请将展望期缩短至 {days} 天以内。"
