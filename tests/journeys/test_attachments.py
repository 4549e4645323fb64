"""A photo goes with an appeal and another with its answer, over HTTP and through all services."""

from __future__ import annotations

from typing import Any

from harness.system import Account, System
from tests.intake.attachments.files import image
from tests.intake.attachments.honest import photo_with_exif
from tests.journeys.steps import act, claimed, holder, pothole_topic, submitted, tracked, until

GOOD = "Яма у дома 12 заделана 20 ноября бригадой МУП «Дорожник», акт № 14."


def uploaded(account: Account, content: bytes) -> dict[str, Any]:
    """A photo that is ready."""
    answer = account.post("/api/v1/attachments", files={"file": ("photo.jpg", content, "image/jpeg")})
    assert answer.status_code == 201, answer.text
    file: dict[str, Any] = answer.json()
    return file


def _answered_with_files(system: System, code: str) -> dict[str, Any] | None:
    view = tracked(system, code)
    return view if any(answer["attachments"] for answer in view["answers"]) else None


def test_photos_before_and_after(system: System) -> None:
    """The agency opens the citizen's, answers with its own at once, and the citizen sees that one."""
    before = uploaded(system.account("portal"), photo_with_exif())
    appeal = submitted(system, topic=pothole_topic(system), attachments=[before["id"]])
    agency = holder(system, appeal["id"])
    path = f"/api/v1/attachments/{before['id']}"
    assert agency.get(path, follow_redirects=False).status_code == 403
    original = until(
        lambda: (
            found.json()
            if (
                found := agency.post(f"/api/v1/appeals/{appeal['id']}/original", json={"purpose": "осмотр"})
            ).status_code
            == 200
            else None
        )
    )
    assert original["attachments"] == [before["id"]]
    link = agency.get(path, follow_redirects=False)
    assert link.status_code == 302
    shown = system.http.get(link.headers["location"])
    assert (shown.status_code, len(shown.content)) == (200, before["size"])
    assert shown.headers["content-disposition"].startswith("attachment")

    item = claimed(agency, appeal["id"])
    after = uploaded(agency, image(size=(300, 200)))
    act(agency, item, "answer", text=GOOD, outcome="solved", attachments=[after["id"]])
    code = appeal["tracking_code"]
    view = until(lambda: _answered_with_files(system, code))
    assert [answer["attachments"] for answer in view["answers"]] == [[after["id"]]]
    link = system.http.get(f"/api/v1/track/{code}/attachments/{after['id']}", follow_redirects=False)
    assert link.status_code == 302
    assert len(system.http.get(link.headers["location"]).content) == after["size"]
    assert system.http.get(f"/api/v1/track/{code}/attachments/{before['id']}").status_code == 404
