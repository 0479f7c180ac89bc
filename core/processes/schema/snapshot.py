"""Show what the tables declare and no revision makes yet: `make migration`.

Write a new revision by hand from it: a statement with a plus is declared, one with a minus is made.
"""

import sys
import tempfile
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import text

from core.kernel.database import connect
from core.kernel.settings import Settings
from core.processes.schema import METADATA, dumped, lines_of, upgrade


def difference() -> str:
    """Make both schemas in a server of its own and compare them."""
    with tempfile.TemporaryDirectory() as home:
        server = connect(Settings(home=Path(home)))
        with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("CREATE DATABASE made"))
        url = server.url.set(drivername="postgresql", database="made")
        reached = SecretStr(url.render_as_string(hide_password=False))
        made = connect(Settings(home=Path(home), database_url=reached))
        try:
            upgrade(made)
            METADATA.create_all(server)
            here, there = _statements(dumped(made)), _statements(dumped(server))
            declared = [f"+ {there[key]}" for key in there.keys() - here.keys()]
            outdated = [f"- {here[key]}" for key in here.keys() - there.keys()]
            return "\n".join(sorted(outdated + declared, key=lambda each: each[2:]))
        finally:
            made.dispose()
            server.dispose()


def _statements(dump: str) -> dict[tuple[str, ...], str]:
    return {tuple(lines_of(statement)): statement for statement in dump.split("\n\n")}


if __name__ == "__main__":
    sys.stdout.write(difference() + "\n")
