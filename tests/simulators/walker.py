"""Somebody who walks through both flows in a process of its own, and dies where it is told to."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Literal

from sqlalchemy import Engine

from core.kernel.database import connect, reading
from core.kernel.identity import service as identity
from core.kernel.identity.acting import Acting
from core.kernel.settings import Settings
from tests.simulators.dying import die, die_at
from tools import TOOLBOX

Where = Literal["proposed", "inside", "before_commit", "after"]


def _step(tool: str, **arguments: Any) -> dict[str, Any]:
    return {"tool": tool, "arguments": arguments}


# Five lamps and forty shades, of which thirty lie there: ten are asked for, bought and billed,
# and then all of it leaves, is invoiced and paid.
SOLD = [{"item": "LAMP-01", "quantity": "5"}, {"item": "SHADE-02", "quantity": "40"}]
STEPS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("allrounder", _step("sales.sell_item", customer="Acme", lines=SOLD)),
    ("manager2", _step("purchasing.approve_requisition", requisition="RQ-00001")),
    ("allrounder", _step("purchasing.order_requisition", requisition="RQ-00001")),
    ("warehouse", _step("purchasing.receive_order", order="PO-00001")),
    (
        "accountant",
        _step("purchasing.bill_order", order="PO-00001", supplier_reference="L-1"),
    ),
    ("manager", _step("invoicing.pay_bill", bill="BILL-00001")),
    ("allrounder", _step("sales.deliver_order", order="SO-00001")),
    ("allrounder", _step("sales.invoice_order", order="SO-00001")),
    ("allrounder", _step("invoicing.record_customer_payment", invoice="INV-00001")),
)


@dataclass(frozen=True)
class Death:
    """At which step to die: shown and not decided, inside, before it is stored, or after that."""

    step: int
    where: Where
    # Of "inside": at which statement of the step.
    statement: int = 1


def walk(
    first: int,
    death: Death | None,
    environment: Mapping[str, str],
    answered: Connection,
    steps: tuple[tuple[str, dict[str, Any]], ...] = STEPS,
) -> None:
    """Do the steps from one on, each with its keys, and tell which are done; die on the way."""
    os.environ.update(environment)
    engine = connect(Settings())
    for place in range(first, len(steps)):
        login, call = steps[place]
        with reading(engine) as session:
            acting = Acting(identity.find_actor(session, login), door="test")
        shown = TOOLBOX.propose(
            engine,
            acting,
            TOOLBOX.parse([call]),
            reason={"words": f"step {place}"},
            topic=f"step {place}",
            key=f"propose {place}",
        )
        here = death if death is not None and death.step == place else None
        if here is not None:
            _arm(engine, here)
        outcome = TOOLBOX.decide(
            engine, acting, shown.id, "approve", seen=shown.digest, key=f"decide {place}"
        )
        assert outcome.state == "executed", outcome
        if here is not None and here.where == "after":
            die()
        answered.send(place)


def _arm(engine: Engine, death: Death) -> None:
    if death.where == "proposed":
        die()
    elif death.where == "inside":
        die_at(engine, "before_cursor_execute", death.statement)
    elif death.where == "before_commit":
        die_at(engine, "commit", 1)
