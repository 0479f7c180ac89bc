"""Refusals of identity."""

from core.kernel.errors import DomainError


class LoginFailed(DomainError):
    """The login or the password is wrong."""

    zh = "账号或密码错误。"


class TooManyTries(DomainError):
    """There were too many failed logins; wait {minutes} minutes and try again."""

    zh = "登录失败次数过多；请等待 {minutes} 分钟后再试。"


class NotLoggedIn(DomainError):
    """You are not logged in, or your session has ended. Please log in again."""

    zh = "您尚未登录，或会话已结束。请重新登录。"


class UnknownPerson(DomainError):
    """Nobody here has the login "{login}"; the list of people shows who there is."""

    zh = "没有账号为“{login}”的用户；请查看用户列表。"


class PersonInactive(DomainError):
    """The account {login} has been deactivated; an administrator can activate it again."""

    zh = "账号 {login} 已停用；管理员可以重新启用。"


class LoginTaken(DomainError):
    """The login "{login}" already belongs to somebody; choose another one."""

    zh = "账号“{login}”已被使用；请另选一个。"


class LoginUnusable(DomainError):
    """A login has 2 to 64 letters a-z, digits, dots, dashes, underscores or @; "{login}" does not.

    Only these, because two logins that look alike must be one and the same.
    """

    zh = "账号须由 2 至 64 个小写字母 a-z、数字、点、短横线、下划线或 @ 组成；“{login}”不符合。"


class UnknownRole(DomainError):
    """There is no role "{role}". The roles are: {roles}."""

    zh = "没有“{role}”这个角色。可用的角色有：{roles}。"


class PasswordTooShort(DomainError):
    """A password has at least {length} characters; a short sentence is easy to remember."""

    zh = "密码至少需要 {length} 个字符；用一句短语更容易记住。"


class PasswordTooLong(DomainError):
    """A password has at most {length} characters."""

    zh = "密码最多 {length} 个字符。"


class PasswordTooCommon(DomainError):
    """The password is among the first that somebody would guess; choose another one."""

    zh = "此密码太常见，极易被猜中；请换一个。"


class NotYourOwnRights(DomainError):
    """Nobody changes the rights of their own account; ask another administrator."""

    zh = "任何人都不能更改自己账号的权限；请联系另一位管理员。"


class LastAdministrator(DomainError):
    """{login} is the last active administrator; make somebody else one first."""

    zh = "{login} 是最后一位在用的管理员；请先指定另一位管理员。"


class NoSuchToken(DomainError):
    """{login} has no valid API token called "{name}"."""

    zh = "{login} 没有名为“{name}”的有效 API 令牌。"
