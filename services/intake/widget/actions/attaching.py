"""Files that a form sends before itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.attachments.actions.admitting import Sender, SentWithForm
from services.intake.originals.rules import Secrets
from services.intake.widget.actions.guarding import Guard
from services.intake.widget.queries import find_active_widget
from services.intake.widget.rules.tokens import OLDEST, client_of, read_token


@dataclass(frozen=True, slots=True)
class FormsOfWidgets:
    """Reads tokens of forms with the key they were signed with."""

    secrets: Secrets
    guard: Guard

    async def __call__(self, session: AsyncSession, sent: SentWithForm, now: datetime) -> Sender | None:
        """The widget's own client, for its region only; files may be sent as soon as the form is there, as many as forms may
        have."""
        token = read_token(self.secrets.hash_key, sent.form_token)
        if token is None or now - token.issued_at > OLDEST:
            return None
        widget = await find_active_widget(session, token.widget_id)
        if widget is None:
            return None
        self.guard.admit_file(widget.key, sent.address)
        return Sender(client_of(widget.id), None, None, frozenset((widget.region,)))
