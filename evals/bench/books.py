"""What the size of the ledger costs: statements, pages, and posting while others read."""

import threading
import time
from collections.abc import Callable
from datetime import date

from sqlalchemy import Engine, select, text

from core import inventory, ledger
from core.kernel.company import found_company
from core.kernel.database import reading, unit_of_work
from core.kernel.money import Money
from core.ledger import JournalEntry, credit, debit
from core.ledger.chart import BANK, RENT, open_standard_chart
from core.ledger.statements import (
    Method,
    Stretch,
    account_balances,
    balance_sheet,
    cash_flow_statement,
    income_statement,
)
from evals.bench.measures import Sample

YEARS = (2024, 2025, 2026)
TODAY = date(2026, 12, 15)
MARCH, A_YEAR_BEFORE = (Stretch(date(year, 3, 1), date(year, 3, 31)) for year in (2026, 2025))
YEAR = Stretch(date(2026, 1, 1), TODAY)
READERS = 2
# Somebody who leafs through statements without a rest.
BETWEEN_REPORTS_SECONDS = 0.25
ROUNDS, ENTRIES = 15, 150

# Sales, money in, goods out, purchases, money out, running costs: two lines each, over three years.
_FILL = """
    SET LOCAL session_replication_role = replica;
    CREATE TEMPORARY TABLE pair ON COMMIT DROP AS
    SELECT place, debits.id AS debit_id, credits.id AS credit_id FROM (VALUES
        (0, '1100', '4000'), (1, '1010', '1100'), (2, '5000', '1400'), (3, '1400', '2000'),
        (4, '2000', '1010'), (5, '6020', '1010'), (6, '6010', '2300'), (7, '2300', '1010'),
        (8, '1100', '4010'), (9, '6050', '1000'), (10, '1000', '1010'), (11, '6070', '1590')
    ) AS given (place, debit, credit)
    JOIN account AS debits ON debits.code = debit JOIN account AS credits ON credits.code = credit;
    CREATE TEMPORARY TABLE bulk ON COMMIT DROP AS
    SELECT n, date '2024-01-01' + (n::bigint * 1079 / {entries})::int AS day,
        (lpad(to_hex(n), 12, '0') || '70008' || lpad(to_hex(n), 15, '0'))::uuid AS id,
        100 + (n::bigint * 7919) % 100000 AS minor, n % 12 AS place
    FROM generate_series(1, {entries}) AS n;
    INSERT INTO journal_entry (id, created_at, number, journal, posted_on, memo, origin)
    SELECT id, now(), 'JE-' || (1000000 + n), 'general', day, 'bulk', 'BULK' FROM bulk;
    INSERT INTO posting (id, created_at, entry_id, posted_on, position, account_id, side,
        amount_minor, currency, base_minor)
    SELECT (lpad(to_hex(n), 12, '0') || '7000' || (7 + line.position)
        || lpad(to_hex(n), 15, '0'))::uuid, now(), bulk.id, day, line.position,
        CASE line.side WHEN 'debit' THEN debit_id ELSE credit_id END, line.side, minor, 'EUR', minor
    FROM bulk JOIN pair USING (place)
    CROSS JOIN (VALUES (1, 'debit'), (2, 'credit')) AS line (position, side)
    ORDER BY n, position;
    INSERT INTO entry_tail SELECT id FROM bulk;
"""


