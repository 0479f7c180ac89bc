"""Notifications: what the house tells a person without being asked, once each.

A notification has a cause, and a cause tells once, however often and by however many it is tried.
Through which channels it goes out is noted beside it; what a person reads in the app and in the
terminal is the notification itself, so that channel has it as soon as it is there.
"""

from core.notifications.errors import ChannelNotOpen, UnknownNotification
from core.notifications.queries import (
    NotificationView,
    count_unread,
    find_notification,
    list_notifications,
)
from core.notifications.service import mark_read, notify, require_open
from core.notifications.tables import Channel, Delivery, Notification, NotificationKind

__all__ = [
    "Channel",
    "ChannelNotOpen",
    "Delivery",
    "Notification",
    "NotificationKind",
    "NotificationView",
    "UnknownNotification",
    "count_unread",
    "find_notification",
    "list_notifications",
    "mark_read",
    "notify",
    "require_open",
]
