"""The tools for people: administrators alone, never for themselves, and each with its way back."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, select

from core.approvals import ApprovalLimit
from core.kernel.database import reading
from core.kernel.errors import DomainError
from core.kernel.identity import service as identity
from core.kernel.identity.roles import Role
from tests.shop import as_person, fill_shop
from tools import TOOLBOX, Outcome

ADMINISTRATORS_ONLY = (
    "identity.add_person",
    "identity.set_roles",
    "identity.deactivate_person",
    "identity.activate_person",
    "identity.set_approval_limit",
)


@pytest.fixture
def shop(databases: Callable[[str], Engine]) -> Iterator[Engine]:
    """A small shop with somebody in every role."""
    engine = databases("founded")
    fill_shop(engine)
    yield engine
    engine.dispose()


def carry_out(engine: Engine, who: str, tool: str, **arguments: Any) -> Outcome:
    """Propose one call as somebody, and let the same person approve it."""
    acting = as_person(engine, who)
    plan = TOOLBOX.parse([{"tool": tool, "arguments": arguments}])
    view = TOOLBOX.propose(engine, acting, plan, reason={"words": "a test"})
    return TOOLBOX.decide(engine, acting, view.id, "approve", seen=view.digest)


def undo(engine: Engine, login: str, done: Outcome) -> Outcome:
    """Undo what was done."""
    acting = as_person(engine, login)
    view = TOOLBOX.undo(engine, acting, done.proposal.id)
    return TOOLBOX.decide(engine, acting, view.id, "approve", seen=view.digest)


def roles_of(engine: Engine, login: str) -> set[str]:
    with reading(engine) as session:
        return set(identity.find_actor(session, login).roles)


def test_somebody_is_added_and_the_undo_closes_the_account(shop: Engine) -> None:
    done = carry_out(
        shop,
        "admin",
        "identity.add_person",
        login="Nina",
        name="Nina Vogel",
        roles=["service", "sales"],
    )

    assert done.said("en").startswith("Nina Vogel has the account nina now")
    assert [change.says("zh") for change in done.proposal.effect.changes] == [
        "用户: 新建 · nina · Nina Vogel · sales, service"
    ]
    assert roles_of(shop, "nina") == {"service", "sales"}
    undo(shop, "admin", done)
    with pytest.raises(DomainError) as refused:
        roles_of(shop, "nina")
    assert refused.value.code == "person_inactive"


def test_roles_are_set_and_given_back(shop: Engine) -> None:
    done = carry_out(shop, "admin", "identity.set_roles", login="buyer", roles=["warehouse"])
    assert roles_of(shop, "buyer") == {"warehouse"}

    undo(shop, "admin", done)

    assert roles_of(shop, "buyer") == {"buyer"}


def test_an_account_is_closed_and_opened_again(shop: Engine) -> None:
    done = carry_out(shop, "admin", "identity.deactivate_person", login="buyer")
    with pytest.raises(DomainError):
        roles_of(shop, "buyer")

    undo(shop, "admin", done)

    assert roles_of(shop, "buyer") == {"buyer"}


def test_limits_are_set_and_given_back(shop: Engine) -> None:
    def limits() -> tuple[int | None, int | None, int | None]:
        with reading(shop) as session:
            row = session.scalars(
                select(ApprovalLimit).where(ApprovalLimit.role == Role.BUYER)
            ).one()
            return row.alone_minor, row.approve_minor, row.two_persons_above_minor

    before = limits()
    done = carry_out(
        shop, "admin", "identity.set_approval_limit", role="buyer", alone="12.50", approve="100"
    )
    assert limits() == (1250, 10_000, None)

    undo(shop, "admin", done)

    assert limits() == before


@pytest.mark.parametrize("tool", ADMINISTRATORS_ONLY)
def test_nobody_but_an_administrator_changes_rights(shop: Engine, tool: str) -> None:
    others = set(Role) - {Role.ADMIN, Role.WATCHER}

    assert not [role for role in others if tool in allowed_to(shop, role)]
    assert tool in allowed_to(shop, "admin")


def allowed_to(engine: Engine, login: str) -> set[str]:
    return {tool.name for tool in TOOLBOX.allowed(as_person(engine, login).actor)}


@pytest.mark.parametrize(
    ("tool", "arguments", "code"),
    [
        ("set_roles", {"login": "admin", "roles": ["admin", "manager"]}, "not_your_own_rights"),
        ("deactivate_person", {"login": "admin"}, "not_your_own_rights"),
        ("set_roles", {"login": "nobody-here", "roles": ["sales"]}, "unknown_person"),
        ("set_roles", {"login": "buyer", "roles": ["watcher"]}, "bad_arguments"),
        ("set_roles", {"login": "buyer", "roles": []}, "bad_arguments"),
        ("add_person", {"login": "buyer", "name": "B", "roles": ["sales"]}, "login_taken"),
        ("add_person", {"login": "<b>", "name": "B", "roles": ["sales"]}, "login_unusable"),
        (
            "add_person",
            {"login": "new", "name": "N", "roles": ["sales"], "password": "x"},
            "bad_arguments",
        ),
        ("set_approval_limit", {"role": "buyer", "alone": "-1"}, "bad_arguments"),
        ("set_approval_limit", {"role": "buyer", "alone": "1.005"}, "too_many_decimals"),
    ],
)
def test_what_would_be_wrong_is_refused_before_anybody_is_asked(
    shop: Engine, tool: str, arguments: dict[str, Any], code: str
) -> None:
    with pytest.raises(DomainError) as refused:
        carry_out(shop, "admin", f"identity.{tool}", **arguments)

    assert refused.value.code == code


def test_people_are_listed_for_those_who_oversee(shop: Engine) -> None:
    [call] = TOOLBOX.parse([{"tool": "identity.list_people", "arguments": {"role": "manager"}}])

    answer = TOOLBOX.read(shop, as_person(shop, "auditor"), call)

    grid = answer.grid()
    assert grid is not None
    assert [row[0] for row in grid.rows] == ["allrounder", "manager", "manager2"]
    with pytest.raises(DomainError) as refused:
        TOOLBOX.read(shop, as_person(shop, "buyer"), call)
    assert refused.value.code == "not_permitted"
