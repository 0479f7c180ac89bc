"""Tools about who is paid: their bank accounts, who comes first, what is held, what came twice."""

from typing import Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import invoicing, parties
from core.approvals import DutyName
from core.invoicing import duplicates, paying
from core.invoicing.duplicates import Pair
from core.invoicing.holds import HoldPurpose, hold, lift_hold
from core.kernel.errors import Language
from core.kernel.identity.roles import Role
from core.kernel.words import word
from core.parties import PartyBankAccount
from tools.base import (
    Answer,
    Arguments,
    Call,
    Column,
    Day,
    Duty,
    Grid,
    SupplierRef,
    Text,
    Tool,
    Undoing,
)
from tools.paying import PAYERS
from tools.references import BillRef
from tools.trade import BOOKKEEPERS, Because

WITH_BUYERS = PAYERS | {Role.BUYER}
HOLD, RELEASE, ACCOUNT, END, PRIORITY = (
    "paying.hold_bill",
    "paying.release_bill",
    "paying.set_bank_account",
    "paying.end_bank_account",
    "paying.set_priority",
)
UNDO = "undo"


# Who is paid where, and who first.


class SetBankAccount(Arguments):
    """Change the bank account that a supplier is paid to: an IBAN, or a number and its bank."""

    supplier: SupplierRef
    iban: Text | None = Field(default=None, description="Leave empty where there is none.")
    account_number: Text | None = Field(default=None, description="Only where there is no IBAN.")
    bank: Text | None = None
    bic: Text | None = None
    holder: Text | None = Field(default=None, description="Leave empty for the supplier itself.")


class BankAccountShown(Answer):
    """Where a supplier is paid."""

    supplier: str
    name: str
    accounts: list[dict[str, Any]]
    before: dict[str, Any] | None = None

    def sentence(self, language: Language = "en") -> str:
        """Say the account, since when, and whether somebody made sure of it."""
        current = next((each for each in self.accounts if each["ended_on"] is None), None)
        if current is None:
            if language == "zh":
                return f"未登记 {self.name} 的银行账户。"
            return f"No bank account of {self.name} is known."
        verified = current["verified_on"] is not None
        if language == "zh":
            state = "已核实" if verified else "未核实"
            since = current["valid_from"]
            return f"{self.name} 的收款账户：{current['said']}（自 {since}，{state}）。"
        state = "verified" if verified else "not verified"
        return f"{self.name} is paid to {current['said']} since {current['valid_from']}, {state}."

    def grid(self) -> Grid:
        """Return one row for every account so far."""
        columns = (
            Column("account", "账户"),
            Column("holder", "户名"),
            Column("valid from", "启用日", "date"),
            Column("ended", "停用日", "date"),
            Column("verified", "核实日", "date"),
        )
        names = ("said", "holder", "valid_from", "ended_on", "verified_on")
        return Grid(columns, tuple(tuple(each[name] for name in names) for each in self.accounts))


def pin_supplier(session: Session, arguments: SetBankAccount) -> SetBankAccount:
    """Write the supplier by its number."""
    supplier = parties.find_supplier(session, arguments.supplier)
    return arguments.model_copy(update={"supplier": supplier.party.number})


def set_bank_account(session: Session, arguments: SetBankAccount) -> BankAccountShown:
    """Change it."""
    party = parties.find_supplier(session, arguments.supplier).party
    before = parties.current_bank_account(session, party.id)
    said = None if before is None else _said(before)
    parties.set_bank_account(
        session,
        party,
        iban=arguments.iban,
        account_number=arguments.account_number,
        bank=arguments.bank or "",
        bic=arguments.bic,
        holder=arguments.holder,
    )
    return _accounts(session, party, before=said)


class EndBankAccount(Arguments):
    """Stop paying a supplier to the account that we know, until another one is known."""

    supplier: SupplierRef


def end_bank_account(session: Session, arguments: EndBankAccount) -> BankAccountShown:
    """Stop it."""
    party = parties.find_supplier(session, arguments.supplier).party
    ended = _said(parties.end_bank_account(session, party))
    return _accounts(session, party, before=ended)


def undo_account(
    _session: Session, arguments: SetBankAccount | EndBankAccount, answer: dict[str, Any]
) -> Undoing:
    """Pay to the account before again, or to none."""
    if answer["before"] is None:
        return Undoing((Call(END, EndBankAccount(supplier=arguments.supplier)),))
    known = {
        name: answer["before"][name] or None
        for name in ("iban", "account_number", "bank", "bic", "holder")
    }
    back = SetBankAccount.model_validate({"supplier": arguments.supplier, **known})
    return Undoing((Call(ACCOUNT, back),))


class VerifyBankAccount(Arguments):
    """Note that a supplier's bank account was verified, for example by a call to a known number."""

    supplier: SupplierRef


