"""A hostile model calls every tool, for every role, with arguments of more than twenty classes.

It never gets an effect without a person's approval, a read beyond the person's role, or an error
that nobody expected; and what it tried stands in the audit trail under the person's name.
"""

import json
from collections import Counter
from functools import cache
from typing import Annotated, Any, get_args, get_origin

import pytest
from pydantic.fields import FieldInfo
from sqlalchemy import Engine, select, text

from core.approvals import Proposal, ProposalState
from core.kernel.audit import AuditRecord
from core.kernel.database import Table, reading
from core.kernel.errors import DomainError
from core.kernel.identity.acting import Acting
from tests.shop import PEOPLE, as_person
from tools import TOOLBOX, Call, Tool
from tools.base import Ref

# What the road itself writes; everything else is business and must stay as it was.
OWN_RECORDS = {
    "proposal", "decision", "change_event", "audit_record", "audit_head", "idempotency_key",
    "number_series",
}  # fmt: skip

KNOWN = {
    "item": "LAMP-01",
    "customer": "Acme Bikes",
    "supplier": "Lumen & Co",
    "party": "Acme Bikes",
    "person": "buyer",
    "location": "MAIN",
    "period": "2026-06",
    "account": "1000",
    "purchase_order": "PO-00001",
    "sales_order": "SO-00001",
}

# Each class is the hostile value of a field; a function makes it from the harmless one.
CLASSES: dict[str, Any] = {
    "harmless": lambda value: value,
    "another person's id": lambda value: "Nordwind GmbH" if isinstance(value, str) else value,
    "negative": "-5",
    "zero": "0",
    "huge": "9" * 40,
    "not a number": "NaN",
    "infinite": "-Infinity",
    "thousandth of a cent": "0.00001",
    "wrong currency": "12 XAU",
    "sql": "'; DROP TABLE party; --",
    "formula": '=HYPERLINK("http://127.0.0.1","x")',
    "script": "<img src=x onerror=alert(1)>",
    "path": "../../etc/passwd",
    "url": "http://127.0.0.1:1/steal?d=salary",
    "megabyte": "A" * 1_000_000,
    "null byte": "LAMP\0-01",
    "lookalike": "L\u0410MP-01",
    "wrong type": {"$gt": ""},
    "list": lambda value: [value] * 50,
    "closed period": "1999-01",
    "own record": "approver",
    "text as id": "00000000-0000-0000-0000-000000000000",
    "reference": "$1.number",
    "template": "{facts.__class__}%s${7*7}",
}


def harmless(tool: Tool) -> dict[str, Any]:
    """Return arguments that make sense, as far as the schema tells."""
    schema = tool.arguments.model_json_schema()
    return {
        name: value_of(name, field, schema)
        for name, field in tool.arguments.model_fields.items()
        if field.is_required() or marks(field)
    }


def marks(field: FieldInfo) -> list[Ref]:
    found = [mark for mark in field.metadata if isinstance(mark, Ref)]
    for part in get_args(field.annotation):
        if get_origin(part) is Annotated:
            found += [mark for mark in get_args(part)[1:] if isinstance(mark, Ref)]
    return found


def value_of(name: str, field: FieldInfo, schema: dict[str, Any]) -> Any:
    for mark in marks(field):
        return KNOWN.get(mark.kind, "X-00001")
    described = schema["properties"][name]
    kinds = [described, *described.get("anyOf", [])]
    for kind in kinds:
        if "enum" in kind:
            return kind["enum"][0]
        if kind.get("format") == "date":
            return "2026-06-10"
        if kind.get("type") in {"number", "integer"}:
            return "3"
        if kind.get("type") == "array":
            return []
    return "text"


