"""Tools of identity: who works with the house, what they may do, and up to which amounts.

Passwords are no part of any tool: a plan is stored and shown, and a secret must not be.
"""

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field
from sqlalchemy.orm import Session

from core import approvals, parties
from core.kernel.company import company
from core.kernel.decisions import DecisionKind
from core.kernel.errors import Language
from core.kernel.identity import queries, rules, service
from core.kernel.identity.roles import STAFF, Role
from core.kernel.money import Money
from core.kernel.words import word
from tools.base import (
    Answer,
    Arguments,
    Call,
    Column,
    Grid,
    InCurrency,
    Ref,
    Text,
    Tool,
    Undoing,
)
from tools.references import LoginRef

OVERSEERS = frozenset({Role.ADMIN, Role.MANAGER, Role.HR, Role.AUDITOR})
ADMINISTRATORS = frozenset({Role.ADMIN})


ADD = "identity.add_person"
SET_ROLES = "identity.set_roles"
DEACTIVATE = "identity.deactivate_person"
ACTIVATE = "identity.activate_person"
SET_LIMIT = "identity.set_approval_limit"
REMOVE_LIMIT = "identity.remove_approval_limit"


def _for_people(roles: tuple[Role, ...]) -> tuple[Role, ...]:
    if Role.WATCHER in roles:
        problem = "watcher is the role of a service, not of a person"
        raise ValueError(problem)
    return tuple(sorted(set(roles)))


RoleNames = Annotated[
    tuple[Role, ...], Field(min_length=1, max_length=8), AfterValidator(_for_people)
]


class ListPeople(Arguments):
    """List the people who can log in, with their roles."""

    role: Role | None = Field(default=None, description="Only people with this role.")


class People(Answer):
    """The accounts of the house."""

    people: list[queries.PersonView]

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are."""
        count = len(self.people)
        return f"共有 {count} 个账号。" if language == "zh" else f"There are {count} accounts."

    def grid(self) -> Grid:
        """Return one row for every account."""
        columns = (
            Column("login", "账号"),
            Column("name", "姓名"),
            Column("roles", "角色"),
            Column("language", "语言"),
            Column("state", "状态"),
        )
        rows = tuple(
            (
                person.login,
                person.name,
                ", ".join(person.roles),
                person.language,
                "active" if person.active else "inactive",
            )
            for person in self.people
        )
        return Grid(columns, rows)


def list_people(session: Session, arguments: ListPeople) -> People:
    """Read the accounts."""
    people = queries.list_people(session)
    if arguments.role is not None:
        people = [person for person in people if arguments.role in person.roles]
    return People(people=people)


class PersonAnswer(Answer):
    """An account after something was done with it."""

    login: str
    name: str
    did: str
    roles: list[str]
    roles_before: list[str] = Field(default_factory=list)

    def sentence(self, language: Language = "en") -> str:
        """Say what was done with whom."""
        roles = ", ".join(self.roles)
        said = {
            "added": (
                f"{self.name} has the account {self.login} now ({roles}); set it a password",
                f"{self.name} 已开通账号 {self.login}，角色：{roles}；密码在“设置”页面设定",
            ),
            "roles": (
                f"{self.login} now has the roles {roles}",
                f"{self.login} 现在的角色为：{roles}",
            ),
            "deactivated": (
                f"The account {self.login} is closed, and its sessions have ended",
                f"账号 {self.login} 已停用，其会话已结束",
            ),
            "activated": (
                f"The account {self.login} is open again with the roles {roles}",
                f"账号 {self.login} 已重新启用，角色：{roles}",
            ),
        }[self.did]
        return f"{said[1]}。" if language == "zh" else f"{said[0]}."


class AddPerson(Arguments):
    """Open an account for somebody who will work with the house."""

    login: Text = Field(description="Short name to log in with: letters a-z, digits, dots.")
    name: Text = Field(description="The person's full name.")
    roles: RoleNames
    language: Language = "en"
    party: Annotated[Text, Ref("party")] | None = Field(
        default=None,
        description="The customer or employee this account belongs to; required for customers.",
    )


def pin_person(session: Session, arguments: AddPerson) -> AddPerson:
    """Write the login as it will be, and the party by its number."""
    party = arguments.party and parties.find_party(session, arguments.party).number
    login = rules.usable_login(arguments.login)
    return arguments.model_copy(update={"login": login, "party": party})


def add_person(session: Session, arguments: AddPerson) -> PersonAnswer:
    """Open the account, without a password yet."""
    party = arguments.party and parties.find_party(session, arguments.party)
    person = service.add_person(
        session,
        login=arguments.login,
        name=arguments.name,
        roles=arguments.roles,
        language=arguments.language,
        party_id=party.id if party else None,
    )
    return PersonAnswer(login=person.login, name=person.name, did="added", roles=person.roles)


def undo_add_person(_session: Session, arguments: AddPerson, _answer: object) -> Undoing:
    """Close the account again."""
    return Undoing((Call(DEACTIVATE, DeactivatePerson(login=arguments.login)),))


class SetRoles(Arguments):
    """Replace the roles, and so the rights, of a person; their sessions end."""

    login: LoginRef
    roles: RoleNames


def set_roles(session: Session, arguments: SetRoles) -> PersonAnswer:
    """Replace the roles."""
    before = list(service.find_person(session, arguments.login).roles)
    person = service.set_roles(session, arguments.login, arguments.roles)
    return PersonAnswer(
        login=person.login, name=person.name, did="roles", roles=person.roles, roles_before=before
    )


def undo_set_roles(_session: Session, arguments: SetRoles, answer: dict[str, object]) -> Undoing:
    """Give back the roles that the person had."""
    before = PersonAnswer.model_validate(answer).roles_before
    roles = tuple(Role(role) for role in before)
    return Undoing((Call(SET_ROLES, SetRoles(login=arguments.login, roles=roles)),))


class DeactivatePerson(Arguments):
    """Close a person's account at once; what they did stays on record."""

    login: LoginRef


