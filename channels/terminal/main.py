"""The command `prokurist`: every door of the terminal, each a few lines to what does the work.

What a command needs is imported when it runs: `prokurist --help` answers at once.
"""
# ruff: noqa: PLC0415

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from core.kernel.errors import DomainError, Language
from core.kernel.memory import search_rarely

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from agents.assistant import Assistant
    from core.kernel.identity.acting import Acting
    from core.kernel.settings import Settings

DONE, REFUSED, MISUSED, INTERRUPTED = 0, 1, 2, 130

app = typer.Typer(
    help="Prokurist: an assistant over a built-in ERP, which changes nothing without your yes.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
)
importing = typer.Typer(
    help="Bring a company's data from files.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(importing, name="import")
mailing = typer.Typer(
    help="Fetch and send mail, as `serve` does.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(mailing, name="mail")

AsPerson = Annotated[
    str | None,
    typer.Option("--as", metavar="USER", help="Act as this person; else the first administrator."),
]
Thread = Annotated[str | None, typer.Option("--thread", help="Continue this conversation.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs.")]


def main() -> NoReturn:
    """Run a command; whatever is refused is said in one line, in the person's language."""
    search_rarely()
    try:
        app()
    except DomainError as refusal:
        _complain(refusal)
        sys.exit(MISUSED if refusal.code in _MISUSES else REFUSED)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # Who read our answers has gone away; there is nobody left to tell.
        sys.stderr.close()
        sys.exit(REFUSED)
    except Exception as trouble:  # noqa: BLE001  # A person gets a line, the log the whole story.
        from channels.terminal.logs import note_trouble

        _complain(OurTrouble(log=note_trouble(trouble)))
        sys.exit(REFUSED)
    finally:
        _CLOSING.close()
        _SPOKEN.clear()
    sys.exit(DONE)


# The summaries of conversations, measured by labels of their own.
_THREADS = "threads"
# What a command has opened, and has to be left in the end.
_CLOSING = ExitStack()
# The language of the person that a command acts for, once that is known.
_SPOKEN: list[Language] = []


# The command was given something that it cannot even try.
_MISUSES = {
    "not_json", "unknown_file_kind", "unknown_language", "bad_arguments", "unknown_tool",
    "unknown_person", "batch_missing", "file_unreadable",
}  # fmt: skip


class OurTrouble(DomainError):
    """Something went wrong on our side, and nothing was changed by halves. The log has it: {log}"""

    zh = "系统出错，没有半途的更改。详见日志：{log}"


class BatchMissing(DomainError):
    """The file of questions {file} cannot be read: {problem}."""

    zh = "无法读取问题文件 {file}：{problem}。"


@app.command()
def serve(
    *,
    demo: Annotated[
        bool, typer.Option("--demo", help="Load the demo company into an empty database first.")
    ] = False,
    port: Annotated[int | None, typer.Option(help="Listen on this port.")] = None,
    host: Annotated[str | None, typer.Option(help="Listen on this address.")] = None,
) -> None:
    """Serve the web app."""
    from agents.interpreter.second import Keeper
    from channels.demo.company import LOGINS, PASSWORD, load_demo, serves_demo

    settings = _settings()
    chosen = {"port": port, "host": host}
    settings = settings.model_copy(update={k: v for k, v in chosen.items() if v is not None})
    # Beside the filling of the company there is time for it.
    Keeper(settings.learned).start()
    engine = _opened(settings)
    if demo:
        load_demo(engine, told=_say)
    if serves_demo(engine):
        _say(f"logins: {', '.join(LOGINS)} · password: {PASSWORD}")
    from channels.web.app import serve as serve_web

    shown = "localhost" if settings.host in {"127.0.0.1", "0.0.0.0", "::"} else settings.host  # noqa: S104
    _say(f"http://{shown}:{settings.port}")
    serve_web(engine, settings)


@app.command()
def chat(person: AsPerson = None, thread: Thread = None) -> None:
    """Talk with the assistant."""
    from rich.console import Console

    from channels.terminal.chatting import chat as talk

    assistant, acting = _assistant(person)
    talk(assistant, acting, Console(), thread=thread)


@app.command()
def ask(
    text: Annotated[list[str] | None, typer.Argument(help="The question, or what to do.")] = None,
    *,
    person: AsPerson = None,
    thread: Thread = None,
    as_json: AsJson = False,
    batch: Annotated[
        str | None, typer.Option(metavar="FILE", help="JSON lines of questions; - reads stdin.")
    ] = None,
) -> None:
    """Ask one question, or a batch of them."""
    from channels.terminal.asking import Question, answer_json, answer_lines
    from channels.terminal.asking import ask as asked
    from channels.terminal.exact_json import to_json

    if bool(text) == (batch is not None):
        message = "say either a question or --batch FILE"
        raise typer.BadParameter(message)
    lines = None if batch is None else _lines(batch)
    assistant, acting = _assistant(person)
    if lines is not None:
        failed = False
        for answer in answer_lines(assistant.engine, assistant, lines, person=person):
            _say(to_json(answer))
            failed = failed or answer["kind"] == "error"
        _leave(REFUSED if failed else DONE)
    result = asked(assistant, acting, Question(None, " ".join(text or ()), thread))
    language = result.language
    if as_json:
        _say(to_json(answer_json(None, result, language)))
    else:
        from rich.console import Console

        from channels.terminal.showing import show_result

        show_result(Console(), result, language)
    _leave(REFUSED if result.kind in {"refuse", "denied", "error"} else DONE)


@app.command()
def call(
    tool: Annotated[str, typer.Argument(help="The tool, such as purchasing.order_item.")],
    arguments: Annotated[str, typer.Argument(help="Its arguments, a JSON object.")] = "{}",
    *,
    person: AsPerson = None,
    approve: Annotated[
        bool, typer.Option("--approve", help="Approve what it would do, as the same person.")
    ] = False,
) -> None:
    """Take any tool through the one road, and answer in JSON."""
    from channels.terminal.answers import refusal_json
    from channels.terminal.calling import call_tool, read_arguments
    from channels.terminal.exact_json import to_json
    from channels.terminal.opening import acting_as

    given = read_arguments(arguments)
    engine = _opened(_settings())
    acting = acting_as(engine, person)
    _SPOKEN.append(acting.actor.language)
    try:
        _say(to_json(call_tool(engine, acting, tool, given, approve=approve), indent=2))
    except DomainError as refusal:
        _say(to_json(refusal_json(refusal, acting.actor.language), indent=2))
        raise


@app.command()
def export(
    tool: Annotated[str, typer.Argument(help="A reading tool: statements.balance_sheet.")],
    arguments: Annotated[str, typer.Argument(help="Its arguments, a JSON object.")] = "{}",
    *,
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="A .csv, .xlsx or .pdf file.")],
    person: AsPerson = None,
    language: Annotated[
        str | None, typer.Option(help="Write it in en or zh; else in the person's language.")
    ] = None,
) -> None:
    """Write the table of any answer into a file; the audit trail notes who took it."""
    from channels.exports import export as exported
    from channels.exports import file_kind_of
    from channels.terminal.calling import FileNotWritten, read_arguments, spoken
    from channels.terminal.opening import acting_as
    from tools import TOOLBOX

    kind, given = file_kind_of(to.name), read_arguments(arguments)
    engine = _opened(_settings())
    acting = spoken(acting_as(engine, person), language)
    _SPOKEN.append(acting.actor.language)
    file = exported(TOOLBOX, engine, acting, tool, given, kind)
    try:
        to.write_bytes(file.data)
    except OSError as problem:
        raise FileNotWritten(file=to, problem=problem.strerror) from None
    rows = f"{file.rows:,} 行" if _spoken() == "zh" else f"{file.rows:,} rows"
    _say(f"{to} · {rows}")


