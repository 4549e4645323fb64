"""An organisation as other things refer to it."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel

from services.routing.reference.rules.region_reference import RegionReference


class OrganisationRef(BaseModel):
    """An organisation by id and name."""

    id: UUID
    name: str

    @classmethod
    def of(cls, organisation_id: UUID, reference: RegionReference) -> OrganisationRef:
        """With its name, which is empty for one that the region does not have."""
        known = reference.organisations.get(organisation_id)
        return cls(id=organisation_id, name=known.name if known else "")

    @classmethod
    def maybe(cls, organisation_id: UUID | None, reference: RegionReference) -> OrganisationRef | None:
        """The same where there may be none."""
        return cls.of(organisation_id, reference) if organisation_id else None
