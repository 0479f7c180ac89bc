"""Tools of entry templates: made, posted from, retired."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field
from sqlalchemy.orm import Session

from core import ledger
from core.kernel.company import company
from core.kernel.errors import Language
from core.kernel.money import Money
from core.kernel.semantics import BOOKS
from core.kernel.words import word
from core.ledger import Side, schedules
from core.ledger.errors import OneSideOnly
from core.ledger.schedules import TemplateLine
from tools.base import (
    Amount,
    Answer,
    Arguments,
    Call,
    Column,
    Day,
    Grid,
    Percent,
    Ref,
    Text,
    Tool,
    Undoing,
    Words,
)
from tools.entries import (
    EntryPosted,
    Where,
    member_keys,
    member_pairs,
    sides_of,
    undo_post_entry,
)
from tools.references import AccountRef
from tools.trade import BOOKKEEPERS

MAKE, RETIRE = "schedules.make_template", "schedules.retire_template"

TemplateRef = Annotated[Text, Ref("entry_template")]

STAYS_RETIRED = ("make the template anew", "请重新建立模板")


class LineOfTemplate(Arguments):
    """A line of a template: an account, a side, and an amount or a percentage of the total."""

    account: AccountRef
    side: Side
    amount: Amount | None = None
    percent: Percent | None = Field(default=None, gt=0, description="Of the total of the entry.")
    dimensions: Where = ()


class MakeTemplate(Arguments):
    """Make a template: an entry under a name, to be posted again and again."""

    name: Text
    debit: AccountRef | None = Field(default=None, description="For a template of two lines.")
    credit: AccountRef | None = None
    account: AccountRef | None = Field(
        default=None, description="The income or expense, where the bank is the other side."
    )
    amount: Amount | None = Field(
        default=None, description="Leave empty to say it each time that it is posted."
    )
    dimensions: Where = ()
    lines: tuple[LineOfTemplate, ...] = Field(default=(), max_length=100)
    memo: Words = ""


class TemplateChanged(Answer):
    """A template, and what became of it."""

    name: str
    said: str

    def sentence(self, language: Language = "en") -> str:
        """Say it."""
        if language == "zh":
            return f"凭证模板“{self.name}”：{word(self.said, language)}。"
        return f"The entry template “{self.name}”: {word(self.said, language)}."


def pin_template(session: Session, arguments: MakeTemplate) -> MakeTemplate:
    """Make lines of the two sides, and codes of the names."""
    lines = arguments.lines
    if not lines:
        debit, credit, _ = sides_of(session, arguments.account, arguments.debit, arguments.credit)
        share = None if arguments.amount is not None else Decimal(100)
        lines = tuple(
            LineOfTemplate(account=code, side=side, amount=arguments.amount, percent=share)
            for side, code in ((Side.DEBIT, debit), (Side.CREDIT, credit))
        )
        lines = with_where(session, lines, arguments.dimensions)
    coded = tuple(
        line.model_copy(
            update={
                "account": ledger.account_named(session, line.account).code,
                "dimensions": member_keys(session, line.dimensions),
            }
        )
        for line in lines
    )
    cleared = {"account": None, "debit": None, "credit": None, "amount": None, "dimensions": ()}
    return arguments.model_copy(update={**cleared, "lines": coded})


def with_where(
    session: Session, lines: tuple[LineOfTemplate, ...], where: tuple[str, ...]
) -> tuple[LineOfTemplate, ...]:
    """Put dimensions on the lines of income and expense, or on all where there are none."""
    result = {
        line.account
        for line in lines
        if ledger.account_named(session, line.account).kind in {"income", "expense"}
    }
    concerned = result or {line.account for line in lines}
    return tuple(
        line.model_copy(update={"dimensions": where}) if line.account in concerned else line
        for line in lines
    )


def template_lines(session: Session, lines: tuple[LineOfTemplate, ...]) -> list[TemplateLine]:
    """Return the lines as the ledger takes them; each has an amount or a share."""
    currency = company(session).currency
    made = []
    for line in lines:
        if (line.amount is None) is (line.percent is None):
            raise OneSideOnly(account=line.account)
        amount = Money.of(line.amount, currency) if line.amount is not None else None
        pairs = member_pairs(session, line.dimensions)
        made.append(TemplateLine(line.account, line.side, amount, line.percent, pairs))
    return made


def make_template(session: Session, arguments: MakeTemplate) -> TemplateChanged:
    """Make it."""
    pinned = pin_template(session, arguments)
    lines = template_lines(session, pinned.lines)
    made = schedules.make_template(session, name=pinned.name, lines=lines, memo=pinned.memo)
    return TemplateChanged(name=made.name or "", said="new")


def undo_make_template(
    _session: Session, _arguments: MakeTemplate, answer: dict[str, str]
) -> Undoing:
    """Retire it."""
    return Undoing((Call(RETIRE, RetireTemplate(template=answer["name"])),))


class RetireTemplate(Arguments):
    """Retire an entry template: it is used no more, and what recurs by it goes on."""

    template: TemplateRef = Field(description="The name of the template.")


def retire_template(session: Session, arguments: RetireTemplate) -> TemplateChanged:
    """Retire it."""
    retired = schedules.retire_template(session, arguments.template)
    return TemplateChanged(name=retired.name or "", said="inactive")


def undo_retire(_session: Session, _arguments: RetireTemplate, _answer: object) -> Undoing:
    """Say that it has to be made anew."""
    return Undoing(impossible=STAYS_RETIRED)


class ListTemplates(Arguments):
    """List the entry templates and their lines."""


class Templates(Answer):
    """The templates in use."""

    templates: list[schedules.TemplateView]

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are."""
        count = len(self.templates)
        return f"共 {count} 个凭证模板。" if language == "zh" else f"{count} entry templates."

    def grid(self) -> Grid:
        """Return one row for every line."""
        columns = (Column("template", "模板"), Column("memo", "摘要"), Column("line", "分录"))
        rows = tuple((each.name, each.memo, line) for each in self.templates for line in each.lines)
        return Grid(columns, rows)