def verify_bank_account(session: Session, arguments: VerifyBankAccount) -> BankAccountShown:
    """Note it."""
    party = parties.find_supplier(session, arguments.supplier).party
    parties.verify_bank_account(session, party)
    return _accounts(session, party)


class ShowBankAccount(Arguments):
    """Show the bank account that a supplier is paid to, and those it was paid to before."""

    supplier: SupplierRef


def show_bank_account(session: Session, arguments: ShowBankAccount) -> BankAccountShown:
    """Read them."""
    return _accounts(session, parties.find_supplier(session, arguments.supplier).party)


def undo_verify(_session: Session, _arguments: VerifyBankAccount, _answer: object) -> Undoing:
    """Say that it stays on record."""
    return Undoing(
        impossible=(
            "what was verified stays on record; set the account anew if it was a mistake",
            "核实记录会保留；如有误请重新设置账户",
        )
    )


def cases_of_change(session: Session, arguments: SetBankAccount, _answer: object) -> list[str]:
    """Return the supplier, that who added or pays it must not change, and the account itself."""
    number = parties.find_supplier(session, arguments.supplier).party.number
    said = arguments.iban or arguments.account_number or ""
    return [number, case_of_account(number, said)]


def case_of_ending(session: Session, arguments: EndBankAccount, _answer: object) -> str:
    """Return the supplier: who added or pays it does not end its account."""
    return parties.find_supplier(session, arguments.supplier).party.number


def case_of_verifying(
    session: Session, arguments: VerifyBankAccount, _answer: object
) -> str | None:
    """Return the account: who changed to it does not verify it."""
    party = parties.find_supplier(session, arguments.supplier).party
    account = parties.current_bank_account(session, party.id)
    if account is None:
        return None
    return case_of_account(party.number, account.iban or account.account_number or "")


def case_of_account(number: str, account: str) -> str:
    """Return the case of an account of a party, however it is written."""
    return f"{number} {''.join(account.split()).upper()}"


class SetPriority(Arguments):
    """Pay a supplier earlier or later than others when there is not enough money for all."""

    supplier: SupplierRef
    priority: int = Field(ge=1, le=9, description="1 is paid first, 9 last, 5 is usual.")


class PriorityShown(Answer):
    """How early a supplier is paid."""

    supplier: str
    priority: int
    before: int

    def sentence(self, language: Language = "en") -> str:
        """Say it."""
        if language == "zh":
            return f"{self.supplier} 的付款优先级：{self.before} → {self.priority}。"
        return f"{self.supplier} has payment priority {self.priority} now, {self.before} before."


def set_priority(session: Session, arguments: SetPriority) -> PriorityShown:
    """Set it."""
    supplier = parties.find_supplier(session, arguments.supplier)
    before = paying.set_priority(session, supplier, arguments.priority)
    return PriorityShown(supplier=supplier.party.number, priority=arguments.priority, before=before)


def undo_priority(_session: Session, arguments: SetPriority, answer: dict[str, Any]) -> Undoing:
    """Set it back."""
    back = SetPriority(supplier=arguments.supplier, priority=answer["before"])
    return Undoing((Call(PRIORITY, back),))


# Bills that are not paid, or may be one twice.


class HoldBill(Arguments):
    """Hold a supplier's bill back from payment until it is released."""

    bill: BillRef = Field(description="Our number of it or the supplier's.")
    held_until: Day | None = Field(default=None, description="Leave empty until it is released.")
    because: Because = Field(description="Why.")


class ReleaseBill(Arguments):
    """Release a supplier's bill that was held back, so that it may be paid."""

    bill: BillRef = Field(description="Our number of it or the supplier's.")
    because: Because = Field(default=UNDO, description="Why.")


class BillHeld(Answer):
    """A bill that is held back, or no longer."""

    bill: str
    held: bool

    def sentence(self, language: Language = "en") -> str:
        """Say so."""
        if language == "zh":
            return f"{self.bill} {'已暂停付款' if self.held else '可以付款'}。"
        return f"{self.bill} is {'held back from payment' if self.held else 'free to be paid'}."


def hold_bill(session: Session, arguments: HoldBill) -> BillHeld:
    """Hold it."""
    bill = invoicing.find_invoice(session, arguments.bill)
    hold(
        session,
        bill,
        purpose=HoldPurpose.PAYMENT,
        because=arguments.because,
        until=arguments.held_until,
    )
    return BillHeld(bill=bill.number, held=True)


def release_bill(session: Session, arguments: ReleaseBill) -> BillHeld:
    """Release it."""
    bill = invoicing.find_invoice(session, arguments.bill)
    lift_hold(session, bill, purpose=HoldPurpose.PAYMENT, because=arguments.because)
    return BillHeld(bill=bill.number, held=False)


def undo_hold(_session: Session, arguments: HoldBill, _answer: object) -> Undoing:
    """Release it."""
    return Undoing((Call(RELEASE, ReleaseBill(bill=arguments.bill)),))


