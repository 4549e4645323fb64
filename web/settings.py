"""What the pages read from `OTKLIK_*`."""

from __future__ import annotations

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class WebSettings(BaseSettings):
    """Settings of the pages' process."""

    model_config = SettingsConfigDict(env_prefix="OTKLIK_", extra="ignore")

    listen: str = "127.0.0.1:8005"
    log_level: str = "INFO"
    # Where the gateway answers: `unix:/path`, `host:port` or a URL.
    gateway_url: str = "http://127.0.0.1:8080"
    gateway_seconds: float = 30.0
    # With it the gateway believes whose requests are passed on; cookies are sealed with a key that is made of it.
    pages_key: SecretStr = SecretStr("")
    # Whether browsers reach the pages over TLS: then cookies go over nothing else. Off where one tries things on one's own machine.
    pages_over_tls: bool = False
    # Tiles of maps, such as https://tiles.example.ru/{z}/{x}/{y}.png; without them maps show shapes and places alone.
    tile_url: str = ""

    def require_key(self) -> str:
        """RuntimeError where there is none: cookies sealed with an empty key would be open."""
        key = self.pages_key.get_secret_value()
        if not key:
            raise RuntimeError("set OTKLIK_PAGES_KEY to a long random string, the same as the gateway's")
        return key
