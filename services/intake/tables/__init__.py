"""Tables of the intake service: the class of a table's rows is its definition."""

from services.intake.tables.appeals import (
    appeal,
    appeal_text,
    counter,
    masking_pending,
    original,
    register,
    submission_key,
)
from services.intake.tables.base import feed_generation, metadata, tables
from services.intake.tables.histories import (
    appeal_change,
    appeal_history,
    appeal_holder,
    clarification,
    original_access,
    rating,
    words_to_mask,
)
from services.intake.tables.imports import imported_case, past_import, removed_appeal
from services.intake.tables.moderation import objection, text_repeat
from services.intake.tables.regions import region_setting

__all__ = [
    "appeal",
    "appeal_change",
    "appeal_history",
    "appeal_holder",
    "appeal_text",
    "clarification",
    "counter",
    "feed_generation",
    "imported_case",
    "masking_pending",
    "metadata",
    "objection",
    "original",
    "original_access",
    "past_import",
    "rating",
    "region_setting",
    "register",
    "removed_appeal",
    "submission_key",
    "tables",
    "text_repeat",
    "words_to_mask",
]
