"""The published OpenAPI document without a running system: what each part says of itself, as the gateway publishes it."""

from __future__ import annotations

import importlib
from typing import Any, get_type_hints

from chassis.migrations import module_of
from contracts.parts import PARTS
from gateway.openapi import merge
from gateway.routes import RouteTree

Document = dict[str, Any]


def document_of(part: str) -> Document:
    """Of a part that need not run for it."""
    create = importlib.import_module(f"{module_of(part)}.main").create
    found: Document = create(get_type_hints(create)["settings"]()).openapi()
    return found


def published_document() -> Document:
    """Of all of them in one."""
    return merge({part: document_of(part) for part in PARTS}, RouteTree())
