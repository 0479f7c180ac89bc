"""Tools of tax: what it would be, the codes of it, and how it is rounded."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field
from sqlalchemy.orm import Session

from core.kernel.company import TaxRounding, company
from core.kernel.errors import Language
from core.kernel.identity.roles import STAFF
from core.kernel.money import Money, plain
from core.ledger import tax
from core.ledger.tax import Charge, Component, ComponentKind
from tools.base import (
    Amount,
    Answer,
    Arguments,
    Call,
    Column,
    Count,
    Day,
    Grid,
    InCurrency,
    Percent,
    Text,
    Tool,
    Undoing,
)
from tools.references import TaxRef
from tools.trade import BOOKKEEPERS

ROUND = "tax.set_rounding"

Rate = Annotated[Decimal, Field(ge=0, le=1_000_000, decimal_places=6)]

CODE_STAYS = (
    "a tax code stays; let it say something else from a day on",
    "税码不可删除；可自某日起更改其内容",
)


class ComputeTax(Arguments):
    """Say what tax an amount would carry, without changing anything."""

    amount: Amount
    tax: tuple[TaxRef, ...] = Field(min_length=1, max_length=5, description="One code or several.")
    quantity: Count = Field(default=Decimal(1), description="Units that the amount is for.")
    gross: bool = Field(default=False, description="Whether the amount holds the tax already.")
    on_purchase: bool = Field(default=False, description="Whether we buy; otherwise we sell.")
    on: Day | None = Field(default=None, description="Leave empty for today.")


class TaxComputed(Answer):
    """What an amount is before tax, its tax by component, and in total."""

    base: Decimal
    tax: Decimal
    total: Decimal
    currency: str
    parts: list[tuple[str, str, str, Decimal, Decimal]]

    def sentence(self, language: Language = "en") -> str:
        """Say the three amounts."""
        base, charged, total = (
            Money.of(amount, self.currency) for amount in (self.base, self.tax, self.total)
        )
        if language == "zh":
            return f"不含税 {base}，税额 {charged}，合计 {total}。"
        return f"{base} before tax, {charged} tax, {total} in total."

    def grid(self) -> Grid:
        """Return one row for every component."""
        columns = (
            Column("code", "税码"),
            Column("tax", "税种"),
            Column("use", "用途"),
            Column("taxable", "计税额", self.currency),
            Column("tax amount", "税额", self.currency),
        )
        return Grid(columns, tuple(self.parts))


def compute_tax(session: Session, arguments: ComputeTax) -> TaxComputed:
    """Reckon it as a document of that day would."""
    currency = company(session).currency
    price = Money.of(arguments.amount, currency)
    codes = tax.joined(code_of(session, each) for each in arguments.tax)
    found = tax.compute(
        session,
        [Charge(price, codes, arguments.quantity)],
        on=arguments.on,
        sale=not arguments.on_purchase,
        gross=arguments.gross,
    )
    return TaxComputed(
        base=found.base.amount,
        tax=found.tax.amount,
        total=found.total.amount,
        currency=currency,
        parts=[
            (
                each.component.code,
                each.component.name,
                str(each.use),
                each.taxable.amount,
                each.tax.amount,
            )
            for each in found.by_component
        ],
    )


class Band(Arguments):
    """A band of an income tax: up to an income, so many percent."""

    up_to: Annotated[Decimal, Field(gt=0), InCurrency()] | None = Field(
        default=None, description="Empty for the last band."
    )
    percent: Percent


class ComputeIncomeTax(Arguments):
    """Say what income tax an income would carry by progressive bands."""

    income: Amount
    bands: tuple[Band, ...] = Field(min_length=1, max_length=30)


class IncomeTaxComputed(Answer):
    """The tax on an income."""

    income: Decimal
    tax: Decimal
    currency: str

    def sentence(self, language: Language = "en") -> str:
        """Say the tax."""
        income, due = (Money.of(each, self.currency) for each in (self.income, self.tax))
        if language == "zh":
            return f"收入 {income} 的所得税为 {due}。"
        return f"The income tax on {income} is {due}."


def compute_income_tax(session: Session, arguments: ComputeIncomeTax) -> IncomeTaxComputed:
    """Reckon it band by band."""
    currency = company(session).currency
    income = Money.of(arguments.income, currency)
    bands = [(band.up_to, band.percent) for band in arguments.bands]
    due = tax.income_tax(session, income, bands)
    return IncomeTaxComputed(income=income.amount, tax=due.amount, currency=currency)


class ListTaxCodes(Arguments):
    """List the tax codes and what they consist of on a day."""

    on: Day | None = Field(default=None, description="Leave empty for today.")


class TaxCodes(Answer):
    """Tax codes with their components."""

    on: date
    rows: list[tuple[str, str, str, str]]

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are."""
        if language == "zh":
            return f"{self.on} 共有 {len(self.rows)} 个税码。"
        count = len(self.rows)
        return f"There {'is 1 tax code' if count == 1 else f'are {count} tax codes'} on {self.on}."

    def grid(self) -> Grid:
        """Return one row for every code."""
        columns = (
            Column("code", "税码"),
            Column("name", "名称"),
            Column("Chinese name", "中文名称"),
            Column("consists of", "内容"),
        )
        return Grid(columns, tuple(self.rows))


