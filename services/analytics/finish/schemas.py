"""When an appeal is likely to be answered."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import BaseModel


class Finish(BaseModel):
    """`expected_on`: the day by which half of such appeals are answered, of those that have waited as long already; `low` to
    `high`: eight of ten are. Null where so few were ever answered. `risk`: the share that is answered after `due_on`; null
    without one."""

    appeal: UUID
    expected_on: date | None
    low: date | None
    high: date | None
    risk: float | None
    due_on: date | None
