"""Every reading tool of finance answers, whether or not there is anything to read."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine

from core import ledger
from core.invoicing.banking.errors import WhichBankAccount
from core.kernel.database import unit_of_work
from core.kernel.errors import Language
from core.kernel.identity.acting import Acting, Actor
from core.kernel.identity.roles import Role
from tests.core.road import approve, ask, propose
from tools import TOOLBOX
from tools.base import Tool
from tools.errors import WhoseStatement

ROOMS = {
    "ledger", "invoicing", "tax", "banking", "collections", "paying", "assets", "budgets",
    "statements", "schedules", "controls", "trail",
}  # fmt: skip


def asks_for_nothing(tool: Tool) -> bool:
    return not any(field.is_required() for field in tool.arguments.model_fields.values())


# A customer of the portal asks for their own; anybody else says whose.
ASKS_BACK = {"collections.show_statement"}
READING = sorted(
    name
    for name, tool in TOOLBOX.tools.items()
    if not tool.writes
    and name.partition(".")[0] in ROOMS
    and asks_for_nothing(tool)
    and name not in ASKS_BACK
)


@pytest.fixture(scope="module", params=["founded", "shop"])
def house(databases: Callable[[str], Engine], request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Open the empty books of a company, or a small shop that has not billed anything."""
    engine = databases(request.param)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("name", READING)
def test_a_reading_tool_answers_where_there_is_nothing_to_read(house: Engine, name: str) -> None:
    (call,) = TOOLBOX.parse([{"tool": name, "arguments": {}}])
    languages: tuple[Language, ...] = ("en", "zh")
    for language in languages:
        reader = Actor("reader", frozenset({Role.ADMIN, Role.AUDITOR}), language=language)
        answer = TOOLBOX.read(house, Acting(reader, door="test"), call)

        assert answer.sentence(language).strip()
        grid = answer.grid()
        assert grid is None or all(len(row) == len(grid.columns) for row in grid.rows)


def test_what_is_not_said_is_asked_for(shop: Engine) -> None:
    with pytest.raises(WhoseStatement) as refused:
        ask(shop, "accountant", "collections.show_statement")
    assert refused.value.message("zh").endswith("请指明客户或供应商。")

    with unit_of_work(shop) as session:
        for code, account in (("HOUSE", "1010"), ("CASH", "1000")):
            ledger.open_bank_account(session, code=code, name=code, account=account)
    with pytest.raises(WhichBankAccount, match="one of: CASH, HOUSE"):
        ask(shop, "accountant", "banking.show_reconciliation")


def test_an_income_statement_without_sales_tells_the_rest(shop: Engine) -> None:
    approve(shop, propose(shop, "accountant", "ledger.post_entry", debit="6020", amount=90))

    said = ask(shop, "auditor", "statements.income_statement").sentence()

    assert said == (
        "Income statement 2026-01-01 to 2026-06-15: gross profit 0.00 EUR,"
        " operating profit -90.00 EUR, net result -90.00 EUR."
    )
