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
from services.intake.tables.attachments import answer_attachment, attachment, blob_removal
from services.intake.tables.base import feed_generation, metadata, tables
from services.intake.tables.channels import (
    channel_connection,
    channel_count,
    channel_delivery,
    channel_poll,
    channel_source,
)
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
from services.intake.tables.receptions import reception
from services.intake.tables.regions import region_setting
from services.intake.tables.topics import public_update, service_definition, topic
from services.intake.tables.webhooks import webhook, webhook_delivery
from services.intake.tables.widgets import widget

__all__ = [
    "answer_attachment",
    "appeal",
    "appeal_change",
    "appeal_history",
    "appeal_holder",
    "appeal_text",
    "attachment",
    "blob_removal",
    "channel_connection",
    "channel_count",
    "channel_delivery",
    "channel_poll",
    "channel_source",
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
    "public_update",
    "rating",
    "reception",
    "region_setting",
    "register",
    "removed_appeal",
    "service_definition",
    "submission_key",
    "tables",
    "text_repeat",
    "topic",
    "webhook",
    "webhook_delivery",
    "widget",
    "words_to_mask",
]
