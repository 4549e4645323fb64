"""What is wrong with a question of a civic app is told in the language that it asks in."""

from __future__ import annotations

from typing import Any

import pytest

from tests.intake.open311 import shapes
from tests.intake.open311.conftest import LIGHTS, V2, request_form
from tests.intake.open311.shapes import require_shape


@pytest.mark.parametrize(
    ("parameters", "english", "russian"),
    [
        ({"page": "x"}, "page is no number from 1 on.", "page – не число от 1."),
        ({"status": "lost"}, "status is open or closed", "status – это open или closed"),
        (
            {"start_date": "today"},
            "start_date is no instant like 2026-11-29T09:30:00+03:00",
            "start_date – не момент времени вида 2026-11-29T09:30:00+03:00",
        ),
    ],
)
async def test_errors_are_in_the_language_asked_for(
    spoken: Any, parameters: dict[str, str], english: str, russian: str
) -> None:
    client, _ = spoken
    for language, words in (("en", english), ("ru", russian)):
        headers = {"Accept-Language": language}
        refused = await client.get(f"{V2}/requests.json", params=parameters, headers=headers)
        assert require_shape(refused, shapes.ERRORS)[0]["description"] == words


COUNT = {
    "code": "COUNT",
    "datatype": "string",
    "required": True,
    "description": "Сколько?",
}


@pytest.mark.parametrize(
    ("fields", "english", "russian"),
    [
        ({"long": ""}, "lat and long belong together", "укажите и lat, и long"),
        ({"lat": "north"}, "lat is no number", "lat – не число"),
        ({"lat": "91"}, "lat: Input should be less than or equal to 90", "lat: должно быть не больше 90.0"),
        ({"attribute[COUNT]": ""}, "attribute[COUNT] was not provided", "attribute[COUNT] не указан"),
        (
            {"attribute[COUNT]": "1\n2"},
            "attribute[COUNT] is no line of at most 500 characters",
            "attribute[COUNT] – не строка до 500 знаков",
        ),
    ],
)
async def test_what_is_wrong_with_a_request_is_told_so_too(
    spoken: Any, mint: Any, fields: dict[str, str], english: str, russian: str
) -> None:
    client, _ = spoken
    headers = {**mint.headers("admin"), "If-Match": "0"}
    asked = await client.put(
        f"/api/v1/service-definitions/46/{LIGHTS}", json={"attributes": [COUNT]}, headers=headers
    )
    assert asked.status_code == 200, asked.text
    form = request_form(service_code=LIGHTS) | {"attribute[COUNT]": "2"} | fields
    for language, words in (("en", english), ("ru", russian)):
        headers = {**mint.headers("portal"), "Accept-Language": language}
        refused = await client.post(f"{V2}/requests.json", data=form, headers=headers)
        assert [each["description"] for each in require_shape(refused, shapes.ERRORS)] == [words]
