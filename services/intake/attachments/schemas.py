"""Files as they are answered."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import BaseModel


class AttachmentView(BaseModel):
    """A file that was taken. `size` (bytes) and `sha256` are of what is kept: images are written anew. `status`: `ready` to be
    used for a day; `checking` and `refused` are for installations that look into files later."""

    id: UUID
    media_type: str
    size: int
    sha256: str
    status: Literal["checking", "ready", "refused"]
