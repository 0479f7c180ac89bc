"""A shop that has been traded in, filled once for all modules that only read it."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine

from core.kernel import clock
from core.kernel.database import unit_of_work
from tests.conftest import TODAY
from tests.core.test_random_histories import Player

SEED, STEPS, TIMES = 4, 40, 8
SELLING = (
    Player.sell,
    Player.deliver,
    Player.invoice_sale,
    Player.credit,
    Player.customer_pays,
)


@pytest.fixture(scope="session")
def traded(databases: Callable[[str], Engine]) -> Iterator[Engine]:
    """A shop with the history of sixty steps at random; nobody writes to it."""
    engine = databases("shop")
    with clock.on_business_date(TODAY), unit_of_work(engine) as session:
        player = Player(session, SEED)
        for _ in range(STEPS):
            player.step()
        # Both customers have documents of every kind.
        for verb in SELLING:
            for _ in range(TIMES):
                player.do(verb)
    yield engine
    engine.dispose()


@pytest.fixture
def traded_today(traded: Engine) -> Iterator[Engine]:
    """The same on its own day."""
    with clock.on_business_date(TODAY):
        yield traded
