"""Tables of approvals."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any, TypedDict

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.kernel import clock
from core.kernel.database import Minor, Record, append_only
from core.kernel.effects import Effect
from core.kernel.idempotency import hash_of
from core.kernel.identity.roles import STAFF, Role
from core.kernel.privacy import HOUSE_ONLY, private, seen_by

# Who may look at every proposal that is not private, whoever asked for it.
OVERSEERS = frozenset({Role.ADMIN, Role.MANAGER, Role.AUDITOR})


class ProposalState(StrEnum):
    """The life of a proposal."""

    OPEN = "open"
    EXECUTED = "executed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Verdict(StrEnum):
    """What a person said of a proposal."""

    APPROVE = "approve"
    REJECT = "reject"
    EDIT = "edit"


class DutyName(StrEnum):
    """The duties of buying and paying, each to be done by other hands than the rest.

    Of an order: to order, receive, book the bill, pay. Of a supplier: to add it, to change its
    bank account, to pay it. Of an account: to change to it, to verify it. Of a payment order: to
    release it (pay), to carry it out. Of a stock count: to count, to accept large differences.
    Of a month of pay: to enter, to release the run, to pay it out. Of a job offer: to propose it,
    to approve it.
    """

    ORDER = "order"
    RECEIVE = "receive"
    BILL = "bill"
    PAY = "pay"
    ADD_SUPPLIER = "add_supplier"
    CHANGE_ACCOUNT = "change_account"
    VERIFY_ACCOUNT = "verify_account"
    EXECUTE = "execute"
    COUNT = "count"
    ACCEPT_COUNT = "accept_count"
    ENTER_PAY = "enter_pay"
    RELEASE_PAY = "release_pay"
    PAY_OUT = "pay_out"
    PROPOSE_OFFER = "propose_offer"
    APPROVE_OFFER = "approve_offer"


class PlannedCall(TypedDict):
    """One step of a plan: the tool by name, and its arguments as plain values."""

    tool: str
    arguments: dict[str, Any]


class Reason(TypedDict, total=False):
    """Why a plan is suggested: the person's words, or the event, the rule and the figures.

    `words` are a person's or a model's own and are shown as quoted. `facts` are figures of the
    core, by name, and `explained` says them in sentences, in English and in Chinese. `source`
    names the foreign text (a mail, a ticket) that caused the proposal. `pins` says why each open
    choice was made as it was, and `alternatives` what else could be done, each with its label,
    its plan and its effect as lines.
    """

    words: str
    rule: str
    facts: dict[str, str]
    explained: list[str]
    source: str
    pins: list[str]
    alternatives: list[dict[str, Any]]


class Undo(TypedDict):
    """Whether and how a plan can be undone: said before it is approved.

    `how` names the tools that would compensate for it; `why_not` says, in English and in Chinese,
    what stands in the way.
    """

    possible: bool
    how: list[str]
    why_not: list[str]


class Proposal(Record):
    """A plan, why it is suggested, what it would do, and what became of it."""

    __tablename__ = "proposal"
    __table_args__ = (
        # While one proposal on a topic is open, a second one would only be noise.
        Index(
            "uq_proposal_open_topic", "topic", unique=True, postgresql_where=text("state = 'open'")
        ),
        Index(None, "state", "created_at"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    topic: Mapped[str]
    title: Mapped[str]
    plan: Mapped[list[PlannedCall]] = mapped_column(JSONB)
    reason: Mapped[Reason] = mapped_column(JSONB)
    effect_json: Mapped[dict[str, Any]] = mapped_column(JSONB)
    digest: Mapped[str]
    undo: Mapped[Undo] = mapped_column(JSONB)
    # The person or service that asked; a service has no rights of its own and never decides.
    asked_by: Mapped[str]
    asked_by_human: Mapped[str]
    asked_by_roles: Mapped[list[str]] = mapped_column(JSONB)
    door: Mapped[str]
    # For each call of the plan, the roles that may use its tool: who has one of each may decide.
    needs_roles: Mapped[list[list[str]]] = mapped_column(JSONB)
    # Of what is private: the parties it is about, who see it beside those roles; nobody else does.
    private_to: Mapped[list[str] | None] = mapped_column(JSONB(none_as_null=True))
    state: Mapped[ProposalState] = mapped_column(default=ProposalState.OPEN)
    expires_at: Mapped[datetime]
    undoes_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("proposal.id"), index=True)
    # The answers of the calls, once carried out; undoing starts from them.
    answers: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    closed_at: Mapped[datetime | None]
    closed_because: Mapped[str | None]

    decisions: Mapped[list["Decision"]] = relationship(
        back_populates="proposal", lazy="raise", order_by="Decision.created_at"
    )

    @property
    def effect(self) -> Effect:
        """What the plan did in its rehearsal."""
        return Effect.from_json(self.effect_json)

    def show(self, plan: list[PlannedCall], effect: Effect) -> None:
        """Take a plan and its effect; the digest seals both, so that a yes means exactly them."""
        self.plan = plan
        self.effect_json = effect.to_json()
        self.digest = hash_of({"plan": plan, "effect": effect.digest})


class Decision(Record):
    """What one person said of a proposal, on which effect."""

    __tablename__ = "decision"
    __table_args__ = (
        # One human is one yes, through however many accounts.
        Index(
            "uq_decision_approval",
            "proposal_id",
            "human",
            "digest",
            unique=True,
            postgresql_where=text("verdict = 'approve'"),
        ),
    )

    proposal_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("proposal.id"), index=True)
    person: Mapped[str]
    human: Mapped[str]
    verdict: Mapped[Verdict]
    digest: Mapped[str]
    reason: Mapped[str]
    decided_at: Mapped[datetime] = mapped_column(default=clock.now)

    proposal: Mapped[Proposal] = relationship(back_populates="decisions", lazy="raise")


class DutyDone(Record):
    """Somebody approved one duty of a case; the other duties of it are no longer theirs."""

    __tablename__ = "duty_done"

    case: Mapped[str] = mapped_column(index=True)
    duty: Mapped[DutyName]
    human: Mapped[str]
    proposal_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("proposal.id"))


class ApprovalLimit(Record):
    """Up to which amount a role may decide alone what itself asked for, and at all.

    Amounts are in the company's currency; None means without limit.
    """

    __tablename__ = "approval_limit"
    __table_args__ = (UniqueConstraint("role", "kind"),)

    role: Mapped[str]
    # A `DecisionKind`, or empty for all that has no limits of its own.
    kind: Mapped[str] = mapped_column(default="", server_default="")
    # Own requests, summed over 24 hours, that need no second person.
    alone_minor: Mapped[Minor | None]
    # Any request that this role may approve.
    approve_minor: Mapped[Minor | None]
    # Above this two persons besides the asker have to approve.
    two_persons_above_minor: Mapped[Minor | None]


append_only(Decision.__table__)
append_only(DutyDone.__table__)

# Who reads sees of the inbox what `rules.may_see` lets them see: by the database itself.
_HAS_THE_ROLES = """
    NOT EXISTS (
        SELECT FROM jsonb_array_elements(needs_roles) AS call (roles)
        WHERE NOT call.roles ?| (SELECT reading_roles())
    )
    """
private(
    Proposal.__table__,
    f"""
    {HOUSE_ONLY}
    OR asked_by_human = (SELECT reading_human())
    OR private_to ? (SELECT coalesce(reading_party()::text, ''))
    OR private_to IS NULL AND {seen_by(OVERSEERS)}
    OR ({seen_by(STAFF)} OR NOT {seen_by({Role.CUSTOMER})}) AND {_HAS_THE_ROLES}
    """,
)
private(Decision.__table__, "proposal_id IN (SELECT id FROM proposal)")
