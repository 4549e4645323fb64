"""A region with its reference data, a classifier that says what it is told, and events of the other services."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest
from uuid_utils.compat import uuid7

from chassis.db import open_all_rows
from chassis.principals import Principal
from chassis.word_keys import read_private_key
from chassis.words import open_event
from contracts.event import Event, OfficialEvent
from contracts.intake import AppealRegistered
from contracts.routing import EVENTS
from harness.databases import WORDS_KEY, Database
from harness.payloads import read_payload
from harness.tokens import TokenMint
from services.routing.handlers import handlers
from services.routing.reference.rules.codes import organisation_id_of

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ROADS, LIGHTS, CITY, CENTRE, DISTRICT, GOVERNMENT = (
    organisation_id_of("46", code) for code in ("roads", "lights", "city", "centre", "district", "gov")
)
KURSK, DISTRICT_PLACE = "38701000", "38602000"
REFERENCE: dict[str, Any] = {
    "groups": [{"code": "streets", "name": "Улицы"}, {"code": "health", "name": "Медицина"}],
    "topics": [
        {"code": "holes", "name": "Ямы на дорогах", "group": "streets"},
        {"code": "lamps", "name": "Нет освещения", "group": "streets"},
        {"code": "clinics", "name": "Работа поликлиник", "group": "health"},
    ],
    "organisations": [
        {
            "code": "gov",
            "name": "Правительство области",
            "kind": "regional",
            "parent": None,
            "municipality": None,
        },
        {
            "code": "centre",
            "name": "Центр управления регионом",
            "kind": "coordinator",
            "parent": "gov",
            "municipality": None,
        },
        {
            "code": "city",
            "name": "Администрация города",
            "kind": "municipal",
            "parent": "gov",
            "municipality": KURSK,
        },
        {
            "code": "roads",
            "name": "Комитет дорог",
            "kind": "municipal",
            "parent": "city",
            "municipality": KURSK,
        },
        {"code": "lights", "name": "Горсвет", "kind": "company", "parent": "city", "municipality": KURSK},
        {"code": "district", "name": "Администрация района", "kind": "municipal", "parent": "gov"},
    ],
    "municipalities": [
        {"oktmo": KURSK, "name": "Город Курск", "kind": "city", "stems": ["г курск", "г. курск", "в курске"]},
        {
            "oktmo": DISTRICT_PLACE,
            "name": "Беловский район",
            "kind": "district",
            "stems": ["беловский район", "беловского район"],
        },
    ],
    "rules": [
        {"topic": "holes", "group": None, "municipality": None, "organisation": "roads", "role": "lead"},
        {"topic": "lamps", "group": None, "municipality": None, "organisation": "lights", "comment": None},
        {"topic": "lamps", "municipality": KURSK, "organisation": "city", "role": "co_executor"},
        {"group": "streets", "municipality": DISTRICT_PLACE, "organisation": "district"},
    ],
}
_numbers = itertools.count(1)


@dataclass
class Said:
    """One prediction."""

    topic: str
    confidence: float
    alternatives: list[tuple[str, float]] = field(default_factory=list)
    terms: list[str] = field(default_factory=list)
    agencies: list[tuple[str, float]] = field(default_factory=list)
    levels: list[tuple[str, float]] = field(default_factory=list)


@dataclass
class StubClassifier:
    """Says what it was told, by words of the text; otherwise holes with confidence 0.9."""

    told: dict[str, Said] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)
    thresholds: dict[str, dict[float, float]] = field(default_factory=dict)

    def predict(self, texts: Sequence[str]) -> list[Said]:
        self.asked.append(len(texts))
        default = Said("Ямы на дорогах", 0.9, [("Нет освещения", 0.05)], ["яма"])
        return [next((said for words, said in self.told.items() if words in text), default) for text in texts]


def appeal(text: str = "Яма на дороге", **fields: Any) -> AppealRegistered:
    """An appeal as intake tells of it."""
    number = next(_numbers)
    return AppealRegistered(
        **{
            "region": "46",
            "appeal_id": uuid7(),
            "number": f"46-2026-{number:07d}",
            "regime": "message",
            "channel": "portal",
            "client_id": "client-portal",
            "text": text,
            "received_at": datetime.now(UTC),
            **fields,
        }
    )


def agency_of(organisation: UUID) -> Principal:
    """The principal of a body of region 46."""
    return Principal("c", "agency", frozenset({"46"}), organisation, 0.0)


@dataclass
class Routing:
    """The service under test."""

    client: Any
    app: Any
    mint: TokenMint
    database: Database
    classifier: StubClassifier

    async def handle(self, *events: Event) -> None:
        """Apply events as a consumed batch, in one transaction."""
        async with self.app.state.resources.sessions.begin() as session:
            await open_all_rows(session)
            by_subject: dict[str, list[Event]] = {}
            for event in events:
                by_subject.setdefault(event.SUBJECT, []).append(event)
            for subject, group in by_subject.items():
                for handler in handlers.by_subject[subject]:
                    await handler.function(session, group)

    def agency(self, organisation: UUID = ROADS) -> dict[str, str]:
        """Headers of a body's token."""
        return self.mint.headers("agency", organisation=organisation)

    async def call(
        self, method: str, path: str, headers: dict[str, str], status: int = 200, **options: Any
    ) -> Any:
        """One request; its JSON."""
        more = options.pop("more", {})
        answer = await self.client.request(
            method, f"/api/v1{path}", headers={**headers, **{k: str(v) for k, v in more.items()}}, **options
        )
        assert answer.status_code == status, (method, path, answer.status_code, answer.text)
        return answer.json()

    async def claim(self, organisation: UUID = ROADS, **body: Any) -> list[dict[str, Any]]:
        """Items of a claim."""
        answer = await self.call("POST", "/queue/claim", self.agency(organisation), json=body)
        items: list[dict[str, Any]] = answer["items"]
        return items

    async def act(
        self,
        item: dict[str, Any],
        verb: str,
        by: UUID = ROADS,
        status: int = 200,
        headers: dict[str, str] | None = None,
        **body: Any,
    ) -> dict[str, Any]:
        """An act on an assignment with its version and lease."""
        answer: dict[str, Any] = await self.call(
            "POST",
            f"/assignments/{item['id']}/{verb}",
            headers or self.agency(by),
            status,
            json={"lease_token": item.get("lease_token"), **body},
            more={"If-Match": item["version"]},
        )
        return answer

    async def queue(self, organisation: UUID = ROADS, **params: Any) -> list[dict[str, Any]]:
        """Items of the queue's first page."""
        answer = await self.call("GET", "/queue", self.agency(organisation), params=params)
        items: list[dict[str, Any]] = answer["items"]
        return items

    async def triage(self) -> list[dict[str, Any]]:
        """The coordinator's list."""
        answer = await self.call("GET", "/triage", self.mint.headers("coordinator"))
        items: list[dict[str, Any]] = answer["items"]
        return items

    async def feed(self, organisation: UUID = ROADS) -> list[tuple[str, str]]:
        """The whole delta feed: (assignment, change), read in pages of two."""
        cursor, found = "", []
        while True:
            page = await self.call(
                "GET", "/queue/changes", self.agency(organisation), params={"limit": 2, "cursor": cursor}
            )
            found += [(item["assignment_id"], item["change"]) for item in page["items"]]
            cursor = page["next_cursor"]
            if not page["items"]:
                return found

    async def load(self, **changes: Any) -> Any:
        """Put the reference data of the region."""
        return await self.call(
            "PUT", "/reference/46", self.mint.headers("admin", ["*"]), json={**REFERENCE, **changes}
        )


