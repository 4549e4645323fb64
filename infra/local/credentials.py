"""The secrets of one home: made once, kept in `secrets.json`, readable only by its owner."""

import base64
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from chassis.word_keys import public_key_of
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
    """Keys and passwords of one home; each is made when it is not given."""

    encryption_key: str = field(default_factory=_key)
    routing_encryption_key: str = field(default_factory=_key)
    sla_encryption_key: str = field(default_factory=_key)
    words_key: str = field(default_factory=_key)  # opens officials' words; intake's alone
    hash_key: str = field(default_factory=_key)
    cursor_key: str = field(default_factory=_key)
    pages_key: str = field(
        default_factory=_key
    )  # by which the gateway believes the pages whose request they pass on
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


def _is_key(encoded: str) -> bool:
    try:
        return len(base64.b64decode(encoded, validate=True)) == 32
    except (ValueError, TypeError):
        return False


_KEYS = ("encryption_key", "routing_encryption_key", "sla_encryption_key", "words_key")
_REQUIREMENTS: Mapping[str, tuple[Callable[[str], bool], str]] = {
    **dict.fromkeys(_KEYS, (_is_key, "is not 32 bytes in base64")),
    **dict.fromkeys(("hash_key", "cursor_key", "pages_key"), (bool, "is empty")),
}


def _require_keys(found: Secrets, file: Path) -> None:
    """A key that is none stops the start here, once and in words, instead of every process again and again."""
    for name, (is_usable, fault) in _REQUIREMENTS.items():
        if not is_usable(getattr(found, name)):
            raise StartError(f"The {name} in {file} {fault}. Restore the file from a backup.")


def load_or_create_secrets(home: Home) -> Secrets:
    """What the file lacks (it may be of an older version) is added; what it has never changes."""
    file = home.secrets_file
    stored = _read_secrets(home)
    fresh = asdict(Secrets())
    known = {name: value for name, value in stored.items() if name in fresh}
    logins = {group: fresh[group] | known.get(group, {}) for group in ("database", "nats")}
    found = Secrets(**(fresh | known | logins))
    _require_keys(found, file)
    if asdict(found) != stored:
        write_private(file, json.dumps(asdict(found), indent=2) + "\n")
    elif file.stat().st_mode & 0o077:
        file.chmod(0o600)
    return found


def _read_secrets(home: Home) -> Mapping[str, Any]:
    file = home.secrets_file
    try:
        content: Mapping[str, Any] = json.loads(file.read_text())
    except FileNotFoundError:
        if home.postgres.exists():
            raise StartError(
                f"{file} is missing although {home.postgres} holds data, some of it encrypted with the key "
                f"in that file. Restore it from a backup; a new one could not read the data."
            ) from None
        return {}
    except ValueError as error:
        raise StartError(f"{file} is not valid JSON ({error}). Restore it from a backup.") from None
    return content
