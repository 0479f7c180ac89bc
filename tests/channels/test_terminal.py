"""The command `prokurist`: what programs rely on, and one clear line where something is wrong."""

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import Engine, func, select

from channels.terminal.exact_json import to_json
from channels.terminal.main import main
from core import ledger
from core.kernel.database import reading, unit_of_work
from core.kernel.money import Money
from core.kernel.settings import Settings
from core.purchasing.tables import PurchaseOrder
from tests.channels.adventure import broken, write_files

SETTINGS_OF = Callable[[Engine], Settings]


@dataclass
class Ran:
    """What a command wrote, and how it ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def at(
    settings_of: SETTINGS_OF,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    home: Path,
) -> Callable[[Engine], Run]:
    """Run commands in this process, on a database."""

    def on(engine: Engine) -> Run:
        url = settings_of(engine).database_url
        assert url is not None
        monkeypatch.setenv("DATABASE_URL", url.get_secret_value())
        monkeypatch.setenv("PROKURIST_HOME", str(home))
        monkeypatch.setenv("LANG", "en_US.UTF-8")
        monkeypatch.delenv("LC_ALL", raising=False)

        def run(*words: str, stdin: str = "") -> Ran:
            monkeypatch.setattr(sys, "argv", ["prokurist", *words])
            monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
            capsys.readouterr()
            with pytest.raises(SystemExit) as ended:
                main()
            written = capsys.readouterr()
            code = ended.value.code
            assert isinstance(code, int)
            assert "Traceback" not in written.out + written.err
            return Ran(code, written.out, written.err)

        return run

    return on


@pytest.fixture
def run(at: Callable[[Engine], Run], shop: Engine) -> Run:
    """Run commands on the small shop."""
    return at(shop)


CONTRACT = {"id", "kind", "text", "table", "query", "figures", "proposal", "ms"}


def test_an_answer_has_the_shape_that_programs_rely_on(run: Run) -> None:
    ran = run("ask", "--json", "--as", "manager", "how many LAMP-01 do we have?")

    answer = ran.json()
    assert ran.code == 0
    assert len(ran.out.splitlines()) == 1
    assert set(answer) == CONTRACT
    assert (answer["kind"], answer["proposal"]) == ("answer", None)
    assert {"name", "unit"} == set(answer["table"]["columns"][0])
    assert isinstance(answer["ms"], int)


def test_a_change_is_answered_with_a_proposal_and_changes_nothing(run: Run, shop: Engine) -> None:
    ran = run("ask", "--json", "--as", "manager", "order 43 LAMP-01")

    card = ran.json()["proposal"]
    assert ran.json()["kind"] == "proposal"
    assert {"id", "calls", "effect", "needs"} <= set(card)
    assert card["calls"][0]["tool"] == "purchasing.order_item"
    assert card["effect"]["changes"]
    with reading(shop) as session:
        assert session.scalars(select(func.count()).select_from(PurchaseOrder)).one() == 0


def test_a_batch_answers_line_by_line_whatever_stands_there(run: Run) -> None:
    lines = [
        {"id": "a", "text": "how many LAMP-01 do we have?", "as": "manager"},
        {"id": "b", "text": "LAMP-01 还有多少库存？", "as": "warehouse", "thread": "t"},
        {"id": "c", "text": "how many LAMP-01?", "as": "stranger"},
        {"id": "d", "text": 7},
        {"id": "e", "text": "x", "approved": True},
    ]
    text = "\n".join([*map(json.dumps, lines), "no json", ""])

    ran = run("ask", "--batch", "-", stdin=text)

    answers = [json.loads(line) for line in ran.out.splitlines()]
    assert [answer["id"] for answer in answers] == ["a", "b", "c", "d", "e", None]
    assert [answer["kind"] for answer in answers] == ["answer", "answer", *["error"] * 4]
    assert all(set(answer) == CONTRACT for answer in answers)
    assert "stranger" in answers[2]["text"]
    assert ran.code == 1


def test_a_thread_goes_on_in_the_next_command(run: Run) -> None:
    run("ask", "--as", "manager", "--thread", "t1", "order some LAMP-01")

    ran = run("ask", "--json", "--as", "manager", "--thread", "t1", "20")

    assert ran.json()["proposal"]["calls"][0]["arguments"]["quantity"] == "20"


def test_numbers_are_written_as_they_were_computed() -> None:
    value = {"amount": Decimal("43622479.050000"), "small": Decimal("1E-6"), "zero": Decimal("0E2")}

    assert to_json(value) == '{"amount": 43622479.05, "small": 0.000001, "zero": 0}'
    assert to_json(Money(1250, "EUR")) == '{"amount": 12.5, "currency": "EUR"}'
    assert to_json({"text": 'a "quote" \u0000 and 1'}) == '{"text": "a \\"quote\\"  and 1"}'


def test_any_tool_can_be_called_and_answers_in_json(run: Run) -> None:
    ran = run("call", "inventory.check_stock", '{"item": "LAMP-01"}', "--as", "warehouse")

    assert ran.code == 0
    assert ran.json()["kind"] == "answer"
    assert ran.json()["answer"]["sku"] == "LAMP-01"


def test_a_call_that_changes_something_waits_for_its_approval(run: Run, shop: Engine) -> None:
    arguments = '{"item": "LAMP-01", "quantity": 43}'

    waiting = run("call", "purchasing.order_item", arguments, "--as", "manager")
    done = run("call", "purchasing.order_item", arguments, "--as", "manager", "--approve")

    assert waiting.json()["kind"] == "proposal"
    assert done.json()["kind"] == "executed"
    with reading(shop) as session:
        number = session.scalars(select(PurchaseOrder.number)).one()
    assert done.json()["answers"][0]["number"] == number


def test_every_tool_is_listed_with_its_schema(run: Run) -> None:
    ran = run("tools", "--json")
    assert ran.code == 0, ran.err
    tools = ran.json()

    assert len(tools) >= 40
    assert all(tool["arguments"]["type"] == "object" for tool in tools)
    assert all(tool["purpose"] and tool["roles"] for tool in tools)


def test_metrics_are_listed_with_their_definitions(run: Run) -> None:
    listed = run("metrics", "--json").json()

    assert len(listed["metrics"]) >= 15
    assert all(metric["definition"] and metric["version"] for metric in listed["metrics"])
    assert sum(not metric["dimensions"] for metric in listed["metrics"]) <= 1


def test_verify_says_that_all_holds(run: Run) -> None:
    ran = run("verify")

    assert ran.code == 0
    assert "all of them hold" in ran.out


REFUSED = {
    "an unknown tool": (("call", "purchasing.steal", "{}"), 2, "no tool called purchasing.steal"),
    "arguments that are no JSON": (("call", "inventory.check_stock", "{item"), 2, "JSON object"),
    "a list for an object": (("call", "inventory.check_stock", "[1]"), 2, "JSON object"),
    "an unknown argument": (
        ("call", "inventory.check_stock", '{"item": "LAMP-01", "actor": "admin"}'),
        2,
        "cannot be used like this",
    ),
    "a quantity that is none": (
        ("call", "purchasing.order_item", '{"item": "LAMP-01", "quantity": "NaN"}'),
        2,
        "cannot be used like this",
    ),
    "an unknown item": (
        ("call", "inventory.check_stock", '{"item": "LAMP-99"}'),
        1,
        "LAMP-99",
    ),
    "an unknown person": (("call", "inventory.check_stock", "{}", "--as", "x"), 2, 'login "x"'),
    "no rights": (
        ("call", "purchasing.order_item", '{"item": "LAMP-01", "quantity": 1}', "--as", "nobody"),
        1,
        "role",
    ),
    "a batch that is not there": (("ask", "--batch", "nowhere.jsonl"), 2, "nowhere.jsonl"),
    "no question": (("ask",), 2, "say either a question or --batch"),
    "an unknown command": (("sing",), 2, "No such command"),
    "a folder without files": (("import", "adventureworks", "nowhere"), 1, "SalesTerritory.csv"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_wrong_is_said_in_a_line(run: Run, name: str) -> None:
    words, code, said = REFUSED[name]

    ran = run(*words)

    assert ran.code == code, ran.out + ran.err
    assert said in ran.err


def test_a_database_that_is_down_is_said_in_a_line(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/nothing")

    english = run("verify")
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    chinese = run("verify")

    assert (english.code, chinese.code) == (1, 1)
    assert (
        english.err == "The database does not answer; nothing was changed. Try again in a moment.\n"
    )
    assert chinese.err == "数据库暂时没有响应；没有任何更改。请稍后再试。\n"


def test_an_empty_database_says_what_to_do(at: Callable[[Engine], Run], engine: Engine) -> None:
    ran = at(engine)("ask", "how many LAMP-01?")

    assert ran.code == 1
    assert "Load the demo company" in ran.err


def test_a_file_of_the_bank_is_proposed_and_imported_once_it_is_approved(
    run: Run, shop: Engine, tmp_path: Path
) -> None:
    with unit_of_work(shop) as session:
        ledger.open_bank_account(session, code="MAIN", name="Main", account="1010")
    file = tmp_path / "june.csv"
    file.write_text("Date,Amount,Description\n2026-06-12,5.00,interest\n")
    words = ("import", "bank", str(file), "--account", "MAIN", "--as", "accountant")

    proposed = run(*words)
    missing = run("import", "bank", str(tmp_path / "none.csv"))
    done = run(*words, "--approve")
    again = run(*words, "--approve")

    assert (proposed.code, "bank line: new · 2026-06-12 · 5.00 EUR" in proposed.out) == (0, True)
    assert (missing.code, "none.csv cannot be read: No such file" in missing.err) == (2, True)
    assert (done.code, done.out.splitlines()[-1]) == (0, "BST-00001 of MAIN: 1 line is new.")
    assert (again.code, again.err) == (
        1,
        "This file was imported already, as BST-00001; nothing was changed.\n",
    )


def test_an_import_reports_what_was_read_and_why_not(
    at: Callable[[Engine], Run], engine: Engine, tmp_path: Path
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    run = at(engine)

    write_files(folder, **broken("Product", "2171.2942", "much"))
    refused = run("import", "adventureworks", str(folder))
    write_files(folder)
    first = run("import", "adventureworks", str(folder))
    second = run("import", "adventureworks", str(folder))

    assert refused.code == 1
    assert "Product.csv, line 3: StandardCost" in refused.err
    assert (first.code, second.code) == (0, 0)
    assert "brought in" in first.out
    assert "nothing was changed" in " ".join(second.out.split())


def test_any_answer_is_written_into_the_file_that_its_name_asks_for(
    run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "balance.xlsx"
    asked = ("export", "statements.balance_sheet", "--as", "manager", "--to")

    done = run(*asked, str(file), "--language", "zh")

    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{file} · ")
    sheet = openpyxl.load_workbook(file).active
    assert sheet is not None
    assert sheet["A2"].value == "资产负债表"
    for words, code, said in (
        ((str(file), "--language", "fr"), 2, "not fr"),
        ((str(tmp_path / "balance.doc"),), 2, "none of these"),
        ((str(tmp_path / "missing" / "balance.pdf"),), 1, "Choose another place"),
    ):
        refused = run(*asked, *words)
        assert (refused.code, refused.out) == (code, "")
        assert said in refused.err
