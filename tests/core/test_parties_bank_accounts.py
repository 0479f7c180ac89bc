"""Where the money of a party goes: read, changed, verified, never forgotten."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import parties
from core.kernel.database import reading, rehearsal, unit_of_work
from core.parties import iban_of
from core.parties.errors import (
    NoBankAccount,
    NotABic,
    NotAnIban,
    SameBankAccount,
    SayWhichAccount,
    VerifiedAlready,
)

IBANS = (
    "DE89370400440532013000",
    "GB29NWBK60161331926819",
    "FR1420041010050500013M02606",
    "NO9386011117947",
    "MT84MALT011000012345MTLCAST001S",
)


@pytest.fixture(scope="module")
def books(databases: Callable[[str], Engine]) -> Engine:
    """One database for the tests that leave nothing behind."""
    return databases("founded")


@pytest.fixture
def session(books: Engine) -> Iterator[Session]:
    """A piece of business that is rolled back."""
    with rehearsal(books) as session:
        yield session


@pytest.mark.parametrize("iban", IBANS)
def test_an_iban_is_read_however_it_is_spaced(iban: str) -> None:
    spaced = " ".join(iban[place : place + 4] for place in range(0, len(iban), 4))

    assert iban_of(spaced.lower()) == iban


@given(
    iban=st.sampled_from(IBANS),
    place=st.integers(min_value=4, max_value=14),
    digit=st.sampled_from("0123456789"),
)
def test_one_wrong_sign_is_noticed(iban: str, place: int, digit: str) -> None:
    wrong = iban[:place] + digit + iban[place + 1 :]

    if wrong == iban:
        assert iban_of(wrong) == iban
    else:
        with pytest.raises(NotAnIban):
            iban_of(wrong)


@pytest.mark.parametrize(
    "wrong",
    ["", "DE", "DE8937040044053201300", "DE893704004405320130000", "8937040044053201300", "DE89-!"],
)
def test_what_is_too_short_or_long_is_no_iban(wrong: str) -> None:
    with pytest.raises(NotAnIban):
        iban_of(wrong)


def test_another_account_replaces_the_one_before_and_both_are_remembered(session: Session) -> None:
    party = parties.add_supplier(session, name="Lumen").party
    assert parties.current_bank_account(session, party.id) is None
    with pytest.raises(NoBankAccount):
        parties.verify_bank_account(session, party)
    parties.set_bank_account(session, party, iban=IBANS[0], bic="cobadeff xxx")
    parties.verify_bank_account(session, party)
    with pytest.raises(VerifiedAlready, match="2026-06-15"):
        parties.verify_bank_account(session, party)

    parties.set_bank_account(session, party, account_number="12-34", bank="Volksbank")

    now, before = parties.bank_accounts_of(session, party)
    assert (now.said, now.verified_on, now.holder) == ("12-34 Volksbank", None, "Lumen")
    assert (before.said, before.bic) == ("DE89 3704 0044 0532 0130 00", "COBADEFFXXX")
    assert before.ended_on == before.verified_on == date(2026, 6, 15)
    parties.end_bank_account(session, party)
    assert parties.current_bank_account(session, party.id) is None


def test_an_account_that_says_nothing_new_or_nothing_at_all_is_refused(session: Session) -> None:
    party = parties.add_supplier(session, name="Lumen").party
    parties.set_bank_account(session, party, iban=IBANS[0])

    with pytest.raises(SameBankAccount):
        parties.set_bank_account(session, party, iban=IBANS[0])
    with pytest.raises(SayWhichAccount):
        parties.set_bank_account(session, party)
    with pytest.raises(SayWhichAccount):
        parties.set_bank_account(session, party, account_number="12")
    with pytest.raises(NotABic):
        parties.set_bank_account(session, party, iban=IBANS[1], bic="COBA")
    for statement in (
        "UPDATE party_bank_account SET iban = 'XX'",
        "UPDATE party_bank_account SET account_number = '1'",
        "UPDATE party_bank_account SET ended_on = '2020-01-01'",
    ):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text(statement))


def test_two_that_change_one_account_at_once_leave_one(
    founded: Engine, at_once: Callable[..., list[object]]
) -> None:
    with unit_of_work(founded) as session:
        parties.add_supplier(session, name="Lumen")

    def work(place: int) -> object:
        with unit_of_work(founded) as session:
            party = parties.find_supplier(session, "Lumen").party
            parties.set_bank_account(session, party, iban=IBANS[place])
            return place

    outcomes = at_once(work, 2)

    assert sorted(map(str, outcomes)) == ["0", "1"]
    with reading(founded) as session:
        party = parties.find_supplier(session, "Lumen").party
        now, before = parties.bank_accounts_of(session, party)
        assert (now.ended_on is None, before.ended_on is None) in {(True, False), (False, True)}
