"""What assignments keep packed: words, and why they are where they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from chassis.packing import Packing
from services.routing.assignments.rules.explanations import StoredExplanation

_PACKING: Final = Packing("services.routing.assignments.rules", "assignments", versions=2)


@dataclass(frozen=True, slots=True)
class AssignmentWords:
    """What nothing is ever searched by. `triage_reason`: a Russian sentence for the coordinator."""

    text: str
    address: str | None
    explanation: StoredExplanation
    triage_reason: str | None


def pack_words(words: AssignmentWords) -> bytes:
    """For the column `packed`."""
    return _PACKING.pack_json([words.text, words.address, words.explanation, words.triage_reason])


def unpack_words(packed: bytes) -> AssignmentWords:
    """What `pack_words` was given."""
    return AssignmentWords(*_PACKING.unpack_json(packed, None))


def text_of(packed: bytes | None, text: str | None) -> str:
    """The words of an assignment, packed or, in rows of older versions, in clear."""
    return text or "" if packed is None else unpack_words(packed).text


def pack_reason(reason: str | None) -> bytes | None:
    """Why an assignment is due when it is, for the column `due_packed`."""
    return _PACKING.pack(reason.encode()) if reason else None


def unpack_reason(packed: bytes) -> str:
    """What `pack_reason` was given."""
    return _PACKING.unpack(packed).decode()
