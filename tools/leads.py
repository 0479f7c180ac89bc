"""Tools of leads: who may become a customer, whose they are, and what becomes of them."""

from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import parties
from core.crm import leads
from core.crm.leads import LeadDraft, LeadView
from core.crm.sources import LeadSource
from core.kernel.company import company
from core.kernel.errors import Language
from core.kernel.identity import service as identity
from core.kernel.identity.roles import Role
from core.kernel.money import Money
from core.kernel.words import word
from tools.base import (
    Amount,
    Answer,
    Arguments,
    Call,
    Column,
    Day,
    Grid,
    Ref,
    Text,
    Tool,
    Undoing,
)
from tools.references import LoginRef, PartyRef
from tools.trade import LEADERS, READERS, SELLERS, Because

DISQUALIFY, ASSIGN, CHANGE = "crm.disqualify_lead", "crm.assign_lead", "crm.change_lead"
LeadRef = Annotated[Text, Ref("lead")]
CANNOT_PART = (
    "who became a customer stays one; block it, or note that the opportunity is lost",
    "已转化的客户将保留；可冻结客户或登记商机输单",
)
NOT_REOPENED = ("add it again instead", "请重新新增线索")


class AddLead(Arguments):
    """Take in a lead: somebody who may become a customer, scored and assigned by the rules."""

    name: Text = Field(description="The company, or the person where there is none.")
    contact_name: Text | None = Field(default=None, description="Whom we talk to there.")
    job_title: Text | None = None
    email: Text | None = None
    phone: Text | None = None
    country: Text | None = Field(default=None, description="Two letters, such as DE.")
    city: Text | None = None
    source: LeadSource = LeadSource.OTHER
    interest: Text | None = Field(default=None, description="What they want, in a few words.")
    budget: Amount | None = Field(default=None, description="What they may spend.")
    owner: LoginRef | None = Field(default=None, description="Empty for whom the rules say.")
    is_another: bool = Field(default=False, description="Although somebody alike is on record.")


class LeadShown(Answer):
    """A lead with what its points are for."""

    lead: LeadView

    def sentence(self, language: Language = "en") -> str:
        """Say who it is, whose, and how promising."""
        one = self.lead
        points = " + ".join(
            f"{each.points} {each.because[language == 'zh']}" for each in one.points
        )
        became = ", ".join(one.became)
        if language == "zh":
            said = f"{one.number} {one.name}：{word(one.state, 'zh')}，{one.score} 分"
            said += f"（{points}）" if points else ""
            said += f"，负责人 {one.owner}" if one.owner else "，未分配"
            return f"{said}；已转为 {became}。" if became else f"{said}。"
        said = f"{one.number} {one.name} is {word(one.state)}, {one.score} points"
        said += f" ({points})" if points else ""
        said += f", with {one.owner}" if one.owner else ", with nobody yet"
        return f"{said}; it became {became}." if became else f"{said}."


def _shown(session: Session, number: str) -> LeadShown:
    return LeadShown(lead=leads.view_lead(session, number))


def add_lead(session: Session, arguments: AddLead) -> LeadShown:
    """Take it in."""
    owner = arguments.owner and identity.find_person(session, arguments.owner)
    budget = arguments.budget
    lead = leads.add_lead(
        session,
        LeadDraft(
            name=arguments.name,
            source=arguments.source,
            contact_name=arguments.contact_name,
            job_title=arguments.job_title,
            email=arguments.email,
            phone=arguments.phone,
            country=arguments.country,
            city=arguments.city,
            interest=arguments.interest,
            budget=None if budget is None else Money.of(budget, company(session).currency),
        ),
        owner=owner or None,
        is_another=arguments.is_another,
    )
    return _shown(session, lead.number)


def undo_add(_session: Session, _arguments: Arguments, answer: dict[str, Any]) -> Undoing:
    """Note that it leads nowhere."""
    number = answer["lead"]["number"]
    return Undoing((Call(DISQUALIFY, DisqualifyLead(lead=number, because="undo")),))


class ShowLead(Arguments):
    """Show a lead, what its points are for, whose it is, and what became of it."""

    lead: LeadRef = Field(description="Its number, such as LD-00007, or its name.")


