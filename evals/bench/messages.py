"""How fast messages are found and listed among 200,000: `python -m evals.bench.messages`."""

import random
import statistics
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine, func, insert, select, text

from core import communications, parties
from core.communications.search import words_of
from core.communications.tables import Communication, MessageThread
from core.kernel import clock
from core.kernel.company import found_company
from core.kernel.database import connect, reading, stop_embedded, unit_of_work
from core.kernel.identifiers import new_ids
from core.kernel.identity.acting import Acting, Actor
from core.kernel.identity.roles import Role
from core.kernel.settings import Settings
from core.processes.schema import upgrade

MESSAGES, PARTIES, BODIES, TIMES = 200_000, 500, 400, 15
SEARCH_MS_MAX, PAGE_MS_MAX = 100, 50
WORDS = (
    "order", "delivery", "invoice", "lamp", "chain", "wheel", "frame", "price", "quotation",
    "broken", "certificate", "customs", "payment", "reminder", "credit", "note", "contract",
    "sample", "discount", "address", "meeting", "drawing", "warranty",
)  # fmt: skip
PHRASES = (
    "订单", "交货", "发票", "台灯", "链条", "车轮", "价格", "报价单", "破损", "原产地证书", "付款",
    "提醒", "贷项通知", "合同", "样品", "折扣", "地址", "会面", "图纸", "保修",
)  # fmt: skip
SELLER = Acting(Actor("seller", roles=frozenset({Role.SALES})))
MANAGER = Acting(Actor("manager", roles=frozenset({Role.MANAGER})))


def fill(engine: Engine, count: int) -> uuid.UUID:
    """Write so many messages, half of them Chinese; return a party with many of them."""
    chance = random.Random(7)  # noqa: S311
    with unit_of_work(engine) as session:
        found_company(session, name="Bench", name_zh="测试", country="DE", currency="EUR")
        known = [
            parties.add_customer(session, name=f"Customer {place}").party
            for place in range(PARTIES)
        ]
        session.flush()
        threads = new_ids(PARTIES)
        session.execute(
            insert(MessageThread),
            [
                {
                    "id": thread, "number": f"THR-{place:05d}", "subject": "Order",
                    "subject_key": "order", "party_id": party.id, "participants": ["a@b.example"],
                    "last_at": clock.now(),
                }
                for place, (thread, party) in enumerate(zip(threads, known, strict=True))
            ],
        )  # fmt: skip
        session.execute(text("CREATE TEMP TABLE body (place int, said text, words tsvector)"))
        for place in range(BODIES):
            english = " ".join(chance.choices(WORDS, k=60))
            said = "，".join(chance.choices(PHRASES, k=30)) if place % 2 else english
            row = {"place": place, "said": said}
            words = session.scalar(select(words_of(said)))
            session.execute(
                text("INSERT INTO body VALUES (:place, :said, CAST(:words AS tsvector))"),
                {**row, "words": words},
            )
        session.execute(text("CREATE TEMP TABLE whom (place int, thread uuid, party uuid)"))
        session.execute(
            text("INSERT INTO whom VALUES (:place, :thread, :party)"),
            [
                {"place": place, "thread": thread, "party": party.id}
                for place, (thread, party) in enumerate(zip(threads, known, strict=True))
            ],
        )
        session.execute(text(_FILL), {"count": count, "parties": PARTIES, "bodies": BODIES})
        first: uuid.UUID = known[1].id
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("VACUUM ANALYZE communication"))
    return first


_FILL = """
    INSERT INTO communication (id, created_at, number, thread_id, direction, medium, sender,
        sender_name, recipients, subject, body, happened_at, received_at, message_key, headers,
        automatic, party_id, linked_by, standing, words)
    SELECT gen_random_uuid(), now(), 'MSG-' || n, whom.thread, 'in', 'mail', 'a@b.example', 'Anna',
        ARRAY['us@x.example'], 'Order ' || n, body.said || ' REF' || n,
        now() - n * interval '3 minutes', now(), 'k' || n, '{}', false, whom.party, 'address',
        'kept', body.words || to_tsvector('english', 'REF' || n || ' Order ' || n)
    FROM generate_series(1, :count) n
    JOIN whom ON whom.place = n % :parties JOIN body ON body.place = (n / 7) % :bodies
"""


def measured(engine: Engine, acting: Acting, **asked: Any) -> tuple[int, int]:  # noqa: ANN401
    """Return the median of the milliseconds that a list takes, and how many it holds."""
    times, found = [], 0
    for _ in range(TIMES):
        began = time.perf_counter_ns()
        with reading(engine, acting) as session:
            found = len(communications.list_messages(session, limit=50, **asked))
        times.append((time.perf_counter_ns() - began) // 10_000)
    return int(statistics.median(times)), found


def main(told: Callable[[str], object] = print) -> int:
    """Measure; return 1 where something takes longer than it may."""
    failed = False
    with TemporaryDirectory(prefix="prokurist-bench-") as folder:
        settings = Settings(home=Path(folder))
        engine = connect(settings)
        upgrade(engine)
        party = fill(engine, MESSAGES)
        with reading(engine) as session:
            count = session.scalar(select(func.count()).select_from(Communication))
        told(f"{count} communications")
        asked: Sequence[tuple[str, int, dict[str, Any]]] = (
            ("search: one of all (REF77777)", SEARCH_MS_MAX, {"containing": "REF77777"}),
            ("search: common word (lamp)", SEARCH_MS_MAX, {"containing": "lamp"}),
            ("search: two words", SEARCH_MS_MAX, {"containing": "broken certificate"}),
            ("search: Chinese word (发票)", SEARCH_MS_MAX, {"containing": "发票"}),
            ("search: long Chinese (原产地证书)", SEARCH_MS_MAX, {"containing": "原产地证书"}),
            ("search: one character (灯)", SEARCH_MS_MAX, {"containing": "灯"}),
            ("search: nothing", SEARCH_MS_MAX, {"containing": "zebra"}),
            ("search in a party", SEARCH_MS_MAX, {"containing": "lamp", "party_id": party}),
            ("timeline page of a party", PAGE_MS_MAX, {"party_id": party}),
            ("newest of all", PAGE_MS_MAX, {}),
            ("inbox", PAGE_MS_MAX, {"box": "inbox"}),
        )
        for acting in (MANAGER, SELLER):
            told(f"as {acting.name}")
            for name, most, what in asked:
                took, found = measured(engine, acting, **what)
                failed |= took > 100 * most
                told(f"  {name:<36} {took // 100:>5}.{took % 100:02d} ms (< {most})  {found} found")
        engine.dispose()
        stop_embedded(settings)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