def deactivate_person(session: Session, arguments: DeactivatePerson) -> PersonAnswer:
    """Close the account."""
    person = service.deactivate_person(session, arguments.login)
    return PersonAnswer(login=person.login, name=person.name, did="deactivated", roles=person.roles)


def undo_deactivate(_session: Session, arguments: DeactivatePerson, _answer: object) -> Undoing:
    """Open the account again."""
    return Undoing((Call(ACTIVATE, ActivatePerson(login=arguments.login)),))


class ActivatePerson(Arguments):
    """Open a person's closed account again, with the roles it had."""

    login: LoginRef


def activate_person(session: Session, arguments: ActivatePerson) -> PersonAnswer:
    """Open the account."""
    person = service.activate_person(session, arguments.login)
    return PersonAnswer(login=person.login, name=person.name, did="activated", roles=person.roles)


def undo_activate(_session: Session, arguments: ActivatePerson, _answer: object) -> Undoing:
    """Close the account again."""
    return Undoing((Call(DEACTIVATE, DeactivatePerson(login=arguments.login)),))


class ListApprovalLimits(Arguments):
    """List up to which amounts each role may approve, alone and at all."""


class LimitRow(BaseModel):
    """The limits of a role, in general or for a kind of decision; None is without limit."""

    role: str
    kind: str
    alone: Decimal | None
    approve: Decimal | None
    two_persons_above: Decimal | None


class ApprovalLimits(Answer):
    """The approval matrix, in major units."""

    currency: str
    limits: list[LimitRow]

    def sentence(self, language: Language = "en") -> str:
        """Say for how many roles limits are set."""
        count = len({row.role for row in self.limits})
        own = sum(bool(row.kind) for row in self.limits)
        if language == "zh":
            return f"{count} 个角色有审批额度，其中 {own} 项按事项单列；无额度的角色不能审批金额。"
        return (
            f"{count} roles have approval limits, {own} of them for a kind of decision of its own;"
            " a role without one approves no amounts."
        )

    def grid(self) -> Grid:
        """Return one row for every role and kind; an empty cell is without limit."""
        columns = (
            Column("role", "角色"),
            Column("decision", "事项"),
            Column("own requests alone, per day", "本人申请单独批准（每日）", self.currency),
            Column("may approve", "可批准", self.currency),
            Column("two people above", "超过此额需两人", self.currency),
        )
        rows = tuple(
            (row.role, row.kind, row.alone, row.approve, row.two_persons_above)
            for row in self.limits
        )
        return Grid(columns, rows)


def list_approval_limits(session: Session, _arguments: ListApprovalLimits) -> ApprovalLimits:
    """Read the matrix."""
    currency = company(session).currency
    limits = [
        LimitRow(
            role=row.role,
            kind=row.kind,
            alone=_amount(row.alone_minor, currency),
            approve=_amount(row.approve_minor, currency),
            two_persons_above=_amount(row.two_persons_above_minor, currency),
        )
        for row in approvals.list_limits(session)
    ]
    return ApprovalLimits(currency=currency, limits=limits)


Limit = Annotated[Decimal, Field(ge=0, le=Decimal(10) ** 13, decimal_places=4), InCurrency()]


class SetApprovalLimit(Arguments):
    """Set up to which amounts a role may approve; an amount left out is without limit."""

    role: Role
    alone: Limit | None = Field(
        default=None, description="Own requests of a day that need no second person."
    )
    approve: Limit | None = Field(default=None, description="Any request of this amount or less.")
    two_persons_above: Limit | None = Field(
        default=None, description="Above this amount two people besides the asker approve."
    )
    decision: DecisionKind | None = Field(
        default=None,
        description="Only for decisions of this kind; left out for all without limits of their own."
        " Zero means never.",
    )


class LimitSet(Answer):
    """The limits of a role after they were set; `before` are those to go back to, if any."""

    role: str
    kind: str
    before: SetApprovalLimit | None

    def sentence(self, language: Language = "en") -> str:
        """Say whose limits are others now."""
        if language == "zh":
            kind = f"（{word(self.kind, 'zh')}）" if self.kind else ""
            return f"角色 {self.role} 的审批额度{kind}已更新。"
        kind = f" for {word(self.kind)}" if self.kind else ""
        return f"The approval limits of the role {self.role}{kind} are set."


