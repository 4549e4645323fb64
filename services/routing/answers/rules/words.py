"""Masked answers as cases keep them: packed."""

from __future__ import annotations

from typing import Final

from chassis.packing import Packing

# Answers are written in the language of appeals and reasons: one dictionary serves both.
_PACKING: Final = Packing("services.routing.assignments.rules", "assignments", versions=2)


def pack_text(text: str) -> bytes:
    """For the column `packed`."""
    return _PACKING.pack(text.encode())


def unpack_text(packed: bytes) -> str:
    """What `pack_text` was given."""
    return _PACKING.unpack(packed).decode()
