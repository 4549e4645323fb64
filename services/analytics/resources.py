"""What the requests and workers of this service's process share."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.kept_answers import KeptAnswers
from chassis.kept_documents import KeptDocuments
from chassis.moments import utc_now
from chassis.service import ServiceDefinition, ServiceResources
from services.analytics.announcements.queries.broadcast import Broadcast
from services.analytics.facts.queries import Freshness, read_as_of
from services.analytics.settings import AnalyticsSettings
from services.analytics.store.actions.folders import clear_exports, open_copy
from services.analytics.store.actions.following import Source
from services.analytics.store.queries.copies import FigureCopy

MOST_KEPT, KEPT_SECONDS = 512, 3600.0  # some ten kilobytes each

PUBLIC_SECONDS = 300  # for so long what is public is kept, here and by who asked


class AnalyticsResources(ServiceResources[AnalyticsSettings]):
    """Also how far behind the figures are, read now and then, the copy of the facts where there is one, what those who listen to
    the live stream share, what has been published, answers that hold for an hour, and figures that hold until facts change."""

    def __init__(self, settings: AnalyticsSettings, definition: ServiceDefinition) -> None:
        super().__init__(settings, definition)
        self.freshness = Freshness()
        self.copy: FigureCopy | None = None
        self.export_turns = asyncio.Semaphore(1)  # one file is written at a time
        self.broadcast = Broadcast()
        self.published = KeptDocuments(PUBLIC_SECONDS)
        self.source = Source(self.reading_sessions, self.read_as_of)
        self.kept = KeptAnswers(MOST_KEPT, KEPT_SECONDS)
        self.counted = KeptAnswers(MOST_KEPT, KEPT_SECONDS)

    async def prepare(self) -> None:
        """Find a place for the copy's files, and clear away what is left of files that were being written."""
        if self.settings.exports_folder:
            clear_exports(Path(self.settings.exports_folder))
        if self.settings.figures_copy == "on":
            if not self.settings.figures_folder:
                raise RuntimeError(
                    "OTKLIK_FIGURES_COPY=on needs OTKLIK_FIGURES_FOLDER, a folder for its files"
                )
            self.copy = open_copy(Path(self.settings.figures_folder), self.settings.figures_memory_mb)

    async def read_as_of(self, session: AsyncSession) -> datetime | None:
        """The moment before which everything is in the facts."""
        return await read_as_of(session, self.consumers, self.freshness, utc_now())

    def notes(self) -> dict[str, str]:
        """While there is no copy, though there should be one."""
        if self.copy is None or self.copy.serving is not None:
            return {}
        return {"figures": f"the copy is being made {self.copy.doubt}".strip()}

    async def close(self) -> None:
        """Give back connections and files."""
        if self.copy is not None:
            self.copy.close()
        await super().close()
