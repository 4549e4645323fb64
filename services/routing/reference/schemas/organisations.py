"""An organisation as other things refer to it, and as clients choose it."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field

from chassis.bodies import Body
from chassis.replacing import Replacement, changed_fields, refuse_changes
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


class ChosenOrganisation(Body):
    """An organisation by its id. `name` decides nothing: it comes along where a rule is sent back as it was read."""

    id: UUID
    name: str | None = Field(default=None, json_schema_extra={"readOnly": True})


def _by_id(value: Any) -> Any:
    return {"id": value} if isinstance(value, str | UUID) else value


ChosenById = Annotated[
    ChosenOrganisation, BeforeValidator(_by_id, json_schema_input_type=UUID | ChosenOrganisation)
]


def require_chosen_unchanged(
    reference: RegionReference, body: Replacement, chosen: ChosenOrganisation, current: BaseModel, name: str
) -> None:
    """422 where read-only fields were changed, an organisation's name among them: the old one's (`name`) or the new one's
    is neither."""
    names = {name, reference.organisations[chosen.id].name, None}
    changed = changed_fields(body, current)
    refuse_changes(changed if chosen.name in names else [*changed, "/organisation/name"])