@app.command()
def tools(*, as_json: AsJson = False) -> None:
    """List every tool, with the schema of its arguments in JSON."""
    from channels.terminal.calling import list_tools
    from channels.terminal.exact_json import to_json

    listed = list_tools(_spoken())
    if as_json:
        _say(to_json(listed, indent=2))
        return
    for tool in listed:
        sign = "*" if tool["writes"] else " "
        _say(f"{sign} {tool['name']:<34} {tool['purpose'].splitlines()[0]}")
    _say("* needs an approval" if _spoken() == "en" else "* 需要批准")


@app.command()
def metrics(
    about: Annotated[
        str, typer.Argument(help="Only those that are called something like it.")
    ] = "",
    *,
    language: Annotated[str | None, typer.Option(help="Say them in en or zh.")] = None,
    as_json: AsJson = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Write the handbook of all of them.")
    ] = False,
) -> None:
    """List every figure one can ask for: what it means, its unit, and by what it can be asked."""
    from channels.terminal.calling import language_named
    from channels.terminal.exact_json import to_json
    from channels.terminal.figures import listed, shown
    from core.reporting import handbook

    if markdown:
        sys.stdout.write(handbook())
        return
    spoken = language_named(language) or _spoken()
    found = listed(about, spoken)
    if as_json:
        _say(to_json(found, indent=2))
        return
    for line in shown(found, spoken):
        _say(line)


