"""The conversation with the assistant: words stream in, proposals come as cards."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from nicegui import ui
from nicegui.element import Element

from agents.turns import Final, Message, Progress, Token, TurnEvent, TurnResult
from channels.web.card import ProposalCard
from channels.web.charts import report_page
from channels.web.elements import (
    Composer,
    Log,
    box,
    button,
    classes_of_rows,
    figure,
    heads,
    icon,
    link,
    say,
    say_linked,
    table,
)
from channels.web.layout import Visit
from channels.web.suggestions import suggestions_for
from core.kernel.conversations import UnknownConversation
from core.kernel.errors import DomainError, Language
from core.kernel.identifiers import new_id
from core.reporting import ReportQuery
from tools import Grid, ProposalView

ROWS_SHOWN = 30
THREAD_LENGTH_MAX = 64


async def build(visit: Visit, request: Request) -> Response | None:
    """Show a thread, the other threads, and the place to write."""
    thread = request.query_params.get("thread", "")[:THREAD_LENGTH_MAX]
    if not thread:
        # A new thread has its address from the start: whoever reloads the page is still in it.
        return RedirectResponse(f"/chat?thread={new_id()}", status_code=303)
    house, acting = visit.house, visit.visitor.acting
    try:
        history = await house.run(house.assistant.history, acting, thread)
    except UnknownConversation:
        history = []
    talk = Talk(visit, thread)
    await talk.show(history)
    visit.when_proposals_change(talk.refresh_cards)
    if first_words := house.first_words(visit.visitor, thread):
        ui.timer(0, lambda: talk.hear(first_words), once=True)
    return None


class Talk:
    """One thread on one page."""

    def __init__(self, visit: Visit, thread: str) -> None:
        self.visit, self.thread = visit, thread
        self.cards: list[ProposalCard] = []
        self.is_busy = False
        self.threads = box("threads", tag="nav", aria_label=visit.t("conversations"))
        with box("talk"):
            self.log = Log()
            self.composer = Composer(
                placeholder=visit.t("ask_anything"),
                label=visit.t("message"),
                send_label=visit.t("send"),
                sends=self.hear,
            )
        self.hello: Element | None = None

    async def show(self, history: list[Message]) -> None:
        """Show what was said before, or how to begin."""
        await self._list_threads()
        with self.log:
            if not history:
                self._greet()
            for message in history:
                await self._show_message(message)

    async def hear(self, said: str) -> None:
        """Take what the person says, and show the answer as it comes."""
        if self.is_busy or await self.visit.confirmed() is None:
            return
        self.is_busy = True
        try:
            await self._answer(said)
        finally:
            self.is_busy = False
            # Not before: what is sent while the answer is still being shown would be lost.
            if not self.composer.is_deleted:
                self.composer.set_busy(busy=False)

    async def _answer(self, said: str) -> None:
        if self.hello is not None and not self.hello.is_deleted:
            self.hello.delete()
        self.composer.set_busy(busy=True)
        with self.log:
            self._person(said)
            with box("bubble assistant") as bubble:
                progress = say(self.visit.t("thinking"), "progress", role="status")
                words = say("", "words")
        text = ""
        result: TurnResult | None = None
        try:
            async for event in _events(self.visit, self.thread, said):
                if bubble.is_deleted:
                    # The page was closed; the turn goes on, and the thread will show it.
                    continue
                match event:
                    case Progress():
                        progress.set_text(event.text)
                    case Token():
                        text += event.text
                        words.set_text(text)
                    case Final():
                        result = event.result
        finally:
            if not bubble.is_deleted:
                bubble.delete()
        if result is None or self.log.is_deleted:
            return
        with self.log:
            await self._show_result(result)
        await self._list_threads()
        await self.refresh_cards()

    async def refresh_cards(self) -> None:
        """Show on every card how things stand now."""
        for card in self.cards:
            await card.refresh()

    async def show_another(self, view: ProposalView) -> None:
        """Show one more proposal at the end of the thread."""
        with self.log:
            self._card(view)

    async def _list_threads(self) -> None:
        house, acting = self.visit.house, self.visit.visitor.acting
        threads = await house.run(house.assistant.threads, acting)
        self.threads.clear()
        with self.threads:
            with box("new-thread", tag="a", href="/chat"):
                icon("plus")
                say(self.visit.t("new_conversation"), tag="span")
            if threads:
                say(self.visit.t("conversations"), "threads-title")
            for known in threads:
                is_here = known.thread == self.thread
                to = f"/chat?{urlencode({'thread': known.thread})}"
                link(known.title, to, "thread here" if is_here else "thread")

    def _greet(self) -> None:
        with box() as self.hello:
            say(self.visit.t("chat_hello"), "hello")
            say(self.visit.t("try"), "try")
            with box("options"):
                for suggestion in suggestions_for(self.visit.visitor.actor):
                    self._option(suggestion)

    def _option(self, words: str) -> None:
        button(words, lambda: self.hear(words), "chip")

    def _person(self, said: str) -> None:
        with box("bubble person"):
            say(said, "words")

    async def _show_message(self, message: Message) -> None:
        if message.role == "person":
            self._person(message.text)
            return
        with box("bubble assistant"):
            say_linked(message.text, "words")
            self._grid(message.grid, message.language)
        if message.proposal_id is not None:
            house, acting = self.visit.house, self.visit.visitor.acting
            try:
                view = await house.run(
                    house.toolbox.look, house.engine, acting, message.proposal_id
                )
            except DomainError as refusal:
                say(refusal.message(self.visit.language), "notice")
            else:
                self._card(view)

    async def _show_result(self, result: TurnResult) -> None:
        tone = {"error": "bad", "denied": "bad", "refuse": "soft"}.get(result.kind, "")
        with box("bubble assistant", data_kind=result.kind):
            if result.text:
                say_linked(result.text, f"words {tone}")
            self._grid(result.grid, result.language)
            if result.options:
                with box("options"):
                    for option in result.options:
                        self._option(option)
            took = self.visit.t("took", ms=result.ms, model=result.model)
            with box("answer-meta"):
                say(took, tag="span")
                if result.usage is not None:
                    say(f" · {result.usage.says(self.visit.language)}", "usage", tag="span")
                if result.verified:
                    say(f" · ✓ {self.visit.t('verified')}", "verified", tag="span")
                if result.query is not None:
                    say(" · ", tag="span")
                    query = ReportQuery.model_validate(result.query)
                    link(self.visit.t("open_report"), report_page(query))
        if result.proposal is not None:
            known = next((c for c in self.cards if c.view.id == result.proposal.id), None)
            if known is not None and not known.frame.is_deleted:
                # The card moves down to where it is talked about.
                known.view, known.delta = result.proposal, result.delta
                known.draw()
                known.frame.move(self.log)
            else:
                card = self._card(result.proposal)
                card.delta = result.delta
                card.draw()

    def _card(self, view: ProposalView) -> ProposalCard:
        card = ProposalCard(self.visit, view, shows_another=self.show_another)
        self.cards.append(card)
        return card

    def _grid(self, grid: Grid | None, language: Language) -> None:
        if grid is None or not grid.rows:
            return
        rows = [
            [figure(cell, column.unit) for cell, column in zip(row, grid.columns, strict=True)]
            for row in grid.rows[:ROWS_SHOWN]
        ]
        with box("answer-table"):
            table(heads(grid, language), rows, row_classes=classes_of_rows(grid)[:ROWS_SHOWN])
        if len(grid.rows) > ROWS_SHOWN:
            say(self.visit.t("rows_more", count=len(grid.rows) - ROWS_SHOWN), "answer-meta")


async def _events(visit: Visit, thread: str, said: str) -> AsyncIterator[TurnEvent]:
    """Bring what the assistant says in its own thread to the page, as it comes."""
    loop = asyncio.get_running_loop()
    heard: asyncio.Queue[TurnEvent | None] = asyncio.Queue()

    def work() -> None:
        try:
            for event in visit.house.assistant.turn(visit.visitor.acting, thread, said):
                loop.call_soon_threadsafe(heard.put_nowait, event)
        finally:
            loop.call_soon_threadsafe(heard.put_nowait, None)

    working = asyncio.ensure_future(visit.house.run(work))
    while (event := await heard.get()) is not None:
        yield event
    await working
