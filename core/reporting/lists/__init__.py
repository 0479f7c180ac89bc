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
from core.reporting.lists.single import UnknownRecord, key_field, kinds_for, view_record

__all__ = [
    "RECORDS",
    "ListFilter",
    "ListOrder",
    "ListQuery",
    "Listing",
    "RecordCatalogue",
    "UnknownRecord",
    "key_field",
    "kinds_for",
    "list_records",
    "view_record",
]