@importing.command()
def adventureworks(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the CSV files.")],
    *,
    skip_broken: Annotated[
        bool, typer.Option("--skip-broken", help="Leave out rows that cannot be used.")
    ] = False,
) -> None:
    """Bring the AdventureWorks company: everything, or, where something is wrong, nothing."""
    from rich.console import Console

    from channels.imports.adventureworks import import_adventureworks
    from channels.imports.report import BrokenRows
    from channels.terminal.importing import showing_progress
    from channels.terminal.showing import show_faults, show_report

    console = Console()
    engine = _opened(_settings())
    try:
        with showing_progress(Console(stderr=True), _spoken()) as progress:
            report = import_adventureworks(
                engine, folder, skip_broken=skip_broken, progress=progress
            )
    except BrokenRows as broken:
        show_faults(console, broken.faults, _spoken())
        raise
    show_report(console, report, _spoken())


@importing.command(name="messages")
def message_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or JSON lines.")],
    *,
    person: AsPerson = None,
) -> None:
    """Bring chats, call notes or web forms from a file; each message is kept once."""
    from channels.messages import import_messages
    from channels.terminal.opening import acting_as

    engine = _opened(_settings())
    acting = acting_as(engine, person)
    _SPOKEN.append(acting.actor.language)
    brought = import_messages(engine, acting, file)
    if _spoken() == "zh":
        _say(f"新消息 {brought.new} 条，已有 {brought.known} 条，未关联 {brought.unlinked} 条")
    else:
        _say(f"{brought.new} new, {brought.known} known, {brought.unlinked} linked to nobody")


@mailing.command()
def fetch() -> None:
    """Fetch what is new in the mailbox."""
    from channels.mail import fetch_once

    settings = _settings()
    fetched = fetch_once(_opened(settings), settings)
    if _spoken() == "zh":
        _say(f"新邮件 {fetched.new} 封，已有 {fetched.known} 封，隔离 {fetched.aside} 封")
    else:
        _say(f"{fetched.new} new, {fetched.known} known, {fetched.aside} set aside")


@mailing.command()
def send() -> None:
    """Send the mails that were approved and wait."""
    from channels.mail import send_once

    settings = _settings()
    sent = send_once(_opened(settings), settings)
    if _spoken() == "zh":
        _say(f"已发送 {sent.sent}，稍后 {sent.later}，失败 {sent.failed}，不确定 {sent.uncertain}")
    else:
        _say(
            f"{sent.sent} sent, {sent.later} later, {sent.failed} failed,"
            f" {sent.uncertain} uncertain"
        )


@importing.command(name="bank")
def bank_statement(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, OFX or camt.053.")],
    *,
    account: Annotated[
        str | None, typer.Option(metavar="CODE", help="Our bank account that it is of.")
    ] = None,
    person: AsPerson = None,
    approve: Annotated[
        bool, typer.Option("--approve", help="Approve what is shown, as the same person.")
    ] = False,
    date_order: Annotated[
        str | None, typer.Option(help="day or month: which comes first in 03/04/2026.")
    ] = None,
    decimal: Annotated[
        str | None, typer.Option(help="The sign before decimals, . or ,", metavar="SIGN")
    ] = None,
) -> None:
    """Propose to import a statement of a bank, and show what is in it."""
    from rich.console import Console

    from channels.terminal.bank_files import import_bank_file
    from channels.terminal.opening import acting_as
    from channels.terminal.showing import show_proposal

    engine = _opened(_settings())
    acting = acting_as(engine, person)
    _SPOKEN.append(acting.actor.language)
    given = {"account": account, "date_order": date_order, "decimal": decimal}
    card, outcome = import_bank_file(engine, acting, file, given, approve=approve)
    show_proposal(Console(), card, acting.actor.language)
    if outcome is not None:
        _say(outcome.said(acting.actor.language))


@app.command()
def anchor(
    file: Annotated[
        Path,
        typer.Argument(
            dir_okay=False, writable=True, help="Where to write it; keep it outside of this house."
        ),
    ],
) -> None:
    """Write the newest record of the audit trail to a signed file, to verify against later."""
    from channels.terminal.checking import write_anchor

    _say(write_anchor(_opened(_settings()), file, _spoken()))


