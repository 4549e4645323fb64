"""Who may be in the room."""

from __future__ import annotations

from typing import Annotated

from web.visits import SignedInVisit, require_role

RoomVisit = Annotated[SignedInVisit, require_role("coordinator", "analyst", "federal", "admin")]
