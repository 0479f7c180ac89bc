"""The interpreter as a LangChain chat model, so that the same graph runs with it or with another.

It holds nothing between calls: what a conversation left open is read from its messages.
"""

import json
import re
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    HumanMessage,
    ToolCall,
    ToolMessage,
)
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from pydantic import ConfigDict, ValidationError
from sqlalchemy import Engine

from agents.interpreter.dialogue import DialogueContext, Frame
from agents.interpreter.entities import EntityCache
from agents.interpreter.lattice import PREFIXES
from agents.interpreter.lexicon import Lexicon, compile_lexicon
from agents.interpreter.normalise import language_of
from agents.interpreter.reading import (
    ANSWER,
    ApprovalReply,
    Ask,
    Calls,
    Reader,
    Reading,
    Refuse,
    Reply,
)
from agents.interpreter.standing import kept_names, report_query_of
from agents.interpreter.taught import Taught, as_said, read_teaching
from agents.language_model import function_name, tool_name
from core.kernel import company
from core.kernel.database import reading
from core.kernel.errors import Language
from core.kernel.identity.acting import Acting
from core.kernel.semantics import Said
from core.reporting import saved, teaching
from core.reporting.catalogue import CATALOGUE
from core.reporting.query import ReportQuery
from tools import Toolbox

# What an answer names can be meant by "it" afterwards; a proposal is decided on, not meant.
_DOCUMENT = re.compile(rf"\b(?:{'|'.join(p.upper() for p in PREFIXES if p != 'pr')})-\d{{5,}}\b")
FOCUS_MAX = 12

# One index per database of this process.
_caches: WeakKeyDictionary[Engine, EntityCache] = WeakKeyDictionary()


class EmbeddedInterpreter(BaseChatModel):
    """Reads the last message of a conversation for the person who acts."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    engine: Engine
    toolbox: Toolbox
    acting: Acting
    # Weighs every reading, where there is one.
    judge: Any = None

    @property
    def _llm_type(self) -> str:
        return "prokurist-embedded"

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,  # noqa: ANN401
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Take tools as other chat models do.

        What is not offered is understood all the same and called: the toolbox then says, for the
        record too, that it is not this person's to do, which is better than "not understood".
        """
        return self.bind(offered=len(tools), **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,  # noqa: ANN401
    ) -> ChatResult:
        message = self._answer(messages)
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,  # noqa: ANN401
    ) -> Iterator[ChatGenerationChunk]:
        message = self._answer(messages)
        chunk = AIMessageChunk(
            content=message.content,
            additional_kwargs=message.additional_kwargs,
            response_metadata=message.response_metadata,
            tool_call_chunks=[
                {
                    "name": call["name"],
                    "args": json.dumps(call["args"]),
                    "id": call["id"],
                    "index": index,
                    "type": "tool_call_chunk",
                }
                for index, call in enumerate(message.tool_calls)
            ],
        )
        yield ChatGenerationChunk(message=chunk)

    def _answer(self, messages: list[BaseMessage]) -> AIMessage:
        if isinstance(messages[-1], ToolMessage):
            return _said_of_results(messages, self.acting.actor.language)
        said = next(m for m in reversed(messages) if isinstance(m, HumanMessage))
        text = str(said.text)
        language = language_of(text, self.acting.actor.language)
        with reading(self.engine, self.acting) as session:
            today = company.today(session)
            taught = Taught(teaching.words_for(session), teaching.verified_for(session))
        context, lexicon = context_of(messages), self.lexicon()
        # A reason or note that is waited for is taken word by word.
        if context.pending is None or not context.pending.verbatim:
            if (told := read_teaching(text, lexicon, last_question(messages))) is not None:
                return _as_message(told, language, context)
            if (known := taught.confirmed(text, lexicon)) is not None:
                message = _as_message(known, language, context)
                message.additional_kwargs["verified"] = True
                return message
        meant, replaced = taught.rewritten(text, lexicon)
        read = Reader(self.judge).read(
            meant, language_hint=language, context=context, lexicon=lexicon, today=today
        )
        if replaced and isinstance(read, Calls):
            read = as_said(read, replaced, lexicon)
        return _as_message(read, language, context)

    def lexicon(self) -> Lexicon:
        """Return the words of the house, with those names that who acts may see."""
        cache = _caches.get(self.engine)
        if cache is None:
            cache = _caches[self.engine] = EntityCache(self.engine)
        with reading(self.engine, self.acting) as session:
            currency = company.company(session).currency
            names = kept_names(saved.names_for(session))
        return compile_lexicon(
            CATALOGUE.metrics.values(),
            CATALOGUE.dimensions.values(),
            self.toolbox.tools.values(),
            cache.index_for(self.acting),
            currency,
            names,
        )


