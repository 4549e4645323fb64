"""Models of regions: asking for one, putting one in use, and how good they are."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel

from chassis.bodies import Body
from services.routing.learning.rules.comparison import HoldOut
from services.routing.learning.rules.figures import LiveFigures, ShadowFigures
from services.routing.reference.schemas.types import RegionCode
from services.routing.tables.learning import Model, ModelStatus


class NewModel(Body):
    """A model is to be trained on what the region's people decided."""

    region: RegionCode


class Promotion(Body):
    """Put a model in use. `force`: although it is not better."""

    force: bool = False


class ShadowView(BaseModel):
    """A model in shadow beside the current one: appeals whose topic is known by now, and which of the two alone had it
    right."""

    sample: int
    gained: int
    lost: int


class ModelView(BaseModel):
    """A model of a region; the shipped one is among them. `base`: the model it was compared with, null for the shipped one.

    `hold_out`: figures on rows it had not seen; null for the shipped model, and before training has ended.
    """

    id: UUID
    region: str
    status: ModelStatus
    shipped: bool
    base: UUID | None
    rows: int
    hold_out: HoldOut | None
    shadow: ShadowView | None
    live: LiveFigures
    thresholds: dict[str, dict[str, float]]
    error: str | None
    created_at: datetime | None
    promoted_at: datetime | None
    version: int

    @classmethod
    def of(cls, model: Model, live: LiveFigures, shadow: ShadowFigures | None = None) -> Self:
        """A trained model, or one that is being trained."""
        shown: dict[str, Any] = {name: getattr(model, name) for name in _COLUMNS_SHOWN}
        return cls(
            **shown,
            shipped=False,
            hold_out=HoldOut.model_validate(model.hold_out) if model.hold_out else None,
            shadow=ShadowView(sample=shadow.sample, gained=shadow.gained, lost=shadow.lost)
            if shadow
            else None,
            live=live,
            thresholds=model.thresholds or {},
        )

    @classmethod
    def of_shipped(cls, region: str, id: UUID, live: LiveFigures, *, is_current: bool) -> Self:
        """The model that every region has from the start; it can be returned to, and never changes."""
        return cls(
            id=id,
            region=region,
            status="current" if is_current else "retired",
            shipped=True,
            base=None,
            rows=0,
            hold_out=None,
            shadow=None,
            live=live,
            thresholds={},
            error=None,
            created_at=None,
            promoted_at=None,
            version=1,
        )


_COLUMNS_SHOWN = ("id", "region", "status", "base", "rows", "error", "created_at", "promoted_at", "version")


class ModelPage(BaseModel):
    """Models by region, the newest first; the shipped one last."""

    items: list[ModelView]
    next_cursor: str | None
