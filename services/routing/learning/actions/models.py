"""What administrators do with models of a region: have one trained, put it in use, go back to the one before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import insert_returning, row, scalar
from chassis.db.transactions import ACTING_PERSON
from chassis.principals import Principal
from chassis.problems import NotAllowedNow, NotFound, Problem
from chassis.versions import require_version
from chassis.wake_ups import wake_after_commit
from services.routing.learning.queries.figures import read_shadow_figures
from services.routing.learning.queries.models import find_model, read_current, show_model
from services.routing.learning.queries.samples import read_samples
from services.routing.learning.rules.comparison import HoldOut, Row
from services.routing.learning.rules.training import TooFewLabels, require_enough
from services.routing.learning.schemas.models import ModelView, Promotion
from services.routing.reference.actions.versions import lock_reference, raise_version
from services.routing.reference.queries.cache import read_reference
from services.routing.tables.learning import Model, model
from services.routing.tables.learning import NewModel as NewModelRow

TRAINING = "training"  # the worker's wake-up
_TRAINING = "SELECT id FROM routing.model WHERE region = :region AND status = 'training'"
_LOCK = "SELECT * FROM routing.model WHERE region = :region AND id = :id FOR UPDATE"
_HAS_FILE = "SELECT 1 FROM routing.model_file WHERE region = :region AND model_id = :id"
_RETIRE = """
UPDATE routing.model SET status = 'retired', version = version + 1
WHERE region = :region AND status = 'current' RETURNING id
"""
_PROMOTE = """
UPDATE routing.model SET status = 'current', promoted_at = now(), predecessor_id = :predecessor, version = version + 1
WHERE region = :region AND id = :id RETURNING *
"""
_RESTORE = """
UPDATE routing.model SET status = 'current', promoted_at = now(), version = version + 1
WHERE region = :region AND id = :id RETURNING *
"""


class TrainingGoingOn(Problem):
    status, slug, title = 409, "training-going-on", "A model of this region is being trained already"


class TooFewRows(Problem):
    status, slug, title = 422, "too-few-labels", "There is too little to train a model on"


class NotBetter(Problem):
    status, slug, title = 409, "not-better", "The model is not better than the current one"


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """Who wants to change which model, in the version it was seen in."""

    principal: Principal
    model_id: UUID
    expected_version: int


async def ask_training(session: AsyncSession, principal: Principal, region: str) -> ModelView:
    """A worker trains it: 409 while another one of the region is trained, 422 where labels are too few."""
    principal.require_region(region)
    await _require_no_training(session, region)
    # Thousands of texts are read before anything is locked: nobody who routes or changes reference data waits for it.
    samples = await read_samples(session, await read_reference(session, region))
    _require_enough(samples, await read_current(session, region))
    await lock_reference(session, region)
    await _require_no_training(session, region)
    current = await read_current(session, region)
    _require_enough(samples, current)  # it may be another one by now
    base, person = current.id if current else None, session.info.get(ACTING_PERSON)
    new = NewModelRow(region, uuid7(), "training", base, principal.client_id, person)
    (asked,) = await insert_returning(session, Model, model, [new])
    wake_after_commit(session, TRAINING)
    return await show_model(session, asked)


async def _require_no_training(session: AsyncSession, region: str) -> None:
    if await scalar(session, UUID, _TRAINING, region=region) is not None:
        raise TrainingGoingOn


def _require_enough(samples: Sequence[Row], current: Model | None) -> None:
    try:
        require_enough(samples, trained_until(current))
    except TooFewLabels as error:
        raise TooFewRows(str(error)) from None


def trained_until(current: Model | None) -> float | None:
    """When the newest appeal came that the current model was trained on, in seconds since 1970."""
    if current is None or current.trained_until is None:
        return None
    return current.trained_until.timestamp()


async def promote_model(session: AsyncSession, request: ModelRequest, body: Promotion) -> ModelView:
    """From the next batch on it decides in every replica. 409 for a model that is not better, unless forced."""
    wanted = await _lock_model(session, request)
    if wanted.status not in ("candidate", "shadow"):
        raise NotAllowedNow("Not in status {status}.", values={"status": wanted.status})
    if await scalar(session, int, _HAS_FILE, region=wanted.region, id=wanted.id) is None:
        raise NotAllowedNow("It is too old: its file was removed.")
    if not body.force:
        await _require_better(session, wanted)
    former = await scalar(session, UUID, _RETIRE, region=wanted.region)
    promoted = await row(session, Model, _PROMOTE, region=wanted.region, id=wanted.id, predecessor=former)
    return await _in_use(session, promoted)


async def roll_back(session: AsyncSession, request: ModelRequest) -> ModelView:
    """Its predecessor decides again, exactly as before; the shipped model where there was none before it."""
    current = await _lock_model(session, request)
    if current.status != "current":
        raise NotAllowedNow("Not in status {status}.", values={"status": current.status})
    await scalar(session, UUID, _RETIRE, region=current.region)
    if current.predecessor_id is not None:
        await row(session, Model, _RESTORE, region=current.region, id=current.predecessor_id)
    return await _in_use(session, await row(session, Model, _LOCK, region=current.region, id=current.id))


async def _lock_model(session: AsyncSession, request: ModelRequest) -> Model:
    """Locked, after the region's reference data, in the version that was seen."""
    found = await find_model(session, request.principal, request.model_id)
    await lock_reference(session, found.region)
    locked = await row(session, Model, _LOCK, region=found.region, id=found.id)
    if locked is None:
        raise NotFound
    require_version(locked.version, request.expected_version)
    return locked


async def _require_better(session: AsyncSession, wanted: Model) -> None:
    hold_out = HoldOut.model_validate(wanted.hold_out)
    if not hold_out.better:
        raise NotBetter(
            "On {rows} appeals it had not seen it has {gained} topics right that the current model has wrong, and {lost} "
            "wrong that the current model has right.",
            values={"rows": hold_out.rows, "gained": hold_out.gained, "lost": hold_out.lost},
        )
    base = await read_current(session, wanted.region)
    if (base.id if base else None) != wanted.base:
        raise NotBetter("It was compared with a model that is not current any more: train a new one.")
    shadow = await read_shadow_figures(session, wanted.region, wanted.id)
    if shadow.is_worse:
        raise NotBetter(
            "In shadow, of {sample} appeals it alone has {gained} right, the current model {lost}.",
            values={"sample": shadow.sample, "gained": shadow.gained, "lost": shadow.lost},
        )


async def _in_use(session: AsyncSession, changed: Model | None) -> ModelView:
    assert changed is not None
    await raise_version(session, changed.region)
    return await show_model(session, changed)
