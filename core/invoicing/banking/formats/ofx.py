"""Read OFX statements, both the older SGML and the newer XML.

The file is taken apart tag by tag and nothing in it is ever expanded, so that a hostile one can
do no more than be refused.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from core.invoicing.banking.errors import FieldUnreadable, FileBroken
from core.invoicing.banking.formats.drafts import (
    LINES_MAX,
    TOO_MANY,
    LineDraft,
    StatementDraft,
    account_number,
    money,
    tidy,
)
from core.kernel.errors import Both
from core.kernel.money import Money

_TAG = re.compile(r"<(?P<end>/?)(?P<name>[A-Za-z0-9._]{1,40})\s*/?>(?P<text>[^<]*)")
_CHARSET = re.compile(rb"CHARSET:\s*([\w-]+)|encoding=\"([\w-]+)\"")
_DEPTH_MAX = 40
_NOT_OFX = Both("a declaration, or no <OFX>", "含有声明，或没有 <OFX>")


@dataclass
class _Node:
    name: str
    line: int
    text: str = ""
    inner: list["_Node"] = field(default_factory=list)

    def all(self, name: str) -> Iterator["_Node"]:
        """Return the nodes of a name, however deep."""
        for each in self.inner:
            if each.name == name:
                yield each
            else:
                yield from each.all(name)

    def first(self, name: str) -> "_Node | None":
        """Return the first of them."""
        return next(self.all(name), None)

    def said(self, name: str) -> str:
        """Return the text of the first of them."""
        found = self.first(name)
        return tidy(found.text) if found is not None else ""


def looks_like(content: bytes) -> bool:
    """Tell whether a file is OFX."""
    head = content[:2_000].upper()
    return b"OFXHEADER" in head or b"<OFX>" in head


def read(content: bytes) -> list[StatementDraft]:
    """Read the statements of a file; refuse one that is cut off."""
    root = _tree(_decoded(content))
    found = [*root.all("STMTRS"), *root.all("CCSTMTRS")]
    return [_statement(each) for each in found]


def _decoded(content: bytes) -> str:
    head = _CHARSET.search(content[:1_000])
    named = (head[1] or head[2]).decode().lower() if head else "utf-8"
    if b"ENCODING:UTF-8" in content[:1_000].upper():
        named = "utf-8"
    name = {"1252": "cp1252", "none": "utf-8", "8859-1": "latin-1"}.get(named, named)
    for encoding in (name, "utf-8", "cp1252"):
        try:
            return content.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return content.decode("latin-1")


def _tree(text: str) -> _Node:
    start = text.upper().find("<OFX>")
    if start < 0 or "<!" in text:
        line = text.count("\n", 0, max(text.find("<!"), 0)) + 1
        raise FileBroken(format="OFX", line=line, problem=_NOT_OFX)
    root = _Node("", 1)
    stack, line, seen = [root], text.count("\n", 0, start) + 1, start
    for tag in _TAG.finditer(text, start):
        line += text.count("\n", seen, tag.start())
        seen = tag.start()
        name, said = tag["name"].upper(), tag["text"].strip()
        if tag["end"]:
            _close(stack, name, line)
            continue
        node = _Node(name, line, html.unescape(said))
        stack[-1].inner.append(node)
        if not said:
            stack.append(node)
        if len(stack) > _DEPTH_MAX:
            raise FileBroken(
                format="OFX", line=line, problem=Both(f"{name} lies too deep", f"{name} 嵌套过深")
            )
    if len(stack) > 1:
        inside = stack[-1].name
        problem = Both(f"it ends inside {inside}", f"文件在 {inside} 中间结束")
        raise FileBroken(format="OFX", line=text.count("\n") + 1, problem=problem)
    return root


def _close(stack: list[_Node], name: str, line: int) -> None:
    """Leave an element; those without a value inside it were never closed, and need not be."""
    last = stack[-1].inner[-1] if stack[-1].inner else None
    if stack[-1].name != name and last is not None and last.name == name:
        return
    # An empty value takes what follows it for its own: give that back.
    while len(stack) > 1 and stack[-1].name != name:
        empty = stack.pop()
        if name not in {each.name for each in stack}:
            raise FileBroken(format="OFX", line=line, problem=_closes_nothing(name))
        stack[-1].inner.extend(empty.inner)
        empty.inner = []
    if len(stack) == 1:
        raise FileBroken(format="OFX", line=line, problem=_closes_nothing(name))
    stack.pop()


def _closes_nothing(name: str) -> Both:
    return Both(f"</{name}> closes nothing", f"</{name}> 没有对应的开始标记")


def _statement(node: _Node) -> StatementDraft:
    currency = node.said("CURDEF").upper()
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise FieldUnreadable(line=node.line, text=currency, field="CURDEF")
    movements = list(node.all("STMTTRN"))
    if len(movements) > LINES_MAX:
        raise FileBroken(format="OFX", line=node.line, problem=TOO_MANY)
    lines = tuple(_line(each, currency) for each in movements)
    listed = node.first("BANKTRANLIST")
    closing = _closing(node, currency, lines)
    moved = sum(line.amount.minor for line in lines)
    return StatementDraft(
        lines=lines,
        account=account_number(node.said("ACCTID")),
        currency=currency,
        from_on=_day(listed, "DTSTART") if listed else None,
        until_on=_day(listed, "DTEND") if listed else None,
        opening=None if closing is None else Money(closing.minor - moved, currency),
        closing=closing,
    )


def _closing(node: _Node, currency: str, lines: tuple[LineDraft, ...]) -> Money | None:
    """Return the balance behind the last line, if it is one of that day or later."""
    balance = node.first("LEDGERBAL")
    amount = balance.first("BALAMT") if balance else None
    if balance is None or amount is None:
        return None
    day = _day(balance, "DTASOF")
    if day is None or any(day < line.booked_on for line in lines):
        return None
    return money(amount.text, currency, line=amount.line, field="BALAMT")


def _line(node: _Node, currency: str) -> LineDraft:
    amount, day = node.first("TRNAMT"), _day(node, "DTPOSTED")
    if amount is None or day is None:
        missing = "TRNAMT" if amount is None else "DTPOSTED"
        raise FieldUnreadable(line=node.line, text="", field=missing)
    return LineDraft(
        booked_on=day,
        amount=money(amount.text, currency, line=amount.line),
        text=node.said("MEMO") or node.said("NAME"),
        counterparty=node.said("NAME"),
        counterparty_account=_other_account(node),
        reference=node.said("REFNUM") or node.said("CHECKNUM"),
        bank_reference=node.said("FITID"),
    )


def _other_account(node: _Node) -> str:
    other = node.first("BANKACCTTO")
    return account_number(other.said("ACCTID")) if other else ""


def _day(node: _Node, name: str) -> date | None:
    found = node.first(name)
    if found is None:
        return None
    said = found.text.strip()[:8]
    try:
        return date(int(said[:4]), int(said[4:6]), int(said[6:8]))
    except ValueError:
        raise FieldUnreadable(line=found.line, text=found.text[:40], field=name) from None
