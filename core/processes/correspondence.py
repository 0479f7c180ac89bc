"""Letters across rooms: whose are private, who is answered where, and in which words."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from core import communications, parties
from core.communications import Communication, MessageThread, letters
from core.communications.errors import NoAddress, NothingWithParty
from core.communications.sight import INBOX, OTHERS, keep_private
from core.hr.tables import Employee
from core.kernel.company import company
from core.kernel.errors import BadInput, Language, language_called
from core.kernel.identity.roles import Role
from core.kernel.words import is_chinese
from core.parties import Customer, Party

# Who has to do with letters: readers see only those of parties whose records they may see.
READERS = OTHERS | {Role.WAREHOUSE, Role.PRODUCTION}
WRITERS = INBOX - {Role.AUDITOR, Role.WATCHER} | {Role.MARKETING, Role.HR}

# What employees write to the company is for those who look after them.
keep_private("employees", select(Employee.party_id), frozenset({Role.HR, Role.ADMIN}))


def to_answer(
    session: Session, *, party: str | None, thread: str | None
) -> tuple[MessageThread, Party]:
    """Return the conversation to answer in, and whom."""
    if thread is not None:
        found = communications.find_thread(session, thread)
        if found.party_id is None:
            raise NoAddress(party=found.number)
        return found, session.get_one(Party, found.party_id)
    if party is None:
        raise BadInput(problem="say whom to answer, or in which conversation")
    whom = parties.find_party(session, party)
    last = communications.last_thread(session, whom.id)
    if last is None:
        raise NothingWithParty(party=whom.name)
    return last, whom


def customer_of(session: Session, party_id: uuid.UUID) -> Customer | None:
    """Return the customer that a party is, with its party, if it is one."""
    wanted = select(Customer).where(Customer.party_id == party_id)
    return session.scalar(wanted.options(joinedload(Customer.party)))


def answer(
    session: Session, thread: MessageThread, party: Party, text: str, *, mark: str = ""
) -> Communication:
    """Let an answer go out, to the address on record from which the party wrote last.

    `mark` stands in the subject, such as the number of a ticket.
    """
    known = communications.addresses_of(session, party)
    wrote = [
        one.view.sender
        for one in communications.view_thread(session, thread).messages
        if one.view.sender in known
    ]
    # Never where a header of theirs says that answers should go.
    to = communications.address_for(session, party, wrote[-1] if wrote else None)
    subject = thread.subject
    if not subject.lower().startswith("re:"):
        subject = f"Re: {subject}"
    if mark and mark not in subject:
        subject = f"{subject} {mark}"
    return communications.queue_mail(
        session, party=party, to=to, subject=subject, text=text, thread=thread
    )


def greeted(session: Session, party: Party, text: str) -> str:
    """Return a text with greeting and our name, in the language that the party is written to."""
    language = language_called(party.language)
    ours = company(session)
    values = {
        "name": (language == "zh" and party.name_zh) or party.name,
        "company": (language == "zh" and ours.name_zh) or ours.name,
        "text": as_sentence(text, language),
    }
    return letters.write("reply", language, values)


def as_sentence(text: str, language: Language) -> str:
    """Return what somebody said to say as a sentence: beginning large, ending with a stop."""
    said = text.strip()
    if said.lower().startswith("that "):
        said = said[5:].strip()
    if language == "en" and said[:1].islower():
        said = said[0].upper() + said[1:]
    if said and said[-1] not in ".!?。！？…":
        said += "。" if is_chinese(said) else "."
    return said
