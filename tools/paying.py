"""Tools of paying suppliers: what to pay, payment orders, and the file that the bank gets."""

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import invoicing, ledger, parties
from core.approvals import DutyName
from core.invoicing import paying
from core.invoicing.paying import FileFormat, OrderState, OrderView, Planned
from core.kernel.company import company
from core.kernel.errors import Language
from core.kernel.identity.roles import Role
from core.kernel.money import Money
from core.kernel.words import word
from core.ledger import Account
from tools.base import (
    Amount,
    Answer,
    Arguments,
    Call,
    Column,
    Day,
    Duty,
    Grid,
    Ref,
    Text,
    Tool,
    Undoing,
)
from tools.references import AccountRef, BillRef
from tools.trade import BOOKKEEPERS, Because, Limit

# Who sees what we pay; it says what things cost us.
PAYERS = BOOKKEEPERS | {Role.AUDITOR}
CANCEL = "paying.cancel_order"
UNDO = "undo"
BILLS_MAX = 200

OrderRef = Annotated[Text, Ref("payment_order")]

ORDER_STAYS = (
    "an order that was changed or cancelled is prepared anew",
    "已更改或取消的付款指令请重新制作",
)
MONEY_IS_OUT = (
    "the money has left; reverse the payment that went wrong, and ask for it back",
    "款项已付出；请撤销有误的付款并要求退回",
)
FILE_STAYS = (
    "a file that the bank may have stays",
    "银行可能已收到的文件不可撤销",
)


# What to pay.


class ProposePayments(Arguments):
    """Propose which bills to pay this week: due, losing a discount, covered by the bank balance."""

    due_by: Day | None = Field(default=None, description="Due until; leave empty for a week ahead.")
    account: AccountRef | None = Field(default=None, description="Leave empty for the bank.")
    keep: Limit | None = Field(default=None, description="How much has to stay on the account.")


class PaymentsProposed(Answer):
    """What should be paid, and why what is not is not."""

    planned: list[Planned]
    names: dict[str, str]
    currency: str
    spendable: Decimal
    until: date

    def sentence(self, language: Language = "en") -> str:
        """Say how much is to be paid, saved and netted."""
        paid = [each for each in self.planned if each.settled]
        total, saved, netted = (
            Money(minor, self.currency)
            for minor in (
                sum(each.pay for each in paid),
                sum(each.discount for each in paid),
                sum(each.netted_minor for each in paid),
            )
        )
        left = len(self.planned) - len(paid)
        if language == "zh":
            said = f"建议在 {self.until} 前支付 {len(paid)} 张账单，共 {total}"
            said += f"，可享折扣 {saved}" if saved.minor else ""
            said += f"，抵扣贷项 {netted}" if netted.minor else ""
            return f"{said}；另有 {left} 张暂不支付。" if left else f"{said}。"
        bills = "1 bill" if len(paid) == 1 else f"{len(paid)} bills"
        said = f"Pay {bills} until {self.until}: {total}"
        said += f", saving {saved} of discount" if saved.minor else ""
        said += f", {netted} settled by credits" if netted.minor else ""
        return f"{said}; {left} more are left out." if left else f"{said}."

    def grid(self) -> Grid:
        """Return one row for every bill."""
        columns = (
            Column("bill", "账单"),
            Column("supplier", "供应商"),
            Column("due", "到期日", "date"),
            Column("open", "未结", self.currency),
            Column("pay", "支付", self.currency),
            Column("discount", "折扣", self.currency),
            Column("netted", "抵扣", self.currency),
            Column("why", "原因"),
        )
        rows = tuple(
            (
                each.payable.number,
                self.names[str(each.payable.party_id)],
                each.payable.due_on,
                *(
                    Money(minor, self.currency).amount
                    for minor in (
                        each.payable.open,
                        each.pay,
                        each.discount,
                        each.netted_minor,
                    )
                ),
                each.payable.held or word(each.why),
            )
            for each in self.planned
        )
        return Grid(columns, rows)


def propose_payments(session: Session, arguments: ProposePayments) -> PaymentsProposed:
    """Work it out; nothing is changed."""
    until = arguments.due_by or company(session).today + timedelta(days=7)
    account = _account(session, arguments.account)
    purse, planned = paying.propose_payments(
        session, until=until, account=account, keep=_keep(session, account, arguments.keep)
    )
    ids = {each.payable.party_id for each in planned}
    named = [session.get_one(parties.Party, party_id) for party_id in ids]
    return PaymentsProposed(
        planned=planned,
        names={str(party.id): f"{party.number} {party.name}" for party in named},
        currency=purse.currency,
        spendable=purse.spendable.amount,
        until=until,
    )


