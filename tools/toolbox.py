"""The only road from a call to the core: look, rehearse, propose, decide, carry out, undo."""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

import structlog
from pydantic import ValidationError
from rapidfuzz import process as fuzzy
from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError, InternalError
from sqlalchemy.orm import Session

from core import approvals, ledger
from core.approvals import PlannedCall, Proposal, ProposalState, Reason, Undo
from core.approvals.errors import EffectChanged, UnknownProposal
from core.kernel import events
from core.kernel.company import company
from core.kernel.database import DatabaseUnavailable, reading, rehearsal, retried, unit_of_work
from core.kernel.effects import Effect
from core.kernel.errors import BadInput, DomainError, Language, NotPermitted
from core.kernel.idempotency import answer_or_none, earlier_answer, hash_of, remember_answer
from core.kernel.identity.acting import Acting, Actor
from core.kernel.money import Money
from core.ledger.errors import NoRate
from tools.base import CANNOT_UNDO, Answer, Arguments, Call, Plan, Tool, Undoing
from tools.errors import (
    BadArguments,
    BooksRefused,
    CannotBeUndone,
    NothingToDo,
    NothingToUndo,
    PlanTooLong,
    UnknownStep,
    UnknownTool,
)
from tools.events import CallRefused

STEPS_MAX = 25
EXPIRES_IN = timedelta(days=7)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Rehearsed:
    """A plan with every choice made, what it did before it was undone, and its way back."""

    plan: list[PlannedCall]
    effect: Effect
    undo: Undo
    pins: list[str]
    answers: list[Answer]
    needs_roles: list[list[str]]
    private_to: list[str] | None


@dataclass(frozen=True)
class DecisionView:
    """What one person said of a proposal."""

    person: str
    verdict: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class ProposalView:
    """A proposal as a person may see it; every door makes its card from this and nothing else."""

    id: uuid.UUID
    number: str
    topic: str
    titles: tuple[str, str]
    state: str
    asked_by: str
    asked_at: datetime
    door: str
    expires_at: datetime
    calls: list[PlannedCall]
    reason: Reason
    effect: Effect
    digest: str
    undo: Undo
    undo_texts: tuple[str, str]
    may_decide: bool
    refusal: DomainError | None
    people_missing: int
    decisions: tuple[DecisionView, ...]
    answers: list[dict[str, Any]] | None
    closed_because: str | None
    undoes: uuid.UUID | None

    def title(self, language: Language = "en") -> str:
        """Say in a few words what is proposed."""
        return self.titles[language == "zh"]

    def undo_text(self, language: Language = "en") -> str:
        """Say whether and how it can be undone."""
        return self.undo_texts[language == "zh"]

    def why_not(self, language: Language = "en") -> str:
        """Say why the person who looks cannot approve it; empty where they can."""
        return "" if self.refusal is None else self.refusal.message(language)

    def needs(self, language: Language = "en") -> str:
        """Say who still has to say yes."""
        if self.state != ProposalState.OPEN:
            return ""
        if self.refusal is not None:
            return self.why_not(language)
        if self.people_missing:
            return (
                f"还需您和另外 {self.people_missing} 人批准"
                if language == "zh"
                else f"your approval and that of {self.people_missing} more"
            )
        return "您的批准" if language == "zh" else "your approval"


@dataclass(frozen=True)
class Outcome:
    """What became of a decision.

    `executed`, `rejected`, `waiting` (for a second person), or `changed`: nothing was done, the
    proposal shows today's effect now, and `delta` says which lines are gone and which are new.
    """

    state: Literal["executed", "rejected", "waiting", "changed"]
    proposal: ProposalView
    sentences: tuple[tuple[str, str], ...] = ()
    delta: tuple[list[str], list[str]] | None = None

    def said(self, language: Language = "en") -> str:
        """Say what was done."""
        return " ".join(pair[language == "zh"] for pair in self.sentences)


