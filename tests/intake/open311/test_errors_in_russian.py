"""What is wrong with a question of a civic app is told in the language that it asks in."""

from __future__ import annotations

from typing import Any

import pytest

from tests.intake.open311 import shapes
from tests.intake.open311.conftest import V2
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
