"""Tools of control: who may do what, and which rights and duties do not belong in one hand."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import combinations, product
from typing import Annotated

from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

import tools
from core import approvals
from core.approvals import DutyName, HandView
from core.kernel import clock
from core.kernel.company import company
from core.kernel.errors import Language
from core.kernel.identity import queries, service
from core.kernel.identity.queries import PersonView
from core.kernel.identity.roles import Role
from core.kernel.money import Money
from core.kernel.words import word
from tools.base import Answer, Arguments, Column, Grid, Text, Tool
from tools.people import EVERYBODY
from tools.references import LoginRef

OVERSEERS = frozenset({Role.ADMIN, Role.MANAGER, Role.AUDITOR})

# What nobody should be able to do both of, besides the duties of one case: who can do the first
# can hide, or profit from, the second.
INCOMPATIBLE = (
    ("parties.add_supplier", "invoicing.pay_bill"),
    ("parties.add_customer", "invoicing.credit_invoice"),
    ("parties.set_credit_limit", "sales.sell_item"),
    ("invoicing.record_customer_payment", "invoicing.credit_invoice"),
    ("inventory.count_stock", "purchasing.receive_order"),
    ("ledger.post_entry", "ledger.reopen_period"),
    ("identity.set_roles", "invoicing.pay_bill"),
    ("identity.set_roles", "ledger.post_entry"),
    ("identity.set_approval_limit", "invoicing.pay_bill"),
)


class ListAccess(Arguments):
    """List who has access: every account with its roles, its limits and its last login."""

    role: Role | None = Field(default=None, description="Only people with this role.")
    unused_days: Annotated[int, Field(ge=1, le=3_650)] | None = Field(
        default=None, description="Only open accounts that nobody used for so many days."
    )
    duty: DutyName | None = Field(
        default=None, description="Only open accounts that may do this duty, such as pay."
    )


class AccessRow(BaseModel):
    """An account, and what it allows."""

    person: PersonView
    last_login: datetime | None
    tools: int
    changing: int
    # Alone, at all, and above which amount it takes two; None is without limit.
    limits: tuple[Money | None, Money | None, Money | None]


class AccessList(Answer):
    """The accounts with what they allow."""

    currency: str
    unused_days: int | None
    duty: DutyName | None = None
    rows: list[AccessRow]

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are."""
        count = len(self.rows)
        closed = sum(not row.person.active for row in self.rows)
        if self.duty is not None:
            names = ", ".join(row.person.login for row in self.rows) or "–"
            if language == "zh":
                return f"{count} 个账号可以{word(self.duty, language)}：{names}。"
            return f"{count} accounts may {word(self.duty, language)}: {names}."
        if self.unused_days is not None:
            if language == "zh":
                return f"{count} 个账号已超过 {self.unused_days} 天未登录。"
            return f"{count} open accounts were not used for {self.unused_days} days."
        if language == "zh":
            return f"共 {count} 个账号，其中 {closed} 个已停用。"
        return f"There are {count} accounts, {closed} of them closed."

    def grid(self) -> Grid:
        """Return one row for every account; an empty limit is without limit."""
        columns = (
            Column("login", "账号"),
            Column("name", "姓名"),
            Column("roles", "角色"),
            Column("state", "状态"),
            Column("last login", "最近登录"),
            Column("tools", "可用功能", "number"),
            Column("that change something", "其中可更改", "number"),
            Column("own requests alone, per day", "本人申请单独批准（每日）", self.currency),
            Column("may approve", "可批准", self.currency),
            Column("two people above", "超过此额需两人", self.currency),
        )
        rows = tuple(
            (
                row.person.login,
                row.person.name,
                ", ".join(row.person.roles),
                "active" if row.person.active else "inactive",
                row.last_login and row.last_login.strftime("%Y-%m-%d %H:%M"),
                row.tools,
                row.changing,
                *(limit and limit.amount for limit in row.limits),
            )
            for row in self.rows
        )
        return Grid(columns, rows)


def list_access(session: Session, arguments: ListAccess) -> AccessList:
    """Read the accounts, and count what their roles allow."""
    currency, used = company(session).currency, queries.last_logins(session)
    people = queries.list_people(session)
    if arguments.role is not None:
        people = [person for person in people if arguments.role in person.roles]
    if arguments.unused_days is not None:
        since = clock.now() - timedelta(days=arguments.unused_days)
        people = [person for person in people if _is_unused(person, used, since)]
    if arguments.duty is not None:
        people = [each for each in people if each.active and _may(each.roles, arguments.duty)]
    rows = [_access(session, person, used.get(person.login), currency) for person in people]
    return AccessList(
        currency=currency, unused_days=arguments.unused_days, duty=arguments.duty, rows=rows
    )


