"""What the service asks the child process that looks into a file, and what that answers: a line of JSON each."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from pydantic import TypeAdapter

Kind = Literal["image", "pdf", "docx", "xlsx", "odt", "ods"]


@dataclass(frozen=True, slots=True)
class Task:
    """Look into the file `source`, and write what is to be kept of it to `target`. `kind`: what its name and the media type it
    was sent with say it is, empty where they say nothing."""

    source: str
    target: str
    kind: Kind | Literal[""]


@dataclass(frozen=True, slots=True)
class Evidence:
    """When and where a photo was taken, as its camera says: a wall clock without a zone, degrees of WGS 84."""

    taken_at: datetime | None = None
    lat: float | None = None
    lon: float | None = None

    def __bool__(self) -> bool:
        return self.taken_at is not None or self.lat is not None


@dataclass(frozen=True, slots=True)
class Verdict:
    """`refusal`: why the file is not taken, empty where it is. `signs`: by which a photo is known again, 64 bits each,
    hexadecimal; none of what is no photo or has nothing on it."""

    refusal: str = ""
    media_type: str = ""
    signs: list[str] = field(default_factory=list)
    evidence: Evidence = field(default_factory=Evidence)


TASK: Final = TypeAdapter(Task)
VERDICT: Final = TypeAdapter(Verdict)
EVIDENCE: Final = TypeAdapter(Evidence)
