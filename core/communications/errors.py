"""What communications refuse, and the way out."""

from core.kernel.errors import DomainError


class UnknownMessage(DomainError):
    """There is no message {number} that you may see; they are numbered like MSG-00001."""

    zh = "没有您可以查看的消息 {number}；编号形如 MSG-00001。"


class UnknownFile(DomainError):
    """There is no such file that you may see; open the conversation that it came with."""

    zh = "没有您可以查看的该文件；请打开其所在的会话。"


class UnknownThread(DomainError):
    """There is no conversation {number} that you may see; they are numbered like THR-00001."""

    zh = "没有您可以查看的会话 {number}；编号形如 THR-00001。"


class NothingWithParty(DomainError):
    """There is no conversation with {party} to answer; write a new mail with a subject."""

    zh = "与{party}没有可回复的会话；请写一封带主题的新邮件。"


class NoAddress(DomainError):
    """No mail address of {party} is on record; add one, or link a mail of theirs to them."""

    zh = "{party}没有登记邮箱；请先登记，或将其来信关联到该单位。"


class AddressNotOnRecord(DomainError):
    """{address} is no address on record; mail goes only to those. Link a mail from it first."""

    zh = "{address} 不是登记的邮箱；邮件只发送到登记的邮箱。请先关联来自该邮箱的邮件。"


class NotAnAddress(DomainError):
    """This is no mail address: "{address}"."""

    zh = "“{address}”不是邮箱地址。"


class LinkedAlready(DomainError):
    """{number} is of {party} already; nothing was changed."""

    zh = "{number} 已关联到{party}；未作更改。"


class StandsAlready(DomainError):
    """{number} is {standing} already; nothing was changed."""

    zh = "{number} 已处于该状态（{standing}）；未作更改。"


class NotInDoubt(DomainError):
    """{number} is {state}; only what is uncertain or failed can be settled by a person."""

    zh = "{number} 的状态为{state}；只有不确定或失败的邮件可以由人工处理。"


class NothingWritten(DomainError):
    """A mail needs a text."""

    zh = "邮件需要正文。"


class NotBounced(DomainError):
    """No mail came back from {address}; nothing was changed."""

    zh = "没有来自 {address} 的退信；未作更改。"


class NotAMessageFile(DomainError):
    """Row {row} of the file cannot be used: {problem}."""

    zh = "文件第 {row} 行无法使用：{problem}。"
