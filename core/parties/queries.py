"""Questions about parties."""

import uuid
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, aliased

from core.kernel.company import company
from core.kernel.money import Money
from core.parties.tables import Customer, Party, Supplier, Territory

LISTED_MAX = 200


@dataclass(frozen=True)
class CustomerView:
    """A customer and the terms that we sell on."""

    party_id: uuid.UUID
    number: str
    name: str
    name_zh: str | None
    country: str | None
    city: str | None
    email: str | None
    phone: str | None
    credit_limit: Money | None
    payment_days: int
    price_list_code: str | None
    territory: str | None
    salesperson: str | None
    group: str | None
    blocked: bool


@dataclass(frozen=True)
class SupplierView:
    """A supplier and the terms that we buy on."""

    party_id: uuid.UUID
    number: str
    name: str
    name_zh: str | None
    country: str | None
    city: str | None
    email: str | None
    phone: str | None
    payment_days: int
    preferred: bool
    blocked: bool


def list_customers(
    session: Session,
    *,
    containing: str | None = None,
    party_id: uuid.UUID | None = None,
    territory_id: uuid.UUID | None = None,
    blocked: bool | None = None,
    limit: int = 50,
) -> list[CustomerView]:
    """Return customers by number; `containing` looks at names and cities in both languages."""
    salesperson = aliased(Party)
    wanted = (
        select(Customer, Party, Territory.name, salesperson.name)
        .join(Party, Party.id == Customer.party_id)
        .outerjoin(Territory, Territory.id == Customer.territory_id)
        .outerjoin(salesperson, salesperson.id == Customer.salesperson_id)
        .order_by(Party.number)
        .limit(min(limit, LISTED_MAX))
    )
    if containing:
        wanted = wanted.where(_mentions(containing))
    if party_id is not None:
        wanted = wanted.where(Customer.party_id == party_id)
    if territory_id is not None:
        wanted = wanted.where(Customer.territory_id == territory_id)
    if blocked is not None:
        wanted = wanted.where(Party.blocked.is_(blocked))
    currency = company(session).currency
    return [
        CustomerView(
            party_id=party.id,
            number=party.number,
            name=party.name,
            name_zh=party.name_zh,
            country=party.country,
            city=party.city,
            email=party.email,
            phone=party.phone,
            credit_limit=(
                None
                if customer.credit_limit_minor is None
                else Money(customer.credit_limit_minor, currency)
            ),
            payment_days=customer.payment_days,
            price_list_code=customer.price_list_code,
            territory=territory,
            salesperson=seller,
            group=customer.customer_group,
            blocked=party.blocked,
        )
        for customer, party, territory, seller in session.execute(wanted)
    ]


def list_suppliers(
    session: Session,
    *,
    containing: str | None = None,
    party_id: uuid.UUID | None = None,
    limit: int = 50,
) -> list[SupplierView]:
    """Return suppliers by number; `containing` looks at names and cities in both languages."""
    wanted = (
        select(Supplier, Party)
        .join(Party, Party.id == Supplier.party_id)
        .order_by(Party.number)
        .limit(min(limit, LISTED_MAX))
    )
    if containing:
        wanted = wanted.where(_mentions(containing))
    if party_id is not None:
        wanted = wanted.where(Supplier.party_id == party_id)
    return [
        SupplierView(
            party_id=party.id,
            number=party.number,
            name=party.name,
            name_zh=party.name_zh,
            country=party.country,
            city=party.city,
            email=party.email,
            phone=party.phone,
            payment_days=supplier.payment_days,
            preferred=supplier.preferred,
            blocked=party.blocked,
        )
        for supplier, party in session.execute(wanted)
    ]


def _mentions(text: str) -> ColumnElement[bool]:
    part = text.strip().lower()
    columns = (Party.name, Party.name_zh, Party.city)
    return or_(*(func.lower(column).contains(part, autoescape=True) for column in columns))
