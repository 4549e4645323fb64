"""What comes back: pages, feeds, lists that are known by their ETag, files, events, models that grow."""

from __future__ import annotations

import json
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi.responses import JSONResponse, Response
from hypothesis import given
from hypothesis import strategies as st

from otklik_client import AsyncClient, Client, NotReachable
from otklik_client.batches import LineReader
from otklik_client.events import EventReader
from otklik_client.models import (
    AppealLine,
    AssignmentView,
    BatchLine,
    ChangedWork,
    Claim,
    NewAppeal,
    PauseBody,
    QueueChange,
    TopicView,
    WorkView,
)
from tests.clients.filled import filled
from tests.clients.standin import Line, Standin


def changes(count: int) -> list[dict[str, Any]]:
    return [filled(QueueChange, change="entered") for _ in range(count)]


def test_a_list_is_read_page_by_page(client: Client, standin: Standin) -> None:
    items = [filled(AssignmentView) for _ in range(3)]
    standin.pages = [{"items": items[:2], "next_cursor": "c"}, {"items": items[2:], "next_cursor": None}]
    found = client.queue.list_queue(status="new")
    assert [str(item.id) for item in found] == [item["id"] for item in items]
    standin.pages = [{"items": items[:2], "next_cursor": "c"}]
    assert found.page().next_cursor == "c", "one page is one request"


async def test_a_list_is_read_page_by_page_on_an_event_loop(standin: Standin) -> None:
    items = [filled(AssignmentView) for _ in range(3)]
    standin.pages = [{"items": items[:2], "next_cursor": "c"}, {"items": items[2:], "next_cursor": None}]
    async with AsyncClient(standin.url, "agency", "right") as client:
        assert [str(item.id) async for item in client.queue.list_queue()] == [item["id"] for item in items]


def test_a_feed_is_read_up_to_now(client: Client, standin: Standin) -> None:
    items = changes(3)
    standin.pages = [
        {"items": items[:2], "next_cursor": "c1"},
        {"items": items[2:], "next_cursor": "c2"},
        {"items": [], "next_cursor": "c2"},
    ]
    pages = list(client.queue.follow_queue(cursor="c0").pages())
    assert [page.next_cursor for page in pages] == ["c1", "c2", "c2"], (
        "the cursor is there when nothing is new"
    )
    assert standin.pages == []


def test_following_waits_for_news(client: Client, standin: Standin) -> None:
    (change,) = changes(1)
    empty: dict[str, Any] = {"items": [], "next_cursor": "c"}
    standin.pages = [empty, empty, {"items": [change], "next_cursor": "d"}]
    page = next(iter(client.queue.follow_queue().follow(wait=0.01)))
    assert (str(page.items[0].assignment_id), page.next_cursor) == (change["assignment_id"], "d")


async def test_following_waits_for_news_on_an_event_loop(standin: Standin) -> None:
    empty: dict[str, Any] = {"items": [], "next_cursor": "c"}
    standin.pages = [empty, {"items": changes(2), "next_cursor": "d"}]
    async with AsyncClient(standin.url, "agency", "right") as client:
        async for page in client.queue.follow_queue().follow(wait=0.01):
            assert len(page.items) == 2
            break


def test_a_list_that_has_not_changed_is_not_sent_again(client: Client, standin: Standin) -> None:
    """By its ETag; another question has another one."""
    first = {"items": [filled(TopicView, code="lights")], "next_cursor": None}
    standin.instead.append(JSONResponse(first, headers={"ETag": '"a"'}))
    assert [topic.code for topic in client.reference.list_topics(region="46")] == ["lights"]
    standin.instead.append(Response(status_code=304, headers={"ETag": '"a"'}))
    assert [topic.code for topic in client.reference.list_topics(region="46")] == ["lights"]
    second = {"items": [filled(TopicView, code="roads")], "next_cursor": None}
    standin.instead.append(JSONResponse(second, headers={"ETag": '"b"'}))
    assert [topic.code for topic in client.reference.list_topics(region="46")] == ["roads"]
    standin.instead.append(JSONResponse(first, headers={"ETag": '"c"'}))
    assert client.reference.list_topics(region="59").page().items
    sent = [headers.get("if-none-match") for _, _, headers, _ in standin.seen("/api/v1/topics")]
    assert sent == [None, '"a"', '"a"', None]


def test_a_file_is_its_bytes(client: Client, standin: Standin, tmp_path: Path) -> None:
    since = date(2026, 11, 1)
    asked = client.analytics.export(format="parquet", figures="breakdown", by="topic", from_=since)
    assert standin.requests == [], "it is asked for when it is read"
    standin.instead.extend(Response(b"PAR1", media_type="application/vnd.apache.parquet") for _ in range(3))
    assert asked.read() == b"PAR1"
    assert asked.save(tmp_path / "topics.parquet").read_bytes() == b"PAR1"
    assert b"".join(asked) == b"PAR1"


