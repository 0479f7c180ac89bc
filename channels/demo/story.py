"""The whole story, played unattended: from a question to an order, a sale, and back again.

Everybody in it uses the roads that everybody uses: words to the assistant, a decision on a card,
a watcher that reads the change log. After each step the story looks whether it came true.
"""

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.markup import escape
from sqlalchemy import Engine, func, select

from agents.assistant import Assistant
from agents.turns import Final, TurnResult
from agents.watchers import WATCHERS, run_forever
from channels.demo.company import load_demo
from channels.terminal.opening import acting_as, open_house
from channels.terminal.showing import show_proposal, show_result
from core import catalog, compliance, inventory, invoicing, ledger
from core.inventory.events import StockReserved
from core.kernel.database import reading, stop_embedded
from core.kernel.errors import DomainError, Language
from core.kernel.events import ChangeEvent
from core.kernel.identifiers import new_id
from core.kernel.money import plain
from core.kernel.settings import Settings
from core.purchasing.tables import PurchaseOrder
from tools import TOOLBOX, Outcome, ProposalView

SKU, SUPPLIER, CUSTOMER = "LAMP-01", "Lumen & Co", "Acme Bikes"
ORDERED, SOLD, ON_HAND = 40, 45, 12
WATCHER_SECONDS_MAX = 2.0
WAIT_SECONDS_MAX = 20.0


class StoryStopped(DomainError):
    """The story cannot go on, because this came instead of what it needs: {said}"""

    zh = "故事无法继续，得到的是：{said}"


