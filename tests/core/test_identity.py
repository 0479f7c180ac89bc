"""Identity: who may come in, what ends a session, and who may change whose rights."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from core.kernel import audit, clock
from core.kernel.database import reading, unit_of_work
from core.kernel.errors import DomainError
from core.kernel.events import ChangeEvent
from core.kernel.identifiers import new_id
from core.kernel.identity import errors, rules, service
from core.kernel.identity.acting import Acting
from core.kernel.identity.tables import ApiToken, LoginAttempt, LoginSession, Person

PASSWORD = "a quiet river in may"
WRONG = "another river in june"
HERE = "10.0.0.1"
NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


@pytest.fixture
def house(engine: Engine) -> Engine:
    """A database with an administrator and a buyer."""
    with unit_of_work(engine) as session:
        service.add_person(
            session, login="ada", name="Ada Admin", roles=["admin"], password=PASSWORD
        )
        service.add_person(
            session, login="bo", name="Bo Buyer", roles=["buyer"], password=PASSWORD, language="zh"
        )
    return engine


@pytest.fixture
def by_ada(house: Engine) -> Iterator[Session]:
    """One unit of work in which the administrator acts."""
    with reading(house) as session:
        ada = service.find_actor(session, "ada")
    with unit_of_work(house, Acting(ada, door="test")) as session:
        yield session


@pytest.fixture
def session(house: Engine) -> Iterator[Session]:
    """One unit of work in which the house itself acts."""
    with unit_of_work(house) as session:
        yield session


def log_in(house: Engine, login: str, password: str = PASSWORD, *, address: str = HERE) -> str:
    with unit_of_work(house) as session:
        return service.log_in(session, login, password, address=address)


def names_of_facts(house: Engine) -> list[str]:
    with reading(house) as session:
        return list(session.scalars(select(ChangeEvent.name).order_by(ChangeEvent.sequence)))


def test_the_right_password_opens_a_session_of_that_person(house: Engine) -> None:
    token = log_in(house, " BO ")

    with reading(house) as session:
        bo = service.actor_of_session(session, token)
    assert (bo.name, bo.roles, bo.language) == ("bo", {"buyer"}, "zh")
    assert names_of_facts(house)[-1] == "identity.logged_in"


def test_every_failure_reads_the_same(house: Engine) -> None:
    with unit_of_work(house) as session:
        service.add_person(session, login="no-password", name="N", roles=["buyer"])
        service.add_person(
            session, login="gone", name="G", roles=["buyer"], password=PASSWORD
        ).active = False
        service.add_person(
            session, login="robot", name="R", roles=["watcher"], password=PASSWORD, is_service=True
        )

    for login in ("bo", "nobody", "no-password", "gone", "robot"):
        password = WRONG if login == "bo" else PASSWORD
        with pytest.raises(errors.LoginFailed, match=r"^The login or the password is wrong\.$"):
            log_in(house, login, password)


def test_a_failed_login_is_on_record_without_what_was_typed(house: Engine) -> None:
    with pytest.raises(errors.LoginFailed):
        log_in(house, "my-secret-typed-in-the-wrong-box", WRONG)

    with reading(house) as session:
        event = session.scalars(
            select(ChangeEvent).order_by(ChangeEvent.sequence.desc()).limit(1)
        ).one()
        tried = session.scalars(select(LoginAttempt)).one()
    assert event.name == "identity.login_refused"
    assert event.facts == {"login": None, "address": HERE, "limit_reached": False}
    assert "secret" not in tried.login


def test_only_hashes_are_stored(house: Engine) -> None:
    token = log_in(house, "bo")
    with unit_of_work(house) as session:
        secret = service.issue_api_token(session, "bo", name="script")

    with reading(house) as session:
        stored = [
            *session.scalars(select(Person.password_hash)),
            *session.scalars(select(LoginSession.token_hash)),
            *session.scalars(select(ApiToken.token_hash)),
            *(str(facts) for facts in session.scalars(select(ChangeEvent.facts))),
        ]
    assert not [text for text in stored if text and (PASSWORD in text or token in text)]
    assert not [text for text in stored if text and secret in text]
    assert len(token) >= 43


def test_guessing_at_one_account_ends_after_ten_tries_from_anywhere(house: Engine) -> None:
    log_in(house, "bo")

    outcomes = [outcome(house, "bo", f"10.1.0.{n}") for n in range(40)]
    outcomes += [outcome(house, "bo", HERE) for n in range(40)]

    assert outcomes.count("login_failed") == rules.ACCOUNT_TRIES_MAX
    assert set(outcomes) == {"login_failed", "too_many_tries"}


def test_a_stranger_who_guesses_does_not_lock_the_owner_out(house: Engine) -> None:
    log_in(house, "bo")

    outcomes = [outcome(house, "bo", f"10.1.0.{n}") for n in range(40)]

    assert outcomes.count("login_failed") == rules.ACCOUNT_TRIES_MAX - rules.ACCOUNT_TRIES_KEPT
    with pytest.raises(errors.TooManyTries):
        log_in(house, "bo", address="10.1.0.1")
    assert log_in(house, "bo", address=HERE)


def test_after_a_quarter_of_an_hour_everybody_may_try_again(house: Engine) -> None:
    with clock.frozen_at(NOON):
        outcomes = [outcome(house, "bo", HERE) for _ in range(12)]
    with clock.frozen_at(NOON + rules.ACCOUNT_WINDOW + timedelta(seconds=1)):
        token = log_in(house, "bo")

    assert outcomes[-1] == "too_many_tries"
    assert token


def test_one_address_tries_a_hundred_accounts_and_no_more(
    house: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.kernel.identity.passwords.matches", lambda *_: False)

    outcomes = [outcome(house, f"guess{n}", HERE) for n in range(120)]

    assert outcomes.count("login_failed") == rules.ADDRESS_TRIES_MAX
    assert outcomes[-1] == "too_many_tries"
    assert names_of_facts(house).count("identity.login_refused") == rules.ADDRESS_TRIES_MAX


def test_tries_at_the_same_moment_gain_no_guess(house: Engine) -> None:
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda n: outcome(house, "bo", f"10.1.0.{n}"), range(24)))

    assert outcomes.count("login_failed") == rules.ACCOUNT_TRIES_MAX - rules.ACCOUNT_TRIES_KEPT


def outcome(house: Engine, login: str, address: str) -> str:
    """Try a wrong password; return the code of the refusal."""
    with pytest.raises(DomainError) as refused:
        log_in(house, login, WRONG, address=address)
    return refused.value.code


def test_a_session_ends_with_logout(house: Engine) -> None:
    token = log_in(house, "bo")
    other = log_in(house, "bo")

    with unit_of_work(house) as session:
        service.log_out(session, token)

    assert is_dead(house, token)
    assert not is_dead(house, other)


def test_a_session_ends_by_itself(house: Engine) -> None:
    with clock.frozen_at(NOON):
        token = log_in(house, "bo")

    with clock.frozen_at(NOON + rules.SESSION_LIFETIME):
        assert is_dead(house, token)


@pytest.mark.parametrize("change", ["roles", "password", "deactivated", "reactivated"])
def test_a_session_ends_when_rights_or_the_password_change(
    house: Engine, by_ada: Session, change: str
) -> None:
    token = log_in(house, "bo")

    if change == "roles":
        service.set_roles(by_ada, "bo", ["buyer", "manager"])
    elif change == "password":
        service.set_password(by_ada, "bo", "yet another long secret")
    else:
        service.deactivate_person(by_ada, "bo")
        if change == "reactivated":
            service.activate_person(by_ada, "bo")
    with pytest.raises(errors.NotLoggedIn):
        service.actor_of_session(by_ada, token)


def is_dead(house: Engine, token: str) -> bool:
    with reading(house) as session:
        try:
            service.actor_of_session(session, token)
        except errors.NotLoggedIn:
            return True
    return False


def test_an_invented_token_opens_nothing(house: Engine) -> None:
    log_in(house, "bo")

    for token in ("", "x", "' OR 1=1 --", "\x00", "0" * 10_000):
        assert is_dead(house, token)


def test_an_api_token_acts_for_its_person_until_it_is_revoked(house: Engine) -> None:
    with unit_of_work(house) as session:
        token = service.issue_api_token(session, "bo", name="script", days=10)

    with unit_of_work(house) as session:
        assert service.actor_of_api_token(session, token).name == "bo"
        service.revoke_api_token(session, "bo", "script")
        with pytest.raises(errors.NotLoggedIn):
            service.actor_of_api_token(session, token)
        with pytest.raises(errors.NoSuchToken):
            service.revoke_api_token(session, "bo", "script")


def test_an_api_token_ends_when_its_time_or_its_person_is_over(by_ada: Session) -> None:
    with clock.frozen_at(NOON):
        short = service.issue_api_token(by_ada, "bo", name="short", days=1)
    long = service.issue_api_token(by_ada, "bo", name="long", days=300)
    service.deactivate_person(by_ada, "bo")

    for token in (short, long):
        with pytest.raises(errors.NotLoggedIn):
            service.actor_of_api_token(by_ada, token)


def test_nobody_changes_their_own_rights(by_ada: Session) -> None:
    for change in (
        lambda: service.set_roles(by_ada, "ADA", ["admin", "accountant"]),
        lambda: service.deactivate_person(by_ada, "ada"),
        lambda: service.activate_person(by_ada, "ada"),
    ):
        with pytest.raises(errors.NotYourOwnRights):
            change()


def test_nobody_changes_the_rights_of_their_second_account(house: Engine) -> None:
    one_human = new_id()
    with unit_of_work(house) as session:
        service.add_person(session, login="cy", name="Cy", roles=["admin"], party_id=one_human)
        service.add_person(session, login="cy2", name="Cy", roles=["sales"], party_id=one_human)
        cy, cy2 = service.find_actor(session, "cy"), service.find_actor(session, "cy2")

    assert cy.human == cy2.human
    with unit_of_work(house, Acting(cy)) as session, pytest.raises(errors.NotYourOwnRights):
        service.set_roles(session, "cy2", ["sales", "accountant"])


def test_who_asked_for_own_rights_does_not_get_them_by_anothers_yes(house: Engine) -> None:
    with reading(house) as session:
        ada = service.find_actor(session, "ada")
    approving = Acting(ada).on_proposal(new_id(), on_behalf_of="bo", why="")

    with unit_of_work(house, approving) as session, pytest.raises(errors.NotYourOwnRights):
        service.set_roles(session, "bo", ["admin"])


def test_the_last_administrator_stays(house: Engine) -> None:
    with unit_of_work(house) as session:
        for change in (
            lambda: service.set_roles(session, "ada", ["sales"]),
            lambda: service.deactivate_person(session, "ada"),
        ):
            with pytest.raises(errors.LastAdministrator):
                change()
        service.add_person(session, login="eve", name="Eve", roles=["admin"])
        service.deactivate_person(session, "ada")
        with pytest.raises(errors.LastAdministrator):
            service.deactivate_person(session, "eve")


def test_two_administrators_who_dismiss_one_another_leave_one(house: Engine) -> None:
    with unit_of_work(house) as session:
        service.add_person(session, login="eve", name="Eve", roles=["admin"])
        actors = {login: service.find_actor(session, login) for login in ("ada", "eve")}

    def dismiss(pair: tuple[str, str]) -> str:
        try:
            with unit_of_work(house, Acting(actors[pair[0]])) as session:
                service.deactivate_person(session, pair[1])
        except errors.LastAdministrator as refused:
            return refused.code
        return "done"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(dismiss, [("ada", "eve"), ("eve", "ada")]))

    assert outcomes == ["done", "last_administrator"]


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password_too_short"),
        ("passwor", "password_too_short"),
        ("password", "password_too_common"),
        ("Password1!", "password_too_common"),
        ("P@ssw0rd123", "password_too_common"),
        ("12345678", "password_too_common"),
        ("qwertyuiop", "password_too_common"),
        ("zyxwvuts", "password_too_common"),
        ("aaaaaaaaaa", "password_too_common"),
        ("19870523", "password_too_common"),
        ("newcomer1", "password_too_common"),
        ("x" * 201, "password_too_long"),
        ("ｐａｓｓｗｏｒｄ", "password_too_common"),
    ],
)
def test_a_password_that_would_be_guessed_is_refused(
    session: Session, password: str, code: str
) -> None:
    with pytest.raises(DomainError) as refused:
        service.add_person(session, login="newcomer", name="N", roles=["sales"], password=password)

    assert refused.value.code == code


@pytest.mark.parametrize("password", ["correct horse", "三人行必有我师焉", "tr4ffic-l1ght"])
def test_a_password_of_ones_own_is_taken_in_every_spelling(house: Engine, password: str) -> None:
    with unit_of_work(house) as session:
        service.add_person(session, login="dd", name="D", roles=["sales"], password=password)

    assert log_in(house, "dd", password)


def test_changing_ones_own_password_takes_the_present_one(house: Engine) -> None:
    old = log_in(house, "bo")

    with unit_of_work(house) as session:
        with pytest.raises(errors.LoginFailed):
            service.change_own_password(
                session, "bo", current=WRONG, new="a new one for bo", address=HERE
            )
        service.change_own_password(
            session, "bo", current=PASSWORD, new="a new one for bo", address=HERE
        )

    assert is_dead(house, old)
    assert log_in(house, "bo", "a new one for bo")


def test_two_logins_cannot_look_alike(session: Session) -> None:
    service.add_person(session, login="Maria", name="Maria", roles=["sales"])

    with pytest.raises(errors.LoginTaken):
        service.add_person(session, login="ｍａｒｉａ", name="Maria", roles=["sales"])
    for login in ("mаria", "ma ria", "", "m", "<b>", "x" * 65, "-maria"):
        with pytest.raises(errors.LoginUnusable):
            service.add_person(session, login=login, name="Maria", roles=["sales"])


def test_a_role_that_there_is_not_is_refused_with_those_there_are(session: Session) -> None:
    with pytest.raises(errors.UnknownRole, match=r"no role \"king\".*accountant.*watcher"):
        service.add_person(session, login="king", name="K", roles=["king"])


def test_what_happens_to_accounts_is_in_the_audit_trail(by_ada: Session) -> None:
    service.set_roles(by_ada, "bo", ["sales"])
    service.set_language(by_ada, "bo", "en")
    service.set_password(by_ada, "bo", "yet another long secret")
    service.deactivate_person(by_ada, "bo")
    service.activate_person(by_ada, "bo")
    by_ada.flush()
    who = audit.seal(by_ada)

    assert who is not None
    records = by_ada.execute(
        select(audit.AuditRecord.name, audit.AuditRecord.person)
        .order_by(audit.AuditRecord.sequence.desc())
        .limit(5)
    ).all()
    assert [(name.removeprefix("identity."), person) for name, person in reversed(records)] == [
        ("roles_set", "ada"),
        ("language_set", "ada"),
        ("password_set", "ada"),
        ("person_deactivated", "ada"),
        ("person_activated", "ada"),
    ]
    assert audit.verify_chain(by_ada) is None


def test_setting_what_is_already_so_leaves_no_record(by_ada: Session) -> None:
    service.set_roles(by_ada, "bo", ["buyer", " BUYER "])
    service.set_language(by_ada, "bo", "zh")
    service.activate_person(by_ada, "bo")

    count = by_ada.scalar(select(func.count()).select_from(ChangeEvent))
    assert count == 2