class Toolbox:
    """The tools of the house, and the one road that every call of them takes."""

    def __init__(self, tools: Iterable[Tool]) -> None:
        self.tools: dict[str, Tool] = {}
        for tool in tools:
            assert tool.name not in self.tools, f"two tools are called {tool.name}"
            self.tools[tool.name] = tool

    def allowed(self, actor: Actor) -> list[Tool]:
        """Return the tools that somebody's roles include."""
        return [tool for tool in self.tools.values() if actor.roles & tool.roles]

    def parse(self, calls: Sequence[Mapping[str, Any]]) -> Plan:
        """Turn plain values into a plan; refuse what is not exactly a call of a tool of ours."""
        if len(calls) > STEPS_MAX:
            raise PlanTooLong(most=STEPS_MAX, count=len(calls))
        return tuple(self._parse_one(call) for call in calls)

    def writes(self, plan: Plan) -> bool:
        """Tell whether a plan needs somebody's yes."""
        return any(self.tools[call.tool].writes for call in plan)

    def read(self, engine: Engine, acting: Acting, call: Call) -> Answer:
        """Answer a question at once, as the asking person, in a transaction that cannot write."""
        tool = self.tools[call.tool]
        with self._recorded_refusals(engine, acting, (call,)):
            self._permit(acting.actor, [tool])
            if tool.writes:
                raise BadInput(problem=f"{tool.name} changes something and needs a proposal")
            with reading(engine, acting) as session:
                answer = tool.run(session, call.arguments)
        log.info("tool read", tool=tool.name, person=acting.name, door=acting.door)
        return answer

    def rehearse(self, engine: Engine, acting: Acting, plan: Plan) -> Rehearsed:
        """Run a plan for real, note its effect, and undo it; the preview can never lie."""
        if not self.writes(plan):
            raise NothingToDo
        with self._recorded_refusals(engine, acting, plan):
            self._permit(acting.actor, [self.tools[call.tool] for call in plan])
            return self._rehearse(engine, acting, plan)

    def propose(
        self,
        engine: Engine,
        acting: Acting,
        plan: Plan,
        *,
        reason: Reason,
        topic: str | None = None,
        key: str | None = None,
        expires_in: timedelta = EXPIRES_IN,
        undoes: uuid.UUID | None = None,
    ) -> ProposalView:
        """Rehearse a plan and open a proposal with its effect, or show the one on its topic.

        The same key with the same plan gives the same proposal again.
        """
        asked = hash_of(["propose", acting.name, [_planned(call) for call in plan], topic])
        if key is not None and (known := self._earlier(engine, acting, key, asked)):
            return self.look(engine, acting, uuid.UUID(known))
        rehearsed = self.rehearse(engine, acting, plan)
        if rehearsed.pins and not reason.get("pins"):
            reason = {**reason, "pins": rehearsed.pins}

        @retried
        def store() -> uuid.UUID:
            with unit_of_work(engine, acting) as session:
                if key is not None:
                    done, known = earlier_answer(session, key, asked)
                    if done:
                        return uuid.UUID(known)
                proposal, _ = approvals.open_proposal(
                    session,
                    rehearsed.plan,
                    rehearsed.effect,
                    topic=topic or f"{acting.name}:{hash_of(rehearsed.plan)[:24]}",
                    title=self._titles(rehearsed.plan)[0],
                    reason=reason,
                    undo=rehearsed.undo,
                    needs_roles=rehearsed.needs_roles,
                    private_to=rehearsed.private_to,
                    expires_in=expires_in,
                    undoes=undoes,
                )
                if key is not None:
                    remember_answer(session, key, str(proposal.id))
                return proposal.id

        with self._recorded_refusals(engine, acting, plan):
            proposal_id = store()
        return self.look(engine, acting, proposal_id)

    def decide(
        self,
        engine: Engine,
        acting: Acting,
        proposal_id: uuid.UUID,
        verdict: Literal["approve", "reject"],
        *,
        seen: str,
        reason: str = "",
        key: str | None = None,
    ) -> Outcome:
        """Approve or reject what was seen; carry it out, exactly once, if it still does that.

        The same decision of the same person again gives the same outcome, and does nothing more.
        """
        request = ["decide", str(proposal_id), acting.actor.human, verdict, seen]
        key = key or "decide:" + hash_of(request)
        plan = self._plan_of(engine, acting, proposal_id)
        with self._recorded_refusals(engine, acting, plan):
            if verdict == "reject":
                return self._reject(engine, acting, proposal_id, reason, key, hash_of(request))
            try:
                return self._carry_out(
                    engine, acting, proposal_id, seen, reason, key, hash_of(request)
                )
            except EffectChanged:
                before = self.look(engine, acting, proposal_id)
                after = self.renew(engine, acting, proposal_id)
                delta = before.effect.difference(after.effect, acting.actor.language)
                return Outcome("changed", after, delta=delta)

    def edit(
        self,
        engine: Engine,
        acting: Acting,
        proposal_id: uuid.UUID,
        calls: Sequence[Mapping[str, Any]],
        *,
        reason: str = "",
    ) -> ProposalView:
        """Put another plan into an open proposal: rehearsed anew, to be approved anew.

        Leaving out a call is how one call of a plan is unticked. Who edits has asked for it too.
        """
        self._plan_of(engine, acting, proposal_id)
        rehearsed = self.rehearse(engine, acting, self.parse(calls))
        self._change(engine, acting, proposal_id, rehearsed, because="edited", reason=reason)
        return self.look(engine, acting, proposal_id)

    def renew(self, engine: Engine, acting: Acting, proposal_id: uuid.UUID) -> ProposalView:
        """Rehearse an open proposal again, so that a person can decide on today's effect."""
        plan = self._plan_of(engine, acting, proposal_id)
        rehearsed = self._rehearse(engine, acting, plan)
        self._change(engine, acting, proposal_id, rehearsed, because="the world has moved")
        return self.look(engine, acting, proposal_id)

    def undo(self, engine: Engine, acting: Acting, proposal_id: uuid.UUID) -> ProposalView:
        """Propose what compensates for everything that a proposal did, in reverse order."""
        with reading(engine, acting) as session:
            done = self._visible(session, acting.actor, proposal_id)
            if done.state is not ProposalState.EXECUTED or done.answers is None:
                raise NothingToUndo(number=done.number)
            plan = _resolved_plan(self._typed(done.plan), done.answers)
            undoings = self._undoings(session, plan, done.answers)
            calls = [call for undoing in undoings for call in undoing.calls]
            for undoing in undoings:
                if undoing.impossible is not None:
                    why = undoing.impossible[acting.actor.language == "zh"]
                    raise CannotBeUndone(number=done.number, why=why)
            number = done.number
        return self.propose(
            engine,
            acting,
            tuple(calls),
            reason={"rule": "undo", "facts": {"undoes": number}},
            topic=f"undo:{proposal_id}",
            undoes=proposal_id,
        )

    def withdraw(
        self, engine: Engine, acting: Acting, proposal_id: uuid.UUID, *, because: str
    ) -> None:
        """Take back an open proposal whose cause is gone; only who asked for it can."""
        with unit_of_work(engine, acting) as session:
            proposal = approvals.find_proposal(session, proposal_id, lock=True)
            if proposal.asked_by != acting.name:
                raise UnknownProposal(id=proposal_id)
            approvals.require_open(proposal)
            approvals.close(session, proposal, ProposalState.WITHDRAWN, because=because)

    def look(self, engine: Engine, acting: Acting, proposal_id: uuid.UUID) -> ProposalView:
        """Show a proposal to somebody who may see it."""
        with reading(engine, acting) as session:
            return self._view(
                session, acting.actor, self._visible(session, acting.actor, proposal_id)
            )

    def inbox(
        self, engine: Engine, acting: Acting, *, state: str | None = "open", limit: int = 100
    ) -> list[ProposalView]:
        """Show the proposals that somebody may see, newest first."""
        wanted = None if state is None else ProposalState(state)
        with reading(engine, acting) as session:
            return [
                self._view(session, acting.actor, proposal)
                for proposal in approvals.list_proposals(session, state=wanted, limit=limit)
                if approvals.may_see(acting.actor, proposal)
            ]

    def count_open(self, engine: Engine, acting: Acting) -> int:
        """Count the open proposals that somebody may see."""
        with reading(engine, acting) as session:
            proposals = approvals.list_proposals(session, state=ProposalState.OPEN)
            return sum(approvals.may_see(acting.actor, proposal) for proposal in proposals)

    def find_by_number(self, engine: Engine, acting: Acting, number: str) -> ProposalView:
        """Show the proposal that people call by this number."""
        with reading(engine, acting) as session:
            found = session.scalar(select(Proposal).where(Proposal.number == number.upper()))
            if found is None or not approvals.may_see(acting.actor, found):
                raise UnknownProposal(id=number)
            return self._view(session, acting.actor, found)

    # The steps of the road.

    @retried
    def _rehearse(self, engine: Engine, acting: Acting, plan: Plan) -> Rehearsed:
        with _kindly(), rehearsal(engine, acting) as session:
            pinned: list[Call] = []
            answers: list[Answer] = []
            pins: list[str] = []
            needs_roles: list[list[str]] = []
            parties: list[set[str] | None] = []
            for call in plan:
                tool = self.tools[call.tool]
                given = _resolved(call, [answer.model_dump(mode="json") for answer in answers])
                chosen = tool.pin(session, given.arguments)
                pins += _chosen(given.arguments, chosen)
                pinned.append(_with_references(call, chosen))
                answers.append(tool.run(session, chosen))
                needs_roles.append(sorted(_seen_by(session, tool, chosen)))
                about = tool.private_to and tool.private_to(session, chosen)
                parties.append(None if about is None else {str(party) for party in about})
            effect = events.effect_of(events.recorded(session), _in_base(session))
            stored = [answer.model_dump(mode="json") for answer in answers]
            resolved = _resolved_plan(tuple(pinned), stored)
            undoings = self._undoings(session, resolved, stored)
            way_back: Undo = {
                "possible": all(undoing.impossible is None for undoing in undoings),
                "how": [call.tool for undoing in undoings for call in undoing.calls],
                "why_not": next(
                    (list(undoing.impossible) for undoing in undoings if undoing.impossible), []
                ),
            }
            # Deferred checks of the database run before this block ends.
        planned = [_planned(call) for call in pinned]
        return Rehearsed(
            planned, effect, way_back, pins, answers, needs_roles, _private_to(parties)
        )

    @retried
    def _carry_out(
        self,
        engine: Engine,
        acting: Acting,
        proposal_id: uuid.UUID,
        seen: str,
        reason: str,
        key: str,
        request_hash: str,
    ) -> Outcome:
        with _kindly(), unit_of_work(engine, acting) as session:
            done, known = earlier_answer(session, key, request_hash)
            if not done:
                known = self._approve_and_run(session, acting, proposal_id, seen, reason)
                remember_answer(session, key, known)
        shown = self.look(engine, acting, proposal_id)
        return Outcome(known["state"], shown, tuple((en, zh) for en, zh in known["said"]))

    def _approve_and_run(
        self, session: Session, acting: Acting, proposal_id: uuid.UUID, seen: str, reason: str
    ) -> dict[str, Any]:
        proposal = approvals.find_proposal(session, proposal_id, lock=True)
        plan = self._typed(proposal.plan)
        self._permit(acting.actor, [self.tools[call.tool] for call in plan])
        for call in plan:
            self._refuse_one_hand(session, acting.actor, call)
        concerned = self._is_concerned(session, acting.actor, plan)
        if not approvals.approve(session, proposal, seen=seen, reason=reason, concerned=concerned):
            return {"state": "waiting", "said": []}
        why = proposal.reason.get("words") or proposal.reason.get("rule") or ""
        session.info["acting"] = acting.on_proposal(
            proposal.id, on_behalf_of=proposal.asked_by, why=why
        )
        start = len(events.recorded(session))
        answers: list[Answer] = []
        for call in plan:
            stored = [answer.model_dump(mode="json") for answer in answers]
            answers.append(self._run_one(session, acting, proposal, _resolved(call, stored)))
        effect = events.effect_of(events.recorded(session)[start:], _in_base(session))
        stored = [answer.model_dump(mode="json") for answer in answers]
        approvals.mark_executed(session, proposal, effect=effect, answers=stored)
        said = [[answer.sentence("en"), answer.sentence("zh")] for answer in answers]
        return {"state": "executed", "said": said}

    def _run_one(self, session: Session, acting: Acting, proposal: Proposal, call: Call) -> Answer:
        tool = self.tools[call.tool]
        self._refuse_one_hand(session, acting.actor, call)
        answer = tool.run(session, call.arguments)
        if tool.duty is not None:
            stored = answer.model_dump(mode="json")
            for case in tool.duty.cases(session, call.arguments, stored):
                approvals.note_duty(session, proposal, case, tool.duty.name)
        return answer

    def _is_concerned(self, session: Session, actor: Actor, plan: Plan) -> bool:
        return any(
            tool.concerns is not None and tool.concerns(session, call.arguments, actor)
            for call in plan
            for tool in (self.tools[call.tool],)
        )

    def _refuse_one_hand(self, session: Session, actor: Actor, call: Call) -> None:
        duty = self.tools[call.tool].duty
        if duty is not None:
            for case in duty.cases(session, call.arguments, None):
                approvals.refuse_duties_in_one_hand(session, actor.human, case, duty.name)

    @retried
    def _reject(
        self,
        engine: Engine,
        acting: Acting,
        proposal_id: uuid.UUID,
        reason: str,
        key: str,
        request_hash: str,
    ) -> Outcome:
        with unit_of_work(engine, acting) as session:
            done, _ = earlier_answer(session, key, request_hash)
            if not done:
                proposal = approvals.find_proposal(session, proposal_id, lock=True)
                if proposal.asked_by_human != acting.actor.human:
                    plan = self._typed(proposal.plan)
                    self._permit(acting.actor, [self.tools[call.tool] for call in plan])
                approvals.reject(session, proposal, reason=reason)
                remember_answer(session, key, {"state": "rejected"})
        return Outcome("rejected", self.look(engine, acting, proposal_id))

    @retried
    def _change(
        self,
        engine: Engine,
        acting: Acting,
        proposal_id: uuid.UUID,
        rehearsed: Rehearsed,
        *,
        because: str,
        reason: str = "",
    ) -> None:
        with unit_of_work(engine, acting) as session:
            proposal = approvals.find_proposal(session, proposal_id, lock=True)
            approvals.change(
                session,
                proposal,
                plan=rehearsed.plan,
                effect=rehearsed.effect,
                undo=rehearsed.undo,
                needs_roles=rehearsed.needs_roles,
                private_to=rehearsed.private_to,
                because=because,
            )
            if because == "edited":
                approvals.note_edit(session, proposal, reason=reason)

    # Who may do and see what.

    def _permit(self, actor: Actor, tools: Iterable[Tool]) -> None:
        for tool in tools:
            if not actor.roles & tool.roles:
                raise NotPermitted(
                    what=tool.called(actor.language), roles=", ".join(sorted(tool.roles))
                )

    def _visible(self, session: Session, actor: Actor, proposal_id: uuid.UUID) -> Proposal:
        proposal = approvals.find_proposal(session, proposal_id, lock=False)
        if not approvals.may_see(actor, proposal):
            raise UnknownProposal(id=proposal_id)
        return proposal

    def _view(self, session: Session, actor: Actor, proposal: Proposal) -> ProposalView:
        need = approvals.Need(0)
        if proposal.state is ProposalState.OPEN:
            try:
                self._permit(actor, [self.tools[call["tool"]] for call in proposal.plan])
                approvals.require_open(proposal)
                plan = self._typed(proposal.plan)
                for call in plan:
                    self._refuse_one_hand(session, actor, call)
                concerned = self._is_concerned(session, actor, plan)
                need = approvals.needed(session, proposal, actor, concerned=concerned)
            except DomainError as refusal:
                need = approvals.Need(1, refusal)
        return ProposalView(
            id=proposal.id,
            number=proposal.number,
            topic=proposal.topic,
            titles=self._titles(proposal.plan),
            state=proposal.state,
            asked_by=proposal.asked_by,
            asked_at=proposal.created_at,
            door=proposal.door,
            expires_at=proposal.expires_at,
            calls=proposal.plan,
            reason=proposal.reason,
            effect=proposal.effect,
            digest=proposal.digest,
            undo=proposal.undo,
            undo_texts=self._undo_texts(proposal.undo),
            may_decide=proposal.state is ProposalState.OPEN and need.refusal is None,
            refusal=need.refusal,
            people_missing=need.people,
            decisions=tuple(
                DecisionView(said.person, said.verdict, said.reason, said.decided_at)
                for said in approvals.decisions_of(session, proposal.id)
            ),
            answers=proposal.answers,
            closed_because=proposal.closed_because,
            undoes=proposal.undoes_id,
        )

    @contextmanager
    def _recorded_refusals(
        self, engine: Engine, acting: Acting, plan: Sequence[Call]
    ) -> Iterator[None]:
        # Whoever tried what is not allowed is named in the audit trail, and so is what was tried.
        try:
            yield
        except DatabaseUnavailable:
            raise
        except DomainError as refusal:
            asked = [_planned(call) for call in plan]
            tools = ", ".join(call["tool"] for call in asked)
            log.warning("refused", tool=tools, person=acting.name, refusal=refusal.code)
            with unit_of_work(engine, acting) as session:
                events.record(session, CallRefused(tools, refusal.code, hash_of(asked)))
            raise

    # Words and values.

    def _parse_one(self, call: Mapping[str, Any]) -> Call:
        name = call.get("tool")
        tool = self.tools.get(name) if isinstance(name, str) else None
        if tool is None or set(call) - {"tool", "arguments"}:
            near = fuzzy.extract(str(name)[:100], list(self.tools), limit=3)
            raise UnknownTool(tool=str(name)[:100], nearest=", ".join(match[0] for match in near))
        try:
            arguments = tool.arguments.model_validate(call.get("arguments") or {})
        except ValidationError as error:
            problems = "; ".join(
                f"{'.'.join(str(part) for part in problem['loc']) or 'arguments'}: {problem['msg']}"
                for problem in error.errors(include_input=False, include_url=False)[:5]
            )
            raise BadArguments(tool=tool.name, problems=problems) from None
        return Call(tool.name, arguments)

    def _typed(self, plan: Sequence[PlannedCall]) -> Plan:
        return self.parse([{"tool": call["tool"], "arguments": call["arguments"]} for call in plan])

    def _plan_of(self, engine: Engine, acting: Acting, proposal_id: uuid.UUID) -> Plan:
        with reading(engine, acting) as session:
            return self._typed(self._visible(session, acting.actor, proposal_id).plan)

    def _earlier(self, engine: Engine, acting: Acting, key: str, asked: str) -> str | None:
        with reading(engine, acting) as session:
            known: str | None = answer_or_none(session, key, asked)
        return known

    def _undoings(
        self, session: Session, plan: Plan, answers: Sequence[dict[str, Any]]
    ) -> list[Undoing]:
        undoings = []
        for call, answer in reversed(list(zip(plan, answers, strict=True))):
            tool = self.tools[call.tool]
            if not tool.writes:
                continue
            undoings.append(
                tool.undo(session, call.arguments, answer) if tool.undo else CANNOT_UNDO
            )
        return undoings

    def _titles(self, plan: Sequence[PlannedCall]) -> tuple[str, str]:
        def title(language: Language) -> str:
            steps = []
            for call in plan:
                tool = self.tools.get(call["tool"])
                name = tool.called(language) if tool else call["tool"]
                given = _told(tool, call["arguments"])
                steps.append(f"{name} {' · '.join(given[:3])}"[:80].strip())
            return " + ".join(steps)[:200]

        return title("en"), title("zh")

    def _undo_texts(self, undo: Undo) -> tuple[str, str]:
        if not undo["possible"]:
            en, zh = undo["why_not"] or CANNOT_UNDO.impossible or ("", "")
            return f"Cannot be undone: {en}.", f"无法撤销：{zh}。"
        tools = [self.tools[name] for name in undo["how"] if name in self.tools]
        how_en = ", ".join(dict.fromkeys(tool.called("en").lower() for tool in tools))
        how_zh = "、".join(dict.fromkeys(tool.called("zh") for tool in tools))
        return f"Can be undone: {how_en}.", f"可以撤销：{how_zh}。"


