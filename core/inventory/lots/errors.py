"""What lots refuse, and the way out."""

from core.kernel.errors import DomainError
from core.kernel.naming import UnknownName


class UnknownLot(UnknownName):
    """There is no lot {text} of this item; look at its lots first."""

    zh = "该物料没有批次 {text}；请先查看其批次。"


class AmbiguousLot(DomainError):
    """Lot {number} is one of {items}; say of which item."""

    zh = "批次 {number} 属于 {items}；请指明物料。"


class NotTracked(DomainError):
    """{sku} is not kept by lot; have it tracked by lot or by serial number first."""

    zh = "{sku} 未按批次管理；请先将其设为按批次或序列号管理。"


class StockUntracked(DomainError):
    """{on_hand} of {sku} lie there already, nobody knows of which lots; count them to zero first.

    Then change how it is tracked, and count them again with their lots.
    """

    zh = "{sku} 现有库存 {on_hand}；请先盘点为零，更改管理方式后再按批次盘点入库。"


class LotsMissing(DomainError):
    """{sku} is kept by lot: say which lots the {quantity} are, such as L-17 or SN001..SN010."""

    zh = "{sku} 按批次管理：请说明这 {quantity} 属于哪些批次，例如 L-17 或 SN001..SN010。"


class LotsDoNotAddUp(DomainError):
    """The lots of {sku} add up to {lots}, not to {quantity}; correct one of the two."""

    zh = "{sku} 的批次合计为 {lots}，与数量 {quantity} 不符；请更正其一。"


class LotTooSmall(DomainError):
    """Of lot {lot} of {sku} only {there} can be taken in {location}, not {wanted}; take another."""

    zh = "{location} 中 {sku} 批次 {lot} 只能取 {there}，不足 {wanted}；请选择其他批次。"


class LotNotFit(DomainError):
    """Lot {lot} of {sku} has expired or is held; who is entitled can release it with a reason."""

    zh = "{sku} 的批次 {lot} 已过期或被冻结；有权限者说明理由后方可放行。"


class NoLotFit(DomainError):
    """Of {sku} in {location} only {fit} are neither expired, held nor promised, not {wanted}.

    Free a lot, extend it, or order more.
    """

    zh = (
        "{location} 的 {sku} 中未过期、未冻结且未预留的只有 {fit}，不足 {wanted}。"
        "请解冻批次、延长有效期或补货。"
    )


class SerialInStock(DomainError):
    """The piece {lot} of {sku} lies in our stock already; check the number."""

    zh = "{sku} 的序列号 {lot} 已在库存中；请核对号码。"


class SerialIsOnePiece(DomainError):
    """The serial number {lot} of {sku} is one piece, not {quantity}; name each piece."""

    zh = "{sku} 的序列号 {lot} 只代表一件，不能是 {quantity}；请逐件列出。"


class LotSaysOtherwise(DomainError):
    """Lot {lot} of {sku} is known with the date {known}, not {said}; correct one of the two."""

    zh = "{sku} 的批次 {lot} 已登记为 {known}，与 {said} 不符；请更正其一。"


class SerialRangeUnclear(DomainError):
    """{text} is no range of serial numbers; write it like SN001..SN010, {most} at most."""

    zh = "{text} 不是序列号区间；请写成 SN001..SN010，最多 {most} 个。"


class LotIsHeld(DomainError):
    """Lot {lot} of {sku} is held already: {because}."""

    zh = "{sku} 的批次 {lot} 已被冻结：{because}。"


class LotIsFree(DomainError):
    """Lot {lot} of {sku} is not held; there is nothing to release."""

    zh = "{sku} 的批次 {lot} 未被冻结；无需解冻。"


class ReasonMissing(DomainError):
    """Say why; it stands in the record of the lot."""

    zh = "请说明原因；原因会记入批次档案。"
