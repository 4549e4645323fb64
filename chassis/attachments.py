"""What intake and routing both answer where a file may not be used."""

from __future__ import annotations

from collections.abc import Iterable

from chassis.problems import Problem


class AttachmentUnknown(Problem):
    status, slug, title = 422, "attachment-unknown", "There is no such attachment that could be used"


def unknown_at(places: Iterable[int], message: str) -> AttachmentUnknown:
    """By their places in the list; `message`: what may be wrong with each."""
    return AttachmentUnknown(
        "Nothing was stored. Upload the files again.",
        errors=[{"pointer": f"/attachments/{place}", "message": message} for place in places],
    )
