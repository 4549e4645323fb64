"""What everybody may know of a region, without a token."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from services.analytics.maps.schemas import CellFeature, Heatmap


class PublicDays(BaseModel):
    """Local days of the region."""

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)

    start: date = Field(alias="from")
    end: date = Field(alias="to")


class PublicTotals(BaseModel):
    """What is not shown is null: too few appeals, or too few of a kind among them."""

    received: int | None
    answered: int | None
    in_time_share: float | None
    satisfaction: float | None
    median_hours_to_answer: float | None


class PublicPart(BaseModel):
    """A group of topics or a municipality; those with few appeals are not among them. `key` is null for appeals without."""

    key: str | None
    name: str
    received: int
    in_time_share: float | None
    satisfaction: float | None
    median_hours_to_answer: float | None


class PublicSum(BaseModel):
    """What the months of a year show of a group of topics or a municipality, added up."""

    key: str | None
    name: str
    received: int


class PublicMonth(PublicTotals, PublicDays):
    """One month of the year."""


class PublicYear(PublicDays):
    """The months of the year so far. `received` and the parts are sums of what the months show."""

    received: int | None
    groups: list[PublicSum]
    municipalities: list[PublicSum]
    months: list[PublicMonth]


class PublicSummary(PublicTotals, PublicDays):
    """A region's last whole month, and its year. `as_of`: when the month was published; null before."""

    region: str
    groups: list[PublicPart]
    municipalities: list[PublicPart]
    year: PublicYear
    as_of: datetime | None
    definition: dict[str, str]


class PublicMap(Heatmap, PublicDays):
    """GeoJSON of H3 cells: sums of what the months of the year show."""

    region: str
    features: list[CellFeature]
