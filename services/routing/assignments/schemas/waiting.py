"""How much waits for coordinators."""

from __future__ import annotations

from pydantic import BaseModel


class Waiting(BaseModel):
    """Entries of each list of the coordinator, counted up to `most`: who has more has `most`. `triage` is without the dangers."""

    dangers: int
    triage: int
    reviews: int
    incidents: int
    audits: int
    unaccepted: int
    most: int
