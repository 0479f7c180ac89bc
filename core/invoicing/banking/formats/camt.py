"""Read camt.053 statements, camt.052 reports and camt.054 notices (ISO 20022), of any version."""

import re
from collections.abc import Iterator
from datetime import date
from xml.etree.ElementTree import Element, ParseError

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

# The element of each message that holds what one account has to say.
_CUT_OFF = Both("it is cut off or damaged", "文件不完整或已损坏")
_STATEMENTS = {"Stmt", "Rpt", "Ntfctn"}
_OPENING, _CLOSING = ("OPBD", "PRCD"), ("CLBD",)


def looks_like(content: bytes) -> bool:
    """Tell whether a file is a message of this family."""
    head = content[:4_000].lstrip(b"\xef\xbb\xbf \r\n\t")
    return head.startswith(b"<") and (b"BkToCstmr" in head or b"camt.05" in head)


def read(content: bytes) -> list[StatementDraft]:
    """Read the statements of a message; refuse one that is cut off or hostile."""
    # Imported here: only who imports such a file needs it.
    from defusedxml.common import DefusedXmlException  # noqa: PLC0415
    from defusedxml.ElementTree import fromstring  # noqa: PLC0415

    try:
        root = fromstring(content, forbid_dtd=True)
    except ParseError as error:
        line = error.position[0]
        raise FileBroken(format="camt", line=line, problem=_CUT_OFF) from None
    except DefusedXmlException as error:
        named = type(error).__name__
        problem = Both(f"{named}: such files are never read", f"{named}：不读取此类文件")
        raise FileBroken(format="camt", line=1, problem=problem) from None
    except (ValueError, LookupError) as error:
        raise FileBroken(format="camt", line=1, problem=str(error)) from None
    for each in root.iter():
        each.tag = each.tag.rpartition("}")[2]
    return [_statement(each) for each in root.iter() if each.tag in _STATEMENTS]


def _statement(node: Element) -> StatementDraft:
    entries = node.findall("Ntry")
    if len(entries) > LINES_MAX:
        raise FileBroken(format="camt", line=1, problem=TOO_MANY)
    currency = tidy(node.findtext("Acct/Ccy")).upper() or _currency(entries)
    lines = tuple(
        line
        for place, entry in enumerate(entries, start=1)
        if _status(entry) != "PDNG"
        for line in _lines(entry, place, currency)
    )
    opening, _ = _balance(node, _OPENING, currency)
    closing, until_on = _balance(node, _CLOSING, currency)
    return StatementDraft(
        lines=lines,
        account=account_number(
            node.findtext("Acct/Id/IBAN") or node.findtext("Acct/Id/Othr/Id") or ""
        ),
        currency=currency,
        reference=tidy(node.findtext("ElctrncSeqNb") or node.findtext("Id")),
        from_on=_day(node, "FrToDt/FrDtTm", 0),
        until_on=_day(node, "FrToDt/ToDtTm", 0) or until_on,
        opening=opening,
        closing=closing,
    )


def _currency(entries: list[Element]) -> str:
    amount = entries[0].find("Amt") if entries else None
    return "" if amount is None else amount.get("Ccy", "").upper()


def _status(entry: Element) -> str:
    return tidy(entry.findtext("Sts/Cd") or entry.findtext("Sts")).upper()


def _balance(
    node: Element, kinds: tuple[str, ...], currency: str
) -> tuple[Money | None, date | None]:
    for kind in kinds:
        for balance in node.findall("Bal"):
            if tidy(balance.findtext("Tp/CdOrPrtry/Cd")) == kind:
                amount = _amount(balance, currency, 0, "Bal")
                return amount, _day(balance, "Dt/Dt", 0) or _day(balance, "Dt/DtTm", 0)
    return None, None


def _amount(node: Element, currency: str, place: int, field: str = "Amt") -> Money:
    """Return the amount of an entry or balance with its sign."""
    amount = node.find("Amt")
    if amount is None:
        raise FieldUnreadable(line=place, text="", field=field)
    theirs = amount.get("Ccy", currency).upper()
    read = money(amount.text or "", theirs, line=place, field=field)
    return -read if _is_debit(node, place) else read


def _is_debit(node: Element, place: int) -> bool:
    said = tidy(node.findtext("CdtDbtInd"))
    if said not in {"CRDT", "DBIT"}:
        raise FieldUnreadable(line=place, text=said, field="CdtDbtInd")
    return said == "DBIT"


