"""What the platform shows, as small as pages can show it."""

from __future__ import annotations

from typing import Any, Final

ASSIGNMENT_ID: Final = "0190c42e-0000-7000-8000-0000000000a1"
HERE: Final = f"/desk/a/{ASSIGNMENT_ID}"
NOON = "2026-12-01T09:00:00Z"
_NOTHING = (
    "topic",
    "topic_name",
    "address",
    "due_at",
    "due_on",
    "due_reason",
    "lease_expires_at",
    "person",
    "unaccepted_since",
)


def assignment(id: str = ASSIGNMENT_ID, **changes: Any) -> dict[str, Any]:
    """One that is in work, unless said otherwise."""
    return {
        **dict.fromkeys(_NOTHING),
        "id": id,
        "appeal_id": id,
        "number": "46-1",
        "region": "46",
        "status": "accepted",
        "role": "executor",
        "channel": "portal",
        "regime": "message",
        "importance": "normal",
        "text": "Двор не чистят",
        "received_at": NOON,
        "hops": 0,
        "cycle": 1,
        "version": 1,
        "explanation": {"steps": []},
        "hops_history": [],
        "clarifications": [],
        "answers": [],
        **changes,
    }


def waiting_for_a_moderator(id: str) -> dict[str, object]:
    """An appeal as the list of moderation shows it."""
    return {
        "id": id,
        "number": "46-1",
        "region": "46",
        "channel": "portal",
        "status": "on_moderation",
        "text": "Двор не чистят",
        "received_at": NOON,
        "flags": [],
        "objection": None,
    }
