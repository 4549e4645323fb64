"""Appeals: submitted, followed, rated."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from otklik.client.batches import CHUNK_LINES, IMPORTS, ChunkSender, body_of, cut_into_chunks
from otklik.client.calls.base import Calls, key_header, segment, without_none
from otklik.client.connection import Call
from otklik.models import (
    Appeal,
    AppealChange,
    AppealSummary,
    HistoryEntry,
    LineResult,
    NewAppeal,
    Rating,
    Receipt,
    Tracking,
)


class AppealCalls(Calls):
    """For portals, and for the citizen behind them."""

    async def submit(
        self, appeal: NewAppeal | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> Receipt:
        """Register one appeal. Whatever happens on the way, it is registered once.

        >>> receipt = await otklik.submit(NewAppeal(text="Яма на дороге", region="46", external_id="portal-17"))
        """
        response = await self.connection.send(
            Call("POST", "/api/v1/appeals", json=body_of(appeal), headers=key_header(idempotency_key))
        )
        receipt = Receipt.model_validate_json(response.content)
        repeated = response.headers.get("idempotent-replayed") == "true"
        receipt.created = response.status_code == 201 and not repeated
        return receipt

    async def submit_batch(
        self,
        appeals: Iterable[NewAppeal | Mapping[str, Any]],
        *,
        idempotency_key: str | None = None,
        chunk_lines: int = CHUNK_LINES,
    ) -> AsyncIterator[LineResult]:
        """Register many appeals; one result per appeal, in order, `line` counting from 1.

        Lines answered 503 and chunks whose connection was lost are sent again, which is safe: a line is known by
        its `external_id`, or by the Idempotency-Key and its number. To continue after a crash of your own, give
        every appeal an `external_id`, or pass the same `idempotency_key` and the same appeals again.

        >>> async for result in otklik.submit_batch(appeals):
        ...     if not result.accepted:
        ...         print(result.line, result.problem)
        """
        for chunk in cut_into_chunks(appeals, idempotency_key or str(uuid4()), chunk_lines):
            for result in await ChunkSender(self.connection, chunk).send():
                yield result

    async def import_cases(
        self,
        cases: Iterable[Mapping[str, Any]],
        *,
        import_id: UUID | None = None,
        chunk_lines: int = CHUNK_LINES,
    ) -> AsyncIterator[LineResult]:
        """Take over cases of another system with their own dates (admin); one result per case, in order.

        Every case has an `external_id`, `received_at` and `region`; done again, nothing is taken over twice. What is sent
        under one `import_id` can be taken back as a whole.

        >>> async for result in otklik.import_cases(cases, import_id=uuid4()): ...
        """
        params = {"import_id": import_id or uuid4()}
        for chunk in cut_into_chunks(cases, "", chunk_lines):
            for result in await ChunkSender(self.connection, chunk, IMPORTS, params).send():
                yield result

    async def appeal(self, appeal_id: UUID | str) -> Appeal:
        """One appeal, its text masked.

        >>> (await otklik.appeal(receipt.id)).due_on
        """
        return await self._get(Appeal, f"/api/v1/appeals/{segment(appeal_id)}")

    async def appeals(
        self,
        *,
        region: str | None = None,
        status: str | None = None,
        since: date | None = None,
        until: date | None = None,
        q: str | None = None,
    ) -> AsyncIterator[AppealSummary]:
        """All appeals within reach that match, page by page.

        >>> async for appeal in otklik.appeals(region="46", status="answered"): ...
        """
        params = {"region": region, "status": status, "from": since, "to": until, "q": q}
        async for item in self._pages(AppealSummary, "/api/v1/appeals", params):
            yield item

    async def history(self, appeal_id: UUID | str) -> list[HistoryEntry]:
        """Everything that happened to an appeal, in order, with reasons.

        >>> [entry.kind for entry in await otklik.history(receipt.id)]
        """
        return [
            entry
            async for entry in self._pages(HistoryEntry, f"/api/v1/appeals/{segment(appeal_id)}/history", {})
        ]

    async def follow_changes(
        self, cursor: str = "", *, wait: float | None = 1.0
    ) -> AsyncIterator[AppealChange]:
        """What changes on your own appeals, from `cursor` on, for ever.

        Keep `change.cursor` when you have dealt with a change; after a restart some may come again, none is missed.
        `wait` is the pause in seconds when there is nothing new; None ends there instead.

        >>> async for change in otklik.follow_changes(saved): ...
        """
        async for change in self._follow(AppealChange, "/api/v1/appeals/changes", cursor, wait):
            yield change

    async def track(self, tracking_code: str) -> Tracking:
        """What the citizen sees. Needs no token.

        >>> (await otklik.track(receipt.tracking_code)).due_on
        """
        response = await self.connection.send(
            Call("GET", f"/api/v1/track/{segment(tracking_code)}", authorised=False)
        )
        return Tracking.model_validate_json(response.content)

    async def rate(
        self, tracking_code: str, *, score: int, solved: bool, comment: str | None = None
    ) -> Rating:
        """The citizen's verdict on the answer. Needs no token.

        >>> await otklik.rate(receipt.tracking_code, score=1, solved=False, comment="Фонарь так и не горит")
        """
        path = f"/api/v1/track/{segment(tracking_code)}/rating"
        body = without_none({"score": score, "solved": solved, "comment": comment})
        response = await self.connection.send(
            Call("POST", path, json=body, headers=key_header(None), authorised=False)
        )
        return Rating.model_validate_json(response.content)
