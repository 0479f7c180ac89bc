"""What people teach the house: words of their own, and questions whose reading they confirmed.

A taught word stands for other words: whoever says "runner" is read as if they had said
"fast-moving item". It changes how a message is read and nothing else: what comes of it takes the
same road and the same rights as if the other words had been said. It belongs to the person who
taught it, until an administrator shares it with everybody.

Invariants: one meaning for a word of one person, and one for a shared word; a word is no number, no
code, and none of those that say yes or no; meanings are not followed in turn.
"""

from core.reporting.teaching.errors import (
    AlreadyTaught,
    NotAWord,
    NotTeachable,
    UnknownVerified,
    UnknownWord,
)
from core.reporting.teaching.queries import (
    VerifiedView,
    WordView,
    list_verified,
    list_words,
    verified_for,
    words_for,
)
from core.reporting.teaching.rules import plain_word
from core.reporting.teaching.service import (
    forget_question,
    forget_word,
    share_word,
    teach_word,
    unshare_word,
    verify_question,
)
from core.reporting.teaching.tables import TaughtWord, VerifiedQuestion

__all__ = [
    "AlreadyTaught",
    "NotAWord",
    "NotTeachable",
    "TaughtWord",
    "UnknownVerified",
    "UnknownWord",
    "VerifiedQuestion",
    "VerifiedView",
    "WordView",
    "forget_question",
    "forget_word",
    "list_verified",
    "list_words",
    "plain_word",
    "share_word",
    "teach_word",
    "unshare_word",
    "verified_for",
    "verify_question",
    "words_for",
]