class Story:
    """A played story: who says what, what is shown, and whether it is true afterwards."""

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        console: Console,
        *,
        language: Language = "en",
        pause_seconds: float = 0.0,
    ) -> None:
        self.engine, self.console, self.language = engine, console, language
        self.pause_seconds = pause_seconds
        self.assistant = Assistant(engine, settings, TOOLBOX)
        self.thread = f"story-{new_id()}"
        self.kept = True

    def play(self) -> bool:
        """Play every scene; tell whether all that was promised came true."""
        stop = threading.Event()
        watching = threading.Thread(
            target=run_forever, args=(self.engine, TOOLBOX, WATCHERS, stop), daemon=True
        )
        watching.start()
        try:
            self.ask_about_stock()
            order = self.buy()
            self.sell()
            self.watch(order)
            self.close_the_books()
        finally:
            stop.set()
            watching.join(timeout=5)
            self.assistant.close()
        self.headline("The end", "完")
        self.check(
            "every promise of the story was kept", "故事中的每个承诺都已兑现", holds=self.kept
        )
        return self.kept

    # Scenes.

    def ask_about_stock(self) -> None:
        """Ask, in two languages; an answer changes nothing."""
        self.headline("Questions", "提问")
        answer = self.says("lena", f"how many {SKU} do we have?")
        self.check(
            f"{SKU}: {ON_HAND} on hand",
            f"{SKU} 现有 {ON_HAND}",
            holds=answer.kind == "answer" and str(ON_HAND) in _shown(answer),
        )
        answer = self.says("wei", f"{SKU} 还有多少库存？")
        self.check(
            "and in Chinese",
            "中文也一样",
            holds=answer.kind == "answer" and str(ON_HAND) in _shown(answer),
        )

    def buy(self) -> str:
        """Order, receive, bill and pay: four people, four decisions."""
        self.headline("Procure to pay", "采购到付款")
        before = self.orders_placed()
        asked = self.says("wei", f"order {ORDERED} {SKU} from {SUPPLIER}")
        card = self.card_of(asked)
        self.check(
            "nothing is ordered before somebody said yes",
            "批准之前没有下单",
            holds=self.orders_placed() == before,
        )
        self.refused("lena", card, "unknown_proposal")
        order = self.number_of(self.approves("maria", card), 0)
        self.check(
            "one order, and the same yes again changes nothing",
            "下单一次，重复批准无影响",
            holds=self.approves("maria", card).state == "executed"
            and self.orders_placed() == before + 1,
        )
        self.refused(
            "wei", self.card_of(self.says("jonas", f"receive {order}")), "unknown_proposal"
        )
        self.decided("jonas", f"receive {order}")
        self.check(
            f"{ON_HAND + ORDERED} on hand",
            f"现有 {ON_HAND + ORDERED}",
            holds=self.on_hand() == ON_HAND + ORDERED,
        )
        bill = self.number_of(self.decided("omar", f"book the bill R-2026-0615 for {order}"), 0)
        self.decided("petra", f"pay {bill}")
        self.check(f"{bill} is paid", f"{bill} 已付清", holds=self.is_settled(bill))
        return order

    def sell(self) -> None:
        """Sell, ship, invoice and take the money."""
        self.headline("Order to cash", "订单到收款")
        sale = self.number_of(self.decided("lena", f"sell {SOLD} {SKU} to {CUSTOMER}"), 0)
        self.check(f"{SOLD} are reserved", f"已预留 {SOLD}", holds=self.reserved() == SOLD)
        self.decided("jonas", f"ship {sale}")
        left = ON_HAND + ORDERED - SOLD
        self.check(f"{left} are left", f"剩余 {left}", holds=self.on_hand() == left)
        invoice = self.number_of(self.decided("omar", f"invoice {sale}"), 0)
        with reading(self.engine) as session:
            owed = invoicing.find_invoice(session, invoice)
            amount = Decimal(owed.open_minor).scaleb(-2)
        self.decided("petra", f"{CUSTOMER} paid {plain(amount)} for {invoice}")
        self.check(f"{invoice} is paid", f"{invoice} 已收款", holds=self.is_settled(invoice))

    def watch(self, order: str) -> None:
        """See what the watcher made of it, approve that, and undo it again."""
        self.headline("The watcher", "观察者")
        card = self.suggestion()
        self.check(
            "the watcher had proposed an order by then",
            "观察者已提出补货提案",
            holds=card is not None,
        )
        if card is None:
            return
        waited = (card.asked_at - self.promised_at()).total_seconds()
        self.check(
            f"{waited:.1f} s after too many had been promised",
            f"预留后 {waited:.1f} 秒",
            holds=waited <= WATCHER_SECONDS_MAX,
        )
        show_proposal(self.console, card, self.language)
        for name, figure in card.reason.get("facts", {}).items():
            self.line(f"[dim]{escape(name)}: {escape(figure)}[/]")
        before = self.orders_placed()
        self.approves("maria", card)
        self.check("a new order was placed", "已下新订单", holds=self.orders_placed() == before + 1)
        undo = TOOLBOX.undo(self.engine, acting_as(self.engine, "maria"), card.id)
        show_proposal(self.console, undo, self.language)
        self.approves("maria", undo)
        self.check(
            "and undone: it is cancelled",
            "并已撤销：订单取消",
            holds=self.orders_placed() == before,
        )
        self.check(
            f"{order} stands as it was",
            f"{order} 保持不变",
            holds=self.state_of(order) == "received",
        )

    def close_the_books(self) -> None:
        """Prove that the books balance, and that every promise of the house holds."""
        self.headline("The books", "账簿")
        with reading(self.engine) as session:
            balances = ledger.trial_balance(session)
            debits = sum(row.debit.minor for row in balances)
            credits_ = sum(row.credit.minor for row in balances)
            findings = compliance.verify(session)
        for row in balances:
            name = row.name_zh if self.language == "zh" else row.name
            self.line(f"  {row.code} {escape(name):<28} {row.debit!s:>20} {row.credit!s:>20}")
        self.check("debits are credits", "借贷相等", holds=debits == credits_ > 0)
        for finding in findings:
            self.line(f"[red]{escape(str(finding))}[/]")
        self.check("verify finds nothing", "校验无异常", holds=not findings)

    # What people do.

    def says(self, login: str, text: str) -> TurnResult:
        """Say something to the assistant, and show what comes back."""
        time.sleep(self.pause_seconds)
        self.line(f"\n[bold cyan]{login}[/]: {escape(text)}")
        acting = acting_as(self.engine, login)
        *_, last = self.assistant.turn(acting, f"{self.thread}-{login}", text)
        assert isinstance(last, Final), "a turn ends with its result"
        result = last.result
        language = result.language
        self.console.print("[bold]prokurist[/]: ", end="")
        show_result(self.console, result, language)
        return result

    def decided(self, login: str, text: str) -> Outcome:
        """Ask for something and approve it oneself, within one's own limits."""
        return self.approves(login, self.card_of(self.says(login, text)))

    def approves(self, login: str, card: ProposalView) -> Outcome:
        """Approve exactly what was shown."""
        return self._decides(login, card, "approve")

    def refused(self, login: str, card: ProposalView, code: str) -> None:
        """Let somebody try to approve who may not."""
        try:
            self._decides(login, card, "approve")
        except DomainError as refusal:
            self.line(f"[bold]prokurist[/]: {escape(refusal.message(self.language))}")
            self.check(
                f"{login} may not approve that", f"{login} 无权批准", holds=refusal.code == code
            )
        else:
            self.check(f"{login} may not approve that", f"{login} 无权批准", holds=False)

    def _decides(
        self, login: str, card: ProposalView, verdict: Literal["approve", "reject"]
    ) -> Outcome:
        self.line(f"[bold cyan]{login}[/]: {verdict} {card.number}")
        outcome = TOOLBOX.decide(
            self.engine, acting_as(self.engine, login), card.id, verdict, seen=card.digest
        )
        said = outcome.said(self.language) or outcome.state
        self.line(f"[bold]prokurist[/]: {escape(said)}")
        return outcome

    # What is true.

    def card_of(self, result: TurnResult) -> ProposalView:
        """Return the proposal that an answer shows; without one the story cannot go on."""
        if result.proposal is None:
            raise StoryStopped(said=result.text)
        return result.proposal

    def number_of(self, outcome: Outcome, place: int) -> str:
        """Return the number of the document that a step made."""
        answers = outcome.proposal.answers
        if outcome.state != "executed" or not answers:
            raise StoryStopped(said=f"{outcome.proposal.number}: {outcome.state}")
        return str(answers[place]["number"])

    def on_hand(self) -> Decimal:
        """Return how many lie in the warehouse."""
        with reading(self.engine) as session:
            return inventory.stock_of(session, catalog.find_item(session, SKU)).on_hand

    def reserved(self) -> Decimal:
        """Return how many are promised."""
        with reading(self.engine) as session:
            return inventory.stock_of(session, catalog.find_item(session, SKU)).reserved

    def orders_placed(self) -> int:
        """Return how many purchase orders stand."""
        with reading(self.engine) as session:
            standing = select(func.count()).where(PurchaseOrder.state != "cancelled")
            return session.scalars(standing).one()

    def state_of(self, order: str) -> str:
        """Return the state of a purchase order."""
        with reading(self.engine) as session:
            found = select(PurchaseOrder.state).where(PurchaseOrder.number == order)
            return session.scalars(found).one().value

    def promised_at(self) -> datetime:
        """Return when stock was last promised to somebody."""
        with reading(self.engine) as session:
            found = select(func.max(ChangeEvent.occurred_at)).where(
                ChangeEvent.name == StockReserved.name
            )
            return session.scalars(found).one()

    def is_settled(self, invoice: str) -> bool:
        """Tell whether nothing is open of an invoice or bill."""
        with reading(self.engine) as session:
            return invoicing.find_invoice(session, invoice).open_minor == 0

    def suggestion(self) -> ProposalView | None:
        """Wait for the watcher's proposal about the item."""
        until = time.monotonic() + WAIT_SECONDS_MAX
        maria = acting_as(self.engine, "maria")
        while time.monotonic() < until:
            for card in TOOLBOX.inbox(self.engine, maria):
                if card.asked_by.startswith(WATCHERS[0].name) and SKU in str(card.calls):
                    return card
            time.sleep(0.1)
        return None

    def headline(self, en: str, zh: str) -> None:
        """Begin a scene."""
        self.line(f"\n[bold reverse] {zh if self.language == 'zh' else en} [/]")

    def check(self, en: str, zh: str, *, holds: bool) -> None:
        """Say whether something came true."""
        self.kept = self.kept and holds
        sign = "[green]✓[/]" if holds else "[bold red]✗[/]"
        self.line(f"{sign} {escape(zh if self.language == 'zh' else en)}")

    def line(self, text: str) -> None:
        """Write a line."""
        self.console.print(text, highlight=False)


def play(console: Console, *, pause_seconds: float = 0.0, language: Language = "en") -> bool:
    """Play the story in a house of its own, and tell whether everything came true."""
    with throw_away_house() as (engine, settings):
        console.print("[dim]…[/]")
        load_demo(engine)
        story = Story(engine, settings, console, language=language, pause_seconds=pause_seconds)
        return story.play()


@contextmanager
def throw_away_house() -> Iterator[tuple[Engine, Settings]]:
    """Open an empty house in a folder that is gone afterwards, whatever database is configured."""
    with tempfile.TemporaryDirectory(prefix="prokurist-demo-") as folder:
        own = {"home": Path(folder), "database_url": None, "today": None}
        settings = Settings().model_copy(update=own)
        engine = open_house(settings)
        try:
            yield engine, settings
        finally:
            engine.dispose()
            stop_embedded(settings)


def _shown(result: TurnResult) -> str:
    """Return all that an answer shows, as text."""
    rows = result.grid.rows if result.grid else ()
    cells = [
        plain(cell) if isinstance(cell, Decimal) else str(cell) for row in rows for cell in row
    ]
    return " ".join([result.text, *cells])
