"""The conversation: listen, understand, act, ask, settle; the same graph for every reader.

What is proposed waits for a person at an interrupt. The interrupt is only the doorbell: the
proposal row is the truth, and it may as well be decided through any other door.
"""

import json
import queue
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, Any, TypedDict

import structlog
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import (
    AIMessage,
    AnyMessage,
    HumanMessage,
    SystemMessage,
    ToolCall,
    ToolMessage,
)
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Command, interrupt
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool
from sqlalchemy import Engine

from agents.guard import is_chinese, unbacked
from agents.interpreter import EmbeddedInterpreter
from agents.interpreter.second import Keeper
from agents.language_model import as_functions, language_model_or_none, tool_name
from agents.persons_word import PersonsWord, persons_word
from agents.turns import Final, Message, Progress, ResultKind, Token, TurnEvent, TurnResult
from core.approvals import ProposalState, Reason
from core.kernel import conversations
from core.kernel.company import company
from core.kernel.conversations import Conversation
from core.kernel.database import reading, unit_of_work
from core.kernel.errors import BadInput, DomainError, Language, NotPermitted
from core.kernel.identifiers import new_id
from core.kernel.identity.acting import Acting
from core.kernel.settings import Settings
from prompts import prompt
from tools import Answer, Call, Column, Grid, ProposalView, Toolbox

SAID_MAX = 20_000
ROWS_REMEMBERED = 50
HISTORY_MAX = 40

log = structlog.get_logger(__name__)


class Turn(TypedDict, total=False):
    """What a thread remembers: messages, and ids of proposals; the facts are in the core."""

    messages: Annotated[list[AnyMessage], add_messages]
    said: str
    proposal: str | None
    seen: str
    done: str | None
    steps: int
    model: str


@dataclass
class TurnContext:
    """What one turn needs and is not remembered: who asks, and where progress goes."""

    acting: Acting
    emit: Callable[[TurnEvent], None]
    deadline: float
    answers: list[Answer] = field(default_factory=list)
    kind: ResultKind = "answer"
    text: str = ""
    options: list[str] = field(default_factory=list)
    proposal: uuid.UUID | None = None
    delta: tuple[list[str], list[str]] | None = None
    tokens: int = 0

    @property
    def language(self) -> Language:
        """The language of this turn."""
        return self.acting.actor.language

    def say(self, en: str, zh: str) -> str:
        """Return the text in the language of this turn."""
        return zh if self.language == "zh" else en


Graph = CompiledStateGraph[Turn, TurnContext, Turn, Turn]


