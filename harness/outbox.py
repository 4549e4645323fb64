"""Reads the log of events, whatever way its rows came."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping

from chassis.outbox import open_payload


def read_payload(row: Mapping[str, Any] | RowMapping) -> str:
    """The envelope of a row (`packed`, `payload`), as JSON; empty when it is damaged."""
    return open_payload(row["packed"], row["payload"])
