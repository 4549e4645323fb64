"""Resources of a small application for tests: a database and nothing else."""

from __future__ import annotations

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.cursors import Cursors
from chassis.db import create_reading_sessions, create_sessions
from chassis.resources import Resources, give_resources
from chassis.tokens import TokenVerifier


def database_resources(engine: AsyncEngine, service: str = "analytics") -> Resources:
    """Of a database without row security; the verifier knows no keys yet."""
    return Resources(
        service,
        verifier=TokenVerifier("http://127.0.0.1:9/nobody", "otklik", "otklik"),
        cursors=Cursors("key"),
        hash_key="key",
        sessions=create_sessions(engine),
        reading_sessions=create_reading_sessions(engine),
        has_row_security=False,
    )


def give_database(app: FastAPI, engine: AsyncEngine, service: str = "analytics") -> Resources:
    """Let an application use a database."""
    resources = database_resources(engine, service)
    give_resources(app, resources)
    return resources
