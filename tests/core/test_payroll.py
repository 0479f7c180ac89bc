"""A month of pay: worked out, posted, paid; changed later, lent on, refused where it is wrong."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import hr, ledger, parties
from core.compliance import verify_books
from core.compliance.findings import Finding
from core.compliance.payroll import contributions_are_paid_as_owed, runs_are_paid_at_net
from core.hr import Department, Employee, payroll
from core.hr.employment.errors import AfterLeaving, BeforeHiring
from core.hr.payroll import LineDraft, PayKind, Payslip, errors
from core.hr.payroll.events import PayrollPosted
from core.hr.payroll.tables import PayrollFile
from core.kernel.company import CompanyRow
from core.kernel.database import acting
from core.kernel.events import recorded
from core.kernel.identity import service as identity
from core.kernel.identity.acting import Acting
from core.kernel.money import Money
from core.ledger.chart import BANK, SALARIES, SALARIES_PAYABLE
from core.reporting import answer
from core.reporting.query import Range, ReportQuery

D = Decimal
JAN, FEB, MAR = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)


@pytest.fixture
def sales(session: Session) -> Department:
    """A department; pay is taxed at 20 % above 1,000, with 10 % pension of each side."""
    payroll.open_pay_accounts(session)
    for code, kind, debit, credit in (
        ("salary", PayKind.EARNING, SALARIES, None),
        ("bonus", PayKind.EARNING, SALARIES, None),
        ("overtime_hours", PayKind.INFORMATION, None, None),
        ("overtime", PayKind.EARNING, SALARIES, None),
        ("pension", PayKind.DEDUCTION, None, "2320"),
        ("tax", PayKind.DEDUCTION, None, "2310"),
        ("pension_employer", PayKind.EMPLOYER, "6015", "2320"),
    ):
        payroll.add_component(
            session,
            code=code,
            name=code,
            kind=kind,
            debit=debit,
            credit=credit,
            to_authority=credit is not None,
            prorated=code == "salary",
            retro=code in {"salary", "overtime"},
            from_terms=code == "salary",
        )
    payroll.ready_for_loans(session)
    payroll.set_rate(session, name="pension_rate", value=D("0.1"), valid_from=JAN, source="own")
    lines = (
        LineDraft("salary"),
        LineDraft("bonus"),
        LineDraft("overtime_hours"),
        LineDraft("overtime", "full(salary) / 160 * overtime_hours"),
        LineDraft("pension", "gross * pension_rate"),
        LineDraft("tax", "max(0, gross - pension - 1000) * 20%"),
        LineDraft("loan_repayment"),
        LineDraft("pension_employer", "gross * pension_rate"),
    )
    payroll.set_structure(session, code="staff", name="Staff", lines=lines, valid_from=JAN)
    return hr.add_department(session, code="SALES", name="Sales", name_zh="销售部")


def hire(
    session: Session, department: Department, name: str, pay: int, *, on: date = JAN
) -> Employee:
    employee = hr.add_employee(
        session,
        name=name,
        department=department,
        job_title="Clerk",
        hired_on=on,
        pay=Money.of(pay, "EUR"),
    )
    payroll.assign_structure(session, employee, "staff", valid_from=on)
    return employee


def slip_of(session: Session, employee: Employee, period: date) -> payroll.PayslipView:
    found = payroll.find_payslip(session, employee=employee, period=period)
    return payroll.payslip_view(session, found)


def amounts(slip: payroll.PayslipView) -> dict[str, Decimal]:
    return {f"{line.code} {line.for_period:%m}": line.amount for line in slip.lines}


def balance(session: Session, account: str) -> Decimal:
    return ledger.balance(session, account).amount


def test_a_month_is_posted_by_cost_centre_and_paid_out(session: Session, sales: Department) -> None:
    for code in ("CC1", "CC2"):
        ledger.add_member(session, "cost_centre", code=code, name=code)
    anna, li = (
        hire(session, sales, "Anna", 3000),
        hire(session, sales, "Li", 2000, on=date(2026, 1, 16)),
    )
    payroll.share_costs(session, anna, {"CC1": D(60), "CC2": D(40)}, valid_from=JAN)
    payroll.enter_input(session, anna, "overtime_hours", D(8), period=JAN)
    payroll.enter_input(session, anna, "bonus", D("100.01"), period=JAN)

    run = payroll.run_payroll(session, date(2026, 1, 20))

    # 3,000 + 8 hours of 18.75 + 100.01; pension 325.00; tax (3,250.01 - 325.00 - 1,000) x 20 %.
    assert amounts(slip_of(session, anna, JAN)) == {
        "salary 01": D(3000), "bonus 01": D("100.01"), "overtime_hours 01": D(8),
        "overtime 01": D(150), "pension 01": D("325.00"), "tax 01": D("385.00"),
        "pension_employer 01": D("325.00"),
    }  # fmt: skip
    # Sixteen of 31 days.
    assert slip_of(session, li, JAN).gross == D("1032.26")
    view = payroll.run_view(session, run)
    assert (view.people, view.gross, view.net) == (2, D("4282.27"), D("3469.04"))
    assert balance(session, SALARIES) == D("4282.27")
    assert balance(session, SALARIES_PAYABLE) == D("-3469.04")
    by_centre = dict(
        session.execute(
            text(
                "SELECT s.key, sum(base_minor) FROM posting p JOIN dimension_set s"
                " ON s.id = p.dimension_set_id JOIN account a ON a.id = p.account_id"
                " WHERE a.role = 'salaries' GROUP BY s.key"
            )
        ).all()
    )
    assert by_centre == {"cost_centre=CC1": 195_001, "cost_centre=CC2": 130_000}
    payroll.pay_run(session, run.number)
    payroll.pay_authorities(session, run.number)
    for settled in (SALARIES_PAYABLE, "2310", "2320"):
        assert balance(session, settled) == 0
    assert balance(session, BANK) == -view.cost
    assert verify_books(session) == []
    with pytest.raises(errors.AlreadyPaid, match="PY-00001 is paid already"):
        payroll.pay_run(session, run.number)
    with pytest.raises(errors.AlreadyPaid):
        payroll.pay_authorities(session, run.number)
    # Of two people, what left the bank tells what each of them gets.
    assert {fact.name for fact in recorded(session) if fact.name.startswith("payroll.")} >= {
        "payroll.private.posted", "payroll.private.paid", "payroll.private.contributions_paid",
    }  # fmt: skip
    with pytest.raises(errors.AlreadyRun, match="2026-01 is run already by PY-00001"):
        payroll.run_payroll(session, JAN)
    with pytest.raises(errors.AlreadyPaidFor, match="payslip of 2026-01 already: PS-00001"):
        payroll.run_payroll(session, JAN, employees=[anna.id])


def test_what_changes_later_is_paid_with_the_next_run_and_once(
    session: Session, sales: Department
) -> None:
    anna = hire(session, sales, "Anna", 3000)
    bo = hire(session, sales, "Bo", 2000)
    payroll.run_payroll(session, JAN)
    january = balance(session, SALARIES)
    # A rise from the middle of January on, and hours that come late.
    hr.set_pay(session, anna, Money.of(3310, "EUR"), starts_on=date(2026, 1, 22))
    payroll.enter_input(session, bo, "overtime_hours", D(16), period=JAN)

    payroll.run_payroll(session, FEB)
    payroll.run_payroll(session, MAR)

    got = amounts(slip_of(session, anna, FEB))
    assert (got["salary 02"], got["salary 01"]) == (D(3310), D(100))
    assert amounts(slip_of(session, bo, FEB))["overtime 01"] == D(200)
    assert slip_of(session, bo, FEB).gross == D(2200)
    assert slip_of(session, anna, MAR).gross == D(3310)
    assert "salary 01" not in amounts(slip_of(session, anna, MAR))
    assert slip_of(session, anna, JAN).gross == D(3000)
    assert balance(session, SALARIES) == january + D(3310) + 100 + 2200 + 3310 + 2000
    assert verify_books(session) == []


def test_a_loan_is_taken_off_in_parts_and_never_below_nothing(
    session: Session, sales: Department
) -> None:
    anna = hire(session, sales, "Anna", 3000)
    session.info["today"] = JAN
    session.info.pop("company", None)

    loan = payroll.grant_loan(session, anna, Money.of(1000, "EUR"), months=3, first=JAN)

    assert balance(session, "1230") == D(1000)
    for period in (JAN, FEB, MAR):
        payroll.run_payroll(session, period)
    taken = [amounts(slip_of(session, anna, each)) for each in (JAN, FEB, MAR)]
    assert [each[f"loan_repayment {place:02d}"] for place, each in enumerate(taken, 1)] == [
        D("333.34"), D("333.34"), D("333.32"),
    ]  # fmt: skip
    assert balance(session, "1230") == 0
    assert loan.number == "LN-00001"
    payroll.grant_loan(session, anna, Money.of(9000, "EUR"), months=1, first=date(2026, 4, 1))
    with pytest.raises(errors.NegativeNet, match=r"1 people .* in 2026-04: E-00001 Anna"):
        payroll.run_payroll(session, date(2026, 4, 1))
    with pytest.raises(errors.ScheduleWrong, match="cannot be repaid in 200 months"):
        payroll.grant_loan(session, anna, Money.of(900, "EUR"), months=200, first=JAN)
    assert verify_books(session) == []


def test_what_is_wrong_is_refused_with_the_reason(session: Session, sales: Department) -> None:
    anna = hire(session, sales, "Anna", 3000, on=FEB)
    with pytest.raises(BeforeHiring, match="hired on 2026-02-01"):
        payroll.set_monthly(session, anna, "bonus", D(10), valid_from=JAN)
    with pytest.raises(BeforeHiring, match="hired on 2026-02-01"):
        payroll.enter_input(session, anna, "bonus", D(10), period=JAN)
    with pytest.raises(BeforeHiring):
        payroll.run_payroll(session, JAN, employees=[anna.id])
    with pytest.raises(errors.NobodyToPay, match="2026-01"):
        payroll.run_payroll(session, JAN)
    with pytest.raises(errors.NotEntered, match="overtime is worked out by a formula in staff"):
        payroll.enter_input(session, anna, "overtime", D(10), period=FEB)
    with pytest.raises(errors.SharesIncomplete, match="come to 90 %"):
        payroll.share_costs(session, anna, {"CC1": D(90)}, valid_from=FEB)
    with pytest.raises(errors.FormulaUnreadable, match="at sign 9"):
        payroll.set_structure(
            session, code="x", lines=[LineDraft("bonus", "gross * * 2")], valid_from=FEB
        )
    with pytest.raises(errors.EmptyStructure):
        payroll.set_structure(session, code="x", lines=[], valid_from=FEB)
    with pytest.raises(errors.NameTaken, match="gross"):
        payroll.add_component(session, code="gross", name="x", kind=PayKind.INFORMATION)
    with pytest.raises(errors.NotAPayName):
        payroll.add_component(session, code="Base Pay", name="x", kind=PayKind.INFORMATION)
    with pytest.raises(errors.AccountsMissing, match="needs an expense account"):
        payroll.add_component(session, code="meal", name="Meal", kind=PayKind.EARNING)
    hr.leave_company(session, anna, left_on=date(2026, 3, 31))
    with pytest.raises(AfterLeaving):
        payroll.set_monthly(session, anna, "bonus", D(10), valid_from=date(2026, 4, 1))
    bo = hr.add_employee(session, name="Bo", department=sales, job_title="Clerk", hired_on=JAN)
    with pytest.raises(errors.NoStructure, match=r"1 of those employed in 2026-03 .* E-00002 Bo"):
        payroll.run_payroll(session, MAR)
    payroll.assign_structure(session, bo, None, valid_from=JAN)
    assert payroll.run_payroll(session, MAR).people == 1


def test_the_database_keeps_posted_pay_as_it_is(session: Session, sales: Department) -> None:
    anna = hire(session, sales, "Anna", 3000)
    payroll.run_payroll(session, JAN)
    slip = session.scalars(select(Payslip)).one()
    for change in (
        "UPDATE payroll_run SET net_minor = net_minor + 1, gross_minor = gross_minor + 1",
        "DELETE FROM payroll_run",
        "UPDATE payslip_line SET amount_minor = 1",
        "DELETE FROM pay_value",
    ):
        kept = pytest.raises(IntegrityError, match=r"stays|record of facts")
        with kept, session.begin_nested():
            session.execute(text(change))
    with pytest.raises(IntegrityError, match=r"net_not_negative|adds_up"), session.begin_nested():
        session.add(Payslip(**{**_copy(slip), "number": "Y", "period": FEB, "net_minor": -1}))
        session.flush()
    assert slip_of(session, anna, JAN).net == D(2360)


def test_a_run_that_no_entry_paid_is_found(session: Session, sales: Department) -> None:
    hire(session, sales, "Anna", 3000)
    run = payroll.run_payroll(session, JAN)
    assert list(runs_are_paid_at_net(session)) == []

    for entry in ("JE-NONE", run.entry):
        paid = text("UPDATE payroll_run SET state = 'paid', paid_entry = :entry")
        session.execute(paid, {"entry": entry})

        assert list(runs_are_paid_at_net(session)) == [
            Finding("H3", run.number, "paid 0 of 236000")
        ]


def test_contributions_that_are_not_paid_as_owed_are_found(
    session: Session, sales: Department
) -> None:
    hire(session, sales, "Anna", 3000)
    run = payroll.run_payroll(session, JAN)
    payroll.pay_authorities(session, run.number)
    assert list(contributions_are_paid_as_owed(session)) == []

    # Tax is 340, pension 300 of each side.
    for entry, problems in (
        ("JE-NONE", [("", "what was paid to authorities is in no entry"),
                     (" 2310", "owed 34000, paid 0"), (" 2320", "owed 60000, paid 0")]),
        (run.entry, [(" 2310", "owed 34000, paid 0"), (" 2320", "owed 60000, paid 0")]),
    ):  # fmt: skip
        session.execute(text("UPDATE payroll_run SET remitted_entry = :entry"), {"entry": entry})

        assert list(contributions_are_paid_as_owed(session)) == [
            Finding("H5", f"{run.number}{account}", problem) for account, problem in problems
        ]


def _copy(slip: Payslip) -> dict[str, object]:
    columns = [each.name for each in Payslip.__table__.columns if each.name != "id"]
    return {name: getattr(slip, name) for name in columns}


def test_pay_is_shown_to_oneself_and_to_who_may_see_it(session: Session, sales: Department) -> None:
    anna, bo = hire(session, sales, "Anna", 3000), hire(session, sales, "Bo", 2000)
    payroll.run_payroll(session, JAN)
    for login, roles, party in (
        ("anna", {"employee"}, anna.party_id),
        ("clerk", {"accountant"}, None),
        ("hr", {"hr"}, None),
    ):
        identity.add_person(session, login=login, name=login, roles=roles, party_id=party)

    def seen(login: str, employee: Employee) -> bool:
        session.info["acting"] = Acting(identity.find_actor(session, login))
        try:
            payroll.find_payslip(session, employee=employee, period=JAN)
        except errors.UnknownPayslip:
            return False
        return True

    system = acting(session)
    assert [seen("anna", anna), seen("anna", bo)] == [True, False]
    assert [seen("clerk", anna), seen("hr", anna)] == [False, True]
    session.info["acting"] = Acting(identity.find_actor(session, "anna"))
    with pytest.raises(errors.OwnPay, match="E-00001"):
        payroll.enter_input(session, anna, "bonus", D(10), period=FEB)
    session.info["acting"] = Acting(identity.find_actor(session, "hr"), on_behalf_of="anna")
    with pytest.raises(errors.OwnPay):
        payroll.set_monthly(session, anna, "bonus", D(10), valid_from=FEB)
    session.info["acting"] = system


def test_figures_of_fewer_than_five_people_are_hidden(session: Session, sales: Department) -> None:
    buying = hr.add_department(session, code="BUY", name="Buying", name_zh="采购部")
    for place in range(5):
        hire(session, sales, f"S{place}", 2000)
    for place in range(4):
        hire(session, buying, f"B{place}", 3000)
    payroll.run_payroll(session, JAN)
    query = ReportQuery(
        metrics=("payroll_cost", "people_paid"),
        dimensions=("department",),
        period=Range(start=JAN, end=date(2026, 1, 31)),
    )

    report = answer(session, query)

    shown = {row.members[0].key: list(row.figures) for row in report.rows}
    assert shown == {"SALES": [D(11000), D(5)], "BUY": [None, D(4)]}
    private = query.model_copy(update={"metrics": ("pay_gross_sum",)})
    with pytest.raises(Exception, match="no metric called pay_gross_sum"):
        answer(session, private)


def test_the_bank_gets_a_file_of_net_pay(session: Session, sales: Department) -> None:
    anna, bo = hire(session, sales, "Anna", 3000), hire(session, sales, "Bodil", 2000)
    ledger.open_bank_account(
        session, code="HOUSE", name="House bank", account=BANK, iban="DE89370400440532013000"
    )
    parties.set_bank_account(session, anna.party, iban="DE02120300000000202051", bank="DKB")
    parties.verify_bank_account(session, anna.party)
    # Nobody made sure of this one: what it would get is held.
    parties.set_bank_account(session, bo.party, iban="DE89370400440532013000")

    run = payroll.run_payroll(session, JAN)

    assert run.file_name == "PY-00001.xml"
    assert (run.file_payments, run.file_minor) == (1, 236_000)
    content = session.scalars(select(PayrollFile.content)).one()
    assert b"DE02120300000000202051" in content
    assert bo.party.name.encode() not in content
    [told] = [fact for fact in recorded(session) if isinstance(fact, PayrollPosted)]
    assert told.name == "payroll.private.posted"
    assert told.warnings == (("bank_account_not_verified", "1 👤 · 1,640.00 EUR"),)
    session.get_one(CompanyRow, 1)
