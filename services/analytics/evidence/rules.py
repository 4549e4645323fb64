"""Which rows lie behind a figure, and in which order they are listed."""

from __future__ import annotations

from typing import Final

# The newest first, region by region; an organisation may have had two assignments on one appeal.
ORDER: Final = ("region", "received_local", "appeal_id", "coalesce(assignment_id, appeal_id)")
AFTER: Final = (
    f"({', '.join(ORDER)}) < (CAST(:last_region AS text), CAST(:last_received AS timestamp), CAST(:last_appeal AS uuid), "
    "CAST(:last_assignment AS uuid))"
)
LISTED: Final = f"{{rows}} ORDER BY {', '.join(f'{column} DESC' for column in ORDER)} LIMIT :most"
COLUMNS: Final = (
    *("region", "appeal_id", "assignment_id", "received_local", "received_at", "topic", "organisation_id"),
    *("municipality", "status", "due_at", "first_reaction_at", "answered_at"),
)
