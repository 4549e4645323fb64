"""/api/v1/webhooks: the same for whoever's they are; which service answers, the role says.

Annotations are read where they stand, as roles are given to the functions that hold them.
"""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Body, Depends, Query, Request
from fastapi.responses import Response

from chassis.db import Reading, Transaction, Transactions
from chassis.idempotency import Idempotent
from chassis.moments import utc_now
from chassis.pages import Page
from chassis.principals import Principal
from chassis.resources import resources_in
from chassis.security import allowed
from chassis.strict_routes import Router
from chassis.webhooks import actions, queries
from chassis.webhooks.offer import WebhookOffer, WebhookResources, Webhooks
from chassis.webhooks.rules.retrying import DeliveryState
from chassis.webhooks.schemas import (
    DeliveryList,
    DeliveryView,
    NewWebhook,
    Redelivery,
    RedeliveryView,
    WebhookList,
    WebhookSecret,
    WebhookView,
)

State = Annotated[DeliveryState | None, Query(description="Only calls in this state.")]


def _webhooks_of(request: Request) -> Webhooks:
    found: WebhookResources[Any] = resources_in(request.app, WebhookResources)
    return found.webhooks


Shared = Annotated[Webhooks, Depends(_webhooks_of)]


def webhook_router(offer: WebhookOffer) -> Router:
    """The operations of a service that has webhooks, for the role whose they are."""
    router = Router(prefix="/api/v1/webhooks", tags=["webhooks"])
    owner = allowed(offer.role)
    for add in (_add_reading, _add_registering, _add_ending, _add_calling):
        add(router, owner)
    return router


def _add_reading(router: Router, owner: Any) -> None:
    @router.get("")
    async def list_webhooks(
        principal: Annotated[Principal, owner], session: Reading, shared: Shared, page: Page
    ) -> WebhookList:
        """Your client's webhooks, or your organisation's."""
        return await queries.list_webhooks(session, shared.schema, principal.owner, page)

    @router.get("/{webhook_id}")
    async def show_webhook(
        principal: Annotated[Principal, owner], session: Reading, shared: Shared, webhook_id: UUID
    ) -> WebhookView:
        """One webhook: whether it is called, and if not, why."""
        return (await queries.find_webhook(session, shared.schema, principal.owner, webhook_id)).view()

    @router.get("/{webhook_id}/deliveries")
    async def list_deliveries(
        principal: Annotated[Principal, owner],
        session: Reading,
        shared: Shared,
        webhook_id: UUID,
        page: Page,
        state: State = None,
    ) -> DeliveryList:
        """Calls of the last thirty days, and all that wait, the newest first."""
        return await queries.list_deliveries(session, shared.schema, principal.owner, webhook_id, state, page)


def _add_registering(router: Router, owner: Any) -> None:
    @router.post("", response_model=WebhookSecret, status_code=201)
    async def create_webhook(
        principal: Annotated[Principal, owner],
        transactions: Transactions,
        shared: Shared,
        idempotency: Idempotent,
        body: NewWebhook,
    ) -> Response:
        """Have an address called at what happens from now on: to your appeals (`appeal.*`), or to your organisation's
        assignments (`assignment.*`). Calls are signed as Standard Webhooks describes; they hold no texts."""
        actions.require_offered(shared.offer, body.events)
        await actions.require_callable(shared, body.url)
        async with transactions.begin() as session:
            return await idempotency.run(
                session,
                principal,
                body,
                lambda: actions.create_webhook(session, principal, shared, body),
                status=201,
            )


def _add_ending(router: Router, owner: Any) -> None:
    @router.delete("/{webhook_id}", status_code=204)
    async def delete_webhook(
        principal: Annotated[Principal, owner], session: Transaction, shared: Shared, webhook_id: UUID
    ) -> None:
        """Have it called no more. What waits is not called."""
        await actions.delete_webhook(session, principal, shared.schema, webhook_id)

    @router.post("/{webhook_id}/secret", response_model=WebhookSecret)
    async def rotate_webhook_secret(
        principal: Annotated[Principal, owner],
        session: Transaction,
        shared: Shared,
        idempotency: Idempotent,
        webhook_id: UUID,
    ) -> Response:
        """A new secret, shown once. For a day calls are signed with the old one, too."""

        async def act() -> WebhookSecret:
            return await actions.rotate_secret(session, principal, shared, webhook_id, utc_now())

        return await idempotency.run(session, principal, None, act)


def _add_calling(router: Router, owner: Any) -> None:
    @router.post("/{webhook_id}/redeliver", response_model=RedeliveryView, status_code=202)
    async def redeliver_webhook(
        principal: Annotated[Principal, owner],
        session: Transaction,
        shared: Shared,
        idempotency: Idempotent,
        webhook_id: UUID,
        body: Annotated[Redelivery, Body(default_factory=Redelivery)],
    ) -> Response:
        """Call at once what waits, or one event again. A paused webhook goes on from where it stopped."""

        async def act() -> RedeliveryView:
            return await actions.redeliver(session, principal, shared.schema, webhook_id, body, utc_now())

        return await idempotency.run(session, principal, body, act, status=202)

    @router.post("/{webhook_id}/test", response_model=DeliveryView, status_code=202)
    async def test_webhook(
        principal: Annotated[Principal, owner],
        session: Transaction,
        shared: Shared,
        idempotency: Idempotent,
        webhook_id: UUID,
    ) -> Response:
        """Call it once with `webhook.test`, which tells of nothing. What came of it stands among its deliveries."""

        async def act() -> DeliveryView:
            return await actions.send_test(session, principal, shared.offer, webhook_id, utc_now())

        return await idempotency.run(session, principal, None, act, status=202)
