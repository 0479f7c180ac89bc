"""Which parties may be one and the same, and by what: reasons that a person can check."""

import re
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.kernel.errors import Both
from core.parties.contacts.rules import mail_domain, phone_key
from core.parties.tables import Customer, Party, PartyKind, Supplier

# How alike two names are that are nearly the same, and how many points make it worth a look.
NAME_PERCENT, POINTS_MIN = 92, 50
LISTED_MAX = 100
READ_MAX = 50_000
# A key that more parties share than this says nothing: a shared mail provider, a switchboard.
SHARED_MAX = 8
_LEGAL = re.compile(
    r"\b(?:gmbh|ltd|limited|inc|llc|corp|corporation|co|company|ag|kg|ohg|sa|sas|srl|bv|nv|plc|se)"
    r"\b\.?|股份有限公司|有限责任公司|有限公司|集团|公司"
)


@dataclass(frozen=True)
class Alike:
    """Two parties that may be one, with points and the reasons for them; the older one first."""

    number: str
    name: str
    other_number: str
    other: str
    points: int
    reasons: tuple[Both, ...]


@dataclass(frozen=True)
class _Known:
    id: uuid.UUID
    number: str
    name: str
    plain: str
    kind: PartyKind
    country: str | None
    keys: tuple[tuple[str, str], ...]


_POINTS = {"tax": 60, "email": 60, "phone": 40, "domain": 30, "name": 50, "alike": 40}


def find_duplicates(session: Session, *, limit: int = 20) -> list[Alike]:
    """Return the customers, suppliers and contacts that may be the same, the surest first."""
    return _pairs(_read(session))[: min(limit, LISTED_MAX)]


def duplicates_of(session: Session, party: Party) -> list[Alike]:
    """Return the parties that may be the same as one."""
    every = _read(session)
    own = next((each for each in every if each.id == party.id), None)
    if own is None:
        return []
    # Who shares nothing with it is not compared with anybody.
    near = [each for each in every if _is_near(own, each)]
    return [each for each in _pairs(near) if own.number in {each.number, each.other_number}][
        :LISTED_MAX
    ]


def _read(session: Session) -> list[_Known]:
    wanted = (
        select(Party)
        .where(
            Party.merged_into_id.is_(None),
            Party.id.in_(select(Customer.party_id))
            | Party.id.in_(select(Supplier.party_id))
            | (Party.kind == PartyKind.PERSON),
        )
        .order_by(Party.number)
        .limit(READ_MAX)
    )
    return [_known(party) for party in session.scalars(wanted)]


def _known(party: Party) -> _Known:
    plain = plain_name(party.name)
    keys = [("name", plain)] if plain else []
    keys += [("name", plain_name(party.name_zh))] if party.name_zh else []
    if party.tax_number:
        keys.append(("tax", re.sub(r"\W", "", party.tax_number).lower()))
    if party.email:
        keys.append(("email", party.email.strip().lower()))
    if (domain := mail_domain(party.email)) and party.kind is PartyKind.COMPANY:
        keys.append(("domain", domain))
    if party.phone and (digits := phone_key(party.phone)):
        keys.append(("phone", digits))
    return _Known(party.id, party.number, party.name, plain, party.kind, party.country, tuple(keys))


def plain_name(name: str) -> str:
    """Return a name without its legal form and its signs."""
    bare = _LEGAL.sub(" ", name.lower())
    return " ".join(re.findall(r"\w+", bare)) or " ".join(name.lower().split())


def _is_near(one: _Known, other: _Known) -> bool:
    return _block(one) == _block(other) or not set(one.keys).isdisjoint(other.keys)


def _pairs(every: Sequence[_Known]) -> list[Alike]:
    shared: dict[tuple[str, str], list[_Known]] = defaultdict(list)
    for one in every:
        for key in dict.fromkeys(one.keys):
            shared[key].append(one)
    why: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    known = {one.number: one for one in every}
    for (kind, value), group in shared.items():
        if len(group) > SHARED_MAX:
            continue
        for one, other in _each_pair(group):
            why[one.number, other.number].setdefault(kind, value)
    for one, other in _nearly_named(every):
        why[one.number, other.number].setdefault("alike", one.name)
    found = []
    for (number, other_number), reasons in why.items():
        one, other = known[number], known[other_number]
        told = _told(one, other, reasons)
        points = min(100, sum(each for each, _ in told))
        # Two persons of one company share its mail domain and phone, and are two all the same.
        is_named = {"name", "alike", "email", "tax"} & set(reasons)
        if points >= POINTS_MIN and (one.kind is PartyKind.COMPANY or is_named):
            found.append(
                Alike(
                    one.number, one.name, other.number, other.name, points,
                    tuple(because for _, because in told),
                )
            )  # fmt: skip
    return sorted(found, key=lambda each: (-each.points, each.number, each.other_number))


def _each_pair(group: Sequence[_Known]) -> Iterable[tuple[_Known, _Known]]:
    for place, one in enumerate(group):
        for other in group[place + 1 :]:
            if one.kind is other.kind and one.id != other.id:
                yield one, other


def _nearly_named(every: Sequence[_Known]) -> Iterable[tuple[_Known, _Known]]:
    """Compare names within the same first letters: a wrong first letter is a rare mistake."""
    blocks: dict[str, list[_Known]] = defaultdict(list)
    for one in every:
        blocks[_block(one)].append(one)
    for block in blocks.values():
        for one, other in _each_pair(block):
            differ = one.plain != other.plain and _digits(one.plain) == _digits(other.plain)
            if differ and fuzz.ratio(one.plain, other.plain) >= NAME_PERCENT:
                yield one, other


def _block(one: _Known) -> str:
    return one.plain[:3]


def _digits(text: str) -> str:
    return "".join(re.findall(r"\d", text))


def _told(one: _Known, other: _Known, reasons: dict[str, str]) -> list[tuple[int, Both]]:
    told = []
    for kind, said in sorted(reasons.items(), key=lambda each: -_POINTS[each[0]]):
        if kind == "domain" and "email" in reasons:
            continue
        told.append((_POINTS[kind], _because(kind, said, other.name)))
    if told and one.country and one.country == other.country:
        told.append((5, Both(f"both in {one.country}", f"同在 {one.country}")))
    elif told and one.country and other.country:
        apart = f"{one.country}, {other.country}"
        told.append((-20, Both(f"in different countries: {apart}", f"国家不同：{apart}")))
    return told


def _because(kind: str, said: str, other: str) -> Both:
    if kind == "alike":
        return Both(f"nearly the same name: “{said}”, “{other}”", f"名称相近：“{said}”、“{other}”")
    en, zh = _SAID[kind]
    return Both(f"the same {en} {said}", f"{zh}相同：{said}")


_SAID = {
    "tax": ("tax number", "税号"),
    "email": ("mail address", "邮箱"),
    "phone": ("phone number", "电话"),
    "domain": ("mail domain", "邮箱域名"),
    "name": ("name", "名称"),
}
