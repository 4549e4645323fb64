"""How far a file has been sent, beside it: whoever is killed in the middle goes on there."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_ENDING: Final = ".sending.json"
PIECE: Final = 1024 * 1024


@dataclass(frozen=True)
class Reached:
    """Every row up to `row` has its answer. `run`: the import's id, or the empty string."""

    row: int = 0
    created: int = 0
    existing: int = 0
    run: str = ""


class Progress:
    """Kept in a file of its own beside the file that is sent; replaced as a whole, so that it is never half written.

    It counts for the same content, read the same way and sent to the same system; else sending begins anew, which doubles
    nothing either: rows are known by their ids.
    """

    def __init__(self, source: Path, *how: object) -> None:
        self.path = source.with_name(source.name + _ENDING)
        self._writable = source.is_file() and os.access(source.parent, os.W_OK)
        self._fingerprint = _fingerprint_of(source, how) if self._writable else ""

    def read(self) -> Reached:
        """How far it went; nothing for another file or for none."""
        with suppress(OSError, ValueError, TypeError, KeyError):
            kept = json.loads(self.path.read_text("utf-8"))
            if self._writable and kept.pop("fingerprint") == self._fingerprint:
                return Reached(**kept)
        return Reached()

    def keep(self, reached: Reached) -> None:
        """Remember how far it went."""
        if not self._writable:
            return
        fresh = self.path.with_name(self.path.name + ".new")
        fresh.write_text(json.dumps({"fingerprint": self._fingerprint, **vars(reached)}), "utf-8")
        os.replace(fresh, self.path)

    def end(self) -> None:
        """All of it was sent."""
        with suppress(OSError):
            self.path.unlink()


def _fingerprint_of(source: Path, how: tuple[object, ...]) -> str:
    digest = hashlib.sha256(repr(how).encode())
    with source.open("rb") as content:
        while piece := content.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()
