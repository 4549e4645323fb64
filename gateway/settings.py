"""What the gateway reads from `OTKLIK_*` beyond the chassis."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr

from chassis.http1 import Limits
from chassis.settings import Settings
from gateway.callers import ProxyNetworks, parse_proxies
from gateway.origins import parse_origins


class GatewaySettings(Settings):
    """The gateway's own settings; `unix:/path` or `host:port` where an address is meant."""

    pool_size: int = 4
    internal_listen: str = ""
    # While this file exists the system says "not ready": first data are still being loaded.
    hold_file: str = ""
    encryption_key: SecretStr = SecretStr("")

    upstream_intake: str = "127.0.0.1:8001"
    upstream_routing: str = "127.0.0.1:8002"
    upstream_sla: str = "127.0.0.1:8003"
    upstream_analytics: str = "127.0.0.1:8004"
    upstream_web: str = "127.0.0.1:8005"
    # Workers of services: nothing is routed to them, but without them the system is not ready.
    upstream_intake_work: str = ""
    upstream_connections: int = 1000
    # Routes that need no token have connections of their own, and hold so many bytes of bodies at most.
    open_upstream_connections: int = 64
    open_body_bytes: int = 12 * 1024 * 1024
    # And so have streams of events: those who listen leave the connections of those who ask alone.
    listening_connections: int = 2000
    # And so have pages, whose forms bring files.
    page_connections: int = 200
    page_body_bytes: int = 64 * 1024 * 1024
    connections_per_address: int = 4000
    # Reverse proxies whose X-Forwarded-For is believed: addresses or networks, comma-separated, and `unix` for callers
    # over a unix socket. None by default: then a caller is who the connection says.
    trusted_proxies: str = ""

    # Sites whose pages may read answers in a browser (CORS): comma-separated origins such as https://portal.example.ru.
    # None by default; tracking is open to every site's pages.
    allowed_origins: str = ""

    token_seconds: Annotated[int, Field(ge=30, le=600)] = 600
    signing_key_days: Annotated[int, Field(ge=1)] = 90
    # A new signing key is published this long before the first token is signed with it.
    signing_key_rest_seconds: int = 120
    bootstrap_admin_id: str = ""
    bootstrap_admin_secret: SecretStr = SecretStr("")
    clients_refresh_seconds: float = 5.0
    # With the two seconds after which services ask again, the five in which a revocation is to be in force everywhere.
    revocations_refresh_seconds: Annotated[float, Field(gt=0, le=2)] = 1.0

    client_requests_per_minute: int = 6000
    open_requests_per_minute: int = 120
    network_requests_per_minute: int = 12_000  # a social network delivers from few addresses, in floods
    page_requests_per_minute: int = (
        1200  # a page is a document and some files, and several people may share an address
    )
    failed_logins_per_minute: int = 20

    # The pages' process says by X-Otklik-Caller whose request it passes on; believed from whoever sends this key beside it.
    pages_key: SecretStr = SecretStr("")

    # What hashing a password costs (argon2id): some 50 ms and 20 MB. Raised, hashes are made anew as people sign in.
    password_rounds: Annotated[int, Field(ge=1)] = 2
    password_memory_kib: Annotated[int, Field(ge=8)] = 19_456
    # Passwords compared at once, each in a thread of its own, and how many people may be signing in: more are asked to repeat.
    password_threads: Annotated[int, Field(ge=1)] = 1
    signing_in_at_once: Annotated[int, Field(ge=1)] = 40
    sign_in_failures_per_login: Annotated[int, Field(ge=1)] = 5
    sign_in_failures_per_address: Annotated[int, Field(ge=1)] = 30
    person_token_seconds: Annotated[int, Field(ge=30, le=600)] = 300
    # A session ends when it has not been refreshed for so long, and in any case so long after the sign-in.
    session_idle_seconds: Annotated[int, Field(ge=60)] = 2 * 3600
    session_seconds: Annotated[int, Field(ge=60)] = 12 * 3600
    # So long after a refresh its token gives the same answer again: who has lost the answer has not lost the session.
    refresh_grace_seconds: Annotated[int, Field(ge=0, le=60)] = 10
    invitation_hours: Annotated[int, Field(ge=1)] = 7 * 24
    reset_hours: Annotated[int, Field(ge=1)] = 24

    # An outside OIDC issuer whose tokens are accepted beside our own, and how it names our claims.
    oidc_issuer: str = ""
    oidc_jwks_url: str = ""
    oidc_audience: str = "otklik"
    oidc_role_claim: str = "role"
    oidc_regions_claim: str = "regions"
    oidc_municipalities_claim: str = "municipalities"
    oidc_organisation_claim: str = "organisation"
    oidc_person_claim: str = ""  # the UUID of who acts, such as `sub`; none by default

    @property
    def is_held(self) -> bool:
        """Whether `hold_file` exists."""
        return bool(self.hold_file) and Path(self.hold_file).exists()

    @property
    def proxy_networks(self) -> ProxyNetworks:
        """`trusted_proxies`, parsed. ValueError when it is neither addresses, networks nor `unix`."""
        return parse_proxies(self.trusted_proxies)

    @property
    def origins(self) -> frozenset[bytes]:
        """`allowed_origins`, parsed. ValueError when it is not a list of origins."""
        return parse_origins(self.allowed_origins)

    @property
    def limits(self) -> Limits:
        """What a caller's connection may cost."""
        return Limits(
            connections_per_address=self.connections_per_address, exempt=self.proxy_networks.networks
        )

    def address_of(self, service: str) -> str:
        """Where a service listens."""
        return str(getattr(self, f"upstream_{service.replace('-', '_')}"))