def list_templates(session: Session, _arguments: ListTemplates) -> Templates:
    """Read them."""
    return Templates(templates=schedules.list_templates(session))


class PostTemplate(Arguments):
    """Post an entry from a template."""

    template: TemplateRef = Field(description="The name of the template.")
    amount: Amount | None = Field(
        default=None, description="The total, where the lines are shares of it."
    )
    memo: Words = ""
    posted_on: Day | None = Field(default=None, description="Leave empty for today.")
    dimensions: Where = ()


def pin_post_template(session: Session, arguments: PostTemplate) -> PostTemplate:
    """Replace the name of the template by its full name, and members by their keys."""
    name = schedules.find_template(session, arguments.template).name
    where = member_keys(session, arguments.dimensions)
    return arguments.model_copy(update={"template": name, "dimensions": where})


def post_template(session: Session, arguments: PostTemplate) -> EntryPosted:
    """Post it."""
    currency = company(session).currency
    amount = arguments.amount
    entry = schedules.post_template(
        session,
        arguments.template,
        total=Money.of(amount, currency) if amount is not None else None,
        memo=arguments.memo or None,
        posted_on=arguments.posted_on,
        dimensions=member_pairs(session, arguments.dimensions),
    )
    lines = ledger.entry_view(session, entry.number).lines
    whole = sum((line.debit.amount for line in lines if line.debit), Decimal(0))
    return EntryPosted(number=entry.number, amount=whole, currency=currency)


TOOLS = [
    Tool(
        MAKE,
        MakeTemplate,
        make_template,
        writes=True,
        title="Make entry template",
        title_zh="新建凭证模板",
        roles=BOOKKEEPERS,
        pin=pin_template,
        undo=undo_make_template,
    ),
    Tool(
        RETIRE,
        RetireTemplate,
        retire_template,
        writes=True,
        title="Retire entry template",
        title_zh="停用凭证模板",
        roles=BOOKKEEPERS,
        undo=undo_retire,
    ),
    Tool(
        "schedules.list_templates",
        ListTemplates,
        list_templates,
        writes=False,
        title="Entry templates",
        title_zh="凭证模板",
        roles=BOOKS,
    ),
    Tool(
        "schedules.post_template",
        PostTemplate,
        post_template,
        writes=True,
        title="Post from template",
        title_zh="按模板录入凭证",
        roles=BOOKKEEPERS,
        pin=pin_post_template,
        undo=undo_post_entry,
    ),
]
