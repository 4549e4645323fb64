"""Houses that companies serve."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from chassis.replacing import ReadOnly, Replacement
from services.routing.reference.rules.addresses import read_street
from services.routing.reference.rules.houses import Service, read_houses
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.schemas.organisations import ChosenById, OrganisationRef
from services.routing.reference.schemas.terms import DayAfter, FirstDay, Validity
from services.routing.reference.schemas.types import Code, Municipality, Name, Note, RegionCode
from services.routing.tables.reference import ServiceArea


def _with_a_name(street: str) -> str:
    read_street(street)
    return street


def _as_written(houses: str) -> str:
    return str(read_houses(houses))


Street = Annotated[Name, AfterValidator(_with_a_name)]
Houses = Annotated[str, Field(max_length=50), AfterValidator(_as_written)]


class ServedHouses(Validity):
    """A street and its houses, served with something. `houses`: «5а», «12/1», «5к2», «1-15», «2-20 чётные», «нечётные»; an
    empty list is the whole street. `settlement`: its name, where the municipality has several of them."""

    service: Service
    municipality: Municipality
    settlement: Annotated[
        Name | None, Field(description="The settlement, by its name.", examples=["Беседино"])
    ] = None
    street: Street
    houses: Annotated[list[Houses], Field(max_length=2000)] = Field(default_factory=list)
    comment: Note = ""


class ServiceAreaFields(ServedHouses):
    """What can be stated of a service area."""

    organisation: UUID


class NewServiceArea(ServiceAreaFields):
    """A service area to create."""

    region: RegionCode


class ServiceAreaRow(ServedHouses):
    """A service area by codes; other houses, days of end and comments change the one of the same street."""

    organisation: Code


class ChangedServiceArea(ServedHouses, Replacement):
    """The service area as it shall be; `organisation` as an id or as GET gives it."""

    organisation: ChosenById
    id: ReadOnly[UUID] = None
    region: ReadOnly[str] = None
    version: ReadOnly[int] = None

    def fields(self) -> ServiceAreaFields:
        """The area as it shall be, with its organisation by id."""
        wanted = self.model_dump(include=set(ServiceAreaFields.model_fields))
        return ServiceAreaFields(**wanted | {"organisation": self.organisation.id})


class ServiceAreaView(BaseModel):
    """Houses that an organisation serves."""

    id: UUID
    region: str
    organisation: OrganisationRef
    service: Service
    municipality: str
    settlement: str | None
    street: str
    houses: list[str]
    valid_from: FirstDay
    valid_to: DayAfter
    comment: str
    version: int

    @classmethod
    def of(cls, area: ServiceArea, reference: RegionReference) -> ServiceAreaView:
        """A stored area with the name of its organisation."""
        organisation = OrganisationRef.of(area.organisation_id, reference)
        return cls(**{name: getattr(area, name) for name in _COLUMNS_SHOWN}, organisation=organisation)


_COLUMNS_SHOWN: Collection[str] = set(ServiceAreaView.model_fields) - {"organisation"}


class ServiceAreaPage(BaseModel):
    """Part of the list of service areas."""

    items: list[ServiceAreaView]
    next_cursor: str | None
