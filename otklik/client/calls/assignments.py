"""Assignments: an organisation's queue and what it does with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from otklik.client.calls.base import Calls, key_header, segment, without_none
from otklik.client.connection import Call
from otklik.models import Assignment, QueueChange

Outcome = Literal["solved", "explained", "refused", "postponed"]


class AssignmentCalls(Calls):
    """For agencies."""

    async def queue(
        self,
        *,
        status: str | None = None,
        topic: str | None = None,
        due_before: datetime | None = None,
    ) -> AsyncIterator[Assignment]:
        """Your organisation's queue, most urgent first, page by page.

        >>> async for assignment in otklik.queue(status="accepted"): ...
        """
        params = {"status": status, "topic": topic, "due_before": due_before}
        async for item in self._pages(Assignment, "/api/v1/queue", params):
            yield item

    async def claim(
        self, limit: int = 10, *, lease_seconds: int = 300, idempotency_key: str | None = None
    ) -> list[Assignment]:
        """Lease the most urgent open assignments: nobody else gets them before the lease ends.

        >>> for assignment in await otklik.claim(10):
        ...     accepted = await otklik.accept(assignment)
        """
        body = {"limit": limit, "lease_seconds": lease_seconds}
        response = await self.connection.send(
            Call("POST", "/api/v1/queue/claim", json=body, headers=key_header(idempotency_key))
        )
        return [Assignment.model_validate(item) for item in response.json()["items"]]

    async def follow_queue(self, cursor: str = "", *, wait: float | None = 1.0) -> AsyncIterator[QueueChange]:
        """What enters, changes in and leaves your queue, from `cursor` on, for ever. See `follow_changes`.

        >>> async for change in otklik.follow_queue():
        ...     print(change.change, change.assignment_id)
        """
        async for change in self._follow(QueueChange, "/api/v1/queue/changes", cursor, wait):
            yield change

    async def assignment(self, assignment_id: UUID | str) -> Assignment:
        """One assignment with the reasons of its routing.

        >>> (await otklik.assignment(change.assignment_id)).version
        """
        return await self._get(Assignment, f"/api/v1/assignments/{segment(assignment_id)}")

    async def accept(self, assignment: Assignment, *, idempotency_key: str | None = None) -> Assignment:
        """Take it to work; ends the lease.

        >>> assignment = await otklik.accept(assignment)
        """
        return await self._act(assignment, "accept", {}, idempotency_key)

    async def release(self, assignment: Assignment, *, idempotency_key: str | None = None) -> Assignment:
        """Give a leased one back to the queue.

        >>> await otklik.release(assignment)
        """
        return await self._act(assignment, "release", {}, idempotency_key)

    async def extend_lease(
        self, assignment: Assignment, *, lease_seconds: int = 300, idempotency_key: str | None = None
    ) -> Assignment:
        """Keep a leased one for longer.

        >>> assignment = await otklik.extend_lease(assignment, lease_seconds=600)
        """
        body = {"lease_seconds": lease_seconds}
        extended = await self._act(assignment, "extend-lease", body, idempotency_key)
        return extended.model_copy(update={"lease_token": extended.lease_token or assignment.lease_token})

    async def redirect(
        self,
        assignment: Assignment,
        *,
        reason_code: str,
        comment: str = "",
        suggested_organisation: UUID | str | None = None,
        idempotency_key: str | None = None,
    ) -> Assignment:
        """Not ours: it goes to the suggested or competent organisation, or to the coordinator's triage.

        >>> await otklik.redirect(assignment, reason_code="not_competent", comment="Дорога региональная")
        """
        body = {
            "reason_code": reason_code,
            "comment": comment,
            "suggested_organisation": str(suggested_organisation) if suggested_organisation else None,
        }
        return await self._act(assignment, "redirect", body, idempotency_key)

    async def interim(
        self,
        assignment: Assignment,
        text: str,
        *,
        promised_on: date | None = None,
        idempotency_key: str | None = None,
    ) -> Assignment:
        """An answer with a plan; the question stays open.

        >>> await otklik.interim(assignment, "Заказали опору", promised_on=date(2026, 12, 1))
        """
        body = {"text": text, "promised_on": promised_on.isoformat() if promised_on else None}
        return await self._act(assignment, "interim", body, idempotency_key)

    async def answer(
        self,
        assignment: Assignment,
        text: str,
        *,
        outcome: Outcome,
        promised_on: date | None = None,
        attachments: list[UUID] | None = None,
        idempotency_key: str | None = None,
    ) -> Assignment:
        """The answer. `postponed` needs `promised_on`.

        >>> await otklik.answer(assignment, "Лампу заменили 20 ноября", outcome="solved")
        """
        body = {
            "text": text,
            "outcome": outcome,
            "promised_on": promised_on.isoformat() if promised_on else None,
            "attachments": [str(one) for one in attachments] if attachments else None,
        }
        return await self._act(assignment, "answer", body, idempotency_key)

    async def request_documents(
        self, assignment: Assignment, *, addressee: str, what: str, idempotency_key: str | None = None
    ) -> Assignment:
        """Ask another organisation for documents; it has 15 days.

        >>> await otklik.request_documents(assignment, addressee="Росреестр", what="Выписка на участок")
        """
        body = {"addressee": addressee, "what": what}
        return await self._act(assignment, "request-documents", body, idempotency_key)

    async def receive_documents(
        self, assignment: Assignment, request_id: UUID | str, *, idempotency_key: str | None = None
    ) -> Assignment:
        """The documents of a request came (its id is in `document_requests` of the assignment).

        >>> await otklik.receive_documents(assignment, request_id)
        """
        return await self._act(
            assignment, "receive-documents", {"request_id": str(request_id)}, idempotency_key
        )

    async def _act(
        self, assignment: Assignment, verb: str, body: Mapping[str, Any], key: str | None
    ) -> Assignment:
        headers = {"If-Match": f'"{assignment.version}"', **key_header(key)}
        body = without_none({**body, "lease_token": assignment.lease_token})
        path = f"/api/v1/assignments/{assignment.id}/{verb}"
        response = await self.connection.send(Call("POST", path, json=body, headers=headers))
        return Assignment.model_validate_json(response.content)
