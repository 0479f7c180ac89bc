"""Rules of identity: limits of guessing, lifetimes, and what a login looks like."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import timedelta

from core.kernel.identity.errors import LoginUnusable, UnknownRole
from core.kernel.identity.roles import Role

# Tries that failed; what succeeded is no guess.
ACCOUNT_TRIES_MAX = 10
ACCOUNT_WINDOW = timedelta(minutes=15)
# Of those, the last few are kept for addresses at which the account has logged in before, so
# that a stranger who keeps guessing does not lock its owner out.
ACCOUNT_TRIES_KEPT = 3
KNOWN_ADDRESS_FOR = timedelta(days=30)
ADDRESS_TRIES_MAX = 100
ADDRESS_WINDOW = timedelta(hours=1)

SESSION_LIFETIME = timedelta(days=7)
API_TOKEN_DAYS = 90
API_TOKEN_DAYS_MAX = 366
TOKEN_BYTES = 32

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")


def normal_login(login: str) -> str:
    """Return the one spelling of a login."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


def usable_login(login: str) -> str:
    """Return the one spelling of a new login; refuse what could be mistaken for another."""
    normal = normal_login(login)
    if not _LOGIN.fullmatch(normal):
        raise LoginUnusable(login=login[:64])
    return normal


def usable_roles(roles: Iterable[str]) -> list[str]:
    """Return the roles, each once and in order; refuse one that there is not."""
    chosen = sorted({str(role).strip().casefold() for role in roles})
    for role in chosen:
        if role not in set(Role):
            raise UnknownRole(role=role[:64], roles=", ".join(Role))
    return chosen


def may_try(*, account_tries: int, address_tries: int, address_is_known: bool) -> bool:
    """Tell whether one more guess is looked at, after so many failed ones in the windows."""
    kept = 0 if address_is_known else ACCOUNT_TRIES_KEPT
    return account_tries < ACCOUNT_TRIES_MAX - kept and address_tries < ADDRESS_TRIES_MAX
