"""What one can do with parties."""

import uuid
from typing import TypedDict, Unpack

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, aliased, contains_eager

from core.kernel import events
from core.kernel.company import company
from core.kernel.money import CurrencyMismatch, Money
from core.kernel.naming import canonical_number, resolved
from core.kernel.numbering import next_number
from core.parties import rules
from core.parties.errors import (
    AlreadyBlocked,
    NameTaken,
    NotBlocked,
    TradesNothing,
    UnknownCustomer,
    UnknownParty,
    UnknownSupplier,
    UnknownTerritory,
)
from core.parties.events import (
    CreditLimitSet,
    CurrencyAgreed,
    CustomerAdded,
    PartyAdded,
    PartyBlockChanged,
    SupplierAdded,
    TerritoryAdded,
)
from core.parties.tables import Customer, Party, PartyKind, Supplier, Territory

# What was merged is still called what it was, and means whom it was merged into.
_into = aliased(Party)
_NUMBER = func.coalesce(_into.number, Party.number)
_STANDING = func.coalesce(Party.merged_into_id, Party.id)
_NAMES = (
    select(_NUMBER, Party.name, Party.name_zh)
    .select_from(Party)
    .outerjoin(_into, _into.id == Party.merged_into_id)
)
# Built once: to build a statement costs more than to run it.
_NUMBERED = Party.number == bindparam("number")
_PARTY = select(Party).where(_NUMBERED)
_LED_TO = select(_into.number).join(Party, Party.merged_into_id == _into.id).where(_NUMBERED)
_CUSTOMER = (
    select(Customer).join(Customer.party).options(contains_eager(Customer.party)).where(_NUMBERED)
)
_SUPPLIER = (
    select(Supplier).join(Supplier.party).options(contains_eager(Supplier.party)).where(_NUMBERED)
)
_LOCKED_CUSTOMER = (
    select(Customer)
    .join(Party, Party.id == Customer.party_id)
    .where(Customer.party_id == bindparam("party_id"))
    .options(contains_eager(Customer.party))
    # Both rows: of one that is not locked, we would see what it was before we waited.
    .with_for_update(of=[Customer, Party], key_share=True)
    .execution_options(populate_existing=True)
)


def add_territory(
    session: Session, *, code: str, name: str, name_zh: str, country: str, region: str
) -> Territory:
    """Add a region that sales are counted by."""
    territory = Territory(code=code, name=name, name_zh=name_zh, country=country, region=region)
    session.add(territory)
    events.record(session, TerritoryAdded(code, name))
    session.flush()
    return territory


class Contact(TypedDict, total=False):
    """What may be known of any person or company besides its name."""

    name_zh: str | None
    kind: PartyKind
    email: str | None
    phone: str | None
    country: str | None
    city: str | None
    address: str | None
    tax_number: str | None
    language: str


def add_party(session: Session, *, name: str, **contact: Unpack[Contact]) -> Party:
    """Note a person or company that is neither customer nor supplier, so far."""
    party = _numbered(session, name, contact, series="P")
    events.record(session, PartyAdded(party.number, party.name))
    session.flush()
    return party


def add_customer(
    session: Session,
    *,
    name: str,
    credit_limit: Money | None = None,
    payment_days: int = 30,
    territory: Territory | None = None,
    salesperson_id: uuid.UUID | None = None,
    group: str | None = None,
    price_list_code: str | None = None,
    **contact: Unpack[Contact],
) -> Customer:
    """Add a customer that we did not know; without a credit limit none is checked."""
    rules.require_sensible_terms(payment_days=payment_days, credit_limit=credit_limit)
    _require_own_currency(session, credit_limit)
    return make_customer(
        session,
        _numbered(session, name, contact, series="C"),
        credit_limit=credit_limit,
        payment_days=payment_days,
        territory=territory,
        salesperson_id=salesperson_id,
        group=group,
        price_list_code=price_list_code,
    )


def make_customer(
    session: Session,
    party: Party,
    *,
    credit_limit: Money | None = None,
    payment_days: int = 30,
    territory: Territory | None = None,
    salesperson_id: uuid.UUID | None = None,
    group: str | None = None,
    price_list_code: str | None = None,
) -> Customer:
    """Make a party that we know a customer as well."""
    rules.require_sensible_terms(payment_days=payment_days, credit_limit=credit_limit)
    _require_own_currency(session, credit_limit)
    customer = Customer(
        party=party,
        credit_limit_minor=None if credit_limit is None else credit_limit.minor,
        payment_days=payment_days,
        price_list_code=price_list_code,
        territory_id=territory.id if territory else None,
        salesperson_id=salesperson_id,
        customer_group=group,
    )
    session.add(customer)
    events.record(session, CustomerAdded(party.number, party.name, credit_limit, payment_days))
    session.flush()
    return customer


def add_supplier(
    session: Session,
    *,
    name: str,
    payment_days: int = 30,
    preferred: bool = False,
    rating: int | None = None,
    **contact: Unpack[Contact],
) -> Supplier:
    """Add a supplier that we did not know."""
    rules.require_sensible_terms(payment_days=payment_days)
    party = _numbered(session, name, contact, series="S")
    return make_supplier(
        session, party, payment_days=payment_days, preferred=preferred, rating=rating
    )


def make_supplier(
    session: Session,
    party: Party,
    *,
    payment_days: int = 30,
    preferred: bool = False,
    rating: int | None = None,
) -> Supplier:
    """Make a party that we know a supplier as well."""
    rules.require_sensible_terms(payment_days=payment_days)
    supplier = Supplier(party=party, payment_days=payment_days, preferred=preferred, rating=rating)
    session.add(supplier)
    events.record(session, SupplierAdded(party.number, party.name, payment_days))
    session.flush()
    return supplier


