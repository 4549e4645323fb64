"""The route table: which path goes to which service, and what is allowed on the way. Data only."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final, Literal

from chassis.principals import Role
from contracts.parts import PAGES, SERVICES

KIB: Final = 1024
MIB: Final = 1024 * KIB
# What the largest appeal of 10,000 characters needs, however it is written.
OPEN_BODY: Final = 128 * KIB
OWN_BODY: Final = 16 * KIB
# Ten files of ten megabytes, and what is written beside them.
FILES_BODY: Final = 102 * MIB
Limit = Literal["client", "address", "network", "page", "none"]


@dataclass(frozen=True, slots=True)
class Route:
    """All paths under `prefix` (`*` stands for any one segment); the longest prefix wins.

    `open`: no token needed. `limit`: whose requests are counted – the token's client, the caller's address, the address of a
    social network, which sends for thousands, that of a browser, which asks for a page in several requests, or nobody's. `max_body` in bytes; `seconds`: how long the service may be silent. `any_origin`: pages of every site may read the answers (see `origins`).
    `endless`: answers are streams of events, which hold a connection to the service for as long as somebody listens.
    `takes_api_key`: a client's secret in the query or the form serves as a token. `names_caller`: the service is told the
    caller's address. `own_origins`: the service itself says which pages may read its answers. `by_role`: whose things lie with
    another service, and with which.
    """

    prefix: str
    service: str
    open: bool = False
    limit: Limit = "client"
    max_body: int = MIB
    seconds: float = 30.0
    any_origin: bool = False
    endless: bool = False
    takes_api_key: bool = False
    names_caller: bool = False
    own_origins: bool = False
    by_role: tuple[tuple[Role, str], ...] = ()

    @property
    def services(self) -> frozenset[str]:
        """Whoever may answer."""
        return frozenset((self.service, *dict(self.by_role).values()))

    def of_role(self, role: Role) -> Route:
        """The same to the service that has what belongs to this role."""
        service = dict(self.by_role).get(role, self.service)
        return self if service == self.service else replace(self, service=service)

    def revalidates(self, path: str) -> bool:
        """Whether what is read there is known by an `ETag`, and packed."""
        return path in REVALIDATED or path.startswith(REVALIDATED_BELOW)


# Read as a whole, again and again, and hardly ever changed. What lies below them has versions of its own.
REVALIDATED: Final = frozenset(
    (
        *(
            f"/api/v1/{name}"
            for name in ("topics", "organisations", "rules", "service-areas", "templates", "policies")
        ),
        "/openapi.json",
    )
)
REVALIDATED_BELOW: Final = "/api/v1/reference/"


def _to(service: str, *prefixes: str) -> tuple[Route, ...]:
    return tuple(Route(f"/api/v1/{prefix}", service) for prefix in prefixes)


def _page(
    *prefixes: str, max_body: int = MIB, seconds: float = 30.0, endless: bool = False
) -> tuple[Route, ...]:
    """What browsers ask for: the pages' process sees who is signed in."""
    return tuple(
        Route(
            prefix,
            PAGES,
            open=True,
            limit="page",
            max_body=max_body,
            seconds=seconds,
            endless=endless,
            names_caller=True,
        )
        for prefix in prefixes
    )


def _own(*prefixes: str, limit: Limit = "none") -> tuple[Route, ...]:
    return tuple(Route(prefix, "gateway", open=True, limit=limit, max_body=OWN_BODY) for prefix in prefixes)


