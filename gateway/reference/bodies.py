"""What a body looks like: one example for every operation that takes one (`bodies.json`), which a test sends to a running
system."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import orjson

from gateway.reference.document import Document

# `POST /path` → a body.
BODIES: Final[Mapping[str, Any]] = MappingProxyType(
    orjson.loads((Path(__file__).parent / "bodies.json").read_bytes())
)


def show_bodies(paths: Document) -> None:
    """Give every body that shows nothing of its own its example."""
    for name, operation in _with_body(paths):
        for content in operation["requestBody"]["content"].values():
            if name in BODIES and "example" not in content:
                content["example"] = BODIES[name]


def _with_body(paths: Document) -> Iterable[tuple[str, Document]]:
    for path, item in paths.items():
        for method, operation in item.items():
            if "requestBody" in operation:
                yield f"{method.upper()} {path}", operation