class Assistant:
    """The assistant of one company, for everybody who may talk to it."""

    def __init__(self, engine: Engine, settings: Settings, toolbox: Toolbox) -> None:
        self.engine, self.settings, self.toolbox = engine, settings, toolbox
        self.language_model = language_model_or_none(settings)
        self.second = Keeper(settings.home)
        self._lock = threading.Lock()
        self._graph: Graph | None = None
        self._pool: ConnectionPool[Any] | None = None

    def turn(self, acting: Acting, thread: str, text: str) -> Iterator[TurnEvent]:
        """Answer one message of a thread; the last event is always `Final`."""
        started = time.monotonic()
        language: Language = "zh" if is_chinese(text) else _kept_language(acting, text)
        actor = replace(acting.actor, language=language)
        acting = replace(acting, actor=actor, why=text[:2_000])
        heard: queue.SimpleQueue[TurnEvent | None] = queue.SimpleQueue()
        deadline = started + self.settings.turn_seconds_max
        context = TurnContext(acting, heard.put, deadline)

        def run() -> None:
            try:
                self._run(context, thread, text)
            except DomainError as refusal:
                context.kind = "denied" if isinstance(refusal, NotPermitted) else "refuse"
                context.text = refusal.message(language)
            except Exception:
                # The door has to say something; the log has the whole story.
                log.exception("a turn failed", person=acting.name, thread=thread)
                context.kind = "error"
                context.text = context.say(
                    "Something went wrong on our side; nothing was changed. Please try again.",
                    "系统出错，没有任何更改。请重试。",
                )
            finally:
                heard.put(None)

        worker = threading.Thread(target=run, name="turn", daemon=True)
        worker.start()
        while (event := heard.get()) is not None:
            yield event
        worker.join()
        yield Final(self._result(context, ms=round((time.monotonic() - started) * 1000)))

    def answer(self, acting: Acting, thread: str, text: str) -> TurnResult:
        """Answer one message of a thread, all at once."""
        *_, last = self.turn(acting, thread, text)
        assert isinstance(last, Final)
        return last.result

    def threads(self, acting: Acting) -> list[Conversation]:
        """Return somebody's threads, the newest first."""
        with reading(self.engine, acting) as session:
            return conversations.list_conversations(session, acting.name)

    def history(self, acting: Acting, thread: str) -> list[Message]:
        """Return what was said in one of somebody's threads."""
        with reading(self.engine, acting) as session:
            key = conversations.key_of(session, person=acting.name, thread=thread)
        state = self._compiled().get_state({"configurable": {"thread_id": str(key)}})
        return _as_shown(state.values.get("messages", []))

    def close(self) -> None:
        """Give the connections back."""
        if self._pool is not None:
            self._pool.close()

    def _run(self, context: TurnContext, thread: str, text: str) -> None:
        if not text.strip():
            raise BadInput(problem=context.say("there is nothing in the message", "消息内容为空"))
        if len(text) > SAID_MAX or "\0" in text:
            raise BadInput(
                problem=context.say(
                    f"a message may have up to {SAID_MAX:,} characters and no control characters",
                    f"消息最多 {SAID_MAX:,} 个字符，且不能含控制字符",
                )
            )
        graph = self._compiled()
        with unit_of_work(self.engine, context.acting) as session:
            key = conversations.touch(session, person=context.acting.name, thread=thread, said=text)
        config: RunnableConfig = {"configurable": {"thread_id": str(key)}, "recursion_limit": 60}
        waiting = bool(graph.get_state(config).next)
        given: Any = Command(resume=text) if waiting else {"said": text}
        graph.invoke(given, config, context=context, durability="exit")

    def _result(self, context: TurnContext, *, ms: int) -> TurnResult:
        view = None
        if context.proposal is not None:
            view = self.toolbox.look(self.engine, context.acting, context.proposal)
        last = context.answers[-1] if context.answers and view is None else None
        return TurnResult(
            kind=context.kind,
            text=context.text,
            grid=last.grid() if last else None,
            query=last.query() if last else None,
            figures=[figure for answer in context.answers for figure in answer.figures()],
            proposal=view,
            options=context.options,
            ms=ms,
            model=context.acting.model or "embedded",
            delta=context.delta,
        )

    def _compiled(self) -> Graph:
        with self._lock:
            if self._graph is None:
                url = self.engine.url.set(drivername="postgresql")
                self._pool = ConnectionPool(
                    url.render_as_string(hide_password=False),
                    min_size=1,
                    max_size=8,
                    kwargs={"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row},
                    open=True,
                )
                checkpoints = PostgresSaver(self._pool)
                checkpoints.setup()
                self._graph = _wire(self, checkpoints)
            return self._graph


class _Nodes:
    """The nodes of the graph: each acts or asks, never both."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
        self.engine, self.toolbox = assistant.engine, assistant.toolbox
        self.settings = assistant.settings

    def listen(self, state: Turn) -> Turn:
        """Take in what the person said."""
        message = HumanMessage(state["said"], id=f"said-{new_id()}")
        return {"messages": [message], "steps": 0, "model": _first_reader(self.assistant)}

    def is_word_on_proposal(self, state: Turn, runtime: Runtime[TurnContext]) -> str:
        """Tell whether the person decides on a proposal, or says something to be understood.

        Only a person's own words decide, read by rules and never by a language model. A plain
        "yes" is one only right after the card; later on it takes the word "approve".
        """
        word = persons_word(state["said"], self._today(runtime.context))
        earlier = [m for m in state["messages"][:-1] if isinstance(m, AIMessage)]
        card_was_last = bool(earlier) and "proposal" in earlier[-1].additional_kwargs
        if word is None or not (word.explicit or card_was_last):
            return "understand"
        target = state.get("done") if word.verdict == "undo" else state.get("proposal")
        target = target or word.proposal
        return "settle" if target else "understand"

    def understand(self, state: Turn, runtime: Runtime[TurnContext]) -> Turn:
        """Let the reader of this turn choose tools, ask back, or answer."""
        context = runtime.context
        context.acting = replace(context.acting, model=state["model"])
        if state["model"] == "embedded":
            return {"messages": [_read_embedded(self.assistant, context, state)]}
        if state["steps"] >= self.settings.model_steps_max or time.monotonic() > context.deadline:
            stopped = context.say(
                "I stopped here: this took more steps than I may take. Nothing was changed.",
                "我在此停止：步骤超过上限。没有任何更改。",
            )
            return {"messages": [_final(context, stopped, "refuse")]}
        try:
            spoken = _ask_model(self.assistant, context, state["messages"])
        except Exception as failure:  # noqa: BLE001
            # Whatever is wrong with a model elsewhere, the one inside answers, and says so.
            log.warning("the language model failed", why=str(failure)[:500])
            context.emit(
                Progress(
                    context.say(
                        "The language model does not answer; I answer by myself.",
                        "语言模型没有响应；由内置解释器回答。",
                    )
                )
            )
            context.acting = replace(context.acting, model="embedded")
            read = _read_embedded(self.assistant, context, state)
            return {"messages": [read], "model": "embedded"}
        return {"messages": [spoken], "steps": state["steps"] + 1}

    def act(self, state: Turn, runtime: Runtime[TurnContext]) -> Turn:
        """Answer what is asked at once; make one proposal of all that would change something."""
        context = runtime.context
        spoken = state["messages"][-1]
        assert isinstance(spoken, AIMessage)
        said = next(m for m in reversed(state["messages"]) if isinstance(m, HumanMessage))
        results: list[AnyMessage] = []
        writing: list[tuple[ToolCall, Call]] = []
        for asked in spoken.tool_calls:
            try:
                given = {"tool": tool_name(asked["name"]), "arguments": asked["args"]}
                [call] = self.toolbox.parse([given])
                tool = self.toolbox.tools[call.tool]
                if tool.writes:
                    writing.append((asked, call))
                    continue
                context.emit(Progress(tool.called(context.language)))
                answer = self.toolbox.read(self.engine, context.acting, call)
            except DomainError as refusal:
                results.append(_refused(context, asked, refusal))
            else:
                context.answers.append(answer)
                results.append(_answered(context, asked, answer))
        if not writing or any(getattr(m, "status", "") == "error" for m in results):
            # A plan is whole or not at all: one step that cannot be read leaves none of it.
            return {"messages": [*results, *(_left_out(context, a) for a, _ in writing)]}
        try:
            context.emit(Progress(context.say("Working out the exact effect", "正在计算确切影响")))
            view = self.toolbox.propose(
                self.engine,
                context.acting,
                tuple(call for _, call in writing),
                reason=_reason(context, str(said.content)),
                key=f"chat:{said.id}:{state['steps']}",
            )
        except DomainError as refusal:
            results += [_refused(context, asked, refusal) for asked, _ in writing]
            return {"messages": results}
        context.proposal, context.kind = view.id, "proposal"
        results += [_proposed(asked, view) for asked, _ in writing]
        text = context.say(
            f"{view.number}: {view.title('en')}. Please look at the effect and decide.",
            f"{view.number}：{view.title('zh')}。请查看影响并决定。",
        )
        context.text = text
        shown = AIMessage(text, additional_kwargs={"proposal": str(view.id)})
        return {"messages": [*results, shown], "proposal": str(view.id), "seen": view.digest}

    def ask(self, state: Turn) -> Turn:
        """Wait for the person: ring, and do nothing else."""
        # This node is run again from its top on resume.
        return {"said": interrupt({"proposal": state["proposal"]})}

    def settle(self, state: Turn, runtime: Runtime[TurnContext]) -> Turn:
        """Do what the person decided."""
        word = persons_word(state["said"], self._today(runtime.context))
        assert word is not None, "only a person's word on a proposal is settled"
        try:
            return _settle(self.assistant, runtime.context, state, word)
        except DomainError as refusal:
            kind: ResultKind = "denied" if isinstance(refusal, NotPermitted) else "refuse"
            text = refusal.message(runtime.context.language)
            return {"messages": [_final(runtime.context, text, kind)]}

    def acted(self, state: Turn) -> str:
        """Go on to act where tools were called."""
        last = state["messages"][-1]
        return "act" if isinstance(last, AIMessage) and last.tool_calls else END

    def proposed(self, state: Turn) -> str:
        """Go on to ask where a proposal was made."""
        return "ask" if isinstance(state["messages"][-1], AIMessage) else "understand"

    def still_open(self, state: Turn, runtime: Runtime[TurnContext]) -> str:
        """Ask again while the proposal is open: its row is the truth."""
        if not state.get("proposal"):
            return END
        proposal = uuid.UUID(state["proposal"])
        view = self.toolbox.look(self.engine, runtime.context.acting, proposal)
        return "ask" if view.state == ProposalState.OPEN else END

    def _today(self, context: TurnContext) -> date:
        with reading(self.engine, context.acting) as session:
            return company(session).today


def _wire(assistant: Assistant, checkpoints: PostgresSaver) -> Graph:
    nodes = _Nodes(assistant)
    graph = StateGraph(Turn, context_schema=TurnContext)
    graph.add_node("listen", nodes.listen)
    graph.add_node("understand", nodes.understand)
    graph.add_node("act", nodes.act)
    graph.add_node("ask", nodes.ask)
    graph.add_node("settle", nodes.settle)
    graph.add_edge(START, "listen")
    graph.add_conditional_edges("listen", nodes.is_word_on_proposal, ["understand", "settle"])
    graph.add_conditional_edges("understand", nodes.acted, ["act", END])
    graph.add_conditional_edges("act", nodes.proposed, ["ask", "understand"])
    graph.add_edge("ask", "listen")
    graph.add_conditional_edges("settle", nodes.still_open, ["ask", END])
    return graph.compile(checkpointer=checkpoints)


def _reason(context: TurnContext, said: str) -> Reason:
    reason: Reason = {"words": said[:4_000]}
    if context.acting.model != "embedded":
        # The card says that a model chose these calls, so that the person compares them.
        reason["facts"] = {"read by": context.acting.model}
    return reason


def _first_reader(assistant: Assistant) -> str:
    model = assistant.language_model
    return "embedded" if model is None else str(assistant.settings.model)


def _read_embedded(assistant: Assistant, context: TurnContext, state: Turn) -> AIMessage:
    toolbox = assistant.toolbox
    reader = EmbeddedInterpreter(
        engine=assistant.engine,
        toolbox=toolbox,
        acting=context.acting,
        judge=assistant.second.judge(),
    )
    tools = as_functions(toolbox.allowed(context.acting.actor))
    read = reader.bind_tools(tools).invoke(state["messages"][-HISTORY_MAX:])
    assert isinstance(read, AIMessage)
    if not read.tool_calls:
        kind: ResultKind = read.additional_kwargs.get("kind", context.kind)
        context.options = list(read.additional_kwargs.get("options", ()))
        return _final(context, str(read.content), kind, read.additional_kwargs)
    return read


def _ask_model(
    assistant: Assistant, context: TurnContext, messages: Sequence[AnyMessage]
) -> AIMessage:
    """Let the language model speak; what it says is shown only as far as tools back it."""
    model: BaseChatModel | None = assistant.language_model
    assert model is not None, "asked for only where a model is configured"
    with reading(assistant.engine, context.acting) as session:
        ours = company(session)
    instructions = prompt(
        "assistant",
        company=ours.name,
        person=context.acting.name,
        roles=", ".join(sorted(context.acting.actor.roles)),
        language="Chinese" if context.language == "zh" else "English",
        today=ours.today.isoformat(),
        currency=ours.currency,
    )
    bound = model.bind_tools(as_functions(assistant.toolbox.allowed(context.acting.actor)))
    spoken: Any = None
    context.emit(Progress(context.say("Thinking", "思考中")))
    heard = _complete(messages[-HISTORY_MAX:])
    for piece in bound.stream([SystemMessage(instructions), *heard]):
        spoken = piece if spoken is None else spoken + piece
        context.tokens += max(1, len(str(piece.content)) // 4)
        if context.tokens > assistant.settings.model_tokens_max:
            break
        if time.monotonic() > context.deadline:
            break
    if spoken is None or (not spoken.tool_calls and not str(spoken.text).strip()):
        problem = "the model said nothing"
        raise ValueError(problem)
    if spoken.tool_calls:
        return AIMessage(str(spoken.text), tool_calls=spoken.tool_calls)
    return _guarded(context, str(spoken.text).strip(), messages)


def _guarded(context: TurnContext, text: str, messages: Sequence[AnyMessage]) -> AIMessage:
    sources = [str(m.content) for m in messages if isinstance(m, HumanMessage | ToolMessage)]
    if invented := unbacked(text, sources):
        log.warning("the model stated numbers of its own", numbers=sorted(map(str, invented)))
        backed = [answer.sentence(context.language) for answer in context.answers]
        left_out = context.say(
            "(The language model's wording was left out: it stated numbers that no tool returned.)",
            "（语言模型的措辞已省略：其中含有工具未返回的数字。）",
        )
        text = "\n".join([*backed, left_out])
    for sentence in text.splitlines(keepends=True):
        context.emit(Token(sentence))
    return _final(context, text, context.kind)


def _settle(assistant: Assistant, context: TurnContext, state: Turn, word: PersonsWord) -> Turn:
    engine, toolbox, acting = assistant.engine, assistant.toolbox, context.acting
    language = context.language
    named = toolbox.find_by_number(engine, acting, word.proposal) if word.proposal else None
    if word.verdict == "undo":
        done = str(named.id if named else state.get("done"))
        view = toolbox.undo(engine, acting, uuid.UUID(done))
        return _shown(context, view, context.say("This would undo it.", "撤销方案如下。"))
    proposal = state.get("proposal")
    if named is not None and str(named.id) != proposal:
        # Nobody says yes to what they have not seen in this conversation.
        return _shown(context, named, context.say("Please look first.", "请先查看。"))
    if proposal is None:
        nothing = context.say("There is nothing waiting for your yes.", "没有等待您批准的事项。")
        return {"messages": [_final(context, nothing, "refuse")]}
    proposal_id = uuid.UUID(proposal)
    if word.verdict == "edit":
        before = toolbox.look(engine, acting, proposal_id)
        calls = word.edited(before.calls, toolbox)
        view = toolbox.edit(engine, acting, proposal_id, calls, reason=state["said"][:500])
        return _shown(context, view, context.say("Changed.", "已修改。"))
    outcome = toolbox.decide(
        engine, acting, proposal_id, word.verdict, seen=state["seen"], reason=word.reason
    )
    if outcome.state == "changed":
        context.delta = outcome.delta
        gone, new = outcome.delta or ([], [])
        text = context.say(
            f"Nothing was done, because the effect has changed. Gone: {'; '.join(gone) or '-'}. "
            f"New: {'; '.join(new) or '-'}. Please look again.",
            f"未执行：影响已变化。不再有：{'；'.join(gone) or '-'}。新增：{'；'.join(new) or '-'}。"
            "请重新查看。",
        )
        return _shown(context, outcome.proposal, text)
    context.proposal = proposal_id
    if outcome.state == "waiting":
        text = context.say(
            f"Noted. {outcome.proposal.number} needs one more person's approval.",
            f"已记录。{outcome.proposal.number} 还需要另一人批准。",
        )
        return {"messages": [_final(context, text, "answer")], "proposal": None}
    if outcome.state == "rejected":
        text = context.say("Left undone.", "已驳回，未执行。")
        return {"messages": [_final(context, text, "answer")], "proposal": None}
    return {
        "messages": [_final(context, outcome.said(language), "answer")],
        "proposal": None,
        "done": proposal,
    }


def _shown(context: TurnContext, view: ProposalView, text: str) -> Turn:
    context.proposal = view.id
    said = f"{text} {view.number}: {view.title(context.language)}"
    message = _final(context, said, "proposal", {"proposal": str(view.id)})
    return {"messages": [message], "proposal": str(view.id), "seen": view.digest}


def _final(
    context: TurnContext, text: str, kind: ResultKind, kept: dict[str, Any] | None = None
) -> AIMessage:
    context.text, context.kind = text, kind
    return AIMessage(text, additional_kwargs=kept or {})


def _refused(context: TurnContext, asked: ToolCall, refusal: DomainError) -> ToolMessage:
    context.kind = "denied" if isinstance(refusal, NotPermitted) else "refuse"
    content = {"refused": refusal.code, "sentence": refusal.message(context.language)}
    return ToolMessage(
        json.dumps(content, ensure_ascii=False), tool_call_id=asked["id"] or "", status="error"
    )


def _left_out(context: TurnContext, asked: ToolCall) -> ToolMessage:
    why = context.say(
        "Not proposed, because another part of the request could not be read.",
        "未提出：请求的另一部分无法理解。",
    )
    content = json.dumps({"sentence": why}, ensure_ascii=False)
    return ToolMessage(content, tool_call_id=asked["id"] or "", status="error")


def _answered(context: TurnContext, asked: ToolCall, answer: Answer) -> ToolMessage:
    grid = answer.grid()
    content: dict[str, Any] = {"sentence": answer.sentence(context.language)}
    if grid is not None:
        content["columns"] = [column.name for column in grid.columns]
        content["rows"] = [[_plain(cell) for cell in row] for row in grid.rows[:ROWS_REMEMBERED]]
        content["rows_total"] = len(grid.rows)
    artifact: dict[str, Any] = {}
    if grid is not None:
        artifact["units"] = [[c.name, c.name_zh, c.unit] for c in grid.columns]
        artifact["styles"] = list(grid.styles[:ROWS_REMEMBERED])
        artifact["levels"] = list(grid.levels[:ROWS_REMEMBERED])
    if (query := answer.query()) is not None:
        artifact["query"] = query
    return ToolMessage(
        json.dumps(content, ensure_ascii=False),
        tool_call_id=asked["id"] or "",
        artifact=artifact or None,
    )


def _proposed(asked: ToolCall, view: ProposalView) -> ToolMessage:
    content = {
        "proposal": view.number,
        "sentence": f"{view.number} waits for a person's decision.",
        "effect": view.effect.lines("en")[:ROWS_REMEMBERED],
    }
    return ToolMessage(json.dumps(content, ensure_ascii=False), tool_call_id=asked["id"] or "")


def _complete(messages: Sequence[AnyMessage]) -> list[AnyMessage]:
    """Leave out tool results whose call was cut off: a model refuses them."""
    start = next((i for i, m in enumerate(messages) if isinstance(m, HumanMessage)), 0)
    return list(messages[start:])


def _plain(cell: object) -> object:
    return cell if cell is None or isinstance(cell, bool | int | str) else str(cell)


def _kept_language(acting: Acting, text: str) -> Language:
    # Numbers and codes alone say nothing about the language; words in Latin letters do.
    words = [word for word in text.split() if word.isalpha() and len(word) > 1]
    return "en" if words else acting.actor.language


def _as_shown(messages: Sequence[AnyMessage]) -> list[Message]:
    shown: list[Message] = []
    grid: Grid | None = None
    for message in messages:
        if isinstance(message, HumanMessage):
            shown.append(Message("person", str(message.content)))
            grid = None
        elif isinstance(message, ToolMessage) and (message.artifact or {}).get("units"):
            content = json.loads(str(message.content))
            columns = tuple(Column(*unit) for unit in message.artifact["units"])
            grid = Grid(
                columns,
                tuple(tuple(row) for row in content["rows"]),
                tuple(message.artifact.get("styles", ())),
                tuple(message.artifact.get("levels", ())),
            )
        elif isinstance(message, AIMessage) and message.content and not message.tool_calls:
            proposal = message.additional_kwargs.get("proposal")
            shown.append(
                Message(
                    "assistant",
                    str(message.content),
                    grid=grid,
                    proposal_id=uuid.UUID(proposal) if proposal else None,
                    options=list(message.additional_kwargs.get("options", ())),
                )
            )
            grid = None
    return shown
