"""Settings of the intake process."""

from __future__ import annotations

from pydantic import Field, SecretStr

from chassis.settings import Settings
from services.intake.rules.sealing import Keyring, make_keyring


class IntakeSettings(Settings):
    """`encryption_key`: 32 bytes in base64; `old_encryption_keys`: earlier ones by key id, kept for reading."""

    encryption_key: SecretStr = SecretStr("")
    encryption_key_id: int = 1
    old_encryption_keys: dict[int, SecretStr] = Field(default_factory=dict)
    consumer_linger_seconds: float = 0.05  # histories: what the citizen sees may be that much younger
    masking_batch: int = 100
    masking_linger_seconds: float = 0.1
    masking_poll_seconds: float = 0.5

    def encryption_keys(self) -> dict[int, str]:
        """Every encryption key by its id."""
        keys = {**self.old_encryption_keys, self.encryption_key_id: self.encryption_key}
        return {key_id: key.get_secret_value() for key_id, key in keys.items()}

    def keyring(self) -> Keyring:
        """The keys; ValueError when they are missing or malformed, so that the service refuses to start."""
        return make_keyring(self.encryption_keys(), self.encryption_key_id)
