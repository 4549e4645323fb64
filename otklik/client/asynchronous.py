"""The asynchronous client: every call of the public contract that portals, agencies and dashboards need."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Literal, Self, TypedDict, TypeVar, Unpack
from urllib.parse import quote
from uuid import UUID, uuid4

from otklik.client.batches import CHUNK_LINES, ChunkSender, body_of, cut_into_chunks
from otklik.client.connection import Call, Connection
from otklik.models import (
    Appeal,
    AppealChange,
    AppealSummary,
    Assignment,
    Breakdown,
    Clock,
    DeadlinePreview,
    HistoryEntry,
    LineResult,
    NewAppeal,
    Pause,
    QueueChange,
    Rating,
    Receipt,
    Received,
    Summary,
    TimeSeries,
    Tracking,
)

T = TypeVar("T", bound=Received)
C = TypeVar("C", AppealChange, QueueChange)
Outcome = Literal["solved", "explained", "refused", "postponed"]
PAGE = 1000


class Scope(TypedDict, total=False):
    """What figures are about. `since` is inclusive, `until` exclusive: local days of the region."""

    region: str
    municipality: str
    organisation: UUID | str
    topic: str
    group: str
    channel: str
    since: date
    until: date


class AsyncClient:
    """Otklik over HTTP, for asyncio.

    Every call is safe to repeat, and is repeated on lost connections, 429 and 503 for up to `patience` seconds.
    Answers that are no success raise ProblemError, silence raises NotReachable.

    >>> async with AsyncClient("http://127.0.0.1:8080", client_id, client_secret) as otklik:
    ...     receipt = await otklik.submit({"text": "Не горит фонарь", "region": "46"})
    ...     print(receipt.number, receipt.tracking_code)
    """

    def __init__(
        self,
        url: str,
        client_id: str,
        client_secret: str,
        *,
        patience: float = 60.0,
        timeout: float = 60.0,
        connections: int = 100,
    ) -> None:
        self.connection = Connection(
            url, client_id, client_secret, patience=patience, timeout=timeout, connections=connections
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Give back the sockets."""
        await self.connection.close()

    async def authenticate(self) -> None:
        """Fetch the token now, if there is none yet. Raises ProblemError when the credentials are refused.

        >>> await otklik.authenticate()
        """
        await self.connection.authenticate()

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Any other call of the contract; the parsed JSON of the answer (None when it is empty).

        It is repeated like every call here, so give a POST that creates something an `Idempotency-Key` header.

        >>> topics = await otklik.request("GET", "/api/v1/topics", params={"region": "46"})
        """
        call = Call(method, path, params=_params(params or {}), headers=headers or {}, json=json)
        response = await self.connection.send(call)
        return response.json() if response.content else None

    # Portals

    async def submit(
        self, appeal: NewAppeal | Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> Receipt:
        """Register one appeal. Whatever happens on the way, it is registered once.

        >>> receipt = await otklik.submit(NewAppeal(text="Яма на дороге", region="46", external_id="portal-17"))
        """
        response = await self.connection.send(
            Call("POST", "/api/v1/appeals", json=body_of(appeal), headers=_key(idempotency_key))
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

    async def appeal(self, appeal_id: UUID | str) -> Appeal:
        """One appeal, its text masked.

        >>> (await otklik.appeal(receipt.id)).due_on
        """
        return await self._get(Appeal, f"/api/v1/appeals/{_segment(appeal_id)}")

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
            async for entry in self._pages(HistoryEntry, f"/api/v1/appeals/{_segment(appeal_id)}/history", {})
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

    # Citizens

    async def track(self, tracking_code: str) -> Tracking:
        """What the citizen sees. Needs no token.

        >>> (await otklik.track(receipt.tracking_code)).due_on
        """
        response = await self.connection.send(
            Call("GET", f"/api/v1/track/{_segment(tracking_code)}", authorised=False)
        )
        return Tracking.model_validate_json(response.content)

    async def rate(
        self, tracking_code: str, *, score: int, solved: bool, comment: str | None = None
    ) -> Rating:
        """The citizen's verdict on the answer. Needs no token.

        >>> await otklik.rate(receipt.tracking_code, score=1, solved=False, comment="Фонарь так и не горит")
        """
        path = f"/api/v1/track/{_segment(tracking_code)}/rating"
        body = _without_none({"score": score, "solved": solved, "comment": comment})
        response = await self.connection.send(
            Call("POST", path, json=body, headers=_key(None), authorised=False)
        )
        return Rating.model_validate_json(response.content)

    # Agencies

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
            Call("POST", "/api/v1/queue/claim", json=body, headers=_key(idempotency_key))
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
        return await self._get(Assignment, f"/api/v1/assignments/{_segment(assignment_id)}")

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
        """Not ours: it goes to the suggested or competent body, or to the coordinator's triage.

        >>> await otklik.redirect(assignment, reason_code="not-competent", comment="Дорога региональная")
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

    # Deadlines

    async def deadlines(
        self,
        *,
        appeal: UUID | str | None = None,
        state: str | None = None,
        due_before: datetime | None = None,
        organisation: UUID | str | None = None,
    ) -> AsyncIterator[Clock]:
        """The clocks of one appeal, or all within reach that match, page by page.

        >>> async for clock in otklik.deadlines(appeal=receipt.id):
        ...     print(clock.clock, clock.due_on, clock.explanation)
        """
        path = f"/api/v1/appeals/{_segment(appeal)}/deadlines" if appeal else "/api/v1/deadlines"
        params = {"state": state, "due_before": due_before, "organisation": organisation}
        async for item in self._pages(Clock, path, params):
            yield item

    async def preview_deadline(
        self,
        *,
        region: str,
        start: datetime,
        term: Mapping[str, Any],
        weekend_rule: Literal["previous", "next", "none"] | None = None,
        pauses: Iterable[Pause] = (),
    ) -> DeadlinePreview:
        """When a term would end. Pure arithmetic, nothing is stored. `start` carries an offset.

        >>> await otklik.preview_deadline(region="46", start=start, term={"days": 30, "unit": "calendar_day"})
        """
        body = _without_none(
            {
                "region": region,
                "start": start.isoformat(),
                "term": dict(term),
                "weekend_rule": weekend_rule,
                "pauses": [pause.model_dump(mode="json", by_alias=True) for pause in pauses],
            }
        )
        response = await self.connection.send(Call("POST", "/api/v1/deadlines/preview", json=body))
        return DeadlinePreview.model_validate_json(response.content)

    # Figures

    async def summary(self, **scope: Unpack[Scope]) -> Summary:
        """The main figures, beside those of the period before.

        >>> (await otklik.summary(region="46", since=date(2026, 11, 1))).in_time_share
        """
        return await self._get(Summary, "/api/v1/analytics/summary", _scope(scope))

    async def timeseries(
        self,
        metric: str,
        *,
        grain: Literal["hour", "day", "week", "month"] = "day",
        group_by: str | None = None,
        **scope: Unpack[Scope],
    ) -> TimeSeries:
        """A figure over time.

        >>> await otklik.timeseries("received", grain="day", region="46")
        """
        params = {"metric": metric, "grain": grain, "group_by": group_by, **_scope(scope)}
        return await self._get(TimeSeries, "/api/v1/analytics/timeseries", params)

    async def breakdown(
        self,
        metric: str,
        *,
        by: Literal["topic", "group", "municipality", "region", "organisation", "channel"],
        **scope: Unpack[Scope],
    ) -> Breakdown:
        """A figure by topic, body, territory or channel.

        >>> await otklik.breakdown("breached", by="organisation", region="46")
        """
        params = {"metric": metric, "by": by, **_scope(scope)}
        return await self._get(Breakdown, "/api/v1/analytics/breakdown", params)

    # What the calls above share

    async def _get(self, model: type[T], path: str, params: Mapping[str, Any] | None = None) -> T:
        response = await self.connection.send(Call("GET", path, params=_params(params or {})))
        return model.model_validate_json(response.content)

    async def _pages(self, model: type[T], path: str, params: Mapping[str, Any]) -> AsyncIterator[T]:
        cursor = ""
        while True:
            page = await self._page(path, {**params, "limit": PAGE, "cursor": cursor or None})
            for item in page["items"]:
                yield model.model_validate(item)
            cursor = page.get("next_cursor") or ""
            if not cursor:
                return

    async def _follow(self, model: type[C], path: str, cursor: str, wait: float | None) -> AsyncIterator[C]:
        while True:
            page = await self._page(path, {"limit": PAGE, "cursor": cursor or None})
            items = [model.model_validate(item) for item in page["items"]]
            for item in items[:-1]:
                item.cursor = cursor  # resuming here repeats what came before it on this page
                yield item
            cursor = page["next_cursor"]
            if items:
                items[-1].cursor = cursor
                yield items[-1]
            elif wait is None:
                return
            else:
                await asyncio.sleep(wait)

    async def _page(self, path: str, params: Mapping[str, Any]) -> dict[str, Any]:
        page: dict[str, Any] = await self.request("GET", path, params=params)
        return page

    async def _act(
        self, assignment: Assignment, verb: str, body: dict[str, Any], key: str | None
    ) -> Assignment:
        headers = {"If-Match": f'"{assignment.version}"', **_key(key)}
        body = _without_none({**body, "lease_token": assignment.lease_token})
        path = f"/api/v1/assignments/{assignment.id}/{verb}"
        response = await self.connection.send(Call("POST", path, json=body, headers=headers))
        return Assignment.model_validate_json(response.content)


def _key(key: str | None) -> dict[str, str]:
    return {"Idempotency-Key": key or str(uuid4())}


def _segment(value: UUID | str) -> str:
    return quote(str(value), safe="")


def _scope(scope: Scope) -> dict[str, Any]:
    names = {"since": "from", "until": "to"}
    return {names.get(name, name): value for name, value in scope.items()}


def _params(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _in_query(value) for name, value in params.items() if value is not None}


def _in_query(value: Any) -> Any:
    if isinstance(value, date):  # datetime is one too
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _without_none(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}
