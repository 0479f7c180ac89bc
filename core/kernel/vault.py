"""What keeps secrets unreadable at rest: a key outside of the database, and sealed texts in it."""

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.orm import Session

from core.kernel.errors import DomainError
from core.kernel.settings import Settings

_NONCE_BYTES = 12


class NotReadable(DomainError):
    """This was sealed with another key, or changed since; it cannot be read."""

    zh = "此内容由其他密钥加密或已被改动，无法读取。"


@dataclass(frozen=True)
class Vault:
    """Seals texts so that who has the database alone reads none of them.

    Each is bound to what it belongs to: a sealed text that is moved to another row is not readable.
    """

    key: bytes = field(repr=False)

    @classmethod
    def of(cls, settings: Settings) -> "Vault":
        """Take the key from the settings, or make one and keep it in the home directory."""
        if settings.vault_key is not None:
            given = settings.vault_key.get_secret_value().encode()
            return cls(hashlib.sha256(b"prokurist vault\n" + given).digest())
        settings.home.mkdir(parents=True, exist_ok=True)
        file = settings.home / "vault.key"
        if not file.exists():
            _make(file)
        return cls(bytes.fromhex(file.read_text()))

    def sealed(self, text: str, *, belongs_to: str) -> bytes:
        """Return a text so that only who has the key can read it."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + AESGCM(self.key).encrypt(nonce, text.encode(), belongs_to.encode())

    def opened(self, sealed: bytes, *, belongs_to: str) -> str:
        """Return a text that was sealed for what it belongs to; refuse any other."""
        nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return AESGCM(self.key).decrypt(nonce, rest, belongs_to.encode()).decode()
        except InvalidTag:
            raise NotReadable from None

    def fingerprint(self, text: str) -> str:
        """Return what is equal for equal texts, and tells nothing of them without the key."""
        return hmac.new(self.key, b"fingerprint\n" + text.encode(), hashlib.sha256).hexdigest()


def vault_of(session: Session) -> Vault:
    """Return the vault of the installation that a session belongs to."""
    vault: Vault = session.get_bind().engine.get_execution_options()["vault"]
    return vault


def _make(file: Path) -> None:
    # Whoever else starts at this moment sees a whole key or none, and all see the same.
    with NamedTemporaryFile("w", dir=file.parent) as new, suppress(FileExistsError):
        new.write(secrets.token_hex(32))
        new.flush()
        os.link(new.name, file)