class BillToPay(Arguments):
    """A bill, and how much of it to pay."""

    bill: BillRef = Field(description="Our number of it or the supplier's.")
    amount: Amount | None = Field(default=None, description="Leave empty for all that is open.")


class PrepareOrder(Arguments):
    """Prepare a payment order, a draft: for the bills to be paid this week, or for those named."""

    due_by: Day | None = Field(default=None, description="Due until; leave empty for a week ahead.")
    pay_on: Day | None = Field(default=None, description="Leave empty for today.")
    account: AccountRef | None = Field(default=None, description="Leave empty for the bank.")
    keep: Limit | None = Field(default=None, description="How much has to stay on the account.")
    bills: tuple[BillToPay, ...] = Field(
        default=(), max_length=BILLS_MAX, description="Leave empty for all that is proposed."
    )
    without: tuple[BillRef, ...] = Field(
        default=(), max_length=BILLS_MAX, description="Bills to leave out."
    )


class OrderPrepared(Answer):
    """A payment order."""

    order: OrderView
    number: str

    def sentence(self, language: Language = "en") -> str:
        """Say what it pays, and how far it is."""
        view = self.order
        count, state = len(view.lines), word(view.state, language)
        if language == "zh":
            return f"付款指令 {view.number}（{state}）：{count} 张账单，共 {view.total}。"
        bills = "1 bill" if count == 1 else f"{count} bills"
        return f"Payment order {view.number} is {state}: {bills}, {view.total}."

    def grid(self) -> Grid:
        """Return one row for every bill."""
        currency = self.order.total.currency
        columns = (
            Column("bill", "账单"),
            Column("supplier", "供应商"),
            Column("due", "到期日", "date"),
            Column("pay", "支付", currency),
            Column("discount", "折扣", currency),
            Column("netted", "抵扣", currency),
            Column("to account", "收款账户"),
            Column("payment", "付款"),
        )
        rows = tuple(
            (
                line.bill,
                f"{line.party_number} {line.party}",
                line.due_on,
                line.pay.amount,
                line.discount.amount,
                line.netted.amount,
                line.account,
                line.payment,
            )
            for line in self.order.lines
        )
        return Grid(columns, rows)


def pin_order(session: Session, arguments: PrepareOrder) -> PrepareOrder:
    """Write down the days, and accounts and bills by their numbers."""
    today = company(session).today
    pay_on = arguments.pay_on or today
    until = arguments.due_by or pay_on + timedelta(days=7)
    chosen: dict[str, Any] = {"pay_on": pay_on, "due_by": until}
    if arguments.account is not None:
        chosen["account"] = ledger.account_named(session, arguments.account).code
    if arguments.bills:
        chosen["bills"] = tuple(
            each.model_copy(update={"bill": invoicing.find_invoice(session, each.bill).number})
            for each in arguments.bills
        )
    chosen["without"] = tuple(
        invoicing.find_invoice(session, number).number for number in arguments.without
    )
    return arguments.model_copy(update=chosen)


def prepare_order(session: Session, arguments: PrepareOrder) -> OrderPrepared:
    """Prepare it."""
    account = _account(session, arguments.account)
    currency = paying.purse_of(session, account).currency
    bills = [
        (each.bill, None if each.amount is None else Money.of(each.amount, currency))
        for each in arguments.bills
    ]
    order = paying.prepare_order(
        session,
        until=arguments.due_by,
        pay_on=arguments.pay_on,
        account=account,
        keep=_keep(session, account, arguments.keep),
        bills=bills or None,
        without=arguments.without,
    )
    return _shown(session, order)


def undo_prepare(_session: Session, _arguments: PrepareOrder, answer: dict[str, Any]) -> Undoing:
    """Cancel the order."""
    return Undoing((Call(CANCEL, CancelOrder(order=answer["number"], because=UNDO)),))


class ChangeOrder(Arguments):
    """Pay another amount of a bill on a draft payment order, or leave the bill out of it."""

    order: OrderRef = Field(description="Its number, such as PMO-00042.")
    bill: BillRef
    amount: Amount | None = Field(default=None, description="Leave empty to leave the bill out.")


def change_order(session: Session, arguments: ChangeOrder) -> OrderPrepared:
    """Change it."""
    order = paying.find_order(session, arguments.order)
    amount = None if arguments.amount is None else Money.of(arguments.amount, order.currency)
    changed = paying.change_line(session, order.number, arguments.bill, amount=amount)
    return _shown(session, changed)


class ApproveOrder(Arguments):
    """Approve a payment order, so that somebody else may carry it out."""

    order: OrderRef = Field(description="Its number, such as PMO-00042.")


