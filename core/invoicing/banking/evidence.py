"""What the words of a line tell: which documents it names, who is at the other end."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from core.invoicing.banking.rules import Booked, Document, Line, OwnAccount, Rule

_CHUNK = re.compile(r"[A-Z]+|\d+")
_WORD = re.compile(r"[^\W_]+")
_LEGAL = re.compile(
    r"\b(gmbh|ltd|limited|inc|llc|corp|corporation|co|company|ag|kg|ohg|sa|sas|srl|bv|nv|plc|se)\b"
    r"|股份有限公司|有限责任公司|有限公司|股份|集团|公司"
)
RUN_MAX, DIGITS_MIN, LETTERS_MIN, CJK_MIN = 6, 4, 5, 3
_YEARS = range(1990, 2100)


class Known(IntEnum):
    """How well somebody is known by a line."""

    NOBODY = 0
    PART_OF_NAME = 1
    NAME = 2
    ACCOUNT = 3


@dataclass(frozen=True)
class Somebody:
    """Who is at the other end, and by what we know it; several where the words fit several."""

    parties: tuple[str, ...] = ()
    known: Known = Known.NOBODY

    @property
    def party(self) -> str:
        """The one party that is meant, if it is one."""
        return self.parties[0] if len(self.parties) == 1 else ""


class Evidence:
    """Looks up what lines name, among everything that is open or in the books."""

    def __init__(self, documents: Iterable[Document], booked: Iterable[Booked]) -> None:
        self._named: dict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
        self._accounts: dict[str, dict[str, None]] = defaultdict(dict)
        self._names: dict[str, dict[str, None]] = defaultdict(dict)
        self._known: dict[str, Somebody] = {}
        found: list[Document | Booked] = [*documents, *booked]
        for each in found:
            for called in (each.number, *each.references):
                if key := _key(called):
                    self._named[key][each.number] = None
            if each.party:
                for account in each.party_accounts:
                    self._accounts[account][each.party] = None
                for name in each.party_names:
                    if plain := plain_name(name):
                        self._names[plain][each.party] = None

    def named_by(self, line: Line) -> list[str]:
        """Return the numbers of what a line names; a longer name wins over a part of it."""
        said = f"{line.text} | {line.reference} | {line.end_to_end_id}".upper()
        found: dict[str, None] = {}
        for part in said.split("|"):
            chunks = [_bare(chunk) for chunk in _CHUNK.findall(part)]
            place = 0
            while place < len(chunks):
                longest = min(RUN_MAX, len(chunks) - place)
                for length in range(longest, 0, -1):
                    if hits := self._named.get(tuple(chunks[place : place + length])):
                        found |= hits
                        place += length - 1
                        break
                place += 1
        return sorted(found)

    def somebody(self, line: Line) -> Somebody:
        """Return who is at the other end of a line; looked up once, and asked for often."""
        if line.number not in self._known:
            self._known[line.number] = self._look_up(line)
        return self._known[line.number]

    def _look_up(self, line: Line) -> Somebody:
        if hits := self._accounts.get(line.counterparty_account):
            return Somebody(tuple(sorted(hits)), Known.ACCOUNT)
        if hits := self._names.get(plain_name(line.counterparty)):
            return Somebody(tuple(sorted(hits)), Known.NAME)
        parts = list(_parts_of_names(f"{line.counterparty} | {line.text}", self._names))
        if parts:
            return Somebody(tuple(sorted(set(parts))), Known.PART_OF_NAME)
        return Somebody()


def plain_name(name: str) -> str:
    """Return a name as it is compared: without its legal form, case and punctuation."""
    words = " ".join(_WORD.findall(name.casefold()))
    return " ".join(_LEGAL.sub(" ", words).split())


def own_account_of(line: Line, accounts: Iterable[OwnAccount]) -> str:
    """Return the code of our account at the other end, if its number is there."""
    said = re.sub(r"\s", "", f"{line.counterparty_account}|{line.text}").upper()
    for each in accounts:
        if each.code != line.account and each.iban in said:
            return each.code
    return ""


def fits(rule: Rule, line: Line) -> bool:
    """Tell whether a line looks as a rule says."""
    said = f"{line.text} {line.counterparty} {line.reference}".casefold()
    minor = abs(line.amount.minor)
    return (
        rule.account in {"", line.account}
        and rule.way in {None, line.way}
        and rule.contains.casefold() in said
        and rule.counterparty.casefold() in line.counterparty.casefold()
        and (rule.amount_from is None or minor >= rule.amount_from)
        and (rule.amount_to is None or minor <= rule.amount_to)
    )


def _bare(chunk: str) -> str:
    return (chunk.lstrip("0") or "0") if chunk.isdigit() else chunk


def _key(called: str) -> tuple[str, ...]:
    """Return what a document is found by, if that is enough of a name not to be met by chance."""
    chunks = _CHUNK.findall(called.upper())
    digits = "".join(chunk for chunk in chunks if chunk.isdigit())
    if not digits or len(chunks) > RUN_MAX:
        return ()
    if len(chunks) == 1 and (len(digits) < DIGITS_MIN or int(digits) in _YEARS):
        return ()
    return tuple(_bare(chunk) for chunk in chunks)


def _parts_of_names(said: str, names: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """Return the parties whose whole name stands somewhere in a text."""
    plain = f" {plain_name(said)} "
    for name, parties in names.items():
        if name.isascii():
            enough = len(name) >= LETTERS_MIN
            there = f" {name} " in plain
        else:
            enough, there = len(name) >= CJK_MIN, name in plain
        if enough and there:
            yield from parties
