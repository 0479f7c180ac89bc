"""Compare what a case expects with what came out, exactly."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import func, literal, select

from core import catalog, inventory, ledger
from core.invoicing import DocumentState, Invoice, InvoiceLine, Payment
from core.invoicing.rules import takes_back
from core.kernel.money import Money
from core.ledger import Posting, Side
from core.ledger.tables import DimensionSet
from tests.scenarios.world import NotUnderstood, World

# What a case calls a named result, and how it is read off the books.
VALUES: dict[str, Callable[[World], Any]] = {}
_RULES = {"note", "basis", "why"}


def value(*names: str) -> Callable[[Callable[[World], Any]], Callable[[World], Any]]:
    """Say which named results a function reads."""

    def kept(read: Callable[[World], Any]) -> Callable[[World], Any]:
        VALUES.update(dict.fromkeys(names, read))
        return read

    return kept


# Results that a case names with the day they are of: "after_payment_day_50".
ON_A_DAY: dict[str, Callable[[World, int], Any]] = {}
_NAMED_WITH_DAY = re.compile(r"(\w+?)_day_(\d+)")


def on_a_day(
    *names: str,
) -> Callable[[Callable[[World, int], Any]], Callable[[World, int], Any]]:
    """Say which results, named with a day, a function reads."""

    def kept(read: Callable[[World, int], Any]) -> Callable[[World, int], Any]:
        ON_A_DAY.update(dict.fromkeys(names, read))
        return read

    return kept


def differences(world: World) -> list[str]:
    """Return what is not as expected, a sentence each."""
    expect = world.case.expect
    return [problem for part in expect for problem in _PARTS[part](world, expect[part])]


def _balances(world: World, expected: Mapping[str, str]) -> Iterator[str]:
    for role, amount in expected.items():
        yield from compared(f"balance of {role}", amount, world.balance(role))


def _docs(world: World, expected: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for ref, facts in expected.items():
        document = world.ref(ref)
        for name, wanted in facts.items():
            yield from compared(f"{ref}.{name}", wanted, fact_of(world, document, name))


def fact_of(world: World, document: Any, name: str) -> Any:
    """Return one fact of a document by the case's word for it."""
    if isinstance(document, Mapping):
        return document[name]
    if isinstance(document, Payment):
        facts = {
            "amount": Money(document.amount_minor, document.currency).amount,
            "unallocated": Money(document.open_minor, document.currency).amount,
            "open": Money(document.open_minor, document.currency).amount,
        }
        return facts[name]
    if not isinstance(document, Invoice):
        raise NotUnderstood(f"the {name} of a {type(document).__name__}")
    world.session.refresh(document)
    back = takes_back(document.kind)
    sign = -1 if back else 1

    def amount(minor: int) -> Decimal:
        return Money(minor, document.currency).amount

    if name in {"total_before_discount", "tax_base"}:
        return world.values[f"{name}:{document.number}"]
    facts = {
        "untaxed": sign * amount(document.net_minor),
        "net": sign * amount(document.net_minor),
        "tax": sign * amount(document.tax_minor),
        "total": sign * amount(document.total_minor),
        "open": amount(document.open_minor),
        "residual": amount(document.open_minor),
        "amount_due": amount(document.open_minor),
        "status": status_of(document),
        "due": document.due_on.isoformat(),
        "due_date": document.due_on.isoformat(),
        "base_total": sign * Money(document.base_total_minor, world.currency).amount,
    }
    if name in {"qty", "quantity"}:
        return sign * quantity_of(world, document)
    if name not in facts:
        raise NotUnderstood(f"the {name} of a document")
    return facts[name]


def quantity_of(world: World, document: Invoice) -> Decimal:
    """Return how much of all its items a document is about."""
    wanted = select(func.coalesce(func.sum(InvoiceLine.quantity), 0)).where(
        InvoiceLine.invoice_id == document.id, InvoiceLine.item_id.is_not(None)
    )
    return Decimal(world.session.scalars(wanted).one())


def status_of(document: Invoice) -> str:
    """Return what people say of a document: open, partial, paid, or reversed."""
    if document.state is DocumentState.REVERSED and document.open_minor == 0:
        return "reversed"
    if document.open_minor == 0:
        return "paid"
    return "open" if document.open_minor == document.total_minor else "partial"


def _values(world: World, expected: Mapping[str, Any]) -> Iterator[str]:
    for name, wanted in expected.items():
        if name in _RULES:
            continue
        if name in ON_A_DAY and isinstance(wanted, Mapping):
            got: Any = {day: ON_A_DAY[name](world, int(day)) for day in wanted}
        else:
            got = named(world, name)
        yield from compared(name, wanted, got)


def named(world: World, name: str) -> Any:
    """Return a named result: of a step, or read off the books."""
    if name in world.values:
        return world.values[name]
    if name in VALUES:
        return VALUES[name](world)
    if name in world.gathered:
        return world.gathered[name]
    if name in world.refs:
        return world.refs[name]
    with_day = _NAMED_WITH_DAY.fullmatch(name)
    if with_day is not None and with_day[1] in ON_A_DAY:
        return ON_A_DAY[with_day[1]](world, int(with_day[2]))
    raise NotUnderstood(f"the value {name}")


