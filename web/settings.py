"""What the pages read from `OTKLIK_*`."""

from __future__ import annotations

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class WebSettings(BaseSettings):
    """Settings of the pages' process."""

    model_config = SettingsConfigDict(env_prefix="OTKLIK_", extra="ignore")

    listen: str = "127.0.0.1:8005"
    """Where the pages answer: `host:port` or `unix:/path`."""
    log_level: str = "INFO"
    """Lines of less weight are not written."""
    traces_url: str = ""
    """Where spans are sent over OTLP/HTTP."""
    gateway_url: str = "http://127.0.0.1:8080"
    """Where the gateway answers: `unix:/path`, `host:port` or a URL."""
    gateway_seconds: float = 30.0
    """How long the pages wait for it."""
    gateway_connections: int = 400
    """Connections to it at the same time; who comes beyond them waits for one."""
    listening_connections: int = 2000
    """Connections to it of open screens, which hear what happens: they leave those who ask alone."""
    pages_key: SecretStr = SecretStr("")
    """With it the gateway believes whose requests are passed on; cookies are sealed with a key that is made of it."""
    pages_over_tls: bool = False
    """Whether browsers reach the pages over TLS: then cookies go over nothing else. Off where one tries things on one's own machine."""
    tile_url: str = ""
    """Tiles of maps, such as https://tiles.example.ru/{z}/{x}/{y}.png; without them maps show shapes and places alone."""
    tile_credit: str = ""
    """Whose tiles they are, as their licence asks to be said beside each map, such as © OpenStreetMap."""
    borders_folder: str = ""
    """A folder with borders of regions, `46.geojson`; without them maps of the room show cells and settlements."""
    oidc_issuer: str = ""
    """Where people may sign in, too: the address of an outside OIDC issuer, as its tokens name it. The gateway is given the same."""
    oidc_client_id: str = ""
    """How that issuer knows the pages."""
    oidc_client_secret: SecretStr = SecretStr("")
    """What the pages prove themselves by to the issuer, where it asks for that."""
    oidc_scope: str = "openid"
    """What the issuer is asked for: more than `openid` where the claim of the login needs it."""
    oidc_name: str = "единую учётную запись"
    """What the link says one signs in through."""
    public_url: str = ""
    """How browsers reach the system, such as https://otklik.example.ru; without it as they call it."""

    @property
    def has_outside_sign_in(self) -> bool:
        """Whether people may sign in at an outside issuer."""
        return bool(self.oidc_issuer and self.oidc_client_id)

    def require_key(self) -> str:
        """RuntimeError where there is none: cookies sealed with an empty key would be open."""
        key = self.pages_key.get_secret_value()
        if not key:
            raise RuntimeError("set OTKLIK_PAGES_KEY to a long random string, the same as the gateway's")
        return key
