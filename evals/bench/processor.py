"""How much of the processors something took: the clock says little on a busy machine."""

import os
import time
from pathlib import Path

from sqlalchemy import Engine, text

PROC = Path("/proc")
# In /proc/PID/stat, behind the name: the parent, and the ticks of a process and of its children
# that have ended.
_PARENT, _OWN, _WITH_CHILDREN = 1, slice(11, 13), slice(11, 15)


class Processor:
    """The processor time of this process and of a database on the same machine, since it began."""

    def __init__(self, engine: Engine) -> None:
        with engine.connect() as connection:
            folder = Path(str(connection.scalar(text("SHOW data_directory"))))
        noted = folder / "postmaster.pid"
        self._server = int(noted.read_text().split()[0]) if noted.is_file() else None
        self._began = (time.process_time(), self._of_server())

    def said(self) -> str:
        """Say how much it was; of the database only where that can be seen."""
        ours = time.process_time() - self._began[0]
        theirs = self._of_server() - self._began[1]
        if not theirs:
            return f"{ours:.0f} s of our processor time"
        return f"processor time {ours:.0f} s ours and {theirs:.0f} s the database's"

    def _of_server(self) -> float:
        if self._server is None or not PROC.is_dir():
            return 0.0
        ticks = 0
        for folder in PROC.iterdir():
            if not folder.name.isdigit():
                continue
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                # It has ended meanwhile: its parent counts it.
                continue
            if int(folder.name) == self._server:
                ticks += sum(map(int, fields[_WITH_CHILDREN]))
            elif int(fields[_PARENT]) == self._server:
                ticks += sum(map(int, fields[_OWN]))
        return ticks / os.sysconf("SC_CLK_TCK")
