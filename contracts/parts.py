"""The one list of what the system is made of; whoever needs names of services, schemas or streams takes them here."""

from __future__ import annotations

from typing import Literal, get_args

# Services that publish events: each has a stream of its own.
PUBLISHERS = ("intake", "routing", "sla")

# Services: each owns a schema and a folder in services/, and consumes events under its name.
Service = Literal["intake", "routing", "sla", "analytics"]
SERVICES: tuple[Service, ...] = get_args(Service)

# What owns a schema in the database.
PARTS = (*SERVICES, "gateway")

# The process that makes the pages people work on: a client of the public interface, it owns nothing.
PAGES = "web"

# Services whose slow work is done by a process beside the one that answers requests (ADR 9).
WORKERS = ("intake-work",)


def stream_of_publisher(service: str) -> str:
    """Name of the stream that holds a service's events; its subjects are `<service>.>`."""
    return service.upper()