def approve_order(session: Session, arguments: ApproveOrder) -> OrderPrepared:
    """Release it."""
    return _shown(session, paying.approve_order(session, arguments.order))


class ExecuteOrder(Arguments):
    """Carry out an approved payment order: its payments are posted, all of them or none."""

    order: OrderRef = Field(description="Its number, such as PMO-00042.")


def execute_order(session: Session, arguments: ExecuteOrder) -> OrderPrepared:
    """Carry it out."""
    return _shown(session, paying.execute_order(session, arguments.order))


class CancelOrder(Arguments):
    """Cancel a payment order that was not carried out; its bills may be paid otherwise."""

    order: OrderRef = Field(description="Its number, such as PMO-00042.")
    because: Because = Field(description="Why.")


def cancel_order(session: Session, arguments: CancelOrder) -> OrderPrepared:
    """Cancel it."""
    order = paying.cancel_order(session, arguments.order, because=arguments.because)
    return _shown(session, order)


class ShowOrder(Arguments):
    """Show a payment order with the bills that it pays, and where the money goes."""

    order: OrderRef = Field(description="Its number, such as PMO-00042.")


def show_order(session: Session, arguments: ShowOrder) -> OrderPrepared:
    """Read it."""
    return _shown(session, paying.find_order(session, arguments.order))


class ListOrders(Arguments):
    """List the payment orders, with their state and what they pay."""

    state: OrderState | None = Field(default=None, description="Leave empty for all.")


class OrdersListed(Answer):
    """Payment orders, the newest first."""

    orders: list[OrderView]

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are, and how many wait."""
        waiting = sum(view.state in {OrderState.DRAFT, OrderState.APPROVED} for view in self.orders)
        if language == "zh":
            return f"付款指令共 {len(self.orders)} 个，其中 {waiting} 个未执行。"
        orders = (
            "1 payment order" if len(self.orders) == 1 else f"{len(self.orders)} payment orders"
        )
        return f"{orders}, of which {waiting} not carried out yet."

    def grid(self) -> Grid:
        """Return one row for every order."""
        columns = (
            Column("order", "付款指令"),
            Column("state", "状态"),
            Column("pay on", "付款日", "date"),
            Column("bills", "账单数", "number"),
            Column("total", "合计"),
            Column("from", "付款账户"),
        )
        rows = tuple(
            (
                view.number,
                word(view.state),
                view.pay_on,
                len(view.lines),
                str(view.total),
                view.account,
            )
            for view in self.orders
        )
        return Grid(columns, rows)


def list_orders(session: Session, arguments: ListOrders) -> OrdersListed:
    """Read them."""
    return OrdersListed(orders=paying.list_orders(session, state=arguments.state))


def undo_never(_session: Session, _arguments: Arguments, _answer: object) -> Undoing:
    """Say that an order is prepared anew."""
    return Undoing(impossible=ORDER_STAYS)


def undo_execute(_session: Session, _arguments: ExecuteOrder, _answer: object) -> Undoing:
    """Say that money that has left does not come back by itself."""
    return Undoing(impossible=MONEY_IS_OUT)


def undo_approve(_session: Session, arguments: ApproveOrder, _answer: object) -> Undoing:
    """Cancel the order."""
    return Undoing((Call(CANCEL, CancelOrder(order=arguments.order, because=UNDO)),))


def cases_of_order(session: Session, arguments: ApproveOrder, _answer: object) -> Sequence[str]:
    """Return what who releases must have no other hand in: the bills, their orders, the suppliers.

    Who ordered, received or booked it, added the supplier or changed its account, does not pay it.
    """
    order = paying.find_order(session, arguments.order)
    view = paying.order_view(session, order)
    bills = [invoicing.find_invoice(session, line.bill) for line in view.lines]
    return [
        order.number,
        *(bill.number for bill in bills),
        *(bill.origin for bill in bills),
        *(line.party_number for line in view.lines),
    ]


def case_of_execution(session: Session, arguments: ExecuteOrder, _answer: object) -> str:
    """Return the order: who approved it does not carry it out."""
    return paying.find_order(session, arguments.order).number


# The bank's file.


class MakeBankFile(Arguments):
    """Make the bank's file of an approved payment order, once: SEPA (pain.001) or plain CSV."""

    order: OrderRef = Field(description="Its number, such as PMO-00042.")
    format: FileFormat = FileFormat.SEPA


