"""The service with a place for files, and clients that send them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from harness.tokens import TokenMint
from tests.intake.attachments.files import Sent, image
from tests.intake.conftest import BODY

PATH = "/api/v1/attachments"


@dataclass
class Office:
    """The service under test; `folder`: where its files lie."""

    client: Any
    app: Any
    mint: TokenMint
    folder: Path

    @property
    def portal(self) -> dict[str, str]:
        """Headers of a citizens' portal."""
        return self.mint.headers("portal")

    def agency(self, organisation: UUID = BODY.id) -> dict[str, str]:
        """Headers of an organisation."""
        return self.mint.headers("agency", organisation=organisation)

    async def send(
        self, sent: Sent | bytes | None = None, headers: dict[str, str] | None = None, **fields: str
    ) -> Any:
        """The answer to an upload, by the portal where nobody else is named."""
        if not isinstance(sent, Sent):
            sent = Sent("", "photo.jpg", "image/jpeg", image() if sent is None else sent)
        file = (sent.name, sent.content, sent.declared or None)
        return await self.client.post(
            PATH, files={"file": file}, data=fields, headers=self.portal if headers is None else headers
        )

    async def upload(
        self, sent: Sent | bytes | None = None, headers: dict[str, str] | None = None, **fields: str
    ) -> dict[str, Any]:
        """The same where it is taken: what is known of the file."""
        answer = await self.send(sent, headers, **fields)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def fetch(self, path: str, headers: dict[str, str] | None = None) -> Any:
        """Follow the link: the answer that brings the file."""
        answer = await self.client.get(path, headers=headers or {})
        assert answer.status_code == 302, answer.text
        return await self.client.get(answer.headers["location"])

    def files(self) -> list[Path]:
        """All that lies in the folder."""
        return sorted(path for path in self.folder.rglob("*") if path.is_file())


@pytest.fixture
async def office(app_client: Callable[..., Any], mint: TokenMint, tmp_path: Path) -> Office:
    """With a folder."""
    client, app = await app_client("intake")
    return Office(client, app, mint, tmp_path / "attachments")
