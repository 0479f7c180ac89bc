"""Value added tax of Germany within the European Union, with the boxes of its advance return."""

from dataclasses import replace
from datetime import date

from core.ledger.tax.sets.shape import BoxData, CodeData, ComponentData, Rate, TaxSet
from core.ledger.tax.tables import ComponentKind, TaxUse

_RELIEF = "Zweites Corona-Steuerhilfegesetz, article 3: UStG § 28, 2020-07-01 to 2020-12-31"
_STANDARD = "UStG § 12 (1), Haushaltsbegleitgesetz 2006, from 2007-01-01"
_REDUCED = "UStG § 12 (2), from 1983-07-01"
_START, _END = date(2020, 7, 1), date(2020, 12, 31)
_OTHER_RATE = {TaxUse.OUTPUT: ("35", "36"), TaxUse.INPUT: (None, "66")}


def _rates(percent: str, relief: str, source: str, since: date) -> tuple[Rate, ...]:
    return (
        Rate(percent, source, since, date(2020, 6, 30)),
        # Sales at the rates of the relief are reported under "other rates".
        Rate(relief, _RELIEF, _START, _END, _OTHER_RATE),
        Rate(percent, source, date(2021, 1, 1)),
    )


_NINETEEN = _rates("19", "16", _STANDARD, date(2007, 1, 1))
_SEVEN = _rates("7", "5", _REDUCED, date(1983, 7, 1))


def _vat(code: str, rates: tuple[Rate, ...], base: str, tax: str) -> CodeData:
    percent = rates[0].percent
    boxes = {TaxUse.OUTPUT: (base, tax), TaxUse.INPUT: (None, "66")}
    vat = ComponentData(f"VAT {percent} %", f"增值税 {percent}%", rates, boxes)
    return CodeData(code, f"VAT {percent} %", f"增值税 {percent}%", (vat,))


def _untaxed(code: str, name: str, name_zh: str, box: str, source: str) -> CodeData:
    boxes = {TaxUse.OUTPUT: (box, None), TaxUse.INPUT: (None, None)}
    only = ComponentData(name, name_zh, (Rate("0", source),), boxes, ComponentKind.EXEMPT)
    return CodeData(code, name, name_zh, (only,))


def _bought(
    code: str,
    name: str,
    name_zh: str,
    rates: tuple[Rate, ...],
    boxes: tuple[str, str, str],
) -> CodeData:
    """Return a code for what is bought under reverse charge: base, tax owed, tax taken off."""
    base, owed, off = boxes
    usual: dict[TaxUse, tuple[str | None, str | None]] = {
        TaxUse.REVERSE_OUTPUT: (base, owed),
        TaxUse.INPUT: (None, off),
    }
    if base == "46":
        # Sold under reverse charge to businesses elsewhere in the Union.
        usual[TaxUse.OUTPUT] = ("21", None)
        other = usual
    else:
        other = usual | {TaxUse.REVERSE_OUTPUT: ("95", "98")}
    dated = tuple(replace(each, boxes=other if each.boxes else {}) for each in rates)
    only = ComponentData(name, name_zh, dated, usual, ComponentKind.REVERSE_CHARGE)
    return CodeData(code, name, name_zh, (only,))


GERMANY = TaxSet(
    code="DE",
    name="VAT of Germany and the European Union",
    name_zh="德国及欧盟增值税",
    boxes=(
        BoxData("81", "Sales at 19 %", "按 19% 计税销售额"),
        BoxData("81t", "Tax on sales at 19 %", "19% 销项税额"),
        BoxData("86", "Sales at 7 %", "按 7% 计税销售额"),
        BoxData("86t", "Tax on sales at 7 %", "7% 销项税额"),
        BoxData("35", "Sales at other rates", "按其他税率计税销售额"),
        BoxData("36", "Tax on sales at other rates", "其他税率销项税额"),
        BoxData("41", "Supplies within the Union", "欧盟内供货"),
        BoxData("43", "Exports and other exempt sales", "出口及其他免税销售额"),
        BoxData("48", "Exempt sales without deduction", "不可抵扣的免税销售额"),
        BoxData("21", "Services taxable in other countries of the Union", "欧盟他国应税服务"),
        BoxData("89", "Acquisitions within the Union at 19 %", "欧盟内购入（19%）"),
        BoxData("89t", "Tax on acquisitions at 19 %", "欧盟内购入税额（19%）"),
        BoxData("93", "Acquisitions within the Union at 7 %", "欧盟内购入（7%）"),
        BoxData("93t", "Tax on acquisitions at 7 %", "欧盟内购入税额（7%）"),
        BoxData("95", "Acquisitions within the Union at other rates", "欧盟内购入（其他税率）"),
        BoxData("98", "Tax on acquisitions at other rates", "欧盟内购入税额（其他税率）"),
        BoxData("46", "Services bought from the Union", "自欧盟购入服务"),
        BoxData("47", "Tax on services bought from the Union", "自欧盟购入服务税额"),
        BoxData("66", "Input tax of bills", "账单进项税额"),
        BoxData("61", "Input tax of acquisitions", "欧盟内购入进项税额"),
        BoxData("67", "Input tax under reverse charge", "反向征税进项税额"),
        BoxData(
            "83",
            "Advance payment of VAT",
            "增值税预缴额",
            "81t+86t+36+89t+93t+98+47-66-61-67",
        ),
    ),
    codes=(
        _vat("DE19", _NINETEEN, "81", "81t"),
        _vat("DE7", _SEVEN, "86", "86t"),
        _untaxed("DEEU", "Supply within the Union", "欧盟内供货", "41", "UStG § 4 no. 1 b, § 6a"),
        _untaxed("DEX", "Export", "出口", "43", "UStG § 4 no. 1 a, § 6"),
        _untaxed("DEEX", "Exempt from VAT", "免征增值税", "48", "UStG § 4 no. 8 to 29"),
        _bought(
            "DEA19",
            "Acquisition within the Union, 19 %",
            "欧盟内购入 19%",
            _NINETEEN,
            ("89", "89t", "61"),
        ),
        _bought(
            "DEA7",
            "Acquisition within the Union, 7 %",
            "欧盟内购入 7%",
            _SEVEN,
            ("93", "93t", "61"),
        ),
        _bought(
            "DERC",
            "Services under reverse charge, 19 %",
            "反向征税服务 19%",
            _NINETEEN,
            ("46", "47", "67"),
        ),
    ),
)
