"""A widget on a site, and the time its forms need."""

from __future__ import annotations

import os
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from chassis.moments import utc_now
from services.intake.widget.rules.tokens import FormToken, sign_token
from tests.intake.conftest import handle
from tests.intake.open311.conftest import LIGHTS, POTHOLES, topic_changed

WIDGETS, OPEN = "/api/v1/widgets", "/api/v1/widget"
SITE, OTHER = "https://school.example.ru", "https://evil.example.ru"
OpenWidget = Callable[..., Coroutine[Any, Any, "Shown"]]


@dataclass
class Shown:
    """A widget, as the page of a site has it."""

    client: Any
    app: Any
    view: dict[str, Any]

    @property
    def path(self) -> str:
        return f"{OPEN}/{self.view['key']}"

    def token(self, age: float = 60.0, *, bits: int = 4, widget: str | None = None) -> str:
        """A form's token that was given out so many seconds ago."""
        issued = utc_now() - timedelta(seconds=age)
        form = FormToken(UUID(widget or self.view["id"]), issued, os.urandom(16), bits)
        return sign_token(self.app.state.resources.hash_key, form)

    async def send(
        self, *, caller: str = "192.0.2.1", headers: dict[str, str] | None = None, **body: Any
    ) -> Any:
        """What a script sends."""
        whole = {"text": "Не горит фонарь у школы", "form_token": self.token(), **body}
        return await self.client.post(
            f"{self.path}/appeals", json=whole, headers={"x-otklik-caller": caller, **(headers or {})}
        )


@pytest.fixture
async def open_widget(app_client: Any, mint: Any) -> OpenWidget:
    """`shown = await open_widget(topics=[…])`; settings of the process as keywords in capitals."""

    async def make(**fields: Any) -> Shown:
        settings = {name: fields.pop(name) for name in list(fields) if name.isupper()}
        client, app = await app_client("intake", **settings)
        await handle(app, topic_changed(POTHOLES, "Ямы"), topic_changed(LIGHTS, "Фонари & <свет>"))
        body = {"region": "46", "title": "Сообщите о проблеме", "origins": [SITE], **fields}
        made = await client.post(WIDGETS, json=body, headers=mint.headers("admin"))
        assert made.status_code == 201, made.text
        return Shown(client, app, made.json())

    return make
