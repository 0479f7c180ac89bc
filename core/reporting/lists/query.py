"""The typed question for records: which kind, what is known of each, which of them, in what order.

It is symbolic like a `ReportQuery`: "expires this week" stays this week in a saved list.
"""

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from core.reporting.query import (
    FILTERS_MAX,
    VALUES_MAX,
    Day,
    Name,
    Number,
    Part,
    Period,
    Ref,
    Word,
    as_bound,
    as_text,
)

COLUMNS_MAX, ORDERS_MAX, PAGE_MAX, PAGE = 20, 3, 1_000, 50
TOKEN_MAX = 1_000

ListOp = Literal[
    "in", "not_in", "is_null", "not_null", "contains",
    "gt", "ge", "lt", "le", "between", "within", "not_within",
]  # fmt: skip
COMPARING = ("gt", "ge", "lt", "le", "between")


class ListFilter(Part):
    """Only records of which a field is, or is not, what is said.

    `gt`, `ge`, `lt`, `le` and `between` take numbers, amounts in the company's currency, or days;
    `within` and `not_within` take a period; `in` a key or a name. Of what lies below a record,
    `not_in`, `is_null` and `not_within` mean that nothing there is so.
    """

    field: Name
    op: ListOp = "in"
    values: tuple[Ref | Word | Day | Number, ...] = Field(default=(), max_length=VALUES_MAX)
    period: Period | None = None

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, given: Any) -> Any:  # noqa: ANN401  # What outsiders wrote.
        if not isinstance(given, dict) or not isinstance(given.get("values"), list | tuple):
            return given
        plain = as_bound if given.get("op") in COMPARING else as_text
        return {**given, "values": tuple(plain(value) for value in given["values"])}

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if (self.op in {"within", "not_within"}) != (self.period is not None):
            problem = "a period belongs to within and not_within, and only to them"
            raise ValueError(problem)
        none = dict.fromkeys(("is_null", "not_null", "within", "not_within"), (0, 0))
        one = dict.fromkeys(("contains", "gt", "ge", "lt", "le"), (1, 1))
        least, most = {**none, **one, "between": (2, 2)}.get(self.op, (1, VALUES_MAX))
        if not least <= len(self.values) <= most:
            problem = f"{self.op} takes {least}" + ("" if least == most else " or more") + " values"
            raise ValueError(problem)
        return self


class ListOrder(Part):
    """By which field the records are sorted; those without a value come last."""

    by: Name
    dir: Literal["asc", "desc"] = "asc"


class ListQuery(Part):
    """A question about records: of which kind, which columns, which of them, in what order.

    Without columns it shows the usual ones. `after` is the `next` of the page before.
    """

    records: Name
    columns: tuple[Name, ...] = Field(default=(), max_length=COLUMNS_MAX)
    filters: tuple[ListFilter, ...] = Field(default=(), max_length=FILTERS_MAX)
    order: tuple[ListOrder, ...] = Field(default=(), max_length=ORDERS_MAX)
    limit: int = Field(default=PAGE, ge=1, le=PAGE_MAX)
    after: str | None = Field(default=None, max_length=TOKEN_MAX, pattern=r"^[A-Za-z0-9_=-]+$")
