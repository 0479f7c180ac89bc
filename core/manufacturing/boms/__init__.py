"""Bills of materials: what items are made of, by date; none is made of itself."""

from core.manufacturing.boms.queries import (
    ExplodedLine,
    Requirement,
    UsedIn,
    alternatives_of,
    bill_of,
    bills_below,
    bills_in_force,
    exact_requirements,
    explode,
    find_bill,
    needed_of,
    requirements,
    where_used,
)
from core.manufacturing.boms.service import (
    ByProductDraft,
    ComponentDraft,
    define_bill,
    withdraw_bill,
)
from core.manufacturing.boms.tables import (
    BillOfMaterials,
    BomByProduct,
    BomComponent,
    IssueMethod,
)

__all__ = [
    "BillOfMaterials",
    "BomByProduct",
    "BomComponent",
    "ByProductDraft",
    "ComponentDraft",
    "ExplodedLine",
    "IssueMethod",
    "Requirement",
    "UsedIn",
    "alternatives_of",
    "bill_of",
    "bills_below",
    "bills_in_force",
    "define_bill",
    "exact_requirements",
    "explode",
    "find_bill",
    "needed_of",
    "requirements",
    "where_used",
    "withdraw_bill",
]
