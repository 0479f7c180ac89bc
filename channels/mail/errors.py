"""What the door for mail refuses, and the way out."""

from core.kernel.errors import DomainError


class MailNotSet(DomainError):
    """No mail server is set: {missing}. Set it in the environment; see docs/mail.md."""

    zh = "尚未设置邮件服务器：{missing}。请在环境变量中设置，参见 docs/mail.md。"


class MailboxNotReached(DomainError):
    """The mailbox at {host} cannot be read: {problem}. Nothing is lost; it is tried again."""

    zh = "无法读取 {host} 的邮箱：{problem}。没有丢失任何内容；将再次尝试。"


class MailNotTaken(DomainError):
    """The mail server {host} cannot be reached: {problem}. What waits goes out later."""

    zh = "无法连接邮件服务器 {host}：{problem}。待发邮件稍后发出。"
