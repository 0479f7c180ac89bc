"""The door for mail: IMAP in, SMTP out. What comes in is kept whole, what goes out goes once.

Fetching moves its cursor in the transaction that keeps the mail; sending notes that it begins
before it begins. So a process may die anywhere: nothing is lost, and nothing goes out twice.
"""

from channels.mail.errors import MailboxNotReached, MailNotSet, MailNotTaken
from channels.mail.fetching import Fetched, fetch_once
from channels.mail.running import run_forever
from channels.mail.sending import Sent, send_once

__all__ = [
    "Fetched",
    "MailNotSet",
    "MailNotTaken",
    "MailboxNotReached",
    "Sent",
    "fetch_once",
    "run_forever",
    "send_once",
]
