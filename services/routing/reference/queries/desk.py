"""What every session of this process carries along: the regions' books and the classifier (see `main`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from services.routing.reference.queries.cache import Books
from services.routing.reference.rules.region_reference import RegionBook
from services.routing.placement.rules.decisions import Prediction


class Classifier(Protocol):
    """What is needed of a model: names of topics for texts."""

    def predict(self, texts: Sequence[str]) -> Sequence[Prediction]: ...


@dataclass
class Desk:
    """One per process, in `session.info["desk"]`."""

    classifier: Classifier
    books: Books = field(default_factory=Books)


def desk_of(session: AsyncSession) -> Desk:
    """The desk of the process this session belongs to."""
    desk = session.info["desk"]
    assert isinstance(desk, Desk)
    return desk


def books_of(session: AsyncSession) -> Books:
    """The regions' reference data."""
    return desk_of(session).books


def classifier_of(session: AsyncSession) -> Classifier:
    """The model in use."""
    return desk_of(session).classifier


async def read_book(session: AsyncSession, region: str) -> RegionBook:
    """The book of one region."""
    return (await books_of(session).read(session, [region]))[region]