class ShowAccess(Arguments):
    """Show what one person may do: every tool, by which of their roles, and its duty."""

    person: LoginRef = Field(description="Login or name of the person.")


class RightRow(BaseModel):
    """A tool that somebody may use."""

    tool: str
    titles: tuple[str, str]
    writes: bool
    roles: tuple[str, ...]
    duty: str


class AccessOfOne(Answer):
    """What one person may do."""

    login: str
    active: bool
    rights: list[RightRow]

    def sentence(self, language: Language = "en") -> str:
        """Say how much it is."""
        writes = sum(right.writes for right in self.rights)
        if language == "zh":
            closed = "" if self.active else "（账号已停用）"
            return (
                f"{self.login}{closed} 可使用 {len(self.rights)} 项功能，其中 {writes} 项可更改。"
            )
        closed = "" if self.active else " (closed)"
        return f"{self.login}{closed} may use {len(self.rights)} tools; {writes} change something."

    def grid(self) -> Grid:
        """Return one row for every tool."""
        columns = (
            Column("tool", "功能"),
            Column("title", "名称"),
            Column("title (zh)", "名称（中文）"),
            Column("does", "类型"),
            Column("by role", "所凭角色"),
            Column("duty", "职责"),
        )
        rows = tuple(
            (
                right.tool,
                *right.titles,
                "changes" if right.writes else "reads",
                ", ".join(right.roles),
                right.duty,
            )
            for right in self.rights
        )
        return Grid(columns, rows)


def show_access(session: Session, arguments: ShowAccess) -> AccessOfOne:
    """Read the person's roles, and name the tools that they include."""
    person = service.find_person(session, arguments.person)
    rights = [
        RightRow(
            tool=tool.name,
            titles=(tool.title, tool.title_zh),
            writes=tool.writes,
            roles=tuple(sorted(tool.roles & set(person.roles))),
            duty=tool.duty.name if tool.duty else "",
        )
        for tool in _allowed(person.roles)
    ]
    return AccessOfOne(login=person.login, active=person.active, rights=rights)


class ListConflictingRights(Arguments):
    """List the people whose rights do not belong in one hand, such as ordering and paying."""

    role: Role | None = Field(default=None, description="Only people with this role.")


class ConflictRow(BaseModel):
    """Two things that one human may do, through these accounts."""

    human: str
    logins: tuple[str, ...]
    first: str
    second: str
    # Of duties, that they are kept apart case by case; of other rights, that they are not.
    is_kept_apart: bool


