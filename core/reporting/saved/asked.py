"""What is kept of a question: a typed query of one of the kinds there are, and what is watched."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from core.reporting.lists import ListQuery
from core.reporting.query import Number, Part, ReportQuery
from core.reporting.saved.errors import NoLongerAsked

Question = ReportQuery | ListQuery


class _Report(Part):
    """A question about figures."""

    kind: Literal["report"] = "report"
    query: ReportQuery


class _List(Part):
    """A question for records."""

    kind: Literal["list"] = "list"
    query: ListQuery


# Another kind of question that can be kept joins here, told apart by its `kind`.
_ADAPTER: TypeAdapter[_Report | _List] = TypeAdapter(
    Annotated[_Report | _List, Field(discriminator="kind")]
)


def question_from(stored: Any) -> Question:  # noqa: ANN401  # What stands in the database.
    """Read a question as it was kept; refuse one that can no longer be asked."""
    try:
        return _ADAPTER.validate_python(stored).query
    except ValidationError as problem:
        first = problem.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise NoLongerAsked(problem=f"{where}: {first['msg']}") from None


def as_json(query: Question) -> dict[str, Any]:
    """Return a question as plain values with its kind, without what goes without saying."""
    kind = "list" if isinstance(query, ListQuery) else "report"
    return {"kind": kind, "query": query.model_dump(mode="json", exclude_defaults=True)}


class Condition(Part):
    """When an alert speaks: a figure, or its change, on one side of a threshold.

    `either_way` takes a change without its sign: up or down by more than so much.
    """

    on: Literal["value", "delta", "growth"] = "value"
    op: Literal["gt", "ge", "lt", "le"] = "gt"
    threshold: Number
    either_way: bool = False

    def holds_for(self, figure: Decimal) -> bool:
        """Tell whether a figure lies on the side that is spoken of."""
        tested = abs(figure) if self.either_way else figure
        return {
            "gt": tested > self.threshold,
            "ge": tested >= self.threshold,
            "lt": tested < self.threshold,
            "le": tested <= self.threshold,
        }[self.op]