def list_tax_codes(session: Session, arguments: ListTaxCodes) -> TaxCodes:
    """Read them; a code that says nothing for the day is shown without components."""
    on = arguments.on or company(session).today
    found = tax.codes_in_force(session, on)
    rows = [
        (
            each.code,
            each.name,
            each.name_zh,
            "; ".join(map(tax.described, found.get(each.code, ()))),
        )
        for each in tax.list_codes(session)
    ]
    return TaxCodes(on=on, rows=rows)


class TaxPart(Arguments):
    """One tax of a code."""

    percent: Rate = Field(description="Of the amount; for a fixed tax, an amount for one unit.")
    called: Text | None = None
    taxed_as: ComponentKind = ComponentKind.PERCENT
    included: bool = Field(default=False, description="Whether the price holds it already.")
    affects_next: bool = Field(default=False, description="Whether the next are reckoned on it.")
    on_payment: bool = Field(default=False, description="Whether it is due only when paid.")
    deductible_percent: Percent = Field(
        default=Decimal(100), description="How much of it we take off."
    )


class AddTaxCode(TaxPart):
    """Add a tax code: a rate, what it is a rate of, and further taxes in the same code."""

    code: Text = Field(description="One word, such as V19.")
    called: Text | None = None
    called_zh: Text | None = None
    more: tuple[TaxPart, ...] = Field(default=(), max_length=10)
    since: Day | None = Field(default=None, description="Leave empty for all times.")


class TaxCodeSaved(Answer):
    """A tax code as it is now."""

    code: str
    consists_of: list[str]
    since: date | None = None

    def sentence(self, language: Language = "en") -> str:
        """Say what it consists of."""
        parts = "; ".join(self.consists_of)
        if language == "zh":
            since = f"自 {self.since} 起" if self.since else ""
            return f"税码 {self.code}{since}：{parts}。"
        since = f" from {self.since} on" if self.since else ""
        return f"The tax code {self.code} is{since}: {parts}."


def add_tax_code(session: Session, arguments: AddTaxCode) -> TaxCodeSaved:
    """Add it."""
    name = arguments.called or arguments.code
    components = [_component(part, name) for part in (arguments, *arguments.more)]
    tax.add_code(
        session,
        code=arguments.code,
        name=name,
        name_zh=arguments.called_zh or name,
        components=components,
        valid_from=arguments.since or tax.BEGINNING,
    )
    return _saved(session, arguments.code, arguments.since)


class ChangeTaxCode(TaxPart):
    """Let a tax code say something else from a day on; what was before stays as it was."""

    tax: TaxRef
    more: tuple[TaxPart, ...] = Field(default=(), max_length=10)
    since: Day = Field(description="The first day of the new rate.")


def pin_change(session: Session, arguments: ChangeTaxCode) -> ChangeTaxCode:
    """Write the code as it is."""
    return arguments.model_copy(update={"tax": code_of(session, arguments.tax)})


def change_tax_code(session: Session, arguments: ChangeTaxCode) -> TaxCodeSaved:
    """Change it."""
    code = code_of(session, arguments.tax)
    found = tax.find_code(session, code)
    components = [_component(part, found.name) for part in (arguments, *arguments.more)]
    tax.change_code(session, code, components, valid_from=arguments.since)
    return _saved(session, code, arguments.since)


class InstallTaxes(Arguments):
    """Install the tax codes and the return of a country."""

    country: Literal["CN", "DE", "US"]


