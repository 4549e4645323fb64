"""What the requests and workers of this service's process share."""

from __future__ import annotations

from datetime import timedelta

from chassis.db import create_engine, create_sessions
from chassis.outbox import OUTBOX
from chassis.webhooks.offer import WebhookResources
from services.intake.attachments.actions.admitting import FormSenders
from services.intake.attachments.actions.storage import Storage, make_storage
from services.intake.channels.group_commit import DeliveryGroups
from services.intake.channels.queries.connections import ConnectionDirectory
from services.intake.originals.actions.official_words import Opener
from services.intake.originals.rules import Secrets
from services.intake.registration.group_commit import GroupCommit
from services.intake.settings import IntakeSettings
from services.intake.webhooks import OFFER
from services.intake.widget.actions.attaching import FormsOfWidgets
from services.intake.widget.actions.guarding import Guard, Rates

MASKING = "masking"  # the wake-up of the worker that masks


class IntakeResources(WebhookResources[IntakeSettings]):
    """Also the keys of originals, the place of attachments, the group commits with connections of their own, the pages that are
    watched, and what forms are guarded by."""

    secrets: Secrets
    groups: GroupCommit
    connections: ConnectionDirectory
    deliveries: DeliveryGroups
    guard: Guard
    attachments: Storage
    form_senders: FormSenders

    async def prepare(self) -> None:
        """Read the keys; ValueError without an encryption key, so that the service refuses to start."""
        settings = self.settings
        self.secrets = Secrets(settings.keyring(), self.hash_key)
        self.open_webhooks(OFFER, self.secrets.keyring)
        self.attachments = make_storage(settings, self.secrets.keyring)
        self.carry(opener=Opener(settings.keyring(), settings.private_key()))
        self.guard = Guard(
            Rates(
                settings.widget_per_minute,
                settings.widget_address_per_minute,
                settings.widget_unproven_per_minute,
                settings.widget_unproven_address_per_minute,
            )
        )
        self.form_senders = FormsOfWidgets(self.secrets, self.guard)
        # Registering is the service's own act, checked before, for many callers at once and in one statement: no room to
        # name in each transaction whose rows it is about. Its connections are for nothing else.
        engine = create_engine(settings.database_url, settings.pool_size, self.service, all_rows=True)
        self.engines.append(engine)
        sessions = create_sessions(engine)
        self.groups = GroupCommit(
            sessions,
            create_sessions(engine.execution_options(isolation_level="AUTOCOMMIT")),
            self.secrets,
            self.wake_ups[MASKING].ring,
        )
        self.connections = ConnectionDirectory(self.reading_sessions, self.secrets.keyring)
        self.deliveries = DeliveryGroups(
            sessions,
            self.secrets,
            timedelta(seconds=settings.channel_patience_seconds),
            self._ring_after_deliveries,
        )

    def _ring_after_deliveries(self) -> None:
        for name in (MASKING, OUTBOX):
            self.wake_ups[name].ring()
