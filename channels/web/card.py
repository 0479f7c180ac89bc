"""The card of a proposal: what would happen and why, and the buttons of the person who decides.

It is made from the proposal alone, by code; no word of a model stands in it unmarked.
"""

import asyncio
import copy
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from channels.web.effects import show_effect
from channels.web.elements import Field, Modal, Tick, box, button, icon, link, say, say_linked
from channels.web.layout import Visit
from channels.web.texts import TEXTS, argument_name, t
from core.approvals import PlannedCall, ProposalState
from core.kernel.errors import DomainError, Language
from core.kernel.words import word
from tools import Outcome, ProposalView

# A chain of reasoning reads in this order.
FACTS_IN_ORDER = (
    "item",
    "on_hand",
    "reserved",
    "available",
    "on_order",
    "on_their_way",
    "sold_not_reserved",
    "sold_to",
    "projected_stock",
    "demand_per_day",
    "lead_time",
    "cover_time",
    "stock_out_risk",
    "safety_stock",
    "minimum",
    "target",
    "missing",
    "quantity",
    "supplier",
)

Shown = Callable[[ProposalView], Awaitable[None]]


def moment(at: datetime) -> str:
    """Write a point in time."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


class ProposalCard:
    """One proposal on a page; it redraws itself when the proposal has changed."""

    def __init__(self, visit: Visit, view: ProposalView, *, shows_another: Shown) -> None:
        self.visit, self.view, self.shows_another = visit, view, shows_another
        self.said: list[str] = []
        self.notice = ""
        self.delta: tuple[list[str], list[str]] | None = None
        self.is_busy = False
        self.frame = box("card", tag="article", aria_label=view.number)
        self.draw()

    @property
    def language(self) -> Language:
        """The language of the card."""
        return self.visit.language

    def t(self, key: str, **facts: object) -> str:
        """Return a text of the card."""
        return t(key, self.language, **facts)

    async def refresh(self) -> None:
        """Look at the proposal again, and redraw the card if it is another one now."""
        if self.is_busy or self.frame.is_deleted:
            return
        house, acting = self.visit.house, self.visit.visitor.acting
        now = await house.run(house.toolbox.look, house.engine, acting, self.view.id)
        before = self.view
        if (now.digest, now.state, now.decisions) != (
            before.digest,
            before.state,
            before.decisions,
        ):
            self.view = now
            if now.state == ProposalState.OPEN and now.digest != before.digest:
                # Nobody should say yes to a card that became another one under their hand.
                self.notice = self.t("changed_elsewhere")
            self.draw()

    def draw(self) -> None:
        """Draw the card anew."""
        view = self.view
        self.frame.clear()
        self.frame.props["data-state"] = view.state
        self.frame.props["data-number"] = view.number
        with self.frame:
            self._head()
            self._why()
            with box("card-effect", tag="section"):
                title = "what_happened" if view.state == ProposalState.EXECUTED else "what_happens"
                say(self.t(title), "section-title", tag="h3")
                show_effect(view.effect, self.language)
            self._alternatives()
            self._facts()
            self._outcome()
            self._buttons()

    def _head(self) -> None:
        view = self.view
        door = f"door_{view.door}"
        through = self.t(door) if door in TEXTS else view.door
        with box("card-head", tag="header"):
            with box("card-titles"):
                say(view.title(self.language), "card-title", tag="h2")
                say(
                    " · ".join(
                        (
                            view.number,
                            self.t("asked_by", who=view.asked_by),
                            moment(view.asked_at),
                            self.t("through", door=through),
                        )
                    ),
                    "card-meta",
                )
            say(self.t(view.state), f"state state-{view.state}", tag="span")

    def _outcome(self) -> None:
        """Say what came of a click where the click was."""
        if self.delta is not None:
            self._difference(self.delta)
        if self.notice:
            say(self.notice, "notice", role="status")
        if self.said:
            with box("done", role="status"):
                icon("check")
                with box():
                    for sentence in self.said:
                        say_linked(sentence)

    def _difference(self, delta: tuple[list[str], list[str]]) -> None:
        gone, new = delta
        with box("delta", role="alert"):
            say(self.t("changed_meanwhile"), "delta-title")
            with box("delta-lines", tag="ul"):
                for text, lines, kind in (
                    (self.t("gone"), gone, "gone"),
                    (self.t("new_lines"), new, "new"),
                ):
                    for line in lines:
                        with box(kind, tag="li"):
                            say(text, "delta-kind", tag="span")
                            say(line, tag="span")

    def _why(self) -> None:
        reason, who = self.view.reason, self.view.asked_by
        with box("card-why", tag="section"):
            say(self.t("why"), "section-title", tag="h3")
            if words := reason.get("words"):
                say(self.t("in_their_words", who=who), "why-label")
                say(words, "quote", tag="blockquote")
            if explained := reason.get("explained"):
                say(explained[self.language == "zh"], "explained", tag="p")
            rule, facts = reason.get("rule"), reason.get("facts") or {}
            if rule or facts:
                with box("figures", tag="dl"):
                    if rule:
                        self._pair(self.t("because_rule"), word(rule, self.language))
                    for name in sorted(facts, key=_place_of):
                        self._pair(_fact_name(name, self.language), facts[name])
            if pins := reason.get("pins"):
                say(self.t("chosen"), "why-label")
                with box("pins", tag="ul"):
                    for pin in pins:
                        name, _, value = pin.partition(": ")
                        say(f"{argument_name(name, self.language)}: {value}", tag="li")
            if source := reason.get("source"):
                with box("foreign"):
                    icon("quote")
                    say(self.t("foreign", source=source))

    def _pair(self, name: str, value: str) -> None:
        with box("figure-pair"):
            say(name, tag="dt")
            say(value, tag="dd")

    def _alternatives(self) -> None:
        ways = self.view.reason.get("alternatives") or []
        if not ways:
            return
        with box("fold", tag="details"):
            say(f"{self.t('alternatives')} ({len(ways)})", tag="summary")
            for way in ways:
                with box("way"):
                    say(str(way.get("label", "")), "way-label")
                    with box("way-lines", tag="ul"):
                        for line in _lines_of(way, self.language):
                            say(line, tag="li")
                    plan = way.get("plan")
                    if plan and self.view.may_decide:
                        button(self.t("use_this"), partial(self._save, plan), "small")

    def _facts(self) -> None:
        view = self.view
        with box("fold", tag="details"):
            say(f"{self.t('steps')} ({len(view.calls)})", tag="summary")
            with box("steps", tag="ol"):
                for call in view.calls:
                    with box("", tag="li"):
                        say(self._tool_name(call["tool"]), "step-name", tag="span")
                        say(_arguments_line(call, self.language), "step-arguments", tag="span")
        with box("pairs card-facts", tag="dl"):
            say(self.t("undo_info"), tag="dt")
            say(view.undo_text(self.language), tag="dd")
            if view.state == ProposalState.OPEN:
                say(self.t("needs"), tag="dt")
                say(view.needs(self.language), "needs", tag="dd")
                say(self.t("expires", day=moment(view.expires_at)), "expires", tag="dd")
            if view.decisions:
                say(self.t("decisions"), tag="dt")
                for made in view.decisions:
                    said = f"{made.person}: {self.t(f'said_{made.verdict}')}, {moment(made.at)}"
                    say(f"{said} — {made.reason}" if made.reason else said, tag="dd")
            if view.undoes is not None:
                say(self.t("proposal"), tag="dt")
                with box(tag="dd"):
                    link(self.t("undone_by"), f"/proposal/{view.undoes}")

    def _buttons(self) -> None:
        view = self.view
        is_mine = view.asked_by == self.visit.visitor.actor.name
        with box("card-buttons", tag="footer"):
            if self.is_busy:
                say(self.t("approving"), "busy", role="status")
            elif view.state == ProposalState.OPEN:
                if view.may_decide:
                    button(self.t("approve"), self.approve, "primary approve")
                if view.may_decide or is_mine:
                    button(self.t("edit"), self.open_editor, "edit")
                    button(self.t("reject"), self.open_rejection, "quiet reject")
            elif view.state == ProposalState.EXECUTED and view.undo["possible"]:
                button(self.t("undo"), self.undo, "undo")

    # What a person does with it.

    async def approve(self) -> None:
        """Say yes to exactly what is shown."""
        await self._decided("approve", reason="")

    async def undo(self) -> None:
        """Propose what compensates for it."""

        async def propose() -> None:
            house, acting = self.visit.house, self.visit.visitor.acting
            view = await house.run(house.toolbox.undo, house.engine, acting, self.view.id)
            await self.shows_another(view)

        if await self.visit.confirmed():
            await self.visit.tried(propose)

    async def open_rejection(self) -> None:
        """Ask for the reason of a no."""
        given = {"reason": ""}

        def take(text: str) -> None:
            given["reason"] = text

        async def reject() -> None:
            window.close()
            await self._decided("reject", reason=given["reason"].strip())

        async def reject_now(text: str) -> None:
            take(text)
            await reject()

        with self.frame, Modal(self.t("reject")) as window:
            say(self.t("reject"), "modal-title", tag="h3")
            say(self.t("reject_because"), "hint")
            Field("", take, label=self.t("reason"), autofocus=True, on_enter=reject_now)
            with box("modal-buttons"):
                button(self.t("cancel"), window.close, "quiet")
                button(self.t("reject"), reject, "danger confirm-reject")

    async def open_editor(self) -> None:
        """Let a person change the plan, and see at once what it would do then."""
        Editor(self)

    async def _save(self, calls: Sequence[PlannedCall]) -> bool:
        """Put another plan into the proposal; tell whether that was possible."""
        saved = False

        async def save() -> None:
            nonlocal saved
            house, acting = self.visit.house, self.visit.visitor.acting
            self.view = await house.run(
                house.toolbox.edit, house.engine, acting, self.view.id, list(calls)
            )
            self.delta, self.notice, saved = None, "", True
            self.draw()

        if await self.visit.confirmed():
            await self.visit.tried(save)
        return saved

    async def _decided(self, verdict: Any, *, reason: str) -> None:  # noqa: ANN401
        if self.is_busy or not await self.visit.confirmed():
            return

        async def decide() -> None:
            house, acting = self.visit.house, self.visit.visitor.acting
            outcome = await house.run(
                house.toolbox.decide,
                house.engine,
                acting,
                self.view.id,
                verdict,
                seen=self.view.digest,
                reason=reason,
            )
            self._show(outcome)

        self.is_busy = True
        self.draw()
        try:
            await self.visit.tried(decide)
        finally:
            self.is_busy = False
            await self._redraw_after_refusal()

    async def _redraw_after_refusal(self) -> None:
        # A refusal may mean that somebody else was faster: show how things stand.
        try:
            await self.refresh()
        except DomainError as refusal:
            self.notice = refusal.message(self.language)
        if not self.frame.is_deleted:
            self.draw()

    def _show(self, outcome: Outcome) -> None:
        self.view = outcome.proposal
        self.delta = outcome.delta
        self.notice = self.t("waiting_second") if outcome.state == "waiting" else ""
        if outcome.state == "executed":
            self.said = [pair[self.language == "zh"] for pair in outcome.sentences]

    def _tool_name(self, name: str) -> str:
        tool = self.visit.house.toolbox.tools.get(name)
        return tool.called(self.language) if tool else name


class Editor:
    """The window in which a plan is changed; every change is rehearsed at once."""

    def __init__(self, card: ProposalCard) -> None:
        self.card = card
        self.calls: list[dict[str, Any]] = copy.deepcopy([dict(call) for call in card.view.calls])
        self.kept = [True] * len(self.calls)
        self.latest = 0
        with card.frame, Modal(card.t("edit")) as self.window:
            say(f"{card.t('edit')} {card.view.number}", "modal-title", tag="h3")
            say(card.t("edit_hint"), "hint")
            for place, call in enumerate(self.calls):
                self._step(place, call)
            self.preview = box("preview")
            with box("modal-buttons"):
                button(card.t("cancel"), self.window.close, "quiet")
                button(card.t("save"), self.save, "primary save")
        with self.preview:
            show_effect(card.view.effect, card.language)

    def _step(self, place: int, call: dict[str, Any]) -> None:
        card = self.card
        with box("step", tag="fieldset"):
            name = card._tool_name(call["tool"])  # noqa: SLF001
            if len(self.calls) > 1:
                title = card.t("include_step", number=place + 1, title=name)
                Tick(lambda ticked: self._keep(place, is_kept=ticked), value=True, label=title)
            else:
                say(name, "step-name", tag="legend")
            with box("step-fields"):
                for path, value in _leaves(call["arguments"]):
                    self._field(call["arguments"], path, value)

    def _field(self, arguments: dict[str, Any], path: tuple[str | int, ...], value: object) -> None:
        language = self.card.language
        names = [
            str(part + 1) if isinstance(part, int) else argument_name(part, language)
            for part in path
        ]
        label = " ".join(names)
        text = "" if value is None else str(value)
        is_number = _is_number(text)
        with box("step-field", tag="label"):
            say(label, "field-name", tag="span")
            Field(
                text,
                lambda typed: self._change(arguments, path, typed),
                label=label,
                inputmode="decimal" if is_number else "text",
            )

    async def _keep(self, place: int, *, is_kept: bool) -> None:
        self.kept[place] = is_kept
        await self._rehearse()

    async def _change(
        self, arguments: dict[str, Any], path: tuple[str | int, ...], typed: str
    ) -> None:
        target: Any = arguments
        for part in path[:-1]:
            target = target[part]
        value = typed.strip() or None
        if (target[path[-1]] is None and value is None) or str(target[path[-1]]) == value:
            return
        target[path[-1]] = value
        await self._rehearse()

    def _plan(self) -> list[PlannedCall]:
        return [
            PlannedCall(tool=call["tool"], arguments=copy.deepcopy(call["arguments"]))
            for call, is_kept in zip(self.calls, self.kept, strict=True)
            if is_kept
        ]

    async def _rehearse(self) -> None:
        self.latest += 1
        mine, plan = self.latest, self._plan()
        house, acting = self.card.visit.house, self.card.visit.visitor.acting
        self.preview.classes("stale")
        refusal: str | None = None
        effect = None
        try:
            rehearsed = await house.run(
                lambda: house.toolbox.rehearse(house.engine, acting, house.toolbox.parse(plan))
            )
            effect = rehearsed.effect
        except DomainError as refused:
            refusal = refused.message(self.card.language)
        # Whoever types on gets the answer to what was typed last.
        if mine != self.latest or self.window.is_deleted:
            return
        self.preview.classes(remove="stale")
        self.preview.clear()
        with self.preview:
            if refusal is not None:
                say(refusal, "notice bad", role="alert")
            elif effect is not None:
                show_effect(effect, self.card.language)

    async def save(self) -> None:
        """Put the changed plan into the proposal."""
        await asyncio.sleep(0)
        if await self.card._save(self._plan()):  # noqa: SLF001
            self.window.close()


def _leaves(
    value: Any,  # noqa: ANN401
    path: tuple[str | int, ...] = (),
) -> list[tuple[tuple[str | int, ...], object]]:
    """Return every plain value inside of arguments, with the way to it."""
    if isinstance(value, dict):
        return [leaf for name, part in value.items() for leaf in _leaves(part, (*path, name))]
    if isinstance(value, list):
        return [leaf for place, part in enumerate(value) for leaf in _leaves(part, (*path, place))]
    return [(path, value)]


def _is_number(text: str) -> bool:
    return bool(text) and text.replace(".", "", 1).replace("-", "", 1).isdecimal()


def _arguments_line(call: PlannedCall, language: Language) -> str:
    parts = []
    for path, value in _leaves(call["arguments"]):
        if value is not None:
            names = [
                str(part + 1) if isinstance(part, int) else argument_name(part, language)
                for part in path
            ]
            parts.append(f"{' '.join(names)} {value}")
    return " · ".join(parts)


def _place_of(fact: str) -> int:
    """Return where a fact stands among the others: the database keeps no order of them."""
    return FACTS_IN_ORDER.index(fact) if fact in FACTS_IN_ORDER else len(FACTS_IN_ORDER)


def _fact_name(name: str, language: Language) -> str:
    known = word(name, language)
    return known.replace("_", " ") if known == name else known


def _lines_of(way: dict[str, Any], language: Language) -> list[str]:
    """Return the effect of an alternative in lines, in whatever form it is stored."""
    effect = way.get("effect") or way.get("lines") or []
    if isinstance(effect, dict):
        effect = effect.get(language) or effect.get("en") or []
    return [str(line) for line in effect]
