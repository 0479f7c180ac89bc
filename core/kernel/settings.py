"""What the outside decides: the database, where files live, the language model."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

CHECKOUT = Path(__file__).resolve().parents[2]


class Settings(BaseSettings):
    """The choices of an installation, read from the environment.

    Every name carries the prefix `PROKURIST_`, except those that other programs share.
    """

    model_config = SettingsConfigDict(env_prefix="PROKURIST_", populate_by_name=True)

    database_url: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("DATABASE_URL", "PROKURIST_DATABASE_URL")
    )
    home: Path = CHECKOUT / "var"
    # What is learned from the words of this version: the same for every home and company.
    learned: Path = CHECKOUT / ".learned"
    today: date | None = None
    audit_key: SecretStr | None = None
    # What identity numbers are sealed with; without it, a key in the home directory.
    vault_key: SecretStr | None = None
    host: str = "127.0.0.1"
    port: int = 8080

    # By which address others reach the web app; without it, mails have no links that are counted.
    public_url: str | None = None

    model: str | None = None
    openai_base_url: str | None = Field(default=None, validation_alias="OPENAI_BASE_URL")
    openai_api_key: SecretStr | None = Field(default=None, validation_alias="OPENAI_API_KEY")
    # In "hybrid" the interpreter inside reads first, and the model what that would ask or refuse;
    # in "first" the model reads everything.
    model_mode: Literal["hybrid", "first"] = "hybrid"
    model_timeout_seconds: int = 30
    model_steps_max: int = Field(default=8, ge=1, le=12)
    model_tokens_max: int = 60_000
    # For a million tokens, read and written, in whatever currency the provider counts.
    model_price_in: Decimal = Decimal(0)
    model_price_out: Decimal = Decimal(0)
    # What the model may cost in one turn; without prices there is nothing to count.
    model_cost_max: Decimal | None = None
    turn_seconds_max: int = 60

    # Mail: our address, where it is fetched (IMAP) and where it goes out (SMTP).
    mail_address: str | None = None
    imap_host: str | None = None
    imap_port: int = 993
    imap_user: str | None = None
    imap_password: SecretStr | None = None
    imap_security: Literal["tls", "starttls", "none"] = "tls"
    imap_folders: str = "INBOX"
    # Where the mail server keeps copies of what was sent: it answers what a crash left in doubt.
    imap_sent_folder: str | None = None
    smtp_host: str | None = None
    smtp_port: int = 587
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_security: Literal["tls", "starttls", "none"] = "starttls"
    # By which name our mail server signs its Authentication-Results.
    mail_server_name: str | None = None
    mail_seconds: int = Field(default=60, ge=1)
    # With this secret others may hand in messages (web forms, chats) over HTTP.
    messages_secret: SecretStr | None = None

    @property
    def data_directory(self) -> Path:
        """Where the embedded PostgreSQL keeps its files."""
        return self.home / "postgres"
