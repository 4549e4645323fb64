"""An owner's webhooks and their deliveries."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row, rows
from chassis.pages import PageRequest
from chassis.problems import NotFound
from chassis.webhooks.rules.retrying import CallProblem, DeliveryState, PauseReason, WebhookState
from chassis.webhooks.schemas import DeliveryList, DeliveryView, WebhookList, WebhookView

_COLUMNS: Final = "id, url, events, state, paused_because, failing_since, created_at"
_LIST: Final = f"SELECT {_COLUMNS} FROM {{schema}}.webhook WHERE owner = :owner AND id > :after::uuid ORDER BY id LIMIT :limit"
_ONE: Final = f"SELECT {_COLUMNS} FROM {{schema}}.webhook WHERE owner = :owner AND id = :id"
_DELIVERIES: Final = """
SELECT id, type, subject_id, state, attempts, created_at, tried_at,
    CASE WHEN state = 'waiting' THEN next_at END AS next_at, answered, problem
FROM {schema}.webhook_delivery WHERE webhook_id = :webhook AND (:before::uuid IS NULL OR id < :before::uuid)
    AND (:state::text IS NULL OR state = :state::text)
ORDER BY id DESC LIMIT :limit
"""
_DELIVERY: Final = """
SELECT id, type, subject_id, state, attempts, created_at, tried_at, next_at, answered, problem
FROM {schema}.webhook_delivery WHERE webhook_id = :webhook AND id = :id
"""
_FIRST: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class OwnWebhook:
    """As its owner sees it."""

    id: UUID
    url: str
    events: list[str]
    state: WebhookState
    paused_because: PauseReason | None
    failing_since: datetime | None
    created_at: datetime

    def view(self) -> WebhookView:
        """For an answer."""
        return WebhookView(**asdict(self))


@dataclass(frozen=True, slots=True)
class OwnDelivery:
    """As the owner of its webhook sees it."""

    id: UUID
    type: str
    subject_id: UUID
    state: DeliveryState
    attempts: int
    created_at: datetime
    tried_at: datetime | None
    next_at: datetime | None
    answered: int | None
    problem: CallProblem | None

    def view(self) -> DeliveryView:
        """For an answer."""
        return DeliveryView(**asdict(self))


async def list_webhooks(session: AsyncSession, schema: str, owner: str, page: PageRequest) -> WebhookList:
    """The owner's, the oldest first."""
    (after,) = page.position("webhooks") or (_FIRST,)
    sql = _LIST.format(schema=schema)
    found = await rows(session, OwnWebhook, sql, owner=owner, after=after, limit=page.limit + 1)
    shown, following = page.cut("webhooks", found, lambda each: (str(each.id),))
    return WebhookList(items=[each.view() for each in shown], next_cursor=following)


async def find_webhook(session: AsyncSession, schema: str, owner: str, webhook_id: UUID) -> OwnWebhook:
    """One of the owner's; 404 for anybody else's, and for none."""
    found = await row(session, OwnWebhook, _ONE.format(schema=schema), owner=owner, id=webhook_id)
    if found is None:
        raise NotFound
    return found


async def list_deliveries(
    session: AsyncSession,
    schema: str,
    owner: str,
    webhook_id: UUID,
    state: DeliveryState | None,
    page: PageRequest,
) -> DeliveryList:
    """Of one of the owner's webhooks, the newest first."""
    await find_webhook(session, schema, owner, webhook_id)
    kind = f"deliveries of {webhook_id}"
    (before,) = page.position(kind) or (None,)
    found = await rows(
        session,
        OwnDelivery,
        _DELIVERIES.format(schema=schema),
        webhook=webhook_id,
        before=before,
        state=state,
        limit=page.limit + 1,
    )
    shown, following = page.cut(kind, found, lambda each: (str(each.id),))
    return DeliveryList(items=[each.view() for each in shown], next_cursor=following)


async def read_delivery(
    session: AsyncSession, schema: str, webhook_id: UUID, delivery_id: UUID
) -> OwnDelivery:
    """One call of a webhook that was found to be the owner's; 404 where it has none of that id."""
    sql = _DELIVERY.format(schema=schema)
    found = await row(session, OwnDelivery, sql, webhook=webhook_id, id=delivery_id)
    if found is None:
        raise NotFound
    return found
