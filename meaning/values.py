"""What a text means for who works on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Generic, TypeVar, get_args

from contracts.names import AppealKind
from contracts.names import Importance as Importance

Kind = AppealKind

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
Value = TypeVar("Value", bound=str)


@dataclass(frozen=True, slots=True)
class Judged(Generic[Value]):
    """A judgement and how sure it is, 0..1."""

    value: Value
    confidence: float


@dataclass(frozen=True, slots=True)
class Meaning:
    """Kind, importance, language. `language`: ISO 639-1, `und` where there is nothing to tell one by."""

    kind: Judged[Kind]
    importance: Judged[Importance]
    language: str
