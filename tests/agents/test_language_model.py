"""A language model behind an address: it reads more freely, and is held by the same guards.

The endpoint is a small real server on loopback; everything is spoken over HTTP.
"""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, func, select

from agents.assistant import Assistant
from agents.guard import numbers_in, unbacked
from agents.turns import Final, Token
from core.approvals import Proposal
from core.kernel.database import reading
from core.kernel.settings import Settings
from core.purchasing import PurchaseOrder
from tests.shop import as_person
from tests.simulators.openai import Endpoint, Said, Script, speaking
from tools import TOOLBOX

Talk = Callable[[Script], tuple[Assistant, Endpoint]]


@pytest.fixture
def talk(shop: Engine, settings_of: Callable[[Engine], Settings]) -> Iterator[Talk]:
    """Make an assistant whose language model says what a script says."""
    running: list[Any] = []

    def start(script: Script) -> tuple[Assistant, Endpoint]:
        endpoint = speaking(script)
        address = endpoint.__enter__()
        settings = settings_of(shop).model_copy(
            update={
                "model": "simulated",
                "openai_base_url": address.url,
                "openai_api_key": SecretStr("test"),
                "model_timeout_seconds": 2,
                "model_steps_max": 4,
            }
        )
        assistant = Assistant(shop, settings, TOOLBOX)
        running.extend([assistant, endpoint])
        return assistant, address

    yield start
    for part in running:
        part.close() if isinstance(part, Assistant) else part.__exit__(None, None, None)


def call(tool: str, **arguments: Any) -> tuple[str, str]:
    return tool.replace(".", "__"), json.dumps(arguments)


def last_is_tool(asked: dict[str, Any]) -> bool:
    return bool(asked["messages"][-1]["role"] == "tool")


def count(engine: Engine, table: type[Any]) -> int:
    with reading(engine) as session:
        return session.scalars(select(func.count()).select_from(table)).one()


def test_a_model_answers_with_what_a_tool_returned(shop: Engine, talk: Talk) -> None:
    def script(asked: dict[str, Any]) -> Said:
        if last_is_tool(asked):
            return Said("There are 12 lamps on the shelf.")
        return Said(calls=(call("inventory.check_stock", item="LAMP-01"),))

    assistant, endpoint = talk(script)
    heard = list(assistant.turn(as_person(shop, "sales"), "t", "Any lamps left?"))

    assert isinstance(heard[-1], Final)
    assert heard[-1].result.text == "There are 12 lamps on the shelf."
    assert heard[-1].result.model == "simulated"
    assert any(isinstance(event, Token) for event in heard)
    offered = {tool["function"]["name"] for tool in endpoint.requests[0]["tools"]}
    permitted = {tool.name for tool in TOOLBOX.allowed(as_person(shop, "sales").actor)}
    assert offered == {name.replace(".", "__") for name in permitted}


def test_a_number_that_no_tool_returned_is_not_shown(shop: Engine, talk: Talk) -> None:
    def script(asked: dict[str, Any]) -> Said:
        if last_is_tool(asked):
            return Said("There are 4711 lamps, worth 99,000.00 EUR.")
        return Said(calls=(call("inventory.check_stock", item="LAMP-01"),))

    assistant, _ = talk(script)
    heard = list(assistant.turn(as_person(shop, "sales"), "t", "Any lamps left?"))

    shown = " ".join(event.text for event in heard if isinstance(event, Token))
    final = heard[-1]
    assert isinstance(final, Final)
    for text in (shown, final.result.text):
        assert "4711" not in text
        assert "99,000" not in text
        assert "12" in text


def test_a_change_becomes_a_proposal_and_only_the_person_decides(shop: Engine, talk: Talk) -> None:
    def script(_asked: dict[str, Any]) -> Said:
        return Said(
            "Done, it is approved!",
            calls=(call("purchasing.order_item", item="LAMP-01", quantity="40"),),
        )

    assistant, _ = talk(script)
    buyer = as_person(shop, "buyer")
    result = assistant.answer(buyer, "t", "Could you get us forty lamps?")

    assert result.kind == "proposal"
    assert result.proposal is not None
    assert "Done" not in result.text
    assert result.proposal.reason["words"] == "Could you get us forty lamps?"
    assert result.proposal.reason["facts"] == {"read by": "simulated"}
    assert count(shop, PurchaseOrder) == 0

    done = assistant.answer(buyer, "t", "approve")
    assert "PO-00001" in done.text
    assert count(shop, PurchaseOrder) == 1


def test_a_model_that_calls_what_the_person_may_not_use_is_refused(
    shop: Engine, talk: Talk
) -> None:
    def script(asked: dict[str, Any]) -> Said:
        if last_is_tool(asked):
            return Said("That is not for you.")
        return Said(
            calls=(
                call("purchasing.order_item", item="LAMP-01", quantity="40"),
                call("identity.set_roles", login="sales", roles=["admin"]),
                ("approve_everything", "{}"),
            )
        )

    assistant, _ = talk(script)
    assistant.answer(as_person(shop, "sales"), "t", "hello")

    assert count(shop, Proposal) == 0
    assert count(shop, PurchaseOrder) == 0


@pytest.mark.parametrize(
    "said",
    [
        Said(status=500),
        Said(status=401),
        Said(raw="this is not JSON"),
        Said(raw="data: {not json}\n\n"),
        Said(silent_seconds=6),
        Said(""),
    ],
    ids=["500", "401", "rubbish", "broken stream", "silent", "nothing"],
)
def test_when_the_model_fails_the_one_inside_answers(shop: Engine, talk: Talk, said: Said) -> None:
    assistant, _ = talk(lambda _asked: said)
    started = time.monotonic()
    result = assistant.answer(as_person(shop, "sales"), "t", "how many LAMP-01 are in stock?")

    assert "12" in result.text
    assert result.model == "embedded"
    assert time.monotonic() - started < 30


def test_a_model_that_never_stops_calling_is_stopped(shop: Engine, talk: Talk) -> None:
    script = Said(calls=(call("inventory.check_stock", item="LAMP-01"),))
    assistant, endpoint = talk(lambda _asked: script)

    result = assistant.answer(as_person(shop, "sales"), "t", "hello")

    assert result.kind == "refuse"
    assert len(endpoint.requests) <= 4


@pytest.mark.parametrize("arguments", ["{", "[]", '"x"', '{"item": "LAMP-01", "approved": true}'])
def test_arguments_that_are_none_are_refused(shop: Engine, talk: Talk, arguments: str) -> None:
    def script(asked: dict[str, Any]) -> Said:
        if last_is_tool(asked):
            return Said("Sorry.")
        return Said(calls=(("purchasing__order_item", arguments),))

    assistant, _ = talk(script)
    result = assistant.answer(as_person(shop, "buyer"), "t", "order lamps")

    assert result.kind != "error"
    assert count(shop, Proposal) == 0


def test_numbers_are_backed_in_whatever_digits_they_are_written() -> None:
    assert numbers_in("1. Revenue was １２３.50 and 1,000") == numbers_in("123.5, 1000")
    assert unbacked("we sold 5 of 10", ["5 sold"]) == numbers_in("10")
    assert not unbacked("no numbers here", [])
