"""What bills of materials refuse."""

from core.kernel.errors import DomainError


class UnknownBill(DomainError):
    """There is no bill of materials {number}."""

    zh = "没有物料清单 {number}。"


class NoBillOfMaterials(DomainError):
    """{sku} has no bill of materials that holds on {day}; define one first."""

    zh = "{sku} 在 {day} 没有有效的物料清单；请先定义。"


class NoComponents(DomainError):
    """Say what {sku} is made of; one component at least."""

    zh = "请说明 {sku} 由什么组成，至少一种组件。"


class CircularBill(DomainError):
    """{sku} would be made of itself: {path}."""

    zh = "{sku} 将由其自身组成：{path}。"


class NotMade(DomainError):
    """{sku} is a {kind}: only what lies on a shelf is made or used up."""

    zh = "{sku} 属于{kind}：只有库存物料才能生产或消耗。"


class VersionExists(DomainError):
    """{number} of {sku} already holds from {day} on; choose another day, or withdraw it first."""

    zh = "{sku} 已有自 {day} 起生效的 {number}；请选择其他日期，或先停用它。"


class BillEnded(DomainError):
    """{number} held until {day} and is not in force any more."""

    zh = "{number} 的有效期至 {day}，已失效。"


class NotAPercentage(DomainError):
    """A {what} of {percent} % cannot be: it lies from {least} up to {most}."""

    zh = "{what}不能为 {percent}%：应在 {least} 至 {most} 之间。"


class SharesTooLarge(DomainError):
    """The other products of {sku} bear {percent} % of the cost; less than 100 is left for it."""

    zh = "{sku} 的联副产品承担了 {percent}% 的成本；必须小于 100%。"


class ProductTwice(DomainError):
    """{sku} stands twice among what comes out and what goes in; name it once."""

    zh = "{sku} 在产出或投入中重复；请只列一次。"


class TooManyLines(DomainError):
    """{sku} explodes into more than {most} lines: explode its parts one by one."""

    zh = "{sku} 展开超过 {most} 行：请逐个展开其组件。"
