"""What dashboards refuse."""

from core.kernel.errors import DomainError


class UnknownDashboard(DomainError):
    """There is no dashboard called "{name}" that you may see. There are: {known}."""

    zh = "没有您可查看的名为“{name}”的看板。现有：{known}。"


class NotYourDashboard(DomainError):
    """The dashboard "{name}" is the house's and stays as it is. Copy it, and change your copy."""

    zh = "“{name}”是系统看板，不能更改。请先复制，再更改您的副本。"


class DashboardExists(DomainError):
    """You have a dashboard called "{name}" already. Choose another name."""

    zh = "您已有名为“{name}”的看板。请换一个名称。"


class UnknownTile(DomainError):
    """There is no tile called "{tile}" on "{board}". It has: {known}."""

    zh = "“{board}”中没有名为“{tile}”的图块。现有：{known}。"


class DashboardFull(DomainError):
    """A dashboard has at most {most} tiles. Take one away, or make another dashboard."""

    zh = "一个看板最多有 {most} 个图块。请先移除一个，或另建看板。"


class NotDrawable(DomainError):
    """This cannot be drawn as {chart}: {problem}. Leave the chart open, or choose a table."""

    zh = "无法绘制为{chart}：{problem}。请不指定图形，或选择表格。"
