"""Tools of dunning: who is to be reminded, the letters, and sending or cancelling them."""

from datetime import date
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import parties
from core.invoicing import dunning
from core.invoicing.dunning import LetterState, LetterView, Overdue
from core.invoicing.dunning.errors import NobodyToRemind, NoLettersWaiting
from core.kernel.company import company
from core.kernel.errors import Language
from core.kernel.identity.roles import Role
from core.kernel.money import Money
from core.kernel.words import word
from core.parties import Party
from tools.base import (
    Answer,
    Arguments,
    Call,
    Column,
    CustomerRef,
    Day,
    Grid,
    Ref,
    Text,
    Tool,
    Undoing,
)
from tools.invoicing import READERS
from tools.trade import BOOKKEEPERS, Because

CANCEL = "collections.cancel_letter"
UNDO = "undo"
LETTERS_MAX = 100

LetterRef = Annotated[Text, Ref("dunning_letter")]
LETTER_STAYS = (
    "a letter that was cancelled is drawn again by the next run",
    "已取消的催款函将由下次催款重新生成",
)


class ShowDunning(Arguments):
    """List the overdue invoices with their dunning level, and what comes next for each of them."""

    customer: CustomerRef | None = Field(default=None, description="Only this customer.")
    day: Day | None = Field(default=None, description="Leave empty for today.")


class DunningShown(Answer):
    """What is overdue, and what the next run would do."""

    lines: list[Overdue]
    day: date

    def sentence(self, language: Language = "en") -> str:
        """Say how many customers would be reminded."""
        count = len(self.lines)
        due = {line.party_number for line in self.lines if line.is_next}
        if language == "zh":
            return f"{self.day} 逾期单据 {count} 张，其中需要催款的客户 {len(due)} 家。"
        documents = "1 document is" if count == 1 else f"{count} documents are"
        customers = "1 customer is" if len(due) == 1 else f"{len(due)} customers are"
        return f"{documents} overdue on {self.day}; {customers} to be reminded."

    def grid(self) -> Grid:
        """Return one row for every document."""
        columns = (
            Column("customer", "客户"),
            Column("document", "单据"),
            Column("due", "到期日", "date"),
            Column("days overdue", "逾期天数", "number"),
            Column("open", "未结"),
            Column("reminded", "已催级别", "number"),
            Column("next level", "下一级别", "number"),
            Column("left alone because", "暂缓原因"),
        )
        rows = tuple(
            (
                f"{line.party_number} {line.party}",
                line.number,
                line.due_on,
                line.days_overdue,
                str(line.open),
                line.so_far.level,
                line.following.level if line.following else None,
                line.held or line.waiting,
            )
            for line in self.lines
        )
        return Grid(columns, rows)


def show_dunning(session: Session, arguments: ShowDunning) -> DunningShown:
    """Read what is overdue."""
    party = _customer(session, arguments.customer)
    day = arguments.day or company(session).today
    party_id = party.id if party is not None else None
    return DunningShown(lines=dunning.list_overdue(session, day=day, party_id=party_id), day=day)


class RunDunning(Arguments):
    """Draw dunning letters to every customer with overdue invoices, or to one: drafts, not sent."""

    customer: CustomerRef | None = Field(default=None, description="Only this customer.")


class LettersDrawn(Answer):
    """The letters that wait to be sent."""

    letters: list[str]
    customers: list[str]

    def sentence(self, language: Language = "en") -> str:
        """Say to whom there are letters."""
        numbers, names = ", ".join(self.letters), ", ".join(self.customers)
        if language == "zh":
            return f"已起草 {len(self.letters)} 封催款函（{numbers}）：{names}。尚未发送。"
        letters = "1 letter" if len(self.letters) == 1 else f"{len(self.letters)} letters"
        return f"{letters} drawn ({numbers}): {names}. Nothing is sent yet."


def run_dunning(session: Session, arguments: RunDunning) -> LettersDrawn:
    """Draw them."""
    party = _customer(session, arguments.customer)
    letters = dunning.draw_letters(session, party=party)
    if not letters:
        raise NobodyToRemind(day=company(session).today)
    views = [dunning.letter_view(session, letter) for letter in letters]
    return LettersDrawn(
        letters=[view.number for view in views], customers=[view.party for view in views]
    )


