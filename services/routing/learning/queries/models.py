"""Models of regions with their figures."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import column, row, rows
from chassis.pages import PageRequest
from chassis.principals import Principal
from chassis.problems import NotFound
from services.routing.learning.queries.figures import read_live_figures, read_shadow_figures
from services.routing.learning.schemas.models import ModelPage, ModelView
from services.routing.reference.queries.models import shipped_model_id
from services.routing.tables.learning import Model

_MODELS = "SELECT * FROM routing.model WHERE region = :region ORDER BY id DESC"
_MODEL = "SELECT * FROM routing.model WHERE region = ANY(:regions::text[]) AND id = :id"
_CURRENT = "SELECT * FROM routing.model WHERE region = :region AND status = 'current'"
_REGIONS = "SELECT region FROM routing.reference_version WHERE region = ANY(:regions::text[]) ORDER BY region"


async def list_models(
    session: AsyncSession, principal: Principal, region: str | None, page: PageRequest
) -> ModelPage:
    """Of a region, or of all within reach that have reference data."""
    within = principal.regions_within(region)
    regions = within if region else await column(session, str, _REGIONS, regions=within)
    listed = [each for of_one in regions for each in await _models_of(session, of_one)]
    shown, following = page.cursors.cut("models", listed, lambda each: str(each.id), page.cursor, page.limit)
    # Only what is shown has its figures counted.
    return ModelPage(items=[await _view(session, each) for each in shown], next_cursor=following)


@dataclass(frozen=True, slots=True)
class _Listed:
    """A model of a region; the shipped one has no row."""

    region: str
    id: UUID
    model: Model | None
    is_current: bool


async def _models_of(session: AsyncSession, region: str) -> list[_Listed]:
    models = await rows(session, Model, _MODELS, region=region)
    trained = [_Listed(region, model.id, model, model.status == "current") for model in models]
    in_use = not any(each.is_current for each in trained)
    return [*trained, _Listed(region, shipped_model_id(region), None, in_use)]


async def _view(session: AsyncSession, listed: _Listed) -> ModelView:
    if listed.model is not None:
        return await show_model(session, listed.model)
    live = await read_live_figures(session, listed.region, listed.id)
    return ModelView.of_shipped(listed.region, listed.id, live, is_current=listed.is_current)


async def show_model(session: AsyncSession, model: Model) -> ModelView:
    """A model with its figures."""
    live = await read_live_figures(session, model.region, model.id)
    ran_in_shadow = model.status in ("shadow", "current", "retired", "candidate")
    shadow = await read_shadow_figures(session, model.region, model.id) if ran_in_shadow else None
    return ModelView.of(model, live, shadow)


async def find_model(session: AsyncSession, principal: Principal, model_id: UUID) -> Model:
    """One model; 404 when it is not within reach."""
    found = await row(session, Model, _MODEL, regions=principal.regions_within(), id=model_id)
    if found is None:
        raise NotFound
    return found


async def read_current(session: AsyncSession, region: str) -> Model | None:
    """The model that decides; None: the shipped one."""
    return await row(session, Model, _CURRENT, region=region)
