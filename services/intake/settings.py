"""Settings of the intake process."""

from __future__ import annotations

from typing import Annotated

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from pydantic import Field, SecretStr

from chassis.settings import WebhookSettings
from chassis.word_keys import read_private_key


class IntakeSettings(WebhookSettings):
    """Of the process; what regions set for themselves is data."""

    words_key: SecretStr = SecretStr("")
    """Opens officials' words in events: 32 bytes in base64, intake's alone."""
    public_url: str = ""
    """How callers reach the gateway, such as https://otklik.example.ru; where it is empty, what a caller calls it counts."""
    widget_per_minute: int = 300
    """What one widget may send a minute, with a proof of work."""
    widget_address_per_minute: int = 20
    """What one address may send to widgets a minute, with a proof of work."""
    widget_unproven_per_minute: int = 60
    """What one widget may send a minute without a proof of work (no scripts)."""
    widget_unproven_address_per_minute: int = 4
    """What one address may send to widgets a minute without a proof of work."""
    consumer_linger_seconds: float = 0.05
    """How long events wait for company: what the citizen sees of histories may be that much younger."""
    masking_batch: int = 250
    """Texts masked in one transaction: as many as travel together."""
    masking_linger_seconds: float = 0.1
    """How long new texts wait for company."""
    masking_poll_seconds: float = 0.5
    """How often texts to be masked are looked for where nobody woke the worker."""
    attachments_folder: str = ""
    """Where attachments lie, sealed. Without it and `s3_bucket` none are taken."""
    attachment_children: Annotated[int, Field(ge=1)] = 2
    """Files looked into at the same time, each in a process of its own."""
    s3_bucket: str = ""
    """The bucket in which attachments lie, instead of the folder."""
    s3_endpoint: str = ""
    """Of S3; empty for Amazon's own."""
    s3_region: str = "us-east-1"
    """Of the bucket."""
    s3_access_key: SecretStr = SecretStr("")
    """For the bucket."""
    s3_secret_key: SecretStr = SecretStr("")
    """For the bucket."""
    clamd: str = ""
    """Of an antivirus: `unix:/path` or `host:port`. Without it files are marked as unchecked."""
    clamd_required: bool = False
    """Nothing is taken that the antivirus has not seen."""
    channel_patience_seconds: float = 180.0
    """How long a change waits for the message that it changes: networks deliver again after a minute, in any order."""
    ok_api_url: str = "https://api.ok.ru/fb.do"
    """Where OK is asked."""
    max_api_url: str = "https://platform-api2.max.ru"
    """Where MAX is asked; `public_url` is needed to subscribe there again."""
    channel_poll_seconds: float = 60.0
    """How often networks that do not deliver are asked."""

    def private_key(self) -> X25519PrivateKey:
        """The key; ValueError when it is missing or malformed, so that the service refuses to start."""
        return read_private_key(self.words_key.get_secret_value())
