"""What keeps the audit trail honest from outside of the database: a key and an anchor."""

import fcntl
import hashlib
import hmac
import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import quote

from core.kernel.settings import Settings


@dataclass(frozen=True)
class Seal:
    """The key that chains audit records, and the file that remembers the newest of them.

    Who may write to the database but has no key cannot make a record that fits the chain; who
    cuts off its tail is found out by the anchor, which lies elsewhere.
    """

    key: bytes
    anchor_directory: Path

    @classmethod
    def of(cls, settings: Settings) -> "Seal":
        """Take the key from the settings, or make one and keep it in the home directory."""
        settings.home.mkdir(parents=True, exist_ok=True)
        if settings.audit_key is not None:
            return cls(settings.audit_key.get_secret_value().encode(), settings.home / "anchors")
        file = settings.home / "audit.key"
        if not file.exists():
            # Whoever else starts at this moment sees a whole key or none, and all see the same.
            with NamedTemporaryFile(dir=settings.home) as new, suppress(FileExistsError):
                new.write(secrets.token_hex(32).encode())
                new.flush()
                os.link(new.name, file)
        return cls(file.read_bytes(), settings.home / "anchors")

    def link(self, previous: str, body: str) -> str:
        """Return the keyed hash of a record's text that follows the record hashed `previous`."""
        return hmac.new(self.key, f"{previous}\n{body}".encode(), hashlib.sha256).hexdigest()

    def signed(self, text: str) -> str:
        """Return what proves that a text was written by who has the key."""
        return hmac.new(self.key, f"signed\n{text}".encode(), hashlib.sha256).hexdigest()

    def anchor(self, database: str, chain: str, sequence: int, newest: str) -> None:
        """Remember the newest record of a chain, if nothing newer is remembered already."""
        self.anchor_directory.mkdir(parents=True, exist_ok=True)
        path = self.anchor_directory / f"{quote(database, safe='')}.{chain}.json"
        with open(os.open(path, os.O_CREAT | os.O_RDWR, 0o600), "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            known = file.read()
            if known and json.loads(known)["sequence"] >= sequence:
                return
            line = json.dumps({"sequence": sequence, "hash": newest}).encode()
            file.seek(0)
            file.write(line)
            file.truncate()

    def anchored(self, database: str) -> dict[str, tuple[int, str]]:
        """Return what is remembered of a database: its chains, each with its newest record."""
        anchors = {}
        for path in self.anchor_directory.glob(f"{quote(database, safe='')}.*.json"):
            known = json.loads(path.read_bytes())
            anchors[path.name.split(".")[-2]] = (known["sequence"], known["hash"])
        return anchors