def show_lead(session: Session, arguments: ShowLead) -> LeadShown:
    """Read it."""
    return _shown(session, arguments.lead)


class ChangeLead(Arguments):
    """Note what else is known of a lead; its points are counted anew."""

    lead: LeadRef = Field(description="Its number, such as LD-00007, or its name.")
    contact_name: Text | None = Field(default=None, description="Whom we talk to there.")
    job_title: Text | None = None
    email: Text | None = None
    phone: Text | None = None
    country: Text | None = Field(default=None, description="Two letters, such as DE.")
    city: Text | None = None
    interest: Text | None = Field(default=None, description="What they want, in a few words.")
    budget: Amount | None = Field(default=None, description="What they may spend.")


KNOWN_OF = (
    "contact_name", "job_title", "email", "phone", "country", "city", "interest",
)  # fmt: skip


class LeadChanged(LeadShown):
    """A lead of which more is known, and what was known before."""

    before: dict[str, str | None]


def change_lead(session: Session, arguments: ChangeLead) -> LeadChanged:
    """Note it."""
    known = leads.find_lead(session, arguments.lead)
    currency = company(session).currency
    said: dict[str, Any] = {name: getattr(arguments, name) for name in KNOWN_OF}
    before = {name: getattr(known, name) for name, value in said.items() if value is not None}
    if arguments.budget is not None:
        said["budget_minor"] = Money.of(arguments.budget, currency).minor
        known_budget = known.budget_minor
        before["budget"] = (
            None if known_budget is None else str(Money(known_budget, currency).amount)
        )
    leads.change_lead(session, known.number, **said)
    return LeadChanged(lead=leads.view_lead(session, known.number), before=before)


def undo_change(_session: Session, _arguments: ChangeLead, answer: dict[str, Any]) -> Undoing:
    """Note what was known before, where anything was."""
    before = answer["before"]
    if any(value is None for value in before.values()):
        return Undoing(impossible=("say what it should be instead", "请直接改为应有的内容"))
    call = ChangeLead(lead=answer["lead"]["number"], **before)
    return Undoing((Call(CHANGE, call),))


class AssignLead(Arguments):
    """Give a lead to somebody, or to whom the rules say."""

    lead: LeadRef = Field(description="Its number, such as LD-00007, or its name.")
    owner: LoginRef | None = Field(default=None, description="Empty for whom the rules say.")


class LeadAssigned(LeadShown):
    """A lead that is somebody else's now."""

    before: str | None


def pin_assign(session: Session, arguments: AssignLead) -> AssignLead:
    """Write the lead by its number, and whose it is to be."""
    number = leads.find_lead(session, arguments.lead).number
    owner = arguments.owner and identity.find_person(session, arguments.owner).login
    return arguments.model_copy(update={"lead": number, "owner": owner})


def assign_lead(session: Session, arguments: AssignLead) -> LeadAssigned:
    """Give it."""
    known = leads.find_lead(session, arguments.lead)
    before = known.owner.login if known.owner is not None else None
    owner = arguments.owner and identity.find_person(session, arguments.owner)
    leads.assign_lead(session, known.number, owner or None)
    return LeadAssigned(lead=leads.view_lead(session, known.number), before=before)


def undo_assign(_session: Session, _arguments: Arguments, answer: dict[str, Any]) -> Undoing:
    """Give it back, where it was anybody's."""
    if answer["before"] is None:
        return Undoing(impossible=("give it to somebody else instead", "请改派给其他人"))
    call = AssignLead(lead=answer["lead"]["number"], owner=answer["before"])
    return Undoing((Call(ASSIGN, call),))


class ConvertLead(Arguments):
    """Turn a lead into a customer with a contact and an opportunity."""

    lead: LeadRef = Field(description="Its number, such as LD-00007, or its name.")
    customer: PartyRef | None = Field(default=None, description="If we know the customer already.")
    amount: Amount | None = Field(default=None, description="What the opportunity is worth.")
    close_on: Day | None = Field(default=None, description="When it may be decided.")
    title: Text | None = Field(default=None, description="What the opportunity is about.")
    with_opportunity: bool = True