ROUTES: Final[tuple[Route, ...]] = (
    *_to("intake", "appeals", "moderation", "receptions", "channels"),
    Route("/channels", "intake", open=True, limit="network", max_body=256 * KIB),
    Route("/api/v1/webhooks", "intake", max_body=OWN_BODY, by_role=(("agency", "routing"),)),
    Route("/api/v1/appeals/batch", "intake", max_body=64 * MIB, seconds=120.0),
    Route("/api/v1/appeals/*/deadlines", "sla"),
    Route("/api/v1/appeals/*/assignments", "routing"),
    Route("/api/v1/appeals/*/forward", "routing"),
    Route("/api/v1/appeals/*/stop-correspondence", "routing"),
    Route("/api/v1/imports", "intake", max_body=64 * MIB, seconds=600.0),
    # With a token, with that of a widget's form, or by a link: the service itself sees to it. A file has ten megabytes at most.
    Route(
        "/api/v1/attachments",
        "intake",
        open=True,
        limit="address",
        max_body=11 * MIB,
        seconds=120.0,
        names_caller=True,
    ),
    Route("/api/v1/track", "intake", open=True, limit="address", max_body=OPEN_BODY, any_origin=True),
    *_to("routing", "topics", "organisations", "settlements", "rules", "service-areas", "classify", "works"),
    Route("/api/v1/reference", "routing", max_body=16 * MIB, seconds=120.0),
    *_to("routing", "queue", "assignments", "triage", "unaccepted", "models", "audits"),
    *_to("routing", "answers", "reviews", "templates", "incidents"),
    Route("/api/v1/known", "routing", open=True, limit="address", max_body=OWN_BODY, any_origin=True),
    Route(
        "/open311",
        "intake",
        open=True,
        limit="address",
        max_body=OPEN_BODY,
        any_origin=True,
        takes_api_key=True,
    ),
    *_to("intake", "service-definitions", "widgets"),
    Route(
        "/api/v1/widget",
        "intake",
        open=True,
        limit="address",
        max_body=OPEN_BODY,
        names_caller=True,
        own_origins=True,
    ),
    # Five hundred answers of ten thousand letters each, one transaction after the other.
    Route("/api/v1/assignments/bulk", "routing", max_body=16 * MIB, seconds=120.0),
    Route("/api/v1/rules/dry-run", "routing", seconds=120.0),
    Route("/api/v1/policies/dry-run", "sla", seconds=120.0),
    *_to("sla", "deadlines", "policies", "calendars", "extensions", "escalations"),
    Route("/api/v1/analytics", "analytics", seconds=120.0),
    Route("/api/v1/analytics/stream", "analytics", seconds=45.0, endless=True),
    Route("/api/v1/public", "analytics", open=True, limit="address", max_body=OWN_BODY, any_origin=True),
    *(Route(f"/api/v1/settings/*/{service}", service) for service in SERVICES),
    *(Route(f"/api/v1/operations/{service}", service, seconds=600.0) for service in SERVICES),
    Route("/api/v1/operations", "gateway", max_body=OWN_BODY),
    Route("/api/v1/clients", "gateway", max_body=64 * KIB),
    Route("/api/v1/people", "gateway", max_body=64 * KIB),
    # Whoever signs in, or has a link, has no token yet.
    *_own("/api/v1/sessions", limit="address"),
    *_own("/api/v1/people/invitations/accept", "/api/v1/people/reset/accept", limit="address"),
    # Forms that bring their files with them; each is passed on and looked through before there is an answer.
    *_page("/", "/desk/a", max_body=FILES_BODY, seconds=300.0),
    *_page("/track", "/desk", "/centre", max_body=32 * MIB),
    *_page("/map", "/room", "/settings", "/account", "/sign-in", "/sign-out", "/invitation", "/reset"),
    # What helps while a form is filled in; a photo goes ahead of the form.
    *_page("/report", max_body=11 * MIB),
    *_page("/design", "/static", "/widget.js", "/robots.txt"),
    *_page("/room/stream", endless=True),
    *_own("/docs", "/favicon.ico", "/openapi.json", "/problems", "/health", "/metrics"),
    *_own("/.well-known/jwks.json", "/.well-known/revocations", "/oauth/token"),
)


@dataclass(slots=True)
class _Node:
    """A segment of paths: the route that ends here, and the segments that may follow."""

    route: Route | None = None
    children: dict[str, _Node] = field(default_factory=dict)


class RouteTree:
    """The table compiled once into nested dictionaries, so that a look-up costs one step per segment."""

    def __init__(self, routes: tuple[Route, ...] = ROUTES) -> None:
        self._root = _Node()
        for route in routes:
            node = self._root
            for segment in filter(None, route.prefix.split("/")):
                node = node.children.setdefault(segment, _Node())
            node.route = route

    def find(self, path: str) -> Route | None:
        """The route of a path, or None. `/` itself matches only exactly."""
        if path == "/":
            return self._root.route
        node, found = self._root, None
        for segment in path[1:].split("/", 6):
            child = node.children.get(segment) or node.children.get("*")
            if child is None or not segment:
                break
            node, found = child, child.route or found
        return found
