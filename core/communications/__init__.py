"""Communications: what was written and said, in conversations, and what goes out.

What somebody wrote is kept as it came and is never read as an instruction. A message is of a party
by an exact address on record, or because a person said so; everything else waits in the inbox.
What cannot be read or believed is set aside with its reason and its bytes.

Invariants: the same message is kept once; a mail goes out only because the transaction in which a
person approved it was kept, only to an address on record, and at most once: what nobody knows of
after a crash is uncertain until a person, an answer or a copy among the sent mails says so.
"""

from core.communications.bounces import (
    Bounce,
    bounces_in,
    dead_addresses,
    list_bounced,
    note_bounce,
    trust_again,
)
from core.communications.linking import addresses_of, parties_of
from core.communications.outbox import (
    Outgoing,
    address_for,
    claim_next,
    doubt_what_was_begun,
    drop_queued,
    in_doubt,
    is_in_doubt,
    queue_mail,
    queue_to_self,
    settle,
    was_found_sent,
    was_refused,
    was_sent,
)
from core.communications.parsing import File, Parsed, is_address, read_mail, unreadable
from core.communications.queries import (
    AttachmentView,
    FileContent,
    MessageText,
    MessageView,
    ThreadView,
    count_in_doubt,
    find_file,
    find_message,
    find_raw,
    find_thread,
    last_thread,
    list_messages,
    threads_of,
    view_thread,
)
from core.communications.service import Received, link, receive, set_aside, take_back
from core.communications.sight import keep_private, may_read, private_to
from core.communications.tables import (
    BouncedAddress,
    Communication,
    Direction,
    LinkedBy,
    MailCursor,
    Medium,
    MessageThread,
    OutgoingMail,
    OutgoingState,
    Standing,
)

__all__ = [
    "AttachmentView",
    "Bounce",
    "BouncedAddress",
    "Communication",
    "Direction",
    "File",
    "FileContent",
    "LinkedBy",
    "MailCursor",
    "Medium",
    "MessageText",
    "MessageThread",
    "MessageView",
    "Outgoing",
    "OutgoingMail",
    "OutgoingState",
    "Parsed",
    "Received",
    "Standing",
    "ThreadView",
    "address_for",
    "addresses_of",
    "bounces_in",
    "claim_next",
    "count_in_doubt",
    "dead_addresses",
    "doubt_what_was_begun",
    "drop_queued",
    "find_file",
    "find_message",
    "find_raw",
    "find_thread",
    "in_doubt",
    "is_address",
    "is_in_doubt",
    "keep_private",
    "last_thread",
    "link",
    "list_bounced",
    "list_messages",
    "may_read",
    "note_bounce",
    "parties_of",
    "private_to",
    "queue_mail",
    "queue_to_self",
    "read_mail",
    "receive",
    "set_aside",
    "settle",
    "take_back",
    "threads_of",
    "trust_again",
    "unreadable",
    "view_thread",
    "was_found_sent",
    "was_refused",
    "was_sent",
]
