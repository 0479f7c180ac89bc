"""Keep a question under a name, rename it, share it, and let it go."""

import unicodedata
from collections.abc import Collection

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from core.kernel import events
from core.kernel.database import acting
from core.kernel.identity import service as identity
from core.kernel.identity.roles import STAFF, Role
from core.kernel.identity.tables import Person
from core.kernel.numbering import next_number
from core.reporting.saved import errors
from core.reporting.saved.asked import Question, as_json, question_from
from core.reporting.saved.asking import said_of
from core.reporting.saved.events import ReportChanged, ReportDeleted, ReportSaved
from core.reporting.saved.queries import find_report
from core.reporting.saved.tables import SavedReport

NAME_MAX = 80
# With whom reports are shared: people of the company, whose sight is their own.
READERS = STAFF | {Role.EMPLOYEE}


def asker(session: Session) -> Person:
    """Return the person for whom something is done: who asked for it, whoever approved it."""
    who = acting(session)
    if who.actor.person_id is None:
        raise errors.OnlyForPeople
    return identity.find_person(session, who.on_behalf_of or who.name)


def save(session: Session, *, name: str, query: Question, replace: bool = False) -> SavedReport:
    """Keep a question under a name of its owner's; replace the one there only when told to."""
    owner, called = asker(session), _name(name)
    _alone_with_names_of(session, owner)
    known = _called(session, owner, called)
    if known is not None and not replace:
        raise errors.NameTaken(name=called)
    said = said_of(session, query)
    if known is not None:
        before = said_of(session, question_from(known.asked))
        known.asked, known.version = as_json(query), known.version + 1
        events.record(session, ReportChanged(known.number, called, "question", before.en, said.en))
        session.flush()
        return known
    report = SavedReport(
        number=next_number(session, "REP"),
        name=called,
        owner_id=owner.id,
        shared_with=[],
        asked=as_json(query),
    )
    session.add(report)
    session.flush()
    events.record(session, ReportSaved(report.number, called, owner.login, said.en, said.zh))
    return report


def rename(session: Session, report: str, name: str) -> SavedReport:
    """Call a report otherwise."""
    owner, called = asker(session), _name(name)
    _alone_with_names_of(session, owner)
    kept = _own(session, owner, report)
    other = _called(session, owner, called)
    if other is not None and other.id != kept.id:
        raise errors.NameTaken(name=called)
    before, kept.name = kept.name, called
    session.flush()
    events.record(session, ReportChanged(kept.number, called, "name", before, called))
    return kept


def share(session: Session, report: str, roles: Collection[Role]) -> SavedReport:
    """Let exactly the people of some roles run a report, each as they may see; of none, nobody."""
    for role in roles:
        if role not in READERS:
            raise errors.NotSharedWith(role=role)
    owner = asker(session)
    kept = _own(session, owner, report)
    before = ", ".join(kept.shared_with) or "–"
    kept.shared_with = sorted(set(roles))
    session.flush()
    after = ", ".join(kept.shared_with) or "–"
    events.record(session, ReportChanged(kept.number, kept.name, "shared_with", before, after))
    return kept


def change(session: Session, report: str, query: Question) -> SavedReport:
    """Let a report ask another question from now on."""
    kept = _own(session, asker(session), report)
    return save(session, name=kept.name, query=query, replace=True)


def delete(session: Session, report: str) -> SavedReport:
    """Take a report out of the lists; what runs it is paused at its next time, and says so."""
    kept = _own(session, asker(session), report)
    kept.retired = True
    session.flush()
    events.record(session, ReportDeleted(kept.number, kept.name))
    return kept


def _own(session: Session, owner: Person, name: str) -> SavedReport:
    report = find_report(session, owner, name)
    if report.owner_id != owner.id:
        whose = session.get_one(Person, report.owner_id).name
        raise errors.NotYourReport(name=report.name, owner=whose)
    return report


def _called(session: Session, owner: Person, name: str) -> SavedReport | None:
    return session.scalar(
        select(SavedReport).where(
            SavedReport.owner_id == owner.id,
            func.lower(SavedReport.name) == func.lower(name),
            SavedReport.retired.is_(False),
        )
    )


def _name(name: str) -> str:
    """Make a name plain: one spelling for what looks the same, and nothing that is not seen."""
    said = " ".join(unicodedata.normalize("NFKC", name).split())
    unseen = any(unicodedata.category(sign)[0] == "C" for sign in said)
    if not 1 <= len(said) <= NAME_MAX or unseen or not any(sign.isalnum() for sign in said):
        raise errors.NotAName(most=NAME_MAX)
    return said


def _alone_with_names_of(session: Session, owner: Person) -> None:
    # Two that name a report at once: the second waits, and is then told kindly.
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtext(:names))"), {"names": f"reports:{owner.id}"}
    )
