"""What the bank gets of a payment order: a SEPA credit transfer (ISO 20022 pain.001), or a CSV.

A file is made once and kept: asked for again, it is the same bytes, with the same seal.
"""

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from sepaxml import SepaTransfer
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.invoicing.paying.errors import (
    NoFileYet,
    NoIbanForFile,
    NothingForTheBank,
    OwnIbanMissing,
    SepaIsEuro,
)
from core.invoicing.paying.events import BankFileMade
from core.invoicing.paying.lines import refuse_changed_accounts
from core.invoicing.paying.queries import OrderLineView, OrderView, accounts_of, order_view
from core.invoicing.paying.service import find_order, require_state
from core.invoicing.paying.tables import BankFile, FileFormat, OrderState, PaymentOrder
from core.kernel import events
from core.kernel.company import company
from core.kernel.money import Money
from core.ledger import BankAccount
from core.parties import PartyBankAccount

SCHEMA = "pain.001.001.09"
TEXT_MAX = 140
_ENDS = {FileFormat.SEPA: "xml", FileFormat.CSV: "csv"}


@dataclass(frozen=True)
class Transfer:
    """One transfer of a file: to whom, to which account, how much, and for what."""

    party: str
    account: PartyBankAccount
    amount: Money
    text: str


def bank_file(
    session: Session,
    number: str,
    *,
    format: FileFormat = FileFormat.SEPA,  # noqa: A002
) -> BankFile:
    """Make the file of an approved order for the bank, or return the one that was made."""
    order = find_order(session, number, lock=True)
    require_state(order, OrderState.APPROVED, OrderState.EXECUTED)
    made = _made(session, order, format)
    if made is not None:
        return made
    if order.state is OrderState.APPROVED:
        refuse_changed_accounts(session, order)
    view = order_view(session, order)
    transfers = _transfers(session, order, view)
    own = _own_account(session, order, view)
    if format is FileFormat.SEPA and order.currency != "EUR":
        raise SepaIsEuro(number=order.number, currency=order.currency)
    content = transfers_file(
        session,
        format,
        reference=order.number,
        pay_on=order.pay_on,
        currency=order.currency,
        own=own,
        transfers=transfers,
    )
    total = sum(each.amount.minor for each in transfers)
    assert total == view.total.minor, "a file pays what its order pays"
    file = BankFile(
        order_id=order.id,
        format=format,
        name=f"{order.number}.{_ENDS[format]}",
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        payments=len(transfers),
        control_sum_minor=total,
    )
    session.add(file)
    session.flush()
    control_sum = Money(total, order.currency)
    events.record(
        session,
        BankFileMade(order.number, file.name, control_sum, file.payments, file.sha256),
    )
    return file


def find_bank_file(session: Session, number: str, *, format: FileFormat) -> BankFile:  # noqa: A002
    """Return the file that was made of an order."""
    order = find_order(session, number)
    made = _made(session, order, format)
    if made is None:
        raise NoFileYet(number=order.number)
    return made


def _made(session: Session, order: PaymentOrder, wanted: FileFormat) -> BankFile | None:
    known = select(BankFile).where(BankFile.order_id == order.id, BankFile.format == wanted)
    return session.scalars(known).one_or_none()


def _transfers(session: Session, order: PaymentOrder, view: OrderView) -> list[Transfer]:
    """Return one transfer a supplier, as the payments are; refuse where an IBAN is missing."""
    accounts = accounts_of(session, order)
    paid = [
        (line, accounts.get(line.bank_account_id) if line.bank_account_id else None, shown)
        for line, shown in zip(order.lines, view.lines, strict=True)
        if line.pay_minor
    ]
    if not paid:
        raise NothingForTheBank(number=order.number)
    missing = {
        f"{shown.party_number} {shown.party}"
        for _, account, shown in paid
        if account is None or account.iban is None
    }
    if missing:
        raise NoIbanForFile(parties=", ".join(sorted(missing)))
    transfers = []
    paid.sort(key=lambda each: (each[2].party_number, each[0].position))
    for _, group in groupby(paid, key=lambda each: each[2].party_number):
        lines = list(group)
        account, party = lines[0][1], lines[0][2].party
        assert account is not None, "who has no account was refused"
        amount = Money(sum(line.pay_minor for line, _, _ in lines), order.currency)
        text = " ".join(_named(shown) for _, _, shown in lines)
        transfers.append(Transfer(party, account, amount, text[:TEXT_MAX]))
    return transfers


def _named(line: OrderLineView) -> str:
    return line.reference or line.bill


def _own_account(session: Session, order: PaymentOrder, view: OrderView) -> BankAccount:
    wanted = select(BankAccount).where(BankAccount.account_id == order.account_id)
    own = session.scalars(wanted).one_or_none()
    if own is None or own.iban is None:
        raise OwnIbanMissing(account=view.account)
    return own


def transfers_file(
    session: Session,
    kind: FileFormat,
    *,
    reference: str,
    pay_on: date,
    currency: str,
    own: BankAccount,
    transfers: Sequence[Transfer],
) -> bytes:
    """Write transfers from one account of ours as a file that a bank takes."""
    if kind is FileFormat.CSV:
        return _csv(reference, pay_on, currency, own, transfers)
    config: dict[str, Any] = {
        "name": company(session).name,
        "IBAN": own.iban,
        "batch": True,
        "currency": currency,
    }
    if own.bic:
        config["BIC"] = own.bic
    writer = SepaTransfer(config, schema=SCHEMA, clean=True)
    for each in transfers:
        payment: dict[str, Any] = {
            "name": each.account.holder,
            "IBAN": each.account.iban,
            "amount": each.amount.minor,
            "execution_date": pay_on,
            "description": each.text,
            "endtoend_id": reference,
        }
        if each.account.bic:
            payment["BIC"] = each.account.bic
        writer.add_payment(payment)
    # It checks itself against the schema of ISO 20022 before it is given out.
    content: bytes = writer.export(validate=True)
    return content


def _csv(
    reference: str, pay_on: date, currency: str, own: BankAccount, transfers: Sequence[Transfer]
) -> bytes:
    out = io.StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow(
        ["order", "pay_on", "from_iban", "name", "iban", "bic", "amount", "currency", "text"]
    )
    for each in transfers:
        rows.writerow(
            [
                reference,
                pay_on.isoformat(),
                own.iban,
                each.account.holder,
                each.account.iban or f"{each.account.account_number} {each.account.bank}",
                each.account.bic or "",
                f"{each.amount.amount:f}",
                currency,
                each.text,
            ]
        )
    return out.getvalue().encode()
