"""For one release what is not known can be warned of only: the request is served, and both sides are told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api.conftest import OpenPart

WARN = {"OTKLIK_UNKNOWN_FIELDS": "warn"}
IGNORED = "x-otklik-ignored"
APPEAL: dict[str, Any] = {"text": "Не вывозят мусор", "region": "46", "location": {"lat": 51.7, "lon": 36.2}}
UNKNOWN: dict[str, Any] = {"adress": "тайна", "location": {**APPEAL["location"], "Иванов": 3}}


def lines_of(capfd: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] == "unknown fields ignored"]


@pytest.mark.parametrize("parts", ["intake"], indirect=True)
async def test_an_appeal_is_registered_and_both_sides_are_told(
    open_part: OpenPart, capfd: pytest.CaptureFixture[str]
) -> None:
    part = await open_part(**WARN)
    portal = part.mint.headers("portal", client="sender")
    sent = await part.client.post("/api/v1/appeals?form=2", json={**APPEAL, **UNKNOWN}, headers=portal)
    assert sent.status_code == 201, sent.text
    names = "/query/form, /adress, /location/%D0%98%D0%B2%D0%B0%D0%BD%D0%BE%D0%B2"
    assert set(sent.headers[IGNORED].split(", ")) == set(names.split(", "))
    (line,) = lines_of(capfd)
    assert (line["route"], line["client"], line["count"], line["near"]) == (
        "/api/v1/appeals", "sender", 3, ["address"],
    )  # fmt: skip
    assert "Иванов" not in json.dumps(line, ensure_ascii=False)
    known = await part.client.post("/api/v1/appeals", json=APPEAL, headers=portal)
    assert (known.status_code, IGNORED in known.headers) == (201, False)
    wrong = await part.client.post(
        "/api/v1/appeals", json={**APPEAL, **UNKNOWN, "region": "00"}, headers=portal
    )
    assert (wrong.status_code, [error["pointer"] for error in wrong.json()["errors"]]) == (422, ["/region"])


@pytest.mark.parametrize("parts", ["intake"], indirect=True)
async def test_a_batch_is_told_of_once(open_part: OpenPart, capfd: pytest.CaptureFixture[str]) -> None:
    part = await open_part(**WARN)
    lines = [json.dumps({**APPEAL, **UNKNOWN, "external_id": f"{number}"}) for number in range(3)]
    headers = {**part.mint.headers("portal"), "Content-Type": "application/x-ndjson"}
    answer = await part.client.post("/api/v1/appeals/batch", content="\n".join(lines), headers=headers)
    assert [json.loads(line)["status"] for line in answer.text.splitlines()] == [201] * 3
    (line,) = lines_of(capfd)
    assert (line["count"], line["near"]) == (6, ["address"])


@pytest.mark.parametrize("parts", ["routing"], indirect=True)
async def test_the_framework_s_way_does_the_same(
    open_part: OpenPart, capfd: pytest.CaptureFixture[str]
) -> None:
    part = await open_part(**WARN)
    admin = part.mint.headers("admin", ["*"])
    body = {"groups": [{"code": "roads", "name": "Дороги", "nmae": 1}], "topcs": [], "Иванов": {"a": 1}}
    loaded = await part.client.put("/api/v1/reference/46", json=body, headers=admin)
    assert (loaded.status_code, loaded.json()["groups"]) == (200, 1), loaded.text
    assert "/groups/0/nmae" in loaded.headers[IGNORED]
    listed = await part.client.get("/api/v1/topics?regoin=46", headers=admin)
    assert (listed.status_code, listed.headers[IGNORED]) == (200, "/query/regoin")
    put, got = lines_of(capfd)
    assert (put["count"], put["near"], put["route"]) == (3, ["name", "topics"], "/api/v1/reference/{region}")
    assert (got["count"], got["route"]) == (1, "/api/v1/topics")
    malformed = await part.client.put("/api/v1/reference/46", content=b"{", headers=admin)
    assert malformed.status_code == 400
