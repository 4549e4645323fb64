"""Files of answers: officials see them at once, citizens when the answer has gone out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs
from uuid_utils.compat import uuid7

from chassis.db import open_all_rows
from chassis.moments import utc_now
from contracts.routing import AnswerAttached
from services.intake.attachments.actions.erasing import purge_unused
from services.intake.attachments.queries import access
from tests.intake.attachments.conftest import PATH, Office
from tests.intake.conftest import BODY, OPEN, Story, handle, post


async def test_a_citizen_gets_the_files_of_an_answer_that_went_out(office: Office) -> None:
    file, hidden = await office.upload(headers=office.agency()), await office.upload(headers=office.agency())
    appeal = await post(office.client, office.portal)
    story = Story(UUID(appeal["id"]))
    created, answered = story.created(), story.answered()
    await handle(
        office.app, created, _attached(story, answered.answer_id, file), _attached(story, uuid7(), hidden)
    )
    track = f"/api/v1/track/{appeal['tracking_code']}"
    held = await office.client.get(f"{track}/attachments/{file['id']}")
    assert held.status_code == 404, "the answer has not gone out"
    assert (await office.client.get(f"{PATH}/{file['id']}", headers=office.portal)).status_code == 404
    await handle(office.app, answered)
    (answer,) = (await office.client.get(track)).json()["answers"]
    assert answer["attachments"] == [file["id"]]
    assert (await office.fetch(f"{track}/attachments/{file['id']}")).status_code == 200
    assert (await office.client.get(f"{track}/attachments/{hidden['id']}")).status_code == 404
    other = await post(office.client, office.portal)
    foreign = f"/api/v1/track/{other['tracking_code']}/attachments/{file['id']}"
    assert (await office.client.get(foreign)).status_code == 404
    await _who_else_sees_it(office, appeal, file)


async def _who_else_sees_it(office: Office, appeal: dict[str, Any], file: dict[str, Any]) -> None:
    path = f"{PATH}/{file['id']}"
    assert (await office.fetch(path, office.portal)).status_code == 200
    assert (await office.fetch(path, office.mint.headers("coordinator"))).status_code == 200
    assert (await office.client.get(path, headers=office.agency(UUID(int=77)))).status_code == 404
    stranger = office.mint.headers("portal", client="other")
    assert (await office.client.get(path, headers=stranger)).status_code == 404
    (answer,) = (await office.client.get(f"{OPEN}/{appeal['id']}", headers=office.portal)).json()["answers"]
    assert answer["attachments"] == [file["id"]]


def _attached(story: Story, answer_id: UUID, file: dict[str, Any]) -> AnswerAttached:
    return AnswerAttached(
        region="46",
        answer_id=answer_id,
        assignment_id=story.assignment_id,
        appeal_id=story.appeal_id,
        organisation=BODY,
        attachments=(UUID(file["id"]),),
        attached_at=story.at,
    )


async def test_a_file_that_was_named_in_time_is_kept_however_late_that_is_heard(office: Office) -> None:
    """And one that is gone is not passed over in silence."""
    file = await office.upload(headers=office.agency())
    appeal = await post(office.client, office.portal)
    story = Story(UUID(appeal["id"]))
    sessions = office.app.state.resources.sessions
    async with sessions.begin() as session:
        await open_all_rows(session)
        await purge_unused(session, utc_now() + timedelta(days=2))
    with capture_logs() as logs:
        await handle(office.app, story.created(), _attached(story, uuid7(), file))
    assert [each for each in logs if each["log_level"] == "error"] == []
    async with sessions.begin() as session:
        await open_all_rows(session)
        await purge_unused(session, utc_now() + timedelta(days=30))
    assert [path.name for path in office.files()] == [file["id"]]
    with capture_logs() as logs:
        await handle(office.app, _attached(story, uuid7(), {"id": str(uuid7())}))
    assert [each["files"] for each in logs if each["log_level"] == "error"] == [1]


async def test_one_file_of_many_answers_is_found_however_many_have_not_gone_out(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "AT_ONCE", 2)
    file = await office.upload(headers=office.agency())
    path = f"{PATH}/{file['id']}"
    stories = [Story(UUID((await post(office.client, office.portal))["id"])) for _ in range(5)]
    for story in stories:
        await handle(office.app, story.created(), _attached(story, uuid7(), file))
    answered = stories[-1].answered()
    await handle(office.app, _attached(stories[-1], answered.answer_id, file))
    assert (await office.client.get(path, headers=office.portal)).status_code == 404
    await handle(office.app, answered)
    assert (await office.client.get(path, headers=office.portal)).status_code == 302
    assert (await office.client.get(path, headers=office.agency())).status_code == 302
    stranger = office.mint.headers("portal", client="other")
    assert (await office.client.get(path, headers=stranger)).status_code == 404
    assert (await office.client.get(path, headers=office.agency(UUID(int=77)))).status_code == 404