def context_of(messages: Sequence[BaseMessage]) -> DialogueContext:
    """Return what a conversation left open before its last message."""
    last = max(place for place, m in enumerate(messages) if isinstance(m, HumanMessage))
    query: ReportQuery | None = None
    calls: tuple[dict[str, Any], ...] = ()
    pending: Frame | None = None
    proposal_open = False
    focus: list[str] = []
    asked: dict[str, Any] | None = None
    for message in messages[:last]:
        focus = [*reversed(_DOCUMENT.findall(str(message.text))), *focus][:FOCUS_MAX]
        if isinstance(message, ToolMessage) and (answered := _question_of(message)):
            asked = {"query": answered}
            query = _as_report(answered) or query
        if not isinstance(message, AIMessage):
            continue
        if message.tool_calls:
            calls = tuple(
                {"tool": tool_name(call["name"]), "arguments": call["args"]}
                for call in message.tool_calls
            )
            query = _query_in(calls) or query
            asked = next(
                ({"query": c["arguments"]["query"]} for c in calls if report_query_of(c)), asked
            )
        waiting = message.additional_kwargs.get("clarify")
        pending = Frame.from_json(waiting) if waiting else None
        proposal_open = "proposal" in message.additional_kwargs
    return DialogueContext(query, calls, pending, proposal_open, tuple(focus), asked)


def last_question(messages: Sequence[BaseMessage]) -> tuple[str, dict[str, Any]] | None:
    """Return what a person asked last and was answered, and the question that was read in it."""
    said, found = "", None
    for message in messages[:-1]:
        if isinstance(message, HumanMessage):
            said = str(message.text)
        elif isinstance(message, ToolMessage) and (asked := _question_of(message)) and said:
            found = (said, asked)
    return found


def _question_of(message: ToolMessage) -> dict[str, Any] | None:
    """Return the question that a tool answered, also one that it knew by a name."""
    answered = message.artifact.get("query") if isinstance(message.artifact, dict) else None
    return answered if isinstance(answered, dict) else None


def _as_report(asked: dict[str, Any]) -> ReportQuery | None:
    try:
        return ReportQuery.model_validate(asked)
    except ValidationError:
        # It is a question for records.
        return None


def _query_in(calls: Sequence[dict[str, Any]]) -> ReportQuery | None:
    for call in reversed(calls):
        if call["tool"] == ANSWER:
            try:
                return ReportQuery.model_validate(call["arguments"]["query"])
            except (KeyError, ValidationError):
                # Another model made this call, and the tool has refused it.
                continue
    return None


def _said_of_results(messages: Sequence[BaseMessage], language: Language) -> AIMessage:
    sentences: list[str] = []
    for message in reversed(messages):
        if isinstance(message, HumanMessage):
            break
        if isinstance(message, ToolMessage):
            sentences.insert(0, _sentence(str(message.content)))
        elif isinstance(message, AIMessage):
            notices = [n[language] for n in message.additional_kwargs.get("notices", ())]
            sentences[:0] = notices
    return _message("\n".join(dict.fromkeys(s for s in sentences if s)))


