"""Fixtures: a real PostgreSQL, and a fresh database for every test that commits.

One server runs for each process of a run, in memory where there is enough of it. A fresh database
is a copy of a template, made in a twentieth of a second; in it a test may commit, run threads and
listen. It is dropped when its test is over, so that a thousand tests need no more room than a few.
"""

import os
import re
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
from core import catalog, inventory, ledger
from core.kernel.company import found_company
from core.kernel.database import connect, rehearsal, stop_embedded, unit_of_work
from core.kernel.errors import DomainError
from core.kernel.memory import search_rarely
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

search_rarely()

TODAY = date(2026, 6, 15)
MEMORY_BYTES_MIN = 4 * 2**30
SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    """The application's own directory, for this process of a test run.

    Not one of pytest's: it clears away those of older runs, also of one that still goes on. Each
    process has its own server as well: whoever listens to the change log waits for the oldest
    transaction of a whole server.
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
    if "DATABASE_URL" not in os.environ:
        stop_embedded(Settings(home=home))


@pytest.fixture(scope="session")
def settings_of(home: Path) -> Callable[[Engine], Settings]:
    """Return the settings with which another process or engine reaches the same database."""

    def made(engine: Engine) -> Settings:
        url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        return Settings(database_url=SecretStr(url), home=home)

    return made


class Databases:
    """Makes databases as copies of a named template, and drops them.

    An engine is used again for the next database, under the same name: it remembers how every
    statement is written, and to work that out anew costs as much as to run it.
    """

    def __init__(
        self, server: Engine, home: Path, settings_of: Callable[[Engine], Settings]
    ) -> None:
        self._server = server
        self._home = home
        self._settings_of = settings_of
        self._run = re.sub(r"\W", "_", home.name)
        self._templates = {"": "template1"}
        self._used: list[Engine] = []
        self._free: list[Engine] = []

    def __call__(self, kind: str) -> Engine:
        """Return an engine over a fresh copy of a template."""
        template = self._template(kind)
        engine = self._free.pop() if self._free else self._engine(f"{self._run}_{uuid.uuid4().hex}")
        self._create(str(engine.url.database), template)
        self._used.append(engine)
        return engine

    def drop(self, engine: Engine) -> None:
        """Drop a database, if it is still there, and whoever may still be connected to it."""
        engine.dispose()
        with self._server.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {engine.url.database} WITH (FORCE)"))
        for anchor in (self._home / "anchors").glob(f"{engine.url.database}.*"):
            anchor.unlink()
        self._used.remove(engine)
        self._free.append(engine)

    def close(self) -> None:
        """Leave nothing behind."""
        for engine in list(self._used):
            self.drop(engine)

    def _template(self, kind: str) -> str:
        if kind not in self._templates:
            building = self._engine(f"{self._run}_{kind}")
            self._create(str(building.url.database), self._template(BASE[kind]))
            FILL[kind](building)
            building.dispose()
            self._templates[kind] = str(building.url.database)
        return self._templates[kind]

    def _create(self, name: str, template: str) -> None:
        with self._server.connect() as connection:
            copied = f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"
            connection.execute(text(copied))

    def _engine(self, name: str) -> Engine:
        url = self._server.url.set(drivername="postgresql", database=name)
        given = SecretStr(url.render_as_string(hide_password=False))
        return connect(self._settings_of(self._server).model_copy(update={"database_url": given}))


@pytest.fixture(scope="session")
def databases(
    server: Engine, home: Path, settings_of: Callable[[Engine], Settings]
) -> Iterator[Databases]:
    """Make databases as copies of a named template; all are dropped in the end."""
    databases = Databases(server, home, settings_of)
    yield databases
    databases.close()


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
        catalog.open_standard_catalog(session)
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
def engine(databases: Databases) -> Iterator[Engine]:
    """A fresh database with the schema and nothing in it."""
    engine = databases("schema")
    yield engine
    databases.drop(engine)


@pytest.fixture
def founded(databases: Databases) -> Iterator[Engine]:
    """A fresh database with the empty books of a company, business date 2026-06-15."""
    engine = databases("founded")
    yield engine
    databases.drop(engine)


@pytest.fixture
def shop(databases: Databases) -> Iterator[Engine]:
    """A fresh database with a small shop in it: see `tests/shop.py`."""
    engine = databases("shop")
    yield engine
    databases.drop(engine)


@pytest.fixture
def demo(databases: Databases) -> Iterator[Engine]:
    """A database with the demo company in it; the first one takes half a minute to fill."""
    engine = databases("demo")
    yield engine
    databases.drop(engine)


@pytest.fixture(scope="session")
def open_books(databases: Databases) -> Engine:
    """A database with the empty books of a company, in which nothing is ever committed."""
    return databases("founded")


@pytest.fixture
def session(request: pytest.FixtureRequest) -> Iterator[Session]:
    """One piece of business for the whole test, in the books of a company.

    It is checked like one that is committed. Where the test asks for books of its own, it is in
    those and committed; otherwise it is undone, and the next test finds empty books again.
    """
    if "founded" in request.fixturenames:
        with unit_of_work(request.getfixturevalue("founded")) as session:
            yield session
    else:
        with rehearsal(request.getfixturevalue("open_books")) as session:
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
