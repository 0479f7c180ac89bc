"""What every page of the web app works with: the company's engine, tools, and assistant."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import ParamSpec, TypeVar

import psycopg
import structlog
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from agents.assistant import Assistant
from core.kernel import events
from core.kernel.database import DatabaseUnavailable, reading
from core.kernel.errors import Language
from core.kernel.identifiers import new_id
from core.kernel.identity import service as identity
from core.kernel.identity.acting import Acting, Actor
from core.kernel.settings import Settings
from tools import Toolbox

P = ParamSpec("P")
R = TypeVar("R")

DOOR = "web"
# A turn of the assistant occupies two of them for as long as it takes.
WORKERS = 24
LOOK_AGAIN_SECONDS = 2.0
FIRST_WORDS_MAX = 1_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Visitor:
    """Somebody who is logged in, with the secret of this very session."""

    actor: Actor
    name: str
    # Not for a log.
    token: str = field(repr=False)

    @property
    def acting(self) -> Acting:
        """The visitor, doing something through this door."""
        return Acting(self.actor, door=DOOR)

    @property
    def language(self) -> Language:
        """The language that the visitor is spoken to in."""
        return self.actor.language

    def speaking(self, language: Language) -> "Visitor":
        """Return the same visitor, spoken to in another language."""
        return replace(self, actor=replace(self.actor, language=language))


class House:
    """The engine, the tools and the assistant, and the threads in which they may block."""

    def __init__(self, engine: Engine, settings: Settings, toolbox: Toolbox) -> None:
        self.engine, self.settings, self.toolbox = engine, settings, toolbox
        self.assistant = Assistant(engine, settings, toolbox)
        self.pulse = Pulse(engine)
        self._first_words: dict[str, tuple[str, str]] = {}
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="web")

    async def run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Do something that blocks, off the event loop that all pages share."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, lambda: work(*args, **kwargs))

    def visitor(self, token: str) -> Visitor:
        """Return who this session belongs to; refuse one that has ended in any way."""
        with reading(self.engine) as session:
            actor = identity.actor_of_session(session, token)
            name = identity.find_person(session, actor.name).name
        return Visitor(actor, name, token)

    def begin_thread(self, visitor: Visitor, words: str) -> str:
        """Keep the first words of a new thread until its page opens; return its name.

        They do not stand in the address: a link on a foreign page must not say anything for
        the person who follows it.
        """
        thread = str(new_id())
        while len(self._first_words) >= FIRST_WORDS_MAX:
            self._first_words.pop(next(iter(self._first_words)))
        self._first_words[thread] = (visitor.actor.name, words)
        return thread

    def first_words(self, visitor: Visitor, thread: str) -> str:
        """Return, once, what the visitor said to begin a thread."""
        login, words = self._first_words.pop(thread, ("", ""))
        return words if login == visitor.actor.name else ""

    def close(self) -> None:
        """Let go of threads and connections."""
        self.pulse.stop()
        self._pool.shutdown(wait=False, cancel_futures=True)
        self.assistant.close()


class Pulse:
    """Notices that open proposals or notifications have changed, once for all pages."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.beat = 0
        self._seen: str | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """End with the next look."""
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                with events.listening(self.engine) as wait:
                    while not self._stopped.is_set():
                        self._look()
                        wait(timeout_seconds=LOOK_AGAIN_SECONDS)
            except (SQLAlchemyError, psycopg.Error, DatabaseUnavailable) as error:
                log.warning("cannot listen to the database", why=type(error).__name__)
                self._stopped.wait(LOOK_AGAIN_SECONDS)

    def _look(self) -> None:
        with reading(self.engine) as session:
            now = session.scalars(text(_OPEN_PROPOSALS)).one()
        if now != self._seen:
            self._seen = now
            self.beat += 1


# One fingerprint of all that a card of an open proposal shows, its effect and who said yes, and of
# what nobody has read yet.
_OPEN_PROPOSALS = """
    SELECT md5(coalesce(string_agg(p.id::text || p.digest || (
        SELECT count(*) FROM decision d WHERE d.proposal_id = p.id), ',' ORDER BY p.id), ''))
    || (SELECT count(*) || ' ' || coalesce(max(n.created_at)::text, '')
        FROM notification n WHERE n.read_at IS NULL)
    FROM proposal p WHERE p.state = 'open' AND p.expires_at > now()
"""
