"""The house rules that concern correctness and that no linter knows."""

import ast
import importlib
import re
from pathlib import Path

import pytest

from core.kernel.errors import DomainError
from tools import TOOLBOX, Tool

ROOT = Path(__file__).parent.parent.parent
ROOMS = ["core", "tools", "agents", "channels", "evals", "prompts"]
SOURCES = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
EXACT = [path for path in SOURCES if path.relative_to(ROOT).parts[0] in {"core", "tools"}]
TESTS = sorted((ROOT / "tests").rglob("*.py"))
FILE_LINES_MAX = 900


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def nodes(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text())))


def refusals() -> list[type[DomainError]]:
    for path in SOURCES:
        parts = path.relative_to(ROOT).with_suffix("").parts
        if "versions" in parts or parts[-1] in {"__main__", "env"}:
            continue
        importlib.import_module(".".join(part for part in parts if part != "__init__"))
    found: list[type[DomainError]] = []
    todo = [DomainError]
    while todo:
        kinds = [
            kind for kind in todo.pop().__subclasses__() if kind.__module__.split(".")[0] in ROOMS
        ]
        found += kinds
        todo += kinds
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_ours(room: str) -> None:
    # Other packages are called "agents" or "channels" too, and the path decides which one wins.
    file = importlib.import_module(room).__file__

    assert file is not None
    assert Path(file).parent == ROOT / room


def test_only_the_unit_of_work_commits() -> None:
    for path in SOURCES:
        called = set(re.findall(r"\.(commit|begin)\(", path.read_text()))

        assert "commit" not in called, name(path)
        allowed = name(path).startswith(("core/kernel/database.py", "core/processes/schema/"))
        assert allowed or "begin" not in called, name(path)


def test_no_money_or_quantity_is_a_float() -> None:
    for path in EXACT:
        floats = [
            node.lineno
            for node in nodes(path)
            if (isinstance(node, ast.Name) and node.id in {"float", "Float", "REAL"})
            or (isinstance(node, ast.Constant) and isinstance(node.value, float))
        ]
        # Seconds to wait are the one thing there that is neither money nor a quantity.
        assert floats == [] or name(path) == "core/kernel/events.py", (name(path), floats)


def test_only_the_clock_asks_for_the_time() -> None:
    for path in SOURCES:
        asked = re.findall(r"\b(?:datetime|date)\.(?:now|today|utcnow)\b", path.read_text())
        assert asked == [] or name(path) == "core/kernel/clock.py", name(path)


def test_a_test_pretends_nothing() -> None:
    for path in TESTS:
        imports = [node for node in nodes(path) if isinstance(node, ast.Import | ast.ImportFrom)]
        imported = {alias.name for node in imports for alias in node.names}
        assert not imported & {"mock", "Mock", "MagicMock", "patch"}, name(path)


def test_a_file_is_read_in_one_sitting() -> None:
    long = {
        name(path): n for path in SOURCES if (n := path.read_text().count("\n")) > FILE_LINES_MAX
    }

    assert long == {}


def test_no_machine_path_and_nothing_unfinished_is_committed() -> None:
    unfinished = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b|/work/|(?<!\w)/root/")
    for path in [*SOURCES, *ROOT.glob("*.md"), ROOT / "Makefile"]:
        if name(path) == "tools/base.py":
            continue
        assert not unfinished.findall(path.read_text()), name(path)


def test_a_refusal_speaks_both_languages() -> None:
    kinds = refusals()

    assert len(kinds) > 40
    for kind in kinds:
        assert (kind.__doc__ or "").strip(), kind
        # Or it is made of facts that come in Chinese.
        assert re.search("[\u4e00-\u9fff]", kind.zh) or "_zh}" in kind.zh, kind
        assert kind.zh != DomainError.zh, kind


def test_there_are_forty_tools() -> None:
    assert len(TOOLBOX.tools) >= 40


@pytest.mark.parametrize("tool", TOOLBOX.tools.values(), ids=lambda tool: tool.name)
def test_a_tool_says_what_it_is_for_in_both_languages(tool: Tool) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z_]+", tool.name)
    assert tool.purpose.endswith("."), tool.purpose
    assert "\n\n" not in tool.purpose
    assert tool.title
    assert re.search("[\u4e00-\u9fff]", tool.title_zh)
    assert tool.roles, "a tool that nobody may use is not needed"
    schema = tool.arguments.model_json_schema()
    assert schema.get("additionalProperties") is False
