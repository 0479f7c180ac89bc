"""Fixtures: a real PostgreSQL, and a fresh database for every test.

One server runs for a whole session, in memory where there is enough of it. A fresh database is a
copy of a template, made in a twentieth of a second; in it a test may commit, run threads and
listen. It is dropped when its test is over, so that a thousand tests need no more room than a few.
"""

import os
import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from shutil import disk_usage
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from pydantic import SecretStr
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from channels.demo.company import load_demo
from core import inventory, ledger
from core.kernel.company import found_company
from core.kernel.database import connect, unit_of_work
from core.kernel.errors import DomainError
from core.kernel.settings import Settings
from core.ledger.chart import open_standard_chart
from core.processes.schema import upgrade

# Where the controller of a parallel run finds it as well.
from tests.scenarios.table import pytest_terminal_summary  # noqa: F401
from tests.shop import fill_shop

# A deadline would measure how busy the computer is, not the code.
# The everyday run tries the same examples every time, the long one others, until one fails: that
# one is then kept as an example.
settings.register_profile("explore", deadline=None, max_examples=50, print_blob=True)
settings.register_profile("house", settings.get_profile("explore"), derandomize=True)
settings.load_profile("house")

TODAY = date(2026, 6, 15)
# Each process of a test run keeps its own server; a database of the demo company is the largest.
MEMORY_BYTES_MIN = 4 * 2**30
SHARED = Path(__file__).resolve().parents[2] / "shared"

Databases = Callable[[str], Engine]


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    """The application's own directory, for this test session.

    Not one of pytest's: it clears away those of older runs, also of one that still goes on.
    """
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and disk_usage(memory).free > MEMORY_BYTES_MIN
    with TemporaryDirectory(
        prefix="prokurist-", dir=memory if roomy else None, ignore_cleanup_errors=True
    ) as directory:
        yield Path(directory)


@pytest.fixture(scope="session")
def server(home: Path) -> Iterator[Engine]:
    """Our own server, or the one in DATABASE_URL; always in autocommit, to make databases."""
    engine = connect(Settings(home=home))
    engine = engine.execution_options(isolation_level="AUTOCOMMIT")
    if "DATABASE_URL" not in os.environ:
        with engine.connect() as connection:
            for cheaper in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
                connection.execute(text(f"ALTER SYSTEM SET {cheaper}"))
            connection.execute(text("SELECT pg_reload_conf()"))
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def settings_of(home: Path) -> Callable[[Engine], Settings]:
    """Return the settings with which another process or engine reaches the same database."""

    def made(engine: Engine) -> Settings:
        url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        return Settings(database_url=SecretStr(url), home=home)

    return made


@pytest.fixture(scope="session")
def databases(
    server: Engine, settings_of: Callable[[Engine], Settings]
) -> Iterator[Callable[[str], Engine]]:
    """Make databases as copies of a named template; all are dropped in the end."""
    prefix = f"test_{uuid.uuid4().hex[:8]}"
    made: list[Engine] = []
    templates: dict[str, str] = {"": "template1"}

    def copy(template: str) -> Engine:
        name = f"{prefix}_{len(made)}"
        with server.connect() as connection:
            copied = f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"
            connection.execute(text(copied))
        elsewhere = settings_of(server).model_copy(
            update={
                "database_url": SecretStr(
                    server.url.set(drivername="postgresql", database=name).render_as_string(
                        hide_password=False
                    )
                )
            }
        )
        made.append(connect(elsewhere))
        return made[-1]

    def template(kind: str) -> str:
        if kind not in templates:
            engine = copy(template(BASE[kind]))
            FILL[kind](engine)
            engine.dispose()
            assert engine.url.database is not None
            templates[kind] = engine.url.database
        return templates[kind]

    yield lambda kind: copy(template(kind))
    for engine in made:
        engine.dispose()
    # Our own server goes away with its directory.
    if "DATABASE_URL" in os.environ:
        for engine in made:
            drop(server, engine)


def drop(server: Engine, engine: Engine) -> None:
    """Drop a database, if it is still there, and whoever may still be connected to it."""
    engine.dispose()
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {engine.url.database} WITH (FORCE)"))


def fill_founded(engine: Engine) -> None:
    """Open the books of an empty company."""
    with unit_of_work(engine) as session:
        found_company(
            session,
            name="Testwerk",
            name_zh="测试公司",
            country="DE",
            currency="EUR",
            business_date=TODAY,
        )
        open_standard_chart(session)
        for year in (2025, 2026, 2027):
            ledger.open_fiscal_year(session, year)
        inventory.open_standard_locations(session)


BASE = {"schema": "", "founded": "schema", "shop": "founded", "demo": "schema"}
FILL: dict[str, Callable[[Engine], object]] = {
    "schema": upgrade,
    "founded": fill_founded,
    "shop": fill_shop,
    "demo": load_demo,
}


@pytest.fixture
def engine(databases: Databases, server: Engine) -> Iterator[Engine]:
    """A fresh database with the schema and nothing in it."""
    engine = databases("schema")
    yield engine
    drop(server, engine)


@pytest.fixture
def founded(databases: Databases, server: Engine) -> Iterator[Engine]:
    """A fresh database with the empty books of a company, business date 2026-06-15."""
    engine = databases("founded")
    yield engine
    drop(server, engine)


@pytest.fixture
def shop(databases: Databases, server: Engine) -> Iterator[Engine]:
    """A fresh database with a small shop in it: see `tests/shop.py`."""
    engine = databases("shop")
    yield engine
    drop(server, engine)


@pytest.fixture
def demo(databases: Databases, server: Engine) -> Iterator[Engine]:
    """A database with the demo company in it; the first one takes half a minute to fill."""
    engine = databases("demo")
    yield engine
    drop(server, engine)


@pytest.fixture
def session(founded: Engine) -> Iterator[Session]:
    """One unit of work for the whole test, in the books of a company."""
    with unit_of_work(founded) as session:
        yield session


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of scenarios and real companies' data, where this machine has it."""
    if not SHARED.is_dir():
        pytest.skip("no ../shared beside this checkout: it holds the scenarios and the real data")
    return SHARED


@pytest.fixture(scope="session")
def at_once() -> Callable[..., list[object]]:
    """Let several clients do the same at the same moment; return what each gave or raised."""

    def run(work: Callable[[int], object], clients: int) -> list[object]:
        outcomes: list[object] = [None] * clients
        start = threading.Barrier(clients)

        def client(place: int) -> None:
            start.wait()
            try:
                outcomes[place] = work(place)
            except DomainError as refusal:
                outcomes[place] = refusal

        threads = [threading.Thread(target=client, args=(place,)) for place in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return outcomes

    return run
