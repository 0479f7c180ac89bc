"""The doors for other messages: files of chats and calls, and web forms that sign what they send.

All of them enter where mail does: kept once, linked by exact address only, never an instruction.
"""

from channels.messages.files import Imported, import_messages
from channels.messages.hook import Handed, HookRefused, hand_in

__all__ = ["Handed", "HookRefused", "Imported", "hand_in", "import_messages"]
