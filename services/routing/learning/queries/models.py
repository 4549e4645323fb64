"""Models of regions with their figures."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import column, row, rows
from chassis.pages import PageRequest
from chassis.principals import Principal
from chassis.problems import NotFound
from services.routing.learning.queries.figures import read_live_figures, read_shadow_figures
from services.routing.learning.rules.figures import LiveFigures, live_figures
from services.routing.learning.schemas.models import ModelPage, ModelView
from services.routing.reference.queries.models import shipped_model_id
from services.routing.tables.learning import Model

_MODELS = "SELECT * FROM routing.model WHERE region = :region ORDER BY id DESC"
_MODEL = "SELECT * FROM routing.model WHERE region = ANY(:regions::text[]) AND id = :id"
_CURRENT = "SELECT * FROM routing.model WHERE region = :region AND status = 'current'"
_REGIONS = "SELECT region FROM routing.reference_version WHERE region = ANY(:regions::text[]) ORDER BY region"
_NOTHING = live_figures([])


async def list_models(
    session: AsyncSession, principal: Principal, region: str | None, page: PageRequest
) -> ModelPage:
    """Of a region, or of all within reach that have reference data."""
    within = principal.regions_within(region)
    regions = within if region else await column(session, str, _REGIONS, regions=within)
    items = [item for each in regions for item in await _models_of(session, each)]
    shown, following = page.cursors.cut("models", items, lambda item: str(item.id), page.cursor, page.limit)
    return ModelPage(items=list(shown), next_cursor=following)


async def _models_of(session: AsyncSession, region: str) -> list[ModelView]:
    live = await read_live_figures(session, region)
    models = await rows(session, Model, _MODELS, region=region)
    shipped = shipped_model_id(region)
    is_current = all(model.status != "current" for model in models)
    return [
        *[await _view(session, model, live.get(model.id, _NOTHING)) for model in models],
        ModelView.of_shipped(region, shipped, live.get(shipped, _NOTHING), is_current=is_current),
    ]


async def _view(session: AsyncSession, model: Model, live: LiveFigures) -> ModelView:
    ran_in_shadow = model.status in ("shadow", "current", "retired", "candidate")
    shadow = await read_shadow_figures(session, model.region, model.id) if ran_in_shadow else None
    return ModelView.of(model, live, shadow)


async def show_model(session: AsyncSession, model: Model) -> ModelView:
    """A model with its figures."""
    live = await read_live_figures(session, model.region)
    return await _view(session, model, live.get(model.id, _NOTHING))


async def find_model(session: AsyncSession, principal: Principal, model_id: UUID) -> Model:
    """One model; 404 when it is not within reach."""
    found = await row(session, Model, _MODEL, regions=principal.regions_within(), id=model_id)
    if found is None:
        raise NotFound
    return found


async def read_current(session: AsyncSession, region: str) -> Model | None:
    """The model that decides; None: the shipped one."""
    return await row(session, Model, _CURRENT, region=region)