class LeadConverted(Answer):
    """What a lead became."""

    number: str
    customer: str
    name: str
    contact: str | None
    opportunity: str | None

    def sentence(self, language: Language = "en") -> str:
        """Say what it became."""
        told = [f"{self.customer} {self.name}", self.contact, self.opportunity]
        if language == "zh":
            return f"{self.number} 已转化：{'、'.join(each for each in told if each)}。"
        return f"{self.number} became {', '.join(each for each in told if each)}."


def pin_convert(session: Session, arguments: ConvertLead) -> ConvertLead:
    """Write the lead and the customer by their numbers."""
    number = leads.find_lead(session, arguments.lead).number
    customer = arguments.customer and parties.find_party(session, arguments.customer).number
    return arguments.model_copy(update={"lead": number, "customer": customer})


def convert_lead(session: Session, arguments: ConvertLead) -> LeadConverted:
    """Convert it."""
    customer = arguments.customer and parties.find_party(session, arguments.customer)
    amount = arguments.amount
    done = leads.convert_lead(
        session,
        arguments.lead,
        customer=customer or None,
        opportunity=arguments.title,
        amount=None if amount is None else Money.of(amount, company(session).currency),
        close_on=arguments.close_on,
        with_opportunity=arguments.with_opportunity,
    )
    return LeadConverted(
        number=done.lead.number,
        customer=done.customer.party.number,
        name=done.customer.party.name,
        contact=done.contact.name if done.contact else None,
        opportunity=done.opportunity.number if done.opportunity else None,
    )


def undo_convert(_session: Session, _arguments: Arguments, _answer: object) -> Undoing:
    """Say what to do instead."""
    return Undoing(impossible=CANNOT_PART)


class DisqualifyLead(Arguments):
    """Note that a lead leads nowhere, and why."""

    lead: LeadRef = Field(description="Its number, such as LD-00007, or its name.")
    because: Because = Field(description="Why.")


def pin_lead(session: Session, arguments: Any) -> Any:  # noqa: ANN401  # Any that names a lead.
    """Write the lead by its number."""
    number = leads.find_lead(session, arguments.lead).number
    return arguments.model_copy(update={"lead": number})


def disqualify_lead(session: Session, arguments: DisqualifyLead) -> LeadShown:
    """Note it."""
    lead = leads.disqualify_lead(session, arguments.lead, because=arguments.because)
    return _shown(session, lead.number)


def undo_disqualify(_session: Session, _arguments: Arguments, _answer: object) -> Undoing:
    """Say what to do instead."""
    return Undoing(impossible=NOT_REOPENED)


class ListLeads(Arguments):
    """List the open leads, those with most points first."""

    unassigned: bool = Field(default=False, description="Only those that are nobody's.")
    limit: int = Field(default=50, ge=1, le=200)


class LeadsListed(Answer):
    """Open leads."""

    leads: list[LeadView]

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are, and how many are nobody's."""
        count, free = len(self.leads), sum(one.owner is None for one in self.leads)
        if language == "zh":
            return f"未结线索 {count} 条，其中 {free} 条未分配。"
        return f"{count} open {'lead' if count == 1 else 'leads'}, {free} of them with nobody."

    def grid(self) -> Grid:
        """Return one row for each."""
        columns = (
            Column("number", "编号"),
            Column("name", "名称"),
            Column("contact", "联系人"),
            Column("source", "来源"),
            Column("points", "评分", "number"),
            Column("state", "状态"),
            Column("owner", "负责人"),
            Column("since", "日期", "date"),
        )
        rows = tuple(
            (x.number, x.name, x.contact_name, x.source, x.score, x.state, x.owner, x.opened_on)
            for x in self.leads
        )
        return Grid(columns, rows)


def list_leads(session: Session, arguments: ListLeads) -> LeadsListed:
    """Read them."""
    found = leads.list_leads(session, unassigned=arguments.unassigned, limit=arguments.limit)
    return LeadsListed(leads=found)


class SetLeadRule(Arguments):
    """Say who gets which leads: of a source, a country, or from so many points on."""

    owner: LoginRef = Field(description="Who gets them.")
    source: LeadSource | None = Field(default=None, description="Empty for any.")
    country: Text | None = Field(default=None, description="Empty for any.")
    score_min: int | None = Field(default=None, ge=0, le=100, description="From so many points.")
    place: int | None = Field(default=None, ge=1, le=1000, description="Empty: behind the others.")


