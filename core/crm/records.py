"""What customer relations give to lists: when customers were last in touch."""

from sqlalchemy import Date, cast, func, select

from core.crm.tables import Activity
from core.kernel.listing import Field, Holds, Lists
from core.kernel.semantics import EVERYDAY, Names

_days = select(
    Activity.party_id.label("record"),
    cast(func.timezone("UTC", Activity.happened_at), Date).label("value"),
)
_CONTACTS = Field(
    "contacted_on",
    Names("contact", "联系", ("contacts", "activity", "calls or mails"), ("跟进", "沟通")),
    Holds.DATE,
    through=_days,
    shown=False,
    roles=EVERYDAY,
)

LISTS = Lists(besides={"customers": (_CONTACTS,), "suppliers": (_CONTACTS,)})
