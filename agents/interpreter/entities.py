"""Which records of the company a stretch of words may name.

The index is built in one pass over the members that dimensions and tools can mean, and again when
the change log says that they changed. Who asks sees only names that are theirs to see: rights are
applied before anything is linked.
"""

import re
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from rapidfuzz import fuzz, process
from sqlalchemy import ColumnElement, Engine, Select, and_, exists, func, null, or_, select, text
from sqlalchemy.orm import Session, aliased

from agents.interpreter.normalise import plain_name
from agents.interpreter.spans import Entity, EntitySense
from agents.interpreter.tokens import stems
from core.catalog.pricing.tables import Promotion
from core.catalog.tables import Item, ItemCategory, ItemTemplate, PriceList, Unit
from core.catalog.units.tables import UnitConversion
from core.crm.leads import service as leads
from core.crm.leads.tables import Lead
from core.crm.opportunities.tables import Opportunity, Pipeline, SalesTeam, Stage
from core.hr.expenses.tables import ExpenseCategory
from core.hr.leave.tables import LeaveType
from core.hr.payroll.rates import list_rate_sets
from core.hr.payroll.tables import PayComponent, PayStructure
from core.hr.tables import Department, Employee
from core.inventory.lots.tables import Lot, LotLevel
from core.inventory.tables import Location, LocationKind, LocationPurpose
from core.invoicing.tables import PaymentTerm
from core.kernel.database import reading
from core.kernel.events import ChangeEvent
from core.kernel.identity.acting import Acting
from core.kernel.identity.roles import STAFF
from core.kernel.identity.tables import Person
from core.ledger import assets, tax
from core.ledger.assets.tables import Asset
from core.ledger.budgets.tables import Budget
from core.ledger.schedules.tables import EntryTemplate, RecurringEntry, RecurringState
from core.ledger.tables import Account, BankAccount, Dimension, DimensionMember
from core.ledger.tax import TaxCode
from core.manufacturing.routings.tables import WorkCentre
from core.marketing.tables import Campaign, MailTemplate, Segment
from core.parties.contacts.tables import PartyContact
from core.parties.tables import Customer, Party, Supplier, Territory
from core.projects.tables import Project
from core.purchasing.tables import SupplierOffer
from core.sales.commission.tables import CommissionPlan

# One spoken name that fits more records than this is not a name but a common word.
SHARED_MAX = 6
# So many items with a word in common are meant one by one; of more, whatever has the word.
GROUP_MAX = 20
ONE_WORD_PERCENT, MORE_WORDS_PERCENT, NOTICED_PERCENT = 84, 80, 92
FUZZY_LATIN_MIN, FUZZY_CJK_MIN = 4, 3
NAME_WORDS_MAX = 8

_LEGAL = re.compile(
    r"(?:[,&]?\s*\b(?:gmbh|ltd|limited|inc|llc|corp|corporation|co|company|ag|kg|ohg|sa|sas|srl"
    r"|bv|nv|plc|se|oy|ab|as|pty)\b\.?|股份有限公司|有限责任公司|有限公司|股份|集团|公司)\s*$"
)
_LEGAL_WORDS = frozenset(
    ("gmbh", "ltd", "limited", "inc", "llc", "corp", "corporation", "co", "company", "ag", "kg",
     "ohg", "sa", "sas", "srl", "bv", "nv", "plc", "se", "oy", "ab", "as", "pty")
)  # fmt: skip
_LEGAL_ENDS = ("公司", "股份", "集团")
ITEM_WORD_MIN, PARTY_WORD_MIN = 3, 4
# How sure a name is of which only a word further back was said.
LATER_PERCENT = 90
_CHANGED_BY = (
    "parties.",
    "catalog.",
    "sales.commission_",
    "inventory.location",
    "inventory.lot",
    "purchasing.offer_",
    "people.",
    "hr.",
    "marketing.",
    "projects.project_",
    "ledger.account",
    "ledger.dimension",
    "assets.",
    "budgets.",
    "ledger.bank_account",
    "invoicing.terms",
    "ledger.template",
    "ledger.recurring",
    "ledger.tax_",
    "identity.",
    "crm.lead",
    "crm.opportunity",
    "crm.pipeline",
    "crm.stage",
    "crm.team",
    "payroll.component_",
    "payroll.structure_set",
    "manufacturing.work_centre",
)


@dataclass(frozen=True)
class Named:
    """A record and everything it is called; the first name is its proper one."""

    entity: Entity
    names: tuple[str, ...]
    aliases: tuple[str, ...] = ()


