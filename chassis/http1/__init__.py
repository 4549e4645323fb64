"""HTTP/1.1 as this house accepts it: uvicorn's protocol over httptools, made strict and bounded (ADR 12)."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from chassis.http1.limits import Limits
from chassis.http1.patrol import Patrol
from chassis.http1.protocol import StrictProtocol

__all__ = ["Limits", "strict_protocol"]


def strict_protocol(limits: Limits) -> type[HttpToolsProtocol]:
    """The protocol class of one server, with limits of its own."""
    return type("LimitedProtocol", (StrictProtocol,), {"patrol": Patrol(limits)})
