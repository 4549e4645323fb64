"""Attachments cannot be uploaded yet: who names some is told so, for a list that vanished would be taken for sent."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.problems import Problem


class AttachmentsNotAvailable(Problem):
    status, slug, title = 422, "attachments-not-available", "Attachments cannot be sent yet"


def require_none_attached(attachments: Sequence[UUID] | None) -> None:
    """422 for a list that names attachments; an empty one says nothing."""
    if attachments:
        raise AttachmentsNotAvailable(
            "Nothing was stored. Send the request without attachments.",
            errors=[{"pointer": "/attachments/0", "message": "is not known"}],
        )