def _told(tool: Tool | None, arguments: Mapping[str, Any]) -> list[str]:
    """Return what somebody chose of a call's arguments, in short: neither defaults nor steps."""
    usual = {} if tool is None else tool.arguments.model_fields
    # In the order in which the tool asks for them: a stored plan has lost that of its caller.
    places = {name: place for place, name in enumerate(usual)}
    named = sorted(arguments.items(), key=lambda each: places.get(each[0], len(places)))
    return [
        str(value)
        for name, value in named
        if value
        and isinstance(value, str | int)
        and not _is_reference(value)
        and not (name in usual and str(value) == str(usual[name].default))
    ]


def _seen_by(session: Session, tool: Tool, chosen: Arguments) -> frozenset[str]:
    if callable(tool.seen_by):
        return tool.seen_by(session, chosen)
    return tool.roles if tool.seen_by is None else tool.seen_by


def _private_to(parties: Sequence[set[str] | None]) -> list[str] | None:
    """Return whom a plan is about, where something of it is private: those it is all about."""
    if all(about is None for about in parties):
        return None
    return sorted(set.intersection(*(about or set() for about in parties)))


def _planned(call: Call) -> PlannedCall:
    return {"tool": call.tool, "arguments": call.arguments.model_dump(mode="json")}


def _is_reference(value: object) -> bool:
    return isinstance(value, str) and value.startswith("$") and "." in value


