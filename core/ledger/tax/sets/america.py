"""Sales tax in the United States: taxes of state, county, city and districts, added up.

Rates of three places, as examples of the three ways in which they are made up; a company adds
those of its own places. What is bought is charged with the same tax, which is never taken off.
"""

from datetime import date

from core.ledger.tax.sets.shape import BoxData, CodeData, ComponentData, Rate, TaxSet
from core.ledger.tax.tables import ComponentKind, TaxUse

_CALIFORNIA = "CDTFA: statewide 7.25 % from 2017-01-01 (state 6.00 %, local 1.25 %)"
_LA_M = "CDTFA: Los Angeles County district taxes, Measure M from 2017-07-01, H from 2017-10-01"
_LA_A = "CDTFA: Los Angeles County, Measure A replaces H from 2025-04-01"
_NEW_YORK = "New York State Department of Taxation, publication 718: 8.875 % from 2009-08-01"
_ILLINOIS = "Illinois Department of Revenue: Chicago 10.25 % from 2016-01-01"


_BOXES = {"state": "US4", "county": "US5", "city": "US6", "district": "US7"}


def _local(name: str, name_zh: str, level: str, *rates: Rate) -> ComponentData:
    boxes = {
        TaxUse.OUTPUT: ("US1" if level == "state" else None, _BOXES[level]),
        TaxUse.INPUT: (None, None),
        TaxUse.NOT_DEDUCTIBLE: (None, None),
    }
    return ComponentData(name, name_zh, rates, boxes, deductible=False)


def _since(percent: str, source: str, year: int) -> Rate:
    return Rate(percent, source, date(year, 1, 1))


_EXEMPT = ComponentData(
    "Exempt by certificate",
    "凭免税证明免税",
    (Rate("0", "Streamlined Sales Tax certificate of exemption; forms of the states"),),
    {TaxUse.OUTPUT: ("US2", None), TaxUse.INPUT: (None, None)},
    ComponentKind.EXEMPT,
)

UNITED_STATES = TaxSet(
    code="US",
    name="Sales tax of the United States",
    name_zh="美国销售税",
    boxes=(
        BoxData("US1", "Taxable sales", "应税销售额"),
        BoxData("US2", "Exempt sales", "免税销售额"),
        BoxData("US4", "Tax of the states", "州税"),
        BoxData("US5", "Tax of counties", "县税"),
        BoxData("US6", "Tax of cities", "市税"),
        BoxData("US7", "Tax of districts", "特区税"),
        BoxData(
            "US3",
            "Sales tax payable",
            "应缴销售税",
            "US4+US5+US6+US7",
        ),
    ),
    codes=(
        CodeData(
            "US-LA",
            "Sales tax of Los Angeles",
            "洛杉矶销售税",
            (
                _local(
                    "California", "加利福尼亚州", "state", Rate("6", _CALIFORNIA, date(2017, 1, 1))
                ),
                _local(
                    "Los Angeles County",
                    "洛杉矶县",
                    "county",
                    Rate("1.25", _CALIFORNIA, date(2017, 1, 1)),
                ),
                _local(
                    "Los Angeles districts",
                    "洛杉矶特区",
                    "district",
                    Rate("2.25", _LA_M, date(2017, 10, 1), date(2025, 3, 31)),
                    Rate("2.5", _LA_A, date(2025, 4, 1)),
                ),
            ),
        ),
        CodeData(
            "US-NYC",
            "Sales tax of New York City",
            "纽约市销售税",
            (
                _local("New York State", "纽约州", "state", Rate("4", _NEW_YORK, date(2009, 8, 1))),
                _local("New York City", "纽约市", "city", Rate("4.5", _NEW_YORK, date(2009, 8, 1))),
                _local(
                    "Metropolitan Commuter Transportation District",
                    "大都会通勤交通区",
                    "district",
                    Rate("0.375", _NEW_YORK, date(2009, 8, 1)),
                ),
            ),
        ),
        CodeData(
            "US-CHI",
            "Sales tax of Chicago",
            "芝加哥销售税",
            (
                _local("Illinois", "伊利诺伊州", "state", _since("6.25", _ILLINOIS, 2016)),
                _local("Cook County", "库克县", "county", _since("1.75", _ILLINOIS, 2016)),
                _local("Chicago", "芝加哥市", "city", _since("1.25", _ILLINOIS, 2016)),
                _local(
                    "Regional Transportation Authority",
                    "区域交通局",
                    "district",
                    _since("1", _ILLINOIS, 2016),
                ),
            ),
        ),
        CodeData(
            "US-EX", "Exempt by certificate", "凭免税证明免税", (_EXEMPT,), certificate_needed=True
        ),
    ),
)
