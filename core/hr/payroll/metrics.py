"""What payroll gives to reporting: what people earn, get and cost; never of fewer than five.

The sums themselves are private parts: nobody can ask for them, or look behind them. What is asked
for is a figure that is there only where enough people are in it.
"""

from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Numeric, case, cast, func, select, true

from core.hr.employment.tables import PAY_READERS
from core.hr.payroll.tables import PEOPLE_MIN, PayrollRun, Payslip
from core.kernel.semantics import (
    Adding,
    Kind,
    Measure,
    Metric,
    Names,
    Said,
    Semantics,
    Source,
    Unit,
)
from core.ledger.tables import DimensionSet

# Whoever else asked would be shown a total of the rows that are theirs to see: a wrong one.
TOTALS = frozenset(PAY_READERS)

# "CC1=60,CC2=40" becomes a row for each cost centre, with its share of each amount.
_pairs = func.string_to_array(func.nullif(Payslip.shares, ""), ",")
_share = func.unnest(_pairs).table_valued("value", name="share").render_derived()
_percent = func.coalesce(cast(func.split_part(_share.c.value, "=", 2), Numeric), 100)


def _part(column: Any, name: str) -> ColumnElement[Decimal]:  # noqa: ANN401
    part: ColumnElement[Decimal] = (column * _percent / 100).label(name)
    return part


PAY = Source(
    id="pay",
    rows=select(
        PayrollRun.number.label("document"),
        Payslip.period.label("paid_for"),
        Payslip.department_id.label("department"),
        DimensionSet.id.label("dimension_set"),
        Payslip.employee_id.label("person"),
        _part(Payslip.gross_minor, "gross"),
        _part(Payslip.net_minor, "net"),
        _part(Payslip.employer_minor, "employer"),
    )
    .join(PayrollRun, PayrollRun.id == Payslip.run_id)
    .outerjoin(_share, true())
    .outerjoin(
        DimensionSet,
        DimensionSet.key == func.concat("cost_centre=", func.split_part(_share.c.value, "=", 1)),
    ),
    basis=Said("payslips of posted payroll runs", "已过账薪资核算的工资单"),
    handles=frozenset({"department", "dimension_set"}),
    dates=("paid_for",),
    document_kind="payroll_run",
)


def _sum(name: str, en: str, zh: str) -> Metric:
    return Metric(
        id=f"pay_{name}_sum",
        names=Names(en, zh),
        definition=Said(f"The sum of {en} on payslips.", f"工资单{zh}合计。"),
        unit=Unit.MONEY,
        kind=Kind.FLOW,
        roles=TOTALS,
        measure=Measure(PAY, lambda rows: rows[name], minor=True),
        inner=True,
        private=True,
    )


def _of_enough(people: Any, amount: Any) -> ColumnElement[Decimal]:  # noqa: ANN401
    return case((people >= PEOPLE_MIN, amount))


_HIDDEN = Said("hidden (fewer than 5 people)", "已隐藏（少于 5 人）")


def _shown(
    name: str, names: Names, definition: Said, parts: tuple[str, ...], *, both: bool = False
) -> Metric:
    return Metric(
        id=name,
        names=names,
        definition=definition,
        unit=Unit.MONEY,
        kind=Kind.RATIO,
        roles=TOTALS,
        parts=("people_paid", *parts),
        formula=(lambda people, one, two: _of_enough(people, one + two)) if both else _of_enough,
        undefined=_HIDDEN,
        more_is_better=False if both else None,
    )


SEMANTICS = Semantics(
    metrics=(
        Metric(
            id="people_paid",
            names=Names(
                "people paid",
                "发薪人数",
                ("number of payslips", "people on payroll", "employees paid"),
                ("发薪员工数", "工资单张数", "领薪人数"),
            ),
            definition=Said(
                "The number of different people with a payslip of the period.",
                "期间内有工资单的不同人员数。",
            ),
            unit=Unit.COUNT,
            kind=Kind.FLOW,
            roles=TOTALS,
            measure=Measure(PAY, lambda rows: rows["person"], adding=Adding.DISTINCT),
        ),
        _sum("gross", "gross pay", "应发"),
        _sum("net", "net pay", "实发"),
        _sum("employer", "employer contributions", "单位缴费"),
        _shown(
            "payroll_cost",
            Names(
                "payroll cost",
                "人工成本",
                ("cost of payroll", "staff cost", "personnel cost", "cost of labour"),
                ("薪资成本", "工资成本", "用工总成本", "人力成本"),
            ),
            Said(
                "Gross pay and employer contributions of payslips of the period; hidden where"
                " fewer than five people are in it.",
                "期间工资单的应发与单位缴费之和；少于五人时隐藏。",
            ),
            ("pay_gross_sum", "pay_employer_sum"),
            both=True,
        ),
        _shown(
            "gross_pay",
            Names(
                "gross pay",
                "应发工资",
                ("gross salaries", "gross wages", "gross payroll"),
                ("应发工资总额", "税前工资", "工资总额"),
            ),
            Said(
                "Gross pay of payslips of the period; hidden where fewer than five people are in"
                " it.",
                "期间工资单的应发金额；少于五人时隐藏。",
            ),
            ("pay_gross_sum",),
        ),
        _shown(
            "net_pay",
            Names(
                "net pay",
                "实发工资",
                ("net salaries", "net wages", "take-home pay"),
                ("实发工资总额", "税后工资", "到手工资"),
            ),
            Said(
                "Net pay of payslips of the period; hidden where fewer than five people are in it.",
                "期间工资单的实发金额；少于五人时隐藏。",
            ),
            ("pay_net_sum",),
        ),
        _shown(
            "employer_contributions",
            Names(
                "employer contributions",
                "单位缴费",
                (
                    "social insurance of the employer",
                    "employer social security",
                    "contributions of the company",
                ),
                ("单位社保", "单位社会保险费", "公司缴纳部分"),
            ),
            Said(
                "Employer contributions of payslips of the period; hidden where fewer than five"
                " people are in it.",
                "期间工资单的单位缴费；少于五人时隐藏。",
            ),
            ("pay_employer_sum",),
        ),
    ),
)
