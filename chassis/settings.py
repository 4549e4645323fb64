"""Settings of one process, read from `OTKLIK_*` environment variables."""

from __future__ import annotations

import sys
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.sealing import Keyring, make_keyring
from chassis.webhooks.rules.addresses import Network, parse_networks
from chassis.word_keys import read_public_key
from chassis.words import Seals

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
    """Whose process this is, as it calls itself."""
    role: Role = Field(default_factory=named_role)
    """A busy service may be two processes: `front` answers requests, `work` does what can follow them (ADR 9); otherwise `all`. Named on the command line."""
    database_url: str = "postgresql+asyncpg://localhost/otklik"
    """Of Postgres, with the password of this part's own role."""
    database_folder: str = ""
    """Where Postgres keeps its files, when that is on this machine: a full disk is then told from a server that is away."""
    pool_size: int = 4
    """Connections to Postgres that a process holds."""
    nats_url: str = "nats://127.0.0.1:4222"
    """Of NATS, with the password of this service's own user."""
    nats_inbox_prefix: str = "_INBOX"
    """Where NATS' answers to this service arrive."""
    nats_monitor_url: str = ""
    """Of NATS' monitor; given, the service makes sure that the server syncs what it acknowledges."""
    listen: str = "127.0.0.1:8000"
    """Where the process answers: `host:port` or `unix:/path`."""
    jwks_url: str = "http://127.0.0.1:8080/.well-known/jwks.json"
    """The public keys that tokens are checked with, of the gateway or an outside issuer; beside it the list of revocations."""
    token_issuer: str = "otklik"  # noqa: S105
    """Who signs tokens, as their `iss` says."""
    token_audience: str = "otklik"  # noqa: S105
    """For whom tokens are, as their `aud` says."""
    check_revocations: bool = True
    """Off only for an outside issuer behind `jwks_url` that publishes no /.well-known/revocations."""
    hash_key: SecretStr = SecretStr("")
    """What hashes of codes and keys are made with: a long random string, the same for all parts for ever."""
    cursor_key: SecretStr = SecretStr("")
    """What cursors of lists are signed with: a long random string, the same for all parts."""
    log_level: str = "INFO"
    """Lines of less weight are not written: `DEBUG`, `INFO`, `WARNING` or `ERROR`."""
    traces_url: str = ""
    """Where spans are sent over OTLP/HTTP, such as http://127.0.0.1:4318/v1/traces; needs the packages of requirements-traces.lock."""
    max_body_bytes: int = 1024 * 1024
    """The largest body that a service reads, unless the operation allows more."""
    unknown_fields: Literal["refuse", "warn"] = "refuse"
    """Fields and query parameters that are not known are refused (422). `warn`: they are ignored, with a header for the sender and a line in the log; for one release, until clients have been put right."""
    consumer_batch: int = 500
    """Events that one transaction handles: larger batches cost no less each and keep the next service waiting."""
    consumer_lanes: int = 1
    """Transactions in which a process applies events of one stream at a time: while one waits for the database another one decides."""
    consumer_linger_seconds: float = 0.002
    """How long events wait for company, so that one transaction serves several."""
    stream_max_age_days: int = 30
    """How long NATS keeps events; the outboxes in Postgres keep them for ever."""
    stream_replicas: int = 1
    """Copies of each stream in a cluster of NATS; of a stream that is made anew."""
    inbox_keep_days: int = 400
    """How long handled events are remembered at least: never less than the broker keeps what it may bring again."""
    background_tasks: bool = True
    """Off: the process only answers requests; for tests."""
    task_patience_seconds: float = 30.0
    """A background task that fails for so long ends its process; ten times as long while the cause lies outside (ADR 14)."""
    retry_delays_seconds: tuple[float, ...] = (1.0, 5.0, 30.0, 120.0, 600.0)
    """After which pauses an event that could not be handled is tried again, before it is a dead letter."""

    @property
    def inbox_days(self) -> int:
        """How long handled events are remembered."""
        return max(self.inbox_keep_days, self.stream_max_age_days + LATE_DAYS + 1)

    def require_keys(self) -> None:
        """Refuse to start without keys: hashes and cursors made with an empty key would protect nothing."""
        if not (self.hash_key.get_secret_value() and self.cursor_key.get_secret_value()):
            raise RuntimeError("set OTKLIK_HASH_KEY and OTKLIK_CURSOR_KEY to long random strings")


class SealingSettings(Settings):
    """Of a service that keeps what it must not keep in clear."""

    encryption_key: SecretStr = SecretStr("")
    """What personal data are encrypted with: 32 bytes in base64."""
    encryption_key_id: int = 1
    """Number of `encryption_key`; a new key has the next."""
    old_encryption_keys: dict[int, SecretStr] = Field(default_factory=dict)
    """Earlier keys by their numbers, kept for reading: JSON such as `{"1": "…"}`."""
    words_public_key: str = ""
    """What officials' words are sealed with in events: 32 bytes in base64."""

    def encryption_keys(self) -> dict[int, str]:
        """Every encryption key by its id; ValueError where an old key has the number or the secret of the one in use."""
        old = {key_id: key.get_secret_value() for key_id, key in self.old_encryption_keys.items()}
        keys = {**old, self.encryption_key_id: self.encryption_key.get_secret_value()}
        if len(keys) == len(old) or len(set(keys.values())) < len(keys):
            raise ValueError(
                "OTKLIK_OLD_ENCRYPTION_KEYS: each key has a number of its own, and no two are the same"
            )
        return keys

    def keyring(self) -> Keyring:
        """The keys; ValueError when they are missing or malformed, so that the service refuses to start."""
        return make_keyring(self.encryption_keys(), self.encryption_key_id)

    def seals(self) -> Seals:
        """The same, with the key of words; ValueError when any is missing or malformed."""
        return Seals(self.keyring(), read_public_key(self.words_public_key))


class WebhookSettings(SealingSettings):
    """Of a service that calls addresses which its clients name."""

    webhook_networks: str = ""
    """Networks, comma-separated, whose addresses webhooks may name though they are not public, also without TLS: `10.20.0.0/16, 192.168.7.5`."""

    @property
    def listed_networks(self) -> tuple[Network, ...]:
        """`webhook_networks`, parsed. ValueError when they are neither addresses nor networks."""
        return parse_networks(self.webhook_networks)
