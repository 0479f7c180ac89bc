"""Tools of dimensions: cost centres, projects, and what accounts demand of them."""

from typing import Annotated

from pydantic import Field
from sqlalchemy.orm import Session

from core import ledger
from core.kernel.errors import Language
from core.kernel.semantics import BOOKS
from core.kernel.words import word
from core.ledger import Demand
from tools.base import Answer, Arguments, Call, Column, Grid, Text, Tool, Undoing
from tools.ledger import DimensionRef, MemberRef
from tools.references import AccountRef
from tools.trade import BOOKKEEPERS

BLOCK, UNBLOCK = "ledger.block_dimension_member", "ledger.unblock_dimension_member"
DEMAND = "ledger.demand_dimension"

Code = Annotated[Text, Field(max_length=30, pattern=r"^[^\s,=]+$")]
DIMENSION_STAYS = ("a dimension stays once it is there", "核算维度一经建立即保留")


class ListDimensions(Arguments):
    """List the dimensions with their members, or those of one dimension."""

    dimension: DimensionRef | None = None


class Members(Answer):
    """Dimensions and their members."""

    members: list[tuple[str, str, str, str, bool]]

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are."""
        count = sum(bool(member[1]) for member in self.members)
        dimensions = len({member[0] for member in self.members})
        if language == "zh":
            return f"{dimensions} 个核算维度，共 {count} 个成员。"
        return f"{dimensions} dimensions with {count} members."

    def grid(self) -> Grid:
        """Return one row for every member, and one for a dimension that has none."""
        columns = (
            Column("dimension", "维度"),
            Column("member", "成员"),
            Column("name", "名称"),
            Column("名称", "中文名称"),
            Column("blocked", "冻结"),
        )
        return Grid(columns, tuple(self.members))


def list_dimensions(session: Session, arguments: ListDimensions) -> Members:
    """Read them."""
    wanted = (
        [ledger.dimension_named(session, arguments.dimension)]
        if arguments.dimension
        else ledger.list_dimensions(session)
    )
    rows: list[tuple[str, str, str, str, bool]] = []
    for dimension in wanted:
        members = ledger.list_members(session, dimension.code)
        rows += [
            (dimension.code, each.code, each.name, each.name_zh, each.blocked) for each in members
        ] or [(dimension.code, "", dimension.name, dimension.name_zh, False)]
    return Members(members=rows)


class AddDimension(Arguments):
    """Add a dimension along which entries can be looked at: a region, a vehicle, a grant."""

    name: Text
    code: Code | None = Field(default=None, description="Made of the name if empty.")
    name_zh: Text | None = None


class AddMember(Arguments):
    """Add a member to a dimension: a cost centre, a department, a project."""

    dimension: DimensionRef = Field(description="Such as cost centre or project.")
    name: Text
    code: Code | None = Field(default=None, description="Made of the name if empty.")
    name_zh: Text | None = None


class DimensionChanged(Answer):
    """A dimension or a member of one, as it is now."""

    dimension: str
    member: str = ""
    name: str
    said: str

    def sentence(self, language: Language = "en") -> str:
        """Say what became of it."""
        called = " ".join(part for part in (self.dimension, self.member, self.name) if part)
        mark = "：" if language == "zh" else ": "
        end = "。" if language == "zh" else "."
        return f"{called}{mark}{word(self.said, language)}{end}"


def _coded(name: str) -> str:
    return "_".join(name.replace(",", " ").replace("=", " ").split())[:30]


def pin_dimension(_session: Session, arguments: AddDimension) -> AddDimension:
    """Make the code of the name."""
    code = arguments.code or _coded(arguments.name).lower()
    return arguments.model_copy(update={"code": code})


def pin_member(session: Session, arguments: AddMember) -> AddMember:
    """Make the code of the name."""
    dimension = ledger.dimension_named(session, arguments.dimension).code
    code = arguments.code or _coded(arguments.name).upper()
    return arguments.model_copy(update={"dimension": dimension, "code": code})


def add_dimension(session: Session, arguments: AddDimension) -> DimensionChanged:
    """Add it."""
    pinned = pin_dimension(session, arguments)
    added = ledger.open_dimension(
        session,
        code=pinned.code or "",
        name=pinned.name,
        name_zh=pinned.name_zh or pinned.name,
    )
    return DimensionChanged(dimension=added.code, name=added.name, said="new")


def add_member(session: Session, arguments: AddMember) -> DimensionChanged:
    """Add it."""
    pinned = pin_member(session, arguments)
    added = ledger.add_member(
        session,
        pinned.dimension,
        code=pinned.code or "",
        name=pinned.name,
        name_zh=pinned.name_zh or "",
    )
    return DimensionChanged(
        dimension=pinned.dimension, member=added.code, name=added.name, said="new"
    )


def undo_dimension(_session: Session, _arguments: AddDimension, _answer: object) -> Undoing:
    """Say that it stays."""
    return Undoing(impossible=DIMENSION_STAYS)


def undo_member(_session: Session, _arguments: AddMember, answer: dict[str, str]) -> Undoing:
    """Block it."""
    said = f"{answer['dimension']}={answer['member']}"
    return Undoing((Call(BLOCK, BlockMember(member=said)),))


class BlockMember(Arguments):
    """Block a cost centre, project or other member: it takes no entries any more."""

    member: MemberRef


class UnblockMember(Arguments):
    """Unblock a cost centre, project or other member: it takes entries again."""

    member: MemberRef


def block_member(session: Session, arguments: BlockMember) -> DimensionChanged:
    """Block it."""
    return _block(session, arguments.member, blocked=True)


def unblock_member(session: Session, arguments: UnblockMember) -> DimensionChanged:
    """Unblock it."""
    return _block(session, arguments.member, blocked=False)


def _block(session: Session, text: str, *, blocked: bool) -> DimensionChanged:
    dimension, code = ledger.member_said(session, text)
    member = ledger.block_member(session, dimension, code, blocked=blocked)
    said = "blocked" if blocked else "open"
    return DimensionChanged(dimension=dimension, member=member.code, name=member.name, said=said)


def undo_block(_session: Session, arguments: BlockMember, _answer: object) -> Undoing:
    """Unblock it again."""
    return Undoing((Call(UNBLOCK, UnblockMember(member=arguments.member)),))


def undo_unblock(_session: Session, arguments: UnblockMember, _answer: object) -> Undoing:
    """Block it again."""
    return Undoing((Call(BLOCK, BlockMember(member=arguments.member)),))


class DemandDimension(Arguments):
    """Say whether lines on an account must, may or must not name a dimension, and its default."""

    account: AccountRef = Field(description="Code or name of the account.")
    dimension: DimensionRef = Field(description="Such as cost centre or project.")
    demand: Demand = Demand.REQUIRED
    default: MemberRef | None = Field(
        default=None, description="The member that is meant where none is said."
    )


class Demanded(Answer):
    """What an account demands of a dimension now."""

    account: str
    dimension: str
    demand: Demand
    before: Demand
    default: str = ""
    default_before: str = ""

    def sentence(self, language: Language = "en") -> str:
        """Say it."""
        demand = word(self.demand, language)
        if language == "zh":
            extra = f"，默认 {self.default}" if self.default else ""
            return f"科目 {self.account} 的{self.dimension}：{demand}{extra}。"
        extra = f", {self.default} if none is said" if self.default else ""
        return f"On account {self.account}, {self.dimension} is {demand}{extra}."


def pin_demand(session: Session, arguments: DemandDimension) -> DemandDimension:
    """Replace names by codes."""
    dimension = ledger.dimension_named(session, arguments.dimension).code
    default = arguments.default
    if default is not None:
        said = default.partition("=")[2] or default
        default = f"{dimension}={ledger.member_named(session, dimension, said).code}"
    account = ledger.account_named(session, arguments.account).code
    return arguments.model_copy(
        update={"account": account, "dimension": dimension, "default": default}
    )


def demand_dimension(session: Session, arguments: DemandDimension) -> Demanded:
    """Write the rule."""
    pinned = pin_demand(session, arguments)
    account = ledger.find_account(session, pinned.account)
    said = f"{account.code} {account.name}"
    rules = {(each.account, each.dimension): each for each in ledger.list_rules(session)}
    rule = rules.get((said, pinned.dimension))
    default = pinned.default.partition("=")[2] if pinned.default else None
    ledger.demand(session, account.code, pinned.dimension, pinned.demand, default=default)
    return Demanded(
        account=said,
        dimension=pinned.dimension,
        demand=pinned.demand,
        before=rule.demand if rule else Demand.OPTIONAL,
        default=default or "",
        default_before=(rule.default if rule else None) or "",
    )


def undo_demand(_session: Session, arguments: DemandDimension, answer: dict[str, str]) -> Undoing:
    """Demand what was demanded before."""
    back = arguments.model_copy(
        update={
            "demand": Demand(answer["before"]),
            "default": answer["default_before"] or None,
        }
    )
    return Undoing((Call(DEMAND, back),))


class ListDemands(Arguments):
    """List which accounts demand or forbid a dimension."""


class Demands(Answer):
    """What accounts demand of dimensions."""

    demands: list[ledger.RuleView]

    def sentence(self, language: Language = "en") -> str:
        """Say how many rules there are."""
        count = len(self.demands)
        return f"共 {count} 条维度规则。" if language == "zh" else f"There are {count} such rules."

    def grid(self) -> Grid:
        """Return one row for every rule."""
        columns = (
            Column("account", "科目"),
            Column("dimension", "维度"),
            Column("demand", "要求"),
            Column("default", "默认"),
        )
        rows = tuple(
            (each.account, each.dimension, each.demand, each.default or "") for each in self.demands
        )
        return Grid(columns, rows)


def list_demands(session: Session, _arguments: ListDemands) -> Demands:
    """Read the rules."""
    return Demands(demands=ledger.list_rules(session))


TOOLS = [
    Tool(
        "ledger.list_dimensions",
        ListDimensions,
        list_dimensions,
        writes=False,
        title="Dimensions",
        title_zh="核算维度",
        roles=BOOKS,
    ),
    Tool(
        "ledger.add_dimension",
        AddDimension,
        add_dimension,
        writes=True,
        title="Add dimension",
        title_zh="新增核算维度",
        roles=BOOKKEEPERS,
        pin=pin_dimension,
        undo=undo_dimension,
    ),
    Tool(
        "ledger.add_dimension_member",
        AddMember,
        add_member,
        writes=True,
        title="Add cost centre, project ...",
        title_zh="新增维度成员",
        roles=BOOKKEEPERS,
        pin=pin_member,
        undo=undo_member,
    ),
    Tool(
        BLOCK,
        BlockMember,
        block_member,
        writes=True,
        title="Block dimension member",
        title_zh="冻结维度成员",
        roles=BOOKKEEPERS,
        undo=undo_block,
    ),
    Tool(
        UNBLOCK,
        UnblockMember,
        unblock_member,
        writes=True,
        title="Unblock dimension member",
        title_zh="解除维度成员冻结",
        roles=BOOKKEEPERS,
        undo=undo_unblock,
    ),
    Tool(
        DEMAND,
        DemandDimension,
        demand_dimension,
        writes=True,
        title="Demand a dimension",
        title_zh="设置科目维度要求",
        roles=BOOKKEEPERS,
        pin=pin_demand,
        undo=undo_demand,
    ),
    Tool(
        "ledger.list_dimension_rules",
        ListDemands,
        list_demands,
        writes=False,
        title="Dimension rules",
        title_zh="科目维度要求",
        roles=BOOKS,
    ),
]