class TaxesInstalled(Answer):
    """A set of taxes that can be used now."""

    country: str
    name: str
    name_zh: str
    codes: list[str]

    def sentence(self, language: Language = "en") -> str:
        """Say which codes there are now."""
        codes = ", ".join(self.codes)
        if language == "zh":
            return f"已安装{self.name_zh}：{codes}。"
        return f"{self.name} is installed: {codes}."


def install_taxes(session: Session, arguments: InstallTaxes) -> TaxesInstalled:
    """Install it."""
    found = tax.install_set(session, arguments.country)
    return TaxesInstalled(
        country=found.code,
        name=found.name,
        name_zh=found.name_zh,
        codes=[each.code for each in found.codes],
    )


class SetTaxRounding(Arguments):
    """Round tax by the line, or by the sum of a document, from now on."""

    rounded_by: TaxRounding


class TaxRoundingSet(Answer):
    """How tax is rounded now, and was before."""

    rounded_by: TaxRounding
    before: TaxRounding

    def sentence(self, language: Language = "en") -> str:
        """Say how."""
        if language == "zh":
            how = "按行" if self.rounded_by is TaxRounding.LINE else "按单据合计"
            return f"税额现在{how}取整。"
        return f"Tax is rounded by the {self.rounded_by} now."


def set_tax_rounding(session: Session, arguments: SetTaxRounding) -> TaxRoundingSet:
    """Set it."""
    before = company(session).tax_rounding
    tax.set_tax_rounding(session, arguments.rounded_by)
    return TaxRoundingSet(rounded_by=arguments.rounded_by, before=before)


def undo_rounding(_session: Session, _arguments: SetTaxRounding, answer: dict[str, str]) -> Undoing:
    """Round as before."""
    return Undoing((Call(ROUND, SetTaxRounding(rounded_by=TaxRounding(answer["before"]))),))


def code_of(session: Session, text: str) -> str:
    """Return the code that a text means."""
    return tax.code_named(session, text).code


def _component(part: TaxPart, name: str) -> Component:
    named = part.called or (name if part.taxed_as is ComponentKind.EXEMPT else "")
    return Component(
        name=named or f"{name} {plain(part.percent)}",
        kind=part.taxed_as,
        rate=part.percent,
        included=part.included,
        affects_next=part.affects_next,
        cash_basis=part.on_payment,
        deductible_percent=part.deductible_percent,
    )


def _saved(session: Session, code: str, since: date | None) -> TaxCodeSaved:
    on = since or company(session).today
    [components] = tax.components_on(session, [code], on).values()
    return TaxCodeSaved(
        code=code, consists_of=[tax.described(each) for each in components], since=since
    )


TOOLS = [
    Tool(
        "tax.compute",
        ComputeTax,
        compute_tax,
        writes=False,
        title="Compute tax",
        title_zh="计算税额",
        roles=STAFF,
    ),
    Tool(
        "tax.compute_income_tax",
        ComputeIncomeTax,
        compute_income_tax,
        writes=False,
        title="Compute income tax",
        title_zh="计算所得税",
        roles=STAFF,
    ),
    Tool(
        "tax.list_codes",
        ListTaxCodes,
        list_tax_codes,
        writes=False,
        title="Tax codes",
        title_zh="税码",
        roles=STAFF,
    ),
    Tool(
        "tax.add_code",
        AddTaxCode,
        add_tax_code,
        writes=True,
        title="Add tax code",
        title_zh="新增税码",
        roles=BOOKKEEPERS,
        undo=lambda *_: Undoing(impossible=CODE_STAYS),
    ),
    Tool(
        "tax.change_code",
        ChangeTaxCode,
        change_tax_code,
        writes=True,
        title="Change tax code",
        title_zh="更改税码",
        roles=BOOKKEEPERS,
        pin=pin_change,
        undo=lambda *_: Undoing(impossible=CODE_STAYS),
    ),
    Tool(
        "tax.install_set",
        InstallTaxes,
        install_taxes,
        writes=True,
        title="Install a country's taxes",
        title_zh="安装税制",
        roles=BOOKKEEPERS,
        undo=lambda *_: Undoing(impossible=CODE_STAYS),
    ),
    Tool(
        ROUND,
        SetTaxRounding,
        set_tax_rounding,
        writes=True,
        title="Set rounding of tax",
        title_zh="设置税额取整",
        roles=BOOKKEEPERS,
        undo=undo_rounding,
    ),
]
