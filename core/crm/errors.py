"""What customer relations refuse."""

from core.kernel.errors import DomainError


class HappenedInTheFuture(DomainError):
    """An activity is logged after it happened; {happened_at} is yet to come."""

    zh = "跟进活动只能在发生之后登记；{happened_at} 尚未到来。"
