"""Write the schema that the tables declare: `make migration`.

Before the first release it becomes the first revision. From then on, write a new revision by hand
and use this to compare.
"""

import tempfile
from pathlib import Path

from core.kernel.database import connect
from core.kernel.settings import Settings
from core.processes.schema import HERE, METADATA, dumped


def declared() -> str:
    """Create the declared schema in a server of its own and return it as SQL."""
    with tempfile.TemporaryDirectory() as home:
        engine = connect(Settings(home=Path(home)))
        METADATA.create_all(engine)
        try:
            return dumped(engine)
        finally:
            engine.dispose()


if __name__ == "__main__":
    (HERE / "versions" / "0001_initial.sql").write_text(declared())
