"""Who may be in the room."""

from __future__ import annotations

from typing import Annotated, Final

from web.persons import Role
from web.visits import SignedInVisit, require_role

RoomVisit = Annotated[SignedInVisit, require_role("coordinator", "analyst", "federal", "admin")]

# Who decides about problems; the federal centre looks on.
DECIDE: Final[tuple[Role, ...]] = ("coordinator", "analyst", "admin")
DecidingVisit = Annotated[SignedInVisit, require_role(*DECIDE)]
