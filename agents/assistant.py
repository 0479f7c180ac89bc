"""The conversation: listen, understand, act, ask, settle; the same graph for every reader.

What is proposed waits for a person at an interrupt. The interrupt is only the doorbell: the
proposal row is the truth, and it may as well be decided through any other door.
"""

import json
import queue
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, TypedDict

import structlog
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolCall, ToolMessage
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

from agents import choices
from agents.interpreter import EmbeddedInterpreter
from agents.interpreter.second import Keeper
from agents.language_model import as_functions, language_model_or_none, tool_name
from agents.origins import reason_of_model
from agents.persons_word import PersonsWord, persons_word
from agents.speaking import Speaker
from agents.turns import Final, Message, Progress, ResultKind, TurnContext, TurnEvent, TurnResult
from core.approvals import ProposalState, Reason
from core.kernel import conversations
from core.kernel.company import company
from core.kernel.conversations import Conversation
from core.kernel.database import reading, unit_of_work
from core.kernel.errors import BadInput, DomainError, Language, NotPermitted
from core.kernel.identifiers import new_id
from core.kernel.identity.acting import Acting
from core.kernel.settings import Settings
from core.kernel.words import is_chinese
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


Graph = CompiledStateGraph[Turn, TurnContext, Turn, Turn]


class Assistant:
    """The assistant of one company, for everybody who may talk to it."""

    def __init__(self, engine: Engine, settings: Settings, toolbox: Toolbox) -> None:
        self.engine, self.settings, self.toolbox = engine, settings, toolbox
        self.second = Keeper(settings.learned)
        model = language_model_or_none(settings)
        self.speaker = None if model is None else Speaker(model, engine, settings, toolbox)
        self._lock = threading.Lock()
        self._graph: Graph | None = None
        self._pool: ConnectionPool[Any] | None = None

    def turn(self, acting: Acting, thread: str, text: str) -> Iterator[TurnEvent]:
        """Answer one message of a thread; the last event is always `Final`."""
        started = time.monotonic()
        language = _language_of(acting, text)
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
        return _as_shown(acting, state.values.get("messages", []))

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
            language=context.language,
            ms=ms,
            model=context.acting.model or "embedded",
            delta=context.delta,
            usage=context.usage if context.usage.steps else None,
            verified=context.verified,
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
        if (picked := choices.chosen(state["messages"])) is not None:
            by, calls = picked
            return {"messages": [calls], "model": by}
        speaker = self.assistant.speaker
        if speaker is None or state["model"] == "embedded":
            return {"messages": [self._embedded(context, state)], "model": "embedded"}
        ours = self._ours(context, state)
        if self._is_enough(state, ours):
            context.acting = replace(context.acting, model="embedded")
            return {"messages": [self._embedded(context, state, ours)], "model": "embedded"}
        if why := speaker.limit_reached(context, state["steps"]):
            stopped = context.say(
                f"I stopped here: {why}. Nothing was changed.",
                f"我在此停止：{why}。没有任何更改。",
            )
            return {"messages": [_final(context, stopped, "refuse")]}
        try:
            spoken = speaker.speak(context, state["messages"][-HISTORY_MAX:])
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
            return {"messages": [self._embedded(context, state)], "model": "embedded"}
        if not spoken.tool_calls:
            spoken = _final(context, str(spoken.content), context.kind)
        elif self._is_doubtful(context, state, ours, spoken):
            spoken = self._choice(context, ours, spoken)
        return {"messages": [spoken], "steps": state["steps"] + 1}

    def _embedded(
        self, context: TurnContext, state: Turn, read: AIMessage | None = None
    ) -> AIMessage:
        """Read with the interpreter inside, and take its answer for that of the turn."""
        read = read or _read_embedded(self.assistant, context, state)
        context.verified = context.verified or bool(read.additional_kwargs.get("verified"))
        if not read.tool_calls:
            kind: ResultKind = read.additional_kwargs.get("kind", context.kind)
            context.options = list(read.additional_kwargs.get("options", ()))
            return _final(context, str(read.content), kind, read.additional_kwargs)
        return read

    def _ours(self, context: TurnContext, state: Turn) -> AIMessage:
        """Return how the interpreter inside reads what the person said, whatever came since."""
        said = max(p for p, m in enumerate(state["messages"]) if isinstance(m, HumanMessage))
        heard: Turn = {**state, "messages": state["messages"][: said + 1]}
        return _read_embedded(self.assistant, context, heard)

    def _is_enough(self, state: Turn, ours: AIMessage) -> bool:
        """Tell whether no model is needed: it is for what would be asked back or refused."""
        if ours.additional_kwargs.get("verified"):
            return True
        if self.settings.model_mode != "hybrid" or state["steps"]:
            return False
        held = ours.additional_kwargs.get("kind") in {"clarify", "refuse"}
        return bool(ours.tool_calls) or not held

    def _is_doubtful(
        self, context: TurnContext, state: Turn, ours: AIMessage, spoken: AIMessage
    ) -> bool:
        """Tell whether the model reads otherwise than the one inside, which is sure of itself."""
        if not ours.tool_calls:
            return False
        inside, model = self._ways(ours, spoken, state)
        writes = [self._writes(way) for way in (inside, model)]
        answers = [any(c["tool"] == choices.REPORT for c in way.calls) for way in (inside, model)]
        # What is looked up on the way to a change is no reading of it.
        comparable = (writes[1] and (writes[0] or not state["steps"])) or (
            all(answers) and not any(writes) and not state["steps"]
        )
        return comparable and choices.differ(
            self.toolbox, self.engine, context.acting, inside, model
        )

    def _choice(self, context: TurnContext, ours: AIMessage, spoken: AIMessage) -> AIMessage:
        model = str(self.settings.model)
        inside, other = choices.ways_of(ours, "embedded"), choices.ways_of(spoken, model)
        asked = choices.offer(self.toolbox, context.language, inside, other)
        context.options = list(asked.additional_kwargs["options"])
        return _final(context, str(asked.content), "clarify", asked.additional_kwargs)

    def _ways(
        self, ours: AIMessage, spoken: AIMessage, state: Turn
    ) -> tuple[choices.Way, choices.Way]:
        return choices.ways_of(ours, "embedded"), choices.ways_of(spoken, state["model"])

    def _writes(self, way: choices.Way) -> bool:
        tools = self.toolbox.tools
        return any(call["tool"] in tools and tools[call["tool"]].writes for call in way.calls)

    def _reason(self, context: TurnContext, state: Turn, calls: tuple[Call, ...]) -> Reason:
        said = next(m for m in reversed(state["messages"]) if isinstance(m, HumanMessage))
        reason: Reason = {"words": str(said.content)[:4_000]}
        model = context.acting.model
        if model in {None, "embedded"}:
            return reason
        # The card says that a model chose these calls, so that the person compares them.
        told = reason_of_model(self.toolbox, state["messages"], calls, str(model))
        if "source" in told and self._said_the_same(context, state, calls):
            del told["source"]
        return {**reason, **told}

    def _said_the_same(self, context: TurnContext, state: Turn, calls: tuple[Call, ...]) -> bool:
        ours = self._ours(context, state)
        if not ours.tool_calls:
            return False
        asked = tuple(
            {"tool": c.tool, "arguments": c.arguments.model_dump(mode="json")} for c in calls
        )
        inside, model = choices.ways_of(ours, "embedded"), choices.Way("model", asked)
        return not choices.differ(self.toolbox, self.engine, context.acting, inside, model)

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
                reason=self._reason(context, state, tuple(call for _, call in writing)),
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


def _first_reader(assistant: Assistant) -> str:
    return "embedded" if assistant.speaker is None else str(assistant.settings.model)


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
    return read


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


def _plain(cell: object) -> object:
    return cell if cell is None or isinstance(cell, bool | int | str) else str(cell)


def _language_of(acting: Acting, text: str) -> Language:
    """Return the language in which a message is answered."""
    if is_chinese(text):
        return "zh"
    # Numbers and codes alone say nothing about the language; words in Latin letters do.
    words = [word for word in text.split() if word.isalpha() and len(word) > 1]
    return "en" if words else acting.actor.language


def _as_shown(acting: Acting, messages: Sequence[AnyMessage]) -> list[Message]:
    shown: list[Message] = []
    grid: Grid | None = None
    language = acting.actor.language
    for message in messages:
        if isinstance(message, HumanMessage):
            language = _language_of(acting, str(message.content))
            shown.append(Message("person", str(message.content), language))
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
                    language,
                    grid=grid,
                    proposal_id=uuid.UUID(proposal) if proposal else None,
                    options=list(message.additional_kwargs.get("options", ())),
                )
            )
            grid = None
    return shown
