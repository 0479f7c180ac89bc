"""What can go wrong with approvals."""

from core.kernel.errors import DomainError


class UnknownProposal(DomainError):
    """There is no proposal {id}, or it is not yours to see."""

    zh = "没有提案 {id}，或您无权查看。"


class ProposalClosed(DomainError):
    """Proposal {number} is no longer open: it was {state} {because}. Nothing was done now."""

    zh = "提案 {number} 已不再开放（{state}）：{because}。本次未执行任何操作。"


class ProposalExpired(DomainError):
    """Proposal {number} has expired. Ask for it again to see today's effect."""

    zh = "提案 {number} 已过期。请重新提出，以查看今天的影响。"


class OnlyPeopleDecide(DomainError):
    """A person has to decide this; {actor} is not one."""

    zh = "此事必须由人来决定；{actor} 不是人。"


class SecondPersonNeeded(DomainError):
    """Proposal {number} is your own request and above what you may approve alone ({limit}).

    Somebody else with the right has to approve it.
    """

    zh = "提案 {number} 由您提出，且超过您可单独批准的额度（{limit}），需由另一人批准。"


class AboveYourLimit(DomainError):
    """Proposal {number} is worth {amount}{kind}; you may approve up to {limit}. Ask: {roles}."""

    zh = "提案 {number} 金额 {amount}{kind_zh}，您最多可批准 {limit}。请由以下角色批准：{roles}。"


class AlreadyApproved(DomainError):
    """You have approved proposal {number} already; a second person has to approve it too."""

    zh = "您已批准过提案 {number}；还需要另一个人批准。"


class EffectChanged(DomainError):
    """The world has moved: this would no longer do what was shown. Nothing was done."""

    zh = "情况已变化：执行结果将与所示不同。没有执行任何操作。"


class TooManyOpenProposals(DomainError):
    """There are already {count} open proposals of {asker}; decide on some of them first."""

    zh = "{asker} 已有 {count} 个未决提案，请先处理其中一些。"


class DutiesInOneHand(DomainError):
    """You approved the step "{done}" of {case} yourself, so "{duty}" is for somebody else."""

    zh = "{case} 的“{done_zh}”由您批准，因此“{duty_zh}”须由他人批准。"


class NoLimitOfItsOwn(DomainError):
    """The role {role} has no limits of its own for {kind}; its general limits count already."""

    zh = "角色 {role} 没有针对 {kind_zh} 的单独额度；适用其一般额度。"
