"""Tools of approvals: what waits for a decision, and what was decided. Deciding is no tool."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.approvals import Proposal, ProposalState, decisions_of, list_proposals, may_see
from core.approvals.errors import UnknownProposal
from core.approvals.rules import total_of
from core.kernel.company import company
from core.kernel.database import acting
from core.kernel.errors import Language
from core.kernel.identity.roles import STAFF, Role
from core.kernel.money import Money
from core.kernel.words import word
from tools.base import Answer, Arguments, Column, Grid, Ref, Text, Tool

LISTED_MAX = 100


class ListProposals(Arguments):
    """List proposals that wait for a decision, or that were decided."""

    state: Literal["open", "executed", "rejected", "withdrawn", "expired"] = "open"


class ProposalRow(BaseModel):
    """One proposal in a list."""

    number: str
    title: str
    asked_by: str
    state: str
    amount: Decimal


class Proposals(Answer):
    """Proposals, the newest first."""

    state: str
    currency: str
    proposals: list[ProposalRow]

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are."""
        count, state = len(self.proposals), word(self.state, language)
        if language == "zh":
            return f"共有 {count} 个提案（{state}）。"
        return f"{count} {'proposal' if count == 1 else 'proposals'} ({state})."

    def grid(self) -> Grid:
        """Return one row for each."""
        columns = (
            Column("number", "编号"),
            Column("what", "内容"),
            Column("asked by", "提出人"),
            Column("amount", "金额", self.currency),
        )
        return Grid(
            columns,
            tuple((row.number, row.title, row.asked_by, row.amount) for row in self.proposals),
        )


def list_them(session: Session, arguments: ListProposals) -> Proposals:
    """Return what the asking person may see: their own, or all for who oversees."""
    actor, currency = acting(session).actor, company(session).currency
    rows = [
        _row(proposal, currency)
        for proposal in list_proposals(session, state=ProposalState(arguments.state))
        if may_see(actor, proposal)
    ]
    return Proposals(state=arguments.state, currency=currency, proposals=rows[:LISTED_MAX])


class ShowProposal(Arguments):
    """Show one proposal: what it would do or did, why, and who decided what."""

    number: Annotated[Text, Ref("proposal")] = Field(description="Such as PR-00042.")


class ProposalShown(Answer):
    """A proposal with its effect."""

    number: str
    title: str
    state: str
    asked_by: str
    words: str
    decided: list[str]
    effect: dict[str, list[str]]

    def sentence(self, language: Language = "en") -> str:
        """Say what it is about and where it stands."""
        state = word(self.state, language)
        decided = "; ".join(self.decided)
        if language == "zh":
            who = f"，{decided}" if decided else ""
            return f"{self.number}（{state}）由 {self.asked_by} 提出：{self.title}{who}。"
        who = f" {decided}." if decided else ""
        return f"{self.number} ({state}), asked for by {self.asked_by}: {self.title}.{who}"

    def grid(self) -> Grid:
        """Return the lines of its effect."""
        rows = zip(self.effect["en"], self.effect["zh"], strict=True)
        return Grid((Column("effect", "影响"), Column("effect (zh)", "影响（中文）")), tuple(rows))


def show_it(session: Session, arguments: ShowProposal) -> ProposalShown:
    """Return it, if the asking person may see it."""
    found = session.scalar(select(Proposal).where(Proposal.number == arguments.number.upper()))
    if found is None or not may_see(acting(session).actor, found):
        raise UnknownProposal(id=arguments.number)
    said = decisions_of(session, found.id)
    return ProposalShown(
        number=found.number,
        title=found.title,
        state=found.state,
        asked_by=found.asked_by,
        words=found.reason.get("words", ""),
        decided=[f"{one.verdict}: {one.person} {one.reason}".strip() for one in said],
        effect={"en": found.effect.lines("en"), "zh": found.effect.lines("zh")},
    )


def _row(proposal: Proposal, currency: str) -> ProposalRow:
    return ProposalRow(
        number=proposal.number,
        title=proposal.title,
        asked_by=proposal.asked_by,
        state=proposal.state,
        amount=Money(total_of(proposal.effect, currency), currency).amount,
    )


TOOLS = [
    Tool(
        "approvals.list_proposals",
        ListProposals,
        list_them,
        writes=False,
        title="List proposals",
        title_zh="列出提案",
        roles=STAFF | {Role.EMPLOYEE},
    ),
    Tool(
        "approvals.show_proposal",
        ShowProposal,
        show_it,
        writes=False,
        title="Show a proposal",
        title_zh="查看提案",
        roles=STAFF | {Role.EMPLOYEE},
    ),
]
