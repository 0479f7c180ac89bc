"""Verbs of identity: add people, set their rights, let them in, and end what must end.

Invariants: only hashes of passwords and tokens are stored; a session dies with logout, expiry,
deactivation, and any change of password or rights; nobody changes their own rights; there is
always an active administrator.
"""

import hashlib
import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import ColumnElement, Engine, and_, false, func, or_, select, text, update
from sqlalchemy.orm import Session

from core.kernel import clock, events
from core.kernel.database import acting, unit_of_work
from core.kernel.errors import BadInput, Language, language_called
from core.kernel.identity import passwords, rules
from core.kernel.identity.acting import SYSTEM, Acting, Actor
from core.kernel.identity.errors import (
    LastAdministrator,
    LoginFailed,
    LoginTaken,
    NoSuchToken,
    NotLoggedIn,
    NotYourOwnRights,
    PersonInactive,
    TooManyTries,
    UnknownPerson,
)
from core.kernel.identity.events import (
    ApiTokenIssued,
    ApiTokenRevoked,
    LanguageSet,
    LoggedIn,
    LoggedOut,
    LoginRefused,
    PasswordSet,
    PersonActivated,
    PersonAdded,
    PersonDeactivated,
    RolesSet,
)
from core.kernel.identity.roles import Role
from core.kernel.identity.tables import ApiToken, LoginAttempt, LoginSession, Person


def actor_of(person: Person) -> Actor:
    """Return the person as somebody who acts; two accounts of one party are one human."""
    return Actor(
        name=person.login,
        roles=frozenset(person.roles),
        is_person=not person.is_service,
        language=language_called(person.language),
        person_id=person.id,
        human_key=f"party:{person.party_id}" if person.party_id else person.login,
        party_id=person.party_id,
    )


def find_person(session: Session, login: str, *, lock: bool = False) -> Person:
    """Return the account of this login, active or not."""
    wanted = select(Person).where(Person.login == rules.normal_login(login))
    person = session.scalar(wanted.with_for_update() if lock else wanted)
    if person is None:
        raise UnknownPerson(login=login[:64])
    return person


def find_actor(session: Session, login: str) -> Actor:
    """Return who acts under this login; refuse a closed account."""
    person = find_person(session, login)
    if not person.active:
        raise PersonInactive(login=person.login)
    return actor_of(person)


def add_person(
    session: Session,
    *,
    login: str,
    name: str,
    roles: Iterable[str],
    password: str | None = None,
    language: str = "en",
    party_id: uuid.UUID | None = None,
    is_service: bool = False,
    email: str | None = None,
) -> Person:
    """Open an account; without a password nobody can log in to it yet."""
    login = rules.usable_login(login)
    chosen = rules.usable_roles(roles)
    if session.scalar(select(Person.id).where(Person.login == login)):
        raise LoginTaken(login=login)
    if password is not None:
        passwords.require_good_password(password, login=login)
    person = Person(
        login=login,
        name=name.strip(),
        email=email,
        language=_known_language(language),
        roles=chosen,
        password_hash=None if password is None else passwords.hashed(password),
        is_service=is_service,
        party_id=party_id,
        active=True,
        security_version=1,
    )
    session.add(person)
    session.flush()
    events.record(session, PersonAdded(login, person.name, tuple(chosen), is_service))
    return person


def set_roles(session: Session, login: str, roles: Iterable[str]) -> Person:
    """Replace somebody's roles; their sessions end, so that nothing runs on old rights."""
    chosen = rules.usable_roles(roles)
    person = _for_change_of_rights(session, login, may_lose_admin=Role.ADMIN not in chosen)
    if chosen == person.roles:
        return person
    before = tuple(person.roles)
    person.roles = chosen
    person.security_version += 1
    session.flush()
    events.record(session, RolesSet(person.login, before, tuple(chosen)))
    return person


def deactivate_person(session: Session, login: str) -> Person:
    """Close an account; its sessions and tokens end at once, its history stays."""
    person = _for_change_of_rights(session, login, may_lose_admin=True)
    if not person.active:
        return person
    person.active = False
    person.security_version += 1
    _revoke_tokens(session, person)
    session.flush()
    events.record(session, PersonDeactivated(person.login))
    return person


def activate_person(session: Session, login: str) -> Person:
    """Open a closed account again, with the roles it had."""
    person = _for_change_of_rights(session, login)
    if person.active:
        return person
    person.active = True
    person.security_version += 1
    session.flush()
    events.record(session, PersonActivated(person.login))
    return person


def set_password(session: Session, login: str, password: str) -> Person:
    """Give an account a new password; whatever the old one had opened is closed."""
    person = find_person(session, login, lock=True)
    passwords.require_good_password(password, login=person.login)
    person.password_hash = passwords.hashed(password)
    person.security_version += 1
    _revoke_tokens(session, person)
    session.flush()
    events.record(session, PasswordSet(person.login))
    return person


