"""The secrets of one home: made once, kept in `secrets.json`, readable only by its owner."""

import base64
import json
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

from chassis.words import public_key_of
from contracts.parts import PARTS, SERVICES
from infra.local.errors import StartError
from infra.local.files import write_private
from infra.local.paths import Home

DATABASE_ROLES = ("postgres", *PARTS, *(f"{part}_owner" for part in PARTS))
NATS_USERS = (*SERVICES, "admin")


def _password() -> str:
    return secrets.token_urlsafe(24)


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


@dataclass(frozen=True)
class Secrets:
    encryption_key: str = field(default_factory=_key)
    routing_encryption_key: str = field(default_factory=_key)
    sla_encryption_key: str = field(default_factory=_key)
    words_key: str = field(default_factory=_key)  # opens officials' words; intake's alone
    hash_key: str = field(default_factory=_key)
    cursor_key: str = field(default_factory=_key)
    bootstrap_admin_id: str = field(default_factory=lambda: f"admin-{secrets.token_hex(4)}")
    bootstrap_admin_secret: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    database: dict[str, str] = field(default_factory=lambda: {role: _password() for role in DATABASE_ROLES})
    nats: dict[str, str] = field(default_factory=lambda: {user: _password() for user in NATS_USERS})

    def __repr__(self) -> str:
        return "Secrets(…)"

    @property
    def words_public_key(self) -> str:
        """Seals what `words_key` opens."""
        return public_key_of(self.words_key)


def _require_keys(found: Secrets, file: Path) -> None:
    """A key that is none stops the start here, once and in words, instead of every process again and again."""
    for name in ("encryption_key", "routing_encryption_key", "sla_encryption_key", "words_key"):
        if not _is_key(getattr(found, name)):
            raise StartError(
                f"The {name} in {file} is not 32 bytes in base64. Restore the file from a backup."
            )
    for name in ("hash_key", "cursor_key"):
        if not getattr(found, name):
            raise StartError(f"The {name} in {file} is empty. Restore the file from a backup.")


def _is_key(encoded: str) -> bool:
    try:
        return len(base64.b64decode(encoded, validate=True)) == 32
    except (ValueError, TypeError):
        return False


def load_or_create_secrets(home: Home) -> Secrets:
    """What the file lacks (it may be of an older version) is added; what it has never changes."""
    file = home.secrets_file
    try:
        known = json.loads(file.read_text())
    except FileNotFoundError:
        if home.postgres.exists():
            raise StartError(
                f"{file} is missing although {home.postgres} holds data, some of it encrypted with the key "
                f"in that file. Restore it from a backup; a new one could not read the data."
            ) from None
        known = {}
    except ValueError as error:
        raise StartError(f"{file} is not valid JSON ({error}). Restore it from a backup.") from None
    fresh = asdict(Secrets())
    known_ones = {name: value for name, value in known.items() if name in fresh}
    merged = fresh | known_ones
    for group in ("database", "nats"):
        merged[group] = fresh[group] | known_ones.get(group, {})
    found = Secrets(**merged)
    _require_keys(found, file)
    if asdict(found) != known:
        write_private(file, json.dumps(asdict(found), indent=2) + "\n")
    elif file.stat().st_mode & 0o077:
        file.chmod(0o600)
    return found
