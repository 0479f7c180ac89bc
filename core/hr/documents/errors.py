"""What documents refuse."""

from core.kernel.errors import DomainError


class NotADocumentNumber(DomainError):
    """The number of a document has 5 to 40 letters and digits."""

    zh = "证件号码由 5 至 40 位字母和数字组成。"


class DocumentKnown(DomainError):
    """The {kind} {masked} is kept already; check the number."""

    zh = "{kind} {masked} 已有记录；请核对号码。"


class UnknownDocument(DomainError):
    """There is no such document, or it is not yours to see."""

    zh = "没有此证件，或您无权查看。"
