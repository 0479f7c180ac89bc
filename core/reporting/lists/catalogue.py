"""All kinds of records that the rooms declare, in one place, checked."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from core.catalog.records import LISTS as CATALOG
from core.crm.opportunities.records import LISTS as OPPORTUNITIES
from core.crm.records import LISTS as CRM
from core.hr.payroll.records import LISTS as PAYROLL
from core.hr.records import LISTS as HR
from core.hr.recruiting.records import LISTS as RECRUITING
from core.inventory.records import LISTS as INVENTORY
from core.invoicing.records import LISTS as INVOICING
from core.kernel.listing import NO, YES, Field, Holds, Lists, RecordKind
from core.ledger.records import LISTS as LEDGER
from core.manufacturing.records import LISTS as MANUFACTURING
from core.marketing.records import LISTS as MARKETING
from core.parties.records import LISTS as PARTIES
from core.projects.records import LISTS as PROJECTS
from core.purchasing.records import LISTS as PURCHASING
from core.reporting.catalogue import CATALOGUE
from core.sales.records import LISTS as SALES
from core.support.records import LISTS as SUPPORT


@dataclass(frozen=True)
class RecordCatalogue:
    """The kinds by id, and the fields of each, those of the rooms above it included."""

    kinds: Mapping[str, RecordKind]
    fields: Mapping[str, Mapping[str, Field]]


def collected(rooms: Iterable[Lists]) -> RecordCatalogue:
    """Put the rooms' declarations together; what contradicts itself is a programmer's mistake."""
    known = list(rooms)
    kinds = [kind for room in known for kind in room.kinds]
    doubled = [name for name, count in Counter(kind.id for kind in kinds).items() if count > 1]
    assert not doubled, f"declared twice: {doubled}"
    fields = {
        kind.id: [*kind.fields, *(f for room in known for f in room.besides.get(kind.id, ()))]
        for kind in kinds
    }
    for kind in kinds:
        _check(kind, fields[kind.id])
    return RecordCatalogue(
        MappingProxyType({kind.id: kind for kind in kinds}),
        MappingProxyType(
            {name: MappingProxyType({f.id: f for f in own}) for name, own in fields.items()}
        ),
    )


def _check(kind: RecordKind, fields: list[Field]) -> None:
    ids = [field.id for field in fields]
    assert len(set(ids)) == len(ids), f"{kind.id}: a field twice in {ids}"
    named = {kind.day, *(by for by, _ in kind.order)} - {None}
    assert named <= set(ids), f"{kind.id}: unknown {named - set(ids)}"
    for field in fields:
        about = f"{kind.id}.{field.id}"
        assert (field.column is None) != (field.through is None), f"{about}: column or through"
        assert field.through is None or kind.identity is not None, f"{about}: nothing to point to"
        assert (field.holds is Holds.RECORD) == bool(field.dimension), f"{about}: which dimension"
        if field.dimension:
            assert CATALOGUE.dimensions[field.dimension].members is not None, f"{about}: no members"
        if field.holds is Holds.FLAG:
            assert set(field.words) == {YES, NO}, f"{about}: yes or no"


RECORDS = collected(
    (
        SALES,
        PURCHASING,
        INVOICING,
        INVENTORY,
        CATALOG,
        PARTIES,
        CRM,
        OPPORTUNITIES,
        MARKETING,
        HR,
        SUPPORT,
        PAYROLL,
        RECRUITING,
        MANUFACTURING,
        PROJECTS,
        LEDGER,
    )
)