def change_own_password(
    session: Session, login: str, *, current: str, new: str, address: str
) -> Person:
    """Set another password after proving to know the present one; guesses are counted."""
    _prove(session, login, current, address=address)
    return set_password(session, login, new)


def set_password_of(
    session: Session, login: str, password: str, *, own: str, address: str
) -> Person:
    """Give somebody else a password, after proving to be still the one who is logged in."""
    me = acting(session).actor.name
    _prove(session, me, own, address=address)
    return set_password(session, login, password)


def set_language(session: Session, login: str, language: str) -> Person:
    """Choose the language in which somebody is spoken to."""
    person = find_person(session, login, lock=True)
    chosen = _known_language(language)
    if chosen != person.language:
        before, person.language = person.language, chosen
        session.flush()
        events.record(session, LanguageSet(person.login, before, chosen))
    return person


def log_in(session: Session, login: str, password: str, *, address: str) -> str:
    """Let somebody in who knows the password; return the secret token of a new session.

    Every failure reads the same and takes the same time. A try is counted in a transaction of
    its own before the password is looked at: neither a rollback nor a hundred tries at the
    same moment gain a guess.
    """
    person = _prove(session, login, password, address=address)
    if person.password_hash and passwords.is_outdated(person.password_hash):
        person.password_hash = passwords.hashed(password)
    token = open_session(session, person)
    # From here on it is this person who acts, and the audit trail says so.
    session.info["acting"] = replace(acting(session), actor=actor_of(person))
    events.record(session, LoggedIn(person.login, address))
    return token


def open_session(session: Session, person: Person) -> str:
    """Return the secret token of a new session of somebody who has proved who they are."""
    token = secrets.token_urlsafe(rules.TOKEN_BYTES)
    session.add(
        LoginSession(
            token_hash=_hash(token),
            person_id=person.id,
            security_version=person.security_version,
            expires_at=clock.now() + rules.SESSION_LIFETIME,
        )
    )
    session.flush()
    return token


def actor_of_session(session: Session, token: str) -> Actor:
    """Return who is logged in with this token; refuse one that has ended in any way."""
    wanted = (
        select(Person)
        .join(LoginSession, LoginSession.person_id == Person.id)
        .where(
            LoginSession.token_hash == _hash(token),
            LoginSession.ended_at.is_(None),
            LoginSession.expires_at > clock.now(),
            LoginSession.security_version == Person.security_version,
            Person.active,
        )
    )
    person = session.scalar(wanted)
    if person is None:
        raise NotLoggedIn
    return actor_of(person)


def log_out(session: Session, token: str) -> None:
    """End the session of this token; a token that has ended already needs nothing."""
    ended = (
        update(LoginSession)
        .where(LoginSession.token_hash == _hash(token), LoginSession.ended_at.is_(None))
        .values(ended_at=clock.now())
        .returning(LoginSession.person_id)
    )
    person_id = session.scalar(ended)
    if person_id is not None:
        events.record(session, LoggedOut(session.get_one(Person, person_id).login))


def issue_api_token(
    session: Session, login: str, *, name: str, days: int = rules.API_TOKEN_DAYS
) -> str:
    """Let a program act as this person for some days; return the secret, shown only now."""
    if not 1 <= days <= rules.API_TOKEN_DAYS_MAX:
        raise BadInput(problem=f"a token lives 1 to {rules.API_TOKEN_DAYS_MAX} days")
    person = find_person(session, login, lock=True)
    if not person.active:
        raise PersonInactive(login=person.login)
    token = f"pk_{secrets.token_urlsafe(rules.TOKEN_BYTES)}"
    session.add(
        ApiToken(
            name=name,
            token_hash=_hash(token),
            person_id=person.id,
            expires_at=clock.now() + timedelta(days=days),
        )
    )
    session.flush()
    events.record(session, ApiTokenIssued(person.login, name, days))
    return token


def actor_of_api_token(session: Session, token: str) -> Actor:
    """Return in whose name a program with this token acts."""
    wanted = (
        select(Person)
        .join(ApiToken, ApiToken.person_id == Person.id)
        .where(
            ApiToken.token_hash == _hash(token),
            ApiToken.revoked_at.is_(None),
            ApiToken.expires_at > clock.now(),
            Person.active,
        )
    )
    person = session.scalar(wanted)
    if person is None:
        raise NotLoggedIn
    return actor_of(person)


def revoke_api_token(session: Session, login: str, name: str) -> None:
    """End the tokens of this name."""
    person = find_person(session, login, lock=True)
    if not _revoke_tokens(session, person, ApiToken.name == name):
        raise NoSuchToken(login=person.login, name=name)


