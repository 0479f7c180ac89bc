"""Documents: the numbers people are known by to others, sealed with a key outside the database.

Invariants: a number is never stored or logged in plain; every look at one is in the trail.
"""

from core.hr.documents.service import keep_document, list_documents, masked, read_document
from core.hr.documents.tables import DocumentKind, EmployeeDocument

__all__ = [
    "DocumentKind",
    "EmployeeDocument",
    "keep_document",
    "list_documents",
    "masked",
    "read_document",
]
