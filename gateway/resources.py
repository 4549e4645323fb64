"""What the gateway's parts share: made once from its settings, found by every route on its app."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, partial

from fastapi import Request

from chassis.cursors import Cursors
from chassis.db import create_engine, create_reading_sessions, create_sessions
from chassis.keys import KeyProof
from chassis.resources import Resources, resources_in
from chassis.tasks import BackgroundTask
from contracts.parts import PAGES, SERVICES, WORKERS
from gateway.clients.registry import ClientRegistry
from gateway.openapi import Document, OpenApi
from gateway.people.hashing import PasswordHashing
from gateway.proxy.bodies import BodyBudget
from gateway.proxy.exchanges import Bulkhead, Bulkheads
from gateway.proxy.frontend import Frontend
from gateway.proxy.upstreams import Upstream
from gateway.settings import GatewaySettings
from gateway.shared_limits import SharedLimits
from gateway.tokens.api_keys import ApiKeys
from gateway.tokens.authenticator import Authenticator
from gateway.tokens.keys import KeyRing
from gateway.tokens.proofs import gateway_keys
from gateway.tokens.vault import Vault
from gateway.tokens.verifiers import IdentityVerifier, OwnVerifier


class GatewayResources(Resources):
    """Nothing is opened by making them; connections come with their first use.

    `own_document`: the OpenAPI document of the gateway's own routes. `clock` is monotonic, s.
    """

    def __init__(
        self,
        settings: GatewaySettings,
        own_document: Callable[[], Document],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.engine = create_engine(settings.database_url, settings.pool_size)
        self.ring = KeyRing()
        super().__init__(
            "gateway",
            verifier=OwnVerifier(self.ring, settings),
            cursors=Cursors(settings.cursor_key.get_secret_value()),
            hash_key=settings.hash_key.get_secret_value(),
            sessions=create_sessions(self.engine),
            reading_sessions=create_reading_sessions(self.engine),
            has_row_security=False,
            only_warns=settings.unknown_fields == "warn",
        )
        self.settings = settings
        self.clock = clock
        self.proof = KeyProof("gateway", partial(gateway_keys, settings))
        self.tasks: Sequence[BackgroundTask] = ()
        self.revocations = self.verifier.revocations
        self.registry = ClientRegistry(settings.client_requests_per_minute)
        self.passwords = PasswordHashing(settings)
        self.identities = IdentityVerifier(settings) if settings.oidc_client_id else None
        self.limits = SharedLimits(self.hash_key, clock)
        self.bulkheads = _bulkheads(settings)
        self.known = self.bulkheads.known
        self.workers = _workers(settings)
        authenticator = Authenticator(self.verifier, self.ring, settings)
        api_keys = ApiKeys(authenticator, self.reading_sessions, self.limits, self.hash_key)
        self.frontend = Frontend(
            settings, authenticator, api_keys, self.registry, self.limits, self.bulkheads
        )
        self.openapi = OpenApi(self.known.upstreams, self.frontend.tree, own_document, clock)

    @cached_property
    def vault(self) -> Vault:
        """Opens what lies encrypted; ValueError where the settings hold no key."""
        return Vault(self.settings.encryption_key.get_secret_value())

    async def close(self) -> None:
        """Close the connections to services and to the database."""
        self.passwords.close()
        for group in (*(each.upstreams for each in self.bulkheads), self.workers):
            for upstream in group.values():
                upstream.close()
        await self.engine.dispose()


def _bulkheads(settings: GatewaySettings) -> Bulkheads:
    pages = partial(_bulkhead, settings, most_bytes=settings.page_body_bytes, streams=False, names=(PAGES,))
    return Bulkheads(
        known=_bulkhead(settings, settings.upstream_connections, math.inf, streams=True),
        anybody=_bulkhead(
            settings, settings.open_upstream_connections, settings.open_body_bytes, streams=False
        ),
        listeners=_bulkhead(settings, settings.listening_connections, math.inf, streams=True),
        pages=pages(settings.page_connections),
        screens=pages(settings.listening_connections),
    )


def _bulkhead(
    settings: GatewaySettings,
    connections: int,
    most_bytes: float,
    *,
    streams: bool,
    names: Iterable[str] = SERVICES,
) -> Bulkhead:
    upstreams = {name: Upstream(name, settings.address_of(name), connections) for name in names}
    return Bulkhead(upstreams, BodyBudget(most_bytes), streams)


def _workers(settings: GatewaySettings) -> dict[str, Upstream]:
    """The workers of services that have processes of their own: nothing is routed to them."""
    addresses = {name: settings.address_of(name) for name in WORKERS}
    return {
        name: Upstream(name, address, settings.upstream_connections)
        for name, address in addresses.items()
        if address
    }


def resources_of(request: Request) -> GatewayResources:
    """The resources of the app that answers a request."""
    return resources_in(request.app, GatewayResources)
