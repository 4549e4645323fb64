"""Code that nothing in the product calls (vulture): what is only tested is dead, too."""

from __future__ import annotations

import re
from typing import Final

from vulture import Vulture

from tests.house.sources import PACKAGES, PROJECT, Source

_CALL: Final = re.compile(r"\b(\w+)\(")
# What these decorate is called by those who read the registry.
REGISTERED: Final = [
    "@*.get",
    "@*.post",
    "@*.put",
    "@*.patch",
    "@*.delete",
    "@*.options",
    "@*.on",
    "@*.register",
    "@*_validator",
    "@*.command",
]
# Called from outside, and by whom.
ALIVE: Final = {
    "asyncio, of a protocol": (
        "chassis method data_received",
        "chassis method eof_received",
        "gateway method data_received",
        "gateway method pause_writing",
        "gateway method resume_writing",
    ),
    "httptools, of who reads with it": ("chassis method on_header", "gateway method on_header"),
    "uvicorn, of a protocol or a cycle of its own": (
        "chassis method on_response_complete",
        "chassis attribute total_requests",
        "chassis attribute disconnected",
        "chassis attribute expected_content_length",
    ),
    "Typer, of what is before a command": ("otklik function _of_all",),
    "Starlette, of a request": ("chassis attribute _json",),
    "logging": ("chassis attribute raiseExceptions",),
    "python-docx, of a document": (
        "services/analytics attribute alignment",
        "services/analytics attribute keep_with_next",
    ),
    "expat, of a part of a document": ("services/intake attribute StartElementHandler",),
    "Pillow": ("services/intake attribute MAX_IMAGE_PIXELS",),
    "alembic, of a dialect": ("chassis attribute default_schema_name",),
    "tests and bench, to lose and find servers": (
        "infra function embedded_servers",
        "infra method kill_nats",
        "infra method kill_postgres",
        "infra method start_nats",
        "infra method stop_nats",
        "infra method restart_postgres",
        "infra property nats_pid",
        "infra property postgres_pid",
    ),
}


def _called_by_templates() -> set[str]:
    """Every name that stands before a bracket in a template."""
    templates = (PROJECT / "web" / "templates").rglob("*.html")
    return {name for file in templates for name in _CALL.findall(file.read_text())}


def dead_names() -> set[str]:
    """What is not used, by part: functions, classes, methods, properties, attributes. Fields of data are not judged; what a
    template calls is used."""
    called = _called_by_templates()
    vulture = Vulture(ignore_decorators=REGISTERED)
    vulture.scavenge([str(PROJECT / package) for package in PACKAGES])
    return {
        f"{Source(item.filename.relative_to(PROJECT).as_posix(), '').part} {item.typ} {item.name}"
        for item in vulture.get_unused_code()
        if item.typ != "variable"
        and "migrations/versions" not in item.filename.as_posix()
        and not (item.name in called and "/web/" in item.filename.as_posix())
    }


def unjustified(found: set[str]) -> set[str]:
    """Dead names, and justifications that nothing needs any more."""
    alive = {name for names in ALIVE.values() for name in names}
    return (found - alive) | {f"{name}: used again, take it out of ALIVE" for name in alive - found}
