"""Say why an item is to be ordered again, in both languages, from the figures of the core."""

from decimal import Decimal

from core.kernel.errors import Language
from core.kernel.money import plain, rounded
from core.kernel.words import word
from core.processes.replenishment import Arithmetic, Choice, Spread, Suggested
from tools.reordering import called

_DOCUMENTS_MAX = 5


def figure(value: Decimal) -> str:
    """Write a statistic with one decimal."""
    return plain(rounded(value, 1))


def spread(values: Spread) -> str:
    """Write a mean and how far the figures lie from it."""
    return f"{figure(values.mean)} ± {figure(values.deviation)}"


def documents(numbers: list[str]) -> str:
    """Name the first few documents."""
    each = list(dict.fromkeys(numbers))
    more = " …" if len(each) > _DOCUMENTS_MAX else ""
    return ", ".join(each[:_DOCUMENTS_MAX]) + more


def why(suggested: Suggested, language: Language = "en", *, with_prices: bool = True) -> str:
    """Say what there is, what is missing to what, and what would be ordered."""
    return (_why_zh if language == "zh" else _why_en)(suggested, with_prices=with_prices)


def _why_en(suggested: Suggested, *, with_prices: bool) -> str:
    sums, need = suggested.arithmetic, suggested.arithmetic.need
    item = called(suggested.sku, suggested.name, suggested.name_zh, "en")
    place = f" @ {suggested.location}" if suggested.location else ""
    coming = documents([each.document for each in sums.coming])
    wanted = documents([each.document for each in sums.wanted])
    stock = (
        f"{item}{place}: {plain(sums.on_hand)} on hand, {plain(sums.reserved)} reserved,"
        f" {plain(sums.on_order)} on order{f' ({coming})' if coming else ''},"
        f" {plain(sums.unreserved)} more sold{f' ({wanted})' if wanted else ''}:"
        f" {plain(need.projected)} left on {need.horizon_on}."
    )
    parts = [stock]
    level = f"the minimum of {plain(need.minimum)}"
    if sums.service_percent is not None:
        kind = word(sums.service_kind or "", "en")
        level += (
            f" ({plain(sums.service_percent)} % {kind}, safety stock {figure(sums.safety_stock)})"
        )
    if need.missing > 0:
        parts.append(f"{plain(need.missing)} missing: {level}, target {plain(need.target)}.")
    else:
        parts.append(f"That is enough for {level}; nothing to order.")
    parts.append(_statistics_en(sums))
    if need.missing > 0:
        parts.append(_order_en(suggested, with_prices=with_prices))
    return " ".join(parts)


def _statistics_en(sums: Arithmetic) -> str:
    demand = f"Demand {spread(sums.demand)} a day ({word(sums.demand_class, 'en')},"
    lead = f"lead time {spread(sums.lead_time)} days"
    seen = f"{sums.receipts} receipts" if sums.receipts else "as promised"
    cover = f"; cover {figure(sums.cover_days)} days" if sums.cover_days is not None else ""
    return (
        f"{demand} {sums.demand_days} days); {lead} ({seen}){cover};"
        f" risk of running out before an order comes {figure(sums.risk_percent)} %."
    )


def _order_en(suggested: Suggested, *, with_prices: bool) -> str:
    choice = suggested.choice
    if choice is None:
        return "No supplier offers it."
    price = f" at {plain(choice.unit_price)} {choice.currency}" if with_prices else ""
    return (
        f"Order {plain(choice.quantity)} from {choice.supplier}{price},"
        f" there about {choice.arrives_on}."
    )


