"""Settings of the intake process."""

from __future__ import annotations

from typing import Annotated

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from pydantic import Field, SecretStr

from chassis.settings import SealingSettings
from chassis.words import read_private_key


class IntakeSettings(SealingSettings):
    """`words_key`: 32 bytes in base64; opens officials' words in events.

    Attachments lie in `attachments_folder`, or in the bucket `s3_bucket` (`s3_endpoint`: empty for Amazon's own) where that is
    given; without both none are taken. `clamd`: `unix:/path` or `host:port` of an antivirus; `clamd_required`: nothing is taken
    that it has not seen. `attachment_children`: how many files are looked into at the same time.
    """

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
    attachments_folder: str = ""
    attachment_children: Annotated[int, Field(ge=1)] = 2
    s3_bucket: str = ""
    s3_endpoint: str = ""
    s3_region: str = "us-east-1"
    s3_access_key: SecretStr = SecretStr("")
    s3_secret_key: SecretStr = SecretStr("")
    clamd: str = ""
    clamd_required: bool = False
    # How long a change waits for the message that it changes: networks deliver again after a minute, in any order.
    channel_patience_seconds: float = 180.0
    # Where networks are asked; `public_url` is needed to subscribe to MAX again.
    ok_api_url: str = "https://api.ok.ru/fb.do"
    max_api_url: str = "https://platform-api2.max.ru"
    channel_poll_seconds: float = 60.0

    def private_key(self) -> X25519PrivateKey:
        """The key; ValueError when it is missing or malformed, so that the service refuses to start."""
        return read_private_key(self.words_key.get_secret_value())
