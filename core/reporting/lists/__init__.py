"""Lists of records: a typed question over the kinds of records that the rooms declare.

A `ListQuery` says which records, which columns, filters, order and page; `list_records` compiles it
to one select in the reading transaction it is given, as the person for whom that acts, and returns
a `Listing` with exact values, the key of each record, and the totals of its amounts by currency.

Invariants: what somebody may not see can be neither shown, filtered nor sorted by; a customer's
rows are the own ones in every select; a page begins exactly where the last one ended.
"""

from core.reporting.lists.catalogue import RECORDS, RecordCatalogue
from core.reporting.lists.listing import Listing, list_records
from core.reporting.lists.query import ListFilter, ListOrder, ListQuery

__all__ = [
    "RECORDS",
    "ListFilter",
    "ListOrder",
    "ListQuery",
    "Listing",
    "RecordCatalogue",
    "list_records",
]