def _refused(world: World, expected: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    wanted = {int(each["step"]) for each in expected}
    given = {step for step, _ in world.refused}
    for step in sorted(wanted - given):
        yield f"step {step} was not refused"


def unexpected_refusals(world: World) -> Iterator[str]:
    """Say which steps were refused that should not have been."""
    wanted = {int(each["step"]) for each in world.case.expect.get("refused", ())}
    for step, refusal in world.refused:
        if step not in wanted:
            yield f"step {step} was refused: {type(refusal).__name__}: {refusal}"


def _entries(world: World, expected: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Compare the lines of the last entry, in whatever order they stand."""
    entry = world.values.get("entry")
    if entry is None:
        raise NotUnderstood("entries of a case without an entry of its own")
    split = any("cost_center" in line for line in expected)
    centre = DimensionSet.key if split else literal("")
    sums: dict[tuple[str, str], dict[str, Decimal]] = {}
    for account, side, key, minor in world.session.execute(
        select(ledger.Account.code, Posting.side, centre, func.sum(Posting.base_minor))
        .join(ledger.Account, ledger.Account.id == Posting.account_id)
        .outerjoin(DimensionSet, DimensionSet.id == Posting.dimension_set_id)
        .where(Posting.entry_id == entry.id)
        .group_by(ledger.Account.code, Posting.side, DimensionSet.key)
    ):
        amount = Money(int(minor), world.currency).amount
        sides = sums.setdefault((account, _centre(key)), {})
        sides[str(side)] = sides.get(str(side), Decimal(0)) + amount
    for line in expected:
        code = ledger.find_account(world.session, world.account(line["account"])).code
        found = sums.pop((code, line.get("cost_center", "")), {})
        for side in Side:
            wanted = line.get(side, "0.00")
            got = found.get(side, Decimal(0))
            yield from compared(f"{side} of {line['account']}", wanted, got)
    if sums:
        yield f"the entry has lines that are not expected: {sums}"


def _centre(key: str | None) -> str:
    """Return the cost centre of a combination of dimensions."""
    return dict(part.split("=", 1) for part in (key or "").split(",") if part).get(
        "cost_centre", ""
    )


def _rows(world: World, expected: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield from compared("rows", expected, world.rows)


def _schedule(world: World, expected: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield from compared("schedule", expected, world.values.get("schedule", world.rows))


def _reports(world: World, expected: Mapping[str, Any]) -> Iterator[str]:
    for name, wanted in expected.items():
        yield from compared(f"report {name}", wanted, named(world, name))


def _stock(world: World, expected: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for name, facts in expected.items():
        if not isinstance(facts, Mapping):
            yield from compared(f"stock of {name}", facts, _counted(world, name))
            continue
        stock = inventory.stock_of(world.session, world.item(name))
        known = {
            "qty": stock.on_hand,
            "on_hand": stock.on_hand,
            "available": stock.available,
            "reserved": stock.on_hand - stock.available,
            "value": stock.value.amount,
            "unit_cost": stock.value.amount / stock.on_hand if stock.on_hand else Decimal(0),
        }
        for fact, wanted in facts.items():
            if fact not in known:
                raise NotUnderstood(f"the {fact} of stock")
            yield from compared(f"{fact} of {name}", wanted, known[fact])


def _counted(world: World, name: str) -> Decimal:
    """Return how much there is of an item, named with a unit where it is counted in one: c2_m."""
    sku, _, unit = name.rpartition("_")
    known = world.given.get("items", {})
    item = world.item(sku if sku in known and name not in known else name)
    on_hand = inventory.stock_of(world.session, item).on_hand
    if item.sku == name or unit == item.unit_code:
        return on_hand
    return catalog.from_base_unit(world.session, item, on_hand, unit)


def _foreign(world: World, expected: Mapping[str, Any]) -> Iterator[str]:
    for role, wanted in expected.items():
        account = ledger.find_account(world.session, world.account(role))
        signed = func.sum(
            Posting.amount_minor * func.sign(func.strpos("d", func.left(Posting.side, 1)) - 0.5)
        )
        currency = _currency_of(world, role)
        wanted_rows = select(signed).where(
            Posting.account_id == account.id, Posting.currency == currency
        )
        minor = world.session.scalar(wanted_rows) or 0
        yield from compared(f"{role} in {currency}", wanted, Money(int(minor), currency).amount)


def _currency_of(world: World, role: str) -> str:
    ending = role.rpartition("_")[2].upper()
    named_there = [rate["currency"] for rate in world.given.get("rates", ())]
    return ending if ending in named_there else named_there[0]


_PARTS: dict[str, Callable[[World, Any], Iterator[str]]] = {
    "balances": _balances,
    "docs": _docs,
    "values": _values,
    "refused": _refused,
    "entries": _entries,
    "rows": _rows,
    "schedule": _schedule,
    "reports": _reports,
    "stock": _stock,
    "foreign": _foreign,
}


def compared(what: str, wanted: Any, got: Any) -> Iterator[str]:
    if isinstance(wanted, Mapping):
        if not isinstance(got, Mapping):
            yield f"{what}: expected {wanted}, got {got}"
            return
        for key, part in wanted.items():
            if key not in got:
                yield f"{what}: there is no {key} among {sorted(map(str, got))}"
                continue
            yield from compared(f"{what}.{key}", part, got[key])
    elif isinstance(wanted, list):
        found = list(got) if isinstance(got, (list, tuple)) else [got]
        if len(wanted) != len(found):
            yield f"{what}: expected {len(wanted)} rows {wanted}, got {found}"
            return
        for place, (part, one) in enumerate(zip(wanted, found, strict=True)):
            yield from compared(f"{what}[{place}]", part, one)
    elif _plain(wanted) != _plain(got):
        yield f"{what}: expected {wanted}, got {got}"


def _plain(one: Any) -> Any:
    """Make numbers comparable exactly, however many zeros they are written with."""
    if isinstance(one, bool) or one is None:
        return one
    if isinstance(one, Money):
        return one.amount
    try:
        return Decimal(str(one))
    except InvalidOperation:
        return str(one)
