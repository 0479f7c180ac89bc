"""Value added tax of China: rates of general and small-scale taxpayers, boxes of the return.

The boxes are the rows of the main form of the return of general taxpayers, of small-scale ones
where they begin with X.
"""

from datetime import date

from core.ledger.tax.sets.shape import BoxData, CodeData, ComponentData, Rate, TaxSet
from core.ledger.tax.tables import ComponentKind, TaxUse

_2017 = "Caishui [2017] 37, from 2017-07-01"
_2018 = "Caishui [2018] 32, from 2018-05-01"
_2019 = "MOF/STA/GAC announcement [2019] 39, from 2019-04-01"
_GENERAL = {TaxUse.OUTPUT: ("1", "11"), TaxUse.INPUT: (None, "12")}


def _general(code: str, before: str, between: str, now: str, called: str) -> CodeData:
    rates = (
        Rate(before, _2017, date(2017, 7, 1), date(2018, 4, 30)),
        Rate(between, _2018, date(2018, 5, 1), date(2019, 3, 31)),
        Rate(now, _2019, date(2019, 4, 1)),
    )
    vat = ComponentData(f"VAT {now} %", f"增值税 {now}%", rates, _GENERAL)
    return CodeData(code, f"VAT {now} %, {called}", f"增值税 {now}%", (vat,))


def _untaxed(code: str, name: str, name_zh: str, box: str, source: str) -> CodeData:
    only = ComponentData(
        name,
        name_zh,
        (Rate("0", source),),
        {TaxUse.OUTPUT: (box, None), TaxUse.INPUT: (None, None)},
        ComponentKind.EXEMPT,
    )
    return CodeData(code, name, name_zh, (only,))


_SIX = ComponentData(
    "VAT 6 %",
    "增值税 6%",
    (Rate("6", "Caishui [2016] 36, from 2016-05-01", date(2016, 5, 1)),),
    _GENERAL,
)
_SMALL_BOXES = {TaxUse.OUTPUT: ("X1", "X15"), TaxUse.INPUT: (None, "12")}
_SMALL = ComponentData(
    "VAT of small-scale taxpayers",
    "小规模纳税人增值税",
    (
        Rate("3", "Caishui [2014] 57, from 2014-07-01", date(2014, 7, 1), date(2020, 2, 29)),
        Rate(
            "1",
            "MOF/STA announcements [2020] 13 and 24, [2021] 7, from 2020-03-01 to 2022-03-31",
            date(2020, 3, 1),
            date(2022, 3, 31),
        ),
        Rate(
            "0",
            "MOF/STA announcement [2022] 15, from 2022-04-01 to 2022-12-31: exempt",
            date(2022, 4, 1),
            date(2022, 12, 31),
            {TaxUse.OUTPUT: ("X9", None), TaxUse.INPUT: (None, None)},
        ),
        Rate(
            "1",
            "MOF/STA announcements [2023] 1 and 19, from 2023-01-01 to 2027-12-31",
            date(2023, 1, 1),
            date(2027, 12, 31),
        ),
        Rate("3", "Caishui [2014] 57, after the relief of [2023] 19 ends", date(2028, 1, 1)),
    ),
    _SMALL_BOXES,
)
_SIMPLE = ComponentData(
    "VAT 3 %, simple method",
    "增值税 3%（简易计税）",
    (Rate("3", "Caishui [2014] 57, from 2014-07-01", date(2014, 7, 1)),),
    {TaxUse.OUTPUT: ("5", "21"), TaxUse.INPUT: (None, "12")},
)

CHINA = TaxSet(
    code="CN",
    name="VAT of China",
    name_zh="中国增值税",
    boxes=(
        BoxData("1", "Sales at the applicable rate", "按适用税率计税销售额"),
        BoxData("5", "Sales by the simple method", "按简易办法计税销售额"),
        BoxData("7", "Exports under exemption, credit and refund", "免、抵、退办法出口销售额"),
        BoxData("8", "Exempt sales", "免税销售额"),
        BoxData("11", "Output tax", "销项税额"),
        BoxData("12", "Input tax", "进项税额"),
        BoxData("19", "Tax payable", "应纳税额", "11-12"),
        BoxData("21", "Tax by the simple method", "简易计税办法计算的应纳税额"),
        BoxData("24", "Tax payable in total", "应纳税额合计", "19+21"),
        BoxData("X1", "Sales of a small-scale taxpayer", "应征增值税不含税销售额"),
        BoxData("X9", "Exempt sales of a small-scale taxpayer", "小规模纳税人免税销售额"),
        BoxData("X15", "Tax of a small-scale taxpayer", "小规模纳税人本期应纳税额"),
    ),
    codes=(
        _general("CN13", "17", "16", "13", "goods and repair"),
        _general("CN9", "11", "10", "9", "transport, buildings, basic goods"),
        CodeData("CN6", "VAT 6 %, services", "增值税 6%", (_SIX,)),
        CodeData("CN3", "VAT 3 %, simple method", "增值税 3%（简易计税）", (_SIMPLE,)),
        CodeData("CNS", "VAT of small-scale taxpayers", "小规模纳税人增值税", (_SMALL,)),
        _untaxed("CN0", "Exports, zero-rated", "出口零税率", "7", "Caishui [2012] 39"),
        _untaxed(
            "CNEX",
            "Exempt from VAT",
            "免征增值税",
            "8",
            "Interim regulations on VAT, article 15; Caishui [2016] 36, annex 3",
        ),
    ),
)
