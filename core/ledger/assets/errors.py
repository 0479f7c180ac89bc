"""What fixed assets refuse, and the way out."""

from core.kernel.errors import DomainError
from core.kernel.naming import UnknownName


class UnknownAsset(UnknownName):
    """There is no fixed asset {text}; they are numbered like FA-00001."""

    zh = "没有固定资产 {text}；编号形如 FA-00001。"


class UnknownAssetClass(UnknownName):
    """There is no class of assets {text}; see the list of classes, or add it first."""

    zh = "没有资产类别 {text}；请查看类别清单，或先新建。"


class AssetClassExists(DomainError):
    """There is already a class of assets {code}; choose another code."""

    zh = "资产类别 {code} 已存在；请使用其他代码。"


class AssetGone(DomainError):
    """{number} is {state}; nothing more can happen to it."""

    zh = "{number} 已处于 {state} 状态，不能再进行操作。"


class LifeNeeded(DomainError):
    """How long {what} is used is not known; say the months, or choose a class that says it."""

    zh = "未知 {what} 的使用年限；请给出月数，或选择规定年限的类别。"


class PercentNeeded(DomainError):
    """A declining balance needs its percentage a year, such as 25; say it for {what}."""

    zh = "余额递减法需要年折旧率（例如 25）；请为 {what} 给出。"


class UnitsNeeded(DomainError):
    """Depreciation by use needs the units that {what} will make or run in all; say them."""

    zh = "工作量法需要 {what} 的预计总工作量；请给出。"


class NotByUnits(DomainError):
    """{number} is not depreciated by use; its months are posted by a run."""

    zh = "{number} 不按工作量折旧；其折旧由批次按月过账。"


class BelowResidual(DomainError):
    """{name} is worth {value}, which is less than the {residual} that it will keep."""

    zh = "{name} 的价值 {value} 低于残值 {residual}；请更正其中之一。"


class ResidualReached(DomainError):
    """{number} is worth {residual} in the books already, which it will keep."""

    zh = "{number} 的账面价值已等于残值 {residual}；无需再折旧。"


class NotInDocument(DomainError):
    """{document} charged {left} to {account} that is no asset yet; {asked} is too much."""

    zh = "{document} 在科目 {account} 中尚未转为资产的金额为 {left}；{asked} 过多。"


class NothingToDepreciate(DomainError):
    """Nothing is to be depreciated through {through} that is not posted; choose a later day."""

    zh = "截至 {through} 没有待计提的折旧；请选择更晚的日期。"


class UnknownDepreciationRun(DomainError):
    """There is no depreciation run {number}; they are numbered like DEP-00001."""

    zh = "没有折旧批次 {number}；编号形如 DEP-00001。"


class DepreciationTakenBack(DomainError):
    """The depreciation run {number} is taken back already; nothing was changed."""

    zh = "折旧批次 {number} 已撤销；未作更改。"


class LaterMoves(DomainError):
    """More happened to {number} since ({later} {on}); take that back first, the newest first."""

    zh = "{number} 此后又发生了变动（{later} {on}）；请先从最新的开始撤销。"


class NothingToTakeBack(DomainError):
    """Nothing of {number} can be taken back here; a depreciation is taken back by its run."""

    zh = "{number} 没有可在此撤销的变动；折旧请按批次撤销。"


class BeforeLastMove(DomainError):
    """{number} was in the books on {last} as something later; choose a day from then on."""

    zh = "{number} 在 {last} 已有更晚的记录；请选择该日或之后的日期。"


class ValueStaysAsItIs(DomainError):
    """{number} is worth {value} in the books already; say another value."""

    zh = "{number} 的账面价值已为 {value}；请给出其他价值。"


class ShareOutOfRange(DomainError):
    """A share of {percent} % cannot be disposed of; it is more than 0 and at most 100."""

    zh = "处置比例 {percent} % 无效；须大于 0 且不超过 100。"


class AssetCharged(DomainError):
    """{number} was sold by {document}; credit that document, and enter the asset anew."""

    zh = "{number} 已由 {document} 出售；请红冲该单据后重新登记资产。"
