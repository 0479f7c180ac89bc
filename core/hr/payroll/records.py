"""What payroll gives to lists: the runs, in totals. Payslips are somebody's own, and no list."""

from core.hr.employment.tables import PAY_READERS
from core.hr.payroll.tables import PEOPLE_MIN, PayrollRun, RunState
from core.kernel.identity.roles import Role
from core.kernel.listing import Field, Holds, Lists, RecordKind
from core.kernel.semantics import Names, Said

RUNS = RecordKind(
    id="payroll_runs",
    names=Names(
        "payroll runs", "薪资核算", ("runs of payroll", "salary runs"), ("工资核算记录", "发薪记录")
    ),
    one=Said("payroll run", "薪资核算"),
    source=PayrollRun.__table__,
    key=PayrollRun.number,
    identity=PayrollRun.id,
    currency=PayrollRun.currency,
    fields=(
        Field("number", Names("number", "编号"), column=PayrollRun.number),
        Field("period", Names("month", "月份"), Holds.DATE, PayrollRun.period),
        Field("pay_on", Names("paid on", "支付日"), Holds.DATE, PayrollRun.pay_on, ahead=True),
        Field(
            "state",
            Names("state", "状态"),
            Holds.WORD,
            PayrollRun.state,
            words={
                RunState.POSTED: ("posted", "已过账"),
                RunState.PAID: ("paid", "已支付"),
            },
        ),
        Field("people", Names("people", "人数"), Holds.COUNT, PayrollRun.people),
        Field("gross", Names("gross", "应发"), Holds.MONEY, PayrollRun.gross_minor),
        Field("net", Names("net", "实发"), Holds.MONEY, PayrollRun.net_minor),
        Field(
            "employer",
            Names("employer contributions", "单位缴费"),
            Holds.MONEY,
            PayrollRun.employer_minor,
        ),
    ),
    # A run of few people would say what each of them gets.
    where=(PayrollRun.people >= PEOPLE_MIN,),
    day="period",
    order=(("period", "desc"),),
    roles=PAY_READERS | {Role.ACCOUNTANT},
    ref="payroll_run",
)

LISTS = Lists(kinds=(RUNS,))
