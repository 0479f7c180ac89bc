"""Open the house for a command: the database with its schema, the person, and the language."""

import os
import subprocess

from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError

from core.kernel.database import DatabaseUnavailable, connect, reading
from core.kernel.errors import DomainError, Language
from core.kernel.identity.acting import Acting, Actor
from core.kernel.identity.roles import Role
from core.kernel.identity.service import actor_of, find_actor
from core.kernel.identity.tables import Person
from core.kernel.settings import Settings
from core.processes.schema import upgrade
from core.processes.upkeep import keep_totals

DOOR = "terminal"


class NobodyYet(DomainError):
    """There is nobody to act as in this database yet. Load the demo company or import one first."""

    zh = "数据库中还没有任何用户。请先加载演示公司或导入数据。"


class HomeUnusable(DomainError):
    """The database cannot be started in {home}: {problem}. PROKURIST_HOME moves it."""

    zh = "无法在 {home} 启动数据库：{problem}。可用 PROKURIST_HOME 更改位置。"


def open_house(settings: Settings) -> Engine:
    """Reach the database, or start our own, and bring its schema and its totals up to date."""
    try:
        engine = connect(settings)
    except (OSError, RuntimeError, subprocess.SubprocessError) as problem:
        line = (str(problem).splitlines() or [type(problem).__name__])[0]
        raise HomeUnusable(home=settings.home, problem=line) from problem
    try:
        upgrade(engine)
        keep_totals(engine)
    except OperationalError as error:
        raise DatabaseUnavailable from error
    return engine


def acting_as(engine: Engine, login: str | None) -> Acting:
    """Return the person that a command acts for.

    Who can start this program can also read its database, so no password is asked; without a
    name it is the first active administrator, else the first manager.
    """
    with reading(engine) as session:
        actor: Actor | None = None
        if login is not None:
            actor = find_actor(session, login)
        else:
            people = select(Person).where(Person.active, ~Person.is_service)
            for role in (Role.ADMIN, Role.MANAGER):
                wanted = people.where(Person.roles.contains([role.value]))
                if person := session.scalar(wanted.order_by(Person.created_at, Person.id)):
                    actor = actor_of(person)
                    break
        if actor is None:
            raise NobodyYet
    return Acting(actor, door=DOOR)


def language_of_environment() -> Language:
    """Return the language that the terminal is set to."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if chosen := os.environ.get(name):
            return "zh" if chosen.lower().startswith("zh") else "en"
    return "en"