def _why_zh(suggested: Suggested, *, with_prices: bool) -> str:
    sums, need = suggested.arithmetic, suggested.arithmetic.need
    item = called(suggested.sku, suggested.name, suggested.name_zh, "zh")
    place = f" @ {suggested.location}" if suggested.location else ""
    coming = documents([each.document for each in sums.coming])
    wanted = documents([each.document for each in sums.wanted])
    stock = (
        f"{item}{place}：现有 {plain(sums.on_hand)}，已预留 {plain(sums.reserved)}，"
        f"在途 {plain(sums.on_order)}{f'（{coming}）' if coming else ''}，"
        f"另有已售未预留 {plain(sums.unreserved)}{f'（{wanted}）' if wanted else ''}，"
        f"{need.horizon_on} 预计剩余 {plain(need.projected)}。"
    )
    parts = [stock]
    level = f"再订货点 {plain(need.minimum)}"
    if sums.service_percent is not None:
        kind = word(sums.service_kind or "", "zh")
        level += f"（{kind} {plain(sums.service_percent)}%，安全库存 {figure(sums.safety_stock)}）"
    if need.missing > 0:
        parts.append(f"缺 {plain(need.missing)}：{level}，目标库存 {plain(need.target)}。")
    else:
        parts.append(f"满足{level}，无需补货。")
    parts.append(_statistics_zh(sums))
    if need.missing > 0:
        parts.append(_order_zh(suggested, with_prices=with_prices))
    return "".join(parts)


def _statistics_zh(sums: Arithmetic) -> str:
    seen = f"{sums.receipts} 次收货" if sums.receipts else "按供应商承诺"
    cover = f"可用 {figure(sums.cover_days)} 天，" if sums.cover_days is not None else ""
    return (
        f"日均需求 {spread(sums.demand)}（{word(sums.demand_class, 'zh')}，"
        f"{sums.demand_days} 天）；提前期 {spread(sums.lead_time)} 天（{seen}）；{cover}"
        f"到货前断货风险 {figure(sums.risk_percent)}%。"
    )


def _order_zh(suggested: Suggested, *, with_prices: bool) -> str:
    choice = suggested.choice
    if choice is None:
        return "没有供应商报价。"
    price = f"，单价 {plain(choice.unit_price)} {choice.currency}" if with_prices else ""
    return (
        f"建议向 {choice.supplier} 订购 {plain(choice.quantity)}{price}，"
        f"约 {choice.arrives_on} 到货。"
    )


def facts(suggested: Suggested) -> dict[str, str]:
    """Return the figures of a suggestion by name, as its card shows them: without words."""
    sums, need = suggested.arithmetic, suggested.arithmetic.need
    coming = documents([each.document for each in sums.coming])
    wanted = documents([each.document for each in sums.wanted])
    shown = {
        "item": f"{suggested.sku} {suggested.name}",
        "location": suggested.location or "",
        "on_hand": plain(sums.on_hand),
        "reserved": plain(sums.reserved),
        "available": plain(sums.available),
        "on_order": plain(sums.on_order),
        "on_their_way": coming,
        "sold_not_reserved": plain(sums.unreserved),
        "sold_to": wanted,
        "projected_stock": f"{plain(need.projected)} ({need.horizon_on})",
        "demand_per_day": f"{spread(sums.demand)} ({sums.demand_days} d)",
        "lead_time": f"{spread(sums.lead_time)} d ({sums.receipts})",
        "cover_time": f"{figure(sums.cover_days)} d" if sums.cover_days is not None else "",
        "stock_out_risk": f"{figure(sums.risk_percent)} %",
        "safety_stock": figure(sums.safety_stock) if sums.service_percent is not None else "",
        "minimum": plain(need.minimum),
        "target": plain(need.target),
        "missing": plain(need.missing),
        "quantity": plain(suggested.quantity),
        "supplier": label(suggested.choice) if suggested.choice is not None else "",
    }
    return {name: value for name, value in shown.items() if value}


def label(choice: Choice) -> str:
    """Call a way to buy by its figures."""
    return (
        f"{choice.supplier}: {plain(choice.quantity)} × {plain(choice.unit_price)}"
        f" {choice.currency}, ≥ {plain(choice.minimum_quantity)}, {choice.arrives_on}"
    )
