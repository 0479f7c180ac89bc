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


class PriceListTaken(DomainError):
    """There is a price list {code} already; choose another code."""

    zh = "已有价目表 {code}；请另选代码。"


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


class UnknownTemplate(UnknownName):
    """There is no item template called "{text}"."""

    zh = "没有名为“{text}”的物料模板。"


class ItemBlocked(DomainError):
    """{sku} is blocked for {trade}; {instead}."""

    zh = "{sku} 已禁止{trade}；{instead}。"


class ReplacedByItself(DomainError):
    """{sku} cannot be replaced by {other}: that is replaced by {sku}; name another item."""

    zh = "{sku} 不能由 {other} 替代：后者已由 {sku} 替代；请指定其他物料。"


class TemplateTaken(DomainError):
    """There is a template {code} already; choose another code."""

    zh = "模板 {code} 已存在；请另选代码。"


class NoAttributes(DomainError):
    """Say in what the variants of {code} differ, and at least one value of each attribute."""

    zh = "请说明 {code} 的各规格有何不同，且每个属性至少有一个值。"


class TooManyVariants(DomainError):
    """{code} would have {variants} variants; at most {most} are made at once."""

    zh = "{code} 将有 {variants} 种规格；一次最多生成 {most} 种。"


class NoNewVariants(DomainError):
    """All variants of {code} are there already."""

    zh = "{code} 的所有规格都已存在。"


class NotAKit(DomainError):
    """{sku} is not a kit; add it as a kit, or name another item."""

    zh = "{sku} 不是套件；请将其新增为套件，或指定其他物料。"


class NotAComponent(DomainError):
    """{sku} cannot be a component of {kit}: a kit is made of items that are none."""

    zh = "{sku} 不能作为 {kit} 的组件：套件只能由非套件物料组成。"


class KitIsEmpty(DomainError):
    """{sku} has no components; say what belongs to it first."""

    zh = "{sku} 没有组件；请先说明其组成。"


class ComponentTwice(DomainError):
    """{sku} is named twice; say once how many belong to the kit."""

    zh = "{sku} 出现了两次；请只说明一次数量。"


class WrongCheckDigit(DomainError):
    """The last digit of {code} should be {right}; scan or type it again."""

    zh = "{code} 的最后一位应为 {right}；请重新扫描或输入。"


class NotABarcode(DomainError):
    """The text "{code}" is no barcode: use up to {most} plain letters, digits and signs."""

    zh = "“{code}”不能作为条码：请使用最多 {most} 个普通字母、数字和符号。"


class BarcodeTaken(DomainError):
    """The barcode {code} belongs to {taken}; take it away there first."""

    zh = "条码 {code} 属于 {taken}；请先在那里取消。"


class UnknownBarcode(DomainError):
    """No item has the barcode {code}; add it to an item first."""

    zh = "没有物料使用条码 {code}；请先将其添加到物料。"