def undo_release(_session: Session, arguments: ReleaseBill, _answer: object) -> Undoing:
    """Hold it again."""
    return Undoing((Call(HOLD, HoldBill(bill=arguments.bill, because=UNDO)),))


class FindDuplicates(Arguments):
    """Find supplier bills that may have been booked twice: by number, file or amount."""

    supplier: SupplierRef | None = Field(default=None, description="Only this supplier's.")
    since: Day | None = Field(default=None, description="Leave empty for a year.")


class DuplicatesFound(Answer):
    """Pairs of bills that look alike."""

    pairs: list[Pair]

    def sentence(self, language: Language = "en") -> str:
        """Say how many."""
        count = len(self.pairs)
        if language == "zh":
            return f"发现 {count} 对疑似重复的账单。" if count else "未发现疑似重复的账单。"
        if not count:
            return "No bills look like they were booked twice."
        return f"{count} {'pair of bills looks' if count == 1 else 'pairs of bills look'} alike."

    def grid(self) -> Grid:
        """Return one row for every pair."""
        columns = (
            Column("bill", "账单"),
            Column("looks like", "疑似"),
            Column("supplier", "供应商"),
            Column("why", "原因"),
            Column("days apart", "相隔天数", "number"),
            Column("total", "金额"),
        )
        rows = tuple(
            (
                pair.number,
                pair.other,
                f"{pair.party_number} {pair.party}",
                word(pair.likeness),
                pair.days,
                str(pair.total),
            )
            for pair in self.pairs
        )
        return Grid(columns, rows)


def find_duplicates(session: Session, arguments: FindDuplicates) -> DuplicatesFound:
    """Look for them."""
    supplier = arguments.supplier and parties.find_supplier(session, arguments.supplier)
    pairs = duplicates.list_alike(
        session, party_id=supplier.party_id if supplier else None, since=arguments.since
    )
    return DuplicatesFound(pairs=pairs)


def _said(account: PartyBankAccount) -> dict[str, Any]:
    return {
        "said": account.said,
        "iban": account.iban,
        "account_number": account.account_number,
        "bank": account.bank,
        "bic": account.bic,
        "holder": account.holder,
        "valid_from": account.valid_from,
        "ended_on": account.ended_on,
        "verified_on": account.verified_on,
    }


def _accounts(
    session: Session, party: parties.Party, *, before: dict[str, Any] | None = None
) -> BankAccountShown:
    return BankAccountShown(
        supplier=party.number,
        name=party.name,
        accounts=[_said(each) for each in parties.bank_accounts_of(session, party)],
        before=before,
    )


TOOLS = [
    Tool(
        ACCOUNT,
        SetBankAccount,
        set_bank_account,
        writes=True,
        title="Change bank account",
        title_zh="变更银行账户",
        roles=BOOKKEEPERS,
        pin=pin_supplier,
        undo=undo_account,
        duty=Duty(DutyName.CHANGE_ACCOUNT, cases_of_change),
        sensitive=True,
    ),
    Tool(
        END,
        EndBankAccount,
        end_bank_account,
        writes=True,
        title="End bank account",
        title_zh="停用银行账户",
        roles=BOOKKEEPERS,
        undo=undo_account,
        duty=Duty(DutyName.CHANGE_ACCOUNT, case_of_ending),
        sensitive=True,
    ),
    Tool(
        "paying.verify_bank_account",
        VerifyBankAccount,
        verify_bank_account,
        writes=True,
        title="Verify bank account",
        title_zh="核实银行账户",
        roles=BOOKKEEPERS,
        undo=undo_verify,
        duty=Duty(DutyName.VERIFY_ACCOUNT, case_of_verifying),
        sensitive=True,
    ),
    Tool(
        "paying.show_bank_account",
        ShowBankAccount,
        show_bank_account,
        writes=False,
        title="Show bank account",
        title_zh="查看银行账户",
        roles=PAYERS,
    ),
    Tool(
        PRIORITY,
        SetPriority,
        set_priority,
        writes=True,
        title="Set payment priority",
        title_zh="设置付款优先级",
        roles=BOOKKEEPERS,
        undo=undo_priority,
    ),
    Tool(
        HOLD,
        HoldBill,
        hold_bill,
        writes=True,
        title="Hold bill",
        title_zh="暂停付款",
        roles=BOOKKEEPERS | {Role.BUYER, Role.WATCHER},
        undo=undo_hold,
    ),
    Tool(
        RELEASE,
        ReleaseBill,
        release_bill,
        writes=True,
        title="Release bill",
        title_zh="解除暂停付款",
        roles=BOOKKEEPERS,
        undo=undo_release,
    ),
    Tool(
        "paying.find_duplicates",
        FindDuplicates,
        find_duplicates,
        writes=False,
        title="Bills that look alike",
        title_zh="疑似重复账单",
        roles=WITH_BUYERS,
    ),
]