@dataclass
class EntityIndex:
    """Names of records, looked up by the stems of the words of a text."""

    exact: dict[tuple[str, ...], list[Entity]] = field(default_factory=dict)
    short: dict[tuple[str, ...], list[Entity]] = field(default_factory=dict)
    # Parts of names that many items share, and how they are written there.
    groups: dict[tuple[str, ...], str] = field(default_factory=dict)
    # The longest name that begins with this stem.
    longest: dict[str, int] = field(default_factory=dict)
    # Words further back in the names of customers and suppliers that no name begins with.
    later: dict[str, list[Entity]] = field(default_factory=dict)
    _later: dict[str, dict[Entity, str]] = field(default_factory=lambda: defaultdict(dict))
    # Whose name has a word that ends where a part of it does: 链条 of 链条 单速, not of 链条油.
    _whole: dict[tuple[str, ...], set[Entity]] = field(default_factory=lambda: defaultdict(set))
    # What is spelt how, by the first letter: a wrong first letter is a rare mistake.
    spelt: dict[str, dict[str, list[Entity]]] = field(default_factory=dict)

    @classmethod
    def of(cls, records: Iterable[Named]) -> "EntityIndex":
        """Build the index of some records."""
        index = cls()
        short: dict[tuple[str, ...], dict[Entity, str]] = defaultdict(dict)
        for record in records:
            index._add(record, short)
        for word, entities in index._later.items():
            # "Velo" is not only Velo Hannover, where there is a Bodensee Velo too.
            if (word,) in short and (word,) not in index.exact:
                short[word,].update(entities)
            elif len(entities) <= SHARED_MAX:
                index.later[word] = list(entities)
        index._later.clear()
        for key, named in short.items():
            whole = index._whole[key]
            entities = {e: said for e, said in named.items() if not whole or e in whole}
            # A name in full wins over a part of another.
            if key in index.exact:
                continue
            if len(entities) <= SHARED_MAX:
                index.short[key] = list(entities)
            elif all(entity.kind == "item" for entity in entities):
                few = len(entities) <= GROUP_MAX
                index.short[key] = list(entities)[: GROUP_MAX if few else SHARED_MAX]
                index.groups[key] = next(iter(entities.values()))
            else:
                continue
            index.longest[key[0]] = max(index.longest.get(key[0], 0), len(key))
        index._whole.clear()
        return index

    def _add(self, record: Named, short: dict[tuple[str, ...], dict[Entity, str]]) -> None:
        entity = record.entity
        for name in (*record.names, *record.aliases):
            plain = plain_name(name).strip()
            key = stems(plain)[:NAME_WORDS_MAX] if plain else ()
            if not key:
                continue
            self._link(key, entity)
            if name is not entity.key:
                self._spell(key, entity)
            for other in _shorter(plain, key):
                self._link(other, entity)
                self._spell(other, entity)
                key = other
            least = 2 if len(key[0]) == 1 else 1
            words = name.split(" ")
            for length in range(least, len(key)):
                short[key[:length]][entity] = " ".join(words[:length]).rstrip(",- ")
            self._note_whole(entity, words, short)
            self._add_parts(entity, key, words, short)

    def _note_whole(
        self, entity: Entity, words: list[str], short: dict[tuple[str, ...], dict[Entity, str]]
    ) -> None:
        """Note where the words of a Chinese name end, which its characters do not say."""
        if entity.kind != "item" or words[0].isascii():
            return
        for count in range(1, len(words)):
            key = stems(" ".join(words[:count]))
            if entity in short.get(key, ()):
                short[key][entity] = " ".join(words[:count])
                self._whole[key].add(entity)

    def _add_parts(
        self,
        entity: Entity,
        key: tuple[str, ...],
        words: list[str],
        short: dict[tuple[str, ...], dict[Entity, str]],
    ) -> None:
        """Note what else of a name people say: a word further back, or two words turned round."""
        if entity.kind in {"customer", "supplier"}:
            for word, said in zip(key[1:], words[1:], strict=False):
                if len(word) >= PARTY_WORD_MIN and word.isalpha():
                    self._later[word][entity] = said
        if entity.kind != "item":
            return
        # "Leather saddle" for "Saddle leather", 真皮车座 for 车座 真皮.
        head = stems(words[0].rstrip(","))
        for word in words[1:]:
            if head and (turned := stems(word.rstrip(","))):
                short[(*turned, *head)[:NAME_WORDS_MAX]][entity] = f"{word} {words[0]}"
        if len(words) != len(key):
            return
        # People say what a thing is, "the lamp", and that is seldom its first word.
        for place, word in enumerate(key):
            if place and word.isalpha() and word.isascii() and len(word) >= ITEM_WORD_MIN:
                short[word,][entity] = words[place].rstrip(",")

    def _link(self, key: tuple[str, ...], entity: Entity) -> None:
        there = self.exact.setdefault(key, [])
        if entity not in there:
            there.append(entity)
        self.longest[key[0]] = max(self.longest.get(key[0], 0), len(key))

    def _spell(self, key: tuple[str, ...], entity: Entity) -> None:
        spelling = _spelling(key)
        self.spelt.setdefault(spelling[0], {}).setdefault(spelling, []).append(entity)

    def at(self, words: Sequence[str], place: int) -> list[tuple[int, EntitySense]]:
        """Return the names that begin at a place of a text: how many words each takes."""
        most = self.longest.get(words[place], 0)
        found: list[tuple[int, EntitySense]] = []
        for length in range(1, min(most, len(words) - place) + 1):
            key = tuple(words[place : place + length])
            if entities := self.exact.get(key):
                found.append((length, EntitySense(tuple(entities))))
            elif entities := self.short.get(key):
                sense = EntitySense(tuple(entities), short=True, group=self.groups.get(key, ""))
                found.append((length, sense))
        return found

    def within(self, word: str) -> EntitySense | None:
        """Return the customers and suppliers in whose names a word stands further back."""
        entities = self.later.get(word)
        return EntitySense(tuple(entities), LATER_PERCENT, short=True) if entities else None

    def like(self, words: Sequence[str]) -> EntitySense | None:
        """Return the records that are called nearly so; digits have to be the same."""
        said = _spelling(words)
        letters = sum(sign.isalpha() for sign in said)
        is_cjk = bool(words) and not words[0].isascii() and len(words[0]) == 1
        if letters < (FUZZY_CJK_MIN if is_cjk else FUZZY_LATIN_MIN):
            return None
        least = ONE_WORD_PERCENT if len(words) == 1 else MORE_WORDS_PERCENT
        digits = _digits(said)
        near = self.spelt.get(said[0], {})
        hits = [
            (name, round(score))
            for name, score, _ in process.extract(
                said, near.keys(), scorer=fuzz.ratio, score_cutoff=least, limit=SHARED_MAX
            )
            if _digits(name) == digits
        ]
        if not hits:
            return None
        best = hits[0][1]
        names = [name for name, score in hits if score >= best - 4]
        entities = list(dict.fromkeys(entity for name in names for entity in near[name]))
        return EntitySense(tuple(entities[:SHARED_MAX]), likeness=min(best, 99))


