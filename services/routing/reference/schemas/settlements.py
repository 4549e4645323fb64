"""Settlements and streets, as a region's reference data bring them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints, model_validator

from chassis.bodies import Body
from services.routing.reference.schemas.types import Code, Municipality, Name, Stem

Kind = Annotated[str, StringConstraints(max_length=30, pattern=r"^[^\x00]*$")]


class SettlementRow(Body):
    """A town or village; `municipality` is one of the reference data."""

    code: Annotated[
        Code,
        Field(
            description="ОКТМО (11 digits), or a code of the region's own where that is not known.",
            examples=["38701000001"],
        ),
    ]
    name: Name
    kind: Annotated[
        Kind | None,
        Field(description="As addresses abbreviate it: «г», «пгт», «с», «д», «х» …", examples=["с"]),
    ] = None
    municipality: Municipality
    oktmo: Annotated[
        Municipality | None,
        Field(description="ОКТМО of the formation it lies in (8 digits).", examples=["38620472"]),
    ] = None
    formation: Annotated[
        Name | None,
        Field(description="The name of that formation.", examples=["Полянский сельсовет"]),
    ] = None
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None
    population: Annotated[
        int | None, Field(ge=0, le=50_000_000, description="Inhabitants, where known.", examples=[5618])
    ] = None
    aliases: Annotated[
        list[Stem],
        Field(max_length=50, description="Other names of the same settlement.", examples=[["Кшень"]]),
    ] = Field(default_factory=list)
    namesakes: Annotated[
        bool,
        Field(
            description="The region has others of this name that are not listed: the name alone decides nothing.",
            examples=[False],
        ),
    ] = False

    @model_validator(mode="after")
    def _whole_point(self) -> SettlementRow:
        if (self.lat is None) != (self.lon is None):
            raise ValueError("give both lat and lon, or neither")
        return self


class SettlementPoint(BaseModel):
    """A settlement for a map. `lat`, `lon`: WGS 84 degrees of its middle."""

    code: str
    name: str
    kind: str
    municipality: str
    lat: float
    lon: float
    population: int | None


class Settlements(BaseModel):
    """The largest settlements of a region whose places are known."""

    items: list[SettlementPoint]


class StreetRow(Body):
    """A street of a settlement."""

    settlement: Annotated[
        Code, Field(description="The code of the settlement it lies in.", examples=["38701000001"])
    ]
    name: Name