def _prove(session: Session, login: str, password: str, *, address: str) -> Person:
    """Return the person whose password this is, or refuse without saying what was wrong."""
    wanted = select(Person).where(
        Person.login == rules.normal_login(login), Person.active, ~Person.is_service
    )
    person = session.scalar(wanted)
    engine = session.get_bind()
    assert isinstance(engine, Engine), "a session of the house is bound to an engine"
    # What was typed as the login of nobody may be a password: only its hash is kept.
    known_as = person.login if person else f"?{_hash(rules.normal_login(login))[:32]}"
    count = _count_try(engine, known_as, address)
    if not passwords.matches(password, person.password_hash if person else None):
        with unit_of_work(engine, acting(session)) as noting:
            login_or_none = person.login if person else None
            events.record(noting, LoginRefused(login_or_none, address, count.was_the_last))
        raise LoginFailed
    assert person is not None, "a password matched, so it is somebody's"
    with unit_of_work(engine, SYSTEM) as noting:
        noting.execute(
            update(LoginAttempt).where(LoginAttempt.id == count.attempt).values(succeeded=True)
        )
    return person


@dataclass(frozen=True)
class _Try:
    attempt: uuid.UUID
    was_the_last: bool


def _count_try(engine: Engine, login: str, address: str) -> _Try:
    """Note a try as failed until it succeeds; refuse one too many."""
    now = clock.now()
    with unit_of_work(engine, SYSTEM) as session:
        # Tries at one account, and from one address, are counted one after the other.
        for key in sorted({f"login {login}", f"address {address}"}):
            session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:key))"), {"key": key})
        failed = select(func.count()).where(~LoginAttempt.succeeded)
        known = select(LoginAttempt.id).where(
            LoginAttempt.login == login,
            LoginAttempt.address == address,
            LoginAttempt.succeeded,
            LoginAttempt.created_at > now - rules.KNOWN_ADDRESS_FOR,
        )
        counted = session.execute(
            select(
                failed.where(
                    LoginAttempt.login == login,
                    LoginAttempt.created_at > now - rules.ACCOUNT_WINDOW,
                ).scalar_subquery(),
                failed.where(
                    LoginAttempt.address == address,
                    LoginAttempt.created_at > now - rules.ADDRESS_WINDOW,
                ).scalar_subquery(),
                known.exists(),
            )
        ).one()
        account_tries, address_tries, is_known = counted

        def may_try(already: int) -> bool:
            return rules.may_try(
                account_tries=account_tries + already,
                address_tries=address_tries + already,
                address_is_known=is_known,
            )

        if not may_try(0):
            by_account = address_tries < rules.ADDRESS_TRIES_MAX
            window = rules.ACCOUNT_WINDOW if by_account else rules.ADDRESS_WINDOW
            raise TooManyTries(minutes=int(window.total_seconds() // 60))
        attempt = LoginAttempt(login=login, address=address, succeeded=False)
        session.add(attempt)
        session.flush()
        return _Try(attempt.id, was_the_last=not may_try(1))


def _for_change_of_rights(session: Session, login: str, *, may_lose_admin: bool = False) -> Person:
    # All administrators are locked, in one order: two who dismiss one another at the same
    # moment would leave nobody.
    is_administrator = and_(Person.roles.contains([Role.ADMIN.value]), Person.active)
    wanted = select(Person).where(
        or_(
            Person.login == rules.normal_login(login),
            is_administrator if may_lose_admin else false(),
        )
    )
    locked = session.scalars(wanted.order_by(Person.id).with_for_update()).all()
    person = next((one for one in locked if one.login == rules.normal_login(login)), None)
    if person is None:
        raise UnknownPerson(login=login[:64])
    if _is_the_same(acting(session), person):
        raise NotYourOwnRights
    administrators = [one for one in locked if one.active and Role.ADMIN in one.roles]
    if may_lose_admin and administrators == [person]:
        raise LastAdministrator(login=person.login)
    return person


def _is_the_same(who: Acting, person: Person) -> bool:
    same_human = who.actor.human == actor_of(person).human
    # Whoever asked for a change of their own rights does not get it by another's quick yes.
    return same_human or person.login in {who.name, who.on_behalf_of}


def _revoke_tokens(session: Session, person: Person, *which: ColumnElement[bool]) -> bool:
    ended = (
        update(ApiToken)
        .where(ApiToken.person_id == person.id, ApiToken.revoked_at.is_(None), *which)
        .values(revoked_at=clock.now())
        .returning(ApiToken.name)
    )
    names = session.scalars(ended).all()
    for name in names:
        events.record(session, ApiTokenRevoked(person.login, name))
    return bool(names)


def _known_language(language: str) -> Language:
    if language == "zh":
        return "zh"
    if language == "en":
        return "en"
    raise BadInput(problem=f"the languages are en and zh, not {language[:20]!r}")


def _hash(secret: str) -> str:
    """Return what is stored of a secret that is random and long: no salt is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()