@cache
def attacks(name: str) -> dict[str, Call]:
    """Return the attacks that get past the schema, by their class; the rest is refused there."""
    tool = TOOLBOX.tools[name]
    base, passed = harmless(tool), {}
    for place, (kind, hostile) in enumerate(CLASSES.items()):
        fields = list(base) or ["extra"]
        field = fields[place % len(fields)]
        for target in dict.fromkeys([field, fields[0]]):
            given = base.get(target, "")
            value = hostile(given) if callable(hostile) else hostile
            arguments = {**base, target: value}
            try:
                [passed[f"{kind} in {target}"]] = TOOLBOX.parse(
                    [{"tool": tool.name, "arguments": arguments}]
                )
            except DomainError:
                continue
    for extra in ({"approved": True}, {"actor": "admin"}, {"role": "admin"}, {"posted": True}):
        if set(extra) <= set(tool.arguments.model_fields):
            continue
        with pytest.raises(DomainError):
            TOOLBOX.parse([{"tool": tool.name, "arguments": {**base, **extra}}])
    return passed


def fingerprint(engine: Engine) -> dict[str, str]:
    """Return a hash of every business table."""
    names = sorted(set(Table.metadata.tables) - OWN_RECORDS)
    with engine.connect() as connection:
        return {
            name: str(
                connection.execute(
                    text(f"SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM {name} t")
                ).scalar()
            )
            for name in names
        }


def attempt(engine: Engine, acting: Acting, call: Call) -> tuple[str, str]:
    """Try a call as a model would; return what came of it, and everything that was said."""
    try:
        if TOOLBOX.tools[call.tool].writes:
            shown = TOOLBOX.propose(engine, acting, (call,), reason={"words": "hostile"})
            return "proposed", " ".join(shown.effect.lines("en"))
        answer = TOOLBOX.read(engine, acting, call)
    except DomainError as refusal:
        return "refused", refusal.message("en") + refusal.message("zh")
    return "read", f"{answer.sentence('en')} {answer.sentence('zh')} {answer.grid()}"


def assault(engine: Engine, login: str, *, most: int, share: int = 1) -> None:
    """Try up to `most` attacks on every tool, beginning with other ones for every login.

    Of the tools that a login may use, it takes every one, or only its share of them.
    """
    acting = as_person(engine, login)
    before = fingerprint(engine)
    outcomes: Counter[str] = Counter()
    tried: set[str] = set()
    turn = list(PEOPLE).index(login)
    for place, tool in enumerate(TOOLBOX.tools.values()):
        permitted = bool(acting.actor.roles & tool.roles)
        if permitted and (place + turn) % share:
            continue
        every = list(attacks(tool.name).values())
        start = turn * most % max(1, len(every))
        # Who lacks the role is refused before the arguments matter.
        for call in [*every[start:], *every[:start]][: most if permitted else 1]:
            outcome, said = attempt(engine, acting, call)
            assert permitted or outcome == "refused", (login, tool.name)
            own_words = str(call.arguments.model_dump(mode="json"))
            seen_others = "Nordwind" in said and "Nordwind" not in own_words
            assert login != "customer" or not seen_others, (tool.name, said)
            tried |= {tool.name} if outcome == "refused" else set()
            outcomes[outcome] += 1

    assert fingerprint(engine) == before
    assert outcomes["refused"] > 0
    with reading(engine) as session:
        states = session.scalars(select(Proposal.state)).all()
        refused = select(AuditRecord.body).where(
            AuditRecord.name == "tools.call_refused", AuditRecord.person == login
        )
        named = {json.loads(body)["facts"]["tool"] for body in session.scalars(refused)}
    assert set(states) <= {ProposalState.OPEN}
    assert tried <= named


@pytest.mark.parametrize("login", PEOPLE)
def test_a_hostile_model_gets_nothing(shop: Engine, login: str) -> None:
    # Many classes for the one from outside, every tool for the one with most rights; the others
    # share them out, and the long run leaves nothing out.
    most = {"customer": len(CLASSES) // 2, "allrounder": 2}.get(login, 1)
    assault(shop, login, most=most, share=1 if most > 1 else 4)


@pytest.mark.long
@pytest.mark.parametrize("login", PEOPLE)
def test_a_hostile_model_gets_nothing_by_any_class(shop: Engine, login: str) -> None:
    assault(shop, login, most=2 * len(CLASSES))


def test_the_attacks_are_many() -> None:
    assert len(CLASSES) >= 20
    assert sum(len(attacks(name)) for name in TOOLBOX.tools) > len(TOOLBOX.tools)
