"""What webhooks of portals are called with: the changes of the client's own appeals, as its feed has them."""

from typing import Final, get_args

from chassis.webhooks.offer import WebhookOffer
from services.intake.history.rules.statuses import ChangeKind
from services.intake.tables import webhook, webhook_delivery

_ENTRIES: Final = """
SELECT c.xid, c.position, c.region, c.appeal_id AS subject_id, c.change, c.status, c.version, c.at
FROM intake.appeal_change c WHERE c.client_hash = hashtext(p.owner) AND c.client_id = p.owner
"""
OFFER: Final = WebhookOffer(
    service="intake",
    role="portal",
    webhook=webhook,
    delivery=webhook_delivery,
    noun="appeal",
    changes=get_args(ChangeKind),
    entries=_ENTRIES,
    objects="intake.appeal",
    own_name="n.external_id",
)
