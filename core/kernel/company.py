"""The company whose books these are: its currency, its rules of rounding, and its date."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import CheckConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.kernel import clock, events
from core.kernel.database import Table, plain_table
from core.kernel.effects import Change, Kind
from core.kernel.errors import DomainError
from core.kernel.money import Rounding

UTC_ZONE = "UTC"


class RevenueBasis(StrEnum):
    """What counts as revenue in reports: posted invoices, or orders where there are none."""

    INVOICES = "invoices"
    ORDERS = "orders"


class TaxRounding(StrEnum):
    """Where tax is rounded: on every line, or on the sum of a document."""

    LINE = "line"
    DOCUMENT = "document"


class CompanyRow(Table):
    """The one company of this database."""

    __tablename__ = "company"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1, autoincrement=False)
    name: Mapped[str]
    name_zh: Mapped[str]
    country: Mapped[str]
    currency: Mapped[str]
    rounding: Mapped[Rounding] = mapped_column(default=Rounding.HALF_UP)
    tax_rounding: Mapped[TaxRounding] = mapped_column(default=TaxRounding.LINE)
    revenue_basis: Mapped[RevenueBasis] = mapped_column(default=RevenueBasis.INVOICES)
    business_date: Mapped[date | None]
    # Whether what is invoiced before its goods leave waits for them, or is revenue at once.
    defers_revenue: Mapped[bool] = mapped_column(default=False)
    # The zone whose clock says when a day begins and when something is due: "Europe/Berlin".
    time_zone: Mapped[str] = mapped_column(default=UTC_ZONE)


# Made once, and without an object: every transaction asks for it.
_COMPANY = select(plain_table(CompanyRow))


@dataclass(frozen=True)
class Company:
    """What every service needs to know of the company."""

    name: str
    name_zh: str
    country: str
    currency: str
    rounding: Rounding
    tax_rounding: TaxRounding
    revenue_basis: RevenueBasis
    defers_revenue: bool
    today: date
    zone: ZoneInfo


@dataclass(frozen=True)
class TimeZoneSet(events.Fact, name="company.time_zone_set"):
    """The company lives by another zone's clock."""

    before: str
    after: str

    def changes(self) -> tuple[Change, ...]:
        """Show the zone before and after."""
        return (Change(Kind.RECORD, "time_zone", self.after, before=self.before),)


@dataclass(frozen=True)
class RevenueDeferralSet(events.Fact, name="company.revenue_deferral_set"):
    """When what is invoiced before its goods leave becomes revenue."""

    before: bool
    after: bool

    def changes(self) -> tuple[Change, ...]:
        """Show when it did, and when it will."""
        before, after = (
            "at_delivery" if defers else "at_invoice" for defers in (self.before, self.after)
        )
        return (Change(Kind.RECORD, "revenue_deferral", after, before=before),)


class UnknownTimeZone(DomainError):
    """There is no time zone "{zone}"; they are called like Europe/Berlin or Asia/Shanghai."""

    zh = "没有名为“{zone}”的时区；时区名称形如 Europe/Berlin、Asia/Shanghai。"


class NoCompanyYet(DomainError):
    """There is no company in this database yet. Load the demo company or import your own first."""

    zh = "数据库中还没有公司。请先加载演示公司或导入您自己的数据。"


class CompanyExists(DomainError):
    """This database already holds the books of {name}; use an empty database (PROKURIST_HOME)."""

    zh = "此数据库已有公司“{name}”的账套；请使用空数据库（PROKURIST_HOME）。"


def found_company(
    session: Session,
    *,
    name: str,
    name_zh: str,
    country: str,
    currency: str,
    business_date: date | None = None,
    revenue_basis: RevenueBasis = RevenueBasis.INVOICES,
    time_zone: str = UTC_ZONE,
) -> Company:
    """Open the books of a company in an empty database."""
    if existing := session.get(CompanyRow, 1):
        raise CompanyExists(name=existing.name)
    session.add(
        CompanyRow(
            name=name,
            name_zh=name_zh,
            country=country,
            currency=currency,
            business_date=business_date,
            revenue_basis=revenue_basis,
            time_zone=zone_called(time_zone).key,
        )
    )
    session.flush()
    return company(session)


def set_time_zone(session: Session, name: str) -> Company:
    """Say by which zone's clock the company lives."""
    row = session.get(CompanyRow, 1, with_for_update=True)
    if row is None:
        raise NoCompanyYet
    before, row.time_zone = row.time_zone, zone_called(name).key
    events.record(session, TimeZoneSet(before, row.time_zone))
    session.flush()
    session.info.pop("company", None)
    return company(session)


def set_revenue_deferral(session: Session, *, defers: bool) -> Company:
    """Say whether what is invoiced before its goods leave is revenue at once, or with them.

    What is booked stays as it is; each order follows when something happens to it.
    """
    row = session.get(CompanyRow, 1, with_for_update=True)
    if row is None:
        raise NoCompanyYet
    before, row.defers_revenue = row.defers_revenue, defers
    events.record(session, RevenueDeferralSet(before, defers))
    session.flush()
    session.info.pop("company", None)
    return company(session)


def zone_called(name: str) -> ZoneInfo:
    """Return a time zone by its name in the database of zones; refuse what is none."""
    said = name.strip().replace(" ", "_")
    known = next((zone for zone in available_timezones() if zone.lower() == said.lower()), None)
    if known is None:
        raise UnknownTimeZone(zone=name[:80])
    return ZoneInfo(known)


def company_or_none(session: Session) -> Company | None:
    """Return the company, read once a transaction, or None in an empty database."""
    known: Company | None = session.info.get("company")
    if known is None:
        row = session.execute(_COMPANY).one_or_none()
        if row is None:
            return None
        override: date | None = session.info.get("today")
        zone = ZoneInfo(row.time_zone)
        known = Company(
            name=row.name,
            name_zh=row.name_zh,
            country=row.country,
            currency=row.currency,
            rounding=row.rounding,
            tax_rounding=row.tax_rounding,
            revenue_basis=row.revenue_basis,
            defers_revenue=row.defers_revenue,
            today=override or row.business_date or clock.now().astimezone(zone).date(),
            zone=zone,
        )
        session.info["company"] = known
    return known


def company(session: Session) -> Company:
    """Return the company; refuse where none was founded."""
    known = company_or_none(session)
    if known is None:
        raise NoCompanyYet
    return known


def today(session: Session) -> date:
    """Return the business date: of a replay, of PROKURIST_TODAY, of the company, of the clock."""
    return company(session).today
