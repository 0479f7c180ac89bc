"""Passwords: which ones are good enough, and how they are kept so that nobody can read them."""

import threading
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from core.kernel.identity.errors import PasswordTooCommon, PasswordTooLong, PasswordTooShort

LENGTH_MIN = 8
LENGTH_MAX = 200

# The beginnings that guessing starts with; with digits and signs around them they are no better.
_COMMON = frozenset(
    """
    password passwort passw0rd p@ssword p@ssw0rd pass qwerty qwertyuiop qwertz azerty asdfgh
    asdfghjkl zxcvbn zxcvbnm qazwsx qazwsxedc 1q2w3e 1q2w3e4r 1q2w3e4r5t 1qaz2wsx q1w2e3r4 abc
    abcd abcdef abcdefg abcdefgh letmein welcome willkommen admin administrator root master login
    guest user default changeme secret test testing demo temp monkey dragon iloveyou sunshine
    princess football baseball basketball superman batman spiderman pokemon starwars shadow
    michael jordan jennifer charlie thomas daniel jessica ashley andrew hunter summer winter
    spring autumn trustno1 whatever freedom computer internet samsung google facebook hello
    helloworld flower cookie cheese chocolate killer ninja mustang ferrari porsche mercedes
    woaini woaini1314 aini nihao zhongguo beijing shanghai mima prokurist company firma
    """.split()  # noqa: SIM905  # Read as a text, it stays one.
)
_RING = "1234567890" * 2 + "qwertyuiop asdfghjkl zxcvbnm abcdefghijklmnopqrstuvwxyz"
_DIGITS_AND_SIGNS = "0123456789!@#$%^&*()-_=+.,;:?/\\ "

# One hash takes 64 MiB: a flood of logins has to queue for it.
_AT_ONCE = threading.BoundedSemaphore(4)
_HASHER = PasswordHasher()


def require_good_password(password: str, *, login: str = "") -> None:
    """Refuse a password that is short, common, a row of keys, or the login itself."""
    text = normal(password)
    if len(text) < LENGTH_MIN:
        raise PasswordTooShort(length=LENGTH_MIN)
    if len(text) > LENGTH_MAX:
        raise PasswordTooLong(length=LENGTH_MAX)
    plain = text.casefold()
    core = plain.strip(_DIGITS_AND_SIGNS)
    is_common = plain in _COMMON or core in _COMMON or (login and core == login.casefold())
    is_a_row = plain in _RING or plain in _RING[::-1] or len(set(plain)) == 1
    # Nothing but digits: a date or a telephone number, unless it is long.
    is_a_number = plain.isdigit() and len(plain) < LENGTH_MIN + 4
    if is_common or is_a_row or is_a_number:
        raise PasswordTooCommon


def normal(password: str) -> str:
    """Return one spelling of what may be typed in several ways (NFKC), as NIST advises."""
    return unicodedata.normalize("NFKC", password)


def hashed(password: str) -> str:
    """Return what is stored instead of the password (argon2id)."""
    with _AT_ONCE:
        return _HASHER.hash(normal(password))


def matches(password: str, stored: str | None) -> bool:
    """Tell whether this is the password; it takes the same time where there is none."""
    known = stored is not None
    with _AT_ONCE:
        try:
            _HASHER.verify(stored if stored is not None else _nobodys(), normal(password))
        except (VerifyMismatchError, InvalidHashError):
            return False
    return known


def is_outdated(stored: str) -> bool:
    """Tell whether the hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(stored)


@cache
def _nobodys() -> str:
    return _HASHER.hash("nobody has this password")
