"""Settings of the intake process."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from pydantic import SecretStr

from chassis.settings import SealingSettings
from chassis.words import read_private_key


class IntakeSettings(SealingSettings):
    """`words_key`: 32 bytes in base64; opens officials' words in events."""

    words_key: SecretStr = SecretStr("")
    # How callers reach the gateway, such as https://otklik.example.ru; where it is empty, what a caller calls it counts.
    public_url: str = ""
    # What one widget may send a minute, and one address: with a proof of work, and without (no scripts).
    widget_per_minute: int = 300
    widget_address_per_minute: int = 20
    widget_unproven_per_minute: int = 60
    widget_unproven_address_per_minute: int = 4
    consumer_linger_seconds: float = 0.05  # histories: what the citizen sees may be that much younger
    masking_batch: int = 250  # as many as travel together (`chassis.bundles`)
    masking_linger_seconds: float = 0.1
    masking_poll_seconds: float = 0.5

    def private_key(self) -> X25519PrivateKey:
        """The key; ValueError when it is missing or malformed, so that the service refuses to start."""
        return read_private_key(self.words_key.get_secret_value())