def _shorter(plain: str, key: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Return a name without its legal form, or without the middle initial of a person."""
    if plain.rstrip(" .").rpartition(" ")[2] in _LEGAL_WORDS or plain.endswith(_LEGAL_ENDS):
        bare = _LEGAL.sub("", _LEGAL.sub("", plain)).strip(" ,&")
        if bare and bare != plain and (shorter := stems(bare)):
            yield shorter
    elif len(key) == 3 and len(key[1]) == 1 and key[1].isascii() and key[1].isalpha():  # noqa: PLR2004
        yield (key[0], key[2])


def _spelling(words: Sequence[str]) -> str:
    """Write words as they are compared: Chinese signs stand side by side."""
    glue = "" if all(len(word) == 1 and not word.isascii() for word in words) else " "
    return glue.join(words)


def _digits(text: str) -> str:
    return " ".join(re.findall(r"\d+", text))


def load_records(session: Session, own_party: UUID | None = None) -> list[Named]:
    """Read what everything is called, in one select per kind.

    For a customer of the portal, that is the catalog and the customer itself.
    """
    whole = own_party is None
    parent = aliased(ItemCategory)
    kinds: list[tuple[str, Select[Any, Any, Any]]] = [
        ("item", select(Item.sku, Item.name, Item.name_zh)),
        (
            "category",
            select(ItemCategory.code, ItemCategory.name, ItemCategory.name_zh).where(
                ItemCategory.parent_id.is_(None)
            ),
        ),
        (
            "subcategory",
            select(ItemCategory.code, ItemCategory.name, ItemCategory.name_zh).join(
                parent, parent.id == ItemCategory.parent_id
            ),
        ),
    ]
    for kind, table in (("customer", Customer), ("supplier", Supplier)):
        parties = select(Party.number, Party.name, Party.name_zh)
        parties = parties.join(table, table.party_id == Party.id)
        kinds.append((kind, parties if whole else parties.where(Party.id == own_party)))
    if whole:
        kinds += _of_the_house()
    records = [
        _named(kind, key, label, label_zh)
        for kind, wanted in kinds
        for key, label, label_zh in session.execute(wanted)
    ]
    if not whole:
        return records
    records += _as_suppliers_call_them(session)
    records += rate_sets_named()
    # Classes of assets are known before the first one is used.
    classes = assets.list_classes(session)
    records += [_named("asset_class", each.code, each.name, each.name_zh) for each in classes]
    return [*records, *_of_the_books(session)]


def rate_sets_named() -> Iterator[Named]:
    """Return the sets of rates by law by what people call them: "German rates", 上海费率."""
    for each in list_rate_sets().values():
        entity = Entity("rate_set", each.code, each.name, each.name_zh)
        yield Named(entity, (each.code, each.name, each.name_zh), each.also)


def _as_suppliers_call_them(session: Session) -> Iterator[Named]:
    """Return items by the numbers that suppliers give them; bare digits would be any number."""
    wanted = (
        select(Item.sku, Item.name, Item.name_zh, SupplierOffer.supplier_sku)
        .join(SupplierOffer, SupplierOffer.item_id == Item.id)
        .where(SupplierOffer.supplier_sku.regexp_match("[[:alpha:]]"))
        .distinct()
    )
    for sku, name, name_zh, theirs in session.execute(wanted):
        if theirs:
            yield Named(Entity("item", sku, name, name_zh or ""), (theirs,))


def _of_the_house() -> list[tuple[str, Select[Any, Any, Any]]]:
    people = select(Employee.number, Party.name, Party.name_zh)
    places = select(Location.code, Location.name, Location.name_zh)
    taxes = select(TaxCode.code, TaxCode.name, TaxCode.name_zh)
    return [
        ("employee", people.join(Party, Party.id == Employee.party_id)),
        ("department", select(Department.code, Department.name, Department.name_zh)),
        ("leave_type", select(LeaveType.code, LeaveType.name, LeaveType.name_zh)),
        (
            "expense_category",
            select(ExpenseCategory.code, ExpenseCategory.name, ExpenseCategory.name_zh),
        ),
        ("territory", select(Territory.code, Territory.name, Territory.name_zh)),
        ("location", places.where(_ours())),
        ("person", select(Person.login, Person.name, null())),
        (
            "contact",
            select(Party.number, Party.name, Party.name_zh).where(
                Party.id.in_(select(PartyContact.person_id)), Party.merged_into_id.is_(None)
            ),
        ),
        ("opportunity", select(Opportunity.number, Opportunity.title, null()).where(_is_open())),
        ("lead", select(Lead.number, Lead.name, null()).where(Lead.state.in_(leads.OPEN))),
        ("stage", select(Stage.code, Stage.name, Stage.name_zh)),
        ("pipeline", select(Pipeline.code, Pipeline.name, Pipeline.name_zh)),
        ("sales_team", select(SalesTeam.code, SalesTeam.name, SalesTeam.name_zh)),
        (
            "account",
            select(Account.code, Account.name, Account.name_zh).where(Account.heading.is_(False)),
        ),
        ("asset", select(Asset.number, Asset.name, null())),
        ("segment", select(Segment.number, Segment.name, null())),
        ("campaign", select(Campaign.number, Campaign.name, null())),
        ("mail_template", select(MailTemplate.name, MailTemplate.name, null()).distinct()),
        ("project", select(Project.number, Project.name, Project.name_zh)),
        ("budget", select(Budget.name, Budget.name, null())),
        ("lot", select(Lot.number, Lot.number, null()).where(_lies_here())),
        ("bank_account", select(BankAccount.code, BankAccount.name, BankAccount.name_zh)),
        ("pay_component", select(PayComponent.code, PayComponent.name, PayComponent.name_zh)),
        ("pay_structure", select(PayStructure.code, PayStructure.name, PayStructure.name_zh)),
        ("payment_terms", select(PaymentTerm.code, PaymentTerm.name, PaymentTerm.name_zh)),
        ("price_list", select(PriceList.code, PriceList.name, PriceList.name_zh)),
        ("item_template", select(ItemTemplate.code, ItemTemplate.name, ItemTemplate.name_zh)),
        ("work_centre", select(WorkCentre.code, WorkCentre.name, WorkCentre.name_zh)),
        ("promotion", select(Promotion.code, Promotion.name, Promotion.name_zh)),
        (
            "commission_plan",
            select(CommissionPlan.code, CommissionPlan.name, CommissionPlan.name_zh),
        ),
        # Units that hold others, of some item: what everything is counted in is no name.
        (
            "unit",
            select(Unit.code, Unit.name, Unit.name_zh).where(
                Unit.code.in_(
                    select(UnitConversion.unit_code).where(UnitConversion.item_id.is_not(None))
                )
            ),
        ),
        # One that only names several is said as these.
        ("tax_code", taxes.where(~TaxCode.code.contains(tax.AND))),
    ]


def _is_open() -> ColumnElement[bool]:
    return Opportunity.outcome.is_(None)


def _lies_here() -> ColumnElement[bool]:
    return exists().where(LotLevel.lot_id == Lot.id, LotLevel.on_hand > 0)


def _ours() -> ColumnElement[bool]:
    # Goods under way are not asked for by a place: "in transit" is what they are.
    stored = Location.purpose != LocationPurpose.TRANSIT
    return and_(Location.kind == LocationKind.INTERNAL, stored)


def _of_the_books(session: Session) -> Iterator[Named]:
    """Return what is called by its name alone: a code such as 10 would be any number."""
    plain: list[tuple[str, Select[Any, Any, Any]]] = [
        ("heading", select(Account.code, Account.name, Account.name_zh).where(Account.heading)),
        ("dimension", select(Dimension.code, Dimension.name, Dimension.name_zh)),
        (
            "entry_template",
            select(EntryTemplate.name, EntryTemplate.name, null()).where(
                EntryTemplate.name.is_not(None), EntryTemplate.retired.is_(False)
            ),
        ),
        (
            "recurring_entry",
            select(RecurringEntry.number, RecurringEntry.memo, null()).where(
                RecurringEntry.state != RecurringState.ENDED
            ),
        ),
    ]
    for kind, wanted in plain:
        for key, label, label_zh in session.execute(wanted):
            yield Named(Entity(kind, key, label, label_zh or ""), _names(label, label_zh))
    members = select(DimensionMember, Dimension.code, Dimension.name, Dimension.name_zh).join(
        Dimension, Dimension.id == DimensionMember.dimension_id
    )
    for member, code, name, name_zh in session.execute(members):
        yield member_named((code, name, name_zh), member.code, member.name, member.name_zh)


def member_named(dimension: tuple[str, str, str], code: str, name: str, name_zh: str) -> Named:
    """Return a member of a dimension with all it is called: "Sales", "cost centre Sales"."""
    key, called, called_zh = dimension
    entity = Entity("dimension_member", f"{key}={code}", name, name_zh)
    alone = _names(name, name_zh, code)
    of_it = (f"{called} {name}", f"{called} {code}", f"{called_zh}{name_zh}")
    return Named(entity, alone, of_it)


def _names(*names: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))


def _named(kind: str, key: str, label: str, label_zh: str | None) -> Named:
    return Named(Entity(kind, key, label, label_zh or ""), _names(key, label, label_zh))


@dataclass(frozen=True)
class _Cached:
    index: EntityIndex
    # The oldest transaction that ran when the names were read, and how many changes of names were
    # readable from it on: one that commits late makes the count another, and so is never missed.
    horizon: int
    count: int


class EntityCache:
    """One index per process and database, built when first asked for, and again after changes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._known: dict[UUID | None, _Cached] = {}

    def index_for(self, acting: Acting) -> EntityIndex:
        """Return the names that who acts may use, as they are in the database now."""
        is_staff = bool(acting.actor.roles & STAFF)
        own = None if is_staff else acting.actor.party_id
        if own is None and not is_staff:
            return EntityIndex()
        with self._lock, reading(self._engine, acting) as session:
            known = self._known.get(own)
            if known is not None and _changes_since(session, known.horizon) == known.count:
                return known.index
            horizon = session.scalars(select(text(_OLDEST_RUNNING))).one()
            fresh = _Cached(
                EntityIndex.of(load_records(session, own)),
                horizon,
                _changes_since(session, horizon),
            )
            self._known[own] = fresh
            return fresh.index


_OLDEST_RUNNING = "(pg_snapshot_xmin(pg_current_snapshot())::text::bigint)"


def _changes_since(session: Session, horizon: int) -> int:
    named = or_(*(ChangeEvent.name.startswith(prefix) for prefix in _CHANGED_BY))
    since = select(func.count()).where(ChangeEvent.transaction >= horizon, named)
    return session.scalar(since) or 0
