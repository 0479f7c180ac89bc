"""Steps on what a bank's lines are for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from core.invoicing import Invoice, banking
from core.invoicing.banking import Line, Proposal, Rule
from core.invoicing.banking.world import load_world
from core.kernel.money import Money
from tests.scenarios.operations import Step, operation
from tests.scenarios.world import World


@operation("propose_match")
def propose_match(world: World, step: Step) -> None:
    """Say what lines of a bank are for; nothing is changed."""
    said = step.get("lines") or world.given.get("statement_lines") or [step]
    lines = [_line(world, each, place) for place, each in enumerate(said, start=1)]
    known = load_world(world.session, lines)
    rules = [_rule(world, each, place) for place, each in enumerate(_rules(world), start=1)]
    everything = banking.World(known.documents, known.booked, rules, known.own_accounts)
    proposals = banking.propose(lines, everything)
    world.rows = [_said(world, each) for each in proposals]
    for row, each in zip(world.rows, said, strict=True):
        world.values[str(each.get("ref") or row["line"])] = row
        world.values.update(row)


def _rules(world: World) -> list[dict[str, Any]]:
    rules = world.given.get("match_rules") or world.given.get("rules") or []
    return rules if isinstance(rules, list) else list(rules.values())


def _line(world: World, said: Step, place: int) -> Line:
    out = str(said.get("direction", "in")) == "out"
    amount = world.money(said["amount"], said.get("currency"))
    return Line(
        number=str(said.get("ref", f"line{place}")),
        booked_on=date.fromisoformat(said["date"]) if said.get("date") else world.today,
        amount=-amount if out and amount.minor > 0 else amount,
        text=_with_numbers(world, str(said.get("text") or said.get("label") or "")),
        counterparty=str(said.get("party") or said.get("partner") or ""),
        reference=_with_numbers(world, str(said.get("reference") or "")),
    )


def _with_numbers(world: World, text: str) -> str:
    """Say our numbers where the text of a line says the case's names of documents."""
    words = []
    for word in text.split():
        known = world.refs.get(word.strip(",.;"))
        words.append(known.number if isinstance(known, Invoice) else word)
    return " ".join(words)


def _rule(world: World, said: Step, place: int) -> Rule:
    settles = bool(said.get("tolerance") or said.get("tolerance_pct"))
    return Rule(
        number=str(said.get("name", f"rule{place}")),
        target=world.account(str(said.get("account", "expense"))),
        contains=str(said.get("contains", "")),
        counterparty=str(said.get("party", "")),
        settles=settles,
        tolerance_minor=world.money(said.get("tolerance", "0")).minor,
        tolerance_percent=Decimal(str(said.get("tolerance_pct", "0"))),
    )


def _said(world: World, proposal: Proposal) -> dict[str, Any]:
    names = {each.number: ref for ref, each in world.refs.items() if isinstance(each, Invoice)}
    nothing = Money(0, world.currency)
    return {
        "line": proposal.line,
        "matched": [names.get(part.number, part.number) for part in proposal.parts],
        "amounts": [part.amount for part in proposal.parts],
        "rest": proposal.rest or nothing,
        "difference": proposal.gap or nothing,
        "cause": str(proposal.cause),
        "rule": proposal.rule,
        "purpose": str(proposal.purpose),
        "certainty": str(proposal.certainty),
        "candidates": sorted(names.get(each, each) for each in proposal.candidates),
    }
