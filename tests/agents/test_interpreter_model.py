"""The interpreter over a live shop: names from the database, rights, and a conversation."""

import json
import threading

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from sqlalchemy import Engine

from agents.interpreter import EmbeddedInterpreter
from agents.interpreter.entities import EntityCache
from agents.language_model import as_functions
from core import parties
from core.kernel.database import unit_of_work
from tests.shop import as_person
from tools import TOOLBOX


def interpreter(engine: Engine, login: str = "manager") -> EmbeddedInterpreter:
    return EmbeddedInterpreter(engine=engine, toolbox=TOOLBOX, acting=as_person(engine, login))


def answered(model: EmbeddedInterpreter, *messages: BaseMessage | str) -> AIMessage:
    heard = [HumanMessage(m) if isinstance(m, str) else m for m in messages]
    bound = model.bind_tools(as_functions(TOOLBOX.tools.values()))
    message = bound.invoke(heard)
    assert isinstance(message, AIMessage)
    return message


def test_a_name_of_the_database_becomes_its_number(shop: Engine) -> None:
    message = answered(interpreter(shop), "order 40 LAMP-01 from Lumen")

    [call] = message.tool_calls
    assert call["name"] == "purchasing__order_item"
    assert call["args"]["item"] == "LAMP-01"
    assert call["args"]["supplier"].startswith("S-")


def test_a_new_customer_is_known_at_once(shop: Engine) -> None:
    model = interpreter(shop)
    before = answered(model, "show Zenith")

    with unit_of_work(shop) as session:
        parties.add_customer(session, name="Zenith Motors 1977")
    after = answered(model, "show Zenith Motors 1977")

    assert not before.tool_calls
    assert after.tool_calls[0]["name"] == "parties__show_customer"


def test_a_change_that_commits_late_is_not_missed(shop: Engine) -> None:
    cache, acting = EntityCache(shop), as_person(shop, "manager")
    added, read_meanwhile = threading.Event(), threading.Event()

    def slowly() -> None:
        with unit_of_work(shop) as session:
            parties.add_customer(session, name="Slow Wheels")
            session.flush()
            added.set()
            read_meanwhile.wait(10)

    writer = threading.Thread(target=slowly)
    writer.start()
    added.wait(10)
    assert ("slow", "wheel") not in cache.index_for(acting).exact
    read_meanwhile.set()
    writer.join()

    assert ("slow", "wheel") in cache.index_for(acting).exact


def test_names_that_are_not_theirs_are_not_known_to_a_customer(shop: Engine) -> None:
    cache = EntityCache(shop)

    own = cache.index_for(as_person(shop, "customer"))
    nobodys = cache.index_for(as_person(shop, "nobody"))

    assert ("acm", "bik") in own.exact or ("acme", "bike") in own.exact
    assert not any("nordwind" in key for key in own.exact)
    assert not nobodys.exact


def test_what_somebody_may_not_do_is_understood_all_the_same(shop: Engine) -> None:
    message = answered(interpreter(shop, "auditor"), "order 40 LAMP-01")

    assert message.tool_calls[0]["name"] == "purchasing__order_item"


def test_a_question_goes_on_from_the_messages_alone(shop: Engine) -> None:
    model = interpreter(shop)
    first = answered(model, "revenue in 2013")
    [call] = first.tool_calls
    result = ToolMessage(json.dumps({"sentence": "Revenue, 2013: 0."}), tool_call_id=call["id"])

    said = answered(model, "revenue in 2013", first, result)
    second = answered(model, "revenue in 2013", first, result, said, "and by territory?")

    assert said.content == "Revenue, 2013: 0."
    query = second.tool_calls[0]["args"]["query"]
    assert (query["metrics"], query["dimensions"]) == (["revenue"], ["territory"])
    assert query["period"] == call["args"]["query"]["period"]


def test_a_question_back_waits_for_its_answer_in_the_messages(shop: Engine) -> None:
    model = interpreter(shop)

    asked = answered(model, "order some LAMP-01")
    done = answered(model, "order some LAMP-01", asked, "200")

    assert asked.additional_kwargs["kind"] == "clarify"
    assert done.tool_calls[0]["args"] == {"item": "LAMP-01", "quantity": "200"}


def test_it_means_the_document_that_was_spoken_of(shop: Engine) -> None:
    model = interpreter(shop)
    done = AIMessage("PO-00007 is placed with Lumen & Co.")

    message = answered(model, "order 40 LAMP-01", done, "receive it")

    assert message.tool_calls[0]["args"] == {"order": "PO-00007"}


def test_it_streams_what_it_answers(shop: Engine) -> None:
    chunks = list(interpreter(shop).stream([HumanMessage("how much stock of LAMP-01")]))

    whole = chunks[0]
    for chunk in chunks[1:]:
        whole = whole + chunk  # type: ignore[assignment]

    assert whole.tool_calls[0]["args"] == {"item": "LAMP-01"}  # type: ignore[attr-defined]


def test_small_talk_is_kept_short_and_in_the_language_of_the_person(shop: Engine) -> None:
    assert "不客气" in str(answered(interpreter(shop), "谢谢").content)
    assert "Ask me" in str(answered(interpreter(shop), "hello").content)


def test_what_the_arguments_of_a_tool_are_is_worked_out_once() -> None:
    tool = TOOLBOX.tools["sales.sell_item"]
    [first], [second] = as_functions([tool]), as_functions([tool])

    # To work it out for all tools took most of the time of a turn.
    assert first["function"]["parameters"] is second["function"]["parameters"]
