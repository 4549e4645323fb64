"""The people of the organisation, and whom of them a form means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from pydantic import BaseModel

from web.persons import PersonName
from web.visits import SignedInVisit

_MOST: Final = 1000


class Colleague(PersonName):
    """Somebody of the organisation. `active`: can be given work."""

    active: bool


class Colleagues(BaseModel):
    """All of them, oneself and those who have left included."""

    items: list[Colleague]

    def find(self, id: UUID | None) -> Colleague | None:
        """Who has that id."""
        return next((each for each in self.items if each.id == id), None)

    def name_of(self, id: UUID | None) -> str:
        """As people know each other; of another organisation's people, who may have worked here, nothing is known."""
        found = self.find(id)
        return found.name if found else "сотрудник"

    @property
    def working(self) -> Sequence[Colleague]:
        """Those who can be given work, by name."""
        return sorted((each for each in self.items if each.active), key=lambda each: each.name)

    def find_working(self, chosen: str) -> Colleague | None:
        """The one whose id a form has sent; None for nobody, or for somebody who has left meanwhile."""
        return next((each for each in self.items if each.active and str(each.id) == chosen), None)


async def read_colleagues(who: SignedInVisit) -> Colleagues:
    """Of the official's organisation."""
    return await who.platform.read(Colleagues, "/people/colleagues", {"limit": _MOST})
