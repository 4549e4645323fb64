"""What the service asks the child process that looks into a file, and what that answers: a line of JSON each.

Of the standard library alone: whoever imports more starts slower, once for every file.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Literal

Kind = Literal["image", "pdf", "docx", "xlsx", "odt", "ods"]
Claimed = Kind | Literal[""]


@dataclass(frozen=True, slots=True)
class Task:
    """Look into the file `source`, and write what is to be kept of it to `target`. `kind`: what its name and the media type it
    was sent with say it is, empty where they say nothing."""

    source: str
    target: str
    kind: Claimed


@dataclass(frozen=True, slots=True)
class Evidence:
    """When and where a photo was taken, as its camera says: a wall clock without a zone (ISO 8601), degrees of WGS 84."""

    taken_at: str | None = None
    lat: float | None = None
    lon: float | None = None

    def __bool__(self) -> bool:
        return self.taken_at is not None or self.lat is not None


@dataclass(frozen=True, slots=True)
class Verdict:
    """`refusal`: why the file is not taken, empty where it is; `values`: what stands in its places. `signs`: by which a photo is known again, 64 bits each,
    hexadecimal; none of what is no photo or has nothing on it."""

    refusal: str = ""
    values: dict[str, str | int] = field(default_factory=dict)
    media_type: str = ""
    signs: list[str] = field(default_factory=list)
    evidence: Evidence = field(default_factory=Evidence)


def write_message(message: Task | Verdict | Evidence) -> bytes:
    """JSON in one line."""
    return json.dumps(asdict(message), ensure_ascii=False).encode()


def read_task(line: bytes) -> Task:
    """What is asked."""
    return Task(**json.loads(line))


def read_verdict(line: bytes) -> Verdict:
    """What was answered."""
    fields = json.loads(line)
    return Verdict(**{**fields, "evidence": Evidence(**fields["evidence"])})