def undo_run(_session: Session, _arguments: RunDunning, answer: dict[str, Any]) -> Undoing:
    """Cancel the drafts."""
    letters = tuple(answer["letters"])[:LETTERS_MAX]
    return Undoing((Call(CANCEL, CancelLetter(letters=letters, because=UNDO)),))


class SendLetters(Arguments):
    """Send the dunning letters that wait, or some of them; their fee and interest are charged."""

    letters: tuple[LetterRef, ...] = Field(
        default=(), max_length=LETTERS_MAX, description="Leave empty for all that wait."
    )
    customer: CustomerRef | None = Field(default=None, description="Only those to this customer.")


class LettersSent(Answer):
    """The letters that went out."""

    letters: list[str]
    charged: str

    def sentence(self, language: Language = "en") -> str:
        """Say how many, and what they charge."""
        numbers = ", ".join(self.letters)
        if language == "zh":
            said = f"已发送 {len(self.letters)} 封催款函：{numbers}"
            return f"{said}；另计费用 {self.charged}。" if self.charged else f"{said}。"
        letters = "1 letter is" if len(self.letters) == 1 else f"{len(self.letters)} letters are"
        said = f"{letters} sent: {numbers}"
        return f"{said}; they charge {self.charged}." if self.charged else f"{said}."


def pin_letters(session: Session, arguments: SendLetters) -> SendLetters:
    """Name the letters that wait now."""
    party = _customer(session, arguments.customer)
    numbers = [dunning.find_letter(session, number).number for number in arguments.letters]
    if not numbers:
        waiting = dunning.list_letters(
            session, party_id=party.id if party else None, state=LetterState.DRAFT
        )
        numbers = sorted(view.number for view in waiting)[:LETTERS_MAX]
    if not numbers:
        raise NoLettersWaiting
    chosen = {"letters": tuple(numbers), "customer": party.number if party else None}
    return arguments.model_copy(update=chosen)


def send_letters(session: Session, arguments: SendLetters) -> LettersSent:
    """Send them."""
    views = [
        dunning.letter_view(session, dunning.send_letter(session, number))
        for number in arguments.letters
    ]
    charged = [view.fee + view.interest for view in views]
    sums: dict[str, Money] = {}
    for amount in charged:
        if amount.minor:
            sums[amount.currency] = sums.get(amount.currency, Money(0, amount.currency)) + amount
    return LettersSent(
        letters=[view.number for view in views],
        charged=" + ".join(str(amount) for amount in sums.values()),
    )


def undo_send(_session: Session, arguments: SendLetters, _answer: object) -> Undoing:
    """Withdraw them, with what they charge; what the customer has read, it has read."""
    return Undoing((Call(CANCEL, CancelLetter(letters=arguments.letters, because=UNDO)),))


class CancelLetter(Arguments):
    """Drop a dunning letter that waits, or withdraw one that was sent, with what it charged."""

    letters: tuple[LetterRef, ...] = Field(min_length=1, max_length=LETTERS_MAX)
    because: Because = Field(description="Why it counts no more.")


class LettersCancelled(Answer):
    """Letters that count no more."""

    letters: list[str]

    def sentence(self, language: Language = "en") -> str:
        """Say which."""
        numbers = ", ".join(self.letters)
        if language == "zh":
            return f"已取消催款函 {numbers}；其级别不再计入。"
        return f"{numbers} no longer counts as a reminder."


def cancel_letter(session: Session, arguments: CancelLetter) -> LettersCancelled:
    """Take them back, the newest first."""
    numbers = sorted(
        (dunning.find_letter(session, number).number for number in arguments.letters), reverse=True
    )
    for number in numbers:
        dunning.take_back_letter(session, number, because=arguments.because)
    return LettersCancelled(letters=sorted(numbers))


def undo_cancel(_session: Session, _arguments: CancelLetter, _answer: object) -> Undoing:
    """Say that the next run draws it again."""
    return Undoing(impossible=LETTER_STAYS)


class ListLetters(Arguments):
    """List the dunning letters so far: to whom, at which level, when they were sent."""

    customer: CustomerRef | None = Field(default=None, description="Only to this customer.")
    state: LetterState | None = Field(default=None, description="Leave empty for all.")