def fill_ledger(engine: Engine, *, lines: int) -> str:
    """Found a company and put many lines into its books; say how long folding them took."""
    with unit_of_work(engine) as session:
        found_company(
            session, name="Bench", name_zh="基准", country="DE", currency="EUR",
            business_date=TODAY,
        )  # fmt: skip
        open_standard_chart(session)
        for year in YEARS:
            ledger.open_fiscal_year(session, year)
        inventory.open_standard_locations(session)
    with unit_of_work(engine) as session:
        session.execute(text(_FILL.format(entries=lines // 2)))
    started = time.perf_counter()
    with unit_of_work(engine) as session:
        ledger.fold_totals(session)
    folded = time.perf_counter() - started
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    return f"{lines:,} lines folded in {folded:.1f} s"


def bench_statements(engine: Engine) -> dict[str, float]:
    """Read every statement some times; return what half of them took at most, in milliseconds."""
    with reading(engine) as session:
        middle = session.scalars(
            select(JournalEntry.number).where(JournalEntry.posted_on == date(2025, 6, 1)).limit(1)
        ).one()
    asked: dict[str, Callable[..., object]] = {
        "trial balance": lambda s: account_balances(s, MARCH, compared=A_YEAR_BEFORE),
        "balance sheet": lambda s: balance_sheet(s, TODAY, compared=A_YEAR_BEFORE.until),
        "income statement": lambda s: income_statement(s, MARCH, compared=A_YEAR_BEFORE),
        "cash flow, indirect": lambda s: cash_flow_statement(s, YEAR),
        "account page": lambda s: ledger.account_page(s, BANK),
        "page in the middle": lambda s: ledger.account_page(s, BANK, before=f"{middle}:1"),
        "ledger page": lambda s: ledger.ledger_page(s, since=MARCH.since, until=MARCH.until),
        "balance": lambda s: ledger.balance(s, BANK, as_of=MARCH.until),
    }
    took = {name: _median(engine, work) for name, work in asked.items()}
    took["cash flow, direct, a year"] = _median(
        engine, lambda s: cash_flow_statement(s, YEAR, method=Method.DIRECT), rounds=3
    )
    return took


def bench_posting(engine: Engine) -> str:
    """Post entries alone, and then while others look at statements all the time."""
    _posted(engine)
    alone, beside = _posted(engine), 0.0
    stop, reports = threading.Event(), [0] * READERS

    def read(place: int) -> None:
        while not stop.wait(BETWEEN_REPORTS_SECONDS):
            with reading(engine) as session:
                income_statement(session, MARCH, compared=A_YEAR_BEFORE)
                balance_sheet(session, TODAY)
            reports[place] += 2

    readers = [threading.Thread(target=read, args=(place,)) for place in range(READERS)]
    for reader in readers:
        reader.start()
    try:
        beside = _posted(engine)
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    return (
        f"{alone:,.0f} entries/s alone, {beside:,.0f} beside {READERS} readers who looked at"
        f" {sum(reports):,} statements meanwhile: {beside / alone:.2f}×"
    )


def bench_ledger(small: Engine, large: Engine, *, lines: tuple[int, int]) -> list[tuple[str, str]]:
    """Measure a small ledger and a large one, and how the times grow."""
    folded = [
        fill_ledger(engine, lines=count)
        for engine, count in zip((small, large), lines, strict=True)
    ]
    before, after = bench_statements(small), bench_statements(large)
    said = [("ledger", "; ".join(folded))]
    few, many = (f"{count:,} lines" for count in lines)
    for name, took in after.items():
        ratio = f"{took / before[name]:.1f}×"
        said.append((name, f"{took:,.1f} ms of {many}, {before[name]:,.1f} ms of {few}: {ratio}"))
    return [*said, ("posting beside reports", bench_posting(large))]


def _median(engine: Engine, work: Callable[..., object], *, rounds: int = ROUNDS) -> float:
    sample = Sample("")
    with reading(engine) as session:
        work(session)
    for _ in range(rounds):
        with reading(engine) as session:
            sample.add(lambda: work(session))
    return 1000 * sample.p50


def _posted(engine: Engine) -> float:
    """Post entries one by one, each in its own transaction; return how many a second."""
    ten = Money(1_000, "EUR")
    started = time.perf_counter()
    for _ in range(ENTRIES):
        with unit_of_work(engine) as session:
            ledger.post_entry_by_hand(session, [debit(RENT, ten), credit(BANK, ten)], memo="bench")
    return ENTRIES / (time.perf_counter() - started)
