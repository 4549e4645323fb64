"""Hints between the processes of one service: core NATS, kept by no stream, and no harm done when one is lost."""

from __future__ import annotations


def wake_up_subject(service: str, name: str) -> str:
    """The subject of one hint; `*` or `>` as the name for all of a service's."""
    return f"hint.{service}.{name}"