class LettersListed(Answer):
    """Letters, the newest first."""

    letters: list[LetterView]

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are, and how many wait."""
        waiting = sum(view.state is LetterState.DRAFT for view in self.letters)
        if language == "zh":
            return f"催款函共 {len(self.letters)} 封，其中 {waiting} 封待发送。"
        letters = (
            "1 dunning letter"
            if len(self.letters) == 1
            else (f"{len(self.letters)} dunning letters")
        )
        return f"{letters}, of which {waiting} to be sent."

    def grid(self) -> Grid:
        """Return one row for every letter."""
        columns = (
            Column("letter", "催款函"),
            Column("customer", "客户"),
            Column("level", "级别", "number"),
            Column("state", "状态"),
            Column("sent", "发送日期", "date"),
            Column("asks for", "催款金额"),
            Column("charged", "费用与利息"),
        )
        rows = tuple(
            (
                view.number,
                f"{view.party_number} {view.party}",
                view.level,
                word(view.state),
                view.sent_on,
                str(view.total),
                str(view.fee + view.interest),
            )
            for view in self.letters
        )
        return Grid(columns, rows)


def list_letters(session: Session, arguments: ListLetters) -> LettersListed:
    """Read them."""
    party = _customer(session, arguments.customer)
    letters = dunning.list_letters(
        session, party_id=party.id if party else None, state=arguments.state
    )
    return LettersListed(letters=letters)


class ShowLetter(Arguments):
    """Show a dunning letter with what it asks for, and its text once it was sent."""

    letter: LetterRef = Field(description="Its number, such as DUN-00042.")


class LetterShown(Answer):
    """One letter."""

    letter: LetterView

    def sentence(self, language: Language = "en") -> str:
        """Say to whom it goes, and what it asks for."""
        view = self.letter
        if language == "zh":
            said = (
                f"{view.number}（第 {view.level} 级，{word(view.state, language)}）：{view.party}"
            )
            return f"{said}，催款 {view.total}，费用 {view.fee}，利息 {view.interest}。"
        return (
            f"{view.number} to {view.party}, level {view.level}, {word(view.state)}: it asks for"
            f" {view.total}, a fee of {view.fee} and {view.interest} interest."
        )

    def grid(self) -> Grid:
        """Return one row for every document."""
        currency = self.letter.total.currency
        columns = (
            Column("document", "单据"),
            Column("level", "级别", "number"),
            Column("due", "到期日", "date"),
            Column("open", "未结", currency),
            Column("interest", "利息", currency),
        )
        rows = tuple(
            (line.number, line.level, line.due_on, line.open.amount, line.interest.amount)
            for line in self.letter.lines
        )
        return Grid(columns, rows)


def show_letter(session: Session, arguments: ShowLetter) -> LetterShown:
    """Read it."""
    letter = dunning.find_letter(session, arguments.letter)
    return LetterShown(letter=dunning.letter_view(session, letter))


def _customer(session: Session, text: str | None) -> Party | None:
    return parties.find_customer(session, text).party if text else None


TOOLS = [
    Tool(
        "collections.show_dunning",
        ShowDunning,
        show_dunning,
        writes=False,
        title="Who is to be reminded",
        title_zh="催款对象",
        roles=READERS,
    ),
    Tool(
        "collections.run_dunning",
        RunDunning,
        run_dunning,
        writes=True,
        title="Run dunning",
        title_zh="执行催款",
        roles=BOOKKEEPERS | {Role.WATCHER},
        undo=undo_run,
    ),
    Tool(
        "collections.send_letters",
        SendLetters,
        send_letters,
        writes=True,
        title="Send dunning letters",
        title_zh="发送催款函",
        roles=BOOKKEEPERS,
        pin=pin_letters,
        undo=undo_send,
    ),
    Tool(
        CANCEL,
        CancelLetter,
        cancel_letter,
        writes=True,
        title="Cancel dunning letter",
        title_zh="取消催款函",
        roles=BOOKKEEPERS,
        undo=undo_cancel,
    ),
    Tool(
        "collections.list_letters",
        ListLetters,
        list_letters,
        writes=False,
        title="Dunning letters",
        title_zh="催款函列表",
        roles=READERS,
    ),
    Tool(
        "collections.show_letter",
        ShowLetter,
        show_letter,
        writes=False,
        title="Show dunning letter",
        title_zh="查看催款函",
        roles=READERS,
    ),
]
