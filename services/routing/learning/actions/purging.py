"""What learning keeps for a while only."""

from __future__ import annotations

from typing import Final

from chassis.db import open_work, run
from chassis.resources import Sessions

SHADOW_DAYS: Final = 90
RETIRED_DAYS: Final = 365
_SHADOWS = "DELETE FROM routing.shadow_prediction WHERE at < now() - make_interval(days => :days)"
# A roll-back may still want the predecessors of the current model, however old they are.
_FILES = """
WITH RECURSIVE needed AS (
    SELECT region, id, predecessor_id FROM routing.model WHERE status IN ('current', 'shadow', 'training')
    UNION
    SELECT m.region, m.id, m.predecessor_id FROM needed n
    JOIN routing.model m ON m.region = n.region AND m.id = n.predecessor_id
)
DELETE FROM routing.model_file f USING routing.model m
WHERE m.region = f.region AND m.id = f.model_id AND m.created_at < now() - make_interval(days => :days)
    AND NOT EXISTS (SELECT FROM needed n WHERE n.region = f.region AND n.id = f.model_id)
"""


async def purge_learning(sessions: Sessions) -> None:
    """Predictions in shadow, and files of models that nobody can return to."""
    async with sessions.begin() as session:
        await open_work(session)
        await run(session, _SHADOWS, days=SHADOW_DAYS)
        await run(session, _FILES, days=RETIRED_DAYS)
