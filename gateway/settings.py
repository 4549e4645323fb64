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
    """Connections to Postgres that the gateway holds."""
    internal_listen: str = ""
    """A second address, for the services alone: public keys, revocations, and /metrics without a token."""
    metrics_listen: str = ""
    """One more address, at which /metrics and /metrics/system need no token: for Prometheus on this machine."""
    hold_file: str = ""
    """While this file exists the system says "not ready": first data are still being loaded."""
    encryption_key: SecretStr = SecretStr("")
    """What signing keys and one-time codes are encrypted with: 32 bytes in base64."""

    upstream_intake: str = "127.0.0.1:8001"
    """Where the intake service answers: `host:port` or `unix:/path`."""
    upstream_routing: str = "127.0.0.1:8002"
    """Where the routing service answers."""
    upstream_sla: str = "127.0.0.1:8003"
    """Where the deadline service answers."""
    upstream_analytics: str = "127.0.0.1:8004"
    """Where the service of figures answers."""
    upstream_web: str = "127.0.0.1:8005"
    """Where the pages answer."""
    upstream_intake_work: str = ""
    """Where the worker of intake answers: nothing is routed to it, but without it the system is not ready."""
    upstream_connections: int = 1000
    """Connections to one service at the same time; who comes beyond them is asked to repeat."""
    open_upstream_connections: int = 64
    """Routes that need no token have connections of their own, this many."""
    open_body_bytes: int = 12 * 1024 * 1024
    """Bodies that routes without a token hold in memory at most."""
    listening_connections: int = 2000
    """Streams of events have connections of their own, this many to one service and as many of open screens: those who listen leave those who ask alone."""
    page_connections: int = 200
    """Pages have connections of their own, this many."""
    page_body_bytes: int = 256 * 1024 * 1024
    """Bodies that pages hold in memory at most: forms bring files."""
    connections_per_address: int = 4000
    """Open connections of one address; beyond them new ones are closed."""
    trusted_proxies: str = ""
    """Reverse proxies whose X-Forwarded-For is believed: addresses or networks, comma-separated, and `unix` for callers over a unix socket. None by default: then a caller is who the connection says."""

    allowed_origins: str = ""
    """Sites whose pages may read answers in a browser (CORS): comma-separated origins such as https://portal.example.ru. None by default; tracking is open to every site's pages."""

    token_seconds: Annotated[int, Field(ge=30, le=600)] = 600
    """How long a client's token is good."""
    signing_key_days: Annotated[int, Field(ge=1)] = 90
    """How long tokens are signed with one key."""
    signing_key_rest_seconds: int = 120
    """A new signing key is published this long before the first token is signed with it."""
    bootstrap_admin_id: str = ""
    """Id of the first administrator of all regions, who is made at the start."""
    bootstrap_admin_secret: SecretStr = SecretStr("")
    """The secret of the first administrator: a long random string. Empty: nobody is made."""
    clients_refresh_seconds: float = 5.0
    """How often the gateway looks for clients that others changed."""
    revocations_refresh_seconds: Annotated[float, Field(gt=0, le=2)] = 1.0
    """With the two seconds after which services ask again, the five in which a revocation is to be in force everywhere."""

    client_requests_per_minute: int = 6000
    """What one client may ask a minute, unless its own `requests_per_minute` says otherwise."""
    open_requests_per_minute: int = 120
    """What one address may ask without a token a minute."""
    network_requests_per_minute: int = 12_000
    """What one address of a social network may deliver a minute: it delivers from few addresses, in floods."""
    page_requests_per_minute: int = 1200
    """What one address may ask of pages a minute: a page is a document and some files, and several people may share an address."""
    failed_logins_per_minute: int = 20
    """Wrong secrets of one address a minute, after which it has to wait."""

    pages_key: SecretStr = SecretStr("")
    """The pages' process says by X-Otklik-Caller whose request it passes on; believed from whoever sends this key beside it."""

    password_rounds: Annotated[int, Field(ge=1)] = 2
    """Rounds of argon2id, what hashing a password costs: some 50 ms and 20 MB. Raised, hashes are made anew as people sign in."""
    password_memory_kib: Annotated[int, Field(ge=8)] = 19_456
    """Memory that hashing a password takes."""
    password_threads: Annotated[int, Field(ge=1)] = 1
    """Passwords compared at once, each in a thread of its own."""
    signing_in_at_once: Annotated[int, Field(ge=1)] = 40
    """How many people may be signing in at once: more are asked to repeat."""
    sign_in_failures_per_login: Annotated[int, Field(ge=1)] = 5
    """Wrong passwords of one login, after which pauses grow."""
    sign_in_failures_per_address: Annotated[int, Field(ge=1)] = 30
    """Wrong passwords of one address, after which pauses grow."""
    person_token_seconds: Annotated[int, Field(ge=30, le=600)] = 300
    """How long a person's token is good, before it is refreshed."""
    session_idle_seconds: Annotated[int, Field(ge=60)] = 2 * 3600
    """A session ends when it has not been refreshed for so long."""
    session_seconds: Annotated[int, Field(ge=60)] = 12 * 3600
    """A session ends so long after the sign-in in any case."""
    refresh_grace_seconds: Annotated[int, Field(ge=0, le=60)] = 10
    """So long after a refresh its token gives the same answer again: who has lost the answer has not lost the session."""
    invitation_hours: Annotated[int, Field(ge=1)] = 7 * 24
    """How long an invitation is good."""
    reset_hours: Annotated[int, Field(ge=1)] = 24
    """How long a link that sets another password is good."""

    oidc_issuer: str = ""
    """An outside OIDC issuer whose tokens are accepted beside our own."""
    oidc_jwks_url: str = ""
    """Where the outside issuer publishes its keys."""
    oidc_audience: str = "otklik"
    """For whom tokens of the outside issuer have to be."""
    oidc_role_claim: str = "role"
    """The outside issuer's claim that names the role."""
    oidc_regions_claim: str = "regions"
    """The outside issuer's claim that lists regions."""
    oidc_municipalities_claim: str = "municipalities"
    """The outside issuer's claim that lists municipalities."""
    oidc_organisation_claim: str = "organisation"
    """The outside issuer's claim that names the organisation."""
    oidc_person_claim: str = ""
    """The outside issuer's claim with the UUID of who acts, such as `sub`; none by default."""
    oidc_client_id: str = ""
    """How the outside issuer knows the pages: with it people sign in there, too."""
    oidc_login_claim: str = "sub"
    """The claim that is the login of an account here. The issuer must never give its value to anybody else; `email` counts only where `email_verified` is true."""

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
