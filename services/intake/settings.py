"""Settings of the intake process."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from pydantic import SecretStr

from chassis.settings import SealingSettings
from chassis.words import read_private_key


class IntakeSettings(SealingSettings):
    """`words_key`: 32 bytes in base64; opens officials' words in events."""

    words_key: SecretStr = SecretStr("")
    consumer_linger_seconds: float = 0.05  # histories: what the citizen sees may be that much younger
    masking_batch: int = 250  # as many as travel together (`chassis.bundles`)
    masking_linger_seconds: float = 0.1
    masking_poll_seconds: float = 0.5
    # How long a change waits for the message that it changes: networks deliver again after a minute, in any order.
    channel_patience_seconds: float = 180.0
    # Where networks are asked, and under which address they reach us (https://…; needed to subscribe to MAX again).
    ok_api_url: str = "https://api.ok.ru/fb.do"
    max_api_url: str = "https://platform-api2.max.ru"
    public_url: str = ""
    channel_poll_seconds: float = 60.0

    def private_key(self) -> X25519PrivateKey:
        """The key; ValueError when it is missing or malformed, so that the service refuses to start."""
        return read_private_key(self.words_key.get_secret_value())