@app.command()
def verify(
    *,
    against: Annotated[
        Path | None,
        typer.Option(
            "--anchor", exists=True, dir_okay=False, help="An anchor that was kept elsewhere."
        ),
    ] = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="First add up the kept totals anew from their lines.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check every invariant of the books, and the audit trail."""
    from channels.terminal import checking
    from channels.terminal.checking import checked, say_findings
    from channels.terminal.exact_json import to_json

    engine = _opened(_settings())
    if rebuild:
        said = checking.rebuild(engine, _spoken())
        if not as_json:
            _say(said)
    outcome = checked(engine, against=against)
    if as_json:
        _say(to_json(outcome))
    else:
        for line in say_findings(outcome, _spoken()):
            _say(line)
    _leave(REFUSED if outcome.findings else DONE)


@app.command()
def demo(
    *,
    seconds: Annotated[float, typer.Option(help="Pause between two steps, to read along.")] = 0.0,
) -> None:
    """Play the whole story, unattended, in a database that is thrown away afterwards."""
    from rich.console import Console

    from channels.demo.story import play

    _leave(DONE if play(Console(), pause_seconds=seconds, language=_spoken()) else REFUSED)


@app.command(name="notifications")
def told(
    *,
    person: AsPerson = None,
    unread: Annotated[bool, typer.Option("--unread", help="Only what is new.")] = False,
    read: Annotated[bool, typer.Option("--read", help="Note all as read.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what you were told: scheduled reports, alerts, and what was paused."""
    from channels.terminal.exact_json import to_json
    from channels.terminal.notifying import notifications_of, said_of
    from channels.terminal.opening import acting_as

    engine = _opened(_settings())
    acting = acting_as(engine, person)
    _SPOKEN.append(acting.actor.language)
    answer = notifications_of(engine, acting, unread_only=unread, mark=read)
    language = acting.actor.language
    _say(to_json(answer, indent=2) if as_json else said_of(answer, language))


@app.command(name="eval")
def evaluate(
    *,
    which: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="SET", help="Such as blind, frozen or reports_en; else all."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep the result of a blind set as JSON.")
    ] = None,
) -> None:
    """Measure how well it understands: labelled questions, or those of the blind sets."""
    from agents.interpreter.second import Keeper
    from core.kernel import clock
    from evals.blind.running import SETS as BLIND
    from evals.blind.running import measure as measure_blind
    from evals.understanding import main as measure

    wanted = list(which or ())
    blind = [name for name in wanted if name in BLIND]
    others = [name for name in wanted if name not in {*BLIND, _THREADS}]
    failed = 0
    for name in blind:
        judge = Keeper(_settings().learned).learned()
        _say(measure_blind(name, out, clock.now().date(), judge))
    if _THREADS in wanted:
        from evals.threads.scoring import main as measure_threads

        failed = measure_threads(_say)
    if others or not wanted:
        failed = max(failed, measure(others))
    if failed:
        raise typer.Exit(failed)


def _settings() -> "Settings":
    from pydantic import ValidationError

    from channels.terminal.logs import close_log, log_to_file
    from channels.terminal.opening import HomeUnusable
    from core.kernel.errors import BadInput
    from core.kernel.settings import Settings

    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        raise BadInput(problem=f"PROKURIST_{name.upper()}: {first['msg']}") from None
    try:
        log_to_file(settings)
    except OSError as problem:
        raise HomeUnusable(home=settings.home, problem=problem) from None
    _CLOSING.callback(close_log)
    return settings


def _opened(settings: "Settings") -> "Engine":
    from channels.terminal.opening import open_house

    engine = open_house(settings)
    _CLOSING.callback(engine.dispose)
    return engine


def _assistant(person: str | None) -> "tuple[Assistant, Acting]":
    from agents.assistant import Assistant
    from channels.terminal.opening import acting_as
    from tools import TOOLBOX

    settings = _settings()
    engine = _opened(settings)
    acting = acting_as(engine, person)
    _SPOKEN.append(acting.actor.language)
    assistant = Assistant(engine, settings, TOOLBOX)
    _CLOSING.callback(assistant.close)
    return assistant, acting


def _lines(batch: str) -> list[str]:
    try:
        if batch == "-":
            return sys.stdin.read().splitlines()
        return Path(batch).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        raise BatchMissing(file=batch, problem=problem) from None


def _spoken() -> Language:
    from channels.terminal.opening import language_of_environment

    return _SPOKEN[-1] if _SPOKEN else language_of_environment()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _complain(refusal: DomainError) -> None:
    sys.stderr.write(refusal.message(_spoken()) + "\n")


def _leave(code: int) -> None:
    raise typer.Exit(code)


if __name__ == "__main__":
    main()
