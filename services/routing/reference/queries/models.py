"""Which model decides for a region, and its predictions: loaded once, in a thread, a few kept in memory."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Final, NamedTuple
from uuid import UUID, uuid5

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import scalar
from services.routing.classifier.model import from_bytes
from services.routing.classifier.protocol import Classifier, Prediction
from services.routing.reference.rules.region_reference import RegionReference

log = structlog.get_logger()
CHUNK = 32
TRY_AGAIN_SECONDS: Final = 30.0
_SHIPPED: Final = UUID("3d0f2a4e-6b1c-5d7e-8f90-a1b2c3d4e5f6")
_DATA = "SELECT data FROM routing.model_file WHERE region = :region AND model_id = :id"


def shipped_model_id(region: str) -> UUID:
    """The id under which a region knows the model that is shipped (or that `OTKLIK_CLASSIFIER_MODEL` names)."""
    return uuid5(_SHIPPED, region)


class ModelInUse(NamedTuple):
    """A model with its id; None: the shipped one."""

    id: UUID | None
    classifier: Classifier


@dataclass(frozen=True, slots=True)
class _Failure:
    reason: str
    at: float


@dataclass
class ModelCache:
    """The models of the regions this process has met, at most `most` of them.

    A model that cannot be loaded leaves its region with the one before; `trouble` says so, and it is tried again.
    """

    most: int = 6
    _models: OrderedDict[UUID, Classifier] = field(default_factory=OrderedDict)
    _last: dict[str, UUID] = field(default_factory=dict)
    _failures: dict[tuple[str, UUID], _Failure] = field(default_factory=dict)
    _loading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def find(self, session: AsyncSession, reference: RegionReference) -> ModelInUse | None:
        """The current model, or the region's one before where it cannot be loaded; None: the shipped one has to do."""
        region, model_id = reference.region, reference.models.current
        self._drop_failures(reference)
        if model_id is None:
            self._last.pop(region, None)
            return None
        if (found := await self.load(session, region, model_id)) is not None:
            self._last[region] = model_id
            return ModelInUse(model_id, found)
        last = self._last.get(region)
        kept = self._models.get(last) if last is not None else None
        return ModelInUse(last, kept) if kept is not None else None

    async def load(self, session: AsyncSession, region: str, model_id: UUID) -> Classifier | None:
        """The model; None where it cannot be loaded."""
        if (known := self._known(model_id)) is not None:
            return known
        async with self._loading:
            if (known := self._known(model_id)) is not None or self._is_hopeless(region, model_id):
                return known
            return await self._read(session, region, model_id)

    def trouble(self) -> dict[str, str]:
        """Regions whose model could not be loaded, and why."""
        return {f"model of {region}": failure.reason for (region, _), failure in self._failures.items()}

    def _drop_failures(self, reference: RegionReference) -> None:
        """Of models that the region does not want any more."""
        wanted = (reference.models.current, reference.models.shadow)
        for region, model_id in list(self._failures):
            if region == reference.region and model_id not in wanted:
                del self._failures[region, model_id]

    def _known(self, model_id: UUID) -> Classifier | None:
        if model_id in self._models:
            self._models.move_to_end(model_id)
        return self._models.get(model_id)

    def _is_hopeless(self, region: str, model_id: UUID) -> bool:
        failure = self._failures.get((region, model_id))
        return failure is not None and monotonic() - failure.at < TRY_AGAIN_SECONDS

    async def _read(self, session: AsyncSession, region: str, model_id: UUID) -> Classifier | None:
        data = await scalar(session, bytes, _DATA, region=region, id=model_id)
        try:
            model = await asyncio.to_thread(_open, data)
        except Exception as error:  # whatever a broken file makes numpy raise: appeals go on
            log.warning("model cannot be loaded", region=region, model=str(model_id), exc_info=error)
            self._failures[region, model_id] = _Failure(type(error).__name__, monotonic())
            return None
        self._failures.pop((region, model_id), None)
        self._models[model_id] = model
        while len(self._models) > self.most:
            self._models.popitem(last=False)
        return model


def _open(data: bytes | None) -> Classifier:
    if data is None:
        raise LookupError("there is no such model")
    model = from_bytes(bytes(data))
    model.predict(["Проверка"])
    return model


async def predict_topics(classifier: Classifier, texts: Sequence[str]) -> list[Prediction]:
    """One prediction per text: in a thread, in small pieces, so that the event loop keeps answering."""
    predictions: list[Prediction] = []
    for start in range(0, len(texts), CHUNK):
        chunk = texts[start : start + CHUNK]
        predictions += await asyncio.to_thread(classifier.predict, chunk)
    return predictions
