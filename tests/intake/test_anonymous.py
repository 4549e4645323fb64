"""Whether an appeal can be answered at all is known from the original; the others learn only that, never who wrote."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from sqlalchemy import text

from harness.payloads import read_payload
from harness.resources import worker_session
from tests.intake.conftest import mask_all, post

NAMED, REACHABLE = {"name": "Петрова Мария Ивановна"}, {"email": "petrova@example.ru"}


@pytest.mark.parametrize(
    ("channel", "applicant", "address", "anonymous"),
    [
        ("paper", None, None, True),
        ("paper", NAMED, None, True),
        ("paper", REACHABLE, None, True),
        ("paper", NAMED | REACHABLE, None, False),
        ("paper", NAMED, "г. Курск, ул. Ленина, 5", False),
        ("portal", None, None, False),  # the answer goes to the account
    ],
)
async def test_without_a_name_or_an_address_nobody_can_be_answered(
    app_client: Any, mint: Any, channel: str, applicant: Any, address: str | None, anonymous: bool
) -> None:
    """59-ФЗ ст. 11 ч. 1."""
    client, app = await app_client("intake")
    await post(
        client,
        mint.headers("portal"),
        channel=channel,
        regime="statutory",
        applicant=applicant,
        address=address,
    )
    await mask_all(app)
    async with worker_session(app) as session:
        rows = await session.execute(
            text("SELECT packed, payload FROM intake.outbox ORDER BY id DESC LIMIT 1")
        )
        payload = read_payload(rows.mappings().one())
    assert orjson.loads(payload)["data"]["anonymous"] is anonymous
    assert "Петрова" not in str(payload)
