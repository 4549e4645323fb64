"""Who gives an answer the second signature: another person than who gave it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Hand:
    """Who acts: a person, through a client; of a system that names nobody the client alone is known."""

    person: UUID | None
    client_id: str | None

    def may_be(self, other: Hand) -> bool:
        """Whether it may be who acted before: one who was not named may be anybody who works with that client."""
        if other.person is None:
            return self.client_id == other.client_id
        return self.person == other.person

    def may_sign_for(self, other: Hand) -> bool:
        """Whether it signs what the other gave."""
        return self.person is not None and not self.may_be(other)
