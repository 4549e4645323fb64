"""A region with topics that speaks Open311."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from contracts.routing import TopicChanged
from tests.intake.conftest import handle

V2 = "/open311/v2"
POTHOLES = "road-potholes.town"  # a full stop in a code is no format
LIGHTS = "lights"
Spoken = Callable[..., Coroutine[Any, Any, tuple[Any, Any]]]


def topic_changed(code: str, name: str, *, version: int = 1, region: str = "46", active: bool = True) -> Any:
    return TopicChanged(
        region=region,
        sequence=version,
        topic_id=uuid7(),
        code=code,
        name=name,
        group="roads",
        group_name="Дороги",
        active=active,
    )


@pytest.fixture
async def spoken(app_client: Any) -> tuple[Any, Any]:
    """The service and its client; region 46 has two topics."""
    client, app = await app_client("intake")
    await handle(app, topic_changed(POTHOLES, "Ямы"), topic_changed(LIGHTS, "Фонари & <свет>"))
    return client, app


def request_form(**fields: str) -> dict[str, str]:
    """What a sender writes."""
    return {
        "jurisdiction_id": "46",
        "service_code": POTHOLES,
        "lat": "51.73",
        "long": "36.19",
        "address_string": "г. Курск, ул. Ленина, д. 12, кв. 34",
        "description": "Яма на дороге, меня зовут Иванов Пётр, тел. 8 910 123-45-67",
        "first_name": "Пётр",
        "last_name": "Иванов",
        "email": "petrov.ivan@example.ru",
        "unheard_of": "1",
        **fields,
    }


async def submit(client: Any, headers: dict[str, str], **fields: str) -> str:
    """A request that is registered at once; its id."""
    answer = await client.post(f"{V2}/requests.json", data=request_form(**fields), headers=headers)
    assert answer.status_code == 200, answer.text
    return str(answer.json()[0]["service_request_id"])
