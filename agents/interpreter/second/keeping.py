"""Where the weights of the second reader are kept, and how they come to be there.

They are made once for each version of the words, by a program of its own beside the running one:
until then, and wherever that fails, the first reader works alone.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from agents.interpreter.lexicon import FILES, LANGUAGES
from core.reporting.catalogue import CATALOGUE
from tools import TOOLBOX

if TYPE_CHECKING:
    from agents.interpreter.second.judge import Judge

NAME = "second-reader-"
HERE = Path(__file__).parent
LEARNT_WITH = ("features.py", "labels.py", "model.py", "synthetic.py", "train.py")


def file_in(directory: Path) -> Path:
    """Return the file for the words of this version, whether it is there or not."""
    return directory / f"{NAME}{fingerprint()}.npz"


@cache
def fingerprint() -> str:
    """Return what changes when the words or the way of learning them change."""
    found = hashlib.sha256()
    for part in _parts():
        found.update(part)
        found.update(b"\0")
    return found.hexdigest()[:16]


def _parts() -> Iterator[bytes]:
    yield from ((HERE / name).read_bytes() for name in LEARNT_WITH)
    for language in LANGUAGES:
        yield (HERE / "phrases" / f"{language}.yaml").read_bytes()
        yield (HERE / "phrases" / f"{language}_sounds.yaml").read_bytes()
        for file in (FILES / f"{language}.yaml", *sorted((FILES / language).glob("*.yaml"))):
            yield file.read_bytes()
    for known in (CATALOGUE.metrics, CATALOGUE.dimensions):
        yield repr([(one, named.names) for one, named in known.items()]).encode()
    yield repr(sorted(TOOLBOX.tools)).encode()


class Keeper:
    """Has the judge of this version, as soon as there is what it needs to know."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._judge: Judge | None = None

    def start(self) -> "subprocess.Popen[bytes] | None":
        """Have the weights made beside the running program, if they are not there yet."""
        if file_in(self.directory).exists():
            return None
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            structlog.get_logger().warning("nothing_learned", reason=str(problem))
            return None
        return subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "agents.interpreter.second.train", str(self.directory)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=_politely,  # noqa: PLW1509 - nothing but a system call
        )

    def judge(self) -> "Judge | None":
        """Return the judge, or nothing while the weights are not made."""
        if self._judge is None and file_in(self.directory).exists():
            # numpy takes longer to load than everything else here: only where it is used.
            from agents.interpreter.second.calibration import calibration  # noqa: PLC0415
            from agents.interpreter.second.judge import Judge  # noqa: PLC0415
            from agents.interpreter.second.model import SecondReader  # noqa: PLC0415

            self._judge = Judge(SecondReader.kept(file_in(self.directory)), calibration())
        return self._judge

    def learned(self) -> "Judge":
        """Return the judge; what it needs to know is learned first, if need be."""
        if not file_in(self.directory).exists():
            from agents.interpreter.second.train import learn  # noqa: PLC0415

            learn(self.directory)
        judge = self.judge()
        assert judge is not None, "its weights have just been made"
        return judge


def _politely() -> None:
    os.nice(10)