class RemoveLeadRule(Arguments):
    """Remove the rule at a place among those that say who gets which leads."""

    place: int = Field(ge=1, le=1000, description="Its place.")


class ListLeadRules(Arguments):
    """List the rules that say who gets which leads."""


class LeadRules(Answer):
    """The rules that say who gets which leads, in their order."""

    rules: list[tuple[int, str, str, str, str]]

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are."""
        count = len(self.rules)
        if language == "zh":
            return f"线索分配规则 {count} 条。"
        return f"{count} {'rule says' if count == 1 else 'rules say'} who gets which leads."

    def grid(self) -> Grid:
        """Return one row for each."""
        columns = (
            Column("place", "序号", "number"),
            Column("source", "来源"),
            Column("country", "国家"),
            Column("points from", "最低评分"),
            Column("owner", "负责人"),
        )
        return Grid(columns, tuple(self.rules))


def set_lead_rule(session: Session, arguments: SetLeadRule) -> LeadRules:
    """Say it."""
    leads.set_lead_rule(
        session,
        owner=identity.find_person(session, arguments.owner),
        source=arguments.source,
        country=arguments.country,
        score_min=arguments.score_min,
        place=arguments.place,
    )
    return _rules(session)


def remove_lead_rule(session: Session, arguments: RemoveLeadRule) -> LeadRules:
    """Remove it."""
    leads.remove_lead_rule(session, arguments.place)
    return _rules(session)


def list_lead_rules(session: Session, _arguments: ListLeadRules) -> LeadRules:
    """Read them."""
    return _rules(session)


def _rules(session: Session) -> LeadRules:
    return LeadRules(
        rules=[
            (
                *(rule.place, rule.source or "", rule.country or ""),
                *("" if rule.score_min is None else str(rule.score_min), rule.owner.login),
            )
            for rule in leads.list_lead_rules(session)
        ]
    )


def undo_rule(_session: Session, _arguments: Arguments, _answer: object) -> Undoing:
    """Say what to do instead."""
    return Undoing(impossible=("set or remove the rule again instead", "请重新设置或删除规则"))


TAKERS = SELLERS | {Role.MARKETING, Role.SERVICE}
TOOLS = [
    Tool("crm.add_lead", AddLead, add_lead, writes=True, title="Add lead", title_zh="新增线索",
         roles=TAKERS, undo=undo_add),
    Tool("crm.show_lead", ShowLead, show_lead, writes=False, title="Show lead",
         title_zh="查看线索", roles=READERS),
    Tool(CHANGE, ChangeLead, change_lead, writes=True, title="Change lead", title_zh="修改线索",
         roles=TAKERS, pin=pin_lead, undo=undo_change),
    Tool(ASSIGN, AssignLead, assign_lead, writes=True, title="Assign lead", title_zh="分配线索",
         roles=SELLERS | {Role.WATCHER}, pin=pin_assign, undo=undo_assign),
    Tool("crm.convert_lead", ConvertLead, convert_lead, writes=True, title="Convert lead",
         title_zh="转化线索", roles=SELLERS, pin=pin_convert, undo=undo_convert),
    Tool(DISQUALIFY, DisqualifyLead, disqualify_lead, writes=True, title="Disqualify lead",
         title_zh="作废线索", roles=TAKERS, pin=pin_lead, undo=undo_disqualify),
    Tool("crm.list_leads", ListLeads, list_leads, writes=False, title="List leads",
         title_zh="线索列表", roles=READERS),
    Tool("crm.set_lead_rule", SetLeadRule, set_lead_rule, writes=True, title="Set lead rule",
         title_zh="设置线索分配规则", roles=LEADERS, undo=undo_rule),
    Tool("crm.remove_lead_rule", RemoveLeadRule, remove_lead_rule, writes=True,
         title="Remove lead rule", title_zh="删除线索分配规则", roles=LEADERS, undo=undo_rule),
    Tool("crm.list_lead_rules", ListLeadRules, list_lead_rules, writes=False,
         title="List lead rules", title_zh="线索分配规则列表", roles=READERS),
]  # fmt: skip
