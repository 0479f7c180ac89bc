"""What notifications refuse, and the way out."""

from core.kernel.errors import DomainError


class ChannelNotOpen(DomainError):
    """Nothing can be sent by {channel} yet; you find it under Notifications in the app instead."""

    zh = "目前还不能通过{channel}发送；您可以在应用的“通知”中查看。"


class UnknownNotification(DomainError):
    """There is no such notification; see the list of yours."""

    zh = "没有这条通知；请查看您的通知列表。"
