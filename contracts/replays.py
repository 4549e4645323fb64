"""Replays between services: core NATS requests, kept by no stream, answered by the consumer when it has handled them."""

from __future__ import annotations


def replay_subject(consumer: str, publisher: str) -> str:
    """Where a publisher asks a consumer to handle a part of its log again; `*` for all of a consumer's publishers."""
    return f"replay.{consumer}.{publisher}"
