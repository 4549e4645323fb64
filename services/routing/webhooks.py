"""What webhooks of organisations are called with: what entered, changed in and left their queues, as their feed has it."""

from typing import Final, get_args

from chassis.webhooks.offer import WebhookOffer
from services.routing.assignments.rules.statuses import Change
from services.routing.tables.webhooks import webhook, webhook_delivery

_ENTRIES: Final = """
SELECT c.xid, c.position, c.region, c.assignment_id AS subject_id, c.change, c.status, c.version, c.external_ref, c.at
FROM routing.queue_change c WHERE c.organisation_id = p.owner::uuid
"""
OFFER: Final = WebhookOffer(
    service="routing",
    role="agency",
    webhook=webhook,
    delivery=webhook_delivery,
    noun="assignment",
    changes=get_args(Change),
    entries=_ENTRIES,
    objects="routing.assignment",
    own_name="f.external_ref",
)
