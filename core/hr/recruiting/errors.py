"""What recruiting refuses."""

from core.kernel.errors import DomainError


class UnknownOpening(DomainError):
    """There is no opening {number}."""

    zh = "没有招聘职位 {number}。"


class UnknownApplication(DomainError):
    """There is no application {number}, or it is not yours to see."""

    zh = "没有应聘 {number}，或您无权查看。"


class UnknownApplicant(DomainError):
    """There is no applicant {number}, or it is not yours to see."""

    zh = "没有应聘者 {number}，或您无权查看。"


class UnknownInterview(DomainError):
    """There is no interview {number}, or it is not yours to see."""

    zh = "没有面试 {number}，或您无权查看。"


class UnknownOffer(DomainError):
    """There is no offer {number}, or it is not yours to see."""

    zh = "没有录用通知 {number}，或您无权查看。"


class NotTheirOpening(DomainError):
    """Only human resources and the hiring manager work on {opening}; ask one of them."""

    zh = "只有人力资源部和用人经理可以处理 {opening}；请联系他们。"


class NotTheirsToDecide(DomainError):
    """{number} was asked for by yourself; somebody else has to decide on it."""

    zh = "{number} 由您本人提出；须由他人审批。"


class OnlyOffice(DomainError):
    """This is for human resources and the management to do; ask one of them."""

    zh = "此事由人力资源部或管理层办理；请联系他们。"


class HeadcountOutOfRange(DomainError):
    """An opening is for 1 to 1000 people, not {headcount}."""

    zh = "招聘人数须为 1 至 1000，不能是 {headcount}。"


class OpeningNotOpen(DomainError):
    """{opening} is {state}; only openings that are approved and open are applied for and filled."""

    zh = "{opening} 为{state}状态；只有已批准且开放的职位可以应聘和录用。"


class OpeningDecided(DomainError):
    """{opening} is {state} already."""

    zh = "{opening} 已是{state}状态。"


class OpeningHasApplications(DomainError):
    """{opening} has {count} applications that are under way; reject them or move them first."""

    zh = "{opening} 尚有 {count} 份进行中的应聘；请先驳回或处理。"


class AlreadyApplied(DomainError):
    """Who has this address applied for {opening} already: {application}."""

    zh = "使用此邮箱的人已应聘 {opening}：{application}。"


class ConsentNeeded(DomainError):
    """Nobody's details are kept without their consent; ask for it first."""

    zh = "未经本人同意不得保存个人信息；请先征得同意。"


class NotAnAddress(DomainError):
    """The text "{text}" is no e-mail address."""

    zh = "“{text}”不是有效的邮箱地址。"


class ApplicationEnded(DomainError):
    """{application} has ended: it is {stage}."""

    zh = "{application} 已结束：{stage}。"


class NoSuchMove(DomainError):
    """{application} cannot go from {before} to {after}; {way}."""

    zh = "{application} 不能从{before}转为{after}；{way}。"


class NoInterviewer(DomainError):
    """An interview needs somebody who interviews; name at least one employee."""

    zh = "面试至少需要一名面试官；请指定员工。"


class NotAnInterviewer(DomainError):
    """You do not take part in {interview}; only who does writes about it."""

    zh = "您未参加 {interview}；只有面试官可以填写评分。"


class ScorecardWritten(DomainError):
    """Your scorecard of {interview} is written; each interviewer writes one."""

    zh = "您已填写 {interview} 的评分；每位面试官只填写一次。"


class ScoreOutOfRange(DomainError):
    """A score is a whole number from {least} to {most}, not {score}."""

    zh = "评分为 {least} 至 {most} 的整数，不能是 {score}。"


class OfferLive(DomainError):
    """{application} has an offer already: {offer} is {state}."""

    zh = "{application} 已有录用通知：{offer} 为{state}状态。"


class OfferNotPositive(DomainError):
    """An offer is of pay above nothing, not {amount}."""

    zh = "录用薪资须大于零，不能是 {amount}。"


class OfferStartsInPast(DomainError):
    """An offer starts today or later, not on {day}."""

    zh = "入职日期须为今天或之后，不能是 {day}。"


class OfferIs(DomainError):
    """{offer} is {state}; it has to be {wanted} for this."""

    zh = "{offer} 为{state}状态；此操作要求其为{wanted}状态。"


class OpeningFull(DomainError):
    """{opening} is for {headcount} and all places are taken; ask for a new opening."""

    zh = "{opening} 招聘 {headcount} 人，已全部录满；请申请新的职位。"


class ApplicationsUnderWay(DomainError):
    """{applicant} is not erased while {application} is under way; end it first."""

    zh = "{application} 尚在进行中，不能删除 {applicant} 的信息；请先结束。"


class AlreadyErased(DomainError):
    """{applicant} was erased on {day}."""

    zh = "{applicant} 的信息已于 {day} 删除。"