def _resolved(call: Call, answers: Sequence[dict[str, Any]]) -> Call:
    """Replace "$1.number" by that field of the first call's answer, or "$1.order.number"."""
    given = call.arguments.model_dump()

    def resolve(value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, dict):
            return {name: resolve(part) for name, part in value.items()}
        if isinstance(value, list | tuple):
            return [resolve(part) for part in value]
        if not _is_reference(value):
            return value
        place, *names = value[1:].split(".")
        if not place.isdecimal() or not 1 <= int(place) <= len(answers):
            raise UnknownStep(reference=value)
        found: Any = answers[int(place) - 1]
        for name in names:
            if not isinstance(found, dict) or name not in found:
                raise UnknownStep(reference=value)
            found = found[name]
        return found

    resolved = resolve(given)
    if resolved == given:
        return call
    return replace(call, arguments=type(call.arguments).model_validate(resolved))


def _resolved_plan(plan: Plan, answers: Sequence[dict[str, Any]]) -> Plan:
    return tuple(_resolved(call, answers[:place]) for place, call in enumerate(plan))


def _with_references(call: Call, chosen: Arguments) -> Call:
    """Keep "$1.number" in the pinned plan: the number is known only when it is carried out."""
    kept = {
        name: value for name, value in call.arguments.model_dump().items() if _is_reference(value)
    }
    return replace(call, arguments=chosen.model_copy(update=kept))


def _chosen(given: Arguments, chosen: Arguments) -> list[str]:
    """Say which open choices the pin has made."""
    before, after = given.model_dump(mode="json"), chosen.model_dump(mode="json")
    return [
        f"{name}: {after[name]}"
        for name in after
        if before.get(name) is None and after[name] is not None
    ]


def _in_base(session: Session) -> Callable[[Money], Money]:
    """Return what says what an amount is worth today; one without a rate stays as it is."""

    def worth(amount: Money) -> Money:
        try:
            return ledger.in_base(session, amount, company(session).today)
        except NoRate:
            return amount

    return worth


@contextmanager
def _kindly() -> Iterator[None]:
    """Say in a refusal what the database refused; nothing of the transaction is left by then."""
    try:
        yield
    except (IntegrityError, InternalError) as error:
        diagnosis = getattr(error.orig, "diag", None)
        rule = getattr(diagnosis, "constraint_name", None) or getattr(
            diagnosis, "message_primary", None
        )
        raise BooksRefused(rule=rule or "rule") from error
