"""A photo goes with a form: sent with its token, before the form itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from services.intake.attachments.rules.kinds import MOST_FILES
from tests.intake.attachments.files import image
from tests.intake.widget.conftest import Shown

FILES = "/api/v1/attachments"


async def send_file(shown: Shown, token: str, caller: str = "192.0.2.1") -> Any:
    """As a browser sends it: the token's field, then the file."""
    return await shown.client.post(
        FILES,
        data={"form_token": token},
        files={"file": ("яма.jpg", image(), "image/jpeg")},
        headers={"x-otklik-caller": caller},
    )


async def test_photos_go_with_a_form_and_only_with_one_of_its_widget(
    open_widget: Any, mint: Any, tmp_path: Path
) -> None:
    shown: Shown = await open_widget(OTKLIK_ATTACHMENTS=str(tmp_path / "files"))
    token = shown.token(1)
    files = [(await send_file(shown, token)).json()["id"] for _ in range(2)]
    sent = await shown.send(form_token=shown.token(), attachments=files)
    assert sent.status_code == 201, sent.text
    original = await shown.client.post(
        f"/api/v1/appeals/{sent.json()['id']}/original",
        json={"purpose": "Осмотр"},
        headers=mint.headers("coordinator"),
    )
    assert original.json()["attachments"] == files

    again = await shown.send(attachments=files)
    assert again.status_code == 422, again.text
    assert again.json()["errors"][0]["pointer"].startswith("/attachments")


async def test_tokens_that_do_not_serve_bring_no_file(open_widget: Any, mint: Any, tmp_path: Path) -> None:
    """Too old, of no widget, of one that was switched off since."""
    shown: Shown = await open_widget(OTKLIK_ATTACHMENTS=str(tmp_path / "files"))
    nobodys = shown.token(widget="0190d6a5-0000-7000-8000-000000000000")
    for token in (shown.token(3 * 3600), nobodys, "made-up"):
        assert (await send_file(shown, token)).status_code == 401
    token = shown.token()
    closed = await shown.client.delete(
        f"/api/v1/widgets/{shown.view['id']}", headers=mint.headers("admin") | {"If-Match": "1"}
    )
    assert closed.status_code in (200, 204), closed.text
    assert (await send_file(shown, token)).status_code == 401


async def test_files_of_forms_are_counted_by_address(open_widget: Any) -> None:
    """One address cannot keep everybody else's files waiting; another one is not touched by it."""
    shown: Shown = await open_widget(
        OTKLIK_WIDGET_UNPROVEN_ADDRESS_PER_MINUTE="1", OTKLIK_WIDGET_UNPROVEN_PER_MINUTE="60"
    )
    shown.app.state.resources.guard._clock = lambda: 100.0  # however long the files take
    token = shown.token(1)
    statuses = [(await send_file(shown, token, "192.0.2.7")).status_code for _ in range(MOST_FILES + 1)]
    assert statuses == [201] * MOST_FILES + [429]
    refused = await send_file(shown, token, "192.0.2.7")
    assert int(refused.headers["Retry-After"]) >= 1
    assert (await send_file(shown, token, "192.0.2.8")).status_code == 201