def _lines(entry: Element, place: int, currency: str) -> Iterator[LineDraft]:
    """Return a line for each part of an entry that the bank tells apart, or one for all of it."""
    whole = _amount(entry, currency, place)
    booked_on = _day(entry, "BookgDt/Dt", place) or _day(entry, "BookgDt/DtTm", place)
    value_on = _day(entry, "ValDt/Dt", place) or _day(entry, "ValDt/DtTm", place)
    if (day := booked_on or value_on) is None:
        raise FieldUnreadable(line=place, text="", field="BookgDt")
    parts = entry.findall("NtryDtls/TxDtls")
    amounts = [_part_amount(part, whole, place) for part in parts]
    if len(parts) > 1 and all(amounts) and sum(a.minor for a in amounts if a) == whole.minor:
        for number, (part, amount) in enumerate(zip(parts, amounts, strict=True), start=1):
            assert amount is not None, "all parts have an amount"
            yield _line(entry, part, amount, day, value_on, f"/{number}")
        return
    only = parts[0] if len(parts) == 1 else None
    yield _line(entry, only, whole, day, value_on, "")


def _part_amount(part: Element, whole: Money, place: int) -> Money | None:
    node = part.find("AmtDtls/TxAmt/Amt")
    node = part.find("Amt") if node is None else node
    if node is None or node.get("Ccy", "").upper() != whole.currency:
        return None
    read = money(node.text or "", whole.currency, line=place, field="TxAmt")
    debit = whole.minor < 0 if part.find("CdtDbtInd") is None else _is_debit(part, place)
    return -read if debit else read


def _line(
    entry: Element,
    part: Element | None,
    amount: Money,
    booked_on: date,
    value_on: date | None,
    suffix: str,
) -> LineDraft:
    details = entry if part is None else part
    theirs = "Dbtr" if amount.minor > 0 else "Cdtr"
    parties = "RltdPties/"
    bank_reference = tidy(entry.findtext("AcctSvcrRef"))
    if part is not None:
        bank_reference = tidy(part.findtext("Refs/AcctSvcrRef")) or bank_reference
    free = [tidy(each.text) for each in details.findall("RmtInf/Ustrd")]
    structured = details.findtext("RmtInf/Strd/CdtrRefInf/Ref")
    free += [tidy(entry.findtext("AddtlNtryInf"))] if not any(free) else []
    return LineDraft(
        booked_on=booked_on,
        amount=amount,
        text=tidy(" ".join(free)),
        value_on=value_on,
        counterparty=tidy(
            details.findtext(f"{parties}{theirs}/Nm")
            or details.findtext(f"{parties}{theirs}/Pty/Nm")
        ),
        counterparty_account=account_number(
            details.findtext(f"{parties}{theirs}Acct/Id/IBAN")
            or details.findtext(f"{parties}{theirs}Acct/Id/Othr/Id")
        ),
        reference=tidy(structured),
        end_to_end_id=tidy(details.findtext("Refs/EndToEndId")),
        bank_reference=f"{bank_reference}{suffix}" if bank_reference else "",
        foreign=_foreign(details, amount),
        charges=_charges(details, amount.currency),
    )


def _foreign(details: Element, amount: Money) -> Money | None:
    """Return what was ordered in another currency."""
    node = details.find("AmtDtls/InstdAmt/Amt")
    currency = "" if node is None else node.get("Ccy", "").upper()
    if node is None or currency in {"", amount.currency}:
        return None
    read = money(node.text or "", currency, line=0, field="InstdAmt")
    return -read if amount.minor < 0 else read


def _charges(details: Element, currency: str) -> Money | None:
    """Return what the bank says it kept, if it is in the same currency."""
    node = details.find("Chrgs/Rcrd/Amt")
    node = details.find("Chrgs/TtlChrgsAndTaxAmt") if node is None else node
    if node is None or node.get("Ccy", currency).upper() != currency:
        return None
    read = money(node.text or "", currency, line=0, field="Chrgs")
    return read if read.minor else None


def _day(node: Element, path: str, place: int) -> date | None:
    said = (node.findtext(path) or "").strip()
    if not said:
        return None
    if not re.match(r"\d{4}-\d{2}-\d{2}", said):
        raise FieldUnreadable(line=place, text=said[:40], field=path.split("/", maxsplit=1)[0])
    try:
        return date.fromisoformat(said[:10])
    except ValueError:
        raise FieldUnreadable(line=place, text=said[:40], field=path) from None