def test_a_file_begins_again_where_the_line_breaks(standin: Standin, line: Line, tmp_path: Path) -> None:
    """In memory it can; what was saved or handed on already is the caller's."""
    content = bytes(range(256)) * 800
    standin.instead.extend(Response(content) for _ in range(3))
    with Client(line.url, "analyst", "right", patience=5) as client:
        client.authenticate()
        line.cuts.append(50_000)
        assert client.analytics.export(format="parquet").read() == content
        line.cuts.append(50_000)
        with pytest.raises(NotReachable):
            client.analytics.export(format="parquet").save(tmp_path / "half")
    assert list(tmp_path.iterdir()) == [], "half a file is none"
    assert (line.lost, len(standin.requests)) == (2, 3)


async def test_a_file_is_saved_whole_or_not_at_all_on_an_event_loop(
    standin: Standin, line: Line, tmp_path: Path
) -> None:
    content = bytes(range(256)) * 800
    standin.instead.extend(Response(content) for _ in range(2))
    async with AsyncClient(line.url, "analyst", "right", patience=5) as client:
        saved = await client.analytics.export(format="parquet").save(tmp_path / "whole")
        assert saved.read_bytes() == content
        line.cuts.append(50_000)
        with pytest.raises(NotReachable):
            await client.analytics.export(format="parquet").save(tmp_path / "half")
    assert list(tmp_path.iterdir()) == [saved]


def test_answers_may_grow(client: Client, standin: Standin) -> None:
    """By fields, and by words of a list that was closed when this was written."""
    grown = filled(AppealLine, status="frozen") | {"colour": "red"}
    standin.instead.append(JSONResponse({"items": [grown], "next_cursor": None}))
    (appeal,) = client.appeals.list_appeals(region="46")
    assert not hasattr(appeal, "colour")
    assert str(appeal.status) == "frozen"
    assert json.loads(appeal.model_dump_json())["status"] == "frozen"


def test_bodies_may_not(client: Client) -> None:
    with pytest.raises(ValueError, match="adress"):
        NewAppeal(text="Яма", region="46", adress="ул. Ленина")  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="channel"):
        NewAppeal(text="Яма", region="46", channel="pigeon")
    with pytest.raises(ValueError, match="timezone"):
        NewAppeal.model_validate({"text": "Яма", "region": "46", "submitted_at": "2026-11-21T10:00:00"})


def test_a_word_of_python_is_sent_as_it_is_called() -> None:
    pause = PauseBody.model_validate({"from": "2026-11-21T10:00:00Z", "to": "2026-11-22T10:00:00Z"})
    assert PauseBody(from_=pause.from_, to=pause.to) == pause
    assert set(pause.model_dump(by_alias=True)) == {"from", "to"}


def test_what_was_read_is_put_back_changed() -> None:
    work = WorkView.model_validate(
        filled(WorkView, title="Ремонт", topics=["water"], kind="repair", version=7)
    )
    body = ChangedWork.of(work, title="Ремонт трубы")
    assert (body.title, body.topics, body.version) == ("Ремонт трубы", ["water"], 7)


def test_claiming_less_than_everything_names_its_limit(client: Client, standin: Standin) -> None:
    assert len(client.queue.claim_assignments(Claim(limit=2)).items) == 2
    assert json.loads(standin.requests[0][3]) == {"limit": 2}


def cut(content: bytes, places: list[int]) -> list[bytes]:
    """The content in pieces, as a network may bring it."""
    ends = sorted({min(place, len(content)) for place in places} | {0, len(content)})
    return [content[start:end] for start, end in pairwise(ends)]


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
PLACES = st.lists(st.integers(0, 2_000), max_size=12)


@given(st.lists(TEXT, max_size=8), PLACES, st.booleans())
def test_lines_are_whole_however_they_come(texts: list[str], places: list[int], ends: bool) -> None:
    """Also where a string holds what others take for the end of a line, and where the last newline is missing."""
    lines = [
        json.dumps({"line": n, "status": 201, "number": text}, ensure_ascii=False)
        for n, text in enumerate(texts)
    ]
    content = ("\n".join(lines) + ("\n" if ends and lines else "")).encode()
    reader = LineReader()
    found: list[BatchLine] = [each for piece in cut(content, places) for each in reader.feed(piece)]
    found += reader.feed(b"")
    assert [each.number for each in found] == texts


@given(st.lists(TEXT, max_size=8), PLACES)
def test_events_are_whole_however_they_come(texts: list[str], places: list[int]) -> None:
    blocks = [
        f"id: {uuid4()}\nevent: breach\ndata: {json.dumps({'text': text})}\n\n: alive\n\n" for text in texts
    ]
    reader = EventReader()
    found = [event for piece in cut("".join(blocks).encode(), places) for event in reader.feed(piece)]
    assert [event.data["text"] for event in found] == texts
    assert reader.feed(b'event: breach\ndata: {"text": "half') == []