@pytest.fixture
async def routing(app_client: Any, mint: TokenMint, database: Database) -> Routing:
    """The service with region 46 loaded and the stub classifier."""
    client, app = await app_client("routing")
    classifier = StubClassifier()
    app.state.resources.context.classifier = classifier
    made = Routing(client, app, mint, database, classifier)
    await made.load()
    return made


@pytest.fixture
async def look(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """The superuser's connection, to look into the tables past row security."""
    connection = await asyncpg.connect(database.dsn())
    yield connection
    await connection.close()


async def told(look: asyncpg.Connection, subject: str) -> list[dict[str, Any]]:
    """Data of the events of a kind that were emitted, in order."""
    rows = await look.fetch(
        "SELECT packed, payload FROM routing.outbox WHERE subject LIKE $1 ORDER BY id", f"%{subject}%"
    )
    envelopes = [orjson.loads(read_payload(row)) for row in rows]
    return [{**envelope["data"], "sequence": envelope["sequence"]} for envelope in envelopes]


async def heard(look: asyncpg.Connection, subject: str) -> list[dict[str, str]]:
    """What officials say in the events of a kind, opened as intake does it; in clear there is nothing."""
    rows = await look.fetch(
        "SELECT packed, payload FROM routing.outbox WHERE subject LIKE $1 ORDER BY id", f"%{subject}%"
    )
    events = [read_official(orjson.loads(read_payload(row))) for row in rows]
    assert not any(word for event in events for word in event.official_words().values())
    return [open_event(event, read_private_key(WORDS_KEY)) for event in events]


def read_official(envelope: dict[str, Any]) -> OfficialEvent:
    """An event with an official's words, from the wire."""
    event = next(kind for kind in EVENTS if envelope["type"] == kind.SUBJECT).from_envelope(envelope)
    assert isinstance(event, OfficialEvent)
    return event
