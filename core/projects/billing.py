"""From hours and progress to an invoice: each is billed exactly once."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import invoicing
from core.invoicing import Invoice, InvoiceDraftLine, InvoiceKind
from core.kernel import events
from core.kernel.company import company
from core.kernel.money import Money, plain
from core.ledger.chart import SERVICE_REVENUE
from core.parties import Party
from core.projects.errors import NoCustomer, NotBillable, NothingToBill
from core.projects.events import ProjectBilled
from core.projects.queries import billed_of, progress_left
from core.projects.service import find_project
from core.projects.tables import ProgressBilled, Project, ProjectTask
from core.timesheets import TimeEntry
from core.timesheets.errors import TimeBilled, UnknownTime

ONE = Decimal(1)


def invoice_project(
    session: Session,
    number: str,
    *,
    worked_until: date | None = None,
    entries: Sequence[str] | None = None,
    tax_code: str | None = None,
    posted_on: date | None = None,
    due_on: date | None = None,
) -> Invoice:
    """Invoice the hours and the progress of a project that are not billed yet.

    Hours at one price for one task are one line. With `entries`, just those hours are billed, and
    whatever of them is billed already is refused.
    """
    project = find_project(session, number, lock=True)
    if project.customer_id is None:
        raise NoCustomer(project=project.number)
    until = worked_until or company(session).today
    chosen = _chosen(session, project, entries) if entries else _unbilled(session, project, until)
    progressed = (
        [] if entries else [part for part in progress_left(session, project) if part[1].minor > 0]
    )
    if not chosen and not progressed:
        raise NothingToBill(project=project.number)
    lines = [*_of_hours(project, chosen, tax_code), *_of_progress(project, progressed, tax_code)]
    before = billed_of(session, project)
    invoice = invoicing.post_invoice(
        session,
        kind=InvoiceKind.CUSTOMER_INVOICE,
        party=session.get_one(Party, project.customer_id),
        lines=lines,
        origin=project.number,
        currency=project.currency,
        posted_on=posted_on,
        due_on=due_on,
    )
    for entry in chosen:
        entry.invoice_number = invoice.number
    session.add_all(
        ProgressBilled(task_id=task.id, invoice_number=invoice.number, amount_minor=amount.minor)
        for task, amount in progressed
    )
    hours = sum((entry.hours for entry in chosen), Decimal(0))
    _record(session, project, before, hours)
    return invoice


def credit_invoice(session: Session, number: str, *, because: str) -> Invoice:
    """Take back the invoice of a project: its hours and its progress are to be billed again."""
    invoice = invoicing.find_invoice(session, number)
    project = find_project(session, invoice.origin, lock=True)
    before = billed_of(session, project)
    note = invoicing.credit_invoice(session, invoice.number, because=because)
    entries = session.scalars(
        select(TimeEntry).where(TimeEntry.invoice_number == invoice.number).with_for_update()
    ).all()
    for entry in entries:
        entry.invoice_number = None
    for part in session.scalars(
        select(ProgressBilled).where(ProgressBilled.invoice_number == invoice.number)
    ):
        session.delete(part)
    _record(session, project, before, -sum((entry.hours for entry in entries), Decimal(0)))
    return note


def is_of_project(session: Session, invoice: Invoice) -> bool:
    """Tell whether an invoice bills a project."""
    if invoice.kind is not InvoiceKind.CUSTOMER_INVOICE or not invoice.origin:
        return False
    wanted = select(Project.id).where(Project.number == invoice.origin)
    return session.scalar(wanted) is not None


def _record(session: Session, project: Project, before: Money, hours: Decimal) -> None:
    session.flush()
    fact = ProjectBilled(project.number, before, billed_of(session, project), hours)
    events.record(session, fact)
    session.flush()


def _unbilled(session: Session, project: Project, until: date) -> list[TimeEntry]:
    wanted = (
        select(TimeEntry)
        .where(
            TimeEntry.project_id == project.id,
            TimeEntry.invoice_number.is_(None),
            TimeEntry.removed_because.is_(None),
            TimeEntry.price_per_hour.is_not(None),
            TimeEntry.worked_on <= until,
        )
        .order_by(TimeEntry.number)
        .with_for_update()
    )
    return list(session.scalars(wanted))


def _chosen(session: Session, project: Project, numbers: Sequence[str]) -> list[TimeEntry]:
    wanted = (
        select(TimeEntry)
        .where(
            TimeEntry.project_id == project.id,
            TimeEntry.number.in_(numbers),
            TimeEntry.removed_because.is_(None),
        )
        .order_by(TimeEntry.number)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = list(session.scalars(wanted))
    if missing := sorted(set(numbers) - {entry.number for entry in found}):
        raise UnknownTime(number=", ".join(missing))
    if billed := [entry for entry in found if entry.invoice_number is not None]:
        by = ", ".join(sorted({str(entry.invoice_number) for entry in billed}))
        raise TimeBilled(entries=", ".join(entry.number for entry in billed), invoice=by)
    if unpriced := [entry.number for entry in found if entry.price_per_hour is None]:
        raise NotBillable(entries=", ".join(unpriced))
    return found


def _of_hours(
    project: Project, entries: Sequence[TimeEntry], tax_code: str | None
) -> list[InvoiceDraftLine]:
    names = {task.id: task.name for task in project.tasks}
    hours: defaultdict[tuple[str, Decimal], Decimal] = defaultdict(Decimal)
    for entry in entries:
        name = names[entry.task_id] if entry.task_id else project.name
        hours[name, entry.price_per_hour or Decimal(0)] += entry.hours
    return [
        _line(f"{project.number} {name}", quantity, price, tax_code)
        for (name, price), quantity in sorted(hours.items())
    ]


def _of_progress(
    project: Project, progressed: Sequence[tuple[ProjectTask, Money]], tax_code: str | None
) -> list[InvoiceDraftLine]:
    return [
        _line(
            f"{project.number} {task.name} {plain(task.progress)} %", ONE, amount.amount, tax_code
        )
        for task, amount in progressed
    ]


def _line(said: str, quantity: Decimal, price: Decimal, tax_code: str | None) -> InvoiceDraftLine:
    return InvoiceDraftLine(
        item_id=None,
        description=said,
        quantity=quantity,
        unit_price=price,
        discount_percent=Decimal(0),
        tax_code=tax_code,
        account=SERVICE_REVENUE,
    )
