"""What assignments keep packed: words, and why they are where they are. Rows of older versions are in clear."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from chassis.packing import Packing
from services.routing.reference.rules.region_reference import RegionBook

_PACKING: Final = Packing("services.routing.assignments.schemas", "assignments")
WORDS: Final = ("text", "address", "explanation", "triage_reason")

Row = dict[str, Any]


def pack_words(row: Mapping[str, Any]) -> Row:
    """The columns that keep a row's words. Topics that were thought of are kept by their codes: names are reference."""
    explanation = dict(row["explanation"])
    if "alternatives" in explanation:
        explanation["alternatives"] = [
            {"topic": each["topic"], "score": each["score"]} for each in explanation["alternatives"]
        ]
    words = [row["text"], row["address"], explanation, row["triage_reason"]]
    return {**dict.fromkeys(WORDS), "packed": _PACKING.pack_json(words)}


def pack_due_reason(reason: str | None) -> Row:
    """The columns that keep why an assignment is due when it is."""
    return {"due_reason": None, "due_packed": _PACKING.pack(reason.encode()) if reason else None}


def open_row(row: Mapping[str, Any]) -> Row:
    """A row of the table with its words in clear; one that is open already stays as it is."""
    opened = dict(row)
    packed, due = opened.pop("packed", None), opened.pop("due_packed", None)
    if packed is not None:
        opened |= zip(WORDS, _PACKING.unpack_json(packed, None), strict=True)
    if due is not None:
        opened["due_reason"] = _PACKING.unpack(due).decode()
    return opened


def name_alternatives(explanation: Mapping[str, Any], book: RegionBook) -> dict[str, Any]:
    """An explanation with the names of the topics that were thought of."""
    ranked = [
        {"name": book.topics[each["topic"]].name if each["topic"] in book.topics else each["topic"], **each}
        for each in explanation.get("alternatives", ())
    ]
    return {**explanation, "alternatives": ranked}
