"""How addresses are written, so that the same one is found again."""

import re

from core.kernel.errors import Both
from core.parties.contacts.errors import NotAnAddress
from core.parties.contacts.tables import AddressKind

_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]{2,}")
_PHONE = re.compile(r"\+?[\d\s()/.\-]{5,30}")
PHONE_DIGITS_MIN, PHONE_DIGITS_MAX = 5, 15
# Where people have their mail who write for no company.
FREE_MAIL = frozenset(
    {
        "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com",
        "icloud.com", "me.com", "gmx.de", "gmx.net", "web.de", "t-online.de", "mail.com",
        "proton.me", "protonmail.com", "aol.com", "qq.com", "163.com", "126.com", "sina.com",
        "sina.cn", "sohu.com", "foxmail.com", "yeah.net", "139.com", "189.cn",
    }
)  # fmt: skip


def address_key(kind: AddressKind, value: str) -> str:
    """Return an address as it is compared; refuse what cannot be one of its kind."""
    said, key = " ".join(value.split()), written_alike(kind, value)
    if kind is AddressKind.EMAIL:
        if not _EMAIL.fullmatch(said):
            raise NotAnAddress(
                value=value,
                kind=kind,
                problem=Both("name@company.com", "格式应为 name@company.com"),
            )
    elif kind is not AddressKind.POSTAL and not (
        _PHONE.fullmatch(said) and PHONE_DIGITS_MIN <= len(key) <= PHONE_DIGITS_MAX
    ):
        raise NotAnAddress(
            value=value,
            kind=kind,
            problem=Both(
                f"{PHONE_DIGITS_MIN} to {PHONE_DIGITS_MAX} digits",
                f"应为 {PHONE_DIGITS_MIN} 至 {PHONE_DIGITS_MAX} 位数字",
            ),
        )
    return key


def written_alike(kind: AddressKind, value: str) -> str:
    """Return an address as it is compared, whatever it is."""
    if kind in {AddressKind.PHONE, AddressKind.MOBILE}:
        return phone_key(value)
    return " ".join(value.split()).lower()


def phone_key(value: str) -> str:
    """Return the digits of a phone number, without what says that it is called from abroad."""
    digits = re.sub(r"\D", "", value.replace("(0)", ""))
    return digits.removeprefix("00") if not value.strip().startswith("+") else digits


def mail_domain(email: str | None) -> str | None:
    """Return the domain of a mail address that is a company's own, or None."""
    domain = (email or "").rpartition("@")[2].strip().lower()
    return None if not domain or domain in FREE_MAIL else domain
