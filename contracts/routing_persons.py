"""What routing publishes of an organisation's people: ids only, names stay with the gateway."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from contracts.event import Act
from contracts.names import OrganisationName


class AssignmentGivenToPerson(
    Act, subject="routing.assignment.given_to_person.v1", aggregate="assignment_id"
):
    """A person of the organisation works on it now: ids only, names stay with the gateway. `returns_at`: when it goes back
    to whom it was taken from, after an absence. `sequence` is the assignment's version, which this does not change."""

    assignment_id: UUID
    appeal_id: UUID
    organisation: OrganisationName
    given_to: UUID | None = None
    taken_from: UUID | None = None
    returns_at: datetime | None = None
    given_at: datetime
