"""Reviews: what somebody set out to reach, how it went, and what their manager and peers say.

Invariants: the score is the rule's; the reviewed reads what others say once it is shared, and who
said it only where that was given openly; what was shared or closed stays.
"""

from core.hr.reviews.rules import Grade, grade_of, score_of
from core.hr.reviews.service import (
    FeedbackView,
    GoalView,
    ReviewView,
    close_cycle,
    find_review,
    give_feedback,
    open_cycle,
    review_view,
    score_goal,
    set_goal,
    share_review,
    write_summary,
)
from core.hr.reviews.tables import CycleState, Review, ReviewCycle, Side

__all__ = [
    "CycleState",
    "FeedbackView",
    "GoalView",
    "Grade",
    "Review",
    "ReviewCycle",
    "ReviewView",
    "Side",
    "close_cycle",
    "find_review",
    "give_feedback",
    "grade_of",
    "open_cycle",
    "review_view",
    "score_goal",
    "score_of",
    "set_goal",
    "share_review",
    "write_summary",
]