def find_party(session: Session, text: str) -> Party:
    """Return the party that a number or name means."""
    known = session.scalar(_PARTY, {"number": canonical_number(text)})
    if known is None:
        number = resolved(session, _NAMES, text, UnknownParty)
        known = session.scalars(_PARTY, {"number": number}).one()
    if known.merged_into_id is not None:
        known = session.get_one(Party, known.merged_into_id)
    return known


def find_customer(session: Session, text: str) -> Customer:
    """Return the customer, with its party, that a number or name means."""
    known = session.scalar(_CUSTOMER, {"number": canonical_number(text)})
    if known is None:
        among = _NAMES.join(Customer, Customer.party_id == _STANDING)
        number = _led_to(session, text) or resolved(session, among, text, UnknownCustomer)
        known = session.scalars(_CUSTOMER, {"number": number}).one_or_none()
        if known is None:
            raise UnknownCustomer(text=text)
    return known


def find_supplier(session: Session, text: str) -> Supplier:
    """Return the supplier, with its party, that a number or name means."""
    known = session.scalar(_SUPPLIER, {"number": canonical_number(text)})
    if known is None:
        among = _NAMES.join(Supplier, Supplier.party_id == _STANDING)
        number = _led_to(session, text) or resolved(session, among, text, UnknownSupplier)
        known = session.scalars(_SUPPLIER, {"number": number}).one_or_none()
        if known is None:
            raise UnknownSupplier(text=text)
    return known


def find_territory(session: Session, text: str) -> Territory:
    """Return the territory that a code or name means."""
    among = select(Territory.code, Territory.name, Territory.name_zh)
    code = resolved(session, among, text, UnknownTerritory)
    return session.scalars(select(Territory).where(Territory.code == code)).one()


def lock_customer(session: Session, party_id: uuid.UUID) -> Customer:
    """Return a customer as it is now, locked: what is agreed with it is agreed one by one."""
    return session.scalars(_LOCKED_CUSTOMER, {"party_id": party_id}).one()


def current_supplier(session: Session, party_id: uuid.UUID) -> Supplier:
    """Return a supplier as it is now, and keep it from being blocked until we are done."""
    wanted = (
        select(Supplier)
        .join(Supplier.party)
        .where(Supplier.party_id == party_id)
        .options(contains_eager(Supplier.party))
        .with_for_update(of=Party, read=True)
        .execution_options(populate_existing=True)
    )
    return session.scalars(wanted).one()


def set_credit_limit(session: Session, customer: Customer, limit: Money | None) -> None:
    """Set how much a customer may owe us; None lifts the limit."""
    rules.require_sensible_limit(limit)
    _require_own_currency(session, limit)
    locked = lock_customer(session, customer.party_id)
    known = locked.credit_limit_minor
    before = None if known is None else Money(known, company(session).currency)
    locked.credit_limit_minor = None if limit is None else limit.minor
    party = locked.party
    events.record(session, CreditLimitSet(party.number, party.name, before, limit))
    session.flush()


def agree_currency(session: Session, party: Party, currency: str | None) -> str | None:
    """Trade with a party in a currency, as customer and as supplier; return the one so far.

    None is the company's, or that of its prices. Orders that stand stay in theirs.
    """
    both = (
        session.get(Customer, party.id, with_for_update=True, populate_existing=True),
        session.get(Supplier, party.id, with_for_update=True, populate_existing=True),
    )
    roles = [role for role in both if role is not None]
    if not roles:
        raise TradesNothing(name=party.name)
    before = next((role.currency for role in roles if role.currency), None)
    for role in roles:
        role.currency = currency
    fact = CurrencyAgreed(party.number, party.name, before or "", currency or "")
    events.record(session, fact)
    session.flush()
    return before


def block_party(session: Session, party: Party, *, because: str) -> None:
    """Stop new business with a party."""
    _turn(session, party, blocked=True, because=because)


def unblock_party(session: Session, party: Party, *, because: str) -> None:
    """Allow new business with a party again."""
    _turn(session, party, blocked=False, because=because)


def _led_to(session: Session, text: str) -> str | None:
    """Return the number of the party that a number leads to, where that one was merged."""
    return session.scalar(_LED_TO, {"number": canonical_number(text)})


def _turn(session: Session, party: Party, *, blocked: bool, because: str) -> None:
    session.refresh(party, with_for_update={"key_share": True})
    if party.blocked is blocked:
        refusal = AlreadyBlocked if blocked else NotBlocked
        raise refusal(name=party.name, number=party.number)
    party.blocked = blocked
    events.record(session, PartyBlockChanged(party.number, party.name, blocked, because))
    session.flush()


def _numbered(session: Session, name: str, contact: Contact, *, series: str) -> Party:
    party = Party(name=name, **{"kind": PartyKind.COMPANY, **contact})
    if party.kind is PartyKind.COMPANY:
        # Two persons may share a name; two companies of one name are one company typed twice.
        same = (
            select(_NUMBER)
            .select_from(Party)
            .outerjoin(_into, _into.id == Party.merged_into_id)
            .where(func.lower(Party.name) == name.lower(), Party.kind == PartyKind.COMPANY)
        )
        if taken := session.scalar(same.limit(1)):
            raise NameTaken(name=name, number=taken)
    party.number = next_number(session, series)
    session.add(party)
    return party


def _require_own_currency(session: Session, amount: Money | None) -> None:
    ours = company(session).currency
    if amount is not None and amount.currency != ours:
        raise CurrencyMismatch(left=amount.currency, right=ours)
