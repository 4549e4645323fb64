"""Webhooks of organisations, and what they are called with."""

from chassis.webhooks.tables import webhook_tables
from services.routing.tables.base import metadata

webhook, webhook_delivery = webhook_tables(metadata)
