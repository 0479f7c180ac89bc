"""What human resources refuse."""

from core.kernel.errors import DomainError
from core.kernel.naming import UnknownName


class UnknownDepartment(UnknownName):
    """There is no department called "{text}"."""

    zh = "没有名为“{text}”的部门。"


class DepartmentExists(DomainError):
    """There already is a department {department}; choose another code."""

    zh = "已有部门 {department}；请换一个代码。"
