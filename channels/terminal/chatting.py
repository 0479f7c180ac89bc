"""`prokurist chat`: talk with the assistant, and decide on what it proposes."""

from rich.console import Console
from rich.markup import escape

from agents.assistant import Assistant
from channels.terminal.asking import Question, ask
from channels.terminal.showing import show_result
from core.kernel.identifiers import new_id
from core.kernel.identity.acting import Acting

_LEAVING = {"exit", "quit", "bye", "退出", "再见"}
_HELLO = {
    "en": 'Ask, or say what to do. "yes" approves what is shown, "no" rejects it; "exit" leaves.',
    "zh": "请提问或下达指令。“同意”批准所示提案，“不”驳回；“退出”结束。",
}


def chat(assistant: Assistant, acting: Acting, console: Console, *, thread: str | None) -> None:
    """Answer line after line until the person leaves."""
    language = acting.actor.language
    console.print(f"[dim]{escape(acting.name)} · {_HELLO[language]}[/]")
    thread = thread or f"chat-{new_id()}"
    while True:
        try:
            said = console.input("[bold]> [/]").strip()
        except (EOFError, KeyboardInterrupt):
            console.print()
            return
        if not said:
            continue
        if said.lower() in _LEAVING:
            return
        with console.status("…") as status:
            result = ask(assistant, acting, Question(None, said, thread), told=status.update)
        spoken = result.language
        show_result(console, result, spoken)