class BankFileShown(Answer):
    """The file, and the seal by which it is known again."""

    order: str
    name: str
    sha256: str
    payments: int
    control_sum: str
    content: str

    def sentence(self, language: Language = "en") -> str:
        """Say what it comes to."""
        seal = self.sha256[:16]
        if language == "zh":
            return (
                f"{self.order} 的银行文件 {self.name}：{self.payments} 笔付款，"
                f"控制总额 {self.control_sum}，sha256 {seal}…。"
            )
        payments = "1 payment" if self.payments == 1 else f"{self.payments} payments"
        return (
            f"The bank file {self.name} of {self.order} has {payments}, control sum"
            f" {self.control_sum}, sha256 {seal}…."
        )


def make_bank_file(session: Session, arguments: MakeBankFile) -> BankFileShown:
    """Make it, or give out the one that was made."""
    file = paying.bank_file(session, arguments.order, format=arguments.format)
    return _file(session, file)


class ShowBankFile(Arguments):
    """Give out the bank's file of a payment order as it was made, byte for byte."""

    order: OrderRef = Field(description="Its number, such as PMO-00042.")
    format: FileFormat = FileFormat.SEPA


def show_bank_file(session: Session, arguments: ShowBankFile) -> BankFileShown:
    """Read it."""
    file = paying.find_bank_file(session, arguments.order, format=arguments.format)
    return _file(session, file)


def undo_file(_session: Session, _arguments: MakeBankFile, _answer: object) -> Undoing:
    """Say that the file stays."""
    return Undoing(impossible=FILE_STAYS)


def _account(session: Session, text: str | None) -> Account | None:
    return ledger.account_named(session, text) if text else None


def _keep(session: Session, account: Account | None, keep: Decimal | None) -> Money | None:
    if keep is None:
        return None
    return Money.of(keep, paying.purse_of(session, account).currency)


def _shown(session: Session, order: paying.PaymentOrder) -> OrderPrepared:
    return OrderPrepared(order=paying.order_view(session, order), number=order.number)


def _file(session: Session, file: paying.BankFile) -> BankFileShown:
    order = session.get_one(paying.PaymentOrder, file.order_id)
    assert hashlib.sha256(file.content).hexdigest() == file.sha256, "a file is as it was made"
    return BankFileShown(
        order=order.number,
        name=file.name,
        sha256=file.sha256,
        payments=file.payments,
        control_sum=str(Money(file.control_sum_minor, order.currency)),
        content=file.content.decode(),
    )


TOOLS = [
    Tool(
        "paying.propose_payments",
        ProposePayments,
        propose_payments,
        writes=False,
        title="What to pay",
        title_zh="付款建议",
        roles=PAYERS,
    ),
    Tool(
        "paying.prepare_order",
        PrepareOrder,
        prepare_order,
        writes=True,
        title="Prepare payment order",
        title_zh="制作付款指令",
        roles=BOOKKEEPERS,
        pin=pin_order,
        undo=undo_prepare,
    ),
    Tool(
        "paying.change_order",
        ChangeOrder,
        change_order,
        writes=True,
        title="Change payment order",
        title_zh="更改付款指令",
        roles=BOOKKEEPERS,
        undo=undo_never,
    ),
    Tool(
        "paying.approve_order",
        ApproveOrder,
        approve_order,
        writes=True,
        title="Approve payment order",
        title_zh="批准付款指令",
        roles=BOOKKEEPERS,
        undo=undo_approve,
        duty=Duty(DutyName.PAY, cases_of_order),
        sensitive=True,
    ),
    Tool(
        "paying.execute_order",
        ExecuteOrder,
        execute_order,
        writes=True,
        title="Carry out payment order",
        title_zh="执行付款指令",
        roles=BOOKKEEPERS,
        undo=undo_execute,
        duty=Duty(DutyName.EXECUTE, case_of_execution),
        sensitive=True,
    ),
    Tool(
        CANCEL,
        CancelOrder,
        cancel_order,
        writes=True,
        title="Cancel payment order",
        title_zh="取消付款指令",
        roles=BOOKKEEPERS,
        undo=undo_never,
    ),
    Tool(
        "paying.show_order",
        ShowOrder,
        show_order,
        writes=False,
        title="Show payment order",
        title_zh="查看付款指令",
        roles=PAYERS,
    ),
    Tool(
        "paying.list_orders",
        ListOrders,
        list_orders,
        writes=False,
        title="Payment orders",
        title_zh="付款指令列表",
        roles=PAYERS,
    ),
    Tool(
        "paying.make_bank_file",
        MakeBankFile,
        make_bank_file,
        writes=True,
        title="Make bank file",
        title_zh="生成银行文件",
        roles=BOOKKEEPERS,
        undo=undo_file,
        sensitive=True,
    ),
    Tool(
        "paying.show_bank_file",
        ShowBankFile,
        show_bank_file,
        writes=False,
        title="Show bank file",
        title_zh="查看银行文件",
        roles=PAYERS,
    ),
]
