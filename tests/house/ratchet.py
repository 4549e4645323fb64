"""Lists that may only shrink: what is not yet as a rule wants it stands in one, and whoever mends it takes it out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "exceptions"


@dataclass(frozen=True)
class Ratchet:
    """The exceptions of one rule, sorted, one per line; an entry names a thing, not a place, so that files may move."""

    name: str
    folder: Path = FOLDER

    @property
    def file(self) -> Path:
        """Where they stand."""
        return self.folder / f"{self.name}.txt"

    @property
    def known(self) -> set[str]:
        """The exceptions; a rule without a file has none."""
        return set(self.file.read_text().splitlines()) if self.file.exists() else set()

    def complaints(self, found: Iterable[str]) -> list[str]:
        """What is new, and what has to leave the list."""
        gaps, known = set(found), self.known
        fresh = [f"{self.name}: {entry}" for entry in sorted(gaps - known)]
        mended = [
            f"{self.name}: {entry} – mended, take it out of {self.file.name}"
            for entry in sorted(known - gaps)
        ]
        lines = self.file.read_text().splitlines() if self.file.exists() else []
        unsorted = [] if lines == sorted(known) else [f"{self.name}: {self.file.name} is not sorted"]
        return fresh + mended + unsorted

    def shrink(self, found: Iterable[str]) -> None:
        """Take out what was mended; nothing is ever added here."""
        self._write(self.known & set(found))

    def begin(self, found: Iterable[str]) -> None:
        """A new rule's list, once."""
        if self.file.exists():
            raise SystemExit(f"{self.file} exists: what is new is mended, not listed")
        self._write(set(found))

    def _write(self, entries: set[str]) -> None:
        if entries:
            self.file.parent.mkdir(exist_ok=True)
            self.file.write_text("".join(f"{entry}\n" for entry in sorted(entries)))
        else:
            self.file.unlink(missing_ok=True)
