"""The event log as tests read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import asyncpg
from sqlalchemy import RowMapping

from chassis.outbox import open_payload


def read_payload(row: Mapping[str, Any] | RowMapping | asyncpg.Record) -> str:
    """The envelope of a row of the log (`packed`, `payload`), as JSON."""
    return open_payload(row["packed"], row["payload"])
