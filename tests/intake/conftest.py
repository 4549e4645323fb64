"""Appeals to submit, and events of other services about them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest
from uuid_utils.compat import uuid7

from chassis.sealing import make_keyring
from contracts import routing
from contracts.sla import ClockReading, DeadlineReminded, DeadlineSet
from harness.databases import ENCRYPTION_KEY
from harness.resources import worker_session
from services.intake.announcement.actions import mask_appeals
from services.intake.handlers import handlers
from services.intake.history.rules.packed import read_data
from services.intake.originals.rules import Secrets
from services.intake.registration.actions.preparing import (
    IDEMPOTENCY_KEY,
    Submission,
    make_key,
    prepare_submission,
)
from services.intake.registration.schemas import NewAppeal

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
BODY = routing.OrganisationName(id=UUID(int=1), name="Комитет дорожного хозяйства")
OTHER_BODY = routing.OrganisationName(id=UUID(int=2), name="Администрация города")
TOPIC = routing.TopicName(code="road-potholes-town", name="Ямы", group="roads", group_name="Дороги")
_numbers = itertools.count(1)


@pytest.fixture
def secrets() -> Secrets:
    """The keys the app under test has too."""
    return Secrets(make_keyring({1: ENCRYPTION_KEY}, 1), "test-hash-key")


@pytest.fixture
def submission(secrets: Secrets) -> Callable[..., Submission]:
    """A prepared appeal; `key`, `client` and `now` as they would come with the request."""

    def make(
        *, client: str = "portal-1", key: str | None = None, now: datetime = NOW, **fields: Any
    ) -> Submission:
        body = {"text": "Яма на дороге", "region": "46", **fields}
        once = make_key(secrets, IDEMPOTENCY_KEY, client, key) if key else None
        return prepare_submission(
            secrets, NewAppeal.model_validate(body), client_id=client, now=now, once=once
        )

    return make


def appeal_body(**fields: Any) -> dict[str, Any]:
    """A body for POST /appeals with an id of its own."""
    return {
        "text": "Яма на дороге, меня зовут Иванов Пётр, тел. 8 910 123-45-67",
        "region": "46",
        "external_id": f"a-{next(_numbers)}",
        "address": "г. Курск, ул. Ленина, д. 12, кв. 34",
        "applicant": {"name": "Иванов Пётр Сергеевич", "phone": "+79101234567"},
        **fields,
    }


async def mask_all(app: Any) -> None:
    """What the worker does."""
    while True:
        async with worker_session(app) as session:
            if not await mask_appeals(session, app.state.resources.secrets.keyring, 100):
                return


async def handle(app: Any, *events: Any) -> None:
    """Apply the handlers of events, all of one kind together, in one transaction."""
    async with worker_session(app) as session:
        for event_class in dict.fromkeys(type(event) for event in events):
            same = [event for event in events if type(event) is event_class]
            for handler in handlers.by_subject[event_class.SUBJECT]:
                await handler.function(session, same)


class Story:
    """Events about one appeal, a minute apart, with the sequence its assignment would have."""

    def __init__(self, appeal_id: UUID, region: str = "46", start: datetime = NOW) -> None:
        self.appeal_id = UUID(str(appeal_id))
        self.region = region
        self.assignment_id = uuid7()
        self.at = start
        self.sequence = 0
        self.answer_id: UUID | None = None

    def _about(self) -> dict[str, Any]:
        self.at += timedelta(minutes=1)
        self.sequence += 1
        return {
            "region": self.region,
            "appeal_id": self.appeal_id,
            "assignment_id": self.assignment_id,
            "sequence": self.sequence,
        }

    def created(self, organisation: routing.OrganisationName | None = BODY, role: Any = "lead") -> Any:
        return routing.AssignmentCreated(
            **self._about(),
            number="46-2026-0000001",
            role=role,
            regime="message",
            channel="portal",
            topic=TOPIC,
            organisation=organisation,
            received_at=NOW,
            created_at=self.at,
        )

    def accepted(self) -> Any:
        return routing.AssignmentAccepted(**self._about(), organisation=BODY, accepted_at=self.at)

    def corrected(self, organisation: routing.OrganisationName = OTHER_BODY) -> Any:
        return routing.AssignmentCorrected(
            **self._about(),
            organisation=organisation,
            topic=TOPIC,
            previous_organisation_id=BODY.id,
            reason="не та улица",
            corrected_at=self.at,
        )

    def redirected(self, successor: UUID) -> Any:
        return routing.AssignmentRedirected(
            **self._about(),
            organisation=BODY,
            successor_id=successor,
            reason_code="not_competent",
            redirected_at=self.at,
        )

    def interim(self) -> Any:
        return routing.AssignmentInterimAnswered(
            **self._about(), answer_id=uuid7(), organisation=BODY, text="План есть", answered_at=self.at
        )

    def answered(self, outcome: Any = "solved", **more: Any) -> Any:
        self.answer_id = uuid7()
        return routing.AssignmentAnswered(
            **self._about(),
            answer_id=self.answer_id,
            organisation=BODY,
            outcome=outcome,
            text="Яма заделана",
            answered_at=self.at,
            **more,
        )

    def reopened(self) -> Any:
        assert self.answer_id
        return routing.AssignmentReopened(
            **self._about(), answer_id=self.answer_id, organisation=BODY, cycle=2, reopened_at=self.at
        )

    def asked(self) -> Any:
        return routing.ClarificationAsked(
            **self._about(), organisation=BODY, question="Где именно?", asked_at=self.at
        )

    def extension_requested(self) -> Any:
        return routing.ExtensionRequested(
            **self._about(),
            extension_id=uuid7(),
            organisation=BODY,
            days=5,
            reason="ждём справку",
            requested_at=self.at,
        )

    def cancelled(self) -> Any:
        return routing.AssignmentCancelled(**self._about(), reason="объединено", cancelled_at=self.at)

    def deadline(self, day: str = "2026-12-21", sequence: int = 1, assignment: bool = True) -> Any:
        return DeadlineSet(
            region=self.region,
            deadline_id=self.assignment_id if assignment else self.appeal_id,
            appeal_id=self.appeal_id,
            assignment_id=self.assignment_id if assignment else None,
            sequence=sequence,
            clocks=(ClockReading(clock="answer", state="running", due_on=day, reason=f"30 дней, до {day}"),),
        )

    def reminded(self) -> Any:
        self.at += timedelta(minutes=1)
        return DeadlineReminded(
            region=self.region,
            deadline_id=self.assignment_id,
            appeal_id=self.appeal_id,
            assignment_id=self.assignment_id,
            clock="answer",
            cycle=1,
            due_at=self.at + timedelta(days=1),
            fired_at=self.at,
            due_for_firing_at=self.at,
            level="1",
            whom="organisation",
        )


OPEN = "/api/v1/appeals"


async def post(client: Any, headers: dict[str, str], **fields: Any) -> dict[str, Any]:
    """Submit an appeal; the answer."""
    response = await client.post(OPEN, json=appeal_body(**fields), headers=headers)
    assert response.status_code == 201, response.text
    return dict(response.json())


async def write_histories_in_clear(look: asyncpg.Connection) -> None:
    """As they were kept before they were packed."""
    for row in await look.fetch("SELECT event_id, packed FROM intake.appeal_history"):
        data = orjson.dumps(read_data(row["packed"], None)).decode()
        await look.execute(
            "UPDATE intake.appeal_history SET data = $2, packed = NULL WHERE event_id = $1",
            row["event_id"],
            data,
        )