def _sentence(content: str) -> str:
    try:
        return str(json.loads(content)["sentence"])
    except (ValueError, KeyError, TypeError):
        return content


def _as_message(read: Reading, language: Language, context: DialogueContext) -> AIMessage:
    if isinstance(read, Calls):
        calls = [
            ToolCall(
                name=function_name(c["tool"]),
                args=dict(c["arguments"]),
                id=f"call-{uuid.uuid4().hex[:12]}",
            )
            for c in read.calls
        ]
        notices = [{"en": n.en, "zh": n.zh} for n in read.notices]
        said = _message("", calls=calls, **({"notices": notices} if notices else {}))
        if read.confidence is not None:
            said.response_metadata["confidence"] = round(read.confidence, 3)
        return said
    if isinstance(read, Ask):
        options = [option.says.in_(language) for option in read.options]
        kept: dict[str, Any] = {"kind": "clarify", "options": options}
        if read.frame is not None:
            kept["clarify"] = read.frame.to_json()
        return _message(_with_options(read.question.in_(language), options, language), **kept)
    if isinstance(read, Refuse):
        return _message(
            _refusal(read, language),
            kind="refuse",
            options=[s.in_(language) for s in read.suggestions],
        )
    if isinstance(read, Reply):
        return _message(_REPLIES[read.kind].in_(language), kind="answer")
    assert isinstance(read, ApprovalReply)
    return _message(_on_proposal(read, context).in_(language), kind="refuse")


def _message(content: str, calls: Sequence[ToolCall] = (), **kept: Any) -> AIMessage:  # noqa: ANN401
    return AIMessage(
        content=content,
        tool_calls=list(calls),
        additional_kwargs=kept,
        response_metadata={"reader": "embedded"},
        usage_metadata={"input_tokens": 0, "output_tokens": 0, "total_tokens": 0},
    )


def _with_options(question: str, options: Sequence[str], language: Language) -> str:
    if not options:
        return question
    return f"{question} {('、' if language == 'zh' else ' / ').join(options)}"


def _refusal(read: Refuse, language: Language) -> str:
    says = read.says.in_(language)
    if not read.suggestions:
        return says
    shown = ("、" if language == "zh" else ", ").join(
        f"“{suggestion.in_(language)}”" for suggestion in read.suggestions
    )
    return f"{says}您可以问：{shown}。" if language == "zh" else f"{says} You can ask: {shown}."


def _on_proposal(read: ApprovalReply, context: DialogueContext) -> Said:
    if read.decision.verdict == "undo":
        return Said(
            "There is nothing of this conversation to undo.", "本次对话中没有可撤销的操作。"
        )
    if context.proposal_open:
        return Said(
            "Please say “approve” or “reject”, or use the buttons of the card.",
            "请回复“批准”或“驳回”，或使用卡片上的按钮。",
        )
    return Said("There is nothing waiting for your decision here.", "这里没有等待您决定的事项。")


_REPLIES = {
    "greeting": Said(
        "Hello! Ask me about the business, or tell me what to do.",
        "您好！可以问我业务情况，或告诉我要做什么。",
    ),
    "thanks": Said("You are welcome.", "不客气。"),
    "empty": Said("There was nothing to read in that message.", "消息中没有可理解的内容。"),
    "help": Said(
        "I answer questions about the business (“revenue by month this year vs last year”, "
        "“overdue receivables by customer”, “how much stock of ITEM”), look up records "
        "(“show PO-00012”), and prepare changes for your approval (“order 40 of ITEM from "
        "SUPPLIER”, “ship SO-00010”, “CUSTOMER paid 1200”). Nothing changes until you approve.",
        "我可以回答业务问题（“今年各月收入与去年对比”“各客户逾期应收”“某物料库存还有多少”）、"
        "查询单据（“查看 PO-00012”），并准备需要您批准的操作（“向供应商订购40个物料”"
        "“SO-00010 发货”“客户付款1200”）。未经您批准，不会有任何更改。",
    ),
}
