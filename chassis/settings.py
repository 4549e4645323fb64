"""Settings of one process, read from `OTKLIK_*` environment variables."""

from __future__ import annotations

import sys
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.sealing import Keyring, make_keyring
from chassis.words import Seals, read_public_key

Role = Literal["all", "front", "work"]
LATE_DAYS = 2  # an event that comes to its consumer longer after it happened came late (see `housekeeping`)


def named_role() -> Role:
    """The role named on the command line (`python -m services.intake.main front`); without one a process is all."""
    named = sys.argv[1:2]
    return "front" if named == ["front"] else "work" if named == ["work"] else "all"


class Settings(BaseSettings):
    """What every service needs; a service with settings of its own subclasses this."""

    model_config = SettingsConfigDict(env_prefix="OTKLIK_", extra="ignore")

    service: str = ""
    # A busy service may be two processes: `front` answers requests, `work` does what can follow them (ADR 9).
    role: Role = Field(default_factory=named_role)
    database_url: str = "postgresql+asyncpg://localhost/otklik"
    # Where Postgres keeps its files, when that is on this machine: a full disk is then told from a server that is away.
    database_folder: str = ""
    pool_size: int = 4
    nats_url: str = "nats://127.0.0.1:4222"
    nats_inbox_prefix: str = "_INBOX"
    nats_monitor_url: str = ""
    listen: str = "127.0.0.1:8000"
    jwks_url: str = "http://127.0.0.1:8080/.well-known/jwks.json"
    token_issuer: str = "otklik"  # noqa: S105
    token_audience: str = "otklik"  # noqa: S105
    # Only for an outside issuer behind `jwks_url` that publishes no /.well-known/revocations: false.
    check_revocations: bool = True
    hash_key: SecretStr = SecretStr("")
    cursor_key: SecretStr = SecretStr("")
    log_level: str = "INFO"
    max_body_bytes: int = 1024 * 1024
    # Fields and query parameters that are not known are refused (422). `warn`: they are ignored as they once were, with
    # a header for the sender and a line in the log; for one release, until clients have been put right.
    unknown_fields: Literal["refuse", "warn"] = "refuse"
    consumer_batch: int = (
        500  # events a transaction: larger ones cost no less each and keep the next service waiting
    )
    consumer_linger_seconds: float = 0.002
    stream_max_age_days: int = 30
    stream_replicas: int = 1
    inbox_keep_days: int = 400  # at least: never less than the broker keeps what it may bring again
    background_tasks: bool = True
    # A task that fails for so long ends its process; ten times as long while the cause lies outside (ADR 14).
    task_patience_seconds: float = 30.0
    retry_delays_seconds: tuple[float, ...] = (1.0, 5.0, 30.0, 120.0, 600.0)

    @property
    def inbox_days(self) -> int:
        """How long handled events are remembered."""
        return max(self.inbox_keep_days, self.stream_max_age_days + LATE_DAYS + 1)

    def require_keys(self) -> None:
        """Refuse to start without keys: hashes and cursors made with an empty key would protect nothing."""
        if not (self.hash_key.get_secret_value() and self.cursor_key.get_secret_value()):
            raise RuntimeError("set OTKLIK_HASH_KEY and OTKLIK_CURSOR_KEY to long random strings")


class SealingSettings(Settings):
    """Of a service that keeps what it must not keep in clear.

    `encryption_key`: 32 bytes in base64; `old_encryption_keys`: earlier ones by key id, kept for reading.
    `words_public_key`: with which officials' words are sealed in events, 32 bytes in base64.
    """

    encryption_key: SecretStr = SecretStr("")
    encryption_key_id: int = 1
    old_encryption_keys: dict[int, SecretStr] = Field(default_factory=dict)
    words_public_key: str = ""

    def encryption_keys(self) -> dict[int, str]:
        """Every encryption key by its id."""
        keys = {**self.old_encryption_keys, self.encryption_key_id: self.encryption_key}
        return {key_id: key.get_secret_value() for key_id, key in keys.items()}

    def keyring(self) -> Keyring:
        """The keys; ValueError when they are missing or malformed, so that the service refuses to start."""
        return make_keyring(self.encryption_keys(), self.encryption_key_id)

    def seals(self) -> Seals:
        """The same, with the key of words; ValueError when any is missing or malformed."""
        return Seals(self.keyring(), read_public_key(self.words_public_key))