class ConflictingRights(Answer):
    """Who may do what should be in two hands."""

    rows: list[ConflictRow]

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are, and how many are kept apart case by case."""
        count, people = len(self.rows), len({row.human for row in self.rows})
        kept = sum(row.is_kept_apart for row in self.rows)
        if language == "zh":
            return f"{people} 人持有 {count} 组冲突权限，其中 {kept} 组已按单逐笔分离。"
        return (
            f"{people} people hold {count} pairs of conflicting rights;"
            f" {kept} of them are kept apart case by case."
        )

    def grid(self) -> Grid:
        """Return one row for every person and pair."""
        columns = (
            Column("accounts", "账号"),
            Column("may", "可"),
            Column("and may", "又可"),
            Column("kept apart", "逐笔分离"),
        )
        rows = tuple(
            (
                ", ".join(row.logins),
                row.first,
                row.second,
                "case by case" if row.is_kept_apart else "no",
            )
            for row in self.rows
        )
        return Grid(columns, rows)


def list_conflicting_rights(
    session: Session, arguments: ListConflictingRights
) -> ConflictingRights:
    """Join the rights of all open accounts of a human, and look for pairs."""
    people: dict[str, list[PersonView]] = {}
    for person in queries.list_people(session, include_inactive=False):
        if not person.is_service:
            people.setdefault(person.human, []).append(person)
    rows = []
    for human, accounts in sorted(people.items()):
        roles = {role for account in accounts for role in account.roles}
        if arguments.role is not None and arguments.role not in roles:
            continue
        logins = tuple(account.login for account in accounts)
        rows += [
            ConflictRow(
                human=human, logins=logins, first=first, second=second, is_kept_apart=is_kept_apart
            )
            for first, second, is_kept_apart in conflicts_in(roles)
        ]
    return ConflictingRights(rows=rows)


def conflicts_in(roles: Iterable[str]) -> Iterator[tuple[str, str, bool]]:
    """Return the pairs of tools that some roles include together, and should not."""
    mine = {tool.name: tool for tool in _allowed(roles)}
    duties = defaultdict(list)
    for tool in mine.values():
        # What everybody may ask for, as their own pay account, is no matter of roles.
        if tool.duty is not None and tool.roles != EVERYBODY:
            duties[tool.duty.name].append(tool.name)
    for first, second in combinations(sorted(duties, key=list(DutyName).index), 2):
        if second in approvals.conflicts_of(first):
            for one, other in product(duties[first], duties[second]):
                yield one, other, True
    for one, other in INCOMPATIBLE:
        if one in mine and other in mine:
            yield one, other, False


class ListCasesInOneHand(Arguments):
    """List the cases in which one person had a hand in two duties that should be apart."""

    case: Text | None = Field(default=None, description="Only this one, such as PO-00042.")


class CasesInOneHand(Answer):
    """Who asked for or approved what in one case."""

    hands: list[HandView]

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are."""
        cases = len({hand.case for hand in self.hands})
        twice = sum(len(hand.approved) > 1 for hand in self.hands)
        if language == "zh":
            return f"{cases} 笔业务有人参与了多个职责；其中同一人批准多个职责的有 {twice} 次。"
        return (
            f"In {cases} cases somebody had a hand in several duties;"
            f" {twice} times one person approved more than one."
        )

    def grid(self) -> Grid:
        """Return one row for every person of a case."""
        columns = (
            Column("case", "业务"),
            Column("person", "人员"),
            Column("approved", "批准"),
            Column("asked for", "申请"),
        )
        rows = tuple(
            (
                hand.case,
                hand.human,
                ", ".join(word(duty) for duty in hand.approved),
                ", ".join(word(duty) for duty in hand.asked_for),
            )
            for hand in self.hands
        )
        return Grid(columns, rows)


def list_cases_in_one_hand(session: Session, arguments: ListCasesInOneHand) -> CasesInOneHand:
    """Read who had a hand in what."""
    case = arguments.case and arguments.case.upper()
    return CasesInOneHand(hands=list(approvals.list_hands(session, case=case)))


def _access(
    session: Session, person: PersonView, last_login: datetime | None, currency: str
) -> AccessRow:
    allowed = _allowed(person.roles)
    actor = service.actor_of(service.find_person(session, person.login))
    limits = approvals.limits_by_kind(session, actor)[approvals.GENERAL]
    alone, approve, two = (
        None if minor is None else Money(minor, currency)
        for minor in (limits.alone, limits.approve, limits.two_persons_above)
    )
    return AccessRow(
        person=person,
        last_login=last_login,
        tools=len(allowed),
        changing=sum(tool.writes for tool in allowed),
        limits=(alone, approve, two),
    )


def _is_unused(person: PersonView, used: Mapping[str, datetime], since: datetime) -> bool:
    # An account that nobody ever used is as old as itself.
    seen = used.get(person.login, person.added_at)
    return person.active and not person.is_service and seen is not None and seen < since


def _allowed(roles: Iterable[str]) -> list[Tool]:
    mine = set(roles)
    return [tool for tool in tools.TOOLBOX.tools.values() if tool.roles & mine]


def _may(roles: Iterable[str], duty: DutyName) -> bool:
    return any(tool.duty is not None and tool.duty.name is duty for tool in _allowed(roles))


TOOLS = [
    Tool(
        "controls.list_access",
        ListAccess,
        list_access,
        writes=False,
        title="List who has access",
        title_zh="访问权限列表",
        roles=OVERSEERS,
    ),
    Tool(
        "controls.show_access",
        ShowAccess,
        show_access,
        writes=False,
        title="Show a person's rights",
        title_zh="查看用户权限",
        roles=OVERSEERS,
    ),
    Tool(
        "controls.list_conflicting_rights",
        ListConflictingRights,
        list_conflicting_rights,
        writes=False,
        title="List conflicting rights",
        title_zh="冲突权限列表",
        roles=OVERSEERS,
    ),
    Tool(
        "controls.list_cases_in_one_hand",
        ListCasesInOneHand,
        list_cases_in_one_hand,
        writes=False,
        title="List cases in one hand",
        title_zh="一人多职业务列表",
        roles=OVERSEERS,
    ),
]