def set_approval_limit(session: Session, arguments: SetApprovalLimit) -> LimitSet:
    """Set the limits, and remember those before for the way back."""
    currency = company(session).currency
    before = _limits_before(session, arguments, currency)

    def money(given: Decimal | None) -> Money | None:
        return None if given is None else Money.of(given, currency)

    approvals.set_limit(
        session,
        role=arguments.role,
        kind=arguments.decision,
        alone=money(arguments.alone),
        approve=money(arguments.approve),
        two_persons_above=money(arguments.two_persons_above),
    )
    return LimitSet(
        role=arguments.role, kind=arguments.decision or approvals.GENERAL, before=before
    )


def undo_set_limit(
    _session: Session, arguments: SetApprovalLimit, answer: dict[str, object]
) -> Undoing:
    """Set the limits that there were before, or take away the ones that there were not."""
    before = LimitSet.model_validate(answer).before
    if before is not None:
        return Undoing((Call(SET_LIMIT, before),))
    assert arguments.decision is not None, "a role always has general limits, if only of nothing"
    removal = RemoveApprovalLimit(role=arguments.role, decision=arguments.decision)
    return Undoing((Call(REMOVE_LIMIT, removal),))


class RemoveApprovalLimit(Arguments):
    """Remove a role's limits for one kind of decision, so that its general limits count again."""

    role: Role
    decision: DecisionKind


def remove_approval_limit(session: Session, arguments: RemoveApprovalLimit) -> LimitSet:
    """Remove them, and remember them for the way back."""
    before = _limits_before(session, arguments, company(session).currency)
    approvals.remove_limit(session, role=arguments.role, kind=arguments.decision)
    return LimitSet(role=arguments.role, kind=arguments.decision, before=before)


def undo_remove_limit(
    _session: Session, _arguments: RemoveApprovalLimit, answer: dict[str, object]
) -> Undoing:
    """Set the limits that there were."""
    before = LimitSet.model_validate(answer).before
    assert before is not None, "what was removed was there"
    return Undoing((Call(SET_LIMIT, before),))


def _limits_before(
    session: Session, arguments: SetApprovalLimit | RemoveApprovalLimit, currency: str
) -> SetApprovalLimit | None:
    row = approvals.limit_of(session, arguments.role, arguments.decision)
    if row is not None:
        return SetApprovalLimit(
            role=arguments.role,
            decision=arguments.decision,
            alone=_amount(row.alone_minor, currency),
            approve=_amount(row.approve_minor, currency),
            two_persons_above=_amount(row.two_persons_above_minor, currency),
        )
    if arguments.decision is not None:
        return None
    # A role that was never given a limit may approve nothing.
    nothing = Decimal(0)
    return SetApprovalLimit(
        role=arguments.role, alone=nothing, approve=nothing, two_persons_above=nothing
    )


def _amount(minor: int | None, currency: str) -> Decimal | None:
    return None if minor is None else Money(minor, currency).amount


TOOLS = [
    Tool(
        "identity.list_people",
        ListPeople,
        list_people,
        writes=False,
        title="List people",
        title_zh="用户列表",
        roles=OVERSEERS,
    ),
    Tool(
        ADD,
        AddPerson,
        add_person,
        writes=True,
        title="Add person",
        title_zh="新增用户",
        roles=ADMINISTRATORS,
        pin=pin_person,
        undo=undo_add_person,
        sensitive=True,
    ),
    Tool(
        SET_ROLES,
        SetRoles,
        set_roles,
        writes=True,
        title="Set roles",
        title_zh="设置角色",
        roles=ADMINISTRATORS,
        undo=undo_set_roles,
        sensitive=True,
    ),
    Tool(
        DEACTIVATE,
        DeactivatePerson,
        deactivate_person,
        writes=True,
        title="Deactivate person",
        title_zh="停用用户",
        roles=ADMINISTRATORS,
        undo=undo_deactivate,
        sensitive=True,
    ),
    Tool(
        ACTIVATE,
        ActivatePerson,
        activate_person,
        writes=True,
        title="Activate person",
        title_zh="启用用户",
        roles=ADMINISTRATORS,
        undo=undo_activate,
        sensitive=True,
    ),
    Tool(
        "identity.list_approval_limits",
        ListApprovalLimits,
        list_approval_limits,
        writes=False,
        title="List approval limits",
        title_zh="审批额度列表",
        roles=STAFF,
    ),
    Tool(
        SET_LIMIT,
        SetApprovalLimit,
        set_approval_limit,
        writes=True,
        title="Set approval limit",
        title_zh="设置审批额度",
        roles=ADMINISTRATORS,
        undo=undo_set_limit,
        sensitive=True,
    ),
    Tool(
        REMOVE_LIMIT,
        RemoveApprovalLimit,
        remove_approval_limit,
        writes=True,
        title="Remove approval limit",
        title_zh="取消单列审批额度",
        roles=ADMINISTRATORS,
        undo=undo_remove_limit,
        sensitive=True,
    ),
]
